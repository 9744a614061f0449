import numpy as np

from recommender.arrays import Vectors
from recommender.model.contrast import Contrast, evenly, held_out, unlike

SEEN = 60


def around(axis: int, n: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).normal(0, 0.1, (n, 6))
    rows[:, axis] += 1
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_a_contrast_tells_own_papers_from_others() -> None:
    contrast = Contrast.fit(around(0, 8, seed=1), around(1, SEEN, seed=2))
    assert contrast is not None
    own, others = (contrast.said(around(axis, 20, seed=3 + axis)) for axis in (0, 1))
    assert 1 >= own.min() > 0.5
    assert others.max() == 0


def test_a_few_wanted_papers_among_the_others_do_not_turn_it_round() -> None:
    others = np.vstack([around(1, SEEN - 3, seed=2), around(0, 3, seed=5)])
    contrast = Contrast.fit(around(0, 8, seed=1), others)
    assert contrast is not None
    assert contrast.said(others[-3:]).min() > 0.5


def test_a_contrast_needs_enough_others_and_says_nothing_of_nothing() -> None:
    assert Contrast.fit(around(0, 8, seed=1), around(1, 17, seed=2)) is None
    contrast = Contrast.fit(around(0, 8, seed=1), around(1, 18, seed=2))
    assert contrast is not None
    assert contrast.said(np.zeros((1, 6), np.float32)).tolist() == [0]


def test_a_held_out_paper_is_judged_without_itself() -> None:
    own = np.vstack([around(0, 6, seed=1), around(3, 1, seed=7)])
    said = held_out(own, around(1, SEEN, seed=2))
    assert said[:6].min() > said[6]
    assert held_out(own, around(1, 5, seed=2)).tolist() == [0] * 7


def test_the_tenth_that_is_nearest_is_not_taken_for_unlike() -> None:
    nearness = np.random.default_rng(0).permutation(40).astype(np.float32)
    rows = unlike(nearness)
    assert sorted(nearness[rows].tolist()) == list(range(36))
    assert rows.tolist() == sorted(rows.tolist())
    assert unlike(nearness[:0]).tolist() == []


def test_an_even_sample_spans_all_rows() -> None:
    assert evenly(3, 5).tolist() == [0, 1, 2]
    assert evenly(0, 5).tolist() == []
    sample = evenly(1000, 10)
    assert (len(sample), sample[0], sample[-1]) == (10, 0, 999)
    assert len(set(np.diff(sample).tolist())) == 1
