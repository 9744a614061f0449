"""How each source is, by what became of it in the last cycles, and what is to be told. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise, takewhile
from typing import Any

from recommender.agenda import Work, work_of
from recommender.wording import count


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
        since: When it began to fail, or what it lists to be old; None for other conditions.
        last_new_at: When it last listed a paper that it had not listed before; None where nobody
            knows of any.
        says: A sentence for people, without the source's name.
        told: What the last cycle kept of it: counts, and what went wrong.
    """

    source: str
    condition: Condition
    since: datetime | None
    last_new_at: datetime | None
    says: str
    told: Mapping[str, Any]


def healths(cycles: Iterable[tuple[datetime, Mapping[str, Any]]]) -> tuple[Health, ...]:
    """How each source of the last cycle is.

    A source has news when it lists a paper that it had not listed before, whoever else had. Without
    news it is stale once it was asked on more working days than ever lay between two of its last
    news, and on more than two: a holiday is no fault, and a weekly page is not stale on a
    Wednesday. Until three of its news are known, a fortnight passes. A time in which nobody asked
    says nothing, nor does one in which it failed.

    Args:
        cycles: When each began and its record, the latest first; records without sources, of cycles
            that failed before, are passed over.
    """
    known = [(at, record["sources"]) for at, record in cycles if record.get("sources")]
    if not known:
        return ()
    return tuple(_health(told["source"], _past(told["source"], known)) for told in known[0][1])


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that the reader has to look after.

    Attributes:
        name: The same as long as it lasts, so that it can be told once.
        text: A line for people.
    """

    name: str
    text: str


def alarms(
    cycles: Iterable[tuple[datetime, Mapping[str, Any]]],
    now: datetime,
    *,
    failures: int,
    stale_days: int,
) -> tuple[Alarm, ...]:
    """What the reader has to look after now.

    Runs that fail one after the other are one alarm, where trying again before long is no further
    run. Each source is one that is failing or stale for long. A run that does a part only neither
    failed nor went well; of the sources it says what any other does.

    Args:
        cycles: When each began and its record, the latest first.
        now: When this is.
        failures: After so many failed runs in a row there is an alarm; 0 for never.
        stale_days: After so many days without news of a source there is one; 0 for never.
    """
    known = list(cycles)
    found = []
    whole = (one for one in known if work_of(one[1]) is Work.PUBLISH)
    failed = _without_retries(at for at, _ in takewhile(lambda one: one[1].get("failures"), whole))
    if 0 < failures <= len(failed):
        said = f"{count(len(failed), 'run')} failed in a row, since {_day(failed[-1])}"
        found.append(Alarm("runs", f"{said}; shelfwise status says why"))
    for one in healths(known) if stale_days else ():
        if one.since and now - one.since >= timedelta(days=stale_days):
            text = " ".join(f"{one.source}: {one.says}".split())
            found.append(Alarm(f"source {one.source}", text))
    return tuple(found)


def _without_retries(failed: Iterable[datetime]) -> list[datetime]:
    """Of runs, the latest first, those that were not tried again before long."""
    found: list[datetime] = []
    for at in failed:
        if not found or found[-1] - at >= _AGAIN:
            found.append(at)
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What became of a source in one cycle.

    Attributes:
        at: When the cycle began.
        news_at: When the source had its last news by then; None where nobody knows of any.
        told: What the cycle kept of it.
    """

    at: datetime
    news_at: datetime | None
    told: Mapping[str, Any]

    @property
    def failed(self) -> bool:
        """Whether it gave an error, so that it may have had news that nobody saw."""
        return bool(self.told.get("error"))


def _past(
    source: str, known: Iterable[tuple[datetime, Sequence[Mapping[str, Any]]]]
) -> Sequence[_Asked]:
    """A source's past, the latest first."""
    return [
        _Asked(at, _news_at(at, told), told)
        for at, sources in known
        for told in sources
        if told["source"] == source
    ]


def _news_at(at: datetime, told: Mapping[str, Any]) -> datetime | None:
    if "news_at" not in told:
        # An older record, which counted only what was new to all.
        return at if told.get("new") else None
    news_at = datetime.fromisoformat(told["news_at"]) if told["news_at"] else None
    # A clock that ran ahead says nothing.
    return news_at if news_at and news_at <= at else None


def _health(source: str, past: Sequence[_Asked]) -> Health:
    # Of a day, the last.
    news = [*{_date(at): at for at in sorted(one.news_at for one in past if one.news_at)}.values()]
    condition, since, says = _condition(past, news)
    return Health(
        source=source,
        condition=condition,
        since=since,
        last_new_at=news[-1] if news else None,
        says=f"{condition.value}{says}",
        told=past[0].told,
    )


def _condition(
    past: Sequence[_Asked], news: Sequence[datetime]
) -> tuple[Condition, datetime | None, str]:
    """How a source is, since when if it is not as it should be, and what is said of it.

    Args:
        past: The latest first.
        news: When it had some, once a day, in that order.
    """
    now = past[0]
    if now.failed:
        since = list(takewhile(lambda one: one.failed, past))[-1].at
        return Condition.FAILING, since, f" since {_day(since)}: {now.told.get('message', '')}"
    if news and _date(news[-1]) >= _date(now.at):
        return Condition.WELL, None, f": new papers on {_day(news[-1])}"
    days = _days_of_asking(past, news)
    gaps = [_n_between(days, *pair) for pair in pairwise(news[-_LAST:])]
    usual = max(gaps) if len(gaps) > 1 else _A_FORTNIGHT
    waited = _n_between(days, news[-1], now.at) if news else len(days)
    nothing = f"nothing new since {_day(news[-1])}" if news else "nothing new yet"
    if waited > max(usual, _A_HOLIDAY):
        says = (
            f": {nothing}, though asked on {waited} working days; look whether its page still grows"
        )
        return Condition.STALE, news[-1] if news else past[-1].at, says
    why = _closed(_date(now.at)) or ("perhaps a holiday" if waited > usual else "")
    return Condition.QUIET, None, f": {why}; {nothing}" if why else f": {nothing}"


def _days_of_asking(past: Sequence[_Asked], news: Sequence[datetime]) -> Collection[date]:
    """The working days on which a source answered.

    Of what was before the first cycle that is remembered, up to the first news, all of them count:
    nobody knows of a day on which it was not asked.
    """
    days = {_date(one.at) for one in past if not one.failed}
    first = _date(past[-1].at)
    before = (first - _date(news[0])).days if news else 0
    days.update(first - timedelta(days=n) for n in range(1, before))
    return [day for day in days if not _closed(day)]


def _n_between(days: Iterable[date], start: datetime, end: datetime) -> int:
    """How many of these days come after a moment's day, up to another's."""
    return sum(_date(start) < day <= _date(end) for day in days)


def _closed(day: date) -> str:
    """Why hardly anybody publishes on a day; empty for a working day."""
    if day.weekday() in _WEEKEND:
        return "weekend"
    return "holiday" if (day.month, day.day) in _HOLIDAYS else ""


def _date(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _day(at: datetime) -> str:
    return at.astimezone().date().isoformat()


REMEMBERED = 1000
"""How many cycles tell how a source is, at the most: one an hour for six weeks."""

_AGAIN = timedelta(hours=1)  # what failed is tried again within this, at first
_LAST = 20  # news that tell what is usual: one long pause is not to count for ever
_A_HOLIDAY = 2  # working days without news that say nothing yet
_A_FORTNIGHT = 10  # working days
_WEEKEND = frozenset({5, 6})  # by date.weekday
_HOLIDAYS = frozenset({(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)})  # nearly everywhere
