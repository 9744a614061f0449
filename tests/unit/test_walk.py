import numpy as np
import pytest
from scipy import sparse

from recommender.model.graph import row_sums
from recommender.model.walk import Masses, Walk
from recommender.model.world import World
from recommender.papers import Paper
from recommender.testing.models import listed_on, paper_on
from tests.unit.model_worlds import held, identified, placed, world_of

SUBJECTS = ("bees", "bridges", "verse")
PAPERS = listed_on(*SUBJECTS, each=16)
ON = np.arange(48) % 3
NOBODY = sparse.csr_matrix((0, 48), dtype=np.float32)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(PAPERS)


def starting(*papers: int) -> sparse.csr_matrix:
    """Walks that start at these papers, one at each."""
    return sparse.csr_matrix(np.eye(48, dtype=np.float32)[list(papers)])


def having(*papers: int) -> list[float]:
    return [float(n in papers) for n in range(48)]


def arrived(walk: Walk, *papers: int) -> Masses:
    """What arrives everywhere from one paper each, ``(48, n)``."""
    return walk.reached(starting(*papers)).at(walk.to(np.arange(48)))


def test_each_step_goes_somewhere(world: World) -> None:
    walk = Walk.over(world, held([having(0, 3, 6), having(1), having()]))
    np.testing.assert_allclose(row_sums(walk.up), 1, rtol=1e-5)
    sums = row_sums(walk.down)
    np.testing.assert_allclose(np.delete(sums, 2), 1, rtol=1e-5)
    assert sums[2] == 0
    assert min(walk.up.data.min(), walk.down.data.min()) > 0


def test_a_walk_comes_to_papers_on_the_subject_that_it_started_at(world: World) -> None:
    found = arrived(Walk.over(world, NOBODY), 0, 1, 2)
    for subject in range(3):
        assert np.mean(found[subject == ON, subject] > 0) > 0.9
        assert found[subject != ON, subject].max() == 0


def test_a_reader_ties_papers_that_say_nothing_of_each_other(world: World) -> None:
    alone = arrived(Walk.over(world, NOBODY), 0)
    tied = arrived(Walk.over(world, held([having(0, 1)])), 0)
    assert alone[1, 0] == 0
    assert tied[1, 0] > tied[4, 0] > 0
    stronger = arrived(Walk.over(world, held([[3 * has for has in having(0, 1)]])), 0)
    assert stronger[1, 0] > tied[1, 0]


def test_a_citation_ties_them_too() -> None:
    papers = [identified(PAPERS[0], 0), identified(PAPERS[1], 1, 0), *PAPERS[2:]]
    assert arrived(Walk.over(world_of(papers), NOBODY), 0)[1, 0] > 0


def test_what_papers_hold_often_is_not_reached_the_more_for_it(world: World) -> None:
    walk = Walk.over(world, NOBODY)
    ways = walk.to(np.arange(48))
    order = np.argsort(walk.kin)
    assert (np.diff(ways.unhub[order]) <= 0).all()
    # Readers bring what is popular; whether it is for this one, their ways tell.
    with_readers = Walk.over(world, held([having(0, 3, 6)] * 5))
    np.testing.assert_array_equal(with_readers.to(np.arange(48)).unhub, ways.unhub)


def test_what_arrives_is_told_by_where_it_started(world: World) -> None:
    walk = Walk.over(world, held([having(0, 3, 6, 9), having(1, 3)]))
    newcomers = placed(world, PAPERS, [paper_on(subject, 9000) for subject in SUBJECTS])
    for ways in (walk.to(np.arange(48)), walk.to_newcomers(newcomers)):
        found = walk.reached(starting(0, 1)).at(ways)
        assert found.any(axis=0).all()
        np.testing.assert_allclose(walk.origins(ways)[:, [0, 1]], found, rtol=1e-4, atol=1e-7)


def test_a_newcomer_is_reached_as_papers_on_its_subject_are(world: World) -> None:
    walk = Walk.over(world, held([having(0, 3, 6)]))
    newcomers = [paper_on(subject, 9000) for subject in SUBJECTS]
    ways = walk.to_newcomers(placed(world, PAPERS, newcomers))
    found = walk.reached(starting(0, 1, 2)).at(ways)
    assert found.argmax(axis=0).tolist() == [0, 1, 2]
    usual = arrived(walk, 0)[ON == 0][1:, 0]
    assert usual.min() / 2 < found[0, 0] < usual.max()


def test_a_newcomer_that_nobody_holds_and_that_holds_nobody_is_not_reached(world: World) -> None:
    walk = Walk.over(world, NOBODY)
    place = placed(world, PAPERS, [Paper(title="Xyzzy plugh"), paper_on("bees", 9000)])
    found = walk.reached(starting(0)).at(walk.to_newcomers(place))
    assert found[0, 0] == 0 < found[1, 0]


def test_a_walk_over_no_paper_arrives_nowhere(world: World) -> None:
    walk = Walk.over(world, NOBODY)
    none = walk.to_newcomers(placed(world, PAPERS, []))
    assert walk.reached(starting(0)).at(none).shape == (0, 1)
    assert walk.origins(none).shape == (0, 48)
