"""``shelfwise service``: install, remove and status, with a systemctl that plays systemd."""

import os
import shlex
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.cli.services import speaking
from tests.system.own import Own, Run, answer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")

_PLAYED = """\
#!/bin/sh
cd "{state}" || exit 1
echo "$@" >> asked
[ -e silent ] && {{ echo "Failed to connect to bus: No medium found" >&2; exit 1; }}
case "$2" in
  start) [ -e broken ] && {{ echo "Job for shelfwise.service failed."; exit 1; }}; : > up ;;
  disable) [ -e stubborn ] || rm -f up ;;
  show)
    echo "LoadState=loaded"
    [ -e up ] || {{ echo "ActiveState=inactive"; echo "SubState=dead"; exit 0; }}
    echo "ActiveState=active"; echo "SubState=running"; echo "Result=success"
    echo "ActiveEnterTimestamp=Sun 2026-03-01 07:30:00 CET"; echo "StatusText=idle" ;;
esac
"""


class Played:
    """A systemctl in place of the real one.

    Attributes:
        unit: Where it looks for the unit.
    """

    def __init__(self, folder: Path, unit: Path) -> None:
        self._state = folder / "state"
        self._state.mkdir()
        self.unit = unit
        self.bin = folder / "bin"
        self.bin.mkdir()
        program = self.bin / "systemctl"
        program.write_text(_PLAYED.format(state=self._state), encoding="utf-8")
        program.chmod(0o755)

    def is_now(self, what: str) -> None:
        """Let it be silent (there is no session), broken or stubborn."""
        (self._state / what).touch()

    @property
    def asked(self) -> list[str]:
        """What was asked of it, but for how it is."""
        asked = self._state / "asked"
        lines = asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []
        words = [line.removeprefix("--user ") for line in lines]
        return [one for one in words if not one.startswith("show")]

    @property
    def is_up(self) -> bool:
        """Whether it runs the daemon."""
        return (self._state / "up").exists()


