"""Saved pages of Hugging Face's daily and trending papers: a header, then title and abstract pairs.

Such a page is text: what a browser saves or a person pastes. It has two dialects: in one an empty
line stands between any two blocks, in the other no line is empty. Both have lost every link.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise, takewhile

from integrations.pages import page_text
from integrations.pages.page_blocks import Block, alternates, blocks_of, text_of
from recommender.identifiers import PaperId, Scheme, attempt
from recommender.listings import Listed, Listing
from recommender.papers import Kind, Paper, Skipped, month_number

SERVICE = "saved listing page"


class Dialect(StrEnum):
    """How the blocks of a page are set apart."""

    SPACED = "spaced"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something odd about a page or an entry, for whoever reads the ``Page``; no listing tells it.

    What a listing tells is what is not in it: see ``listing``.

    Attributes:
        code: ``W_`` and its name.
        line: Where it stands, from 1.
    """

    code: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """A paper on a saved page.

    Attributes:
        position: From 1.
        title_line: From 1.
        abstract_line: From 1, of its first block; None where there is no abstract.
        title_raw: As it stands on the page.
        abstract_raw: As it stands on the page; several blocks are joined with a space.
        title: Cleaned (``page_text.cleaned_title``).
        abstract: Cleaned; empty where there is none.
        urls: The web addresses in the abstract, untrusted.
        code_url: The first of them at which code is kept.
        votes: None where the page does not say.
        paper_id: From the site's own link to the paper, never from the abstract.
        warnings: ``W_NO_ABSTRACT``, ``W_TRUNCATED`` (the abstract ends within a sentence),
            ``W_MATH`` (a formula in it lost a sign), ``W_JOINED`` (it stood in several blocks).
    """

    position: int
    title_line: int
    abstract_line: int | None
    title_raw: str
    abstract_raw: str | None
    title: str
    abstract: str
    urls: tuple[str, ...] = ()
    code_url: str | None = None
    votes: int | None = None
    paper_id: PaperId | None = None
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A saved page, read.

    Attributes:
        sha256: Of the file, in hexadecimal digits.
        curator: Empty where nobody is named.
        month: With ``day``, the page's date; None where it has none. ``year`` is often left out.
        warnings: ``W_ENCODING`` (the file is in a code page of old), ``W_GLUED_HEADER``,
            ``W_NO_TITLE`` (an abstract that belongs to no entry), ``W_NO_ENTRIES``,
            ``W_SAME_TITLE``. Those of the entries are not repeated.
    """

    sha256: str
    dialect: Dialect
    curator: str = ""
    month: int | None = None
    day: int | None = None
    year: int | None = None
    entries: tuple[PageEntry, ...] = ()
    warnings: tuple[Warned, ...] = ()

    @property
    def published_at(self) -> datetime | None:
        """The beginning of its day; nothing where the year or the day is not known."""
        if not (self.year and self.month and self.day):
            return None
        try:
            return datetime(self.year, self.month, self.day, tzinfo=UTC)
        except ValueError:
            return None


def matches(head: bytes) -> bool:
    """Whether a file is a saved page, given how it begins.

    It is one if the site's header stands on it, or if nearly all its blocks are a title and an
    abstract by turns. Markup, tables, source code and prose are none.
    """
    text, _ = text_of(head)
    if "\x00" in text:
        return False
    blocks = [block.text for block in blocks_of(text)]
    if any(_SLOGAN.match(text) or text == _CURATED for text in blocks[:10]):
        return True
    return alternates(blocks)


def listing(data: bytes, *, source: str, name: str) -> Listing:
    """The papers of a saved page, in its order; nothing that a page can hold raises.

    Skipped is what was dropped, which is an abstract without a title. A paper whose abstract is
    missing, or was damaged before the page was saved, is listed with what is there of it; the
    warnings on that are in the ``Page`` alone.
    """
    page = read_page(data)
    lost = [w for w in page.warnings if w.code == "W_NO_TITLE"]
    return Listing(
        source=source,
        name=name,
        published_at=page.published_at,
        curator=page.curator,
        papers=tuple(
            Listed(
                position=entry.position,
                votes=entry.votes,
                paper=Paper(
                    title=entry.title or entry.title_raw,
                    abstract=entry.abstract,
                    ids=(entry.paper_id,) if entry.paper_id else (),
                    kind=Kind.PREPRINT if entry.paper_id else Kind.OTHER,
                ),
            )
            for entry in page.entries
        ),
        skipped=tuple(Skipped(f"line {w.line}", "an abstract without a title") for w in lost),
    )


def read_page(data: bytes) -> Page:
    """What a saved page holds; nothing that a page can hold raises."""
    text, is_today = text_of(data)
    encoding = () if is_today else (Warned("W_ENCODING", 1),)
    blocks = list(blocks_of(text))
    header, rest, glued = _header(blocks)
    entries, odd = _entries(rest)
    return Page(
        sha256=hashlib.sha256(data).hexdigest(),
        dialect=_dialect(blocks),
        curator=header.curator,
        month=header.month,
        day=header.day,
        year=header.year,
        entries=entries,
        warnings=(*encoding, *glued, *odd, *_same_titles(entries)),
    )


@dataclass(frozen=True, slots=True)
class _Header:
    curator: str = ""
    month: int | None = None
    day: int | None = None
    year: int | None = None


@dataclass(slots=True)
class _Draft:
    """An entry while the blocks after its title are still being read."""

    title: Block
    abstract: list[Block] = field(default_factory=list)
    votes: int | None = None
    paper_id: PaperId | None = None

    def note(self, mark: int | PaperId) -> None:
        """Remember what the site says of the paper, the first time that it does."""
        if isinstance(mark, PaperId):
            self.paper_id = self.paper_id or mark
        elif self.votes is None:
            self.votes = mark

    def entry(self, position: int) -> PageEntry:
        raw = " ".join(block.text for block in self.abstract) if self.abstract else None
        warned = {
            "W_NO_ABSTRACT": raw is None,
            "W_JOINED": len(self.abstract) > 1,
            "W_TRUNCATED": raw is not None and page_text.is_cut_off(raw),
            "W_MATH": raw is not None and page_text.lost_formula(raw),
        }
        line = self.abstract[0].line if self.abstract else self.title.line
        urls = page_text.urls_in(raw or "")
        return PageEntry(
            position=position,
            title_line=self.title.line,
            abstract_line=self.abstract[0].line if self.abstract else None,
            title_raw=self.title.text,
            abstract_raw=raw,
            title=page_text.cleaned_title(self.title.text),
            abstract=page_text.cleaned(raw or ""),
            urls=urls,
            code_url=page_text.code_url(urls),
            votes=self.votes,
            paper_id=self.paper_id,
            warnings=tuple(Warned(code, line) for code, so in warned.items() if so),
        )


def _dialect(blocks: Sequence[Block]) -> Dialect:
    apart = sum(b.line - a.line > 1 for a, b in pairwise(blocks))
    return Dialect.SPACED if apart * 2 > len(blocks) - 1 > 0 else Dialect.COMPACT


def _header(blocks: list[Block]) -> tuple[_Header, list[Block], tuple[Warned, ...]]:
    """What the header says, the blocks below it, and whether it was glued to the first title."""
    header, seen = _Header(), set[str]()
    for place, block in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        kind = _header_kind(block.text, seen, following)
        if not kind:
            if "subscribe" not in seen and (glued := _GLUED.fullmatch(block.text)):
                first = replace(block, text=glued[1].strip())
                warned = (Warned("W_GLUED_HEADER", block.line),)
                return header, [first, *blocks[place + 1 :]], warned
            return header, blocks[place:], ()
        seen.add(kind)
        if kind == "curator":
            header = replace(header, curator=block.text.removeprefix("by").strip())
        elif kind == "date" and (date := _DAY.fullmatch(block.text)):
            year = int(date[3]) if date[3] else None
            header = replace(header, month=month_number(date[1]), day=int(date[2]), year=year)
    return header, [], ()


def _header_kind(text: str, seen: set[str], following: Block | None) -> str:
    """What a block in the header is; empty if it is the first title."""
    if _BY.fullmatch(text):
        # A title can begin so, too: then an abstract follows.
        is_title = following is not None and following.is_long
        in_place = "subscribe" in seen and seen.isdisjoint({"date", "curator"})
        return "curator" if in_place and not is_title else ""
    if _DAY.fullmatch(text):
        return "" if "date" in seen else "date"
    if _VOTES.fullmatch(text):
        # Votes may stand before each title; the last number before the first title is its own.
        ends = following and not _header_kind(following.text, {"subscribe"}, None)
        return "" if ends else "number"
    fixed = text.lstrip("# ").lower()
    return fixed if fixed in _FIXED and fixed not in seen else ""


def _entries(blocks: Sequence[Block]) -> tuple[tuple[PageEntry, ...], list[Warned]]:
    drafts: list[_Draft] = []
    odd: list[Warned] = []
    for block in _without_marks(blocks, drafts):
        if not block.is_long:
            drafts.append(_Draft(block))
        elif drafts:
            drafts[-1].abstract.append(block)
        elif not odd:
            odd.append(Warned("W_NO_TITLE", block.line))
    entries = tuple(draft.entry(position) for position, draft in enumerate(drafts, start=1))
    if not entries:
        odd.append(Warned("W_NO_ENTRIES", blocks[0].line if blocks else 1))
    return entries, odd


def _without_marks(blocks: Sequence[Block], drafts: list[_Draft]) -> Iterator[Block]:
    """The blocks that are titles or abstracts; votes and links go to the entry they belong to.

    Some pages have them above the title, some below the abstract: what stands above the first title
    stands above all.
    """
    leading = takewhile(lambda block: _MARK.fullmatch(block.text), blocks)
    # A dash stands for no votes, and shows where votes stand all the same.
    above = {int if _VOTES.fullmatch(b.text) else type(_mark(b.text)) for b in leading}
    waiting: dict[type, int | PaperId] = {}
    for block in blocks:
        if not _MARK.fullmatch(block.text):
            n_before = len(drafts)
            yield block
            if len(drafts) > n_before:
                for mark in waiting.values():
                    drafts[-1].note(mark)
                waiting = {}
        elif (told := _mark(block.text)) is not None:
            # Between title and abstract it can only be this entry's.
            if drafts and (type(told) not in above or not drafts[-1].abstract):
                drafts[-1].note(told)
            else:
                waiting[type(told)] = told


def _mark(text: str) -> int | PaperId | None:
    """The votes or the paper's name that the site gives; nothing for any other line."""
    if link := _LINK.fullmatch(text):
        return attempt(Scheme.ARXIV, link[1])
    return int(text) if text.isdecimal() and _VOTES.fullmatch(text) else None


