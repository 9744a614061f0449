"""Zotero's items to entries, without any database."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.zotero.convert import (
    CreatorRow,
    ItemRow,
    answered,
    as_json,
    entries,
    entry,
    spoken_date,
)
from integrations.zotero.keys import extra_line
from recommender.library import Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind


def _row(item_type: str = "journalArticle", **fields: str) -> ItemRow:
    return ItemRow(key="ABCD2345", item_type=item_type, fields={"title": "Trees", **fields})


def _read(row: ItemRow) -> Item:
    (found,) = entries([row])
    assert isinstance(found, Item)
    return found


@pytest.mark.parametrize(
    ("stored", "spoken"),
    [
        ("2025-03-14 2025-03-14", "2025-03-14"),
        ("2025-03-14 14 March 2025", "2025-03-14"),
        ("2024-11-00 2024-11", "2024-11"),
        ("2024-00-00 2024", "2024"),
        ("2024-07-00 July 2024", "2024-07"),
        ("2024-07-00", "2024-07"),
        ("0000-00-00 in press", "in press"),
        ("July 2024", "July 2024"),
        ("", ""),
    ],
)
def test_a_date_in_two_parts_is_one(stored: str, spoken: str) -> None:
    assert spoken_date(stored) == spoken


def test_a_partial_date_is_no_more_exact_than_it_was() -> None:
    assert _read(_row(date="2024-11-00 Nov 2024")).paper.published == "2024-11"
    assert _read(_row(date="0000-00-00 in press")).paper.published == ""


@pytest.mark.parametrize(
    ("item_type", "kind"),
    [
        ("journalArticle", Kind.ARTICLE),
        ("conferencePaper", Kind.CONFERENCE),
        ("preprint", Kind.PREPRINT),
        ("book", Kind.BOOK),
        ("bookSection", Kind.CHAPTER),
        ("thesis", Kind.THESIS),
        ("report", Kind.REPORT),
        ("manuscript", Kind.OTHER),
    ],
)
def test_what_researchers_cite_is_a_paper(item_type: str, kind: Kind) -> None:
    assert _read(_row(item_type)).paper.kind is kind


@pytest.mark.parametrize(
    "item_type",
    ["note", "attachment", "annotation", "webpage", "blogPost", "computerProgram", "film", "case"],
)
def test_what_is_no_paper_keeps_its_type(item_type: str) -> None:
    assert entries([_row(item_type)]) == (OtherKind("ABCD2345", item_type),)


@pytest.mark.parametrize("item_type", ["webpage", "blogPost"])
@pytest.mark.parametrize(
    "fields", [{"url": "https://arxiv.org/abs/2401.00001"}, {"extra": "DOI: 10.1000/a"}]
)
def test_a_page_of_a_paper_is_the_paper(item_type: str, fields: dict[str, str]) -> None:
    assert len(_read(_row(item_type, **fields)).paper.ids) == 1


@pytest.mark.parametrize("item_type", ["note", "attachment", "annotation"])
def test_what_hangs_on_a_paper_is_none_whatever_it_names(item_type: str) -> None:
    row = _row(item_type, url="https://arxiv.org/abs/2401.00001")
    assert entries([row]) == (OtherKind("ABCD2345", item_type),)


def test_ids_come_from_fields_and_from_the_labelled_lines_of_extra() -> None:
    extra = "Citation Key: trees2024\nPMID: 31452104\nit builds on https://doi.org/10.1000/other"
    row = _row(DOI="https://doi.org/10.1000/TREES", extra=extra, archiveID="arXiv:2401.00001v2")
    found = [str(i) for i in _read(row).paper.ids]
    assert found == ["doi:10.1000/trees", "arxiv:2401.00001", "pmid:31452104"]


def test_an_isbn_names_a_book_and_not_its_chapters() -> None:
    assert [str(i) for i in _read(_row("book", ISBN="0-306-40615-2")).paper.ids] == [
        "isbn:9780306406157"
    ]
    assert _read(_row("bookSection", ISBN="0-306-40615-2")).paper.ids == ()
    assert _read(_row("conferencePaper", ISBN="0-306-40615-2")).paper.ids == ()


def test_a_single_name_stays_whole() -> None:
    row = ItemRow(
        key="ABCD2345",
        item_type="book",
        fields={"title": "Trees"},
        creators=(
            CreatorRow("author", "Ana María", "de la Cruz"),
            CreatorRow("editor", "No", "Author"),
            CreatorRow("author", "", "Institute of Trees", single=True),
            CreatorRow("author", "", "Plato"),
        ),
    )
    assert _read(row).paper.authors == (
        Author("de la Cruz", "Ana María"),
        Author("Institute of Trees"),
        Author("Plato"),
    )


def test_tags_collections_trash_and_dates_are_kept() -> None:
    row = ItemRow(
        key="groups/77/ABCD2345",
        item_type="preprint",
        fields={"title": "Trees"},
        added="2024-05-06 07:08:09",
        added_by="Ada",
        trashed=True,
        tags=(("⭐ must read", False), ("Trees", True)),
        collections=("groups/77/AAAA2222",),
    )
    item = _read(row)
    assert item.key == "groups/77/ABCD2345"
    assert item.tags == (Tag("⭐ must read"), Tag("Trees", automatic=True))
    assert item.collections == ("groups/77/AAAA2222",)
    assert item.added_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert item.added_by == "Ada"
    assert item.trashed


@pytest.mark.parametrize("trashed", [True, False])
@pytest.mark.parametrize("tidied", [True, False])
def test_an_item_of_ours_says_whether_we_put_it_into_the_trash(
    *, trashed: bool, tidied: bool
) -> None:
    extra = f"PMID: 31452104\n{extra_line('0123456789abcdef', tidied=tidied)}"
    row = replace(_row(extra=extra), trashed=trashed)
    item = _read(row)
    assert (item.mark, item.tidied, item.trashed) == ("0123456789abcdef", tidied, trashed)
    assert entry(as_json(row)) == item
    assert answered({"data": as_json(row)}, "") == item


def test_one_item_without_a_title_spoils_only_itself() -> None:
    nameless = ItemRow(key="NONE2345", item_type="thesis", fields={"title": ""})
    bad, good = entries([nameless, _row()])
    assert isinstance(bad, Unreadable)
    assert bad.skipped.place == "item 1 (NONE2345)"
    assert isinstance(good, Item)


def test_a_row_and_the_same_item_s_json_are_one_entry() -> None:
    row = _row(DOI="10.1000/a", date="2024-11-00 Nov 2024")
    assert entries([row])[0] == entry(as_json(row))
    assert entry({"key": "ABCD2345", "itemType": "note"}) == OtherKind("ABCD2345", "note")
