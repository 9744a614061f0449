from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recommender.library import Library
from recommender.model.baselines import BASELINES, by_chance
from recommender.model.evaluation import HYBRID, MAIN, Evaluation, Replayed
from recommender.model.parts import PARTS, Opinions, Weights
from recommender.model.replay import Fold
from recommender.model.tuning import LEAST_MONTHS, tuned
from recommender.papers import Paper

PRIOR = Weights.prior(1000, tastes=False)
N_POOL, N_WANTED = 80, 6


def months(decides: str | None, n: int, seed: int, silent: Sequence[str] = ()) -> list[Replayed]:
    """Months in which one part alone, or none, knows what was wanted."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(n):
        values = np.abs(rng.standard_normal((N_POOL, len(PARTS)))).astype(np.float32)
        wanted = np.arange(N_POOL) < N_WANTED
        if decides:
            values[:, PARTS.index(decides)] += 2 * wanted
        for part in silent:
            values[:, PARTS.index(part)] = 0
        pool = tuple(Paper(title=f"{number} {n}") for n in range(N_POOL))
        fold = Fold(
            month=f"2025-{number + 1:02}",
            by_listing=True,
            before=Library(),
            pool=pool,
            wanted=wanted,
            popularity=np.zeros(N_POOL),
            listed=pool,
            dislikes=(),
            n_suggested=0,
        )
        known = np.ones(N_POOL, np.bool_)
        nobody, left = np.zeros((N_POOL, 0), np.float32), np.ones(N_POOL, np.float32)
        opinions = Opinions(values, known, nobody, left)
        simple = {name: by_chance(np.zeros(N_POOL), 0) for name in BASELINES}
        found.append(Replayed(fold, opinions, PRIOR, simple, 0))
    return found


def test_where_authors_decide_they_get_most_of_the_weight() -> None:
    found = tuned(months("authors", 8, seed=1), seed=0)
    assert found.accepted
    assert found.why_not == ""
    assert found.gain.low > 0
    assert found.gain.mean > 0.2
    told = found.weights.told()
    assert max(told, key=lambda part: told[part]) == "authors"
    # The same sum, so that a person can compare them.
    prior = replace(PRIOR, tastes=Weights.prior(1000, tastes=True).tastes)
    assert sum(told.values()) == pytest.approx(sum(prior.told().values()), rel=1e-5)


def test_a_month_has_no_say_in_the_weights_that_it_is_measured_by() -> None:
    some = months("authors", 8, seed=1)
    found = tuned(some, seed=0)
    assert len(found.apart) == 8
    for left in range(8):
        # Were it asked, it would now silence the authors.
        other = list(some)
        pool = some[left].fold
        other[left] = replace(some[left], fold=replace(pool, wanted=pool.wanted[::-1].copy()))
        again = tuned(other, seed=0)
        assert again.apart[left] == found.apart[left]
    assert all(one.authors > PRIOR.authors for one in found.apart)


def test_weights_chosen_apart_find_nothing_in_noise_unlike_those_chosen_on_it() -> None:
    apart, on_it = [], []
    for seed in range(6):
        some = months(None, 8, seed)
        found = tuned(some, seed=0)
        usual = Evaluation.of(some, None, 0).results[HYBRID][MAIN]
        apart.append(Evaluation.of(some, found.apart, 0).results[HYBRID][MAIN] - usual)
        own = [tuned([one] * LEAST_MONTHS, seed=0).apart[0] for one in some]
        on_it.append(Evaluation.of(some, own, 0).results[HYBRID][MAIN] - usual)
    assert abs(np.mean(apart)) < 0.03
    assert np.mean(on_it) > 0.1


def test_noise_keeps_the_prior() -> None:
    accepted = [tuned(months(None, 8, seed=seed), seed=0) for seed in range(20)]
    # An interval of 95 % is wrong now and then, by its own account.
    assert sum(one.accepted for one in accepted) <= 2
    for one in accepted:
        if not one.accepted:
            assert one.weights == PRIOR
            assert "by more than chance" in one.why_not


def test_where_the_prior_is_right_it_is_kept() -> None:
    found = tuned(months("walk", 8, seed=3, silent=("tastes",)), seed=0)
    assert found.judged
    assert found.gain.mean < 0.1


def test_a_part_can_lose_all_its_weight() -> None:
    rng = np.random.default_rng(5)
    misled = months("words", 10, seed=5)
    for one in misled:
        # The walk comes to everything but what was wanted.
        one.opinions.values[:, PARTS.index("walk")] = rng.random(N_POOL) * ~one.fold.wanted
    found = tuned(misled, seed=0)
    assert found.accepted
    assert found.weights.walk < PRIOR.walk / 4


def test_a_part_of_which_nothing_is_told_keeps_its_say() -> None:
    found = tuned(months("authors", 8, seed=1, silent=("tastes", "venue")), seed=0)
    assert found.accepted
    told = found.weights
    # Both in the prior's proportion; tastes as if there were evidence for them.
    proportion = Weights.prior(1000, tastes=True).tastes / PRIOR.venue
    assert told.tastes / told.venue == pytest.approx(proportion, rel=1e-4)


@pytest.mark.parametrize("n", [0, 1, LEAST_MONTHS - 1])
def test_with_too_few_months_nothing_is_tried(n: int) -> None:
    found = tuned(months("authors", n, seed=1), seed=0)
    assert (found.accepted, found.judged) == (False, False)
    assert found.apart == (PRIOR,) * n
    assert f"it takes {LEAST_MONTHS} months" in found.why_not


def test_the_search_gives_the_same_each_time() -> None:
    some = months("contrast", 7, seed=2)
    assert tuned(some, seed=4) == tuned(some, seed=4)
