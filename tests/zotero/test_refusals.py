"""What Zotero refuses: one clear line with what to do, nothing lost, and all well when mended."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from integrations.web.testing.server import Fault
from integrations.zotero.client import Client, Patience
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Group
from recommender.cli.exits import FAILED, TRANSIENT
from recommender.errors import TransientError
from recommender.store import Store
from recommender.suggestions import State
from tests.zotero import harm
from tests.zotero.faults import STALLED
from tests.zotero.harm import FIRST, NAME, RETIRING, SECOND, Ended, Story
from tests.zotero.worlds import KEY, NOW, Way, ZoteroWorld

STORIES = [FIRST, SECOND, RETIRING]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that keeps Zotero from doing what it is asked for.

    Attributes:
        way: On which way it can be.
        sets: Brings it about.
        mends: Takes it away.
        says: What to do, in the line that a person is told.
        code: The command line's exit code.
        reads: The library is read all the same.
    """

    name: str
    way: Way
    sets: Callable[[ZoteroWorld], None]
    mends: Callable[[ZoteroWorld], None]
    says: str
    code: int = FAILED
    reads: bool = False

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def _web(world: ZoteroWorld) -> WebApi:
    assert isinstance(world.api, WebApi)
    return world.api


def _local(world: ZoteroWorld) -> LocalApi10:
    assert isinstance(world.api, LocalApi10)
    return world.api


def _may(world: ZoteroWorld, **rights: Any) -> None:
    world.world.add_key(ApiKey(KEY, 1, **rights))


def _revoke(world: ZoteroWorld) -> None:
    del world.world.keys[KEY]


def _fill(world: ZoteroWorld, *, full: bool = True) -> None:
    _web(world).quota_full = full


def _lock(world: ZoteroWorld, *, locked: bool = True) -> None:
    _web(world).read_only = locked


def _maintain(world: ZoteroWorld, *, maintained: bool = True) -> None:
    _web(world).maintenance = maintained


def _switch(world: ZoteroWorld, *, on: bool = False) -> None:
    _local(world).enabled = on


