"""The contract of every reference manager, and a library in memory that passes it."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

import pytest

from recommender import library
from recommender.errors import IntegrationError
from recommender.library import Changes, Entry, Item, OtherKind, Unreadable
from recommender.papers import Author, Paper, Skipped
from recommender.ports import ReferenceManager
from recommender.sync import plan


class FakeLibrary:
    """A library in memory: it keeps its history, so that ``changes`` tells what happened since.

    Args:
        name: Its name in reports and in the store, and the service that its failures name.

    Attributes:
        error: What each read raises; None while the library can be read.
    """

    def __init__(self, name: str = "fake library") -> None:
        self._name = name
        self._version = 1
        self._entries: dict[str, tuple[Entry, int]] = {}
        self._deleted: dict[str, int] = {}
        self._collections: dict[str, library.Collection] = {}
        self.error: IntegrationError | None = None

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self._name

    def put(self, *entries: Entry) -> None:
        """Add entries, or change those that have their keys, all in one later version.

        Collections that nobody has declared are created under their keys' names.
        """
        self._version += 1
        for entry in entries:
            self._entries[entry.key] = entry, self._version
            for key in entry.collections if isinstance(entry, Item) else ():
                self._collections.setdefault(key, library.Collection(key, key))

    def remove(self, *keys: str) -> None:
        """Delete entries for good, all in one later version."""
        self._version += 1
        for key in keys:
            del self._entries[key]
            self._deleted[key] = self._version

    def declare(self, *collections: library.Collection) -> None:
        """Add collections, or change those that have their keys."""
        self._version += 1
        self._collections |= {collection.key: collection for collection in collections}

    def changes(self, since: str | None) -> Changes:
        """What happened since; everything where nothing is known of that version."""
        self._read()
        start = int(since or 0)
        return Changes(
            version=str(self._version),
            entries={k: str(at) for k, (_, at) in self._entries.items() if at > start},
            deleted=frozenset(k for k, at in self._deleted.items() if since and at > start),
            collections=tuple(self._collections.values()),
            complete=since is None,
        )

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """The entries of these keys, in the order in which they were first put."""
        self._read()
        wanted = frozenset(keys)
        return iter([entry for key, (entry, _) in self._entries.items() if key in wanted])

    def _read(self) -> None:
        if self.error:
            raise self.error


class LibraryWorld(Protocol):
    """A reference manager's own side, where a person works; each suite's fixture gives one."""

    @property
    def library(self) -> ReferenceManager:
        """The adapter under test, always the same."""

    def another(self) -> ReferenceManager:
        """The adapter over a second library, called the same by the person if that can be."""

    def put(self, *entries: Entry) -> None:
        """Let the person add entries, or change those that have their keys, in this order.

        Of an item its title, authors and collections count; a collection's key is its name. An
        ``Unreadable`` asks for an entry that the adapter cannot read.
        """

    def remove(self, key: str) -> None:
        """Let the person delete an entry for good."""

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
    """

    @pytest.fixture
    def world(self) -> LibraryWorld:
        raise NotImplementedError("a suite needs a world")

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
        assert world.library.changes(first.version).collections == first.collections

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


def titles(entries: Iterable[Entry]) -> list[str]:
    """The titles of the papers among entries."""
    return [entry.paper.title for entry in entries if isinstance(entry, Item)]
