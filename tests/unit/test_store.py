import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.identifiers import PaperId
from recommender.ingest import Candidate, unseen
from recommender.library import Collection, Entry, Item, Library, OtherKind, Tag, Unreadable
from recommender.listings import Listed, Listing
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.store import Store

AT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
LATER = AT + timedelta(days=1)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def item(key: str, title: str = "A title", **fields: object) -> Item:
    return Item(key=key, paper=Paper(title=title), **fields)  # type: ignore[arg-type]


def at_version(version: str, *entries: Entry) -> list[tuple[Entry, str]]:
    return [(entry, version) for entry in entries]


def listed(*papers: Paper, name: str = "hot", source: str = "daily") -> tuple[Candidate, ...]:
    places = tuple(Listed(position=i, paper=p) for i, p in enumerate(papers, 1))
    return unseen([Listing(source=source, name=name, papers=places)]).candidates


# Libraries


def test_a_library_comes_back_as_it_was_saved(store: Store) -> None:
    whole = Item(
        key="B",
        paper=Paper(
            title="Gödel’s “proof” 😀",
            abstract="Half a pair: \ud800.",
            authors=(Author("Gödel", "Kurt"), Author("A Group")),
            venue="Monatshefte",
            published="1931-01",
            ids=(PaperId.parse("doi:10.1000/godel"),),
            url="https://example.org",
            kind=Kind.ARTICLE,
            categories=("math.LO",),
            references=(PaperId.parse("doi:10.1000/frege"), PaperId.parse("arxiv:1706.03762")),
            code="https://example.org/code",
            website="https://example.org/proof",
        ),
        collections=("C1",),
        tags=(Tag("logic"), Tag("read", automatic=True)),
        added_at=AT,
        added_by="somebody",
        trashed=True,
        mark="0123456789abcdef",
    )
    folders = (
        Collection("C1", "Logic"),
        Collection("C2", "Old", parent="C1", trashed=True),
        Collection("C3", "Called otherwise", ours=True),
    )
    skipped = Skipped("line 3 (x)", "no title")
    note = OtherKind("N", "note", parent="B", mark="0123456789abcdef")
    file = OtherKind("F", "attachment", parent="B", read_at=AT, trashed=True)
    entries = at_version("7", whole, note, item("A"), file, Unreadable("U", skipped))

    store.save_entries("mine", entries, collections=folders, version="7")

    assert store.library("mine") == Library(
        items=(whole, item("A")), collections=folders, others=(note, file), skipped=(skipped,)
    )
    assert store.known_entries("mine") == dict.fromkeys("BNAFU", "7")
    assert store.library_version("mine") == "7"


def test_a_library_that_was_never_saved_is_empty(store: Store) -> None:
    assert store.library("mine") == Library()
    assert store.known_entries("mine") == {}
    assert store.library_version("mine") is None


def test_a_changed_entry_keeps_its_place_and_a_dropped_one_is_gone(store: Store) -> None:
    store.save_entries("mine", at_version("1", item("A"), item("B"), item("C")), version="1")
    store.save_entries("mine", at_version("2", item("A", "Changed")), drop={"B", "?"}, version="2")

    assert store.library("mine").items == (item("A", "Changed"), item("C"))
    assert store.known_entries("mine") == {"A": "2", "C": "1"}


def test_an_entry_can_turn_into_another_kind(store: Store) -> None:
    store.save_entries("mine", at_version("1", item("A")), version="1")
    store.save_entries("mine", at_version("2", OtherKind("A", "note")), version="2")

    assert store.library("mine") == Library(others=(OtherKind("A", "note"),))


def test_what_is_dropped_and_saved_at_once_is_saved(store: Store) -> None:
    store.save_entries("mine", at_version("1", item("A")), drop={"A"}, version="1")

    assert store.known_entries("mine") == {"A": "1"}


def test_collections_are_replaced_as_a_whole(store: Store) -> None:
    store.save_entries("mine", (), collections=[Collection("C", "Old name")], version="1")
    store.save_entries("mine", (), collections=[Collection("D", "New")], version="2")

    assert store.library("mine").collections == (Collection("D", "New"),)


def test_libraries_do_not_mix(store: Store) -> None:
    store.save_entries("mine", at_version("1", item("A")), version="1")
    store.save_entries("ours", at_version("9", item("A", "Ours")), drop={"B"}, version="9")

    assert store.library("mine").items == (item("A"),)
    assert store.library_version("mine") == "1"


def test_an_entry_that_cannot_be_fetched_leaves_everything_as_it_was(store: Store) -> None:
    def broken() -> Iterator[tuple[Entry, str]]:
        yield item("A"), "1"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.save_entries("mine", broken(), version="1")

    assert store.known_entries("mine") == {}
    assert store.library_version("mine") is None


