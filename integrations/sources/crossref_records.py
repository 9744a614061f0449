"""Crossref's works, as its interface gives them in JSON, and as citation styles want them. Pure.

https://api.crossref.org/swagger-ui/index.html
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from integrations.files.records import isbns
from integrations.pages import pages
from integrations.pages.json_values import items, mapping, mappings, string
from integrations.pages.markup import abstract, plain
from integrations.sources.days import first_day
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Author, Kind, Paper, Skipped, date_in, partial_date

TYPES = (
    "journal-article",
    "proceedings-article",
    "posted-content",
    "book",
    "monograph",
    "edited-book",
    "book-chapter",
    "dissertation",
    "report",
)
"""The types of work of which new ones are asked for; figures and whole issues have names, too."""


def record(number: int, work: object) -> pages.Record:
    """The paper that a work is.

    Args:
        number: Its place in the list, from 1.
        work: A value out of JSON, whatever it is.
    """
    if not isinstance(work, Mapping):
        return Skipped(f"record {number}", "is no work")
    kind = _kind(plain(work.get("type")), plain(work.get("subtype")))
    own = attempt(Scheme.DOI, string(work.get("DOI")))
    title = _title(work)
    if not title:
        return Skipped(f"record {number}" + (f" ({own})" if own else ""), "has no title")
    return (
        Paper(
            title=title,
            abstract=abstract(work.get("abstract")),
            authors=tuple(_authors(work, kind)),
            venue=_venue(work),
            published=_published(work),
            ids=unique([own, *_other_ids(work, kind)]),
            kind=kind,
            categories=_once(items(work.get("subject"))),
            institutions=_once(
                place.get("name")
                for person in mappings(work.get("author"))
                for place in mappings(person.get("affiliation"))
            ),
            references=unique(
                attempt(Scheme.DOI, string(cited.get("DOI")))
                for cited in mappings(work.get("reference"))
            ),
        ),
        None,
    )


def day(work: object) -> date | None:
    """The day on which Crossref got a work."""
    created = mapping(mapping(work).get("created"))
    return first_day(date_in(plain(created.get("date-time"))) or _date(created))


def _title(work: Mapping[str, object]) -> str:
    title, more = plain(work.get("title")), plain(work.get("subtitle"))
    is_new = more and more.lower() not in title.lower()
    return f"{title}: {more}" if title and is_new else title


def _authors(work: Mapping[str, object], kind: Kind) -> Iterator[Author]:
    people = mappings(work.get("author"))
    # A book of many authors has editors; a chapter's are somebody else's.
    if not people and kind is Kind.BOOK:
        people = mappings(work.get("editor"))
    for person in people:
        given = f"{plain(person.get('given'))} {plain(person.get('suffix'))}".strip()
        if family := plain(person.get("family")):
            yield Author(family, given)
        # A name as a whole is that of a group, whatever it looks like.
        elif name := plain(person.get("name")) or plain(person.get("literal")) or given:
            yield Author(name)


def _venue(work: Mapping[str, object]) -> str:
    server = next(iter(mappings(work.get("institution"))), {})
    said = (work.get("container-title"), server.get("name"), work.get("group-title"))
    return next(filter(None, map(plain, said)), "")


def _published(work: Mapping[str, object]) -> str:
    """The first date, as precisely as any other date tells it.

    Old papers were put online decades later; what was online first got its issue later.
    """
    found = [date for key in _DATES if (date := _date(mapping(work.get(key))))]
    return max((date for date in found if date.startswith(found[0])), key=len, default="")


def _date(fields: Mapping[str, object]) -> str:
    parts = items(next(iter(items(fields.get("date-parts"))), None))
    year, month, day = (*parts, None, None, None)[:3]
    return partial_date(year, month, day)


def _other_ids(work: Mapping[str, object], kind: Kind) -> Iterator[PaperId | None]:
    related = mapping(work.get("relation"))
    for relation in _SAME_WORK:
        for other in mappings(related.get(relation)):
            spelled = string(other.get("id"))
            yield attempt(Scheme.DOI, spelled) or attempt(Scheme.ARXIV, spelled)
    if kind is Kind.BOOK:
        yield from isbns(" ".join(map(string, items(work.get("ISBN")))))


def _once(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(plain, values))))


def _kind(kind: str, subtype: str) -> Kind:
    if kind == "posted-content":
        return Kind.PREPRINT if subtype in {"", "preprint"} else Kind.OTHER
    return _KINDS.get(kind, Kind.OTHER)


_DATES = ("published", "issued", "posted", "published-online", "published-print")
_SAME_WORK = ("is-preprint-of", "has-preprint", "is-same-as", "is-identical-to")
_KINDS = {
    "journal-article": Kind.ARTICLE,
    "article-journal": Kind.ARTICLE,
    "proceedings-article": Kind.CONFERENCE,
    "paper-conference": Kind.CONFERENCE,
    "book": Kind.BOOK,
    "monograph": Kind.BOOK,
    "edited-book": Kind.BOOK,
    "reference-book": Kind.BOOK,
    "book-chapter": Kind.CHAPTER,
    "book-section": Kind.CHAPTER,
    "book-part": Kind.CHAPTER,
    "chapter": Kind.CHAPTER,
    "reference-entry": Kind.CHAPTER,
    "dissertation": Kind.THESIS,
    "thesis": Kind.THESIS,
    "report": Kind.REPORT,
}
