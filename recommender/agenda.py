"""What a daemon knows of the runs of its profiles: which is due, what a failed one means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from recommender.rhythm import Next, is_due, next_due

SOON = timedelta(minutes=5)
"""After the first failure that may pass by itself; each further one doubles it."""

LATE = timedelta(hours=4)
"""The longest pause before such a run is tried again."""


class Work(StrEnum):
    """What a run does: all that a cycle does, or a part of it between two whole ones.

    ``SYNC`` reads the libraries and what the reader did with suggestions, ``INGEST`` the sources.
    """

    PUBLISH = "publish"
    INGEST = "ingest"
    SYNC = "sync"


def includes(record: Mapping[str, Any], work: Work) -> bool:
    """Whether the run that left a record was to do this, alone or with all else."""
    return work_of(record) in {work, Work.PUBLISH}


def work_of(record: Mapping[str, Any]) -> Work:
    """What the run was to do that left a record; one that says nothing of it was a whole one."""
    return Work(record.get("work", Work.PUBLISH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """When the next run is that does one work for a profile.

    Attributes:
        rhythm: When runs are to be.
        delay: How much later each is, so that not everybody asks the services at one moment.
        last: When the last run began that did this, successful or not; None before the first.
        failed: How many tries failed in a row.
        retry_at: When to try again what may have passed; None where the next run is as usual.
    """

    rhythm: Next
    delay: timedelta = timedelta(0)
    last: datetime | None = None
    failed: int = 0
    retry_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether to run now; several runs that were missed are one."""
        if self.retry_at is not None:
            # Put back, a clock must not keep a failed run waiting for ever.
            return now >= self.retry_at or self.retry_at - now > LATE
        return is_due(self.rhythm, self.last, now - self.delay)

    def next_at(self, now: datetime) -> datetime | None:
        """When the next run is, or now if it is due."""
        if self.retry_at is not None:
            return max(self.retry_at, now)
        due = next_due(self.rhythm, self.last, now - self.delay)
        return due + self.delay if due else None

    def ended(
        self, now: datetime, last: datetime | None, *, good: bool, passing: bool, delay: timedelta
    ) -> "Agenda":
        """What is known once a run is over.

        Args:
            now: When this is.
            last: When the last run began of which there is a record.
            good: Nothing failed.
            passing: What failed may work later.
            delay: Of the next run.
        """
        if good:
            return replace(self, last=last, failed=0, retry_at=None, delay=delay)
        failed = self.failed + 1
        # Without a record, nothing shows that there was a run, and it would be due at once again.
        again = passing or last == self.last
        pause = min(SOON * 2 ** min(failed - 1, _ENOUGH), LATE)
        retry_at = now + pause if again else None
        return replace(self, last=last, failed=failed, retry_at=retry_at, delay=delay)


def due(agendas: Mapping[tuple[str, Work], Agenda], now: datetime) -> list[tuple[str, Work]]:
    """Which runs are due, in the order in which they are to begin.

    Whole ones are first, for they do what the others do. Then whoever has waited longest is first,
    so that no profile keeps another from its run.

    Args:
        agendas: By the profile's name, and what the run does.
        now: When this is.
    """
    found = [key for key, agenda in agendas.items() if agenda.is_due(now)]
    return sorted(found, key=lambda key: (key[1] is not Work.PUBLISH, agendas[key].last or _NEVER))


_NEVER = datetime.min.replace(tzinfo=UTC)
_ENOUGH = 10  # doublings, which are more than LATE allows
