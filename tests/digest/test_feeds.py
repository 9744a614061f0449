"""Feeds as their readers see them, whole ones and those in files."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.digest.feed import AtomFeed
from recommender import feeds
from recommender.identifiers import Scheme
from recommender.suggestions import Suggestion, suggestion_id
from recommender.testing.editions import edition_of, hostile_texts
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import suggestions
from tests.digest.atom_rules import faults, markup_faults

FEED_ID = feeds.urn("a feed of ours")
SELF = "http://127.0.0.1:8765/feed.atom"
SOME = tuple(suggestion_on(n) for n in (1, 2, 3))
some_suggestions = st.lists(suggestions(), max_size=4, unique_by=lambda s: s.suggestion_id)


def atom_of(some: Sequence[Suggestion], **more: str) -> str:
    return feeds.atom(some, feed_id=FEED_ID, title="A reader", **more)


def json_of(some: Sequence[Suggestion], **more: str) -> dict[str, Any]:
    found = json.loads(feeds.json_feed(some, feed_id=FEED_ID, title="A reader", **more))
    assert isinstance(found, dict)
    return found


def json_faults(feed: dict[str, Any]) -> list[str]:
    """What JSON Feed 1.1 asks for and this is not; https://www.jsonfeed.org/version/1.1/"""
    found = [
        f"{name} is no text" for name in ("title", "version") if not isinstance(feed[name], str)
    ]
    found += [f"{name} is empty" for name, value in feed.items() if value in ("", None)]
    for item in feed["items"]:
        found += [f"{name} is empty" for name, value in item.items() if not value]
        found += [
            f"{name}: {item[name]!r}"
            for name in ("date_published", "date_modified")
            if name in item and not datetime.fromisoformat(item[name]).tzinfo
        ]
        if not isinstance(item["id"], str) or not isinstance(item["content_html"], str):
            found.append("an item lacks its id or content")
        found += [f"{item[n]!r} is no address" for n in ("url",) if not _is_url(item.get(n))]
        found += ["an author without a name" for author in item.get("authors", ()) if not author]
        found += markup_faults(item["content_html"])
        found += [n for n in item if n.startswith("_") and not re.fullmatch("_[a-zA-Z][^.]*", n)]
    ids = [item["id"] for item in feed["items"]]
    return found + (["two items of one id"] if len(set(ids)) != len(ids) else [])


def _is_url(found: object) -> bool:
    return found is None or bool(re.fullmatch(r"https?://[!-~]+", str(found)))


@given(some_suggestions)
def test_every_feed_is_valid(some: list[Suggestion]) -> None:
    assert faults(atom_of(some, about="Looked at 3 pages.", self_url=SELF).encode()) == []
    feed = json_of(some, about="Looked at 3 pages.", self_url="http://127.0.0.1:8765/feed.json")
    assert json_faults(feed) == []


@given(hostile_texts())
def test_hostile_text_does_no_harm_to_a_feed(text: str) -> None:
    bad = edition_of(text).told[0].suggestion
    more = {"about": text, "self_url": text}
    assert faults(atom_of([bad], **more).encode()) == []
    assert json_faults(json_of([bad], **more)) == []


@given(some_suggestions)
def test_both_formats_tell_feed_readers_what_was_suggested(some: list[Suggestion]) -> None:
    found = feedparser.parse(atom_of(some).encode())
    assert not found.bozo
    items = json_of(some)["items"]
    assert len(found.entries) == len(items) == len(some)
    for suggestion, entry, item in zip(some, found.entries, items, strict=True):
        paper = suggestion.paper
        assert entry.id == item["id"] == feeds.entry_id(suggestion.suggestion_id)
        names = [str(author) for author in paper.authors]
        assert [author["name"] for author in item.get("authors", ())] == names
        assert [author["name"] for author in entry.get("authors", ())] == names
        at = suggestion.suggested_at.replace(microsecond=0)
        assert datetime.fromisoformat(entry.updated) == at
        assert datetime.fromisoformat(item["date_modified"]) == at
        doi = paper.id(Scheme.DOI)
        assert entry.get("prism_doi", "") == (doi.value if doi else "")
        if doi:
            # Of several identifiers Zotero keeps the last.
            assert (
                entry.dc_identifier == item["_shelfwise"]["identifiers"][-1] == f"doi:{doi.value}"
            )


