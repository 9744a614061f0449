import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from integrations.web.testing.exchange import Request
from integrations.zotero.convert import entry
from recommender.errors import (
    IntegrationError,
    TransientError,
)
from recommender.library import Item
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.zotero_shelves import (
    BOTH,
    FAULTS,
    LOCAL,
    Via,
    Zotero,
    dies,
    meets_a_reset,
    published,
    three,
)


@BOTH
def test_what_nobody_touched_goes_to_the_trash_and_nothing_else_is_sent(zotero: Zotero) -> None:
    receipts = published(zotero, three())
    start = len(zotero.server.requests)
    retired = zotero.shelf().retire(receipts)
    assert retired == [Receipt(receipt.suggestion_id) for receipt in receipts]
    writes = [r for r in zotero.server.requests[start:] if r.method != "GET"]
    bodies = [json.loads(request.body) for request in writes]
    changes = [one for body in bodies for one in (body if isinstance(body, list) else [body])]
    assert [change.keys() - {"key", "version"} for change in changes] == [{"deleted", "extra"}] * 3
    assert {change["deleted"] for change in changes} == {1}
    assert all("if-unmodified-since-version" in r.headers for r in writes)
    assert len(zotero.items) == len(zotero.notes) == 3
    before = zotero.frozen()
    again = zotero.asked(lambda: zotero.shelf().retire(receipts))
    assert {line.split()[0] for line in again} == {"GET"}
    assert zotero.frozen() == before


@BOTH
def test_what_we_put_into_the_trash_says_so_and_is_told_of_as_ours(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])
    extra = zotero.items[receipt.place]["extra"]
    zotero.shelf().retire([receipt])
    item = zotero.items[receipt.place]
    assert item["extra"] == f"{extra} tidied"
    found = entry({"key": receipt.place, **item})
    assert isinstance(found, Item)
    assert (found.mark, found.trashed, found.tidied) == (receipt.suggestion_id, True, True)


@BOTH
def test_what_the_reader_takes_out_of_the_trash_is_never_put_there_again(zotero: Zotero) -> None:
    receipts = published(zotero, [suggestion_on(1)])
    zotero.shelf().retire(receipts)
    zotero.change(receipts[0].place, deleted=False)
    before = zotero.frozen()
    again = published(zotero, [suggestion_on(1)])
    for known in (receipts, again):
        [retired] = zotero.shelf().retire(known)
        assert (retired.touched, retired.failure) == (True, "")
    assert zotero.frozen() == before


def test_on_the_web_few_requests_take_many_away(zotero: Zotero) -> None:
    receipts = published(zotero, [suggestion_on(n) for n in range(1, 61)])
    base, shelf = "/users/1", zotero.collection("Shelfwise")
    listed = f"GET {base}/collections/{shelf}/items"
    first = [f"GET {base}/items", listed, listed, f"POST {base}/items"]
    assert zotero.asked(lambda: zotero.shelf().retire(receipts)) == [
        *first,
        first[0],
        *first[1:2],
        first[3],
    ]
    assert all(item["deleted"] for item in zotero.items.values())


def test_on_a_shelf_that_holds_much_else_only_what_is_judged_is_read(zotero: Zotero) -> None:
    receipts = published(zotero, three())
    shelf = zotero.collection("Shelfwise")
    for n in range(400):
        mine = {"itemType": "book", "title": f"Mine {n}", "collections": [shelf], "tags": []}
        zotero.library.put("items", mine)
    _note_on(zotero, receipts[1].place)
    asked = zotero.asked(lambda: zotero.shelf().retire(receipts))
    children = [f"GET /users/1/items/{receipt.place}/children" for receipt in receipts]
    assert sorted(asked[2:-1]) == sorted(children)
    assert [bool(zotero.items[r.place].get("deleted")) for r in receipts] == [True, False, True]


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


def _move_on_the_shelf(zotero: Zotero, key: str) -> None:
    """To another collection of ours."""
    published(zotero, [suggestion_on(7)], collection="Other")
    zotero.change(key, collections=[zotero.collection("Other")])


def _file_on_the_shelf(zotero: Zotero, key: str) -> None:
    published(zotero, [suggestion_on(7)], collection="Other")
    shelves = [zotero.collection(path) for path in ("Shelfwise", "Other")]
    zotero.change(key, collections=shelves)


def _relate(zotero: Zotero, key: str) -> None:
    zotero.change(key, relations={"dc:relation": "http://zotero.org/users/1/items/ABCD2345"})


