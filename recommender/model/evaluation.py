"""How well a model would have found what a reader saved, month by month, beside simple rankings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import Rows
from recommender.errors import NothingToLearnFrom
from recommender.model import metrics
from recommender.model.baselines import BASELINES, Ranking, baselines, by_chance
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.model.meanings import Meanings
from recommender.model.metrics import Values
from recommender.model.parts import PARTS, Opinions, Weights
from recommender.model.replay import Fold
from recommender.model.text import Counts

HYBRID = "hybrid"
NO_ENCODER = "without the encoder"
"""The same with the same weights, learnt from words alone."""
MEASURES = ("precision@5", "precision@10", "recall@10", "recall@20", "NDCG@10", "coverage@10")
"""All in [0, 1]. Coverage is the share of the interests to which wanted papers belong that have one
of them among the first ten."""
MAIN = "NDCG@10"
"""The measure by which rankings are compared in words."""

_FIRST = 10  # papers, as many as a reader is given
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Replayed:
    """A month, and what was said of its pool by what had been learnt before it.

    Attributes:
        opinions: On the ``n`` papers of the pool.
        prior: The parts' weights before anything is known of the reader.
        baselines: How each of ``BASELINES`` ranks the pool.
        seed: For what chance decides.
        without: The opinions without the encoder; None where there is none.
    """

    fold: Fold
    opinions: Opinions
    prior: Weights
    baselines: Mapping[str, Ranking]
    seed: int
    without: Opinions | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over months and its bootstrap interval; NaN where there are too few months.

    The interval shows how far months scatter. Of as few as there are it is too narrow to decide
    anything by, which is why ``Evaluation.p_values`` is what sentences rest on.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Values, seed: int, confidence: float = 0.95) -> "Estimate":
        """The mean of ``(n_months,)`` values with its bootstrap interval; NaN is left out."""
        told = values[~np.isnan(values)]
        if not len(told):
            return cls(np.nan, np.nan, np.nan)
        return cls(float(told.mean()), *metrics.bootstrap_interval(told, seed, confidence))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a part of the score does.

    Attributes:
        weight: Its weight in the last month, by which that was ranked.
        share: Its mean share of the scores of the first ten, in [0, 1].
        lost: ``(n_months,)`` how much of the main measure is lost without it.
    """

    weight: float
    share: float
    lost: Values


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How each ranking did in each month.

    Attributes:
        replays: The months.
        results: By ranking (``HYBRID``, where there is an encoder ``NO_ENCODER``, ``BASELINES``,
            and each part that says anything, alone) and measure: ``(n_months,)``, NaN where a
            measure says nothing.
        contributions: By part.
    """

    replays: tuple[Replayed, ...]
    results: Mapping[str, Mapping[str, Values]]
    contributions: Mapping[str, Contribution]
    seed: int

    @classmethod
    def of(
        cls, replays: Sequence[Replayed], given: Sequence[Weights] | None, seed: int
    ) -> "Evaluation":
        """The evaluation of replayed months.

        Args:
            replays: At least one.
            given: Each month's weights of the parts, in whose choice it had no say
                (``Tuned.apart``): weights that were chosen on a month flatter the hybrid in it.
                None for each month's prior.
            seed: For the intervals and the tests.
        """
        weights = [one.prior for one in replays] if given is None else given
        pairs = list(zip(replays, weights, strict=True))
        rankings = [_rankings(one, by) for one, by in pairs]
        speaking = [part for part in PARTS if any(part in by_name for by_name in rankings)]
        without = (NO_ENCODER,) if all(NO_ENCODER in by_name for by_name in rankings) else ()
        names = (HYBRID, *without, *BASELINES, *speaking)
        silent = [by_chance(np.zeros(len(one.fold.pool)), one.seed) for one in replays]
        measured = {
            name: [
                _measured(by_name.get(name, nothing), one)
                for by_name, nothing, one in zip(rankings, silent, replays, strict=True)
            ]
            for name in names
        }
        results = {
            name: {measure: np.array([by[measure] for by in months]) for measure in MEASURES}
            for name, months in measured.items()
        }
        whole = results[HYBRID][MAIN]
        contributions = {part: _contribution(part, pairs, whole) for part in PARTS}
        return cls(tuple(replays), results, contributions, seed)

    @property
    def n_wanted(self) -> int:
        """How many papers were wanted in all."""
        return sum(int(one.fold.wanted.sum()) for one in self.replays)

    @property
    def blind(self) -> tuple[str, ...]:
        """The simple rankings that had nothing to go by in any month, so that chance decided."""
        popular = any(np.ptp(one.fold.popularity) for one in self.replays)
        dated = any(paper.published for one in self.replays for paper in one.fold.pool)
        told = {"popularity": popular, "recency": dated}
        return tuple(name for name, has_told in told.items() if not has_told)

    def estimate(self, name: str, measure: str) -> Estimate:
        """A ranking's mean by a measure."""
        return Estimate.of(self.results[name][measure], self.seed)

    def gain(self, over: str, measure: str) -> Estimate:
        """By how much the hybrid is better than a ranking, month by month."""
        ours, theirs = self.results[HYBRID][measure], self.results[over][measure]
        return Estimate.of(ours - theirs, self.seed)

    def p_values(self) -> dict[str, float]:
        """How often chance would give as large a difference in the main measure, in (0, 1].

        Of each simple ranking that had anything to go by, in the order of ``BASELINES``, with
        Holm's correction for their number.
        """
        told = (name for name in BASELINES if name not in self.blind)
        return metrics.holm(
            {name: metrics.sign_flip_p(self._against_one_draw(name), self.seed) for name in told}
        )

    def _against_one_draw(self, over: str) -> Values:
        """The hybrid's gain over one draw of a ranking, ``(n_months,)``, for a test of signs.

        Where few papers are wanted, most rankings by chance find none of them and a few find some:
        any one of them does worse than the mean of many in most months.
        """
        drawn = [_measured(one.baselines[over][:1], one)[MAIN] for one in self.replays]
        return np.asarray(self.results[HYBRID][MAIN] - np.array(drawn), np.float64)


