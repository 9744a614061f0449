"""The command among other programs: pipes, closed streams, signals, old consoles, mistakes."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recommender.cli import main
from tests.system import invented

Run = Callable[..., "subprocess.CompletedProcess[str]"]

_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")


def in_a_shell(line: str, *arguments: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """What a shell makes of a line in which ``"$@"`` stands for the command."""
    return subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", line, "sh", *invented.COMMAND, *map(str, arguments)],
        env=invented.environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "implicit", "pydantic")
    code = (
        "import sys; sys.argv = ['shelfwise', '--help']; from recommender.cli import main\n"
        "try: main()\n"
        f"finally: print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    start = time.monotonic()
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=invented.environment(), capture_output=True, check=True
    )
    took = time.monotonic() - start
    assert found.stderr.strip() == b"[]"
    assert b"recommend" in found.stdout
    assert b"demo" in found.stdout
    # Half a second on a machine with nothing else to do.
    assert took < 2


def test_the_version_is_a_line(run: Run) -> None:
    found = run("--version")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.strip().replace(".", "").isalnum()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["recomend"], "no such command 'recomend'"),
        (["recommend"], "missing argument"),
        (["recommend", "mine.bib"], "missing argument"),
        (["recommend", "a", "b", "--limt", "3"], "no such option: --limt"),
        (["recommend", "a", "b", "--limit", "many"], "'--limit'"),
        (["recommend", "a", "b", "--limit", "0"], "'--limit'"),
        (["recommend", "a", "b", "--threshold", "2"], "'--threshold'"),
        (["recommend", "a", "b", "--threshold", "nan"], "--threshold"),
        (["recommend", "-", "-"], "standard input can be read once only"),
        (["recommend", "a", "-", "-"], "standard input can be read once only"),
        (["recommend", "a", "b", "--html", "x", "--bib", "./x", "--atom", "a"], None),
    ],
)
def test_a_mistake_in_the_command_is_a_line_and_two(
    run: Run, arguments: list[str], told: str | None
) -> None:
    found = run(*arguments)
    assert found.returncode == 2
    assert not found.stdout
    if told:
        assert told in invented.sentence(found.stderr)
    else:
        assert [line.split(":")[1] for line in found.stderr.splitlines()] == [
            " --html x",
            " --bib x",
            " --atom a",
        ]


def test_no_command_shows_the_help(run: Run) -> None:
    found = run()
    assert found.returncode == 2
    assert "recommend" in found.stdout


@_POSIX
def test_whoever_stops_listening_is_not_shouted_at(mine: Path, page: Path) -> None:
    for line in ('"$@" --json | head -1', '"$@" | head -1'):
        found = in_a_shell(line, "recommend", mine, page)
        assert len(found.stdout.splitlines()) == 1
        assert b"Traceback" not in found.stderr
        assert b"Error" not in found.stderr
        assert b"Exception" not in found.stderr


@_POSIX
def test_closed_streams_do_no_harm(mine: Path, page: Path) -> None:
    silent = in_a_shell('"$@" >&-', "recommend", mine, page, "--json")
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, b"", b"")
    deaf = in_a_shell('"$@" 2>&-', "recommend", mine, page, mine / "no", "--json")
    assert (deaf.returncode, deaf.stdout, deaf.stderr) == (2, b"", b"")
    blind = in_a_shell('"$@" <&-', "recommend", "-", page)
    assert blind.returncode == 1
    assert "is closed" in invented.sentence(blind.stderr.decode())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_under_the_output_is_one_line(mine: Path, page: Path) -> None:
    found = in_a_shell('"$@" >/dev/full', "recommend", mine, page, "--json")
    assert found.returncode == 1
    assert "No space left on device" in invented.sentence(found.stderr.decode())


@pytest.fixture
def heard() -> Iterator[None]:
    """An interrupt that a child hears, however these tests were started.

    A shell makes what it starts in the background ignore interrupts, and so would its children.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@_POSIX
