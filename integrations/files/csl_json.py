"""CSL-JSON as Zotero, Mendeley and publishers write it, and Zotero's own items in JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any

from integrations.files import zotero_json
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.records import Genres, Record, entries, place, storable, tags, text
from integrations.files.zotero_json import Folders, listed
from recommender.errors import BadResponse
from recommender.identifiers import Scheme, attempt
from recommender.library import Unreadable
from recommender.papers import Author, Kind, Skipped, date_in, partial_date

_Fields = Mapping[str, Any]


def _matches(head: bytes) -> bool:
    start = decoded(head).lstrip()
    # A library without items is one, too.
    if re.match(r"\[\s*\]\s*$", start):
        return True
    if start[:1] == "[":
        return _holds_item(start, 1)
    return start[:1] == "{" and all(p.search(start) for p in (_ITEMS, _ITEM, _NAMED))


def _holds_item(text: str, position: int) -> bool:
    """Whether one of a list's first elements is an item, by fields of its own."""
    for _ in range(_FIRST_FEW):
        while text[position : position + 1] in _BETWEEN:
            position += 1
        if text[position : position + 1] in {"", "]"}:
            return False
        try:
            element, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            # It is longer than what there is to see, or damaged, which reading it will say.
            return bool(_ITEM.search(text, position) and _NAMED.search(text, position))
        if isinstance(element, dict) and _is_item(element):
            return True
    return False


def _is_item(fields: _Fields) -> bool:
    if "itemType" in _zotero_fields(fields):
        return True
    issued = fields.get("issued")
    dated = isinstance(issued, dict) and "date-parts" in issued
    return dated or (fields.get("type") in _TYPES and not _NAMES.isdisjoint(fields))


def _zotero_fields(element: _Fields) -> _Fields:
    # The Web API wraps an item's fields; nothing else has both.
    inner = element.get("data")
    return inner if isinstance(inner, dict) and "itemType" in inner else element


def _read(data: bytes) -> Contents:
    found = _parsed(decoded(data))
    whole: _Fields = found if isinstance(found, dict) else {"items": found}
    elements = whole.get("items")
    if not isinstance(elements, list):
        raise BadResponse("CSL-JSON", "holds no list of items; export the library again")
    folders = Folders.of(whole.get("collections"))
    records = (_record(element, n, folders) for n, element in enumerate(elements, start=1))
    return Contents(entries(records), folders.collections)


def _parsed(text: str) -> Any:
    try:
        # Numbers stay text: none is reckoned with, and one of a thousand digits is no error.
        return json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        cut = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        what = "the file is cut off here" if cut else f"no JSON ({error.msg})"
        message = f"line {error.lineno}: {what}; export the library again"
        raise BadResponse("CSL-JSON", message) from error
    except RecursionError as error:
        raise BadResponse("CSL-JSON", "is nested too deeply; export the library again") from error


def _record(element: object, n: int, folders: Folders) -> Record | Unreadable:
    if not isinstance(element, dict):
        return Unreadable("", Skipped(f"item {n}", "is not an object with fields"))
    fields = _zotero_fields(element)
    if "itemType" in fields:
        return zotero_json.record(fields, n, folders)
    return _from_csl(fields, n)


def _from_csl(fields: _Fields, n: int) -> Record:
    own = text(fields.get("id")) or text(fields.get("citation-key"))
    genre = text(fields.get("type"))
    notes = (fields.get(name) for name in ("note", "extra", "number", "archive_location"))
    return Record(
        key=own,
        place=place(f"item {n}", own),
        genre=genre,
        genres=_GENRES,
        title=_first(fields, "title", "title-short"),
        # Of a book, the container is a series.
        book=text(fields.get("container-title")) if genre in _PARTS else "",
        abstract=text(fields.get("abstract")),
        authors=_authors(listed(fields.get("author"))),
        editors=_authors(listed(fields.get("editor"))),
        venues=_each(fields, "container-title", "event-title", "event", "publisher"),
        published=_date(fields.get("issued")),
        isbns=" ".join(text(isbn) for isbn in listed(fields.get("ISBN"))),
        named=(
            attempt(Scheme.DOI, text(fields.get("DOI"))),
            attempt(Scheme.PMID, text(fields.get("PMID"))),
        ),
        urls=(storable(str(fields.get("URL") or "")),),
        extra="\n".join(storable(n) for note in notes for n in listed(note) if isinstance(n, str)),
        tags=tags(_words(fields.get("keyword"))),
        categories=tuple(tag.name for tag in tags(_words(fields.get("categories")))),
    )


