"""arXiv's announcements, and the answers of its query interface. Pure.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from integrations.files.contents import decoded
from integrations.files.records import text
from integrations.files.safe_xml import element
from integrations.pages import pages
from integrations.pages.arxiv_entries import (
    SERVICE,
    is_error,
    is_replacement,
    is_withdrawn,
    paper,
    paper_id,
)
from integrations.sources.days import day_of
from recommender.errors import BadResponse
from recommender.papers import Skipped


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
    dates = [at for one in entries if (at := day_of(one["published"]))]
    announced_on = max(dates, default=None) or day_of(feed.findtext(f"{_ATOM}updated"))
    if announced_on is None:
        message = f"{SERVICE} does not date its feed; nothing is lost, try again later"
        raise BadResponse(SERVICE, message)
    records = (
        _record(f"entry {n}", one)
        for n, one in enumerate(entries, start=1)
        if replacements or not is_replacement(one)
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
    if any(is_error(one) for one in entries):
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
        yield str(arxiv_id or place), day_of(one["published"]), _record(place, one)


def _feed(content: bytes) -> Element:
    try:
        root = element(decoded(content), SERVICE)
    except ParseError as error:
        raise _no_feed() from error
    if root.tag != f"{_ATOM}feed":
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


_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_PARTS = ("id", "title", "summary", "published")
_LONGEST_FEED = 2000
