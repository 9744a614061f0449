from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from integrations.digest.feed import AtomFeed
from integrations.digest.json_feed import JsonFeed
from integrations.digest.page import HtmlPage
from integrations.files.shelf import BibShelf
from recommender.ports import Publisher
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.publishers import FakePublisher, Place, PublisherContract, suggestion_on


class FilePlace:
    """A file in a folder of its own."""

    def __init__(self, folder: Path, opens: Callable[[Path], Publisher]) -> None:
        self._folder = folder / "out"
        self._folder.mkdir()
        self._path = self._folder / "suggestions.txt"
        self._opens = opens

    def publisher(self) -> Publisher:
        return self._opens(self._path)

    def state(self) -> object:
        return [
            (p.name, p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino)
            for p in sorted(self._folder.iterdir())
        ]

    def text(self) -> str:
        return self._path.read_text(encoding="utf-8")

    def touch(self, suggestion: Suggestion) -> None:
        title = suggestion.paper.title
        text = self.text().replace(title, f"{title} (read this first!)")
        self._path.write_text(text, encoding="utf-8")

    def occupy(self) -> None:
        self._path.write_text("@book{mine, title = {A book of my own}}\n", encoding="utf-8")

    def break_down(self) -> None:
        self._folder.rename(self._folder.with_name("elsewhere"))


class FakePlace:
    """A publisher in memory, which is its own place."""

    def __init__(self, places: Mapping[str, str] | None = None) -> None:
        self._publisher = FakePublisher(places=places)

    def publisher(self) -> Publisher:
        return self._publisher

    def state(self) -> object:
        return dict(self._publisher.shelf), set(self._publisher.touched)

    def text(self) -> str:
        return "\n".join(s.paper.title for s in self._publisher.shelf.values())

    def touch(self, suggestion: Suggestion) -> None:
        self._publisher.touched.add(suggestion.suggestion_id)

    def occupy(self) -> None:
        self._publisher.foreign = True

    def break_down(self) -> None:
        every = (suggestion_on(n).suggestion_id for n in range(5))
        self._publisher.failing = dict.fromkeys(every, "the shelf fell down")


class TestHtmlPage(PublisherContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return FilePlace(tmp_path, HtmlPage)


class TestAtomFeed(PublisherContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return FilePlace(tmp_path, AtomFeed)


class TestJsonFeed(PublisherContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return FilePlace(tmp_path, JsonFeed)


class TestBibShelf(PublisherContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return FilePlace(tmp_path, BibShelf)


class TestFakePublisher(PublisherContract):
    @pytest.fixture
    def place(self) -> Place:
        return FakePlace()

    def test_it_fails_for_the_suggestions_that_it_was_told(self) -> None:
        good, bad = suggestion_on(1), suggestion_on(2)
        publisher = FakePublisher(failing={bad.suggestion_id: "the shelf is full"})
        receipts = publisher.publish([bad, good])
        assert [receipt.failure for receipt in receipts] == ["the shelf is full", ""]
        assert list(publisher.shelf) == [good.suggestion_id]

    def test_it_makes_no_items(self) -> None:
        [receipt] = FakePublisher().publish([suggestion_on(1)])
        assert receipt == Receipt(suggestion_on(1).suggestion_id)


class TestFakePublisherInALibrary(PublisherContract):
    @pytest.fixture
    def place(self) -> Place:
        return FakePlace({suggestion_on(n).suggestion_id: f"ITEM222{n}" for n in (1, 2, 3)})

    def test_its_receipts_say_where_and_must_come_back_as_they_were(self) -> None:
        one = suggestion_on(1)
        publisher = FakePublisher(places={one.suggestion_id: "ITEM2222"})
        [receipt] = publisher.publish([one])
        assert receipt.place == "ITEM2222"
        [refused] = publisher.retire([Receipt(one.suggestion_id, place=receipt.place)])
        assert "not the one that was given" in refused.failure
        assert list(publisher.shelf) == [one.suggestion_id]
        assert list(publisher.retire([receipt])) == [Receipt(one.suggestion_id)]
        assert not publisher.shelf
