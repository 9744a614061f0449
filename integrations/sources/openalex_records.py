"""OpenAlex's works, as its interface gives them in JSON. Pure.

https://developers.openalex.org/api-reference/works
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from integrations.files.records import ARXIV_VENUE
from integrations.pages import pages
from integrations.pages.json_values import items, mapping, mappings, string
from integrations.pages.markup import abstract, plain
from integrations.pages.people import authors
from integrations.sources.days import first_day
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.papers import Author, Kind, Paper, Skipped, date_in

FIELDS = (
    "id,doi,title,display_name,publication_date,created_date,ids,type,authorships,"
    "primary_location,locations,topics,keywords,referenced_works,abstract_inverted_index"
)
"""The parts of a work that ``record`` and ``day`` read, as a request names them."""


def record(number: int, work: object) -> pages.Record:
    """The paper that a work is.

    Args:
        number: Its place in the list, from 1.
        work: A value out of JSON, whatever it is.
    """
    if not isinstance(work, Mapping):
        return Skipped(f"record {number}", "is no work")
    ids = unique(_ids(work))
    own = next((i for i in ids if i.scheme is Scheme.OPENALEX), None)
    title = plain(work.get("title")) or plain(work.get("display_name"))
    if not title:
        place = f"record {number}" + (f" ({own.value})" if own else "")
        return Skipped(place, "has no title")
    published_in = mapping(work.get("primary_location"))
    source = mapping(published_in.get("source"))
    venue = plain(source.get("display_name")) or plain(published_in.get("raw_source_name"))
    subjects = (*mappings(work.get("topics")), *mappings(work.get("keywords")))
    return (
        Paper(
            title=title,
            abstract=abstract(_in_order(work.get("abstract_inverted_index"))),
            authors=tuple(_authors(work.get("authorships"))),
            venue="arXiv" if ARXIV_VENUE.match(venue) else venue,
            published=date_in(plain(work.get("publication_date"))),
            ids=ids,
            url=_url(published_in.get("landing_page_url"), ids),
            kind=_kind(plain(work.get("type")), plain(source.get("type"))),
            categories=_names(subjects),
            institutions=_names(
                institution
                for authorship in mappings(work.get("authorships"))
                for institution in mappings(authorship.get("institutions"))
            ),
            references=unique(_own_ids(work.get("referenced_works"))),
        ),
        None,
    )


def day(work: object) -> date | None:
    """The day on which a work appeared, or came to OpenAlex where it does not say."""
    fields = mapping(work)
    said = (date_in(plain(fields.get(key))) for key in ("publication_date", "created_date"))
    return first_day(next(filter(None, said), ""))


def _ids(work: Mapping[str, object]) -> Iterator[PaperId | None]:
    named = mapping(work.get("ids"))
    yield from _own_ids([work.get("id"), named.get("openalex")])
    for doi in (work.get("doi"), named.get("doi")):
        yield attempt(Scheme.DOI, string(doi))
    yield attempt(Scheme.PMID, string(named.get("pmid")))
    # A location's address elsewhere may name something else, such as a journal's issue.
    for location in mappings(work.get("locations")):
        for key in ("landing_page_url", "pdf_url"):
            address = string(location.get(key))
            if _REGISTRY.match(address):
                yield from found_in(address)


def _own_ids(values: object) -> Iterator[PaperId | None]:
    for value in items(values):
        yield attempt(Scheme.OPENALEX, string(value))


def _authors(authorships: object) -> Iterator[Author]:
    for authorship in mappings(authorships):
        known = plain(mapping(authorship.get("author")).get("display_name"))
        printed = plain(authorship.get("raw_author_name"))
        # Whom OpenAlex takes an author for may have another name; but what a paper prints may be
        # initials, or capitals, or have degrees and numbers in it.
        yield from authors([printed if _CLEAN_NAME.fullmatch(printed) else known or printed])


def _in_order(index: object) -> str:
    """The text of which an index says at which positions a word stands."""
    placed = [
        (position, word)
        for word, positions in mapping(index).items()
        for position in items(positions)
        if isinstance(position, int)
    ]
    return " ".join(word for _, word in sorted(placed))


def _kind(kind: str, source: str) -> Kind:
    if kind in {"article", ""} and source in _KIND_OF_SOURCE:
        return _KIND_OF_SOURCE[source]
    return _KINDS.get(kind, Kind.OTHER)


def _names(called: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    named = (plain(one.get("display_name")) for one in called)
    return tuple(dict.fromkeys(filter(None, named)))


def _url(value: object, ids: Sequence[PaperId]) -> str:
    url = string(value)
    is_address = re.fullmatch(r"https?://\S{1,2000}", url)
    return url if is_address and not set(ids) & set(found_in(url)) else ""


_REGISTRY = re.compile(r"https?://(?:(?:dx\.)?doi\.org|(?:www\.|export\.)?arxiv\.org)/", re.I)
_CLEAN_NAME = re.compile(r"(?=.*[a-z])[^\W\d_][\w'’-]+ (?:[\w.'’-]+ )*[\w'’-]{2,}")
# https://developers.openalex.org/api-reference/works lists the types; not all of them are papers.
_KINDS = {
    "article": Kind.ARTICLE,
    "review": Kind.ARTICLE,
    "letter": Kind.ARTICLE,
    "editorial": Kind.ARTICLE,
    "erratum": Kind.ARTICLE,
    "retraction": Kind.ARTICLE,
    "preprint": Kind.PREPRINT,
    "book": Kind.BOOK,
    "book-chapter": Kind.CHAPTER,
    "reference-entry": Kind.CHAPTER,
    "dissertation": Kind.THESIS,
    "report": Kind.REPORT,
    "standard": Kind.REPORT,
}
_KIND_OF_SOURCE = {
    "conference": Kind.CONFERENCE,
    "journal": Kind.ARTICLE,
    "repository": Kind.PREPRINT,
}
