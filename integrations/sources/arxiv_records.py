"""What is peculiar to arXiv: its announcements and the answers of its interface. Pure.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from integrations.files.records import storable, text
from integrations.sources import pages
from integrations.sources.oai_pages import xml_root
from integrations.sources.people import authors, listed_in_order
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Author, Kind, Paper, Skipped, date_in

SERVICE = "arXiv"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What arXiv announced on one day.

    Attributes:
        day: In the east of the United States.
        records: Of new papers and of those newly listed in a category, perhaps of new versions.
        n_entries: Of all that was announced.
    """

    day: date
    records: tuple[pages.Record, ...]
    n_entries: int

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than the feed has: of a long one new papers are cut first."""
        return self.n_entries >= _LONGEST_FEED


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what arXiv's query interface found.

    Attributes:
        n_all: How many papers there are on all pages.
        rows: For each entry its id, or else its place; the day on which its first version was
            submitted; and the record, None of a paper that was withdrawn.
    """

    n_all: int
    rows: tuple[tuple[str, date | None, pages.Record | None], ...]


def announcement(content: bytes, *, replacements: bool) -> Announcement:
    """The announcement in an Atom feed of arXiv's; one without records on a day without news.

    Args:
        content: The feed.
        replacements: Whether new versions of known papers are wanted, too.

    Raises:
        BadResponse: If it is no such feed, or one that says that there is no such category.
    """
    feed = _feed(content)
    if (feed.findtext(f"{_ATOM}title") or "").startswith("Feed error"):
        message = f"{SERVICE} does not know one of the categories; correct the source's place"
        raise BadResponse(SERVICE, message)
    entries = [_entry(element) for element in feed.iterfind(f"{_ATOM}entry")]
    dates = [at for one in entries if (at := day(one["published"]))]
    announced_on = max(dates, default=None) or day(feed.findtext(f"{_ATOM}updated") or "")
    if announced_on is None:
        message = f"{SERVICE} does not date its feed; nothing is lost, try again later"
        raise BadResponse(SERVICE, message)
    records = (
        _record(f"entry {n}", one)
        for n, one in enumerate(entries, start=1)
        if replacements or not _is_replacement(one)
    )
    return Announcement(announced_on, tuple(filter(None, records)), len(entries))


def found(content: bytes, start: int = 0) -> Found:
    """A page of what the query interface found.

    Args:
        content: The answer.
        start: How many entries are on the pages before.

    Raises:
        BadResponse: If it is no such page, or says that the query cannot be understood.
    """
    feed = _feed(content)
    entries = [_entry(element) for element in feed.iterfind(f"{_ATOM}entry")]
    if any(_is_error(one) for one in entries):
        raise BadResponse(SERVICE, f"{SERVICE} does not understand the query; mend it")
    total = feed.findtext(f"{_SEARCH}totalResults") or ""
    if not re.fullmatch(r"\s*\d{1,9}\s*", total, re.ASCII):
        raise _no_feed()
    return Found(int(total), tuple(_rows(entries, start + 1)))


def _rows(
    entries: list[Mapping[str, Any]], first: int
) -> Iterator[tuple[str, date | None, pages.Record | None]]:
    for n, one in enumerate(entries, start=first):
        arxiv_id = paper_id(one)
        place = f"entry {n}"
        yield str(arxiv_id or place), day(one["published"]), _record(place, one)


def day(spelled: str) -> date | None:
    """The day with which a moment in ISO form begins, in the moment's own zone."""
    try:
        return date.fromisoformat(spelled.strip()[:10])
    except ValueError:
        return None


def _feed(content: bytes) -> Element:
    root = xml_root(content, SERVICE)
    if root is None or root.tag != f"{_ATOM}feed":
        raise _no_feed()
    return root


def _no_feed() -> BadResponse:
    message = f"{SERVICE} answered with something else than papers; nothing is lost"
    return BadResponse(SERVICE, f"{message}, try again later")


def _entry(element: Element) -> Mapping[str, Any]:
    """An entry, its parts under the names that feedparser gives them."""
    people = [a.findtext(f"{_ATOM}name") or "" for a in element.iterfind(f"{_ATOM}author")]
    creator = element.findtext(f"{_DC}creator") or ""
    parts = {name: element.findtext(f"{_ATOM}{name}") or "" for name in _PARTS}
    own = {
        f"arxiv_{part.tag.removeprefix(_ARXIV).lower()}": part.text or ""
        for part in element
        if part.tag.startswith(_ARXIV)
    }
    tags = [{"term": tag.get("term", "")} for tag in element.iterfind(f"{_ATOM}category")]
    return {
        **own,
        **parts,
        "authors": [{"name": name} for name in people or [creator]],
        "tags": tags,
    }


