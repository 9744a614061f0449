import json
from dataclasses import replace
from typing import Any

import pytest

from integrations.web.testing.server import Server
from integrations.zotero.client import Client
from integrations.zotero.keys import mark_in_extra, mark_in_note
from integrations.zotero.shelf import ShelfSettings
from integrations.zotero.testing.local import LocalApi9
from recommender.errors import (
    ConfigError,
    NotAuthorized,
    PermanentError,
    TransientError,
)
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.zotero_shelves import (
    BOTH,
    KEY,
    LOCAL,
    PATIENCE,
    Via,
    Zotero,
    meets_a_reset,
    published,
    shelf_at,
    three,
)


@BOTH
def test_a_suggestion_is_an_item_with_a_note_in_a_collection_made_for_it(zotero: Zotero) -> None:
    suggestion = suggestion_on(1)
    [receipt] = published(zotero, [suggestion], collection="A/B", more="yes", less="no")
    item = zotero.items[receipt.place]
    assert item["title"] == suggestion.paper.title
    assert item["itemType"] == "journalArticle"
    assert item["tags"] == [{"tag": "shelfwise", "type": 1}]
    assert item["collections"] == [zotero.collection("A/B")]
    assert mark_in_extra(item["extra"]) == suggestion.suggestion_id
    [(note_key, note)] = zotero.notes.items()
    assert note["parentItem"] == receipt.place
    assert mark_in_note(note["note"]) == suggestion.suggestion_id
    assert "<em>yes</em>" in note["note"]
    memo = json.loads(receipt.memo)
    assert (memo["item"], memo["note"], len(memo["fingerprint"])) == (receipt.place, note_key, 64)


@BOTH
def test_in_a_group_places_have_its_prefix_and_receipts_lead_back(via: Via) -> None:
    with Zotero(via, "groups/2") as zotero:
        [receipt] = published(zotero, [suggestion_on(1)])
        assert receipt.place == f"groups/2/{next(iter(zotero.items))}"
        assert zotero.shelf().retire([receipt]) == [Receipt(receipt.suggestion_id)]
        assert next(iter(zotero.items.values()))["deleted"]


@BOTH
def test_nothing_to_do_is_no_request(zotero: Zotero) -> None:
    shelf = zotero.shelf()
    assert zotero.asked(lambda: [shelf.publish([]), shelf.retire([])]) == []


def test_on_the_web_publishing_takes_few_requests_and_repeating_it_one_read(
    zotero: Zotero,
) -> None:
    base = "/users/1"
    assert zotero.asked(lambda: published(zotero, three())) == [
        f"GET {base}/items",
        f"GET {base}/collections",
        f"POST {base}/collections",
        f"POST {base}/items",
    ]
    assert zotero.asked(lambda: published(zotero, three())) == [f"GET {base}/items"]
    more = [suggestion_on(4)]
    asked = zotero.asked(lambda: published(zotero, more))
    shelf = zotero.collection("Shelfwise")
    assert asked == [f"GET {base}/items", f"GET {base}/collections/{shelf}", f"POST {base}/items"]


@LOCAL
def test_locally_an_item_is_made_outside_the_shelf_and_then_put_on_it(zotero: Zotero) -> None:
    published(zotero, [suggestion_on(1)])
    start = len(zotero.server.requests)
    [receipt] = published(zotero, [suggestion_on(2)])
    writes = [r for r in zotero.server.requests[start:] if r.method != "GET"]
    [item], [note], change = (json.loads(request.body) for request in writes)
    assert [r.method for r in writes] == ["POST", "POST", "PATCH"]
    assert "collections" not in item
    assert note["parentItem"] == receipt.place
    assert change == {"collections": [zotero.collection("Shelfwise")]}
    tokens = {r.headers["zotero-write-token"] for r in writes[:2]}
    assert len(tokens) == 2
    assert {len(token) for token in tokens} == {32}


@BOTH
def test_paths_are_read_in_one_spelling(zotero: Zotero) -> None:
    published(zotero, [suggestion_on(1)], collection=" A / B ")
    published(zotero, [suggestion_on(2)], collection="A/B")
    assert len(zotero.library.collections) == 2


