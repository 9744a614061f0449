"""The store's part for what nobody could make again: whether it is sound, and taking it over.

That is what was suggested, delivered, told and said, what was tuned and what the reader made of the
interests, how the runs were, and what adapters remember; the rest comes from the library and the
sources.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recommender.errors import DamagedStore
from recommender.store import rows
from recommender.store.database import Database, seal_of
from recommender.store.learnt import weights_of
from recommender.store.suggested import SAVE_SEARCHED
from recommender.suggestions import State, Verdict

_Row = Mapping[str, Any]
Lasts = Mapping[str, Sequence[_Row]]
"""The rows of each table, perhaps more than once."""

# What the rows of each table are in order by. What refers to suggestions comes after them.
_TABLES = {
    "suggestions": ("suggestion_id",),
    "outbox": ("suggestion_id", "publisher"),
    "editions": ("profile", "channel", "edition_id"),
    "told": ("profile", "channel", "suggestion_id"),
    "interests": ("profile", "called"),
    "cycles": ("profile", "started_at"),
    "memory": ("owner", "name"),
    "weights": ("profile",),
}
_STANDING = """
SELECT
    (SELECT count(*) FROM suggestions),
    (SELECT max(max(state_at, coalesce(verdict_at, ''))) FROM suggestions),
    (SELECT count(*) FROM outbox),
    (SELECT max(changed_at) FROM outbox),
    (SELECT count(*) FROM editions WHERE state = 'sent'),
    (SELECT count(*) FROM told),
    (SELECT count(*) FROM interests),
    (SELECT max(changed_at) FROM interests),
    (SELECT max(started_at) FROM cycles)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How what lasts stands.

    Attributes:
        n_suggestions: How much was suggested.
        changed: Changes with what was suggested, delivered, said or learnt of it.
        last_run_at: When the last run began; None before the first.
    """

    n_suggestions: int
    changed: tuple[object, ...]
    last_run_at: datetime | None


class Lasting:
    """What has to outlive the file."""

    _database: Database

    def check(self) -> None:
        """Make sure that what was suggested and delivered is as it was written, to the letter.

        Raises:
            DamagedStore: If it is not.
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            for table in ("suggestions", "searched", "outbox", "editions", "told"):
                told = connection.execute(f"PRAGMA integrity_check({table})").fetchone()
                lost = connection.execute(f"PRAGMA foreign_key_check({table})").fetchone()
                found = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - names from above
                if told != ("ok",) or lost or not all(_is_right(table, r) for r in _named(found)):
                    raise DamagedStore(
                        f"{self._database.name} is damaged; the next run sets it aside and begins"
                        " a new one"
                    )

    def standing(self) -> Standing:
        """How what lasts stands.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            n_suggestions, *changed, last_run = connection.execute(_STANDING).fetchone()
        runs = self._database.values(rows.moment, [(last_run,)] if last_run else [])
        return Standing(n_suggestions, tuple(changed), runs[0] if runs else None)

    def lasting(self) -> Lasts:
        """All that lasts.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            return {
                table: list(_named(connection.execute(f"SELECT * FROM {table}")))  # noqa: S608 - names from above
                for table in _TABLES
            }

    def take_over(self, given: Lasts) -> None:
        """Add what lasts of another store: what is whole and not here yet; all of it, or nothing.

        Raises:
            StoreError: If the file cannot be written.
        """
        with self._database.writing() as connection:
            for table, found in given.items():
                told = connection.execute(f"PRAGMA table_info({table})")
                columns = [name for _, name, *_ in told]
                for row in found:
                    if _is_right(table, row) and _has_its_suggestion(connection, table, row):
                        _add(connection, table, {c: row[c] for c in columns if c in row})


def salvaged(file: Path, folder: Path) -> Lasts:
    """What lasts of a store that may be damaged, or gone: what of it can still be read.

    Args:
        file: The store, which stays as it is, to the letter.
        folder: Has room for a copy of it.

    Raises:
        OSError: If it cannot be copied.
    """
    found: dict[str, list[_Row]] = {table: [] for table in _TABLES}
    # Opening the store itself would change it.
    copy = folder / f"copy of {file.name}"
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(file.with_name(file.name + suffix), copy.with_name(copy.name + suffix))
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(copy)) as connection:
        connection.text_factory = _text
        for table, order in _TABLES.items():
            # Behind a page that cannot be read, rows are reached from the other end.
            for direction in ("", " DESC"):
                keys = ", ".join(key + direction for key in order)
                sql = f"SELECT * FROM {table} ORDER BY {keys}"  # noqa: S608 - names from above
                with suppress(sqlite3.DatabaseError):
                    found[table].extend(_named(connection.execute(sql)))
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _named(found: sqlite3.Cursor) -> Iterator[_Row]:
    names = [column for column, *_ in found.description]
    for row in found:
        yield dict(zip(names, row, strict=True))


def _is_right(table: str, row: _Row) -> bool:
    """Whether a row is one that this program wrote, as far as it tells."""
    try:
        _RIGHT[table](row)
    except (KeyError, TypeError, ValueError, RecursionError):
        return False
    return not any("\ufffd" in value for value in row.values() if isinstance(value, str))


def _suggestion(row: _Row) -> None:
    key, profile, payload = row["suggestion_id"], row["profile"], row["payload"]
    # Files of an earlier form have no seals.
    if row.get("seal", seal := seal_of(key, profile, payload)) != seal:
        raise ValueError("not as it was written")
    rows.suggestion_of(key, row["rank"], row["suggested_at"], payload)
    State(row["state"])
    rows.moment(row["state_at"])
    if row.get("verdict"):
        Verdict(row["verdict"])
        rows.moment(row["verdict_at"])


def _delivery(row: _Row) -> None:
    rows.moment(row["changed_at"])
    if row.get("delivered_at"):
        rows.moment(row["delivered_at"])


def _edition(row: _Row) -> None:
    rows.moment(row["begun_at"])
    json.loads(row["payload"])


def _told(row: _Row) -> None:
    if not all(isinstance(value, str) for value in row.values()):
        raise TypeError("no text")


def _interest(row: _Row) -> None:
    rows.moment(row["changed_at"])
    json.loads(row["keys"])
    float(row["factor"])


def _cycle(row: _Row) -> None:
    rows.moment(row["started_at"])
    rows.moment(row["finished_at"])
    json.loads(row["record"])


def _note(row: _Row) -> None:
    if not isinstance(row["value"], str):
        raise TypeError("no text")


def _weights(row: _Row) -> None:
    weights_of(row["payload"])


_RIGHT = {
    "suggestions": _suggestion,
    "searched": _told,
    "outbox": _delivery,
    "editions": _edition,
    "told": _told,
    "interests": _interest,
    "cycles": _cycle,
    "memory": _note,
    "weights": _weights,
}


def _has_its_suggestion(connection: sqlite3.Connection, table: str, row: _Row) -> bool:
    if table not in {"outbox", "told"}:
        return True
    sql = "SELECT 1 FROM suggestions WHERE suggestion_id = ?"
    return connection.execute(sql, (row["suggestion_id"],)).fetchone() is not None


def _add(connection: sqlite3.Connection, table: str, row: _Row) -> None:
    if table == "suggestions":
        row = {**row, "seal": seal_of(row["suggestion_id"], row["profile"], row["payload"])}
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", row)  # noqa: S608 - names of columns
    if table == "suggestions":
        connection.execute(SAVE_SEARCHED, (row["suggestion_id"], row["payload"]))
