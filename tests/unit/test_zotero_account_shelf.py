"""A Zotero account: on which way its shelf is written, and with whose permission."""

import pytest

from integrations.zotero.testing.local import LocalApi9
from recommender.errors import (
    NotAuthorized,
    TransientError,
)
from recommender.testing.publishers import suggestion_on
from tests.unit.zotero_scene import KEY, USER, Scene


@pytest.mark.parametrize(
    ("key", "via", "is_here"),
    [(KEY, "auto", False), ("", "auto", True), (KEY, "web", False), (KEY, "local", True)],
)
def test_the_shelf_goes_where_the_key_is_for(
    scene: Scene, key: str, via: str, *, is_here: bool
) -> None:
    facade = scene.zotero()
    facade.authorisations.answer = "always allow"
    account = scene.account(key=key, via=via)
    account.authorise()
    shelf = account.shelf()
    assert shelf
    [receipt] = shelf.publish([suggestion_on(1)])
    assert not receipt.failure
    here, there = facade.world.library("users/0"), scene.world.library(f"users/{USER}")
    assert (bool(here.items), bool(there.items)) == (is_here, not is_here)


def test_there_need_be_no_shelf(scene: Scene) -> None:
    assert scene.account(via="none").shelf() is None
    assert not scene.web.requests


def test_the_shelf_on_the_web_knows_how_far_was_read(scene: Scene) -> None:
    scene.paper(scene.world, f"users/{USER}", "AAAA2222")
    account = scene.account(place="web")
    shelf = account.shelf()
    assert shelf
    [library] = account.libraries()
    library.changes(None)
    assert library.web_version() == scene.world.library(f"users/{USER}").version
    [receipt] = shelf.publish([suggestion_on(1)])
    assert not receipt.failure
    changes = scene.account(place="web").libraries()[0].changes(None)
    assert [c.name for c in changes.collections if c.ours] == ["Shelfwise"]


def test_read_here_or_not_at_all_no_version_of_zotero_org_is_known(scene: Scene) -> None:
    scene.zotero()
    [library] = scene.account(place="local").libraries()
    assert library.web_version() is None
    library.changes(None)
    assert library.web_version() is None


def test_allowed_for_good_the_shelf_is_written_here(scene: Scene) -> None:
    facade = scene.zotero()
    facade.authorisations.answer = "always allow"
    told: list[int] = []
    given = scene.account(key="").authorise(lambda: told.append(len(facade.authorisations.prompts)))
    # Before, not after.
    assert told == [0]
    assert facade.authorisations.prompts == ["Shelfwise"]
    assert given in scene.memory.values()
    account = scene.account(key="")
    shelf = account.shelf()
    assert shelf
    [receipt] = shelf.publish([suggestion_on(1)])
    assert not receipt.failure
    assert receipt.place in facade.world.library("users/0").items


@pytest.mark.parametrize(("answer", "told"), [("deny", "denied"), ("allow once", "Always Allow")])
def test_what_does_not_last_is_no_permission(scene: Scene, answer: str, told: str) -> None:
    scene.zotero().authorisations.answer = answer
    with pytest.raises(NotAuthorized, match=told):
        scene.account(key="").authorise()
    assert not scene.memory


def test_an_old_zotero_and_none_hand_out_no_keys(scene: Scene) -> None:
    told: list[None] = []
    with pytest.raises(TransientError, match="start it"):
        scene.account(key="").authorise(lambda: told.append(None))
    scene.zotero(LocalApi9)
    with pytest.raises(NotAuthorized, match="Zotero 10, or use a key"):
        scene.account(key="").authorise(lambda: told.append(None))
    assert not told
