"""A reader and other programs against our sync and shelf, on a served Zotero: the laws that hold.

Whatever they do, and whenever, our picture of the library is the server's after each sync, and
what we did not make stays as they left it, byte for byte.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from integrations.zotero.keys import mark_in_extra
from integrations.zotero.testing.world import Json, Stored
from integrations.zotero.testing.world import Library as ServedLibrary
from recommender import cycle
from recommender.feedback import Signs
from recommender.library import Item, Library
from recommender.ports import ReferenceManager
from recommender.store import Store
from recommender.suggestions import State
from tests.zotero.people import BELOW, PROGRAM, People
from tests.zotero.witness import Witness
from tests.zotero.worlds import NOW, PROFILE, InOrder, Way, opened, served

PAPERS = (
    "add", "save_listed", "retitle", "rewrite", "clear_extra", "retype", "tag", "add_tag", "file",
    "relate", "trash", "restore", "delete", "copy", "merge",
)  # fmt: skip
PARTS = (
    "note", "note_ours", "attach", "annotate", "rewrite_note", "trash_part", "delete_part",
    "move_part",
)  # fmt: skip
COLLECTIONS = (
    "create_collection", "rename_collection", "move_collection", "trash_collection",
    "restore_collection", "delete_collection",
)  # fmt: skip
WHOLE = ("forget_tag", "send_again")
SUDDEN = ("save_listed", "note_ours")
NUMBERS = st.integers(0, 63)
ANY = st.one_of(*map(st.sampled_from, (PAPERS, PARTS, COLLECTIONS, WHOLE, SUDDEN)))
# What others do before some of our requests, counted from the first one of a run.
AMID = st.lists(st.tuples(st.integers(0, 16), ANY, NUMBERS, NUMBERS), min_size=1, max_size=4)


class ReaderAgainstUs(RuleBasedStateMachine):
    way: ClassVar[Way]

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        # Pages and batches of a few objects, so that a small library has many.
        for place, n in {
            "client.PAGE": 3,
            "library.BATCH": 4,
            "shelf_reading.BATCH": 4,
            "shelf_web.BATCH": 4,
        }.items():
            self.exits.enter_context(mock.patch(f"integrations.zotero.{place}", n))
        self.zotero = self.exits.enter_context(served(self.way))
        self.store = self.exits.enter_context(opened())
        self.people = People(self.zotero)
        for n in range(4):
            self.people.create_collection(n, n)
        self.witness = Witness(self.zotero, Signs().expires_after)
        self.now = NOW

    @initialize(path=st.sampled_from(["Shelfwise", "Reading/Suggested"]))
    def choose(self, path: str) -> None:
        self.zotero.shelf["collection"] = path

    def teardown(self) -> None:
        self.exits.close()

    @rule(what=st.sampled_from(PAPERS), one=NUMBERS, how=NUMBERS)
    def deal_with_papers(self, what: str, one: int, how: int) -> None:
        self.people.act(what, one, how)

    @rule(what=st.sampled_from(PARTS), one=NUMBERS, how=NUMBERS)
    def deal_with_parts(self, what: str, one: int, how: int) -> None:
        self.people.act(what, one, how)

    @rule(what=st.sampled_from(COLLECTIONS), one=NUMBERS, how=NUMBERS)
    def deal_with_collections(self, what: str, one: int, how: int) -> None:
        self.people.act(what, one, how)

    @rule(what=st.sampled_from(WHOLE), one=NUMBERS, how=NUMBERS)
    def deal_with_everything(self, what: str, one: int, how: int) -> None:
        self.people.act(what, one, how)

    @rule(days=st.sampled_from([1, 12, 31]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def sync(self) -> None:
        self.witness.attend()
        self.check_picture()

    @rule(limit=st.integers(1, 3))
    def run(self, limit: int) -> None:
        self.run_once(limit, {})

    @rule(limit=st.integers(1, 3), amid=AMID, days=st.sampled_from([0, 31]))
    def run_while_others_edit(
        self, limit: int, amid: list[tuple[int, str, int, int]], days: int
    ) -> None:
        self.now += timedelta(days=days)
        acts: dict[int, list[Callable[[], None]]] = {}
        for position, what, one, how in amid:
            acts.setdefault(position, []).append(partial(self.people.act, what, one, how))
        self.run_once(limit, acts)

    def run_once(self, limit: int, amid: dict[int, list[Callable[[], None]]]) -> None:
        self.witness.now = self.now
        self.zotero.n_suggestions = limit
        profile = self.zotero.machine(self.store, self.now)
        self.witness.attend(amid)
        record = cycle.run(profile, InOrder(), self.store, now=self.now)
        self.witness.finish()
        assert not self.zotero.server.errors
        for failure in record.failures:
            assert self.witness.n_amid or not self.has_place_for_shelf(), failure
            assert "unexpectedly" not in str(failure.error), failure
        self.check_moment(profile.libraries[0].name)
        if not self.witness.n_amid:
            self.check_states()
        self.witness.attend()
        self.check_picture()

    def check_moment(self, name: str) -> None:
        """What was read is of one version of the library, whatever was done while it was read."""
        shot = self.witness.shots[json.loads(self.store.library_version(name) or "")["number"]]
        was = {
            key: json.loads(text)
            for (kind, key), (_, text) in shot.items()
            if kind == "collections"
        }
        found = {c.key: (c.name, c.parent, c.trashed) for c in self.store.library(name).collections}
        assert found == listed_folders(was, all_of_them=self.way == "web")
        keys = {key for kind, key in shot if kind == "items"}
        known = self.store.known_entries(name).keys()
        assert known <= keys
        # What was deleted before it was fetched is not missed before the next sync.
        assert (keys - known).isdisjoint(self.zotero.library.items)

    def check_states(self) -> None:
        """What is surely a sign of the reader's was understood as it."""
        paths = filing(self.zotero.library, self.shelves)
        for one in self.store.shown(PROFILE):
            name = one.suggestion.suggestion_id
            items = self.zotero.library.items
            copies = [
                item
                for item in items.values()
                if item.key in one.places or mark_in_extra(item.data.get("extra")) == name
            ]
            plain = all(mark_in_extra(c.data.get("extra")) == name for c in copies)
            if not plain or one.retired or self.witness.has(one.suggestion.paper.title):
                continue
            if any(c.data["itemType"] == PROGRAM for c in copies) or not one.delivered_at:
                continue
            live = [copy.data for copy in copies if not is_trashed(copy)]
            tags = {tag["tag"] for data in live for tag in data.get("tags", ())}
            filed = {key for data in live for key in data.get("collections", ())}
            if "not for me" in tags or (not live and one.seen):
                assert one.state is State.DISMISSED
            elif "more like this" in tags or filed & paths:
                assert one.state is State.KEPT

    @property
    def shelves(self) -> set[str]:
        """The collections that we made."""
        return {key for key, made in self.witness.made.items() if "parentCollection" in made}

    def has_place_for_shelf(self) -> bool:
        """Whether our collection is neither deleted nor in the trash, or can still be made."""
        folders = self.zotero.library.collections
        made = {str(self.witness.made[key]["name"]): key for key in self.shelves}
        path = self.zotero.settings["shelf"]["collection"].split("/")
        at: str | bool = next((made[name] for name in reversed(path) if name in made), False)
        if not at:
            return all(folder.data["name"] != path[0] for folder in folders.values())
        passed: set[object] = set()
        while at and at not in passed:
            passed.add(at)
            if at not in folders or folders[str(at)].data.get("deleted"):
                return False
            at = folders[str(at)].data["parentCollection"]
        return True

    def check_picture(self) -> None:
        """Reads what is new, while nobody does anything, and compares it with the server."""
        manager = self.zotero.machine(self.store, self.now).libraries[0]
        library = cycle.sync(manager, self.store)
        assert not self.zotero.server.errors
        assert not self.witness.wrongs, self.witness.wrongs
        assert seen(library) == self.on_the_server()
        assert self.store.known_entries(manager.name) == {
            key: str(item.version) for key, item in self.zotero.library.items.items()
        }
        ours = {c.key: c.name for c in library.collections if c.ours}
        # Where no shelf was ever made, what has its place may be another computer's.
        assert ours.keys() <= self.shelves if self.shelves else {*ours.values()} <= {"Shelfwise"}

    def on_the_server(self) -> Json:
        """What the server holds, as far as it shows it, in the form of ``seen``."""
        library = self.zotero.library
        folders = listed_folders(
            {key: one.data for key, one in library.collections.items()},
            all_of_them=self.way == "web",
        )
        papers, others = {}, {}
        for key, item in library.items.items():
            data = item.data
            if data["itemType"] in (*BELOW, PROGRAM):
                others[key] = data["itemType"], data.get("parentItem", ""), is_trashed(item)
                continue
            filed = set(data.get("collections", ())) & folders.keys()
            tags = {(tag["tag"], tag.get("type", 0) == 1) for tag in data.get("tags", ())}
            papers[key] = data.get("title", ""), filed, tags, is_trashed(item)
        return {
            "papers": papers,
            "others": others,
            "folders": folders,
        }


