"""Better weights for one reader, found by replaying their own history.

The weights are drawn at random around the prior (random search: Bergstra and Bengio 2012, "Random
search for hyper-parameter optimization"). Whether they are any better is judged on months that had
no say in them: each month is left out in turn, the weights that are best in the others are tried
on it, and only if that is better than the prior by more than chance do they take its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommender.model import metrics
from recommender.model.evaluation import Estimate, Replayed
from recommender.model.parts import PARTS, Weights

LEAST_MONTHS = 6
"""With fewer, not even a gain in each of them is more than chance at 5 % (a sign test)."""
LEAST_WANTED = 20

_N_DRAWN = 256
_WIDTH = 4.0  # doublings, up or down, of a part's weight
_SILENCED = 0.2  # how often a part is tried without any
_STEPS = (0.0, 0.25, 0.5, 2.0, 4.0, 16.0)  # of one part alone, which chance might not draw
_AT_ONCE = 32
# Of so few months the bootstrap's interval is too narrow: with 95 % one search in twelve through
# pure noise would find something.
_CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Tuned:
    """What the search found.

    Attributes:
        weights: What is best in all months together.
        gain: By how much weights that were chosen so are better than the prior in months that had
            no say in them: the mean average precision, with its 99 % interval.
        accepted: Whether that is more than chance.
        apart: For each month the weights that are best in all others, so that they can be measured
            in it; its prior where there are too few to choose by.
        why_not: In words; empty where accepted.
    """

    weights: Weights
    gain: Estimate
    accepted: bool
    apart: tuple[Weights, ...]
    why_not: str = ""

    @property
    def judged(self) -> bool:
        """Whether there was enough to judge by."""
        return not np.isnan(self.gain.low)


def tuned(replays: Sequence[Replayed], seed: int) -> Tuned:
    """Weights by which what was wanted in these months would have been ranked best.

    A part that says nothing in any month keeps the prior's weight, since nothing tells of it.

    Args:
        replays: The months.
        seed: For the search and the interval.
    """
    prior = replays[-1].prior if replays else Weights.prior(1, tastes=False)
    n_wanted = sum(int(one.fold.wanted.sum()) for one in replays)
    if len(replays) < LEAST_MONTHS or n_wanted < LEAST_WANTED:
        why = f"it takes {LEAST_MONTHS} months and {LEAST_WANTED} wanted papers to find better ones"
        nothing, priors = Estimate.of(np.zeros(0), seed), tuple(one.prior for one in replays)
        return Tuned(prior, nothing, accepted=False, apart=priors, why_not=why)
    tried = list(_around(_spoken(prior), replays, seed))
    drawn = np.stack([weights.vector() for weights in tried])
    # (n_months, 1 + n_drawn); each month's own prior comes first.
    found = np.stack([_precisions(one, drawn) for one in replays])
    chosen = [int(np.argmax(np.delete(found, left, axis=0).mean(axis=0))) for left in _all(found)]
    gain = Estimate.of(found[_all(found), chosen] - found[:, 0], seed, _CONFIDENCE)
    apart = tuple(
        tried[which - 1] if which else one.prior for which, one in zip(chosen, replays, strict=True)
    )
    best = int(np.argmax(found.mean(axis=0)))
    if best == 0 or not gain.low > 0:
        why = "no other ones are better in months that had no say in them, by more than chance"
        return Tuned(prior, gain, accepted=False, apart=apart, why_not=why)
    weights = _as_heavy(tried[best - 1], _spoken(prior))
    return Tuned(weights, gain, accepted=True, apart=apart)


def _spoken(prior: Weights) -> Weights:
    """The prior with a weight for tastes, which count for nothing wherever nothing speaks for them.

    Else weights that were found before there was evidence for them would silence them for good.
    """
    return replace(prior, tastes=prior.tastes or Weights.prior(1, tastes=True).tastes)


def _around(prior: Weights, replays: Sequence[Replayed], seed: int) -> Iterator[Weights]:
    """The prior's neighbours: steps of one part, and draws of all; never without any part."""
    parts = [
        part
        for column, part in enumerate(PARTS)
        if any(one.opinions.values[:, column].any() for one in replays)
    ]
    told = prior.told()
    rng = np.random.default_rng(seed)
    steps = [{part: step} for part in parts for step in _STEPS]
    drawn = (
        2.0 ** rng.uniform(-_WIDTH, _WIDTH, len(parts)) * (rng.random(len(parts)) >= _SILENCED)
        for _ in range(_N_DRAWN)
    )
    factors = [*steps, *(dict(zip(parts, map(float, one), strict=True)) for one in drawn)]
    for by in factors:
        weights = {part: weight * by.get(part, 1.0) for part, weight in told.items()}
        if any(weights[part] for part in parts):
            yield Weights.read(weights)


def _precisions(one: Replayed, drawn: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The average precision in a month by its prior and by each of ``(n_drawn, n_parts)``."""
    vectors = np.vstack([one.prior.vector(), drawn])
    wanted = one.fold.wanted
    found = []
    for start in range(0, len(vectors), _AT_ONCE):
        totals = vectors[start : start + _AT_ONCE] @ one.opinions.values.T * one.opinions.left
        scores = np.where(one.opinions.known, totals, np.nan)
        hits = metrics.hits_by_rank(scores, np.broadcast_to(wanted, scores.shape), len(wanted))
        found.append(metrics.average_precision(hits, np.full(len(scores), wanted.sum())))
    return np.concatenate(found)


def _all(found: npt.NDArray[np.float64]) -> range:
    return range(len(found))


def _as_heavy(weights: Weights, prior: Weights) -> Weights:
    """The same ranking by weights of the prior's sum, to be compared with it."""
    factor = float(prior.vector().sum() / weights.vector().sum())
    return Weights.read({part: weight * factor for part, weight in weights.told().items()})