def test_nobody_waits_while_entries_are_being_fetched(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as one, Store.open(path, patience=timedelta(0)) as other:

        def slow() -> Iterator[tuple[Entry, str]]:
            other.save_entries("ours", at_version("1", item("A")), version="1")
            yield item("A"), "1"

        one.save_entries("mine", slow(), version="1")
        assert one.library_version("ours") == one.library_version("mine") == "1"


def test_a_key_that_is_no_text_spoils_nothing(store: Store) -> None:
    store.save_entries("mine", at_version("1", item("\ud800"), item("A")), version="1")

    assert store.known_entries("mine") == {"?": "1", "A": "1"}


# What was listed


def test_listed_papers_come_back_in_first_seen_order(store: Store) -> None:
    first = listed(Paper(title="The first of all papers"), Paper(title="The second of the papers"))
    store.save_listed(first, watermarks={"daily": AT}, at=AT)

    assert tuple(store.candidates()) == first
    assert store.candidates_named(first[1].names) == first[1:]
    assert store.candidates_named(["unknown"]) == ()
    assert store.watermark("daily") == AT
    assert store.watermark("weekly") is None


def test_a_paper_listed_again_is_joined_with_what_is_known(store: Store) -> None:
    bare = Paper(title="Deep", ids=(PaperId.parse("arxiv:2401.00001"),))
    rich = Paper(
        title="Deep", abstract="All.", ids=(PaperId.parse("arxiv:2401.00001"),), venue="Letters"
    )
    store.save_listed(listed(bare), watermarks={}, at=AT)
    store.save_listed(listed(rich, name="top"), watermarks={}, at=LATER)

    (candidate,) = store.candidates()
    assert candidate.paper == rich
    assert [place.listing for place in candidate.provenance] == ["hot", "top"]


def test_papers_that_turn_out_to_be_one_are_joined(store: Store) -> None:
    a, b = PaperId.parse("doi:10.1000/a"), PaperId.parse("arxiv:2401.00001")
    store.save_listed(
        listed(Paper(title="A", ids=(a,)), Paper(title="B", ids=(b,))), watermarks={}, at=AT
    )
    store.save_listed(listed(Paper(title="Link", ids=(a, b))), watermarks={}, at=LATER)

    (candidate,) = store.candidates()
    assert candidate.paper.ids == (a, b)


def test_papers_that_share_a_name_and_are_two_works_stay_two(store: Store) -> None:
    volume = (PaperId.parse("doi:10.1000/volume"),)
    leaves = Paper(title="Leaves in autumn", authors=(Author("Lovelace"),), ids=volume)
    roots = Paper(title="Roots below snow", authors=(Author("Babbage"),), ids=volume)
    for paper in (leaves, roots, leaves):
        store.save_listed(listed(paper), watermarks={}, at=AT)

    assert [candidate.paper for candidate in store.candidates()] == [leaves, roots]


def test_a_watermark_never_goes_back(store: Store) -> None:
    store.save_listed((), watermarks={"daily": LATER}, at=AT)
    store.save_listed((), watermarks={"daily": AT}, at=AT)

    assert store.watermark("daily") == LATER


def test_candidates_are_read_while_others_are_saved(store: Store) -> None:
    store.save_listed(
        listed(*(Paper(title=f"Paper number {n} of a long page") for n in range(1203))),
        watermarks={},
        at=AT,
    )
    seen = []
    for candidate in store.candidates():
        seen.append(candidate)
        store.save_listed((), watermarks={"daily": AT}, at=AT)

    assert len(seen) == len({c.names for c in seen}) == 1203


# Cycles


def test_the_last_cycles_come_latest_first(store: Store) -> None:
    for day in range(4):
        began = AT + timedelta(days=day)
        store.record_cycle("me", began, began + timedelta(minutes=1), {"day": day, "why": ["ü"]})
    store.record_cycle("you", AT, AT, {})

    last = store.last_cycles("me", 2)
    assert [cycle.record["day"] for cycle in last] == [3, 2]
    assert last[0].finished_at - last[0].started_at == timedelta(minutes=1)
    assert store.last_cycles("me", 0) == ()


def test_a_cycle_recorded_twice_is_one(store: Store) -> None:
    store.record_cycle("me", AT, AT, {"n": 1})
    store.record_cycle("me", AT, LATER, {"n": 2})

    assert [cycle.record for cycle in store.last_cycles("me", 9)] == [{"n": 2}]


def test_a_moment_needs_a_time_zone(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.record_cycle("me", AT.replace(tzinfo=None), AT, {})


def test_three_thousand_items_are_saved_and_read_quickly(store: Store) -> None:
    items = [
        Item(
            key=f"K{n}",
            paper=Paper(
                title=f"Paper {n} about something",
                abstract="Some words of an abstract of the usual length. " * 30,
                authors=tuple(Author(f"Family{i}", "Given") for i in range(5)),
                published="2024-01-02",
                ids=(PaperId.parse(f"doi:10.1000/{n}"), PaperId.parse(f"arxiv:2401.{n:05}")),
            ),
            collections=("C",),
            tags=(Tag("a"), Tag("b")),
            added_at=AT,
        )
        for n in range(3000)
    ]
    times = []
    for _ in range(3):
        began = time.thread_time()
        store.save_entries("mine", at_version("1", *items), version="1")
        read = store.library("mine").items
        times.append(time.thread_time() - began)
        assert read == tuple(items)

    assert min(times) < 0.7
