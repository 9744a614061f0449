from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.files.group_shelf import GroupShelf
from integrations.files.library import FileLibrary
from recommender.errors import TransientError
from recommender.library import Collection, Entry, Item, OtherKind, Unreadable
from recommender.papers import Skipped
from recommender.ports import ReferenceManager
from recommender.testing.publishers import suggestion_on
from recommender.testing.reference_managers import (
    ONE,
    TWO,
    FakeLibrary,
    LibraryWorld,
    ReferenceManagerContract,
    paper_item,
)


class _FakeWorld:
    def __init__(self) -> None:
        self.fake = FakeLibrary()

    @property
    def library(self) -> ReferenceManager:
        return self.fake

    def another(self) -> ReferenceManager:
        return FakeLibrary("another fake library")

    def put(self, *entries: Entry) -> None:
        readable = (
            Unreadable(e.key, Skipped(f"entry {e.key}", "is torn"))
            if isinstance(e, Unreadable)
            else e
            for e in entries
        )
        self.fake.put(*readable)

    def remove(self, key: str) -> None:
        self.fake.remove(key)

    def fail(self) -> None:
        self.fake.error = TransientError(self.fake.name, "the library is asleep; try again")

    def content(self) -> object:
        return dict(self.fake._entries), dict(self.fake._collections), self.fake._version


class _BibWorld:
    """A person with a text editor and one .bib file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._records: dict[str, str] = {}
        self._save()
        self._library = FileLibrary(str(file))

    @property
    def library(self) -> ReferenceManager:
        return self._library

    def another(self) -> ReferenceManager:
        folder = self._file.parent / "elsewhere"
        folder.mkdir()
        (folder / self._file.name).write_bytes(self._file.read_bytes())
        return FileLibrary(str(folder / self._file.name))

    def put(self, *entries: Entry) -> None:
        self._records |= {entry.key: _bibtex(entry) for entry in entries}
        self._save()

    def remove(self, key: str) -> None:
        del self._records[key]
        self._save()

    def fail(self) -> None:
        self._file.write_bytes(b"\0\1\2\3" * 100)

    def content(self) -> object:
        return (
            self._file.read_bytes(),
            self._file.stat().st_mtime_ns,
            [*self._file.parent.iterdir()],
        )

    def _save(self) -> None:
        self._file.write_text("% my papers\n\n@comment{empty}\n" + "".join(self._records.values()))


def _bibtex(entry: Entry) -> str:
    if isinstance(entry, OtherKind):
        return f"@software{{{entry.key},\n  title = {{A program}},\n}}\n"
    if isinstance(entry, Unreadable):
        return f"@article{{{entry.key},\n  journal = {{Hives}},\n}}\n"
    authors = " and ".join(f"{a.family}, {a.given}" for a in entry.paper.authors)
    filed = ", ".join((*entry.collections, *(["Shelfwise"] if entry.mark else [])))
    groups = f"  groups = {{{filed}}},\n" if filed else ""
    if entry.mark:
        groups += f"  shelfwise = {{{entry.mark} {'0' * 16} in Shelfwise}},\n"
    title = f"  title = {{{entry.paper.title}}},\n"
    return f"@article{{{entry.key},\n{title}  author = {{{authors}}},\n{groups}}}\n"


class TestFakeLibrary(ReferenceManagerContract):
    keeps_parts = True
    keeps_marks = True

    @pytest.fixture
    def world(self) -> LibraryWorld:
        return _FakeWorld()

    @pytest.fixture
    def shelve(self, world: LibraryWorld) -> Callable[[str], None]:
        assert isinstance(world, _FakeWorld)
        return lambda name: world.fake.declare(Collection(name, name, ours=True))

    def test_a_declared_collection_is_there_without_items(self) -> None:
        fake = FakeLibrary("mine")
        fake.put(paper_item(ONE))
        version = fake.changes(None).version
        fake.put(paper_item(TWO))
        fake.remove(TWO)
        assert fake.changes(version).deleted == {TWO}
        assert fake.changes(None).deleted == frozenset()
        assert [item.key for item in fake.fetch([ONE, TWO]) if isinstance(item, Item)] == [ONE]


class TestFileLibrary(ReferenceManagerContract):
    keeps_marks = True

    @pytest.fixture
    def shelve(self, world: LibraryWorld) -> Callable[[str], None]:
        def shelve(name: str) -> None:
            shelf = GroupShelf(Path(world.library.name), group=name, tag="shelfwise")
            assert not any(receipt.failure for receipt in shelf.publish([suggestion_on(1)]))

        return shelve

    @pytest.fixture
    def world(self, tmp_path: Path) -> LibraryWorld:
        return _BibWorld(tmp_path / "mine.bib")
