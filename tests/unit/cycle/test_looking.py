"""What there is to choose from is what reading every paper back would give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import patch

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from recommender.cycle import scoring
from recommender.cycle.choosing import IN_LIBRARY
from recommender.cycle.fitting import Fitted
from recommender.ingest import Candidate, Place, candidate_of
from recommender.papers import Paper
from recommender.selection import Dropped, Wishes
from recommender.store import Store
from recommender.store.learnt import SavedModel

AT = datetime(2024, 5, 6, tzinfo=UTC)
THRESHOLD = 0.25
BEST, OF_EACH = 3, 1

SAID = st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.integers(0, 2), st.booleans())
"""Of a listed paper its score, its interest, and whether the reader knows it."""


@dataclass
class Knowing:
    """A reader who knows some titles; it counts how many papers it was asked for."""

    titles: frozenset[str]
    n_asked: int = 0

    def reason(self, candidate: Candidate) -> str:
        self.n_asked += 1
        return IN_LIBRARY if candidate.paper.title in self.titles else ""


@dataclass
class Fit:
    """What ``looked`` asks of a model that has said all that it has to say."""

    known: Knowing
    wishes: Wishes = field(default_factory=lambda: Wishes(threshold=THRESHOLD))
    fingerprint: str = "f00d"
    model: Any = None


def looked(said: Sequence[tuple[float, int, bool]]) -> tuple[scoring.Looked, Knowing]:
    papers = [Paper(title=f"Paper {n}") for n in range(len(said))]
    places = [Place("s", "monday", n + 1) for n in range(len(said))]
    known = Knowing(
        frozenset(p.title for p, (*_, is_known) in zip(papers, said, strict=True) if is_known)
    )
    with Store.open(None) as store:
        store.save_listed(
            [candidate_of((p,), (at,)) for p, at in zip(papers, places, strict=True)],
            watermarks={},
            at=AT,
        )
        store.save_model("me", SavedModel(1, "f00d", AT, b""))
        store.save_scores("me", "f00d", [(n, s, i) for n, (s, i, _) in enumerate(said, start=1)])
        return scoring.looked("me", cast("Fitted", Fit(known)), store), known


@given(st.lists(SAID, max_size=24))
def test_it_is_the_best_of_what_is_new_whatever_is_known(
    said: list[tuple[float, int, bool]],
) -> None:
    with patch.object(scoring, "_BEST", BEST), patch.object(scoring, "_BEST_OF_EACH", OF_EACH):
        found, known = looked(said)

    passing = [n for n, (score, *_) in enumerate(said) if score >= THRESHOLD]
    new = sorted((n for n in passing if not said[n][2]), key=lambda n: -said[n][0])
    best = set(new[:BEST])
    for interest in range(3):
        best |= set([n for n in new if said[n][1] == interest][:OF_EACH])
    assert [c.paper.title for c in found.scored.candidates] == [f"Paper {n}" for n in sorted(best)]
    assert found.scored.scores.tolist() == [said[n][0] for n in sorted(best)]
    assert found.scored.interests.tolist() == [said[n][1] for n in sorted(best)]
    assert found.excluded[Dropped.BELOW_THRESHOLD.value] == len(said) - len(passing)
    assert len(best) + found.excluded.total() == len(said)
    assert known.n_asked == len(best) + found.excluded[IN_LIBRARY]
    event(f"read: {known.n_asked < len(passing)}")


def test_what_has_no_chance_is_not_read_back() -> None:
    n = 2000
    scores = np.linspace(0.3, 1.0, n).tolist()
    found, known = looked([(score, 0, False) for score in scores])
    assert known.n_asked == len(found.scored.candidates) == 500
    assert found.excluded == {Dropped.NO_PLACE.value: n - 500}
