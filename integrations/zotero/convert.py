"""Zotero's items to entries, from its database's rows or its interfaces' JSON. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from integrations.files.records import entries as entries_of
from integrations.files.zotero_json import Folders, listed, moment, record
from integrations.zotero.keys import is_tidied, mark_in_extra, mark_in_note
from recommender import library
from recommender.library import Entry, Item, OtherKind


@dataclass(frozen=True, slots=True)
class CreatorRow:
    """A creator of an item, as the database has one.

    Attributes:
        role: Zotero's name for it, such as ``author`` or ``editor``.
        single: ``last`` is the whole name (field mode 1), as of an institution.
    """

    role: str
    first: str
    last: str
    single: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """What the database says of an item, put together from its tables.

    Attributes:
        key: With ``groups/<number>/`` before it in a group's library, where ``collections`` have
            it too.
        item_type: Zotero's name for it, such as ``journalArticle``.
        added: The moment in UTC, with a space in the middle.
        added_by: The member of the group.
        fields: By Zotero's names; ``date`` in the database's two parts.
        creators: In the item's order.
        tags: Names, and whether a program put them there.
        parent: The key of the item or attachment that this is a part of, spelled as ``key``.
        read: When an attachment was last open, in seconds since 1970.
        note: The HTML of a note.
    """

    key: str
    item_type: str
    added: str = ""
    added_by: str = ""
    trashed: bool = False
    fields: Mapping[str, str]
    creators: tuple[CreatorRow, ...] = ()
    tags: tuple[tuple[str, bool], ...] = ()
    collections: tuple[str, ...] = ()
    parent: str = ""
    read: int | None = None
    note: str = ""


def entries(rows: Iterable[ItemRow]) -> tuple[Entry, ...]:
    """The entries that rows of the database are, one for each, in their order.

    A web page or blog post with a paper's id is a paper; notes, attachments, software, films, laws
    and the like never are. The kind of an ``OtherKind`` is Zotero's type.
    """
    rows = tuple(rows)
    spelled = [as_json(row) for row in rows]
    found = entries_of(record(item, n, Folders()) for n, item in enumerate(spelled, start=1))
    return tuple(
        _completed(entry, item, row.added_by)
        for entry, item, row in zip(found, spelled, rows, strict=True)
    )


def entry(item: Mapping[str, Any], n: int = 1) -> Entry:
    """The entry that an item's JSON is, as the Web API's or the local API's ``data`` has it.

    Args:
        item: The JSON object, with its ``key``.
        n: Its position in the answer, from 1, for the report if it cannot be read.
    """
    return _completed(entries_of([record(item, n, Folders())])[0], item, "")


def answered(item: Mapping[str, Any], prefix: str) -> Entry:
    """The entry that one object of an answer is, with its ``data`` and ``meta``.

    Args:
        item: The JSON object; its ``data`` has its ``key``.
        prefix: Stands before the keys of a group's library, such as ``groups/2/``.
    """
    data = item["data"]
    inside = [prefix + key for key in listed(data.get("collections")) if isinstance(key, str)]
    parent = prefix + str(data["parentItem"]) if data.get("parentItem") else ""
    spelled = {**data, "key": prefix + data["key"], "collections": inside, "parentItem": parent}
    found = entry(spelled)
    if isinstance(found, library.Unreadable):
        # Its position would tell nobody anything.
        return replace(found, skipped=replace(found.skipped, place=f"item {found.key}"))
    if isinstance(found, Item):
        return replace(found, added_by=_person(item.get("meta")))
    return found


def collection(found: Mapping[str, Any], prefix: str) -> library.Collection:
    """The collection that one object of an answer is.

    Args:
        found: The JSON object, with its ``data``.
        prefix: As in ``answered``.
    """
    data = found["data"]
    parent = data.get("parentCollection")
    return library.Collection(
        prefix + data["key"],
        str(data.get("name") or data["key"]),
        prefix + str(parent) if parent else None,
        bool(data.get("deleted")),
    )


def digest(content: object) -> str:
    """A short text that is another one whenever the content is: plain or frozen values."""
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def as_json(row: ItemRow) -> dict[str, Any]:
    """A row in the form that Zotero's interfaces give an item: their ``data``."""
    return {
        **row.fields,
        "date": spoken_date(row.fields.get("date", "")),
        "key": row.key,
        "itemType": row.item_type,
        "dateAdded": row.added,
        "deleted": int(row.trashed),
        "collections": list(row.collections),
        "creators": [_creator(creator) for creator in row.creators],
        "tags": [{"tag": name, "type": int(automatic)} for name, automatic in row.tags],
        "parentItem": row.parent,
        "lastRead": row.read,
        "note": row.note,
    }


def spoken_date(stored: str) -> str:
    """The date of a field that the database keeps in two parts, for sorting and as it was typed.

    ``2025-03-14 14 March 2025`` gives ``2025-03-14``, ``2024-11-00 Nov 2024`` gives ``2024-11``,
    ``0000-00-00 in press`` gives ``in press``; a date in one part stays as it is.
    """
    match = _TWO_PARTS.match(stored)
    if not match:
        return stored
    year, month, day, typed = match.groups()
    if year == "0000":
        return typed
    return "-".join([year, *(part for part in (month, day) if part != "00")])


def _completed(found: Entry, item: Mapping[str, Any], added_by: str) -> Entry:
    """An entry with what only Zotero's own interfaces and database say of it."""
    if isinstance(found, Item):
        extra = item.get("extra")
        mark = mark_in_extra(extra)
        return replace(found, added_by=added_by, mark=mark, tidied=is_tidied(extra))
    if isinstance(found, OtherKind):
        return replace(
            found,
            parent=str(item.get("parentItem") or ""),
            read_at=_moment_of(item.get("lastRead")),
            trashed=str(item.get("deleted")) in {"1", "True"},
            # The reader may make a suggestion of ours something that is no paper.
            mark=mark_in_note(item.get("note")) or mark_in_extra(item.get("extra")),
        )
    return found


def _moment_of(seconds: object) -> datetime | None:
    if isinstance(seconds, str):
        return moment(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _person(meta: object) -> str:
    """Who added an item to a group's library, as the others there call them."""
    person = meta.get("createdByUser") if isinstance(meta, Mapping) else None
    if not isinstance(person, Mapping):
        return ""
    return str(person.get("name") or person.get("username") or "")


def _creator(creator: CreatorRow) -> dict[str, str]:
    if creator.single:
        return {"creatorType": creator.role, "name": creator.last}
    return {"creatorType": creator.role, "firstName": creator.first, "lastName": creator.last}


_TWO_PARTS = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (.*))?$", re.S)
