"""The daemon runs once for each due period, over a year of clocks, sleeps and failures."""

import logging
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from recommender.agenda import Work
from recommender.config import Settings
from recommender.errors import ConfigError
from tests.unit.daemon_worlds import A_DAY, Done, World
from tests.zotero.worlds import listed

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
SCHEDULE = "[schedule]\nat = '07:30'\nzone = '{zone}'\njitter_minutes = 0\n"
Make = Callable[..., World]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[World] = []

    def making(config: str = "", now: datetime = START) -> World:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(World(folder, config or SCHEDULE.format(zone="UTC"), now))
        return made[-1]

    yield making
    for world in made:
        world.close()


def lived(world: World, days: int, draw: random.Random) -> None:
    """Days with papers, naps, weeks asleep, clocks that jump, and sources that are down."""
    out: set[int] = set()
    world.fails = lambda at: at.toordinal() in out
    end = world.now + timedelta(days=days)
    published = world.now.date()
    while world.now < end:
        sleeps = draw.random()
        if sleeps < 0.01:
            by = timedelta(days=draw.uniform(1, 21))
        elif sleeps < 0.05:
            by = timedelta(hours=draw.uniform(1, 20))
        else:
            by = timedelta(minutes=draw.uniform(10, 90))
        if draw.random() < 0.002:
            world.step(-timedelta(minutes=draw.uniform(1, 60)))
        if draw.random() < 0.01:
            out.add((world.now + by).toordinal())
        while published < (world.now + by).date():
            published += timedelta(days=1)
            world.publish(published)
        world.step(by)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Europe/London", 60),
        pytest.param("Europe/London", 400, marks=pytest.mark.slow),
        pytest.param("America/New_York", 400, marks=pytest.mark.slow),
        pytest.param("Australia/Lord_Howe", 400, marks=pytest.mark.slow),
    ],
)
def test_days_with_naps_jumps_and_failures(zone: str, days: int, make: Make) -> None:
    wall = ZoneInfo(zone)
    world = make(SCHEDULE.format(zone=zone))
    lived(world, days, random.Random(zone))  # noqa: S311 - a drawn life is no secret
    world.fails = lambda _: False
    for _ in range(30):
        world.step(timedelta(hours=1))
    # Every listed paper was considered and delivered, and none twice.
    assert sorted(world.titles()) == sorted(paper.title for paper in listed(world.n_listed))
    # One good run for each period in which the computer was awake; more only after failures.
    good = [at for at, got in zip(world.ran, world.delivered, strict=True) if got]
    periods = [(at.astimezone(wall) - timedelta(hours=7, minutes=30)).date() for at in good]
    assert len(set(periods)) >= len(periods) - 2
    assert len(good) <= days + 1


def test_a_gap_is_one_run_and_one_delivery(make: Make) -> None:
    world = make()
    world.publish()
    world.step(timedelta(hours=2))
    assert len(world.ran) == 1
    for _ in range(20):
        world.now += timedelta(days=1)
        world.publish()
    world.now += timedelta(hours=1)
    world.step(timedelta(0))
    world.step(timedelta(minutes=1))
    assert len(world.ran) == 2
    assert len(world.delivered[1]) == 20 * A_DAY


def test_what_fails_for_now_is_tried_again_and_not_in_a_hurry(make: Make) -> None:
    world = make()
    world.publish()
    world.fails = lambda at: at < START + timedelta(hours=5)
    for _ in range(24 * 6):
        world.step(timedelta(minutes=10))
    assert 3 <= len(world.ran) <= 9
    assert len(world.titles()) == A_DAY


