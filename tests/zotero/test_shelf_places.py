"""Where the shelf is may change, and another computer may not know of it yet."""

from collections.abc import Iterator

import pytest

from recommender.suggestions import State
from tests.zotero.worlds import NOW, PROFILE, ZoteroWorld, opened, served


@pytest.fixture(params=["web", "local"])
def world(request: pytest.FixtureRequest) -> Iterator[ZoteroWorld]:
    with served(request.param) as world:
        yield world


def _shelf(world: ZoteroWorld, name: str) -> str:
    return next(k for k, c in world.library.collections.items() if c.data["name"] == name)


def test_what_waited_for_a_shelf_that_was_thrown_away_comes_onto_the_next_one(
    world: ZoteroWorld,
) -> None:
    with opened() as store:
        world.run(store)
        thrown = _shelf(world, "Shelfwise")
        world.library.erase_collection(thrown)
        world.n_listed += 4
        [failure] = world.run(store, NOW.replace(day=3)).failures
        assert "set another shelf.collection" in str(failure.error)
        waiting = {
            one.suggestion.suggestion_id
            for one in store.shown(PROFILE)
            if one.state is State.PENDING
        }
        assert waiting
        world.shelf = {"collection": "Reading list"}
        assert not world.run(store, NOW.replace(day=4)).failures
        delivered = {
            one.suggestion.suggestion_id: one.shelves
            for one in store.shown(PROFILE)
            if one.state is State.DELIVERED
        }
        shelf = _shelf(world, "Reading list")
        assert waiting <= {one for one, shelves in delivered.items() if shelves == {shelf}}


@pytest.mark.parametrize(
    ("library", "name"),
    [("user", "the shelf in Zotero"), ("group:5", "the shelf in Zotero, group 5")],
)
def test_the_outbox_knows_the_shelf_by_one_name_on_either_way(
    world: ZoteroWorld, library: str, name: str
) -> None:
    world.libraries = [library]
    for path in ("Shelfwise", "Reading/Suggested"):
        world.shelf = {"collection": path}
        with opened() as store:
            shelf = world.account(store).shelf()
        assert shelf
        assert shelf.name == name


@pytest.mark.parametrize("renamed", [False, True])
def test_a_computer_that_never_delivered_knows_the_shelf_for_ours(
    *, world: ZoteroWorld, renamed: bool
) -> None:
    if renamed and world.way == "local":
        pytest.skip("Zotero here gives the keys, so a shelf is known by its place or from before")
    world.shelf = {"collection": "Reading/Suggested"}
    with opened() as store:
        world.run(store)
    shelf = _shelf(world, "Suggested")
    if renamed:
        data = {"name": "Later", "parentCollection": "THESIS22"}
        world.library.put("collections", {**data, "relations": {}}, shelf, by=1)
    with opened() as fresh:
        account = world.account(fresh)
        [library] = account.libraries()
        assert [c.key for c in library.changes(None).collections if c.ours] == [shelf]
