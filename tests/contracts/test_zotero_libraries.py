"""Every way to read a Zotero library keeps the contract of reference managers."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.web.testing.server import ERROR_200, Facade, Server
from integrations.zotero.client import Client, Patience
from integrations.zotero.database import ZoteroDatabase
from integrations.zotero.keys import extra_line, made_key
from integrations.zotero.library import ZoteroLibrary
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, World
from recommender.library import Entry, Item, OtherKind
from recommender.ports import ReferenceManager
from recommender.testing.reference_managers import LibraryWorld, ReferenceManagerContract
from tests.recorded.zotero_sqlite import Writer, opened

_KEY = "key0key0key0key0key0key0"
_PATIENCE = Patience(timeout=timedelta(seconds=5), sleep=lambda _: None)


def _note(mark: str) -> str:
    return f"<p>Read this</p><p>Shelfwise suggestion {mark}</p>" if mark else "<p>Read this</p>"


class _ServedWorld:
    """A person at a Zotero whose library is served."""

    def __init__(self, server: Server, world: World, library: str, client: Client) -> None:
        self._server = server
        self._world = world
        self._shown = world.library(library)
        self._memory: dict[str, str] = {}
        self._client = client
        self._library = ZoteroLibrary(client, memory=self._memory, name=f"Zotero {library}")

    @property
    def library(self) -> ReferenceManager:
        return self._library

    def another(self) -> ReferenceManager:
        return ZoteroLibrary(self._client, memory={}, name="Zotero groups/2")

    def put(self, *entries: Entry) -> None:
        for entry in entries:
            self._shown.put("items", self._data(entry), entry.key, by=1)

    def remove(self, key: str) -> None:
        self._shown.erase_item(key)

    def fail(self) -> None:
        self._server.faults.when(lambda _: True, ERROR_200, times=1000)

    def shelve(self, name: str) -> None:
        self._memory[f"shelf:{name}"] = self._collection(name)

    def content(self) -> object:
        kept = {
            kind: {k: (s.version, s.data) for k, s in held.items()}
            for kind, held in self._shown.objects.items()
        }
        return (
            kept,
            self._shown.version,
            [r.method for r in self._server.requests if r.method != "GET"],
        )

    def _collection(self, name: str) -> str:
        key = made_key("users/1", "collection", name)
        if key not in self._shown.collections:
            data = {"name": name, "parentCollection": False, "relations": {}}
            self._shown.put("collections", data, key)
        return key

    def _data(self, entry: Entry) -> dict[str, object]:
        dates = {"dateAdded": "2026-01-02T03:04:05Z", "dateModified": "2026-01-02T03:04:05Z"}
        plain = {"tags": [], "relations": {}, **dates}
        if isinstance(entry, OtherKind):
            parent = {"parentItem": entry.parent} if entry.parent else {}
            note = {"note": _note(entry.mark)} if entry.kind == "note" else {}
            return {"itemType": entry.kind, **note, **parent, **plain}
        if not isinstance(entry, Item):
            return {"itemType": "journalArticle", "creators": [], "collections": [], **plain}
        people = [
            {"creatorType": "author", "firstName": a.given, "lastName": a.family}
            for a in entry.paper.authors
        ]
        return {
            "itemType": "journalArticle",
            "title": entry.paper.title,
            "creators": people,
            "extra": extra_line(entry.mark) if entry.mark else "",
            "collections": [self._collection(name) for name in entry.collections],
            **plain,
        }


class _DatabaseWorld:
    """A person at a Zotero, which writes its database anew each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, Entry] = {}
        self._shelves: list[str] = []
        self._memory: dict[str, str] = {}
        self._save()
        self._library = ZoteroDatabase(path, memory=self._memory)

    @property
    def library(self) -> ReferenceManager:
        return self._library

    def another(self) -> ReferenceManager:
        return ZoteroDatabase(self._path, "group:77")

    def put(self, *entries: Entry) -> None:
        self._entries |= {entry.key: entry for entry in entries}
        self._save()

    def remove(self, key: str) -> None:
        gone = {key}
        while below := {e.key for e in self._entries.values() if _parent(e) in gone} - gone:
            gone |= below
        self._entries = {k: e for k, e in self._entries.items() if k not in gone}
        self._save()

    def fail(self) -> None:
        self._path.unlink()

    def shelve(self, name: str) -> None:
        self._shelves.append(name)
        self._memory[f"shelf:{name}"] = made_key("user", "collection", name)
        self._save()

    def content(self) -> object:
        stat = self._path.stat()
        return self._path.read_bytes(), stat.st_mtime_ns, sorted(self._path.parent.iterdir())

    def _save(self) -> None:
        self._path.unlink(missing_ok=True)
        database, writer = opened(self._path)
        with closing(database), database:
            numbers: dict[str, int] = {}
            members: dict[str, list[int]] = {name: [] for name in self._shelves}
            for entry in self._entries.values():
                numbers[entry.key] = number = _written(writer, entry, numbers)
                for name in entry.collections if isinstance(entry, Item) else ():
                    members.setdefault(name, []).append(number)
            for name, inside in members.items():
                writer.collection(made_key("user", "collection", name), *inside, name=name)


def _parent(entry: Entry) -> str:
    return entry.parent if isinstance(entry, OtherKind) else ""


def _written(writer: Writer, entry: Entry, numbers: dict[str, int]) -> int:
    if isinstance(entry, Item):
        people = [(a.given, a.family, 0) for a in entry.paper.authors]
        extra = extra_line(entry.mark) if entry.mark else ""
        return writer.item(entry.key, creators=people, title=entry.paper.title, extra=extra)
    if not isinstance(entry, OtherKind):
        return writer.item(entry.key)
    parent = numbers.get(entry.parent)
    if entry.kind == "attachment":
        return writer.attachment(entry.key, parent=parent)
    if entry.kind == "annotation" and parent is not None:
        return writer.annotation(entry.key, parent=parent)
    return writer.note(entry.key, _note(entry.mark), parent=parent)


class _ZoteroContract(ReferenceManagerContract):
    keeps_parts = True
    keeps_marks = True

    @pytest.fixture
    def shelve(self, world: LibraryWorld) -> Callable[[str], None]:
        assert isinstance(world, _ServedWorld | _DatabaseWorld)
        return world.shelve


def _served(facade: Facade, world: World, library: str, *, local: bool) -> Iterator[_ServedWorld]:
    with Server(facade) as server:
        client = (
            Client.local(f"{server.address}/api", "users/0", patience=_PATIENCE)
            if local
            else Client.web(server.address, library, _KEY, patience=_PATIENCE)
        )
        with client:
            yield _ServedWorld(server, world, library, client)


class TestLocalApi10(_ZoteroContract):
    @pytest.fixture
    def world(self) -> Iterator[LibraryWorld]:
        world = World()
        yield from _served(LocalApi10(world), world, "users/0", local=True)


class TestLocalApi9(_ZoteroContract):
    @pytest.fixture
    def world(self) -> Iterator[LibraryWorld]:
        world = World()
        yield from _served(LocalApi9(world), world, "users/0", local=True)


class TestDatabase(_ZoteroContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> LibraryWorld:
        return _DatabaseWorld(tmp_path / "zotero.sqlite")


def _on_the_web() -> World:
    world = World()
    world.add_user(1, "reader", "A Reader")
    world.add_key(ApiKey(_KEY, 1, groups={"all": "write"}))
    return world


class TestWebApi(_ZoteroContract):
    @pytest.fixture
    def world(self) -> Iterator[LibraryWorld]:
        world = _on_the_web()
        yield from _served(WebApi(world), world, "users/1", local=False)
