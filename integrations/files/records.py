"""From the loose fields of a file's record to an entry: what every format decides alike. Pure."""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from integrations.files.contents import uniquely
from integrations.files.latex import plain_text, without_markup
from recommender import papers
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.identity import UNTITLED
from recommender.library import Collection, Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped

ARXIV_VENUE = re.compile(r"(?:arxiv|corr|computing research repository)\b(?!\.)", re.I)
"""The beginning of a venue that is arXiv; DBLP calls its computer science by the old name."""

ADDRESS = re.compile(r"https?://[^\s<>\"|]+")
"""A web address inside a text."""

NO_TITLE = "has no title, nor anything else that a person would know it by"
"""Why an entry cannot be read that says nothing."""


@dataclass(frozen=True, slots=True)
class Genres:
    """What a format's types of record are.

    Attributes:
        papers: Those that researchers read and cite.
        pages: Papers only where the record has a paper's id, such as a web page of a preprint.
        others: Never papers. A type in none of the three is one if somebody wrote it, or if it has
            an id.
    """

    papers: dict[str, Kind]
    pages: frozenset[str]
    others: frozenset[str]

    def kind(self, genre: str, *, named: bool, written: bool) -> Kind | None:
        """The kind of paper that a record of this type is; None where it is no paper.

        Args:
            genre: The type.
            named: Whether the record has a paper's id.
            written: Whether it has authors, or what else shows that somebody wrote a paper.
        """
        if genre in self.papers:
            return self.papers[genre]
        if genre in self.others:
            return None
        return Kind.OTHER if named or (written and genre not in self.pages) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record's fields as the file spells them.

    Attributes:
        key: Its name, if it has one, perhaps the same as another's.
        place: Where it stands in the file, with the key that the file gives it.
        genre: Its type, in the format's own word.
        genres: What that format's words mean.
        book: What the book or the series of volumes is called that it is, or is a part of.
        editors: Its own or those of the book around it.
        issuer: The institution that answers for it, of a record that may have no authors.
        venues: Where it appeared, the best first; an address is none.
        remarks: Free text in which a preprint server may be named.
        isbns: Of the work; those of a chapter's book do no harm.
        named: Ids from fields of their own.
        urls: The best first.
        extra: Free text whose labelled lines, such as ``PMID: 123``, name ids.
        called: What a person calls its type, if that is not ``genre``.
        mark: The id of the suggestion that a shelf of ours made it of.
    """

    key: str
    place: str
    genre: str
    genres: Genres
    title: str = ""
    book: str = ""
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    editors: tuple[Author, ...] = ()
    issuer: str = ""
    venues: tuple[str, ...] = ()
    remarks: str = ""
    published: str = ""
    isbns: str = ""
    named: tuple[PaperId | None, ...] = ()
    urls: tuple[str, ...] = ()
    extra: str = ""
    tags: tuple[Tag, ...] = ()
    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    added_at: datetime | None = None
    trashed: bool = False
    called: str = ""
    mark: str = ""


def entries(records: Iterable[Record | Unreadable]) -> tuple[Entry, ...]:
    """The entries that a file's records are, with their keys made unique."""
    records = list(records)
    keyed = zip(records, uniquely(map(_key, records)), strict=True)
    return tuple(
        replace(record, key=key) if isinstance(record, Unreadable) else _entry(record, key)
        for record, key in keyed
    )


def _key(record: Record | Unreadable) -> str:
    if isinstance(record, Unreadable) or record.key:
        return record.key
    people = record.authors or record.editors
    return made_up_key(record.title or record.book or record.abstract, people, record.published)


def _entry(record: Record, key: str) -> Entry:
    linked = [found for url in record.urls for found in found_in(url)]
    said = labelled("\n".join((record.extra, *record.venues)))
    ids = unique([*record.named, *linked, *said])
    written = record.authors or record.editors or record.abstract or record.issuer
    # What we suggested is a paper, however little is known of it.
    written = written or record.mark
    kind = record.genres.kind(record.genre, named=bool(ids), written=bool(written))
    if kind is None:
        return OtherKind(key, record.called or record.genre or "unknown")
    # A part without a title of its own stands for its book.
    if kind is Kind.CHAPTER and record.book and not record.title:
        kind = Kind.BOOK
    if kind is Kind.BOOK:
        ids = unique([*ids, *isbns(record.isbns)])
    venue = _venue(record.venues)
    if _is_preprint(kind, venue, ids, record.remarks):
        kind = Kind.PREPRINT
    # A book of many authors has editors; a chapter's are somebody else's.
    authors = record.authors or (record.editors if kind is Kind.BOOK else ())
    # The proceedings in which a paper stands are another work.
    title = record.title or (record.book if kind is Kind.BOOK else "")
    if not title and not (authors or record.abstract or ids or _tells(record.key)):
        return Unreadable(key, Skipped(record.place, NO_TITLE))
    paper = Paper(
        title=title
        or _stand_in(
            # A position would be another one tomorrow.
            str(ids[0]) if ids and key.startswith("#") else key,
            " ".join(filter(None, (*(a.family for a in authors[:1]), record.published[:4]))),
            venue,
            record.abstract,
        ),
        abstract=record.abstract,
        authors=authors,
        venue=venue,
        published=record.published,
        ids=ids,
        url=_page(record.urls, ids),
        kind=kind,
        categories=record.categories,
    )
    return Item(
        key=key,
        paper=paper,
        collections=record.collections,
        tags=record.tags,
        added_at=record.added_at,
        trashed=record.trashed,
        mark=record.mark,
    )


