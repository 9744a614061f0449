"""What the client sends, and what it makes of good answers."""

import json
from typing import Any

import httpx2
import pytest

from integrations.zotero.client import AnotherServer, Client, Failed, Report
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    NotAuthorized,
    RateLimited,
    TransientError,
)
from tests.unit.zotero_wire import (
    GOOD,
    KEY,
    LOCAL,
    WEB,
    Answered,
    Wire,
    a_list,
    post,
    report,
    text,
)


def test_a_list_comes_with_its_version_and_its_size() -> None:
    wire = Wire(a_list({"key": "A"}))
    answer = wire.client().read("items", since=3, includeTrashed=1)
    assert (answer.value, answer.version, answer.total) == ([{"key": "A"}], 7, 1)
    [request] = wire.requests
    assert request.url.path == "/users/1/items"
    assert dict(request.url.params) | {"since": "3", "includeTrashed": "1"} == dict(
        request.url.params
    )
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["zotero-api-version"] == "3"


@pytest.mark.parametrize("path", ["items", "items/top", "collections", "deleted"])
def test_a_parameter_never_reaches_a_later_read(path: str) -> None:
    wire = Wire(text(503), a_list())
    client = wire.client(pauses=())
    with pytest.raises(RateLimited):
        client.read(path, since=999999, format="versions")
    client.read(path)
    assert "since" not in wire.requests[-1].url.params
    assert wire.requests[-1].url.params.get("format", "json") == "json"


@pytest.mark.parametrize(
    "path",
    ["items/ABCD2345", "settings/tagColors", "items/ABCD2345/tags", "collections/ABCD2345"],
)
def test_what_pyzotero_would_take_for_something_else_is_read_as_it_is(path: str) -> None:
    wire = Wire(httpx2.Response(200, headers=GOOD, json={"value": [1]}))
    assert wire.client().read(path).value == {"value": [1]}
    assert wire.requests[0].url.path == f"/users/1/{path}"


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("items", {"tag": "hashtags"}),
        ("items", {"q": "tags"}),
        ("items/top", {"tag": "my-tags", "since": None}),
        ("collections/ABCD2345/items", {"tag": "stagster"}),
    ],
)
def test_a_list_is_no_list_of_tags_because_tags_are_asked_for(
    path: str, params: dict[str, Any], *, local: bool
) -> None:
    wire = Wire(a_list({"key": "A"}, total=1, Zotero_Server_ID="srv1"))
    client = wire.client(local=local, library="users/0" if local else "users/1")
    answer = client.read(path, includeTrashed=1, **params)
    assert (answer.value, answer.version, answer.total) == ([{"key": "A"}], 7, 1)
    assert [page.value for page in client.pages(path, **params)] == [[{"key": "A"}]]
    asked, paged = (dict(request.url.params) for request in wire.requests)
    given = {name: value for name, value in params.items() if value is not None}
    assert asked == {**given, "limit": "100", "includeTrashed": "1"}
    assert paged == {**given, "start": "0", "limit": "100"}
    if local:
        assert wire.requests[1].headers["zotero-server-id"] == "srv1"


def test_a_server_may_have_tags_in_its_name() -> None:
    wire = Wire(a_list({"key": "A"}))
    transport = httpx2.MockTransport(wire._answer)
    with Client.web("https://tags.example.org", "users/1", KEY, transport=transport) as client:
        assert client.read("items").value == [{"key": "A"}]


def test_all_versions_come_in_one_page() -> None:
    wire = Wire(httpx2.Response(200, headers=GOOD, json={"A": 1}))
    wire.client().read("items", format="versions", limit=None)
    assert "limit" not in wire.requests[0].url.params


