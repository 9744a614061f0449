"""What is new in the Zotero on a computer, where nothing is told of deletions nor of the trash."""

import pytest

from recommender.errors import NotAuthorized
from recommender.library import Item
from tests.unit.zotero_served import Reader, served

A, B, C, D = "AAAA2222", "BBBB2222", "CCCC2222", "DDDD2222"


def _titles(reader: Reader) -> dict[str, str]:
    return {k: e.paper.title for k, e in reader.entries.items() if isinstance(e, Item)}


@pytest.mark.parametrize("kind", ["10", "9"])
@pytest.mark.parametrize("n", [2, 40])
def test_what_was_put_into_the_trash_on_this_computer_is_read_in_pages(kind: str, n: int) -> None:
    keys = [f"PAPERX{one:02}".replace("0", "A").replace("1", "B") for one in range(2, 200)][:120]
    with served(kind) as reader:
        for key in keys:
            reader.paper(key)
        reader.sync()
        for key in keys[:n]:
            reader.edit(key, deleted=1)
        changes = reader.library.changes(reader.changes.version)
        reader.n_requests()
        found = list(reader.library.fetch(keys[:n]))
        assert [entry.key for entry in found] == sorted(keys[:n])
        assert all(isinstance(one, Item) and one.trashed for one in found)
        # The choice of keys; then a few alone, and no more than a page for all others.
        assert reader.n_requests() == 1 + min(n, 3 + 1)
        assert changes.entries.keys() == set(keys)


@pytest.mark.parametrize("kind", ["10", "9"])
def test_what_is_gone_from_the_trash_when_it_is_read_is_left_out(kind: str) -> None:
    keys = [f"PAPERX{one:02}".replace("0", "A").replace("1", "B") for one in range(22, 32)]
    with served(kind) as reader:
        reader.paper("ALLALONE")
        for key in keys:
            reader.paper(key, deleted=1)
        reader.sync()
        for key in keys[::2]:
            reader.shown.erase_item(key)
        # One that came out again is shown with the others.
        reader.edit(keys[1], deleted=0)
        reader.n_requests()
        found = {entry.key: entry for entry in reader.library.fetch(keys)}
        assert found.keys() == set(keys[1::2])
        kept = found[keys[1]]
        assert isinstance(kept, Item)
        assert not kept.trashed


def test_what_is_read_in_two_places_is_deleted_only_where_it_was() -> None:
    with served("web") as web, served("10") as local:
        library = local.opened(local.client)
        for key in (A, B):
            web.paper(key, "Of both")
            local.paper(key, "Of both")
        local.paper(C, "Not yet on the web")
        web.paper(D, "Not yet on the computer")
        local.sync()
        web.entries, web.known, web.changes = local.entries, local.known, local.changes
        assert not web.sync().complete
        assert web.entries.keys() == {A, B, C, D}
        web.shown.erase_item(A)
        web.sync()
        assert web.entries.keys() == {B, C, D}
        web.sync(library)
        assert web.entries.keys() == {A, B, C, D}
        local.shown.erase_item(A)
        local.shown.erase_item(B)
        web.sync(library)
        assert web.entries.keys() == {C, D}
        # Synchronised meanwhile.
        web.shown.erase_item(B)
        web.paper(C, "On both")
        local.paper(D, "On both")
        web.sync()
        assert web.entries.keys() == {C, D}
        web.sync(library)
        assert _titles(web) == {C: "Not yet on the web", D: "On both"}


@pytest.mark.parametrize("kind", ["10", "9"])
def test_a_deletion_on_the_computer_is_told_until_a_sync_is_done(kind: str) -> None:
    with served(kind) as reader:
        reader.paper(A)
        reader.paper(B)
        first = reader.sync().version
        reader.shown.erase_item(A)
        for _ in range(3):
            assert reader.library.changes(first).deleted == {A}
        reader.sync()
        assert reader.entries.keys() == {B}
        assert not reader.library.changes(reader.changes.version).deleted
        reader.paper(A, "Again")
        reader.sync()
        assert reader.entries.keys() == {A, B}


@pytest.mark.parametrize("kind", ["10", "9"])
def test_a_lost_memory_hides_no_deletion(kind: str) -> None:
    with served(kind) as reader:
        reader.paper(A)
        reader.paper(B)
        reader.sync()
        reader.memory.clear()
        reader.shown.erase_item(A)
        reader.sync()
        assert reader.entries.keys() == {B}


def test_another_database_is_read_anew_in_the_middle() -> None:
    with served("10") as reader:
        reader.paper(A)
        reader.sync()
        facade = reader.server.facade
        facade.server_id = "anotherServ1"  # type: ignore[attr-defined]
        reader.shown.erase_item(A)
        reader.paper(B)
        assert reader.sync().complete
        assert reader.entries.keys() == {B}
        assert "anotherServ1" in reader.changes.version


def test_a_closed_local_api_is_told() -> None:
    with served("10") as reader:
        reader.server.facade.enabled = False  # type: ignore[attr-defined]
        with pytest.raises(NotAuthorized, match="Settings > Advanced"):
            reader.sync()
