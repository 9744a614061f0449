"""What the client makes of failures, and of no answer at all."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from integrations.zotero.client import AnotherServer, Client, Conflict, Quiet
from integrations.zotero.client_answers import without_quotes
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    RateLimited,
    StaleLibrary,
    TransientError,
)
from tests.unit.zotero_wire import (
    GOOD,
    KEY,
    TITLE,
    WRITES,
    Answered,
    Wire,
    a_list,
    items,
    patch,
    post,
    put,
    text,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (text(400), BadResponse),
        (text(401), NotAuthorized),
        (text(403, "Invalid key"), NotAuthorized),
        (text(403, "Forbidden"), NotAuthorized),
        (text(404, "Not found"), NotAuthorized),
        (text(413), PermanentError),
        (text(418), BadResponse),
        (text(428), BadResponse),
        (text(429), RateLimited),
        (text(500), TransientError),
        (text(502, "<html><h1>Bad Gateway</h1>"), TransientError),
        (text(503), RateLimited),
        (text(504), TransientError),
        (text(200, "An error occurred"), TransientError),
        (text(200, ""), TransientError),
        (text(200, '[{"key": "A", "dat'), TransientError),
        (text(200, "[" * 100_000), TransientError),
        (text(204, ""), TransientError),
        (text(302, "", Location="https://example.org/login"), TransientError),
        (text(304, ""), TransientError),
        (httpx2.ReadTimeout(f"{KEY} {TITLE}"), TransientError),
        (httpx2.ReadError(f"{KEY} {TITLE}"), TransientError),
        (httpx2.RemoteProtocolError(f"{KEY} {TITLE}"), TransientError),
        (httpx2.DecodingError(f"{KEY} {TITLE}"), TransientError),
        (httpx2.ConnectError(f"{KEY} {TITLE}"), TransientError),
        (httpx2.ConnectTimeout(f"{KEY} {TITLE}"), TransientError),
        (httpx2.ProxyError(f"{KEY} {TITLE}"), TransientError),
        (httpx2.UnsupportedProtocol(f"{KEY} {TITLE}"), TransientError),
    ],
)
@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("call", [items, *WRITES])
def test_each_failure_is_one_clear_line(
    call: Callable[[Client], object], answer: Answered, expected: type[Exception], *, local: bool
) -> None:
    # What is good for a write is none for a read.
    if call is not items and isinstance(answer, httpx2.Response):
        if answer.status_code == 204 and call is not post:
            return
        # On this computer the server is asked for its id before.
        if answer.status_code == 404 and call is not post and not local:
            expected = Conflict
    wire = Wire(answer)
    client = wire.client(local=local, library="users/0" if local else "users/1")
    with pytest.raises(IntegrationError) as raised:
        call(client)
    error = raised.value
    assert isinstance(error, expected)
    assert error.service == "Zotero"
    assert "\n" not in str(error)
    assert len(str(error)) > 20
    seen: BaseException | None = error
    while seen is not None:
        assert KEY not in str(seen)
        assert TITLE not in str(seen)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


@pytest.mark.parametrize(
    "trouble",
    [
        text(500),
        text(502),
        text(503),
        text(429),
        text(200, "An error occurred"),
        text(200, '[{"key'),
        httpx2.ReadTimeout(""),
        httpx2.ReadError(""),
        httpx2.ConnectError(""),
        httpx2.RemoteProtocolError(""),
    ],
)
def test_a_read_is_tried_again(trouble: Answered) -> None:
    wire = Wire(trouble, trouble, trouble, a_list({"key": "A"}))
    assert wire.client().read("items").value == [{"key": "A"}]
    assert wire.slept == [2, 8, 30]


def test_a_read_is_not_tried_for_ever() -> None:
    wire = Wire(text(500))
    with pytest.raises(TransientError):
        wire.client().read("items")
    assert len(wire.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 428])
def test_what_will_not_help_is_not_tried_again(status: int) -> None:
    wire = Wire(text(status))
    with pytest.raises(PermanentError):
        wire.client().read("items")
    assert len(wire.requests) == 1
    assert not wire.slept


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize(
    "trouble",
    [
        text(500),
        text(502),
        text(504),
        text(200, "An error occurred"),
        text(200, ""),
        text(200, '{"successful": {'),
        httpx2.ReadTimeout(""),
        httpx2.WriteTimeout(""),
        httpx2.ReadError(""),
        httpx2.RemoteProtocolError(""),
    ],
)
def test_a_write_that_may_be_done_is_not_repeated(
    call: Callable[[Client], object], trouble: Answered
) -> None:
    wire = Wire(trouble)
    with pytest.raises(TransientError):
        call(wire.client())
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "trouble", [text(429), text(503), httpx2.ConnectError(""), httpx2.ConnectTimeout("")]
)
def test_a_write_that_surely_was_not_done_is_repeated(trouble: Answered) -> None:
    wire = Wire(trouble, httpx2.Response(204, headers={"Last-Modified-Version": "9"}))
    assert patch(wire.client()) == 9
    assert len(wire.requests) == 2
    assert wire.requests[0].content == wire.requests[1].content


@pytest.mark.parametrize("call", WRITES)
def test_a_busy_answer_on_this_computer_does_not_say_that_nothing_was_written(
    call: Callable[[Client], object],
) -> None:
    welcome = text(200, "Nothing to see here.", Zotero_API_Version="3", Zotero_Server_ID="srv1")
    wire = Wire(welcome, text(503))
    with pytest.raises(TransientError):
        call(wire.client(local=True, library="users/0"))
    assert len(wire.requests) == 2


@pytest.mark.parametrize("body", ["An error occurred", "", "<html>Please log in</html>"])
def test_what_is_no_zotero_is_not_taken_for_an_old_one(body: str) -> None:
    with pytest.raises(TransientError):
        Wire(text(200, body)).client(local=True, library="users/0").server_id()


@pytest.mark.parametrize("body", ["{}", "[]", '{"successful": {}}'])
def test_only_an_empty_answer_says_that_one_object_was_written(body: str) -> None:
    with pytest.raises(TransientError):
        patch(Wire(text(200, body)).client())


def test_a_batch_without_a_report_may_be_written_or_not() -> None:
    with pytest.raises(TransientError):
        post(Wire(httpx2.Response(204, headers=GOOD)).client())


_NOON = "Fri, 20 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "10"}, 10),
        ({"Retry_After": "2.5"}, 2.5),
        ({"Retry_After": "Fri, 20 Nov 2026 12:00:07 GMT", "Date": _NOON}, 7),
        ({"Retry_After": "Fri, 20 Nov 2026 11:00:00 GMT", "Date": _NOON}, 0),
        ({"Backoff": "12", "Retry_After": "3"}, 12),
        ({"Retry_After": "-5"}, 0),
        ({"Retry_After": "soon"}, 2),
        ({"Retry_After": "nan"}, 2),
        ({"Retry_After": "Fri, 20 Nov 2026 12:00:07 GMT"}, 2),
        ({"Retry_After": f"Fri, 20 Nov {'9' * 30} 12:00:07 GMT", "Date": _NOON}, 2),
        ({"Retry_After": f"Fri, 20 Nov 2026 12:00:07 +{'9' * 30}", "Date": _NOON}, 2),
        ({"Retry_After": _NOON, "Date": f"Fri, 20 Nov {'9' * 30} 12:00:07 GMT"}, 2),
        ({"Retry_After": "Sat, 01 Jan 0001 00:00:00 +2359", "Date": _NOON}, 0),
        ({}, 2),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_how_long_to_wait(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    wire = Wire(text(status, **headers), a_list())
    wire.client().read("items")
    assert wire.slept == [seconds]


@pytest.mark.parametrize("spelled", ["3600", "1e400", "inf", "Fri, 31 Dec 9999 23:59:59 -2359"])
def test_too_long_a_wait_is_told_instead(spelled: str) -> None:
    wire = Wire(text(429, Retry_After=spelled, Date=_NOON))
    with pytest.raises(RateLimited) as raised:
        wire.client().read("items")
    assert raised.value.retry_after >= timedelta(hours=1)
    assert not wire.slept


def test_a_pause_asked_for_with_a_good_answer_is_kept_before_the_next_request() -> None:
    wire = Wire(a_list(Backoff="7"), a_list())
    client = wire.client()
    client.read("items")
    assert not wire.slept
    client.read("items")
    client.read("items")
    assert wire.slept == [7]


def test_all_clients_of_a_server_leave_it_alone_together() -> None:
    quiet = Quiet()
    wires = Wire(a_list(Backoff="7"), a_list()), Wire(a_list())
    clients = [wire.client(quiet=quiet) for wire in wires]
    clients[0].read("items")
    clients[1].read("items")
    clients[0].read("items")
    assert [wire.slept for wire in wires] == [[], [7]]


def test_a_pause_that_one_client_does_not_wait_out_the_others_keep() -> None:
    quiet = Quiet()
    refused, other = Wire(text(429, Retry_After="3600")), Wire(a_list())
    with pytest.raises(RateLimited):
        refused.client(quiet=quiet).read("items")
    with pytest.raises(RateLimited, match="left alone for 3600 seconds"):
        other.client(quiet=quiet).read("items")
    assert not other.requests


def test_too_long_a_pause_asked_for_with_a_good_answer_is_told() -> None:
    wire = Wire(a_list(Backoff="3600"))
    client = wire.client()
    client.read("items")
    with pytest.raises(RateLimited) as raised:
        client.read("items")
    assert raised.value.retry_after == timedelta(hours=1)
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("call", "answer", "expected", "gone", "repeated"),
    [
        (post, text(412, "Library has been modified since"), StaleLibrary, False, False),
        (post, text(412, "Write token already used"), Conflict, False, True),
        (patch, text(412, "Item has been modified since"), Conflict, False, False),
        (patch, text(412, "item version mismatch: expected 1"), Conflict, False, False),
        (patch, text(412, "Item not found (expected version 7)"), Conflict, True, False),
        (patch, text(404, "Not found"), Conflict, True, False),
        (patch, text(409, "Collection ABCD2345 not found"), Conflict, True, False),
        (put, text(412, "Setting has been modified since"), Conflict, False, False),
        (post, text(412, "Zotero-Server-ID does not match this server"), AnotherServer, 0, 0),
    ],
)
def test_what_changed_meanwhile_is_told_apart(
    call: Callable[[Client], object],
    answer: httpx2.Response,
    expected: type[Exception],
    gone: bool,
    repeated: bool,
) -> None:
    with pytest.raises(PermanentError) as raised:
        call(Wire(answer).client())
    assert type(raised.value) is expected
    if isinstance(raised.value, Conflict):
        assert (raised.value.gone, raised.value.repeated) == (gone, repeated)


@pytest.mark.parametrize("path", ["items/ABCD2345", "settings/tagColors"])
def test_one_object_that_is_not_there_is_no_vanished_library(path: str) -> None:
    with pytest.raises(Conflict) as raised:
        Wire(text(404, "Not found")).client().read(path)
    assert raised.value.gone


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("'nope' is not a valid itemType", "'nope' is not a valid itemType"),
        (f"Title field value '{TITLE}' too long", "Title field value '…' too long"),
        ("Tag 'it's mine' too long", "Tag '…' too long"),
        ("Tag 'open", "Tag '…'"),
        ("Collection ABCD2345 not found", "Collection ABCD2345 not found"),
    ],
)
def test_a_complaint_does_not_quote_what_is_the_readers(body: str, says: str) -> None:
    assert without_quotes(body) == says


def test_nothing_that_is_logged_has_the_key_or_a_title(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # Who asks other services silences it.
    caplog.set_level(logging.DEBUG, "httpx2")
    wire = Wire(a_list(), httpx2.Response(200, json={"userID": 1, "access": {}}))
    client = wire.client()
    client.read("items", itemKey="ABCD2345")
    assert client.key_rights()["userID"] == 1
    for call in WRITES:
        with pytest.raises(IntegrationError):
            call(client)
    assert "api.zotero.org" in caplog.text
    assert KEY not in caplog.text
    assert TITLE not in caplog.text


def test_each_request_has_the_timeouts_that_were_given() -> None:
    wire = Wire(a_list(), a_list(), httpx2.Response(204))
    client = wire.client(timeout=timedelta(seconds=3))
    client.read("items")
    client.read("settings/tagColors")
    patch(client)
    timeouts: Sequence[Any] = [request.extensions["timeout"] for request in wire.requests]
    assert timeouts == [{"connect": 3, "read": 3, "write": 3, "pool": 3}] * 3
