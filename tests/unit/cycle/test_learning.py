from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any, ClassVar

import pytest

from recommender import cycle
from recommender.errors import (
    NothingToLearnFrom,
    PermanentError,
    StaleLibrary,
    StoreError,
    TransientError,
)
from recommender.library import Collection, Item, Library, Tag
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.scope import Scope
from recommender.store import Store
from recommender.suggestions import State, Suggestion, Verdict
from recommender.testing.libraries import FakeLibrary
from recommender.testing.models import library_on, listed_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, SHELF, TOMORROW, ShelfInLibrary, made_of, run

MONTH_LATER = NOW + timedelta(days=31)


@pytest.fixture
def own(library: FakeLibrary) -> ShelfInLibrary:
    return ShelfInLibrary(library)


@pytest.fixture
def shelved(profile: cycle.Profile, own: ShelfInLibrary) -> cycle.Profile:
    return replace(profile, publishers=[own])


def states(store: Store) -> dict[str, State]:
    return {one.suggestion.suggestion_id: one.state for one in store.shown("ada")}


def quiet(profile: cycle.Profile) -> cycle.Profile:
    """The profile on a day on which nothing is listed that could be suggested."""
    return replace(profile, wishes=replace(profile.wishes, threshold=2.0))


def test_what_the_reader_does_is_learnt_by_the_next_cycle(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    kept, trashed, deleted, waiting = run(shelved, store).suggestions
    library.declare(Collection("T", "Thesis"))
    library.put(replace(made_of(kept), collections=(SHELF, "T")))
    record = run(quiet(shelved), store, TOMORROW)
    assert record.learnt == {State.KEPT: 1}
    library.put(replace(made_of(trashed), trashed=True))
    library.remove(made_of(deleted).key)
    record = run(quiet(shelved), store, TOMORROW + timedelta(days=1))
    assert record.learnt == {State.DISMISSED: 2}
    assert states(store) == {
        kept.suggestion_id: State.KEPT,
        trashed.suggestion_id: State.DISMISSED,
        deleted.suggestion_id: State.DISMISSED,
        waiting.suggestion_id: State.DELIVERED,
    }


class Watching(HybridScorer):
    """The real scorer, which lets a test see what it learns from."""

    taught: ClassVar[list[set[str]]] = []

    def fit(self, library: Library, *given: Any, **more: Any) -> HybridModel:
        self.taught.append({item.key for item in library.items if not item.trashed})
        return super().fit(library, *given, **more)


def test_our_own_shelf_teaches_nothing_until_something_is_kept(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    Watching.taught.clear()
    own = {item.key for item in library_on("bees", "verse").items}
    first, second, *_ = cycle.run(shelved, Watching(), store, now=NOW).suggestions
    cycle.run(quiet(shelved), Watching(), store, now=TOMORROW)
    library.declare(Collection("T", "Thesis"))
    library.put(replace(made_of(first), collections=(SHELF, "T")))
    cycle.run(quiet(shelved), Watching(), store, now=TOMORROW + timedelta(days=1))
    with Store.open(None) as another_machine:
        cycle.run(quiet(shelved), Watching(), another_machine, now=TOMORROW)
    store.record_verdict(second.suggestion_id, Verdict.GOOD, at=TOMORROW)
    cycle.run(quiet(shelved), Watching(), store, now=TOMORROW + timedelta(days=2))
    one = own | {made_of(first).key}
    # What has not changed need not be learnt again, and another machine learns the same.
    learnt = [keys for keys, _ in groupby(Watching.taught)]
    assert learnt == [own, one, one | {made_of(second).key}]


def test_what_was_called_good_teaches_from_outside_the_collections_that_count(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    Watching.taught.clear()
    library.declare(Collection("bees", "Bees"), Collection("verse", "Verse"))
    only = replace(shelved, scope=Scope(include=("Bees",)))
    first, *_ = cycle.run(only, Watching(), store, now=NOW).suggestions
    more = replace(made_of(first), tags=(Tag("more like this"),))
    library.put(more)
    cycle.run(only, Watching(), store, now=TOMORROW)
    assert Watching.taught[1] == Watching.taught[0] | {more.key}


def test_a_shelf_that_takes_nothing_is_tidied_all_the_same(
    shelved: cycle.Profile, store: Store, own: ShelfInLibrary
) -> None:
    run(shelved, store)
    own.refusal = PermanentError("fake", "it is full")
    record = run(shelved, store, MONTH_LATER)
    assert [failure.error for failure in record.failures] == [own.refusal]
    assert record.n_tidied == 4


def test_a_store_that_fails_while_delivering_is_no_publishers_fault(
    shelved: cycle.Profile, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "record_receipts", full)
    with pytest.raises(StoreError, match="full"):
        run(shelved, store)


def test_a_rehearsal_asks_no_publisher_anything(
    shelved: cycle.Profile, store: Store, own: ShelfInLibrary
) -> None:
    rehearsed = cycle.run(shelved, HybridScorer(), store, now=NOW, delivers=False)
    assert own.n_written == 0
    assert len(rehearsed.suggestions) == 4


def test_a_failed_cycle_in_between_brings_no_second_helping(
    shelved: cycle.Profile, store: Store, library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store, "record_cycle", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(shelved, store)
    library.error = TransientError("fake", "no answer")
    with pytest.raises(TransientError):
        run(shelved, store, TOMORROW)
    library.error = None
    assert run(shelved, store, TOMORROW + timedelta(days=1)).suggestions == ()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_kept_suggestion_teaches(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    library.declare(Collection("T", "Thesis"))
    for one in run(shelved, store).suggestions:
        library.put(replace(made_of(one), collections=("T",)))
    told = {r.text for s in run(shelved, store, TOMORROW).suggestions for r in s.reasons}
    assert any("which you filed under Thesis" in text for text in told)


def test_what_was_dismissed_sinks_what_is_like_it(shelved: cycle.Profile) -> None:
    def scores_afterwards(*, dismissed: bool) -> dict[str, dict[str, float]]:
        """What is suggested the next day and how it scores, by venue."""
        library, source = FakeLibrary(), FakeSource()
        library.put(*library_on("bees", "verse").items)
        source.publish(*listed_on("bees", "bridges", "verse", each=12), name="monday")
        profile = replace(
            shelved, libraries=[library], sources=[source], publishers=[ShelfInLibrary(library)]
        )
        with Store.open(None) as store:
            for one in run(profile, store).suggestions:
                if one.paper.venue == "Journal of Verse":
                    library.put(replace(made_of(one), trashed=dismissed))
            all_of_them = replace(
                profile, wishes=replace(profile.wishes, limit=50, too_similar=1.0)
            )
            found = run(all_of_them, store, TOMORROW).suggestions
        scores: dict[str, dict[str, float]] = {}
        for one in found:
            scores.setdefault(one.paper.venue, {})[one.paper.title] = one.score
        return scores

    before, after = scores_afterwards(dismissed=False), scores_afterwards(dismissed=True)
    verse, bees = "Journal of Verse", "Journal of Bees"
    falls = [score - after[verse].get(title, 0) for title, score in before[verse].items()]
    assert len(falls) == 10
    assert max(falls) > 0.1
    assert min(falls) > -0.01
    assert after[bees] == pytest.approx(before[bees], abs=0.01)


def test_what_nobody_touched_is_taken_off_the_shelf_when_it_expires(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    touched, *others = run(shelved, store).suggestions
    # Where only the publisher sees a change, such as in a title, it says so.
    library.put(replace(made_of(touched), collections=(SHELF, "unknown")))
    library.declare(Collection("unknown", "Gone", trashed=True))
    record = run(quiet(shelved), store, MONTH_LATER)
    assert record.learnt == {State.EXPIRED: 4}
    assert (record.n_tidied, record.n_left) == (3, 1)
    after = run(quiet(shelved), store, MONTH_LATER + timedelta(days=1))
    assert after.learnt == {}
    assert (after.n_tidied, after.n_left) == (0, 0)
    assert {states(store)[one.suggestion_id] for one in (touched, *others)} == {State.EXPIRED}


def test_our_copy_goes_when_the_reader_saved_the_paper_another_way(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    first, *_ = run(shelved, store).suggestions
    library.put(Item(key="MINE", paper=replace(first.paper, title=first.paper.title.upper())))
    record = run(quiet(shelved), store, TOMORROW)
    assert (record.learnt, record.n_tidied) == ({State.KEPT: 1}, 1)
    [ours] = library.fetch([made_of(first).key])
    assert isinstance(ours, Item)
    assert ours.trashed
    assert states(store)[first.suggestion_id] is State.KEPT


def save(library: FakeLibrary, one: Suggestion) -> Callable[[], None]:
    return lambda: library.put(Item(key=f"saved {one.suggestion_id}", paper=one.paper))


def test_what_the_reader_saves_while_we_work_is_not_put_on_the_shelf(
    shelved: cycle.Profile, store: Store, library: FakeLibrary, own: ShelfInLibrary
) -> None:
    with Store.open(None) as other:
        wanted = run(replace(shelved, publishers=[]), other).suggestions
    own.between = [save(library, wanted[1]), save(library, wanted[0])]
    run(shelved, store)
    made = {entry.mark for entry in library.fetch([made_of(s).key for s in wanted]) if entry.mark}  # type: ignore[union-attr]
    assert made == {one.suggestion_id for one in wanted[2:]}
    kept = {key for key, state in states(store).items() if state is State.KEPT}
    assert kept == {one.suggestion_id for one in wanted[:2]}


def test_a_library_that_never_rests_is_told_and_delivered_to_the_next_time(
    shelved: cycle.Profile, store: Store, library: FakeLibrary, own: ShelfInLibrary
) -> None:
    def restless() -> None:
        library.declare(Collection("X", "X"))

    own.between = [restless] * 3
    record = run(shelved, store)
    assert [type(failure.error) for failure in record.failures] == [StaleLibrary]
    assert own.n_written == 0
    assert not run(quiet(shelved), store, TOMORROW).failures
    assert own.n_written == 4


def test_only_what_is_in_scope_counts_but_all_of_it_is_had(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    library.declare(Collection("bees", "Bees"), Collection("verse", "Verse"))
    record = run(replace(shelved, scope=Scope(exclude=("Verse", "Nothing"))), store)
    assert {one.paper.venue for one in record.suggestions} == {"Journal of Bees"}
    assert record.unmatched == ("Nothing",)
    with pytest.raises(NothingToLearnFrom, match="widen"):
        run(replace(shelved, scope=Scope(include=("Nothing",))), store)


def test_a_further_library_that_fails_is_told_and_what_was_known_of_it_is_used(
    shelved: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    group = FakeLibrary("a group")
    first = run(replace(shelved, publishers=[]), Store.open(None)).suggestions[0]
    group.put(Item(key="groups/7/A", paper=first.paper))
    both = replace(shelved, libraries=[library, group])
    assert first.paper not in [one.paper for one in run(both, store).suggestions]
    group.error = TransientError("a group", "it is gone")
    record = run(both, store, TOMORROW)
    assert [failure.where for failure in record.failures] == ["a group"]
    assert first.paper not in [one.paper for one in record.suggestions]
    assert record.suggestions
