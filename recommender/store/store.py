"""The store as a whole, and its part for the record of cycles."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from recommender.ports import Memory
from recommender.store import rows
from recommender.store.archive import Archive
from recommender.store.database import Database
from recommender.store.editions import Editions
from recommender.store.forgetting import Forgetting
from recommender.store.housekeeping import Housekeeping
from recommender.store.interests import Interests
from recommender.store.lasting import Lasting
from recommender.store.libraries import Libraries
from recommender.store.listed import ListedPapers
from recommender.store.memory import StoredMemory
from recommender.store.outbox import Outbox
from recommender.store.scored import ScoredPapers
from recommender.store.summaries import Summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRecord:
    """What one cycle did.

    Attributes:
        record: As JSON can say it.
    """

    profile: str
    started_at: datetime
    finished_at: datetime
    record: Mapping[str, Any]


class Store(
    Libraries,
    ListedPapers,
    Archive,
    Outbox,
    Editions,
    Summaries,
    ScoredPapers,
    Housekeeping,
    Interests,
    Forgetting,
    Lasting,
):
    """Everything that outlives a cycle, for one reader, in one file.

    Each call is one transaction: carried out as a whole or, whatever happens, not at all. Other
    processes may use the same file; a second writer waits for the first. A store belongs to the
    thread that opened it.

    Every method raises ``StoreError`` where the file cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(
        cls,
        path: Path | None,
        *,
        patience: timedelta = timedelta(seconds=30),
        is_known: bool = False,
    ) -> Self:
        """The store in a file, made where there is none, for its owner's eyes alone.

        Args:
            path: The file; None keeps everything in memory.
            patience: How long to wait for another process's transaction.
            is_known: It was opened a while ago, so that it is not looked through for damage again.

        Raises:
            StoreError: If the file is no SQLite file, another program's, damaged, in use for too
                long, or written by a newer version of this program.
        """
        return cls(Database.open(path, patience, is_known=is_known))

    def copy(self) -> Self:
        """An independent copy in memory of everything, for a run that is to leave no trace.

        Raises:
            StoreError: If the file cannot be read.
        """
        return type(self)(self._database.copy())

    def save_copy(self, path: Path) -> None:
        """Write a copy of everything into a file that is not there yet, or empty.

        Raises:
            StoreError: If this file cannot be read, or that one cannot be written.
        """
        self._database.save_copy(path)

    def memory(self, owner: str) -> Memory:
        """What an adapter keeps between runs; it lives as long as the store is open.

        Args:
            owner: The adapter's own name; what others keep is not seen.
        """
        return StoredMemory(self._database, owner)

    def close(self) -> None:
        """Let go of the file; closing twice does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def record_cycle(
        self, profile: str, started_at: datetime, finished_at: datetime, record: Mapping[str, Any]
    ) -> None:
        """Write down what a cycle did; a profile's cycle that began at that moment is replaced.

        Args:
            profile: The profile's name.
            started_at: When the cycle began.
            finished_at: When it ended.
            record: What JSON can say.

        Raises:
            StoreError: If the file cannot be written.
        """
        row = (profile, rows.instant(started_at), rows.instant(finished_at), rows.text_of(record))
        with self._database.writing() as connection:
            connection.execute("REPLACE INTO cycles VALUES (?, ?, ?, ?)", row)

    def last_cycles(self, profile: str, n: int) -> tuple[CycleRecord, ...]:
        """A profile's last cycles, at most ``n``, the latest first.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT profile, started_at, finished_at, record FROM cycles"
                " WHERE profile = ? ORDER BY started_at DESC LIMIT ?",
                (profile, max(n, 0)),
            ).fetchall()
        return tuple(self._database.values(_cycle_of, found))


def _cycle_of(profile: str, started_at: str, finished_at: str, record: str) -> CycleRecord:
    return CycleRecord(
        profile=profile,
        started_at=rows.moment(started_at),
        finished_at=rows.moment(finished_at),
        record=json.loads(record),
    )
