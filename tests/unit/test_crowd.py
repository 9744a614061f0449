import numpy as np
import pytest

from recommender.model.crowd import Crowd
from recommender.model.parts import Weights
from recommender.model.world import World
from recommender.testing.models import listed_on
from tests.unit.model_worlds import held, world_of

# Papers on three subjects in turn, and four readers of each subject who have half of its papers.
PAPERS = listed_on("bees", "bridges", "verse", each=20)
EVERYBODY, EVERYTHING = np.arange(12), np.arange(60)
HAD = np.array([[n % 3 == r % 3 and (n // 3 + r // 3) % 2 for n in range(60)] for r in range(12)])
SILENT = dict.fromkeys(Weights.prior(60, tastes=True).told(), 0.0)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(PAPERS)


@pytest.fixture(scope="module")
def crowd(world: World) -> Crowd:
    return Crowd.fit(world, held(HAD.tolist()), seed=0)


def test_everybody_gets_what_they_lack_of_their_subject(crowd: Crowd) -> None:
    ranked = crowd.ranked(EVERYBODY, EVERYTHING, 10)
    assert ranked.shape == (12, 10)
    assert (ranked % 3 == EVERYBODY[:, None] % 3).mean() > 0.95
    for reader, best in enumerate(ranked):
        assert len(set(best.tolist())) == 10
        assert not HAD[reader, best].any()


def test_only_candidates_are_ranked(crowd: Crowd) -> None:
    candidates = np.array([41, 3, 50, 20, 0, 12, 33, 59])
    ranked = crowd.ranked(np.array([0, 2]), candidates, 2)
    assert set(ranked.ravel().tolist()) <= set(candidates.tolist())
    assert (ranked % 3).tolist() == [[0, 0], [2, 2]]


def test_a_reader_is_served_the_same_whoever_is_served_with_them(crowd: Crowd) -> None:
    together = crowd.ranked(EVERYBODY, EVERYTHING, 10)
    for reader in (0, 7):
        alone = crowd.ranked(np.array([reader]), EVERYTHING, 10)
        np.testing.assert_array_equal(alone[0], together[reader])
    assert crowd.ranked(EVERYBODY[:0], EVERYTHING, 10).shape == (0, 10)


def test_the_number_of_threads_changes_nothing(world: World, crowd: Crowd) -> None:
    other = Crowd.fit(world, held(HAD.tolist()), seed=0, n_threads=3)
    np.testing.assert_array_equal(
        other.ranked(EVERYBODY, EVERYTHING, 20, n_threads=3),
        crowd.ranked(EVERYBODY, EVERYTHING, 20),
    )


@pytest.mark.parametrize("part", ["walk", "tastes", "words"])
def test_each_part_alone_ranks_and_more_of_a_part_changes_nothing(world: World, part: str) -> None:
    once, twice = (
        Crowd.fit(world, held(HAD.tolist()), 0, weights=Weights.read({**SILENT, part: weight}))
        for weight in (1.0, 2.0)
    )
    ranked = once.ranked(EVERYBODY, EVERYTHING, 5)
    assert (ranked % 3 == EVERYBODY[:, None] % 3).mean() > 0.9
    np.testing.assert_array_equal(twice.ranked(EVERYBODY, EVERYTHING, 5), ranked)


def test_the_weights_are_the_prior_unless_others_are_given(world: World, crowd: Crowd) -> None:
    assert crowd.weights == Weights.prior(60, tastes=True)
    assert crowd.weights.tastes > 0
    mine = Weights.read({**SILENT, "walk": 1.0})
    assert Crowd.fit(world, held(HAD.tolist()), 0, weights=mine).weights == mine


def test_who_has_nothing_is_still_given_a_ranking(world: World) -> None:
    nobody = Crowd.fit(world, held([[0.0] * 60] * 2), seed=0)
    ranked = nobody.ranked(np.arange(2), EVERYTHING, 60)
    assert [sorted(best.tolist()) for best in ranked] == [EVERYTHING.tolist()] * 2
