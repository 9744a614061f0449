"""What listings left out is asked of catalogues: for few papers, once, and harming nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recommender import cycle
from recommender.cycle.enriching import OWNER, kept_of
from recommender.errors import TransientError
from recommender.identifiers import PaperId
from recommender.papers import Paper
from recommender.store import Store
from recommender.testing.catalogues import FakeCatalogue
from recommender.testing.models import paper_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW, run

LISTED = [replace(paper_on("bees", 40 + n), abstract="") for n in range(3)]


def known(papers: Sequence[Paper]) -> list[Paper]:
    return [
        replace(
            paper,
            abstract=f"{paper.title}, in many words. " * 5,
            published="2026-02-01",
            ids=(PaperId.parse(f"doi:10.1234/{n}"),),
        )
        for n, paper in enumerate(papers)
    ]


def asking(profile: cycle.Profile, *catalogues: FakeCatalogue) -> cycle.Profile:
    source = FakeSource()
    source.publish(*LISTED)
    return replace(profile, sources=[source], catalogues=catalogues)


def test_what_could_be_suggested_is_completed(profile: cycle.Profile, store: Store) -> None:
    catalogue = FakeCatalogue(known(LISTED))
    record = run(asking(profile, catalogue), store)
    assert record.n_completed == len(record.suggestions) == len(LISTED)
    assert record.told()["completed"] == len(LISTED)
    assert all(one.paper.abstract and one.paper.ids for one in record.suggestions)
    # The same paper as before: nothing is listed twice.
    assert store.n_candidates() == len(LISTED)


def test_nobody_is_asked_twice_within_a_month(profile: cycle.Profile, store: Store) -> None:
    catalogue = FakeCatalogue()
    told = replace(asking(profile, catalogue), publishers=[])
    wishes = replace(told.wishes, limit=10)
    run(replace(told, wishes=wishes), store)
    n_asked = len(catalogue.asked)
    assert n_asked
    run(replace(told, wishes=wishes), store, TOMORROW)
    assert len(catalogue.asked) == n_asked


def test_the_second_catalogue_is_asked_for_the_rest(profile: cycle.Profile, store: Store) -> None:
    entries = known(LISTED)
    first, second = FakeCatalogue(entries[:1], "first"), FakeCatalogue(entries, "second")
    record = run(asking(profile, first, second), store)
    assert record.n_completed == len(LISTED)
    assert len(second.asked) == len(first.asked) - 1
    memory = store.memory(OWNER)
    by = {kept_of(memory, candidate) for candidate in store.candidates()}
    assert {found[0] for found in by if found} == {"first", "second"}


def test_a_catalogue_that_fails_is_said_and_asked_again(
    profile: cycle.Profile, store: Store
) -> None:
    catalogue = FakeCatalogue(known(LISTED))
    catalogue.failure = TransientError("a catalogue", "a catalogue cannot be reached; try later")
    told = asking(profile, catalogue)
    record = run(told, store)
    assert [failure.where for failure in record.failures] == ["a catalogue"]
    assert record.suggestions
    assert not record.n_completed
    catalogue.failure = None
    # What was suggested is not completed any more; a further paper is.
    source = FakeSource()
    source.publish(replace(paper_on("bees", 90), abstract=""))
    catalogue.papers = known([paper_on("bees", 90)])
    again = run(replace(told, sources=[source]), store, NOW + timedelta(days=1))
    assert again.n_completed == 1


def test_without_a_catalogue_nobody_is_asked(profile: cycle.Profile, store: Store) -> None:
    assert not run(asking(profile), store).n_completed
    assert not dict(store.memory(OWNER))
