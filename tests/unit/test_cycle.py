from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender import cycle, records
from recommender.errors import (
    BadResponse,
    NothingToLearnFrom,
    PermanentError,
    StoreError,
    TransientError,
)
from recommender.identifiers import PaperId, Scheme
from recommender.ingest import newest
from recommender.library import Entry, Item, Library, OtherKind, Unreadable
from recommender.listings import Listing
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper, Skipped
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import Receipt, State, Suggestion
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
EVERYTHING = Wishes(limit=100, threshold=0.0, explore=False, too_similar=2.0)


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
    everything = replace(profile, wishes=EVERYTHING)
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


def test_what_the_reader_has_under_an_earlier_title_is_not_suggested(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    arxiv = PaperId.of(Scheme.ARXIV, "2601.00001")
    first = replace(paper_on("bees", 500), ids=(arxiv,), title="How bees dance at night")
    later = replace(first, title="Waggle dances without any light: what a colony learns at night")
    library.put(Item(key="own", paper=replace(first, ids=(), abstract="")))
    source = FakeSource()
    source.publish(first, later, *listed_on("bridges"), name="monday")
    record = run(replace(profile, sources=[source], wishes=EVERYTHING), store)
    assert record.excluded[cycle.IN_LIBRARY] == 1
    assert arxiv not in [i for s in record.suggestions for i in s.paper.ids]


def test_what_was_dismissed_stays_away_in_another_spelling(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    doi = PaperId.of(Scheme.DOI, "10.1234/bees.1")
    preprint = replace(paper_on("bees", 77), ids=(doi,))
    source.publish(preprint, name="tuesday")
    first = run(replace(profile, wishes=EVERYTHING), store)
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


def test_two_works_of_one_title_take_two_places(profile: cycle.Profile, store: Store) -> None:
    source = FakeSource()
    one = replace(
        paper_on("bees", 500), ids=(PaperId.of(Scheme.DOI, "10.1234/a"),), published="2020"
    )
    other = replace(paper_on("bees", 501), title=one.title, published="2010")
    other = replace(other, ids=(PaperId.of(Scheme.DOI, "10.1234/b"),))
    source.publish(one, other, *listed_on("bridges"), name="tuesday")
    record = run(replace(profile, sources=[source], wishes=EVERYTHING), store)
    assert sum(s.paper.title == one.title for s in record.suggestions) == 2
    assert "another version of a better one" not in record.excluded


def test_two_papers_with_their_volumes_doi_are_both_suggested(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    volume = (PaperId.of(Scheme.DOI, "10.1234/volume"),)
    one, other = (replace(paper_on("bees", n), ids=volume) for n in (500, 501))
    source = FakeSource()
    source.publish(one, *listed_on("bridges"), name="monday")
    everything = replace(profile, sources=[source], wishes=EVERYTHING)
    first = run(everything, store)
    source.publish(other, replace(paper_on("bees", 502), ids=volume), name="tuesday")
    second = run(everything, store, TOMORROW)
    assert one in [s.paper for s in first.suggestions]
    assert len([s for s in second.suggestions if s.paper.ids == volume]) == 2
    assert len(shelf.shelf) == len(first.suggestions) + len(second.suggestions)


def test_what_was_suggested_is_known_by_what_it_was_listed_as_later(
    profile: cycle.Profile, store: Store
) -> None:
    arxiv, doi = PaperId.of(Scheme.ARXIV, "2601.00001"), PaperId.of(Scheme.DOI, "10.1234/a")
    source = FakeSource()
    one = replace(paper_on("bees", 500), ids=(arxiv,))
    source.publish(one, *listed_on("bridges"), name="monday")
    everything = replace(profile, sources=[source], wishes=EVERYTHING)
    run(everything, store)
    source.publish(replace(one, ids=(doi, arxiv), title="Bees, renamed"), name="tuesday")
    source.publish(replace(one, ids=(doi,), title="Renamed, again", authors=()), name="wednesday")
    record = run(everything, store, TOMORROW)
    assert record.suggestions == ()
    assert n_listed(record) == 0


@pytest.mark.parametrize(
    ("trashed", "state"), [(False, State.KEPT), (True, State.DISMISSED)], ids=["kept", "trashed"]
)
def test_what_the_reader_got_before_it_was_delivered_stays_off_the_shelf(
    profile: cycle.Profile,
    store: Store,
    library: FakeLibrary,
    shelf: FakePublisher,
    *,
    trashed: bool,
    state: State,
) -> None:
    shelf.foreign = True
    first, *rest = run(profile, store).suggestions
    library.put(Item(key="own", paper=replace(first.paper, venue="Own"), trashed=trashed))
    shelf.foreign = False
    record = run(profile, store, TOMORROW)
    assert first.suggestion_id not in shelf.shelf
    assert {s.suggestion_id for s in rest} <= set(shelf.shelf)
    states = {s.suggestion_id: state for s, state in store.suggestions("ada")}
    assert states[first.suggestion_id] is state
    assert record.settled == {state: 1}
    assert store.last_cycles("ada", 1)[0].record["settled"] == {state.value: 1}


def test_what_was_thrown_away_and_is_kept_too_is_kept(
    profile: cycle.Profile, store: Store, library: FakeLibrary, shelf: FakePublisher
) -> None:
    shelf.foreign = True
    first = run(profile, store).suggestions[0]
    library.put(Item(key="a copy", paper=first.paper, trashed=True))
    library.put(Item(key="own", paper=first.paper))
    assert run(profile, store, TOMORROW).settled == {State.KEPT: 1}


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
    store.save_listed((), watermarks={"fake": NOW.replace(year=2999)}, at=NOW)
    source = FakeSource()
    source.publish(*listed_on("bees"), name="tuesday", at=TOMORROW)
    record = run(replace(profile, sources=[source]), store)
    assert [page.count.listing for page in record.pages] == ["tuesday"]


SECRET = "On waggle dances, a title of the reader's"


class Buggy:
    """An adapter with a bug in everything that it does."""

    name = "buggy"

    def listings(self, since: datetime | None) -> Iterator[Listing]:
        raise ValueError(SECRET)

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        raise ValueError(SECRET)

    def retire(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        raise ValueError(SECRET)


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

    monkeypatch.setattr(cycle, "select", broken)
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


def test_suggestions_are_dated_by_what_was_read_if_that_is_asked_for(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    at = datetime(2024, 5, 6, tzinfo=UTC)
    source.publish(*listed_on("bees"), name="may", at=at)
    record = cycle.run(profile, HybridScorer(), store, now=NOW, dated=newest)
    assert {s.suggested_at for s in record.suggestions} == {at}


class Counting:
    """A scorer whose model counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fit(self, library: Library, listed: Sequence[Paper], *, seed: int) -> Any:
        model, asked = HybridScorer().fit(library, listed, seed=seed), self.asked

        class Model:
            def __getattr__(self, name: str) -> object:
                if name in {"score", "vectors", "interests", "reasons"}:
                    asked.append(name)
                return getattr(model, name)

        return Model()


def test_nothing_is_worked_out_twice(profile: cycle.Profile, store: Store) -> None:
    scorer = Counting()
    cycle.run(profile, scorer, store, now=NOW)
    assert sorted(scorer.asked) == ["interests", "reasons", "score", "vectors"]


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
