"""Hugging Face's daily papers, as its interface gives them in JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.files.contents import decoded
from integrations.files.records import text
from integrations.pages import pages
from integrations.pages.json_records import records
from integrations.pages.json_values import inside, items, mapping, string
from integrations.pages.people import authors_from
from recommender.errors import BadResponse
from recommender.identifiers import Scheme, attempt
from recommender.listings import Listing
from recommender.papers import Kind, Paper, Skipped, date_in
from recommender.wording import address

SERVICE = "Hugging Face daily papers"


def matches(head: bytes) -> bool:
    """Whether a file holds daily papers, given how it begins."""
    start = decoded(head).lstrip("\ufeff \t\n")
    return start[:1] in {"[", "{"} and bool(_ROW.search(start) and _OWN_KEY.search(start))


def listing(data: bytes, *, source: str, name: str) -> Listing:
    """The papers of a page, or of several in one file, in the order of the site.

    It is dated as the page is: by the day on which the papers were put there, which is not the day
    of any paper.

    Raises:
        BadResponse: If there is no row to be read in it.
    """
    rows = list(_rows(data))
    submitted = [at for _, row in rows if (at := submitted_at(row))]
    page = page_of(rows, source=source, name=name, published_at=max(submitted, default=None))
    if page.skipped and not page.papers:
        first = page.skipped[0]
        message = f"none of its papers can be read ({first.place}: {first.reason}); save it again"
        raise BadResponse(SERVICE, message)
    return page


def page_of(
    rows: Sequence[tuple[str, object]],
    *,
    source: str,
    name: str,
    published_at: datetime | None = None,
) -> Listing:
    """The papers of a page's rows, each with who put it there.

    Args:
        rows: Each with the place where it stands.
        source: Of the listing.
        name: Of the listing.
        published_at: When the page was published, in UTC.
    """
    records = [record(place, row) for place, row in rows]
    page = pages.listing(records, source=source, name=name, published_at=published_at)
    both = zip(records, rows, strict=True)
    curators = (_submitter(row) for one, (_, row) in both if not isinstance(one, Skipped))
    papers = zip(page.papers, curators, strict=True)
    return replace(
        page,
        papers=tuple(replace(listed, curator=curator) for listed, curator in papers),
        curator=_curator(row for _, row in rows),
    )


def _rows(data: bytes) -> Iterator[tuple[str, object]]:
    for place, row in records(data):
        embedded = inside(row, "dailyPapers")
        if isinstance(embedded, list):
            # What the site's own page embeds is one object around the rows.
            yield from ((f"record {n}", one) for n, one in enumerate(embedded, start=1))
        else:
            yield place, row


def record(place: str, row: object) -> pages.Record:
    """What a row says: its paper with the votes, or what became of it.

    Args:
        place: Where the row stands.
        row: A value of the interface's JSON, of whatever type.
    """
    if isinstance(row, Skipped):
        return row
    paper = _paper_in(row)
    if paper is None:
        return Skipped(place, "is no paper of that site")
    title = text(paper.get("title"))
    if not title:
        return Skipped(place, "has no title")
    paper_id = attempt(Scheme.ARXIV, string(paper.get("id")))
    return (
        Paper(
            title=title,
            # Not what a program made of it (``ai_summary``): it would be taken for the authors'
            # words, and keep catalogues from being asked for those.
            abstract=text(paper.get("summary")),
            authors=authors_from(_shown(paper.get("authors"))),
            # The row's own date is four hours before the paper's, on the day before.
            published=date_in(text(paper.get("publishedAt"))),
            ids=(paper_id,) if paper_id else (),
            kind=Kind.PREPRINT,
            categories=_keywords(paper.get("ai_keywords")),
            institutions=tuple(filter(None, [_name(paper.get("organization"))])),
            code=address(string(paper.get("githubRepo"))),
            website=address(string(paper.get("projectPage"))),
        ),
        pages.votes(paper.get("upvotes")),
    )


def is_row(value: object) -> bool:
    """Whether a value is a row of the site, even if its paper cannot be read."""
    return _paper_in(value) is not None


def submitted_at(row: object) -> datetime | None:
    """When a row's paper was put on the list: the beginning of that day, in UTC."""
    paper = _paper_in(row)
    return pages.moment(paper.get("submittedOnDailyAt")) if paper else None


def _curator(rows: Iterable[object]) -> str:
    """Who put the papers on the list, where one person put all of them there; else empty."""
    names = {_submitter(row) for row in rows if _paper_in(row)}
    return names.pop() if len(names) == 1 else ""


def _paper_in(row: object) -> Mapping[str, object] | None:
    if not isinstance(row, Mapping):
        return None
    found = row.get("paper", row if "upvotes" in row else None)
    return found if isinstance(found, Mapping) else None


def _shown(authors: object) -> object:
    """The authors whom the site shows; it hides those whom it found twice or whom it doubts."""
    if not isinstance(authors, list):
        return authors
    shown = [a for a in authors if not (isinstance(a, Mapping) and a.get("hidden") is True)]
    return shown or authors


def _keywords(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(text, items(value)))))


def _submitter(row: object) -> str:
    outer, paper = mapping(row), mapping(_paper_in(row))
    return _name(outer.get("submittedBy")) or _name(paper.get("submittedOnDailyBy"))


def _name(account: object) -> str:
    """What a person's or an organization's account is called."""
    found = mapping(account)
    return text(found.get("fullname")) or text(found.get("name"))


_ROW = re.compile(r'"paper"\s*:\s*\{|"dailyPapers"\s*:\s*\[|"submittedOnDailyAt"\s*:')
# The last is an author's: of a paper with thousands, the beginning of a file shows nothing else.
_OWN_KEY = re.compile(
    r'"(?:submittedOnDaily(?:At|By)|upvotes|discussionId|publishedAt)"\s*:|"hidden"\s*:\s*(?:true|false)'
)
