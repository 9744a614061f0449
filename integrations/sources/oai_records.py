"""Dublin Core records of OAI-PMH repositories. Pure.

https://www.dublincore.org/specifications/dublin-core/dcmi-terms/; how repositories write types and
further names of a work is from https://guidelines.openaire.eu/.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from integrations.files.records import storable
from integrations.pages import markup, pages
from integrations.pages.people import authors
from integrations.sources.days import Dated, day_of
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.papers import Kind, Paper, Skipped, date_in


def row(element: Element, number: int) -> Dated | None:
    """The day on which a repository listed or changed a record, and the record.

    None of a record that was deleted.

    Args:
        element: One named ``record``.
        number: Its position, from 1.
    """
    if element.find("{*}header[@status='deleted']") is not None:
        return None
    key = markup.plain(element.findtext("{*}header/{*}identifier"))[:_LONGEST_KEY]
    listed_on = day_of(element.findtext("{*}header/{*}datestamp"))
    return listed_on, _record(element, key, f"record {number}" + (f" ({key})" if key else ""))


@dataclass(frozen=True, slots=True)
class _Said:
    """One element of Dublin Core: what it says, and in which language, as far as that is known."""

    value: str
    language: str


def _record(element: Element, key: str, place: str) -> pages.Record:
    fields = _fields(element)
    if not fields:
        return Skipped(place, "has no Dublin Core")
    title = next(_plain(_in_english(fields.get("title", ()))), "")
    if not title:
        return Skipped(place, "has no title")
    kind = _kind(_plain(fields.get("type", ())))
    named = [key, *(storable(said.value).strip() for said in fields.get("identifier", ()))]
    related = [storable(said.value).strip() for said in fields.get("relation", ())]
    ids = unique(_ids(named, related, is_book=kind is Kind.BOOK))
    if kind is Kind.OTHER and any(i.scheme is Scheme.ARXIV for i in ids):
        kind = Kind.PREPRINT
    paper = Paper(
        title=title,
        abstract=_abstract(fields),
        authors=authors(n for said in fields.get("creator", ()) for n in said.value.split(";")),
        venue=_venue(fields),
        published=_published(fields),
        ids=ids,
        url=_url(named, ids),
        kind=kind,
        categories=_categories(fields.get("subject", ())),
        references=unique(_references(fields, related)),
    )
    return paper, None


def _fields(element: Element) -> dict[str, list[_Said]]:
    """What a record says, by the element's name; of both name spaces, wherever they stand."""
    found: dict[str, list[_Said]] = {}
    for part in element.iterfind("{*}metadata//*"):
        space, _, name = part.tag.rpartition("}")
        if space in _DUBLIN_CORE:
            said = _Said("".join(part.itertext()), part.get(_LANGUAGE, "").lower())
            found.setdefault(name, []).append(said)
    return found


def _in_english(said: Sequence[_Said]) -> Sequence[_Said]:
    """Of translations the English, where languages are told at all."""
    return [one for one in said if one.language.startswith("en")] or said


def _plain(said: Iterable[_Said]) -> Iterator[str]:
    return (found for one in said if (found := markup.plain(_unescaped(one.value))))


def _unescaped(value: str) -> str:
    # Some repositories, such as Zenodo, escape their HTML twice.
    return value if "<" in value else html.unescape(value[: markup.LONGEST])


def _abstract(fields: Mapping[str, Sequence[_Said]]) -> str:
    # There can be more than one, remarks among them.
    said = _in_english(fields.get("abstract") or fields.get("description", ()))
    found = (markup.abstract(_unescaped(one.value)) for one in said)
    return max((one for one in found if not _REMARK.match(one)), key=len, default="")


def _published(fields: Mapping[str, Sequence[_Said]]) -> str:
    # Plain Dublin Core does not say which date is which: the others are of later versions, of the
    # archive, or of the end of an embargo.
    said = fields.get("issued") or [*fields.get("date", ()), *fields.get("created", ())]
    dates = (date_in(storable(one.value[:100])) for one in said if "embargo" not in one.value)
    return min(filter(None, dates), default="")