def listed_folders(folders: dict[str, Json], *, all_of_them: bool) -> dict[str, Any]:
    """The collections that the server lists: this computer's those outside the trash alone."""
    found = {}
    for key, data in folders.items():
        line: dict[str, Json] = {}
        at = key
        while at in folders and at not in line:
            line[at] = folders[at]
            at = str(folders[at]["parentCollection"])
        if all_of_them or not any(one.get("deleted") for one in line.values()):
            trashed = bool(data.get("deleted"))
            found[key] = data["name"], data["parentCollection"] or None, trashed
    return found


def filing(library: ServedLibrary, shelves: set[str]) -> set[str]:
    """The collections that are the reader's, not in the trash, and on no shelf."""
    found = set()
    for key in library.collections:
        line: dict[str, Stored] = {}
        at = library.collections.get(key)
        while at and at.key not in line:
            line[at.key] = at
            at = library.collections.get(str(at.data["parentCollection"]))
        ours = any(k in shelves or c.data["name"] == "Shelfwise" for k, c in line.items())
        if not ours and not any(map(is_trashed, line.values())):
            found.add(key)
    return found


def is_trashed(stored: Stored) -> bool:
    return bool(stored.data.get("deleted"))


def seen(library: Library) -> dict[str, Any]:
    """What we know of a library."""
    folders = {c.key: (c.name, c.parent, c.trashed) for c in library.collections}
    papers = {
        item.key: (
            "" if item.paper.title.startswith("Untitled") else item.paper.title,
            set(item.collections) & folders.keys(),
            {(tag.name, tag.automatic) for tag in item.tags},
            item.trashed,
        )
        for item in library.items
    }
    others = {other.key: (other.kind, other.parent, other.trashed) for other in library.others}
    return {"papers": papers, "others": others, "folders": folders}


