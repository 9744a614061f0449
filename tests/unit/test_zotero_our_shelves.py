from dataclasses import replace

import pytest

from integrations.zotero.keys import made_key
from integrations.zotero.shelves import memory_name, our_collections, shelf_keys
from recommender.library import Collection

LIBRARY = "users/1"
BEES = Collection("BEES2222", "Bees")
INSECTS = Collection("INSECTS2", "Insects")
WASPS = Collection("WASPS222", "Wasps", "INSECTS2")
READERS = (BEES, INSECTS, WASPS)


def _ours(
    *collections: Collection,
    library: str = LIBRARY,
    path: str = "Reading/Shelf",
    remembered: dict[str, str] | None = None,
    per_interest: bool = False,
) -> frozenset[str]:
    return our_collections(
        [*READERS, *collections],
        library=library,
        path=path,
        remembered=remembered or {},
        per_interest=per_interest,
    )


def _made(path: str, name: str, parent: str | None = None) -> Collection:
    return Collection(made_key(LIBRARY, "collection", path), name, parent)


def test_where_nothing_of_ours_is_nothing_is_ours() -> None:
    assert _ours() == frozenset()
    assert _ours(path="") == frozenset()


def test_what_is_remembered_is_ours_wherever_it_is_and_whatever_it_is_called_now() -> None:
    moved = Collection("QURSHELF", "To read", "BEES2222")
    memory = {
        memory_name("Reading/Shelf"): "QURSHELF",
        memory_name("Old"): "GQNEFQRE",
        "x": "BEES2222",
    }
    assert shelf_keys(memory) == {"QURSHELF", "GQNEFQRE"}
    assert _ours(moved, remembered=memory) == {"QURSHELF"}


def test_what_has_a_key_that_only_we_give_is_ours_without_memory() -> None:
    shelf = _made("Reading/Shelf", "To read", "BEES2222")
    inner = [
        _made(f"Reading/Shelf/{name}", "Mine", shelf.key) for name in ("Bees", "Insects / Wasps")
    ]
    readers = Collection("MINE2222", "Bees", shelf.key)
    around = _made("Reading", "Reading")
    assert _ours(around, shelf, *inner, readers) == {shelf.key, *(one.key for one in inner)}


def test_what_has_the_shelfs_place_is_ours_where_nothing_else_is_the_shelf() -> None:
    around = Collection("READING2", " Reading ")
    shelf = Collection("THEIRS22", "Shelf", "READING2")
    elsewhere = Collection("THEIRS33", "Shelf", "BEES2222")
    assert _ours(around, shelf, elsewhere) == {"THEIRS22"}
    assert _ours(around, replace(shelf, trashed=True)) == frozenset()
    known = Collection("QURSHELF", "Renamed")
    memory = {memory_name("Reading/Shelf"): "QURSHELF"}
    assert _ours(around, shelf, known, remembered=memory) == {"QURSHELF"}
    assert _ours(around, shelf, remembered=memory) == frozenset()
    made = _made("Reading/Shelf", "Renamed")
    assert _ours(around, shelf, made) == {made.key}


@pytest.mark.parametrize("per_interest", [True, False])
def test_a_collection_in_the_place_of_an_interests_is_ours_if_they_are_wanted(
    *, per_interest: bool
) -> None:
    shelf = Collection("THEIRS22", "Shelf")
    inner = Collection("THEIRS33", "Insects / Wasps", "THEIRS22")
    readers = Collection("MINE2222", "Best of all", "THEIRS22")
    found = _ours(shelf, inner, readers, path="Shelf", per_interest=per_interest)
    assert found == {"THEIRS22", *(["THEIRS33"] * per_interest)}


def test_in_a_group_keys_are_spelled_as_they_were_given() -> None:
    key = made_key("groups/2", "collection", "Reading/Shelf")
    shelf = Collection(f"groups/2/{key}", "To read")
    other = Collection("groups/2/QURSHELF", "Other")
    memory = {memory_name("Other"): "QURSHELF"}
    assert _ours(shelf, library="groups/2") == {shelf.key}
    assert _ours(shelf, other, library="groups/2", remembered=memory) == {shelf.key, other.key}
