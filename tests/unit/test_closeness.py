import numpy as np
import pytest

from recommender.arrays import Vectors, unit
from recommender.model.closeness import Speakers, pooled, shares

CLOSE = np.array([[0.9, 0.1, 0.1], [0.5, 0.5, 0.5], [0, 0, 0], [0, 0.3, 0]], np.float32)


def drawn(n: int, d: int = 6) -> Vectors:
    return unit(np.random.default_rng(4).standard_normal((n, d)).astype(np.float32))


def test_in_a_small_library_each_paper_that_is_not_muted_speaks_for_itself() -> None:
    vectors, interests = drawn(5), np.array([0, 1, 1, 2, 0])
    speakers = Speakers.of(vectors, interests, np.array([0, 2, 4]))
    np.testing.assert_array_equal(speakers.vectors, vectors[[0, 2, 4]])
    assert speakers.papers.tolist() == [0, 2, 4]
    assert speakers.interests.tolist() == [0, 1, 0]
    assert speakers.sizes.tolist() == [1, 1, 1]


def test_in_a_large_library_groups_speak_through_their_most_typical_paper() -> None:
    vectors, interests = drawn(700), np.arange(700) % 3
    pulling = np.arange(50, 700)
    speakers = Speakers.of(vectors, interests, pulling)
    assert len(speakers.papers) <= 256
    assert speakers.sizes.min() >= 1
    assert speakers.sizes.sum() == len(pulling)
    assert np.isin(speakers.papers, pulling).all()
    np.testing.assert_array_equal(speakers.interests, interests[speakers.papers])
    np.testing.assert_allclose(np.linalg.norm(speakers.vectors, axis=1), 1, atol=1e-5)
    # Each paper is in the closest group, and nobody in it lies closer to its middle.
    similar = vectors[pulling] @ speakers.vectors.T
    group = similar.argmax(axis=1)
    for number, paper in enumerate(speakers.papers):
        members = group == number
        assert members.sum() == speakers.sizes[number]
        typical = vectors[paper] @ speakers.vectors[number]
        assert typical >= similar[members, number].max() - 1e-5


def test_who_shares_nothing_with_a_paper_is_not_close_to_it() -> None:
    speakers = Speakers.of(np.eye(2, dtype=np.float32), np.array([0, 1]), np.arange(2))
    papers = np.array([[1, 0], [0.6, 0.8], [-1, 1e-6], [0, 0]], np.float32)
    expected = np.array([[1, 0], [0.6, 0.8], [0, 0], [0, 0]], np.float32)
    np.testing.assert_allclose(speakers.close(papers), expected, rtol=1e-6)


def test_an_interest_speaks_by_its_closest_paper_and_a_muted_one_not_at_all() -> None:
    speakers = Speakers.of(drawn(4), np.array([2, 0, 2, 1]), np.arange(3))
    close = np.array([[0.2, 0.5, 0.7], [0, 0, 0]], np.float32)
    found = speakers.by_interest(close, 3)
    np.testing.assert_array_equal(found, np.array([[0.5, 0, 0.7], [0, 0, 0]], np.float32))


def test_the_closest_weigh_most() -> None:
    found = pooled(CLOSE)
    assert found[0] == pytest.approx((0.9**4 + 2 * 0.1**4) / (0.9**3 + 2 * 0.1**3))
    assert found[1:].tolist() == pytest.approx([0.5, 0, 0.3])
    assert CLOSE[0].mean() < found[0] < CLOSE[0].max()
    assert pooled(np.zeros((2, 0), np.float32)).tolist() == [0, 0]


def test_papers_that_do_not_speak_for_one_hardly_hide_it() -> None:
    # A small interest in a large library: its one paper is still heard.
    alone = np.array([[0.9]], np.float32)
    among = np.hstack([alone, np.full((1, 50), 0.05, np.float32)])
    assert pooled(among)[0] > 0.98 * pooled(alone)[0]


def test_shares_add_up_to_1_and_grow_with_closeness() -> None:
    found = shares(CLOSE)
    np.testing.assert_allclose(found.sum(axis=1), [1, 1, 0, 1], rtol=1e-6)
    assert found[0, 0] > 0.99
    np.testing.assert_allclose(found[1], 1 / 3, rtol=1e-6)
    assert found[3].tolist() == [0, 1, 0]