class OnTheWeb(ReaderAgainstUs):
    way = "web"


class OnThisComputer(ReaderAgainstUs):
    way = "local"


class OnTheWebForLong(OnTheWeb):
    pass


class OnThisComputerForLong(OnThisComputer):
    pass


_ORDINARY = settings(max_examples=15, stateful_step_count=25)
_LONG = settings(max_examples=200, stateful_step_count=40)
OnTheWeb.TestCase.settings = OnThisComputer.TestCase.settings = _ORDINARY
OnTheWebForLong.TestCase.settings = OnThisComputerForLong.TestCase.settings = _LONG

TestOnTheWeb = OnTheWeb.TestCase
TestOnThisComputer = OnThisComputer.TestCase
TestOnTheWebForLong = pytest.mark.slow(OnTheWebForLong.TestCase)
TestOnThisComputerForLong = pytest.mark.slow(OnThisComputerForLong.TestCase)


def test_a_collection_made_again_under_its_key_seems_to_hold_an_item_until_that_changes() -> None:
    # The server tells of no change of the items, and a program may make a key again: the one way
    # known in which our picture is not the server's. Zotero itself puts the items back then.
    with served("web") as zotero, opened() as store:
        library = zotero.library
        manager = zotero.machine(store).libraries[0]
        inside = {key for key, one in library.items.items() if one.data.get("collections")}
        cycle.sync(manager, store)
        library.erase_collection("THESIS22")
        assert not any(item.collections for item in picture_of(manager, store))
        library.put("collections", {"name": "Thesis", "parentCollection": False}, "THESIS22")
        assert {item.key for item in picture_of(manager, store) if item.collections} == inside
        for key in inside:
            library.put("items", {**library.items[key].data, "date": "2021"}, key)
        assert not any(item.collections for item in picture_of(manager, store))


def picture_of(manager: ReferenceManager, store: Store) -> list[Item]:
    """The papers with those of their collections that there are."""
    library = cycle.sync(manager, store)
    there = {folder.key for folder in library.collections}
    return [
        replace(item, collections=tuple(there.intersection(item.collections)))
        for item in library.items
    ]
