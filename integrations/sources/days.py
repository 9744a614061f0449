"""Lists that a service gives row by row, each with its day: as pages of a day each. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from integrations.sources import pages
from recommender.errors import BadResponse
from recommender.listings import Listing

Row = tuple[date | None, pages.Record]
"""The day on which a record was listed, if known, and the record."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of which a service is asked, both included."""

    first: date
    last: date

    @classmethod
    def of(
        cls, since: datetime | None, now: datetime, *, at_first: timedelta, late_by: timedelta
    ) -> "Span":
        """The days up to now.

        Args:
            since: Up to when the list was read; None where it never was.
            now: In any zone.
            at_first: How far to look back on a list that was never read.
            late_by: How late a row can turn up.
        """
        start = now - at_first if since is None else min(since, now) - late_by
        return cls(start.astimezone(UTC).date(), now.astimezone(UTC).date())


def by_day(rows: Iterable[Row], *, source: str, span: Span, n_bytes: int = 0) -> Iterator[Listing]:
    """A page for each day that has rows, oldest first; the rows of a day in the order given.

    Services break the order that they promise, so that no day is known to be whole before the
    last row is there. A row without a day, or of one that was not asked for, is on the nearest
    page that was.

    Args:
        rows: All of them.
        source: The source's name.
        span: The days that were asked for.
        n_bytes: How many bytes were received for all rows together.
    """
    days: dict[date, list[pages.Record]] = {}
    for day, record in rows:
        asked = min(max(day or span.last, span.first), span.last)
        days.setdefault(asked, []).append(record)
    n_rows = sum(map(len, days.values()))
    for day, records in sorted(days.items(), key=lambda item: item[0]):
        page = pages.listing(
            records,
            source=source,
            name=day.isoformat(),
            published_at=datetime.combine(day, time(), UTC),
        )
        yield replace(page, n_bytes=n_bytes * len(records) // n_rows)


def day_in(published: str) -> date | None:
    """The first day of a partial date; None of an empty one."""
    return date.fromisoformat(f"{published}-01-01"[:10]) if published else None


@dataclass(slots=True)
class Progress:
    """How far the paging of one list is; it sees to it that it ends.

    Attributes:
        service: Who lists.
        n_rows: How many rows there were so far.
        n_bytes: How many bytes were received for them.
    """

    service: str
    n_rows: int = 0
    n_bytes: int = 0
    _seen: set[str] = field(default_factory=set)

    def add(self, rows: Sequence[object], n_bytes: int) -> None:
        """Take note of one answer's rows.

        Raises:
            BadResponse: If the service has given the same answer before.
        """
        if rows:
            ends = json.dumps([rows[0], rows[-1]], sort_keys=True)
            if ends in self._seen:
                message = f"{self.service} goes round in circles; nothing is lost, try again later"
                raise BadResponse(self.service, message)
            self._seen.add(ends)
        self.n_rows += len(rows)
        self.n_bytes += n_bytes
