import os
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.errors import StoreError
from recommender.store import Store
from recommender.store.lock import Lock

AT = datetime(2024, 5, 6, 7, 30, tzinfo=UTC)
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no fork and other permissions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def taken(path: Path, at: datetime = AT) -> Lock:
    return Lock.taken(path, command="shelfwise run", at=at)


def refusal(path: Path, at: datetime = AT) -> str:
    with pytest.raises(StoreError) as caught:
        taken(path, at)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    assert "; " in text, "it says what to do"
    return text


def beside(path: Path) -> Path:
    return path.with_name("store.sqlite.lock")


HOLDING = """
    import os, subprocess, sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    from recommender.store.lock import Lock

    lock = Lock.taken(
        Path(sys.argv[1]), command="shelfwise daemon", at=datetime(2024, 5, 6, 7, 30, tzinfo=UTC)
    )
"""


@contextmanager
def process(path: Path, then: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the lock and goes on with something that begins by printing a line."""
    program = textwrap.dedent(HOLDING) + textwrap.dedent(then)
    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", program, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as other:
        try:
            assert other.stdout
            assert other.stdout.readline()
            yield other
        finally:
            other.kill()


WAITING = """
    print("locked", flush=True)
    sys.stdin.readline()
    lock.close()
    print("free", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_told_who_has_the_store(path: Path) -> None:
    with process(path, WAITING) as other:
        since = AT.astimezone().strftime("%H:%M")
        assert refusal(path) == (
            f"the store {path} is in use by process {other.pid} (shelfwise daemon, since {since});"
            " wait until that is done, or end it, and try again"
        )
        # Another day's clock would mislead.
        day = AT.astimezone().strftime("%Y-%m-%d %H:%M")
        assert f"(shelfwise daemon, since {day})" in refusal(path, AT + timedelta(days=3))


def test_a_lock_that_is_let_go_of_is_free(path: Path) -> None:
    with process(path, WAITING) as other:
        refusal(path)
        assert other.stdin
        assert other.stdout
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "free\n"
        taken(path).close()


def test_a_lock_that_a_killed_process_held_is_free_at_once(path: Path) -> None:
    with process(path, WAITING) as other:
        refusal(path)
        other.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        other.wait()
        assert str(other.pid) in beside(path).read_text()
        with taken(path):
            assert f"process {os.getpid()} (shelfwise run, " in refusal(path)


STARTING_ANOTHER = """
    sleeping = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.readline()"], close_fds=False
    )
    print("locked", flush=True)
    os._exit(9)
"""
# The child has run what follows a fork once it says a word.
FORKING = """
    reading, writing = os.pipe()
    if os.fork():
        os.read(reading, 1)
        print("locked", flush=True)
        os._exit(9)
    os.write(writing, b".")
    sys.stdin.readline()
"""


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(STARTING_ANOTHER, id="started"),
        pytest.param(FORKING, id="forked", marks=POSIX),
    ],
)
def test_a_process_that_was_started_meanwhile_does_not_hold_it(start: str, path: Path) -> None:
    with process(path, start) as other:
        other.wait()
        # Its child waits until our end of the pipe is closed.
        with taken(path):
            pass


@POSIX
def test_a_forked_process_cannot_let_go_of_it(path: Path) -> None:
    then = """
        child = os.fork()
        if not child:
            lock.close()
            os._exit(0)
        os.waitpid(child, 0)
        print("locked", flush=True)
        sys.stdin.readline()
    """
    with process(path, then) as other:
        assert f"process {other.pid} " in refusal(path)


def test_one_process_cannot_take_it_twice(path: Path) -> None:
    with taken(path):
        assert f"process {os.getpid()} (shelfwise run, " in refusal(path)
    with taken(path):
        pass


def test_closing_twice_does_nothing(path: Path) -> None:
    lock = taken(path)
    lock.close()
    with taken(path):
        lock.close()
        refusal(path)


def test_it_is_let_go_of_when_the_run_fails(path: Path) -> None:
    with pytest.raises(RuntimeError), taken(path):
        raise RuntimeError
    taken(path).close()


GARBAGE = [
    b"",
    b"4711",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe\0",
    b'{"process":"x","command":"c","since":"2024-05-06"}',
    b'{"process":1e999,"command":"c","since":"2024-05-06"}',
    b'{"process":1,"command":"c","since":7}',
    b'{"process":1,"command":"c","since":"0001-01-01T00:00:00+14:00"}',
    b"[" * 100_000,
    b"9" * 100_000,
]


@pytest.mark.parametrize("content", GARBAGE)
def test_a_file_that_tells_nothing_still_locks(content: bytes, path: Path) -> None:
    beside(path).write_bytes(content)
    with taken(path):
        beside(path).write_bytes(content)
        assert "in use by another process; wait" in refusal(path)
    taken(path).close()


def test_a_command_of_several_lines_is_not_repeated(path: Path) -> None:
    with Lock.taken(path, command="a\nb", at=AT):
        assert f"in use by process {os.getpid()};" in refusal(path)


def test_a_long_command_still_tells_who_it_is(path: Path) -> None:
    with Lock.taken(path, command="é" * 9999, at=AT):
        assert f"in use by process {os.getpid()} (éé" in refusal(path)


def test_every_store_has_its_own(path: Path) -> None:
    other = path.with_name("other.sqlite")
    with taken(path), taken(other):
        assert str(path) in refusal(path)
        assert str(other) in refusal(other)


def test_two_paths_to_one_store_have_one_lock(path: Path) -> None:
    path.touch()
    link = path.with_name("link")
    link.symlink_to(path)
    with taken(link):
        refusal(path)
    assert not link.with_name("link.lock").exists()


def test_a_store_that_is_locked_can_be_opened_by_who_only_reads(path: Path) -> None:
    with taken(path), Store.open(path) as store:
        assert store.library_version("mine") is None


@POSIX
def test_only_its_owner_may_read_it(path: Path) -> None:
    with taken(path):
        assert stat.S_IMODE(beside(path).stat().st_mode) == 0o600


def test_the_folders_around_it_are_made(tmp_path: Path) -> None:
    with taken(tmp_path / "a" / "b" / "store.sqlite"):
        assert (tmp_path / "a" / "b" / "store.sqlite.lock").is_file()


def test_where_no_file_can_be_there_is_no_lock(path: Path) -> None:
    beside(path).mkdir()
    assert f"cannot be locked: {beside(path)}: " in refusal(path)

    path.touch()
    assert "cannot be locked" in refusal(path / "store.sqlite")


@POSIX
def test_a_link_in_its_place_is_not_written_through(path: Path) -> None:
    precious = path.with_name("thesis.tex")
    precious.write_text("precious")
    beside(path).symlink_to(precious)

    assert "cannot be locked" in refusal(path)
    assert precious.read_text() == "precious"
