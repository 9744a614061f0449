"""Two processes on one store: the second refuses, and says which one has it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from integrations.web.testing.server import Moment
from tests.system import invented
from tests.system.own import KEY, Own, Zotero, zotero

PATIENCE = 60
"""Seconds in which everything has happened even on a busy machine."""


@pytest.fixture
def served() -> Iterator[Zotero]:
    with zotero() as account:
        yield account


@pytest.fixture
def own(tmp_path: Path, served: Zotero) -> Own:
    found = Own(tmp_path)
    found.settle("[selection]\nlimit = 3", library=served.config())
    return found


def started(config: Path) -> "subprocess.Popen[str]":
    """``shelfwise run`` as a process of its own."""
    return subprocess.Popen(  # noqa: S603 - this very program
        [*invented.COMMAND, "run", "--config", config],
        env=invented.environment({"READERS_KEY": KEY}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    out, err = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextmanager
def held_at(served: Zotero, position: int, config: Path) -> Iterator["subprocess.Popen[str]"]:
    """A run that waits for the answer to a request as long as the context lasts."""
    arrived, go_on = Event(), Event()

    def hook(at: int, moment: Moment) -> None:
        if (at, moment) == (position, "before"):
            arrived.set()
            go_on.wait(PATIENCE)

    served.server.hook = hook
    process = started(config)
    try:
        assert arrived.wait(PATIENCE), process.communicate(timeout=PATIENCE)
        yield process
    finally:
        go_on.set()


# While it reads, and while it writes.
@pytest.mark.parametrize("position", [1, 8])
def test_the_second_run_refuses_and_names_the_first(
    own: Own, served: Zotero, position: int
) -> None:
    with held_at(served, position, own.file) as first:
        second = ended(started(own.file))
        assert first.poll() is None
        assert len(served.server.requests) == position + 1
    assert second.returncode == 1
    assert second.stdout == ""
    told = invented.sentence(second.stderr)
    assert f"{own.store_file} is in use by process {first.pid} (shelfwise run, since " in told
    assert "wait until that is done, or end it, and try again" in told
    # The first one never noticed, and the next one is not kept out.
    assert ended(first).returncode == 0
    assert list(own.states().values()) == ["delivered"] * 3
    assert ended(started(own.file)).returncode == 0


def test_another_config_and_another_path_lead_to_the_same_lock(
    own: Own, served: Zotero, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").symlink_to(own.folder, target_is_directory=True)
    other = own.folder / "other.toml"
    config = own.file.read_text(encoding="utf-8")
    other.write_text(config.replace('"kept.db"', '"elsewhere/kept.db"'), encoding="utf-8")
    with held_at(served, 1, own.file) as first:
        second = ended(started(other))
    assert second.returncode == 1
    assert f"is in use by process {first.pid} (shelfwise run" in invented.sentence(second.stderr)
    assert ended(first).returncode == 0


def test_another_store_is_not_locked(own: Own, served: Zotero) -> None:
    other = own.folder / "other.toml"
    config = own.file.read_text(encoding="utf-8")
    other.write_text(config.replace('"kept.db"', '"another.db"'), encoding="utf-8")
    with held_at(served, 1, own.file) as first:
        assert ended(started(other)).returncode == 0
    assert ended(first).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of that kind here")
def test_one_that_was_killed_keeps_nobody_out(own: Own, served: Zotero) -> None:
    with held_at(served, 8, own.file) as first:
        os.kill(first.pid, signal.SIGKILL)
        assert ended(first).returncode == -signal.SIGKILL
        served.server.hook = None
        assert ended(started(own.file)).returncode == 0
    assert list(own.states().values()) == ["delivered"] * 3
    titles = [str(one.data.get("title")) for one in served.library.items.values()]
    assert all(titles.count(title) == 1 for title in own.states())
