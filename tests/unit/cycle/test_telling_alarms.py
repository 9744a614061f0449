"""Alarms: what the reader has to look after is told by channels once, until it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recommender import cycle
from recommender.editions import Rhythm
from recommender.errors import IntegrationError, TransientError
from recommender.library import Changes
from recommender.store import Store
from recommender.testing.channels import FakeChannel, Trouble
from recommender.testing.models import paper_on
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, run

DAY = timedelta(days=1)
WEEKLY = Rhythm(every="week", on=0)


def test_an_alarm_is_not_the_weeks_edition(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    telling = replace(told.telling, rhythm=WEEKLY, alarm_after_failures=1)
    weekly = replace(told, telling=telling)
    run(weekly, store)
    with pytest.raises(IntegrationError):
        run(replace(weekly, libraries=[Gone()]), store, NOW + 7 * DAY)
    source.publish(paper_on("bees", 60), name="later")
    run(weekly, store, NOW + 8 * DAY)
    assert [len(edition.told) > 0 for edition in mail.taken] == [True, False, True]


def test_a_channel_that_fails_is_told_by_one_that_does_not(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    broken = FakeChannel("chat")
    broken.trouble = Trouble.REFUSED
    telling = replace(told.telling, channels=[broken, mail], alarm_after_failures=3)
    both = replace(told, telling=telling)
    for n in range(4):
        run(both, store, NOW + n * DAY)
    assert [bool(edition.alarms) for edition in mail.taken] == [False, False, False, True]


def test_trying_again_before_long_is_no_further_failure(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    away = replace(told, libraries=[Gone()], telling=replace(told.telling, alarm_after_failures=3))
    for minutes in (0, 5, 15, 35):
        with pytest.raises(IntegrationError):
            run(away, store, NOW + timedelta(minutes=minutes))
    assert mail.taken == []


class Gone(FakeLibrary):
    """A library that cannot be reached."""

    def changes(self, since: str | None) -> Changes:
        raise TransientError("fake", "the library is away; try again later")


def test_runs_that_go_on_failing_are_told_once(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    alarmed = replace(told, telling=replace(told.telling, alarm_after_failures=3))
    away = replace(alarmed, libraries=[Gone()])
    for n in range(5):
        with pytest.raises(IntegrationError):
            run(away, store, NOW + n * DAY)
    [edition] = mail.taken
    assert edition.alarms == (
        "3 runs failed in a row, since 2026-03-02; shelfwise status says why",
    )
    assert not edition.told
    assert not edition.looked
    # Once it is over, it is told when it comes again.
    run(alarmed, store, NOW + 5 * DAY)
    assert mail.taken[1].told
    for n in range(6, 9):
        with pytest.raises(IntegrationError):
            run(away, store, NOW + n * DAY)
    assert [bool(edition.alarms) for edition in mail.taken] == [True, False, True]


@pytest.mark.parametrize("trouble", [Trouble.AWAY, Trouble.LOST])
def test_an_alarm_is_told_again_under_its_name_or_because_it_was_not_taken(
    told: cycle.Profile, store: Store, mail: FakeChannel, trouble: Trouble
) -> None:
    alarmed = replace(told, telling=replace(told.telling, alarm_after_failures=1))
    away = replace(alarmed, libraries=[Gone()])
    mail.trouble = trouble
    with pytest.raises(IntegrationError):
        run(away, store)
    mail.trouble = None
    with pytest.raises(IntegrationError):
        run(away, store, NOW + DAY)
    assert len({edition.edition_id for edition in mail.taken}) == 1
