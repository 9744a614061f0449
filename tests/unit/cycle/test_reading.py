from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from recommender import cycle
from recommender.cycle import choosing
from recommender.errors import (
    BadResponse,
    NothingToLearnFrom,
    PermanentError,
    StoreError,
    TransientError,
)
from recommender.library import Entry, OtherKind, Unreadable
from recommender.listings import Listing
from recommender.papers import Skipped
from recommender.ports import NOTHING_KNOWN
from recommender.records import Record
from recommender.store import Store
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.models import listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW, run


def test_a_failing_source_does_not_stop_the_others(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    broken = FakeSource("broken")
    broken.publish(paper_on("bees", 1), name="never read")
    broken.failure = TransientError("broken", "broken: no answer; try again later")
    record = run(replace(profile, sources=[broken, source]), store)
    assert [(f.where, str(f.error)) for f in record.failures] == [
        ("broken", "broken: no answer; try again later")
    ]
    assert len(record.suggestions) == 4


def test_pages_read_before_a_source_failed_count(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    source.publish(paper_on("verse", 900), name="tuesday")
    source.failure, source.works_for = BadResponse("fake", "fake: is broken"), 1
    record = run(profile, store)
    counts = [(page.count.listing, page.count.n_papers) for page in record.pages]
    assert counts == [("monday", 18), ("fake", 0)]
    assert len(record.suggestions) == 4


def test_other_kinds_and_unreadable_entries_are_counted(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    unreadable = Unreadable("x", Skipped("line 3 (x)", "has no title"))
    library.put(OtherKind("note", "note"), unreadable)
    found = run(profile, store).library
    assert (found.n_entries, len(found.items), len(found.others)) == (10, 8, 1)
    assert found.skipped == (unreadable.skipped,)


def test_what_left_the_library_is_forgotten(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    run(profile, store)
    library.remove("bees0", "verse1")
    assert len(run(profile, store, TOMORROW).library.items) == 6


def test_an_unchanged_library_is_not_fetched_again(
    profile: cycle.Profile, store: Store, library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(profile, store)
    asked: list[str] = []
    fetch = library.fetch

    def fetch_and_tell(keys: Collection[str]) -> Iterator[Entry]:
        asked.extend(keys)
        return fetch(keys)

    monkeypatch.setattr(library, "fetch", fetch_and_tell)
    run(profile, store, TOMORROW)
    assert asked == []


def test_a_library_that_cannot_be_read_ends_the_cycle(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    library.error = TransientError("fake", "the library does not answer")
    with pytest.raises(TransientError, match="does not answer"):
        run(profile, store)


def test_an_empty_library_has_nothing_to_learn_from(profile: cycle.Profile, store: Store) -> None:
    with pytest.raises(NothingToLearnFrom):
        run(replace(profile, libraries=[FakeLibrary()]), store)


def test_a_page_from_the_future_hides_no_later_page(profile: cycle.Profile, store: Store) -> None:
    source = FakeSource()
    source.publish(*listed_on("bridges"), name="millennium", at=NOW.replace(year=2999))
    source.publish(*listed_on("verse"), name="sunday", at=NOW - timedelta(days=1))
    only = replace(profile, sources=[source])
    run(only, store)
    assert store.watermark("fake") == NOW - timedelta(days=1)
    source.publish(*listed_on("bees"), name="monday", at=NOW + timedelta(hours=1))
    assert "monday" in [p.count.listing for p in run(only, store, TOMORROW).pages]


def test_a_watermark_in_the_future_is_mended(profile: cycle.Profile, store: Store) -> None:
    source = FakeSource()
    only = replace(profile, sources=[source])
    source.publish(*listed_on("bees"), name="monday", at=NOW - timedelta(hours=1))
    run(only, store)
    source.failure = TransientError("fake", "fake: no answer")
    run(only, store, NOW + timedelta(hours=6))
    source.failure = None
    # A clock runs ahead once, and so does a page with it.
    ahead = NOW + timedelta(days=400)
    source.publish(*listed_on("verse"), name="far", at=ahead)
    run(only, store, ahead)
    assert store.watermark("fake") == ahead
    # Right again, nothing can be read at first; that is no reason to lose what there was.
    source.pages = [page for page in source.pages if page.name != "far"]
    source.publish(*listed_on("bridges"), name="tuesday", at=NOW + timedelta(hours=12))
    source.failure = TransientError("fake", "fake: no answer")
    run(only, store, TOMORROW)
    assert store.watermark("fake") == NOW - timedelta(days=1)
    source.failure = None
    assert names(run(only, store, TOMORROW + timedelta(hours=1))) == ["monday", "tuesday"]
    assert store.watermark("fake") == NOW + timedelta(hours=12)
    # From then on it counts as ever, and a gap is filled.
    later = TOMORROW + timedelta(days=14)
    source.publish(*listed_on("glass"), name="the week after", at=later - timedelta(days=7))
    assert names(run(only, store, later)) == ["tuesday", "the week after"]


def test_a_watermark_in_the_future_before_any_good_run_is_forgotten(
    profile: cycle.Profile, store: Store
) -> None:
    ahead = NOW + timedelta(days=400)
    source = FakeSource()
    only = replace(profile, sources=[source])
    source.publish(*listed_on("verse"), name="far", at=ahead)
    run(only, store, ahead)
    source.pages.clear()
    source.publish(*listed_on("bees"), name="old", at=NOW - timedelta(days=300))
    assert names(run(only, store)) == ["old"]
    assert store.watermark("fake") == NOW - timedelta(days=300)


def names(record: Record) -> list[str]:
    return [page.count.listing for page in record.pages]


SECRET = "On waggle dances, a title of the reader's"


class Buggy:
    """An adapter with a bug in everything that it does."""

    name = "buggy"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        raise ValueError(SECRET)

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        raise ValueError(SECRET)

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        raise ValueError(SECRET)

    def address(self, place: str) -> str:
        return ""


def test_a_bug_in_an_adapter_stops_nothing_else_and_is_reported(
    profile: cycle.Profile, store: Store, shelf: FakePublisher, caplog: pytest.LogCaptureFixture
) -> None:
    record = run(
        replace(
            profile, sources=[Buggy(), *profile.sources], publishers=[Buggy(), *profile.publishers]
        ),
        store,
    )
    told = "buggy: failed unexpectedly (ValueError); please report it"
    assert [(f.where, str(f.error)) for f in record.failures] == [("buggy", told)] * 2
    assert all(isinstance(f.error, PermanentError) for f in record.failures)
    assert len(shelf.shelf) == 4
    assert "in listings" in caplog.text
    assert "in publish" in caplog.text
    assert SECRET not in caplog.text + str(store.last_cycles("ada", 1))


def test_a_bug_of_ours_is_raised_and_leaves_a_record(
    profile: cycle.Profile, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(choosing, "select", broken)
    with pytest.raises(ZeroDivisionError):
        run(profile, store)
    (left,) = store.last_cycles("ada", 5)
    assert left.record["failures"] == [{"where": "this program", "error": "ZeroDivisionError"}]


def test_a_store_that_can_hold_no_record_says_what_happened_first(
    profile: cycle.Profile, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the store cannot grow")

    def broken(*_: object, **__: object) -> None:
        raise StoreError("no record of it")

    monkeypatch.setattr(store, "save_listed", full)
    monkeypatch.setattr(store, "record_cycle", broken)
    with pytest.raises(StoreError, match="cannot grow"):
        run(profile, store)


def test_each_cycle_leaves_a_record_that_names_no_paper(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    record = run(profile, store)
    (left,) = store.last_cycles("ada", 5)
    assert left.started_at == NOW <= left.finished_at
    assert left.record["pages"][0]["papers"] == 18
    assert left.record["excluded"] == record.excluded
    titles = [entry.paper.title for page in source.pages for entry in page.papers]
    assert not any(title in str(left.record) for title in titles)


def test_a_cycle_that_fails_leaves_a_record_too(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    library.error = TransientError("fake", "the library does not answer")
    with pytest.raises(TransientError):
        run(profile, store)
    (left,) = store.last_cycles("ada", 5)
    assert left.record["failures"] == [{"where": library.name, "error": "TransientError"}]
