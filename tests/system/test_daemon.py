"""``shelfwise daemon`` as a process of its own: it runs, listens to signals, and ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.own import Own

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
_COMMAND = [sys.executable, "-m", "recommender.cli", "daemon", "--config"]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    own = Own(tmp_path)
    own.settle('[outputs]\nhtml = "out.html"', "[schedule]\njitter_minutes = 0")
    return own


class Daemon:
    """A daemon on somebody's config, with what it logs."""

    def __init__(self, own: Own) -> None:
        self.own = own
        self.log = own.folder / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - ourselves
                [*_COMMAND, str(own.file)], stderr=log
            )

    def said(self, text: str, within: float = 60.0) -> bool:
        """Whether it logs this before long."""
        end = time.monotonic() + within
        while time.monotonic() < end and self.process.poll() is None:
            if text in self.log.read_text(encoding="utf-8"):
                return True
            time.sleep(0.1)
        return text in self.log.read_text(encoding="utf-8")

    def told(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@pytest.fixture
def daemon(own: Own) -> Iterator[Daemon]:
    daemon = Daemon(own)
    yield daemon
    if daemon.process.poll() is None:
        daemon.process.kill()
    daemon.process.wait()


def n_runs(own: Own) -> int:
    with own.store() as store:
        return len(store.last_cycles("default", 9))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_what_is_due_and_ends_when_it_is_asked_to(
    daemon: Daemon, number: signal.Signals
) -> None:
    assert daemon.said("next run of default: ")
    assert n_runs(daemon.own) == 1
    assert (daemon.own.folder / "out.html").exists()
    daemon.told(number)
    assert daemon.process.wait(timeout=5) == 0
    assert daemon.said("stopped")
    text = daemon.log.read_text(encoding="utf-8")
    assert "Traceback" not in text
    assert "1 sources, 24 new papers" in text
    # Titles and addresses are nobody's business.
    assert all(title not in text for title in daemon.own.states())


def test_a_run_under_way_ends_with_it_and_leaves_all_in_order(own: Own) -> None:
    daemon = Daemon(own)
    try:
        assert daemon.said(" begins")
        daemon.told(signal.SIGTERM)
        assert daemon.process.wait(timeout=6) == 0
    finally:
        daemon.process.kill()
    again = Daemon(own)
    try:
        assert again.said("next run of default: ")
        assert n_runs(own) == 1
        again.told(signal.SIGTERM)
        assert again.process.wait(timeout=5) == 0
    finally:
        again.process.kill()
        again.process.wait()


def test_a_second_one_is_refused(daemon: Daemon) -> None:
    assert daemon.said("started")
    second = subprocess.run(  # noqa: S603 - ourselves
        [*_COMMAND, str(daemon.own.file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 1
    assert "shelfwise daemon" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_hangup_reads_the_config_again(daemon: Daemon) -> None:
    assert daemon.said("next run of default: ")
    text = daemon.own.file.read_text(encoding="utf-8")
    daemon.own.file.write_text(f"{text}\n[shelf]\nvia = 'pigeon'\n", encoding="utf-8")
    daemon.told(signal.SIGHUP)
    assert daemon.said("so the earlier one stays: ")
    assert daemon.said("shelf.via")
    daemon.own.file.write_text(text, encoding="utf-8")
    daemon.told(signal.SIGHUP)
    assert daemon.said("the config was read again")


@pytest.mark.slow
def test_it_idles_at_next_to_no_cost(daemon: Daemon) -> None:
    assert daemon.said("next run of default: ")

    def cpu() -> float:
        fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc")
    before, start = cpu(), time.monotonic()
    time.sleep(120)
    share = (cpu() - before) / (time.monotonic() - start)
    status = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="utf-8")
    memory = next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1024
    assert share < 0.001
    assert memory < 150
