from collections.abc import Callable
from math import isnan, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.arrays import Rows
from recommender.model.metrics import (
    Hits,
    Values,
    average_precision,
    bootstrap_interval,
    hits_by_rank,
    holm,
    ndcg,
    precision,
    recall,
    sign_flip_p,
)

Measure = Callable[[Hits, Rows], Values]

MEASURES: list[Measure] = [recall, precision, ndcg, average_precision]

measures = st.sampled_from(MEASURES)


@st.composite
def rankings(draw: st.DrawFn) -> tuple[Hits, Rows]:
    """Some readers' hits, and how many papers each wanted."""
    k = draw(st.integers(1, 12))
    row = st.tuples(st.lists(st.booleans(), min_size=k, max_size=k), st.integers(0, 20))
    rows = draw(st.lists(row, min_size=1, max_size=6))
    hits = np.array([found for found, _ in rows], np.bool_)
    return hits, np.array([max(sum(found) + missed, 1) for found, missed in rows], np.int64)


class TestByHand:
    hits = np.array([[True, False, True, False], [False, False, False, True]])
    n_wanted = np.array([3, 1])

    def test_recall(self) -> None:
        assert recall(self.hits, self.n_wanted) == pytest.approx([2 / 3, 1])
        assert recall(self.hits[:, :2], self.n_wanted) == pytest.approx([1 / 3, 0])

    def test_precision(self) -> None:
        assert precision(self.hits, self.n_wanted) == pytest.approx([2 / 4, 1 / 4])

    def test_ndcg(self) -> None:
        best = 1 + 1 / log2(3) + 1 / log2(4)
        found = [(1 + 1 / log2(4)) / best, 1 / log2(5)]
        assert ndcg(self.hits, self.n_wanted) == pytest.approx(found)

    def test_the_ideal_of_ndcg_has_no_more_hits_than_ranks(self) -> None:
        assert ndcg(np.array([[True, False]]), np.array([9])) == pytest.approx(
            [1 / (1 + 1 / log2(3))]
        )

    def test_average_precision(self) -> None:
        found = [(1 + 2 / 3) / 3, 1 / 4]
        assert average_precision(self.hits, self.n_wanted) == pytest.approx(found)
        assert average_precision(self.hits[:, :2], self.n_wanted) == pytest.approx([1 / 2, 0])


class TestEveryMeasure:
    @given(rankings(), measures)
    def test_lies_between_0_and_1(self, ranking: tuple[Hits, Rows], measure: Measure) -> None:
        values = measure(*ranking)
        assert values.shape == ranking[1].shape
        assert ((values >= 0) & (values <= 1)).all()

    @given(rankings(), measures, st.data())
    def test_gives_each_reader_their_own_value(
        self, ranking: tuple[Hits, Rows], measure: Measure, data: st.DataObject
    ) -> None:
        hits, n_wanted = ranking
        order = np.array(data.draw(st.permutations(range(len(hits)))))
        assert (measure(hits[order], n_wanted[order]) == measure(hits, n_wanted)[order]).all()

    @given(rankings(), measures)
    def test_is_0_where_nothing_was_found_and_only_there(
        self, ranking: tuple[Hits, Rows], measure: Measure
    ) -> None:
        assert ((measure(*ranking) > 0) == ranking[0].any(axis=1)).all()

    @given(st.integers(1, 12), st.integers(1, 20))
    def test_of_a_perfect_ranking_is_the_best_that_there_is(self, k: int, n: int) -> None:
        hits, n_wanted = np.arange(k)[None, :] < n, np.array([n])
        assert recall(hits, n_wanted) == pytest.approx([min(k / n, 1)])
        assert precision(hits, n_wanted) == pytest.approx([min(n / k, 1)])
        assert ndcg(hits, n_wanted) == pytest.approx([1])
        assert average_precision(hits, n_wanted) == pytest.approx([1])

    @pytest.mark.parametrize("measure", MEASURES)
    def test_refuses_a_reader_who_wanted_nothing(self, measure: Measure) -> None:
        hits = np.array([[True, False], [False, False]])
        with pytest.raises(ValueError, match="leave such readers out"):
            measure(hits, np.array([1, 0]))

    @pytest.mark.parametrize("measure", MEASURES)
    def test_refuses_more_hits_than_wanted_papers(self, measure: Measure) -> None:
        with pytest.raises(ValueError, match="a paper twice"):
            measure(np.array([[True, True]]), np.array([1]))

    @pytest.mark.parametrize("measure", MEASURES)
    @pytest.mark.parametrize("shape", [(2,), (1, 2), (2, 0)])
    def test_refuses_what_is_not_readers_by_ranks(
        self, measure: Measure, shape: tuple[int, ...]
    ) -> None:
        with pytest.raises(ValueError, match="readers by ranks"):
            measure(np.zeros(shape, np.bool_), np.array([1, 1]))

    @pytest.mark.parametrize("measure", MEASURES)
    def test_of_no_readers_is_no_values(self, measure: Measure) -> None:
        assert measure(np.zeros((0, 3), np.bool_), np.zeros(0, np.int64)).shape == (0,)


