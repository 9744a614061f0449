"""Alarms: told while there is reason to, under one name, and never for what may be."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recommender.agenda import Work
from recommender.health import Alarm, alarms, healths

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
Cycles = Sequence[tuple[datetime, dict[str, Any]]]


@st.composite
def sources(draw: st.DrawFn, at: datetime) -> list[dict[str, Any]]:
    """What a run says of its sources."""
    return [
        {
            "source": name,
            "news_at": (at - timedelta(days=draw(st.integers(0, 40)))).isoformat(),
            "error": draw(st.sampled_from(["", "", "TransientError"])),
            "message": "it is down,\nsince it rains",
        }
        for name in ("arxiv", "a feed")
    ]


@st.composite
def cycles(draw: st.DrawFn) -> Cycles:
    """A past, the latest first: whole runs and others, that failed or not."""
    found = []
    for n in range(draw(st.integers(0, 12))):
        at = NOW - timedelta(days=n)
        record: dict[str, Any] = {"failures": draw(st.sampled_from([[], [{"where": "x"}]]))}
        if draw(st.booleans()):
            record["sources"] = draw(sources(at))
        if draw(st.booleans()):
            record["work"] = draw(st.sampled_from(Work)).value
        found.append((at, record))
    return found


def whole(past: Cycles) -> list[bool]:
    """Whether each of the whole runs failed, the latest first."""
    told = [one for _, one in past if one.get("work", "publish") == "publish"]
    return [bool(one["failures"]) for one in told]


def told(past: Cycles, failures: int = 0, stale_days: int = 0) -> tuple[Alarm, ...]:
    return alarms(past, NOW, failures=failures, stale_days=stale_days)


@given(cycles())
def test_nothing_is_told_where_nothing_is_asked_for(past: Cycles) -> None:
    assert told(past) == ()


@given(cycles(), st.integers(1, 5))
def test_runs_are_told_of_when_so_many_failed_in_a_row(past: Cycles, n: int) -> None:
    found = [alarm.name for alarm in told(past, failures=n)]
    failed = whole(past)
    assert found == (["runs"] if len(failed) >= n and all(failed[:n]) else [])


@given(cycles(), st.integers(1, 5))
def test_a_run_between_is_no_good_one_and_no_bad_one(past: Cycles, n: int) -> None:
    between = {"work": "sync", "failures": []}, {"work": "ingest", "failures": [{"where": "x"}]}
    more = [(NOW + timedelta(hours=1), one) for one in between]
    # Of the sources it says nothing, and so nothing else changes.
    assert told([*more, *past], failures=n, stale_days=3) == told(past, failures=n, stale_days=3)


@given(cycles(), st.integers(1, 20))
def test_each_source_that_is_as_it_should_not_be_for_so_long_is_told_of(
    past: Cycles, days: int
) -> None:
    found = [alarm.name for alarm in told(past, stale_days=days)]
    ill = [one for one in healths(past) if one.since and NOW - one.since >= timedelta(days=days)]
    assert found == [f"source {one.source}" for one in ill]


@given(cycles(), st.integers(1, 5), st.integers(1, 20))
def test_patience_only_takes_alarms_away_and_each_is_one_line(
    past: Cycles, n: int, days: int
) -> None:
    found = told(past, n, days)
    later = told(past, n + 1, days + 1)
    assert {alarm.name for alarm in later} <= {alarm.name for alarm in found}
    assert len({alarm.name for alarm in found}) == len(found)
    assert all(alarm.text and len(alarm.text.splitlines()) == 1 for alarm in found)


@given(cycles(), st.integers(1, 5))
def test_an_alarm_keeps_its_name_until_it_is_over(past: Cycles, n: int) -> None:
    before = {alarm.name for alarm in told(past, failures=n)}
    worse = [(NOW + timedelta(hours=1), {"failures": [{"where": "y"}]}), *past]
    assert before <= {alarm.name for alarm in told(worse, failures=n)}
    better = [(NOW + timedelta(hours=1), {"failures": []}), *past]
    assert told(better, failures=n) == ()
