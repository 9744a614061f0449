"""Laws that the model's parts keep, whatever the papers and whoever the reader."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Item, Library
from recommender.model.graph import row_sums, stochastic, strongest
from recommender.model.hybrid import HybridScorer
from recommender.model.interests import Interests
from recommender.model.own import Own, starts
from recommender.model.parts import Weights
from recommender.model.scale import Scale
from recommender.model.walk import Masses, Walk, Ways
from recommender.model.world import World
from recommender.papers import Paper
from recommender.testing.models import library_on, listed_on, paper_on
from tests.unit.model_worlds import dense, held, identified, placed, world_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LISTED = listed_on("bees", "bridges", "verse", each=30)
LIBRARY = library_on("bees", "verse", each=6)

shares = st.floats(0, 1, width=32).map(lambda share: share if share > 1e-3 else 0.0)
sums = st.floats(0, 1e6, width=32)
positive = st.floats(2**-10, 2**10, width=32)
weights = st.builds(
    Weights.read,
    st.fixed_dictionaries(
        {part: st.floats(0, 1e9) for part in Weights.prior(1, tastes=True).told()}
    ),
)
# A fit or a world is learnt for each example.
few = settings(max_examples=25)


@st.composite
def corpora(draw: st.DrawFn) -> list[Paper]:
    """Papers on a few subjects that cite each other."""
    kinds = st.tuples(st.sampled_from(["bees", "bridges", "verse"]), st.integers(0, 200))
    chosen = draw(st.lists(kinds, min_size=2, max_size=50, unique=True))
    cited = draw(
        st.lists(
            st.lists(st.integers(0, len(chosen) - 1), max_size=2),
            min_size=len(chosen),
            max_size=len(chosen),
        )
    )
    return [
        identified(paper_on(subject, number), row, *cites)
        for row, ((subject, number), cites) in enumerate(zip(chosen, cited, strict=True))
    ]


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[Paper], World, Walk]:
    """A world, and a walk over it with some readers."""
    papers = draw(corpora())
    n_readers = draw(st.integers(0, 3))
    rows = draw(matrices(n_readers, len(papers)))
    world = world_of(papers)
    return papers, world, Walk.over(world, rows)


@st.composite
def matrices(draw: st.DrawFn, n: int, m: int) -> sparse.csr_matrix:
    """Sparse rows of numbers from 0 to 1."""
    row = st.lists(shares, min_size=m, max_size=m)
    rows = draw(st.lists(row, min_size=n, max_size=n))
    return held(rows) if n else sparse.csr_matrix((0, m), dtype=np.float32)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Own, Interests]:
    """Own papers, each in one of a few interests, none of which is empty."""
    n_interests = draw(st.integers(1, 4))
    more = draw(st.lists(st.integers(0, n_interests - 1), max_size=12))
    members = np.array([*range(n_interests), *more])
    of_papers = st.floats(2**-7, 1, width=32)
    weighing = draw(st.lists(of_papers, min_size=len(members), max_size=len(members)))
    items = tuple(Item(key=str(n), paper=Paper(title="A paper")) for n in range(len(members)))
    names = tuple(f"interest {n}" for n in range(n_interests))
    return Own(items, 0, np.array(weighing, np.float32)), Interests(names, members)


@given(walks(), st.data())
@few
def test_told_backwards_a_walk_arrives_with_as_much(
    walked: tuple[list[Paper], World, Walk], data: st.DataObject
) -> None:
    papers, world, walk = walked
    beginning = data.draw(matrices(2, len(papers)))
    reached = walk.reached(beginning)

    def agrees(ways: Ways) -> None:
        told: Masses = walk.origins(ways) @ dense(beginning).T
        np.testing.assert_allclose(told, reached.at(ways), rtol=1e-3, atol=1e-6)

    agrees(walk.to(np.arange(len(papers))))
    newcomers = [
        identified(paper_on(subject, 900), 900, row)
        for row, subject in enumerate(("bees", "bridges", "verse", "glass"))
    ]
    agrees(walk.to_newcomers(placed(world, papers, [*newcomers, *papers[:2]])))


@given(walks())
@few
def test_every_step_is_shared_out_whole(walked: tuple[list[Paper], World, Walk]) -> None:
    _, _, walk = walked
    for step in (walk.up, walk.down):
        out = row_sums(step)
        np.testing.assert_allclose(out[out > 0], 1, rtol=1e-4)
        assert step.nnz == 0 or step.data.min() >= 0
    assert (row_sums(walk.up) > 0).all()
    assert (row_sums(walk.down)[walk.n_readers :] > 0).all()


@given(matrices(4, 6))
def test_what_is_made_stochastic_sums_to_1_or_stays_empty(matrix: sparse.csr_matrix) -> None:
    before, after = row_sums(matrix), row_sums(stochastic(matrix))
    np.testing.assert_allclose(after, before > 0, rtol=1e-5)


@given(matrices(5, 7), st.integers(1, 8))
def test_the_strongest_are_the_largest(matrix: sparse.csr_matrix, k: int) -> None:
    kept, rows = dense(strongest(matrix, k)), dense(matrix)
    expected = -np.sort(-rows, axis=1)[:, :k]
    np.testing.assert_array_equal(-np.sort(-kept, axis=1)[:, :k], expected)
    assert ((kept == rows) | (kept == 0)).all()
    assert ((kept > 0).sum(axis=1) <= k).all()


@given(wishes(), st.data())
def test_what_starts_is_1_in_all_and_nothing_where_it_is_muted(
    wished: tuple[Own, Interests], data: st.DataObject
) -> None:
    own, interests = wished
    muted = data.draw(st.lists(st.sampled_from(interests.names), unique=True))
    matrix = starts(own, interests, Guidance(muted=tuple(muted)))
    by_interest = row_sums(matrix)
    assert matrix.shape == (len(interests.names), len(own.items))
    assert by_interest.sum() == pytest.approx(float(len(muted) < len(interests.names)), abs=1e-4)
    pulling = [name not in muted for name in interests.names]
    assert (by_interest > 0).tolist() == pulling
    assert matrix.nnz == np.isin(interests.members, np.flatnonzero(pulling)).sum()


@given(wishes(), st.floats(1.1, 10))
def test_a_boost_raises_an_interests_share_and_lowers_the_others(
    wished: tuple[Own, Interests], factor: float
) -> None:
    own, interests = wished
    name, *others = interests.names
    before = row_sums(starts(own, interests, NO_GUIDANCE))
    after = row_sums(starts(own, interests, Guidance(boosts=((name, factor),))))
    assert after.sum() == pytest.approx(1, abs=1e-4)
    if others:
        assert after[0] > before[0]
        assert (after[1:] < before[1:]).all()


@given(st.integers(0, 60), st.integers(1, 60))
def test_what_is_asked_for_fades_as_the_library_grows(n: int, more: int) -> None:
    asked = Guidance(goals=("how bees dance",), seeds=(paper_on("verse", 1),))
    few_papers, many = (
        Own.of(library_on("bees", each=size), asked).weights for size in (n, n + more)
    )
    assert 1 >= few_papers[-1] > many[-1] > 0
    assert few_papers[-1] == few_papers[-2]
    # Beside the library's own papers, which weigh 1.
    assert few_papers[:-2].tolist() == [1] * n


@given(st.lists(st.none() | st.integers(0, 20_000), max_size=12))
def test_what_was_added_later_never_counts_less(ages: Sequence[int | None]) -> None:
    items = tuple(
        Item(
            key=str(n),
            paper=Paper(title="A paper"),
            added_at=None if age is None else NOW - timedelta(days=age),
        )
        for n, age in enumerate(ages)
    )
    found = Own.of(Library(items=items), NO_GUIDANCE).weights
    assert ((found > 0) & (found <= 1)).all()
    pairs = list(zip(ages, found.tolist(), strict=True))
    dated = [weight for _, weight in sorted((age, w) for age, w in pairs if age is not None)]
    assert dated == sorted(dated, reverse=True)
    assert all(weight == 1 for age, weight in pairs if age is None)


@given(weights)
def test_weights_are_read_as_they_were_told(given_weights: Weights) -> None:
    assert Weights.read(given_weights.told()) == given_weights
    assert given_weights.vector().tolist() == pytest.approx(list(given_weights.told().values()))


@given(st.lists(sums, max_size=9), st.lists(sums, max_size=9), st.lists(sums, min_size=1))
def test_a_larger_sum_never_has_a_smaller_score(
    own: list[float], listed: list[float], asked: list[float]
) -> None:
    scale = Scale.of(np.array(own, np.float32), np.array(listed, np.float32))
    scores = scale.scores(np.array([*sorted(asked), np.nan], np.float32))
    assert np.isnan(scores[-1])
    assert scores.dtype == np.float32
    assert (np.diff(scores[:-1]) >= 0).all()
    assert ((scores[:-1] >= 0) & (scores[:-1] <= 1)).all()
    assert 0 < scale.threshold < 1


@given(positive, st.floats(0, 1e3))
def test_a_score_is_below_1_and_one_half_at_half(half: float, ratio: float) -> None:
    scale = Scale(half, 0.05)
    assert scale.scores(np.array([half], np.float32))[0] == pytest.approx(0.5)
    assert 0 <= scale.scores(np.array([half * ratio], np.float32))[0] < 1


@given(st.permutations(range(len(LISTED))))
@settings(max_examples=10)
def test_the_order_in_which_papers_are_listed_does_not_matter(order: list[int]) -> None:
    expected = HybridScorer().fit(LIBRARY, LISTED, seed=0).score(LISTED)
    model = HybridScorer().fit(LIBRARY, [LISTED[row] for row in order], seed=0)
    np.testing.assert_allclose(model.score(LISTED), expected, atol=1e-4)


@given(st.sampled_from(range(len(LISTED))))
@settings(max_examples=10)
def test_a_newcomer_scores_nearly_as_if_it_had_been_there(row: int) -> None:
    # Most of what is listed anywhere is on other subjects.
    listed = [*LISTED, *listed_on("glass", each=100)]
    there = HybridScorer().fit(LIBRARY, listed, seed=0)
    before = HybridScorer().fit(LIBRARY, [*listed[:row], *listed[row + 1 :]], seed=0)
    paper = LISTED[row]
    np.testing.assert_allclose(before.score([paper]), there.score([paper]), atol=0.1)
    # Of the same words but another text, it is a newcomer beside its twin.
    twin = replace(paper, title=f"{paper.title}.")
    np.testing.assert_allclose(there.score([twin]), there.score([paper]), atol=0.1)
    assert there.judged([twin])[1].tolist() == there.judged([paper])[1].tolist()
