from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from recommender.selection import Dropped, Selection, Wishes, select

NAN = float("nan")


def chosen(selection: Selection) -> list[int]:
    return [choice.row for choice in selection.chosen]


def apart(n: int) -> npt.NDArray[np.float32]:
    return np.eye(n, dtype=np.float32)


def selected(
    scores: Sequence[float],
    interests: Sequence[int] | None = None,
    vectors: npt.NDArray[np.float32] | None = None,
    works: Sequence[int] | None = None,
    **wishes: object,
) -> Selection:
    n = len(scores)
    asked: dict[str, object] = {"threshold": 0.0, "explore": False, **wishes}
    return select(
        np.array(scores, np.float32),
        apart(n) if vectors is None else vectors,
        np.array([0] * n if interests is None else interests, np.int64),
        np.array(range(n) if works is None else works, np.int64),
        Wishes(**asked),  # type: ignore[arg-type]
    )


def test_the_best_come_first() -> None:
    assert chosen(selected([0.1, 0.9, 0.5], limit=2)) == [1, 2]


def test_equal_scores_keep_the_order_of_the_candidates() -> None:
    assert chosen(selected([0.5, 0.5, 0.5, 0.5], limit=3)) == [0, 1, 2]


def test_each_main_interest_is_served_before_any_is_served_twice() -> None:
    scores = [0.9, 0.8, 0.7, 0.3, 0.2]
    assert chosen(selected(scores, [0, 0, 0, 1, 2], limit=3)) == [0, 3, 4]


def test_with_more_interests_than_places_those_with_the_best_candidates_are_served() -> None:
    assert chosen(selected([0.2, 0.3, 0.9], [0, 1, 2], limit=2)) == [2, 1]


def test_an_interest_that_is_no_main_one_has_no_place_of_its_own() -> None:
    scores = [0.9, 0.8, 0.1]
    assert chosen(selected(scores, [0, 0, 1], limit=2, main_interests=1)) == [0, 1]


def test_two_of_five_places_go_to_the_best_where_each_main_interest_still_has_one() -> None:
    scores, interests = [0.9, 0.8, 0.3, 0.2, 0.1, 0.05], [0, 0, 1, 2, 3, 4]
    for n_main, expected in ((4, [0, 1, 2, 3, 4]), (5, [0, 2, 3, 4, 5])):
        selection = selected(scores, interests, limit=5, patience=0.01, main_interests=n_main)
        assert chosen(selection) == expected


def test_an_interest_is_shown_by_what_does_not_lie_near_what_has_a_place() -> None:
    between = np.array([0.8, 0.6, 0], np.float32)
    vectors = np.stack([np.eye(3, dtype=np.float32)[0], between, np.eye(3, dtype=np.float32)[1]])
    assert chosen(selected([0.9, 0.6, 0.5], [0, 1, 1], vectors, limit=2)) == [0, 2]
    assert chosen(selected([0.9, 0.6, 0.2], [0, 1, 1], vectors, limit=2)) == [0, 1]


def test_an_interest_that_was_served_must_do_better_than_the_others() -> None:
    scores, interests = [0.9, 0.8, 0.7, 0.6, 0.5], [0, 1, 0, 0, 1]
    assert chosen(selected(scores, interests, limit=4, patience=1.0)) == [0, 1, 2, 3]
    assert chosen(selected(scores, interests, limit=4, patience=0.5)) == [0, 1, 2, 4]


def test_what_is_below_the_threshold_stays_out_and_is_counted() -> None:
    selection = selected([0.9, 0.2, 0.1], limit=3, threshold=0.5)
    assert chosen(selection) == [0]
    assert selection.dropped == {Dropped.BELOW_THRESHOLD: 2}


def test_no_opinion_stays_out_and_is_counted() -> None:
    selection = selected([NAN, 0.2, NAN])
    assert chosen(selection) == [1]
    assert selection.dropped == {Dropped.NO_OPINION: 2}