class TestOrder:
    @given(rankings())
    def test_recall_never_falls_with_more_ranks(self, ranking: tuple[Hits, Rows]) -> None:
        hits, n_wanted = ranking
        values = [recall(hits[:, :k], n_wanted) for k in range(1, hits.shape[1] + 1)]
        assert (np.diff(values, axis=0) >= 0).all()

    @given(rankings(), st.sampled_from([ndcg, average_precision]))
    def test_a_hit_that_moves_up_a_rank_is_worth_more(
        self, ranking: tuple[Hits, Rows], measure: Measure
    ) -> None:
        hits, n_wanted = ranking
        before = measure(hits, n_wanted)
        for rank in range(1, hits.shape[1]):
            moved = hits.copy()
            moved[:, [rank - 1, rank]] = hits[:, [rank, rank - 1]]
            better = hits[:, rank] & ~hits[:, rank - 1]
            assert (measure(moved, n_wanted)[better] > before[better]).all()


class TestHitsByRank:
    def test_the_best_score_comes_first(self) -> None:
        scores = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1]], np.float32)
        wanted = np.array([[True, True, False], [False, False, True]])
        found = [[True, False, True], [False, False, True]]
        assert hits_by_rank(scores, wanted, 3).tolist() == found
        assert hits_by_rank(scores, wanted, 1).tolist() == [[True], [False]]

    def test_among_equal_scores_the_wanted_ones_come_last(self) -> None:
        scores, wanted = np.array([[1.0, 1, 1, 2]]), np.array([[True, False, False, False]])
        assert hits_by_rank(scores, wanted, 4).tolist() == [[False, False, False, True]]

    def test_no_opinion_comes_last_and_among_those_the_wanted_ones(self) -> None:
        scores = np.array([[np.nan, np.nan, -9, np.nan]], np.float32)
        wanted = np.array([[True, False, False, False]])
        assert hits_by_rank(scores, wanted, 4).tolist() == [[False, False, False, True]]

    def test_ranks_after_the_last_candidate_are_no_hits(self) -> None:
        found = hits_by_rank(np.array([[1.0, 2]]), np.array([[True, True]]), 4)
        assert found.tolist() == [[True, True, False, False]]

    @given(
        st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=12), st.data()
    )
    def test_no_way_to_break_ties_is_worse(
        self, candidates: list[tuple[int, bool]], data: st.DataObject
    ) -> None:
        scores = np.array([[score for score, _ in candidates]], np.float64)
        wanted = np.array([[one for _, one in candidates]])
        n = len(candidates)
        broken = scores + np.array(data.draw(st.permutations(range(n)))) / (2 * n)
        n_wanted = np.maximum(wanted.sum(axis=1), 1)
        by_chance, ours = (
            average_precision(hits_by_rank(given, wanted, n), n_wanted)
            for given in (broken, scores)
        )
        assert ours <= by_chance


class TestSignFlips:
    def test_all_flips_are_counted_and_the_unflipped_is_one_of_them(self) -> None:
        assert sign_flip_p(np.array([0.1] * 6), 0) == 2 / 64
        assert sign_flip_p(np.array([-0.1] * 6), 0) == 2 / 64
        # Of the eight sums of 3, 2 and 1 with either sign, four are 4 or more away from 0.
        assert sign_flip_p(np.array([3.0, 2.0, -1.0]), 0) == 4 / 8
        assert sign_flip_p(np.zeros(0), 0) == 1

    @given(st.lists(st.floats(-1, 1), min_size=1, max_size=10), st.integers(0, 9))
    def test_neither_order_nor_side_nor_seed_counts_for_few(
        self, given_values: list[float], seed: int
    ) -> None:
        values = np.array(given_values)
        p = sign_flip_p(values, seed)
        assert 0 < p <= 1
        assert sign_flip_p(-values[::-1], 0) == pytest.approx(p)

    def test_of_many_drawn_flips_tell_about_what_all_would(self) -> None:
        # Of twenty, 15 or more agree in 2 * 21700 of 2**20 flips.
        values = np.array([1.0] * 15 + [-1.0] * 5)
        assert sign_flip_p(values, 0) == pytest.approx(2 * 21700 / 2**20, abs=0.01)
        assert sign_flip_p(values, 3) == sign_flip_p(values, 3)
        assert sign_flip_p(np.ones(40), 0) == pytest.approx(1 / 4096)

    @pytest.mark.parametrize("n", [6, 8, 12, 16])
    def test_four_rankings_are_told_apart_by_chance_as_rarely_as_promised(self, n: int) -> None:
        rng = np.random.default_rng(n)
        said = 0
        for seed in range(300):
            # One ranking's luck is part of all four differences.
            noise = rng.standard_normal((4, n)) + rng.standard_normal(n)
            p_values = {str(row): sign_flip_p(one, seed) for row, one in enumerate(noise)}
            said += min(holm(p_values).values()) <= 0.05
        assert said <= 0.07 * 300

    def test_a_gain_in_every_one_of_eight_is_told_of_four_rankings(self) -> None:
        p = sign_flip_p(np.random.default_rng(0).uniform(0.1, 0.3, 8), 0)
        assert max(holm(dict.fromkeys("abcd", p)).values()) <= 0.05
        assert max(holm(dict.fromkeys("abcd", 2 * p)).values()) > 0.05

    @pytest.mark.parametrize("values", [[0.1, np.nan], [np.inf, 1], [[0.1, 0.2]]])
    def test_refuses_what_is_not_one_finite_difference_for_each_pair(
        self, values: list[float]
    ) -> None:
        with pytest.raises(ValueError, match="finite"):
            sign_flip_p(np.array(values), 0)


