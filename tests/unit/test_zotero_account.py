"""A Zotero account: which way is taken, what doctor finds, and what init needs."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.zotero import account_places, account_ways
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.account_colours import coloured
from integrations.zotero.account_settings import Wanted
from integrations.zotero.client import Patience
from integrations.zotero.testing.local import LocalApi, LocalApi9, LocalApi10
from integrations.zotero.testing.server import Server
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Group, World
from integrations.zotero.versions import Version
from recommender.config import Settings
from recommender.errors import (
    ConfigError,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    TransientError,
)
from recommender.library import Item
from recommender.ports import Finding
from recommender.sync import plan
from recommender.testing.publishers import suggestion_on

KEY = "GoodKeyOfTheReader123456"
USER = 17
GROUP = 5
TITLE = "A title that nobody may log"
NOW = datetime.now(UTC)
QUICK = Patience(timeout=timedelta(seconds=5), pauses=(), longest=timedelta(seconds=5))
SIZE = "Your library has 8 entries; of the last 8 added on zotero.org, 8 are papers"
NOWHERE = "http://127.0.0.1:9"  # the port that discards; nobody listens there


@contextmanager
def running(facade: Any) -> Iterator[Server]:
    with Server(facade) as server:
        yield server


class Scene:
    """A reader with a key, a group, and perhaps a Zotero on this computer.

    Attributes:
        memory: What the account keeps between runs.
        here: The Zotero on this computer; None where none runs.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.memory: dict[str, str] = {}
        self.world = World()
        self.world.add_user(USER, "reader", "The Reader")
        self.world.add_group(Group(GROUP, "The Group", USER))
        self.key = self.world.add_key(ApiKey(KEY, USER, groups={"all": "write"}))
        self.api = WebApi(self.world)
        self.web = stack.enter_context(running(self.api))
        self.here: Server | None = None

    def zotero(self, kind: type[LocalApi] = LocalApi10) -> Any:
        facade = kind(World())
        self.here = self._stack.enter_context(running(facade))
        return facade

    def settings(self, **changes: Any) -> dict[str, Any]:
        defaults = Settings()
        shelf = {k: changes.pop(k) for k in ("via", "collection", "tag") if k in changes}
        return {
            **defaults.library.model_dump(),
            "web_address": self.web.address,
            "local_address": self.here.address if self.here else NOWHERE,
            **changes,
            "shelf": {**defaults.shelf.model_dump(), **shelf},
        }

    def account(self, *, key: str = KEY, now: datetime = NOW, **changes: Any) -> ZoteroAccount:
        return ZoteroAccount(
            self.settings(**changes), key=key, memory=self.memory, now=now, patience=QUICK
        )

    def paper(self, world: World, path: str, key: str, **more: Any) -> None:
        data = {
            "itemType": "journalArticle",
            "title": TITLE,
            "creators": [],
            "tags": [],
            "collections": [],
            "relations": {},
            "dateAdded": "2026-05-04T03:02:01Z",
            "dateModified": "2026-05-04T03:02:01Z",
            **more,
        }
        world.library(path).put("items", data, key)

    def folder(self, world: World, path: str, key: str, name: str, **more: Any) -> None:
        data = {"name": name, "parentCollection": False, "relations": {}, **more}
        world.library(path).put("collections", data, key)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(account_ways, "database", lambda: None)
    with ExitStack() as stack:
        yield Scene(stack)


def found(account: ZoteroAccount) -> list[Finding]:
    findings = list(account.check())
    for finding in findings:
        for text in (finding.what, finding.remedy):
            assert "\n" not in text
            assert KEY not in text
            assert TITLE not in text
    return findings


def to_do(account: ZoteroAccount) -> list[str]:
    return [f"{one.what}; {one.remedy}" for one in found(account) if one.remedy]


# Which way


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


def test_the_zotero_here_is_read_first_then_zotero_org(scene: Scene) -> None:
    assert place_of(scene.account()) == f"web users/{USER}"
    scene.zotero()
    assert place_of(scene.account()) == "local users/0"


def test_each_way_can_be_forced(scene: Scene, tmp_path: Path) -> None:
    scene.zotero()
    assert scene.here
    assert place_of(scene.account(place="web")) == f"web users/{USER}"
    assert not scene.here.requests
    assert place_of(scene.account(place="local", key="")) == "local users/0"
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


def test_what_settings_cannot_mean_is_told_at_once(scene: Scene) -> None:
    with pytest.raises(ConfigError) as told:
        scene.account(libraries=("usr", "group:x", "group:0"), collection="/", tag="-no")
    assert len(told.value.problems) == 5
    with pytest.raises(ConfigError, match="named twice"):
        scene.account(libraries=("user", "user"))


# The shelf


