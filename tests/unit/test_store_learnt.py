import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from recommender.errors import StoreError
from recommender.papers import Paper
from recommender.store import SavedModel, Store
from recommender.store.schema import APPLICATION_ID, MIGRATIONS

AT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
DAY = timedelta(days=1)
MODEL = SavedModel(3, "f00d", AT, b"\0model")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def damage(store: Store, sql: str, *arguments: object) -> None:
    """Change a row as no program of ours would."""
    with store._database.writing() as connection:
        assert connection.execute(sql, arguments).rowcount == 1


# Counts of terms


def test_counts_are_found_by_what_was_counted(store: Store) -> None:
    store.save_counts(1, {b"a" * 16: b"\0\xff", b"b" * 16: b""}, at=AT)

    wanted = (content * 16 for content in (b"b", b"a", b"?", b"a"))
    assert store.counts(1, wanted) == {b"b" * 16: b"", b"a" * 16: b"\0\xff"}
    assert store.counts(1, ()) == store.counts(2, [b"a" * 16]) == {}


def test_counts_that_are_saved_again_take_the_place_of_what_is_there(store: Store) -> None:
    store.save_counts(1, {b"a": b"1", b"b": b"2"}, at=AT)
    for _ in range(2):
        store.save_counts(1, {b"a": b"3"}, at=AT)

    assert store.counts(1, [b"a", b"b"]) == {b"a": b"3", b"b": b"2"}


def test_a_newer_version_drops_what_older_ones_counted(store: Store) -> None:
    store.save_counts(1, {b"a": b"1"}, at=AT)
    store.save_counts(2, {b"b": b"2"}, at=AT)

    assert store.counts(1, [b"a"]) == {}
    assert store.counts(2, [b"a", b"b"]) == {b"b": b"2"}


def test_an_older_version_leaves_what_a_newer_one_counted(store: Store) -> None:
    store.save_counts(2, {b"a": b"2"}, at=AT)
    store.save_counts(1, {b"a": b"1"}, at=AT)

    assert store.counts(2, [b"a"]) == {b"a": b"2"}
    assert store.counts(1, [b"a"]) == {b"a": b"1"}


def test_counts_that_cannot_be_saved_leave_the_older_versions(store: Store) -> None:
    store.save_counts(1, {b"a": b"1"}, at=AT)
    with pytest.raises(sqlite3.IntegrityError):
        store.save_counts(2, {b"a": b"2", b"b": None}, at=AT)  # type: ignore[dict-item]

    assert store.counts(1, [b"a"]) == {b"a": b"1"}
    assert store.counts(2, [b"a"]) == {}


def test_what_was_last_used_on_an_earlier_day_is_pruned(store: Store) -> None:
    store.save_counts(1, {b"old": b"1", b"used": b"2", b"again": b"3"}, at=AT)
    store.save_counts(1, {b"new": b"4", b"again": b"5"}, at=AT + DAY, used=[b"used", b"unknown"])
    store.prune_counts(AT.replace(hour=23))
    assert store.counts(1, [b"old"]) == {b"old": b"1"}

    store.prune_counts(AT + DAY)

    left = {b"used": b"2", b"again": b"5", b"new": b"4"}
    assert store.counts(1, [b"old", b"unknown", *left]) == left


def test_days_are_those_of_utc(store: Store) -> None:
    evening = datetime(2024, 5, 6, 23, tzinfo=timezone(timedelta(hours=-5)))
    store.save_counts(1, {b"a": b"1"}, at=evening)
    store.prune_counts(datetime(2024, 5, 7, 12, tzinfo=UTC))

    assert store.counts(1, [b"a"]) == {b"a": b"1"}


def test_a_use_is_not_forgotten_when_the_clock_goes_back(store: Store) -> None:
    store.save_counts(1, {b"a": b"1", b"b": b"2"}, at=AT + DAY)
    store.save_counts(1, {b"a": b"3"}, at=AT, used=[b"b"])
    store.prune_counts(AT + DAY)

    assert store.counts(1, [b"a", b"b"]) == {b"a": b"3", b"b": b"2"}


