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
from collections.abc import Callable, Iterator, MutableMapping
from collections.abc import Collection as Keys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from integrations.files.contents import Contents, LibraryFormat
from integrations.zotero.convert import digest
from integrations.zotero.database_tables import SERVICE, Held, Tables
from integrations.zotero.shelves import Ours, our_collections
from integrations.zotero.versions import DATABASE, Version, missing, tells_all
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.library import Changes, Entry

_Found = TypeVar("_Found")
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
    return _read_copy(path, lambda tables: tables.contents(None))


def libraries(path: Path) -> tuple[Held, ...]:
    """The libraries in a ``zotero.sqlite``, the reader's own first, feeds left out.

    Raises:
        BadResponse: As for ``read_file``.
        TransientError: As for ``read_file``.
    """
    return _read_copy(path, Tables.libraries)


def _read_copy(path: Path, read: Callable[[Tables], _Found]) -> _Found:
    with tempfile.TemporaryDirectory(prefix="shelfwise-") as scratch:
        copy = Path(scratch, "zotero.sqlite")
        _copy_whole(path, copy)
        try:
            return _opened(copy, read)
        except BadResponse as error:
            message = f"{path.name}: {str(error).removeprefix('is ')}"
            raise BadResponse(SERVICE, message) from error


def _read(content: bytes) -> Contents:
    with tempfile.TemporaryDirectory(prefix="shelfwise-") as scratch:
        copy = Path(scratch, "zotero.sqlite")
        copy.write_bytes(content)
        return _opened(copy, lambda tables: tables.contents(None))


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
                    SERVICE, f"{path.name}: no such file; correct its path"
                ) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            message = f"{path.name}: cannot be copied to be read ({why}); check who may read it"
            raise BadResponse(SERVICE, message) from error
    message = f"{path.name}: keeps changing while it is read; try again when Zotero is idle"
    raise TransientError(SERVICE, message)


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


def _opened(copy: Path, read: Callable[[Tables], _Found]) -> _Found:
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            # What a file's views and triggers would run is not ours to run.
            database.execute("PRAGMA trusted_schema = OFF")
            return read(Tables(database))
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # What SQLite says quotes the file, and where that is no text Python cannot even say it.
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        message = f"is damaged ({name}); restore one of Zotero's backups (zotero.sqlite.bak)"
        raise BadResponse(SERVICE, message) from error


class ZoteroDatabase:
    """One library in Zotero's database file, read anew whenever the file changed.

    Args:
        path: The database.
        library: ``user`` or ``group:<number>``.
        memory: What is kept between runs: here the keys that were seen in the file, and what the
            shelf calls its own.
        name: In reports and in the store; the file and the library by default.
        ours: Which of all collections are our shelf's; what is remembered, by default.

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
        ours: Ours | None = None,
    ) -> None:
        group = re.fullmatch(r"group:(\d+)", library)
        if library != "user" and not group:
            raise ConfigError(f"{library!r} is no Zotero library; write user or group:<number>")
        self._path = path
        self._prefix = f"groups/{group[1]}/" if group else ""
        self._library = library
        self._memory = memory if memory is not None else {}
        self._name = name or f"{path} ({library})"
        self._ours = ours or partial(
            our_collections,
            library=self._prefix.rstrip("/") or "users/0",
            path="",
            remembered=self._memory,
        )
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
        shelves = self._ours(contents.collections)
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
            self._known = (
                state,
                _read_copy(self._path, lambda tables: tables.contents(self._prefix)),
            )
        return self._known[1]


ZOTERO_DATABASE = LibraryFormat(SERVICE, _matches, _read)
