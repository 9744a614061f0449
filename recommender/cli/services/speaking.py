"""The one place that runs the commands of a supervisor."""

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

from recommender.cli.services.supervisors import Command, Standing, Supervisor
from recommender.errors import RecommenderError

_LONGEST = 120.0  # seconds; systemd waits for the daemon to be up, 90 at the most
_ENDS_WITHIN, _LOOKS_EVERY = 40.0, 0.2  # seconds; a supervisor leaves the daemon 30 to end
_MISSING, _TOO_LONG = 127, 124  # what a shell gives for such commands


def answers(supervisor: Supervisor) -> bool:
    """Whether it can be spoken to here: in a container, it mostly cannot."""
    code, _ = _told(supervisor.commands.reach)
    return code == 0


def standing(supervisor: Supervisor) -> Standing:
    """How the daemon is."""
    return supervisor.standing(*_told(supervisor.commands.ask))


def end(supervisor: Supervisor) -> None:
    """End the daemon, and wait until it is gone.

    Raises:
        RecommenderError: If it goes on running.
    """
    # These fail where nothing is known of it; what counts is whether it still runs.
    for command in supervisor.commands.end:
        _told(command)
    for _ in range(int(_ENDS_WITHIN / _LOOKS_EVERY)):
        if not standing(supervisor).is_running:
            return
        time.sleep(_LOOKS_EVERY)
    by_hand = "; ".join(map(shown, supervisor.commands.end))
    raise RecommenderError(f"the daemon goes on running; end it with {by_hand}, and try again")


def do(commands: Sequence[Command]) -> None:
    """Run commands up to the first that fails.

    Raises:
        RecommenderError: If one does.
    """
    for command in commands:
        code, said = _told(command)
        if code:
            why = said.strip().partition("\n")[0].rstrip(".") or f"it ended with {code}"
            raise RecommenderError(f"{shown(command)}: {why}; mend that, and try again")


def shown(command: Command) -> str:
    """The command as a person types it."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def _told(command: Command) -> tuple[int, str]:
    """The exit code of a command and what it said, whatever comes of it."""
    program = shutil.which(command[0])
    if not program:
        return _MISSING, f"there is no {command[0]} here"
    try:
        done = subprocess.run(  # noqa: S603 - our own words, and no shell
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _TOO_LONG, f"it took longer than {_LONGEST:.0f} seconds"
    return done.returncode, done.stdout
