"""A reader with a Zotero on a loopback server, and everything of ours that works with it.

The real adapters, client and store do one cycle after another; only what scores is a stand-in, so
that a cycle takes milliseconds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np

from integrations.web.testing.server import Server
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.client import Patience
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Library, World
from recommender import cycle, ports
from recommender.arrays import Rows, Scores, Vectors
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.library import Library as Known
from recommender.papers import Author, Kind, Paper
from recommender.records import Record
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import Dislike, Reason, ReasonKind
from recommender.testing.sources import FakeSource

KEY = "readerskey0readerskey0re"
NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
DATES = {"dateAdded": "2026-01-02T03:04:05Z", "dateModified": "2026-01-02T03:04:05Z"}
PROFILE = "default"
Way = Literal["web", "local"]


def listed(n: int, start: int = 1) -> list[Paper]:
    """Invented listed papers, none of which is in the library."""
    return [
        Paper(
            title=f"Orchard survey number {number} of the northern valleys",
            abstract=f"We count apples in valley {number}.",
            authors=(Author("Pomme", "Ada"), Author("The Orchard Group")),
            published="2026-02-27",
            ids=(PaperId.of(Scheme.ARXIV, f"2602.{number:05}"),),
            kind=Kind.PREPRINT,
        )
        for number in range(start, start + n)
    ]


@dataclass(frozen=True, slots=True)
class InOrder:
    """Scores papers by the order in which they were listed; everything else is constant."""

    name: str = "in order"

    def fit(
        self,
        library: Known,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> "InOrder.Model":
        """A model that names the first paper of the library as its reason."""
        return InOrder.Model(library.items[0].key)

    def saved(self, model: ports.Model) -> bytes:
        """The reason that it names."""
        return model.reasons(listed(1))[0][0].item.encode()

    def restored(
        self, payload: bytes, library: Known, guidance: Guidance = NO_GUIDANCE
    ) -> "InOrder.Model":
        """A model that names it again."""
        return InOrder.Model(payload.decode())

    @dataclass(frozen=True, slots=True)
    class Model:
        """What ``InOrder`` makes."""

        item: str
        interest_names: tuple[str, ...] = ("Orchards",)
        summary: Mapping[str, float] = field(default_factory=lambda: {"threshold": 0.1})

        def score(self, papers: Sequence[Paper]) -> Scores:
            """Falling, by the number in the title."""
            numbers = [int(paper.title.split()[3]) for paper in papers]
            return np.array([1 / (1 + n / 100) for n in numbers], np.float32)

        def reasons(self, papers: Sequence[Paper]) -> Sequence[Sequence[Reason]]:
            """One reason that is the whole score."""
            scores = self.score(papers)
            return [
                (Reason(ReasonKind.PAPER, "close to “Pears”", float(score), self.item),)
                for score in scores
            ]

        def vectors(self, papers: Sequence[Paper]) -> Vectors:
            """All different."""
            return np.eye(max(len(papers), 1), dtype=np.float32)[: len(papers)]

        def judged(self, papers: Sequence[Paper]) -> tuple[Scores, Rows]:
            """All of one interest."""
            return self.score(papers), np.zeros(len(papers), np.int64)


class Program:
    """Our program as it is set up on each of the reader's computers.

    Attributes:
        way: Through which interface we read and write.
        address: Where that is.
        slept: What our client waited for, in seconds; nobody really waits.
        timeout: After which our client gives an answer up.
    """

    def __init__(self, way: Way, address: str) -> None:
        self.way = way
        self.address = address
        self.slept: list[float] = []
        self.timeout = timedelta(seconds=10)
        self.n_suggestions = 4
        self.n_listed = 12
        self.shelf: dict[str, Any] = {}
        self.libraries = ["user"]

    def account(self, store: Store, now: datetime = NOW) -> ZoteroAccount:
        """The account as it is opened on one computer."""
        return ZoteroAccount(
            self.settings,
            key=KEY if self.way == "web" else "",
            memory=store.memory("zotero"),
            now=now,
            patience=Patience(timeout=self.timeout, sleep=self.slept.append),
        )

    def machine(self, store: Store, now: datetime = NOW) -> cycle.Profile:
        """Everything of ours on one computer, for one cycle, as the command line puts it up."""
        account = self.account(store, now)
        if self.way == "local" and not any("key" in name for name in store.memory("zotero")):
            account.authorise()
        shelf = account.shelf()
        assert shelf is not None
        source = FakeSource()
        source.publish(*listed(self.n_listed), name="monday", at=NOW - timedelta(days=3))
        return cycle.Profile(
            name=PROFILE,
            libraries=account.libraries(),
            sources=[source],
            publishers=[shelf],
            wishes=Wishes(limit=self.n_suggestions, explore=False),
        )

    def run(self, store: Store, now: datetime = NOW) -> Record:
        """One cycle."""
        return cycle.run(self.machine(store, now), InOrder(), store, now=now)

    @property
    def settings(self) -> dict[str, Any]:
        """What a config would say."""
        return {
            "kind": "zotero",
            "place": self.way,
            "libraries": self.libraries,
            "web_address": self.address,
            "local_address": self.address,
            "shelf": {
                "collection": "Shelfwise",
                "tag": "shelfwise",
                "per_interest": False,
                "via": self.way,
                "more": "more like this",
                "less": "not for me",
                **self.shelf,
            },
        }


class ZoteroWorld(Program):
    """A served Zotero with a library in it, and our program.

    Attributes:
        world: All that the server holds.
        server: With the log of requests, the faults and the hook.
        api: The facade behind it, with its switches.
        library: The reader's library on the server.
    """

    def __init__(self, way: Way, server: Server, api: WebApi | LocalApi10, world: World) -> None:
        super().__init__(way, server.address)
        self.world = world
        self.server = server
        self.api = api
        self.library = world.library("users/1")

    def furnish(self, library: Library | None = None) -> None:
        """Put the reader's own things there: papers, a note, a file, collections, tags."""
        mine = library or self.library
        thesis = mine.put("collections", folder("Thesis"), "THESIS22", by=1)
        mine.put("collections", folder("Pears", thesis.key), "PEARS222", by=1)
        for number in range(6):
            mine.put("items", paper(f"Pears of the south, part {number}", "THESIS22"), by=1)
        first = next(iter(mine.items))
        note = {"itemType": "note", "note": "<p>Mine</p>", "parentItem": first}
        mine.put("items", {**DATES, **note, "tags": [], "relations": {}}, by=1)
        mine.put("items", paper("A shelf of apples"), by=1)

    def marked(self) -> dict[str, dict[str, Any]]:
        """What we made on the server, by title: every item that bears our mark."""
        return {
            str(one.data["title"]): {"key": key, **one.data}
            for key, one in self.library.items.items()
            if "Shelfwise:" in str(one.data.get("extra", ""))
        }

    def picture(self) -> object:
        """All that the library holds, but for what time, versions and the server's keys say."""
        return picture(self.library, keys=self.way == "web")

    def foreign(self) -> dict[str, str]:
        """Everything that we did not make, byte for byte, by its key."""
        ours = {"Shelfwise:", "Shelfwise suggestion"}
        found: dict[str, str] = {}
        for kind in ("items", "collections"):
            for key, one in self.library.objects[kind].items():
                text = json.dumps(one.data, sort_keys=True)
                if not any(word in text for word in ours) and one.data.get("name") != "Shelfwise":
                    found[key] = f"{one.version} {text}"
        return found


