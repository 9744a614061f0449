"""What tells the reader's papers from everything else that is listed.

Only papers that the reader keeps are labelled; what is listed is not disliked, it is unknown. So
the listed papers nearest to the library are left out before the rest are taken for "other" (the
two-step technique of learning from positive and unlabelled examples: Liu et al. 2003, "Building
text classifiers using positive and unlabeled examples").
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from recommender.arrays import Scores, Vectors
from recommender.model.parts import pooled

_LEAST_OTHERS = 20  # fewer tell nothing of what is usual
_MOST_OTHERS = 2000
_PERHAPS_WANTED = 0.1  # of what is listed, the share nearest to the library that is left out
_STRENGTH = 100.0  # of the evidence against the penalty on the weights
_MOST_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Contrast:
    """A logistic regression on topics, own papers against others, each side weighing the same.

    Attributes:
        direction: ``(d,)``, from the others to the reader's own.
        offset: Where the two sides balance.
    """

    direction: npt.NDArray[np.float64]
    offset: float

    @classmethod
    def fit(cls, own: Vectors, others: Vectors) -> Self | None:
        """The contrast of a library to what is listed; None where too little is listed to tell.

        Args:
            own: ``(n, d)``, where the reader's papers lie; at least one.
            others: ``(m, d)``, where the listed papers lie.
        """
        others = others[others.any(axis=1)]
        if len(others) < _LEAST_OTHERS:
            return None
        far = np.argsort(pooled(others, own), kind="stable")
        far = np.sort(far[: int(len(others) * (1 - _PERHAPS_WANTED))])
        some = np.linspace(0, len(far) - 1, min(len(far), _MOST_OTHERS)).astype(np.int64)
        return cls._separating(own.astype(np.float64), others[far[some]].astype(np.float64))

    @classmethod
    def _separating(cls, own: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> Self:
        rows = np.vstack([own, others])
        side = np.concatenate([np.ones(len(own)), -np.ones(len(others))])
        weight = np.concatenate(
            [np.full(len(own), 0.5 / len(own)), np.full(len(others), 0.5 / len(others))]
        )

        def loss(at: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            margin = side * (rows @ at[:-1] + at[-1])
            pull = -_STRENGTH * side * weight * expit(-margin)
            value = _STRENGTH * (weight @ np.logaddexp(0, -margin)) + 0.5 * at[:-1] @ at[:-1]
            return float(value), np.append(rows.T @ pull + at[:-1], pull.sum())

        found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
        return cls(found[:-1], float(found[-1]))

    def said(self, topics: Vectors) -> Scores:
        """How far each paper is on the reader's side, ``(n,)`` in [0, 1].

        From 0 where it is as likely on the other side, or more so, to 1 where it is certain.
        """
        probability = expit(topics @ self.direction + self.offset)
        beyond = np.clip(2 * probability - 1, 0, 1)
        return np.where(topics.any(axis=1), beyond, 0).astype(np.float32)


def held_out(own: Vectors, others: Vectors) -> Scores:
    """What the contrast would say of each of the reader's papers, had it not been kept; ``(n,)``.

    Args:
        own: ``(n, d)``, at least two papers.
        others: ``(m, d)``, enough for a contrast.
    """
    said = np.zeros(len(own), np.float32)
    for fold in range(n_folds := min(len(own), _MOST_FOLDS)):
        held = np.arange(len(own)) % n_folds == fold
        if fitted := Contrast.fit(own[~held], others):
            said[held] = fitted.said(own[held])
    return said