def _same_titles(entries: Sequence[PageEntry]) -> Iterator[Warned]:
    first: dict[str, PageEntry] = {}
    for entry in entries:
        key = "".join(
            c for c in unicodedata.normalize("NFKD", entry.title).casefold() if c.isalnum()
        )
        other = first.setdefault(key, entry)
        if other is not entry and other.abstract_raw != entry.abstract_raw:
            yield Warned("W_SAME_TITLE", entry.title_line)


_SLOGAN = re.compile(r"Get trending papers in your email inbox(?: once a day)?!$")
_CURATED = "byAK and the research community"
_FIXED = frozenset(
    (
        "new", "get trending papers in your email inbox once a day!",
        "get trending papers in your email inbox!", "subscribe", "daily papers", "daily", "weekly",
        "monthly", "trending papers",
    )
)  # fmt: skip
_GLUED = re.compile(r"Subscribe(?![a-z])\s*(.+)")
_BY = re.compile(r"by\s*(.{1,60})")
_DAY = re.compile(
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (\d{1,2})(?:, (\d{4}))?"
)
_VOTES = re.compile(r"\d{1,6}|-")
_LINK = re.compile(r"(?:https?://(?:www\.)?huggingface\.co)?/papers/(\d{4}\.\d{4,5})(?:v\d+)?")
# What the site writes beside a paper: none of it is a title.
_MARK = re.compile(
    rf"{_VOTES.pattern}|{_LINK.pattern}|{_DAY.pattern}|[·•]?\s?\d+ authors?|\d+ comments?"
    r"|Submitted by|Upvote|/papers/date/\S+"
)
