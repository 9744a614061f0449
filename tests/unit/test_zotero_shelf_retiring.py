import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from integrations.zotero.testing.exchange import Request
from recommender.errors import (
    IntegrationError,
    TransientError,
)
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.zotero_shelves import (
    BOTH,
    FAULTS,
    Via,
    Zotero,
    dies,
    published,
    three,
)


@pytest.fixture
def via() -> Via:
    return "web"


@pytest.fixture
def zotero(via: Via) -> Iterator[Zotero]:
    with Zotero(via) as zotero:
        yield zotero


@BOTH
def test_what_nobody_touched_goes_to_the_trash_and_nothing_else_is_sent(zotero: Zotero) -> None:
    receipts = published(zotero, three())
    start = len(zotero.server.requests)
    retired = zotero.shelf().retire(receipts)
    assert retired == [Receipt(receipt.suggestion_id) for receipt in receipts]
    writes = [r for r in zotero.server.requests[start:] if r.method != "GET"]
    assert [(r.method, json.loads(r.body)) for r in writes] == [("PATCH", {"deleted": 1})] * 3
    assert all("if-unmodified-since-version" in r.headers for r in writes)
    assert len(zotero.items) == len(zotero.notes) == 3
    again = zotero.asked(lambda: zotero.shelf().retire(receipts))
    assert [line.split()[0] for line in again] == ["GET"]


@BOTH
def test_many_are_taken_away_whatever_hangs_on_them(zotero: Zotero) -> None:
    receipts = published(zotero, [suggestion_on(n) for n in range(1, 51)])
    for receipt in receipts[::15]:
        _note_on(zotero, receipt.place)
        _attach(zotero, receipt.place)
    retired = zotero.shelf().retire(receipts)
    assert [n for n, r in enumerate(retired) if r.touched] == [0, 15, 30, 45]
    assert sum(bool(item.get("deleted")) for item in zotero.items.values()) == 46


def _tag(zotero: Zotero, key: str) -> None:
    tags = zotero.items[key]["tags"]
    zotero.change(key, tags=[*tags, {"tag": "not for me"}])


def _note_on(zotero: Zotero, key: str) -> None:
    note = {"itemType": "note", "note": "<p>I read it</p>", "parentItem": key, "tags": []}
    zotero.library.put("items", note)


def _attach(zotero: Zotero, key: str) -> None:
    file = {"itemType": "attachment", "linkMode": "linked_url", "url": "https://example.org"}
    zotero.library.put("items", {**file, "title": "A copy", "parentItem": key, "tags": []})


def _own_note(zotero: Zotero, key: str) -> str:
    return next(k for k, note in zotero.notes.items() if note["parentItem"] == key)


def _delete_note(zotero: Zotero, key: str) -> None:
    zotero.library.erase_item(_own_note(zotero, key))


def _file(zotero: Zotero, key: str) -> None:
    zotero.library.put("collections", {"name": "Thesis", "parentCollection": False}, "THESIS22")
    zotero.change(key, collections=[*zotero.items[key]["collections"], "THESIS22"])


def _move(zotero: Zotero, key: str) -> None:
    zotero.library.put("collections", {"name": "Thesis", "parentCollection": False}, "THESIS22")
    zotero.change(key, collections=["THESIS22"])


def _relate(zotero: Zotero, key: str) -> None:
    zotero.change(key, relations={"dc:relation": "http://zotero.org/users/1/items/ABCD2345"})


TOUCHES: dict[str, Callable[[Zotero, str], None]] = {
    "tags it": _tag,
    "writes a note": _note_on,
    "attaches a file": _attach,
    "files it": _file,
    "moves it": _move,
    "relates it": _relate,
    "edits it": lambda zotero, key: zotero.change(key, date="2025"),
    "takes the mark away": lambda zotero, key: zotero.change(key, extra=""),
    "edits the note": lambda zotero, key: zotero.change(
        _own_note(zotero, key), note=zotero.notes[_own_note(zotero, key)]["note"] + "<p>Yes</p>"
    ),
    "tags the note": lambda zotero, key: zotero.change(_own_note(zotero, key), tags=[{"tag": "x"}]),
    "trashes the note": lambda zotero, key: zotero.change(_own_note(zotero, key), deleted=1),
    "deletes the note": _delete_note,
}


