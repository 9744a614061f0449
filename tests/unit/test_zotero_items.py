import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.zotero.convert import entry
from integrations.zotero.item_types import ITEM_TYPES
from integrations.zotero.items import fingerprint, item_json, note_json, type_of
from integrations.zotero.keys import (
    extra_with,
    is_key,
    is_tidied,
    made_key,
    mark_in_extra,
    mark_in_note,
    write_token,
)
from integrations.zotero.notes import note_html, select_link
from integrations.zotero.testing.local_extra import move_lines
from recommender.identifiers import PaperId, Scheme
from recommender.library import Item
from recommender.papers import Author, Kind, Paper
from recommender.suggestions import Reason, ReasonKind, Suggestion
from recommender.testing.publishers import suggestion_on

_ID = "0123456789abcdef"
_DOI = PaperId.of(Scheme.DOI, "10.1000/Waggle.1")
_ARXIV = PaperId.of(Scheme.ARXIV, "2401.00001v2")
_PMID = PaperId.of(Scheme.PMID, "99999999")
_ISBN = PaperId.of(Scheme.ISBN, "978-3-16-148410-0")


def _on(paper: Paper, *reasons: Reason) -> Suggestion:
    return Suggestion(
        suggestion_id=_ID,
        paper=paper,
        rank=1,
        score=sum(reason.share for reason in reasons),
        reasons=reasons,
        source="a source",
        interest="",
        suggested_at=datetime(2024, 3, 6, tzinfo=UTC),
    )


def _item(**paper: Any) -> dict[str, Any]:
    return item_json(_on(Paper(**{"title": "Bees", **paper})), tag="shelfwise")


@pytest.mark.parametrize(
    ("kind", "item_type", "venue"),
    [
        (Kind.PREPRINT, "preprint", "repository"),
        (Kind.ARTICLE, "journalArticle", "publicationTitle"),
        (Kind.CONFERENCE, "conferencePaper", "proceedingsTitle"),
        (Kind.BOOK, "book", "publisher"),
        (Kind.CHAPTER, "bookSection", "bookTitle"),
        (Kind.THESIS, "thesis", "university"),
        (Kind.REPORT, "report", "institution"),
        (Kind.OTHER, "document", "publisher"),
    ],
)
def test_each_kind_is_the_type_whose_fields_it_has(kind: Kind, item_type: str, venue: str) -> None:
    item = _item(
        kind=kind,
        venue="A venue",
        abstract="About bees.",
        published="2024-03",
        url="https://example.org/bees",
        ids=(_DOI, _PMID, _ISBN),
    )
    assert (item["itemType"], item[venue]) == (item_type, "A venue")
    assert item["DOI"] == "10.1000/waggle.1"
    others = {"itemType", "creators", "tags"}
    assert item.keys() - others <= set(ITEM_TYPES[item_type].fields)


def test_a_paper_of_no_kind_is_a_preprint_if_arxiv_has_it() -> None:
    assert type_of(Paper(title="Bees", ids=(_ARXIV,))) == "preprint"
    assert type_of(Paper(title="Bees", ids=(_DOI,))) == "document"


def test_a_preprint_names_arxiv_in_the_fields_that_zotero_has_for_it() -> None:
    item = _item(kind=Kind.PREPRINT, venue="arXiv.org", ids=(_ARXIV,))
    assert item["repository"] == "arXiv"
    assert item["archiveID"] == "arXiv:2401.00001"
    assert item["DOI"] == "10.48550/arXiv.2401.00001"
    assert item["url"] == "https://arxiv.org/abs/2401.00001"
    assert item["extra"] == f"Shelfwise: {_ID}"


def test_a_preprint_with_a_doi_of_its_own_keeps_it() -> None:
    assert _item(kind=Kind.PREPRINT, ids=(_DOI, _ARXIV))["DOI"] == "10.1000/waggle.1"


def test_names_without_a_field_are_lines_of_extra_and_the_mark_is_the_last() -> None:
    item = _item(kind=Kind.CONFERENCE, ids=(_ARXIV, _PMID, _ISBN))
    assert item["ISBN"] == "9783161484100"
    assert item["extra"].splitlines() == [
        "arXiv: 2401.00001",
        "PMID: 99999999",
        f"Shelfwise: {_ID}",
    ]


