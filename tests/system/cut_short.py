"""Runs of the daemon's child that end in the middle, because they are killed or asked to.

A process that has everything imported already makes a copy of itself for each run, so that two
hundred of them take a minute. The copy does what ``recommender.cli.child`` does, on a day that the
test chooses.
"""

import gc
import io
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import IO, Any, Literal
from unittest.mock import patch

import scipy.optimize  # noqa: F401 - what a model imports once something was not wanted

from recommender import config
from recommender.agenda import Work
from recommender.cli import child, running
from recommender.cycle.measuring import Stopwatch
from recommender.store.database import Database
from tests.system import invented

KILLED = -signal.SIGKILL
STAGES = ("library", "sources", "model", "scores", "choice", "delivery")
"""What a run does, in this order."""

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is asked to end: as it begins a stage, or a transaction of its store.

    Attributes:
        position: Of the stage or the transaction, counted from 0.
    """

    of: Literal["stage", "write"]
    position: int

    def __str__(self) -> str:
        return STAGES[self.position] if self.of == "stage" else f"write {self.position}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Attributes:
        code: Its exit code; a signal's number, negative, if that ended it.
        seconds: How long it took.
        said: What it wrote to stderr.
    """

    code: int
    seconds: float
    said: str


class Launcher:
    """Starts runs in processes of their own, while the context lasts.

    Args:
        folder: For what they write to stderr.
        warming: A config, for a run whose only use is that all is imported.
    """

    def __init__(self, folder: Path, warming: Path) -> None:
        self._log = folder / "stderr.txt"
        self._process = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-m", __name__, str(warming)],
            cwd=_ROOT,
            env=invented.environment({"OPENBLAS_NUM_THREADS": "1"}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Launcher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            self._stream(self._process.stdin).close()

    def run(
        self,
        file: Path,
        now: datetime,
        *,
        kill_after: float = math.inf,
        place: Place | None = None,
        begun: Callable[[int], None] = lambda _: None,
    ) -> Ended:
        """Let a run of a config come to its end, whatever that is.

        Args:
            file: The config.
            now: When the run is, as it believes.
            kill_after: It is killed after so many seconds.
            place: Where it is asked to end.
            begun: Is called with the number of its process.
        """
        order = {
            "settings": config.read(file).model_dump_json(),
            "now": now.isoformat(),
            "kill_after": kill_after,
            "place": [place.of, place.position] if place else None,
            "log": str(self._log),
        }
        self._stream(self._process.stdin).write(f"{json.dumps(order)}\n")
        self._stream(self._process.stdin).flush()
        begun(int(self._told()))
        start = time.monotonic()
        code = int(self._told())
        return Ended(code, time.monotonic() - start, self._log.read_text(encoding="utf-8"))

    def _told(self) -> str:
        return self._stream(self._process.stdout).readline()

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


def _serve(orders: IO[str]) -> None:
    """For each order a copy of this process that obeys it; says its number, and how it ended."""
    for line in orders:
        order = json.loads(line)
        if not (number := os.fork()):
            _obey(order)
        print(number, flush=True)  # noqa: T201 - what the other process is waiting for
        print(_code_of(number, order["kill_after"]), flush=True)  # noqa: T201


def _code_of(number: int, kill_after: float) -> int:
    """How a process ends, which is killed after so many seconds."""
    end = time.monotonic() + kill_after
    while True:
        found, status = os.waitpid(number, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= end:
            os.kill(number, signal.SIGKILL)
            end = math.inf
        time.sleep(0.001)


def _obey(order: dict[str, Any]) -> None:
    """What the child does; this never returns."""
    log = os.open(order["log"], os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    os.dup2(log, sys.stderr.fileno())
    told = child.Told(run="a run", settings=order["settings"], work=Work.PUBLISH.value)
    stdin = SimpleNamespace(buffer=io.BytesIO(told.as_json().encode()))
    now = datetime.fromisoformat(order["now"])
    place = Place(*order["place"]) if order["place"] else None
    with (
        patch.object(sys, "stdin", stdin),
        patch.object(running, "datetime", SimpleNamespace(now=lambda _: now)),
        _asked_at(place),
    ):
        child.main()


@contextmanager
def _asked_at(place: Place | None) -> Iterator[None]:
    """As long as this lasts, this process is asked to end when it gets to a place."""
    came = {"stage": 0, "write": 0}

    def here(of: Literal["stage", "write"]) -> None:
        if place == Place(of, came[of]):
            os.kill(os.getpid(), signal.SIGTERM)
        came[of] += 1

    writing, begin, lap = Database.writing, Stopwatch.__init__, Stopwatch.lap

    @contextmanager
    def counting(self: Database) -> Iterator[Any]:
        here("write")
        with writing(self) as connection:
            yield connection

    def beginning(self: Stopwatch) -> None:
        begin(self)
        here("stage")

    def lapping(self: Stopwatch, stage: str) -> None:
        lap(self, stage)
        here("stage")

    with (
        patch.object(Database, "writing", counting),
        patch.object(Stopwatch, "__init__", beginning),
        patch.object(Stopwatch, "lap", lapping),
    ):
        yield


if __name__ == "__main__":
    running.done(config.read(Path(sys.argv[1])))
    # A copy that looks at none of this when it ends need not get it either.
    gc.freeze()
    _serve(sys.stdin)
