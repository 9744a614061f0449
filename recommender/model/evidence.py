"""How much the collaborative part may say, decided on the reader's own library."""

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows, Scores, Vectors
from recommender.model.collaborative import MIN_READERS, Collaborative, Interactions
from recommender.model.contrast import Contrast
from recommender.model.parts import pooled

_N_FOLDS = 5
_MIN_ITEMS = 20  # with fewer, a fold holds too few papers to tell luck from merit
_MIN_OTHERS = 20
_MOST_OTHERS = 500
_CHOICES = (0.1, 0.2, 0.3, 0.4)


def collaborative_weight(
    interactions: Interactions, own: Vectors, others: Vectors, seed: int
) -> float:
    """The collaborative part's share of the score, by evidence: one of a few choices, or 0.

    A fifth of the library at a time is hidden from every part, and has to be found again among
    papers of which nothing is known. A weight counts only if it finds them better than content
    alone, and better than the same readers would with their papers shuffled (or it would only
    measure that they all belong to one person), by more than one standard error over the folds
    (Breiman et al. 1984, the one-standard-error rule); of those that do, the best.

    Args:
        interactions: The library's readers, over its ``n_items`` papers.
        own: ``(n_items, d)``, where the library's papers lie.
        others: ``(m, d)``, where papers lie of which nothing is known.
        seed: For the folds and the factors.
    """
    n = len(own)
    if len(interactions.readers) < MIN_READERS or n < _MIN_ITEMS or len(others) < _MIN_OTHERS:
        return 0.0
    some = np.linspace(0, len(others) - 1, min(len(others), _MOST_OTHERS)).astype(np.int64)
    folds = np.array_split(np.random.default_rng(seed).permutation(n), _N_FOLDS)
    gains = np.array([_gains(interactions, own, others[some], fold, seed) for fold in folds])
    mean, error = gains.mean(axis=0), gains.std(axis=0, ddof=1) / np.sqrt(_N_FOLDS)
    best = int(np.argmax(mean))
    return _CHOICES[best] if mean[best] > error[best] else 0.0


def _gains(
    interactions: Interactions,
    own: Vectors,
    others: Vectors,
    held: Rows,
    seed: int,
) -> list[float]:
    """What each choice of weight adds to the average precision with which held papers are found."""
    rest = np.setdiff1d(np.arange(len(own)), held)
    judged = np.vstack([own[held], others])
    wanted = np.arange(len(judged)) < len(held)
    content = pooled(judged, own[rest])
    if contrast := Contrast.fit(own[rest], others):
        content = np.asarray((content + contrast.said(judged)) / 2, np.float32)
    alone = average_precision(content, wanted)

    def found_with(readers: Interactions) -> list[float]:
        said = Collaborative.fit(readers, own, seed).contributions(judged).sum(axis=1)
        return [average_precision((1 - w) * content + w * said, wanted) for w in _CHOICES]

    known = interactions.without(held)
    pairs = zip(found_with(known), found_with(known.shuffled(rest, seed)), strict=True)
    return [real - max(alone, by_chance) for real, by_chance in pairs]


def average_precision(scores: Scores, wanted: npt.NDArray[np.bool_]) -> float:
    """The mean, over the wanted papers, of the precision at each one's rank; in [0, 1]."""
    found = wanted[np.argsort(-scores, kind="stable")]
    if not found.any():
        return 0.0
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return float(precision[found].mean())