def test_pruning_counts_every_version(store: Store) -> None:
    store.save_counts(2, {b"a": b"2"}, at=AT)
    store.save_counts(1, {b"a": b"1"}, at=AT)
    store.prune_counts(AT + DAY)

    assert store.counts(1, [b"a"]) == store.counts(2, [b"a"]) == {}


def test_counts_that_are_damaged_are_as_good_as_none(store: Store) -> None:
    store.save_counts(1, {b"a": b"1", b"b": b"2"}, at=AT)
    damage(store, "UPDATE counts SET payload = 'text' WHERE content = ?", b"a")

    assert store.counts(1, [b"a", b"b"]) == {b"b": b"2"}


def test_half_of_ten_thousand_counts_are_read_quickly(tmp_path: Path) -> None:
    saved = {os.urandom(16): os.urandom(2000) for _ in range(10_000)}
    wanted = random.Random(0).sample(sorted(saved), 5000)  # noqa: S311 - no secret
    with Store.open(tmp_path / "store.sqlite") as store:
        store.save_counts(1, saved, at=AT)
        times = []
        for _ in range(5):
            began = time.thread_time()
            found = store.counts(1, wanted)
            times.append(time.thread_time() - began)
            assert found == {content: saved[content] for content in wanted}

    assert min(times) < 0.1


# Models


def test_a_saved_model_comes_back_as_it_was(store: Store) -> None:
    assert store.saved_model("me") is None
    store.save_model("me", MODEL)

    assert store.saved_model("me") == MODEL
    assert store.saved_model("you") is None
    assert "payload" not in repr(MODEL), "it may be long"


@pytest.mark.parametrize(
    "later",
    [
        SavedModel(3, "f00d", AT + DAY, b"other"),
        SavedModel(4, "f00d", AT + DAY, b"other"),
        SavedModel(2, "beef", AT + DAY, b""),
    ],
)
def test_a_profile_has_one_model(store: Store, later: SavedModel) -> None:
    store.save_model("me", MODEL)
    store.save_model("you", MODEL)
    for _ in range(2):
        store.save_model("me", later)

    assert store.saved_model("me") == later
    assert store.saved_model("you") == MODEL


def test_a_model_was_made_at_one_moment_in_any_zone(store: Store) -> None:
    there = AT.astimezone(timezone(timedelta(hours=9)))
    store.save_model("me", SavedModel(1, "f", there, b""))

    found = store.saved_model("me")
    assert found
    assert (found.made_at, found.made_at.tzinfo) == (AT, UTC)
    with pytest.raises(ValueError, match="time zone"):
        store.save_model("me", SavedModel(1, "f", AT.replace(tzinfo=None), b""))


def test_a_large_model_is_saved_and_read(tmp_path: Path) -> None:
    large = SavedModel(1, "f", AT, os.urandom(1000) * 50_000)
    with Store.open(tmp_path / "store.sqlite") as store:
        store.save_model("me", large)
    with Store.open(tmp_path / "store.sqlite") as store:
        assert store.saved_model("me") == large


@pytest.mark.parametrize(
    "change",
    [
        "version = 'x'",
        "fingerprint = x'00'",
        "made_at = 'yesterday'",
        "made_at = x'00'",
        "made_at = '2024-05-06'",
        "payload = 'text'",
    ],
)
def test_a_model_that_is_damaged_is_as_good_as_none(store: Store, change: str) -> None:
    store.save_model("me", MODEL)
    damage(store, f"UPDATE models SET {change}")  # noqa: S608 - from above

    assert store.saved_model("me") is None
    store.save_model("me", MODEL)
    assert store.saved_model("me") == MODEL


def test_a_saved_model_is_told_from_others_without_being_read(store: Store) -> None:
    assert store.model_mark("me") is None
    store.save_model("me", MODEL)
    first = store.model_mark("me")
    assert first == store.model_mark("me")
    assert store.model_mark("you") is None
    store.save_model("me", SavedModel(3, "f00d", AT + DAY, b"model"))
    assert store.model_mark("me") not in {None, first}


# Weights


