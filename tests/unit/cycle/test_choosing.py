from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from recommender import cycle
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.ingest import newest
from recommender.library import Item, Library
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import Dislike
from recommender.testing.models import listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import EVERYTHING, NOW, TOMORROW, n_listed, run


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


def test_suggestions_are_dated_by_what_was_read_if_that_is_asked_for(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    at = datetime(2024, 5, 6, tzinfo=UTC)
    source.publish(*listed_on("bees"), name="may", at=at)
    record = cycle.run(profile, HybridScorer(), store, now=NOW, dated=newest)
    assert {s.suggested_at for s in record.suggestions} == {at}


class Counting:
    """A scorer whose model counts what it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def saved(self, model: Any) -> bytes:
        return b""

    def restored(self, payload: bytes, library: Library, guidance: Guidance = NO_GUIDANCE) -> Any:
        raise ValueError("keeps nothing")

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> Any:
        asked = self.asked
        model = HybridScorer().fit(library, listed, seed=seed, dislikes=dislikes, guidance=guidance)

        class Model:
            def __getattr__(self, name: str) -> object:
                if name in {"score", "vectors", "interests", "judged", "reasons"}:
                    asked.append(name)
                return getattr(model, name)

        return Model()


def test_nothing_is_worked_out_twice(profile: cycle.Profile, store: Store) -> None:
    scorer = Counting()
    cycle.run(profile, scorer, store, now=NOW)
    assert sorted(scorer.asked) == ["judged", "reasons", "vectors"]


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


def test_what_was_suggested_still_tells_what_is_usual(profile: cycle.Profile, store: Store) -> None:
    first = run(profile, store)
    second = run(profile, store, TOMORROW)
    assert second.summary == pytest.approx(dict(first.summary), abs=0.02)
