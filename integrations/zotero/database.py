"""Zotero's database file, read from a copy: with Zotero running or closed, and never harmed.

The program keeps what it wrote last in a second file (``zotero.sqlite-wal``, since Zotero 10) and
holds a lock, so the file cannot be opened where it lies, and alone it is out of date. Both are
copied and the copy is opened; nothing is ever written beside the original.
"""

import re
import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection as Keys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from integrations.files.contents import Contents, LibraryFormat
from integrations.files.records import outer_first, storable
from integrations.zotero.convert import CreatorRow, ItemRow, digest, entries, ours
from integrations.zotero.versions import DATABASE, Version, missing, tells_all
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.library import Changes, Collection, Entry

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
    return _read_copy(path, None)


def _read_copy(path: Path, prefix: str | None) -> Contents:
    with tempfile.TemporaryDirectory(prefix="shelfwise-") as scratch:
        copy = Path(scratch, "zotero.sqlite")
        _copy_whole(path, copy)
        try:
            return _contents(copy, prefix)
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
                raise BadResponse(
                    _SERVICE, f"{path.name}: no such file; correct its path"
                ) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            message = f"{path.name}: cannot be copied to be read ({why}); check who may read it"
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


def _contents(copy: Path, prefix: str | None = None) -> Contents:
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            # What a file's views and triggers would run is not ours to run.
            database.execute("PRAGMA trusted_schema = OFF")
            return _Tables(database).contents(prefix)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # What SQLite says quotes the file, and where that is no text Python cannot even say it.
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        message = f"is damaged ({name}); restore one of Zotero's backups (zotero.sqlite.bak)"
        raise BadResponse(_SERVICE, message) from error


class ZoteroDatabase:
    """One library in Zotero's database file, read anew whenever the file changed.

    Args:
        path: The database.
        library: ``user`` or ``group:<number>``.
        memory: What is kept between runs: here the keys that were seen in the file, and what the
            shelf calls its own.
        name: In reports and in the store; the file and the library by default.

    Raises:
        ConfigError: If there can be no such library.
    """

    def __init__(
        self,
        path: Path,
        library: str = "user",
        *,
        memory: MutableMapping[str, str] | None = None,
        name: str = "",
    ) -> None:
        group = re.fullmatch(r"group:(\d+)", library)
        if library != "user" and not group:
            raise ConfigError(f"{library!r} is no Zotero library; write user or group:<number>")
        self._path = path
        self._prefix = f"groups/{group[1]}/" if group else ""
        self._library = library
        self._memory = memory if memory is not None else {}
        self._name = name or f"{path} ({library})"
        self._known: tuple[object, Contents] | None = None

    @property
    def name(self) -> str:
        """Its name in reports and in the store."""
        return self._name

    def changes(self, since: str | None) -> Changes:
        """All there is, as of now: always complete.

        The version, and that of an entry, is a digest of what was read: Zotero's own ones do not
        move with every edit.

        Raises:
            BadResponse: If there is no such file or library, or if it is damaged.
            TransientError: If it went on changing while it was copied.
        """
        contents = self._contents()
        shelves = ours(self._memory, self._prefix)
        collections = tuple(
            replace(found, ours=found.key in shelves) for found in contents.collections
        )
        entries = {entry.key: digest(entry) for entry in contents.entries}
        content = digest([sorted(entries.items()), collections])
        now = Version(place=DATABASE, library=self._library, content=content)
        before = Version.parsed(since)
        if before == now:
            return Changes(version=now.text, entries={}, collections=collections)
        complete = tells_all(now, before, self._memory)
        return Changes(
            version=now.text,
            entries=entries,
            deleted=missing(now, entries.keys(), self._memory),
            collections=collections,
            complete=complete,
        )

    def fetch(self, keys: Keys[str]) -> Iterator[Entry]:
        """The entries of these keys as they are now, in the order in which they were made.

        Raises:
            BadResponse: As for ``changes``.
            TransientError: As for ``changes``.
        """
        wanted = frozenset(keys)
        return (entry for entry in self._contents().entries if entry.key in wanted)

    def _contents(self) -> Contents:
        try:
            state: object = _state(self._path)
        except OSError:
            # Reading it says why.
            state = None
        if self._known is None or self._known[0] != state:
            # As of before the copy, so that a change while copying is read next time.
            self._known = state, _read_copy(self._path, self._prefix)
        return self._known[1]


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

    def contents(self, prefix: str | None) -> Contents:
        """What is in all libraries, or in the one whose keys begin with a prefix."""
        prefixes = {n: p for n, p in self._prefixes().items() if prefix in {None, p}}
        if not prefixes:
            # A group that the reader left must not look like one whose items were all deleted.
            message = f"holds no library {prefix}; join the group again, or correct the settings"
            raise BadResponse(_SERVICE, message)
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

ZOTERO_DATABASE = LibraryFormat(_SERVICE, _matches, _read)