def replays(
    folds: Sequence[Fold], counts: Counts, seed: int, meanings: Meanings | None = None
) -> Iterator[Replayed | None]:
    """Each month as it is replayed; None where there was no word to learn from before it.

    Args:
        folds: The months.
        counts: How terms are counted; each paper is counted for many months.
        seed: For whatever is drawn at random.
        meanings: What papers mean to the encoder that is in use.
    """
    for fold in folds:
        found = None
        with suppress(NothingToLearnFrom):
            found = _replayed(fold, counts, seed, meanings)
        yield found


def _replayed(fold: Fold, counts: Counts, seed: int, meanings: Meanings | None) -> Replayed:
    def learnt(scorer: HybridScorer) -> HybridModel:
        return scorer.fit(fold.before, fold.listed, seed=seed, dislikes=fold.dislikes)

    model = learnt(HybridScorer(counts=counts, meanings=meanings))
    # Each month has draws of its own, or all would share the same luck.
    drawn = seed + int(fold.month.replace("-", ""))
    simple = baselines(fold, model, counts, drawn)
    found = Replayed(fold, model.opinions(fold.pool), model.learnt.weights, simple, drawn)
    if meanings is None:
        return found
    return replace(found, without=learnt(HybridScorer(counts=counts)).opinions(fold.pool))


def _rankings(one: Replayed, weights: Weights) -> dict[str, Ranking]:
    """All rankings of a month's pool by name; a part that says nothing has none."""
    values = one.opinions.values
    alone = {
        part: by_chance(values[:, column], one.seed)
        for column, part in enumerate(PARTS)
        if values[:, column].any()
    }
    without = {NO_ENCODER: _total(one.without, weights)} if one.without is not None else {}
    return {HYBRID: _hybrid(one, weights), **without, **one.baselines, **alone}


def _hybrid(one: Replayed, weights: Weights) -> Ranking:
    return _total(one.opinions, weights)


def _total(opinions: Opinions, weights: Weights) -> Ranking:
    return opinions.total(weights)[None, :].astype(np.float64)


def _measured(ranking: Ranking, one: Replayed) -> dict[str, float]:
    """A ranking's value by each of ``MEASURES``, the mean over its draws."""
    wanted = np.broadcast_to(one.fold.wanted, ranking.shape)
    n_wanted = wanted.sum(axis=1)
    hits = metrics.hits_by_rank(ranking, wanted, _DEEPEST)
    found = {}
    for measure in MEASURES:
        kind, _, k = measure.partition("@")
        if kind == "coverage":
            values = _coverage(ranking, one, int(k))
        else:
            values = _KINDS[kind](hits[:, : int(k)], n_wanted)
        found[measure] = float(values.mean())
    return found


_KINDS: Mapping[str, Callable[[metrics.Hits, Rows], Values]] = {
    "precision": metrics.precision,
    "recall": metrics.recall,
    "NDCG": metrics.ndcg,
}


def _coverage(ranking: Ranking, one: Replayed, k: int) -> Values:
    """The share of wanted papers' interests that the first k serve, ``(n_draws,)``; NaN = none."""
    wanted, interests = one.fold.wanted, one.opinions.interests
    asked = np.unique(interests[wanted & (interests >= 0)])
    if not len(asked):
        return np.full(len(ranking), np.nan)
    # In the order in which hits are counted.
    order = np.lexsort((np.broadcast_to(wanted, ranking.shape), -ranking), axis=-1)[:, :k]
    served = [(wanted[order] & (interests[order] == each)).any(axis=1) for each in asked]
    return np.asarray(np.mean(served, axis=0), np.float64)


def _contribution(
    part: str, pairs: Sequence[tuple[Replayed, Weights]], whole: Values
) -> Contribution:
    silenced = [(one, replace(weights, **{part: 0.0})) for one, weights in pairs]
    without = [_measured(_hybrid(one, by), one)[MAIN] for one, by in silenced]
    shares = [_share(PARTS.index(part), one.opinions, by) for one, by in pairs]
    return Contribution(
        weight=float(getattr(pairs[-1][1], part)),
        share=float(np.mean(shares)),
        lost=whole - np.array(without),
    )


def _share(column: int, opinions: Opinions, weights: Weights) -> float:
    """A part's mean share of the scores of the first ten of which there is an opinion."""
    totals = opinions.total(weights)
    first = np.argsort(-np.nan_to_num(totals, nan=-1.0), kind="stable")[:_FIRST]
    first = first[totals[first] > 0]
    if not len(first):
        return 0.0
    said = opinions.values[first, column] * weights.vector()[column] * opinions.left[first]
    return float(np.mean(said / totals[first]))
