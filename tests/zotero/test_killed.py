"""A cycle that is killed at any moment, and run again, ends where an unharmed one would have."""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from recommender.store import Store
from tests.zotero.killing import Launcher, Place, Request, Write, counted_writes
from tests.zotero.worlds import NOW, PROFILE, Way, ZoteroWorld, folder, opened, paper, served

DAY = timedelta(days=1)
WAYS: tuple[Way, ...] = ("web", "local")


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher() as found:
        yield found


def nothing(world: ZoteroWorld, store: Store) -> None:
    """The first run of all."""
    assert not world.marked()
    assert not store.shown(PROFILE)


def an_answer(world: ZoteroWorld, store: Store) -> None:
    """A run, and what the reader does then: one filed, one thrown away, one changed, one more."""
    world.run(store)
    filed, thrown, changed, _ = world.marked().values()
    put(world, filed, collections=[*filed["collections"], "THESIS22"])
    put(world, thrown, deleted=1)
    put(world, changed, abstractNote="Mine, from now on")
    world.library.put("items", paper("Plums of the east"), by=1)


def an_interest(world: ZoteroWorld, store: Store) -> None:
    """The first run, where the interest is named by a collection of the reader's."""
    nothing(world, store)
    world.library.put("collections", folder("Orchards"), "MYQRCHRD", by=1)


def put(world: ZoteroWorld, item: Mapping[str, Any], **changes: Any) -> None:
    """Change an item as the reader does."""
    data = {name: value for name, value in item.items() if name != "key"}
    world.library.put("items", {**data, **changes}, str(item["key"]), by=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """When a cycle is killed.

    Attributes:
        now: When the cycle is run.
        before: What happens before it.
        shelf: What the settings say of the shelf.
        n_tidied: How many suggestions the cycle takes off the shelf.
    """

    name: str
    now: datetime = NOW
    before: Callable[[ZoteroWorld, Store], None] = nothing
    shelf: Mapping[str, object] = field(default_factory=dict)
    n_tidied: int = 0

    def __str__(self) -> str:
        return self.name

    def set_up(self, world: ZoteroWorld, store: Path) -> None:
        """Bring a world and a store to the moment before the cycle."""
        world.shelf = dict(self.shelf)
        with opened(store) as ours:
            self.before(world, ours)


FIRST = Scene("first")
SECOND = Scene("second", NOW + DAY, an_answer)
EXPIRING = Scene("expiring", NOW + 31 * DAY, an_answer, n_tidied=1)
INTERESTS = Scene(
    "interests",
    before=an_interest,
    shelf={"per_interest": True, "collection": "Reading/Suggested"},
)
SCENES = (FIRST, SECOND, EXPIRING, INTERESTS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How everything is after a cycle.

    Attributes:
        picture: Of the library.
        foreign: What was in it before and is not ours.
        states: What became of each suggestion, by its id.
    """

    picture: object
    foreign: Mapping[str, str]
    states: Mapping[str, tuple[object, ...]]

    @classmethod
    def of(cls, world: ZoteroWorld, store: Store, before: Collection[str]) -> "Outcome":
        """How everything is; ``before`` are the keys of what is foreign."""
        states = {
            one.suggestion.suggestion_id: (
                # What was found touched is taken for kept as soon as anything is learnt again.
                "touched" if one.touched else one.state,
                one.delivered_at,
                one.retired,
                len(one.places) if world.way == "local" else one.places,
            )
            for one in store.shown(PROFILE)
        }
        left = [name for name in store.memory("zotero") if "begun:" in name]
        assert not left
        foreign = world.foreign()
        return cls(world.picture(), {key: foreign[key] for key in before}, states)


def unharmed(way: Way, scene: Scene, folder: Path) -> tuple[Outcome, Sequence[Place]]:
    """What a cycle leads to that nobody kills, and every place at which one can be killed."""
    path = folder / "unharmed.db"
    with served(way) as world:
        scene.set_up(world, path)
        n = len(world.server.requests)
        before = world.foreign()
        with opened(path) as store, counted_writes() as writes:
            record = world.run(store, scene.now)
            n_writes = len(writes)
            outcome = Outcome.of(world, store, before)
        n_requests = len(world.server.requests) - n
    assert not record.failures
    assert record.n_delivered == world.n_suggestions
    assert record.n_tidied == scene.n_tidied
    assert outcome.foreign == before
    requests = [Request(i, m) for i in range(n_requests) for m in ("before", "after")]
    return outcome, [*requests, *map(Write, range(n_writes))]


def harmed(
    launcher: Launcher, way: Way, scene: Scene, path: Path, places: Sequence[Place]
) -> Outcome:
    """What the cycle leads to that is killed at a place, its repetition at the next, and so on."""
    with served(way) as world:
        scene.set_up(world, path)
        before = world.foreign()
        was_killed = [launcher.killed(world, path, scene.now, place) for place in places]
        assert was_killed[0]
        with opened(path) as store:
            # A repetition has less to do, and may come to its end before it gets to the place.
            if was_killed[-1]:
                assert not world.run(store, scene.now).failures
            return Outcome.of(world, store, before)


def differing(
    launcher: Launcher, way: Way, scene: Scene, folder: Path, step: int = 1
) -> tuple[int, list[Place]]:
    """How many places were tried, and those at which a kill made a difference.

    Args:
        launcher: Starts what is killed.
        way: How Zotero is reached.
        scene: When the kill comes.
        folder: For the stores.
        step: Only every so many of the places are tried, and the last ones.
    """
    wanted, places = unharmed(way, scene, folder)
    # After the last answer and before the store is written are those at the end.
    tried = list(dict.fromkeys([*places[::step], *places[-3:]]))
    found = []
    for n, place in enumerate(tried):
        path = folder / f"{n}.db"
        if harmed(launcher, way, scene, path, [place]) != wanted:
            found.append(place)
    return len(tried), found


def test_the_first_run_through_the_web_is_killed_anywhere(
    launcher: Launcher, tmp_path: Path
) -> None:
    n, different = differing(launcher, "web", FIRST, tmp_path)
    assert n >= 2 * 9
    assert different == []


@pytest.mark.parametrize(
    ("way", "scene", "step"),
    [
        ("local", FIRST, 9),
        *product(WAYS, [SECOND, EXPIRING, INTERESTS], [17]),
    ],
    ids=str,
)
def test_a_run_is_killed_at_some_places(
    launcher: Launcher, tmp_path: Path, way: Way, scene: Scene, step: int
) -> None:
    _, different = differing(launcher, way, scene, tmp_path, step)
    assert different == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "scene"), [one for one in product(WAYS, SCENES) if one != ("web", FIRST)], ids=str
)
def test_a_run_is_killed_anywhere(
    launcher: Launcher, tmp_path: Path, way: Way, scene: Scene
) -> None:
    _, different = differing(launcher, way, scene, tmp_path)
    assert different == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("scene", "n"),
    [
        (FIRST, 4),
        (EXPIRING, 2),
        *(pytest.param(one, 15, marks=pytest.mark.slow) for one in SCENES),
    ],
    ids=str,
)
def test_a_run_is_killed_and_its_repetition_too(
    launcher: Launcher, tmp_path: Path, way: Way, scene: Scene, n: int
) -> None:
    wanted, places = unharmed(way, scene, tmp_path)
    chosen = random.Random(n)  # noqa: S311 - no secret
    pairs = chosen.sample(list(product(places, repeat=2)), n)
    different = [
        pair
        for number, pair in enumerate(pairs)
        if harmed(launcher, way, scene, tmp_path / f"{number}.db", pair) != wanted
    ]
    assert different == []
