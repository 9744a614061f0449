from collections.abc import Iterator
from typing import Any

import pytest

from integrations.zotero.keys import made_key, mark_in_extra
from recommender.identity import names
from recommender.ports import Publisher
from recommender.suggestions import Suggestion
from recommender.testing.publishers import Place, PublisherContract, suggestion_on
from tests.unit.zotero_shelves import Via, Zotero

PATH = "Reading/Shelfwise"


class ZoteroPlace:
    """A shelf in a Zotero on a loopback socket."""

    def __init__(self, zotero: Zotero) -> None:
        self._zotero = zotero

    def publisher(self) -> Publisher:
        return self._zotero.shelf(collection=PATH, more="more", less="less")

    def state(self) -> object:
        return self._zotero.frozen()

    def text(self) -> str:
        shelf = self._zotero.collection(PATH)
        return "\n".join(
            str(item["title"])
            for item in self._zotero.items.values()
            if shelf in item.get("collections", ()) and not item.get("deleted")
        )

    def touch(self, suggestion: Suggestion) -> None:
        key, item = next(
            (key, item)
            for key, item in self._zotero.items.items()
            if mark_in_extra(item.get("extra")) == suggestion.suggestion_id
        )
        self._zotero.change(key, title=f"{item['title']} (read this first!)")

    def occupy(self) -> None:
        library = self._zotero.library
        mine: dict[str, Any] = {"itemType": "book", "title": "A book of my own"}
        library.put("collections", {"name": "Reading", "parentCollection": False}, "READING2")
        shelf = {"name": "Shelfwise", "parentCollection": "READING2"}
        library.put("collections", shelf, "MYSHELF2")
        library.put("items", {**mine, "collections": ["MYSHELF2"]}, "MYBQQK22")
        name = names(suggestion_on(1).paper)[0]
        library.put("items", mine, made_key(library.path, "item", name))

    def break_down(self) -> None:
        self._zotero.web.maintenance = True
        self._zotero.local.enabled = False


class _OnZotero(PublisherContract):
    via: Via

    @pytest.fixture
    def place(self) -> Iterator[Place]:
        with Zotero(self.via) as zotero:
            yield ZoteroPlace(zotero)


class TestOnTheWeb(_OnZotero):
    via = "web"


class TestOnThisComputer(_OnZotero):
    via = "local"