def _record(place: str, entry: Mapping[str, Any]) -> pages.Record | None:
    """What became of an entry; None of a paper that its authors, or arXiv, withdrew."""
    arxiv_id = paper_id(entry)
    if arxiv_id is None:
        return Skipped(place, "has no arXiv id")
    title = text(entry["title"])
    if not title:
        return Skipped(f"{place} ({arxiv_id.value})", "has no title")
    made = paper(entry, arxiv_id, title)
    return (
        None if is_withdrawn(made.abstract, str(entry.get("arxiv_comment", ""))) else (made, None)
    )


def paper_id(entry: Mapping[str, Any]) -> PaperId | None:
    """The arXiv id of a feed's entry, if the entry is arXiv's own."""
    name = str(entry.get("id", ""))
    own = re.match(r"oai:arXiv\.org:|https?://(?:export\.)?arxiv\.org/abs/", name, re.I)
    if not own:
        # The RSS of some years has nothing but the link.
        name = str(entry.get("link", ""))
        own = re.match(r"https?://(?:export\.)?arxiv\.org/abs/", name, re.I)
    return attempt(Scheme.ARXIV, name) if own else None


def refuse_error(entry: Mapping[str, Any]) -> None:
    """Raise what arXiv's interface says in the place of papers when it refuses a query.

    Raises:
        BadResponse: If this entry is such an error.
    """
    if _is_error(entry):
        reason = text(str(entry.get("summary", ""))) or "no reason given"
        raise BadResponse(SERVICE, f"arXiv answered with an error ({reason}); mend the query")


def paper(entry: Mapping[str, Any], arxiv_id: PaperId, title: str) -> Paper:
    """The paper of an entry of arXiv's.

    Its text is no HTML: arXiv writes down what the authors typed, LaTeX and ``<`` as they stand.
    """
    doi = attempt(Scheme.DOI, storable(str(entry.get("arxiv_doi", ""))))
    ids = unique((arxiv_id, doi))
    # An announcement of a new version says when that version came, not the paper.
    announced = "" if _is_replacement(entry) else date_in(storable(str(entry.get("published", ""))))
    journal = entry.get("arxiv_journal_ref") or entry.get("arxiv_journal_reference") or ""
    return Paper(
        title=title,
        abstract=_ANNOUNCEMENT.sub("", text(str(entry.get("summary", "")))),
        authors=_authors(entry),
        venue=venue(str(journal)),
        published=announced or pages.arxiv_month(ids),
        ids=ids,
        kind=Kind.PREPRINT,
        categories=tuple(
            dict.fromkeys(
                found for tag in entry.get("tags", ()) if (found := text(tag.get("term") or ""))
            )
        ),
    )


def venue(journal_ref: str) -> str:
    """Where a paper was published; empty where it only may be, some day."""
    said = text(journal_ref)
    return "" if _HOPED_FOR.search(said) else said


def is_withdrawn(abstract: str, comments: str) -> bool:
    """Whether a paper was withdrawn: what is left of it says that and little more."""
    return bool(_WITHDRAWN.match(abstract) or _WITHDRAWN.search(text(comments)))


def _is_error(entry: Mapping[str, Any]) -> bool:
    return "arxiv.org/api/errors" in str(entry.get("id", ""))


def _is_replacement(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("arxiv_announce_type", "new")).startswith("replace")


def _authors(entry: Mapping[str, Any]) -> tuple[Author, ...]:
    names = [storable(str(author.get("name", ""))) for author in entry.get("authors", ())]
    # An announcement has all of them in one text, an answer of the interface one by one.
    return listed_in_order(names[0]) if len(names) == 1 else authors(names)


_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_PARTS = ("id", "title", "summary", "published")
_LONGEST_FEED = 2000
_ANNOUNCEMENT = re.compile(r"^arXiv:\S+\s+Announce Type:\s*\S+\s+(?:Abstract:\s*)?", re.I)
_HOPED_FOR = re.compile(r"\b(?:submitted|under review|in preparation)\b", re.I)
_WITHDRAWN = re.compile(
    r"\b(?:this|the) (?:paper|article|submission|manuscript|preprint|work|version|report)"
    r" (?:has been|is|was) (?:temporarily )?(?:withdrawn|removed)\b"
    r"|^(?:paper )?withdrawn\b",
    re.I,
)
