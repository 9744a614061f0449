"""Two computers with our program on each, which write to one account of zotero.org."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from integrations.web.testing.server import Moment
from recommender import cycle
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Kind, Paper
from recommender.records import Record
from recommender.store import Store
from recommender.suggestions import State
from recommender.testing.sources import FakeSource
from tests.zotero.worlds import (
    NOW,
    PROFILE,
    InOrder,
    ZoteroWorld,
    folder,
    listed,
    opened,
    served,
)

DAY = timedelta(days=1)
MOMENTS: list[tuple[int, Moment]] = [(n, one) for n in range(9) for one in ("before", "after")]
"""Of the requests of a first run."""

N_LATER_REQUESTS = 7


def some(moments: Sequence[tuple[int, Moment]], step: int) -> list[Any]:
    """The parameters of a test of which only every so many are tried where time is short."""
    return [
        pytest.param(*one, marks=pytest.mark.slow if n % step else ())
        for n, one in enumerate(moments)
    ]


@dataclass
class Machines:
    """Two computers, a and b, each with a store of its own.

    Attributes:
        world: The account.
        folder: Where their stores are.
        sources: What a computer reads that has sources of its own.
        foreign: What is not ours in the account, from the beginning.
    """

    world: ZoteroWorld
    folder: Path
    sources: dict[str, FakeSource] = field(default_factory=dict)
    foreign: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.foreign = self.world.foreign()

    def run(self, name: str, now: datetime = NOW) -> Record:
        """A cycle on one of them; a store is opened by the thread that uses it."""
        with self.store(name) as store:
            profile = self.world.machine(store, now)
            if source := self.sources.get(name):
                profile = replace(profile, sources=[source])
            return cycle.run(profile, InOrder(), store, now=now)

    @contextmanager
    def store(self, name: str) -> Iterator[Store]:
        with opened(self.folder / f"{name}.db") as store:
            yield store

    def meeting(self, position: int, moment: Moment, now: datetime = NOW) -> tuple[Record, Record]:
        """A whole cycle of b's at a moment of a's cycle: their records."""
        first = len(self.world.server.requests)
        found: list[Record] = []

        def hook(at: int, when: Moment) -> None:
            if (at - first, when) == (position, moment) and not found:
                self.world.server.hook = None
                found.append(self.run("b", now))

        self.world.server.hook = hook
        record = self.run("a", now)
        self.world.server.hook = None
        assert found, "the cycle has no such request"
        return record, found[0]

    def states(self) -> set[State]:
        """What became of suggestions, on any of them."""
        found: set[State] = set()
        for name in "ab":
            with self.store(name) as store:
                found |= {one.state for one in store.shown(PROFILE)}
        return found

    def titles(self) -> Counter[str]:
        """How many items of ours bear each title, in the library and its trash."""
        return Counter(
            str(one.data["title"])
            for one in self.world.library.items.values()
            if "Orchard survey" in str(one.data.get("title"))
        )

    def objects(self) -> dict[str, str]:
        """Everything in the library with its version."""
        return {
            key: f"{one.version} {one.data}"
            for kind in ("items", "collections")
            for key, one in self.world.library.objects[kind].items()
        }

    def n_writes(self) -> int:
        return sum(one.method != "GET" for one in self.world.server.requests)

    def check(self, n: int) -> None:
        """There are so many suggestions, each once with one note; nothing else was done."""
        titles = self.titles()
        assert len(titles) == n
        assert set(titles.values()) == {1}
        marked = self.world.marked()
        assert len(marked) == n
        items = self.world.library.items.values()
        notes = Counter(one.data["parentItem"] for one in items if one.data.get("parentItem"))
        assert all(notes[item["key"]] == 1 for item in marked.values())
        names = [one.data["name"] for one in self.world.library.collections.values()]
        assert names.count("Shelfwise") == 1
        assert not any(one.data.get("deleted") for one in items)
        assert self.foreign.items() == self.world.foreign().items()
        assert self.states() == {State.DELIVERED}

    def check_settled(self, now: datetime = NOW) -> None:
        """From now on each adds only what it suggests itself, and soon nothing."""
        for day in range(1, 5):
            n_writes = self.n_writes()
            for name in "ab":
                before, n = self.objects(), len(self.titles())
                record = self.run(name, now + day * DAY)
                assert not record.failures
                assert before.items() <= self.objects().items()
                self.check(n + len(record.suggestions))
            if self.n_writes() == n_writes:
                break
        else:
            pytest.fail("they write for ever")
        assert len(self.titles()) == self.world.n_listed


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with served("web") as world:
        world.n_listed = 8
        yield Machines(world, tmp_path)


def test_one_after_the_other_suggest_different_papers(machines: Machines) -> None:
    machines.world.n_listed = 12
    first, second = machines.run("a"), machines.run("b")
    assert [r.n_delivered for r in (first, second)] == [4, 4]
    machines.check(8)
    machines.check_settled()


@pytest.mark.parametrize(("position", "moment"), MOMENTS)
def test_one_runs_in_the_middle_of_the_other(
    machines: Machines, position: int, moment: Moment
) -> None:
    check_all_is_well(machines, machines.meeting(position, moment))


def check_all_is_well(
    machines: Machines, records: tuple[Record, Record], n_before: int = 0
) -> None:
    """After two cycles there is what they chose, once, and both come to rest."""
    assert [record.failures for record in records] == [(), ()]
    chosen = {one.paper.title for record in records for one in record.suggestions}
    machines.check(n_before + len(chosen))
    machines.check_settled(NOW + 3 * DAY)


@pytest.mark.parametrize(("position", "moment"), some(MOMENTS[: 2 * N_LATER_REQUESTS], 3))
def test_both_have_suggested_something_before(
    machines: Machines, position: int, moment: Moment
) -> None:
    machines.world.n_listed = 16
    machines.run("a")
    machines.run("b")
    records = machines.meeting(position, moment, NOW + DAY)
    check_all_is_well(machines, records, n_before=8)


@pytest.mark.parametrize(("position", "moment"), some(MOMENTS, 5))
def test_each_interest_has_one_collection(
    machines: Machines, position: int, moment: Moment
) -> None:
    machines.world.shelf = {"per_interest": True}
    machines.world.library.put("collections", folder("Orchards"), "MYQRCHRD", by=1)
    records = machines.meeting(position, moment)
    names = [one.data["name"] for one in machines.world.library.collections.values()]
    # The reader's own, and ours.
    assert names.count("Orchards") == 2
    machines.foreign = machines.world.foreign()
    check_all_is_well(machines, records)


@pytest.mark.parametrize("n_listed", range(4, 9))
def test_both_run_at_once(machines: Machines, n_listed: int) -> None:
    machines.world.n_listed = n_listed
    start = Barrier(2)

    def run(name: str) -> Record:
        start.wait()
        return machines.run(name)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(run, "ab")
    check_all_is_well(machines, (first, second))


def test_what_expires_is_taken_away_by_the_one_that_made_it(machines: Machines) -> None:
    first, second = machines.run("a"), machines.run("b")
    late = NOW + 31 * DAY
    assert machines.run("a", late).n_tidied == 4
    trashed = {title for title, item in machines.world.marked().items() if item.get("deleted")}
    assert trashed == {one.paper.title for one in first.suggestions}
    assert machines.states() == {State.EXPIRED, State.DELIVERED}
    assert machines.run("b", late).n_tidied == 4
    trashed = {title for title, item in machines.world.marked().items() if item.get("deleted")}
    assert trashed == {one.paper.title for one in (*first.suggestions, *second.suggestions)}
    assert machines.states() == {State.EXPIRED}
    assert machines.foreign == machines.world.foreign()


def published(paper: Paper) -> Paper:
    """A preprint as the journal lists it, without a word of the preprint."""
    number = paper.title.split()[3]
    doi = PaperId.of(Scheme.DOI, f"10.1234/orchards.{number}")
    return replace(paper, ids=(doi,), kind=Kind.ARTICLE, venue="Journal of Orchards")


@pytest.mark.parametrize(("position", "moment"), some(MOMENTS, 3))
def test_one_knows_the_papers_by_other_names(
    machines: Machines, position: int, moment: Moment
) -> None:
    source = FakeSource()
    source.publish(*map(published, listed(8)), name="the journal", at=NOW - DAY)
    machines.sources["b"] = source
    check_all_is_well(machines, machines.meeting(position, moment))
