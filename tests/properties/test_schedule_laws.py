"""Lines of cron as people mean them, and runs that fail."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.agenda import LATE, SOON, Agenda
from recommender.rhythm import Daily
from recommender.schedule import cron

LONDON = ZoneInfo("Europe/London")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def moments(line: str, start: datetime, n: int) -> list[str]:
    following, found = cron(line, LONDON), []
    for _ in range(n):
        at = following(start)
        assert at
        assert at > start
        start = at
        found.append(f"{at.astimezone(LONDON):%a %d %H:%M}")
    return found


@pytest.mark.parametrize("days", ["mon-fri", "1-5", "MON-FRI", "1,2,3,4,5"])
def test_days_are_crons_and_not_the_schedulers(days: str) -> None:
    friday = datetime(2026, 10, 23, tzinfo=UTC)
    assert moments(f"30 7 * * {days}", friday, 3) == [
        "Fri 23 07:30",
        "Mon 26 07:30",
        "Tue 27 07:30",
    ]


@pytest.mark.parametrize("days", ["0", "7", "sun"])
def test_a_night_that_is_put_back_has_its_hour_once(days: str) -> None:
    saturday = datetime(2026, 10, 24, tzinfo=UTC)
    assert moments(f"30 1 * * {days}", saturday, 2) == ["Sun 25 01:30", "Sun 01 01:30"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "five fields"),
        ("30 7 * *", "five fields"),
        ("@daily", "five fields"),
        ("x 7 * * *", "no line of cron"),
        ("99 7 * * *", "no line of cron"),
        ("30 7 1 * mon", "not both"),
        ("0 9 31 2 *", "never comes"),
    ],
)
def test_what_is_no_line_is_told(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        cron(line, LONDON)


@given(MOMENTS, st.lists(st.booleans(), max_size=30))
def test_what_passes_is_tried_again_ever_later_and_then_is_as_usual(
    now: datetime, goes_well: list[bool]
) -> None:
    agenda = Agenda(rhythm=Daily(at=datetime(2026, 1, 1, 7, 30).time()))  # noqa: DTZ001
    for good in goes_well:
        failed = agenda.failed
        agenda = agenda.ended(now, now, good=good, passing=True, delay=timedelta(0))
        due = agenda.next_at(now)
        assert due
        if good:
            assert agenda.failed == 0
            assert due == agenda.rhythm(now)
        else:
            assert agenda.failed == failed + 1
            assert SOON <= due - now <= LATE
            assert not agenda.is_due(now)
            assert agenda.is_due(due)
        now = due


@given(MOMENTS)
def test_what_does_not_pass_waits_for_the_next_day_if_it_left_a_record(now: datetime) -> None:
    agenda = Agenda(rhythm=Daily(at=datetime(2026, 1, 1, 7, 30).time()))  # noqa: DTZ001
    told = agenda.ended(now, now, good=False, passing=False, delay=timedelta(0))
    assert told.next_at(now) == agenda.rhythm(now)
    silent = agenda.ended(now, None, good=False, passing=False, delay=timedelta(0))
    assert silent.next_at(now) == now + SOON


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=1)))
def test_a_delay_puts_a_run_off_and_no_more(last: datetime, delay: timedelta) -> None:
    rhythm = Daily(at=datetime(2026, 1, 1, 7, 30).time())  # noqa: DTZ001
    agenda = Agenda(rhythm=rhythm, last=last, delay=delay)
    due = rhythm(last)
    assert due
    assert agenda.is_due(due + delay)
    assert not agenda.is_due(due + delay - timedelta(seconds=1))
    assert agenda.next_at(last) == due + delay