def test_code_and_project_page_are_lines_of_extra_that_zotero_has_no_field_for() -> None:
    item = _item(code="https://git.example/bees", website="https://bees.example", ids=(_ARXIV,))
    lines = ["Source code: https://git.example/bees", "Project page: https://bees.example"]
    assert item["extra"].splitlines() == [*lines, f"Shelfwise: {_ID}"]
    assert all(move_lines(item["extra"], {}, one) == item["extra"] for one in ITEM_TYPES.values())
    odd = _item(code="javascript:alert(1)", website="https://bees.example/" + "b" * 70_000)
    assert odd["extra"] == f"Shelfwise: {_ID}"


def test_an_article_has_its_pubmed_id_where_zotero_would_move_it() -> None:
    item = _item(kind=Kind.ARTICLE, ids=(_PMID,))
    assert (item["PMID"], item["extra"]) == ("99999999", f"Shelfwise: {_ID}")


def test_what_is_not_known_is_not_said() -> None:
    assert _item() == {
        "itemType": "document",
        "title": "Bees",
        "extra": f"Shelfwise: {_ID}",
        "tags": [{"tag": "shelfwise", "type": 1}],
    }


def test_people_have_two_names_and_institutions_one() -> None:
    authors = (
        Author("Ode", "Ada"),
        Author("The Hive Group"),
        Author(" ", " "),
        Author("", "Plato"),
    )
    assert _item(authors=authors)["creators"] == [
        {"creatorType": "author", "firstName": "Ada", "lastName": "Ode"},
        {"creatorType": "author", "name": "The Hive Group"},
        {"creatorType": "author", "name": "Plato"},
    ]


def test_nothing_is_longer_than_the_server_takes_or_cut_through_a_character() -> None:
    item = item_json(
        _on(
            Paper(
                title="é" * 40_000,
                abstract="a" + "蜂" * 30_000,
                authors=(Author("ß" * 300, "x" * 300), Author("y" * 300)),
                url="https://example.org/" + "z" * 70_000,
            )
        ),
        tag="t" * 300,
    )
    assert item["title"] == "é" * 32_767
    assert item["abstractNote"] == "a" + "蜂" * 21_844
    person, group = item["creators"]
    assert (len(person["lastName"]), len(person["firstName"]), len(group["name"])) == (255,) * 3
    assert len(item["tags"][0]["tag"]) == 255
    assert "url" not in item


def test_no_half_character_or_control_character_is_sent() -> None:
    item = _item(title="Bees\x07 and \ud800wasps \x85", abstract="a\r\nb\x00c\ufffe")
    assert (item["title"], item["abstractNote"]) == ("Bees and wasps", "a b c")
    json.dumps(item, ensure_ascii=False).encode()


def test_what_is_written_reads_back_as_the_same_paper() -> None:
    paper = Paper(
        title="Waggle dances",
        abstract="How bees tell each other the way.",
        authors=(Author("Ode", "Ada"), Author("The Hive Group")),
        venue="Journal of Bees",
        published="2024-03-05",
        ids=(_DOI, _ARXIV, _PMID),
        url="https://example.org/bees",
        kind=Kind.ARTICLE,
    )
    found = entry({"key": "ABCD2345", "version": 1, **item_json(_on(paper), tag="shelfwise")})
    assert isinstance(found, Item)
    assert found.paper == paper


def test_the_note_says_why_with_every_share_and_links_to_the_readers_own_papers() -> None:
    suggestion = _on(
        Paper(title="Bees"),
        Reason(ReasonKind.TERMS, "about <b>bees</b> & “wasps”", 0.25),
        Reason(ReasonKind.PAPER, "close to “Ants”, which you filed under A & B", 0.5, "ABCD2345"),
    )
    note = note_html(suggestion, more="more <3", less="less")
    assert note.splitlines() == [
        "<h1>Why this paper</h1>",
        "<p><strong>close to “Ants”, which you filed under A &amp; B</strong></p>",
        "<p>Score 0.75, made up of:</p>",
        "<ul>",
        "<li><strong>0.25</strong> about &lt;b&gt;bees&lt;/b&gt; &amp; “wasps”</li>",
        (
            '<li><strong>0.50</strong> <a href="zotero://select/library/items/ABCD2345">'
            "close to “Ants”, which you filed under A &amp; B</a></li>"
        ),
        "</ul>",
        "<p>Listed in a source.</p>",
        (
            "<p>What now: tag it <em>more &lt;3</em> for more like this; tag it <em>less</em> if"
            " it is not for you; drag it into one of your collections to keep it; delete it to be"
            " rid of it.</p>"
        ),
        f"<p>Shelfwise suggestion {_ID}</p>",
    ]


