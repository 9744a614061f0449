"""Replaying libraries as people keep them, where they say when papers were added."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommender import ingest, registry
from recommender.library import Item, Library
from recommender.model.baselines import TF_IDF
from recommender.model.counting import Counted
from recommender.model.evaluation import HYBRID, MAIN, Evaluation, replays
from recommender.model.replay import Fold, History, Sighting, folds, why_none
from recommender.ports import Access


def history(library: Path, listing: str) -> History:
    manager = registry.reference_manager("file")(str(library))
    changes = manager.changes(None)
    items = tuple(e for e in manager.fetch(changes.entries) if isinstance(e, Item))
    pages = [*registry.source("file")(listing, Access(now=datetime.now(UTC))).listings(None)]
    return History(
        library=Library(items=items, collections=changes.collections),
        sightings=[Sighting(one, None) for one in ingest.unseen(pages).candidates],
    )


def evaluated(months: tuple[Fold, ...]) -> Evaluation:
    counts = Counted.of(p for m in months for p in (*(i.paper for i in m.before.items), *m.listed))
    return Evaluation.of([one for one in replays(months, counts, 0) if one], None, 0)


@pytest.mark.parametrize(
    ("library", "listing", "n_months", "n_wanted"),
    [
        # JabRef's time stamps, and Zotero's dates of addition.
        ("bib-05.bib", "arxiv-2025-09.jsonl.gz", 6, 11),
        ("rdf-01.rdf", "*.txt", 6, 47),
    ],
)
def test_what_a_real_reader_saved_next_is_found_among_listed_papers(
    shared: Path, library: str, listing: str, n_months: int, n_wanted: int
) -> None:
    past = history(shared / "libraries" / library, str(shared / "listings" / listing))
    months = folds(past, 6)
    assert (len(months), sum(int(month.wanted.sum()) for month in months)) == (n_months, n_wanted)
    found = evaluated(months)
    hybrid, centroid = (found.results[name][MAIN] for name in (HYBRID, TF_IDF))
    assert hybrid.mean() > 0.9
    assert hybrid.mean() >= centroid.mean()
    assert found.gain("chance", MAIN).low > 0.5
    shares = [part.share for part in found.contributions.values()]
    assert np.sum(shares) == pytest.approx(1, abs=1e-5)


def test_a_real_library_without_dates_has_no_months(shared: Path) -> None:
    past = history(shared / "libraries" / "bib-02.bib", str(shared / "listings" / "*.txt"))
    assert folds(past, 12) == ()
    assert why_none(past) == "no paper in the library says when it was added"
