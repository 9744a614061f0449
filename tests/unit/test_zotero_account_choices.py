"""A Zotero account: the libraries that can be chosen, and the tags' colours."""

from contextlib import closing
from pathlib import Path

import pytest

from integrations.zotero.account_colours import coloured
from integrations.zotero.testing.local import LocalApi9
from integrations.zotero.testing.world import Group
from recommender.errors import NotAuthorized, PermanentError
from recommender.ports import Choice
from tests.recorded.zotero_sqlite import opened
from tests.unit.zotero_scene import GROUP, KEY, USER, Scene


@pytest.mark.parametrize("here", [False, True])
def test_what_can_be_chosen(scene: Scene, *, here: bool) -> None:
    world, path = scene.world, f"users/{USER}"
    if here:
        world, path = scene.zotero().world, "users/0"
        world.add_group(Group(GROUP, "The Group", 0))
    scene.folder(world, path, "AAAA2222", "Thesis")
    scene.folder(world, path, "BBBB2222", "Methods", parentCollection="AAAA2222")
    scene.folder(world, path, "CCCC2222", "Gone", deleted=True)
    scene.folder(world, f"groups/{GROUP}", "DDDD2222", "Reading")
    own, group = scene.account(key="" if here else KEY).choices()
    assert (own.place, own.collections) == ("user", ("Thesis", "Thesis/Methods"))
    assert (group.place, group.called) == (f"group:{GROUP}", "The Group")
    assert group.collections == ("Reading",)
    assert own.writable
    assert group.writable


def test_what_a_key_does_not_show_cannot_be_chosen(scene: Scene) -> None:
    scene.key.groups = {}
    scene.key.write = False
    [own] = scene.account().choices()
    assert (own.place, own.writable) == ("user", False)


def test_an_old_zotero_offers_what_can_only_be_read(scene: Scene) -> None:
    scene.zotero(LocalApi9)
    [own, *_] = scene.account(key="").choices()
    assert not own.writable


def a_database(path: Path) -> Path:
    """One that holds the reader's own library and the library of a group."""
    database, writer = opened(path)
    with closing(database), database:
        outer = writer.collection("AAAA2222", name="Thesis")
        writer.collection("BBBB2222", name="Methods", parent=outer)
        gone = writer.collection("CCCC2222", name="Gone")
        writer.trash(collection=gone)
        writer.collection("DDDD2222", name="Papers", library=2)
        writer.collection("EEEE2222", name="A feed's", library=3)
    return path


def test_all_libraries_of_a_database_can_be_chosen(scene: Scene, tmp_path: Path) -> None:
    file = a_database(tmp_path / "zotero.sqlite")
    for key in ("", KEY):
        own, group = scene.account(place=str(file), key=key).choices()
        assert own == Choice("user", "My Library", ("Thesis", "Thesis/Methods"))
        assert group == Choice("group:77", "Reading circle", ("Papers",))
    account = scene.account(place=str(file), key="", libraries=("group:77", "user"))
    names = [one.name for one in account.libraries()]
    assert names == ["Zotero, the group 77", "Zotero, your library"]


def test_what_is_read_from_a_database_is_writable_where_the_shelf_would_be(
    scene: Scene, tmp_path: Path
) -> None:
    file = str(a_database(tmp_path / "zotero.sqlite"))

    def writable(key: str = "", via: str = "auto") -> list[bool]:
        account = scene.account(place=file, key=key, via=via)
        return [one.writable for one in account.choices()]

    assert writable(via="none") == [False, False]
    scene.key.groups = {"all": "read"}
    assert writable(KEY) == [True, False]
    # None runs at the moment, so it may be one that can be written to.
    assert writable() == [True, True]
    scene.zotero()
    assert writable() == [True, True]
    scene.zotero(LocalApi9)
    assert writable() == [False, False]
    del scene.world.keys[KEY]
    with pytest.raises(NotAuthorized, match="does not know this key"):
        writable(KEY)


def test_the_libraries_of_a_real_database(scene: Scene, shared: Path) -> None:
    file = shared / "zotero-sqlite" / "z10-closed" / "zotero.sqlite"
    own, group = scene.account(place=str(file), key="").choices()
    assert own.place == "user"
    assert group.place.startswith("group:")
    assert group.called


def test_colours_stand_beside_the_readers_own(scene: Scene) -> None:
    wanted = [("more like this", "#5FB236"), ("not for me", "#999999")]
    assert scene.account().colour(wanted) == ("more like this", "not for me")
    assert scene.account().colour(wanted) == ()
    setting = scene.world.library(f"users/{USER}").settings["tagColors"]
    assert setting.value == [
        {"name": "more like this", "color": "#5FB236"},
        {"name": "not for me", "color": "#999999"},
    ]


def test_colours_are_merged_without_touching_what_is_there() -> None:
    own = [{"name": "Later", "color": "#FF0000"}, {"name": "NOT for me", "color": "#00FF00"}]
    whole, new = coloured(own, [("more like this", "#5FB236"), ("not for me", "#999999")])
    assert whole[:2] == own
    assert new == ("more like this",)
    full = [{"name": f"tag {n}", "color": "#000000"} for n in range(8)]
    with pytest.raises(PermanentError, match=r"9 places .*, and 8 are taken; free 1"):
        coloured(full, [("a", "#111111"), ("b", "#222222")])


def test_without_a_key_there_are_no_colours(scene: Scene) -> None:
    scene.zotero()
    with pytest.raises(PermanentError, match="there is no key; give a tag its colour in Zotero"):
        scene.account(key="").colour([("a", "#111111")])
