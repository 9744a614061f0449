"""A Zotero account: what doctor finds, and what to do about it."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.zotero.keys import made_key
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from recommender.testing.publishers import suggestion_on
from tests.recorded.zotero_sqlite import opened
from tests.unit.zotero_scene import GROUP, KEY, NOWHERE, USER, Scene, filled, found, to_do

SIZE = "Your library has 8 entries; of the last 8 added on zotero.org, 8 are papers"


def test_all_is_well_on_the_web(scene: Scene) -> None:
    filled(scene, scene.world, f"users/{USER}")
    findings = found(scene.account())
    assert [finding.what for finding in findings if not finding.remedy] == [
        "the Zotero on this computer does not answer; it is not needed, zotero.org is read",
        "the key of reader may read and write what it has to",
        "the clock of this computer is right",
        f"{SIZE}, 7 with an abstract",
        "the shelf “Shelfwise” is not there yet; the first delivery makes it",
    ]
    assert len(findings) == 5


@pytest.mark.parametrize(
    ("here", "told"),
    [
        ("10", "answers; it is not needed, zotero.org is read"),
        ("9", "answers; it is not needed, zotero.org is read"),
        ("off", "lets no program read it; it is not needed, zotero.org is read"),
    ],
)
@pytest.mark.parametrize("place", ["auto", "web"])
def test_with_a_key_the_zotero_here_need_not_be_well(
    scene: Scene, here: str, told: str, place: str
) -> None:
    scene.zotero(LocalApi9 if here == "9" else LocalApi10).enabled = here != "off"
    filled(scene, scene.world, f"users/{USER}")
    first, *others = found(scene.account(place=place))
    assert (first.what, first.remedy) == (f"the Zotero on this computer {told}", "")
    assert any(SIZE in one.what for one in others)


def test_with_a_database_the_zotero_here_need_not_be_well(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "zotero.sqlite"
    database, writer = opened(file)
    with closing(database), database:
        writer.item("ARTICLE2", title="Trees")
    [first, size] = found(scene.account(place=str(file), key="", via="none"))
    what = "does not answer; it is not needed, a copy of the database is read"
    assert first.what == f"the Zotero on this computer {what}"
    assert f"of all in {file}, 1 are papers" in size.what


def test_all_is_well_here(scene: Scene) -> None:
    facade = scene.zotero()
    filled(scene, facade.world, "users/0")
    facade.authorisations.answer = "always allow"
    scene.account(key="").authorise()
    assert [finding.remedy for finding in found(scene.account(key=""))] == [""] * 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"write": False}, "may only read your library, so nothing can be put on the shelf; allow"),
        ({"notes": False}, "shows no notes, so that you wrote one on a suggestion is not seen"),
        ({"library": False}, "may not read your library; give it access at"),
    ],
)
def test_what_a_key_may_not_do_is_told(scene: Scene, change: dict[str, bool], told: str) -> None:
    filled(scene, scene.world, f"users/{USER}")
    for name, value in change.items():
        setattr(scene.key, name, value)
    assert any(told in line for line in to_do(scene.account()))


def test_a_read_only_key_is_enough_where_there_is_no_shelf(scene: Scene) -> None:
    filled(scene, scene.world, f"users/{USER}")
    scene.key.write = False
    assert to_do(scene.account(via="none")) == []


def test_a_revoked_key_is_told_once(scene: Scene) -> None:
    del scene.world.keys[KEY]
    [line] = to_do(scene.account())
    assert "does not know this key" in line
    assert "make a new one at https://www.zotero.org/settings/keys" in line


def test_a_group_that_is_gone_is_told(scene: Scene) -> None:
    filled(scene, scene.world, f"users/{USER}")
    del scene.world.groups[GROUP]
    account = scene.account(libraries=("user", f"group:{GROUP}"))
    lines = to_do(account)
    assert len(lines) == 1
    assert f"groups/{GROUP}" in lines[0]
    assert "join the group again" in lines[0]


@pytest.mark.parametrize(("minutes", "told"), [(7, "7 minutes ahead"), (-90, "90 minutes behind")])
def test_a_wrong_clock_is_told(scene: Scene, minutes: int, told: str) -> None:
    filled(scene, scene.world, f"users/{USER}")
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    [line] = to_do(scene.account(now=now))
    assert told in line
    assert line.endswith("let the system set the clock")


def test_an_empty_library_and_one_without_abstracts_are_told(scene: Scene) -> None:
    [line] = to_do(scene.account())
    assert line == "Your library is empty; add papers that you like to it"
    scene.paper(scene.world, f"users/{USER}", "AAAA2222")
    [line] = to_do(scene.account())
    assert "1 are papers, 0 with an abstract; add abstracts in Zotero" in line


def test_a_shelf_that_another_computer_made_is_there(scene: Scene) -> None:
    path = f"users/{USER}"
    filled(scene, scene.world, path)
    scene.folder(scene.world, path, made_key(path, "collection", "Shelfwise"), "Renamed")
    assert "the shelf “Shelfwise” is there" in [one.what for one in found(scene.account())]


def test_a_shelf_that_was_taken_away_is_told(scene: Scene) -> None:
    filled(scene, scene.world, f"users/{USER}")
    account = scene.account(place="web")
    account.libraries()[0].changes(None)
    shelf = account.shelf()
    assert shelf
    shelf.publish([suggestion_on(1)])
    assert to_do(scene.account()) == []
    assert "the shelf “Shelfwise” is there" in [one.what for one in found(scene.account())]
    library = scene.world.library(f"users/{USER}")
    [key] = library.collections
    scene.folder(scene.world, f"users/{USER}", key, "Shelfwise", deleted=True)
    [line] = to_do(scene.account())
    assert "is in Zotero's trash, so nothing is delivered; restore it" in line
    library.erase_collection(key)
    [line] = to_do(scene.account())
    assert "was deleted in Zotero, so nothing is delivered; set another name" in line


def test_what_the_zotero_here_lacks_is_told_where_it_is_needed(scene: Scene) -> None:
    assert any("start it" in line for line in to_do(scene.account(key="", place="local")))
    facade = scene.zotero()
    filled(scene, facade.world, "users/0")
    [line] = to_do(scene.account(key=""))
    assert line.endswith("run shelfwise init, and choose Always Allow in Zotero")
    facade.enabled = False
    assert any("Allow other applications" in line for line in to_do(scene.account(key="")))
    old = scene.zotero(LocalApi9)
    filled(scene, old.world, "users/0")
    lines = to_do(scene.account(key=""))
    assert "to be written to it has to be Zotero 10; update Zotero, or give a key" in lines[0]
    assert lines[0].endswith('with shelfwise init, or set shelf.via = "none"')
    # With a key alone it would still be written here.
    lines = to_do(scene.account(key="", via="local"))
    assert 'give a key with shelfwise init and set shelf.via = "web"' in lines[0]


def test_an_offline_computer_is_told_so(scene: Scene) -> None:
    account = scene.account(web_address=NOWHERE)
    [line] = to_do(account)
    assert line == "zotero.org cannot be reached; check the connection, then run again"