def test_tuned_weights_come_back_as_they_were(store: Store) -> None:
    assert store.tuned_weights("me") is None
    store.save_tuned_weights("me", {"terms": 0.1, "references": 0.0, "Ä\ud800": 1}, at=AT)
    store.save_tuned_weights("you", {}, at=AT)

    assert store.tuned_weights("me") == {"terms": 0.1, "references": 0.0, "Ä\ud800": 1.0}
    assert store.tuned_weights("you") == {}


def test_tuned_weights_are_replaced_as_a_whole_and_forgotten(store: Store) -> None:
    store.save_tuned_weights("you", {"terms": 0.5}, at=AT)
    store.save_tuned_weights("me", {"terms": 0.5}, at=AT)
    store.save_tuned_weights("me", {"walk": 0.25}, at=AT + DAY)
    assert store.tuned_weights("me") == {"walk": 0.25}

    for _ in range(2):
        store.forget_tuned_weights("me")
    assert store.tuned_weights("me") is None
    assert store.tuned_weights("you") == {"terms": 0.5}


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_weight(store: Store, weight: float) -> None:
    store.save_tuned_weights("me", {"terms": 0.5}, at=AT)
    with pytest.raises(ValueError, match="no weights"):
        store.save_tuned_weights("me", {"terms": weight}, at=AT)

    assert store.tuned_weights("me") == {"terms": 0.5}


@pytest.mark.parametrize(
    "payload", ["{", "[]", "1", '{"terms":"0.5"}', '{"terms":true}', '{"terms":NaN}', b"\xff"]
)
def test_weights_that_are_damaged_are_one_clear_line(store: Store, payload: str | bytes) -> None:
    store.save_tuned_weights("me", {"terms": 0.5}, at=AT)
    damage(store, "UPDATE weights SET payload = ?", payload)

    with pytest.raises(StoreError, match="is damaged; the next run"):
        store.tuned_weights("me")
    store.forget_tuned_weights("me")
    assert store.tuned_weights("me") is None


# The file


def test_a_copy_has_what_was_learnt_and_goes_its_own_way(store: Store) -> None:
    store.save_counts(1, {b"a": b"1"}, at=AT)
    store.save_model("me", MODEL)
    store.save_tuned_weights("me", {"terms": 0.5}, at=AT)
    with store.copy() as copy:
        assert copy.counts(1, [b"a"]) == {b"a": b"1"}
        assert copy.saved_model("me") == MODEL
        assert copy.tuned_weights("me") == {"terms": 0.5}
        copy.prune_counts(AT + DAY)
        copy.save_model("me", SavedModel(4, "beef", AT, b""))
        copy.forget_tuned_weights("me")

    assert store.counts(1, [b"a"]) == {b"a": b"1"}
    assert store.saved_model("me") == MODEL
    assert store.tuned_weights("me") == {"terms": 0.5}


def test_a_file_of_the_third_form_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript(MIGRATIONS[1] + MIGRATIONS[2] + MIGRATIONS[3])
    payload = json.dumps([{"title": "Bees", "kind": "other"}])
    raw.execute("INSERT INTO papers VALUES (7, ?, '2024-05-06')", (payload,))
    raw.execute("INSERT INTO names VALUES ('text:1', 7)")
    raw.execute("INSERT INTO listed VALUES (7, 's', 'monday', 3, NULL)")
    raw.execute("INSERT INTO memory VALUES ('zotero', 'shelf', 'K')")
    raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    raw.execute("PRAGMA user_version = 3")
    raw.close()

    with Store.open(path) as store:
        assert dict(store.memory("zotero")) == {"shelf": "K"}
        assert store.saved_model("me") is None
        assert store.tuned_weights("me") is None
        assert store.counts(1, [b"a"]) == {}
        ((paper_id, found),) = store.candidates_to_score("me", "f00d")
        assert (paper_id, found.paper) == (7, Paper(title="Bees"))
        assert store.candidates_named(["text:1"]) == (found,)
        store.save_model("me", MODEL)
        store.save_scores("me", "f00d", [(7, 0.5, 0)])
    with Store.open(path) as store:
        assert store.scores("me", "f00d", 0.5) == [(7, 0.5, 0)]
