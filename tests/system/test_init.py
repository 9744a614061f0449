"""``shelfwise init``: from nothing to a config that works."""

import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.zotero import account_ways
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.server import Server
from integrations.zotero.testing.world import Group, World
from recommender import config, secrets
from recommender.cli import asking
from recommender.config.writing import toml_of
from recommender.secrets import Secret
from tests.system import invented
from tests.system.own import KEY, USER, Run, Zotero, zotero

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it but a page of listed papers."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(account_ways, "database", lambda: None)
    monkeypatch.chdir(tmp_path)
    invented.listing(tmp_path / "page.jsonl")
    return tmp_path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zotero]:
    monkeypatch.setenv("READERS_KEY", KEY)
    with zotero() as account:
        account.world.add_group(Group(5, "The Group", USER))
        folders = (("AAAA2222", "Thesis", False), ("BBBB2222", "Me[thod]s", "AAAA2222"))
        for key, name, parent in folders:
            data: dict[str, Any] = {"name": name, "parentCollection": parent, "relations": {}}
            account.library.put("collections", data, key)
        yield account


@pytest.fixture
def here() -> Iterator[tuple[Server, LocalApi10]]:
    facade = LocalApi10(World())
    with Server(facade) as server:
        yield server, facade


class Person:
    """Somebody who gives these answers, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str, key: str = "") -> None:
        self.answers = list(answers)
        self.questions: list[str] = []
        monkeypatch.setattr(asking, "is_possible", lambda: True)
        monkeypatch.setattr("builtins.input", self.answer)
        monkeypatch.setattr(asking, "getpass", lambda _: key)

    def answer(self, question: str) -> str:
        self.questions.append(question)
        return self.answers.pop(0)


def web(served: Zotero) -> tuple[str, ...]:
    return ("--web-address", served.server.address, "--local-address", NOWHERE)


def written() -> config.Settings:
    return config.read_own(None)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_without_questions_a_config_is_written_that_works(
    run: Run, served: Zotero, home: Path
) -> None:
    command = ("init", "--key-from", "env:READERS_KEY", "--source", "page.jsonl", "--yes")
    found = run(*command, *web(served))
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
    assert "tagColors" not in served.library.settings
    assert all(request.method == "GET" for request in served.server.requests)
    assert run("doctor").returncode == 0
    assert run("run").returncode == 0
    assert len(served.library.collections) == 3


def test_all_can_be_said_in_options(run: Run, served: Zotero, home: Path) -> None:
    found = run(
        *("init", "--place", "web", "--key-from", "env:READERS_KEY", "--yes", "--colours"),
        *("--library", "group:5", "--library", "user", "--include", "Thesis/**"),
        *("--collection", "Reading/New", "--source", home / "page.jsonl"),
        *("--config", home / "my.toml", *web(served)),
    )
    assert found.returncode == 0, found.stderr
    settings = config.read(home / "my.toml")
    assert settings.library.place == "web"
    assert settings.library.libraries == ("group:5", "user")
    assert settings.library.include == ("Thesis/**",)
    assert settings.shelf.collection == "Reading/New"
    group = served.world.library("groups/5")
    assert [one["name"] for one in group.settings["tagColors"].value] == [
        "more like this",
        "not for me",
    ]
    assert "Coloured: “more like this” and “not for me”." in found.stdout


def test_a_config_is_never_overwritten_by_accident(run: Run, served: Zotero, home: Path) -> None:
    path = home / "config.toml"
    path.write_text("# mine\n", encoding="utf-8")
    command = ("init", "--key-from", "env:READERS_KEY", "--yes", "--config", path, *web(served))
    found = run(*command)
    assert found.returncode == 2
    assert "is there already; --force replaces it" in invented.sentence(found.stderr)
    assert path.read_text(encoding="utf-8") == "# mine\n"
    assert not served.server.requests
    assert run(*command, "--force").returncode == 0
    assert config.read(path).library.key == "env:READERS_KEY"
    assert mode(path) == 0o600
    assert [p.name for p in home.iterdir() if p.name.startswith(".")] == []


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
    run: Run, served: Zotero, home: Path, options: tuple[str, ...], told: str
) -> None:
    command = ("init", "--key-from", "env:READERS_KEY", "--yes", *web(served), *options)
    found = run(*command)
    assert found.returncode == 2
    assert told in invented.sentence(found.stderr)
    assert not (home / "XDG_CONFIG_HOME").exists()


def test_a_key_that_nobody_knows_is_kept_nowhere(
    run: Run, served: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(monkeypatch, "", key="AKeyThatNobodyKnows12345")
    found = run("init", *web(served))
    assert found.returncode == 1
    assert "does not know this key" in invented.sentence(found.stderr)
    assert len(person.questions) == 1
    assert not (home / "XDG_CONFIG_HOME").exists()


def test_a_person_is_asked_and_the_key_kept_in_a_file(
    run: Run, served: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Places that list papers, libraries, collections, the shelf, where to keep the key, colours.
    answers = ("nowhere.xml", "page.jsonl", "", "1 2", "2", "", "2", "y")
    person = Person(monkeypatch, *answers, key=KEY)
    found = run("init", *web(served))
    assert found.returncode == 0, found.stderr
    assert not person.answers
    assert "nowhere.xml" in invented.sentence(found.stderr)
    settings = written()
    file = home / "XDG_CONFIG_HOME" / "shelfwise" / "zotero.key"
    assert settings.library.key == f"file:{file}"
    assert secrets.secret(settings.library.key) == Secret(KEY)
    assert mode(file) == 0o600
    assert settings.library.libraries == ("user", "group:5")
    # The second of the collections that were shown, and not what its brackets would match.
    assert settings.library.include == ("Thesis/Me[[]thod]s",)
    assert [one["name"] for one in served.library.settings["tagColors"].value] == [
        "more like this",
        "not for me",
    ]
    assert KEY not in found.stdout


def test_without_a_keyring_the_key_goes_into_the_file(
    run: Run, served: Zotero, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    Person(monkeypatch, "", "", "", "", "1", "n", key=KEY)
    found = run("init", *web(served))
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


def test_an_old_zotero_gets_no_shelf(run: Run) -> None:
    with Server(LocalApi9(World())) as server:
        found = run("init", "--yes", "--local-address", server.address)
    assert found.returncode == 0, found.stderr
    assert written().shelf.via == "none"
    assert "can only be read" in found.stdout


def test_where_there_is_no_zotero_it_is_said_what_to_do(run: Run, home: Path) -> None:
    found = run("init", "--yes", "--local-address", NOWHERE)
    assert found.returncode == 1
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
            "shelf": {"per_interest": True, "collection": "A/B"},
            "feedback": {"expired_weight": 0.5},
            "source": [{"place": "/a.xml"}, {"kind": "arxiv", "place": "cs.CL"}],
            "selection": {"threshold": 0.25},
        }
    )
    path = tmp_path / "config.toml"
    for one in (settings, config.Settings()):
        path.write_text(toml_of(one), encoding="utf-8")
        assert config.read(path) == one
