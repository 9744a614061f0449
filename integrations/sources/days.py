"""Days: of which a service is asked, and on whose pages stands what it answers. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from integrations.pages import pages
from recommender.listings import Listing

Dated = tuple[date | None, pages.Record]
"""A record with the day on which the service listed it; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of which a service is asked, both included; none if the last is before the first."""

    first: date
    last: date

    @classmethod
    def of(
        cls, since: datetime | None, now: datetime, *, at_first: timedelta, late_by: timedelta
    ) -> "Span":
        """The days up to now.

        Args:
            since: Up to when the list was read; None where it never was. What is later than now is
                from before a clock was put back.
            now: In any zone.
            at_first: How far to look back on a list that was never read.
            late_by: How long after its day a row can turn up.
        """
        start = max(min(since, now), _LONG_AGO) - late_by if since else now - at_first
        return cls(start.astimezone(UTC).date(), now.astimezone(UTC).date())

    @property
    def n_days(self) -> int:
        """How many days these are."""
        return max(0, (self.last - self.first).days + 1)

    def parts(self, most: int) -> Iterator["Span"]:
        """The same days in their order, in stretches of at most so many days."""
        for start in range(0, self.n_days, most):
            first = self.first + timedelta(days=start)
            yield Span(first, min(first + timedelta(days=most - 1), self.last))

    def is_much(self, n_rows: int) -> bool:
        """Whether so many rows are too many to be read of these days at once: they can be halved.

        What is not saved yet when the time is up, or the service fails, is asked for again.
        """
        return n_rows > LONG and self.n_days > 1


def in_stretches(
    span: Span, whole: Callable[[Span], Iterable[Listing] | None]
) -> Iterator[Listing]:
    """What a service lists of some days, oldest first, and as soon as a stretch of them is whole.

    A short list costs one question, however many days it covers.

    Args:
        span: The days.
        whole: Reads all pages of some days; gives None where they should be asked for in halves,
            which never is so of one day.
    """
    pages = whole(span)
    if pages is not None:
        yield from pages
        return
    for half in span.parts(-(-span.n_days // 2)):
        yield from in_stretches(half, whole)


def by_day(
    records: Collection[Dated], *, source: str, span: Span, n_bytes: int = 0
) -> Iterator[Listing]:
    """A page for each day that has records, oldest first; those of a day in the order given.

    Services break the order that they promise, so that no day is known to be whole before the
    last record is there. What has no day is on the newest page, since the next reading goes on from
    there, and what has one that was not asked for on the nearest.

    Args:
        records: All that the service has of these days.
        source: The source's name.
        span: The days that were asked for.
        n_bytes: How many bytes were received for all of them together.
    """
    # A date that cannot be would move the mark of what was read to where nothing follows.
    listed = [(min(max(day, span.first), span.last) if day else None, one) for day, one in records]
    newest = max((day for day, _ in listed if day), default=span.last)
    days: dict[date, list[pages.Record]] = {}
    for day, record in listed:
        days.setdefault(day or newest, []).append(record)
    for day in sorted(days):
        page = pages.listing(
            days[day],
            source=source,
            name=day.isoformat(),
            published_at=datetime.combine(day, time(), UTC),
        )
        yield replace(page, n_bytes=n_bytes * len(days[day]) // len(records))


def day_of(value: object) -> date | None:
    """The day with which a moment in ISO form begins, in its own zone; None of anything else."""
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def first_day(published: str) -> date | None:
    """The first day of a partial date, as papers have it; None of an empty one."""
    return date.fromisoformat(f"{published}-01-01"[:10]) if published else None


LONG = 1000
"""How many rows are read at once."""

# No service lists papers from before, and nobody can look back from the first day of all.
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
