from dataclasses import replace

import numpy as np
import pytest

from recommender.library import Collection, Item, Library
from recommender.model import evidence
from recommender.model.evidence import tastes_help
from recommender.model.readers import Readers
from recommender.papers import Paper
from recommender.testing.models import paper_on
from tests.unit.model_worlds import readers_of, world_of

N_OWN = 48
OWN = [paper_on(("bees", "verse")[n % 2], n) for n in range(N_OWN)]
OTHERS = [paper_on(("bees", "verse")[n % 2], 500 + n) for n in range(40)]


def help_in(own: list[Paper], others: list[Paper], readers: Readers, seed: int = 0) -> bool:
    """Whether the readers' tastes help in the world of some papers."""
    at = np.arange(len(own))
    world = world_of([*own, *others])
    return tastes_help(readers, world, at, len(own) + np.arange(len(others)), seed)


def by_rank(n_own: int, n_readers: int = 4) -> Readers:
    """Readers each of whom has every so-many-th paper."""
    return readers_of([(n % n_readers,) for n in range(n_own)])


@pytest.mark.parametrize(
    ("n_own", "n_others", "n_readers"), [(48, 40, 2), (19, 40, 4), (48, 19, 4)]
)
def test_too_few_readers_papers_or_others_are_no_evidence(
    n_own: int, n_others: int, n_readers: int
) -> None:
    readers = by_rank(n_own, n_readers)
    assert not help_in(OWN[:n_own], OTHERS[:n_others], readers)


def test_readers_who_file_at_random_hardly_ever_help() -> None:
    n_helped = 0
    for seed in range(6):
        draw = np.random.default_rng(seed)
        filed = [tuple(draw.choice(6, 2, replace=False).tolist()) for _ in OWN]
        n_helped += help_in(OWN, OTHERS, readers_of(filed), seed)
    assert n_helped <= 1


@pytest.mark.parametrize(
    ("gain", "by_chance", "helps"),
    [(0.1, 0.05, True), (0.1, 0.1, False), (0.1, 0.2, False), (0.0, -0.1, False)],
)
def test_what_the_readers_add_must_be_more_than_chance_adds(
    monkeypatch: pytest.MonkeyPatch, gain: float, by_chance: float, helps: bool
) -> None:
    readers, asked = by_rank(N_OWN), list[bool]()

    def gains(_trial: object, given: Readers, _seed: int) -> list[float]:
        asked.append((given.by_papers != readers.by_papers).nnz > 0)
        return [-1.0, by_chance if asked[-1] else gain]

    monkeypatch.setattr(evidence._Trial, "gains", gains)
    assert help_in(OWN, OTHERS, readers) == helps
    assert asked[:5] == [False] * 5
    # The best of 19 is the 95th percentile; one that is as good is enough to decide.
    n_worlds = 19 if helps else int(gain > 0)
    assert asked[5:] == [True] * n_worlds


def test_goals_have_no_readers_and_stand_in_nobodys_way() -> None:
    goals = tuple(Item(key="", paper=replace(paper, title="A goal")) for paper in OWN[:5])
    items = tuple(
        Item(key=str(n), paper=paper, collections=(str(n % 2),)) for n, paper in enumerate(OWN)
    )
    library = Library(items=items, collections=(Collection("0", "A"), Collection("1", "B")))
    readers = Readers.of(library, (*items, *goals))
    assert readers.by_papers.shape == (2, N_OWN + 5)
    own = [item.paper for item in (*items, *goals)]
    assert not help_in(own, OTHERS, readers)
