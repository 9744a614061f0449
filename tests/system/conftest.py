"""What the tests of the command line share."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from recommender.cli import main
from tests.system import invented

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
