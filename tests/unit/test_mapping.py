import itertools
import time
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.arrays import Rows, Vectors, unit
from recommender.model.mapping import Layout, Places
from recommender.testing.models import paper_on
from tests.unit.model_worlds import world_of

SUBJECTS = ("bees", "bridges", "verse", "glass")


def drawn(vectors: Vectors, interests: Rows) -> Places:
    return Layout.of(vectors, interests).at(vectors, interests)


def groups_in_space(
    n: int, k: int, seed: int, *, d: int = 30, spread: float = 0.3
) -> tuple[Vectors, Rows]:
    """``n`` papers of ``k`` interests, each around a point of its own."""
    draw = np.random.default_rng(seed)
    interests = np.concatenate([np.arange(k), draw.integers(0, k, n - k)])
    points = draw.normal(size=(k, d))[interests] + spread * draw.normal(size=(n, d))
    return unit(points), interests


@st.composite
def libraries(draw: st.DrawFn) -> tuple[Vectors, Rows]:
    k = draw(st.integers(1, 8))
    n = draw(st.integers(k, 60))
    vectors, interests = groups_in_space(
        n, k, draw(st.integers(0, 99)), d=draw(st.integers(1, 20)), spread=draw(st.floats(0, 3))
    )
    if draw(st.booleans()):
        # Papers without a place, and papers that are one and the same.
        vectors[draw(st.lists(st.integers(0, n - 1)))] = 0
        vectors[draw(st.lists(st.integers(0, n - 1)))] = vectors[0]
    return vectors, interests


@given(libraries())
def test_papers_lie_in_the_disc_of_their_interest_and_discs_apart_in_the_square(
    library: tuple[Vectors, Rows],
) -> None:
    vectors, interests = library
    layout = Layout.of(vectors, interests)
    places = layout.at(vectors, interests)
    assert places.shape == (len(vectors), 2)
    assert np.isfinite(places).all()
    off = np.linalg.norm(places - layout.centres[interests], axis=1)
    assert (off <= layout.radii[interests] + 1e-9).all()
    assert (layout.radii > 0).all()
    assert (layout.centres - layout.radii[:, None] >= -1e-9).all()
    assert (layout.centres + layout.radii[:, None] <= 1 + 1e-9).all()
    for one, other in itertools.combinations(range(len(layout.radii)), 2):
        apart = np.linalg.norm(layout.centres[one] - layout.centres[other])
        assert apart >= layout.radii[one] + layout.radii[other] - 1e-9


@given(libraries(), st.randoms(use_true_random=False))
def test_the_order_of_papers_changes_nothing(library: tuple[Vectors, Rows], random: Random) -> None:
    vectors, interests = library
    order = list(range(len(vectors)))
    random.shuffle(order)
    expected = drawn(vectors, interests)
    np.testing.assert_allclose(drawn(vectors[order], interests[order]), expected[order], atol=1e-6)
    assert drawn(vectors, interests).tobytes() == expected.tobytes()


def test_papers_on_one_subject_lie_nearer_than_papers_on_two() -> None:
    papers = [paper_on(subject, n) for subject in SUBJECTS for n in range(12)]
    interests = np.repeat(np.arange(len(SUBJECTS)), 12)
    places = drawn(world_of(papers).place.vectors, interests)
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    same = interests[:, None] == interests
    assert distances[same].mean() * 1.5 < distances[~same].mean()
    assert distances[~same].min() > 0


def test_interests_that_are_alike_are_neighbours() -> None:
    draw = np.random.default_rng(0)
    hearts = np.eye(4, 12)
    # The first two are alike, and the last two.
    hearts[1] += 0.9 * hearts[0]
    hearts[3] += 0.9 * hearts[2]
    interests = np.repeat(np.arange(4), 20)
    vectors = unit(hearts[interests] + 0.1 * draw.normal(size=(80, 12)))
    centres = Layout.of(vectors, interests).centres
    distances = np.linalg.norm(centres[:, None] - centres, axis=2)
    assert max(distances[0, 1], distances[2, 3]) < distances[:2, 2:].min()


def test_a_paper_lies_on_the_side_of_the_interest_that_it_leans_to() -> None:
    vectors, interests = groups_in_space(90, 3, 1, d=12)
    layout = Layout.of(vectors, interests)
    for one, other in itertools.permutations(range(3), 2):
        leaning = unit(0.75 * layout.means[[one]] + 0.25 * layout.means[[other]])
        place = layout.at(leaning, np.array([one]))[0] - layout.centres[one]
        assert place @ (layout.centres[other] - layout.centres[one]) > 0


def test_what_is_in_no_interest_lies_in_the_nearest_and_what_is_new_disturbs_nothing() -> None:
    vectors, interests = groups_in_space(40, 4, 2)
    layout = Layout.of(vectors, interests)
    nowhere = np.full(len(vectors), -1)
    assert layout.at(vectors, nowhere).tobytes() == layout.at(vectors, interests).tobytes()
    some = layout.at(vectors[3:9], interests[3:9])
    np.testing.assert_allclose(some, layout.at(vectors, interests)[3:9], atol=1e-6)
    assert layout.at(vectors[:0], interests[:0]).shape == (0, 2)


def test_one_paper_lies_in_the_middle() -> None:
    vectors, interests = groups_in_space(1, 1, 0)
    np.testing.assert_allclose(drawn(vectors, interests), [[0.5, 0.5]])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_all_papers_are_alike_interests_are_apart_all_the_same(value: float) -> None:
    interests = np.array([0, 0, 1, 1, 2])
    places = drawn(unit(np.full((5, 10), value, np.float32)), interests)
    assert len(np.unique(places.round(3), axis=0)) == 3


def test_a_large_library_is_laid_out_in_a_moment() -> None:
    vectors, interests = groups_in_space(5000, 8, 0, d=384, spread=1.0)
    begun = time.thread_time()
    drawn(vectors, interests)
    assert time.thread_time() - begun < 0.5  # 0.07 s on an idle machine
