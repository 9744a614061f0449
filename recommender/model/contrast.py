"""What tells the reader's papers from everything else that is listed.

What the reader keeps is labelled. The rest of what is listed is not disliked, it is unknown. So the
listed papers nearest to the library are left out before the rest are taken for "other" (the
two-step technique of learning from positive and unlabelled examples: Liu et al. 2003, "Building
text classifiers using positive and unlabeled examples").
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows, Scores, Vectors, along

_LEAST_OWN = 3  # one or two papers are no side that others could be told from
_LEAST_OTHERS = 20  # fewer tell nothing of what is usual
_MOST = 1000  # papers on either side; more of them move the line by next to nothing
_PERHAPS_WANTED = 0.1  # of what is listed, the share nearest to the library that is left out
_STRENGTH = 100.0  # of the evidence against the penalty on the weights
_MOST_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Contrast:
    """A logistic regression on where papers lie, own ones against others, each side as heavy.

    Attributes:
        direction: ``(d,)``, from the others to the reader's own.
        offset: Where the two sides balance.
    """

    direction: npt.NDArray[np.float64]
    offset: float

    @classmethod
    def fit(cls, own: Vectors, others: Vectors) -> "Contrast | None":
        """The contrast of a library to what is unlike it; None where either is too little to tell.

        Args:
            own: ``(n, d)``, where the reader's papers lie; any number.
            others: ``(m, d)``, where ``unlike`` papers lie.
        """
        if len(own) < _LEAST_OWN or len(others) < _LEAST_OTHERS * (1 - _PERHAPS_WANTED):
            return None
        # SciPy's optimiser takes longer to import than a daily run has to spare.
        from scipy.optimize import minimize
        from scipy.special import expit

        kept, rest = own[evenly(len(own), _MOST)], others[evenly(len(others), _MOST)]
        rows = np.vstack([kept, rest]).astype(np.float64)
        side = np.concatenate([np.ones(len(kept)), -np.ones(len(rest))])
        weight = np.where(side > 0, 0.5 / len(kept), 0.5 / len(rest))

        def loss(at: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            margin = side * (rows @ at[:-1] + at[-1])
            pull = -_STRENGTH * side * weight * expit(-margin)
            value = _STRENGTH * (weight @ np.logaddexp(0, -margin)) + 0.5 * at[:-1] @ at[:-1]
            return float(value), np.append(rows.T @ pull + at[:-1], pull.sum())

        found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
        return cls(found[:-1], float(found[-1]))

    def said(self, vectors: Vectors) -> Scores:
        """How far each paper is on the reader's side, ``(n,)`` in [0, 1].

        From 0 where it is as likely on the other side, or more so, to 1 where it is certain.
        """
        # 2 sigmoid(x) - 1 = tanh(x / 2)
        margin = along(vectors, self.direction.astype(np.float32)) + self.offset
        beyond = np.tanh(margin / 2)
        return np.where(vectors.any(axis=1), np.clip(beyond, 0, 1), 0).astype(np.float32)


def unlike(nearness: Scores) -> Rows:
    """The rows of the papers that are taken for unlike the library: all but the nearest.

    Args:
        nearness: ``(m,)``, how near each listed paper is to the library.
    """
    far = np.argsort(nearness, kind="stable")
    return np.sort(far[: int(len(far) * (1 - _PERHAPS_WANTED))])


def held_out(own: Vectors, others: Vectors) -> Scores:
    """What the contrast would say of each of the reader's papers, had it not been kept; ``(n,)``.

    Args:
        own: ``(n, d)``, at least two papers.
        others: ``(m, d)``, as for ``Contrast.fit``.
    """
    said = np.zeros(len(own), np.float32)
    for fold in range(n_folds := min(len(own), _MOST_FOLDS)):
        held = np.arange(len(own)) % n_folds == fold
        if fitted := Contrast.fit(own[~held], others):
            said[held] = fitted.said(own[held])
    return said


def evenly(n: int, most: int) -> Rows:
    """At most so many of ``n`` rows, evenly spread."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64) if n else np.zeros(0, np.int64)
