from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.errors import StoreError
from recommender.library import Item
from recommender.papers import Paper
from recommender.store import Store

AT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def test_what_an_adapter_keeps_is_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        memory = store.memory("zotero users/1")
        memory["shelf"] = "OLD"
        memory["shelf"] = "ABCD2345"
        memory["gone"] = "x"
        del memory["gone"]
    with Store.open(path) as store:
        assert dict(store.memory("zotero users/1")) == {"shelf": "ABCD2345"}


def test_what_is_set_is_saved_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as one, Store.open(path) as other:
        one.memory("zotero")["shelf"] = "K"
        assert other.memory("zotero")["shelf"] == "K"


def test_it_is_a_mapping_like_any_other(store: Store) -> None:
    memory = store.memory("zotero")
    memory.update(b="2", a="1")

    assert list(memory.items()) == [("a", "1"), ("b", "2")]
    assert len(memory) == 2
    assert "a" in memory
    assert memory.get("c") is None
    assert memory.setdefault("c", "3") == "3"
    assert memory.pop("c") == "3"
    memory.clear()
    assert memory == {}


def test_what_is_not_there_is_a_key_error(store: Store) -> None:
    memory = store.memory("zotero")
    with pytest.raises(KeyError, match="shelf"):
        memory["shelf"]
    with pytest.raises(KeyError, match="shelf"):
        del memory["shelf"]


def test_names_may_be_forgotten_while_they_are_gone_through(store: Store) -> None:
    memory = store.memory("zotero")
    memory.update({str(n): "" for n in range(5)})
    for name in memory:
        del memory[name]

    assert not memory


def test_owners_do_not_see_each_other(store: Store) -> None:
    store.memory("one")["a"] = "1"
    other = store.memory("other")

    assert "a" not in other
    other.clear()
    assert store.memory("one") == {"a": "1"}


def test_text_that_is_no_unicode_spoils_nothing(store: Store) -> None:
    memory = store.memory("\ud800")
    memory["half \ud800"] = "a pair \ud800, and a \0"

    assert memory["half \ud800"] == "a pair ?, and a \0"
    assert "half \ud800" in memory
    del memory["half \ud800"]
    assert not memory


# Copies


def save_one(store: Store, key: str) -> None:
    store.save_entries("mine", [(Item(key=key, paper=Paper(title="T")), "1")], version="1")
    store.record_cycle("me", AT, AT, {"key": key})
    store.memory("zotero")[key] = "here"


@pytest.mark.parametrize("name", [None, "store.sqlite"])
def test_a_copy_has_everything_and_goes_its_own_way(name: str | None, tmp_path: Path) -> None:
    with Store.open(tmp_path / name if name else None) as store:
        save_one(store, "A")
        with store.copy() as copy:
            assert copy.known_entries("mine") == {"A": "1"}
            save_one(copy, "B")
            save_one(store, "C")

            assert list(copy.known_entries("mine")) == list(copy.memory("zotero")) == ["A", "B"]
        assert list(store.known_entries("mine")) == list(store.memory("zotero")) == ["A", "C"]
        assert [cycle.record for cycle in store.last_cycles("me", 9)] == [{"key": "C"}]


def test_a_copy_outlives_the_store_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        save_one(store, "A")
        copy = store.copy()
    before = path.read_bytes()
    with copy, copy.copy() as again:
        save_one(copy, "B")
        assert again.known_entries("mine") == {"A": "1"}

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["store.sqlite"]


def test_a_copy_keeps_the_rules_of_the_store(store: Store) -> None:
    with (
        store.copy() as copy,
        pytest.raises(Exception, match="FOREIGN KEY"),
        copy._database.writing() as connection,
    ):
        connection.execute("INSERT INTO names VALUES ('x', 99)")


def test_a_copy_of_a_closed_store_is_refused(store: Store) -> None:
    store.close()
    with pytest.raises(Exception, match="closed") as caught:
        store.copy()
    assert not isinstance(caught.value, StoreError), "that is a mistake of ours"
