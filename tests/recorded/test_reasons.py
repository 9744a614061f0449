"""On every real library, the reasons for a suggestion are all of its score, and say something."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from integrations.files.library import FileLibrary
from integrations.sources.files import FileSource
from recommender import cycle
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Library
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.papers import Paper
from recommender.records import Record
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import Dislike, Reason, ReasonKind, rounded_shares

LIBRARIES = [
    *(f"bib-{n:02}.bib" for n in range(1, 13)),
    *(f"csljson-{n:02}.json" for n in range(1, 4)),
    "rdf-01.rdf",
    "ris-01.ris",
]
QUICK = {"bib-11.bib", "ris-01.ris"}  # all of them take more than a minute
N_OTHERS = 50
MOST_UNEXPLAINED = 0.05


@dataclass(frozen=True, slots=True)
class Remembering(HybridScorer):
    """The product's scorer, which keeps what it was given and what it made of it."""

    fits: list[tuple[Library, list[Paper], HybridModel]] = field(default_factory=list)

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> HybridModel:
        model = HybridScorer.fit(
            self, library, listed, seed=seed, dislikes=dislikes, guidance=guidance
        )
        self.fits.append((library, list(listed), model))
        return model


def run(shared: Path, name: str) -> tuple[Record, Library, list[Paper], HybridModel]:
    """A whole cycle over a library and the five pages, whatever the scores, and its model."""
    profile = cycle.Profile(
        name=name,
        libraries=[FileLibrary(str(shared / "libraries" / name))],
        sources=[FileSource(str(shared / "listings" / "*.txt"))],
        wishes=Wishes(threshold=0.0),
    )
    scorer = Remembering()
    with Store.open(None) as store:
        record = cycle.run(profile, scorer, store, now=datetime(2026, 3, 2, tzinfo=UTC))
    (fitted,) = scorer.fits
    return (record, *fitted)


def assert_told(score: float, why: Sequence[Reason], items: set[str]) -> None:
    shares = [reason.share for reason in why]
    assert sum(shares) == pytest.approx(score, rel=1e-4, abs=1e-6)
    assert shares == sorted(shares, reverse=True)
    assert all(share > 0 for share in shares)
    assert all(reason.text.strip() and "\n" not in reason.text for reason in why)
    assert all(reason.item in items for reason in why if reason.item)
    assert all(reason.item for reason in why if reason.kind is ReasonKind.PAPER)
    # What is told without a name: neither of whom, nor of what, nor by which words.
    bare = ("shares words with", "close to your papers", "goes with what is kept together")
    unexplained = sum(reason.share for reason in why if reason.text.startswith(bare))
    assert unexplained <= MOST_UNEXPLAINED * score


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in LIBRARIES]
)
def test_the_reasons_for_every_suggestion_are_all_of_its_score(shared: Path, name: str) -> None:
    record, library, listed, model = run(shared, name)
    items = {item.key for item in library.items}
    assert len(record.suggestions) == Wishes().limit
    for one in record.suggestions:
        assert_told(one.score, one.reasons, items)
        assert one.headline
        score, shares = rounded_shares(one, 2)
        assert sum(shares) == score
    draw = np.random.default_rng(0)
    others = [listed[row] for row in draw.choice(len(listed), N_OTHERS, replace=False)]
    for score, why in zip(model.score(others).tolist(), model.reasons(others), strict=True):
        if np.isnan(score):
            assert not why
        else:
            assert_told(score, why, items)
