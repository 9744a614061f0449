"""What of a saved model has to fit together; the contract of models has the rest."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from recommender.guidance import NO_GUIDANCE
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel, Learnt
from recommender.model.parts import Weights
from recommender.model.saved import VERSION, restored, saved
from recommender.model.text import count_matrix
from recommender.papers import Paper
from recommender.ports import Model
from recommender.testing.models import library_on, listed_on, paper_on

LIBRARY = library_on("bees", "verse", each=6)
LISTED = listed_on("bees", "bridges", "verse", each=10)


@pytest.fixture(scope="module")
def model() -> HybridModel:
    return HybridScorer().fit(LIBRARY, LISTED, seed=0)


def spoilt(model: HybridModel, change: Callable[[Learnt], Learnt]) -> HybridModel:
    return replace(model, learnt=change(model.learnt))


def fewer_topics(learnt: Learnt) -> Learnt:
    place = learnt.world.place
    said = replace(place.said, topics=place.said.topics[:, 1:].copy())
    return replace(learnt, world=replace(learnt.world, place=replace(place, said=said)))


def a_paper_less(learnt: Learnt) -> Learnt:
    return replace(learnt, contents=learnt.contents[:-1], cited=learnt.cited[:-1])


def a_nameless_interest(learnt: Learnt) -> Learnt:
    members = learnt.interests.members.copy()
    members[0] = len(learnt.interests.names)
    return replace(learnt, interests=replace(learnt.interests, members=members))


def own_papers_in_disorder(learnt: Learnt) -> Learnt:
    return replace(learnt, own=learnt.own[::-1].copy())


def fewer_holders(learnt: Learnt) -> Learnt:
    walk = learnt.judge.walk
    walk = replace(walk, down=walk.down[1:])
    return replace(learnt, judge=replace(learnt.judge, walk=walk))


@pytest.mark.parametrize(
    "change",
    [fewer_topics, a_paper_less, a_nameless_interest, own_papers_in_disorder, fewer_holders],
)
def test_what_does_not_fit_together_is_refused(
    model: HybridModel, change: Callable[[Learnt], Learnt]
) -> None:
    payload = saved(spoilt(model, change))
    with pytest.raises(ValueError, match="does not fit"):
        restored(payload, LIBRARY, NO_GUIDANCE, count_matrix)
    assert restored(saved(model), LIBRARY, NO_GUIDANCE, count_matrix).score(LISTED).any()


def test_a_number_that_is_none_is_refused(model: HybridModel) -> None:
    def unbound(learnt: Learnt) -> Learnt:
        bound = np.full_like(learnt.world.bound, np.nan)
        return replace(learnt, world=replace(learnt.world, bound=bound))

    with pytest.raises(ValueError, match="no number"):
        restored(saved(spoilt(model, unbound)), LIBRARY, NO_GUIDANCE, count_matrix)


def test_a_restored_model_counts_terms_as_it_is_told(model: HybridModel) -> None:
    asked: list[Sequence[Paper]] = []

    def counting(papers: Sequence[Paper]) -> sparse.csr_matrix:
        asked.append(papers)
        return count_matrix(papers)

    again = HybridScorer(counts=counting).restored(saved(model), LIBRARY)
    again.score([*LISTED, *(item.paper for item in LIBRARY.items)])
    assert asked == []
    new = [paper_on("bees", 7000)]
    again.score(new)
    assert asked == [new]


def test_newcomers_lie_where_they_lay_whoever_came_before(model: HybridModel) -> None:
    new = [paper_on(subject, n) for n in (7000, 7001) for subject in ("bees", "glass")]
    model.score(new)
    again = HybridScorer().restored(saved(model), LIBRARY)
    for some in (new[::-1], new[:1], [*new, paper_on("verse", 7000)], new[1:]):
        alone = HybridScorer().restored(saved(model), LIBRARY)
        assert np.array_equal(again.vectors(some), alone.vectors(some))
        assert again.reasons(some) == alone.reasons(some)
    # The same text that cites another paper is another newcomer.
    cited = replace(new[0], references=LISTED[0].ids)
    assert again.reasons([cited]) == HybridScorer().restored(saved(model), LIBRARY).reasons([cited])


def test_the_name_tells_the_version_and_the_weights_apart() -> None:
    prior = Weights.prior(100, tastes=True)
    names = [HybridScorer(given).name for given in (None, prior, replace(prior, walk=0.1))]
    assert len(set(names)) == 3
    assert all(str(VERSION) in name for name in names)


def test_another_scorers_model_cannot_be_saved() -> None:
    class Another:
        pass

    other: Model = Another()  # type: ignore[assignment]
    with pytest.raises(TypeError, match="Another"):
        HybridScorer().saved(other)


def test_a_saved_model_takes_some_kilobytes_for_each_paper(model: HybridModel) -> None:
    n = len(LIBRARY.items) + len(LISTED)
    assert len(saved(model)) < n * 6000
