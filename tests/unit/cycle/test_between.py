"""What is done between whole cycles, that it delivers nothing, and what is left of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from recommender import cycle, identity
from recommender.agenda import Work, includes
from recommender.cycle import between
from recommender.cycle.recording import last_that
from recommender.errors import TransientError
from recommender.library import Item
from recommender.records import Failure
from recommender.store import Store
from recommender.suggestions import State
from recommender.testing.models import paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import EVERYTHING, NOW, TOMORROW, run

NOON = NOW + timedelta(hours=5)
EVENING = NOW + timedelta(hours=10)


def test_what_was_listed_between_is_suggested_though_it_is_listed_no_more(
    profile: cycle.Profile, store: Store, source: FakeSource, shelf: FakePublisher
) -> None:
    everything = replace(profile, wishes=EVERYTHING)
    run(everything, store)
    source.pages.clear()
    source.publish(paper_on("bees", 5000), name="noon")
    before = dict(shelf.shelf)
    found = between.ingest(profile, store, now=NOON)
    assert [one.n_new for one in found.sources] == [1]
    assert shelf.shelf == before
    assert [*store.suggestions("ada", {State.PENDING})] == []
    source.pages.clear()
    [suggested] = run(everything, store, TOMORROW).suggestions
    assert suggested.paper == paper_on("bees", 5000)


def test_the_sources_are_read_without_a_library(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    library.error = TransientError("fake", "the library does not answer")
    found = between.ingest(replace(profile, libraries=()), store, now=NOON)
    assert found.failures == ()
    assert store.n_candidates() == found.sources[0].n_new == 18


def test_what_the_reader_did_is_learnt_between_and_nothing_is_asked_of_others(
    profile: cycle.Profile,
    store: Store,
    library: FakeLibrary,
    source: FakeSource,
    shelf: FakePublisher,
) -> None:
    first = run(profile, store).suggestions[0]
    library.put(Item(key="mine", paper=first.paper))
    n_readings, before = source.n_readings, dict(shelf.shelf)
    found = between.sync(profile, store, now=NOON)
    assert found.learnt == {State.KEPT: 1}
    assert (source.n_readings, shelf.shelf) == (n_readings, before)
    states = {one.suggestion_id: state for one, state in store.suggestions("ada")}
    assert states[first.suggestion_id] is State.KEPT
    # The next whole one finds it done.
    assert run(profile, store, TOMORROW).learnt == {}


def test_a_part_leaves_a_record_that_says_which_and_names_no_paper(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    between.ingest(profile, store, now=NOW)
    between.sync(profile, store, now=NOON)
    sync, ingest = store.last_cycles("ada", 9)
    assert (ingest.started_at, ingest.record["work"]) == (NOW, "ingest")
    assert (sync.started_at, sync.record["work"]) == (NOON, "sync")
    assert [one["new"] for one in ingest.record["sources"]] == [18]
    assert list(ingest.record["seconds"]) == ["sources"]
    assert list(sync.record["seconds"]) == ["library"]
    assert not any("suggestions" in one.record for one in (sync, ingest))
    titles = [entry.paper.title for page in source.pages for entry in page.papers]
    assert not any(title in f"{sync.record}{ingest.record}" for title in titles)


def test_what_fails_is_told_and_kept(
    profile: cycle.Profile, store: Store, library: FakeLibrary, source: FakeSource
) -> None:
    error = TransientError(source.name, "fake: is down")
    source.failure = error
    assert between.ingest(profile, store, now=NOW).failures == (Failure(source.name, error),)
    library.error = TransientError("fake", "the library does not answer")
    with pytest.raises(TransientError):
        between.sync(profile, store, now=NOON)
    sync, ingest = (one.record for one in store.last_cycles("ada", 9))
    assert ingest["failures"] == [{"where": source.name, "error": "TransientError"}]
    failure = {"where": library.name, "error": "TransientError"}
    assert sync == {"work": "sync", "failures": [failure]}


def test_whatever_comes_between_a_delivery_that_was_cut_off_is_made_up_once(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    shelf.foreign = True
    first = run(profile, store)
    for n in range(120):
        between.sync(profile, store, now=NOW + timedelta(minutes=n + 1))
    shelf.foreign = False
    second = run(profile, store, TOMORROW)
    assert second.suggestions == ()
    assert set(shelf.shelf) == {one.suggestion_id for one in first.suggestions}


@pytest.mark.parametrize(
    ("work", "expected"), [(Work.PUBLISH, NOW), (Work.INGEST, EVENING), (Work.SYNC, NOON)]
)
def test_the_last_run_of_a_sort_is_found_behind_any_number_of_others(
    profile: cycle.Profile, store: Store, work: Work, expected: object
) -> None:
    def last() -> object:
        found = last_that(store, "ada", lambda record: includes(record, work))
        return found and found.started_at

    assert last() is None
    run(profile, store)
    between.sync(profile, store, now=NOON)
    for n in range(12, -1, -1):
        between.ingest(replace(profile, sources=()), store, now=EVENING - timedelta(minutes=n))
    assert last() == expected
    run(profile, store, TOMORROW)
    assert last() == TOMORROW


@pytest.mark.parametrize("do", [run, lambda p, s: between.sync(p, s, now=NOW)])
def test_nothing_of_papers_is_remembered_from_one_run_to_the_next(
    profile: cycle.Profile, store: Store, do: Callable[[cycle.Profile, Store], object]
) -> None:
    identity.Works.of([paper_on("bees", 1)])
    do(profile, store)
    # What is remembered shows nowhere else.
    traits = identity._Traits.of
    assert traits.cache_info().currsize == 0
