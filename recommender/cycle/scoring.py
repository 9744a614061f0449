"""What a cycle scores: each listed paper once for each model. The rest was said before."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np

from recommender.arrays import Rows, Scores
from recommender.cycle.choosing import Scored
from recommender.cycle.fitting import Fitted
from recommender.ingest import Candidate
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
            count as such only where they would be among the best.
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
    passing = _Passing.of(store.scores(profile, fingerprint, threshold))
    known: Counter[str] = Counter()
    found: dict[int, Candidate] = {}
    # Only the best are read back; where some of them are known, others take their places.
    while unread := set(passing.best().ids.tolist()) - found.keys():
        read = store.candidates_of(unread)
        reasons = {paper_id: fitted.known.reason(one) for paper_id, one in read.items()}
        known.update(filter(None, reasons.values()))
        found |= {paper_id: one for paper_id, one in read.items() if not reasons[paper_id]}
        passing = passing.without(unread - found.keys())
    best = passing.best()
    excluded += known
    excluded[Dropped.NO_PLACE.value] += len(passing.ids) - len(best.ids)
    candidates = [found[paper_id] for paper_id in best.ids.tolist()]
    return Looked(Scored(candidates, best.scores, best.interests), +excluded)


@dataclass(frozen=True, slots=True)
class _Passing:
    """Papers that reach the threshold, in the order of first sight.

    Attributes:
        ids: ``(n,)`` the store's.
        scores: ``(n,)``.
        interests: ``(n,)``.
    """

    ids: Rows
    scores: Scores
    interests: Rows

    @classmethod
    def of(cls, found: Sequence[tuple[int, float, int]]) -> "_Passing":
        ids, scores, interests = zip(*found, strict=True) if found else ((), (), ())
        return cls(
            np.array(ids, np.int64),
            np.array(scores, np.float32),
            np.array(interests, np.int64),
        )

    def best(self) -> "_Passing":
        """Those that could be chosen: the best of all, and the best of each interest."""
        order = np.argsort(-self.scores, kind="stable")
        interests = self.interests[order]
        chosen = [order[:_BEST]]
        chosen += [order[interests == one][:_BEST_OF_EACH] for one in np.unique(interests)]
        return self._at(np.unique(np.concatenate(chosen)))

    def without(self, ids: Collection[int]) -> "_Passing":
        """The others."""
        return self._at(np.flatnonzero(~np.isin(self.ids, list(ids)))) if ids else self

    def _at(self, rows: Rows) -> "_Passing":
        return _Passing(self.ids[rows], self.scores[rows], self.interests[rows])


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
        left = {
            paper_id: score
            for paper_id, score, interest in store.scores(profile, fitted.fingerprint, highest)
            if score < below and interest not in fitted.wishes.excluded
        }
        for paper_id, candidate in store.candidates_of(left).items():
            if not fitted.known.reason(candidate):
                return left[paper_id]
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


def _comparable(threshold: float) -> float:
    """A threshold as scores are compared with it, which have 24 binary digits."""
    return float(np.float32(threshold))


def _parts(found: Iterator[_One]) -> Iterator[list[_One]]:
    while some := list(islice(found, _AT_ONCE)):
        yield some
