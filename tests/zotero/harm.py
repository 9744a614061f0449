"""What must hold whatever goes wrong in a run, and what had happened before it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from integrations.web.testing.server import Fault
from recommender import cycle
from recommender.cli.exits import FAILED, TRANSIENT, exit_code
from recommender.cli.telling_cycles import code_of
from recommender.errors import RecommenderError
from recommender.store import Store
from recommender.suggestions import State
from tests.zotero.faults import LIES, QUICK, TROUBLES, Spread, Trouble, play
from tests.zotero.worlds import (
    NOW,
    PROFILE,
    InOrder,
    Way,
    ZoteroWorld,
    folder,
    opened,
    paper,
    served,
)

HOUR = timedelta(hours=1)
NAME = "Zotero, your library"


@dataclass(frozen=True, slots=True)
class Story:
    """What happened before the run that meets a fault.

    Attributes:
        prepare: Makes it happen.
        at: When that run is.
    """

    name: str
    prepare: Callable[[ZoteroWorld, Store], None]
    at: datetime = NOW

    def __str__(self) -> str:
        return self.name


def _nothing(world: ZoteroWorld, store: Store) -> None:
    """It is the first run."""
    del world, store


def _answers(world: ZoteroWorld, store: Store) -> None:
    """A run, then the reader works with the library and answers to it; more is listed."""
    assert not world.run(store).failures
    mine = world.library
    edited, trashed, erased, *_ = [k for k, i in mine.items.items() if "fruit" in str(i.data)]
    mine.put("items", {**mine.items[edited].data, "title": "Pears, edited"}, edited, by=1)
    mine.put("items", {**mine.items[trashed].data, "deleted": 1}, trashed, by=1)
    mine.erase_item(erased)
    mine.put("items", paper("Plums of the west", "PEARS222"), by=1)
    unwanted, wanted = sorted(world.marked())
    at = world.marked()
    one = mine.items[at[unwanted]["key"]].data
    tags = [*one["tags"], {"tag": "not for me"}]
    mine.put("items", {**one, "tags": tags}, at[unwanted]["key"], by=1)
    one = mine.items[at[wanted]["key"]].data
    filed = [*one["collections"], "THESIS22"]
    mine.put("items", {**one, "collections": filed}, at[wanted]["key"], by=1)
    world.n_listed = 4


def _plenty(world: ZoteroWorld, store: Store) -> None:
    """It is the first run, of a library that does not come in one answer."""
    del store
    for number in range(101):
        world.library.put("collections", folder(f"Basket {number}"), by=1)
    for number in range(50):
        world.library.put("items", paper(f"Cherries of the east, part {number}"), by=1)


def _expiry(world: ZoteroWorld, store: Store) -> None:
    """A run of three, of which the reader edits one; the time for an answer passes."""
    world.n_listed = world.n_suggestions = 3
    assert not world.run(store).failures
    touched = world.marked()[min(world.marked())]["key"]
    one = world.library.items[touched].data
    world.library.put("items", {**one, "date": "2025"}, touched, by=1)


FIRST = Story("first", _nothing)
SECOND = Story("second", _answers, NOW + timedelta(days=1))
LARGE = Story("large", _plenty)
RETIRING = Story("retiring", _expiry, NOW + timedelta(days=40))


@contextmanager
def told(way: Way, story: Story) -> Iterator[tuple[ZoteroWorld, Store]]:
    """A Zotero and a store to which a story has happened; two suggestions a run at most."""
    with served(way) as world, opened() as store:
        world.n_listed = world.n_suggestions = 2
        world.library.put("items", paper("Quinces, thrown away", deleted=1), by=1)
        story.prepare(world, store)
        yield world, store


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Attributes:
        lines: What a person is told of failures.
        code: The exit code of the command line.
    """

    lines: tuple[str, ...]
    code: int


