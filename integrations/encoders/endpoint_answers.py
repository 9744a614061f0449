"""What an embeddings endpoint's answer means: vectors, or which of our errors it is. Pure.

No error's text quotes an answer: servers repeat a part of the key, or of a text, in theirs.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from integrations.web.patience import wait
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    RateLimited,
    TransientError,
)


def trouble(server: str, model: str, status: int, headers: Mapping[str, str]) -> IntegrationError:
    """The error that an answer is which is not 200.

    Args:
        server: Who was asked, for people.
        model: Which of its models.
        status: The answer's.
        headers: The answer's, by name in lower case.
    """
    after = wait(headers)
    if status == 429 or (status >= 500 and after):
        when = f"in {after:.0f} seconds" if after else "in a few minutes"
        message = f"{server} takes no more requests at the moment ({status}); try again {when}"
        return RateLimited(server, message, timedelta(seconds=after or 0))
    if status >= 500:
        return TransientError(server, f"{server} failed ({status}); try again later")
    if status in {401, 403}:
        message = f"{server} refuses the key ({status}); put one there that may use {model}"
        return NotAuthorized(server, message)
    if status == 404:
        message = f"{server} has no embeddings there, or no model {model}; correct the place"
        return PermanentError(server, f"{message} (up to and with /v1) or the model")
    if status < 400:
        message = f"{server} sends us elsewhere ({status}), where no key follows; name the place"
        return BadResponse(server, f"{message} itself")
    message = f"{server} does not take this request ({status}); check that {model} is a model"
    return PermanentError(server, f"{message} for embeddings")


def vectors_in(content: bytes, n: int, server: str) -> npt.NDArray[np.float64]:
    """The vectors that an answer holds: ``(n, d)``, in the order of the texts, of any length.

    Args:
        content: The answer's.
        n: How many texts there were.
        server: Who was asked, for people.

    Raises:
        BadResponse: If it does not hold one for each text, all of one length.
    """
    found = _objects(content, server)
    by_index = {
        one["index"]: one.get("embedding") for one in found if isinstance(one.get("index"), int)
    }
    if len(found) != n or by_index.keys() != set(range(n)):
        message = f"{server} gave {len(found)} vectors for {n} texts, or not one for each"
        raise BadResponse(server, f"{message}; try another model")
    try:
        rows = np.asarray([by_index[index] for index in range(n)])
    except (ValueError, OverflowError) as error:
        raise _no_vectors(server) from error
    if rows.ndim != 2 or not rows.shape[1] or rows.dtype.kind not in "fiu":
        raise _no_vectors(server)
    return rows.astype(np.float64)


def _objects(content: bytes, server: str) -> list[dict[str, Any]]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        message = f"{server} gave an answer that was cut off or is no JSON; check that it is an"
        raise BadResponse(server, f"{message} endpoint for embeddings") from error
    found = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _no_vectors(server)
    return found


def _no_vectors(server: str) -> BadResponse:
    message = f"{server} gave an answer without vectors of one length; try another model"
    return BadResponse(server, message)
