import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from recommender.identifiers import PaperId
from recommender.ingest import Candidate, unseen
from recommender.listings import Listed, Listing
from recommender.papers import Paper
from recommender.store import SavedModel, Store

AT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
NAN = math.nan
MODEL = SavedModel(3, "f00d", AT, b"model")


def listed(*papers: Paper, name: str = "hot") -> tuple[Candidate, ...]:
    places = tuple(Listed(position=i, paper=p) for i, p in enumerate(papers, 1))
    return unseen([Listing(source="daily", name=name, papers=places)]).candidates


def numbered(n: int) -> Paper:
    return Paper(title=f"Paper number {n} of a page", ids=(PaperId.parse(f"doi:10.1000/{n}"),))


def fill(store: Store) -> tuple[Candidate, ...]:
    """Five papers, with ids from 1, and a model that says nothing of them yet."""
    candidates = listed(*(numbered(n) for n in range(1, 6)))
    store.save_listed(candidates, watermarks={}, at=AT)
    store.save_model("me", MODEL)
    return candidates


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def to_score(store: Store, fingerprint: str = "f00d", profile: str = "me") -> list[int]:
    return [paper_id for paper_id, _ in store.candidates_to_score(profile, fingerprint)]


def scored(store: Store, at_least: float, fingerprint: str = "f00d") -> list[int]:
    return [paper_id for paper_id, *_ in store.scores("me", fingerprint, at_least)]


def test_what_was_never_scored_is_to_be_scored(store: Store) -> None:
    assert list(store.candidates_to_score("me", "f00d")) == []
    candidates = fill(store)

    assert list(store.candidates_to_score("me", "f00d")) == list(enumerate(candidates, 1))
    assert to_score(store, "beef") == to_score(store, profile="you") == [1, 2, 3, 4, 5]
    assert scored(store, -math.inf) == []
    assert store.count_scored("me", "f00d", math.inf) == (0, 0, None)


def test_scores_come_back_with_their_papers_in_the_order_of_first_sight(store: Store) -> None:
    candidates = fill(store)
    store.save_scores("me", "f00d", iter([(4, 0.9, 2), (1, -0.5, 0), (2, NAN, 0), (5, 0.25, 1)]))

    assert store.scores("me", "f00d", -1.0) == [(1, -0.5, 0), (4, 0.9, 2), (5, 0.25, 1)]
    read = store.candidates_of([5, 99, 1])
    assert list(read.items()) == [(1, candidates[0]), (5, candidates[4])]
    assert scored(store, 0.25) == [4, 5]
    assert scored(store, 0.26) == [4]
    assert scored(store, NAN) == []
    assert to_score(store) == [3]


def test_scores_are_counted_from_below(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.1, 0), (2, 0.3, 0), (3, 0.5, 1), (4, NAN, 0)])

    assert store.count_scored("me", "f00d", 0.5) == (1, 2, 0.3)
    assert store.count_scored("me", "f00d", 0.51) == (1, 3, 0.5)
    assert store.count_scored("me", "f00d", 0.1) == (1, 0, None)


def test_a_paper_that_is_scored_again_has_its_last_score(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.1, 0), (2, 0.2, 0)])
    for _ in range(2):
        store.save_scores("me", "f00d", [(1, NAN, 0), (2, 0.9, 3)])

    assert store.scores("me", "f00d", 0.0) == [(2, 0.9, 3)]
    assert store.count_scored("me", "f00d", 1.0) == (1, 1, 0.9)


def test_numbers_of_numpy_are_numbers(store: Store) -> None:
    fill(store)
    papers, scores = np.array([1, 2]), np.array([0.5, NAN], dtype=np.float32)
    store.save_scores("me", "f00d", zip(papers, scores, papers, strict=True))

    assert store.scores("me", "f00d", float(scores[0])) == [(1, 0.5, 1)]
    assert to_score(store) == [3, 4, 5]


def test_another_model_of_a_profile_says_nothing_yet(store: Store) -> None:
    fill(store)
    store.save_model("you", MODEL)
    for profile in ("me", "you"):
        store.save_scores(profile, "f00d", [(1, 0.5, 0)])
    store.save_model("me", replace(MODEL, fingerprint="beef"))

    assert to_score(store) == to_score(store, "beef") == [1, 2, 3, 4, 5]
    assert store.count_scored("me", "f00d", 1.0) == (0, 0, None)
    assert to_score(store, profile="you") == [2, 3, 4, 5]
    store.save_model("me", MODEL)
    assert to_score(store) == [1, 2, 3, 4, 5], "what the first one said is gone for good"


def test_a_model_of_another_version_is_another_model(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.5, 0)])
    store.save_model("me", replace(MODEL, version=4))

    assert to_score(store) == [1, 2, 3, 4, 5]


def test_the_same_model_saved_again_keeps_its_scores(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.5, 0)])
    store.save_model("me", replace(MODEL, made_at=AT + timedelta(days=1), payload=b"packed"))

    assert scored(store, 0.0) == [1]


