"""Day by day, what is suggested is what would be if everything were scored at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import cycle
from recommender.cycle import choosing, fitting, remembering
from recommender.cycle.stored_counts import StoredCounts
from recommender.library import Item
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper
from recommender.records import Record
from recommender.selection import Wishes
from recommender.store import Store
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW

FIRST = listed_on("bees", "bridges", "verse", "glass")
HAD = library_on("bees", "verse").items
LATER = [
    *(paper_on(subject, n) for n in range(5000, 5004) for subject in ("bees", "verse", "bridges")),
    *(replace(paper_on("bees", n), abstract="Queens, too. " * 9) for n in (5000, 5001)),
    Paper(title="On bees and bridges", abstract=f"{FIRST[0].abstract} {FIRST[1].abstract}"),
    Paper(title="Xyzzy plugh"),
    HAD[0].paper,
    FIRST[3],
]
WISHES = st.builds(
    Wishes,
    limit=st.integers(1, 8),
    threshold=st.sampled_from([float("nan"), 0.0, 0.3, 0.6]),
    explore=st.booleans(),
)


def world(wishes: Wishes) -> tuple[cycle.Profile, FakeLibrary, FakeSource]:
    library, source = FakeLibrary(), FakeSource()
    library.put(*HAD)
    source.publish(*FIRST, name="the first day")
    profile = cycle.Profile(name="ada", libraries=[library], sources=[source], wishes=wishes)
    return profile, library, source


def run(profile: cycle.Profile, store: Store, day: int, limit: int | None = None) -> Record:
    now = NOW + timedelta(days=day)
    if limit is not None:
        profile = replace(profile, wishes=replace(profile.wishes, limit=limit))
    scorer = HybridScorer(counts=StoredCounts(store, now))
    # The rule for learning anew is a law of its own.
    with patch.object(remembering, "is_outdated", lambda *_: False):
        return cycle.run(profile, scorer, store, now=now)


def told(record: Record) -> object:
    """What a run suggests, but for the pages' names, and what became of the rest."""
    suggestions = [replace(one, source="", suggested_at=NOW) for one in record.suggestions]
    return suggestions, dict(record.excluded), record.best_left, dict(record.summary)


def days(papers: Sequence[Paper], cuts: Sequence[int]) -> list[Sequence[Paper]]:
    edges = [0, *sorted(cuts), len(papers)]
    return [papers[i:j] for i, j in pairwise(edges)]


@settings(max_examples=15)
@given(st.permutations(LATER), st.lists(st.integers(0, len(LATER)), max_size=4), WISHES)
def test_however_the_papers_are_spread_over_days_the_suggestions_are_the_same(
    papers: list[Paper], cuts: list[int], wishes: Wishes
) -> None:
    found = []
    for parts in (days(papers, cuts), [papers]):
        profile, _, source = world(wishes)
        with Store.open(None) as store:
            records = [run(profile, store, 0, limit=0)]
            for day, page in enumerate(parts, 1):
                source.publish(*page, name=f"day {day}")
                records.append(run(profile, store, day, None if day == len(parts) else 0))
            found.append(told(records[-1]))
    assert found[0] == found[1]


@settings(max_examples=15)
@given(st.permutations(LATER), st.lists(st.integers(0, len(LATER)), max_size=3), WISHES)
def test_each_day_is_as_if_the_saved_model_scored_everything(
    papers: list[Paper], cuts: list[int], wishes: Wishes
) -> None:
    profile, library, source = world(wishes)
    with Store.open(None) as store:
        run(profile, store, 0)
        for day, page in enumerate(days(papers, cuts), 1):
            source.publish(*page, name=f"day {day}")
            shown = store.shown(profile.name)
            record = run(profile, store, day)
            have = store.library(library.name)
            taught = fitting.teaching(profile, have, shown)
            with patch.object(remembering, "is_outdated", lambda *_: False):
                now = NOW + timedelta(days=day)
                fitted = fitting.fitted(profile, HybridScorer(), taught, have, store, shown, now)
            fresh = [one for one in store.candidates() if not fitted.known.reason(one)]
            scored = choosing.Scored.by(fitted.model, fresh)
            selection = choosing.selected(scored, fitted.model, fitted.wishes)
            wanted = [(fresh[one.row].paper, scored.scores[one.row]) for one in selection.chosen]
            assert [(one.paper, np.float32(one.score)) for one in record.suggestions] == wanted
            assert sum(record.excluded.values()) == len(tuple(store.candidates())) - len(wanted)


@settings(max_examples=10)
@given(st.sampled_from(LATER[:12]), st.booleans())
def test_what_the_reader_got_meanwhile_is_not_suggested_though_its_score_is_old(
    paper: Paper, trashed: bool
) -> None:
    wishes = Wishes(limit=100, threshold=0.0, explore=False, too_similar=2.0)
    profile, library, source = world(wishes)
    source.publish(*LATER, name="and more")
    with Store.open(None) as store:
        run(profile, store, 0, limit=0)
        thrown = Item(key="thrown", paper=paper, trashed=True)
        # Out of scope or in the trash, it teaches nothing, so the model stays.
        library.put(thrown if trashed else replace(thrown, trashed=False, mark="another machine's"))
        with patch.object(HybridScorer, "fit", side_effect=AssertionError("learnt anew")):
            record = run(profile, store, 1)
    assert paper.title not in {one.paper.title for one in record.suggestions}
    assert record.excluded[cycle.IN_TRASH if trashed else cycle.IN_LIBRARY] >= 1
