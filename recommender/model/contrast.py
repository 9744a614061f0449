"""What tells the reader's papers from everything else that is listed.

What the reader keeps is labelled, and so is what was dismissed. The rest of what is listed is not
disliked, it is unknown. So the listed papers nearest to the library are left out before the rest
are taken for "other" (the two-step technique of learning from positive and unlabelled examples: Liu
et al. 2003, "Building text classifiers using positive and unlabeled examples"). A dismissed paper
is another one for certain, so it counts however near it lies.
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
_MOST_DISLIKED = 0.5  # of the others' side; years of what was let pass must not crowd out the rest
_STRENGTH = 100.0  # of the evidence against the penalty on the weights
_MOST_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Disliked:
    """Where the papers lie that the reader was shown and did not want.

    Attributes:
        topics: ``(n, d)``.
        weights: ``(n,)``, how surely each was unwanted, in (0, 1].
    """

    topics: Vectors
    weights: npt.NDArray[np.float64]

    def known(self) -> "Disliked":
        """Those of which anything is known."""
        told = self.topics.any(axis=1)
        return Disliked(self.topics[told], self.weights[told])


@dataclass(frozen=True, slots=True)
class _Line:
    """A logistic regression on topics, own papers against others, each side weighing the same.

    Attributes:
        direction: ``(d,)``, from the others to the reader's own.
        offset: Where the two sides balance.
    """

    direction: npt.NDArray[np.float64]
    offset: float

    @classmethod
    def between(
        cls,
        own: npt.NDArray[np.float64],
        others: npt.NDArray[np.float64],
        shares: npt.NDArray[np.float64],
    ) -> Self:
        """The line between the reader's papers and others, of which each has a share of its side.

        Args:
            own: ``(n, d)``; they share their side evenly.
            others: ``(m, d)``.
            shares: ``(m,)``; together 1.
        """
        rows = np.vstack([own, others])
        side = np.concatenate([np.ones(len(own)), -np.ones(len(others))])
        weight = np.concatenate([np.full(len(own), 0.5 / len(own)), 0.5 * shares])

        def loss(at: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            margin = side * (rows @ at[:-1] + at[-1])
            pull = -_STRENGTH * side * weight * expit(-margin)
            value = _STRENGTH * (weight @ np.logaddexp(0, -margin)) + 0.5 * at[:-1] @ at[:-1]
            return float(value), np.append(rows.T @ pull + at[:-1], pull.sum())

        found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
        return cls(found[:-1], float(found[-1]))

    def said(self, topics: Vectors) -> npt.NDArray[np.float64]:
        """How far each paper is on the reader's side, ``(n,)`` in [0, 1]."""
        probability = expit(topics @ self.direction + self.offset)
        beyond: npt.NDArray[np.float64] = np.clip(2 * probability - 1, 0, 1)
        return beyond


@dataclass(frozen=True, slots=True)
class Contrast:
    """How the reader's papers stand out from what is listed, and from what was dismissed.

    One line is drawn without the dismissed papers and, where there are any, one with them. In the
    second, a dismissed paper weighs as much on the others' side as a kept one does on the reader's,
    and the two sides are evened out again. To make room, what is listed has to weigh less there,
    which alone would lift papers that have nothing to do with it; so a paper stands out only as far
    as both lines say, and a dislike never lifts any.

    Attributes:
        lines: The one without the dismissed papers, and perhaps the one with them.
    """

    lines: tuple[_Line, ...]

    @classmethod
    def fit(cls, own: Vectors, others: Vectors, disliked: Disliked | None = None) -> Self | None:
        """The contrast of a library to what is listed; None where too little is listed to tell.

        Args:
            own: ``(n, d)``, where the reader's papers lie; at least one.
            others: ``(m, d)``, where the listed papers lie.
            disliked: Where what was dismissed lies, in the same ``d`` topics.
        """
        others = others[others.any(axis=1)]
        if len(others) < _LEAST_OTHERS:
            return None
        far = np.argsort(pooled(others, own), kind="stable")
        far = np.sort(far[: int(len(others) * (1 - _PERHAPS_WANTED))])
        some = np.linspace(0, len(far) - 1, min(len(far), _MOST_OTHERS)).astype(np.int64)
        kept, listed = own.astype(np.float64), others[far[some]].astype(np.float64)
        evenly = np.full(len(listed), 1 / len(listed))
        lines = [_Line.between(kept, listed, evenly)]
        if disliked and len((known := disliked.known()).weights):
            total = float(known.weights.sum())
            share = min(total / (total + len(kept)), _MOST_DISLIKED)
            shares = np.append((1 - share) * evenly, share * known.weights / total)
            both = np.vstack([listed, known.topics.astype(np.float64)])
            lines.append(_Line.between(kept, both, shares))
        return cls(tuple(lines))

    def said(self, topics: Vectors) -> Scores:
        """How far each paper is on the reader's side, ``(n,)`` in [0, 1].

        From 0 where it is as likely on the other side, or more so, to 1 where it is certain.
        """
        least = np.min([line.said(topics) for line in self.lines], axis=0)
        return np.where(topics.any(axis=1), least, 0).astype(np.float32)


def held_out(own: Vectors, others: Vectors, disliked: Disliked | None = None) -> Scores:
    """What the contrast would say of each of the reader's papers, had it not been kept; ``(n,)``.

    Args:
        own: ``(n, d)``, at least two papers.
        others: ``(m, d)``, enough for a contrast.
        disliked: Where what was dismissed lies.
    """
    said = np.zeros(len(own), np.float32)
    for fold in range(n_folds := min(len(own), _MOST_FOLDS)):
        held = np.arange(len(own)) % n_folds == fold
        if fitted := Contrast.fit(own[~held], others, disliked):
            said[held] = fitted.said(own[held])
    return said