def test_a_model_that_cannot_be_saved_leaves_the_last_ones_scores(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.5, 0)])
    broken = SavedModel(3, "beef", AT, None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        store.save_model("me", broken)

    assert store.saved_model("me") == MODEL
    assert scored(store, 0.0) == [1]


def test_what_a_model_that_is_no_longer_there_says_is_passed_over(store: Store) -> None:
    fill(store)
    store.save_scores("me", "beef", [(1, 0.5, 0)])
    store.save_scores("you", "f00d", [(1, 0.5, 0)])

    assert to_score(store) == to_score(store, "beef") == to_score(store, profile="you")
    assert scored(store, 0.0, "beef") == []


def test_papers_that_are_gone_are_passed_over(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(99, 0.5, 0), (1, 0.5, 0)])

    assert scored(store, 0.0) == [1]
    assert store.count_scored("me", "f00d", 1.0) == (0, 1, 0.5)


def test_what_cannot_be_saved_leaves_everything_as_it_was(store: Store) -> None:
    fill(store)

    def broken() -> Iterator[tuple[int, float, int]]:
        yield 1, 0.5, 0
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        store.save_scores("me", "f00d", broken())
    assert to_score(store) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", [None, "store.sqlite"])
def test_a_paper_of_which_more_is_known_is_scored_anew(name: str | None, tmp_path: Path) -> None:
    with Store.open(tmp_path / name if name else None) as opened:
        fill(opened)
        opened.save_scores("me", "f00d", [(n, 0.5, 0) for n in range(1, 6)])
    with Store.open(tmp_path / name if name else None) as store:
        if not name:
            fill(store)
            store.save_scores("me", "f00d", [(n, 0.5, 0) for n in range(1, 6)])
        fuller = replace(numbered(2), abstract="What it is about.")
        for _ in range(2):
            store.save_listed(listed(fuller, name="top"), watermarks={}, at=AT)

        ((paper_id, candidate),) = store.candidates_to_score("me", "f00d")
        assert (paper_id, candidate.paper) == (2, fuller)
        assert scored(store, 0.0) == [1, 3, 4, 5]
        store.save_scores("me", "f00d", [(2, 0.7, 0)])
        store.save_listed(listed(fuller, name="top"), watermarks={}, at=AT)
        assert scored(store, 0.0) == [1, 2, 3, 4, 5], "a page that says nothing new changes nothing"


def test_papers_that_turn_out_to_be_one_are_scored_anew(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(n, 0.5, 0) for n in range(1, 6)])
    link = Paper(title="Paper number 2 of a page", ids=numbered(2).ids + numbered(4).ids)
    store.save_listed(listed(link), watermarks={}, at=AT)

    assert to_score(store) == [2]
    assert scored(store, 0.0) == [1, 3, 5]
    assert store.count_scored("me", "f00d", 1.0) == (0, 3, 0.5)


def test_papers_are_read_while_their_scores_are_saved(store: Store) -> None:
    candidates = listed(*(numbered(n) for n in range(1203)))
    store.save_listed(candidates, watermarks={}, at=AT)
    store.save_model("me", MODEL)
    seen = []
    for paper_id, candidate in store.candidates_to_score("me", "f00d"):
        seen.append(candidate)
        store.save_scores("me", "f00d", [(paper_id, paper_id / 10, 0)])
    assert tuple(seen) == candidates
    assert to_score(store) == []

    high = scored(store, 0.25)
    assert high == list(range(3, 1204))
    assert tuple(store.candidates_of(high).values()) == candidates[2:]


@pytest.mark.parametrize("change", ["score = 'high'", "score = x'00'", "interest = 'bees'"])
def test_a_score_that_is_damaged_is_as_good_as_none(store: Store, change: str) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.5, 0), (2, 0.6, 0)])
    with store._database.writing() as connection:
        connection.execute(f"UPDATE scores SET {change} WHERE paper_id = 1")  # noqa: S608 - from above

    assert to_score(store) == [1, 3, 4, 5]
    assert scored(store, 0.0) == [2]
    assert store.count_scored("me", "f00d", 1.0) == (0, 1, 0.6)
    store.save_scores("me", "f00d", [(1, 0.5, 0)])
    assert scored(store, 0.0) == [1, 2]


def test_a_copy_has_the_scores_and_goes_its_own_way(store: Store) -> None:
    fill(store)
    store.save_scores("me", "f00d", [(1, 0.5, 0)])
    with store.copy() as copy:
        assert scored(copy, 0.0) == [1]
        copy.save_scores("me", "f00d", [(2, 0.5, 0)])
        copy.save_listed(listed(replace(numbered(1), venue="Letters")), watermarks={}, at=AT)
        assert scored(copy, 0.0) == [2]
        copy.save_model("me", replace(MODEL, fingerprint="beef"))

    assert scored(store, 0.0) == [1]