def _leave(world: ZoteroWorld) -> None:
    """Nobody listens at the address any more."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        world.address = f"http://127.0.0.1:{free.getsockname()[1]}"


def _return(world: ZoteroWorld) -> None:
    world.address = world.server.address


def _downgrade(world: ZoteroWorld) -> None:
    world.server.facade = LocalApi9(world.world, user_id=1)


def _upgrade(world: ZoteroWorld) -> None:
    world.server.facade = world.api


REFUSALS = (
    Refusal(
        "a key that may only read",
        "web",
        lambda world: _may(world, write=False),
        _may,
        "give it write access at https://www.zotero.org/settings/keys",
        reads=True,
    ),
    Refusal(
        "a revoked key", "web", _revoke, _may, "make a new one at https://www.zotero.org/settings"
    ),
    Refusal(
        "a key for groups only",
        "web",
        lambda world: _may(world, library=False, notes=False, groups={"all": "write"}),
        _may,
        "give it access at https://www.zotero.org/settings/keys",
    ),
    Refusal(
        "a full quota",
        "web",
        _fill,
        lambda world: _fill(world, full=False),
        "make room, then run again",
        reads=True,
    ),
    Refusal(
        "a server that is only read from",
        "web",
        _lock,
        lambda world: _lock(world, locked=False),
        "nothing is lost, try again in a few minutes",
        TRANSIENT,
        reads=True,
    ),
    Refusal(
        "maintenance",
        "web",
        _maintain,
        lambda world: _maintain(world, maintained=False),
        "nothing is lost, try again in a few minutes",
        TRANSIENT,
    ),
    Refusal(
        "no network", "web", _leave, _return, "check the connection, then run again", TRANSIENT
    ),
    Refusal("a closed Zotero", "local", _leave, _return, "start it, then run again", TRANSIENT),
    Refusal(
        "a local API that is off",
        "local",
        _switch,
        lambda world: _switch(world, on=True),
        "tick Settings > Advanced > 'Allow other applications on this computer",
    ),
    Refusal(
        "Zotero 9",
        "local",
        _downgrade,
        _upgrade,
        "update it to Zotero 10, or use a key of zotero.org",
        reads=True,
    ),
    Refusal(
        "permissions that were cleared",
        "local",
        lambda world: _local(world).authorisations.clear(),
        lambda world: _local(world).authorisations.remember(PERMISSION),
        "run `shelfwise init` and choose Always Allow",
        reads=True,
    ),
)
PERMISSION = "permissionpermissionpermission12"


@contextmanager
def _told(refusal: Refusal, story: Story) -> Iterator[tuple[ZoteroWorld, Store]]:
    with harm.told(refusal.way, story) as (world, store):
        if refusal.way == "local":
            # The reader allowed it once and for all, in init.
            _local(world).authorisations.remember(PERMISSION)
            memory = store.memory("zotero")
            memory[f"local key:{_local(world).server_id}"] = PERMISSION
            memory["local server"] = _local(world).server_id
        yield world, store


@pytest.mark.parametrize("story", STORIES, ids=str)
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_refusal_is_told_in_one_line_and_nothing_is_lost(refusal: Refusal, story: Story) -> None:
    with _told(refusal, story) as (world, store):
        before, states = store.known_entries(NAME), harm.states(store)
        before_it = world.picture(), world.foreign()
        refusal.sets(world)
        for minutes in (0, 1):
            ended = harm.run(world, store, story.at + timedelta(minutes=minutes))
            _told_in_one_line(ended, refusal)
        assert (world.picture(), world.foreign()) == before_it
        known = store.known_entries(NAME)
        if refusal.reads:
            assert known.keys() >= before_it[1].keys() & world.library.items.keys()
        else:
            assert (known, harm.states(store)) == (before, states)
        assert _wrongly_judged(story, world.way, store) == []
        refusal.mends(world)
        harm.mended(world, store, story, tidies=True)


def _told_in_one_line(ended: Ended, refusal: Refusal) -> None:
    [line] = ended.lines
    harm.check_line(line)
    assert refusal.says in line
    assert ended.code == refusal.code


def _wrongly_judged(story: Story, way: Way, store: Store) -> list[str]:
    """Suggestions of which something is thought that the reader never said."""
    goal = harm.unharmed(way, story)
    open_ones = {State.PENDING, State.DELIVERED}
    return [
        title
        for title, state in harm.states(store).items()
        if state not in {*open_ones, goal.states.get(title), goal.outcome.states[title]}
    ]


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_key_that_shows_no_notes_loses_none(story: Story) -> None:
    goal = harm.unharmed("web", story)
    with harm.told("web", story) as (world, store):
        before, foreign = store.known_entries(NAME), world.foreign()
        _may(world, notes=False)
        for minutes in (0, 1, 2):
            assert harm.run(world, store, story.at + timedelta(minutes=minutes)) == Ended((), 0)
        assert world.foreign() == foreign
        # What is not shown is neither forgotten nor written a second time.
        assert store.known_entries(NAME).keys() >= before.keys() & world.library.items.keys()
        assert _wrongly_judged(story, "web", store) == []
        if story is RETIRING:
            # Whether the reader wrote a note on it cannot be seen, so it stays.
            assert not any(one.get("deleted") for one in world.marked().values())
        else:
            assert world.picture() == goal.outcome.picture
        _may(world)
        if story is RETIRING:
            assert harm.run(world, store, story.at + harm.HOUR) == Ended((), 0)
            return
        harm.mended(world, store, story, tidies=False)


def test_an_unknown_key_is_not_asked_about_until_the_address_is_locked_out() -> None:
    """Zotero.org locks an address out after five, and with it everybody's good keys."""
    with harm.told("web", FIRST) as (world, store):
        assert harm.run(world, store, NOW) == Ended((), 0)
        _revoke(world)
        start = len(world.server.requests)
        assert harm.run(world, store, NOW + harm.HOUR).code == FAILED
        assert len(world.server.requests) - start <= 2


# Groups


@contextmanager
def _in_group(way: Way, *libraries: str) -> Iterator[tuple[ZoteroWorld, Store]]:
    """A Zotero with a group that has a library of its own."""
    with harm.told(way, FIRST) as (world, store):
        world.world.add_user(2, "eve")
        _join(world)
        world.furnish(world.world.library("groups/5"))
        if way == "web":
            _may(world, groups={5: "write"})
        world.libraries = [*libraries]
        yield world, store


def _join(world: ZoteroWorld) -> None:
    group = Group(5, "Reading circle", owner=2, roles={1: "member"})
    world.world.add_group(group)


def _vanish(world: ZoteroWorld) -> None:
    del world.world.groups[5]


