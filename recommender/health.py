"""How each source is, by what became of it in the last cycles. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any


class Condition(StrEnum):
    """How a source is."""

    WELL = "well"
    QUIET = "quiet"
    STALE = "stale"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one source is.

    Attributes:
        source: Its name.
        since: When it began to fail or to be stale; None for other conditions.
        last_new_at: When it last listed a paper that nobody had listed before; None where no cycle
            that is remembered saw one.
        told: What the last cycle kept of it: counts, and what went wrong.
    """

    source: str
    condition: Condition
    since: datetime | None
    last_new_at: datetime | None
    told: Mapping[str, Any]

    @property
    def says(self) -> str:
        """A sentence for people, without the source's name."""
        new = self.told.get("new", 0)
        match self.condition:
            case Condition.FAILING:
                why = str(self.told.get("message", "")) or "it failed"
                return f"failing since {_day(self.since)}: {why}"
            case Condition.STALE:
                return (
                    f"stale: nothing new since {_day(self.last_new_at)}, which is longer than it"
                    " ever took; look whether its page still grows"
                )
            case Condition.QUIET:
                return _quiet(self.last_new_at, self.told)
        return f"well: {new} new of {self.told.get('papers', 0)} listed"


def healths(cycles: Iterable[tuple[datetime, Mapping[str, Any]]]) -> tuple[Health, ...]:
    """How each source of the last cycle is.

    A source is stale when it has listed nothing new for more working days than ever lay between two
    of its days with news, and for more than one: a holiday is no fault, and a weekly page is not
    stale on a Wednesday. Nothing is said of a source that never listed anything new.

    Args:
        cycles: When each began and its record, the latest first; records without sources, of cycles
            that failed before, are passed over.
    """
    known = [(at, record["sources"]) for at, record in cycles if record.get("sources")]
    if not known:
        return ()
    return tuple(_health(told, list(_past(told["source"], known))) for told in known[0][1])


def _past(
    source: str, known: Iterable[tuple[datetime, Sequence[Mapping[str, Any]]]]
) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    for at, sources in known:
        yield from ((at, told) for told in sources if told["source"] == source)


def _health(told: Mapping[str, Any], past: Sequence[tuple[datetime, Mapping[str, Any]]]) -> Health:
    """How a source is, given its past with the latest first."""
    news = [at for at, one in past if one.get("new")]
    last_new_at = news[0] if news else None
    condition, since = _condition(told, past, news)
    return Health(
        source=told["source"],
        condition=condition,
        since=since,
        last_new_at=last_new_at,
        told=told,
    )


def _condition(
    told: Mapping[str, Any],
    past: Sequence[tuple[datetime, Mapping[str, Any]]],
    news: Sequence[datetime],
) -> tuple[Condition, datetime | None]:
    if told.get("error"):
        failed_since = past[0][0]
        for at, one in past:
            if not one.get("error"):
                break
            failed_since = at
        return Condition.FAILING, failed_since
    if told.get("new"):
        return Condition.WELL, None
    now = past[0][0]
    if len(news) > 1 and _working_days(news[0], now) > max(_usual(news), _A_HOLIDAY):
        return Condition.STALE, news[0]
    return Condition.QUIET, None


def _usual(news: Sequence[datetime]) -> int:
    """The most working days from one piece of news to the next; the latest comes first."""
    pairs = zip(news[1:], news[:-1], strict=True)
    return max(_working_days(earlier, later) for earlier, later in pairs)


def _working_days(start: datetime, end: datetime) -> int:
    """How many days from Monday to Friday lie behind one moment's day, up to another's."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    days = (last - first).days
    weeks, rest = divmod(max(days, 0), 7)
    left = (first + timedelta(weeks=weeks, days=n + 1) for n in range(rest))
    return weeks * 5 + sum(day.weekday() < _SATURDAY for day in left)


def _quiet(last_new_at: datetime | None, told: Mapping[str, Any]) -> str:
    if last_new_at is None:
        return "quiet: it has listed nothing new yet"
    same = "its page is as it was" if told.get("unchanged") else "nothing new"
    return f"quiet: {same} since {_day(last_new_at)}"


def _day(at: datetime | None) -> str:
    return at.astimezone().date().isoformat() if at else "the first run"


REMEMBERED = 60
"""How many cycles tell how a source is."""

_SATURDAY = 5  # by datetime.weekday
_A_HOLIDAY = 2  # working days without news that say nothing yet
