"""``shelfwise daemon``: runs when they are due, each in a process of its own, for months."""

import logging
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, Protocol
from uuid import uuid4

from recommender import config, schedule
from recommender.agenda import SOON, Agenda, Work, due, includes
from recommender.cli import logs, pausing, planning
from recommender.cli.child import Told
from recommender.cli.exits import TRANSIENT
from recommender.cli.heartbeat import HealthEndpoint
from recommender.cli.notifying import Notifier
from recommender.config import Settings
from recommender.cycle.recording import last_that
from recommender.errors import ConfigError, StoreError
from recommender.store import Store
from recommender.store.lock import Lock

_log = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)
"""How often it looks whether anything is to be done."""

_GRACE = timedelta(seconds=4)  # between asking a run to end and ending it


class Process(Protocol):
    """A run under way."""

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    def wait(self, timeout: float) -> int:
        """Its exit code, once it has ended; raises ``subprocess.TimeoutExpired``."""


@dataclass(slots=True)
class _Run:
    profile: str
    work: Work
    process: Process
    ends_at: float
    started_at: datetime


@dataclass(slots=True)
class Daemon:
    """What is due, and what is under way.

    Attributes:
        path: The config file.
        start: Starts a run that does this for a profile.
        last_run: When the last run of a profile began that did this, by its record; None without
            one.
        paused_until: Until when a profile is paused; None where it is not.
        now: The time.
        clock: Seconds since some moment, for limits.
        notifier: Tells the service manager.
        is_over: Set when it is to end; no run is begun any more.
    """

    path: Path
    start: Callable[[Settings, Work], Process]
    last_run: Callable[[Settings, Work], datetime | None]
    paused_until: Callable[[Settings, datetime], datetime | None]
    now: Callable[[], datetime]
    clock: Callable[[], float] = monotonic
    notifier: Notifier = field(default_factory=Notifier)
    profiles: Sequence[Settings] = ()
    agendas: dict[tuple[str, Work], Agenda] = field(default_factory=dict)
    running: _Run | None = None
    is_over: threading.Event = field(default_factory=threading.Event)
    _seen: float = 0.0
    _asked: threading.Event = field(default_factory=threading.Event)
    _ticking: threading.Lock = field(default_factory=threading.Lock)

    def reload(self) -> None:
        """Read the config; one with an error is told, and the earlier one stays in force.

        Raises:
            ConfigError: If there is no earlier one.
        """
        self._seen = _changed_at(self.path)
        try:
            profiles = config.read_all(self.path)
            rhythms = {one.name: planning.rhythms(one) for one in profiles}
        except ConfigError as error:
            if not self.profiles:
                raise
            for problem in error.problems:
                _log.error("the config has an error, so the earlier one stays: %s", problem)
            return
        if self.profiles:
            _log.info("the config was read again")
        self.profiles = profiles
        self.agendas = {
            (one.name, work): replace(
                self.agendas.get((one.name, work))
                or Agenda(rhythm=rhythm, last=self.last_run(one, work), delay=_delay(one)),
                rhythm=rhythm,
            )
            for one in profiles
            for work, rhythm in rhythms[one.name].items()
        }

    def ask_for_reload(self) -> None:
        """Let the next tick read the config, changed or not."""
        self._asked.set()

    def tick(self) -> None:
        """Do what is to be done now; it never takes long."""
        with self._ticking:
            if not self.is_over.is_set():
                self._tick()

    def _tick(self) -> None:
        self.notifier.watchdog()
        if self._asked.is_set() or _changed_at(self.path) != self._seen:
            self._asked.clear()
            self.notifier.reloading()
            self.reload()
            self.notifier.ready()
        if self.running:
            self._look_after(self.running)
        if not self.running:
            self._begin()

    def health(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether all is well, and when each profile ran and is to run."""
        now = self.now()
        # Those of whole runs alone.
        agendas = {
            name: one for (name, work), one in [*self.agendas.items()] if work is Work.PUBLISH
        }
        told: dict[str, Any] = {}
        for name, agenda in agendas.items():
            next_at = agenda.next_at(now)
            told[name] = {
                "last_run": agenda.last.isoformat() if agenda.last else None,
                "next_run": next_at.isoformat() if next_at else None,
                "failed_in_a_row": agenda.failed,
            }
        limits = {one.name: one.daemon.alarm_after_failures for one in self.profiles}
        # 0 is never.
        is_well = not any(0 < limits[name] <= agendas[name].failed for name in limits)
        running = self.running.profile if self.running else None
        return is_well, {"running": running, "profiles": told}

    def close(self) -> None:
        """End the run that is under way, at its next safe point or at once; begin no more."""
        self.is_over.set()
        # A run that is just being begun is not to be left behind.
        with self._ticking:
            if self.running:
                self._end(self.running.process)
                self.running = None

    def _begin(self) -> None:
        now = self.now()
        profiles = {one.name: one for one in self.profiles}
        for name, work in due(self.agendas, now):
            if self._may_begin(profiles[name], work, now):
                settings = profiles[name]
                limit = timedelta(minutes=settings.schedule.time_limit_minutes)
                try:
                    process = self.start(settings, work)
                except OSError as error:
                    # There is no memory for it now, or it ended before it was told anything.
                    _log.error("%s: no run can be begun: %s", name, error.strerror or error)
                    self._over(name, work, TRANSIENT)
                    return
                ends_at = self.clock() + limit.total_seconds()
                self.running = _Run(name, work, process, ends_at, now)
                self.notifier.status(f"running {name}")
                return

    def _may_begin(self, settings: Settings, work: Work, now: datetime) -> bool:
        """Whether what seems to be due is."""
        key = settings.name, work
        agenda = self.agendas[key]
        # Somebody may have run it by hand meanwhile.
        last = self.last_run(settings, work)
        if last != agenda.last:
            agenda = self.agendas[key] = replace(agenda, last=last)
        if end := self.paused_until(settings, now):
            # Looked at again before long, for the pause may be ended by hand.
            self.agendas[key] = replace(agenda, retry_at=min(end, now + SOON))
            return False
        return agenda.is_due(now)

    def _look_after(self, run: _Run) -> None:
        code = run.process.poll()
        if code is None and self.clock() >= run.ends_at:
            _log.error("%s: took longer than its time limit and is ended", run.profile)
            self._end(run.process)
            code = TRANSIENT
        if code is not None:
            self._over(run.profile, run.work, code)

    def _over(self, profile: str, work: Work, code: int) -> None:
        self.running = None
        key = profile, work
        settings = next((one for one in self.profiles if one.name == profile), None)
        if settings is None or key not in self.agendas:  # taken out of the config meanwhile
            return
        now = self.now()
        agenda = self.agendas[key] = self.agendas[key].ended(
            now,
            self.last_run(settings, work),
            good=code == 0,
            passing=code == TRANSIENT,
            delay=_delay(settings),
        )
        # Those that came to no record, too.
        if work is Work.PUBLISH and 0 < settings.daemon.alarm_after_failures <= agenda.failed:
            _log.error("%s: failed %d times in a row", profile, agenda.failed)
        next_at = self.agendas[profile, Work.PUBLISH].next_at(now)
        when = f"{next_at.astimezone():%Y-%m-%d %H:%M}" if next_at else ""
        said = f"next run of {profile}: {when}" if when else "idle"
        _log.info("%s", said)
        self.notifier.status(said)

    def _end(self, process: Process) -> None:
        process.terminate()
        try:
            process.wait(timeout=_GRACE.total_seconds())
        except subprocess.TimeoutExpired:
            process.kill()


def run(config_file: Path | None) -> int:
    """Run what is due until somebody ends it.

    Raises:
        ConfigError: If there is no config, or it has an error.
        StoreError: If another daemon has the store.
    """
    path = config.own_file(config_file).resolve()
    daemon = Daemon(
        path,
        start=_started,
        last_run=_last_run,
        paused_until=_paused_until,
        now=lambda: datetime.now(UTC),
    )
    daemon.reload()
    whole = daemon.profiles[0]
    logs.begin(whole.log)
    # Beside the store's own lock, which each run takes for itself.
    store = config.store_file(whole)
    with Lock.taken(
        store.with_name(f"{store.name}.daemon"), command="shelfwise daemon", at=datetime.now(UTC)
    ):
        _run(daemon, whole)
    return 0


def _run(daemon: Daemon, whole: Settings) -> None:
    def tick() -> None:
        daemon.tick()
        # It may have been asked to end before the clockwork could be stopped.
        if daemon.is_over.is_set():
            clockwork.stop()

    clockwork = schedule.Clockwork(EVERY, tick)
    endpoint = _endpoint(daemon, whole.daemon.health_port)

    def stop(_: int, __: FrameType | None) -> None:
        daemon.is_over.set()
        # The clockwork may hold a lock at this very moment, in this very thread.
        threading.Thread(target=clockwork.stop, name="stops").start()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if number := getattr(signal, name, None):
            signal.signal(number, stop)
    if hangup := getattr(signal, "SIGHUP", None):
        signal.signal(hangup, lambda *_: daemon.ask_for_reload())
    _log.info("started; %s", ", ".join(one.name for one in daemon.profiles))
    daemon.notifier.ready()
    try:
        clockwork.run()
    finally:
        daemon.notifier.stopping()
        daemon.close()
        if endpoint:
            endpoint.close()
        _log.info("stopped")


def _endpoint(daemon: Daemon, port: int) -> HealthEndpoint | None:
    if not port:
        return None
    try:
        return HealthEndpoint(port, daemon.health)
    except OSError as error:
        message = f"daemon.health_port: {port} cannot be had: {error.strerror or error}"
        raise ConfigError(f"{message}; name another") from error


def _started(settings: Settings, work: Work) -> Process:
    """A run that does this for a profile, in a process of its own."""
    told = Told(run=uuid4().hex[:8], settings=settings.model_dump_json(), work=work.value)
    _log.info("%s: run %s begins (%s)", settings.name, told.run, work.value)
    # With -P, a folder of our name where the daemon was started is not taken for us.
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "recommender.cli.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stdin  # noqa: S101 - asked for above
    # One that ended before it was told anything is seen to have ended.
    with suppress(BrokenPipeError), process.stdin as channel:
        channel.write(told.as_json().encode())
    return process


def _last_run(settings: Settings, work: Work) -> datetime | None:
    path = config.store_file(settings)
    if not path.exists():
        return None
    try:
        with Store.open(path) as store:
            found = last_that(store, settings.name, lambda record: includes(record, work))
    except StoreError as error:
        # The run itself says what is to be done about it.
        _log.warning("the store cannot be read now: %s", type(error).__name__)
        return None
    return found.started_at if found else None


def _paused_until(settings: Settings, now: datetime) -> datetime | None:
    path = config.store_file(settings)
    if not path.exists():
        return None
    try:
        with Store.open(path) as store:
            return pausing.paused_until(store, settings.name, now)
    except StoreError:
        return None  # the run itself says what is to be done about it


def _delay(settings: Settings) -> timedelta:
    return timedelta(minutes=random.uniform(0, settings.schedule.jitter_minutes))  # noqa: S311


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