def _first(fields: _Fields, *names: str) -> str:
    return next(iter(_each(fields, *names)), "")


def _each(fields: _Fields, *names: str) -> tuple[str, ...]:
    return tuple(found for name in names if (found := text(fields.get(name))))


def _authors(names: list[Any]) -> tuple[Author, ...]:
    return tuple(author for author in map(_author, names) if author.family)


def _author(name: object) -> Author:
    if not isinstance(name, dict):
        return Author.of(text(name))
    family = f"{text(name.get('non-dropping-particle'))} {text(name.get('family'))}".strip()
    parts = (text(name.get(part)) for part in ("given", "dropping-particle", "suffix"))
    given = " ".join(part for part in parts if part)
    return Author(family, given) if family else Author(text(name.get("literal")) or given)


def _date(value: object) -> str:
    if not isinstance(value, dict):
        return date_in(text(value))
    parts = value.get("date-parts")
    # The first of two is where a range begins.
    begin = parts[0] if isinstance(parts, list) and parts else []
    spelled = partial_date(*(begin[:3] or [""])) if isinstance(begin, list) else ""
    return spelled or date_in(_first(value, "raw", "literal"))


def _words(value: object) -> list[str]:
    words = [word for word in listed(value) if isinstance(word, str)]
    return [part for word in words for part in word.split(";" if ";" in word else ",")]


_ITEMS = re.compile(r'"items"\s*:\s*\[')
_PARTS = ("chapter", "book-chapter", "entry", "entry-dictionary", "entry-encyclopedia")
_GENRES = Genres(
    papers={
        "article": Kind.PREPRINT,
        "article-journal": Kind.ARTICLE,
        "article-magazine": Kind.ARTICLE,
        "article-newspaper": Kind.ARTICLE,
        "book": Kind.BOOK,
        "classic": Kind.BOOK,
        "manuscript": Kind.OTHER,
        "pamphlet": Kind.OTHER,
        "paper-conference": Kind.CONFERENCE,
        "report": Kind.REPORT,
        "review": Kind.ARTICLE,
        "review-book": Kind.ARTICLE,
        "standard": Kind.REPORT,
        "thesis": Kind.THESIS,
        # What doi.org answers has its registrar's words.
        "dissertation": Kind.THESIS,
        "journal-article": Kind.ARTICLE,
        "monograph": Kind.BOOK,
        "posted-content": Kind.PREPRINT,
        "proceedings-article": Kind.CONFERENCE,
    }
    | dict.fromkeys(_PARTS, Kind.CHAPTER),
    pages=frozenset(("post", "post-weblog", "webpage")),
    others=frozenset((
        "bill", "broadcast", "collection", "dataset", "event", "figure", "graphic", "hearing",
        "interview", "legal_case", "legislation", "map", "motion_picture", "musical_score",
        "patent", "performance", "periodical", "personal_communication", "regulation", "software",
        "song", "speech", "treaty",
    )),
)  # fmt: skip
# In what others publish as JSON, a type is called something else, or the list is.
_TYPES = (*_GENRES.papers, *_GENRES.pages, *_GENRES.others, "document")
_FIRST_FEW = 20
_BETWEEN = (" ", "\n", "\t", ",")
_DECODER = json.JSONDecoder()
_NAMES = frozenset(("id", "title", "citation-key", "DOI"))
_ITEM = re.compile(
    rf'"itemType"\s*:\s*"|"type"\s*:\s*"(?:{"|".join(_TYPES)})"|"date-parts"\s*:\s*\['
)
_NAMED = re.compile(rf'"(?:{"|".join(_NAMES)}|itemType)"\s*:')

CSL_JSON = LibraryFormat("CSL-JSON", _matches, _read)
