"""How sources are, by what earlier cycles saw."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.health import Condition, Health, healths

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""The day of number 0."""


def health(
    asked: Iterable[int],
    news: Iterable[int],
    *,
    errors: Mapping[int, str] | None = None,
    start: datetime = MONDAY,
) -> Health:
    """Of a source that was asked on some days and had news on some; the last of them is today."""
    news = sorted(news)
    cycles = []
    for day in asked:
        at = start + timedelta(days=day)
        had = [start + timedelta(days=one) for one in news if one <= day]
        error = (errors or {}).get(day, "")
        told = {
            "source": "daily",
            "news_at": had[-1].isoformat() if had else None,
            "error": error and "TransientError",
            "message": error,
        }
        cycles.append((at, {"sources": [told]}))
    [found] = healths(reversed(cycles))
    return found


def working(days: Iterable[int]) -> list[int]:
    return [day for day in days if day % 7 < 5]


def test_nothing_is_known_before_the_first_cycle() -> None:
    assert healths([]) == ()
    assert healths([(MONDAY, {"failures": []})]) == ()


def test_news_are_well() -> None:
    found = health([0], [0])
    assert found.condition is Condition.WELL
    assert found.last_new_at == MONDAY
    assert found.says == "well: new papers on 2026-03-02"


def test_a_failure_is_dated_by_the_first_of_its_row() -> None:
    errors = {0: "first", 2: "x", 3: "daily: y"}
    found = health(range(4), [1], errors=errors)
    assert found.condition is Condition.FAILING
    assert found.since == MONDAY + timedelta(days=2)
    assert found.last_new_at == MONDAY + timedelta(days=1)
    assert found.says == "failing since 2026-03-04: daily: y"


def test_a_source_that_failed_is_well_again_with_its_next_news() -> None:
    assert health([0, 1], [1], errors={0: "x"}).condition is Condition.WELL


@pytest.mark.parametrize("day", [5, 6])
def test_a_weekend_is_quiet_and_said(day: int) -> None:
    found = health(range(day + 1), range(5))
    assert found.condition is Condition.QUIET
    assert found.says == "quiet: weekend; nothing new since 2026-03-06"


def test_a_holiday_is_quiet_and_said() -> None:
    # Of 2026, Christmas Day is a Friday.
    start = datetime(2026, 12, 14, 8, tzinfo=UTC)
    found = health(range(12), working(range(10)), start=start)
    assert found.condition is Condition.QUIET
    assert found.says == "quiet: holiday; nothing new since 2026-12-23"


def test_another_holiday_is_quiet_and_a_third_working_day_is_stale() -> None:
    found = health(range(9), range(5))
    assert found.condition is Condition.QUIET
    assert found.says == "quiet: perhaps a holiday; nothing new since 2026-03-06"
    found = health(range(10), range(5))
    assert found.condition is Condition.STALE
    assert found.since == MONDAY + timedelta(days=4)
    assert found.says.startswith(
        "stale: nothing new since 2026-03-06, though asked on 3 working days"
    )


@pytest.mark.parametrize(("day", "expected"), [(21, Condition.QUIET), (22, Condition.STALE)])
def test_a_weekly_page_is_stale_only_after_more_than_a_week(day: int, expected: Condition) -> None:
    assert health(range(day + 1), [0, 7, 14]).condition is expected


def test_what_is_usual_is_not_known_from_the_first_news_alone() -> None:
    # Subscribed on a Monday, to what comes on Wednesdays.
    assert health(range(9), [0, 2]).condition is Condition.QUIET
    assert health(range(15), [0, 2]).condition is Condition.QUIET
    assert health(range(18), [0, 2]).condition is Condition.STALE


def test_news_twice_a_day_are_news_of_a_day() -> None:
    cycles = []
    for hours in (0, 1, 2, *range(24, 24 * 10, 24)):
        told = {"source": "daily", "news_at": (MONDAY + timedelta(hours=min(hours, 2))).isoformat()}
        cycles.append((MONDAY + timedelta(hours=hours), {"sources": [told]}))
    [found] = healths(reversed(cycles))
    assert found.condition is Condition.QUIET


def test_a_page_that_froze_after_the_first_run_is_stale() -> None:
    found = health(range(50), [0])
    assert found.condition is Condition.STALE
    assert found.since == MONDAY


def test_a_page_that_never_listed_anything_is_stale_after_a_fortnight() -> None:
    assert health(range(12), []).says == "quiet: nothing new yet"
    found = health(range(15), [])
    assert found.condition is Condition.STALE
    assert found.since == MONDAY
    assert found.says.startswith("stale: nothing new yet, though asked on 11 working days")


def test_what_froze_before_the_first_cycle_that_is_remembered_is_stale() -> None:
    found = health(range(60, 65), range(5))
    assert found.condition is Condition.STALE
    assert found.since == MONDAY + timedelta(days=4)
    # It may have been asked on all of them, though two are remembered.
    assert "asked on 42 working days" in found.says


def test_a_time_in_which_nobody_asked_says_nothing() -> None:
    # Three weeks away.
    daily = working(range(5))
    away = health([*daily, 26], daily)
    assert away.condition is Condition.QUIET
    # Back again, all was as before, and then it froze.
    back = [*daily, *working(range(26, 40))]
    found = health([*back, 42, 43, 44], back)
    assert found.condition is Condition.STALE
    # Nor does a time in which it failed.
    errors = dict.fromkeys(range(42, 60), "down")
    assert health([*back, *range(42, 61)], back, errors=errors).condition is Condition.QUIET


def test_one_long_pause_does_not_count_for_ever() -> None:
    summer = [*range(5), *working(range(33, 70))]
    assert health(range(75), summer).condition is Condition.STALE


def test_a_source_asked_every_hour_is_known_by_days() -> None:
    hours = [(MONDAY + timedelta(hours=hour), hour) for hour in range(24 * 11)]
    cycles = []
    for at, hour in hours:
        day = min(hour // 24, 4)
        told = {"source": "daily", "news_at": (MONDAY + timedelta(days=day)).isoformat()}
        cycles.append((at, {"sources": [told]}))
    [found] = healths(reversed(cycles))
    assert found.condition is Condition.STALE


def test_news_of_the_future_say_nothing() -> None:
    told = {"source": "daily", "news_at": (MONDAY + timedelta(days=400)).isoformat()}
    [found] = healths([(MONDAY, {"sources": [told]})])
    assert found.condition is Condition.QUIET
    assert found.last_new_at is None


def test_records_of_what_was_new_to_all_count_as_well() -> None:
    cycles: list[tuple[datetime, dict[str, Any]]] = [
        (MONDAY + timedelta(days=day), {"sources": [{"source": "daily", "new": day < 3}]})
        for day in range(5)
    ]
    [found] = healths(reversed(cycles))
    assert found.last_new_at == MONDAY + timedelta(days=2)
    assert found.condition is Condition.QUIET


def test_each_source_of_the_last_cycle_is_told_by_itself() -> None:
    def told(name: str, *, new: int = 0, error: str = "") -> dict[str, Any]:
        return {"source": name, "new": new, "error": error}

    cycles = [
        (MONDAY + timedelta(days=1), {"sources": [told("daily", new=1), told("other", error="x")]}),
        (MONDAY, {"sources": [told("daily", error="x"), told("gone", new=2)]}),
    ]
    found = {one.source: one.condition for one in healths(cycles)}
    assert found == {"daily": Condition.WELL, "other": Condition.FAILING}
