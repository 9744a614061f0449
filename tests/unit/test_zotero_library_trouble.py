"""Nothing that goes wrong while a library is read is a deletion, or spoils the next sync."""

from collections.abc import Iterator

import pytest

from integrations.web.testing.exchange import Request
from integrations.web.testing.server import (
    EMPTY_200,
    ERROR_200,
    RESET_AFTER,
    RESET_BEFORE,
    Fault,
)
from recommender.errors import BadResponse, IntegrationError, TransientError
from tests.unit.zotero_served import KEY, Reader, served

_TITLE = "A private title"
_KINDS = ("web", "10", "9")
_JSON = {"Content-Type": "application/json"}

_PASSING = {
    "reset before": RESET_BEFORE,
    "reset after": RESET_AFTER,
    "empty": EMPTY_200,
    "an error as a good answer": ERROR_200,
    "500": Fault(500, body=_TITLE.encode()),
    "502": Fault(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"),
    "503": Fault(503),
    "429": Fault(429),
    "429 with a time": Fault(429, {"Retry-After": "1.5"}),
    "cut off": Fault(keep=1),
    "cut off and said to be whole": Fault(200, _JSON, b'[{"key": "AAAA2222", "data": {"ke'),
}
_LASTING = {
    "400": Fault(400, body=_TITLE.encode()),
    "403": Fault(403, body=b"Forbidden"),
    "404": Fault(404, body=b"Not found"),
    "409": Fault(409),
    "412": Fault(412),
    "413": Fault(413),
    "428": Fault(428),
    "another page": Fault(200, {"Content-Type": "text/html"}, b"<html>Please log in</html>"),
    "another shape": Fault(200, {**_JSON, "Last-Modified-Version": "9"}, b'"text"'),
    "no objects": Fault(200, {**_JSON, "Last-Modified-Version": "9", "Total-Results": "1"}, b"[1]"),
    "empty objects": Fault(
        200, {**_JSON, "Last-Modified-Version": "9", "Total-Results": "1"}, b"[{}]"
    ),
    "fewer than there are": Fault(
        200, {**_JSON, "Last-Modified-Version": "9", "Total-Results": "9"}, b"[]"
    ),
    "no version": Fault(200, {**_JSON, "Total-Results": "0"}, b"[]"),
    "a version that is none": Fault(
        200, {**_JSON, "Total-Results": "0", "Last-Modified-Version": "x"}, b"[]"
    ),
}

_OF_ANOTHER_VERSION = {"another shape", "no objects", "empty objects", "fewer than there are"}


def _fill(reader: Reader) -> None:
    reader.folder("INSIDE22", "Thesis")
    for key in ("AAAA2222", "BBBB2222", "CCCC2222"):
        reader.paper(key, _TITLE, "INSIDE22")
    reader.note("DDDD2222", "AAAA2222")


def _work(reader: Reader, times: int = 0) -> None:
    """What a person does between two syncs: a change, a deletion, something new, each time."""
    reader.edit("AAAA2222", title=f"Title {times}")
    gone, new = ("BBBB2222", "EEEE2222")[:: -1 if times % 2 else 1]
    reader.shown.erase_item(gone)
    reader.paper(new, _TITLE)


def _n_requests(kind: str) -> int:
    """How many requests the second of two syncs takes."""
    with served(kind) as reader:
        _fill(reader)
        reader.sync()
        _work(reader)
        reader.n_requests()
        reader.sync()
        return reader.n_requests()


def _is_sat_out(name: str, requests: list[Request], position: int) -> bool:
    """Whether a lasting trouble at a request is one that need not be told."""
    if requests[position].path == "/keys/current":
        # Whoever may not ask what their key shows is not told, and then no note counts as deleted.
        return name in {"403", "404"}
    # A list that is of another version than those before it is read again, whatever is in it.
    again = [request.path for request in requests[position + 1 :]]
    return name in _OF_ANOTHER_VERSION and requests[position].path in again


def _failure(reader: Reader) -> str:
    try:
        reader.sync()
    except IntegrationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", _PASSING)
@pytest.mark.parametrize("kind", _KINDS)
def test_what_passes_is_sat_out_at_every_request(kind: str, name: str) -> None:
    with served(kind) as reader:
        _fill(reader)
        reader.sync()
        for position in range(_n_requests(kind)):
            _work(reader, position)
            reader.n_requests()
            reader.server.faults.at(position, _PASSING[name])
            reader.slept.clear()
            reader.sync()
            assert reader.entries.keys() == set(reader.shown.items)
            assert reader.slept


@pytest.mark.parametrize("name", [*_PASSING, *_LASTING])
@pytest.mark.parametrize("kind", _KINDS)
def test_what_lasts_is_one_clear_line_at_every_request_and_loses_nothing(
    kind: str, name: str
) -> None:
    with served(kind, pauses=()) as reader:
        _fill(reader)
        reader.sync()
        for position in range(_n_requests(kind)):
            before = reader.entries.keys() & {"AAAA2222", "CCCC2222", "DDDD2222"}
            _work(reader, position)
            reader.n_requests()
            reader.server.faults.at(position, (_PASSING | _LASTING)[name])
            said = _failure(reader)
            assert said or _is_sat_out(name, reader.server.requests, position)
            assert "\n" not in said
            assert _TITLE not in said
            assert reader.entries.keys() >= before
            reader.server.faults.clear()
            reader.sync()
            assert reader.entries.keys() == set(reader.shown.items)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_list_without_an_end_is_no_deletion(kind: str) -> None:
    with served(kind, pauses=()) as reader:
        _fill(reader)
        reader.sync()
        headers = {**_JSON, "Last-Modified-Version": "999", "Total-Results": "0"}
        lost = Fault(200, {**headers, "Total-Results": "4"}, b"{}")
        reader.server.faults.when(lambda _: True, lost, times=10)
        with pytest.raises((TransientError, BadResponse)):
            reader.sync()
        assert len(reader.entries) == 4


def test_a_right_that_is_lost_between_list_and_items_loses_no_item() -> None:
    with served("web", pauses=()) as reader:
        _fill(reader)
        changes = reader.library.changes(None)
        reader.world.keys[KEY].notes = False
        with pytest.raises(TransientError, match="check the key"):
            list(reader.library.fetch(changes.entries))


@pytest.fixture
def web() -> Iterator[Reader]:
    with served("web") as reader:
        yield reader


def _without_notes(reader: Reader) -> None:
    reader.world.keys[KEY].notes = False


def test_a_key_without_notes_takes_none_for_deleted(web: Reader) -> None:
    web.paper("AAAA2222")
    web.note("BBBB2222", "AAAA2222")
    web.sync()
    _without_notes(web)
    web.sync()
    web.paper("CCCC2222")
    web.sync()
    web.changes = type(web.changes)(version="", entries={})
    web.sync()
    assert web.entries.keys() == {"AAAA2222", "BBBB2222", "CCCC2222"}


def test_a_key_without_notes_still_tells_what_was_deleted(web: Reader) -> None:
    web.paper("AAAA2222")
    web.paper("CCCC2222")
    web.note("BBBB2222", "AAAA2222")
    web.sync()
    _without_notes(web)
    web.shown.erase_item("AAAA2222")
    web.changes = type(web.changes)(version="", entries={})
    web.sync()
    assert web.entries.keys() == {"CCCC2222"}


def test_notes_that_a_key_shows_at_last_are_new(web: Reader) -> None:
    _without_notes(web)
    web.paper("AAAA2222")
    web.note("BBBB2222", "AAAA2222")
    web.sync()
    assert web.entries.keys() == {"AAAA2222"}
    web.world.keys[KEY].notes = True
    web.sync()
    assert web.entries.keys() == {"AAAA2222", "BBBB2222"}
    web.n_requests()
    web.sync()
    assert web.n_requests() == 1


def test_a_note_that_was_written_while_the_key_showed_none_is_seen_at_last(web: Reader) -> None:
    web.paper("AAAA2222")
    web.sync()
    _without_notes(web)
    web.note("BBBB2222", "AAAA2222")
    web.sync()
    web.paper("CCCC2222")
    web.sync()
    assert web.entries.keys() == {"AAAA2222", "CCCC2222"}
    web.world.keys[KEY].notes = True
    web.sync()
    assert web.entries.keys() == {"AAAA2222", "BBBB2222", "CCCC2222"}
    web.n_requests()
    web.sync()
    assert web.n_requests() == 1
