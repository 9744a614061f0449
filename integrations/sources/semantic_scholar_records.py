"""Semantic Scholar's papers, as its interfaces give them in JSON. Pure.

https://api.semanticscholar.org/api-docs/graph
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from integrations.pages import pages
from integrations.pages.json_values import items, mapping, mappings, string
from integrations.pages.markup import abstract, plain
from integrations.pages.people import authors
from integrations.sources.days import first_day
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Kind, Paper, Skipped, date_in, partial_date

FIELDS = (
    "externalIds,title,abstract,venue,publicationVenue,journal,year,publicationDate,authors,"
    "publicationTypes,fieldsOfStudy,s2FieldsOfStudy"
)
"""The parts of a paper that ``record`` and ``day`` read, as a request names them."""


def record(number: int, fields: object) -> pages.Record:
    """The paper that a record is.

    Args:
        number: Its place in the list, from 1.
        fields: A value out of JSON, whatever it is.
    """
    if not isinstance(fields, Mapping):
        return Skipped(f"record {number}", "is no paper")
    ids = unique(paper_ids(fields))
    title = plain(fields.get("title"))
    if not title:
        place = f"record {number}" + (f" ({ids[0]})" if ids else "")
        return Skipped(place, "has no title")
    venue = _venue(fields)
    cited = mappings(fields.get("references"))
    return (
        Paper(
            title=title,
            abstract=abstract(fields.get("abstract")),
            authors=authors(plain(a.get("name")) for a in mappings(fields.get("authors"))),
            venue=venue,
            published=_published(fields),
            ids=ids,
            kind=_kind(fields, venue, ids),
            categories=_subjects(fields),
            references=unique(i for one in cited for i in paper_ids(one)),
        ),
        None,
    )


def day(fields: object) -> date | None:
    """The day on which a paper appeared; of one with a year alone, the first, as in a request."""
    return first_day(_published(mapping(fields)))


def paper_ids(fields: Mapping[str, object]) -> Iterator[PaperId | None]:
    """The ids that a record gives, Semantic Scholar's own among them."""
    yield attempt(Scheme.S2, string(fields.get("paperId")))
    named = mapping(fields.get("externalIds"))
    for key, scheme in _SCHEMES.items():
        yield attempt(scheme, string(named.get(key)))


def _venue(fields: Mapping[str, object]) -> str:
    journal, place = mapping(fields.get("journal")), mapping(fields.get("publicationVenue"))
    said = (fields.get("venue"), place.get("name"), journal.get("name"))
    venue = next(filter(None, map(plain, said)), "")
    return "arXiv" if venue.lower() == "arxiv.org" else venue


def _published(fields: Mapping[str, object]) -> str:
    return date_in(plain(fields.get("publicationDate"))) or partial_date(fields.get("year"))


def _kind(fields: Mapping[str, object], venue: str, ids: Sequence[PaperId]) -> Kind:
    types = {plain(value) for value in items(fields.get("publicationTypes"))}
    # On a server of preprints, everything is called an article of a journal.
    only_there = bool(ids) and ids[0].scheme is Scheme.ARXIV and not venue
    if only_there or venue.lower() in _SERVERS or any(map(_SERVER_DOI.match, map(str, ids))):
        return Kind.PREPRINT
    place = plain(mapping(fields.get("publicationVenue")).get("type"))
    named = (kind for name, kind in _KINDS.items() if name in types)
    return next(named, None) or _KIND_OF_PLACE.get(place) or Kind.OTHER


def _subjects(fields: Mapping[str, object]) -> tuple[str, ...]:
    found = [plain(value) for value in items(fields.get("fieldsOfStudy"))]
    found += [plain(one.get("category")) for one in mappings(fields.get("s2FieldsOfStudy"))]
    return tuple(dict.fromkeys(filter(None, found)))


_SCHEMES = {
    "DOI": Scheme.DOI,
    "ArXiv": Scheme.ARXIV,
    "PubMed": Scheme.PMID,
    "ACL": Scheme.ACL,
    "DBLP": Scheme.DBLP,
}
_SERVER_DOI = re.compile(r"doi:10\.(?:1101/\d|64898/|2139/ssrn)")
_SERVERS = frozenset(("arxiv", "biorxiv", "medrxiv", "chemrxiv", "ssrn", "research square"))
# The first that is among a paper's types says what it is.
_KINDS = {
    "Conference": Kind.CONFERENCE,
    "BookSection": Kind.CHAPTER,
    "Book": Kind.BOOK,
    "JournalArticle": Kind.ARTICLE,
    "Review": Kind.ARTICLE,
    "CaseReport": Kind.ARTICLE,
    "ClinicalTrial": Kind.ARTICLE,
    "Editorial": Kind.ARTICLE,
    "LettersAndComments": Kind.ARTICLE,
    "MetaAnalysis": Kind.ARTICLE,
    "Study": Kind.ARTICLE,
}
_KIND_OF_PLACE = {"conference": Kind.CONFERENCE, "journal": Kind.ARTICLE}
