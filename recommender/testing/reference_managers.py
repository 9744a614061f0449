"""The contract of every reference manager; ``FakeLibrary`` passes it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar, Protocol

import pytest

from recommender.errors import IntegrationError
from recommender.library import Entry, Item, OtherKind, Unreadable
from recommender.papers import Author, Paper, Skipped
from recommender.ports import ReferenceManager
from recommender.sync import plan
from recommender.testing.libraries import FakeLibrary

__all__ = [
    "ONE",
    "THREE",
    "TWO",
    "FakeLibrary",
    "LibraryWorld",
    "ReferenceManagerContract",
    "paper_item",
    "titles",
]


class LibraryWorld(Protocol):
    """A reference manager's own side, where a person works; each suite's fixture gives one."""

    @property
    def library(self) -> ReferenceManager:
        """The adapter under test, always the same."""

    def another(self) -> ReferenceManager:
        """The adapter over a second library, called the same by the person if that can be."""

    def put(self, *entries: Entry) -> None:
        """Let the person add entries, or change those that have their keys, in this order.

        Of an item its title, authors and collections count, and its mark where the manager keeps
        marks; a collection's key is its name. Of another kind its mark and its parent count where
        the manager keeps them; what is put with a parent is a ``note``, an ``attachment``, or an
        ``annotation`` on an attachment. An ``Unreadable`` asks for an entry that the adapter cannot
        read.
        """

    def remove(self, key: str) -> None:
        """Let the person delete an entry for good, and its parts with it."""

    def fail(self) -> None:
        """Let every read fail from now on."""

    def content(self) -> object:
        """All that an adapter could have written to, for comparison."""


def paper_item(key: str, title: str = "On the flight of bees", *collections: str) -> Item:
    """An invented item, as a world takes it."""
    paper = Paper(title=title, authors=(Author("Huber", "Maria"),))
    return Item(key=key, paper=paper, collections=collections)


# Keys that every reference manager takes for its own.
ONE, TWO, THREE = "AAAA2222", "BBBB3333", "CCCC4444"


class ReferenceManagerContract:
    """What every reference manager must do; subclass it with a ``world`` fixture.

    The world begins without entries.

    Attributes:
        keeps_parts: It says of a note or an attachment what it is a part of.
        keeps_marks: It says which entries a shelf of ours made.
    """

    keeps_parts: ClassVar[bool] = False
    keeps_marks: ClassVar[bool] = False

    @pytest.fixture
    def world(self) -> LibraryWorld:
        raise NotImplementedError("a suite needs a world")

    @pytest.fixture
    def shelve(self, world: LibraryWorld) -> Callable[[str], None]:
        """Makes a shelf of ours, of this name, in the world's library."""
        pytest.skip("this reference manager does not say which collections are ours")

    def test_it_has_a_name_of_one_line(self, world: LibraryWorld) -> None:
        assert world.library.name.strip()
        assert "\n" not in world.library.name

    def test_its_name_stays_the_same(self, world: LibraryWorld) -> None:
        before = world.library.name
        world.put(paper_item(ONE))
        world.library.changes(None)
        assert world.library.name == before

    def test_two_libraries_never_share_a_name(self, world: LibraryWorld) -> None:
        assert world.another().name != world.library.name

    def test_without_an_earlier_version_everything_is_new(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), OtherKind(TWO, "note"))
        changes = world.library.changes(None)
        assert set(changes.entries) == {ONE, TWO}
        assert not changes.deleted

    def test_the_version_just_returned_brings_nothing_new(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO, "On the dance of bees"))
        first = world.library.changes(None)
        again = world.library.changes(first.version)
        assert again.version == first.version
        assert not again.deleted
        if again.complete:
            assert again.entries == first.entries
        else:
            assert not again.entries

    def test_what_is_unchanged_is_told_only_where_it_is(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE))
        first = world.library.changes(None)
        assert not first.unchanged
        world.put(paper_item(TWO, "On the dance of bees"))
        assert not world.library.changes(first.version).unchanged

    def test_what_was_added_later_is_new(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE))
        first = world.library.changes(None)
        world.put(paper_item(TWO, "On the dance of bees"))
        later = world.library.changes(first.version)
        assert plan(first.entries, later).fetch == (TWO,)
        assert not plan(first.entries, later).drop

    def test_what_was_changed_later_is_new(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO, "On the dance of bees"))
        first = world.library.changes(None)
        world.put(paper_item(TWO, "On the dance of wasps"))
        later = world.library.changes(first.version)
        assert plan(first.entries, later).fetch == (TWO,)
        assert titles(world.library.fetch([TWO])) == ["On the dance of wasps"]

    def test_what_was_deleted_later_is_dropped(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO, "On the dance of bees"))
        first = world.library.changes(None)
        world.remove(ONE)
        later = world.library.changes(first.version)
        assert plan(first.entries, later).drop == {ONE}
        assert not plan(first.entries, later).fetch

    def test_what_was_deleted_and_added_again_stays(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO, "On the dance of bees"))
        first = world.library.changes(None)
        world.remove(ONE)
        world.put(paper_item(ONE, "On the flight of wasps"))
        later = world.library.changes(first.version)
        assert not plan(first.entries, later).drop
        assert ONE in plan(first.entries, later).fetch

    def test_a_later_version_is_another_one(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE))
        first = world.library.changes(None)
        world.put(paper_item(TWO, "On the dance of bees"))
        assert world.library.changes(first.version).version != first.version

    def test_one_version_stands_for_entries_and_collections(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE, "On the flight of bees", "Insects"))
        first = world.library.changes(None)
        world.put(paper_item(ONE, "On the flight of bees", "Insects", "Thesis"))
        later = world.library.changes(first.version)
        assert {c.name for c in later.collections} == {"Insects", "Thesis"}
        assert plan(first.entries, later).fetch == (ONE,)
        [item] = world.library.fetch([ONE])
        assert isinstance(item, Item)
        assert set(item.collections) == {c.key for c in later.collections}

    def test_all_collections_come_whatever_is_new(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE, "On the flight of bees", "Insects"))
        first = world.library.changes(None)
        again = world.library.changes(first.version)
        assert again.unchanged or again.collections == first.collections

    def test_each_key_brings_one_entry(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO, "On the dance of bees"), paper_item(THREE))
        assert [entry.key for entry in world.library.fetch([TWO])] == [TWO]
        assert [entry.key for entry in world.library.fetch([ONE, ONE])] == [ONE]

    def test_no_key_brings_nothing(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE))
        assert not list(world.library.fetch([]))

    def test_entries_come_in_the_librarys_own_order(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO), paper_item(THREE))
        order = [entry.key for entry in world.library.fetch([ONE, TWO, THREE])]
        assert [entry.key for entry in world.library.fetch([THREE, TWO, ONE])] == order

    def test_an_entry_is_what_the_person_keeps(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE, "On the flight of bees"))
        [item] = world.library.fetch([ONE])
        assert isinstance(item, Item)
        assert item.paper.title == "On the flight of bees"
        assert item.paper.authors == (Author("Huber", "Maria"),)

    def test_what_is_no_paper_is_of_another_kind(self, world: LibraryWorld) -> None:
        world.put(OtherKind(ONE, "note"), paper_item(TWO))
        [other] = world.library.fetch([ONE])
        assert isinstance(other, OtherKind)
        assert other.kind

    def test_a_part_says_what_it_is_a_part_of(self, world: LibraryWorld) -> None:
        self._needs_parts()
        world.put(
            paper_item(ONE),
            OtherKind(TWO, "attachment", parent=ONE),
            OtherKind(THREE, "annotation", parent=TWO),
        )
        assert set(world.library.changes(None).entries) == {ONE, TWO, THREE}
        assert _parents(world.library) == {ONE: "", TWO: ONE, THREE: TWO}

    def test_what_stands_alone_is_a_part_of_nothing(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), OtherKind(TWO, "note"))
        assert _parents(world.library) == {ONE: "", TWO: ""}

    def test_a_part_that_was_added_later_is_new(self, world: LibraryWorld) -> None:
        self._needs_parts()
        world.put(paper_item(ONE))
        first = world.library.changes(None)
        world.put(OtherKind(TWO, "note", parent=ONE))
        later = world.library.changes(first.version)
        assert TWO in plan(first.entries, later).fetch
        assert not plan(first.entries, later).drop

    def test_a_part_that_was_moved_later_is_new(self, world: LibraryWorld) -> None:
        self._needs_parts()
        world.put(paper_item(ONE), paper_item(TWO), OtherKind(THREE, "note", parent=ONE))
        first = world.library.changes(None)
        world.put(OtherKind(THREE, "note", parent=TWO))
        assert THREE in plan(first.entries, world.library.changes(first.version)).fetch
        assert _parents(world.library)[THREE] == TWO

    def test_what_was_deleted_takes_its_parts_with_it(self, world: LibraryWorld) -> None:
        self._needs_parts()
        world.put(paper_item(ONE), paper_item(TWO), OtherKind(THREE, "note", parent=ONE))
        first = world.library.changes(None)
        world.remove(ONE)
        assert plan(first.entries, world.library.changes(first.version)).drop == {ONE, THREE}

    def test_a_mark_of_ours_is_read_and_nothing_else_has_one(self, world: LibraryWorld) -> None:
        self._needs_marks()
        world.put(replace(paper_item(ONE), mark=_MARK), paper_item(TWO, "On the dance of bees"))
        assert _marks(world.library, ONE, TWO) == [_MARK, ""]

    def test_a_mark_stays_when_the_person_edits_its_item(self, world: LibraryWorld) -> None:
        self._needs_marks()
        world.put(replace(paper_item(ONE), mark=_MARK))
        world.put(replace(paper_item(ONE, "On the flight of bumblebees"), mark=_MARK))
        assert _marks(world.library, ONE) == [_MARK]

    def test_our_note_bears_the_mark_too_and_the_readers_has_none(
        self, world: LibraryWorld
    ) -> None:
        self._needs_marks()
        self._needs_parts()
        ours = OtherKind(TWO, "note", parent=ONE, mark=_MARK)
        world.put(replace(paper_item(ONE), mark=_MARK), ours, OtherKind(THREE, "note", parent=ONE))
        assert _marks(world.library, TWO, THREE) == [_MARK, ""]

    def test_a_shelf_of_ours_is_told_from_the_readers_collections(
        self, world: LibraryWorld, shelve: Callable[[str], None]
    ) -> None:
        world.put(paper_item(ONE, "On the flight of bees", "Insects"))
        shelve("New papers")
        collections = world.library.changes(None).collections
        assert {c.name: c.ours for c in collections} == {"Insects": False, "New papers": True}

    def test_no_collection_of_the_readers_is_ours(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE, "On the flight of bees", "Insects"))
        assert [c.ours for c in world.library.changes(None).collections] == [False]

    def test_what_cannot_be_read_spoils_only_itself(self, world: LibraryWorld) -> None:
        world.put(Unreadable(ONE, Skipped("", "")), paper_item(TWO, "On the dance of bees"))
        assert set(world.library.changes(None).entries) == {ONE, TWO}
        found = {entry.key: entry for entry in world.library.fetch([ONE, TWO])}
        broken = found[ONE]
        assert isinstance(broken, Unreadable)
        assert broken.skipped.place
        assert broken.skipped.reason
        assert "\n" not in broken.skipped.reason
        assert isinstance(found[TWO], Item)

    def test_a_key_that_is_gone_meanwhile_is_left_out(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), paper_item(TWO, "On the dance of bees"))
        keys = world.library.changes(None).entries
        world.remove(ONE)
        assert [entry.key for entry in world.library.fetch([*keys])] == [TWO]

    def test_a_key_that_never_was_is_left_out(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE))
        assert [entry.key for entry in world.library.fetch([THREE, ONE])] == [ONE]

    def test_every_failure_names_the_service(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE))
        world.library.changes(None)
        world.fail()
        with pytest.raises(IntegrationError) as changing:
            world.library.changes(None)
        with pytest.raises(IntegrationError) as fetching:
            list(world.library.fetch([ONE]))
        for error in (changing.value, fetching.value):
            assert error.service
            assert str(error)
            assert "\n" not in str(error)

    def test_nothing_is_ever_written(self, world: LibraryWorld) -> None:
        world.put(paper_item(ONE), OtherKind(TWO, "note"), Unreadable(THREE, Skipped("", "")))
        before = world.content()
        version = world.library.changes(None).version
        world.library.changes(version)
        list(world.library.fetch([ONE, TWO, THREE]))
        assert world.content() == before

    def _needs_parts(self) -> None:
        if not self.keeps_parts:
            pytest.skip("this reference manager does not say what a note is a part of")

    def _needs_marks(self) -> None:
        if not self.keeps_marks:
            pytest.skip("this reference manager does not say which entries a shelf of ours made")


_MARK = "0123456789abcdef"


def _parent(entry: Entry) -> str:
    return entry.parent if isinstance(entry, OtherKind) else ""


def _parents(manager: ReferenceManager) -> dict[str, str]:
    return {entry.key: _parent(entry) for entry in manager.fetch([ONE, TWO, THREE])}


def _marks(manager: ReferenceManager, *keys: str) -> list[str]:
    found = {entry.key: entry for entry in manager.fetch(keys)}
    return ["" if isinstance(e := found[key], Unreadable) else e.mark for key in keys]


def titles(entries: Iterable[Entry]) -> list[str]:
    """The titles of the papers among entries."""
    return [entry.paper.title for entry in entries if isinstance(entry, Item)]
