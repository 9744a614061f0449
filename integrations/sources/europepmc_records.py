"""What Europe PMC answers to a search, in JSON. Pure.

https://europepmc.org/RestfulWebService
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from integrations.files.records import text
from integrations.pages import pages
from integrations.pages.json_values import inside, items, mappings
from integrations.pages.markup import abstract, plain
from integrations.pages.people import authors, institutions
from integrations.sources.days import Dated, day_of
from recommender.errors import BadResponse, IntegrationError, TransientError
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Author, Kind, Paper, Skipped, date_in

SERVICE = "Europe PMC"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a part of what a search found.

    Attributes:
        rows: The papers as they came.
        total: How many papers there are altogether.
        cursor: With what to ask for the next part; empty where there is none.
    """

    rows: Sequence[object]
    total: int
    cursor: str


def answer(value: object) -> Answer:
    """The rows of an answer's JSON; none only where nothing is left.

    Raises:
        TransientError: If Europe PMC says, with a good status, that it failed.
        BadResponse: If it does not take the question, or sends something else.
    """
    if isinstance(value, Mapping) and "errCode" in value:
        raise _refused(value["errCode"])
    total, rows = inside(value, "hitCount"), inside(value, "resultList", "result")
    if not isinstance(total, int) or isinstance(total, bool) or not isinstance(rows, list):
        message = f"{SERVICE} answered without a list of papers; nothing is lost, try again later"
        raise BadResponse(SERVICE, message)
    cursor = inside(value, "nextCursorMark")
    return Answer(rows, total, cursor if isinstance(cursor, str) else "")


def record(number: int, row: object) -> Dated:
    """The paper of a row, with the day on which Europe PMC first listed it.

    Args:
        number: Its place among all rows, from 1.
        row: As it came.
    """
    place = f"record {number}"
    if not isinstance(row, Mapping):
        return None, Skipped(place, "is no paper")
    if named := _NUMBER.fullmatch(text(row.get("id"))):
        place = f"{place} ({named[0]})"
    day = day_of(row.get("firstIndexDate"))
    title = plain(row.get("title"))
    if not title:
        return day, Skipped(place, "has no title")
    return day, _paper(row, title)


def _paper(row: Mapping[str, object], title: str) -> pages.Record:
    ids = unique(_ids(row))
    return (
        Paper(
            title=title if title.endswith("..") else title.removesuffix("."),
            abstract=abstract(row.get("abstractText")),
            authors=_authors(row),
            venue=_venue(row),
            published=_published(row),
            ids=ids,
            url=_url(row, named=bool(ids)),
            kind=_kind(row),
            categories=tuple(_categories(row)),
            institutions=institutions(_affiliations(row)),
        ),
        None,
    )


def _ids(row: Mapping[str, object]) -> Iterator[PaperId | None]:
    yield attempt(Scheme.DOI, text(row.get("doi")))
    yield attempt(Scheme.PMID, text(row.get("pmid")))
    for link in items(inside(row, "commentCorrectionList", "commentCorrection")):
        # Of a preprint, the publication.
        if _field(link, "type") == "Preprint of" and _field(link, "source") == "MED":
            yield attempt(Scheme.PMID, _field(link, "id"))


def _authors(row: Mapping[str, object]) -> tuple[Author, ...]:
    """The authors of the list, which has whole names, and of the line, which has them all."""
    listed = [
        author
        for person in mappings(inside(row, "authorList", "author"))
        if (author := _author(person))
    ]
    line = plain(row.get("authorString")).removesuffix(".")
    written = [author for name in line.split(", ") if (author := _of(name))]
    return (*listed, *written[len(listed) :])


def _author(person: Mapping[str, object]) -> Author | None:
    family = plain(person.get("lastName"))
    given = plain(person.get("firstName")) or plain(person.get("initials"))
    if family:
        return Author(family, given)
    group = plain(person.get("collectiveName"))
    return Author(group) if group else _of(plain(person.get("fullName")))


def _of(name: str) -> Author | None:
    """The author of a name such as ``de Boer CG``: the initials come last."""
    if spelled := _FAMILY_FIRST.fullmatch(name):
        return Author(spelled[1], spelled[2])
    return next(iter(authors([name])), None)


def _affiliations(row: Mapping[str, object]) -> Iterator[str]:
    for person in items(inside(row, "authorList", "author")):
        places = inside(person, "authorAffiliationDetailsList", "authorAffiliation")
        yield from (_field(place, "affiliation") for place in items(places))


def _venue(row: Mapping[str, object]) -> str:
    places = (
        inside(row, "journalInfo", "journal", "title"),
        row.get("journalTitle"),
        inside(row, "bookOrReportDetails", "comprisingTitle"),
        inside(row, "bookOrReportDetails", "publisher"),
    )
    return next((venue for place in places if (venue := plain(place))), "")


def _published(row: Mapping[str, object]) -> str:
    dates = (
        row.get("firstPublicationDate"),
        row.get("electronicPublicationDate"),
        inside(row, "journalInfo", "printPublicationDate"),
        row.get("pubYear"),
    )
    return next((date for spelled in dates if (date := date_in(text(spelled)))), "")


def _url(row: Mapping[str, object], *, named: bool) -> str:
    """Where the paper can be read freely; where it has no other name, Europe PMC's own page."""
    if free := _PMC.fullmatch(text(row.get("pmcid"))):
        return f"https://europepmc.org/articles/{free[0]}"
    source, number = (
        _SOURCE.fullmatch(text(row.get("source"))),
        _NUMBER.fullmatch(_field(row, "id")),
    )
    if named or not (source and number):
        return ""
    return f"https://europepmc.org/article/{source[0]}/{number[0]}"


def _kind(row: Mapping[str, object]) -> Kind:
    source = text(row.get("source"))
    types = {text(one).lower() for one in items(inside(row, "pubTypeList", "pubType"))}
    types.add(text(row.get("pubType")).lower())
    if source == "PPR" or "preprint" in types:
        return Kind.PREPRINT
    if source in _KINDS:
        return _KINDS[source]
    if "journalInfo" in row or "journalTitle" in row:
        return Kind.ARTICLE
    return Kind.BOOK if any("book" in one for one in types) else Kind.OTHER


def _categories(row: Mapping[str, object]) -> Iterator[str]:
    headings = items(inside(row, "meshHeadingList", "meshHeading"))
    words = (
        *map(plain, items(inside(row, "keywordList", "keyword"))),
        *(_field(heading, "descriptorName") for heading in headings),
    )
    yield from dict.fromkeys(word for word in words if word)


def _field(value: object, name: str) -> str:
    return plain(inside(value, name))


def _refused(code: object) -> IntegrationError:
    if isinstance(code, int) and code >= _OWN_FAULT:
        message = f"{SERVICE} failed while it searched; nothing is lost, try again later"
        return TransientError(SERVICE, message)
    message = f"{SERVICE} does not take the request; check the source's query"
    return BadResponse(SERVICE, message)


_OWN_FAULT = 500
_KINDS = {"ETH": Kind.THESIS, "NBK": Kind.BOOK, "PAT": Kind.OTHER}
_SOURCE = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"[A-Z]{0,3}\d{1,12}", re.ASCII)
_PMC = re.compile(r"PMC\d{1,12}", re.ASCII)
_FAMILY_FIRST = re.compile(r"(.*\S) ((?:[^\W\d_a-z]-?){1,5}(?: (?:Jr|Sr|2nd|3rd|II|III|IV))?)")