def run(world: ZoteroWorld, store: Store, now: datetime) -> Ended:
    """One run, with what the command line would say; whatever else is raised goes on."""
    try:
        profile = world.machine(store, now)
    except RecommenderError as error:
        return Ended((str(error),), exit_code(error))
    try:
        record = cycle.run(profile, InOrder(), store, now=now)
    except RecommenderError as error:
        ended = Ended((str(error),), exit_code(error))
    else:
        ended = Ended(tuple(str(f.error) for f in record.failures), code_of(record))
    [last] = store.last_cycles(PROFILE, 1)
    assert last.started_at == now
    assert len(last.record["failures"]) == len(ended.lines)
    return ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is there when all is done; two of them are equal if nobody could tell them apart."""

    picture: object
    foreign: dict[str, str]
    states: dict[str, State]
    known: frozenset[str]
    folders: frozenset[str]

    @classmethod
    def of(cls, world: ZoteroWorld, store: Store) -> "Outcome":
        """As it is now."""
        ours = {one["key"] for one in world.marked().values()}
        below = {k for k, i in world.library.items.items() if i.data.get("parentItem") in ours}
        return cls(
            picture=world.picture(),
            foreign=world.foreign(),
            states=states(store),
            # What the server's keys are is another matter each time.
            known=frozenset(store.known_entries(NAME)) - ours - below,
            folders=frozenset(c.name for c in store.library(NAME).collections),
        )


def states(store: Store) -> dict[str, State]:
    """The state of each suggestion, by title."""
    return {one.paper.title: state for one, state in store.suggestions(PROFILE)}


@dataclass(frozen=True, slots=True)
class Unharmed:
    """How a story ends where nothing goes wrong.

    Attributes:
        requests: Of the run, in order: the method and the path.
        after: At the end of it.
        states: By then.
        outcome: After one more.
        tidied: After a last one, when the time for an answer has passed for everything.
    """

    requests: tuple[tuple[str, str], ...]
    after: object
    states: dict[str, State]
    outcome: Outcome
    tidied: Outcome


@cache
def unharmed(way: Way, story: Story) -> Unharmed:
    """How a story ends where nothing goes wrong."""
    with told(way, story) as (world, store):
        start = len(world.server.requests)
        assert run(world, store, story.at) == Ended((), 0)
        requests = tuple((one.method, one.path) for one in world.server.requests[start:])
        after, then = world.picture(), states(store)
        assert run(world, store, story.at + HOUR) == Ended((), 0)
        outcome = Outcome.of(world, store)
        assert outcome.known == {k for k in outcome.foreign if k in world.library.items}
        return Unharmed(requests, after, then, outcome, _tidied(world, store, story))


def _tidied(world: ZoteroWorld, store: Store, story: Story) -> Outcome:
    for days in (50, 51):
        assert run(world, store, story.at + timedelta(days=days)) == Ended((), 0)
    return Outcome.of(world, store)


def check(
    way: Way,
    story: Story,
    trouble: Trouble,
    position: int,
    *,
    spread: Spread = "once",
    tidies: bool = False,
) -> list[Ended]:
    """Let a trouble meet a request of a story's run, in each way that it can be, and judge all.

    Returns:
        How the runs ended.
    """
    writes = unharmed(way, story).requests[position][0] != "GET" or spread == "on"
    faults = [trouble.fault, *([trouble.lost] if trouble.lost and writes else [])]
    found = []
    for fault in faults:
        with told(way, story) as (world, store):
            found.append(_harmed(world, store, story, trouble, fault, position, spread))
            mended(world, store, story, tidies=tidies)
    return found


def _harmed(
    world: ZoteroWorld,
    store: Store,
    story: Story,
    trouble: Trouble,
    fault: Fault,
    position: int,
    spread: Spread,
) -> Ended:
    goal = unharmed(world.way, story)
    foreign, before = world.foreign(), store.library_version(NAME)
    play(world.server, position, fault, spread)
    if trouble.stalls:
        world.timeout = QUICK
    ended = run(world, store, story.at)
    world.server.faults.clear()
    world.timeout = timedelta(seconds=10)
    for line in ended.lines:
        check_line(line)
    assert ended.code in ({0, TRANSIENT} if trouble.passes else {0, FAILED, TRANSIENT}), ended
    assert bool(ended.lines) == bool(ended.code)
    if not ended.code:
        # What is told as done is done.
        assert world.picture() == goal.after
    assert world.foreign() == foreign
    for title, state in states(store).items():
        right = goal.states.get(title), goal.outcome.states[title]
        assert state in {State.PENDING, State.DELIVERED, *right}
    if store.library_version(NAME) != before:
        # A part of the library is never taken for the whole.
        known = store.known_entries(NAME)
        items = {k: i for k, i in world.library.items.items() if k in foreign}
        assert known
        assert {k: known.get(k) for k in items} == {k: str(i.version) for k, i in items.items()}
    return ended


def mended(world: ZoteroWorld, store: Store, story: Story, *, tidies: bool) -> None:
    """The next runs, of which nothing goes wrong, end where an unharmed one would have."""
    goal = unharmed(world.way, story)
    assert run(world, store, story.at + HOUR) == Ended((), 0)
    assert world.picture() == goal.outcome.picture
    start = len(world.server.requests)
    assert run(world, store, story.at + 2 * HOUR) == Ended((), 0)
    assert {request.method for request in world.server.requests[start:]} == {"GET"}
    assert Outcome.of(world, store) == goal.outcome
    if tidies:
        assert _tidied(world, store, story) == goal.tidied


def check_line(line: str) -> None:
    """What a person is told is one line: what happened, and then what to do."""
    what, _, remedy = line.rpartition("; ")
    assert what, line
    assert remedy, line
    assert line.isprintable(), line
    assert 30 < len(line) < 300, line
    for word in ("<", "{", "Traceback", "Error", "please report", "Pears", "Orchard"):
        assert word not in line, line


def positions(way: Way, story: Story, trouble: Trouble, *, stride: int = 1) -> list[int]:
    """Where a trouble can meet a run.

    Args:
        way: On which way.
        story: The run's.
        trouble: What is to go wrong.
        stride: Only one in so many; other ones for each trouble, so that together all are met.
    """
    paths = [path for _, path in unharmed(way, story).requests]
    # The reader may take their time over the dialog.
    patient = {i for i, path in enumerate(paths) if trouble.stalls and path.endswith("authorize")}
    start = [*TROUBLES, *LIES].index(trouble) % stride
    return [i for i in range(start, len(paths), stride) if i not in patient]


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it is printed with."""
    waiting: list[BaseException | None] = [error]
    while waiting:
        if one := waiting.pop():
            yield one
            waiting += [one.__cause__, None if one.__suppress_context__ else one.__context__]
