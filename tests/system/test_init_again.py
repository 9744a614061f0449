"""``shelfwise init`` where there is a config: it keeps what it says."""

from pathlib import Path

import pytest

from integrations.web.testing.server import Server
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.world import World
from recommender import config, secrets
from recommender.secrets import Secret
from tests.system import invented
from tests.system.own import KEY, Run, Zotero
from tests.system.setting_up import Person, mode, web, written

pytestmark = pytest.mark.usefixtures("home")


MINE = """\
# mine
[library]
place = "web"
libraries = ["group:5", "user"]
key = "env:OLD_KEY"
include = ["Thesis/**"]
exclude_tags = ["teaching"]
web_address = "WEB"
[shelf]
collection = "Reading/New"
[feedback]
expires_after_days = 7
[[source]]
place = "page.jsonl"
[selection]
limit = 3
[store]
path = "mine.db"
"""


@pytest.fixture
def mine(account: Zotero, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config that the reader has written, whose key was revoked."""
    monkeypatch.setenv("OLD_KEY", "AKeyThatIsRevoked1234567")
    path = home / "config.toml"
    path.write_text(MINE.replace("WEB", account.server.address), encoding="utf-8")
    return path


def hidden_files(home: Path) -> list[str]:
    return [p.name for p in home.iterdir() if p.name.startswith(".")]


def test_a_new_key_is_all_that_is_new(run: Run, mine: Path, home: Path) -> None:
    before, text = config.said(mine), mine.read_text(encoding="utf-8")
    refused = run("run", "--config", mine)
    assert refused.returncode == 1
    assert "run `shelfwise init`" in invented.sentence(refused.stderr)
    found = run("init", "--config", mine, "--key-from", "env:READERS_KEY", "--yes")
    assert found.returncode == 0, found.stderr
    after = config.said(mine)
    assert after.library.key == "env:READERS_KEY"
    library = before.library.model_copy(update={"key": "env:READERS_KEY"})
    assert after == before.model_copy(update={"library": library})
    # What the reader wrote themselves is not lost either.
    assert (home / "config.toml.bak").read_text(encoding="utf-8") == text
    assert f"The earlier one is kept as {home / 'config.toml.bak'}." in found.stdout
    assert mode(mine) == mode(home / "config.toml.bak") == 0o600
    assert hidden_files(home) == []
    assert (home / "mine.db").exists()
    assert run("doctor", "--config", mine).stdout.count("FAILED") == 0


def test_what_options_name_is_new_and_the_rest_stays(run: Run, mine: Path, home: Path) -> None:
    invented.listing(home / "other.jsonl")
    found = run(
        *("init", "--config", mine, "--key-from", "env:READERS_KEY", "--yes", "--library", "user"),
        *("--collection", "Else", "--include", "A", "--include", "B", "--source", "other.jsonl"),
    )
    assert found.returncode == 0, found.stderr
    after = config.said(mine)
    assert after.library.libraries == ("user",)
    assert after.library.include == ("A", "B")
    assert after.library.exclude_tags == ("teaching",)
    assert after.shelf.collection == "Else"
    assert [one.place for one in after.source] == [str(home / "other.jsonl")]
    assert (after.selection.limit, after.store.path) == (3, "mine.db")
    refused = run("init", "--config", mine, "--yes", "--library", "group:77")
    assert refused.returncode == 2
    assert "--library group:77: cannot be reached" in invented.sentence(refused.stderr)
    assert config.said(mine) == after


def test_the_profiles_of_a_config_stay(run: Run, account: Zotero, mine: Path) -> None:
    tables = """
[[profile]]
name = "thesis"
source = []
[profile.selection]
limit = 7
[[profile]]
name = "teaching"
[profile.interests]
boost = { "Thesis/**" = 2 }
[[profile.source]]
place = "page.jsonl"
"""
    mine.write_text(mine.read_text(encoding="utf-8") + tables, encoding="utf-8")
    before = config.tables(mine)
    command = ("init", "--config", mine, "--key-from", "env:READERS_KEY", "--yes")
    found = run(*command)
    assert found.returncode == 0, found.stderr
    assert config.tables(mine) == before
    thesis, teaching = config.read_all(mine)
    assert thesis.library.key == teaching.library.key == "env:READERS_KEY"
    assert (thesis.selection.limit, teaching.selection.limit) == (7, 3)
    # Started afresh, it has none.
    assert run(*command, *web(account), "--force").returncode == 0
    assert config.tables(mine) == []


def test_where_nothing_is_new_nothing_is_written(
    run: Run, mine: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLD_KEY", KEY)
    text = mine.read_text(encoding="utf-8")
    found = run("init", "--config", mine, "--yes")
    assert found.returncode == 0, found.stderr
    assert f"{mine} stays as it is." in found.stdout
    assert mine.read_text(encoding="utf-8") == text
    assert not (home / "config.toml.bak").exists()


def test_a_key_that_is_still_revoked_changes_nothing(run: Run, mine: Path, home: Path) -> None:
    text = mine.read_text(encoding="utf-8")
    found = run("init", "--config", mine, "--yes")
    assert found.returncode == 1
    assert "does not know this key" in invented.sentence(found.stderr)
    assert mine.read_text(encoding="utf-8") == text
    assert not (home / "config.toml.bak").exists()


def test_a_person_gives_a_new_key_and_it_is_kept_where_the_old_one_was(
    run: Run, mine: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "old.key").write_text("AKeyThatIsRevoked1234567\n", encoding="utf-8")
    (home / "old.key").chmod(0o600)
    text = mine.read_text(encoding="utf-8").replace("env:OLD_KEY", "file:old.key")
    mine.write_text(text, encoding="utf-8")
    person = Person(monkeypatch, key=KEY)
    found = run("init", "--config", mine)
    assert found.returncode == 0, found.stderr
    # Nothing is asked but the key.
    assert not person.questions
    assert "The new key is kept where the earlier one was: file:old.key." in found.stdout
    assert mine.read_text(encoding="utf-8") == text
    assert secrets.secret(f"file:{home / 'old.key'}") == Secret(KEY)
    # Nothing typed, the old one stays.
    Person(monkeypatch)
    assert run("init", "--config", mine).returncode == 0
    assert secrets.secret(f"file:{home / 'old.key'}") == Secret(KEY)


def test_a_new_key_in_place_of_a_variables_is_kept_where_the_person_says(
    run: Run, mine: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person(monkeypatch, "3", key=KEY)
    found = run("init", "--config", mine)
    assert "I set the environment variable OLD_KEY myself" in found.stdout
    assert config.said(mine).library.key == "env:OLD_KEY"
    Person(monkeypatch, "2", key=KEY)
    assert run("init", "--config", mine).returncode == 0
    # Beside the config, and another one than that of the usual config.
    assert config.said(mine).library.key == f"file:{home / 'config.zotero.key'}"


def test_started_afresh_the_earlier_config_is_kept_beside(
    run: Run, account: Zotero, mine: Path, home: Path
) -> None:
    text = mine.read_text(encoding="utf-8")
    command = ("init", "--key-from", "env:READERS_KEY", "--yes", "--config", mine, *web(account))
    assert run(*command, "--force").returncode == 0
    after = config.said(mine)
    assert after.library.libraries == ("user",)
    assert (after.selection, after.source) == (config.Settings().selection, ())
    assert (home / "config.toml.bak").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[library]\nplase = 'x'\n", "there is no such setting"),
        ("not toml", "is not TOML"),
        ("[library]\nkind = 'file'\nplace = 'a.bib'\n", "there is nothing to set up"),
    ],
)
def test_a_config_that_cannot_be_kept_is_told_and_left(
    run: Run, account: Zotero, home: Path, text: str, told: str
) -> None:
    path = home / "config.toml"
    path.write_text(text, encoding="utf-8")
    command = ("init", "--key-from", "env:READERS_KEY", "--yes", "--config", path, *web(account))
    found = run(*command)
    assert found.returncode == 2
    assert told in found.stderr
    assert "start afresh with --force" in found.stderr
    assert path.read_text(encoding="utf-8") == text
    assert not account.server.requests
    assert run(*command, "--force").returncode == 0


def test_a_config_behind_a_link_stays_there(run: Run, account: Zotero, mine: Path) -> None:
    link = mine.parent / "link.toml"
    link.symlink_to(mine)
    command = ("init", "--key-from", "env:READERS_KEY", "--yes", "--config", link)
    assert run(*command).returncode == 0
    assert link.is_symlink()
    assert config.said(mine).library.key == "env:READERS_KEY"


@pytest.mark.parametrize("answer", ["y", "", "n"])
def test_a_key_that_comes_later_brings_a_shelf(
    run: Run, account: Zotero, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    with Server(LocalApi9(World())) as server:
        addresses = ("--web-address", account.server.address, "--local-address", server.address)
        assert run("init", "--yes", *addresses, "--source", "page.jsonl").returncode == 0
        assert written().shelf.via == "none"
        told = run("init", "--yes", "--key-from", "env:READERS_KEY").stdout
        assert 'set it to "auto" to change that' in told
        assert written().shelf.via == "none"
        # Whether there is to be a shelf, and where to keep the key.
        person = Person(monkeypatch, answer, "3", key=KEY)
        assert run("init").returncode == 0
        assert not person.answers
    assert written().shelf.via == ("none" if answer == "n" else "auto")


def test_a_permission_that_was_taken_away_is_asked_for_again(
    run: Run, here: tuple[Server, LocalApi10]
) -> None:
    server, facade = here
    facade.authorisations.answer = "always allow"
    address = ("--local-address", server.address)
    assert run("init", "--yes", "--source", "page.jsonl", *address).returncode == 0
    text = config.config_file().read_text(encoding="utf-8")
    assert run("init", "--yes").returncode == 0
    assert facade.authorisations.prompts == ["Shelfwise"] * 2
    assert config.config_file().read_text(encoding="utf-8") == text


def test_what_is_written_here_is_asked_for_with_a_key_too(
    run: Run, account: Zotero, here: tuple[Server, LocalApi10], home: Path
) -> None:
    server, facade = here
    facade.authorisations.answer = "always allow"
    path = home / "config.toml"
    path.write_text(
        f'[library]\nweb_address = "{account.server.address}"\n'
        f'local_address = "{server.address}"\n[shelf]\nvia = "local"\n',
        encoding="utf-8",
    )
    command = ("init", "--yes", "--key-from", "env:READERS_KEY", "--config", path)
    assert run(*command).returncode == 0
    assert facade.authorisations.prompts == ["Shelfwise"]
