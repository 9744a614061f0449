import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from integrations.web.testing.exchange import Request
from integrations.zotero.keys import made_key
from integrations.zotero.testing.world import ApiKey
from recommender.errors import (
    IntegrationError,
    NotAuthorized,
    PermanentError,
    StaleLibrary,
    TransientError,
)
from recommender.identity import names
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.zotero_shelves import (
    BOTH,
    FAULTS,
    Via,
    Zotero,
    dies,
    published,
    shelf_at,
    three,
)


@BOTH
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("settings", [{}, {"collection": "A/B", "per_interest": True}])
def test_a_run_that_died_at_any_request_is_run_again(
    via: Via, moment: str, settings: dict[str, Any]
) -> None:
    given = [suggestion_on(1), replace(suggestion_on(2), interest="Insects / Wasps")]
    with Zotero(via) as whole:
        whole.furnish()
        n_requests = len(whole.asked(lambda: published(whole, given, **settings)))
        unharmed = whole.seen()
    for position in range(n_requests):
        with Zotero(via) as zotero:
            zotero.furnish()
            dies(zotero, position, moment)
            with pytest.raises(TransientError):
                zotero.shelf(**settings).publish(given)
            zotero.server.hook = None
            receipts = published(zotero, given, **settings)
            assert zotero.seen() == unharmed, (position, zotero.seen())
            retired = zotero.shelf(**settings).retire(receipts)
            assert [(r.failure, r.touched) for r in retired] == [("", False)] * 2, position
            assert all(item["deleted"] for item in zotero.items.values())


@BOTH
@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_at_any_request_the_next_publishing_ends_as_it_should(
    via: Via, fault: str
) -> None:
    given = [suggestion_on(1)]
    with Zotero(via) as whole:
        n_requests = len(whole.asked(lambda: published(whole, given)))
        unharmed = whole.seen()
    for position in range(n_requests):
        with Zotero(via) as zotero:
            zotero.server.faults.at(position, FAULTS[fault])
            with suppress(IntegrationError):
                zotero.shelf().publish(given)
            assert published(zotero, given)[0].place
            assert zotero.seen() == unharmed, position


@BOTH
def test_a_memory_that_was_lost_with_the_answer_makes_no_second_shelf(via: Via) -> None:
    for position in range(6):
        with Zotero(via) as zotero:
            dies(zotero, position, "after")
            with suppress(TransientError):
                zotero.shelf({}).publish([suggestion_on(1)])
            zotero.server.hook = None
            published(zotero, [suggestion_on(1), suggestion_on(2)])
            assert len(zotero.items) == 2
            assert len(zotero.library.collections) == 1


def test_nothing_is_made_when_the_library_has_moved_on(zotero: Zotero) -> None:
    shelf = zotero.shelf()
    zotero.library.put("items", {"itemType": "book", "title": "Just saved"})
    before = zotero.frozen()
    with pytest.raises(StaleLibrary):
        shelf.publish(three())
    assert zotero.frozen() == before
    published(zotero, three())


def test_what_comes_between_the_collection_and_the_items_is_noticed_too(zotero: Zotero) -> None:
    def meddle(request: Request) -> Request:
        if request.method == "POST" and request.path.endswith("/items"):
            zotero.library.put("items", {"itemType": "book", "title": "Just saved"})
        return request

    zotero.meddle = meddle
    with pytest.raises(StaleLibrary):
        zotero.shelf().publish(three())
    assert len(zotero.items) == 1


def test_without_a_known_version_that_of_the_first_read_counts(zotero: Zotero) -> None:
    zotero.library.put("items", {"itemType": "book", "title": "There before"})
    shelf = shelf_at(zotero.client(), zotero.memory)
    assert all(not r.failure for r in shelf.publish(three()))
    posts = [r for r in zotero.server.requests if r.method == "POST"]
    assert [r.headers["if-unmodified-since-version"] for r in posts] == ["1", "2"]


def test_two_machines_make_one_item_of_one_paper(zotero: Zotero) -> None:
    ours, theirs = zotero.shelf(), zotero.shelf(memory={})
    first = ours.publish(three())
    before = zotero.frozen()
    with pytest.raises(StaleLibrary):
        theirs.publish([suggestion_on(4), *three()])
    assert zotero.frozen() == before
    again = theirs.publish(three())
    assert [(r.place, r.memo) for r in again] == [(r.place, r.memo) for r in first]
    assert zotero.frozen() == before


@pytest.mark.parametrize("path", ["collections", "items"])
def test_two_machines_at_the_same_moment_make_one_item_of_one_paper(
    zotero: Zotero, path: str
) -> None:
    ours = zotero.shelf()
    first: list[Receipt] = []

    def meddle(request: Request) -> Request:
        if request.method == "POST" and request.path.endswith(path):
            zotero.meddle = lambda request: request
            first.extend(zotero.shelf(memory={}).publish(three()))
        return request

    zotero.meddle = meddle
    with pytest.raises(StaleLibrary):
        ours.publish(three())
    again = published(zotero, three())
    assert [r.place for r in again] == [r.place for r in first]
    assert (len(zotero.items), len(zotero.notes), len(zotero.library.collections)) == (3, 3, 1)


def test_another_profiles_suggestion_of_the_same_paper_is_left_as_it_is(zotero: Zotero) -> None:
    [first] = published(zotero, [suggestion_on(1)])
    before = zotero.frozen()
    other = replace(suggestion_on(1), suggestion_id="f" * 16)
    [receipt] = published(zotero, [other])
    assert receipt.place == first.place
    assert zotero.frozen() == before
    assert zotero.shelf().retire([receipt])[0].touched


