"""Whether anybody still waits for what a thread asks for.

Who gives up cannot end a thread that is at work; it tells it, and whatever would take long looks
before each further step.
"""

from contextvars import ContextVar
from threading import Event

_GIVEN_UP: ContextVar[Event | None] = ContextVar("given_up", default=None)


def heed(given_up: Event) -> None:
    """From now on ``is_given_up`` tells, in this thread, whether this has happened."""
    _GIVEN_UP.set(given_up)


def is_given_up() -> bool:
    """Whether nobody waits any more for what this thread does."""
    given_up = _GIVEN_UP.get()
    return given_up is not None and given_up.is_set()