def _be_thrown_out(world: ZoteroWorld) -> None:
    world.world.groups[5].roles.clear()


@pytest.mark.parametrize("goes", [_vanish, _be_thrown_out])
@pytest.mark.parametrize("way", ["web", "local"])
def test_a_second_library_that_vanished_is_told_and_the_rest_goes_on(
    way: Way, goes: Callable[[ZoteroWorld], None]
) -> None:
    with _in_group(way, "user", "group:5") as (world, store):
        assert harm.run(world, store, NOW) == Ended((), 0)
        known = store.known_entries("Zotero, the group 5")
        assert len(known) == 8
        goes(world)
        world.n_listed = 4
        ended = harm.run(world, store, NOW + harm.HOUR)
        assert ended.code == FAILED
        [line] = ended.lines
        harm.check_line(line)
        assert "groups/5" in line
        # What is known of it stays known, and new suggestions come.
        assert store.known_entries("Zotero, the group 5") == known
        assert len(world.marked()) == 4
        assert set(harm.states(store).values()) == {State.DELIVERED}
        _join(world)
        assert harm.run(world, store, NOW + 2 * harm.HOUR) == Ended((), 0)
        assert store.known_entries("Zotero, the group 5") == known
        assert set(harm.states(store).values()) == {State.DELIVERED}


@pytest.mark.parametrize("goes", [_vanish, _be_thrown_out])
@pytest.mark.parametrize("way", ["web", "local"])
def test_an_only_library_that_vanished_is_one_line(
    way: Way, goes: Callable[[ZoteroWorld], None]
) -> None:
    with _in_group(way, "group:5") as (world, store):
        world.library = world.world.library("groups/5")
        assert harm.run(world, store, NOW) == Ended((), 0)
        assert harm.run(world, store, NOW + harm.HOUR) == Ended((), 0)
        pictured, known = world.picture(), store.known_entries("Zotero, the group 5")
        assert len(world.marked()) == 2
        goes(world)
        ended = harm.run(world, store, NOW + 2 * harm.HOUR)
        assert ended.code == FAILED
        [line] = ended.lines
        harm.check_line(line)
        assert "groups/5" in line
        assert store.known_entries("Zotero, the group 5") == known
        assert set(harm.states(store).values()) == {State.DELIVERED}
        _join(world)
        assert harm.run(world, store, NOW + 3 * harm.HOUR) == Ended((), 0)
        assert (world.picture(), set(harm.states(store).values())) == (pictured, {State.DELIVERED})


# The dialog


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("deny", "run `shelfwise init` to be asked again"),
        ("allow once", "try again, choose Always Allow"),
    ],
)
def test_a_dialog_that_does_not_allow_it_for_good(answer: Any, says: str) -> None:
    with harm.told("local", FIRST) as (world, store):
        dialog = _local(world).authorisations
        dialog.answer = answer
        pictured = world.picture()
        ended = harm.run(world, store, NOW)
        assert (len(ended.lines), ended.code) == (1, FAILED)
        harm.check_line(ended.lines[0])
        assert says in ended.lines[0]
        assert dialog.prompts == ["Shelfwise"]
        assert world.picture() == pictured
        dialog.answer = "always allow"
        harm.mended(world, store, FIRST, tidies=True)


def test_a_dialog_that_came_too_often_is_to_be_waited_for() -> None:
    with harm.told("local", FIRST) as (world, store):
        dialog = _local(world).authorisations
        for _ in range(5):
            assert harm.run(world, store, NOW).code == FAILED or dialog.answer != "deny"
            dialog.answer = "deny"
            store.memory("zotero").clear()
        ended = harm.run(world, store, NOW)
        assert ended.code == TRANSIENT
        harm.check_line(ended.lines[0])
        assert len(dialog.prompts) == 5


def test_a_dialog_that_nobody_answers_is_given_up() -> None:
    with harm.told("local", FIRST) as (world, _):
        asked = len(world.server.requests) + 1
        world.server.faults.at(asked, Fault(delay=STALLED))
        patience = Patience(sleep=world.slept.append)
        with (
            Client.local(f"{world.address}/api", "users/0", patience=patience) as client,
            pytest.raises(TransientError) as raised,
        ):
            client.authorise("Shelfwise", patience=timedelta(seconds=0.2))
        harm.check_line(str(raised.value))
        assert len(world.server.requests) == asked + 1
