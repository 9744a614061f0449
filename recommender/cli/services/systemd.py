"""A unit of the reader's own systemd: systemd.unit(5), systemd.service(5), systemd.exec(5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from recommender.cli.services.supervisors import MARK, Command, Commands, Service, Standing, unseen

_UNIT = "shelfwise.service"
_TEMPORARY = (PurePosixPath("/tmp"), PurePosixPath("/var/tmp"))  # noqa: S108 - named, not used
_QUOTES = set("\"'\\")
_TOLD = ("LoadState", "ActiveState", "SubState", "Result", "ActiveEnterTimestamp", "StatusText")

_TEXT = """\
# {mark}; shelfwise service remove takes it away.
[Unit]
Description=Shelfwise, which recommends new papers
StartLimitIntervalSec=1h
StartLimitBurst=5

[Service]
Type=notify
ExecStart={command}
ExecReload=kill -HUP $MAINPID
{environment}WatchdogSec=180
Restart=on-failure
RestartSec=60
# The config has an error; another start would find it, too.
RestartPreventExitStatus=2
# The daemon itself asks a run that is under way to end.
KillMode=mixed
TimeoutStopSec=30
UMask=0077
Nice=10

# The next four need a namespace of users. From systemd 254 on they ask for it by themselves, and go
# without where there may be none; PrivateUsers=yes would ask for it always, and then not start.
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp={private_tmp}
ReadWritePaths={folders}
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=default.target
"""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The reader's own instance of systemd.

    Attributes:
        folder: Where the reader's config files are: ``~/.config``.
    """

    folder: Path

    @property
    def name(self) -> str:
        """As a person would say it."""
        return "systemd"

    @property
    def file(self) -> Path:
        """The unit."""
        return self.folder / "systemd" / "user" / _UNIT

    @property
    def commands(self) -> Commands:
        """How it is spoken to."""
        return Commands(
            reach=_ctl("show-environment"),
            begin=[_ctl("daemon-reload"), _ctl("enable", _UNIT), _ctl("start", _UNIT)],
            end=[_ctl("disable", "--now", _UNIT)],
            forget=[_ctl("daemon-reload")],
            ask=_ctl("show", _UNIT, f"--property={','.join(_TOLD)}"),
        )

    def content(self, service: Service) -> bytes:
        """What the unit holds."""
        # Its own /tmp would hide whatever of it lies there.
        named = [*service.command, *map(str, service.folders)]
        lies_there = any(
            PurePosixPath(path).is_relative_to(t) for path in named for t in _TEMPORARY
        )
        folders = [*service.folders, *(_TEMPORARY if lies_there else ())]
        environment = service.environment.items()
        return _TEXT.format(
            mark=MARK,
            command=_command(service.command),
            environment="".join(f"Environment={quoted(f'{k}={v}')}\n" for k, v in environment),
            private_tmp="no" if lies_there else "yes",
            # What is not there must not keep it from starting.
            folders=" ".join(quoted(f"-{one}") for one in folders),
        ).encode()

    def standing(self, code: int, answer: str) -> Standing:
        """How the daemon is, by the properties of its unit."""
        told = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
        if code or told.get("LoadState") != "loaded":
            return Standing(is_running=False, says="not known to systemd")
        state, result = told.get("ActiveState", ""), told.get("Result", "")
        states = (told.get("SubState", ""), "" if result == "success" else result)
        says = f"{state} ({', '.join(filter(None, states))})"
        return Standing(
            is_running=state in {"active", "reloading", "deactivating"},
            says="; ".join(filter(None, (says, told.get("StatusText")))),
            since=told.get("ActiveEnterTimestamp", "") if state == "active" else "",
        )

    def notes(self, service: Service) -> Sequence[str]:
        """Where its log is, how it outlasts the reader's session, and which keys it lacks."""
        return [
            f"Its log: {service.log or 'journalctl --user -u shelfwise'}",
            "It ends when you log out, unless this is run once: loginctl enable-linger",
            *unseen(service),
        ]


def quoted(text: str) -> str:
    """A word of a unit that stands for exactly this, whatever blanks, quotes or % are in it."""
    for special, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%")):
        text = text.replace(special, written)
    return f'"{text}"'


def _command(words: Command) -> str:
    # systemd takes no quote in the program's own path, however it is written.
    if _QUOTES & set(words[0]):
        words = ("/usr/bin/env", *words)
    # In arguments a dollar begins a variable; in the program's path it does not.
    program, *arguments = words
    return " ".join([quoted(program), *(quoted(one).replace("$", "$$") for one in arguments)])


def _ctl(*words: str) -> Command:
    return ("systemctl", "--user", *words)
