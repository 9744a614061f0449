"""Which candidates become suggestions. Pure: scores in, a choice and a count of the rest out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """The best few candidates, with a place for each main interest, as far as there are places.

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
    chosen = _served(distinct, scores, vectors, interests, wishes, wishes.limit - explore)
    choices = [Choice(row) for row in sorted(chosen, key=lambda row: (-scores[row], row))]
    if explore:
        spare = _without(distinct, chosen)
        widening = _away(spare, chosen, scores, vectors, _GOOD_TO_EXPLORE)
        choices.append(Choice(widening, exploring=True))
    dropped[Dropped.NO_PLACE] = len(distinct) - len(choices)
    return Selection(tuple(choices), {why: n for why, n in dropped.items() if n})


_ENOUGH = 20
_MOST_COMPARED = 500
_LEAST_TO_EXPLORE = 4  # with fewer places each is needed for what the reader is known to want
_GOOD_TO_SERVE, _GOOD_TO_EXPLORE = 2.0, 1.5  # how much being good counts beside being away


def _served(
    rows: Sequence[int],
    scores: Scores,
    vectors: Vectors,
    interests: Rows,
    wishes: Wishes,
    limit: int,
) -> list[int]:
    """Two places of five go to the best, as far as each main interest still gets one.

    Then come the main interests that have none. What scores best of such a one often lies between
    it and one that is served, so it is shown by what lies away from that. The other places go to
    the best, where an interest served often must do better.

    Args:
        rows: Candidates, best first.
        scores: Of all candidates.
        vectors: Of all candidates.
        interests: Of all candidates.
        wishes: ``limit`` is how many are chosen in all.
        limit: How many to choose here.
    """
    waiting = {i for row in rows if 0 <= (i := int(interests[row])) < wishes.main_interests}
    served = Counter[int]()
    chosen: list[int] = []

    def choose(row: int) -> None:
        chosen.append(row)
        served[int(interests[row])] += 1
        waiting.discard(int(interests[row]))

    for row in rows[: wishes.limit * 2 // 5]:
        if len(chosen) + 1 + len(waiting - {int(interests[row])}) > limit:
            break
        choose(row)
    while waiting and len(chosen) < limit:
        for_them = [row for row in rows if int(interests[row]) in waiting]
        choose(_away(for_them, chosen, scores, vectors, _GOOD_TO_SERVE))
    left = _without(rows, chosen)
    while left and len(chosen) < limit:
        best = max(left, key=lambda r: scores[r] * wishes.patience ** served[int(interests[r])])
        choose(best)
        left.remove(best)
    return chosen


def _away(
    rows: Sequence[int], chosen: Sequence[int], scores: Scores, vectors: Vectors, good: float
) -> int:
    """The row that adds most beside the chosen ones: good, and away from all of them.

    Maximal marginal relevance (Carbonell and Goldstein 1998), as a product in which being good
    counts for more.
    """
    near = (vectors[rows] @ vectors[chosen].T).max(axis=1, initial=0)
    return rows[int(np.argmax(scores[rows] ** good * (1 - near)))]


def _without(rows: Sequence[int], taken: Sequence[int]) -> list[int]:
    gone = set(taken)
    return [row for row in rows if row not in gone]