def test_a_near_copy_of_a_better_one_stays_out() -> None:
    same = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    selection = selected([0.9, 0.8, 0.1], vectors=same)
    assert chosen(selection) == [0, 2]
    assert selection.dropped == {Dropped.TOO_SIMILAR: 1}


def test_another_version_of_a_better_one_stays_out() -> None:
    selection = selected([0.8, 0.9, 0.1], works=[5, 5, 6])
    assert chosen(selection) == [1, 2]
    assert selection.dropped == {Dropped.OTHER_VERSION: 1}


def test_nothing_of_an_excluded_interest_is_chosen_and_what_would_have_passed_is_counted() -> None:
    selection = selected(
        [0.9, 0.8, 0.7, 0.2, 0.1], [1, 0, -1, 1, 0], threshold=0.15, excluded=frozenset({1})
    )
    assert chosen(selection) == [1, 2]
    assert selection.dropped == {Dropped.EXCLUDED: 2, Dropped.BELOW_THRESHOLD: 1}


def test_what_is_excluded_keeps_nothing_else_out() -> None:
    same = np.array([[1, 0], [1, 0], [1, 0]], np.float32)
    selection = selected([0.9, 0.8, 0.7], [1, 0, 0], same, works=[5, 5, 6], excluded=frozenset({1}))
    assert chosen(selection) == [1]
    assert selection.dropped == {Dropped.EXCLUDED: 1, Dropped.TOO_SIMILAR: 1}


def test_the_last_place_widens_the_view() -> None:
    close = np.array([1, 0.2, 0], np.float32) / np.linalg.norm([1, 0.2, 0])
    near = np.array([1, 0, 0], np.float32)
    nearer = np.array([1, 0, 0.3], np.float32) / np.linalg.norm([1, 0, 0.3])
    away = np.array([0, 0, 1], np.float32)
    vectors = np.stack([near, close, nearer, -near, near * 0.9, away]).astype(np.float32)
    selection = selected(
        [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], vectors=vectors, limit=4, explore=True, too_similar=1.0
    )
    assert chosen(selection) == [0, 1, 2, 3]
    assert [choice.exploring for choice in selection.chosen] == [False, False, False, True]


def test_exploration_can_be_switched_off() -> None:
    assert not any(c.exploring for c in selected([0.9] * 20, limit=10, explore=False).chosen)


def test_nothing_is_explored_where_everything_has_a_place() -> None:
    assert not any(c.exploring for c in selected([0.9] * 5, limit=5, explore=True).chosen)


def test_no_candidates_give_no_choice() -> None:
    selection = selected([])
    assert selection.chosen == ()
    assert selection.dropped == {}


@given(
    st.lists(st.one_of(st.floats(0, 1, width=32), st.just(NAN)), max_size=60),
    st.integers(1, 12),
    st.floats(0, 1),
    st.booleans(),
    st.integers(0, 2**32 - 1),
    st.frozensets(st.integers(0, 3)),
)
def test_every_candidate_is_chosen_or_counted_under_one_reason(
    scores: list[float],
    limit: int,
    threshold: float,
    explore: bool,
    seed: int,
    excluded: frozenset[int],
) -> None:
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(len(scores), 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    interests = draw.integers(-1, 4, len(scores)).tolist()
    selection = selected(
        scores,
        interests,
        vectors,
        draw.integers(0, 1 + len(scores), len(scores)).tolist(),
        limit=limit,
        threshold=threshold,
        explore=explore,
        excluded=excluded,
    )
    rows = chosen(selection)
    assert len(rows) + sum(selection.dropped.values()) == len(scores)
    assert len(rows) == len(set(rows)) <= limit
    assert all(np.float32(scores[row]) >= threshold for row in rows)
    assert excluded.isdisjoint(interests[row] for row in rows)
    regular = [np.float32(scores[c.row]) for c in selection.chosen if not c.exploring]
    assert regular == sorted(regular, reverse=True)
    assert sum(c.exploring for c in selection.chosen) <= explore