@pytest.mark.parametrize(
    "settings",
    [{"collection": " / "}, {"tag": ""}, {"tag": "-not"}, {"tag": "this || that"}],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        ShelfSettings(**settings)  # type: ignore[arg-type]


@BOTH
@pytest.mark.parametrize("path", ["Reading", "Reading/Shelf"])
def test_a_shelf_in_the_trash_is_not_made_again(zotero: Zotero, path: str) -> None:
    published(zotero, [suggestion_on(1)], collection="Reading/Shelf")
    zotero.change(zotero.collection(path), "collections", deleted=True)
    before = zotero.frozen()
    with pytest.raises(PermanentError, match=r"“Reading/Shelf” is in Zotero's trash|was deleted"):
        zotero.shelf(collection="Reading/Shelf").publish([suggestion_on(2)])
    assert zotero.frozen() == before


@BOTH
def test_a_shelf_that_was_deleted_is_not_made_again(zotero: Zotero) -> None:
    published(zotero, [suggestion_on(1)])
    zotero.library.erase_collection(zotero.collection("Shelfwise"))
    before = zotero.frozen()
    with pytest.raises(PermanentError, match=r"“Shelfwise” was deleted in Zotero.*; set another"):
        zotero.shelf().publish([suggestion_on(2)])
    assert zotero.frozen() == before


@BOTH
def test_a_shelf_that_was_renamed_and_moved_is_used_where_it_is(zotero: Zotero) -> None:
    published(zotero, [suggestion_on(1)])
    shelf = zotero.collection("Shelfwise")
    zotero.library.put("collections", {"name": "Inbox", "parentCollection": False}, "INBQX222")
    zotero.change(shelf, "collections", name="To read", parentCollection="INBQX222")
    [receipt] = published(zotero, [suggestion_on(2)])
    assert zotero.items[receipt.place]["collections"] == [shelf]
    assert len(zotero.library.collections) == 2


@BOTH
def test_the_readers_own_collections_on_the_path_are_used(zotero: Zotero) -> None:
    around = {"name": "Reading", "parentCollection": False}
    mine = {"itemType": "book", "title": "Mine", "collections": ["READING2"], "tags": []}
    stored = [
        zotero.library.put("collections", around, "READING2"),
        zotero.library.put("items", mine, "MYBQQK22"),
    ]
    before = repr(stored)
    published(zotero, [suggestion_on(1)], collection="Reading/Shelf")
    assert repr(stored) == before
    shelf = zotero.library.collections[zotero.collection("Reading/Shelf")]
    assert shelf.data["parentCollection"] == "READING2"


@BOTH
def test_an_empty_collection_of_that_name_becomes_the_shelf(zotero: Zotero) -> None:
    zotero.library.put("collections", {"name": "Shelfwise", "parentCollection": False}, "MYSHELF2")
    [receipt] = published(zotero, [suggestion_on(1)])
    assert zotero.items[receipt.place]["collections"] == ["MYSHELF2"]


@BOTH
def test_each_interest_of_a_collections_name_has_its_collection_if_that_is_wanted(
    zotero: Zotero,
) -> None:
    zotero.furnish()
    given = [
        suggestion_on(1),
        replace(suggestion_on(2), interest="Insects / Wasps"),
        replace(suggestion_on(3), interest="wasp, sting, nest"),
        replace(suggestion_on(4), interest="", exploring=True),
    ]
    receipts = published(zotero, given, per_interest=True)
    inner = [zotero.collection("Shelfwise", name) for name in ("Bees", "Insects / Wasps")]
    keys = [*inner, *[zotero.collection("Shelfwise")] * 2]
    assert [zotero.items[r.place]["collections"] for r in receipts] == [[key] for key in keys]
    assert [receipt.shelf for receipt in receipts] == keys
    assert len(zotero.library.collections) == 6
    assert [r.touched for r in zotero.shelf(per_interest=True).retire(receipts)] == [False] * 4


@BOTH
def test_an_interest_that_is_named_by_terms_or_by_what_is_ours_makes_no_collection(
    zotero: Zotero,
) -> None:
    zotero.furnish()
    published(zotero, [suggestion_on(1)], per_interest=True)
    before = len(zotero.library.collections)
    names = ("honey, dance", "Bees: honey", "Shelfwise", "Shelfwise / Bees", "Wasps")
    for n, name in enumerate(names, start=2):
        [receipt] = published(zotero, [replace(suggestion_on(n), interest=name)], per_interest=True)
        assert zotero.items[receipt.place]["collections"] == [zotero.collection("Shelfwise")]
    assert len(zotero.library.collections) == before


@BOTH
def test_an_interests_collection_that_was_thrown_away_is_not_made_again(zotero: Zotero) -> None:
    zotero.furnish()
    published(zotero, [suggestion_on(1)], per_interest=True)
    zotero.change(zotero.collection("Shelfwise/Bees"), "collections", deleted=True)
    [receipt] = published(zotero, [suggestion_on(2)], per_interest=True)
    assert zotero.items[receipt.place]["collections"] == [zotero.collection("Shelfwise")]


def test_without_memory_an_interests_collection_in_the_trash_is_known_by_its_key(
    zotero: Zotero,
) -> None:
    zotero.furnish()
    published(zotero, [suggestion_on(1)], per_interest=True)
    zotero.change(zotero.collection("Shelfwise/Bees"), "collections", deleted=True)
    [receipt] = zotero.shelf({}, per_interest=True).publish([suggestion_on(2)])
    assert zotero.items[receipt.place]["collections"] == [zotero.collection("Shelfwise")]


@BOTH
def test_receipts_say_into_which_collection_each_was_put(via: Via) -> None:
    with Zotero(via, "groups/2") as zotero:
        first = published(zotero, three())
        shelf = zotero.collection("Shelfwise")
        assert {receipt.shelf for receipt in first} == {f"groups/2/{shelf}"}
        assert {json.loads(receipt.memo)["shelf"] for receipt in first} == {shelf}
        assert published(zotero, three()) == first


@BOTH
@pytest.mark.parametrize("place", [[], ["THESIS22"], ["THESIS22", "Shelfwise"]])
def test_what_was_moved_before_its_receipt_was_written_down_is_told_of_and_never_taken_away(
    zotero: Zotero, place: list[str]
) -> None:
    [first] = published(zotero, [suggestion_on(1)])
    zotero.library.put("collections", {"name": "Thesis", "parentCollection": False}, "THESIS22")
    shelf = zotero.collection("Shelfwise")
    zotero.change(first.place, collections=[shelf if p == "Shelfwise" else p for p in place])
    [again] = published(zotero, [suggestion_on(1)])
    assert (again.place, again.shelf) == (first.place, shelf)
    [retired] = zotero.shelf().retire([again])
    assert (retired.touched, retired.failure) == (True, "")


@LOCAL
def test_what_never_came_onto_the_shelf_is_not_said_to_be_there(zotero: Zotero) -> None:
    published(zotero, [suggestion_on(2)])
    meets_a_reset(zotero, "before", lambda request: request.method == "PATCH")
    with pytest.raises(TransientError):
        zotero.shelf().publish([suggestion_on(1)])
    zotero.server.hook = None
    zotero.change([*zotero.items][-1], title="Mine now")
    [receipt] = published(zotero, [suggestion_on(1)])
    assert (receipt.place, receipt.shelf) == ([*zotero.items][-1], "")


@BOTH
def test_a_suggestion_in_the_trash_stays_there(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])
    zotero.change(receipt.place, deleted=1)
    before = zotero.frozen()
    [again] = published(zotero, [suggestion_on(1)])
    assert again.place == receipt.place
    assert zotero.frozen() == before


