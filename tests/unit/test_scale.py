import numpy as np
import pytest

from recommender.arrays import Scores
from recommender.model.scale import Scale

NONE = np.zeros(0, np.float32)
OWN = np.array([0.4, 1.0, 2.0, 3.0, np.nan, 9.0], np.float32)
LISTED = np.append(np.linspace(0, 10, 101), np.nan).astype(np.float32)


def scores(scale: Scale, *sums: float) -> list[float]:
    return [float(score) for score in scale.scores(np.array(sums, np.float32))]


def test_half_of_the_readers_own_papers_would_have_reached_one_half() -> None:
    scale = Scale.of(OWN, NONE)
    assert scale.half == 2
    assert scores(scale, 0, 2, 6) == pytest.approx([0, 0.5, 0.75])


def test_the_threshold_is_six_tenths_of_what_nine_tenths_of_the_own_papers_reach() -> None:
    scale = Scale.of(OWN, NONE)
    weak = float(np.percentile(OWN[~np.isnan(OWN)], 10)) * 0.6
    assert scale.threshold == pytest.approx(scores(scale, weak)[0])
    assert 0 < scale.threshold < 0.5


def test_who_has_enough_papers_of_their_own_is_told_by_them_alone() -> None:
    assert Scale.of(OWN, LISTED) == Scale.of(OWN, NONE)


@pytest.mark.parametrize("own", [np.zeros(9, np.float32), np.array([0, 0, 0.1, 0.2, 0.3])])
def test_the_threshold_is_never_so_low_that_everything_passes(own: Scores) -> None:
    # Papers of somebody who reads all sorts are like any: neither end of the scale is theirs.
    scale = Scale.of(own.astype(np.float32), NONE)
    assert scale.half == 1
    assert scale.threshold == pytest.approx(scores(scale, 0.1)[0])


@pytest.mark.parametrize("own", [NONE, OWN[:4], OWN[[4] * 9]])
def test_where_too_few_own_papers_tell_the_best_listed_do(own: Scores) -> None:
    scale = Scale.of(own, LISTED)
    assert scale.half == pytest.approx(9.9)
    assert scale.threshold == pytest.approx(scores(scale, 1.5)[0])


@pytest.mark.parametrize("listed", [NONE, OWN[[4]], np.zeros(30, np.float32)])
def test_where_nothing_tells_a_sum_is_still_given_a_score(listed: Scores) -> None:
    scale = Scale.of(NONE, listed)
    assert scores(scale, 0, 1) == [0, 0.5]
    assert scale.threshold == pytest.approx(0.6)
