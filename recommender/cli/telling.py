"""How a person is told something in one line, whatever the terminal can show."""

import io
import os
import re
import sys

from recommender.errors import ConfigError, RecommenderError


def problem(text: str) -> None:
    """Tell a person what went wrong, in one line on stderr."""
    print(f"shelfwise: {on_one_line(text)}", file=sys.stderr)


def failure(profile: str, error: RecommenderError) -> None:
    """Tell a person what kept one of several profiles from being done."""
    for line in error.problems if isinstance(error, ConfigError) else [str(error)]:
        problem(f"{profile}: {line}")


def heading(profile: str) -> None:
    """Tell a person of which of several profiles the next lines are."""
    print(f"Profile {profile}:")


def on_one_line(text: str) -> str:
    """The text without anything that moves a terminal's cursor or turns its text around.

    File names and titles come from strangers; a terminal would obey what they hold.
    """
    return _UNSEEN.sub("?", _BREAKS.sub(" ", text))


def prepare_streams() -> None:
    """Make sure that every character can be printed, even where nobody listens.

    A console may know only a few characters, and a process may be started without any stream.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def let_go_of_stdout() -> None:
    """Forget what was printed and cannot be written, or Python complains of it at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_BREAKS = re.compile(r"[ \t\n\x0b\f\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
