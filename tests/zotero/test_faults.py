"""Whatever goes wrong at any request: a clear record, and all is well after the next run."""

import threading
from datetime import timedelta
from itertools import product
from time import monotonic
from typing import get_args

import pytest

from integrations.web.testing.server import Fault, Moment
from recommender.cli.exits import TRANSIENT
from tests.zotero import harm
from tests.zotero.faults import LIES, QUICK, STALLED, TROUBLES, Trouble, play
from tests.zotero.harm import FIRST, LARGE, RETIRING, SECOND, Story
from tests.zotero.worlds import Way

WAYS: tuple[Way, ...] = get_args(Way)
ALL = [*TROUBLES, *LIES]
_STORIES = [FIRST, SECOND, RETIRING]
LATER = [*product([SECOND, RETIRING], WAYS)]
EACH = {"web": 7, "local": 18}
"""One position in so many is tried with each trouble in the ordinary run."""


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_a_first_run(way: Way, trouble: Trouble) -> None:
    for position in harm.positions(way, FIRST, trouble, stride=EACH[way]):
        harm.check(way, FIRST, trouble, position)


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_a_later_run(trouble: Trouble) -> None:
    for story, way in LATER[TROUBLES.index(trouble) % 2 :: 2]:
        found = harm.positions(way, story, trouble, stride=8)
        harm.check(way, story, trouble, found[0])


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_an_outage_from_a_request_on(trouble: Trouble) -> None:
    index = TROUBLES.index(trouble)
    way = WAYS[index % 2]
    story = _STORIES[index // 2 % 3]
    found = harm.positions(way, story, trouble, stride=8)
    ended = harm.check(way, story, trouble, found[0], spread="on")
    assert all(one.code for one in ended) or "Backoff" in trouble.fault.headers


@pytest.mark.parametrize("trouble", LIES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_says_what_cannot_be(way: Way, trouble: Trouble) -> None:
    for position in harm.positions(way, FIRST, trouble, stride=6):
        harm.check(way, FIRST, trouble, position)


def _named(name: str) -> Trouble:
    return next(one for one in ALL if one.name == name)


@pytest.mark.parametrize("name", ["404", "500", "cut off", "200 {}"])
@pytest.mark.parametrize("way", WAYS)
def test_a_library_that_comes_in_parts_is_known_whole_or_not_at_all(way: Way, name: str) -> None:
    requests = harm.unharmed(way, LARGE).requests
    path = {"web": "/users/1/items", "local": "/api/users/0/items"}[way]
    fetching = [i for i, one in enumerate(requests) if one == ("GET", path)]
    # The list of versions, and the items in two parts.
    assert len(fetching) >= 3
    last = fetching[2]
    harm.check(way, LARGE, _named(name), last)
    ended = harm.check(way, LARGE, _named(name), last, spread="again")
    assert all(one.code for one in ended)


def test_one_entry_that_is_listed_and_cannot_be_read_is_not_taken_for_deleted() -> None:
    requests = harm.unharmed("local", FIRST).requests
    trashed = next(i for i, (_, path) in enumerate(requests) if path[:-8].endswith("/0/items/"))
    for name in ("404", "409", "412 object", "412 not found"):
        harm.check("local", FIRST, _named(name), trashed)


@pytest.mark.parametrize("ends", ["before the next run", "after the next run"])
@pytest.mark.parametrize("story", _STORIES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_a_write_that_reaches_the_server_late(way: Way, story: Story, ends: str) -> None:
    """The client gave the answer up and went on; only then does the server act."""
    goal = harm.unharmed(way, story)
    writes = [i for i, (method, path) in enumerate(goal.requests) if _writes(method, path)]
    for position in writes[_STORIES.index(story) :: 3] if way == "local" else writes:
        with harm.told(way, story) as (world, store):
            held, late = threading.Event(), len(world.server.requests) + position
            arrived = threading.Event()

            def hold(
                at: int,
                moment: Moment,
                *,
                late: int = late,
                held: threading.Event = held,
                arrived: threading.Event = arrived,
            ) -> None:
                if at == late and moment == "before":
                    held.wait(60)
                if at == late and moment == "after":
                    arrived.set()

            world.server.hook = hold
            world.timeout = QUICK
            ended = harm.run(world, store, story.at)
            assert ended.code == TRANSIENT
            world.timeout = timedelta(seconds=10)
            if ends == "after the next run":
                assert not harm.run(world, store, story.at + harm.HOUR / 2).lines
            held.set()
            assert arrived.wait(60)
            harm.mended(world, store, story, tidies=False)


def _writes(method: str, path: str) -> bool:
    return method != "GET" and not path.endswith("authorize")


@pytest.mark.parametrize("way", WAYS)
def test_a_stall_is_given_up_after_the_time_that_was_set(way: Way) -> None:
    requests = harm.unharmed(way, FIRST).requests
    [first, *_] = [i for i, (method, path) in enumerate(requests) if _writes(method, path)]
    with harm.told(way, FIRST) as (world, store):
        play(world.server, first, Fault(delay=STALLED), "once")
        world.timeout = timedelta(seconds=3)
        start = monotonic()
        ended = harm.run(world, store, FIRST.at)
        assert 3 <= monotonic() - start < 20
        assert ended.code == TRANSIENT
        assert "read timeout" in ended.lines[0]
        harm.mended(world, store, FIRST, tidies=True)


def test_nobody_waits_longer_than_is_worth_it() -> None:
    """What the server asks for is kept, up to a minute and a half for one request."""
    for name, slept in {"429 10 s": [10.0], "429 1.5 s": [1.5], "429 hour": []}.items():
        with harm.told("web", FIRST) as (world, store):
            play(world.server, 4, _named(name).fault, "once")
            harm.run(world, store, FIRST.at)
            assert world.slept == slept
    with harm.told("web", FIRST) as (world, store):
        play(world.server, 4, _named("429 10 s").fault, "on")
        assert harm.run(world, store, FIRST.at).code == TRANSIENT
        assert sum(world.slept) <= 90


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ALL, ids=str)
@pytest.mark.parametrize("story", _STORIES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_every_trouble_at_every_request(way: Way, story: Story, trouble: Trouble) -> None:
    for position in harm.positions(way, story, trouble):
        harm.check(way, story, trouble, position, tidies=True)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ALL, ids=str)
@pytest.mark.parametrize("story", _STORIES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_every_trouble_from_every_request_on(way: Way, story: Story, trouble: Trouble) -> None:
    for position in harm.positions(way, story, trouble, stride=4):
        harm.check(way, story, trouble, position, spread="on")
        harm.check(way, story, trouble, position, spread="again")
