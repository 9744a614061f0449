from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.zotero.client import Client, Patience
from integrations.zotero.keys import made_key, mark_in_extra
from integrations.zotero.shelf import ShelfSettings, ZoteroShelf
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.server import Facade, Server
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Library, World
from recommender.identity import names
from recommender.ports import Publisher
from recommender.suggestions import Suggestion
from recommender.testing.publishers import Place, PublisherContract, suggestion_on

KEY = "k" * 24
SETTINGS = ShelfSettings(collection="Reading/Shelfwise", more="more", less="less")


class ZoteroPlace:
    """A shelf in a Zotero on a loopback socket."""

    def __init__(
        self, library: Library, opens: Callable[[], Client], breaks: Callable[[], None]
    ) -> None:
        self.library = library
        self._opens = opens
        self._breaks = breaks
        self._memory: dict[str, str] = {}
        self._clients: list[Client] = []

    def publisher(self) -> Publisher:
        client = self._opens()
        self._clients.append(client)
        synced = self.library.version
        return ZoteroShelf(client, memory=self._memory, settings=SETTINGS, since=lambda: synced)

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def state(self) -> object:
        return {
            (kind, key): (stored.version, repr(stored.data))
            for kind, objects in self.library.objects.items()
            for key, stored in objects.items()
        }

    def text(self) -> str:
        shelf = self._memory["shelf:Reading/Shelfwise"]
        return "\n".join(
            str(item.data["title"])
            for item in self.library.items.values()
            if shelf in item.data.get("collections", ()) and not item.data.get("deleted")
        )

    def touch(self, suggestion: Suggestion) -> None:
        item = next(
            item
            for item in self.library.items.values()
            if mark_in_extra(item.data.get("extra")) == suggestion.suggestion_id
        )
        changed = {**item.data, "title": f"{item.data['title']} (read this first!)"}
        self.library.put("items", changed, item.key)

    def occupy(self) -> None:
        mine: dict[str, Any] = {"itemType": "book", "title": "A book of my own"}
        self.library.put("collections", {"name": "Reading", "parentCollection": False}, "READING2")
        shelf = {"name": "Shelfwise", "parentCollection": "READING2"}
        self.library.put("collections", shelf, "MYSHELF2")
        self.library.put("items", {**mine, "collections": ["MYSHELF2"]}, "MYBQQK22")
        name = names(suggestion_on(1).paper)[0]
        self.library.put("items", mine, made_key(self.library.path, "item", name))

    def break_down(self) -> None:
        self._breaks()


@pytest.fixture
def world() -> World:
    world = World(clock=lambda: datetime(2024, 3, 6, tzinfo=UTC))
    world.add_user(1, "reader")
    world.add_key(ApiKey(KEY, 1))
    return world


@pytest.fixture
def serve() -> Iterator[Callable[[Facade], Server]]:
    servers: list[Server] = []

    def start(facade: Facade) -> Server:
        servers.append(Server(facade).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def _patience() -> Patience:
    return Patience(timeout=timedelta(seconds=5), pauses=(), sleep=lambda _: None)


class TestOnTheWeb(PublisherContract):
    @pytest.fixture
    def place(self, world: World, serve: Callable[[Facade], Server]) -> Iterator[Place]:
        api = WebApi(world)
        server = serve(api)

        def opens() -> Client:
            return Client.web(server.address, "users/1", KEY, patience=_patience())

        def breaks() -> None:
            api.maintenance = True

        place = ZoteroPlace(world.library("users/1"), opens, breaks)
        yield place
        place.close()


class TestOnThisComputer(PublisherContract):
    @pytest.fixture
    def place(self, world: World, serve: Callable[[Facade], Server]) -> Iterator[Place]:
        api = LocalApi10(world, user_id=1)
        api.authorisations.remember(KEY)
        server = serve(api)

        def opens() -> Client:
            return Client.local(f"{server.address}/api", "users/0", KEY, patience=_patience())

        def breaks() -> None:
            api.enabled = False

        place = ZoteroPlace(world.library("users/1"), opens, breaks)
        yield place
        place.close()