def test_pages_are_followed_to_the_end() -> None:
    full = [{"key": str(n)} for n in range(100)]
    wire = Wire(
        a_list(*full, total=103), a_list(*full[:3], total=103, **{"Last-Modified-Version": "8"})
    )
    pages = list(wire.client().pages("collections"))
    assert [len(page.value) for page in pages] == [100, 3]
    assert [page.version for page in pages] == [7, 8]
    assert [request.url.params["start"] for request in wire.requests] == ["0", "100"]


def test_pages_that_end_early_are_no_end() -> None:
    wire = Wire(a_list({"key": "A"}, total=3), a_list(total=3))
    with pytest.raises(TransientError, match="ended early"):
        list(wire.client().pages("items"))


def test_a_list_that_does_not_say_its_size_is_not_taken_for_whole() -> None:
    wire = Wire(httpx2.Response(200, json=[], headers={"Last-Modified-Version": "7"}))
    with pytest.raises(BadResponse):
        list(wire.client().pages("items"))


def test_a_list_that_is_none_is_told() -> None:
    wire = Wire(httpx2.Response(200, json={}, headers=GOOD))
    with pytest.raises(BadResponse):
        list(wire.client().pages("items"))


def test_a_report_tells_of_each_object_by_its_position() -> None:
    done = {"key": "A", "version": 7, "data": {"title": "A"}}
    wire = Wire(
        report(
            successful={"0": done},
            unchanged={"2": "C"},
            failed={"1": {"code": 400, "message": "&#039;nope&#039; is not a valid itemType"}},
        )
    )
    found = wire.client().post("items", [{}, {}, {}], unmodified_since=3, token="f" * 32)
    failed = {1: Failed(400, "'nope' is not a valid itemType")}
    assert found == Report({0: done, 2: {"key": "C"}}, failed, 7)
    [request] = wire.requests
    assert request.headers["zotero-write-token"] == "f" * 32
    assert request.headers["if-unmodified-since-version"] == "3"
    assert json.loads(request.content) == [{}, {}, {}]


@pytest.mark.parametrize(
    "answer",
    [
        report(),
        report(successful={"0": {}, "1": {}}),
        httpx2.Response(200, json={"successful": {"0": {}}}),
        httpx2.Response(200, json={"successful": {"zero": {}}}, headers=GOOD),
        httpx2.Response(200, json={"failed": {"0": "no"}}, headers=GOOD),
        httpx2.Response(200, json=[], headers=GOOD),
        httpx2.Response(200, json={"successful": []}, headers=GOOD | {"Total-Results": "1"}),
    ],
)
def test_a_report_that_does_not_tell_of_each_object_is_none(answer: httpx2.Response) -> None:
    with pytest.raises(IntegrationError):
        post(Wire(answer).client())


def test_too_many_objects_are_not_sent() -> None:
    wire = Wire(a_list())
    with pytest.raises(ValueError, match="50"):
        wire.client().post("items", [{}] * 51)
    assert not wire.requests


def test_half_a_character_does_not_spoil_a_batch() -> None:
    wire = Wire(report(successful={"0": {}}))
    wire.client().post("items", [{"title": "\ud800 bees"}])
    assert json.loads(wire.requests[0].content) == [{"title": "? bees"}]