@LOCAL
def test_zotero_9_is_only_read(zotero: Zotero) -> None:
    old = LocalApi9(zotero.world, user_id=1)
    with Server(old) as server:
        client = Client.local(f"{server.address}/api", "users/0", KEY, patience=PATIENCE)
        with client, pytest.raises(PermanentError, match="Zotero 10"):
            shelf_at(client).publish(three())


@LOCAL
def test_a_key_for_one_write_says_how_to_get_a_lasting_one(zotero: Zotero) -> None:
    zotero.local.authorisations.answer = "allow once"
    client = zotero.client("")
    client.authorise("Shelfwise")
    with pytest.raises(NotAuthorized, match="Always Allow"):
        shelf_at(client, zotero.memory).publish(three())
    published(zotero, three())
    assert len(zotero.items) == len(zotero.notes) == 3
    assert len(zotero.library.collections) == 1


@LOCAL
@pytest.mark.parametrize("remembers", [True, False])
def test_what_was_made_and_deleted_for_good_does_not_come_back(
    *, zotero: Zotero, remembers: bool
) -> None:
    published(zotero, [suggestion_on(2)])
    # Where the answer to the item is lost, its key is not known.
    moment, what = ("before", b"parentItem") if remembers else ("after", b"journalArticle")
    meets_a_reset(zotero, moment, lambda request: what in request.body)
    with pytest.raises(TransientError):
        zotero.shelf().publish([suggestion_on(1)])
    zotero.server.hook = None
    [made] = [
        key
        for key, item in zotero.items.items()
        if mark_in_extra(item["extra"]) == suggestion_on(1).suggestion_id
    ]
    zotero.library.erase_item(made)
    [receipt] = published(zotero, [suggestion_on(1)])
    assert receipt.place == ""
    assert len(zotero.items) == 1
    assert not any(name.startswith("begun") for name in zotero.memory)


@LOCAL
@pytest.mark.parametrize(
    "change", [{"deleted": True}, {"title": "Mine now"}, {"tags": [{"tag": "read"}]}]
)
def test_what_was_half_made_and_then_changed_is_not_finished(
    zotero: Zotero, change: dict[str, Any]
) -> None:
    published(zotero, [suggestion_on(2)])
    meets_a_reset(zotero, "before", lambda request: b"parentItem" in request.body)
    with pytest.raises(TransientError):
        zotero.shelf().publish([suggestion_on(1)])
    zotero.server.hook = None
    made = [*zotero.items][-1]
    zotero.change(made, **change)
    before = zotero.frozen()
    [receipt] = published(zotero, [suggestion_on(1)])
    assert receipt.place == made
    assert zotero.frozen() == before
