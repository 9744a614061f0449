"""Cycles in processes of their own that are killed in the middle, without a chance to clean up.

A process that has everything imported already makes a copy of itself for each cycle. The test's own
process has the server, so that it decides at which request the other one dies.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import IO, Any
from unittest.mock import patch

from integrations.web.testing.server import Moment
from recommender.store.database import Database
from tests.zotero.worlds import Program, ZoteroWorld, opened

_ROOT = Path(__file__).parents[2]
_DONE, _FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Request:
    """The kill comes when a request arrives, and it is not acted on, or when it was acted on."""

    position: int
    moment: Moment

    def __str__(self) -> str:
        return f"{self.moment} request {self.position}"


@dataclass(frozen=True, slots=True)
class Write:
    """The kill comes when the process is about to write into its store for the n-th time."""

    position: int

    def __str__(self) -> str:
        return f"before write {self.position}"


Place = Request | Write


class Launcher:
    """Starts cycles of our program in processes of their own, while the context lasts."""

    def __enter__(self) -> "Launcher":
        self._process = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            self._stream(self._process.stdin).close()

    def killed(self, world: ZoteroWorld, store: Path, now: datetime, place: Place) -> bool:
        """Let a cycle run until it is killed; whether it was, or came to its end before.

        Raises:
            AssertionError: If it failed.
        """
        order = {
            "way": world.way,
            "address": world.address,
            "n_suggestions": world.n_suggestions,
            "n_listed": world.n_listed,
            "shelf": world.shelf,
            "store": str(store),
            "now": now.isoformat(),
            "write": place.position if isinstance(place, Write) else None,
        }
        began: Queue[int] = Queue()
        first = len(world.server.requests)

        def hook(position: int, moment: Moment) -> bool:
            if isinstance(place, Request) and place == Request(position - first, moment):
                os.kill(began.get(timeout=10), signal.SIGKILL)
                return False
            return True

        world.server.hook = hook
        try:
            self._stream(self._process.stdin).write(f"{json.dumps(order)}\n")
            self._stream(self._process.stdin).flush()
            began.put(self._told())
            status = self._told()
        finally:
            world.server.hook = None
        assert status in {_DONE, -signal.SIGKILL}, f"to be killed {place}, it failed: {status}"
        return status != _DONE

    def _told(self) -> int:
        return int(self._stream(self._process.stdout).readline())

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


@contextmanager
def counted_writes(fatal: int | None = None) -> Iterator[list[None]]:
    """As long as this lasts, a list that grows with each transaction of any store.

    Args:
        fatal: The position of the one at which this process kills itself.
    """
    begun: list[None] = []
    writing = Database.writing

    @contextmanager
    def counting(self: Database) -> Iterator[Any]:
        if len(begun) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        begun.append(None)
        with writing(self) as connection:
            yield connection

    with patch.object(Database, "writing", counting):
        yield begun


def _cycle(order: dict[str, Any]) -> None:
    program = Program(order["way"], order["address"])
    program.n_suggestions, program.n_listed = order["n_suggestions"], order["n_listed"]
    program.shelf = order["shelf"]
    with opened(Path(order["store"])) as store, counted_writes(order["write"]):
        program.run(store, datetime.fromisoformat(order["now"]))


def _copies(orders: Sequence[str] | IO[str]) -> None:
    """For each order a copy of this process that obeys it; says its number, and how it ended."""
    for order in orders:
        child = os.fork()
        if child:
            print(child, flush=True)  # noqa: T201 - what the other process is waiting for
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
            continue
        try:
            _cycle(json.loads(order))
        except BaseException:  # noqa: BLE001 - whatever it is, this copy must not go on
            traceback.print_exc()
            os._exit(_FAILED)
        os._exit(_DONE)


if __name__ == "__main__":
    _copies(sys.stdin)
