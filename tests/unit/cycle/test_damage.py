"""A damaged store is set aside, and nothing that was delivered is delivered again."""

import copy
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from recommender import cycle
from recommender.errors import StoreError
from recommender.model.hybrid import HybridScorer
from recommender.records import Record
from recommender.selection import Wishes
from recommender.store import Store, rescue
from recommender.store.database import Database
from recommender.store.rescue import copy_of
from recommender.suggestions import Receipt, State, Suggestion, Verdict
from recommender.testing.libraries import FakeLibrary
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW

DAYS = [NOW + timedelta(days=n) for n in range(6)]


class Counting(FakePublisher):
    """A shelf that tells nobody that it knows a suggestion already."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: Counter[str] = Counter()

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        self.sent.update(one.paper.title for one in suggestions)
        return super().publish(suggestions)


@dataclass
class World:
    """A reader with a store in a file.

    Attributes:
        told: What the reader was told of the store.
        refused: Why a run could not use it.
    """

    path: Path
    profile: cycle.Profile
    source: FakeSource
    shelf: Counting
    told: list[str] = field(default_factory=list)
    refused: str = ""

    def run(self, day: int) -> Record | None:
        at = DAYS[day]
        self.source.publish(*(paper_on("bees", 100 * (day + 1) + n) for n in range(4)), at=at)
        try:
            return rescue.using(self.path, at, self.told.append, lambda s: self.cycle(s, at))
        except StoreError as error:
            self.refused = str(error)
        return None

    def cycle(self, store: Store, at: datetime) -> Record:
        return cycle.run(self.profile, HybridScorer(), store, now=at)

    def states(self) -> dict[str, State]:
        with Store.open(self.path) as store:
            return {one.suggestion.suggestion_id: one.state for one in store.shown("ada")}

    def aside(self) -> list[Path]:
        return sorted(self.path.parent.glob("*.damaged-*"))

    def known(self) -> int:
        with Store.open(self.path) as store:
            return len(store.shown(self.profile.name))


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A reader after two runs, who dismissed one suggestion."""
    library, source, shelf = FakeLibrary(), FakeSource(), Counting()
    library.put(*library_on("bees", "verse").items)
    source.publish(*listed_on("bees", "bridges", "verse"), name="monday")
    profile = cycle.Profile(
        name="ada",
        libraries=[library],
        sources=[source],
        publishers=[shelf],
        wishes=Wishes(limit=4, threshold=0.0, explore=False),
    )
    world = World(tmp_path_factory.mktemp("reader") / "kept.db", profile, source, shelf)
    world.run(0)
    with Store.open(world.path) as store:
        first = store.shown(profile.name)[0].suggestion.suggestion_id
        store.record_verdict(first, Verdict.BAD, at=DAYS[1])
    world.run(1)
    assert (world.told, world.refused, len(world.shelf.sent)) == ([], "", 8)
    return world


@pytest.fixture
def world(two_days: World, tmp_path: Path) -> World:
    for file in (two_days.path, copy_of(two_days.path)):
        shutil.copy(file, tmp_path / file.name)
    return replace(copy.deepcopy(two_days), path=tmp_path / two_days.path.name)


def flipped(content: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(content))
    for place in range(start, min(start + draw.choice([1, 8, 300]), len(content))):
        content[place] ^= draw.randrange(1, 256)


def zeroed(content: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(content))
    end = min(start + draw.choice([16, 4096, 50_000]), len(content))
    content[start:end] = bytes(end - start)


def truncated(content: bytearray, draw: random.Random) -> None:
    del content[draw.randrange(len(content)) :]


HARMS: list[Callable[[bytearray, random.Random], None]] = [flipped, zeroed, truncated]


