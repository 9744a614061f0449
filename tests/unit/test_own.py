from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Item, Library
from recommender.model.graph import row_sums
from recommender.model.interests import Interests
from recommender.model.own import Own, starts
from recommender.testing.models import library_on, paper_on
from tests.unit.model_worlds import dense

NOW = datetime(2026, 3, 2, tzinfo=UTC)
YEAR = timedelta(days=365)
GUIDED = Guidance(goals=("how bees dance", "old odes"), seeds=(paper_on("verse", 77),))


def added(*ages: timedelta | None) -> Library:
    """A library of papers added so long ago; None where nobody knows when."""
    return Library(
        items=tuple(
            Item(
                key=str(n),
                paper=paper_on("bees", n),
                added_at=None if age is None else NOW - age,
            )
            for n, age in enumerate(ages)
        )
    )


def weights_of(library: Library) -> list[float]:
    return [float(weight) for weight in Own.of(library, NO_GUIDANCE).weights]


def test_what_was_added_lately_counts_more() -> None:
    ages = (YEAR, timedelta(0), 2 * YEAR, None)
    assert weights_of(added(*ages)) == pytest.approx([0.5 ** (1 / 3), 1, 0.5 ** (2 / 3), 1])


def test_what_is_old_counts_against_the_latest_and_never_for_nothing() -> None:
    assert weights_of(added(9 * YEAR, 6 * YEAR)) == pytest.approx([0.5, 1])
    assert weights_of(added(90 * YEAR, timedelta(0))) == pytest.approx([0.4, 1])
    assert weights_of(added(None, None)) == [1, 1]


def test_behind_the_library_stand_seeds_and_then_goals() -> None:
    library = library_on("bees", each=3)
    thrown = replace(library.items[1], trashed=True)
    own = Own.of(replace(library, items=(library.items[0], thrown, library.items[2])), GUIDED)
    assert [item.key for item in own.items] == ["bees0", "bees2", "", "", ""]
    titles = [item.paper.title for item in own.items[2:]]
    assert titles == [paper_on("verse", 77).title, "how bees dance", "old odes"]
    assert own.n_goals == 2


def test_a_part_knows_how_many_goals_are_in_it() -> None:
    part = Own.of(library_on("bees", each=3), GUIDED)[np.array([0, 3, 4])]
    assert [item.key for item in part.items] == ["bees0", "", ""]
    assert part.n_goals == 1
    np.testing.assert_allclose(part.weights, [1, 10 / 13, 10 / 13], rtol=1e-6)


def test_an_interest_counts_by_the_root_of_what_its_papers_weigh() -> None:
    own = Own.of(library_on("bees", "verse", each=8), NO_GUIDANCE)[np.arange(10)]
    interests = Interests(("Bees", "Verse"), np.array([0] * 8 + [1] * 2))
    shares = row_sums(starts(own, interests, NO_GUIDANCE))
    assert shares.sum() == pytest.approx(1)
    assert shares[0] / shares[1] == pytest.approx(2)
    assert dense(starts(own, interests, NO_GUIDANCE))[1, :8].max() == 0
