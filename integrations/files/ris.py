"""RIS as EndNote, Mendeley, Zotero and publishers write it, and Web of Science's tagged variant."""

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import ClassVar

from rispy import RisParser, WokParser
from rispy.config import TYPE_OF_REFERENCE_MAPPING

from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.records import Genres, Record, entries, place, storable, tags, text
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt
from recommender.library import Tag
from recommender.papers import Kind, authors_of, date_in

_Fields = dict[str, list[str]]


class _Names(dict[str, str]):
    """rispy renames the tags and sets unknown ones apart; here each tag keeps its name."""

    def __missing__(self, tag: str | None) -> str:
        # A line before the first tag has none.
        if tag is None:
            raise KeyError(tag)
        return tag


class _Ris(RisParser):  # type: ignore[misc] # rispy has no types
    UNKNOWN_TAG = "??"
    DEFAULT_MAPPING = _Names()
    DEFAULT_LIST_TAGS: ClassVar = [
        "A1", "A2", "A3", "AN", "AU", "C7", "DO", "ED", "KW", "L1", "L2", "L3", "LK", "M1", "M2",
        "M3", "N1", "SN", "U1", "UR",
    ]  # fmt: skip
    # A semicolon may be part of an address.
    DEFAULT_DELIMITER_MAPPING: ClassVar[dict[str, str]] = {}

    def parse_line(self, line: str) -> tuple[str | None, str]:
        """Its tag and value; some programs save a space in front of the hyphen."""
        match = _TAG.match(line)
        return (match[1], (match[2] or "").strip()) if match else (None, line.strip())


class _WebOfScience(WokParser):  # type: ignore[misc] # rispy has no types
    UNKNOWN_TAG = "??"
    DEFAULT_MAPPING = _Names()


def _matches(head: bytes) -> bool:
    text = decoded(head)
    if _WOS_FILE.match(text):
        return True
    start = _START.search(text)
    # What other formats quote in a field is no record.
    return bool(start and not _OTHER_FORMAT.search(text, 0, start.start()))


def _read(data: bytes) -> Contents:
    text = decoded(data)
    if _WOS_FILE.match(text):
        records = _records(text, _WOS_START, _WebOfScience(), _from_web_of_science)
    else:
        records = _records(text, _START, _Ris(), _from_ris)
    if not records:
        raise BadResponse("RIS", "no line starts a record (TY  - …); export the library again")
    return Contents(entries(records))


def _records(
    text: str, start: re.Pattern[str], parser: RisParser, read: Callable[[_Fields, str], Record]
) -> list[Record]:
    starts = [match.start() for match in start.finditer(text)]
    found, line, before = [], 1, 0
    # A record goes on until the next one starts, so that one without an end spoils none but itself.
    for begin, end in pairwise([*starts, len(text)]):
        line += text.count("\n", before, begin)
        before = begin
        found.append(read(_fields(text[begin:end], parser), f"line {line}"))
    return found


def _fields(record: str, parser: RisParser) -> _Fields:
    # A record that was cut off has no end of its own; what stands behind an end is no part of it.
    lines = [*record.strip(" \t\ufeff").split("\n"), f"{parser.END_TAG}  - "]
    parsed = parser.parse_lines(iter(lines))[0]
    return {
        tag: [storable(value) for value in (values if isinstance(values, list) else [values])]
        for tag, values in parsed.items()
        if isinstance(values, list | str)
    }


def _from_ris(fields: _Fields, line: str) -> Record:
    own, genre = _first(fields, "ID"), _genre(_first(fields, "TY"))
    return Record(
        key=own,
        place=place(line, own),
        genre=genre,
        genres=_GENRES,
        called=TYPE_OF_REFERENCE_MAPPING.get(genre, genre).lower(),
        title=_first(fields, "TI", "T1", "CT", "ST"),
        # Of a book, the second title is that of a series.
        book=_first(fields, "BT", *(["T2"] if genre in _PARTS else [])),
        abstract=_first(fields, "AB", "N2"),
        authors=authors_of(_all(fields, "AU", "A1")),
        editors=authors_of(_all(fields, "A2", "ED", "A3")),
        venues=_each(fields, "JF", "JO", "T2", "C3", "BT", "JA", "J2", "PB"),
        published=_published(fields),
        isbns=" ".join(_all(fields, "SN")),
        named=(
            *(attempt(Scheme.DOI, doi) for doi in _all(fields, "DO", "M3")),
            *_pubmed(fields),
        ),
        urls=tuple(
            url.strip()
            for value in _all(fields, "UR", "LK", "L2", "L1", "L3")
            for url in re.split(r";\s*(?=https?:)", value)
        ),
        extra="\n".join(_all(fields, "AN", "M1", "M2", "M3", "N1", "C7", "U1")),
        tags=tags(word for value in _all(fields, "KW") for word in value.split(";")),
    )


