"""The shelf in a reader's own BibTeX file, and the account that opens it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from recommender.ports import Account, Publisher
from recommender.suggestions import Suggestion
from recommender.testing.accounts import AccountContract, AccountWorld
from recommender.testing.publishers import Place, PublisherContract
from tests.unit.bib_files import BIBDESK, JABREF, PLAIN, edit, opened, raw


class BibPlace:
    """A file of the reader's, or a folder in which the shelf is a file of its own."""

    def __init__(self, folder: Path, text: str, *, is_folder: bool = False) -> None:
        self._folder = folder / "papers"
        self._folder.mkdir()
        self._mine = self._folder / "mine.bib"
        self._mine.write_bytes(text.encode())
        self._place = self._folder if is_folder else self._mine
        self._file = self._folder / "Shelfwise.bib" if is_folder else self._mine

    def publisher(self) -> Publisher:
        account = opened(self._place)
        account.libraries()[0].changes(None)
        shelf = account.shelf()
        assert shelf is not None
        return shelf

    def state(self) -> object:
        return [
            (p.name, p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino)
            for p in sorted(self._folder.iterdir())
        ]

    def text(self) -> str:
        return raw(self._file)

    def touch(self, suggestion: Suggestion) -> None:
        edit(self._file, suggestion, suggestion.paper.title, f"{suggestion.paper.title} (read!)")

    def occupy(self) -> None:
        self._file.write_text(f"{PLAIN}@article{{ode2024waggle, title = {{Mine}}}}\n")

    def break_down(self) -> None:
        self._folder.rename(self._folder.with_name("elsewhere"))


class _Shared(PublisherContract):
    shares_places = True


class TestGroupShelfInAPlainFile(_Shared):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return BibPlace(tmp_path, PLAIN)


class TestGroupShelfInAFileOfJabRef(_Shared):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return BibPlace(tmp_path, JABREF)


class TestGroupShelfInAFileOfBibDesk(_Shared):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return BibPlace(tmp_path, BIBDESK)


class TestGroupShelfInAFileOfItsOwn(_Shared):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return BibPlace(tmp_path, PLAIN, is_folder=True)


class _World:
    key = "no key is needed"

    def __init__(self, place: Path, file: Path) -> None:
        self.named = (str(place),)
        self._place = place
        self._file = file

    def account(self, *, has_shelf: bool = True) -> Account:
        return opened(self._place, via="file" if has_shelf else "none")

    def n_requests(self) -> int:
        return 0

    def add_collection(self, outer: str, inner: str) -> None:
        tree = "@Comment{jabref-meta: grouping:\n0 AllEntriesGroup:;\n"
        lines = f"1 StaticGroup:{outer}\\;0\\;;\n2 StaticGroup:{inner}\\;0\\;;\n}}\n"
        self._file.write_text(raw(self._file) + tree + lines, encoding="utf-8")

    def allow(self) -> None:
        """Nobody asks."""

    def colours(self) -> Mapping[str, str]:
        return {}

    def fail(self) -> None:
        for file in (self._file, self._file.with_name("Shelfwise.bib")):
            file.write_bytes(b"\0\1\2\3" * 100)


class _WithoutKey(AccountContract):
    asks = False
    colours_tags = False


class TestFileAccount(_WithoutKey):
    @pytest.fixture
    def world(self, tmp_path: Path) -> AccountWorld:
        file = tmp_path / "mine.bib"
        file.write_text(PLAIN, encoding="utf-8")
        return _World(file, file)


class TestFolderAccount(_WithoutKey):
    @pytest.fixture
    def world(self, tmp_path: Path) -> AccountWorld:
        file = tmp_path / "mine.bib"
        file.write_text(PLAIN, encoding="utf-8")
        return _World(tmp_path, file)
