"""What a cycle scores: each listed paper once for each model. The rest was said before."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np

from recommender.arrays import Rows
from recommender.cycle.choosing import Scored
from recommender.cycle.fitting import Fitted
from recommender.selection import Dropped
from recommender.store import Store

_AT_ONCE = 1000  # papers, so that memory does not grow with what is listed
_BEST, _BEST_OF_EACH = 500, 50  # papers from which some are chosen, and of each interest
_TRIES = 20  # to find a paper near the threshold that is new to the reader
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a cycle has to choose from.

    Attributes:
        scored: The listed papers that reach the threshold and are new to the reader; where they
            are many, the best of them and the best of each interest.
        excluded: How many of all the others there are, by reason. Those that the reader knows
            count as such only where they reach the threshold.
    """

    scored: Scored
    excluded: Counter[str]


def looked(profile: str, fitted: Fitted, store: Store) -> Looked:
    """Score what was not scored yet, and read back what can be chosen.

    Args:
        profile: The profile's name.
        fitted: What scores, and what the reader knows.
        store: Keeps the scores.

    Raises:
        StoreError: If the store cannot be used.
    """
    _score(profile, fitted, store)
    threshold = _comparable(fitted.wishes.threshold)
    fingerprint = fitted.fingerprint
    n_silent, n_below, _ = store.count_scored(profile, fingerprint, threshold)
    excluded = Counter({Dropped.NO_OPINION.value: n_silent, Dropped.BELOW_THRESHOLD.value: n_below})
    found = []
    for _, candidate, score, interest in store.candidates_scored(profile, fingerprint, threshold):
        if reason := fitted.known.reason(candidate):
            excluded[reason] += 1
        else:
            found.append((candidate, score, interest))
    scored = Scored(
        [candidate for candidate, _, _ in found],
        np.array([score for _, score, _ in found], np.float32),
        np.array([interest for _, _, interest in found], np.int64),
    )
    best = _best(scored)
    excluded[Dropped.NO_PLACE.value] += len(found) - len(best)
    return Looked(scored[best], +excluded)


def best_left(profile: str, fitted: Fitted, store: Store) -> float | None:
    """The highest score that the reader would see if they lowered the threshold.

    None where there is none, or where only what they know or exclude comes near the threshold.

    Raises:
        StoreError: If the store cannot be used.
    """
    below = _comparable(fitted.wishes.threshold)
    for _ in range(_TRIES):
        _, _, highest = store.count_scored(profile, fitted.fingerprint, below)
        if highest is None:
            return None
        for _, candidate, score, interest in store.candidates_scored(
            profile, fitted.fingerprint, highest
        ):
            is_left = score < below and interest not in fitted.wishes.excluded
            if is_left and not fitted.known.reason(candidate):
                return score
        below = highest
    return None


def _score(profile: str, fitted: Fitted, store: Store) -> None:
    """Write down what the model says of the papers on which it said nothing yet."""
    for some in _parts(store.candidates_to_score(profile, fitted.fingerprint)):
        scored = Scored.by(fitted.model, [candidate for _, candidate in some])
        said = zip(
            (paper_id for paper_id, _ in some),
            scored.scores.tolist(),
            scored.interests.tolist(),
            strict=True,
        )
        store.save_scores(profile, fitted.fingerprint, said)


def _best(scored: Scored) -> Rows:
    """The rows of those that could be chosen among all: the best, and the best of each interest."""
    order = np.argsort(-scored.scores, kind="stable")
    interests = scored.interests[order]
    chosen = [order[:_BEST]]
    chosen += [order[interests == one][:_BEST_OF_EACH] for one in np.unique(interests)]
    return np.unique(np.concatenate(chosen))


def _comparable(threshold: float) -> float:
    """A threshold as scores are compared with it, which have 24 binary digits."""
    return float(np.float32(threshold))


def _parts(found: Iterator[_One]) -> Iterator[list[_One]]:
    while some := list(islice(found, _AT_ONCE)):
        yield some
