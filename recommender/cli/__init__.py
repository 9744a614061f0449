"""The command line: the composition root, and the only place that prints."""

import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from recommender.cli import telling
from recommender.cli.commands import app
from recommender.cli.exits import FAILED, INTERRUPTED, USAGE, exit_code
from recommender.errors import ConfigError, RecommenderError

_RARELY = 1_000_000  # new values between two looks


def main() -> None:
    """Run the command that the command line names, and end the program with its exit code."""
    telling.prepare_streams()
    # A library's values live to the end: to look for cycles among them takes a quarter of a run.
    gc.set_threshold(_RARELY)
    # The report says all that is logged; without this, Python would print it a second time.
    logging.getLogger().addHandler(logging.NullHandler())
    with told_to_people():
        try:
            sys.exit(_code_of(sys.argv[1:]))
        finally:
            # Nor is there any use in looking once more before all of it goes.
            gc.freeze()


def _code_of(arguments: list[str]) -> int:
    """Do what the arguments say, and give the exit code."""
    command = typer.main.get_command(app)
    try:
        # Typer's own way to run a command would tell of mistakes in its own words.
        with command.make_context("shelfwise", arguments) as context:
            command.invoke(context)
    except typer.Exit as done:
        return int(done.exit_code)
    finally:
        # Here a full disk or a closed pipe can still be told of.
        sys.stdout.flush()
    return 0


@contextmanager
def told_to_people() -> Iterator[None]:
    """Ends the program with one line and the right exit code for what is not a bug."""
    try:
        yield
    except RecommenderError as error:
        for line in error.problems if isinstance(error, ConfigError) else [str(error)]:
            telling.problem(line)
        sys.exit(exit_code(error))
    except _UsageError as error:
        telling.problem(_usage(error))
        sys.exit(USAGE)
    except KeyboardInterrupt:
        telling.problem("stopped")
        _leave_stdin_alone(INTERRUPTED)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        telling.let_go_of_stdout()
        sys.exit(FAILED)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        telling.problem(f"{place}{error.strerror or error}")
        telling.let_go_of_stdout()
        sys.exit(FAILED)
    except MemoryError:
        telling.problem("there is not enough memory for this; give fewer or smaller files")
        sys.exit(FAILED)


def _leave_stdin_alone(code: int) -> None:
    """End at once, if a thread waits for somebody to type: Python would abort at its own end."""
    if any(thread.name == _WAITS for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


_WAITS = "asks standard input"


def _usage(error: Any) -> str:
    """What is wrong with the command line, and where to read how it should be."""
    said = error.format_message().rstrip(".")
    path = error.ctx.command_path if error.ctx else "shelfwise"
    return f"{said[:1].lower()}{said[1:]}; see {path} --help"


# Typer shows this one's children only, and keeps its name to itself.
_UsageError: Any = typer.BadParameter.__base__
