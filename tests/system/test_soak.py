"""Many cycles in one process leave nothing behind but what is to stay."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

# The benchmarks are in no wheel. Last, so that an installed program is tested rather than the tree.
sys.path.append(str(Path(__file__).parent.parent.parent))

from benchmarks import soak
from recommender.arrays import Scores
from recommender.cli import scorers
from recommender.config import Settings
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Library
from recommender.papers import Paper
from recommender.ports import Scorer
from recommender.store import Store
from recommender.suggestions import Dislike
from tests.zotero.worlds import InOrder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the figures come from /proc")


class Cheap(InOrder):
    """Finds papers on ceramics bad, and some of the others better than others; learns nothing."""

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> "Cheap.Model":
        return Cheap.Model(library.items[0].key)

    def restored(
        self, payload: bytes, library: Library, guidance: Guidance = NO_GUIDANCE
    ) -> "Cheap.Model":
        return Cheap.Model(payload.decode())

    @dataclass(frozen=True, slots=True)
    class Model(InOrder.Model):
        def score(self, papers: Sequence[Paper]) -> Scores:
            return np.array([_score(paper.title) for paper in papers], np.float32)


def _score(title: str) -> float:
    subject, _, _, number, *_ = title.split()
    return 0.0 if subject == "Ceramic" else 1 / (1 + int(number) % soak.A_DAY)


def cheap(settings: Settings, store: Store, now: datetime) -> Scorer:
    return Cheap()


@pytest.mark.parametrize(
    ("n", "scorer"),
    [
        pytest.param(40, cheap, id="some"),
        pytest.param(200, cheap, id="cheap", marks=pytest.mark.slow),
        pytest.param(200, scorers.own, id="own", marks=pytest.mark.slow),
    ],
)
def test_many_cycles_leave_nothing_behind(n: int, scorer: soak.Scorers) -> None:
    middle, end = soak.soaked(n, scorer, every=n // 2)
    assert (middle.cycle, end.cycle) == (n // 2, n)
    assert 0 < middle.suggested < end.suggested
    assert end.memory < 1.1 * middle.memory
    assert end.files == middle.files
    assert end.threads == middle.threads
    # Listed papers and records go as they come.
    assert (soak.KEPT.days + 1) * soak.A_DAY >= end.listed >= middle.listed > 0
    if n // 2 > soak.KEPT.days:
        # What was suggested stays, and the model that learns from it grows by that.
        assert end.store - middle.store < 0.03 * (end.suggested - middle.suggested)