def test_two_papers_that_share_a_name_are_two_items(zotero: Zotero) -> None:
    one = suggestion_on(1)
    other = replace(
        one,
        suggestion_id="f" * 16,
        paper=replace(one.paper, title="Honey of the Alps in winter", abstract="", authors=()),
    )
    assert names(one.paper)[0] == names(other.paper)[0]
    places = {receipt.place for receipt in published(zotero, [one, other])}
    assert len(places) == 2
    assert {r.place for r in published(zotero, [other, one])} == places


def test_what_has_our_key_and_is_not_ours_is_left_alone(zotero: Zotero) -> None:
    mine = {"itemType": "book", "title": "Mine", "tags": [], "collections": [], "extra": ""}
    note = {"itemType": "note", "note": "<p>Mine too</p>", "tags": []}
    name = names(suggestion_on(1).paper)[0]
    taken = made_key("users/1", "item", name)
    own_note = made_key("users/1", "note", name, 2)
    stored = [zotero.library.put("items", mine, taken), zotero.library.put("items", note, own_note)]
    before = repr(stored)
    [receipt] = published(zotero, [suggestion_on(1)])
    assert receipt.place == made_key("users/1", "item", name, 3)
    assert repr(stored) == before


def test_a_paper_for_which_every_key_is_taken_fails_alone(zotero: Zotero) -> None:
    name = names(suggestion_on(1).paper)[0]
    for attempt in range(1, 9):
        key = made_key("users/1", "item", name, attempt)
        zotero.library.put("items", {"itemType": "book", "title": "Mine"}, key)
    first, second = zotero.shelf().publish([suggestion_on(1), suggestion_on(2)])
    assert first.failure
    assert not second.failure


def _spoilt(zotero: Zotero, which: Callable[[dict[str, Any]], bool]) -> None:
    def meddle(request: Request) -> Request:
        if request.method != "POST" or not request.path.endswith("/items"):
            return request
        sent = [{**o, "itemType": "nope"} if which(o) else o for o in json.loads(request.body)]
        return replace(request, body=json.dumps(sent).encode())

    zotero.meddle = meddle


@BOTH
def test_an_item_that_is_not_taken_fails_alone_and_is_made_when_it_is(zotero: Zotero) -> None:
    given = three()
    title = given[1].paper.title
    _spoilt(zotero, lambda sent: sent.get("title") == title)
    receipts = zotero.shelf().publish(given)
    assert [bool(receipt.failure) for receipt in receipts] == [False, True, False]
    assert len(receipts[1].failure.splitlines()) == 1
    assert title not in receipts[1].failure
    zotero.meddle = lambda request: request
    published(zotero, given)
    assert len(zotero.items) == len(zotero.notes) == 3


@BOTH
def test_without_its_note_an_item_is_delivered_and_never_taken_away(
    zotero: Zotero, caplog: pytest.LogCaptureFixture
) -> None:
    _spoilt(zotero, lambda sent: sent["itemType"] == "note")
    receipts = published(zotero, [suggestion_on(1)])
    assert (len(zotero.items), len(zotero.notes)) == (1, 0)
    assert len(caplog.records) == 1
    assert suggestion_on(1).paper.title not in caplog.text
    zotero.meddle = lambda request: request
    assert zotero.shelf().retire(receipts)[0].touched


def test_a_key_that_sees_no_notes_delivers_and_leaves_what_it_cannot_judge(
    zotero: Zotero, caplog: pytest.LogCaptureFixture
) -> None:
    zotero.world.add_key(ApiKey("n" * 24, 1, notes=False))
    shelf = zotero.shelf(key="n" * 24)
    receipts = shelf.publish(three())
    assert [r.failure for r in receipts] == [""] * 3
    assert len(zotero.items) == len(zotero.notes) == 3
    before = zotero.frozen()
    assert [r.failure for r in zotero.shelf(key="n" * 24).publish(three())] == [""] * 3
    assert [r.touched for r in zotero.shelf(key="n" * 24).retire(receipts)] == [True] * 3
    assert zotero.frozen() == before
    assert not caplog.records
    assert [r.touched for r in zotero.shelf().retire(receipts)] == [False] * 3


def test_a_key_that_only_reads_is_told_so(zotero: Zotero) -> None:
    zotero.world.add_key(ApiKey("r" * 24, 1, write=False))
    with pytest.raises(NotAuthorized):
        zotero.shelf(key="r" * 24).publish(three())
    assert not zotero.items


def test_a_full_storage_is_one_clear_line(zotero: Zotero) -> None:
    zotero.web.quota_full = True
    with pytest.raises(PermanentError) as caught:
        zotero.shelf().publish(three())
    assert len(str(caught.value).splitlines()) == 1
    assert not zotero.items


def test_many_are_written_fifty_objects_at_a_time_each_item_with_its_note(zotero: Zotero) -> None:
    given = [suggestion_on(n) for n in range(1, 61)]
    receipts = published(zotero, given)
    posts = [r for r in zotero.server.requests if r.method == "POST" and "items" in r.path]
    assert [len(json.loads(r.body)) for r in posts] == [50, 50, 20]
    assert len({receipt.place for receipt in receipts}) == len(zotero.notes) == 60


def test_what_was_written_is_told_of_when_the_library_moves_on_between_two_batches(
    zotero: Zotero,
) -> None:
    posts = count()

    def meddle(request: Request) -> Request:
        if request.method == "POST" and request.path.endswith("/items") and next(posts) == 1:
            zotero.library.put("items", {"itemType": "book", "title": "Just saved"})
        return request

    zotero.meddle = meddle
    receipts = zotero.shelf().publish([suggestion_on(n) for n in range(1, 31)])
    assert [bool(r.failure) for r in receipts] == [False] * 25 + [True] * 5
    assert [bool(r.place) for r in receipts] == [True] * 25 + [False] * 5