def harmed(path: Path, seed: int) -> bytes:
    draw = random.Random(seed)  # noqa: S311
    content = bytearray(path.read_bytes())
    HARMS[seed % 3](content, draw)
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("seed", range(50))
def test_whatever_is_damaged_nothing_is_sent_again(world: World, seed: int) -> None:
    was = harmed(world.path, seed)
    shows_at_once = not is_sound(world.path)
    assert world.run(2)
    if world.told:
        [aside] = world.aside()
        # Until what only reading shows is read, the run writes to what is a good file so far.
        assert aside.read_bytes() == was or not shows_at_once
        [told] = world.told
        assert f"{world.path} was damaged, and is kept as {aside.name}; a new one knows 8" in told
        assert "\n" not in told
    if seed < 6:
        assert world.run(3)
    assert max(world.shelf.sent.values()) == 1
    assert len(world.shelf.sent) > 8
    with Store.open(world.path) as store:
        states = Counter(one.state for one in store.shown("ada"))
    assert states[State.DISMISSED] == 1
    assert len(world.aside()) == len(world.told)


def is_sound(path: Path) -> bool:
    """Whether a store shows no damage when it is opened; of the file nothing is changed."""
    with TemporaryDirectory() as folder:
        try:
            with Store.open(Path(shutil.copy(path, folder))) as store:
                store.check()
        except StoreError:
            return False
    return True