@pytest.mark.parametrize("key", ["abc def", "abc\n", "ключ"])
def test_a_key_that_cannot_be_sent_is_told_without_quoting_it(key: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Client.web(WEB, "users/1", key)
    assert key.strip() not in str(raised.value)


@pytest.mark.parametrize("address", ["", "api.zotero.org", "ftp://api.zotero.org", "http://[::1"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(ConfigError):
        Client.web(address, "users/1", KEY)


@pytest.mark.parametrize("library", ["", "users", "user/1", "users/me", "groups/1/2"])
def test_a_library_that_is_none_is_told(library: str) -> None:
    with pytest.raises(ConfigError):
        Client.web(WEB, library, KEY)


def test_a_groups_keys_have_a_prefix() -> None:
    wire = Wire(a_list())
    assert wire.client(library="groups/2").prefix == "groups/2/"
    assert wire.client(library="users/1").prefix == ""


@pytest.mark.parametrize(
    ("address", "local", "through"),
    [
        (WEB, False, True),
        (LOCAL, True, False),
        ("http://127.0.0.1:8080", False, False),
        ("http://localhost:8080", False, False),
    ],
)
def test_only_the_web_is_reached_through_a_proxy(address: str, local: bool, through: bool) -> None:
    with Client(address, "users/1", KEY, is_local=local) as client:
        assert client._http.trust_env is through


def _from(server: str, *objects: Any) -> httpx2.Response:
    return a_list(*objects, Zotero_Server_ID=server)


def test_the_server_on_this_computer_says_who_it_is_and_is_told_so() -> None:
    wire = Wire(_from("srv1"), _from("srv1"), report(successful={"0": {}}))
    client = wire.client(local=True, library="users/0")
    client.read("items")
    assert client.server_id() == "srv1"
    client.read("items")
    post(client)
    assert "zotero-server-id" not in wire.requests[0].headers
    assert wire.requests[1].headers["zotero-server-id"] == "srv1"
    assert wire.requests[2].headers["zotero-server-id"] == "srv1"
    assert wire.requests[2].headers["zotero-api-key"] == KEY
    assert "authorization" not in wire.requests[2].headers


def test_the_server_is_asked_who_it_is_where_nothing_was_read_yet() -> None:
    welcome = text(200, "Nothing to see here.", Zotero_API_Version="3", Zotero_Server_ID="srv1")
    wire = Wire(welcome)
    client = wire.client(local=True, library="users/0")
    assert client.server_id() == "srv1"
    assert client.server_id() == "srv1"
    assert [request.url.path for request in wire.requests] == ["/api/"]


def test_an_old_zotero_has_no_id_and_is_asked_once() -> None:
    wire = Wire(text(200, "Nothing to see here.", Zotero_API_Version="3"))
    client = wire.client(local=True, library="users/0")
    assert client.server_id() is None
    assert client.server_id() is None
    assert len(wire.requests) == 1
    with pytest.raises(NotAuthorized, match="Zotero 10"):
        client.authorise("Shelfwise")


def test_another_database_is_told_and_then_known() -> None:
    refused = text(412, "Zotero-Server-ID does not match this server", Zotero_Server_ID="srv2")
    wire = Wire(_from("srv1"), refused, _from("srv2"))
    client = wire.client(local=True, library="users/0")
    client.read("items")
    with pytest.raises(AnotherServer):
        client.read("items")
    client.read("items")
    assert client.server_id() == "srv2"


def test_permission_is_asked_once_and_kept() -> None:
    given = httpx2.Response(200, json={"key": "granted", "remember": True})
    welcome = text(200, "Nothing to see here.", Zotero_API_Version="3", Zotero_Server_ID="srv1")
    wire = Wire(welcome, given, report(successful={"0": {}}))
    client = wire.client(local=True, library="users/0")
    assert client.authorise("Shelfwise") == ("granted", True)
    post(client)
    asked, written = wire.requests[1:]
    assert asked.url.path == "/api/local/authorize"
    assert asked.extensions["timeout"]["read"] == 300
    assert json.loads(asked.content) == {"appName": "Shelfwise"}
    assert written.headers["zotero-api-key"] == "granted"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (text(403, '{"denied": true}'), NotAuthorized),
        (text(429, "Too many authorization requests", Retry_After="1"), RateLimited),
        (httpx2.ConnectError(""), TransientError),
    ],
)
def test_the_person_is_not_asked_twice(answer: Answered, expected: type[Exception]) -> None:
    welcome = text(200, "Nothing to see here.", Zotero_API_Version="3", Zotero_Server_ID="srv1")
    wire = Wire(welcome, answer)
    with pytest.raises(expected):
        wire.client(local=True, library="users/0").authorise("Shelfwise")
    assert len(wire.requests) == 2
