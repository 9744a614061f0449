"""Which of our errors an answer is that is no good one. Pure."""

import re
from collections.abc import Mapping
from datetime import timedelta

import httpx2

from integrations.web.patience import BUSY, wait
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    RateLimited,
    TransientError,
)


def trouble(service: str, status: int, headers: Mapping[str, str]) -> IntegrationError:
    """The error that an answer of this status is.

    Args:
        service: Its name, for people.
        status: Of the answer; not 200.
        headers: Of the answer.
    """
    if status in BUSY:
        after = wait(headers)
        when = f"in {after:.0f} seconds" if after else "in a few minutes"
        what = "gets too many requests from here" if status == _TOO_MANY else "is busy"
        return RateLimited(
            service,
            f"{service} {what}; nothing is lost, try again {when}",
            timedelta(seconds=after or 0),
        )
    if status in {401, 403}:
        message = f"{service} refuses the request ({status}); check the source's key and place"
        return NotAuthorized(service, message)
    if status >= 500 or status == 408:
        message = f"{service} failed ({status}); nothing is lost, try again later"
        return TransientError(service, message)
    if status in {404, 410}:
        return BadResponse(service, f"{service} has nothing there ({status}); check the place")
    return BadResponse(service, f"{service} does not take the request ({status}); check the place")


def unreachable(service: str) -> TransientError:
    """No connection was made."""
    message = f"{service} cannot be reached; check the connection, then run again"
    return TransientError(service, message)


def broken(service: str, error: httpx2.RequestError) -> TransientError:
    """A connection broke; only the kind of failure is told, since its text can quote anything."""
    kind = re.sub(r"(?<!^)([A-Z])", r" \1", type(error).__name__).lower()
    message = f"the connection to {service} broke ({kind}); nothing is lost, try again later"
    return TransientError(service, message)


_TOO_MANY = 429
