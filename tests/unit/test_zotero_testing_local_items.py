from typing import Any

import pytest

from integrations.zotero.item_types import ITEM_TYPES
from integrations.zotero.testing.local_errors import Unfit
from integrations.zotero.testing.local_extra import add_lines, label, move_lines
from integrations.zotero.testing.local_items import Writing, same_item, written_item
from integrations.zotero.testing.world import Json, World

_NOW = "2026-01-01T00:00:00Z"


def _written(sent: Json, old: Json | None = None) -> Json:
    library = World().library("users/0")
    return written_item(sent, Writing(library, 1, _NOW, "AAAA2222" if old else "", old))


def test_a_line_of_extra_that_names_a_field_moves_there() -> None:
    kept = _written({"itemType": "preprint", "extra": "DOI: 10.1/x\nShelfwise: 0123456789abcdef"})
    assert (kept["DOI"], kept["extra"]) == ("10.1/x", "Shelfwise: 0123456789abcdef")


def test_a_field_that_is_filled_keeps_its_line_in_extra() -> None:
    kept = _written({"itemType": "preprint", "DOI": "10.1/x", "extra": "DOI: 10.1/y"})
    assert (kept["DOI"], kept["extra"]) == ("10.1/x", "DOI: 10.1/y")


def test_what_the_type_has_no_field_for_stands_above_the_text_of_extra() -> None:
    kept = _written({"itemType": "document", "volume": "3", "archiveID": "a", "extra": "text"})
    assert kept["extra"] == "Archive ID: a\nVolume: 3\ntext"


def test_a_stranger_takes_the_place_of_its_own_line() -> None:
    assert add_lines("text\nVolume: 3", {"volume": "4"}) == "text\nVolume: 4"


@pytest.mark.parametrize(
    ("field", "shown"), [("archiveID", "Archive ID"), ("DOI", "DOI"), ("foo", "Foo")]
)
def test_a_field_is_labelled_in_words(field: str, shown: str) -> None:
    assert label(field) == shown


def test_the_words_of_a_label_need_not_be_spelt_exactly() -> None:
    fields: dict[str, str] = {}
    assert move_lines("citation-key: a1", fields, ITEM_TYPES["book"]) == ""
    assert fields == {"citationKey": "a1"}


def test_writing_what_is_there_changes_nothing() -> None:
    old = _written({"itemType": "book", "title": "A", "tags": [{"tag": "b"}, {"tag": "a"}]})
    again = _written({**old, "tags": old["tags"][::-1], "publisher": ""}, old)
    assert same_item(old, again)
    assert again["dateModified"] == old["dateModified"]


def test_what_is_not_sent_is_emptied_but_for_the_lists() -> None:
    creator = {"creatorType": "author", "name": "A"}
    old = _written({"itemType": "book", "title": "A", "creators": [creator], "deleted": True})
    kept = _written({"itemType": "book"}, old)
    assert "title" not in kept
    assert "deleted" not in kept
    assert kept["creators"] == old["creators"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"itemType": "note", "note": "x", "title": "no"}, "'extra' is not a valid field"),
        ({"itemType": "note", "note": "x", "parentItem": "ZZZZ2222"}, "1/ZZZZ2222 not found"),
        ({"itemType": "book", "collections": ["ZZZZ2222"]}, "not found for item 1/null"),
        ({"itemType": "book", "tags": [{"tag": "a"}, {"tag": "a"}]}, "given twice"),
        ({"itemType": "book", "tags": [{"tag": " "}]}, "is empty"),
    ],
)
def test_what_the_desktop_falls_over_is_unfit(sent: Any, message: str) -> None:
    with pytest.raises(Unfit, match=message) as caught:
        _written(sent)
    assert caught.value.refusal.status == 500


@pytest.mark.parametrize("sent", [{"title": "x"}, {"itemType": "nope"}])
def test_a_new_item_without_a_known_type_is_refused_in_words(sent: Any) -> None:
    with pytest.raises(Unfit) as caught:
        _written(sent)
    assert caught.value.refusal.status == 400
