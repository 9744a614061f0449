"""What systemd, launchd and Task Scheduler are told, for any path that a reader may have."""

import os
import plistlib
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from configparser import RawConfigParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.cli.services import finding
from recommender.cli.services.launchd import Launchd
from recommender.cli.services.supervisors import Service, Supervisor, is_ours
from recommender.cli.services.systemd import Systemd, quoted
from recommender.cli.services.windows import TaskScheduler
from recommender.errors import ConfigError

SYSTEMD = Systemd(Path("/home/me/.config"))
LAUNCHD = Launchd(Path("/Users/me"), 501)
WINDOWS = TaskScheduler(Path("C:/Users/me/AppData/Local"), "HOME\\me")
ALL: list[Supervisor] = [SYSTEMD, LAUNCHD, WINDOWS]
ODD = '/home/me/50% "of" $HOME\\it/ünï <&>; #.toml'

TEMPORARY = ["/tmp", "/tmp/shelf/data", "/var/tmp/data"]  # noqa: S108 - no file is made

texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
)
paths = texts.map(lambda text: f"/{text}")


def service(config: str = "/home/me/config.toml", **more: object) -> Service:
    command = ("/opt/venv/bin/shelfwise", "daemon", "--config", config)
    return Service(**({"command": command, "folders": [Path("/home/me/data")]} | more))  # type: ignore[arg-type]