@pytest.fixture
def played(home: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played(home, home / "XDG_CONFIG_HOME" / "systemd" / "user" / "shelfwise.service")
    monkeypatch.setenv("PATH", f"{played.bin}:{os.defpath}")
    monkeypatch.setattr(speaking, "_LOOKS_EVERY", 0.001)
    monkeypatch.setattr(speaking, "_ENDS_WITHIN", 0.003)
    return played


@pytest.fixture
def own(home: Path) -> Own:
    own = Own(home)
    own.settle('[outputs]\nhtml = "pages/out.html"', '[log]\nfile = "logs/daemon.log"')
    return own


def test_it_is_installed_seen_and_removed(run: Run, own: Own, played: Played) -> None:
    found = run("service", "status", "--config", own.file)
    assert (found.returncode, found.stdout) == (
        0,
        "Not installed: shelfwise service install does it.\n",
    )
    found = run("service", "install", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    assert played.asked == [
        "daemon-reload",
        "enable shelfwise.service",
        "start shelfwise.service",
    ]
    assert f"Wrote {played.unit}." in found.stdout
    assert "systemd has started the daemon" in found.stdout
    assert f"Its log: {own.folder / 'logs' / 'daemon.log'}" in found.stdout
    assert "loginctl enable-linger" in found.stdout
    found = run("service", "status", "--config", own.file)
    assert found.stdout.splitlines() == [
        f"Installed: {played.unit} (systemd).",
        "Running since Sun 2026-03-01 07:30:00 CET: active (running); idle.",
    ]
    found = run("service", "remove")
    assert (found.returncode, found.stdout) == (0, f"Removed {played.unit}.\n")
    assert not played.is_up
    assert played.asked[3:] == ["disable --now shelfwise.service", "daemon-reload"]
    assert [*played.unit.parent.iterdir()] == []
    assert "There is nothing to remove" in run("service", "remove").stdout


def test_the_unit_is_for_this_config_and_may_write_where_it_writes(
    run: Run, own: Own, played: Played
) -> None:
    assert run("service", "install", "--config", own.file).returncode == 0
    text = played.unit.read_text(encoding="utf-8")
    [start] = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert start.endswith(f' "daemon" "--config" "{own.file}"')
    assert Path(start.split('"')[1]).is_absolute()
    [written] = [line for line in text.splitlines() if line.startswith("ReadWritePaths=")]
    for folder in (own.folder, own.folder / "pages", own.folder / "logs"):
        assert f'"-{folder}"' in written
        assert folder.is_dir()
    assert f'Environment="XDG_DATA_HOME={own.folder / "XDG_DATA_HOME"}"' in text
    assert stat.S_IMODE(played.unit.stat().st_mode) == 0o600


def test_what_the_unit_starts_is_a_daemon_that_tells_how_it_is(
    run: Run, own: Own, played: Played
) -> None:
    assert run("service", "install", "--config", own.file).returncode == 0
    unit = played.unit.read_text(encoding="utf-8")
    [start] = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(own.folder / "notify"))
        manager.settimeout(60)
        heard = iter(lambda: manager.recv(4096), b"")
        with subprocess.Popen(  # noqa: S603 - our own words
            shlex.split(start.removeprefix("ExecStart=")),
            env={**os.environ, "NOTIFY_SOCKET": str(own.folder / "notify")},
            stderr=subprocess.DEVNULL,
        ) as daemon:
            try:
                assert b"READY=1" in heard
                assert b"WATCHDOG=1" in heard
                daemon.terminate()
                assert b"STOPPING=1" in heard
                assert daemon.wait(timeout=30) == 0
            finally:
                daemon.kill()


def test_installed_again_it_starts_anew_from_the_config_as_it_is(
    run: Run, own: Own, played: Played
) -> None:
    assert run("service", "install", "--config", own.file).returncode == 0
    own.settle('[outputs]\nhtml = "elsewhere/out.html"')
    found = run("service", "status", "--config", own.file).stdout
    assert "for another config or version: shelfwise service install renews it" in found
    assert run("service", "install", "--config", own.file).returncode == 0
    assert played.asked[3:] == [
        "disable --now shelfwise.service",
        "daemon-reload",
        "enable shelfwise.service",
        "start shelfwise.service",
    ]
    assert "elsewhere" in played.unit.read_text(encoding="utf-8")
    assert "renews it" not in run("service", "status", "--config", own.file).stdout


def test_programs_get_all_of_it(run: Run, own: Own, played: Played) -> None:
    found = answer(run("service", "status", "--config", own.file, "--json"))
    assert (found["installed"], found["running"], found["current"]) == (False, False, None)
    assert run("service", "install", "--config", own.file).returncode == 0
    found = answer(run("service", "status", "--config", own.file, "--json"))
    assert found == {
        "supervisor": "systemd",
        "file": str(played.unit),
        "installed": True,
        "current": True,
        "running": True,
        "since": "Sun 2026-03-01 07:30:00 CET",
        "says": "active (running); idle",
    }


@pytest.mark.parametrize("has_systemctl", [True, False])
def test_without_a_session_it_is_said_what_to_run_by_hand(
    run: Run, own: Own, played: Played, monkeypatch: pytest.MonkeyPatch, has_systemctl: bool
) -> None:
    played.is_now("silent")
    if not has_systemctl:
        monkeypatch.setenv("PATH", str(own.folder / "logs"))
    found = run("service", "install", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    assert "systemd does not answer here. Where it does, run:" in found.stdout
    assert "    systemctl --user start shelfwise.service\n" in found.stdout
    assert played.unit.exists()
    assert played.asked == []
    found = run("service", "status", "--config", own.file)
    assert "Not running: not known to systemd." in found.stdout
    found = run("service", "remove")
    assert found.returncode == 0
    assert "    systemctl --user disable --now shelfwise.service\n" in found.stdout
    assert not played.unit.exists()


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
@pytest.mark.parametrize("command", ["install", "remove", "status"])
def test_what_somebody_else_put_there_stays(
    run: Run, own: Own, played: Played, command: str, kind: str
) -> None:
    played.unit.parent.mkdir(parents=True)
    if kind == "file":
        played.unit.write_text("[Service]\nExecStart=/usr/bin/other\n", encoding="utf-8")
    elif kind == "link":
        played.unit.symlink_to("/dev/null")  # a unit that is masked
    else:
        played.unit.mkdir()
    before = _as_it_is(played.unit)
    given = ("--config", own.file) if command != "remove" else ()
    found = run("service", command, *given)
    assert found.returncode == 2
    assert f"{played.unit}: is not Shelfwise's, and stays as it is" in found.stderr
    assert _as_it_is(played.unit) == before
    assert played.asked == []


def _as_it_is(path: Path) -> tuple[int, ...]:
    found = os.lstat(path)
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


def test_a_config_with_an_error_changes_nothing_and_can_still_be_removed(
    run: Run, own: Own, played: Played
) -> None:
    assert run("service", "install", "--config", own.file).returncode == 0
    before = played.unit.read_bytes()
    own.settle("[log]\nlevel = 5")
    found = run("service", "install", "--config", own.file)
    assert found.returncode == 2
    assert "log.level" in found.stderr
    assert played.unit.read_bytes() == before
    assert played.is_up
    found = run("service", "status", "--config", own.file)
    assert "The config cannot be used as it is: shelfwise doctor says why." in found.stdout
    assert run("service", "remove").returncode == 0


def test_a_daemon_that_does_not_start_is_told(run: Run, own: Own, played: Played) -> None:
    played.is_now("broken")
    found = run("service", "install", "--config", own.file)
    assert found.returncode == 1
    assert "systemctl --user start shelfwise.service: Job for shelfwise.service failed;" in (
        found.stderr
    )
    assert "has started" not in found.stdout


def test_a_daemon_that_does_not_end_keeps_its_unit(run: Run, own: Own, played: Played) -> None:
    assert run("service", "install", "--config", own.file).returncode == 0
    played.is_now("stubborn")
    for command in (("install", "--config", own.file), ("remove",)):
        found = run("service", *command)
        assert found.returncode == 1
        assert "goes on running; end it with systemctl --user disable" in found.stderr
        assert played.unit.exists()


def test_keys_that_a_service_does_not_see_are_named(run: Run, own: Own, played: Played) -> None:
    own.settle('[[source]]\nkind = "semantic-scholar"\nkey = "env:S2_KEY"')
    found = run("service", "install", "--config", own.file).stdout
    assert "does not see the variable S2_KEY of your shell" in found
    assert played.is_up
