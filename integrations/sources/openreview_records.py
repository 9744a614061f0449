"""A venue's papers as OpenReview's interfaces write them down, the old one and the new one. Pure.

https://docs.openreview.net/getting-started/objects-in-openreview/introduction-to-notes
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from integrations.files import records as files
from integrations.files.records import ADDRESS, text
from integrations.pages import pages
from integrations.pages.json_values import items, mapping, mappings, string
from integrations.pages.people import authors_from
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.papers import Kind, Paper, Skipped, partial_date


def records(notes: Iterable[object], venue: str) -> Iterator[pages.Record]:
    """The paper of each note, or what became of it, in their order.

    Args:
        notes: Values of the interface's JSON, of whatever type.
        venue: The id of the venue whose papers are wanted; what was withdrawn has another one.
    """
    for number, note in enumerate(notes, start=1):
        yield _record(f"note {number}", note, venue)


def is_note(value: object) -> bool:
    """Whether a value is a note of OpenReview, even if it is no paper of the venue."""
    return bool(mapping(mapping(value).get("content")))


def _record(where: str, note: object, venue: str) -> pages.Record:
    if not isinstance(note, Mapping) or not is_note(note):
        return Skipped(where, "is no paper of OpenReview")
    key = string(note.get("forum")) or string(note.get("id"))
    place = files.place(where, text(key[:_LONGEST_KEY]))
    fields = {name: _value(value) for name, value in mapping(note.get("content")).items()}
    its_venue = text(fields.get("venueid"))
    if its_venue and its_venue != venue:
        return Skipped(place, "is not among what the venue accepted")
    title = text(fields.get("title"))
    if not title:
        return Skipped(place, "has no title")
    return (
        Paper(
            title=title,
            abstract=text(fields.get("abstract")),
            authors=authors_from(fields.get("authors")),
            venue=text(fields.get("venue")) or venue,
            published=_published(note),
            ids=unique([attempt(Scheme.OPENREVIEW, key), *_elsewhere(fields)]),
            kind=Kind.ARTICLE if _JOURNAL.search(venue) else Kind.CONFERENCE,
            categories=_categories(fields),
            institutions=_institutions(fields),
        ),
        None,
    )


def _value(field: object) -> object:
    """What a field says; the new interface wraps it, beside those who may read it."""
    return field.get("value") if isinstance(field, Mapping) and "value" in field else field


def _published(note: Mapping[str, object]) -> str:
    """The day when the paper was published, was made public or at least was put there."""
    return next((day for name in _MOMENTS if (day := _day(note.get(name)))), "")


def _day(milliseconds: object) -> str:
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return ""
    try:
        at = _EPOCH + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return ""
    return partial_date(at.year, at.month, at.day)


def _elsewhere(fields: Mapping[str, object]) -> Iterator[PaperId | None]:
    yield attempt(Scheme.DOI, text(fields.get("doi")))
    for name in ("html", "pdf"):
        # Both may lead to where the paper is kept elsewhere.
        link = string(fields.get(name))
        if ADDRESS.fullmatch(link):
            yield from found_in(link)


def _categories(fields: Mapping[str, object]) -> tuple[str, ...]:
    keywords = fields.get("keywords")
    if isinstance(keywords, str):
        keywords = re.split(r"[;,]", keywords)
    # An area is one, whatever commas are in its name.
    found = map(text, [*items(keywords), fields.get("primary_area")])
    return tuple(dict.fromkeys(filter(None, found)))


def _institutions(fields: Mapping[str, object]) -> tuple[str, ...]:
    """Where the authors work; newer venues tell it beside each name."""
    people = mappings(fields.get("authors"))
    places = (place for person in people for place in mappings(person.get("institutions")))
    return tuple(dict.fromkeys(name for place in places if (name := text(place.get("name")))))


_MOMENTS = ("pdate", "odate", "cdate", "tcdate")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JOURNAL = re.compile(r"^(?:TMLR|JMLR|MLJ|DMLR)\b|/journals?(?:/|$)", re.I)
_LONGEST_KEY = 40  # characters