@settings(max_examples=25)
@given(some_suggestions, some_suggestions)
def test_an_entry_is_the_same_whatever_stands_around_it(
    some: list[Suggestion], others: list[Suggestion]
) -> None:
    for one in some:
        assert feeds.atom_entry(one) in atom_of([*others, *some], about="on another day")
        assert (
            json_of([one])["items"][0] in json_of([*others, one], about="on another day")["items"]
        )


def test_the_page_and_the_file_give_an_entry_alike(tmp_path: Path) -> None:
    path = tmp_path / "suggestions.atom"
    AtomFeed(path).publish(SOME)
    assert faults(path.read_bytes()) == []
    assert feeds.atom_entry(SOME[1]) in path.read_text(encoding="utf-8")
    assert feeds.atom_entry(SOME[1]) in atom_of(SOME)


def test_a_file_is_as_it_was_byte_for_byte_when_it_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "suggestions.atom"
    AtomFeed(path).publish(SOME)
    before = path.read_bytes()
    path.unlink()
    AtomFeed(path).publish(SOME)
    assert path.read_bytes() == before


def test_two_profiles_have_no_entry_in_common() -> None:
    one, other = (
        replace(suggestion_on(1), suggestion_id=suggestion_id(profile, ["doi:10.1000/waggle.1"]))
        for profile in ("bees", "ants")
    )
    assert json_of([one])["items"][0]["id"] != json_of([other])["items"][0]["id"]
    assert feeds.atom_entry(one) != feeds.atom_entry(other)


def test_why_stands_at_the_top_of_the_content() -> None:
    [item] = json_of(SOME[:1])["items"]
    told = item["content_html"]
    [entry] = feedparser.parse(atom_of(SOME[:1]).encode()).entries
    assert entry.content[0].value == told
    order = [told.index(part) for part in ("Score", "Bees", "their dances", "tell each other")]
    assert order == sorted(order)


def test_a_served_feed_says_where_it_is_and_whose() -> None:
    feed = feedparser.parse(atom_of(SOME, self_url=SELF).encode()).feed
    assert (feed.title, feed.id) == ("A reader", FEED_ID)
    assert [(link.rel, link.href) for link in feed.links] == [("self", SELF)]
    told = json_of(SOME, self_url=SELF)
    assert (told["title"], told["feed_url"]) == ("A reader", SELF)
    assert told["_shelfwise"] == {"feed_id": FEED_ID}


def test_a_quiet_feed_is_valid_and_empty() -> None:
    assert faults(atom_of([]).encode()) == []
    assert json_of([])["items"] == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("<id>", "<id/><id>"),
        ("urn:uuid", "no iri"),
        ("2024-03-06T06:30:00Z", "2024-03-06 06:30"),
        ("2024-03-06T06:30:00Z", "2024-13-06T06:30:00Z"),
        ("<name>Ada Ode</name>", ""),
        ("<name>Ada Ode</name>", "<name>Ada Ode</name><name>The Hive Group</name>"),
        ('rel="alternate"', 'rel="elsewhere"'),
        ('rel="alternate"', 'relation="alternate"'),
        ('type="html"', 'type="xhtml"'),
        ("&lt;strong&gt;", "&lt;script&gt;"),
        ("&lt;/strong&gt;", ""),
        ("<entry>", "<entry><subtitle>x</subtitle>"),
    ],
)
def test_the_rules_find_what_is_wrong(good: str, bad: str) -> None:
    feed = atom_of(SOME)
    assert good in feed
    assert faults(feed.encode()) == []
    assert faults(feed.replace(good, bad).encode()) != []
