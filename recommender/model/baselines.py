"""The simple rankings that a model has to beat, each of one month's pool.

A ranking is ``(n_draws, n)``, higher being better: where papers are equal chance decides, and what
is measured is the mean over the draws, so that no ranking gains or loses by luck.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from recommender.model.judging import HybridModel
from recommender.model.replay import Fold
from recommender.model.text import Counts

Ranking = npt.NDArray[np.float64]
"""``(n_draws, n)``; higher is better, NaN = no opinion."""

TF_IDF = "one TF-IDF centroid"
BASELINES = ("popularity", "recency", TF_IDF, "chance")
"""Their names."""

_N_DRAWS = 20


def baselines(fold: Fold, model: HybridModel, counts: Counts, seed: int) -> Mapping[str, Ranking]:
    """How each of ``BASELINES`` ranks a month's pool.

    Args:
        fold: The month.
        model: What was learnt before it, for its words' weights alone.
        counts: How terms are counted.
        seed: For what chance decides.
    """
    alike = {
        "popularity": fold.popularity,
        "recency": _recency(fold),
        TF_IDF: _centroid(fold, model, counts),
        "chance": np.zeros(len(fold.pool)),
    }
    return {name: by_chance(alike[name], seed) for name in BASELINES}


def by_chance(scores: npt.NDArray[np.floating], seed: int) -> Ranking:
    """The ranking by these scores, where chance decides among equal ones.

    Args:
        scores: ``(n,)``; NaN, no opinion, comes after all others.
        seed: The same seed gives the same draws.
    """
    rng = np.random.default_rng(seed)
    places = np.where(np.isnan(scores), -np.inf, scores)
    ranking = np.empty((_N_DRAWS, len(scores)))
    for draw in ranking:
        draw[np.lexsort((rng.random(len(scores)), places))] = np.arange(len(scores))
    return ranking


def _recency(fold: Fold) -> npt.NDArray[np.float64]:
    """The date of publication as a number; without one, NaN."""
    dates = [paper.published for paper in fold.pool]
    order = {date: float(place) for place, date in enumerate(sorted(set(dates)))}
    return np.array([order[date] if date else np.nan for date in dates])


def _centroid(fold: Fold, model: HybridModel, counts: Counts) -> npt.NDArray[np.float64]:
    """The cosine to the mean of the library's TF-IDF rows, which is what most programs rank by.

    Where whole libraries are ranked for, the length of the mean changes no order.
    """
    world = model.learnt.world
    with threadpool_limits(1, "blas"):
        centroid = world.place.said.terms[model.learnt.own].sum(axis=0)
        terms = world.space.place(counts(fold.pool)).terms
        return np.asarray(terms @ np.asarray(centroid).T, np.float64).ravel()