def damage(path: Path, sql: str) -> bytes:
    """Change a file behind its program's back, and give what is in it then."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(sql)
        raw.commit()
    return path.read_bytes()


def test_damage_that_only_reading_shows_is_noticed_in_the_run(world: World) -> None:
    damage(world.path, "UPDATE entries SET payload = '{'")
    assert world.run(2)
    assert len(world.told) == len(world.aside()) == 1
    assert max(world.shelf.sent.values()) == 1
    assert world.known() == 12


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE suggestions SET payload = replace(payload, 'e', 'f')",
        "UPDATE suggestions SET profile = 'bda'",
        "UPDATE suggestions SET state = 'gone'",
        "UPDATE suggestions SET payload = CAST(x'ff' AS TEXT)",
        "PRAGMA user_version = 3",
        "PRAGMA user_version = 0",
        "PRAGMA application_id = 7",
    ],
)
def test_a_letter_that_sqlite_does_not_miss_is_missed(world: World, sql: str) -> None:
    was = damage(world.path, sql)
    assert world.run(2)
    [aside] = world.aside()
    assert aside.read_bytes() == was
    assert max(world.shelf.sent.values()) == 1
    assert world.known() == 12


def test_a_table_that_lost_a_letter_is_damage(world: World) -> None:
    content = world.path.read_bytes()
    assert content.count(b"position INTEGER PRIMARY KEY") == 1
    world.path.write_bytes(
        content.replace(b"position INTEGER PRIMARY KEY", b"posjtion INTEGER PRIMARY KEY")
    )
    assert world.run(2)
    assert len(world.aside()) == 1
    assert max(world.shelf.sent.values()) == 1


def test_without_the_copy_what_can_be_read_counts(world: World) -> None:
    copy_of(world.path).unlink()
    damage(world.path, "UPDATE suggestions SET payload = '{' WHERE rank = 1")
    assert world.run(2)
    assert "knows 6 earlier suggestions" in world.told[0]
    known = world.known()
    assert len(copy_of(world.path).read_bytes())
    world.path.write_bytes(b"")
    assert world.run(3)
    assert f"knows {known} earlier suggestions" in world.told[1]


def test_what_was_not_yet_moved_into_the_file_is_read_too(world: World) -> None:
    copy_of(world.path).unlink()
    with Store.open(world.path) as store:
        key = store.shown("ada")[3].suggestion.suggestion_id
        store.record_verdict(key, Verdict.GOOD, at=DAYS[2])
        files = {f: f.read_bytes() for f in world.path.parent.iterdir() if f.suffix != ".lock"}
    assert any(f.name.endswith("-wal") and content for f, content in files.items())
    for file, content in files.items():
        file.write_bytes(content)
    torn = bytearray(files[world.path])
    torn[-9000:-4000] = bytes(5000)
    world.path.write_bytes(torn)
    assert world.run(2)
    assert len(world.aside()) == len(world.told) == 1
    with Store.open(world.path) as store:
        assert Verdict.GOOD in {one.verdict for one in store.shown("ada")}


def test_a_store_that_is_gone_is_made_of_the_copy(world: World) -> None:
    world.path.unlink()
    assert world.run(2)
    assert "was gone; a new one knows 8 earlier suggestions" in world.told[0]
    assert max(world.shelf.sent.values()) == 1
    assert not world.aside()


def test_a_copy_that_is_damaged_too_spoils_nothing(world: World) -> None:
    copy_of(world.path).write_bytes(copy_of(world.path).read_bytes()[:5000])
    damage(world.path, "UPDATE entries SET payload = '{'")
    assert world.run(2)
    assert "knows 8 earlier suggestions" in world.told[0]
    assert max(world.shelf.sent.values()) == 1


@pytest.mark.parametrize("content", [b"", b"@article{a}\n" * 500])
def test_another_programs_file_is_left_alone(world: World, content: bytes) -> None:
    copy_of(world.path).unlink()
    world.path.write_bytes(content)
    world.run(2)
    assert world.told == []
    assert bool(world.refused) == bool(content)
    assert not content or world.path.read_bytes() == content


def test_a_newer_programs_store_is_left_alone(world: World) -> None:
    was = damage(world.path, "PRAGMA user_version = 99")
    assert world.run(2) is None
    assert "update the program" in world.refused
    assert world.path.read_bytes() == was
    assert len(world.shelf.sent) == 8


@pytest.mark.parametrize("step", range(4))
def test_a_rescue_that_is_cut_off_is_made_up(
    world: World, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = harmed(world.path, 2)
    left = [step]

    def cut_off(act: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def acting(file: Path, place: Path) -> Path:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return act(file, place)

        return acting

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", cut_off(Path.rename))
        patched.setattr(Path, "replace", cut_off(Path.replace))
        with suppress(KeyboardInterrupt):
            world.run(2)
    (world.path.parent / ".kept.db.abcdefgh").mkdir()  # as one that is killed leaves behind
    assert world.run(3)
    assert [file.read_bytes() for file in world.aside()] == [was]
    assert max(world.shelf.sent.values()) == 1
    assert world.known() > 8
    names = {file.name for file in world.path.parent.iterdir()}
    assert names == {"kept.db", "kept.db.backup", world.aside()[0].name}


def test_the_copy_is_small_a_store_and_made_when_something_changed(world: World) -> None:
    kept = copy_of(world.path)
    assert kept.stat().st_size < world.path.stat().st_size
    assert kept.stat().st_mode & 0o777 == 0o600
    with Store.open(kept) as store, Store.open(world.path) as own:
        assert store.lasting() == own.lasting()
        assert store.n_candidates() == 0
    before = kept.stat().st_mtime_ns
    with Store.open(world.path) as store:
        rescue.using(world.path, DAYS[1], world.told.append, lambda _: None)
        assert kept.stat().st_mtime_ns == before
        rescue.using(world.path, DAYS[3], world.told.append, lambda _: None)
        assert kept.stat().st_mtime_ns > before
        before = kept.stat().st_mtime_ns
        store.forget_reader("ada", at=DAYS[2])
        rescue.using(world.path, DAYS[1], world.told.append, lambda _: None)
    assert kept.stat().st_mtime_ns > before


# A limit of so many pages more than there are is a disk that has no more room.
@pytest.mark.parametrize("room", [0, 1, 2, 4, 8, 16])
def test_a_full_disk_is_one_line_and_nothing_is_lost_or_sent_twice(
    world: World, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_new = Database._is_new

    def on_a_full_disk(self: Database) -> bool:
        connection = self._connection
        [[pages]] = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count = {pages + room}")
        return is_new(self)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "_is_new", on_a_full_disk)
        done = world.run(2)
    told = [world.refused, *world.told] if world.refused else world.told
    assert told or done
    assert all("the disk is full; make room and try again" in line for line in told)
    assert all(len(line.splitlines()) == 1 for line in told)
    assert world.run(3)
    assert world.known() == len(world.shelf.sent) >= 12
    assert max(world.shelf.sent.values()) == 1
    assert not world.aside()
