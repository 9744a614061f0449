"""What every encoder here does to the texts it is given and to the vectors it gets. Pure."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.arrays import Vectors
from recommender.errors import BadResponse

LONGEST = 8000
"""How many characters of a text are read: more than any abstract, fewer than a model refuses."""

_NOTHING = "-"


def sendable(texts: Sequence[str]) -> list[str]:
    """The texts as any model takes them: none blank, none with half a character, none endless."""
    whole = (text[:LONGEST].encode("utf-8", "replace").decode() for text in texts)
    return [text if text.strip() else _NOTHING for text in whole]


def unit(rows: npt.NDArray[np.floating], texts: Sequence[str], service: str) -> Vectors:
    """The rows at length 1, but 0 for a blank text and where the model says nothing.

    Args:
        rows: ``(n, d)``, of any length.
        texts: ``(n,)``, as they were before ``sendable``.
        service: Whose rows they are, for the error.

    Raises:
        BadResponse: If a number is none.
    """
    exact = rows.astype(np.float64)
    if not np.isfinite(exact).all():
        message = f"{service} gave a vector with a number that is none; try another model"
        raise BadResponse(service, message)
    exact[[not text[:LONGEST].strip() for text in texts]] = 0.0
    # Not yet by its length: the square of a large number is too large, and of a small one 0.
    exact /= _divisors(np.abs(exact).max(axis=1, initial=0.0))
    exact /= _divisors(np.linalg.norm(exact, axis=1))
    return exact.astype(np.float32)


def _divisors(sizes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(sizes > 0, sizes, 1.0)[:, None]
