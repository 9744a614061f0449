"""The daemon reads the sources and the library more often than it delivers, if it is told to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.agenda import Work
from recommender.library import Item
from tests.unit.daemon_worlds import A_DAY, World
from tests.zotero.worlds import listed

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
SCHEDULE = """
[schedule]
at = "07:30"
zone = "UTC"
jitter_minutes = 0
ingest = "0 */3 * * *"
sync = "15 12 * * *"
"""
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path, SCHEDULE, START)
    yield found
    found.close()


def lived(world: World, days: float) -> None:
    for _ in range(round(days * 144)):
        world.step(TEN_MINUTES)


def test_each_has_its_rhythm_and_one_delivery_comes_a_day(world: World) -> None:
    for _ in range(4):
        world.publish()
        lived(world, 1)
    # The first is made at once, for there was none before it.
    assert [at.hour for at in world.ran] == [6, 7, 7, 7, 7]
    assert [at.hour for at in world.read[Work.INGEST]][:8] == [9, 12, 15, 18, 21, 0, 3, 6]
    assert [(at.hour, at.minute) for at in world.read[Work.SYNC]] == [(12, 20)] * 4
    assert sorted(world.titles()) == sorted(one.title for one in listed(world.n_listed))


def test_what_was_listed_for_an_hour_only_is_delivered_with_the_rest(world: World) -> None:
    lived(world, 0.2)
    n_before = len(world.titles())
    # Shown from before noon to after it, and never again.
    world.publish()
    world.now = world.now.replace(hour=11, minute=55)
    world.step(TEN_MINUTES)
    world.source.pages.clear()
    assert len(world.titles()) == n_before
    lived(world, 1)
    assert len(world.titles()) == n_before + A_DAY


def test_a_missed_delivery_is_made_up_whatever_was_read_meanwhile(world: World) -> None:
    lived(world, 0.2)
    n_before = len(world.ran)
    # It fails in the morning, for passing reasons; the sources are read all the same.
    world.fails = lambda at: at < START + timedelta(days=1, hours=7)
    lived(world, 1)
    world.publish()
    lived(world, 1)
    assert len(world.ran) > n_before + 1
    assert len(world.titles()) == A_DAY
    assert len(world.read[Work.INGEST]) >= 10


def test_a_gap_of_days_is_one_run_of_all(world: World) -> None:
    lived(world, 0.2)
    n_ran, n_read = len(world.ran), sum(map(len, world.read.values()))
    world.step(timedelta(days=9))
    for _ in range(5):
        world.step(timedelta(seconds=10))
    assert len(world.ran) == n_ran + 1
    # The whole run has read both.
    assert sum(map(len, world.read.values())) == n_read


def test_what_is_learnt_between_is_learnt(world: World) -> None:
    world.publish()
    lived(world, 0.1)
    kept = listed(1)[0]
    world.library.put(Item(key="mine", paper=kept))
    lived(world, 0.2)
    assert world.read[Work.SYNC]
    states = {one.paper.title: state.value for one, state in world.store.suggestions("default")}
    assert states.pop(kept.title) == "kept"
    assert set(states.values()) == {"delivered"}


def test_a_pause_holds_for_all_of_them(world: World) -> None:
    lived(world, 0.2)
    world.paused = world.now + timedelta(days=2)
    n_ran, n_read = len(world.ran), sum(map(len, world.read.values()))
    lived(world, 1.9)
    assert (len(world.ran), sum(map(len, world.read.values()))) == (n_ran, n_read)
    lived(world, 0.2)
    assert len(world.ran) == n_ran + 1


def test_what_fails_between_is_tried_again_and_not_in_a_hurry(world: World) -> None:
    lived(world, 0.1)
    world.fails = lambda _: True
    n_ran = len(world.ran)
    lived(world, 0.9)
    assert len(world.ran) == n_ran
    assert 5 <= len(world.read[Work.INGEST]) <= 15
    # Runs that deliver are not told of as failed.
    is_well, told = world.daemon.health()
    assert is_well
    assert told["profiles"]["default"]["failed_in_a_row"] == 0


def test_a_rhythm_that_is_taken_out_of_the_config_is_kept_no_more(world: World) -> None:
    lived(world, 0.2)
    n_read = len(world.read[Work.INGEST])
    text = world.file.read_text(encoding="utf-8")
    world.file.write_text(text.replace('ingest = "0 */3 * * *"', ""), encoding="utf-8")
    world.daemon.ask_for_reload()
    lived(world, 1)
    assert len(world.read[Work.INGEST]) == n_read
    assert len(world.read[Work.SYNC]) == 1
