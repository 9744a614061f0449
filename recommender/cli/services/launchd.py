"""An agent of the reader's launchd: launchd.plist(5), launchctl(1)."""

import plistlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recommender.cli.services.supervisors import MARK, Commands, Service, Standing, unseen

_LABEL = "shelfwise.daemon"
_STATE = re.compile(r"^\s*state = (.+?)\s*$", re.M)
_ENDED_WITH = re.compile(r"^\s*last exit code = ([1-9]\d*)", re.M)


@dataclass(frozen=True, slots=True)
class Launchd:
    """launchd, for one user.

    Attributes:
        home: The user's.
        user: Their number.
    """

    home: Path
    user: int

    @property
    def name(self) -> str:
        """As a person would say it."""
        return "launchd"

    @property
    def file(self) -> Path:
        """The agent's property list."""
        return self.home / "Library" / "LaunchAgents" / f"{_LABEL}.plist"

    @property
    def commands(self) -> Commands:
        """How it is spoken to."""
        domain = f"gui/{self.user}"
        return Commands(
            reach=("launchctl", "print", domain),
            begin=[("launchctl", "bootstrap", domain, str(self.file))],
            end=[("launchctl", "bootout", f"{domain}/{_LABEL}")],
            ask=("launchctl", "print", f"{domain}/{_LABEL}"),
        )

    def content(self, service: Service) -> bytes:
        """What the property list holds."""
        told = {
            "Label": _LABEL,
            "ProgramArguments": list(service.command),
            "EnvironmentVariables": dict(service.environment),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 60,
            "ExitTimeOut": 30,
            "ProcessType": "Background",
            "Umask": 0o077,
            "StandardErrorPath": str(self._log),
        }
        head, start, body = plistlib.dumps(told, sort_keys=False).partition(b"<plist")
        return head + f"<!-- {MARK} -->\n".encode() + start + body

    def standing(self, code: int, answer: str) -> Standing:
        """How the daemon is, by what launchd prints of it."""
        found = _STATE.search(answer)
        if code or not found:
            return Standing(is_running=False, says="not known to launchd")
        ended = _ENDED_WITH.search(answer)
        said = f"{found[1]}, ended with {ended[1]} before" if ended else found[1]
        return Standing(is_running=found[1] == "running", says=said)

    def notes(self, service: Service) -> Sequence[str]:
        """Where its log is, and which keys it lacks."""
        return [f"Its log: {service.log or self._log}", *unseen(service)]

    @property
    def _log(self) -> Path:
        return self.home / "Library" / "Logs" / "shelfwise.log"
