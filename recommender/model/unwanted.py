"""What was shown and not wanted: whatever is like it loses by how much it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Scores, Vectors, against
from recommender.suggestions import Dislike

_SHARPNESS = 8  # a power: .95 as close loses two thirds, .8 as close a sixth, .5 as close nothing
_LEAST = 1e-3  # of a score that is worth telling


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Where unwanted papers lie.

    Attributes:
        vectors: ``(n, d)``, rows of length 1 or 0.
        weights: ``(n,)``, how surely each was unwanted, in (0, 1].
    """

    vectors: Vectors
    weights: Scores

    @classmethod
    def of(cls, dislikes: Sequence[Dislike], vectors: Vectors) -> "Unwanted":
        """The dislikes that lie there."""
        return cls(vectors, np.array([dislike.weight for dislike in dislikes], np.float32))

    @classmethod
    def nothing(cls, d: int) -> "Unwanted":
        """Nothing that is unwanted, in ``d`` dimensions."""
        return cls(np.zeros((0, d), np.float32), np.zeros(0, np.float32))

    def left(self, vectors: Vectors) -> Scores:
        """What is left of each paper's parts, ``(m,)`` float32 in [0, 1]."""
        if not len(self.weights):
            return np.ones(len(vectors), np.float32)
        close = np.clip(against(vectors, self.vectors), 0, 1) ** _SHARPNESS
        left = np.prod(1 - self.weights * close, axis=1)
        return np.where(left < _LEAST, 0, left).astype(np.float32)
