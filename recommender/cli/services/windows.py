"""A task of Windows' Task Scheduler: its schema 1.2, and ``schtasks``."""

import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from recommender.cli.services.supervisors import MARK, Commands, Service, Standing

_TASK = "Shelfwise"
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# schtasks says it in the words of the reader's language; this does not.
_ASKED = (
    f"$task = Get-ScheduledTask -TaskName {_TASK} -ErrorAction Stop; "
    f"$seen = Get-ScheduledTaskInfo -TaskName {_TASK}; "
    "'{0} {1:s} {2}' -f $task.State, $seen.LastRunTime, $seen.LastTaskResult"
)
_ANSWER = re.compile(r"(\w+) (\S+) (\d+)")


@dataclass(frozen=True, slots=True)
class TaskScheduler:
    """Task Scheduler, for one user.

    Attributes:
        folder: Where programs keep what is the user's on this computer: ``%LOCALAPPDATA%``.
        user: Their name, with the domain: ``DOMAIN/reader``, the other way slanted.
    """

    folder: Path
    user: str

    @property
    def name(self) -> str:
        """As a person would say it."""
        return "Task Scheduler"

    @property
    def file(self) -> Path:
        """The task's definition, as it was handed over."""
        return self.folder / "shelfwise" / "service.xml"

    @property
    def commands(self) -> Commands:
        """How it is spoken to."""
        return Commands(
            reach=("schtasks", "/Query", "/FO", "CSV", "/NH"),
            # Without /F, a task of that name that somebody else made stays.
            begin=[
                ("schtasks", "/Create", "/XML", str(self.file), "/TN", _TASK),
                ("schtasks", "/Run", "/TN", _TASK),
            ],
            end=[("schtasks", "/End", "/TN", _TASK), ("schtasks", "/Delete", "/TN", _TASK, "/F")],
            ask=("powershell", "-NoProfile", "-NonInteractive", "-Command", _ASKED),
        )

    def content(self, service: Service) -> bytes:
        """What the definition holds; schtasks wants UTF-16.

        A task takes its variables from the user's account, so ``service.environment`` is not in it.
        """
        program, *arguments = service.command
        task = ET.Element("Task", version="1.2", xmlns=_NAMESPACE)
        _put(task, "RegistrationInfo/Description", f"Recommends new papers. {MARK}.")
        _put(task, "Triggers/LogonTrigger/Enabled", "true")
        _put(task, "Triggers/LogonTrigger/UserId", self.user)
        _put(task, "Triggers/LogonTrigger/Delay", "PT1M")
        _put(task, "Principals/Principal/UserId", self.user)
        _put(task, "Principals/Principal/LogonType", "InteractiveToken")
        _put(task, "Principals/Principal/RunLevel", "LeastPrivilege")
        for name, said in _SETTINGS.items():
            _put(task, f"Settings/{name}", said)
        _put(task, "Actions/Exec/Command", program)
        _put(task, "Actions/Exec/Arguments", subprocess.list2cmdline(arguments))
        ET.indent(task)
        written = BytesIO()
        ET.ElementTree(task).write(written, encoding="utf-16", xml_declaration=True)
        return written.getvalue()

    def standing(self, code: int, answer: str) -> Standing:
        """How the daemon is, by what PowerShell knows of the task."""
        found = _ANSWER.search(answer)
        if code or not found:
            return Standing(is_running=False, says="not known to Task Scheduler")
        state, since, result = found.groups()
        if state == "Running":
            return Standing(is_running=True, says="running", since=since)
        return Standing(is_running=False, says=f"{state.lower()}, ended with {result}")

    def notes(self, service: Service) -> Sequence[str]:
        """Where its log is."""
        if service.log:
            return [f"Its log: {service.log}"]
        return ["It keeps no log, until the config names a file for it under [log]."]


_SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "ExecutionTimeLimit": "PT0S",  # none
    "Priority": "7",
    "RestartOnFailure/Interval": "PT5M",
    "RestartOnFailure/Count": "100",
}


def _put(element: ET.Element, path: str, text: str) -> None:
    """Give the element at a path this text; what is missing on the way is made."""
    for name in path.split("/"):
        found = element.find(name)
        element = ET.SubElement(element, name) if found is None else found
    element.text = text
