"""One run for each due period, whatever clocks, zones, sleeps and gaps do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.rhythm import EVERY_DAY, WORKING_DAYS, Daily, is_due, next_due

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RHYTHMS = st.builds(
    Daily,
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)),
    days=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)


@given(RHYTHMS, MOMENTS)
def test_the_next_moment_is_later_and_there_is_none_between(rhythm: Daily, after: datetime) -> None:
    following = rhythm(after)
    assert following
    assert after < following <= after + timedelta(days=8)
    assert rhythm(following - timedelta(microseconds=1)) == following


@given(RHYTHMS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_gap_makes_one_run_due_and_no_second(
    rhythm: Daily, last: datetime, gap: timedelta
) -> None:
    now = last + gap
    due = is_due(rhythm, last, now)
    first = rhythm(last)
    assert first
    assert due == (first <= now)
    # The run that makes it up covers the whole gap.
    assert not is_due(rhythm, now, now)
    assert is_due(rhythm, None, now)


@given(RHYTHMS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_clock_that_is_put_back_makes_nothing_due_unless_it_was_all_wrong(
    rhythm: Daily, last: datetime, back: timedelta
) -> None:
    assert is_due(rhythm, last, last - back) == (back > timedelta(days=2))


@given(RHYTHMS, MOMENTS, st.none() | MOMENTS)
def test_the_next_run_is_now_or_when_it_is_due(
    rhythm: Daily, now: datetime, last: datetime | None
) -> None:
    following = next_due(rhythm, last, now)
    assert following
    assert following >= now
    if is_due(rhythm, last, now):
        assert following == now
    else:
        assert last
        assert following == rhythm(max(last, now))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:30", "03:00", "07:30", "23:59"])
@pytest.mark.parametrize("days", [EVERY_DAY, WORKING_DAYS, frozenset({6})])
def test_each_day_of_four_hundred_has_its_moment_once(
    zone: str, at: str, days: frozenset[int]
) -> None:
    rhythm = Daily(at=time.fromisoformat(at), days=days, zone=ZoneInfo(zone))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    while now < datetime(2027, 2, 5, tzinfo=UTC):
        following = rhythm(now)
        assert following
        now = following
        found.append(now.astimezone(ZoneInfo(zone)))
    wanted = [at for at in found if at.date().weekday() in days]
    # Put forward past midnight, a moment is on the day after the one that it is for.
    assert len(wanted) >= len(found) - 1
    assert len({at.date() for at in found}) == len(found)
    late = [at for at in found if at.strftime("%H:%M") != rhythm.at.strftime("%H:%M")]
    assert len(late) <= 2
