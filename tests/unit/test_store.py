import sqlite3
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
from recommender.suggestions import Reason, ReasonKind, Receipt, State, Suggestion

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


def suggestion(key: str, *, rank: int = 1, title: str = "", at: datetime = AT) -> Suggestion:
    return Suggestion(
        suggestion_id=key,
        paper=Paper(title=title or f"A suggested paper named {key}"),
        rank=rank,
        score=0.7,
        reasons=(Reason(ReasonKind.TERMS, "speaks of what you read", 0.7),),
        source="daily",
        interest="Methods",
        suggested_at=at,
    )


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
        ),
        collections=("C1",),
        tags=(Tag("logic"), Tag("read", automatic=True)),
        added_at=AT,
        added_by="somebody",
        trashed=True,
    )
    folders = (Collection("C1", "Logic"), Collection("C2", "Old", parent="C1", trashed=True))
    skipped = Skipped("line 3 (x)", "no title")
    entries = at_version("7", whole, item("A"), OtherKind("N", "note"), Unreadable("U", skipped))

    store.save_entries("mine", entries, collections=folders, version="7")

    assert store.library("mine") == Library(
        items=(whole, item("A")), collections=folders, other_kinds=1, skipped=(skipped,)
    )
    assert store.known_entries("mine") == {"B": "7", "A": "7", "N": "7", "U": "7"}
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

    assert store.library("mine") == Library(other_kinds=1)


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


# Suggestions and the outbox


def test_suggestions_come_back_oldest_first_then_by_rank(store: Store) -> None:
    old, first, second = (
        suggestion("c", rank=5),
        suggestion("b", rank=1, at=LATER),
        suggestion("a", rank=2, at=LATER),
    )
    store.add_suggestions("me", [second, first, old], publishers=["atom"], at=AT)

    assert list(store.suggestions("me")) == [
        (old, State.PENDING),
        (first, State.PENDING),
        (second, State.PENDING),
    ]
    assert store.pending("me", "atom") == (old, first, second)
    assert list(store.suggestions("you")) == []
    assert store.pending("me", "html") == ()


def test_adding_again_changes_nothing(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.add_suggestions("me", [suggestion("a", rank=9)], publishers=["atom", "html"], at=LATER)

    assert list(store.suggestions("me")) == [(suggestion("a"), State.DELIVERED)]
    assert store.pending("me", "html") == ()


def test_a_suggestion_is_delivered_when_every_publisher_delivered_it(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom", "html"], at=AT)

    store.record_receipts("atom", [Receipt("a")], at=AT)
    assert [state for _, state in store.suggestions("me")] == [State.PENDING]
    assert store.pending("me", "atom") == ()

    store.record_receipts("html", [Receipt("a", "no space left")], at=AT)
    assert store.pending("me", "html") == (suggestion("a"),)

    store.record_receipts("html", [Receipt("a")], at=LATER)
    assert [state for _, state in store.suggestions("me")] == [State.DELIVERED]
    assert store.pending("me", "html") == ()


def test_what_is_delivered_stays_delivered_whatever_a_later_attempt_says(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.record_receipts("atom", [Receipt("a", "late failure")], at=LATER)

    assert store.pending("me", "atom") == ()
    assert [state for _, state in store.suggestions("me")] == [State.DELIVERED]


def test_attempts_and_the_last_failure_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
        store.record_receipts("atom", [Receipt("a", "first")], at=AT)
        store.record_receipts("atom", [Receipt("a", "second")], at=LATER)

    raw = sqlite3.connect(path)
    assert raw.execute("SELECT state, attempts, last_failure FROM outbox").fetchall() == [
        ("failed", 2, "second")
    ]
    raw.close()


def test_a_receipt_for_what_nobody_asked_for_is_passed_over(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("html", [Receipt("a"), Receipt("unknown")], at=AT)

    assert store.pending("me", "atom") == (suggestion("a"),)


def test_what_was_dismissed_is_not_delivered_any_more(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_states({"a": State.DISMISSED, "unknown": State.KEPT}, at=LATER)

    assert store.pending("me", "atom") == ()
    store.record_receipts("atom", [Receipt("a")], at=LATER)
    assert [s.suggestion_id for s, _ in store.suggestions("me", {State.DISMISSED})] == ["a"]
    assert list(store.suggestions("me", {State.PENDING, State.DELIVERED})) == []


def test_suggestions_that_break_off_leave_nothing_behind(store: Store) -> None:
    def broken() -> Iterator[Suggestion]:
        yield suggestion("a")
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        store.add_suggestions("me", broken(), publishers=["atom"], at=AT)

    assert list(store.suggestions("me")) == []


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
        began = time.perf_counter()
        store.save_entries("mine", at_version("1", *items), version="1")
        read = store.library("mine").items
        times.append(time.perf_counter() - began)
        assert read == tuple(items)

    assert min(times) < 0.7