@BOTH
@pytest.mark.parametrize("touch", TOUCHES)
def test_what_somebody_touched_stays_as_it_is(zotero: Zotero, touch: str) -> None:
    receipts = published(zotero, three()[:2])
    TOUCHES[touch](zotero, receipts[0].place)
    data = dict(zotero.items[receipts[0].place])
    version = zotero.library.items[receipts[0].place].version
    touched, gone = zotero.shelf().retire(receipts)
    assert (touched.touched, touched.failure) == (True, "")
    assert (gone.touched, gone.failure) == (False, "")
    assert zotero.items[receipts[0].place] == data
    assert zotero.library.items[receipts[0].place].version == version
    assert zotero.items[receipts[1].place]["deleted"]


@BOTH
def test_what_the_server_alone_renewed_is_not_touched(zotero: Zotero) -> None:
    receipts = published(zotero, [suggestion_on(1)])
    zotero.change(receipts[0].place, dateModified="2030-01-01T00:00:00Z", collections=[])
    assert zotero.shelf().retire(receipts) == [Receipt(receipts[0].suggestion_id)]


@BOTH
def test_what_somebody_touches_at_the_very_moment_stays(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])

    def meddle(request: Request) -> Request:
        if request.method == "PATCH":
            zotero.change(receipt.place, title="Mine now")
        return request

    zotero.meddle = meddle
    assert zotero.shelf().retire([receipt]) == [Receipt(receipt.suggestion_id, touched=True)]
    assert not zotero.items[receipt.place].get("deleted")


@BOTH
def test_what_is_gone_already_gets_its_receipt(zotero: Zotero) -> None:
    receipts = published(zotero, three())
    zotero.library.erase_item(receipts[0].place)
    zotero.change(receipts[1].place, deleted=1, title="Mine, and thrown away")

    def meddle(request: Request) -> Request:
        if request.method == "PATCH":
            zotero.library.erase_item(receipts[2].place)
        return request

    if zotero.via == "web":
        zotero.meddle = meddle
    retired = zotero.shelf().retire(receipts)
    assert retired == [Receipt(receipt.suggestion_id) for receipt in receipts]


@BOTH
def test_what_is_not_known_to_be_as_we_made_it_is_left(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])
    before = zotero.frozen()
    for memo in ("", "nonsense", "[]", "{}", '{"item": 1, "note": 2, "fingerprint": 3}'):
        [retired] = zotero.shelf().retire([replace(receipt, memo=memo)])
        assert (retired.touched, retired.failure) == (True, "")
    assert zotero.frozen() == before


def test_what_is_in_another_library_is_no_business_of_this_shelf(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])
    [retired] = zotero.shelf().retire([replace(receipt, place=f"groups/2/{receipt.place}")])
    assert retired.failure
    assert not zotero.items[receipt.place].get("deleted")


@BOTH
def test_retiring_that_died_at_any_request_is_run_again(via: Via) -> None:
    for moment in ("before", "after"):
        for position in range(5):
            with Zotero(via) as zotero:
                receipts = published(zotero, three()[:2])
                shelf = zotero.shelf()
                dies(zotero, len(zotero.server.requests) + position, moment)
                with pytest.raises(TransientError):
                    shelf.retire(receipts)
                zotero.server.hook = None
                retired = zotero.shelf().retire(receipts)
                assert retired == [Receipt(receipt.suggestion_id) for receipt in receipts]
                assert all(item["deleted"] for item in zotero.items.values())


@BOTH
@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_at_any_request_the_next_retiring_ends_as_it_should(
    via: Via, fault: str
) -> None:
    for position in range(3):
        with Zotero(via) as zotero:
            receipts = published(zotero, [suggestion_on(1)])
            shelf, retired = zotero.shelf(), list[Receipt]()
            zotero.server.faults.at(len(zotero.server.requests) + position, FAULTS[fault])
            with suppress(IntegrationError):
                retired += shelf.retire(receipts)
            assert not any(receipt.touched for receipt in retired), position
            assert shelf.retire(receipts) == [Receipt(receipts[0].suggestion_id)], position
            assert all(item["deleted"] for item in zotero.items.values()), position
