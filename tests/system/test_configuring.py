"""``shelfwise config``: check, show and path."""

import tomllib
from pathlib import Path

import pytest

from recommender import config
from tests.system import invented
from tests.system.own import Own, Run


def test_a_config_in_order_is_told_so(run: Run, own: Own) -> None:
    own.settle()
    found = run("config", "check", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == f"{own.file} is in order.\n"
    own.settle('[[profile]]\nname = "a"', '[[profile]]\nname = "b"', source=False)
    found = run("config", "check", "--config", own.file)
    assert found.stdout == f"{own.file} is in order, with the profiles a, b.\n"


def test_every_problem_of_a_config_is_told(run: Run, own: Own) -> None:
    own.settle("[daemon]\nhealth_prt = 3", '[[profile]]\n[profile.schedule]\ncron = "@daily"')
    found = run("config", "check", "--config", own.file)
    assert (found.returncode, found.stdout) == (2, "")
    told = [line.removeprefix(f"shelfwise: {own.file}: ") for line in found.stderr.splitlines()]
    assert [line.partition(": ")[0] for line in told] == [
        "daemon.health_prt",
        "profile.0.name",
        "profile.0.schedule.cron",
    ]
    assert told[0].endswith("did you mean daemon.health_port?")
    own.file.unlink()
    found = run("config", "check", "--config", own.file)
    assert found.returncode == 2
    assert "cannot be read" in invented.sentence(found.stderr)


def test_what_is_in_force_is_shown_as_a_config(run: Run, own: Own) -> None:
    own.settle("[selection]\nlimit = 3")
    found = run("config", "show", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    shown = tomllib.loads(found.stdout)
    assert shown["selection"]["limit"] == 3
    assert shown["feedback"] == config.Settings().feedback.model_dump()
    assert shown["library"]["place"] == str(own.folder / "mine.bib")
    assert "profile" not in shown
    before = config.read_all(own.file)
    own.file.write_text(found.stdout, encoding="utf-8")
    assert config.read_all(own.file) == before


def test_keys_are_shown_as_places_alone(
    run: Run, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READERS_KEY", "TheKeyItself")
    own.settle(library='key = "env:READERS_KEY"')
    found = run("config", "show", "--config", own.file)
    assert 'key = "env:READERS_KEY"' in found.stdout
    assert "TheKeyItself" not in found.stdout


def test_where_the_config_is_or_would_be_is_shown(run: Run, home: Path) -> None:
    usual = config.config_file()
    found = run("config", "path")
    assert (found.returncode, found.stdout) == (0, f"{usual}\n")
    assert "shelfwise init makes it" in found.stderr
    usual.parent.mkdir(parents=True)
    usual.write_text("", encoding="utf-8")
    found = run("config", "path")
    assert (found.stdout, found.stderr) == (f"{usual}\n", "")
    assert run("config", "path", "--config", "x.toml").stdout == f"{home / 'x.toml'}\n"


def test_a_command_is_wanted(run: Run) -> None:
    assert run("config").returncode == 2
    assert run("config", "chekc").returncode == 2
