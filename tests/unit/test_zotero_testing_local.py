import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from integrations.web.testing.exchange import Request, Response
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.world import Group, World

_KEY = "remembered-key"


class _Program:
    """A program that talks to a local API, without a socket."""

    def __init__(self, api: LocalApi9 | LocalApi10) -> None:
        self.api = api
        self.headers = {"host": "127.0.0.1:23119"}
        if isinstance(api, LocalApi10):
            api.authorisations.remember(_KEY)
            self.headers |= {"zotero-server-id": api.server_id, "zotero-api-key": _KEY}

    def __call__(
        self, method: str, target: str, body: Any = None, **headers: str | None
    ) -> Response:
        path, _, query = target.partition("?")
        values = parse_qs(query, keep_blank_values=True)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {**self.headers, **named}
        return self.api(
            Request(
                method=method,
                path=path,
                query={name: given[-1] for name, given in values.items()},
                headers={name: value for name, value in merged.items() if value is not None},
                body=b"" if body is None else json.dumps(body).encode(),
                target=target,
                repeated={name: tuple(given) for name, given in values.items()},
            )
        )

    def get(self, target: str) -> Any:
        response = self("GET", target)
        assert response.status == 200, response
        return json.loads(response.body)

    def post(self, what: str, *objects: Any, owner: str = "users/0", **headers: str) -> Any:
        response = self("POST", f"/api/{owner}/{what}", list(objects), **headers)
        assert response.status == 200, response
        return json.loads(response.body)

    def made(self, what: str, *objects: Any, owner: str = "users/0") -> list[str]:
        report = self.post(what, *objects, owner=owner)
        assert report["failed"] == {}
        return list(report["success"].values())


@pytest.fixture
def ten() -> _Program:
    return _Program(LocalApi10(World()))


def _paper(title: str, **more: Any) -> dict[str, Any]:
    return {"itemType": "preprint", "title": title, **more}


def test_what_is_made_is_shown_with_the_version_that_it_got(ten: _Program) -> None:
    first, second = ten.made("items", _paper("one"), _paper("two"))
    versions = ten.get("/api/users/0/items?format=versions")
    assert versions == {first: 2, second: 3}
    assert ten("GET", "/api/users/0/items").headers["Last-Modified-Version"] == "3"
    assert ten.get(f"/api/users/0/items/{first}")["data"]["title"] == "one"


def test_a_fresh_library_has_a_version_that_is_no_missing_filter(ten: _Program) -> None:
    response = ten("GET", "/api/users/0/items", if_modified_since_version="1")
    assert (response.status, response.headers["Last-Modified-Version"]) == (304, "1")


def test_switched_off_it_refuses_everything(ten: _Program) -> None:
    ten.api.enabled = False
    response = ten("GET", "/api/users/0/items")
    assert (response.status, response.body) == (403, b"Local API is not enabled")


def test_it_answers_to_the_own_id_of_who_is_logged_in_and_to_no_other() -> None:
    program = _Program(LocalApi10(World(), user_id=7))
    (key,) = program.made("items", _paper("one"), owner="users/7")
    assert [item["key"] for item in program.get("/api/users/0/items")] == [key]
    assert program("GET", "/api/users/8/items").body.endswith(b"use userID 0 or 7")


@pytest.mark.parametrize("path", ["/api", "/api/users/0/deleted", "/api/keys/current", "/api/x//y"])
def test_what_the_desktop_has_not_is_not_there(ten: _Program, path: str) -> None:
    response = ten("GET", path)
    assert (response.status, response.body) == (404, b"No endpoint found\n")
    assert "Zotero-API-Version" not in response.headers


def test_trashed_items_are_hidden_with_all_below_them(ten: _Program) -> None:
    (item,) = ten.made("items", _paper("one"))
    (note,) = ten.made("items", {"itemType": "note", "note": "why", "parentItem": item})
    ten.post("items", {"key": item, "version": 2, "deleted": True})
    assert ten.get("/api/users/0/items") == []
    assert set(ten.get("/api/users/0/items?format=versions&includeTrashed=1")) == {item, note}
    assert set(ten.get("/api/users/0/items/trash?format=versions")) == {item, note}
    assert ten.get(f"/api/users/0/items?itemKey={item}&includeTrashed=1") == []


