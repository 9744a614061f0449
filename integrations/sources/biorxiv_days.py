"""Days: what sources share that ask their service for a range of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from integrations.sources import pages
from recommender.listings import Listing

Dated = tuple[date | None, pages.Record]
"""A record with the day on which the service listed it; None where it does not say."""


def first_day(
    since: datetime | None, now: datetime, *, late_by: timedelta, at_first: timedelta
) -> date:
    """The first day to ask for; today at the latest, since a clock may have been put back.

    Args:
        since: Up to when everything was read; None for nothing yet.
        now: When this is.
        late_by: How long after its day a record can turn up.
        at_first: How far to look back where nothing was read yet.
    """
    start = max(since, _LONG_AGO) - late_by if since else now - at_first
    return min(start, now).astimezone(UTC).date()


def ranges(first: date, last: date, longest: timedelta) -> Iterator[tuple[date, date]]:
    """The days from the first to the last, in stretches of at most so many days."""
    while first <= last:
        end = min(last, first + longest - timedelta(days=1))
        yield first, end
        first = end + timedelta(days=1)


def listings(
    records: Sequence[Dated], first: date, last: date, *, source: str, n_bytes: int
) -> Iterator[Listing]:
    """A page for each day on which something was listed, oldest first.

    What has no day is on the newest page, and what has one that was not asked for on the nearest.

    Args:
        records: All that the service has from the first to the last day.
        first: The first day that was asked for.
        last: The last one.
        source: The source's name.
        n_bytes: How many bytes were received for all of them.
    """
    # A date that cannot be would move the mark of what was read to where nothing follows.
    listed = [(min(max(day, first), last) if day else None, record) for day, record in records]
    newest = max((day for day, _ in listed if day), default=last)
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
    """The day that a text of the form ``2026-03-02`` spells; None for anything else."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


# No service lists papers from before, and nobody can look back from the first day of all.
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
