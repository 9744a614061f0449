"""A Zotero that is served, and shelves on it."""

import json
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

import pytest

from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import ERROR_200, Fault, Server
from integrations.zotero.client import Client, Patience
from integrations.zotero.shelf import ShelfSettings, ZoteroShelf
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Group, Library, World
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.publishers import suggestion_on

Via = Literal["web", "local"]

KEY = "k" * 24
PATIENCE = Patience(timeout=timedelta(seconds=5), pauses=(), sleep=lambda _: None)
BOTH = pytest.mark.parametrize("via", ["web", "local"])
LOCAL = pytest.mark.parametrize("via", ["local"])


class Zotero:
    """A library that is served, and shelves on it."""

    def __init__(self, via: Via, library: str = "users/1") -> None:
        self.via = via
        ticks = count()
        start = datetime(2024, 3, 6, tzinfo=UTC)
        self.world = World(clock=lambda: start + timedelta(seconds=next(ticks)))
        self.world.add_user(1, "reader")
        self.world.add_group(Group(2, "Lab", 1))
        self.world.add_key(ApiKey(KEY, 1, groups={"all": "write"}))
        self.library: Library = self.world.library(library)
        self.web = WebApi(self.world)
        self.local = LocalApi10(self.world, user_id=1)
        self.local.authorisations.remember(KEY)
        self.memory: dict[str, str] = {}
        self.meddle: Callable[[Request], Request] = lambda request: request
        self.server = Server(self._answer)
        self._clients: list[Client] = []

    def _answer(self, request: Request) -> Response:
        facade = self.web if self.via == "web" else self.local
        return facade(self.meddle(request))

    def __enter__(self) -> "Zotero":
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self.server.__exit__(None, None, None)

    def client(self, key: str = KEY) -> Client:
        address, path = self.server.address, self.library.path
        if self.via == "web":
            client = Client.web(address, path, key, patience=PATIENCE)
        else:
            path = path.replace("users/1", "users/0")
            client = Client.local(f"{address}/api", path, key, patience=PATIENCE)
        self._clients.append(client)
        return client

    def shelf(
        self, memory: MutableMapping[str, str] | None = None, key: str = KEY, **settings: Any
    ) -> ZoteroShelf:
        """A shelf of a cycle that has just read the library."""
        memory = self.memory if memory is None else memory
        synced = self.library.version
        return shelf_at(self.client(key), memory, since=synced, **settings)

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        return {k: i.data for k, i in self.library.items.items() if i.data["itemType"] != "note"}

    @property
    def notes(self) -> dict[str, dict[str, Any]]:
        return {k: i.data for k, i in self.library.items.items() if i.data["itemType"] == "note"}

    def change(self, key: str, kind: Literal["items", "collections"] = "items", **new: Any) -> None:
        """What a person does, or another program."""
        known = self.library.objects[kind][key]
        self.library.put(kind, {**known.data, **new}, key)

    def collection(self, path: str, *inner: str) -> str:
        """The key of the collection in a place; names with a slash in them come after the path."""
        parent = ""
        for name in (*path.split("/"), *inner):
            parent = next(
                key
                for key, c in self.library.collections.items()
                if c.data["name"] == name and (c.data.get("parentCollection") or "") == parent
            )
        return parent

    def furnish(self) -> None:
        """Give the reader collections: Bees, Insects / Wasps."""
        folders = {"BEES2222": ("Bees", False), "INSECTS2": ("Insects", False)}
        for key, (name, parent) in {**folders, "WASPS222": ("Wasps", "INSECTS2")}.items():
            self.library.put("collections", {"name": name, "parentCollection": parent}, key)

    def frozen(self) -> str:
        """All there is, to the byte."""
        return repr(
            [
                (kind, key, stored.version, stored.data)
                for kind, held in self.library.objects.items()
                for key, stored in held.items()
            ]
        )

    def seen(self) -> object:
        """What a person sees: the same whatever the keys and the order of making are."""
        keys = {key: str(c.data["name"]) for key, c in self.library.collections.items()} | {
            key: str(item["title"]) for key, item in self.items.items()
        }
        passing = {"dateAdded", "dateModified"}

        def named(data: dict[str, Any]) -> str:
            kept = {k: v for k, v in data.items() if k not in passing and v}
            for name in ("parentItem", "parentCollection"):
                if kept.get(name):
                    kept[name] = keys[kept[name]]
            kept["collections"] = [keys[key] for key in kept.get("collections", ())]
            return json.dumps(kept, sort_keys=True)

        return {
            kind: sorted(named(stored.data) for stored in held.values())
            for kind, held in self.library.objects.items()
        }

    def asked(self, act: Callable[[], object]) -> list[str]:
        """What was asked of the server: methods and paths, without what stands before items."""
        start = len(self.server.requests)
        act()
        return [f"{r.method} {r.path}" for r in self.server.requests[start:]]


def shelf_at(
    client: Client,
    memory: MutableMapping[str, str] | None = None,
    *,
    since: int | None = None,
    **settings: Any,
) -> ZoteroShelf:
    """A shelf in a library that was read up to a version; without memory, on a new computer."""
    return ZoteroShelf(
        client,
        memory={} if memory is None else memory,
        settings=ShelfSettings(**settings),
        since=lambda: since,
        name="the shelf in Zotero",
    )


def three() -> list[Suggestion]:
    return [suggestion_on(n) for n in (1, 2, 3)]


def published(zotero: Zotero, suggestions: Sequence[Suggestion], **settings: Any) -> list[Receipt]:
    receipts = list(zotero.shelf(**settings).publish(suggestions))
    assert [receipt.failure for receipt in receipts] == [""] * len(suggestions)
    return receipts


def dies(zotero: Zotero, position: int, moment: str) -> None:
    zotero.server.hook = lambda at, when: (at, when) != (position, moment)


def meets_a_reset(zotero: Zotero, moment: str, chosen: Callable[[Request], bool]) -> None:
    requests = zotero.server.requests
    zotero.server.hook = lambda at, when: when != moment or not chosen(requests[at])


FAULTS = {
    "404": Fault(404, {"Content-Type": "text/html"}, b"Not found"),
    "412": Fault(412, {"Content-Type": "text/html"}, b"modified since specified version"),
    "an error as 200, though it acted": replace(ERROR_200, acts=True),
}
