"""A person's Zotero that is served, and our view of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from integrations.web.testing.server import Server
from integrations.zotero.client import Client, Patience
from integrations.zotero.library import ZoteroLibrary
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Group, World
from recommender.library import Changes, Entry
from recommender.sync import plan

KEY = "key0key0key0key0key0key0"
DATES = {"dateAdded": "2026-01-02T03:04:05Z", "dateModified": "2026-01-02T03:04:05Z"}


class Reader:
    """A person who works in a library, and what we know of it.

    Attributes:
        world: All that the server holds.
        shown: The library.
        known: The version of each entry that was saved.
        entries: The entries that were saved, by key.
        changes: The last answer.
    """

    def __init__(self, world: World, server: Server, client: Client, library: str) -> None:
        self.world = world
        self.server = server
        self.client = client
        self.shown = world.library(library)
        self.memory: dict[str, str] = {}
        self.slept: list[float] = []
        self.known: dict[str, str] = {}
        self.entries: dict[str, Entry] = {}
        self.changes = Changes(version="", entries={})
        self.library = self.opened(client)

    def opened(self, client: Client) -> ZoteroLibrary:
        """The library as another client sees it, with the same memory."""
        return ZoteroLibrary(client, memory=self.memory, name="Zotero")

    def paper(self, key: str, title: str = "On bees", *folders: str, **more: object) -> None:
        """Adds or changes a paper."""
        people = [{"creatorType": "author", "firstName": "Maria", "lastName": "Huber"}]
        plain: dict[str, object] = {"itemType": "journalArticle", "creators": people, "tags": []}
        self.put(key, **plain, title=title, collections=list(folders), **more)

    def note(self, key: str, parent: str, **more: object) -> None:
        """Adds or changes a note of a paper."""
        self.put(key, itemType="note", note="<p>Read</p>", parentItem=parent, tags=[], **more)

    def put(self, key: str, **data: object) -> None:
        """Adds or changes anything."""
        self.shown.put("items", {**DATES, "relations": {}, **data}, key, by=1)

    def edit(self, key: str, **changes: object) -> None:
        """Changes some properties."""
        self.shown.put("items", {**self.shown.items[key].data, **changes}, key, by=1)

    def folder(self, key: str, name: str, parent: str = "", **more: object) -> None:
        """Adds or changes a collection."""
        data: dict[str, object] = {"name": name, "parentCollection": parent or False}
        self.shown.put("collections", {"relations": {}, **data, **more}, key)

    def sync(self, library: ZoteroLibrary | None = None) -> Changes:
        """Brings what we know up to date, as a cycle does."""
        library = library or self.library
        changes = library.changes(self.changes.version or None)
        todo = plan(self.known, changes)
        for key in todo.drop:
            del self.known[key], self.entries[key]
        for entry in library.fetch(todo.fetch):
            self.entries[entry.key] = entry
            self.known[entry.key] = changes.entries[entry.key]
        self.changes = changes
        return changes

    def n_requests(self) -> int:
        """How many requests arrived since this was asked last."""
        n = len(self.server.requests)
        self.server.requests.clear()
        return n


@contextmanager
def _served(
    world: World, facade: Any, kind: str, library: str, key: str, patience: Mapping[str, Any]
) -> Iterator[Reader]:
    slept: list[float] = []
    calm = Patience(timeout=timedelta(seconds=5), sleep=slept.append, **patience)
    with Server(facade) as server:
        address = server.address if kind == "web" else f"{server.address}/api"
        shown = library if kind == "web" or library.startswith("groups") else "users/0"
        with Client(address, shown, key, is_local=kind != "web", patience=calm) as client:
            reader = Reader(world, server, client, library)
            reader.slept = slept
            yield reader


@contextmanager
def served(
    kind: str, library: str = "users/1", key: str = KEY, **patience: Any
) -> Iterator[Reader]:
    """A reader whose library is served by the ``web`` API, or the local one of ``10`` or ``9``."""
    world = World()
    world.add_user(1, "reader", "A Reader")
    world.add_user(2, "friend")
    world.add_group(Group(7, "Circle", 1, roles={2: "member"}))
    world.add_key(ApiKey(KEY, 1, groups={"all": "write"}))
    makes: dict[str, Any] = {
        "web": WebApi,
        "10": lambda world: LocalApi10(world, user_id=1),
        "9": lambda world: LocalApi9(world, user_id=1),
    }
    with _served(world, makes[kind](world), kind, library, key, patience) as reader:
        yield reader
