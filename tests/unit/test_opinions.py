import numpy as np
import pytest
from scipy import sparse

from recommender.model.parts import (
    PARTS,
    Opinions,
    Usual,
    Weights,
    deviations,
    shared_words,
    walked,
)
from tests.unit.model_worlds import held

PRIOR = Weights.prior(500, tastes=True)


def opinions(*rows: dict[str, float], known: bool = True, left: tuple[float, ...] = ()) -> Opinions:
    values = np.array([[row.get(part, 0) for part in PARTS] for row in rows], np.float32)
    nothing = np.zeros((len(rows), 2), np.float32)
    what_is_left = np.array(left or [1] * len(rows), np.float32)
    return Opinions(values, np.full(len(rows), known), nothing, what_is_left)


def by_part(said: Opinions) -> dict[str, list[float]]:
    return dict(zip(PARTS, said.values.T.tolist(), strict=True))


def test_before_there_is_evidence_tastes_are_silent() -> None:
    assert PRIOR.tastes > 0
    assert Weights.prior(500, tastes=False).tastes == 0
    assert PRIOR.without_tastes().told() == {**PRIOR.told(), "tastes": 0}


def test_in_a_small_world_shared_words_are_chance() -> None:
    words = [Weights.prior(n, tastes=False).words for n in (0, 500, 1_000, 9_000)]
    assert words[0] == words[1] < words[2] < words[3] < 0.1
    assert words[0] > 0


def test_closeness_speaks_where_others_cannot_and_most_in_a_large_world() -> None:
    alone = [Weights.prior(n, tastes=False).closeness for n in (0, 500, 1_000, 9_000)]
    assert alone[0] == alone[1] < alone[2] < alone[3] < 0.5
    helped = {Weights.prior(n, tastes=True).closeness for n in (0, 500, 1_000, 9_000)}
    assert helped == {0}


@pytest.mark.parametrize(
    "wrong",
    [{}, {"walk": -0.1}, {"walk": float("nan")}, {"walk": float("inf")}, {"walk": "much"}],
)
def test_what_are_no_weights_are_refused(wrong: dict[str, float]) -> None:
    given = {**PRIOR.told(), **wrong} if wrong else {"walk": 1.0}
    with pytest.raises(ValueError, match=r"weight|much"):
        Weights.read(given)


def test_what_else_was_told_beside_the_weights_is_passed_over() -> None:
    assert Weights.read({**PRIOR.told(), "threshold": 0.3}) == PRIOR


def test_a_sum_is_weighed_part_by_part_and_nan_where_nothing_is_known() -> None:
    said = opinions({"walk": 2, "venue": 1}, {})
    total = said.total(PRIOR)
    assert total.tolist() == pytest.approx([2 * PRIOR.walk + PRIOR.venue, 0])
    assert total.dtype == np.float32
    assert np.isnan(opinions({"walk": 2}, known=False).total(PRIOR)).all()


def test_what_is_unwanted_takes_from_the_whole_sum() -> None:
    said = {"walk": 2.0, "closeness": 1.0, "venue": 1.0}
    whole = opinions(said).total(PRIOR)[0]
    total = opinions(said, said, said, left=(1, 0.25, 0)).total(PRIOR)
    assert total.tolist() == pytest.approx([whole, whole / 4, 0])


def test_a_part_counts_by_how_far_it_is_above_the_usual() -> None:
    said = opinions(*({"words": w, "walk": 1.0} for w in (0.1, 0.2, 0.6)))
    usual = Usual.of(said)
    assert by_part(said.compared(usual))["words"] == pytest.approx([0, 0, 0.4 / 0.2160], 1e-3)
    # Whoever else is asked about is compared to the same, and never found below nothing.
    others = opinions({"words": 0.3}, {"words": 0.05})
    assert by_part(others.compared(usual))["words"] == pytest.approx([0.1 / 0.2160, 0], 1e-3)


def test_a_part_that_is_the_same_for_all_papers_says_nothing() -> None:
    usual = Usual.of(opinions(*({"walk": 1.0, "words": w} for w in (0.1, 0.1, 0.4))))
    compared = by_part(opinions({"walk": 5.0, "tastes": 2.0, "words": 0.4}).compared(usual))
    assert compared["walk"] == compared["tastes"] == [0]
    assert compared["words"][0] > 0


@pytest.mark.parametrize("part", ["contrast", "authors", "venue"])
def test_a_part_between_0_and_1_needs_no_comparing(part: str) -> None:
    said = opinions(*({part: value} for value in (0.5, 0.5, 0.5, 1.0)))
    assert by_part(said.compared(Usual.of(said)))[part] == [2, 2, 2, 4]


def test_comparing_leaves_all_else_as_it_was() -> None:
    said = opinions({"walk": 1}, {"walk": 2}, known=False, left=(0.5, 1))
    compared = said.compared(Usual.of(said))
    assert compared.left.tolist() == [0.5, 1]
    assert compared.known.tolist() == [False, False]
    assert compared.by_interest is said.by_interest


def test_deviations_are_each_columns_and_0_where_only_rounding_varies() -> None:
    values = np.array([[1, 5, 1e9], [3, 5, 1e9 + 64]], np.float32)
    assert deviations(values).tolist() == [1, 0, 0]
    assert deviations(values[:0]).tolist() == [0, 0, 0]


def test_the_interest_that_brings_most_speaks_loudest() -> None:
    by_interest = np.array([[0.1, 0.2], [0, 0], [0.3, 0.1]], np.float32)
    values, left = np.zeros((3, len(PARTS)), np.float32), np.ones(3, np.float32)
    said = Opinions(values, np.ones(3, np.bool_), by_interest, left)
    assert said.interests.tolist() == [1, -1, 0]
    assert Opinions.on_nothing(2, 0).interests.tolist() == [-1, -1]
    assert np.isnan(Opinions.on_nothing(2, 3).total(PRIOR)).all()


def test_a_walk_says_the_root_of_what_arrives_and_nothing_below_nothing() -> None:
    assert walked(np.array([-1, 0, 0.25], np.float32)).tolist() == [0, 0, 0.5]


def test_shared_words_count_by_weight_for_each_profile() -> None:
    terms = held([[0.6, 0.8, 0], [0, 0, 1]])
    profiles = held([[1, 0.5, 0], [0, 0, 2]])
    np.testing.assert_allclose(shared_words(terms, profiles), [[1, 0], [0, 2]], rtol=1e-6)
    none = sparse.csr_matrix((0, 3), dtype=np.float32)
    assert shared_words(none, profiles).shape == (0, 2)
