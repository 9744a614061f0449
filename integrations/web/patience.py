"""How long a service may take to answer, and what it says itself of waiting."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isnan
from random import random

BUSY = frozenset({429, 503})
"""The statuses with which a service asks to be asked later."""


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a request may take.

    Attributes:
        timeout: For connecting, and for each silence while reading and writing.
        pauses: Before each further try, where the server does not say.
        longest: For one request, all its tries and the pauses between them together.
        largest: How many bytes an answer may have.
        sleep: Waits for a number of seconds.
        clock: Seconds since some moment.
        chance: Draws from [0, 1), so that not all who were refused come back at once.
    """

    timeout: timedelta = timedelta(seconds=60)
    pauses: Sequence[timedelta] = (
        timedelta(seconds=2),
        timedelta(seconds=8),
        timedelta(seconds=30),
    )
    longest: timedelta = timedelta(seconds=90)
    largest: int = 64 * 2**20
    sleep: Callable[[float], None] = _sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random


def wait(headers: Mapping[str, str]) -> float | None:
    """How many seconds an answer asks to wait before the next request; None where it does not.

    The longer one of ``Backoff`` and ``Retry-After``; each a number, or a moment that is compared
    with the answer's own ``Date``, so that no clock has to be right.
    """
    spoken = (_seconds(headers.get(name, ""), headers.get("date", "")) for name in _WAITS)
    return max((found for found in spoken if found is not None), default=None)


def rest(status: int, headers: Mapping[str, str]) -> float | None:
    """How many seconds a service wants to be left alone by everybody here; None where it does not.

    With a good answer some say by ``Retry-After`` when their count of requests starts anew, as
    Zenodo does; that is no wish.

    Args:
        status: Of the answer.
        headers: Of the answer, by lower-case name.
    """
    heard = headers if status in BUSY else {n: v for n, v in headers.items() if n != "retry-after"}
    return wait(heard)


def moment(spelled: str) -> datetime | None:
    """A header's moment; None where it is none."""
    try:
        found = parsedate_to_datetime(spelled)
    except (ValueError, OverflowError):
        return None
    # A date without a zone is read as naive.
    return found.replace(tzinfo=found.tzinfo or UTC)


def _seconds(spelled: str, date: str) -> float | None:
    try:
        seconds = float(spelled)
        return None if isnan(seconds) else min(max(seconds, 0.0), _FOREVER)
    except ValueError:
        pass  # not a number: the other form
    until, now = moment(spelled), moment(date)
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), _FOREVER)


_WAITS = ("backoff", "retry-after")
_FOREVER = 1e9