def picture(library: Library, *, keys: bool) -> object:
    """All that a library holds, but for times and versions; with its keys, or told by its names.

    Two pictures are equal if and only if a person could not tell the two libraries apart.
    """
    names = {
        key: str(one.data.get("name") or one.data.get("title") or one.data.get("note"))
        for kind in ("items", "collections")
        for key, one in library.objects[kind].items()
    }

    def told(data: Mapping[str, Any]) -> str:
        timeless = {k: v for k, v in data.items() if k not in {"dateAdded", "dateModified"}}
        text = json.dumps(timeless, sort_keys=True, ensure_ascii=False)
        if not keys:
            for key, name in names.items():
                text = text.replace(f'"{key}"', json.dumps(f"<{name}>", ensure_ascii=False))
        return text

    return sorted(
        (key if keys else "", told(one.data))
        for kind in ("items", "collections")
        for key, one in library.objects[kind].items()
    )


def paper(title: str, *folders: str, **more: Any) -> dict[str, Any]:
    """An item of the reader's own, as the server keeps it."""
    author = {"creatorType": "author", "firstName": "Maria", "lastName": "Poire"}
    return {
        "itemType": "journalArticle",
        "title": title,
        "creators": [author],
        "date": "2020",
        "collections": list(folders),
        "tags": [{"tag": "fruit"}],
        "relations": {},
        **DATES,
        **more,
    }


def folder(name: str, parent: str | None = None) -> dict[str, Any]:
    """A collection of the reader's own, as the server keeps it."""
    return {"name": name, "parentCollection": parent or False, "relations": {}}


@contextmanager
def served(way: Way) -> Iterator[ZoteroWorld]:
    """A furnished Zotero, as long as the context lasts."""
    world = World()
    world.add_user(1, "ada")
    api: WebApi | LocalApi10
    if way == "web":
        world.add_key(ApiKey(KEY, 1))
        api = WebApi(world)
    else:
        api = LocalApi10(world, user_id=1)
        api.authorisations.answer = "always allow"
    with Server(api) as server:
        found = ZoteroWorld(way, server, api, world)
        found.furnish()
        yield found


@contextmanager
def opened(path: Path | None = None) -> Iterator[Store]:
    """A store in a file, or in memory."""
    with Store.open(path) as store:
        yield store
