"""Zotero's own items in JSON: Better BibTeX's export of a library, and what the Web API answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from integrations.files.records import Genres, Record, outer_first, place, storable, tags, text
from recommender.identifiers import Scheme, attempt
from recommender.library import Collection, Tag
from recommender.papers import Author, Kind, date_in

GENRES = Genres(
    papers={
        "journalArticle": Kind.ARTICLE,
        "magazineArticle": Kind.ARTICLE,
        "newspaperArticle": Kind.ARTICLE,
        "conferencePaper": Kind.CONFERENCE,
        "preprint": Kind.PREPRINT,
        "book": Kind.BOOK,
        "bookSection": Kind.CHAPTER,
        "dictionaryEntry": Kind.CHAPTER,
        "encyclopediaArticle": Kind.CHAPTER,
        "thesis": Kind.THESIS,
        "report": Kind.REPORT,
        "standard": Kind.REPORT,
        "manuscript": Kind.OTHER,
    },
    pages=frozenset(("webpage", "blogPost", "forumPost")),
    others=frozenset((
        "annotation", "artwork", "attachment", "audioRecording", "bill", "case", "classic",
        "computerProgram", "dataset", "email", "film", "gazette", "hearing", "instantMessage",
        "interview", "legalCommentary", "letter", "map", "note", "patent", "podcast",
        "presentation", "radioBroadcast", "regulation", "statute", "treaty", "tvBroadcast",
        "videoRecording",
    )),
)  # fmt: skip
"""What Zotero's item types are."""

_VENUES = (
    "publicationTitle", "proceedingsTitle", "bookTitle", "encyclopediaTitle", "dictionaryTitle",
    "conferenceName", "repository", "university", "institution", "publisher",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folders:
    """The collections of a library, and which of them hold an item, by the item's number."""

    collections: tuple[Collection, ...] = ()
    by_item: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, collections: object) -> "Folders":
        """The folders that Better BibTeX writes beside the items; none for anything else."""
        if isinstance(collections, dict):
            collections = list(collections.values())
        if not isinstance(collections, list):
            return cls()
        found, by_item = [], dict[str, tuple[str, ...]]()
        for folder in collections:
            if not isinstance(folder, dict) or not text(folder.get("key")):
                continue
            key = text(folder["key"])
            name = text(folder.get("name")) or key
            found.append(Collection(key, name, text(folder.get("parent")) or None))
            for item in listed(folder.get("items")):
                by_item[str(item)] = (*by_item.get(str(item), ()), key)
        return cls(outer_first(found), by_item)


def record(fields: Mapping[str, Any], n: int, folders: Folders) -> Record:
    """The record that one of Zotero's items is.

    Args:
        fields: The item as Zotero names its fields.
        n: Its position in the file, from 1.
        folders: The collections of the file.
    """
    genre = text(fields.get("itemType"))
    keys = [text(fields.get(name)) for name in ("key", "itemKey", "citationKey", "itemID")]
    own = next((key for key in keys if key), "")
    inside = [text(key) for key in listed(fields.get("collections"))]
    inside += folders.by_item.get(text(fields.get("itemID")), ())
    extra = [value for value in listed(fields.get("extra")) if isinstance(value, str)]
    people = _people(listed(fields.get("creators")))
    numbers = (text(fields.get(name)) for name in ("archiveID", "reportNumber", "number"))
    return Record(
        key=own,
        place=place(f"item {n}", own),
        genre=genre,
        genres=GENRES,
        title=text(fields.get("title")) or text(fields.get("shortTitle")),
        book=text(fields.get("bookTitle")),
        abstract=text(fields.get("abstractNote")),
        authors=tuple(people.get("author", ())),
        editors=tuple(people.get("editor", ())),
        venues=tuple(found for name in _VENUES if (found := text(fields.get(name)))),
        published=date_in(text(fields.get("date"))),
        isbns=text(fields.get("ISBN")),
        named=(
            attempt(Scheme.DOI, text(fields.get("DOI"))),
            attempt(Scheme.PMID, text(fields.get("PMID"))),
        ),
        urls=(storable(str(fields.get("url") or "")),),
        extra="\n".join([*map(storable, extra), *numbers]),
        tags=_tags(listed(fields.get("tags"))),
        collections=tuple(dict.fromkeys(key for key in inside if key)),
        added_at=moment(text(fields.get("dateAdded"))),
        trashed=str(fields.get("deleted")) in {"1", "True"},
    )


def listed(value: object) -> list[Any]:
    """A field's values, one or many."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def moment(spelled: str) -> datetime | None:
    """The moment that Zotero spells, in UTC; nothing where it spells none."""
    try:
        found = datetime.fromisoformat(spelled)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _people(creators: Iterable[object]) -> dict[str, list[Author]]:
    """The creators by what they did, in their order."""
    found: dict[str, list[Author]] = {}
    for creator in creators:
        if not isinstance(creator, dict):
            continue
        family = text(creator.get("lastName")) or text(creator.get("name"))
        if family:
            role = text(creator.get("creatorType")) or "author"
            found.setdefault(role, []).append(Author(family, text(creator.get("firstName"))))
    return found


def _tags(values: Iterable[object]) -> tuple[Tag, ...]:
    found: list[Tag] = []
    for value in values:
        word = value.get("tag") if isinstance(value, dict) else value
        automatic = isinstance(value, dict) and str(value.get("type")) == "1"
        found += tags([word] if isinstance(word, str) else [], automatic=automatic)
    return tuple(dict.fromkeys(found))