def test_holm_steps_down_and_keeps_the_order() -> None:
    found = holm({"a": 0.03, "b": 0.01, "c": 0.9, "d": 0.02})
    assert list(found) == ["a", "b", "c", "d"]
    assert found == pytest.approx({"a": 0.06, "b": 0.04, "c": 0.9, "d": 0.06})
    assert holm({}) == {}
    assert holm({"a": 0.6, "b": 0.7}) == {"a": 1, "b": 1}


class TestBootstrapInterval:
    def test_of_many_values_is_that_of_the_normal_distribution(self) -> None:
        values = np.random.default_rng(0).normal(3, 2, 1000)
        margin = 1.96 * values.std() / np.sqrt(1000)
        found = bootstrap_interval(values, seed=0)
        assert found == pytest.approx((values.mean() - margin, values.mean() + margin), abs=0.02)

    def test_holds_the_truth_about_as_often_as_it_says(self) -> None:
        rng = np.random.default_rng(1)
        held = 0
        for seed in range(200):
            low, high = bootstrap_interval(rng.random(40), seed, confidence=0.8)
            held += low <= 0.5 <= high
        assert 145 <= held <= 175

    @given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.integers(0, 9))
    def test_holds_the_middle_of_symmetric_values(self, half: list[float], seed: int) -> None:
        values = np.array([*half, *(-one for one in half)])
        low, high = bootstrap_interval(values, seed)
        assert low <= 1e-12
        assert high >= -1e-12
        assert values.min() - 1e-12 <= low <= high <= values.max() + 1e-12

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.integers(0, 9))
    def test_is_the_same_for_the_same_seed_and_wider_for_more_confidence(
        self, given_values: list[float], seed: int
    ) -> None:
        values = np.array(given_values)
        low, high = bootstrap_interval(values, seed)
        assert bootstrap_interval(values, seed) == (low, high)
        wide = bootstrap_interval(values, seed, confidence=0.99)
        assert wide[0] <= low
        assert high <= wide[1]

    def test_another_seed_draws_anew(self) -> None:
        values = np.random.default_rng(0).random(30)
        assert bootstrap_interval(values, 0) != bootstrap_interval(values, 1)

    def test_of_differences_knows_a_small_gain_that_all_readers_have(self) -> None:
        theirs = np.random.default_rng(0).random(50)
        ours = theirs + 0.01 + 0.001 * np.random.default_rng(1).random(50)
        assert bootstrap_interval(ours - theirs, 0)[0] > 0.01
        assert bootstrap_interval(ours, 0)[0] < theirs.mean()
        assert bootstrap_interval(theirs - theirs, 0) == (0, 0)

    @pytest.mark.parametrize("values", [[], [0.5]])
    def test_of_fewer_than_two_values_is_not_known(self, values: list[float]) -> None:
        low, high = bootstrap_interval(np.array(values, np.float64), 0)
        assert isnan(low)
        assert isnan(high)

    @pytest.mark.parametrize("values", [[0.1, np.nan], [np.inf, 1], [[0.1, 0.2]]])
    def test_refuses_what_is_not_one_finite_value_for_each_reader(
        self, values: list[float]
    ) -> None:
        with pytest.raises(ValueError, match="finite"):
            bootstrap_interval(np.array(values), 0)

    @pytest.mark.parametrize("confidence", [0, 1, 95])
    def test_refuses_a_confidence_out_of_range(self, confidence: float) -> None:
        with pytest.raises(ValueError, match="confidence"):
            bootstrap_interval(np.array([0.1, 0.2]), 0, confidence)
