"""NBIB: PubMed's tagged format, also called MEDLINE, which ERIC and KoreaMed write as well.

nlm.nih.gov/bsd/mms/medlineelements.html explains the tags.
"""

import re
from collections.abc import Container, Iterator

from integrations.files import tagged
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.endnote import full_texts
from integrations.files.records import Genres, Record, entries, place, storable, tags, text
from integrations.files.tagged import Fields, each, every, first
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt, found_in
from recommender.papers import Author, Kind, authors_of, date_in, partial_date


def _matches(head: bytes) -> bool:
    return bool(_FILE.match(decoded(head)))


def _read(data: bytes) -> Contents:
    found = tagged.records(storable(decoded(data)), _TAG, _begins)
    contents = Contents(entries(_record(fields, f"line {n}") for n, fields in found))
    if not contents.entries:
        raise BadResponse("NBIB", "no line has a tag (PMID- …); export the papers again")
    return contents


def _begins(tag: str, before: Container[str]) -> bool:
    # These stand in front of a title, and each of them once.
    return tag in _FIRST_TAGS and (tag in before or "TI" in before or "BTI" in before)


def _record(fields: Fields, line: str) -> Record:
    number = first(fields, "PMID", "OID")
    genre = _genre(fields)
    words = tags(every(fields, "OT", "KW"), automatic=True)
    headings = tags(map(_heading, every(fields, "MH")), automatic=True)
    return Record(
        key=number,
        place=place(line, number),
        genre=genre,
        genres=_GENRES,
        title=_title(first(fields, "TI")) or _title(first(fields, "TT")),
        book=first(fields, "BTI"),
        abstract=_abstract(fields),
        authors=(*_people(fields, "FAU", "AU"), *_groups(fields)),
        editors=_people(fields, "FED", "ED"),
        venues=each(fields, "JT", *(["BTI"] if genre != "book" else []), "TA", "CTI", "PB"),
        published=_published(fields),
        isbns=" | ".join(every(fields, "ISBN", "IS")),
        named=(attempt(Scheme.PMID, first(fields, "PMID")), *_dois(fields)),
        urls=(
            *full_texts(" ".join(every(fields, "PMC", "OID"))),
            *(value for value in every(fields, "LID", "AID") if value.startswith("http")),
        ),
        # Nobody but the authors and the publisher chose these words.
        tags=words,
        categories=tuple(word.name for word in dict.fromkeys((*words, *headings))),
    )


def _title(spelled: str) -> str:
    """A title without what PubMed adds: a full stop, and brackets around one that it translated."""
    if translated := _TRANSLATED.fullmatch(spelled):
        spelled = translated[1]
    spelled = spelled if spelled.endswith("..") else spelled.removesuffix(".")
    return "" if spelled.lower() in _NO_TITLES else spelled


def _abstract(fields: Fields) -> str:
    other = first(fields, "OAB")
    return first(fields, "AB") or ("" if _ELSEWHERE.search(other) else other)


def _people(fields: Fields, full: str, short: str) -> tuple[Author, ...]:
    # Before 2002 there were initials alone: van Raaij MJ.
    names = every(fields, full) or [_INITIALS.sub(r", \1", name) for name in every(fields, short)]
    return authors_of(names)


def _groups(fields: Fields) -> Iterator[Author]:
    return (Author(name) for group in every(fields, "CN") if (name := text(group)))


def _genre(fields: Fields) -> str:
    kinds = [text(kind).lower() for kind in every(fields, "PT")]
    known = (genre for genre in _GENRES.papers if any(genre in kind for kind in kinds))
    # A letter, an editorial or a case in a journal is an article, whatever else is said of it.
    journal = "journal article" if first(fields, "JT", "TA") else ""
    told = next((kind for kind in kinds if kind in _GENRES.others), "")
    return next(known, "") or told or journal or next(iter(kinds), "journal article")


def _published(fields: Fields) -> str:
    day = _DAY.match(first(fields, "DEP"))
    # The issue may be dated later than the day on which its paper could be read.
    return (partial_date(*day.groups()) if day else "") or date_in(first(fields, "DP"))


def _dois(fields: Fields) -> Iterator[PaperId | None]:
    for value in every(fields, "AID", "LID"):
        if "[doi]" in value:
            yield attempt(Scheme.DOI, value)
        elif value.startswith("http"):
            yield from found_in(value)
    # How to cite the paper, with its own DOI.
    for source in every(fields, "SO"):
        yield from (found for found in found_in(text(source)) if found.scheme is Scheme.DOI)


def _heading(spelled: str) -> str:
    """A MeSH heading without its qualifiers and stars: ``Aurovertins/*chemistry``."""
    return spelled.partition("/")[0].replace("*", "")


_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}-(?:\s+(.*))?$")
_FILE = re.compile(r"\s*(?:UI {1,2}- [^\n]*\n)?(?:PMID ?- ?\d|OWN {0,1}- ?\S)")
_FIRST_TAGS = frozenset(("OWN", "PMID", "UI"))
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)$")
_INITIALS = re.compile(r"(?<=[^\s,])\s+([A-Z]{1,4}(?: (?:Jr|Sr|\dnd|\drd|\dth))?)$")
# Not "[18F]FDG and [68Ga]", which is no translation.
_TRANSLATED = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\.?")
_NO_TITLES = frozenset(("in process citation", "not available"))
_ELSEWHERE = re.compile(r"abstract available from", re.I)
# The first that a record has counts, so what says most goes first.
_GENRES = Genres(
    papers={
        "preprint": Kind.PREPRINT,
        "book chapter": Kind.CHAPTER,
        "dissertation": Kind.THESIS,
        "journal article": Kind.ARTICLE,
        "book": Kind.BOOK,
        "meeting paper": Kind.CONFERENCE,
        "congress": Kind.CONFERENCE,
        "technical report": Kind.REPORT,
        "reports -": Kind.REPORT,
        "newspaper article": Kind.ARTICLE,
    },
    pages=frozenset(("webcast",)),
    others=frozenset((
        "dataset", "interactive tutorial", "legal case", "legislation", "video-audio media",
    )),
)  # fmt: skip

NBIB = LibraryFormat("NBIB", _matches, _read)
