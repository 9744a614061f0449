"""When there is an edition, what it is called, and in which order it tells."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.editions import Edition, Rhythm, Told, edition_id, ranked
from recommender.testing.publishers import suggestion_on

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2024, 3, 4, 7, 30, tzinfo=BERLIN)
DAY = timedelta(days=1)
MOMENTS = st.integers(0, 100 * 365 * 24).map(lambda hours: MONDAY + timedelta(hours=hours))


def test_with_each_run_there_is_always_one() -> None:
    assert Rhythm().is_due(None, MONDAY)
    assert Rhythm().is_due(MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, MONDAY, True),
        (MONDAY, MONDAY + 6 * DAY, False),
        (MONDAY, MONDAY + 7 * DAY, True),
        (MONDAY, MONDAY + 30 * DAY, True),
        # On Sunday evening the week is not over, whatever UTC says.
        (MONDAY, datetime(2024, 3, 10, 23, 59, tzinfo=BERLIN), False),
        (MONDAY, datetime(2024, 3, 11, 0, 0, tzinfo=BERLIN), True),
        (MONDAY + 2 * DAY, MONDAY + 5 * DAY, False),
    ],
)
def test_each_week_there_is_one(last: datetime | None, now: datetime, due: bool) -> None:
    assert Rhythm(every="week", on=0).is_due(last, now) is due


@given(MOMENTS, st.integers(0, 6))
def test_within_eight_days_of_runs_there_is_a_weekly_one(last: datetime, on: int) -> None:
    rhythm = Rhythm(every="week", on=on)
    due = [last + n * DAY for n in range(1, 9) if rhythm.is_due(last, last + n * DAY)]
    assert due
    assert due[0].weekday() == on
    assert not rhythm.is_due(due[0], due[0])


@pytest.mark.parametrize(
    ("every", "days", "since"),
    [
        ("run", 3, None),
        ("run", 4, date(2024, 3, 5)),
        ("week", 7, None),
        ("week", 14, date(2024, 3, 5)),
    ],
)
def test_a_gap_is_told_from_the_day_after_the_last_one(
    every: str, days: int, since: date | None
) -> None:
    rhythm = Rhythm(every="week" if every == "week" else "run")
    assert rhythm.gap(MONDAY, MONDAY + days * DAY) == since
    assert rhythm.gap(MONDAY.astimezone(UTC), MONDAY + days * DAY) == since


def test_where_runs_are_rare_nothing_was_missed_between_two() -> None:
    rare = Rhythm(missed_after=timedelta(days=11))
    assert rare.gap(MONDAY, MONDAY + 7 * DAY) is None
    assert rare.gap(MONDAY, MONDAY + 14 * DAY) == date(2024, 3, 5)


def test_a_last_one_far_ahead_says_nothing_and_one_a_little_ahead_does() -> None:
    weekly = Rhythm(every="week")
    assert weekly.is_due(MONDAY + 30 * DAY, MONDAY)
    assert not weekly.is_due(MONDAY + DAY, MONDAY)


def test_the_first_one_makes_up_for_nothing() -> None:
    assert Rhythm().gap(None, MONDAY) is None


def test_it_is_called_by_its_day_and_no_two_are_called_the_same() -> None:
    first = edition_id("default", MONDAY, ())
    assert first == "default/2024-03-04"
    second = edition_id("default", MONDAY, {first})
    assert edition_id("default", MONDAY, {first, second}) == "default/2024-03-04/3"


def test_the_best_come_first_and_the_followed_last() -> None:
    best, followed = suggestion_on(2), replace(suggestion_on(1), followed="Ada Lovelace")
    assert ranked([followed, best]) == [best, followed]


def test_the_subject_names_the_best_paper_or_what_is_the_matter() -> None:
    told = tuple(Told(suggestion=suggestion_on(n)) for n in (1, 2, 3))
    title = told[0].suggestion.paper.title
    edition = Edition(edition_id="default/2024-03-04", profile="default", at=MONDAY, told=told)
    assert edition.subject == f"{title} (and 2 more)"
    assert replace(edition, told=told[:1]).subject == title
    assert (
        replace(edition, told=(), alarms=("a failed", "b failed")).subject
        == "a failed (and 1 more)"
    )
    assert replace(edition, told=()).subject == "Nothing for you on 4 March 2024"
