"""A Zotero account: on which way its libraries are read."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from integrations.web.testing.server import Fault
from integrations.zotero import account_ways
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.keys import made_key
from integrations.zotero.testing.world import ApiKey
from integrations.zotero.versions import Version
from recommender.errors import (
    ConfigError,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    RateLimited,
    StaleLibrary,
    TransientError,
)
from recommender.library import Item
from recommender.sync import plan
from recommender.testing.publishers import suggestion_on
from tests.recorded.zotero_sqlite import opened
from tests.unit.zotero_scene import (
    GROUP,
    KEY,
    USER,
    Scene,
)

ANOTHER = "AnotherKeyOfTheReader123"


def test_opening_asks_nobody(scene: Scene) -> None:
    scene.zotero()
    scene.account()
    assert scene.here
    assert not scene.web.requests
    assert not scene.here.requests


def place_of(account: ZoteroAccount) -> str:
    """Where the library is read."""
    [library] = account.libraries()
    assert library.name == "Zotero, your library"
    version = Version.parsed(library.changes(None).version)
    assert version
    return f"{version.place} {version.library}"


def test_zotero_org_is_read_where_the_shelf_is_written_there(scene: Scene) -> None:
    scene.zotero()
    assert scene.here
    for via in ("auto", "web"):
        assert place_of(scene.account(via=via)) == f"web users/{USER}"
    assert not scene.here.requests
    with pytest.raises(NotAuthorized, match="needs a key"):
        scene.account(via="web", key="").libraries()


def test_where_it_is_not_the_zotero_here_is_read_first_then_zotero_org(scene: Scene) -> None:
    assert place_of(scene.account(via="none")) == f"web users/{USER}"
    scene.zotero()
    for via in ("none", "local"):
        assert place_of(scene.account(via=via)) == "local users/0"
    for via in ("auto", "none", "local"):
        assert place_of(scene.account(via=via, key="")) == "local users/0"


def test_what_was_saved_on_zotero_org_before_the_zotero_here_knows_is_not_suggested_again(
    scene: Scene,
) -> None:
    scene.zotero()
    account = scene.account()
    [library], shelf = account.libraries(), account.shelf()
    assert shelf
    library.changes(None)
    scene.paper(scene.world, f"users/{USER}", "AAAA2222")
    with pytest.raises(StaleLibrary):
        shelf.publish([suggestion_on(1)])
    assert not [one for one in scene.world.library(f"users/{USER}").items if one != "AAAA2222"]


def test_each_way_can_be_forced(scene: Scene, tmp_path: Path) -> None:
    scene.zotero()
    assert scene.here
    assert place_of(scene.account(place="web")) == f"web users/{USER}"
    assert not scene.here.requests
    assert place_of(scene.account(place="local", key="")) == "local users/0"
    assert place_of(scene.account(place="local")) == "local users/0"
    file = tmp_path / "elsewhere.sqlite"
    with pytest.raises(
        IntegrationError, match=r"elsewhere\.sqlite: no such file; correct its path"
    ):
        place_of(scene.account(place=str(file), key=""))


@pytest.mark.parametrize("is_off", [False, True])
def test_without_any_other_way_the_database_is_copied(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, *, is_off: bool
) -> None:
    if is_off:
        scene.zotero().enabled = False
    monkeypatch.setattr(account_ways, "database", lambda: Path("/home/me/usual.sqlite"))
    with pytest.raises(IntegrationError, match=r"usual\.sqlite: no such file"):
        place_of(scene.account(key=""))


def test_where_nothing_works_it_is_said_what_to_do(scene: Scene) -> None:
    with pytest.raises(PermanentError, match="start Zotero, or give a key with shelfwise init"):
        scene.account(key="").libraries()
    with pytest.raises(TransientError, match="start it"):
        scene.account(place="local").libraries()
    with pytest.raises(NotAuthorized, match=r"needs a key; make one at https://.*settings/keys"):
        scene.account(place="web", key="").libraries()
    scene.zotero().enabled = False
    for place in ("auto", "local"):
        with pytest.raises(NotAuthorized, match="Allow other applications on this computer"):
            scene.account(key="", place=place).libraries()


def test_the_zotero_here_is_asked_once_in_a_run(scene: Scene) -> None:
    scene.zotero()
    assert scene.here
    account = scene.account(key="", libraries=("user", f"group:{GROUP}"))
    account.libraries()
    account.libraries()
    account.shelf()
    assert [request.path for request in scene.here.requests] == ["/api/"]


def test_whose_key_it_is_is_asked_once_in_its_life(scene: Scene) -> None:
    for _ in range(3):
        account = scene.account(place="web")
        account.libraries()
        account.shelf()
    assert [request.path for request in scene.web.requests] == ["/keys/current"]
    other = scene.world.add_key(ApiKey("AnotherKeyOfTheReader123", USER))
    scene.account(place="web", key=other.key).libraries()
    assert len(scene.web.requests) == 2
    assert KEY not in json.dumps(scene.memory)


def test_a_library_that_is_read_another_way_loses_nothing_by_it(scene: Scene) -> None:
    facade = scene.zotero()
    scene.paper(facade.world, "users/0", "AAAA2222")
    scene.paper(scene.world, f"users/{USER}", "AAAA2222")
    scene.paper(scene.world, f"users/{USER}", "BBBB2222")
    known: dict[str, str] = {}
    since = None
    for place in ("web", "local", "web", "local"):
        [library] = scene.account(place=place).libraries()
        changes = library.changes(since)
        todo = plan(known, changes)
        known = {k: v for k, v in {**known, **changes.entries}.items() if k not in todo.drop}
        since = changes.version
        # What has not arrived here yet was not deleted.
        assert known.keys() == {"AAAA2222", "BBBB2222"}


def test_several_libraries_keep_their_own_memory_and_names(scene: Scene) -> None:
    scene.paper(scene.world, f"users/{USER}", "AAAA2222")
    scene.paper(scene.world, f"groups/{GROUP}", "AAAA2222")
    own, group = scene.account(place="web", libraries=("user", f"group:{GROUP}")).libraries()
    assert own.name != group.name
    first, second = own.changes(None), group.changes(None)
    assert set(first.entries) == {"AAAA2222"}
    assert set(second.entries) == {f"groups/{GROUP}/AAAA2222"}
    [one] = own.fetch(first.entries)
    assert isinstance(one, Item)
    n = len(scene.web.requests)
    assert not own.changes(first.version).entries
    assert not group.changes(second.version).entries
    assert len(scene.web.requests) == n + 2


def delivered_here(scene: Scene) -> str:
    """The key of a shelf that was made through the Zotero here, without any key of zotero.org."""
    facade = scene.zotero()
    facade.authorisations.answer = "always allow"
    account = scene.account(key="")
    account.authorise()
    shelf = account.shelf()
    assert shelf
    assert not shelf.publish([suggestion_on(1)])[0].failure
    [made] = facade.world.library("users/0").collections
    return str(made)


@pytest.mark.parametrize("place", ["local", "web"])
def test_a_key_that_is_given_later_makes_no_other_library(scene: Scene, place: str) -> None:
    made = delivered_here(scene)
    # Zotero has synchronised it under its key, and the reader has renamed it.
    scene.folder(scene.world, f"users/{USER}", made, "To read")
    assert scene.here
    scene.here.facade.world.library("users/0").put(  # type: ignore[attr-defined]
        "collections", {"name": "To read", "parentCollection": False, "relations": {}}, made
    )
    for key in ("", KEY, ANOTHER):
        if key or place == "local":
            scene.world.add_key(ApiKey(ANOTHER, USER))
            [library] = scene.account(key=key, place=place).libraries()
            found = library.changes(None).collections
            assert [(c.key, c.ours) for c in found] == [(made, True)]


def test_each_librarys_memory_is_its_own(scene: Scene) -> None:
    scene.memory |= {"user:shelf:Shelfwise": "AAAA2222", "group:5:shelf:Shelfwise": "BBBB2222"}
    for path in (f"users/{USER}", f"groups/{GROUP}"):
        for key in ("AAAA2222", "BBBB2222"):
            scene.folder(scene.world, path, key, "Mine")
    own, group = scene.account(place="web", libraries=("user", f"group:{GROUP}")).libraries()
    assert [c.key for c in own.changes(None).collections if c.ours] == ["AAAA2222"]
    ours = [c.key for c in group.changes(None).collections if c.ours]
    assert ours == [f"groups/{GROUP}/BBBB2222"]


def test_a_shelf_that_another_computer_made_is_ours_from_the_first_sync_on(scene: Scene) -> None:
    path = f"users/{USER}"
    made = made_key(path, "collection", "Reading/Shelf")
    scene.folder(scene.world, path, made, "As the reader calls it")
    scene.folder(scene.world, path, "AAAA2222", "Thesis")
    [library] = scene.account(collection="Reading/Shelf").libraries()
    assert [c.key for c in library.changes(None).collections if c.ours] == [made]
    # Here Zotero gave it a key that nobody can know; but there is one place where it is.
    here = scene.zotero().world
    scene.folder(here, "users/0", "BBBB2222", "Reading")
    scene.folder(here, "users/0", "CCCC2222", "Shelf", parentCollection="BBBB2222")
    scene.memory.clear()
    for _ in range(2):
        account = scene.account(collection="Reading/Shelf", key="")
        found = account.libraries()[0].changes(None).collections
        assert {c.key: c.ours for c in found} == {"BBBB2222": False, "CCCC2222": True}


def test_only_the_first_library_has_a_shelf_in_that_place(scene: Scene) -> None:
    scene.folder(scene.world, f"groups/{GROUP}", "AAAA2222", "New")
    scene.folder(scene.world, f"users/{USER}", "AAAA2222", "New")
    wanted: dict[str, Any] = {"collection": "New", "libraries": ("user", f"group:{GROUP}")}
    own, group = scene.account(**wanted).libraries()
    assert [c.ours for c in own.changes(None).collections] == [True]
    assert [c.ours for c in group.changes(None).collections] == [False]
    [own, _] = scene.account(**wanted, via="none").libraries()
    assert [c.ours for c in own.changes(None).collections] == [False]


def test_a_shelf_in_a_database_is_ours_from_the_first_sync_on(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path)
    with closing(database), database:
        writer.collection("AAAA2222", name="Shelfwise new")
        writer.collection("BBBB2222", name="Thesis")
    [library] = scene.account(place=str(path), key="", collection="Shelfwise new").libraries()
    assert [c.key for c in library.changes(None).collections if c.ours] == ["AAAA2222"]


def test_all_clients_of_one_server_leave_it_alone_together(scene: Scene) -> None:
    account = scene.account(libraries=("user", f"group:{GROUP}"))
    own, group = account.libraries()
    scene.web.faults.when(lambda _: True, Fault(429, {"Retry-After": "600"}))
    with pytest.raises(RateLimited):
        own.changes(None)
    n = len(scene.web.requests)
    with pytest.raises(RateLimited, match="asks to be left alone"):
        group.changes(None)
    shelf = account.shelf()
    assert shelf
    with pytest.raises(RateLimited, match="asks to be left alone"):
        shelf.publish([suggestion_on(1)])
    assert len(scene.web.requests) == n
    # That is nothing to the Zotero here, nor to the next run.
    scene.zotero()
    scene.account(place="local").libraries()[0].changes(None)
    scene.account().libraries()[0].changes(None)


def test_what_settings_cannot_mean_is_told_at_once(scene: Scene) -> None:
    with pytest.raises(ConfigError) as told:
        scene.account(libraries=("usr", "group:x", "group:0"), collection="/", tag="-no")
    assert len(told.value.problems) == 5
    with pytest.raises(ConfigError, match="named twice"):
        scene.account(libraries=("user", "user"))
