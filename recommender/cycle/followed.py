"""The channel beside the ranking: what was listed lately of whom and what the reader follows."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from recommender.cycle.choosing import Scored, suggestions
from recommender.cycle.fitting import Fitted
from recommender.cycle.scoring import Looked
from recommender.following import Following
from recommender.ingest import Candidate, first_versions
from recommender.selection import Choice, Dropped
from recommender.store import Store
from recommender.suggestions import Suggestion

LATELY = timedelta(days=30)
"""How long after it was first listed a paper is news."""


def followed(following: Following, fitted: Fitted, store: Store, now: datetime) -> Scored:
    """The papers to suggest for being followed, best first, at most ``following.limit``.

    They come whatever the model says of them, unless they are in an interest that is excluded.

    Args:
        following: What the reader follows.
        fitted: What scores them, and what the reader knows.
        store: Holds what was listed.
        now: When this is.

    Raises:
        StoreError: If the store cannot be used.
    """
    if not following.wanted or not following.limit:
        return _NOBODY
    found = _distinct(
        [
            candidate
            for candidate in store.candidates_since(now - LATELY)
            if following.follows(candidate.paper) and not fitted.known.reason(candidate)
        ]
    )
    scored = Scored.by(fitted.model, found)
    order = np.argsort(-np.nan_to_num(scored.scores, nan=-1.0), kind="stable")
    kept = [row for row in order if int(scored.interests[row]) not in fitted.wishes.excluded]
    return scored[np.array(kept[: following.limit], np.int64)]


def without(looked: Looked, taken: Scored, threshold: float) -> Looked:
    """What is left to choose from, and counted, where some papers are suggested anyhow.

    Their other versions are not chosen, either; they are counted as such.
    """
    if not taken.candidates:
        return looked
    offered = looked.scored.candidates
    n_taken = len(taken.candidates)
    firsts = first_versions(one.paper for one in (*taken.candidates, *offered))[n_taken:]
    left = [row for row, first in enumerate(firsts) if first >= n_taken]
    # Which of them were offered, and which others are versions of them.
    own = {*taken.candidates}.intersection(offered)
    n_others = len(offered) - len(left) - len(own)
    rest = looked.excluded + Counter({Dropped.OTHER_VERSION.value: n_others})
    rest.subtract(
        _counted_as(float(score), threshold)
        for candidate, score in zip(taken.candidates, taken.scores, strict=True)
        if candidate not in own
    )
    return Looked(looked.scored[np.array(left, np.int64)], +rest)


def beside(
    chosen: Sequence[Suggestion],
    taken: Scored,
    following: Following,
    fitted: Fitted,
    profile: str,
    ids: Collection[str],
    at: datetime,
) -> tuple[Suggestion, ...]:
    """The suggestions for what is followed, ranked behind those that were chosen.

    Args:
        chosen: Of the ranking.
        taken: What ``followed`` gave.
        following: What the reader follows.
        fitted: What scored them.
        profile: The profile's name.
        ids: Those of earlier suggestions.
        at: When they are made.
    """
    if not taken.candidates:
        return ()
    choices = [Choice(row) for row in range(len(taken.candidates))]
    others = {*ids, *(one.suggestion_id for one in chosen)}
    made = suggestions(taken, fitted.model, choices, profile, others, at)
    return tuple(
        replace(one, rank=len(chosen) + one.rank, followed=following.follows(one.paper))
        for one in made
    )


_NOBODY = Scored([], np.zeros(0, np.float32), np.zeros(0, np.int64))


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Each paper once, though several of its versions were listed as papers of their own."""
    firsts = first_versions(candidate.paper for candidate in candidates)
    return [one for row, one in enumerate(candidates) if firsts[row] == row]


def _counted_as(score: float, threshold: float) -> str:
    """As what a paper was counted that was not among those to choose from."""
    if np.isnan(score):
        return Dropped.NO_OPINION.value
    is_below = np.float32(score) < np.float32(threshold)
    return (Dropped.BELOW_THRESHOLD if is_below else Dropped.NO_PLACE).value
