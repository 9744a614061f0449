"""How much the collaborative part may say, decided on the reader's own library."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows, Scores, Vectors
from recommender.model.collaborative import MIN_READERS, Collaborative, Interactions
from recommender.model.contrast import Contrast
from recommender.model.parts import pooled

_N_FOLDS = 5
_N_SHUFFLES = 19  # so that the best of them is the 95th percentile of chance
_MIN_ITEMS = 20  # with readers; with fewer, a fold holds too few to tell luck from merit
_MIN_OTHERS = 20
_MOST_OTHERS = 500
_CHOICES = (0.1, 0.2, 0.3)


def collaborative_weight(
    interactions: Interactions, own: Vectors, others: Vectors, seed: int
) -> float:
    """The collaborative part's share of the score, by evidence: one of a few choices, or 0.

    A fifth of the papers that have readers is hidden at a time, and has to be found again among
    papers of which nothing is known, by content alone and with the collaborative part. What the
    best weight adds counts only if it is more than the best weight adds for any of 19 worlds in
    which the same readers have other papers of the library by chance: a permutation test at 5 %
    (Fisher 1935), in which the choice among the weights is part of what is tested.

    Args:
        interactions: The library's readers, over its ``n_items`` papers.
        own: ``(n_items, d)``, where the library's papers lie.
        others: ``(m, d)``, where papers lie of which nothing is known.
        seed: For the folds, the shuffles and the factors.
    """
    with_readers = np.flatnonzero(interactions.readers_by_papers.getnnz(axis=0))
    if (
        len(interactions.readers) < MIN_READERS
        or len(with_readers) < _MIN_ITEMS
        or len(others) < _MIN_OTHERS
    ):
        return 0.0
    some = np.linspace(0, len(others) - 1, min(len(others), _MOST_OTHERS)).astype(np.int64)
    mixed = np.random.default_rng(seed).permutation(with_readers)
    trials = [_Trial.hiding(held, own, others[some]) for held in np.array_split(mixed, _N_FOLDS)]
    gains = np.mean([trial.gains(interactions, seed) for trial in trials], axis=0)
    best = int(np.argmax(gains))
    if gains[best] <= 0:
        return 0.0
    for number in range(_N_SHUFFLES):
        trial = trials[number % _N_FOLDS]
        by_chance = interactions.shuffled(with_readers, seed + 1 + number)
        # One fold scatters more than the mean of five, so chance is given more than its due.
        if max(trial.gains(by_chance, seed)) >= gains[best]:
            return 0.0
    return _CHOICES[best]


class _Trial:
    """Hidden papers among others, and how well content finds them."""

    def __init__(self, held: Rows, own: Vectors, judged: Vectors, content: Scores) -> None:
        self._held, self._own, self._judged, self._content = held, own, judged, content
        self._wanted = np.arange(len(judged)) < len(held)
        self._alone = average_precision(content, self._wanted)

    @classmethod
    def hiding(cls, held: Rows, own: Vectors, others: Vectors) -> "_Trial":
        """The trial in which these rows of the library are hidden among others."""
        rest = np.setdiff1d(np.arange(len(own)), held)
        judged = np.vstack([own[held], others])
        content = pooled(judged, own[rest]) if len(rest) else np.zeros(len(judged), np.float32)
        if len(rest) and (contrast := Contrast.fit(own[rest], others)):
            content = np.asarray((content + contrast.said(judged)) / 2, np.float32)
        return cls(held, own, judged, content)

    def gains(self, interactions: Interactions, seed: int) -> Sequence[float]:
        """What each choice of weight adds to the average precision of content alone."""
        fitted = Collaborative.fit(interactions.without(self._held), self._own, seed)
        said = fitted.contributions(self._judged).sum(axis=1)
        return [
            average_precision((1 - w) * self._content + w * said, self._wanted) - self._alone
            for w in _CHOICES
        ]


def average_precision(scores: Scores, wanted: npt.NDArray[np.bool_]) -> float:
    """The mean, over the wanted papers, of the precision at each one's rank; in [0, 1].

    Among equal scores the wanted ones come last.
    """
    found = wanted[np.lexsort((wanted, -scores))]
    if not found.any():
        return 0.0
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return float(precision[found].mean())
