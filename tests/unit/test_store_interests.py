import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import StoreError
from recommender.guidance import Pinned
from recommender.store import Store

AT = datetime(2026, 3, 2, tzinfo=UTC)
DANCES = Pinned("Dances", ("bees1", "bees2"), 2.0)
POEMS = Pinned("Poems", ("verse1",), 0.0)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def test_what_was_made_of_interests_is_kept_by_profile_and_name(store: Store) -> None:
    store.pin("ada", POEMS, at=AT)
    store.pin("ada", DANCES, at=AT)
    store.pin("bo", Pinned("Dances", ()), at=AT)
    assert store.pins("ada") == (DANCES, POEMS)
    assert store.pins("bo") == (Pinned("Dances", ()),)
    assert store.pins("nobody") == ()
    store.unpin("ada", "Dances")
    store.unpin("ada", "nothing")
    assert store.pins("ada") == (POEMS,)
    assert store.pins("bo") == (Pinned("Dances", ()),)


def test_a_pin_takes_the_place_of_its_name_and_of_those_it_replaces(store: Store) -> None:
    store.pin("ada", DANCES, at=AT)
    store.pin("ada", POEMS, at=AT)
    again = Pinned("Dances", ("bees9",), 0.5)
    store.pin("ada", again, replaces=["Poems", "nothing"], at=AT)
    assert store.pins("ada") == (again,)
    renamed = Pinned("Waggling", again.keys, 0.5)
    store.pin("ada", renamed, replaces=["Dances"], at=AT)
    store.pin("ada", renamed, replaces=["Waggling"], at=AT)
    assert store.pins("ada") == (renamed,)


@pytest.mark.parametrize("factor", [-0.5, math.nan, math.inf])
def test_what_is_no_factor_is_refused(store: Store, factor: float) -> None:
    with pytest.raises(ValueError, match="no factor"):
        store.pin("ada", Pinned("Dances", (), factor), at=AT)
    assert store.pins("ada") == ()


@given(st.text(max_size=30), st.lists(st.text(max_size=30)), st.floats(0, 10))
def test_any_name_and_keys_come_back(called: str, keys: list[str], factor: float) -> None:
    with Store.open(None) as store:
        store.pin("ada", Pinned(called, tuple(keys), factor), at=AT)
        [found] = store.pins("ada")
        assert (found.keys, found.factor) == (tuple(keys), factor)
        assert found.called == called.encode("utf-8", "replace").decode()
        store.unpin("ada", called)
        assert store.pins("ada") == ()


def test_who_is_forgotten_has_made_nothing_of_any_interest(store: Store) -> None:
    store.pin("ada", DANCES, at=AT)
    store.pin("bo", POEMS, at=AT)
    store.forget_reader("ada", at=AT)
    assert (store.pins("ada"), store.pins("bo")) == ((), (POEMS,))


def test_pins_outlive_a_damaged_store(store: Store) -> None:
    store.pin("ada", DANCES, at=AT)
    with Store.open(None) as new:
        new.take_over(store.lasting())
        assert new.pins("ada") == (DANCES,)


@pytest.mark.parametrize(
    "column", ["keys = '{}'", "keys = '[1]'", "keys = '['", "factor = -1", "factor = 'much'"]
)
def test_a_pin_that_nobody_wrote_is_damage(tmp_path: Path, column: str) -> None:
    path = tmp_path / "kept.db"
    with Store.open(path) as store:
        store.pin("ada", DANCES, at=AT)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(f"UPDATE interests SET {column}")  # noqa: S608 - the columns of this test
    with Store.open(path) as store, pytest.raises(StoreError):
        store.pins("ada")
