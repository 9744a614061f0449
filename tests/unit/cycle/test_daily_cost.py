"""What a run costs, counted in papers: only what is new is read, placed and scored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from scipy import sparse

from recommender import cycle
from recommender.cycle.stored_counts import StoredCounts
from recommender.ingest import candidate_of
from recommender.library import Item
from recommender.model.hybrid import HybridScorer
from recommender.model.text import count_matrix
from recommender.model.world import World
from recommender.papers import Paper
from recommender.records import Record
from recommender.selection import Wishes
from recommender.store import Store
from recommender.testing.models import paper_on
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW

NEW = [paper_on(subject, n) for n in (7000, 7001) for subject in ("bees", "glass")]


@dataclass
class Work:
    """What was done in a run.

    Attributes:
        counted: Papers whose terms were counted.
        placed: How many papers were placed in the world as newcomers.
        fitted: How often a model was learnt.
        scored: Ids of papers whose scores were written down.
    """

    counted: list[Paper] = field(default_factory=list)
    placed: int = 0
    fitted: int = 0
    scored: list[int] = field(default_factory=list)


@pytest.fixture
def work() -> Iterator[Work]:
    done = Work()
    place, fit, save = World.placed, HybridScorer.fit, Store.save_scores

    def placing(self: World, counts: sparse.csr_matrix, *more: Any) -> Any:
        done.placed += counts.shape[0]
        return place(self, counts, *more)

    def fitting(self: HybridScorer, *given: Any, **more: Any) -> Any:
        done.fitted += 1
        return fit(self, *given, **more)

    def saving(self: Store, profile: str, fingerprint: str, scores: Any) -> None:
        scores = list(scores)
        done.scored += [paper_id for paper_id, _, _ in scores]
        save(self, profile, fingerprint, scores)

    with (
        patch.object(World, "placed", placing),
        patch.object(HybridScorer, "fit", fitting),
        patch.object(Store, "save_scores", saving),
    ):
        yield done


def run(profile: cycle.Profile, store: Store, work: Work, day: float) -> Record:
    def counting(papers: Sequence[Paper]) -> sparse.csr_matrix:
        work.counted += papers
        return count_matrix(papers)

    work.counted, work.placed, work.fitted, work.scored = [], 0, 0, []
    now = NOW + timedelta(days=day)
    scorer = HybridScorer(counts=StoredCounts(store, now, counting))
    return cycle.run(profile, scorer, store, now=now)


def test_a_run_reads_and_places_and_scores_only_what_is_new(
    profile: cycle.Profile, store: Store, source: FakeSource, work: Work
) -> None:
    quiet = replace(profile, wishes=Wishes(threshold=1.0))
    run(quiet, store, work, 0)
    assert (len(work.counted), work.placed, work.fitted, len(work.scored)) == (26, 0, 1, 18)
    run(quiet, store, work, 1)
    assert (work.counted, work.placed, work.fitted, work.scored) == ([], 0, 0, [])
    source.publish(*NEW, name="tuesday")
    run(quiet, store, work, 2)
    assert (work.counted, work.placed, work.fitted) == (NEW, len(NEW), 0)
    assert len(work.scored) == len(NEW)
    run(quiet, store, work, 3)
    assert (work.counted, work.placed, work.fitted, work.scored) == ([], 0, 0, [])


def test_new_papers_are_placed_once(
    profile: cycle.Profile, store: Store, source: FakeSource, work: Work
) -> None:
    some = replace(profile, wishes=Wishes(limit=1, threshold=0.0, explore=False))
    run(some, store, work, 0)
    source.publish(*NEW, name="tuesday")
    run(some, store, work, 1)
    # For their scores; where the best lie, and why one is chosen, is known from that.
    assert work.placed == len(NEW)
    assert work.counted == NEW


def test_learning_anew_reads_only_what_is_new(
    profile: cycle.Profile, store: Store, library: FakeLibrary, work: Work
) -> None:
    run(profile, store, work, 0)
    library.put(Item(key="new", paper=paper_on("verse", 7000)))
    run(profile, store, work, 1)
    assert (work.counted, work.fitted) == ([paper_on("verse", 7000)], 1)
    assert len(work.scored) == 18


def test_a_paper_that_was_listed_with_more_is_scored_again_alone(
    profile: cycle.Profile, store: Store, source: FakeSource, work: Work
) -> None:
    run(profile, store, work, 0)
    again = replace(paper_on("bees", 1000), venue="Nature of Bees")
    source.publish(again, name="tuesday")
    run(profile, store, work, 1)
    assert (len(work.scored), work.counted, work.fitted) == (1, [], 0)


def test_papers_below_the_threshold_are_not_read_back(
    profile: cycle.Profile, store: Store, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = replace(profile, wishes=Wishes(threshold=0.999))
    run(strict, store, work, 0)
    made: list[object] = []

    def building(*given: Any) -> Any:
        made.append(given)
        return candidate_of(*given)

    monkeypatch.setattr("recommender.store.listed_rows.candidate_of", building)
    monkeypatch.setattr("recommender.cycle.scoring.best_left", lambda *_: None)
    run(replace(strict, sources=()), store, work, 1)
    assert made == []