def test_a_trashed_note_is_hidden_from_the_children_of_its_item(ten: _Program) -> None:
    (item,) = ten.made("items", _paper("one"))
    (note,) = ten.made("items", {"itemType": "note", "note": "why", "parentItem": item})
    assert [c["key"] for c in ten.get(f"/api/users/0/items/{item}/children")] == [note]
    ten.post("items", {"key": note, "version": 3, "deleted": True})
    assert ten.get(f"/api/users/0/items/{item}/children") == []
    assert ten.get(f"/api/users/0/items/{item}")["meta"]["numChildren"] == 0


def test_trashed_collections_are_hidden_with_those_below_them(ten: _Program) -> None:
    (above,) = ten.made("collections", {"name": "above"})
    (below,) = ten.made("collections", {"name": "below", "parentCollection": above})
    ten.post("collections", {"key": above, "version": 2, "deleted": True})
    assert ten.get("/api/users/0/collections") == []
    assert ten.get(f"/api/users/0/collections/{above}")["data"]["deleted"] is True
    assert "deleted" not in ten.get(f"/api/users/0/collections/{below}")["data"]


def test_a_key_that_was_allowed_once_writes_once(ten: _Program) -> None:
    assert isinstance(ten.api, LocalApi10)
    ten.api.authorisations.answer = "allow once"
    granted = json.loads(ten("POST", "/api/local/authorize", {"appName": " A "}).body)
    assert (granted["remember"], ten.api.authorisations.prompts) == (False, ["A"])
    path, body = "/api/users/0/collections", [{"name": "x"}]
    statuses = [ten("POST", path, body, zotero_api_key=granted["key"]).status for _ in range(2)]
    assert statuses == [200, 401]


def test_forgotten_authorisations_write_no_more(ten: _Program) -> None:
    assert isinstance(ten.api, LocalApi10)
    ten.api.authorisations.clear()
    assert ten("POST", "/api/users/0/items", [_paper("x")]).status == 401


def test_a_write_token_is_used_up_even_where_a_part_failed(ten: _Program) -> None:
    body = [_paper("one"), {"itemType": "nope"}]
    first = ten("POST", "/api/users/0/items", body, zotero_write_token="a" * 32)
    again = ten("POST", "/api/users/0/items", body, zotero_write_token="a" * 32)
    assert (first.status, again.status) == (200, 412)
    assert len(ten.get("/api/users/0/items")) == 1


def test_a_patch_that_names_a_collection_that_is_gone_meets_an_empty_500(ten: _Program) -> None:
    (item,) = ten.made("items", _paper("one"))
    body = {"collections": ["ZZZZ2222"]}
    response = ten("PATCH", f"/api/users/0/items/{item}", body, if_unmodified_since_version="2")
    assert (response.status, response.body) == (500, b"")
    assert ten.get("/api/users/0/items?format=versions") == {item: 2}


def test_filing_an_item_leaves_the_moment_of_its_last_change(ten: _Program) -> None:
    (collection,) = ten.made("collections", {"name": "shelf"})
    long_ago = "2020-01-01T00:00:00Z"
    (item,) = ten.made("items", _paper("one", dateModified=long_ago))
    path = f"/api/users/0/items/{item}"
    for body, kept in (({"collections": [collection]}, True), ({"title": "two"}, False)):
        version = str(ten.get(path)["version"])
        assert ten("PATCH", path, body, if_unmodified_since_version=version).status == 204
        assert (ten.get(path)["data"]["dateModified"] == long_ago) is kept