def test_a_run_that_cannot_be_begun_ends_no_daemon_and_is_tried_again(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    world = make()
    world.publish()
    good = world.daemon.start

    def no_memory(settings: Settings, work: Work) -> Done:
        raise OSError(12, "Cannot allocate memory")

    world.daemon.start = no_memory
    world.step(timedelta(minutes=30))
    assert "no run can be begun: Cannot allocate memory" in caplog.text
    assert world.ran == []
    world.daemon.start = good
    for _ in range(24):
        world.step(timedelta(minutes=10))
    # Before long, and then at its hour.
    assert len(world.ran) == 2
    assert world.ran[0] < START + timedelta(hours=1)
    assert len(world.titles()) == A_DAY


def test_runs_never_overlap_and_have_a_limit(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    world = make(SCHEDULE.format(zone="UTC") + "time_limit_minutes = 30\n")
    hung = Done(0, looks=10**6)
    world.daemon.start = lambda *_: hung
    world.step(timedelta(hours=2))
    run = world.daemon.running
    assert run
    world.step(timedelta(minutes=29))
    assert world.daemon.running is run
    assert hung.told == []
    with caplog.at_level(logging.ERROR):
        world.step(timedelta(minutes=2))
    assert world.daemon.running is not run
    assert hung.told[:2] == ["terminate", "kill"]
    assert "time limit" in caplog.text


def test_a_changed_config_is_read_and_one_with_an_error_is_told(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    world = make()
    world.step(timedelta(hours=2))
    text = world.file.read_text(encoding="utf-8")
    world.file.write_text(text.replace("07:30", "half past"), encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        world.step(timedelta(minutes=1))
    assert "schedule.at" in caplog.text
    assert [one.schedule.at for one in world.daemon.profiles] == ["07:30"]
    world.file.write_text(text.replace("07:30", "21:15"), encoding="utf-8")
    world.daemon.ask_for_reload()
    world.step(timedelta(minutes=1))
    assert [one.schedule.at for one in world.daemon.profiles] == ["21:15"]
    # That is later today, and the morning's run was made already.
    assert len(world.ran) == 1
    world.now = world.now.replace(hour=21, minute=16)
    world.step(timedelta(0))
    assert len(world.ran) == 2


def test_without_a_good_config_it_does_not_start(make: Make) -> None:
    world = make()
    world.file.write_text("[schedule]\ncron = '99 * * * *'\n", encoding="utf-8")
    world.daemon.profiles = ()
    with pytest.raises(ConfigError, match=r"schedule\.cron"):
        world.daemon.reload()


def test_several_profiles_run_one_after_the_other(make: Make) -> None:
    both = "[[profile]]\nname = 'ada'\n[[profile]]\nname = 'bo'\n[profile.schedule]\nat = '20:00'\n"
    world = make(SCHEDULE.format(zone="UTC") + both, START + timedelta(hours=3))
    for _ in range(4):
        world.step(timedelta(hours=1))
    # Neither ever ran, so both are due at once.
    assert len(world.ran) == 2
    last = {one.name: world.last_run(one) for one in world.daemon.profiles}
    assert all(last.values())
    for _ in range(24):
        world.step(timedelta(hours=1))
    assert len(world.ran) == 4


def test_closing_ends_what_is_under_way(make: Make) -> None:
    world = make()
    hung = Done(0, looks=10**6)
    world.daemon.start = lambda *_: hung
    world.step(timedelta(hours=2))
    world.daemon.close()
    assert hung.told == ["terminate", "kill"]
    assert world.daemon.running is None


def test_a_pause_is_kept_and_what_was_missed_is_made_up(make: Make) -> None:
    world = make()
    world.step(timedelta(hours=2))
    assert len(world.ran) == 1
    world.paused = world.now + timedelta(days=3)
    for _ in range(3 * 24 - 1):
        world.step(timedelta(hours=1))
        if world.now.hour == 12:
            world.publish()
    n_before = len(world.ran)
    assert n_before == 1
    for _ in range(2):
        world.step(timedelta(hours=1))
    assert len(world.ran) == 2
    assert len(world.delivered[-1]) == 3 * A_DAY


def test_a_pause_that_is_ended_by_hand_ends_before_long(make: Make) -> None:
    world = make()
    world.paused = world.now + timedelta(days=300)
    world.step(timedelta(hours=2))
    assert not world.ran
    world.paused = None
    world.step(timedelta(minutes=6))
    assert len(world.ran) == 1