def unit(content: bytes) -> RawConfigParser:
    parser = RawConfigParser(comment_prefixes="#", interpolation=None, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(content.decode())
    return parser


def understood(words: str, *, expands: bool) -> list[str]:
    """What systemd reads: words in quotes, with its specifiers, and perhaps with variables."""
    found = [word.replace("%%", "%") for word in shlex.split(words)]
    return [found[0], *(word.replace("$$", "$") for word in found[1:])] if expands else found


def test_the_unit_says_how_the_daemon_is_started_watched_and_confined() -> None:
    found = unit(SYSTEMD.content(service(folders=[Path("/home/me/a b"), Path("/home/me/data")])))
    run = found["Service"]
    assert run["Type"] == "notify"
    assert run["ExecStart"] == (
        '"/opt/venv/bin/shelfwise" "daemon" "--config" "/home/me/config.toml"'
    )
    assert run["ExecReload"] == "kill -HUP $MAINPID"
    assert (run["WatchdogSec"], run["Restart"]) == ("180", "on-failure")
    assert run["RestartPreventExitStatus"] == "2"
    assert run["ReadWritePaths"] == '"-/home/me/a b" "-/home/me/data"'
    assert (run["ProtectSystem"], run["ProtectHome"]) == ("strict", "read-only")
    assert run["PrivateTmp"] == "yes"
    assert found["Install"]["WantedBy"] == "default.target"
    assert "Environment" not in run


@pytest.mark.parametrize("folder", TEMPORARY)
def test_what_lies_in_the_temporary_folder_stays_visible(folder: str) -> None:
    run = unit(SYSTEMD.content(service(folders=[Path(folder)])))["Service"]
    assert run["PrivateTmp"] == "no"
    assert understood(run["ReadWritePaths"], expands=False) == [f"-{folder}", "-/tmp", "-/var/tmp"]


@given(paths, paths, paths)
def test_systemd_reads_any_path_as_it_is(program: str, config: str, folder: str) -> None:
    content = SYSTEMD.content(
        Service(
            command=(program, "daemon", "--config", config),
            folders=[Path(folder)],
            environment={"XDG_DATA_HOME": folder},
        )
    ).decode()
    told = dict(line.split("=", 1) for line in content.split("\n") if re.match(r"\w+=", line))
    command = understood(told["ExecStart"], expands=True)
    assert command[-4:] == [program, "daemon", "--config", config]
    assert command[:-4] == (["/usr/bin/env"] if set(program) & set("\"'\\") else [])
    assert f"-{Path(folder)}" in understood(told["ReadWritePaths"], expands=False)
    assert understood(told["Environment"], expands=False) == [f"XDG_DATA_HOME={folder}"]


@given(texts)
def test_a_quoted_word_of_a_unit_is_one_word(text: str) -> None:
    assert understood(quoted(text), expands=False) == [text]
    assert not re.search(r"(?<!%)(%%)*%(?!%)", quoted(text))


def test_the_agent_says_how_the_daemon_is_started_and_kept() -> None:
    told = plistlib.loads(LAUNCHD.content(service(ODD, environment={"A": "b"})))
    assert told["ProgramArguments"] == ["/opt/venv/bin/shelfwise", "daemon", "--config", ODD]
    assert told["Label"] == LAUNCHD.file.stem
    assert told["KeepAlive"] == {"SuccessfulExit": False}
    assert (told["RunAtLoad"], told["ProcessType"]) == (True, "Background")
    assert told["StandardErrorPath"] == "/Users/me/Library/Logs/shelfwise.log"
    assert told["EnvironmentVariables"] == {"A": "b"}


@given(paths, paths)
def test_launchd_reads_any_path_as_it_is(program: str, config: str) -> None:
    command = (program, "daemon", "--config", config)
    told = plistlib.loads(LAUNCHD.content(Service(command=command)))
    assert told["ProgramArguments"] == [*command]


def test_the_task_begins_at_login_and_has_no_time_limit() -> None:
    content = WINDOWS.content(service(ODD))
    assert content.startswith(b"\xff\xfe")  # schtasks reads UTF-16 with its mark alone
    task = ET.fromstring(content)  # noqa: S314 - our own
    space = {"": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    said = {path: task.findtext(path, namespaces=space) for path in _OF_A_TASK}
    assert said == _OF_A_TASK
    # The order of these is fixed by the schema.
    trigger = task.find("Triggers/LogonTrigger", space)
    assert trigger is not None
    assert [one.tag.partition("}")[2] for one in trigger] == ["Enabled", "UserId", "Delay"]


_OF_A_TASK = {
    "Triggers/LogonTrigger/UserId": "HOME\\me",
    "Principals/Principal/LogonType": "InteractiveToken",
    "Settings/ExecutionTimeLimit": "PT0S",
    "Settings/DisallowStartIfOnBatteries": "false",
    "Settings/RestartOnFailure/Interval": "PT5M",
    "Actions/Exec/Command": "/opt/venv/bin/shelfwise",
    "Actions/Exec/Arguments": 'daemon --config "/home/me/50% \\"of\\" $HOME\\it/ünï <&>; #.toml"',
}


@given(paths)
def test_task_scheduler_reads_any_path_as_it_is(program: str) -> None:
    content = WINDOWS.content(Service(command=(program, "daemon")))
    task = ET.fromstring(content)  # noqa: S314 - our own
    space = {"": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert task.findtext("Actions/Exec/Command", namespaces=space) == program


@pytest.mark.parametrize("supervisor", ALL, ids=lambda one: one.name)
def test_each_file_bears_our_mark(supervisor: Supervisor) -> None:
    assert is_ours(supervisor.content(service(ODD)))
    assert not is_ours(supervisor.content(service(ODD)).replace(b"W", b"w"))


@pytest.mark.parametrize(
    "path", ["/a\nExecStartPre=rm", "/\udcff", "/a\x00", "/a\x1b[2J", "/\uffff"]
)
def test_a_path_that_no_file_can_hold_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="cannot hold such a name; rename it"):
        service(path)
    with pytest.raises(ConfigError):
        service(folders=[Path(path)])


def test_what_each_supervisor_says_of_the_daemon_is_understood() -> None:
    told = (
        "Result=success\nLoadState=loaded\nActiveState=active\nSubState=running\n"
        "StatusText=next run of default: 2026-03-02 07:30\n"
        "ActiveEnterTimestamp=Sun 2026-03-01 07:30:00 CET\n"
    )
    stands = SYSTEMD.standing(0, told)
    assert (stands.is_running, stands.since) == (True, "Sun 2026-03-01 07:30:00 CET")
    assert stands.says == "active (running); next run of default: 2026-03-02 07:30"
    failed = "Result=watchdog\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\n"
    stands = SYSTEMD.standing(0, failed)
    assert (stands.is_running, stands.says) == (False, "activating (auto-restart, watchdog)")
    stands = LAUNCHD.standing(0, "gui/501/x = {\n\tstate = running\n\tlast exit code = 0\n}")
    assert (stands.is_running, stands.says) == (True, "running")
    stands = LAUNCHD.standing(0, "\tstate = not running\n\tlast exit code = 78: EX_CONFIG\n")
    assert (stands.is_running, stands.says) == (False, "not running, ended with 78 before")
    stands = WINDOWS.standing(0, "Running 2026-03-01T07:30:00 267009\n")
    assert (stands.is_running, stands.since) == (True, "2026-03-01T07:30:00")
    stands = WINDOWS.standing(0, "Ready 2026-03-01T07:30:00 2\n")
    assert (stands.is_running, stands.says) == (False, "ready, ended with 2")


@pytest.mark.parametrize("supervisor", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize(("code", "answer"), [(1, ""), (0, ""), (0, "LoadState=not-found\n")])
def test_a_daemon_that_nobody_knows_does_not_run(
    supervisor: Supervisor, code: int, answer: str
) -> None:
    stands = supervisor.standing(code, answer)
    assert not stands.is_running
    assert stands.says == f"not known to {supervisor.name}"


def test_each_system_has_its_own() -> None:
    windows = {"LOCALAPPDATA": "C:/L", "USERDOMAIN": "HOME", "USERNAME": "me"}
    assert finding.supervisor(windows, "win32") == TaskScheduler(Path("C:/L"), "HOME\\me")
    assert isinstance(finding.supervisor({}, "darwin"), Launchd)
    assert finding.supervisor({}, "linux") == Systemd(Path.home() / ".config")
    assert finding.supervisor({"XDG_CONFIG_HOME": "/x"}, "linux") == Systemd(Path("/x"))
    assert finding.supervisor({"XDG_CONFIG_HOME": "x"}, "linux") == Systemd(Path.home() / ".config")


@pytest.mark.parametrize("name", ["usual", 'a "b" 50% $HOME\\c', "b 50% ${HOME}"])
def test_systemd_itself_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("there is no systemd-analyze here")
    folder = tmp_path / name
    folder.mkdir()
    program = folder / "shelf wise"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    systemd = Systemd(tmp_path)
    systemd.file.parent.mkdir(parents=True)
    wanted = Service(command=(str(program), "daemon", "--config", ODD), folders=[folder])
    systemd.file.write_bytes(systemd.content(wanted))
    done = subprocess.run(  # noqa: S603 - our own words
        [analyze, "--user", "verify", str(systemd.file)],
        capture_output=True,
        text=True,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": os.defpath},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
