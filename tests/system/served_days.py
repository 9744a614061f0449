"""A reader with a served Zotero and a served feed, day after day."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from tests.system import invented
from tests.system.own import Own, Zotero, zotero
from tests.zotero.worlds import picture

Left = Mapping[str, object]
"""What each stage left in the store, by its name."""

_FIRST = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
_SETTINGS = """
[selection]
limit = 3
[feedback]
expires_after_days = 2
[schedule]
jitter_minutes = 0
"""
# What each stage leaves in the store, as one value.
_LEFT = {
    "library": "SELECT group_concat(version) FROM (SELECT version FROM entries ORDER BY key)",
    "sources": "SELECT (SELECT count(*) FROM papers), (SELECT group_concat(mark) FROM marks)",
    "model": "SELECT substr(fingerprint, 34) FROM models",
    "scores": "SELECT count(*) FROM current_scores",
    "choice": "SELECT group_concat(suggestion_id) FROM suggestions",
    "delivery": "SELECT count(*) FROM outbox WHERE delivered_at IS NOT NULL",
}


class Feed:
    """A facade that lists twelve new papers each day, and only that day's."""

    def __init__(self) -> None:
        self.day = 0

    def __call__(self, request: Request) -> Response:
        """The day's papers as JSON Lines."""
        topics, first = (*invented.MINE, "ceramic"), 100 + 3 * self.day
        papers = [one for topic in topics for one in invented.papers(topic, 3, first)]
        return Response(200, {"Content-Type": "application/jsonl"}, invented.lines(papers).encode())


class World:
    """A reader with a served Zotero and a served feed, who looks at the shelf each day."""

    def __init__(self, folder: Path, account: Zotero, feed: Feed, fed: Server) -> None:
        folder.mkdir()
        self.own, self.zotero, self.feed, self.fed = Own(folder), account, feed, fed
        self.settle()

    def settle(self, *more: str) -> Path:
        """Write the config."""
        source = f'[[source]]\nplace = "{self.fed.address}/new.jsonl"'
        library = self.zotero.config()
        return self.own.settle(_SETTINGS, *more, source, library=library, source=False)

    @property
    def file(self) -> Path:
        """The config."""
        return self.own.file

    def begin(self, day: int) -> None:
        """It is the next day: papers are listed, and the reader answers to what is there."""
        self.feed.day = day
        items = self.zotero.library.items
        for key in sorted(self.waiting())[:1]:
            data = dict(items[key].data)
            self.zotero.library.put("items", {**data, **self._answer(day)}, key, by=1)

    def _answer(self, day: int) -> Mapping[str, Any]:
        if day % 2:
            return {"deleted": 1}
        name = {"name": f"Filed {day}", "parentCollection": False, "relations": {}}
        return {"collections": [self.zotero.library.put("collections", name, by=1).key]}

    def waiting(self) -> list[str]:
        """The keys of what is on the shelf and nobody has touched."""
        shelf = {
            k for k, c in self.zotero.library.collections.items() if c.data["name"] == "Shelfwise"
        }
        return [
            key
            for key, item in self.zotero.library.items.items()
            if shelf & set(item.data.get("collections", ())) and not item.data.get("deleted")
        ]

    def outcome(self) -> "Outcome":
        """How everything is."""
        titles = [
            str(item.data["title"])
            for item in self.zotero.library.items.values()
            if "Shelfwise:" in str(item.data.get("extra"))
        ]
        told = json.dumps(picture(self.zotero.library, keys=True))
        feed = self.fed.address.removeprefix("http://")
        return Outcome(told.replace(feed, "the feed"), sorted(titles), self.own.states())

    def left(self) -> Left:
        """What each stage has left in the store."""
        if not self.own.store_file.exists():
            return dict.fromkeys(_LEFT)
        with self.own.store() as store:
            store.check()
        with closing(sqlite3.connect(self.own.store_file)) as connection:
            return {stage: connection.execute(asked).fetchone() for stage, asked in _LEFT.items()}

    def is_done(self, now: datetime) -> bool:
        """Whether the daemon would take the day's run for done."""
        if not self.own.store_file.exists():
            return False
        with self.own.store() as store:
            found = store.last_cycles("default", 1)
        return bool(found) and found[0].started_at >= now


@dataclass(frozen=True, slots=True)
class Outcome:
    """How everything is at the end of a day.

    Attributes:
        picture: All that the library holds, but for times.
        titles: Of all that we ever made there.
        states: What became of each suggestion, by title.
    """

    picture: str
    titles: Sequence[str]
    states: Mapping[str, str]


@contextmanager
def opened(folder: Path) -> Iterator[World]:
    """A world, as long as the context lasts."""
    feed = Feed()
    with zotero() as account, Server(feed) as fed:
        yield World(folder, account, feed, fed)


def at(day: int, n_before: int = 0) -> datetime:
    """When a day's run is, after so many that came to nothing."""
    # So no time for an answer ends while a run is tried again.
    return _FIRST + timedelta(hours=25 * day, minutes=n_before)
