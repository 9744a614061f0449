"""When a run is due. Pure: moments in, moments out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

EVERY_DAY = frozenset(range(7))
WORKING_DAYS = frozenset(range(5))

Next = Callable[[datetime], datetime | None]
"""The first moment of a rhythm after another, in UTC; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """A time of some days, by the clock on somebody's wall.

    Attributes:
        at: The time. On a day on which the clock is put forward past it, it is as much later; where
            the clock shows it twice, the first time counts: so each such day has it once.
        days: Numbers of the weekdays, 0 for Monday; not empty.
        zone: Where the wall is.
    """

    at: time
    days: frozenset[int] = EVERY_DAY
    zone: tzinfo = UTC

    def __call__(self, after: datetime) -> datetime | None:
        """The first of these moments after another, in UTC."""
        return next((at for at in self._from(after) if at > after), None)

    def _from(self, after: datetime) -> Iterator[datetime]:
        # A day earlier, for its time may be put forward to after midnight.
        first = after.astimezone(self.zone).date() - timedelta(days=1)
        for day in _days(first):
            if day.weekday() in self.days:
                yield datetime.combine(day, self.at, self.zone).astimezone(UTC)


def is_due(rhythm: Next, last: datetime | None, now: datetime) -> bool:
    """Whether a run is to be made, be it that one or many were missed.

    Args:
        rhythm: When runs are to be.
        last: When the last one began; None before the first, which is always due.
        now: When this is. A clock that was put back a little since the last run makes nothing due
            before it has caught up; one that was wrong by days says nothing of the last run.
    """
    if last is None or last - now > _WRONG_BY:
        return True
    due = rhythm(last)
    return due is not None and due <= now


def next_due(rhythm: Next, last: datetime | None, now: datetime) -> datetime | None:
    """When the next run is to be: now, if one is due."""
    return now if is_due(rhythm, last, now) else rhythm(max(last or now, now))


_WRONG_BY = timedelta(days=2)


def _days(first: date) -> Iterator[date]:
    # Enough for any set of weekdays, wherever it begins.
    yield from (first + timedelta(days=n) for n in range(10))
