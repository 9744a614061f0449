"""What is kept running, and what is to be known of whoever does that."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from recommender.errors import ConfigError

MARK = "Written by shelfwise service install"
"""Stands in each file of ours; one without it is somebody else's."""

Command = tuple[str, ...]
"""A program and its arguments, as the system is to get them."""

# What neither a unit nor XML can hold, however it is written.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is to be kept running.

    Attributes:
        command: The daemon's; the first word is the absolute path of a program.
        folders: Absolute paths of all that it writes into.
        environment: Variables that it cannot do without, with what they hold.
        keys: Names of variables that hold keys, and that only the reader's shell may have.
        log: Its own log file, if it has one.

    Raises:
        ConfigError: If a path has a character in it that a service's file cannot hold.
    """

    command: Command
    folders: Sequence[Path] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    log: str = ""

    def __post_init__(self) -> None:
        named = [*self.command, *map(str, self.folders), *self.environment.values(), self.log]
        for text in named:
            if _UNWRITABLE.search(text):
                message = f"{text!a}: a service's file cannot hold such a name; rename it"
                raise ConfigError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the daemon is.

    Attributes:
        is_running: Whether its process is up.
        says: What the supervisor calls it, and what the daemon says it is doing.
        since: When that began, as the supervisor writes it; empty where it does not tell.
    """

    is_running: bool
    says: str
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What is run, in this order; each is harmless when it is run again.

    Attributes:
        reach: Goes well where the supervisor can be spoken to.
        begin: Make it known and start it, once its file is there.
        end: Stop it and make it unknown, while its file is still there. They fail where nothing is
            known of it.
        forget: Once its file is gone.
        ask: Answers what ``Supervisor.standing`` reads.
    """

    reach: Command
    begin: Sequence[Command]
    end: Sequence[Command]
    forget: Sequence[Command] = ()
    ask: Command


class Supervisor(Protocol):
    """What starts the daemon when the reader logs in, and again when it has failed."""

    @property
    def name(self) -> str:
        """As a person would say it."""

    @property
    def file(self) -> Path:
        """The one file that tells it of the daemon."""

    @property
    def commands(self) -> Commands:
        """How it is spoken to."""

    def content(self, service: Service) -> bytes:
        """What the file is to hold; ``MARK`` is in it."""

    def standing(self, code: int, answer: str) -> Standing:
        """How the daemon is, by the exit code and the answer of ``commands.ask``."""

    def notes(self, service: Service) -> Sequence[str]:
        """What a person should know once it is installed, each in a line."""


def unseen(service: Service) -> Sequence[str]:
    """What to do about keys in variables, where a service has none of the shell's."""
    return [
        f"It does not see the variable {name} of your shell: write what that holds to a file, and"
        ' key = "file:PATH" into the config.'
        for name in service.keys
    ]


def is_ours(content: bytes) -> bool:
    """Whether this program wrote such a file, in whichever encoding."""
    return MARK.encode() in content or MARK.encode("utf-16-le") in content
