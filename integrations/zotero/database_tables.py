"""The tables of Zotero's database, of any age from Zotero 5 on."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from integrations.files.contents import Contents
from integrations.files.records import outer_first, storable
from integrations.zotero.convert import CreatorRow, ItemRow, entries
from recommender.errors import BadResponse
from recommender.library import Collection

SERVICE = "Zotero database"


@dataclass(frozen=True, slots=True)
class Held:
    """One of the libraries in a database.

    Attributes:
        prefix: Stands before its keys: ``groups/<number>/``; empty for the reader's own.
        called: What its owner calls it.
        collections: All of them, trashed ones too.
    """

    prefix: str
    called: str
    collections: tuple[Collection, ...]


class Tables:
    """The tables of one opened database.

    Args:
        database: Opened; whatever it holds is only read.

    Raises:
        BadResponse: If it is not Zotero's, or too old.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._names = {str(name) for (name,) in rows}
        if not self._names >= _NEEDED:
            message = "is a SQLite database, but not Zotero's; give Zotero's own zotero.sqlite"
            raise BadResponse(SERVICE, message)
        if "type" not in self._columns("libraries"):
            message = "is of Zotero 4 or older; open it once with a newer Zotero"
            raise BadResponse(SERVICE, message)

    def contents(self, prefix: str | None) -> Contents:
        """What is in all libraries, or in the one whose keys begin with a prefix.

        Raises:
            BadResponse: If there is no such library.
        """
        prefixes = {n: p for n, p in self._prefixes().items() if prefix in {None, p}}
        if not prefixes:
            # A group that the reader left must not look like one whose items were all deleted.
            message = f"holds no library {prefix}; join the group again, or correct the settings"
            raise BadResponse(SERVICE, message)
        return Contents(
            entries(self._items(prefixes)), outer_first(self._collections(prefixes).values())
        )

    def libraries(self) -> tuple[Held, ...]:
        """All libraries with what they are called and their collections, the reader's own first."""
        names = {
            f"groups/{group}/": _text(name)
            for group, name in self._rows("groups", "SELECT groupID, name FROM groups")
        }
        prefixes = sorted(self._prefixes().items(), key=lambda one: (one[1] != "", one[0]))
        return tuple(
            Held(
                prefix,
                names.get(prefix, "My Library"),
                tuple(self._collections({number: prefix}).values()),
            )
            for number, prefix in prefixes
        )

    def _prefixes(self) -> dict[int, str]:
        """What stands before the keys of each library that is read, by the library's number."""
        rows = self._rows("libraries", "SELECT libraryID, type FROM libraries")
        kinds = dict(rows)
        groups = dict(self._rows("groups", "SELECT libraryID, groupID FROM groups"))
        found = {number: "" for number, kind in kinds.items() if kind == "user"}
        for number, group in groups.items():
            if kinds.get(number) == "group":
                found[number] = f"groups/{group}/"
        return found

    def _collections(self, prefixes: dict[int, str]) -> dict[int, Collection]:
        trashed = self._numbers("deletedCollections", "SELECT collectionID FROM deletedCollections")
        rows = [
            (number, prefixes[library] + str(key), name, parent)
            for number, library, key, name, parent in self._rows(
                "collections",
                "SELECT collectionID, libraryID, key, collectionName, parentCollectionID"
                " FROM collections ORDER BY collectionID",
            )
            if library in prefixes
        ]
        keys = {number: key for number, key, _, _ in rows}
        return {
            number: Collection(key, _text(name) or key, keys.get(parent), number in trashed)
            for number, key, name, parent in rows
        }

    def _items(self, prefixes: dict[int, str]) -> Iterator[ItemRow]:
        trashed = self._numbers("deletedItems", "SELECT itemID FROM deletedItems")
        types = self._words(
            "itemTypesCombined", "SELECT itemTypeID, typeName FROM itemTypesCombined"
        ) or self._words("itemTypes", "SELECT itemTypeID, typeName FROM itemTypes")
        fields = self._fields()
        creators, tags = self._creators(), self._tags()
        folders = self._folders(self._collections(prefixes))
        members, parents = self._members(), self._parents()
        keys = dict(self._rows("items", "SELECT itemID, key FROM items"))
        notes = self._words("itemNotes", "SELECT itemID, note FROM itemNotes")
        read = self._read_times()
        for number, type_number, added, library, key in self._rows(
            "items",
            "SELECT itemID, itemTypeID, dateAdded, libraryID, key FROM items"
            " ORDER BY libraryID, itemID",
        ):
            if library in prefixes:
                yield ItemRow(
                    key=prefixes[library] + str(key),
                    item_type=types.get(type_number, ""),
                    added=_text(added),
                    added_by=members.get(number, ""),
                    trashed=number in trashed,
                    fields=fields.get(number, {}),
                    creators=tuple(creators.get(number, ())),
                    tags=tuple(tags.get(number, ())),
                    collections=tuple(folders.get(number, ())),
                    parent=prefixes[library] + str(keys[up])
                    if (up := parents.get(number)) in keys
                    else "",
                    read=read.get(number),
                    note=notes.get(number, ""),
                )

    def _fields(self) -> dict[int, dict[str, str]]:
        # The combined tables hold the reader's own types and fields too; older files lack them.
        names = self._words("fieldsCombined", "SELECT fieldID, fieldName FROM fieldsCombined")
        names = names or self._words("fields", "SELECT fieldID, fieldName FROM fields")
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for item, field, value in self._rows(
            "itemData",
            "SELECT itemID, fieldID, value FROM itemData JOIN itemDataValues USING (valueID)",
        ):
            found[item][names.get(field, "")] = _text(value)
        return found

    def _creators(self) -> dict[int, list[CreatorRow]]:
        roles = self._words("creatorTypes", "SELECT creatorTypeID, creatorType FROM creatorTypes")
        found: dict[int, list[CreatorRow]] = defaultdict(list)
        for item, role, first, last, mode in self._rows(
            "creators",
            "SELECT itemID, creatorTypeID, firstName, lastName, fieldMode"
            " FROM itemCreators JOIN creators USING (creatorID) ORDER BY itemID, orderIndex",
        ):
            name = CreatorRow(roles.get(role, ""), _text(first), _text(last), mode == 1)
            found[item].append(name)
        return found

    def _tags(self) -> dict[int, list[tuple[str, bool]]]:
        found: dict[int, list[tuple[str, bool]]] = defaultdict(list)
        for item, name, kind in self._rows(
            "itemTags",
            "SELECT itemID, name, itemTags.type FROM itemTags JOIN tags USING (tagID)"
            " ORDER BY itemID, tagID",
        ):
            found[item].append((_text(name), kind == 1))
        return found

    def _folders(self, collections: dict[int, Collection]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for collection, item in self._rows(
            "collectionItems",
            "SELECT collectionID, itemID FROM collectionItems ORDER BY collectionID",
        ):
            if collection in collections:
                found[item].append(collections[collection].key)
        return found

    def _members(self) -> dict[int, str]:
        if "users" not in self._names:
            return {}
        return self._words(
            "groupItems",
            "SELECT itemID, name FROM groupItems JOIN users ON userID = createdByUserID",
        )

    def _parents(self) -> dict[int, int]:
        """What notes, attachments and annotations are a part of."""
        return {
            number: parent
            for table in ("itemNotes", "itemAttachments", "itemAnnotations")
            for number, parent in self._rows(table, f"SELECT itemID, parentItemID FROM {table}")  # noqa: S608 - our own words
            if parent is not None
        }

    def _read_times(self) -> dict[int, int]:
        # Since Zotero 9.
        if "lastRead" not in self._columns("itemAttachments"):
            return {}
        query = "SELECT itemID, lastRead FROM itemAttachments WHERE lastRead IS NOT NULL"
        return dict(self._rows("itemAttachments", query))

    def _words(self, table: str, query: str) -> dict[int, str]:
        return {number: _text(word) for number, word in self._rows(table, query)}

    def _numbers(self, table: str, query: str) -> set[int]:
        return {number for (number,) in self._rows(table, query)}

    def _rows(self, table: str, query: str) -> Iterable[tuple[Any, ...]]:
        """A query's rows; none where a program of another age has no such table."""
        return self._database.execute(query) if table in self._names else ()

    def _columns(self, table: str) -> set[str]:
        query = "SELECT name FROM pragma_table_info(?)"
        return {str(name) for (name,) in self._database.execute(query, (table,))}


def _text(value: object) -> str:
    # The column of values has no type: a volume of 12 may be a number.
    return "" if value is None or isinstance(value, bytes) else storable(str(value))


_NEEDED = {"items", "itemTypes", "itemData", "itemDataValues", "fields", "libraries", "collections"}
