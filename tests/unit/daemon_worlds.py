"""A daemon whose time is stepped, with a reader, a source and a shelf that live as long as it."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from recommender import cycle
from recommender.agenda import Work, includes
from recommender.cli.daemon import Daemon
from recommender.config import Settings
from recommender.cycle import between
from recommender.cycle.recording import last_that
from recommender.errors import TransientError
from recommender.library import Item
from recommender.selection import Wishes
from recommender.store import Store
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.zotero.worlds import InOrder, listed

A_DAY = 3
"""How many papers are listed each day."""


class Done:
    """A run that is over as soon as it is looked at, or after so many looks."""

    def __init__(self, code: int, looks: int = 0) -> None:
        self.code = code
        self.looks = looks
        self.told: list[str] = []

    def poll(self) -> int | None:
        self.looks -= 1
        return self.code if self.looks < 0 else None

    def terminate(self) -> None:
        self.told.append("terminate")

    def kill(self) -> None:
        self.told.append("kill")

    def wait(self, timeout: float) -> int:
        if "kill" not in self.told:
            raise subprocess.TimeoutExpired("run", timeout)
        return self.code


@dataclass
class World:
    """Everything around a daemon, in a folder.

    Attributes:
        now: What the clock on the wall says.
        fails: Whether a run fails, for passing reasons, by the moment it begins.
        ran: When whole runs began.
        read: When others began.
        delivered: What each whole run delivered, by titles.
    """

    folder: Path
    config: str
    now: datetime
    fails: Callable[[datetime], bool] = lambda _: False
    ran: list[datetime] = field(default_factory=list)
    read: dict[Work, list[datetime]] = field(default_factory=lambda: {one: [] for one in Work})
    delivered: list[set[str]] = field(default_factory=list)
    n_listed: int = 0

    def __post_init__(self) -> None:
        self.file = self.folder / "config.toml"
        self.file.write_text(f"{self.config}\n[store]\npath = 'kept.db'\n", encoding="utf-8")
        self.library = FakeLibrary()
        self.library.put(Item(key="A", paper=listed(1, start=99_999)[0]))
        self.source = FakeSource()
        self.shelf = FakePublisher()
        self.store = Store.open(self.folder / "kept.db")
        self.seconds = 0.0
        self.paused: datetime | None = None
        self.daemon = Daemon(
            self.file,
            start=self.start,
            last_run=self.last_run,
            paused_until=lambda _, now: self.paused if self.paused and now < self.paused else None,
            now=lambda: self.now,
            clock=lambda: self.seconds,
        )
        self.daemon.reload()

    def close(self) -> None:
        self.store.close()

    def last_run(self, settings: Settings, work: Work = Work.PUBLISH) -> datetime | None:
        found = last_that(self.store, settings.name, lambda record: includes(record, work))
        return found.started_at if found else None

    def publish(self, day: date | None = None) -> None:
        """A day's papers are listed: today's, if it is not said which."""
        day = day or self.now.date()
        at = datetime.combine(day, time(), UTC)
        self.source.publish(*listed(A_DAY, start=self.n_listed + 1), at=at, name=f"{day}")
        self.n_listed += A_DAY

    def start(self, settings: Settings, work: Work) -> Done:
        failing = self.fails(self.now)
        self.source.failure = TransientError("fake", "fake: is down") if failing else None
        profile = cycle.Profile(
            name=settings.name,
            libraries=[self.library],
            sources=[self.source],
            publishers=[self.shelf],
            wishes=Wishes(limit=1000, threshold=0.0, explore=False, too_similar=2.0),
        )
        if work is not Work.PUBLISH:
            self.read[work].append(self.now)
            read = between.ingest if work is Work.INGEST else between.sync
            return Done(75 if read(profile, self.store, now=self.now).failures else 0)
        self.ran.append(self.now)
        before = set(self.shelf.shelf)
        record = cycle.run(profile, InOrder(), self.store, now=self.now)
        # What nobody touched for a month is taken off the shelf again.
        new = self.shelf.shelf.keys() - before
        self.delivered.append({self.shelf.shelf[one].paper.title for one in new})
        return Done(75 if record.failures else 0)

    def step(self, by: timedelta) -> None:
        """The time passes, and the daemon looks."""
        self.now += by
        self.seconds += max(by.total_seconds(), 0)
        self.daemon.tick()

    def titles(self) -> list[str]:
        """Of all that was ever delivered."""
        return [title for some in self.delivered for title in some]
