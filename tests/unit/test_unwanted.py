import numpy as np
import pytest

from recommender.arrays import Vectors
from recommender.model.unwanted import Unwanted
from recommender.suggestions import Dislike
from recommender.testing.models import paper_on


def at(*degrees: float) -> Vectors:
    """Rows of length 1, so many degrees from the first axis."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def unwanted(vectors: Vectors, *weights: float) -> Unwanted:
    dislikes = [Dislike(paper_on("bees", n), weight) for n, weight in enumerate(weights)]
    return Unwanted.of(dislikes, vectors)


def test_where_nothing_is_unwanted_all_is_left() -> None:
    left = Unwanted.nothing(2).left(at(0, 40))
    assert left.tolist() == [1, 1]
    assert left.dtype == np.float32
    assert Unwanted.nothing(3).vectors.shape == (0, 3)


@pytest.mark.parametrize("weight", [0.25, 1.0])
def test_of_the_unwanted_paper_is_left_what_was_not_surely_unwanted(weight: float) -> None:
    assert unwanted(at(30), weight).left(at(30)) == pytest.approx([1 - weight], abs=1e-5)


def test_the_closer_a_paper_is_the_less_is_left_and_of_a_subject_nearly_all() -> None:
    close = np.array([1, 0.95, 0.8, 0.5, 0, -1])
    left = unwanted(at(0), 1.0).left(at(*np.degrees(np.arccos(close))))
    assert left == pytest.approx([0, 0.34, 0.83, 1, 1, 1], abs=0.01)
    assert (np.diff(left[:-1]) > 0).all()
    # What is unlike the unwanted gains nothing by it.
    assert left[-1] == 1


def test_what_is_all_but_the_unwanted_paper_is_left_nothing_at_all() -> None:
    nearly = at(0.5, 5)
    assert nearly[0, 0] < 1
    left = unwanted(at(0), 1.0).left(nearly)
    assert left[0] == 0
    assert left[1] > 0


def test_each_unwanted_paper_takes_of_what_the_others_left() -> None:
    papers = at(0, 20, 90)
    both = unwanted(at(0, 10), 0.5, 1.0).left(papers)
    alone = unwanted(at(0), 0.5).left(papers) * unwanted(at(10), 1.0).left(papers)
    np.testing.assert_allclose(both, alone, rtol=1e-5)
    assert both.min() >= 0


def test_what_lies_nowhere_takes_nothing_and_loses_nothing() -> None:
    nowhere = np.zeros((1, 2), np.float32)
    assert unwanted(nowhere, 1.0).left(at(0, 50)).tolist() == [1, 1]
    assert unwanted(at(0), 1.0).left(nowhere).tolist() == [1]
    assert unwanted(at(0), 1.0).left(at()).shape == (0,)