TOUCHES: dict[str, Callable[[Zotero, str], None]] = {
    "tags it": _tag,
    "writes a note": _note_on,
    "attaches a file": _attach,
    "files it": _file,
    "moves it": _move,
    "moves it among our collections": _move_on_the_shelf,
    "files it among our collections": _file_on_the_shelf,
    "takes it off the shelf": lambda zotero, key: zotero.change(key, collections=[]),
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
    zotero.change(receipts[0].place, dateModified="2030-01-01T00:00:00Z")
    assert zotero.shelf().retire(receipts) == [Receipt(receipts[0].suggestion_id)]


MOMENTS: dict[str, Callable[[Zotero, str], None]] = {
    "edits it": lambda zotero, key: zotero.change(key, title="Mine now"),
    "files it": _file,
    "writes a note": _note_on,
    "attaches a file": _attach,
    "edits the note": TOUCHES["edits the note"],
    "deletes the note": _delete_note,
}


@BOTH
@pytest.mark.parametrize("touch", MOMENTS)
def test_what_somebody_touches_at_the_very_moment_stays(zotero: Zotero, touch: str) -> None:
    [receipt, other] = published(zotero, three()[:2])
    extra = zotero.items[receipt.place]["extra"]
    _once(zotero, _trashes(receipt.place), lambda: MOMENTS[touch](zotero, receipt.place))
    retired = zotero.shelf().retire([receipt, other])
    assert retired == [Receipt(receipt.suggestion_id, touched=True), Receipt(other.suggestion_id)]
    item = zotero.items[receipt.place]
    assert not item.get("deleted")
    assert item["extra"] == extra
    assert zotero.items[other.place]["deleted"]


@LOCAL
def test_what_came_at_the_moment_of_a_run_that_died_comes_out_of_the_trash(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])
    _once(zotero, _trashes(receipt.place), lambda: _note_on(zotero, receipt.place))
    meets_a_reset(zotero, "after", lambda request: request.method == "PATCH")
    with pytest.raises(TransientError):
        zotero.shelf().retire([receipt])
    zotero.server.hook = None
    assert zotero.items[receipt.place]["deleted"]
    assert zotero.shelf().retire([receipt]) == [Receipt(receipt.suggestion_id, touched=True)]
    assert not zotero.items[receipt.place].get("deleted")


@LOCAL
def test_what_the_reader_fetches_back_at_once_stays_as_they_leave_it(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])

    def fetched() -> None:
        zotero.change(receipt.place, deleted=False)

    _once(
        zotero,
        lambda r: r.method == "GET" and bool(zotero.items[receipt.place].get("deleted")),
        fetched,
    )
    assert zotero.shelf().retire([receipt]) == [Receipt(receipt.suggestion_id, touched=True)]
    assert zotero.items[receipt.place]["extra"].endswith(" tidied")


def test_a_library_that_somebody_is_at_all_the_while_loses_nothing(zotero: Zotero) -> None:
    receipts = published(zotero, three())

    def meddle(request: Request) -> Request:
        if request.method == "POST":
            zotero.library.put("items", {"itemType": "book", "title": "Just saved"})
        return request

    zotero.meddle = meddle
    retired = zotero.shelf().retire(receipts)
    assert {r.failure for r in retired} == {
        "the library was changed while it was looked at; run again"
    }
    assert not any(r.touched for r in retired)
    assert not any(item.get("deleted") for item in zotero.items.values())
    zotero.meddle = lambda request: request
    assert not any(r.failure or r.touched for r in zotero.shelf().retire(receipts))


def test_what_zotero_does_not_take_away_fails_alone(zotero: Zotero) -> None:
    receipts = published(zotero, three())

    def meddle(request: Request) -> Request:
        if request.method != "POST":
            return request
        first, *rest = json.loads(request.body)
        return replace(request, body=json.dumps([{**first, "tags": 7}, *rest]).encode())

    zotero.meddle = meddle
    retired = zotero.shelf().retire(receipts)
    assert [bool(r.failure) for r in retired] == [True, False, False]
    assert not any(r.touched for r in retired)


@BOTH
def test_what_is_gone_already_gets_its_receipt(zotero: Zotero) -> None:
    receipts = published(zotero, three())
    zotero.library.erase_item(receipts[0].place)
    zotero.change(receipts[1].place, deleted=1, title="Mine, and thrown away")
    last = receipts[2].place
    if zotero.via == "web":
        _once(zotero, _trashes(last), lambda: zotero.library.erase_item(last))
    retired = zotero.shelf().retire(receipts)
    assert retired == [Receipt(receipt.suggestion_id) for receipt in receipts]


def _trashes(key: str) -> Callable[[Request], bool]:
    return lambda r: r.method in {"POST", "PATCH"} and key in f"{r.path} {r.body.decode()}"


def _once(zotero: Zotero, when: Callable[[Request], bool], act: Callable[[], object]) -> None:
    """Has somebody do something right before the first such request acts."""

    def meddle(request: Request) -> Request:
        if when(request):
            zotero.meddle = lambda request: request
            act()
        return request

    zotero.meddle = meddle


@BOTH
def test_what_is_not_known_to_be_as_we_made_it_is_left(zotero: Zotero) -> None:
    [receipt] = published(zotero, [suggestion_on(1)])
    before = zotero.frozen()
    for memo in (
        "",
        "nonsense",
        "[]",
        "{}",
        '{"item": 1, "note": 2, "fingerprint": 3, "shelf": 4}',
    ):
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
    with Zotero(via) as whole:
        receipts = published(whole, three()[:2])
        n_requests = len(whole.asked(lambda: whole.shelf().retire(receipts)))
    for moment in ("before", "after"):
        for position in range(n_requests):
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
