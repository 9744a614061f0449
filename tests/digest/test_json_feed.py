"""A JSON feed in a file: what is ours there, and what a person did to it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from integrations.digest.json_feed import JsonFeed
from recommender import feeds
from recommender.errors import PermanentError
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.editions import edition_of, hostile_texts
from recommender.testing.publishers import suggestion_on

ONE, TWO, THREE = (suggestion_on(n) for n in (1, 2, 3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "suggestions.json"


def feed_in(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_bytes())
    assert isinstance(found, dict)
    return found


def titles(path: Path) -> list[str]:
    return [item["title"] for item in feed_in(path)["items"]]


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    feed = feed_in(path)
    change(feed)
    path.write_text(json.dumps(feed), encoding="utf-8")


def receipts(*given_: Suggestion) -> list[Receipt]:
    return [Receipt(one.suggestion_id) for one in given_]


def test_it_holds_what_a_served_feed_does(path: Path) -> None:
    JsonFeed(path, about="Looked at 3 pages.").publish([ONE, TWO])
    served = json.loads(feeds.json_feed([ONE, TWO], feed_id="x", about="Looked at 3 pages."))
    written = feed_in(path)
    for item in written["items"]:
        del item["_shelfwise"]["seal"]
    assert written["items"] == served["items"]
    assert {**written, "items": [], "_shelfwise": {}} == {**served, "items": [], "_shelfwise": {}}


def test_what_is_new_stands_on_top_the_best_first(path: Path) -> None:
    feed = JsonFeed(path)
    feed.publish([TWO, ONE])
    later = replace(THREE, suggested_at=THREE.suggested_at + timedelta(days=1))
    feed.publish([later])
    assert titles(path) == [one.paper.title for one in (THREE, ONE, TWO)]


def test_what_a_person_wrote_stays(path: Path) -> None:
    JsonFeed(path).publish([ONE, TWO])
    mine = {"id": "mine", "content_text": "A note of my own", "_mine": {"stars": 1.5}}

    def change(feed: dict[str, Any]) -> None:
        feed["icon"] = "https://example.org/icon.png"
        feed["title"] = "My papers"
        feed["items"].insert(1, mine)

    edit(path, change)
    JsonFeed(path).publish([THREE])
    JsonFeed(path).retire(receipts(ONE, TWO))
    feed = feed_in(path)
    assert (feed["icon"], feed["title"]) == ("https://example.org/icon.png", "My papers")
    assert [item["id"] for item in feed["items"]] == [feeds.entry_id(THREE.suggestion_id), "mine"]
    assert feed["items"][1] == mine


def test_another_spelling_of_the_same_is_no_edit(path: Path) -> None:
    JsonFeed(path).publish([ONE])
    path.write_text(json.dumps(feed_in(path), sort_keys=True, indent=4), encoding="utf-8")
    before = path.read_bytes()
    JsonFeed(path).publish([ONE])
    assert path.read_bytes() == before
    assert list(JsonFeed(path).retire(receipts(ONE))) == receipts(ONE)
    assert titles(path) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda feed: feed["items"][0].update(title="Read this first"),
        lambda feed: feed["items"][0].update(tags=["read"]),
        lambda feed: feed["items"][0].pop("date_published"),
        lambda feed: feed["items"][0]["_shelfwise"].update(stars=3),
        lambda feed: feed["items"][0].update(_shelfwise="gone"),
        lambda feed: feed["items"].append(feed["items"][0]),
    ],
    ids=["title", "tags", "date", "ours", "seal", "copied"],
)
def test_what_somebody_changed_is_left_and_told(
    path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    JsonFeed(path).publish([ONE, TWO])
    edit(path, change)
    before = path.read_bytes()
    assert list(JsonFeed(path).retire(receipts(ONE))) == [Receipt(ONE.suggestion_id, touched=True)]
    assert path.read_bytes() == before
    JsonFeed(path, fresh=True).publish([THREE])
    assert TWO.paper.title not in titles(path)
    assert feeds.entry_id(ONE.suggestion_id) in [item["id"] for item in feed_in(path)["items"]]


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        b"A note of mine",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "Mine", "items": []}',
        b'{"_shelfwise": {"feed_id": "urn:x"}, "items": {}}',
        b'{"_shelfwise": {"feed_id": 7}, "items": []}',
        b'{"_shelfwise": [], "items": []}',
        b'{"_shelfwise": {"feed_id": "urn:x"}, "items": [1e999]}',
        b'{"_shelfwise": {"feed_id": "urn:x"}, "items": ["\\ud800"]}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_not_ours_or_cannot_be_kept_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(PermanentError, match="choose another name") as caught:
        JsonFeed(path).publish([ONE])
    assert caught.value.service == "JSON feed"
    assert len(str(caught.value).splitlines()) == 1
    assert path.read_bytes() == content


def test_a_feed_keeps_its_name_and_two_of_one_file_name_have_two(tmp_path: Path) -> None:
    names = []
    for folder, first in (("bees", ONE), ("ants", TWO)):
        path = tmp_path / folder / "suggestions.json"
        path.parent.mkdir()
        feed = JsonFeed(path)
        feed.publish([])
        feed.publish([first])
        names.append(feed_in(path)["_shelfwise"]["feed_id"])
        feed.publish([THREE])
        feed.retire(receipts(first))
        assert feed_in(path)["_shelfwise"]["feed_id"] == names[-1]
    assert len(set(names)) == 2


def test_without_a_memory_an_entry_is_as_old_as_its_paper(path: Path) -> None:
    JsonFeed(path, fresh=True).publish([ONE])
    assert feed_in(path)["items"][0]["date_modified"] == "2024-03-05T00:00:00Z"


@given(hostile_texts())
def test_hostile_text_comes_and_goes(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("feed") / "suggestions.json"
    bad = edition_of(text).told[0].suggestion
    JsonFeed(path, about=text).publish([bad, ONE])
    assert len(feed_in(path)["items"]) == 2
    assert list(JsonFeed(path).retire(receipts(bad))) == receipts(bad)
    assert titles(path) == [ONE.paper.title]
