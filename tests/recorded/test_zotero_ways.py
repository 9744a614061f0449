"""The same library is the same whichever way it is read: its database, or the API over it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.web.testing.server import Server
from integrations.zotero.client import Client, Patience
from integrations.zotero.database import ZoteroDatabase
from integrations.zotero.library import ZoteroLibrary
from integrations.zotero.testing.local import LocalApi9
from integrations.zotero.testing.local_items import Writing, written_item
from integrations.zotero.testing.world import World
from integrations.zotero.versions import WEB, Version
from recommender.errors import BadResponse, ConfigError
from recommender.library import Collection, Entry, Item, OtherKind
from tests.recorded.zotero_sqlite import library, opened


@pytest.fixture
def served(shared: Path) -> Iterator[ZoteroLibrary]:
    """What Zotero 9 served of the library that is in its database too."""
    file = shared / "zotero-transcripts" / "local-9" / "library.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    world = World()
    shown = world.library("users/0")
    for collection in content["collections"]:
        shown.put("collections", collection)
    for item in content["items"]:
        kept = {name: item[name] for name in item if name != "relations"}
        data = written_item(kept, Writing(shown, 1, "2025-03-01T08:00:00Z"))
        shown.put("items", data, item["key"])
    patience = Patience(timeout=timedelta(seconds=5))
    with (
        Server(LocalApi9(world)) as server,
        Client.local(f"{server.address}/api", "users/0", patience=patience) as client,
    ):
        yield ZoteroLibrary(client, memory={}, name="Zotero")


def _plain(entry: Entry) -> Entry:
    """An entry without the order of what has none."""
    if not isinstance(entry, Item):
        return entry
    inside = tuple(sorted(entry.collections))
    return replace(entry, collections=inside, tags=tuple(sorted(entry.tags)))


def test_a_database_and_its_api_give_the_same_library(
    shared: Path, tmp_path: Path, served: ZoteroLibrary
) -> None:
    folder = shutil.copytree(shared / "zotero-sqlite" / "z9-closed", tmp_path / "z9")
    database = ZoteroDatabase(folder / "zotero.sqlite")
    ours, theirs = database.changes(None), served.changes(None)
    assert ours.entries.keys() == theirs.entries.keys()
    assert len(ours.entries) == 30
    read = {entry.key: _plain(entry) for entry in database.fetch(ours.entries)}
    assert {entry.key: _plain(entry) for entry in served.fetch(theirs.entries)} == read
    # The API does not list the trash.
    live = {c for c in ours.collections if not c.trashed}
    assert live == set(theirs.collections)


def test_a_real_groups_library_is_its_own(shared: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(shared / "zotero-sqlite" / "z10-running", tmp_path / "z10")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    number = expected["group"]["id"] if "id" in expected["group"] else expected["group"]["groupID"]
    group = ZoteroDatabase(folder / "zotero.sqlite", f"group:{number}")
    found = group.changes(None)
    assert len(found.entries) == len(expected["group"]["items"]) == 1
    assert all(key.startswith(f"groups/{number}/") for key in found.entries)
    assert all(c.key.startswith(f"groups/{number}/") for c in found.collections)
    own = ZoteroDatabase(folder / "zotero.sqlite").changes(None)
    assert len(own.entries) == 30
    assert own.entries.keys().isdisjoint(found.entries)


def test_a_database_tells_of_parts_and_of_reading(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path)
    with closing(database), database:
        paper = writer.item("ARTICLE2", title="Trees")
        file = writer.attachment("FILEFILE", parent=paper, last_read=1767323045)
        writer.annotation("REMARK22", parent=file)
        note = writer.note("NOTENOTE", "<p>Read</p>", parent=paper)
        writer.trash(item=note)
    found = {e.key: e for e in ZoteroDatabase(path).fetch(["FILEFILE", "REMARK22", "NOTENOTE"])}
    read = datetime.fromtimestamp(1767323045, UTC)
    assert found["FILEFILE"] == OtherKind("FILEFILE", "attachment", "ARTICLE2", read)
    assert found["REMARK22"] == OtherKind("REMARK22", "annotation", "FILEFILE")
    assert found["NOTENOTE"] == OtherKind("NOTENOTE", "note", "ARTICLE2", trashed=True)


def test_only_what_was_edited_in_a_database_is_new(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path)
    with closing(database):
        with database:
            writer.attachment("FILEFILE", last_read=1767323045)
            writer.item("ARTICLE2", title="Trees")
            writer.collection("OUTER222", name="Thesis")
        zotero = ZoteroDatabase(path, memory={"shelf:x": "OUTER222"})
        before = zotero.changes(None)
        again = zotero.changes(before.version)
        assert (again.version, again.collections) == (before.version, before.collections)
        assert not again.entries
        assert not again.complete
        assert before.collections == (Collection("OUTER222", "Thesis", ours=True),)
        with database:
            writer.run("UPDATE itemAttachments SET lastRead = lastRead + 1")
        after = zotero.changes(before.version)
    assert after.version != before.version
    assert after.entries["ARTICLE2"] == before.entries["ARTICLE2"]
    assert after.entries["FILEFILE"] != before.entries["FILEFILE"]


def test_a_group_that_is_not_there_is_not_one_without_items(tmp_path: Path) -> None:
    path = library(tmp_path / "zotero.sqlite")
    gone = ZoteroDatabase(path, "group:8")
    with pytest.raises(BadResponse, match="join the group"):
        gone.changes(None)
    assert ZoteroDatabase(path, "group:77").changes(None).entries


@pytest.mark.parametrize("name", ["", "group", "group:", "group:x", "users/1"])
def test_a_library_that_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="group:"):
        ZoteroDatabase(tmp_path / "zotero.sqlite", name)


def test_a_name_says_which_library(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    assert ZoteroDatabase(path).name != ZoteroDatabase(path, "group:77").name
    assert ZoteroDatabase(path, name="Zotero").name == "Zotero"


def test_what_a_database_never_had_is_not_deleted_by_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    database, writer = opened(path)
    with closing(database):
        with database:
            writer.item("ARTICLE2", title="Trees")
            writer.item("ARTICLE3", title="Woods")
        zotero = ZoteroDatabase(path, memory={})
        first = zotero.changes(None)
        assert first.complete
        elsewhere = Version(place=WEB, library="users/1", number=7).text
        for since in (elsewhere, first.version):
            found = zotero.changes(since)
            assert not found.complete
            assert not found.deleted
        with database:
            writer.run("DELETE FROM items WHERE key = 'ARTICLE3'")
        for since in (elsewhere, first.version, first.version):
            assert zotero.changes(since).deleted == {"ARTICLE3"}
        assert not zotero.changes(zotero.changes(None).version).deleted
