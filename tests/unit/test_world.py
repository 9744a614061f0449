from dataclasses import replace

import numpy as np
import pytest

from recommender.model.graph import row_sums
from recommender.model.world import World, borrowed, n_near
from recommender.papers import Paper
from recommender.testing.models import listed_on, paper_on
from tests.unit.model_worlds import dense, identified, placed, world_of

SUBJECTS = ("bees", "bridges", "verse")
PAPERS = [
    identified(paper, n, *([n - 3] if n >= 30 else []))
    for n, paper in enumerate(listed_on(*SUBJECTS, each=20))
]


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(PAPERS)


def test_the_nearest_are_on_the_same_subject_and_never_the_paper_itself(world: World) -> None:
    near = dense(world.place.near)
    subject = np.arange(60) % 3
    assert (near > 0).sum(axis=1).tolist() == [n_near(60)] * 60
    assert not near[subject[:, None] != subject].any()
    assert not near.diagonal().any()
    assert near.max() <= 1 + borrowed(60)
    np.testing.assert_array_equal(near.T, dense(world.place.nears))


def test_rows_have_length_1_and_a_paper_that_says_nothing_lies_nowhere() -> None:
    silent = Paper(title="???")
    place = world_of([*PAPERS, silent]).place
    for rows in (place.vectors, place.said.topics):
        lengths = np.linalg.norm(rows, axis=1)
        np.testing.assert_allclose(lengths[:-1], 1, atol=1e-5)
        assert lengths[-1] == 0
    assert not dense(place.near)[-1].any()
    assert not dense(place.near)[:, -1].any()


def test_a_small_world_has_fewer_nearest_and_lends_topics_more() -> None:
    assert [n_near(n) for n in (0, 1, 20, 60, 600, 10_000)] == [1, 1, 1, 4, 40, 40]
    lent = [borrowed(n) for n in (0, 500, 1000, 10_000)]
    assert lent == pytest.approx([0.4, 0.4, 0.2, 0.02])


def test_citations_tie_both_ways(world: World) -> None:
    links = dense(world.place.links)
    np.testing.assert_array_equal(links, links.T)
    assert np.flatnonzero(links[30]).tolist() == [27, 33]


def test_a_newcomer_with_a_members_text_lies_where_it_does(world: World) -> None:
    place = placed(world, PAPERS, PAPERS[:6])
    np.testing.assert_allclose(place.said.topics, world.place.said.topics[:6], atol=1e-5)
    for row, near in enumerate(dense(place.near)):
        assert int(near.argmax()) == row
        assert near[row] == pytest.approx(1 + borrowed(60), abs=0.05)


def test_a_newcomer_lies_the_same_whoever_comes_with_it(world: World) -> None:
    papers = [*listed_on(*SUBJECTS, each=3), paper_on("glass", 1)]
    together = placed(world, PAPERS, papers)
    for row, paper in enumerate(papers):
        alone = placed(world, PAPERS, [paper])
        np.testing.assert_allclose(alone.vectors[0], together.vectors[row], atol=1e-6)
        np.testing.assert_allclose(dense(alone.near)[0], dense(together.near)[row], atol=1e-6)
        np.testing.assert_allclose(dense(alone.nears)[0], dense(together.nears)[row], atol=1e-6)


def test_a_newcomer_is_among_the_nearest_of_those_to_whom_it_is_closer_than_the_last(
    world: World,
) -> None:
    papers = [paper_on("bees", 7000 + n) for n in range(8)]
    place = placed(world, PAPERS, papers)
    near, nears = dense(place.near), dense(place.nears)
    last = [row[row > 0].min() for row in dense(world.place.near)]
    np.testing.assert_array_equal(nears, np.where(near > last, near, 0))
    assert 0 < np.count_nonzero(nears) < np.count_nonzero(near)


def test_a_newcomer_is_tied_to_what_it_cites_and_what_cites_it(world: World) -> None:
    cited = replace(identified(paper_on("glass", 2), 77), references=PAPERS[4].ids)
    assert np.flatnonzero(dense(placed(world, PAPERS, [cited]).links)[0]).tolist() == [4]
    corpus = [*PAPERS[:-1], replace(PAPERS[-1], references=cited.ids)]
    there = placed(world, corpus, [cited])
    assert np.flatnonzero(dense(there.links)[0]).tolist() == [4, 59]


def test_a_newcomer_of_whom_nothing_is_known_is_near_nobody(world: World) -> None:
    place = placed(world, PAPERS, [Paper(title="Xyzzy plugh")])
    assert not place.vectors.any()
    assert (place.near.nnz, place.nears.nnz, place.links.nnz) == (0, 0, 0)
    assert placed(world, PAPERS, []).vectors.shape == (0, world.place.vectors.shape[1])


def test_a_part_keeps_the_ties_between_its_papers(world: World) -> None:
    rows = np.array([33, 0, 30, 3, 6])
    part = world.part(rows)
    assert len(part) == 5
    for name in ("near", "nears", "links"):
        whole = dense(getattr(world.place, name))
        np.testing.assert_array_equal(dense(getattr(part.place, name)), whole[np.ix_(rows, rows)])
    among = world.among(rows)
    np.testing.assert_array_equal(among.vectors, part.place.vectors)
    np.testing.assert_array_equal(row_sums(among.near), row_sums(world.place.near)[rows])


def test_a_world_of_one_paper_or_none_is_one() -> None:
    for papers in ([], [Paper(title="???")], [paper_on("bees", 1)]):
        world = world_of(papers)
        assert len(world) == len(papers)
        assert world.place.near.nnz == 0
        assert np.isfinite(world.place.vectors).all()


def test_where_there_are_as_many_topics_as_papers_they_say_what_the_terms_say() -> None:
    # Copies bring no topic of their own, not even one that rounding errors make.
    said = world_of([*PAPERS[:6], *[PAPERS[0]] * 6]).place.said
    np.testing.assert_allclose(
        said.topics @ said.topics.T, dense(said.terms @ said.terms.T), atol=1e-4
    )
