"""Of which days a service is asked, and on whose pages its answers stand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources.days import LONG, Span, by_day, day_of, first_day, in_stretches
from recommender.listings import Listing
from recommender.papers import Skipped

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def of(since: datetime | None) -> Span:
    return Span.of(since, NOW, at_first=7 * DAY, late_by=2 * DAY)


@pytest.mark.parametrize(
    ("since", "first"),
    [
        (None, date(2026, 2, 27)),
        (NOW - 10 * DAY, date(2026, 2, 22)),
        (NOW, date(2026, 3, 4)),
        # A clock was put back.
        (datetime(2027, 1, 1, tzinfo=UTC), date(2026, 3, 4)),
        (datetime.min.replace(tzinfo=UTC), date(1899, 12, 30)),
    ],
)
def test_days_are_asked_for_once_more_as_long_as_something_can_turn_up_in_them(
    since: datetime | None, first: date
) -> None:
    assert of(since) == Span(first, NOW.date())


@given(st.dates(date(2025, 1, 1), date(2026, 1, 1)), st.integers(-5, 40), st.integers(1, 9))
def test_parts_hold_each_day_once(first: date, n: int, most: int) -> None:
    span = Span(first, first + n * DAY)
    parts = [*span.parts(most)]
    days = [part.first + i * DAY for part in parts for i in range(part.n_days)]
    assert days == [first + i * DAY for i in range(n + 1)]
    assert all(0 < part.n_days <= most for part in parts)


def test_each_day_has_a_page_with_its_share_of_the_bytes() -> None:
    span = Span(date(2026, 3, 1), date(2026, 3, 5))
    days = (date(2026, 3, 3), date(9999, 1, 1), None, date(1, 1, 1), date(2026, 3, 3))
    records = [(day, Skipped(f"record {n}", "")) for n, day in enumerate(days)]
    pages = [*by_day(records, source="birds", span=span, n_bytes=500)]
    assert [page.published_at for page in pages] == [
        datetime(2026, 3, day, tzinfo=UTC) for day in (1, 3, 5)
    ]
    # What has no day is on the newest page, and what cannot be on the nearest.
    places = [[one.place for one in page.skipped] for page in pages]
    assert places == [["record 3"], ["record 0", "record 4"], ["record 1", "record 2"]]
    assert [page.n_bytes for page in pages] == [100, 200, 200]


def test_where_no_record_has_a_day_they_are_of_the_last() -> None:
    span = Span(date(2026, 3, 1), date(2026, 3, 5))
    [page] = by_day([(None, Skipped("record 1", ""))], source="birds", span=span)
    assert page.name == "2026-03-05"
    assert [*by_day([], source="birds", span=span)] == []


@pytest.mark.parametrize("value", [None, 3, "", "2026-02-30", "0000-01-01", "soon", ["x"]])
def test_what_is_no_day_is_none(value: object) -> None:
    assert day_of(value) is None


@pytest.mark.parametrize("value", ["2026-03-02", " 2026-03-02T23:59:59-05:00\n"])
def test_a_moment_begins_with_its_day(value: str) -> None:
    assert day_of(value) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("published", "first"),
    [("", None), ("2026", date(2026, 1, 1)), ("2026-03", date(2026, 3, 1))],
)
def test_a_partial_date_stands_for_its_first_day(published: str, first: date | None) -> None:
    assert first_day(published) == first


@given(st.lists(st.integers(0, 3 * LONG), max_size=40))
def test_what_is_long_comes_in_stretches_of_whole_days(counts: list[int]) -> None:
    first = date(2026, 1, 1)
    span = Span(first, first + DAY * (len(counts) - 1))
    asked: list[Span] = []

    def n_rows(part: Span) -> int:
        start = (part.first - first).days
        return sum(counts[start : start + part.n_days])

    def whole(part: Span) -> list[Listing] | None:
        asked.append(part)
        name = f"{part.first} {part.last}"
        long = part.is_much(n_rows(part))
        return None if long else [Listing(source="s", name=name, papers=())]

    pages = [page.name.split() for page in in_stretches(span, whole)]
    read = [Span(*map(date.fromisoformat, page)) for page in pages]
    assert sum(part.n_days for part in read) == span.n_days
    assert [part.first for part in read] == sorted(part.first for part in read)
    # No more is read at once than there is room for, unless it is of one day.
    assert all(n_rows(part) <= LONG or part.n_days == 1 for part in read)
    assert len(asked) < 2 * len(read)


def test_a_stretch_comes_before_the_next_one_is_asked_for() -> None:
    asked: list[Span] = []

    def whole(part: Span) -> list[Listing] | None:
        asked.append(part)
        return [Listing(source="s", name="a", papers=())] if part.n_days < 4 else None

    pages = in_stretches(Span(date(2026, 1, 1), date(2026, 1, 6)), whole)
    next(pages)
    assert [part.n_days for part in asked] == [6, 3]
    assert len(list(pages)) == 1
