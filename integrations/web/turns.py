"""Who may ask a service when: all of this process together, as the service's manners want it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from recommender.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a service may be asked.

    Attributes:
        service: All its addresses together, such as ``arXiv``.
        every: From the beginning of one request to that of the next, at least.
        at_once: How many requests may be under way.
    """

    service: str
    every: timedelta
    at_once: int = 1


_PATIENT = 900.0  # seconds, longer than a cycle lets all of its sources take


@dataclass(slots=True)
class _Queue:
    places: threading.Semaphore
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0


class Turns:
    """Hands out turns; one for all that share their manners.

    Args:
        clock: Seconds since some moment.
        sleep: Waits for a number of seconds.
        longest: How many seconds anybody waits for the others here.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        longest: float = _PATIENT,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._longest = longest
        self._queues: dict[str, _Queue] = {}
        self._lock = threading.Lock()

    @contextmanager
    def one(self, pace: Pace, longest: float) -> Iterator[float]:
        """A turn to ask, once it has come; gives how many seconds others here were before.

        Args:
            pace: The service's.
            longest: How many seconds may be waited for the service, beside those for others.

        Raises:
            RateLimited: If the turn would come later than that; it is given back.
        """
        queue = self._queue(pace)
        came = self._clock()
        if not queue.places.acquire(timeout=self._longest):
            message = f"{pace.service} is being asked by others here; nothing is lost, try again"
            raise RateLimited(pace.service, message, pace.every)
        queued = self._clock() - came
        ends = self._clock() + longest
        try:
            # Meanwhile another one may begin, or be told to wait.
            while pause := self._pause(queue, pace):
                if self._clock() + pause > ends:
                    raise _busy(pace, pause)
                self._sleep(pause)
            yield queued
        finally:
            queue.places.release()

    def rest(self, pace: Pace, seconds: float) -> None:
        """Leave a service alone for so long, because it asked for that."""
        queue = self._queue(pace)
        with queue.lock:
            queue.free_at = max(queue.free_at, self._clock() + seconds)

    def _pause(self, queue: _Queue, pace: Pace) -> float:
        """How many seconds are left until the next turn; 0 if it is now, and taken."""
        with queue.lock:
            now = self._clock()
            if queue.free_at > now:
                return queue.free_at - now
            queue.free_at = now + pace.every.total_seconds()
            return 0.0

    def _queue(self, pace: Pace) -> _Queue:
        with self._lock:
            # With a key or without, it is one service that asks to be left alone.
            queue = _Queue(threading.Semaphore(pace.at_once))
            return self._queues.setdefault(pace.service, queue)


def _busy(pace: Pace, seconds: float) -> RateLimited:
    message = f"{pace.service} wants to be left alone for {ceil(seconds)} more seconds"
    return RateLimited(
        pace.service, f"{message}; nothing is lost, try again then", timedelta(seconds=seconds)
    )


EVERYBODY = Turns()
"""The turns of this process."""
