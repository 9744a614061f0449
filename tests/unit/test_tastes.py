import numpy as np
import pytest

from recommender.model.tastes import Tastes
from recommender.model.world import World
from recommender.testing.models import listed_on, paper_on
from tests.unit.model_worlds import held, placed, world_of

# Papers on two subjects in turn: 0, 2, 4, ... on bees, 1, 3, 5, ... on verse.
PAPERS = listed_on("bees", "verse", each=40)
_HALVES = (range(40), range(40, 80))


def checkerboard() -> list[list[float]]:
    """Readers of one half of the papers or the other, whatever they are on; each lacks a few."""
    return [
        [float(n in half and n % 10 != reader) for n in range(80)]
        for half in _HALVES
        for reader in range(8)
    ]


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(PAPERS)


def test_who_keeps_one_half_is_drawn_to_what_they_lack_of_it(world: World) -> None:
    tastes = Tastes.fit(held(checkerboard()), world, seed=0)
    drawn = tastes.readers @ tastes.papers.T
    lacking, other = drawn[0, [10, 20, 30]], drawn[0, 40:]
    assert lacking.min() > other.max() + 0.3
    assert drawn[8, 40] > drawn[8, :40].max() + 0.3


def test_a_paper_that_nobody_has_is_drawn_to_those_who_keep_its_like(world: World) -> None:
    of_bees = [float(n % 2 == 0 and n < 60) for n in range(80)]
    of_verse = [float(n % 2 == 1 and n < 60) for n in range(80)]
    tastes = Tastes.fit(held([of_bees] * 3 + [of_verse] * 3), world, seed=0)
    drawn = tastes.papers @ tastes.readers[0]
    assert drawn[60::2].min() > drawn[61::2].max()
    newcomers = placed(world, PAPERS, [paper_on("bees", 9000), paper_on("verse", 9000)])
    bees, verse = tastes.mapped(newcomers.vectors) @ tastes.readers[0]
    assert bees > verse + 0.3
    np.testing.assert_allclose(
        tastes.mapped(world.place.vectors[60:]), tastes.papers[60:], atol=1e-5
    )


def test_what_is_unwanted_repels_the_more_the_more_surely(world: World) -> None:
    drawn = []
    for surely in (0.0, 0.1, 1.0):
        rows = checkerboard()
        rows[0][20] = -surely
        tastes = Tastes.fit(held(rows), world, seed=0)
        drawn.append(float(tastes.readers[0] @ tastes.papers[20]))
    assert drawn[0] > drawn[1] > drawn[2] + 0.1


def test_tastes_are_alike_that_keep_the_same_and_no_other_is(world: World) -> None:
    tastes = Tastes.fit(held(checkerboard()), world, seed=0)
    alike = tastes.alike(tastes.readers[0])
    assert alike[0] == pytest.approx(1)
    assert alike[1:8].min() > alike[8:].max() + 0.3
    assert alike.min() >= 0
    assert alike.max() <= 1
    assert not tastes.alike(-tastes.readers[0])[:8].any()
    np.testing.assert_allclose(tastes.alike(9 * tastes.readers[0]), alike, atol=1e-6)
    assert not tastes.alike(np.zeros_like(tastes.readers[0])).any()


def test_neither_threads_nor_another_fit_before_change_anything(world: World) -> None:
    one, other = (Tastes.fit(held(checkerboard()), world, 3, n_threads=n) for n in (1, 4))
    assert one.readers.tobytes() == other.readers.tobytes()
    assert one.papers.tobytes() == other.papers.tobytes()


def test_readers_of_nothing_have_no_taste(world: World) -> None:
    tastes = Tastes.fit(held([[0.0] * 80] * 2), world, seed=0)
    assert not tastes.readers.any()
    assert not tastes.papers.any()
    assert not tastes.alike(tastes.readers[0]).any()


def test_two_papers_are_enough() -> None:
    small = world_of(PAPERS[:2])
    tastes = Tastes.fit(held([[1, 0], [1, 1]]), small, seed=0)
    assert tastes.readers.shape == tastes.papers.shape == (2, 1)
    assert np.isfinite(tastes.papers).all()
