"""A reader with a config, a library and a listing of their own, and perhaps a served Zotero."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from integrations.web.testing.server import Server
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, World
from recommender import config
from recommender.config import DEFAULT
from recommender.store import Store
from tests.system import invented

Run = Callable[..., "CompletedProcess[str]"]

KEY = "GoodKeyOfTheReader123456"
USER = 17


class Own:
    """A folder with a config file; the store is in it.

    Attributes:
        file: The config.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self.library = invented.library(folder / "mine.bib")
        self.page = invented.listing(folder / "page.jsonl")

    def settle(self, *more: str, library: str = "", source: bool = True) -> Path:
        """Write the config: the file library, the page, and further lines."""
        library = library or 'kind = "file"\nplace = "mine.bib"'
        lines = [f"[library]\n{library}", '[store]\npath = "kept.db"', *more]
        if source:
            lines.append('[[source]]\nplace = "page*.jsonl"')
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self.file

    @property
    def store_file(self) -> Path:
        """Where the store is."""
        return config.store_file(config.read(self.file))

    def store(self) -> Store:
        """The store, opened."""
        return Store.open(self.store_file)

    def states(self) -> dict[str, str]:
        """The state of each suggestion, by title."""
        with self.store() as store:
            return {one.paper.title: state.value for one, state in store.suggestions(DEFAULT)}


class Zotero:
    """A served account on zotero.org that holds the invented library."""

    def __init__(self, server: Server, api: WebApi) -> None:
        self.server = server
        self.api = api
        self.world = api.world
        self.library = self.world.library(f"users/{USER}")
        self.key = self.world.keys[KEY]

    def fill(self) -> None:
        """Put the invented library in it."""
        papers = (p for topic in invented.MINE for p in invented.papers(topic, 8))
        for one in papers:
            first, _, last = one["authors"][0].partition(" ")
            person = {"creatorType": "author", "firstName": first, "lastName": last}
            self.library.put(
                "items",
                {
                    "itemType": "journalArticle",
                    "title": one["title"],
                    "abstractNote": one["abstract"],
                    "date": one["published"],
                    "DOI": one["ids"]["doi"],
                    "creators": [person],
                    "tags": [],
                    "collections": [],
                    "relations": {},
                },
            )

    def config(self) -> str:
        """The lines of ``[library]`` that name it."""
        return f'place = "web"\nkey = "env:READERS_KEY"\nweb_address = "{self.server.address}"'


@contextmanager
def zotero() -> Iterator[Zotero]:
    """Serves an account that holds the invented library."""
    world = World()
    world.add_user(USER, "reader", "The Reader")
    world.add_key(ApiKey(KEY, USER, groups={"all": "write"}))
    api = WebApi(world)
    with Server(api) as server:
        served = Zotero(server, api)
        served.fill()
        yield served


def answer(found: "CompletedProcess[str]") -> dict[str, Any]:
    """The JSON of a run that went well."""
    assert found.returncode == 0, found.stderr
    parsed: dict[str, Any] = json.loads(found.stdout)
    return parsed
