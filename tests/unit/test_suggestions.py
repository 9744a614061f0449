"""What is shown of a score adds up, and each suggestion has a name of its own."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.suggestions import (
    Reason,
    ReasonKind,
    Suggestion,
    rounded_shares,
    suggestion_id,
    suggestion_ids,
)
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import suggestions


def scored(score: float, *shares: float) -> Suggestion:
    reasons = tuple(Reason(ReasonKind.PAPER, f"reason {n}", s) for n, s in enumerate(shares))
    return replace(suggestion_on(1), score=score, reasons=reasons)


@given(suggestions(), st.integers(0, 6))
def test_the_shares_add_up_and_none_is_a_unit_from_the_truth(one: Suggestion, digits: int) -> None:
    score, shares = rounded_shares(one, digits)
    unit = Decimal(10) ** -digits
    assert sum(shares, Decimal(0)) == score
    assert abs(score - Decimal(one.score)) <= unit / 2
    for share, reason in zip(shares, one.reasons, strict=True):
        assert abs(share - Decimal(reason.share)) < unit + Decimal("1e-12")
        assert share == share.quantize(unit)


def test_what_loses_most_by_rounding_down_is_rounded_up() -> None:
    score, shares = rounded_shares(scored(0.5, 0.334, 0.088, 0.078), 2)
    assert (str(score), [*map(str, shares)]) == ("0.50", ["0.33", "0.09", "0.08"])
    _, thirds = rounded_shares(scored(0.5, *[0.5 / 3] * 3), 2)
    assert [*map(str, thirds)] == ["0.17", "0.17", "0.16"]


def test_rounding_in_the_scores_own_digits_is_no_lie() -> None:
    score, shares = rounded_shares(scored(0.5004, 0.3, 0.2), 4)
    assert sum(shares) == score == Decimal("0.5004")


@pytest.mark.parametrize("shares", [(0.3, 0.1), (0.3, 0.3), (0.498,), (0.502,)])
def test_shares_that_do_not_add_up_are_not_made_to(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="add up"):
        rounded_shares(scored(0.5, *shares), 2)


def test_a_score_without_reasons_is_rounded_alone() -> None:
    assert rounded_shares(scored(0.126), 2) == (Decimal("0.13"), ())
    assert rounded_shares(scored(0.0, 0.0), 2) == (Decimal("0.00"), (Decimal("0.00"),))


def test_a_name_that_is_taken_gives_way_to_the_next() -> None:
    named = [("doi:a", "text:1"), ("doi:a", "text:2"), ("doi:b",)]
    first, second, third = (suggestion_id("me", [n]) for n in ("doi:a", "text:2", "doi:b"))
    assert suggestion_ids("me", named) == [first, second, third]
    assert suggestion_ids("me", named[1:], taken={first}) == [second, third]


def test_the_headline_names_what_of_the_readers_own_it_is_closest_to() -> None:
    told = {
        ReasonKind.LIBRARY: "close to 9 more of your papers",
        ReasonKind.CITATIONS: "cites 4 of your papers",
        ReasonKind.PAPER: "close to “Ants”",
        ReasonKind.GOAL: "close to your goal",
    }
    for kinds, headline in (
        ([ReasonKind.LIBRARY, ReasonKind.PAPER, ReasonKind.CITATIONS], "close to “Ants”"),
        ([ReasonKind.CITATIONS, ReasonKind.PAPER], "cites 4 of your papers"),
        ([ReasonKind.LIBRARY, ReasonKind.GOAL], "close to your goal"),
        ([ReasonKind.LIBRARY], "close to 9 more of your papers"),
        ([], ""),
    ):
        reasons = tuple(Reason(kind, told[kind], 0.1) for kind in kinds)
        assert replace(suggestion_on(1), reasons=reasons).headline == headline
