"""What is new in a library, from zotero.org and from the Zotero on a computer."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from integrations.zotero.client import Client
from recommender.errors import NotAuthorized, StaleLibrary
from recommender.library import Collection, Item, OtherKind
from tests.unit.zotero_served import KEY, Reader, served

A, B, C, D = "AAAA2222", "BBBB2222", "CCCC2222", "DDDD2222"
IN, OUT = "INSIDE22", "OUTSIDE2"


@pytest.fixture(params=["web", "10", "9"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    with served(request.param) as reader:
        yield reader


@pytest.fixture
def web() -> Iterator[Reader]:
    with served("web") as reader:
        yield reader


def _titles(reader: Reader) -> dict[str, str]:
    return {k: e.paper.title for k, e in reader.entries.items() if isinstance(e, Item)}


def _item(reader: Reader, key: str) -> Item:
    found = reader.entries[key]
    assert isinstance(found, Item)
    return found


def _filed(reader: Reader, key: str) -> set[str]:
    """The collections that hold an item, after a sync: those that are there and not trashed."""
    live = {c.key for c in reader.sync().collections if not c.trashed}
    return live & set(_item(reader, key).collections)


@pytest.mark.parametrize("kind", ["web", "10"])
def test_without_news_one_request_is_enough(kind: str) -> None:
    with served(kind) as reader:
        reader.folder(OUT, "Thesis")
        reader.paper(A, "On bees", OUT)
        first = reader.sync()
        reader.n_requests()
        again = reader.sync()
        assert reader.n_requests() == 1
        assert again.version == first.version
        assert again.collections == first.collections
        assert not again.deleted


def test_requests_grow_with_what_is_new_only(web: Reader) -> None:
    for n in range(120):
        web.paper(f"PAPER{n:03}".replace("0", "X").replace("1", "Y"), f"Paper {n}")
    web.sync()
    # The rights, all versions, the collections; then each item once.
    assert web.n_requests() == 3 + 3
    assert len(web.entries) == 120
    for key in list(web.shown.items)[:3]:
        web.edit(key, title="Another title")
    web.sync()
    # The versions, the rights, the collections, the deletions; then the items.
    assert web.n_requests() == 4 + 1
    assert sum(title == "Another title" for title in _titles(web).values()) == 3


def test_each_item_is_read_once(web: Reader) -> None:
    for n in range(120):
        web.paper(f"PAPER{n:03}".replace("0", "X").replace("1", "Y"))
    web.sync()
    asked = [
        key
        for request in web.server.requests
        for key in request.query.get("itemKey", "").split(",")
        if key
    ]
    assert sorted(asked) == sorted(web.shown.items)


def test_what_lies_in_the_trash_is_known_as_trashed_and_comes_back(reader: Reader) -> None:
    reader.paper(A)
    reader.note(B, A)
    reader.sync()
    reader.edit(A, deleted=1)
    reader.edit(B, deleted=1)
    reader.sync()
    note = reader.entries[B]
    assert _item(reader, A).trashed
    assert isinstance(note, OtherKind)
    assert note.trashed
    reader.edit(A, deleted=0)
    reader.sync()
    assert not _item(reader, A).trashed


def test_what_was_deleted_is_gone_with_its_parts(reader: Reader) -> None:
    reader.paper(A)
    reader.paper(C)
    reader.note(B, A)
    reader.sync()
    reader.shown.erase_item(A)
    reader.sync()
    assert reader.entries.keys() == reader.known.keys() == {C}


def test_collections_come_with_those_around_them(reader: Reader) -> None:
    reader.folder(OUT, "Thesis")
    reader.folder(IN, "Methods", OUT)
    reader.memory["shelf:x"] = IN
    assert set(reader.sync().collections) == {
        Collection(OUT, "Thesis"),
        Collection(IN, "Methods", OUT, ours=True),
    }


def test_a_trashed_collection_files_nothing(reader: Reader) -> None:
    reader.folder(OUT, "Thesis")
    reader.folder(IN, "Methods")
    reader.paper(A, "On bees", OUT, IN)
    reader.folder(IN, "Methods", deleted=True)
    assert _filed(reader, A) == {OUT}
    # Zotero changes no version of the items when it comes back.
    reader.folder(IN, "Methods")
    assert _filed(reader, A) == {OUT, IN}


def test_a_deleted_collection_takes_those_inside_it_along(reader: Reader) -> None:
    reader.folder(OUT, "Thesis")
    reader.folder(IN, "Methods", OUT)
    reader.paper(A, "On bees", IN)
    reader.sync()
    reader.shown.erase_collection(OUT)
    assert _filed(reader, A) == set()
    assert reader.changes.collections == ()


def test_an_item_tells_all_that_zotero_does(reader: Reader) -> None:
    reader.folder(OUT, "Thesis")
    tags = [{"tag": "read"}, {"tag": "Bees", "type": 1}]
    reader.paper(A, "On bees", OUT, DOI="10.5555/Bees", date="2024-11", extra="PMID: 31452104")
    reader.edit(A, tags=tags)
    reader.put(B, itemType="attachment", parentItem=A, title="PDF", tags=[], lastRead=1767323045)
    reader.put(C, itemType="annotation", parentItem=B, annotationText="so", tags=[])
    reader.sync()
    item = _item(reader, A)
    assert [str(i) for i in item.paper.ids] == ["doi:10.5555/bees", "pmid:31452104"]
    assert item.paper.published == "2024-11"
    assert item.collections == (OUT,)
    assert {(tag.name, tag.automatic) for tag in item.tags} == {("read", False), ("Bees", True)}
    assert item.added_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    read = datetime.fromtimestamp(1767323045, UTC)
    assert reader.entries[B] == OtherKind(B, "attachment", A, read)
    assert reader.entries[C] == OtherKind(C, "annotation", B)


def test_an_edit_that_moves_no_date_is_seen(reader: Reader) -> None:
    reader.paper(A)
    reader.put(B, itemType="attachment", title="PDF", tags=[])
    reader.sync()
    reader.edit(A, tags=[{"tag": "later"}])
    reader.edit(B, lastRead=1767323045)
    reader.sync()
    other = reader.entries[B]
    assert [tag.name for tag in _item(reader, A).tags] == ["later"]
    assert isinstance(other, OtherKind)
    assert other.read_at


@pytest.mark.parametrize("kind", ["web", "10", "9"])
def test_a_groups_keys_have_its_prefix_and_its_members_names(kind: str) -> None:
    with served(kind, "groups/7") as reader:
        reader.folder(OUT, "Shared")
        reader.folder(IN, "Deep", OUT)
        reader.memory["shelf:x"] = IN
        reader.paper(A, "On bees", IN)
        reader.note(B, A)
        reader.sync()
        assert reader.changes.entries.keys() == {f"groups/7/{A}", f"groups/7/{B}"}
        assert set(reader.changes.collections) == {
            Collection(f"groups/7/{OUT}", "Shared"),
            Collection(f"groups/7/{IN}", "Deep", f"groups/7/{OUT}", ours=True),
        }
        item = _item(reader, f"groups/7/{A}")
        assert item.collections == (f"groups/7/{IN}",)
        if kind == "web":
            assert item.added_by == "A Reader"
        assert reader.entries[f"groups/7/{B}"] == OtherKind(f"groups/7/{B}", "note", item.key)
        reader.shown.erase_item(A)
        reader.sync()
        assert not reader.entries


def test_no_key_of_another_library_is_asked_for(reader: Reader) -> None:
    reader.paper(A)
    reader.n_requests()
    assert not list(reader.library.fetch([f"groups/7/{A}", "", "A,B", "a" * 8]))
    assert reader.n_requests() == 0


def _edits(reader: Reader, positions: range) -> None:
    """Lets somebody edit right after each of these requests."""

    def edit(position: int, moment: str) -> None:
        if moment == "after" and position in positions:
            reader.paper(f"EDITED{position + 10}".replace("1", "X").replace("0", "Y"))

    reader.server.hook = edit


@pytest.mark.parametrize("n_edits", [1, 2, 3])
def test_what_was_edited_while_it_was_read_is_read_again(reader: Reader, n_edits: int) -> None:
    reader.paper(A)
    reader.sync()
    reader.paper(B)
    start = len(reader.server.requests)
    _edits(reader, range(start, start + n_edits))
    reader.sync()
    reader.sync()
    assert reader.entries.keys() == set(reader.shown.items)


@pytest.mark.parametrize("kind", ["web", "10"])
def test_a_library_that_never_rests_is_told(kind: str) -> None:
    with served(kind) as reader:
        _edits(reader, range(1000))
        with pytest.raises(StaleLibrary):
            reader.sync()
        assert sum(reader.slept) >= 10


@pytest.mark.parametrize("since", ["", "7", "{}", "[]", "null", '{"number": "7"}', "a digest"])
def test_a_version_of_another_kind_makes_everything_new(reader: Reader, since: str) -> None:
    reader.paper(A)
    found = reader.library.changes(since)
    assert found.complete
    assert found.entries.keys() == {A}


def test_a_library_that_was_set_back_is_read_anew(web: Reader) -> None:
    web.paper(A)
    web.paper(B)
    web.sync()
    web.shown.forget("items", B)
    web.shown.version = 1
    assert web.sync().complete
    assert web.entries.keys() == {A}


def test_a_lost_memory_costs_a_request_and_nothing_else(web: Reader) -> None:
    web.folder(OUT, "Thesis")
    web.paper(A, "On bees", OUT)
    first = web.sync()
    for damaged in ("", "{", "[]", '{"version": 1}'):
        web.memory["library:collections"] = damaged
        web.n_requests()
        again = web.sync()
        assert (again.version, again.collections) == (first.version, first.collections)
        assert not again.entries
        assert web.n_requests() == 2


def test_what_the_key_may_not_see_is_an_error_and_no_deletion(web: Reader) -> None:
    web.paper(A)
    web.sync()
    web.world.keys[KEY].library = False
    with pytest.raises(NotAuthorized):
        web.sync()
    del web.world.keys[KEY]
    with pytest.raises(NotAuthorized, match="revoked"):
        web.sync()
    assert web.entries.keys() == {A}


@pytest.mark.parametrize("kind", ["web", "10", "9"])
def test_a_group_that_vanished_is_an_error_and_no_deletion(kind: str) -> None:
    with served(kind, "groups/7") as reader:
        reader.paper(A)
        reader.sync()
        del reader.world.groups[7]
        with pytest.raises(NotAuthorized, match="groups/7"):
            reader.sync()
        assert reader.entries.keys() == {f"groups/7/{A}"}


def test_a_private_library_without_a_key_is_told() -> None:
    with served("web") as reader, Client.web(reader.server.address, "users/1", "") as client:
        library = reader.opened(client)
        with pytest.raises(NotAuthorized):
            library.changes(None)
