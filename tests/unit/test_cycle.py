from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender import cycle, records
from recommender.errors import BadResponse, NothingToLearnFrom, TransientError
from recommender.identifiers import PaperId, Scheme
from recommender.library import Entry, Item, OtherKind, Unreadable
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper, Skipped
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import State
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


@pytest.fixture
def library() -> FakeLibrary:
    fake = FakeLibrary()
    fake.put(*library_on("bees", "verse").items)
    return fake


@pytest.fixture
def source() -> FakeSource:
    fake = FakeSource()
    fake.publish(*listed_on("bees", "bridges", "verse"), name="monday")
    return fake


@pytest.fixture
def shelf() -> FakePublisher:
    return FakePublisher()


@pytest.fixture
def profile(library: FakeLibrary, source: FakeSource, shelf: FakePublisher) -> cycle.Profile:
    wishes = Wishes(limit=4, threshold=0.0, explore=False)
    return cycle.Profile(
        name="ada", library=library, sources=[source], publishers=[shelf], wishes=wishes
    )


def run(profile: cycle.Profile, store: Store, now: datetime = NOW) -> records.Record:
    return cycle.run(profile, HybridScorer(), store, now=now)


def n_listed(record: records.Record) -> int:
    return sum(page.count.n_new for page in record.pages)


def test_the_best_of_what_is_listed_reaches_the_shelf(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    record = run(profile, store)
    assert len(record.suggestions) == 4
    assert list(shelf.shelf.values()) == list(record.suggestions)
    assert {s.paper.venue for s in record.suggestions} == {"Journal of Bees", "Journal of Verse"}
    assert [s.rank for s in record.suggestions] == [1, 2, 3, 4]
    assert all(s.suggested_at == NOW and s.source == "monday" for s in record.suggestions)


def test_every_listed_paper_is_suggested_or_counted_under_a_reason(
    profile: cycle.Profile, store: Store
) -> None:
    record = run(profile, store)
    assert len(record.suggestions) + sum(record.excluded.values()) == n_listed(record) == 18


def test_nothing_is_suggested_twice(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    first = run(profile, store)
    second = run(profile, store, TOMORROW)
    ids = [s.suggestion_id for s in (*first.suggestions, *second.suggestions)]
    assert len(ids) == len(set(ids)) == len(shelf.shelf) == 8
    assert second.excluded[cycle.SUGGESTED] == 4


def test_a_day_without_anything_new_is_quiet(profile: cycle.Profile, store: Store) -> None:
    everything = replace(profile, wishes=Wishes(limit=100, threshold=0.0, explore=False))
    run(everything, store)
    record = run(everything, store, TOMORROW)
    assert record.suggestions == ()
    assert not record.failures
    assert n_listed(record) == 0


def test_what_the_reader_has_or_threw_away_is_not_suggested(
    profile: cycle.Profile, store: Store, library: FakeLibrary, source: FakeSource
) -> None:
    had, thrown = listed_on("bees")[:2]
    library.put(Item(key="had", paper=had), Item(key="thrown", paper=thrown, trashed=True))
    record = run(replace(profile, wishes=Wishes(limit=100, threshold=0.0)), store)
    assert record.excluded[cycle.IN_LIBRARY] == 1
    assert record.excluded[cycle.IN_TRASH] == 1
    assert not {had.title, thrown.title} & {s.paper.title for s in record.suggestions}


def test_what_was_dismissed_stays_away_in_another_spelling(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    doi = PaperId.of(Scheme.DOI, "10.1234/bees.1")
    preprint = replace(paper_on("bees", 77), ids=(doi,))
    source.publish(preprint, name="tuesday")
    first = run(replace(profile, wishes=Wishes(limit=100, threshold=0.0)), store)
    dismissed = next(s for s in first.suggestions if doi in s.paper.ids)
    store.record_states({dismissed.suggestion_id: State.DISMISSED}, at=NOW)
    arxiv = PaperId.of(Scheme.ARXIV, "2601.00001")
    twin = replace(preprint, ids=(doi, arxiv), title="Queens, waggling", abstract="")
    source.publish(twin, name="wednesday")
    second = run(profile, store, TOMORROW)
    assert second.excluded[cycle.DISMISSED] == 1
    assert second.suggestions == ()


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


def test_what_a_publisher_could_not_take_is_delivered_by_the_next_cycle(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    shelf.foreign = True
    first = run(profile, store)
    assert [failure.where for failure in first.failures] == [shelf.name]
    assert not shelf.shelf
    shelf.foreign = False
    second = run(profile, store, TOMORROW)
    assert set(shelf.shelf) == {s.suggestion_id for s in (*first.suggestions, *second.suggestions)}


def test_a_failure_of_one_suggestion_is_told_and_the_rest_delivered(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    with Store.open(None) as elsewhere:
        first, *rest = run(replace(profile, publishers=()), elsewhere).suggestions
    shelf.failing = {first.suggestion_id: "the shelf is too short"}
    record = run(profile, store)
    assert [str(failure.error) for failure in record.failures] == ["the shelf is too short"]
    assert set(shelf.shelf) == {s.suggestion_id for s in rest}
    states = {s.suggestion_id: state for s, state in store.suggestions("ada")}
    assert states.pop(first.suggestion_id) is State.PENDING
    assert set(states.values()) == {State.DELIVERED}


def test_other_kinds_and_unreadable_entries_are_counted(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    unreadable = Unreadable("x", Skipped("line 3 (x)", "has no title"))
    library.put(OtherKind("note", "note"), unreadable)
    found = run(profile, store).library
    assert (found.n_entries, len(found.items), found.other_kinds) == (10, 8, 1)
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
        run(replace(profile, library=FakeLibrary()), store)


def test_two_versions_of_one_work_take_one_place(profile: cycle.Profile, store: Store) -> None:
    source = FakeSource()
    one = paper_on("bees", 500)
    journal = replace(one, abstract="Waggle dance, revisited: " + one.abstract)
    source.publish(one, journal, *listed_on("bridges"), name="tuesday")
    record = run(replace(profile, sources=[source]), store)
    assert sum(s.paper.title == one.title for s in record.suggestions) == 1
    assert record.excluded["another version of a better one"] == 1


def test_the_best_score_below_the_threshold_is_told(profile: cycle.Profile, store: Store) -> None:
    strict = replace(profile, wishes=Wishes(threshold=1.0))
    record = run(strict, store)
    assert record.suggestions == ()
    assert record.best_left is not None
    assert 0 < record.best_left < 1
    assert record.summary["threshold"] == 1.0


def test_a_paper_without_any_known_word_is_no_candidate(
    profile: cycle.Profile, store: Store
) -> None:
    source = FakeSource()
    source.publish(Paper(title="Xyzzy"), *listed_on("bees"), name="strange")
    record = run(replace(profile, sources=[source]), store)
    assert any(why.startswith("no opinion") for why in record.excluded)


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


def test_what_was_suggested_still_tells_what_is_usual(profile: cycle.Profile, store: Store) -> None:
    first = run(profile, store)
    second = run(profile, store, TOMORROW)
    assert second.summary == pytest.approx(dict(first.summary), abs=0.02)