def test_tags_that_are_not_set_up_are_not_spoken_of() -> None:
    note = note_html(_on(Paper(title="Bees")))
    assert "tag it" not in note
    assert "What now: drag it" in note


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("ABCD2345", "zotero://select/library/items/ABCD2345"),
        ("groups/12/ABCD2345", "zotero://select/groups/12/items/ABCD2345"),
        ("", ""),
        ("smith2020", ""),
        ('"><script>', ""),
        ("groups/12x/ABCD2345", ""),
        ("users/12/ABCD2345", ""),
        ("groups//ABCD2345", ""),
    ],
)
def test_only_a_key_of_zoteros_becomes_a_link(key: str, address: str) -> None:
    assert select_link(key) == address


def test_a_note_of_endless_reasons_is_one_that_the_server_takes() -> None:
    reason = Reason(ReasonKind.TERMS, "&" * 5_000, 0.001, "groups/123456789/ABCD2345")
    note = note_html(_on(Paper(title="Bees"), *[reason] * 500), more="&" * 255, less="<" * 255)
    assert len(note.encode()) <= 250_000
    assert "And 460 smaller reasons." in note
    assert mark_in_note(note) == _ID


def test_the_marks_are_read_from_where_they_are_written_alone() -> None:
    suggestion = suggestion_on(1)
    mark = suggestion.suggestion_id
    assert mark_in_extra(item_json(suggestion)["extra"]) == mark
    assert mark_in_extra(f"PMID: 1\r\nShelfwise: {mark} \nmore") == mark
    assert mark_in_note(note_html(suggestion)) == mark
    assert mark_in_note(f"<div>\n<p>Shelfwise suggestion {mark}</p>\n</div>") == mark
    for other in ("", None, 7, "Shelfwise: 12", f"See Shelfwise: {mark}", f"Shelfwise: {mark}0"):
        assert mark_in_extra(other) == ""
        assert mark_in_note(other) == ""
    assert mark_in_note(f"<p>Shelfwise suggestion {mark}</p><p>I like it</p>") == ""


def test_the_mark_can_say_that_we_put_the_item_into_the_trash_and_nothing_else_changes() -> None:
    mark = suggestion_on(1).suggestion_id
    extra = f"PMID: 1\nShelfwise: {mark}\nmine"
    gone = extra_with(extra, tidied=True)
    assert gone == f"PMID: 1\nShelfwise: {mark} tidied\nmine"
    assert (mark_in_extra(gone), is_tidied(gone), is_tidied(extra)) == (mark, True, False)
    assert extra_with(gone, tidied=True) == gone
    assert extra_with(gone, tidied=False) == extra
    for other in ("", "tidied", f"Shelfwise: {mark} tidied up", f"Shelfwise: {mark}tidied"):
        assert not is_tidied(other)
        assert extra_with(other, tidied=True) == other
    assert not is_tidied(None)


def test_keys_are_zoteros_and_the_same_for_the_same_work_on_every_machine() -> None:
    key = made_key("users/1", "item", "doi:10.1000/waggle.1")
    assert key == made_key("users/1", "item", "doi:10.1000/waggle.1")
    others = {
        made_key("users/2", "item", "doi:10.1000/waggle.1"),
        made_key("users/1", "note", "doi:10.1000/waggle.1"),
        made_key("users/1", "item", "doi:10.1000/waggle.2"),
        made_key("users/1", "item", "doi:10.1000/waggle.1", 2),
    }
    assert len(others | {key}) == 5
    assert all(map(is_key, others | {key}))


def test_keys_of_ten_thousand_works_differ() -> None:
    assert len({made_key("users/1", "item", str(n)) for n in range(10_000)}) == 10_000