@pytest.mark.parametrize(
    ("key", "via", "library"),
    [
        (KEY, "auto", f"users/{USER}"),
        ("", "auto", "users/0"),
        (KEY, "web", f"users/{USER}"),
        (KEY, "local", "users/0"),
    ],
)
def test_the_shelf_goes_where_the_key_is_for(
    scene: Scene, key: str, via: str, library: str
) -> None:
    scene.zotero()
    shelf = scene.account(key=key, via=via).shelf()
    assert shelf
    assert shelf.name == f"Zotero shelf “Shelfwise” of {library}"


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
    [library] = scene.account().libraries()
    assert library.web_version() is None
    library.changes(None)
    assert library.web_version() is None


def test_allowed_for_good_the_shelf_is_written_here(scene: Scene) -> None:
    facade = scene.zotero()
    facade.authorisations.answer = "always allow"
    given = scene.account(key="").authorise()
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
    with pytest.raises(TransientError, match="start it"):
        scene.account(key="").authorise()
    scene.zotero(LocalApi9)
    with pytest.raises(NotAuthorized, match="Zotero 10, or use a key"):
        scene.account(key="").authorise()


# Doctor


def filled(scene: Scene, world: World, path: str) -> None:
    for n, letter in enumerate("ABCDEFGH"):
        scene.paper(world, path, f"{letter}AAA2222", abstractNote="Bees dance." if n else "")


def test_all_is_well_on_the_web(scene: Scene) -> None:
    filled(scene, scene.world, f"users/{USER}")
    findings = found(scene.account())
    assert [finding.what for finding in findings if not finding.remedy] == [
        "the Zotero on this computer does not answer; it is not needed, there are other ways",
        "the key of reader may read and write what it has to",
        "the clock of this computer is right",
        f"{SIZE}, 7 with an abstract",
        "the shelf “Shelfwise” is not there yet; the first delivery makes it",
    ]
    assert len(findings) == 5


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
    assert "to be written to it has to be Zotero 10; update Zotero" in lines[0]


def test_an_offline_computer_is_told_so(scene: Scene) -> None:
    account = scene.account(web_address=NOWHERE)
    [line] = to_do(account)
    assert line == "zotero.org cannot be reached; check the connection, then run again"


# Choosing


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
    own, group = scene.account().choices()
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


# Colours


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


# The database


def test_the_database_is_where_zotero_says_or_where_it_usually_is(tmp_path: Path) -> None:
    assert account_places.database(tmp_path, {}, "linux") is None
    usual = tmp_path / "Zotero" / "zotero.sqlite"
    usual.parent.mkdir()
    usual.touch()
    assert account_places.database(tmp_path, {}, "linux") == usual
    other = tmp_path / "Möbel “x”" / "zotero.sqlite"
    other.parent.mkdir()
    other.touch()
    profile = tmp_path / ".zotero" / "zotero" / "ab12.default" / "prefs.js"
    profile.parent.mkdir(parents=True)
    folder = json.dumps(str(other.parent), ensure_ascii=False)
    lines = [
        f'user_pref("extensions.zotero.dataDir", {folder});',
        'user_pref("extensions.zotero.useDataDir", true);',
    ]
    profile.write_text("\n".join(lines), encoding="utf-8")
    assert account_places.database(tmp_path, {}, "linux") == other
    # Not in use any more, or spoilt: the usual one.
    for text in (lines[0], "\n".join([lines[1], 'user_pref("extensions.zotero.dataDir", "\\x");'])):
        profile.write_text(text, encoding="utf-8")
        assert account_places.database(tmp_path, {}, "linux") == usual


@pytest.mark.parametrize(
    ("system", "folder"),
    [
        ("darwin", "Library/Application Support/Zotero/Profiles"),
        ("win32", "roaming/Zotero/Zotero/Profiles"),
    ],
)
def test_every_system_has_its_place_for_preferences(
    tmp_path: Path, system: str, folder: str
) -> None:
    file = tmp_path / "elsewhere" / "zotero.sqlite"
    file.parent.mkdir()
    file.touch()
    profile = tmp_path / folder / "x.default" / "prefs.js"
    profile.parent.mkdir(parents=True)
    profile.write_text(
        f'user_pref("extensions.zotero.dataDir", {json.dumps(str(file.parent))});\n'
        'user_pref("extensions.zotero.useDataDir", true);\n',
        encoding="utf-8",
    )
    environment = {"APPDATA": str(tmp_path / "roaming")}
    assert account_places.database(tmp_path, environment, system) == file


def test_a_key_is_in_no_text_of_the_account(scene: Scene) -> None:
    account = scene.account()
    wanted = Wanted.of(scene.settings())
    assert KEY not in f"{account!r} {vars(account)!r} {wanted!r}"