def _stand_in(name: str, who: str, venue: str, abstract: str) -> str:
    """What a work is called that has no title: ``Untitled, Roe 2001 [roe2001]: We show that…``.

    The name in brackets is the key, by which the reader knows it, and no two works have one. The
    first word says that it is no title, to people and to ``identity``.
    """
    start = textwrap.shorten(abstract, _START_OF_ABSTRACT, placeholder="…")
    said = ", ".join(filter(None, (UNTITLED, who, venue and f"in {venue}")))
    return papers.plain(f"{said} [{name}]" + (f": {start}" if start else ""))


def _tells(key: str) -> bool:
    # People and programs make keys of a name, a word and a year, enough to know a work by.
    return bool(_WORD.search(key) and _YEAR.search(key))


def _venue(venues: Iterable[str]) -> str:
    for venue in venues:
        # Older exports give a preprint's number and class as its journal: arXiv:1701.08140 [stat].
        if ARXIV_VENUE.match(venue):
            return "arXiv"
        if venue and not ADDRESS.search(venue):
            return venue
    return ""


def text(value: object) -> str:
    """A field's value as plain text: of a list its first value, of anything else nothing."""
    if isinstance(value, list):
        value = next((v for v in value if v), "")
    if not isinstance(value, str):
        return ""
    return plain_text(storable(value))


def storable(value: str) -> str:
    r"""The text without what no database takes: control characters and halves of characters.

    JSON may spell half a character, as ``\ud83d``.
    """
    if not value.isascii() and _HALF.search(value):
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", value)


def made_up_key(title: str, authors: Iterable[Author], published: str) -> str:
    """A key from what a record says, such as ``shannon1948mathematical``; empty if it says nothing.

    A position would move with every record that is put before it, and take for new what is old.
    """
    family = next((a.family for a in authors), "")
    words = [w for w in re.findall(r"\w+", title.lower()) if len(w) > 3] or [title.lower()]
    return re.sub(r"\W", "", f"{family.lower()}{published[:4]}{words[0]}")


def tags(words: Iterable[str], *, automatic: bool = False) -> tuple[Tag, ...]:
    """The words as tags, in their order, each once."""
    named = (text(word) for word in words)
    return tuple(Tag(name, automatic) for name in dict.fromkeys(named) if name)


def place(where: str, key: str) -> str:
    """Where a record stands, with the key that the file gives it: ``line 120 (smith2020)``."""
    return f"{where} ({key})" if key else where


def outer_first(collections: Iterable[Collection]) -> tuple[Collection, ...]:
    """The collections in their order, but each behind the one around it.

    One whose parent is missing, or that is inside itself, has no parent.
    """
    waiting = {collection.key: collection for collection in collections}
    placed: dict[str, Collection] = {}
    while waiting:
        ready = [c for c in waiting.values() if c.parent is None or c.parent in placed]
        # Nothing can be placed below what is not there.
        lost = [replace(c, parent=None) for c in waiting.values() if c.parent not in waiting]
        first = next(iter(waiting.values()))
        for collection in ready or lost or [replace(first, parent=None)]:
            placed[collection.key] = collection
            del waiting[collection.key]
    return tuple(placed.values())


def labelled(extra: str) -> Iterable[PaperId]:
    """The ids in the lines of a free text that begin with a scheme's name or are a link.

    An id in the middle of a sentence is as likely another paper's.
    """
    for line in without_markup(extra).splitlines():
        if _LABEL.match(line):
            yield from found_in(line.strip())


def isbns(value: str) -> Iterable[PaperId | None]:
    """The ISBNs that a field holds, however they are set apart."""
    return (attempt(Scheme.ISBN, found) for found in _ISBN.findall(value))


def _is_preprint(kind: Kind, venue: str, ids: tuple[PaperId, ...], remarks: str) -> bool:
    if kind not in {Kind.ARTICLE, Kind.OTHER, Kind.REPORT}:
        return False
    # Before reference managers knew preprints, they filed them as articles of such a journal.
    if _SERVER.search(venue):
        return True
    if kind is Kind.ARTICLE and venue:
        return False
    on_server = any(i.scheme is Scheme.ARXIV or _SERVER_DOI.match(i.value) for i in ids)
    return on_server or bool(_SERVER.search(remarks))


def _page(urls: Iterable[str], ids: tuple[PaperId, ...]) -> str:
    addresses = (storable(url).strip() for url in urls)
    first = next((url for url in addresses if re.match(r"https?://\S+$", url)), "")
    # What spells the first id says no more than that id.
    return "" if ids and ids[0] in found_in(first) else first


_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\ufffe\uffff]")
_ISBN = re.compile(r"97[89](?:[\s‐-]?\d){10}|\d(?:[\s‐-]?\d){8}[\s‐-]?[\dXx]")
_SERVER = re.compile(
    r"\b(?:arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|eartharxiv|ssrn|techrxiv"
    r"|research square|eprint archive)\b",
    re.I,
)
_SERVER_DOI = re.compile(r"10\.(?:1101|64898|2139|31234|31219|26434|20944|21203|36227|31223)/")
_WORD = re.compile(r"[^\W\d_]{2}")
# Zotero wrote question marks for a year that it did not know.
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)|_\?{4}")
_START_OF_ABSTRACT = 80
_LABEL = re.compile(
    r"\s*(?:doi|arxiv|pmid|openreview|acl|dblp|s2id|openalex|eprint|url)\b|\s*https?://\S+\s*$",
    re.I,
)