def test_a_write_token_is_as_long_as_zotero_takes() -> None:
    token = write_token("users/0", "item", _ID)
    assert len(token) == 32
    assert token != write_token("users/0", "note", _ID)


def _echo() -> tuple[dict[str, Any], dict[str, Any]]:
    """An item and a note as the web server answers to their writing."""
    suggestion = suggestion_on(1)
    empty = {"volume": "", "rights": "", "relations": {}, "collections": ["SHELF234"]}
    stamps = {"version": 7, "dateAdded": "2024-03-06T06:30:00Z", "dateModified": "now"}
    item = {"key": "ABCD2345", **empty, **stamps, **item_json(suggestion, tag="shelfwise")}
    note = note_json(suggestion, "ABCD2345", more="a", less="b")
    return item, {"key": "NQTE2345", "tags": [], "relations": {}, **stamps, **note}


def test_a_fingerprint_stays_whatever_the_server_alone_changes() -> None:
    item, note = _echo()
    first = fingerprint(item, note)
    later = {**item, "version": 9, "dateModified": "later", "collections": []}
    shuffled = dict(reversed(later.items()))
    del shuffled["rights"]
    assert fingerprint(shuffled, {**note, "version": 8}) == first
    suggestion = suggestion_on(1)
    sent = note_json(suggestion, "ABCD2345", more="a", less="b")
    assert fingerprint(item_json(suggestion, tag="shelfwise"), sent) == first


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Waggle dances, part 1a (read this first!)"},
        {"volume": "3"},
        {"extra": "mine"},
        {"extra": extra_with(item_json(suggestion_on(1))["extra"], tidied=True)},
        {"creators": []},
        {"tags": []},
        {"tags": [{"tag": "shelfwise"}]},
        {"tags": [{"tag": "shelfwise", "type": 1}, {"tag": "read"}]},
        {"relations": {"dc:relation": "http://zotero.org/users/1/items/ABCD2345"}},
        {"deleted": 1},
        {"itemType": "book"},
        {"inPublications": True},
    ],
)
def test_a_fingerprint_tells_of_whatever_a_person_changed(change: dict[str, Any]) -> None:
    item, note = _echo()
    assert fingerprint({**item, **change}, note) != fingerprint(item, note)


def test_a_fingerprint_tells_of_a_changed_tagged_moved_trashed_or_missing_note() -> None:
    item, note = _echo()
    changes: list[dict[str, Any]] = [
        {"note": note["note"] + "<p>I agree</p>"},
        {"tags": [{"tag": "why"}]},
        {"parentItem": "WXYZ2345"},
        {"deleted": True},
    ]
    prints = {fingerprint(item, {**note, **change}) for change in changes}
    assert len(prints | {fingerprint(item, None), fingerprint(item, note)}) == 6


def test_the_order_of_tags_makes_no_difference_and_that_of_creators_does() -> None:
    item, note = _echo()
    tagged = {**item, "tags": [{"tag": "b"}, {"tag": "a", "type": 1}]}
    again = {**item, "tags": [{"type": 1, "tag": "a"}, {"tag": "b", "type": 0}]}
    assert fingerprint(tagged, note) == fingerprint(again, note)
    turned = {**item, "creators": item["creators"][::-1]}
    assert fingerprint(turned, note) != fingerprint(item, note)


def test_what_was_stored_of_real_items_has_the_fingerprint_that_it_reads_back_with(
    shared: Path,
) -> None:
    for folder in ("web", "local-10"):
        path = shared / "zotero-transcripts" / folder / "items-create.json"
        steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
        reports = [s["response"]["body"] for s in steps if s["request"]["method"] == "POST"]
        written = {
            one["key"]: one["data"]
            for report in reports
            for one in report["successful"].values()
            if "itemType" in one["data"]
        }
        lists = [s["response"]["body"] for s in steps if s["request"]["method"] == "GET"]
        read = [
            one["data"]
            for body in lists
            for one in (body if isinstance(body, list) else [body])
            if isinstance(one, dict) and one.get("key") in written and "data" in one
        ]
        assert len(read) > len(written) == 3
        for data in read:
            assert fingerprint(data, None) == fingerprint(written[data["key"]], None)
