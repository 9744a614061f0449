"""What the store tells of when things happened."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.ingest import Place, candidate_of
from recommender.store import Store
from recommender.suggestions import State, Suggestion
from recommender.testing.models import paper_on

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def test_a_listed_paper_was_first_seen_when_it_was_new(store: Store) -> None:
    old, new = (candidate_of((paper_on("bees", n),), [Place("s", "p", n + 1)]) for n in range(2))
    again = candidate_of(old.versions, [Place("s", "another page", 1)])
    store.save_listed([old], watermarks={}, at=MONDAY)
    store.save_listed([again, new], watermarks={}, at=TUESDAY)
    found = list(store.first_seen())
    assert [(one.paper.title, at) for one, at in found] == [
        (old.paper.title, MONDAY),
        (new.paper.title, TUESDAY),
    ]
    assert [one for one, _ in found] == list(store.candidates())


def suggestion(key: str) -> Suggestion:
    return Suggestion(
        suggestion_id=key,
        paper=paper_on("bees", 1),
        rank=1,
        score=0.5,
        reasons=(),
        source="s",
        interest="",
        suggested_at=MONDAY,
    )


def test_a_suggestion_is_in_its_state_since_it_came_into_it(store: Store) -> None:
    store.add_suggestions("ada", [suggestion("a"), suggestion("b")], publishers=[], at=MONDAY)
    store.add_suggestions("bo", [suggestion("c")], publishers=[], at=MONDAY)
    store.record_learnt({"a": State.DISMISSED}, at=TUESDAY)
    store.record_learnt({"a": State.DISMISSED}, at=TUESDAY + timedelta(days=1))
    assert store.states_since("ada") == {"a": TUESDAY, "b": MONDAY}


def test_who_put_a_paper_on_a_page_is_kept_in_whatever_order_it_is_saved(store: Store) -> None:
    paper = replace(paper_on("bees", 1), code="https://git.example/bees")
    said = [
        candidate_of((paper,), [Place("s", "p", 3, 7, curator)]) for curator in ("", "Cay", "Ann")
    ]
    for one in (*said, *said[::-1]):
        store.save_listed([one], watermarks={}, at=MONDAY)
    [found] = store.candidates()
    assert found == said[-1]
    with Store.open(None) as other:
        for one in said[::-1]:
            other.save_listed([one], watermarks={}, at=MONDAY)
        assert list(other.candidates()) == [found]
    store.save_listed([found], watermarks={}, at=TUESDAY, marks=[("s", "p", "")])
    assert list(store.candidates()) == [found]
