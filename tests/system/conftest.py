"""What the tests of the command line share."""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from integrations.web.testing.server import Server
from integrations.zotero import account_ways
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.world import World
from recommender.cli import main
from tests.system import invented
from tests.system.own import KEY, Own, Zotero, answer, zotero
from tests.system.setting_up import furnish

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return invented.library(tmp_path / "mine.bib")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return invented.listing(tmp_path / "page.jsonl")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command within this process, which saves the second that a new one takes."""

    def running(*arguments: str | Path, stdin: bytes = b"") -> "subprocess.CompletedProcess[str]":
        given = list(map(str, arguments))
        monkeypatch.setattr(sys, "argv", ["shelfwise", *given])
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(given, code, told.out, told.err)

    return running


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path)


@pytest.fixture
def suggested(run: Run, own: Own) -> list[dict[str, Any]]:
    """The four suggestions of a first run, with a page as what is written."""
    own.settle('[outputs]\nhtml = "out.html"\n[selection]\nlimit = 4')
    found: list[dict[str, Any]] = answer(run("run", "--config", own.file, "--json"))["suggestions"]
    return found


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zotero]:
    monkeypatch.setenv("READERS_KEY", KEY)
    with zotero() as account:
        yield account


@pytest.fixture
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
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zotero]:
    """An account with a group and collections, whose key is in a variable."""
    monkeypatch.setenv("READERS_KEY", KEY)
    with zotero() as account:
        furnish(account)
        yield account


@pytest.fixture
def here() -> Iterator[tuple[Server, LocalApi10]]:
    """A Zotero on this computer."""
    facade = LocalApi10(World())
    with Server(facade) as server:
        yield server, facade
