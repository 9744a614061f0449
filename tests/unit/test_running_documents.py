"""What the documents say of running in the background can be run."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from recommender import config
from recommender.cli.commands import app

_DOCS = Path(__file__).parent.parent.parent / "docs"
_CALL = re.compile(r"(?:^|[\s`/'\"])shelfwise (?!shelfwise)([a-z][\w. -]*)")
_GROUP: Any = typer.main.get_command(app)


def text(name: str) -> str:
    return (_DOCS / name).read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text("running.md"), re.M | re.S)


def dockerfile() -> dict[str, str]:
    """The last of each instruction."""
    lines = re.findall(r"^([A-Z]+) (.+)$", text("Dockerfile"), re.M)
    return dict(lines)


def calls() -> Iterator[str]:
    """What is called after ``shelfwise`` in these documents."""
    code = [*re.findall(r"`([^`\n]+)`", text("running.md")), *blocks("(?:sh)?")]
    code += [text("github-actions.yml"), text("Dockerfile")]
    for line in "\n".join(code).splitlines():
        if not line.startswith(("#", "docker build", "journalctl", "systemctl")):
            # There it is the container's name.
            yield from _CALL.findall(line.partition(" #")[0].replace("--name shelfwise", ""))


def parse(words: list[str]) -> str:
    """Read a command line as the program does, without doing it, and give the command's name."""
    command = _GROUP
    names: list[str] = []
    while commands := getattr(command, "commands", None):
        assert words, f"shelfwise {' '.join(names)} is no whole command"
        names.append(words[0])
        command, words = commands[words[0]], words[1:]
    command.make_context(names[-1], words)
    return " ".join(names)


def test_every_command_that_is_named_exists() -> None:
    found = {parse(shlex.split(call)) for call in calls()}
    assert found >= {
        "daemon",
        "init",
        "run",
        "status",
        "service install",
        "service remove",
        "service status",
    }


def test_a_command_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(KeyError):
        parse(["walk"])
    with pytest.raises(Exception, match="No such option"):
        parse(["run", "--fast"])


def test_the_document_shows_the_dockerfile_as_it_is() -> None:
    assert blocks("dockerfile") == [text("Dockerfile")]


def test_the_image_runs_the_daemon_as_nobody_special_and_keeps_its_state() -> None:
    said = dockerfile()
    assert said["ENTRYPOINT"] == '["shelfwise"]'
    assert said["CMD"] == '["daemon"]'
    assert said["USER"] == "reader"
    assert "shelfwise status" in said["HEALTHCHECK"]
    variables = dict(one.split("=", 1) for one in said["ENV"].split())
    file = config.config_file(variables, "linux")
    store = config.store_file(config.Settings(), variables, "linux")
    assert {file.parents[1], store.parents[1]} == {Path(said["VOLUME"])}


def test_the_config_for_github_is_one_and_keeps_the_store_where_it_is_cached(
    tmp_path: Path,
) -> None:
    [shown] = blocks("toml")
    file = tmp_path / "shelfwise.toml"
    file.write_text(shown, encoding="utf-8")
    settings = config.read(file)
    assert Path(settings.store.path).parent == tmp_path / "state"
    assert tomllib.loads(shown)["library"]["key"] == "env:ZOTERO_KEY"


def test_the_workflow_runs_once_at_a_time_from_the_store_of_the_last_run() -> None:
    yaml: Any = pytest.importorskip("yaml", reason="there is nothing here that reads YAML")
    workflow = yaml.safe_load(text("github-actions.yml"))
    # YAML 1.1 takes the key for a truth.
    [moment] = workflow[True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* 1-5", moment["cron"])
    assert workflow["concurrency"] == {"group": "shelfwise", "cancel-in-progress": False}
    steps = workflow["jobs"]["run"]["steps"]
    restore, save = (one for one in steps if one.get("uses", "").startswith("actions/cache/"))
    assert restore["with"]["path"] == save["with"]["path"] == "state"
    assert restore["with"]["key"] == save["with"]["key"]
    assert save["with"]["key"].startswith(restore["with"]["restore-keys"])
    assert save["if"] == "always()"
    [run] = [one for one in steps if "shelfwise run" in one.get("run", "")]
    assert run["env"] == {"ZOTERO_KEY": "${{ secrets.ZOTERO_KEY }}"}
    assert steps.index(restore) < steps.index(run) < steps.index(save)
