"""Laws of what is written in Zotero: what holds for any suggestion, and for both servers."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from integrations.web.testing.exchange import Request
from integrations.zotero.convert import entry
from integrations.zotero.item_types import ITEM_TYPES, MAX_FIELD_BYTES, MAX_NOTE_BYTES
from integrations.zotero.items import fingerprint, item_json, note_json
from integrations.zotero.keys import is_key, is_tidied, made_key, mark_in_extra, mark_in_note
from integrations.zotero.shelf_judging import into_trash, out_of_trash
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, World
from recommender.identifiers import Scheme
from recommender.library import Item
from recommender.papers import Author, Paper
from recommender.suggestions import Reason, ReasonKind, Suggestion
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import papers

_KEY = "k" * 24
_ODD = "aé蜂豈\u0301<>&\"'\x00\x07\x85\u2028\ud800 \t\n"
_TEXTS = st.text(max_size=30) | st.text(_ODD, max_size=12)


def _any_papers() -> SearchStrategy[Paper]:
    """Papers with texts as hostile as they come."""
    people = st.lists(st.builds(Author, _TEXTS, _TEXTS), max_size=3).map(tuple)
    return st.builds(
        lambda paper, title, abstract, venue, authors: replace(
            paper,
            title=f"{title} bees",
            abstract=paper.abstract + abstract,
            venue=venue,
            authors=paper.authors + authors,
        ),
        papers(),
        _TEXTS,
        _TEXTS,
        _TEXTS,
        people,
    )


def _suggestions(papers: SearchStrategy[Paper]) -> SearchStrategy[Suggestion]:
    keys = st.sampled_from(["", "ABCD2345", "groups/2/ABCD2345", "bad"])
    reason = st.builds(Reason, st.sampled_from(ReasonKind), _TEXTS, st.floats(0, 0.2), keys)
    return st.builds(
        lambda paper, reasons, source, interest, mark: Suggestion(
            suggestion_id=f"{mark:016x}",
            paper=paper,
            rank=1,
            score=sum(each.share for each in reasons),
            reasons=reasons,
            source=source,
            interest=interest,
            suggested_at=datetime(2024, 3, 6, tzinfo=UTC),
        ),
        papers,
        st.lists(reason, max_size=4).map(tuple),
        _TEXTS,
        _TEXTS,
        st.integers(0, 2**64 - 1),
    )


SUGGESTIONS = _suggestions(_any_papers())


@given(SUGGESTIONS, _TEXTS)
def test_an_item_has_only_what_its_type_knows_and_the_server_takes(
    suggestion: Suggestion, tag: str
) -> None:
    item = item_json(suggestion, tag=tag)
    json.dumps(item, ensure_ascii=False).encode()
    fields = item.keys() - {"itemType", "creators", "tags"}
    assert fields <= set(ITEM_TYPES[item["itemType"]].fields)
    for name in fields:
        assert 0 < len(item[name].encode()) <= MAX_FIELD_BYTES
    for creator in item.get("creators", ()):
        assert all(creator.values())
    assert mark_in_extra(item["extra"]) == suggestion.suggestion_id


@given(papers())
def test_an_item_reads_back_with_the_names_by_which_its_work_is_known(paper: Paper) -> None:
    # Of a kind that nobody told us, something has to say that it is a paper at all.
    paper = replace(paper, authors=(*paper.authors, Author("Ode", "Ada")))
    found = entry({"key": "ABCD2345", **item_json(replace(suggestion_on(1), paper=paper))})
    assert isinstance(found, Item)
    assert found.mark == suggestion_on(1).suggestion_id
    assert found.paper.title == paper.title
    assert found.paper.abstract == paper.abstract.strip()
    assert found.paper.authors == paper.authors
    assert found.paper.published == paper.published
    firsts = {paper.id(scheme) for scheme in (Scheme.DOI, Scheme.ARXIV, Scheme.PMID)}
    assert firsts - {None} <= set(found.paper.ids)


@given(SUGGESTIONS, _TEXTS)
def test_a_note_opens_no_element_that_nobody_wrote(suggestion: Suggestion, more: str) -> None:
    note = note_json(suggestion, "ABCD2345", more=more, less=more)["note"]
    seen = _Elements()
    seen.feed(note)
    assert seen.names <= {"h1", "p", "strong", "em", "ul", "li", "a"}
    assert all(link.startswith(("zotero://select/", "http")) for link in seen.links)
    assert len(note.encode()) <= MAX_NOTE_BYTES
    assert mark_in_note(note) == suggestion.suggestion_id


@given(SUGGESTIONS, _TEXTS)
def test_what_is_sent_is_what_the_web_server_stores(suggestion: Suggestion, more: str) -> None:
    world = World()
    world.add_user(1, "reader")
    world.add_key(ApiKey(_KEY, 1))
    headers = {"zotero-api-key": _KEY}
    item, note = _stored(WebApi(world), "/users/1/items", headers, suggestion, more)
    _assert_as_sent(suggestion, more, item, note)


@given(SUGGESTIONS, _TEXTS)
def test_what_is_sent_is_what_the_program_stores(suggestion: Suggestion, more: str) -> None:
    api = LocalApi10(World(), user_id=1)
    api.authorisations.remember(_KEY)
    headers = {"zotero-api-key": _KEY, "zotero-server-id": api.server_id}
    item, note = _stored(api, "/api/users/0/items", headers, suggestion, more)
    _assert_as_sent(suggestion, more, item, note)


@given(SUGGESTIONS, st.sampled_from(["web", "local"]))
def test_what_goes_into_the_trash_and_comes_out_again_is_as_it_was(
    suggestion: Suggestion, via: str
) -> None:
    api: WebApi | LocalApi10
    if via == "web":
        world = World()
        world.add_user(1, "reader")
        world.add_key(ApiKey(_KEY, 1))
        api, path, headers = WebApi(world), "/users/1/items", {"zotero-api-key": _KEY}
    else:
        api = LocalApi10(World(), user_id=1)
        api.authorisations.remember(_KEY)
        path = "/api/users/0/items"
        headers = {"zotero-api-key": _KEY, "zotero-server-id": api.server_id}
    item, note = _stored(api, path, headers, suggestion, "")
    first = fingerprint(item, note)
    gone = _changed(api, path, headers, item, into_trash(item))
    assert mark_in_extra(gone["extra"]) == suggestion.suggestion_id
    assert is_tidied(gone["extra"])
    assert fingerprint(gone, note) != first
    assert fingerprint({**gone, **out_of_trash(gone)}, note) == first
    assert fingerprint({**gone, "deleted": 0}, note) != first
    back = _changed(api, path, headers, gone, out_of_trash(gone))
    assert fingerprint(back, note) == first


@given(st.text(), st.text(), st.integers(1, 99))
def test_every_key_is_one_that_zotero_takes(library: str, name: str, attempt: int) -> None:
    library, name = (text.encode(errors="ignore").decode() for text in (library, name))
    assert is_key(made_key(library, "item", name, attempt))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        assert {name for name, _ in attrs} <= {"href"}
        self.links += [value or "" for _, value in attrs]


def _stored(
    api: WebApi | LocalApi10,
    path: str,
    headers: dict[str, str],
    suggestion: Suggestion,
    more: str,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item and its note as the server answers to their writing."""

    item = _written(api, path, headers, item_json(suggestion, tag="shelfwise"))
    note = note_json(suggestion, item["key"], more=more, less="")
    return item, _written(api, path, headers, note)


def _changed(
    api: WebApi | LocalApi10,
    path: str,
    headers: dict[str, str],
    item: dict[str, Any],
    changes: dict[str, Any],
) -> dict[str, Any]:
    known = {"key": item["key"], "version": item["version"]}
    return _written(api, path, headers, {**known, **changes})


def _written(
    api: WebApi | LocalApi10, path: str, headers: dict[str, str], sent: dict[str, Any]
) -> dict[str, Any]:
    body = json.dumps([sent], ensure_ascii=False).encode()
    answer = api(Request("POST", path, headers=headers, body=body, target=path))
    report = json.loads(answer.body)
    assert not report["failed"], report
    return dict(report["successful"]["0"]["data"])


def _assert_as_sent(
    suggestion: Suggestion, more: str, item: dict[str, Any], note: dict[str, Any]
) -> None:
    sent = item_json(suggestion, tag="shelfwise")
    sent_note = note_json(suggestion, item["key"], more=more, less="")
    assert fingerprint(item, note) == fingerprint(sent, sent_note), (item, sent, note, sent_note)