def _from_web_of_science(fields: _Fields, line: str) -> Record:
    own = _first(fields, "UT")
    year = _first(fields, "PY")
    published = date_in(f"{_first(fields, 'PD')} {year}") or date_in(year)
    genre = _web_of_science_genre(_first(fields, "PT"), _first(fields, "DT"))
    return Record(
        key=own,
        place=place(line, own),
        genre=genre,
        genres=_GENRES,
        called=TYPE_OF_REFERENCE_MAPPING.get(genre, genre).lower(),
        title=_first(fields, "TI"),
        abstract=_first(fields, "AB"),
        authors=authors_of(_all(fields, "AF") or _all(fields, "AU")),
        venues=_each(fields, "SO"),
        published=published,
        isbns=" ".join(_all(fields, "BN")),
        named=(
            attempt(Scheme.DOI, _first(fields, "DI")),
            attempt(Scheme.PMID, _first(fields, "PM")),
        ),
        tags=_words(fields, "DE", automatic=False) + _words(fields, "ID", automatic=True),
        categories=tuple(tag.name for tag in _words(fields, "WC", automatic=True)),
    )


def _first(fields: _Fields, *names: str) -> str:
    return next(iter(_each(fields, *names)), "")


def _each(fields: _Fields, *names: str) -> tuple[str, ...]:
    return tuple(found for name in names if (found := text(fields.get(name))))


def _all(fields: _Fields, *names: str) -> list[str]:
    return [value for name in names for value in fields.get(name, []) if value]


def _words(fields: _Fields, name: str, *, automatic: bool) -> tuple[Tag, ...]:
    return tags(_first(fields, name).split(";"), automatic=automatic)


def _published(fields: _Fields) -> str:
    spelled = [_first(fields, name) for name in ("PY", "Y1", "DA")]
    year = next((date[:4] for date in map(date_in, spelled) if date), "")
    # EndNote puts the day without its year in DA; another year there is that of the preprint.
    dates = [date_in(text) for text in (*spelled, f"{spelled[2]} {year}")]
    return max((date for date in dates if date.startswith(year)), key=len, default="")


def _pubmed(fields: _Fields) -> Iterable[PaperId | None]:
    database = " ".join(_all(fields, "DB", "DP")).lower()
    # Every database has numbers of its own in this field.
    if re.search(r"pubmed|medline|\bnlm\b", database):
        yield from (attempt(Scheme.PMID, number) for number in _all(fields, "AN"))


def _genre(spelled: str) -> str:
    return str(_LONG_NAMES.get(spelled.lower(), spelled.upper()))


def _web_of_science_genre(publication: str, document: str) -> str:
    if publication == "P":
        return "PAT"
    if publication != "J" and "proceedings" in document.lower():
        return "CPAPER"
    if publication == "B":
        return "CHAP" if "chapter" in document.lower() else "BOOK"
    return "JOUR" if publication == "J" else "CHAP"


_TAG = re.compile(r" ?([A-Z][A-Z0-9]) {1,2}-(?:\s(.*))?$")
_START = re.compile(r"^[ \t\ufeff]*TY {1,2}-(?=\s|$)", re.M)
_WOS_FILE = re.compile(r"\s*FN (?:Clarivate|Thomson|ISI)[^\n]*\n(?:VR [^\n]*\n)?")
_WOS_START = re.compile(r"^PT (?=[A-Z]\s*$)", re.M)
_OTHER_FORMAT = re.compile(r"^[ \t]*(?:@\w+\s*[{(]|[<{\[])", re.M)

_PARTS = ("CHAP", "ECHAP", "DICT", "ENCYC")
_GENRES = Genres(
    papers=dict.fromkeys(("BOOK", "EBOOK", "EDBOOK", "CLSWK"), Kind.BOOK)
    | dict.fromkeys(("ABST", "EJOUR", "INPR", "JOUR", "MGZN", "NEWS"), Kind.ARTICLE)
    | dict.fromkeys(("CONF", "CPAPER"), Kind.CONFERENCE)
    | dict.fromkeys(_PARTS, Kind.CHAPTER)
    | dict.fromkeys(("GOVDOC", "RPRT", "STAND"), Kind.REPORT)
    | {"THES": Kind.THESIS}
    | dict.fromkeys(("MANSCPT", "PAMP", "UNPB"), Kind.OTHER),
    pages=frozenset(("BLOG", "ELEC", "ICOMM", "MULTI", "WEB")),
    others=frozenset((
        "ADVS", "AGGR", "ART", "BILL", "CASE", "CHART", "COMP", "CTLG", "DATA", "DBASE", "EQUA",
        "FIGURE", "GRANT", "HEAR", "JFULL", "LEGAL", "MAP", "MPCT", "MUSIC", "PAT", "PCOMM", "SER",
        "SLIDE", "SOUND", "STAT", "UNBILL", "VIDEO",
    )),
)  # fmt: skip
_LONG_NAMES = {name.lower(): tag for tag, name in TYPE_OF_REFERENCE_MAPPING.items()} | {
    "journal article": "JOUR",
    "book": "BOOK",
    "conference paper": "CPAPER",
    "thesis": "THES",
}

RIS = LibraryFormat("RIS", _matches, _read)
