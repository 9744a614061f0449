"""Of a page on other subjects little is suggested, whatever a library is on."""

from pathlib import Path

import numpy as np
import pytest

from integrations.files.library import FileLibrary
from integrations.sources.files import FileSource
from recommender.library import Item, Library
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper

N_LISTED = 600
MEDIEVAL_MUSIC = (
    "Gregorian chant notation in medieval monasteries",
    "Troubadour song and the oral tradition",
    "Organum and early polyphony at Notre Dame",
    "Motets of the thirteenth century",
)


@pytest.fixture(scope="module")
def vision(shared: Path) -> list[Paper]:
    """Papers on computer vision, evenly spread over a month of them."""
    pages = FileSource(str(shared / "listings" / "arxiv-2025-09.jsonl.gz")).listings(None)
    papers = [entry.paper for page in pages for entry in page.papers]
    return [papers[row] for row in np.linspace(0, len(papers) - 1, N_LISTED).astype(int)]


def passing(library: Library, listed: list[Paper]) -> float:
    """Which share of what is listed reaches the threshold."""
    model = HybridScorer().fit(library, listed, seed=0)
    scores = np.nan_to_num(model.score(listed), nan=-1)
    return float(np.mean(scores >= model.summary["threshold"]))


@pytest.mark.parametrize("name", ["bib-03.bib", "bib-05.bib"])
def test_little_of_other_subjects_passes(shared: Path, vision: list[Paper], name: str) -> None:
    manager = FileLibrary(str(shared / "libraries" / name))
    entries = manager.fetch(list(manager.changes(None).entries))
    library = Library(items=tuple(one for one in entries if isinstance(one, Item)))
    assert passing(library, vision) < 0.05


def test_little_passes_of_what_is_far_from_a_few_titles(vision: list[Paper]) -> None:
    titles = enumerate(MEDIEVAL_MUSIC)
    library = Library(items=tuple(Item(key=str(n), paper=Paper(title=t)) for n, t in titles))
    assert passing(library, vision) < 0.1
