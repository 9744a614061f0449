from dataclasses import replace
from datetime import timedelta

import pytest

from recommender import cycle
from recommender.identifiers import PaperId, Scheme
from recommender.library import Item
from recommender.store import Store
from recommender.suggestions import State
from recommender.testing.models import paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import EVERYTHING, NOW, TOMORROW, run


def test_what_was_dismissed_stays_away_in_another_spelling(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    doi = PaperId.of(Scheme.DOI, "10.1234/bees.1")
    preprint = replace(paper_on("bees", 77), ids=(doi,))
    source.publish(preprint, name="tuesday")
    first = run(replace(profile, wishes=EVERYTHING), store)
    dismissed = next(s for s in first.suggestions if doi in s.paper.ids)
    dismissal = {dismissed.suggestion_id: State.DISMISSED}
    store.record_learnt(dismissal, seen=(), retire=(), at=NOW)
    arxiv = PaperId.of(Scheme.ARXIV, "2601.00001")
    twin = replace(preprint, ids=(doi, arxiv), title="Queens, waggling", abstract="")
    source.publish(twin, name="wednesday")
    second = run(profile, store, TOMORROW)
    assert second.excluded[cycle.DISMISSED] == 1
    assert second.suggestions == ()


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


def test_what_waits_takes_a_place_of_what_the_next_cycle_may_suggest(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    with Store.open(None) as elsewhere:
        run(profile, elsewhere)
        wanted = set(shelf.shelf)
    shelf.shelf.clear()
    shelf.foreign = True
    run(profile, store)
    # However often it fails, there is only one delivery to make up for.
    for day in range(1, 4):
        assert run(profile, store, NOW + timedelta(days=day)).suggestions == ()
    shelf.foreign = False
    run(profile, store, NOW + timedelta(days=4))
    assert set(shelf.shelf) == wanted
    assert len(run(profile, store, NOW + timedelta(days=5)).suggestions) == 4


def test_what_is_refused_again_and_again_gives_its_place_up_at_last(
    profile: cycle.Profile, store: Store, shelf: FakePublisher
) -> None:
    with Store.open(None) as elsewhere:
        first, *_ = run(replace(profile, publishers=()), elsewhere).suggestions
    shelf.failing = {first.suggestion_id: "the shelf is too short"}
    days = [0, 1, 31]
    records = [run(profile, store, NOW + timedelta(days=day)) for day in days]
    assert [len(record.suggestions) for record in records] == [4, 3, 4]


def test_a_cycle_that_was_cut_off_is_made_up_for_not_added_to(
    profile: cycle.Profile, store: Store, shelf: FakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Store, "record_cycle", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(profile, store)
    delivered = set(shelf.shelf)
    assert len(delivered) == 4
    assert run(profile, store).suggestions == ()
    assert set(shelf.shelf) == delivered
    assert len(run(profile, store, TOMORROW).suggestions) == 4


def test_a_publisher_that_failed_holds_nothing_up_that_another_has_delivered(
    profile: cycle.Profile, store: Store
) -> None:
    broken = FakePublisher("a broken shelf")
    broken.foreign = True
    profile = replace(profile, publishers=[*profile.publishers, broken])
    assert len(run(profile, store).suggestions) == 4
    assert len(run(profile, store, TOMORROW).suggestions) == 4


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


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
    assert record.learnt == {state: 1}
    assert store.last_cycles("ada", 1)[0].record["learnt"] == {state.value: 1}


def test_what_was_thrown_away_and_is_kept_too_is_kept(
    profile: cycle.Profile, store: Store, library: FakeLibrary, shelf: FakePublisher
) -> None:
    shelf.foreign = True
    first = run(profile, store).suggestions[0]
    library.put(Item(key="a copy", paper=first.paper, trashed=True))
    library.put(Item(key="own", paper=first.paper))
    assert run(profile, store, TOMORROW).learnt == {State.KEPT: 1}
