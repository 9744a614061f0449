"""Zotero's database: invented ones, and those that the real program wrote."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.files.contents import Contents
from integrations.zotero.database import ZOTERO_DATABASE, read_file
from recommender.errors import BadResponse, TransientError
from recommender.library import Collection, Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind
from tests.recorded.zotero_sqlite import library, opened

_REAL = ("z10-closed", "z10-running", "z9-closed")


@pytest.fixture
def zotero(tmp_path: Path) -> Path:
    return library(tmp_path / "zotero.sqlite")


def _by_key(contents: Contents) -> dict[str, Entry]:
    return {entry.key: entry for entry in contents.entries}


def _item(contents: Contents, key: str) -> Item:
    entry = _by_key(contents)[key]
    assert isinstance(entry, Item)
    return entry


def _fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in folder.iterdir()
    }


def test_an_item_has_all_that_its_tables_say(zotero: Path) -> None:
    item = _item(read_file(zotero), "ARTICLE2")
    assert item.paper.title == "Naïve ranking of trees"
    assert item.paper.authors == (Author("de la Cruz", "Ana María"), Author("The Tree Group"))
    assert item.paper.venue == "Journal of Trees"
    assert item.paper.published == "2024-11"
    assert [str(i) for i in item.paper.ids] == ["doi:10.1000/trees", "pmid:31452104"]
    assert item.paper.kind is Kind.ARTICLE
    assert item.collections == ("OUTER222", "INNER222")
    assert item.tags == (Tag("must read"), Tag("Trees", automatic=True))
    assert item.added_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert not item.trashed


def test_everything_but_feeds_is_there_once_and_in_order(zotero: Path) -> None:
    contents = read_file(zotero)
    assert [entry.key for entry in contents.entries] == [
        "ARTICLE2",
        "TRASHED2",
        "WEBPAGE2",
        "PREPAGE2",
        "NOTENOTE",
        "NOTITLE2",
        "groups/77/SHARED22",
    ]


def test_what_is_no_paper_says_what_it_is(zotero: Path) -> None:
    entries = _by_key(read_file(zotero))
    assert entries["WEBPAGE2"] == OtherKind("WEBPAGE2", "webpage")
    assert entries["NOTENOTE"] == OtherKind("NOTENOTE", "note")
    assert isinstance(entries["PREPAGE2"], Item)


def test_an_item_without_a_title_is_known_by_its_key(zotero: Path) -> None:
    assert _item(read_file(zotero), "NOTITLE2").paper.title == "Untitled [NOTITLE2]"


def test_the_trash_is_read_as_trash(zotero: Path) -> None:
    contents = read_file(zotero)
    assert _item(contents, "TRASHED2").trashed
    assert contents.collections == (
        Collection("OUTER222", "Thesis"),
        Collection("groups/77/GROUPCOL", "Collection GROUPCOL"),
        Collection("INNER222", "Methods", "OUTER222", trashed=True),
    )


def test_a_group_s_items_say_who_added_them(zotero: Path) -> None:
    shared = _item(read_file(zotero), "groups/77/SHARED22")
    assert shared.added_by == "Ada"
    assert shared.collections == ("groups/77/GROUPCOL",)


def test_a_file_as_bytes_is_read_the_same(zotero: Path) -> None:
    content = zotero.read_bytes()
    assert ZOTERO_DATABASE.matches(content[: 64 * 1024])
    assert ZOTERO_DATABASE.read(content) == read_file(zotero)
    assert not ZOTERO_DATABASE.matches(b"SQLite is a database")
    assert not ZOTERO_DATABASE.matches(b"")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_program_that_holds_the_database_is_read_past_its_lock(
    tmp_path: Path, journal: str
) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path, journal=journal)
    with closing(database):
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        with database:
            writer.item("LASTONE2", title="Written a moment ago")
        before = _fingerprint(tmp_path)
        assert [entry.key for entry in read_file(path).entries] == ["LASTONE2"]
        assert _fingerprint(tmp_path) == before
        with database:
            writer.item("EVENLATE", title="The program goes on writing")
    assert len(read_file(path).entries) == 2


def test_what_was_not_committed_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path)
    with closing(database):
        database.execute("PRAGMA cache_size = 1")
        database.execute("PRAGMA cache_spill = 1")
        with database:
            writer.item("KEPTKEPT", title="Kept")
        # So much that half of it reaches the file before its transaction ends.
        for n in range(300):
            writer.item(f"HALF{n:04}", title=f"Half written {n} " + "x" * 500)
        assert (tmp_path / "zotero.sqlite-journal").exists()
        assert [entry.key for entry in read_file(path).entries] == ["KEPTKEPT"]
        database.rollback()


def test_a_database_that_changes_while_it_is_copied_is_copied_again(
    zotero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, slept = _changing(zotero, monkeypatch, times=2)
    assert len(read_file(zotero).entries) == 7
    assert len(copied) == 3
    assert len(slept) == 2


def test_a_database_that_never_rests_is_left_for_later(
    zotero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _changing(zotero, monkeypatch, times=99)
    with pytest.raises(TransientError, match=r"^zotero\.sqlite: keeps changing") as caught:
        read_file(zotero)
    assert caught.value.service == "Zotero database"


def _changing(
    path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> tuple[list[object], list[float]]:
    copy: Callable[..., object] = shutil.copyfile
    copied: list[object] = []
    slept: list[float] = []

    def copy_and_touch(source: Path, target: Path) -> None:
        copy(source, target)
        copied.append(target)
        if len(copied) <= times:
            os.utime(path, ns=(0, len(copied)))

    monkeypatch.setattr(shutil, "copyfile", copy_and_touch)
    monkeypatch.setattr(time, "sleep", slept.append)
    return copied, slept


def test_nothing_is_written_beside_the_original_and_nothing_left_behind(
    zotero: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before = _fingerprint(zotero.parent)
    read_file(zotero)
    ZOTERO_DATABASE.read(zotero.read_bytes())
    with pytest.raises(BadResponse):
        ZOTERO_DATABASE.read(b"SQLite format 3\0" + b"no" * 500)
    assert _fingerprint(zotero.parent) == before
    assert list(scratch.iterdir()) == []


def test_another_program_s_database_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    database, writer = opened(path)
    with closing(database), database:
        writer.run("DROP TABLE itemDataValues")
    with pytest.raises(
        BadResponse, match=r"^history\.sqlite: a SQLite database, but not Zotero's; "
    ):
        read_file(path)
    with pytest.raises(BadResponse, match=r"^is a SQLite database, but not Zotero's; "):
        ZOTERO_DATABASE.read(path.read_bytes())


def test_a_very_old_database_is_named_as_one(zotero: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    database, writer = opened(path)
    with closing(database), database:
        writer.run("ALTER TABLE libraries RENAME COLUMN type TO libraryType")
    with pytest.raises(BadResponse, match=r"^old\.sqlite: of Zotero 4 or older; open it once"):
        read_file(path)


@pytest.mark.parametrize("left", [16, 100, 5000])
def test_half_a_database_is_damaged(zotero: Path, left: int) -> None:
    zotero.write_bytes(zotero.read_bytes()[:left])
    with pytest.raises(BadResponse, match=r"^zotero\.sqlite: damaged \(.*\); restore"):
        read_file(zotero)


def test_a_database_with_overwritten_pages_is_damaged(zotero: Path) -> None:
    content = bytearray(zotero.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    zotero.write_bytes(content)
    with pytest.raises(BadResponse, match="damaged"):
        read_file(zotero)


def test_a_damaged_schema_that_is_no_text_is_damage_too(zotero: Path) -> None:
    content = zotero.read_bytes()
    zotero.write_bytes(content.replace(b"CREATE TABLE creators (", b"CRE\xaaTE TABLE creators ("))
    with pytest.raises(BadResponse, match="damaged"):
        read_file(zotero)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadResponse, match=r"^zotero\.sqlite: no such file; correct its path$"):
        read_file(tmp_path / "zotero.sqlite")
    with pytest.raises(BadResponse, match="cannot be copied to be read"):
        read_file(tmp_path)


def test_tables_and_values_that_other_versions_lack_are_not_missed(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path)
    with closing(database), database:
        writer.item("ARTICLE2", title="Kept", creators=[("Ana", "Cruz", 0)], tags={"a": 0})
        writer.item("NUMBER22", title=1984, date="0000-00-00 in press")
        writer.item("BLOBBLOB", title=b"\x00\x01")
        writer.run("UPDATE items SET dateAdded = 'yesterday' WHERE key = 'NUMBER22'")
        for table in ("groupItems", "users", "groups", "deletedItems", "deletedCollections"):
            writer.run(f"DROP TABLE {table}")
    contents = read_file(path)
    assert _item(contents, "ARTICLE2").paper.title == "Kept"
    assert _item(contents, "NUMBER22").paper.title == "1984"
    assert _item(contents, "NUMBER22").paper.published == ""
    assert _item(contents, "NUMBER22").added_at is None
    assert isinstance(_by_key(contents)["BLOBBLOB"], Unreadable)


@pytest.fixture(params=_REAL)
def real(shared: Path, request: pytest.FixtureRequest) -> Path:
    return shared / "zotero-sqlite" / str(request.param)


@pytest.fixture
def expected(real: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((real / "expected.json").read_text(encoding="utf-8"))
    return found


_KINDS = {
    "journalArticle": Kind.ARTICLE,
    "conferencePaper": Kind.CONFERENCE,
    "preprint": Kind.PREPRINT,
    "book": Kind.BOOK,
    "bookSection": Kind.CHAPTER,
    "thesis": Kind.THESIS,
    "report": Kind.REPORT,
}


def test_a_real_database_gives_every_item(real: Path, expected: dict[str, Any]) -> None:
    contents = read_file(real / "zotero.sqlite")
    entries = _by_key(contents)
    wanted = {item["key"]: item for item in expected["items"]}
    assert len(entries) == len(wanted) + len(expected["group"]["items"])
    for key, item in wanted.items():
        entry = entries[key]
        if item["itemType"] not in _KINDS:
            assert entry == OtherKind(key, item["itemType"], parent=item["parent"] or "")
        else:
            assert isinstance(entry, Item)
            _check(entry, item)


def _check(entry: Item, wanted: dict[str, Any]) -> None:
    fields = wanted["fields"]
    assert entry.paper.kind is _KINDS[wanted["itemType"]]
    assert entry.paper.title == fields["title"].replace("<i>", "").replace("</i>", "")
    assert [(a.given, a.family) for a in entry.paper.authors] == [
        (c.get("firstName", ""), c.get("lastName") or c["name"]) for c in wanted["creators"]
    ]
    assert set(entry.collections) == set(wanted["collections"])
    assert {(tag.name, int(tag.automatic)) for tag in entry.tags} == {
        (name, kind) for name, kind in wanted["tags"]
    }
    assert entry.trashed == wanted["trashed"]
    assert entry.added_at == datetime.fromisoformat(wanted["dateAdded"])
    ids = {str(i) for i in entry.paper.ids}
    if "archiveID" in fields:
        assert ids == {fields["archiveID"].lower()}
    elif "DOI" in fields:
        assert ids == {f"doi:{fields['DOI'].lower()}"}
    elif "ISBN" in fields:
        assert ids == {f"isbn:{fields['ISBN'].replace('-', '')}"}
    else:
        assert ids == set()


def test_a_real_database_gives_every_collection(real: Path, expected: dict[str, Any]) -> None:
    found = {c.key: c for c in read_file(real / "zotero.sqlite").collections}
    for wanted in expected["collections"]:
        assert found.pop(wanted["key"]) == Collection(
            wanted["key"], wanted["name"], wanted["parent"], wanted["trashed"]
        )
    group = expected["group"]
    for wanted in group["collections"]:
        key = f"groups/{group['groupID']}/{wanted['key']}"
        assert found.pop(key) == Collection(key, wanted["name"])
    assert found == {}


def test_a_real_group_is_read_too(real: Path, expected: dict[str, Any]) -> None:
    contents = read_file(real / "zotero.sqlite")
    group = expected["group"]
    for wanted in group["items"]:
        item = _item(contents, f"groups/{group['groupID']}/{wanted['key']}")
        assert item.paper.title == wanted["title"]
        assert item.collections == tuple(
            f"groups/{group['groupID']}/{key}" for key in wanted["collections"]
        )
        assert [tag.name for tag in item.tags] == wanted["tags"]


def test_a_real_folder_stays_as_it_was(real: Path, tmp_path: Path) -> None:
    before = _fingerprint(real)
    contents = read_file(real / "zotero.sqlite")
    assert _fingerprint(real) == before
    # The same where nothing forbids to write.
    copy = tmp_path / "zotero"
    shutil.copytree(real, copy)
    copy.chmod(0o755)
    before = _fingerprint(copy)
    assert read_file(copy / "zotero.sqlite") == contents
    assert _fingerprint(copy) == before


def test_a_running_program_s_last_changes_are_not_missed(shared: Path) -> None:
    folder = shared / "zotero-sqlite" / "z10-running"
    alone = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["without_wal"]
    whole = _by_key(read_file(folder / "zotero.sqlite"))
    stale = _by_key(ZOTERO_DATABASE.read((folder / "zotero.sqlite").read_bytes()))
    assert set(whole) - set(stale) >= set(alone["missing_items"])


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9])
def test_a_real_database_cut_short_never_fails_in_another_way(
    shared: Path, tmp_path: Path, part: float
) -> None:
    content = (shared / "zotero-sqlite" / "z9-closed" / "zotero.sqlite").read_bytes()
    path = tmp_path / "zotero.sqlite"
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(BadResponse, match=r"damaged|not Zotero's"):
        read_file(path)
