"""Zotero's items to entries, from its database's rows or its interfaces' JSON. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from integrations.files.records import entries as entries_of
from integrations.files.zotero_json import Folders, record
from recommender.library import Entry, Item


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


def entries(rows: Iterable[ItemRow]) -> tuple[Entry, ...]:
    """The entries that rows of the database are, one for each, in their order.

    A web page or blog post with a paper's id is a paper; notes, attachments, software, films, laws
    and the like never are. The kind of an ``OtherKind`` is Zotero's type.
    """
    rows = tuple(rows)
    found = entries_of(record(as_json(row), n, Folders()) for n, row in enumerate(rows, start=1))
    return tuple(
        replace(entry, added_by=row.added_by) if isinstance(entry, Item) else entry
        for row, entry in zip(rows, found, strict=True)
    )


def entry(item: Mapping[str, Any], n: int = 1) -> Entry:
    """The entry that an item's JSON is, as the Web API's or the local API's ``data`` has it.

    Args:
        item: The JSON object, with its ``key``.
        n: Its position in the answer, from 1, for the report if it cannot be read.
    """
    return entries_of([record(item, n, Folders())])[0]


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


def _creator(creator: CreatorRow) -> dict[str, str]:
    if creator.single:
        return {"creatorType": creator.role, "name": creator.last}
    return {"creatorType": creator.role, "firstName": creator.first, "lastName": creator.last}


_TWO_PARTS = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (.*))?$", re.S)
