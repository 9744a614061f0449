"""A run of the daemon that ends in the middle is made up by the next, as if nothing had been."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from integrations.web.testing.server import Moment, Server
from recommender import config
from recommender.agenda import Work
from recommender.cli.child import Told
from recommender.cli.daemon import Daemon
from recommender.cli.exits import INTERRUPTED
from recommender.config import Settings
from recommender.store.lock import Lock
from tests.system import invented, test_daemon
from tests.system.cut_short import KILLED, STAGES, Ended, Launcher, Place
from tests.system.own import KEY, Own
from tests.system.served_days import Left, Outcome, World, at, opened
from tests.unit.daemon_worlds import Done

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")

LIMIT = 5.0
"""Seconds in which a run ends that is asked to."""


@pytest.fixture(scope="module", autouse=True)
def _key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("READERS_KEY", KEY)
        yield


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    folder = tmp_path_factory.mktemp("launcher")
    with opened(folder / "warming") as world:
        world.settle('[shelf]\nvia = "none"')
        with Launcher(folder, world.file) as found:
            assert found.run(world.file, at(0)).code == 0
            yield found


class Unharmed:
    """How each day ends where nobody harms a run, and what each stage of its run leaves."""

    def __init__(self, launcher: Launcher, world: World) -> None:
        self._launcher, self._world = launcher, world
        self._days: list[tuple[Outcome, Left]] = []

    def days(self, n: int) -> Sequence[tuple[Outcome, Left]]:
        """The first ``n`` days, each lived once."""
        for day in range(len(self._days), n):
            self._world.begin(day)
            ended = self._launcher.run(self._world.file, at(day))
            assert ended.code == 0, ended.said
            self._days.append((self._world.outcome(), self._world.left()))
        return self._days[:n]


@pytest.fixture(scope="module")
def unharmed(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unharmed]:
    with opened(tmp_path_factory.mktemp("unharmed") / "days") as world:
        yield Unharmed(launcher, world)


@pytest.mark.parametrize(
    ("n", "seed"), [(10, 1), pytest.param(200, 2, marks=pytest.mark.slow)], ids=str
)
def test_a_run_is_killed_at_any_moment_again_and_again(
    launcher: Launcher, unharmed: Unharmed, tmp_path: Path, n: int, seed: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    found: list[Outcome] = []
    n_killed, longest = 0, 0.5
    with opened(tmp_path / "killed") as world:
        while n_killed < n:
            day, n_tries = len(found), 0
            world.begin(day)
            while not world.is_done(at(day)):
                # A busy machine takes longer; in the end each run is given the time for it.
                moment = draw.uniform(0, longest * (1.1 + n_tries / 4))
                ended = launcher.run(world.file, at(day, n_tries), kill_after=moment)
                assert ended.code in {0, KILLED}, ended.said
                n_tries += 1
                n_killed += ended.code == KILLED
                longest = ended.seconds if ended.code == 0 else longest
            found.append(world.outcome())
    wanted = [outcome for outcome, _ in unharmed.days(len(found))]
    differing = [day for day, (a, b) in enumerate(zip(found, wanted, strict=True)) if a != b]
    assert differing == []
    assert len(set(found[-1].titles)) == len(found[-1].titles)
    assert len(found[-1].titles) >= len(found)


@dataclass(frozen=True, slots=True)
class Asking:
    """A run is asked to end when the n-th request of it arrives, which is not acted on."""

    position: int

    def __str__(self) -> str:
        return f"request {self.position}"


def asked(launcher: Launcher, world: World, now: datetime, place: Place | Asking) -> Ended:
    """How a run ends that is asked to when it gets to a place."""
    if isinstance(place, Place):
        return launcher.run(world.file, now, place=place)
    begun: Queue[int] = Queue()
    arrived = count()

    def hook(_: int, moment: Moment) -> bool:
        if moment == "before" and next(arrived) == place.position:
            os.kill(begun.get(timeout=10), signal.SIGTERM)
            return False
        return True

    servers = (world.zotero.server, world.fed)
    for server in servers:
        server.hook = hook
    try:
        return launcher.run(world.file, now, begun=begun.put)
    finally:
        for server in servers:
            server.hook = None


def check_stages(world: World, place: Place | Asking, before: Left, after: Left) -> None:
    """Each stage is done or not begun; of those that begin one after the other, in this order."""
    found = world.left()
    if found["model"] != before["model"]:
        # What another model said went with it.
        before = {**before, "scores": (0,)}
    done = [found[stage] == after[stage] for stage in STAGES]
    for stage, is_done in zip(STAGES, done, strict=True):
        assert is_done or found[stage] == before[stage], (str(place), stage)
    # What a day does not change is as done as not.
    changes = [after[stage] != before[stage] for stage in STAGES]
    counting = [is_done for is_done, does in zip(done, changes, strict=True) if does]
    assert counting == sorted(counting, reverse=True), str(place)
    if isinstance(place, Place) and place.of == "stage":
        n_before = sum(changes[: place.position])
        assert counting == [n < n_before for n in range(len(counting))], str(place)


_EVERYWHERE: list[Place | Asking] = [
    *(Place("stage", n) for n in range(len(STAGES))),
    *(Asking(n) for n in range(9)),
    *(Place("write", n) for n in range(18)),
]


@pytest.mark.parametrize(
    "places",
    [
        pytest.param(_EVERYWHERE[: len(STAGES)], id="stages"),
        pytest.param(_EVERYWHERE, id="everywhere", marks=pytest.mark.slow),
    ],
)
def test_a_run_that_is_asked_to_ends_at_once_with_each_stage_done_or_not_begun(
    launcher: Launcher, unharmed: Unharmed, tmp_path: Path, places: Sequence[Place | Asking]
) -> None:
    # The first days have less to do, for nothing is on the shelf yet.
    with opened(tmp_path / "asked") as world:
        for day, (outcome, after) in enumerate(unharmed.days(3 + len(places))):
            world.begin(day)
            if day >= 3:
                place, before = places[day - 3], world.left()
                ended = asked(launcher, world, at(day), place)
                assert ended.code == INTERRUPTED, (str(place), ended.said)
                assert ended.seconds < LIMIT
                assert ended.said.splitlines()[-1] == "shelfwise: stopped"
                assert "Traceback" not in ended.said
                check_stages(world, place, before, after)
            if not world.is_done(at(day)):
                ended = launcher.run(world.file, at(day, 1))
                assert ended.code == 0, ended.said
            assert world.outcome() == outcome, day


@pytest.mark.parametrize(
    "seconds",
    [0.1, 0.4, *(pytest.param(one, marks=pytest.mark.slow) for one in (0.25, 0.6, 0.8))],
)
def test_a_child_that_is_asked_to_ends_at_once_whatever_it_does(
    tmp_path: Path, seconds: float
) -> None:
    with opened(tmp_path / "asked") as world:
        settings = config.read(world.file).model_dump_json()
        told = Told(run="a run", settings=settings, work=Work.PUBLISH.value)
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "recommender.cli.child"],
            env=invented.environment(),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdin
            process.stdin.write(told.as_json().encode())
            process.stdin.close()
            time.sleep(seconds)
            # A service manager may tell both, the daemon and its child.
            process.terminate()
            time.sleep(0.002)
            process.terminate()
            # Interrupted while it makes a class, Python ends by SIGINT, though all is in order.
            codes = {0, INTERRUPTED, -signal.SIGTERM, -signal.SIGINT}
            assert process.wait(timeout=LIMIT) in codes
            assert process.stderr
            assert b"Traceback" not in process.stderr.read()


def first_request(world: World, stage: str) -> tuple[Server, Callable[[str], bool]]:
    """Where the first request of a stage arrives, and what its method is."""
    if stage == "sources":
        return world.fed, lambda _: True
    return world.zotero.server, lambda method: (method == "POST") == (stage == "delivery")


@pytest.mark.parametrize(
    ("stage", "later"),
    [
        ("delivery", 0.0),
        pytest.param("library", 0.0, marks=pytest.mark.slow),
        *(
            pytest.param("sources", later, marks=pytest.mark.slow)
            # The answer is sent, and what comes after it is under way.
            for later in (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
        ),
    ],
)
def test_a_daemon_that_is_asked_to_ends_with_its_run_whatever_that_does(
    launcher: Launcher, unharmed: Unharmed, tmp_path: Path, stage: str, later: float
) -> None:
    [(wanted, _)] = unharmed.days(1)
    with opened(tmp_path / "asked") as world:
        world.begin(0)
        server, is_meant = first_request(world, stage)
        came, ended = Event(), Event()

        def hook(position: int, moment: Moment) -> None:
            if moment == "before" and is_meant(server.requests[position].method):
                came.set()
                if not later:
                    ended.wait(LIMIT)

        server.hook = hook
        daemon = test_daemon.Daemon(world.own)
        try:
            assert came.wait(60)
            time.sleep(later)
            daemon.told(signal.SIGTERM)
            assert daemon.process.wait(timeout=LIMIT) == 0
        finally:
            server.hook = None
            ended.set()
            daemon.process.kill()
            daemon.process.wait()
        assert "Traceback" not in daemon.log.read_text(encoding="utf-8")
        # Nothing of it is left that would keep the next run from the store.
        if not world.is_done(at(0)):
            told = launcher.run(world.file, datetime.now(UTC))
            assert told.code == 0, told.said
        assert world.outcome() == wanted


@pytest.mark.parametrize(
    "moments",
    [pytest.param((6, 8), id="some"), pytest.param(range(3, 13), marks=pytest.mark.slow, id="all")],
)
def test_a_daemon_that_is_asked_to_while_it_begins_leaves_no_run_behind(
    tmp_path: Path, moments: Sequence[int]
) -> None:
    with opened(tmp_path / "asked") as world:
        for tenths in moments:
            daemon = test_daemon.Daemon(world.own)
            try:
                time.sleep(tenths / 10)
                daemon.told(signal.SIGTERM)
                code = daemon.process.wait(timeout=LIMIT)
            finally:
                daemon.process.kill()
                daemon.process.wait()
            assert code in {0, -signal.SIGTERM}
            assert "Traceback" not in daemon.log.read_text(encoding="utf-8")
            with Lock.taken(world.own.store_file, command="a test", at=datetime.now(UTC)):
                pass


def test_a_run_that_is_just_being_begun_when_the_daemon_ends_is_ended_too(own: Own) -> None:
    own.settle("[schedule]\njitter_minutes = 0")
    begun, go_on, run = Event(), Event(), Done(0, looks=9)

    def start(settings: Settings, work: Work) -> Done:
        begun.set()
        assert go_on.wait(10)
        return run

    daemon = Daemon(
        own.file,
        start=start,
        last_run=lambda *_: None,
        paused_until=lambda *_: None,
        now=lambda: datetime.now(UTC),
    )
    daemon.reload()
    ticks, closes = Thread(target=daemon.tick), Thread(target=daemon.close)
    ticks.start()
    assert begun.wait(10)
    closes.start()
    go_on.set()
    ticks.join()
    closes.join()
    assert run.told == ["terminate", "kill"]
    run.told.clear()
    daemon.tick()
    assert daemon.running is None