@pytest.mark.usefixtures("heard")
def test_an_interrupt_is_one_line(mine: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb"), os.fdopen(reading, "rb") as never_ending:
        started = subprocess.Popen(  # noqa: S603
            [*invented.COMMAND, "recommend", str(mine), "-"],
            stdin=never_ending,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=invented.environment(),
        )
        out, told = interrupted_until_it_ends(started)
    assert started.returncode == 130
    assert not out
    assert invented.sentence(told.decode()) == "stopped"


def interrupted_until_it_ends(started: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
    # By then it has loaded everything and waits for the listing. On a busy machine it is loading
    # still, and a module may swallow what a person would then press again.
    time.sleep(2)
    while True:
        started.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return started.communicate(timeout=10)


def test_an_interrupt_while_modules_load_is_one_line(
    run: Run, mine: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("recommender.config.read", interrupted)
    found = run("recommend", mine, page)
    assert found.returncode == 130
    assert invented.sentence(found.stderr) == "stopped"


def strange(page: Path) -> Path:
    """A page whose titles hold what an old console cannot print, or would obey."""
    papers = [p for topic in invented.MINE for p in invented.papers(topic, 3, 400)]
    for paper, more in zip(papers, ("Ω → ∞", "日本語", "🦉", "\x9b31m", "\u202eabc"), strict=False):
        paper["title"] += f" {more}"
    page.write_text(invented.lines(papers), encoding="utf-8")
    return page


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_console_of_few_characters_shows_what_it_can(
    mine: Path, page: Path, env: dict[str, str]
) -> None:
    arguments = ("recommend", mine, strange(page), "--threshold", "0")
    table = invented.command(*arguments, env=env)
    assert table.returncode == 0, table.stderr
    assert b"Traceback" not in table.stderr
    found = invented.command(*arguments, "--json", env=env)
    titles = {s["title"] for s in json.loads(found.stdout)["suggestions"]}
    # Programs get every character, escaped where need be.
    assert any(title.endswith("🦉") for title in titles)


def test_help_is_shown_on_a_console_of_few_characters() -> None:
    for arguments in (["--help"], ["recommend", "--help"]):
        found = invented.command(*arguments, env={"PYTHONIOENCODING": "ascii"})
        assert found.returncode == 0
        assert found.stdout.isascii()


def test_a_title_does_not_command_the_terminal(run: Run, mine: Path, page: Path) -> None:
    shown = run("recommend", mine, strange(page), "--threshold", "0").stdout
    assert "🦉" in shown
    assert not {"\x9b", "\x1b", "\u202e"} & set(shown)


@_POSIX
@pytest.mark.parametrize("columns", [40, 200])
def test_a_terminal_gets_colours_and_lines_that_fit(mine: Path, page: Path, columns: int) -> None:
    here, there = pty.openpty()
    env = {"TERM": "xterm-256color", "COLUMNS": str(columns)}
    with os.fdopen(here, "rb", 0) as screen:
        with os.fdopen(there, "wb", 0) as terminal:
            done = subprocess.run(  # noqa: S603
                [*invented.COMMAND, "recommend", str(mine), str(page), "--limit", "2"],
                stdout=terminal,
                stderr=subprocess.PIPE,
                env=invented.environment(env),
                check=True,
            )
        shown = b""
        while chunk := _read(screen.fileno()):
            shown += chunk
    assert b"\x1b[1m" in shown
    assert b"\x1b" not in done.stderr
    plain = [_uncoloured(line) for line in shown.decode().splitlines()]
    assert max(map(len, plain)) <= columns


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def _uncoloured(line: str) -> str:
    parts = line.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


def test_not_enough_memory_is_one_line(
    run: Run, mine: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("recommender.config.read", exhausted)
    found = run("recommend", mine, page)
    assert found.returncode == 1
    assert "memory" in invented.sentence(found.stderr)


def test_main_is_what_the_entry_point_names() -> None:
    assert main.__module__ == "recommender.cli"
