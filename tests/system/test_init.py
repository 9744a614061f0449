"""``shelfwise init``: from nothing to a config that works."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from integrations.web.testing.server import Server
from integrations.zotero import account_ways
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.world import World
from recommender import config, secrets
from recommender.cli import asking
from recommender.config.writing import toml_of
from recommender.library import Collection, Item, Library
from recommender.papers import Paper
from recommender.secrets import Secret
from tests.recorded.zotero_sqlite import opened
from tests.system import invented
from tests.system.own import KEY, Run, Zotero
from tests.system.setting_up import NOWHERE, Person, mode, web, written

pytestmark = pytest.mark.usefixtures("home")


def test_without_questions_a_config_is_written_that_works(
    run: Run, account: Zotero, home: Path
) -> None:
    command = ("init", "--key-from", "env:READERS_KEY", "--source", "page.jsonl", "--yes")
    found = run(*command, *web(account))
    assert (found.returncode, found.stderr) == (0, "")
    path = home / "XDG_CONFIG_HOME" / "shelfwise" / "config.toml"
    assert f"Wrote {path}." in found.stdout
    assert "Next: shelfwise run" in found.stdout
    assert mode(path) == 0o600
    text = path.read_text(encoding="utf-8")
    assert KEY not in text + found.stdout
    settings = written()
    assert settings.library.key == "env:READERS_KEY"
    assert settings.library.libraries == ("user",)
    assert [one.place for one in settings.source] == [str(home / "page.jsonl")]
    # Colours only when asked for, and nothing else is written in Zotero.
    assert "tagColors" not in account.library.settings
    assert all(request.method == "GET" for request in account.server.requests)
    assert run("doctor").returncode == 0
    assert run("run").returncode == 0
    assert len(account.library.collections) == 3


def test_all_can_be_said_in_options(run: Run, account: Zotero, home: Path) -> None:
    found = run(
        *("init", "--place", "web", "--key-from", "env:READERS_KEY", "--yes", "--colours"),
        *("--library", "group:5", "--library", "user", "--include", "Thesis/**"),
        *("--collection", "Reading/New", "--source", home / "page.jsonl"),
        *("--config", home / "my.toml", *web(account)),
    )
    assert found.returncode == 0, found.stderr
    settings = config.read(home / "my.toml")
    assert settings.library.place == "web"
    assert settings.library.libraries == ("group:5", "user")
    assert settings.library.include == ("Thesis/**",)
    assert settings.shelf.collection == "Reading/New"
    group = account.world.library("groups/5")
    assert [one["name"] for one in group.settings["tagColors"].value] == [
        "more like this",
        "not for me",
    ]
    assert "Coloured: “more like this” and “not for me”." in found.stdout


def test_each_config_has_its_own_entry_in_the_keyring(
    run: Run, account: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: dict[str, str] = {}
    monkeypatch.setattr(secrets, "keep", lambda place, key: entries.update({place: key.reveal()}))
    paths = [home / "XDG_CONFIG_HOME" / "shelfwise" / "config.toml"]
    paths += [home / folder / "my work.toml" for folder in ("a", "b")]
    for path in paths:
        # Papers' places, libraries, collections, the shelf, where to keep the key, colours.
        Person(monkeypatch, "", "", "", "", "1", "n", key=KEY)
        found = run("init", "--config", path, *web(account))
        assert found.returncode == 0, found.stderr
        assert config.said(path).library.key in entries
    assert len(entries) == 3
    usual, *others = entries
    assert usual == "keyring:shelfwise/zotero"
    assert all(name.startswith("keyring:shelfwise/zotero-my-work-") for name in others)


@pytest.mark.parametrize("asks", [False, True])
def test_no_answer_at_a_question_is_one_line(
    run: Run, account: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch, *, asks: bool
) -> None:
    def ended(_: str) -> str:
        raise EOFError

    Person(monkeypatch, key=KEY)
    monkeypatch.setattr("builtins.input", ended)
    if asks:
        monkeypatch.setattr(asking, "getpass", ended)
    found = run("init", "--source", "page.jsonl", *web(account))
    assert found.returncode == 130
    assert invented.sentence(found.stderr) == "stopped"
    assert not (home / "XDG_CONFIG_HOME").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--library", "group:77"), "cannot be reached; there is: user (My Library), group:5"),
        (("--source", "no-such-page.xml"), "no-such-page.xml"),
        (("--key-from", "env:NO_SUCH_KEY_HERE"), "there is no such variable"),
        (("--collection", " "), "shelf.collection"),
    ],
)
def test_what_does_not_work_is_one_line_and_nothing_is_written(
    run: Run, account: Zotero, home: Path, options: tuple[str, ...], told: str
) -> None:
    command = ("init", "--key-from", "env:READERS_KEY", "--yes", *web(account), *options)
    found = run(*command)
    assert found.returncode == 2
    assert told in invented.sentence(found.stderr)
    assert not (home / "XDG_CONFIG_HOME").exists()


def test_a_key_that_nobody_knows_is_kept_nowhere(
    run: Run, account: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(monkeypatch, "", key="AKeyThatNobodyKnows12345")
    found = run("init", *web(account))
    assert found.returncode == 1
    assert "does not know this key" in invented.sentence(found.stderr)
    assert len(person.questions) == 1
    assert not (home / "XDG_CONFIG_HOME").exists()


def test_a_person_is_asked_and_the_key_kept_in_a_file(
    run: Run, account: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Places that list papers, libraries, collections, the shelf, where to keep the key, colours.
    answers = ("nowhere.xml", "page.jsonl", "", "1 2", "2", "", "2", "y")
    person = Person(monkeypatch, *answers, key=KEY)
    found = run("init", *web(account))
    assert found.returncode == 0, found.stderr
    assert not person.answers
    assert "nowhere.xml" in invented.sentence(found.stderr)
    settings = written()
    file = home / "XDG_CONFIG_HOME" / "shelfwise" / "zotero.key"
    assert settings.library.key == f"file:{file}"
    assert secrets.secret(settings.library.key) == Secret(KEY)
    assert mode(file) == 0o600
    assert settings.library.libraries == ("user", "group:5")
    # The second of the collections that were shown.
    assert settings.library.include == ("Thesis/Me[thod]s",)
    assert [one["name"] for one in account.library.settings["tagColors"].value] == [
        "more like this",
        "not for me",
    ]
    assert KEY not in found.stdout


@pytest.mark.parametrize("name", ["Me[thod]s", "Why?", "A*", "[!x]", "**", "100 % (new)", "{a}"])
def test_a_collection_that_is_chosen_is_what_is_learnt_from(
    run: Run, account: Zotero, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data = {"name": name, "parentCollection": False, "relations": {}}
    account.library.put("collections", data, "CCCC2222")
    paths = sorted(["Thesis", "Thesis/Me[thod]s", name], key=str.casefold)
    number = str(paths.index(name) + 1)
    Person(monkeypatch, "", "", number, "", "3", "n", key=KEY)
    assert run("init", *web(account)).returncode == 0
    inside = Item(key="A", paper=Paper(title="In"), collections=("CCCC2222",))
    outside = Item(key="B", paper=Paper(title="Out"), collections=())
    library = Library(items=(inside, outside), collections=(Collection("CCCC2222", name),))
    scope = config.scope(written())
    assert scope.of(library).items == (inside,)
    assert scope.unmatched(library) == ()


def test_without_a_keyring_the_key_goes_into_the_file(
    run: Run, account: Zotero, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    Person(monkeypatch, "", "", "", "", "1", "n", key=KEY)
    found = run("init", *web(account))
    assert found.returncode == 0, found.stderr
    assert written().library.key.startswith("file:")
    assert "keyring" in invented.sentence(found.stderr)


def test_without_a_key_zotero_itself_is_asked(
    run: Run, here: tuple[Server, LocalApi10], home: Path
) -> None:
    server, facade = here
    facade.authorisations.answer = "always allow"
    command = ("init", "--yes", "--source", "page.jsonl", "--local-address", server.address)
    found = run(*command)
    assert found.returncode == 0, found.stderr
    assert "choose Always Allow" in found.stdout
    assert facade.authorisations.prompts == ["Shelfwise"]
    settings = written()
    assert settings.library.key == ""
    # What Zotero gave is in the store, for its owner's eyes alone, and not in the config.
    assert mode(config.store_file(settings)) == 0o600
    papers = [p for topic in invented.MINE for p in invented.papers(topic, 8)]
    for one in papers:
        data: dict[str, Any] = {
            "itemType": "journalArticle",
            "title": one["title"],
            "abstractNote": one["abstract"],
            "creators": [],
            "tags": [],
            "collections": [],
            "relations": {},
        }
        facade.world.library("users/0").put("items", data)
    assert run("run").returncode == 0
    [shelf] = facade.world.library("users/0").collections.values()
    assert shelf.data["name"] == "Shelfwise"


def test_denied_the_config_is_written_and_said_what_is_missing(
    run: Run, here: tuple[Server, LocalApi10]
) -> None:
    server, _ = here
    found = run("init", "--yes", "--local-address", server.address)
    assert found.returncode == 0
    assert "denied" in invented.sentence(found.stderr)
    assert "run shelfwise init, and choose Always Allow" in found.stdout
    assert written().library.place == "auto"


def test_where_no_zotero_runs_nobody_is_told_that_it_asks(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "zotero.sqlite"
    database, writer = opened(file)
    with closing(database), database:
        writer.collection("AAAA2222", name="Papers", library=2)
    monkeypatch.setattr(account_ways, "database", lambda: file)
    command = ("init", "--yes", "--local-address", NOWHERE, "--library", "group:77")
    found = run(*command, "--library", "user")
    assert found.returncode == 0
    assert "asks you now" not in found.stdout
    assert "run shelfwise init again" in found.stdout
    assert "does not answer on this computer; start it" in invented.sentence(found.stderr)
    assert written().library.libraries == ("group:77", "user")
    assert written().shelf.via == "auto"


def test_an_old_zotero_gets_no_shelf(run: Run) -> None:
    with Server(LocalApi9(World())) as server:
        found = run("init", "--yes", "--local-address", server.address)
    assert found.returncode == 0, found.stderr
    assert written().shelf.via == "none"
    assert "can only be read" in found.stdout


def test_where_there_is_no_zotero_it_is_said_what_to_do(run: Run, home: Path) -> None:
    found = run("init", "--yes", "--local-address", NOWHERE)
    assert found.returncode == 1
    assert not found.stdout
    assert "start Zotero, or give a key" in invented.sentence(found.stderr)
    assert not (home / "XDG_CONFIG_HOME").exists()


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    settings = config.checked(
        {
            "library": {
                "place": "web",
                "key": "keyring:shelfwise/zotero",
                "include": ['Quotes "and" \\ strokes', "Ünï/**"],
            },
            "interests": {
                "goals": ["two\nlines"],
                "boost": {"Thesis/**": 2.0, 'a "quoted" one': 0.5},
            },
            "shelf": {"per_interest": True, "collection": "A/B"},
            "feedback": {"expired_weight": 0.5},
            "source": [{"place": "/a.xml"}, {"kind": "arxiv", "place": "cs.CL"}],
            "selection": {"threshold": 0.25},
            "model": {"encoder": {"kind": "onnx", "place": "/models/a model"}},
        }
    )
    path = tmp_path / "config.toml"
    for one in (settings, config.Settings()):
        path.write_text(toml_of(one), encoding="utf-8")
        assert config.read(path) == one