def _kind(types: Iterable[str]) -> Kind:
    words = (re.sub(r"[\W_]", "", re.split(r"[/:#]", one)[-1]).lower() for one in types)
    return next((_KINDS[word] for word in words if word in _KINDS), Kind.OTHER)


def _venue(fields: Mapping[str, Sequence[_Said]]) -> str:
    for name in ("source", "publisher"):
        # A journal's volume and pages follow behind a semicolon.
        for found in _plain(_in_english(fields.get(name, ()))):
            venue = found.partition(";")[0].strip()
            if venue and not _NO_VENUE.match(venue):
                return venue
    return ""


def _ids(
    named: Iterable[str], related: Iterable[str], *, is_book: bool
) -> Iterator[PaperId | None]:
    for name in named:
        yield from found_in(name[:_LONGEST_NAME])
        if is_book and _ISBN.match(name):
            yield attempt(Scheme.ISBN, name)
    for name in related:
        if match := _ALSO.match(name):
            yield _of_scheme(match)


def _references(
    fields: Mapping[str, Sequence[_Said]], related: Iterable[str]
) -> Iterator[PaperId | None]:
    for said in fields.get("references", ()):
        yield from found_in(storable(said.value[:_LONGEST_NAME]))
    for name in related:
        if match := _REFERENCE.match(name):
            yield _of_scheme(match)


def _of_scheme(match: re.Match[str]) -> PaperId | None:
    return attempt(Scheme(match[1].lower()), match[2][:_LONGEST_NAME])


def _url(named: Iterable[str], ids: tuple[PaperId, ...]) -> str:
    first = next((name for name in named if _ADDRESS.fullmatch(name)), "")
    # What spells the first id says no more than that id.
    return "" if ids and ids[0] in found_in(first) else first


def _categories(subjects: Iterable[_Said]) -> tuple[str, ...]:
    words = (word.strip() for found in _plain(subjects) for word in found.split(";"))
    return tuple(dict.fromkeys(word for word in words if word and not _NO_WORD.match(word)))


_DUBLIN_CORE = {"{http://purl.org/dc/elements/1.1/", "{http://purl.org/dc/terms/"}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LONGEST_KEY = 100  # characters
_LONGEST_NAME = 2000  # characters
_KINDS = {
    word: kind
    for kind, words in {
        Kind.ARTICLE: "article journalarticle researcharticle reviewarticle peerreviewedarticle"
        " scholarlyarticle review",
        Kind.CONFERENCE: "conferenceobject conferencepaper conferencecontribution conferenceitem"
        " conferenceproceedings proceedingspaper",
        Kind.PREPRINT: "preprint",
        Kind.BOOK: "book monograph",
        Kind.CHAPTER: "bookpart bookchapter booksection chapter",
        Kind.THESIS: "thesis doctoralthesis masterthesis mastersthesis bachelorthesis phdthesis"
        " dissertation",
        Kind.REPORT: "report technicalreport researchreport workingpaper",
    }.items()
    for word in words.split()
}
_REMARK = re.compile(r"Comments?:")
_NO_VENUE = re.compile(r"https?://|(?:e-?)?issn\b|\d{4}-\d{3}[\dX]$", re.I)
_NO_WORD = re.compile(r"https?://|info:", re.I)
_ISBN = re.compile(r"(?:urn:)?isbn\b", re.I)
_ALSO = re.compile(r"info:eu-repo/semantics/altIdentifier/(doi|arxiv|pmid)/(\S+)$", re.I)
_REFERENCE = re.compile(r"info:eu-repo/semantics/reference/(doi|arxiv|pmid)/(\S+)$", re.I)
_ADDRESS = re.compile(r"https?://\S{1,2000}")
