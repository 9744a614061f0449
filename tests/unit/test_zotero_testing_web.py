"""The test server's Web API where no recorded exchange shows what the real one does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.web.testing.exchange import Request, Response
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.web_gate import RateLimit
from integrations.zotero.testing.web_notes import cleaned
from integrations.zotero.testing.world import ApiKey, Group, Json, Library, World

KEY = "k" * 24
ITEMS = "/users/1/items"


class Clock:
    """A clock that stands until it is told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 8, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Site:
    """A Web API with one user, asked without a socket."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.world = World(self.clock)
        self.world.add_user(1, "reader")
        self.world.add_key(ApiKey(KEY, 1, groups={"all": "write"}))
        self.api = WebApi(self.world)

    @property
    def library(self) -> Library:
        return self.world.library("users/1")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        asked = dict(pair.split("=") for pair in query.split("&") if pair)
        sent = b"" if body is None else json.dumps(body).encode()
        key = {"zotero-api-key": KEY, "host": "zotero.test"}
        return self.api(Request(method, path, asked, {**key, **named}, sent, path))

    def got(self, path: str) -> Any:
        return json.loads(self.ask("GET", path).body)

    def posted(self, *objects: Json, path: str = ITEMS) -> Json:
        report: Json = json.loads(self.ask("POST", path, list(objects)).body)
        return report


@pytest.fixture
def site() -> Site:
    return Site()


def test_what_a_test_puts_into_the_world_is_shown_whole(site: Site) -> None:
    key = site.library.put("items", {"itemType": "book", "title": "B"}).key
    (shown,) = site.got(ITEMS)
    assert shown["data"]["key"] == key
    assert shown["data"]["publisher"] == ""
    assert shown["data"]["collections"] == []
    assert shown["data"]["dateAdded"] == "2026-08-02T12:00:00Z"


def test_a_write_token_is_forgotten_after_twelve_hours(site: Site) -> None:
    item = [{"itemType": "book"}]
    token = {"zotero_write_token": "a" * 32}
    assert site.ask("POST", ITEMS, item, **token).status == 200
    site.clock.at += timedelta(hours=11)
    assert site.ask("POST", ITEMS, item, **token).status == 412
    site.clock.at += timedelta(hours=2)
    assert site.ask("POST", ITEMS, item, **token).status == 200


def test_a_rate_limit_fills_up_again(site: Site) -> None:
    site.api.gate.rate_limit = RateLimit(burst=3, per_second=1)
    assert [site.ask("GET", ITEMS).status for _ in range(4)] == [200, 200, 200, 429]
    site.clock.at += timedelta(seconds=2)
    assert [site.ask("GET", ITEMS).status for _ in range(3)] == [200, 200, 429]


def test_an_address_is_let_in_again_after_five_minutes(site: Site) -> None:
    wrong = {"zotero_api_key": "nobody"}
    found = [site.ask("GET", ITEMS, **wrong).status for _ in range(7)]
    assert found == [403] * 6 + [429]
    assert site.ask("GET", ITEMS).status == 429
    site.clock.at += timedelta(minutes=6)
    assert site.ask("GET", ITEMS).status == 200


def test_a_full_quota_stops_writes_and_lets_deletions_through(site: Site) -> None:
    key = site.library.put("items", {"itemType": "book"}).key
    site.api.quota_full = True
    assert site.ask("POST", ITEMS, [{"itemType": "book"}]).status == 413
    assert site.ask("GET", ITEMS).status == 200
    gone = site.ask("DELETE", f"{ITEMS}/{key}", if_unmodified_since_version="1")
    assert gone.status == 204


def test_a_revoked_key_is_an_unknown_one(site: Site) -> None:
    del site.world.keys[KEY]
    answer = site.ask("GET", ITEMS)
    assert (answer.status, answer.body) == (403, b"Invalid key")


def test_a_group_that_vanished_is_not_found(site: Site) -> None:
    site.world.add_group(Group(5, "G", owner=1))
    assert site.ask("GET", "/groups/5/items").status == 200
    del site.world.groups[5]
    assert site.ask("GET", "/groups/5/items").status == 404


def test_members_write_where_only_admins_may(site: Site) -> None:
    group = Group(5, "G", owner=2, library_editing="admins", roles={1: "member"})
    site.world.add_group(group)
    assert site.ask("POST", "/groups/5/items", [{"itemType": "book"}]).status == 403
    group.roles[1] = "admin"
    assert site.ask("POST", "/groups/5/items", [{"itemType": "book"}]).status == 200


def test_a_refused_object_leaves_no_trace(site: Site) -> None:
    site.library.put("items", {"itemType": "book", "title": "B", "tags": []}, "ABCD2345")
    before = json.dumps(site.got(f"{ITEMS}/ABCD2345"))
    change = {"key": "ABCD2345", "version": 1, "title": "C", "collections": ["ZZZZ2222"]}
    assert site.posted(change)["failed"]["0"]["code"] == 409
    assert json.dumps(site.got(f"{ITEMS}/ABCD2345")) == before
    assert site.library.version == 1


def test_a_note_above_the_cleaner_s_limit_fails(site: Site) -> None:
    report = site.posted({"itemType": "note", "note": "é" * 130_000})
    assert report["failed"]["0"] == {"code": 500, "message": "An error occurred"}


def test_an_item_cannot_stand_under_itself(site: Site) -> None:
    site.library.put("items", {"itemType": "note", "note": ""}, "ABCD2345")
    change = {"key": "ABCD2345", "version": 1, "parentItem": "ABCD2345"}
    assert "child of itself" in site.posted(change)["failed"]["0"]["message"]


def test_collections_in_a_circle_can_be_deleted(site: Site) -> None:
    for key, above in (("AAAA2222", "BBBB2222"), ("BBBB2222", "AAAA2222")):
        site.library.put("collections", {"name": key, "parentCollection": above}, key)
    path = "/users/1/collections/AAAA2222"
    assert site.ask("DELETE", path, if_unmodified_since_version="2").status == 204
    assert not site.library.collections


def test_another_item_type_keeps_what_both_have(site: Site) -> None:
    editor = {"creatorType": "seriesEditor", "name": "E"}
    book = {"itemType": "book", "title": "B", "publisher": "P", "ISBN": "1", "creators": [editor]}
    site.library.put("items", book, "ABCD2345")
    site.posted({"key": "ABCD2345", "version": 1, "itemType": "thesis"})
    data = site.got(f"{ITEMS}/ABCD2345")["data"]
    assert (data["title"], data["university"]) == ("B", "P")
    assert data["creators"] == [{"creatorType": "contributor", "name": "E"}]
    assert book["creators"] == [editor]


def test_a_date_that_zotero_itself_gives_is_always_kept(site: Site) -> None:
    old = "2020-01-02T03:04:05Z"
    site.library.put("items", {"itemType": "book", "dateModified": old}, "ABCD2345")
    change = [{"key": "ABCD2345", "version": 1, "title": "C", "dateModified": old}]
    site.ask("POST", ITEMS, change, user_agent="Mozilla/5.0 Zotero/10.0.1")
    assert site.got(f"{ITEMS}/ABCD2345")["data"]["dateModified"] == old
    change = [{"key": "ABCD2345", "version": 2, "title": "D", "dateModified": old}]
    site.ask("POST", ITEMS, change)
    assert site.got(f"{ITEMS}/ABCD2345")["data"]["dateModified"] == "2026-08-02T12:00:00Z"


def test_children_lead_to_their_parents_in_a_list_of_top_items(site: Site) -> None:
    site.library.put("items", {"itemType": "book", "title": "A"})
    site.library.put("items", {"itemType": "book", "title": "B"}, "ABCD2345")
    child = {"itemType": "note", "note": "x", "parentItem": "ABCD2345", "tags": [{"tag": "t"}]}
    site.library.put("items", child)
    assert [item["key"] for item in site.got(f"{ITEMS}/top?tag=t")] == ["ABCD2345"]


@pytest.mark.parametrize("path", ["/users/1/searches", "/users/1/searches/ABCD2345"])
def test_what_is_left_out_says_so(site: Site, path: str) -> None:
    assert site.ask("POST", path, {"name": "S"}).status == 501
    assert site.ask("GET", f"{ITEMS}?format=bibtex").status == 501


@pytest.mark.parametrize(
    "body", [[1], {"a": 1}, [{"version": "x", "key": "ABCD2345"}], [{"itemType": 5}], "text"]
)
def test_no_body_breaks_the_server(site: Site, body: Any) -> None:
    for method, path in (
        *(("POST", ITEMS), ("PUT", f"{ITEMS}/ABCD2345"), ("POST", "/users/1/collections")),
        *(("PUT", "/users/1/settings/tagColors"), ("POST", "/users/1/settings")),
    ):
        assert site.ask(method, path, body).status in (200, 204, 400, 409, 412, 413, 428)


@pytest.mark.parametrize(
    ("note", "stored"),
    [
        ("", ""),
        ("bare <i>text</i>\nin lines", "<p>bare <em>text</em> in lines</p>"),
        ("a<p>b</p>c", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
        ("<ul><li><p>a</p></li></ul>", "<ul>\n<li>\n<p>a</p>\n</li>\n</ul>"),
        ("<p>a &lt; b <script>x()</script></p>", "<p>a &lt; b</p>"),
        ('<p><img src="data:image/png;base64,AA"></p>', "<p><img /></p>"),
        (
            '<p><a href="zotero://select/library/items/ABCD2345" rel="x">a</a></p>',
            '<p><a href="zotero://select/library/items/ABCD2345">a</a></p>',
        ),
    ],
)
def test_a_note_is_cleaned_as_the_recorded_ones_are(note: str, stored: str) -> None:
    assert cleaned(note) == stored
    assert cleaned(stored) == stored
