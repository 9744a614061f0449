"""How sources are, by what earlier cycles saw."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.health import Condition, Health, healths

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def told(
    new: int = 0, *, error: str = "", unchanged: int = 0, name: str = "daily"
) -> dict[str, Any]:
    return {
        "source": name,
        "new": new,
        "papers": new + 3,
        "unchanged": unchanged,
        "error": error,
        "message": f"daily: {error}" if error else "",
    }


def health(*days: tuple[int, dict[str, Any]]) -> Health:
    """Of the days counted from Monday, the last one is today."""
    cycles = [(MONDAY + timedelta(days=day), {"sources": [one]}) for day, one in days]
    [found] = healths(reversed(cycles))
    return found


def each_day(days: Iterable[int]) -> list[tuple[int, dict[str, Any]]]:
    return [(day, told(5)) for day in days]


def test_nothing_is_known_before_the_first_cycle() -> None:
    assert healths([]) == ()
    assert healths([(MONDAY, {"failures": []})]) == ()


def test_news_are_well() -> None:
    found = health((0, told(4)))
    assert found.condition is Condition.WELL
    assert found.last_new_at == MONDAY
    assert "4 new of 7" in found.says


def test_a_failure_is_dated_by_the_first_of_its_row() -> None:
    found = health(
        (0, told(error="first")), (1, told(4)), (2, told(error="x")), (3, told(error="y"))
    )
    assert found.condition is Condition.FAILING
    assert found.since == MONDAY + timedelta(days=2)
    assert found.last_new_at == MONDAY + timedelta(days=1)
    assert found.says == "failing since 2026-03-04: daily: y"


def test_a_source_that_failed_is_well_again_with_its_next_news() -> None:
    assert health((0, told(error="x")), (1, told(1))).condition is Condition.WELL


def test_a_weekend_is_quiet() -> None:
    # Monday to Friday, then Saturday and Sunday without news.
    found = health(*each_day(range(5)), (5, told()), (6, told(unchanged=1)))
    assert found.condition is Condition.QUIET
    assert "2026-03-06" in found.says
    assert "as it was" in found.says


def test_a_holiday_is_quiet_and_a_third_working_day_is_stale() -> None:
    week = each_day(range(5))
    assert health(*week, (7, told()), (8, told())).condition is Condition.QUIET
    found = health(*week, (7, told()), (8, told()), (9, told()))
    assert found.condition is Condition.STALE
    assert found.since == MONDAY + timedelta(days=4)
    assert found.says.startswith("stale: nothing new since 2026-03-06")


@pytest.mark.parametrize(("day", "expected"), [(21, Condition.QUIET), (22, Condition.STALE)])
def test_a_weekly_page_is_stale_only_after_more_than_a_week(day: int, expected: Condition) -> None:
    weekly = [(0, told(9)), (7, told(9)), (14, told(9))]
    assert health(*weekly, (day, told())).condition is expected


def test_a_source_that_never_had_news_is_not_stale() -> None:
    found = health(*((day, told()) for day in range(60)))
    assert found.condition is Condition.QUIET
    assert "nothing new yet" in found.says


def test_each_source_of_the_last_cycle_is_told_by_itself() -> None:
    cycles = [
        (MONDAY + timedelta(days=1), {"sources": [told(1), told(error="x", name="other")]}),
        (MONDAY, {"sources": [told(error="x"), told(2, name="gone")]}),
    ]
    found = {one.source: one.condition for one in healths(cycles)}
    assert found == {"daily": Condition.WELL, "other": Condition.FAILING}
