"""Zotero's database file, read from a copy: with Zotero running or closed, and never harmed.

The program keeps what it wrote last in a second file (``zotero.sqlite-wal``, since Zotero 10) and
holds a lock, so the file cannot be opened where it lies, and alone it is out of date. Both are
copied and the copy is opened; nothing is ever written beside the original.
"""

import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from integrations.files.contents import Contents, LibraryFormat
from integrations.files.records import outer_first, storable
from integrations.zotero.convert import CreatorRow, ItemRow, entries
from recommender.errors import BadResponse, TransientError
from recommender.library import Collection

_SERVICE = "Zotero database"
_MAGIC = b"SQLite format 3\0"
# SQLite's own files beside a database: what is not in it yet, and what has to be undone in it.
_BESIDE = ("-wal", "-journal")
_ATTEMPTS = 5


def read_file(path: Path) -> Contents:
    """What is in the user's library and in the groups' in a ``zotero.sqlite``, feeds left out.

    A group's keys, of items and collections, begin with ``groups/<number>/``. Items in the trash
    are there, as ``trashed``.

    Args:
        path: The database; its ``-wal`` and ``-journal`` are read too, if they are there.

    Raises:
        BadResponse: If it is no database of Zotero's, damaged, or cannot be read at all.
        TransientError: If it went on changing while it was copied.
    """
    with tempfile.TemporaryDirectory(prefix="shelfwise-") as scratch:
        copy = Path(scratch, "zotero.sqlite")
        _copy_whole(path, copy)
        try:
            return _contents(copy)
        except BadResponse as error:
            message = f"{path.name}: {str(error).removeprefix('is ')}"
            raise BadResponse(_SERVICE, message) from error


def _read(content: bytes) -> Contents:
    with tempfile.TemporaryDirectory(prefix="shelfwise-") as scratch:
        copy = Path(scratch, "zotero.sqlite")
        copy.write_bytes(content)
        return _contents(copy)


def _matches(head: bytes) -> bool:
    return head.startswith(_MAGIC)


def _copy_whole(path: Path, copy: Path) -> None:
    """Copies the database with the files beside it, all as of one moment."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(0.2 * attempt)
        try:
            before = _state(path)
            _copy_once(path, copy)
            if _state(path) == before:
                return
        except FileNotFoundError as error:
            # One of the files beside it is deleted whenever the program is done with it.
            if not path.exists():
                raise BadResponse(_SERVICE, f"{path.name}: no such file") from error
        except OSError as error:
            message = f"{path.name}: cannot be copied to be read ({error.strerror or error})"
            raise BadResponse(_SERVICE, message) from error
    message = f"{path.name}: keeps changing while it is read; try again when Zotero is idle"
    raise TransientError(_SERVICE, message)


def _copy_once(path: Path, copy: Path) -> None:
    shutil.copyfile(path, copy)
    for ending in _BESIDE:
        beside, target = _beside(path, ending), _beside(copy, ending)
        target.unlink(missing_ok=True)
        if beside.exists():
            shutil.copyfile(beside, target)


def _state(path: Path) -> tuple[tuple[int, int] | None, ...]:
    files = (path, *(_beside(path, ending) for ending in _BESIDE))
    found = (file.stat() if file.exists() else None for file in files)
    return tuple((stat.st_size, stat.st_mtime_ns) if stat else None for stat in found)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _contents(copy: Path) -> Contents:
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            # What a file's views and triggers would run is not ours to run.
            database.execute("PRAGMA trusted_schema = OFF")
            return _Tables(database).contents()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # What SQLite says quotes the file, and where that is no text Python cannot even say it.
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        message = f"is damaged ({name}); restore one of Zotero's backups (zotero.sqlite.bak)"
        raise BadResponse(_SERVICE, message) from error


class _Tables:
    """The tables of one opened database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._names = {str(name) for (name,) in rows}
        if not self._names >= _NEEDED:
            message = "is a SQLite database, but not Zotero's; give Zotero's own zotero.sqlite"
            raise BadResponse(_SERVICE, message)
        if "type" not in self._columns("libraries"):
            message = "is of Zotero 4 or older; open it once with a newer Zotero"
            raise BadResponse(_SERVICE, message)

    def contents(self) -> Contents:
        prefixes = self._prefixes()
        return Contents(
            entries(self._items(prefixes)), outer_first(self._collections(prefixes).values())
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
        members = self._members()
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

ZOTERO_DATABASE = LibraryFormat(_SERVICE, _matches, _read)