def test_a_collection_cannot_be_put_below_itself(ten: _Program) -> None:
    (above,) = ten.made("collections", {"name": "above"})
    (below,) = ten.made("collections", {"name": "below", "parentCollection": above})
    report = ten.post("collections", {"key": above, "version": 2, "parentCollection": below})
    assert report["failed"]["0"]["code"] == 400
    assert ten.get("/api/users/0/collections/top?format=keys&include=data&format=versions") == {
        above: 2
    }


def test_objects_that_make_no_sense_fail_for_themselves(ten: _Program) -> None:
    report = ten.post(
        "items",
        _paper("fine"),
        _paper("x", creators=["text"]),
        _paper("x", relations="text"),
        _paper("x", collections="text"),
        _paper("x", tags=[7]),
        _paper("half a character \ud800"),
    )
    assert sorted(report["success"]) == ["0", "5"]
    assert {failure["code"] for failure in report["failed"].values()} == {400}
    assert report["successful"]["5"]["data"]["title"] == "half a character \ufffd"


def test_groups_are_written_by_those_who_may() -> None:
    world = World()
    world.add_group(Group(5, "open", owner=9, roles={7: "member"}))
    world.add_group(Group(6, "closed", owner=9, roles={7: "member"}, library_editing="admins"))
    world.add_group(Group(8, "foreign", owner=9))
    program = _Program(LocalApi10(world, user_id=7))
    (key,) = program.made("items", _paper("shared"), owner="groups/5")
    assert program.get(f"/api/groups/5/items/{key}")["library"]["name"] == "open"
    assert program("POST", "/api/groups/6/items", [_paper("x")]).body == b"Write access denied"
    assert program("GET", "/api/groups/8/items").status == 404
    assert [group["id"] for group in program.get("/api/users/0/groups")] == [5, 6]


def test_version_9_shows_the_versions_of_the_last_synchronisation() -> None:
    world = World()
    api = LocalApi9(world)
    program, library = _Program(api), world.library("users/0")
    key = library.put("items", {**_paper("one"), "tags": []}).key
    assert program.get("/api/users/0/items?format=versions") == {key: 0}
    api.sync()
    library.put("items", {**_paper("edited here"), "tags": []}, key)
    assert program.get("/api/users/0/items?format=versions") == {key: 1}
    assert program.get("/api/users/0/items?since=1") == []
    assert program.get("/api/users/0/items")[0]["data"]["title"] == "edited here"


def test_version_9_writes_nothing_and_names_no_server_id() -> None:
    program = _Program(LocalApi9(World()))
    assert program("POST", "/api/users/0/items", [_paper("x")]).status == 400
    assert program("PATCH", "/api/users/0/items/AAAA2222", {"title": "x"}).status == 501
    assert "Zotero-Server-ID" not in program("GET", "/api/").headers


def test_a_list_is_cut_into_pages_that_lead_to_each_other(ten: _Program) -> None:
    keys = ten.made("items", *(_paper(f"{n}") for n in range(5)))
    response = ten("GET", "/api/users/0/items?sort=title&limit=2&start=2")
    assert [item["key"] for item in json.loads(response.body)] == keys[2:4]
    assert response.headers["Total-Results"] == "5"
    link = '<http://127.0.0.1:23119/api/users/0/items?sort=title&limit=2&start=4>; rel="next"'
    assert link in response.headers["Link"]


def test_a_wish_that_cannot_be_understood_is_refused(ten: _Program) -> None:
    ten.made("items", _paper("one"), _paper("two"))
    for query in ("sort=nonsense", "direction=up", "since=x", "format=nonsense"):
        assert ten("GET", f"/api/users/0/items?{query}").status == 400, query


def test_items_leave_as_bibtex_with_their_capitals_kept(ten: _Program) -> None:
    (key,) = ten.made("items", _paper("Graphs for the BERT of papers", date="2024-05-01"))
    entry = ten("GET", f"/api/users/0/items/{key}?format=bibtex").body.decode()
    assert "title = {Graphs for the {BERT} of papers}" in entry
    assert "month = may" in entry
