"""How close a paper is to the reader's own papers, the closest of them speaking loudest.

A walk spreads: where much is written around a paper of the reader's, each of its many kin gets
little of it. Plain closeness does not, so it keeps small and crowded interests alive.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows, Scores, Vectors, against, unit
from recommender.model.contrast import evenly

_MOST = 256  # more papers than that speak in groups, so that a large library costs no more
_ROUNDS = 3
_NOISE = 1e-5  # of the arithmetic, between papers that share nothing


@dataclass(frozen=True, slots=True)
class Speakers:
    """The own papers, or groups of them, that speak for papers like them.

    Attributes:
        vectors: ``(p, d)`` where they lie, rows of length 1.
        papers: ``(p,)`` which own paper each is, or which is the most typical of its group.
        interests: ``(p,)`` the interest that each belongs to.
        sizes: ``(p,)`` how many papers each speaks for.
    """

    vectors: Vectors
    papers: Rows
    interests: Rows
    sizes: Rows

    @classmethod
    def of(cls, vectors: Vectors, interests: Rows, pulling: Rows) -> "Speakers":
        """Those of a library.

        Args:
            vectors: ``(n_own, d)`` where the own papers lie.
            interests: ``(n_own,)`` the interest that each belongs to.
            pulling: The rows of those that are not muted.
        """
        lie, n = vectors[pulling], len(pulling)
        if n <= _MOST:
            return cls(lie, pulling, interests[pulling], np.ones(n, np.int64))
        # Spherical k-means (Dhillon and Modha 2001), begun with papers that are evenly spread.
        centres = lie[evenly(n, _MOST)]
        for _ in range(_ROUNDS):
            nearest = np.argmax(lie @ centres.T, axis=1)
            sums = np.zeros_like(centres)
            np.add.at(sums, nearest, lie)
            centres = unit(sums)
        similar = lie @ centres.T
        nearest = np.argmax(similar, axis=1)
        sizes = np.bincount(nearest, minlength=len(centres))
        held = np.flatnonzero(sizes)
        alone = np.where(nearest[:, None] == held, similar[:, held], -np.inf)
        typical = np.argmax(alone, axis=0)
        return cls(centres[held], pulling[typical], interests[pulling[typical]], sizes[held])

    def close(self, vectors: Vectors) -> Vectors:
        """How close each speaker is to each paper, ``(n, p)`` in [0, 1]."""
        similar = against(vectors, self.vectors)
        return np.where(similar > _NOISE, np.minimum(similar, 1), 0).astype(np.float32)

    def by_interest(self, close: Vectors, n_interests: int) -> Vectors:
        """How close the closest speaker of each interest is, ``(n, n_interests)``."""
        found = np.zeros((len(close), n_interests), np.float32)
        for interest in np.unique(self.interests):
            found[:, interest] = close[:, self.interests == interest].max(axis=1)
        return found


def pooled(close: npt.NDArray[np.float32]) -> Scores:
    """One closeness for each paper, ``(n,)`` in [0, 1]: the mean that the closest weigh most in.

    Args:
        close: ``(n, p)``.
    """
    total, whole = powers(close)
    return ratio(total.sum(axis=1), whole.sum(axis=1))


def powers(close: npt.NDArray[np.float32]) -> tuple[Vectors, Vectors]:
    """What is summed up over the speakers, above and below the line of ``pooled``."""
    loudness = close * close * close
    return loudness * close, loudness


def ratio(above: npt.NDArray[np.float32], below: npt.NDArray[np.float32]) -> Scores:
    """Above by below, 0 where nobody speaks."""
    found: Scores = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return found


def shares(close: npt.NDArray[np.float32]) -> Vectors:
    """How much of ``pooled`` is each speaker's, ``(n, p)``; rows sum to 1, or to 0."""
    above, _ = powers(close)
    total = above.sum(axis=1, keepdims=True)
    found: Vectors = np.divide(above, total, out=np.zeros_like(above), where=total > 0)
    return found
