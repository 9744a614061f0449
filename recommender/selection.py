"""Which candidates become suggestions. Pure: scores in, a choice and a count of the rest out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from recommender.arrays import Rows, Scores, Vectors


class Dropped(StrEnum):
    """Why a candidate was not suggested."""

    NO_OPINION = "no opinion: nothing in it that the library knows"
    BELOW_THRESHOLD = "below the threshold"
    EXCLUDED = "in an interest that you exclude"
    OTHER_VERSION = "another version of a better one"
    TOO_SIMILAR = "too similar to a better one"
    NO_PLACE = "no place left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How the reader wants suggestions to be chosen.

    Attributes:
        limit: How many at the most.
        threshold: The least score; NaN leaves it to the model.
        explore: Keep the last place for a good paper away from the main interests.
        too_similar: Cosine similarity in [0, 1] above which two papers are one too many.
        main_interests: How many interests get a place each before any gets a second.
        patience: In (0, 1]; each suggestion for an interest lowers what a further one for the same
            interest counts by this factor, so that the others are served as well.
        excluded: Numbers of the interests for which nothing is suggested.
    """

    limit: int = 10
    threshold: float = float("nan")
    explore: bool = True
    too_similar: float = 0.95
    main_interests: int = 8
    patience: float = 0.6
    excluded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen candidate.

    Attributes:
        row: Which of the candidates.
        exploring: Chosen to widen the view.
    """

    row: int
    exploring: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen, best first, and why the rest was not."""

    chosen: tuple[Choice, ...]
    dropped: Mapping[Dropped, int]


def select(
    scores: Scores,
    vectors: Vectors,
    interests: Rows,
    works: Rows,
    wishes: Wishes,
) -> Selection:
    """The best few candidates, each main interest served before any is served twice.

    Every candidate is either chosen or counted under one reason. Equal scores keep the candidates'
    order.

    Args:
        scores: ``(n,)``; NaN = no opinion.
        vectors: ``(n, d)``, where the candidates lie; rows of length 1.
        interests: ``(n,)``, the interest that each serves, main ones numbered first; -1 = none.
        works: ``(n,)``; candidates with the same number are versions of one work.
        wishes: ``threshold`` is not NaN.
    """
    order = [int(r) for r in np.argsort(-scores, kind="stable") if not np.isnan(scores[r])]
    dropped = Counter({Dropped.NO_OPINION: len(scores) - len(order)})
    passing = [r for r in order if scores[r] >= wishes.threshold]
    dropped[Dropped.BELOW_THRESHOLD] = len(order) - len(passing)
    wanted = [r for r in passing if int(interests[r]) not in wishes.excluded]
    dropped[Dropped.EXCLUDED] = len(passing) - len(wanted)

    distinct: list[int] = []
    taken: set[int] = set()
    for row in wanted:
        if int(works[row]) in taken:
            dropped[Dropped.OTHER_VERSION] += 1
            continue
        # Only what could still be chosen is compared: enough for every interest and a spare each.
        if len(distinct) < min(_ENOUGH * wishes.limit, _MOST_COMPARED) + wishes.main_interests:
            near = vectors[distinct] @ vectors[row] if distinct else np.zeros(0)
            if (near > wishes.too_similar).any():
                dropped[Dropped.TOO_SIMILAR] += 1
                continue
        distinct.append(row)
        taken.add(int(works[row]))

    explore = wishes.explore and len(distinct) > wishes.limit >= _LEAST_TO_EXPLORE
    places = replace(wishes, limit=wishes.limit - explore)
    chosen = _served(distinct, scores, interests, places)
    choices = [Choice(row) for row in sorted(chosen, key=lambda row: (-scores[row], row))]
    if explore:
        choices.append(Choice(_away_from(chosen, distinct, scores, vectors), exploring=True))
    dropped[Dropped.NO_PLACE] = len(distinct) - len(choices)
    return Selection(tuple(choices), {why: n for why, n in dropped.items() if n})


_ENOUGH = 20
_MOST_COMPARED = 500
_LEAST_TO_EXPLORE = 4  # with fewer places each is needed for what the reader is known to want


def _served(rows: Sequence[int], scores: Scores, interests: Rows, wishes: Wishes) -> list[int]:
    """One for each main interest; then the best, where an interest served often must do better.

    Args:
        rows: Candidates, best first.
        scores: Of all candidates.
        interests: Of all candidates.
        wishes: ``limit`` is how many to choose here.
    """
    first: dict[int, int] = {}
    for row in rows:
        if 0 <= interests[row] < wishes.main_interests:
            first.setdefault(int(interests[row]), row)
    chosen = list(first.values())[: wishes.limit]
    served = Counter(int(interests[row]) for row in chosen)
    left = _without(rows, chosen)
    while left and len(chosen) < wishes.limit:
        best = max(left, key=lambda r: scores[r] * wishes.patience ** served[int(interests[r])])
        chosen.append(best)
        left.remove(best)
        served[int(interests[best])] += 1
    return chosen


def _away_from(chosen: Sequence[int], rows: Sequence[int], scores: Scores, vectors: Vectors) -> int:
    """The candidate that adds most beside the chosen ones: good, and away from all of them.

    Maximal marginal relevance (Carbonell and Goldstein 1998), as a product in which being good
    counts for more.
    """
    spare = _without(rows, chosen)
    novelty = 1 - (vectors[spare] @ vectors[list(chosen)].T).max(axis=1)
    return spare[int(np.argmax(scores[spare] ** 1.5 * novelty))]


def _without(rows: Sequence[int], taken: Sequence[int]) -> list[int]:
    gone = set(taken)
    return [row for row in rows if row not in gone]
