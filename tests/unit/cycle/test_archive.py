"""What a run costs does not grow with all that was ever suggested."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import cycle
from recommender.cycle import remembering
from recommender.cycle.remembering import latest
from recommender.library import Library
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.papers import Paper
from recommender.store import Store
from recommender.suggestions import Dislike, Shown, State, Suggestion
from recommender.testing.models import paper_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW


def shown(number: int, state: State) -> Shown:
    suggestion = Suggestion(
        suggestion_id=f"{number:016x}",
        paper=paper_on("bees", 10_000 + number),
        rank=1,
        score=0.5,
        reasons=(),
        source="monday",
        interest="",
        suggested_at=NOW - timedelta(days=1000 - number),
    )
    return Shown(suggestion=suggestion, state=state)


class Watching(HybridScorer):
    """The real scorer, which lets a test see what it learns from, and among what."""

    learnt: ClassVar[list[tuple[int, list[Paper]]]] = []

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        dislikes: Sequence[Dislike] = (),
        **more: Any,
    ) -> HybridModel:
        self.learnt.append((len(listed), [one.paper for one in dislikes]))
        return super().fit(library, listed, dislikes=dislikes, **more)


@given(st.lists(st.sampled_from(State), max_size=40), st.integers(0, 10))
def test_the_last_ones_of_each_state_are_left_in_their_order(states: list[State], n: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(remembering, "N_SHOWN", n)
        every = [shown(number, state) for number, state in enumerate(states)]
        found = latest(every)
    assert found == [one for one in every if one in found]
    counts = Counter(one.state for one in found)
    assert counts == +Counter({state: min(n, m) for state, m in Counter(states).items()})
    for state in State:
        of_it = [one for one in every if one.state is state]
        assert [one for one in found if one.state is state] == of_it[len(of_it) - counts[state] :]


def test_a_model_is_learnt_from_the_last_ones_and_all_of_them_stay_away(
    profile: cycle.Profile, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "N_SHOWN", 3)
    monkeypatch.setattr(Watching, "learnt", [])
    every = [shown(number, State.DISMISSED) for number in range(12)]
    suggestions = [one.suggestion for one in every]
    store.add_suggestions("ada", suggestions, publishers=(), at=NOW)
    states = {one.suggestion_id: State.DISMISSED for one in suggestions}
    store.record_learnt(states, seen=(), retire=(), at=NOW)
    [source] = profile.sources
    assert isinstance(source, FakeSource)
    unlisted = replace(profile, publishers=())
    cycle.run(unlisted, Watching(), store, now=TOMORROW)
    [(n_among, dislikes)] = Watching.learnt
    assert dislikes == [one.paper for one in suggestions[-3:]]
    assert n_among == 18 + 3
    source.publish(*(one.paper for one in suggestions), name="again")
    record = cycle.run(unlisted, Watching(), store, now=TOMORROW + timedelta(days=1))
    assert record.excluded[cycle.DISMISSED] == 12
