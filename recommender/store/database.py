"""The store's SQLite file: opening, migrating, transactions, and what its errors mean."""

import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from recommender.errors import DamagedStore, ForeignStore, StoreError
from recommender.store.rows import searched_of
from recommender.store.schema import APPLICATION_ID, MIGRATIONS, NEWEST

_Value = TypeVar("_Value")

# SQLite's primary result codes that are no mistake of ours: what happened, and what to do now.
_MEANINGS = {
    sqlite3.SQLITE_BUSY: ("is in use by another run", "wait until that is done and try again"),
    sqlite3.SQLITE_LOCKED: ("is in use by another run", "wait until that is done and try again"),
    sqlite3.SQLITE_PERM: ("may not be used", "check who owns it and its permissions"),
    sqlite3.SQLITE_READONLY: ("may not be written", "check who owns it and its permissions"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that it is a file that you may write"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "make room and try again"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "check the disk, then try again"),
    sqlite3.SQLITE_NOTADB: ("is no SQLite file", "move it away or name another file"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "the next run sets it aside and begins a new one"),
}
_LEAVES = {sqlite3.SQLITE_CORRUPT: DamagedStore, sqlite3.SQLITE_NOTADB: ForeignStore}
# Room that is not used any more is given back once it is this part of the file, and this much.
_PART_FREE = 4
_LEAST_FREE = 4 << 20
_SCHEMA = "SELECT name, sql FROM sqlite_master ORDER BY name"
# Where a file says whose it is (https://www.sqlite.org/fileformat2.html).
_MARK = slice(68, 72)
# Smaller files hold no page; SQLite takes one of a few bytes for an empty database.
_SMALLEST = 512


class Database:
    """One open file, for one thread.

    Attributes:
        name: What messages call it: its path, or that it is in memory.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    @classmethod
    def open(cls, path: Path | None, patience: timedelta, *, is_known: bool = False) -> "Database":
        """The file, made if it is not there and brought to the newest form.

        One that is known is not looked through for damage, which takes longer the larger it is.

        Raises:
            StoreError: If it cannot be used as it is.
        """
        name = f"the store {path}" if path else "the store in memory"
        if path:
            _make_room(path, name)
        with _translated(name):
            connection = sqlite3.connect(
                path or ":memory:", timeout=patience.total_seconds(), isolation_level=None
            )
            database = cls(connection, name)
            try:
                _declare(connection)
                database._prepare(patience, is_known=is_known)
            except sqlite3.OperationalError as error:
                connection.close()
                # What every file of ours has is not there.
                if _primary(error) == sqlite3.SQLITE_ERROR:
                    raise _meant(name, sqlite3.SQLITE_CORRUPT) from error
                raise
            except BaseException:
                connection.close()
                raise
        return database

    def copy(self) -> "Database":
        """An independent copy of it in memory.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self.reading() as connection:
            # A backup waits for another process for ever, unless this one may read already.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            copied = sqlite3.connect(":memory:", isolation_level=None)
            try:
                connection.backup(copied)
                _declare(copied)
                copied.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                copied.close()
                raise
        return Database(copied, f"a copy of {self.name}")

    def save_copy(self, path: Path) -> None:
        """Write a copy of it into a file that is not there yet, or empty.

        Raises:
            StoreError: If this file cannot be read, or that one cannot be written.
        """
        with self.reading() as connection:
            # A backup waits for another process for ever, unless this one may read already.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with _translated(f"the copy {path}"), closing(sqlite3.connect(path)) as copied:
                connection.backup(copied)

    def compact(self) -> bool:
        """Give back the room that is not used any more, if that is much; tells whether it was.

        Much is a quarter of the file and 4 MB. Where the disk has no room for the copy that this
        takes, the file stays as it is until the next time.

        Raises:
            StoreError: If the file cannot be written.
        """
        with _translated(self.name):
            free = self._pragma("freelist_count")
            is_much = free * _PART_FREE > self._pragma("page_count")
            if not is_much or free * self._pragma("page_size") < _LEAST_FREE:
                return False
            try:
                self._connection.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_FULL:
                    raise
                return False
        return True

    def close(self) -> None:
        """Close it; closing twice does nothing."""
        self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the file throughout and changes nothing.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._translated(), self._transaction("BEGIN"):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is carried out as a whole or, on any exception, not at all.

        Another process's transaction is waited for.

        Raises:
            StoreError: If the file cannot be written.
        """
        with self._translated(), self._transaction("BEGIN IMMEDIATE"):
            yield self._connection

    def values(self, build: Callable[..., _Value], rows: Iterable[tuple[Any, ...]]) -> list[_Value]:
        """The value of each row.

        Args:
            build: Makes a value of a row's columns.
            rows: The columns of each row.

        Raises:
            StoreError: If a row holds what no program of ours wrote.
        """
        try:
            return [build(*row) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise _meant(self.name, sqlite3.SQLITE_CORRUPT) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with _translated(self.name):
                yield
        except sqlite3.DatabaseError as error:
            # A mistake of ours, unless the tables themselves have lost a letter.
            if self._is_as_made():
                raise
            raise _meant(self.name, sqlite3.SQLITE_CORRUPT) from error

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._connection.execute(begin)
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _prepare(self, patience: timedelta, *, is_known: bool) -> None:
        if self._is_new():
            self._keep_a_log(patience)
        elif self._pragma("application_id") != APPLICATION_ID:
            raise ForeignStore(f"{self.name} is another program's; name another file")
        elif not is_known and self._pragma("quick_check(1)") != "ok":
            raise _meant(self.name, sqlite3.SQLITE_CORRUPT)
        if self._pragma("user_version") > NEWEST:
            raise StoreError(
                f"{self.name} was written by a newer version of this program; update the program"
            )
        for version in sorted(MIGRATIONS):
            self._migrate(version)
        # Off while migrating: a table that is made anew is gone for a moment.
        self._connection.execute("PRAGMA foreign_keys = ON")

    def _keep_a_log(self, patience: timedelta) -> None:
        """Choose the journal in which readers and a writer do not wait for each other.

        The file remembers it. SQLite does not wait by itself here for another process that is
        making the file too.
        """
        until = time.monotonic() + patience.total_seconds()
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def _is_new(self) -> bool:
        marked = self._pragma("application_id") or self._pragma("user_version")
        return not marked and not self._one("SELECT count(*) FROM sqlite_master")

    def _migrate(self, version: int) -> None:
        if self._pragma("user_version") >= version:
            return
        with self._transaction("BEGIN IMMEDIATE"):
            # Another process may have done it while we waited.
            if self._pragma("user_version") >= version:
                return
            for statement in _statements(MIGRATIONS[version]):
                self._connection.execute(statement)
            if self._connection.execute("PRAGMA foreign_key_check").fetchone():
                raise _meant(self.name, sqlite3.SQLITE_CORRUPT)
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {version}")

    def _is_as_made(self) -> bool:
        """Whether the tables are those of a new file."""
        with closing(Database.open(None, timedelta(0))) as new:
            made, here = (one._connection.execute(_SCHEMA).fetchall() for one in (new, self))  # noqa: SLF001 - ours
            return made == here

    def _pragma(self, name: str) -> Any:
        return self._one(f"PRAGMA {name}")

    def _one(self, sql: str) -> Any:
        with closing(self._connection.execute(sql)) as cursor:
            return cursor.fetchone()[0]


def is_ours(path: Path) -> bool:
    """Whether a file begins as a store does; False where there is none."""
    try:
        with path.open("rb") as file:
            start = file.read(_MARK.stop)
    except OSError:
        return False
    return start.startswith(b"SQLite format 3\0") and start[_MARK] == APPLICATION_ID.to_bytes(4)


def seal_of(*columns: str) -> int:
    """A checksum of a row's columns."""
    return zlib.crc32("\0".join(map(str, columns)).encode("utf-8", "surrogatepass"))


def _declare(connection: sqlite3.Connection) -> None:
    """Let statements use what SQLite does not have."""
    connection.create_function("seal_of", -1, seal_of, deterministic=True)
    connection.create_function("searched_of", 1, searched_of, deterministic=True)


def _make_room(path: Path, name: str) -> None:
    """Make an empty file that only its owner may read, with the folders around it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            if path.is_file() and 0 < path.stat().st_size < _SMALLEST:
                raise _meant(name, sqlite3.SQLITE_NOTADB) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreError(f"{name} cannot be made: {reason}; name another file") from error


def _statements(script: str) -> Iterator[str]:
    """A script's statements; ``executescript`` would commit before the first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn SQLite's errors that are no mistake of ours into the one that people are shown."""
    try:
        yield
    except sqlite3.Error as error:
        code = _primary(error)
        if isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode"):
            # Python's own: a text in the file is none.
            code = sqlite3.SQLITE_CORRUPT
        if code not in _MEANINGS:
            raise
        raise _meant(name, code) from error


def _primary(error: sqlite3.Error) -> int:
    """What happened, without how; 0 where SQLite itself had no part in it."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _meant(name: str, code: int) -> StoreError:
    what, now = _MEANINGS[code]
    return _LEAVES.get(code, StoreError)(f"{name} {what}; {now}")
