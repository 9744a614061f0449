"""What dblp's search says of a publication. Pure.

https://dblp.org/faq/How+to+use+the+dblp+search+API.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from integrations.files import records as files
from integrations.files.records import ADDRESS, storable, text
from integrations.pages import pages
from integrations.pages.json_values import LONGEST, mapping, string
from integrations.pages.people import authors
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.papers import Kind, Paper, Skipped, partial_date


def records(hits: Iterable[object]) -> Iterator[pages.Record]:
    """The paper of each hit, or what became of it, in their order.

    Args:
        hits: Values of the interface's JSON, of whatever type.
    """
    for number, hit in enumerate(hits, start=1):
        yield _record(f"hit {number}", hit)


def is_record(hit: object) -> bool:
    """Whether a hit is a record of dblp, be it of a paper or not."""
    return bool(mapping(mapping(hit).get("info")))


def _record(where: str, hit: object) -> pages.Record:
    info = mapping(mapping(hit).get("info"))
    if not info:
        return Skipped(where, "is no record of dblp")
    key = _first(info.get("key"))
    place = files.place(where, key[:_LONGEST_KEY])
    genre = _first(info.get("type"))
    if genre in _NO_PAPERS:
        return Skipped(place, _NO_PAPERS[genre])
    # dblp ends each title with a full stop.
    title = _FULL_STOP.sub("", _first(info.get("title")))
    if not title:
        return Skipped(place, "has no title")
    links = [link for link in _texts(info.get("ee")) if ADDRESS.fullmatch(link)]
    ids = unique(_ids(info, links))
    return (
        Paper(
            title=title,
            authors=authors(_names(info.get("authors"))),
            venue=", ".join(_texts(info.get("venue"))),
            published=partial_date(string(info.get("year"))),
            ids=ids,
            url=next((link for link in links if not ids or ids[0] not in found_in(link)), ""),
            kind=_kind(genre, key, ids),
        ),
        None,
    )


def _ids(info: Mapping[str, object], links: Iterable[str]) -> Iterator[PaperId | None]:
    yield attempt(Scheme.DOI, _first(info.get("doi")))
    # The names of arXiv's papers in dblp hold arXiv's own.
    name = f"https://dblp.org/rec/{_first(info.get('key'))}"
    for link in (*links, name):
        yield from found_in(link[:LONGEST])


def _names(value: object) -> Iterator[str]:
    for name in _texts(mapping(value).get("author")):
        # People of the same name are told apart by a number.
        yield _HOMONYM.sub("", name)


def _kind(genre: str, name: str, ids: Iterable[PaperId]) -> Kind:
    if name.startswith("phd/"):
        return Kind.THESIS
    if genre == "Informal and Other Publications":
        on_arxiv = any(i.scheme is Scheme.ARXIV for i in ids)
        return Kind.PREPRINT if on_arxiv else Kind.REPORT
    return _KINDS.get(genre, Kind.OTHER)


def _texts(value: object) -> list[str]:
    """The texts of a field: it is one, an object around one, or a list of either."""
    values = value if isinstance(value, list) else [value]
    inside = (one.get("text") if isinstance(one, Mapping) else one for one in values)
    return [found for one in inside if isinstance(one, str) and (found := text(storable(one)))]


def _first(value: object) -> str:
    return next(iter(_texts(value)), "")


_KINDS = {
    "Conference and Workshop Papers": Kind.CONFERENCE,
    "Journal Articles": Kind.ARTICLE,
    "Books and Theses": Kind.BOOK,
    "Parts in Books or Collections": Kind.CHAPTER,
    "Reference Works": Kind.CHAPTER,
}
_NO_PAPERS = {
    "Editorship": "is a volume, whose papers are listed by themselves",
    "Data and Artifacts": "is no paper, but its data",
    "Withdrawn Items": "was withdrawn",
}
_FULL_STOP = re.compile(r"(?<!\.)\.$")
_HOMONYM = re.compile(r"\s+\d{4}$")
_LONGEST_KEY = 80  # characters
