"""How good rankings are, and how sure that is: a value for each reader, an interval for their mean.

A ranking comes as *hits*, ``(n_readers, k)`` bool: whether the paper at each of the first k ranks,
best first, is one that the reader wanted. How many papers each reader wanted in all, found or not,
comes as *n_wanted*, ``(n_readers,)``. A measure at a lower rank is that of ``hits[:, :k]``.

Every measure gives one value for each reader and not their mean, so that two rankings for the same
readers can be compared reader by reader. ``bootstrap_interval(ours - theirs, seed)`` shows how far
the mean difference scatters; whether it is more than chance, only ``sign_flip_p`` tells.

Every measure raises ValueError where a reader wanted nothing, since no ranking could please them:
the caller leaves such readers out, and says how many are left. So it does where there is no rank,
the shapes differ, or a reader has more hits than wanted papers, as a ranking has that says a paper
twice.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows

Hits = npt.NDArray[np.bool_]
"""``(n_readers, k)``, best rank first."""

Values = npt.NDArray[np.float64]
"""``(n_readers,)``."""

_N_RESAMPLES = 2000
_AT_ONCE = 100  # so that the resamples of thousands of readers take megabytes
_MOST_FLIPPED = 12  # differences, of which every flip is tried
_N_FLIPS = 2**_MOST_FLIPPED
_ROUNDING = 1e-9  # by which sums of the same numbers may differ


def hits_by_rank(scores: npt.NDArray[np.floating], wanted: npt.NDArray[np.bool_], k: int) -> Hits:
    """Whether each of the k best candidates is wanted, for measures to be taken of.

    Among equal scores the wanted ones come last, so that a model is not praised for what it left
    to chance. Candidates of which there is no opinion come after all others.

    Args:
        scores: ``(n_readers, n)``; higher is better, NaN is no opinion.
        wanted: ``(n_readers, n)``, of the same candidates.
        k: At least 1; ranks after the last candidate are no hits.
    """
    order = np.lexsort((wanted, -scores), axis=-1)[:, :k]
    hits = np.zeros((len(scores), k), np.bool_)
    hits[:, : order.shape[1]] = np.take_along_axis(wanted, order, axis=1)
    return hits


def recall(hits: Hits, n_wanted: Rows) -> Values:
    """The share of the wanted papers that are among the first k, in [0, 1]."""
    _check(hits, n_wanted)
    return np.asarray(hits.sum(axis=1) / n_wanted, np.float64)


def precision(hits: Hits, n_wanted: Rows) -> Values:
    """The share of the first k papers that are wanted, in [0, 1]."""
    _check(hits, n_wanted)
    return np.asarray(hits.mean(axis=1), np.float64)


def ndcg(hits: Hits, n_wanted: Rows) -> Values:
    """The normalised discounted cumulative gain, in [0, 1].

    A hit at rank r gains 1 / log2(r + 1), and the whole is divided by what the best ranking of k
    papers would gain, whose first ``min(n_wanted, k)`` are hits (Järvelin and Kekäläinen 2002,
    "Cumulated gain-based evaluation of IR techniques").
    """
    _check(hits, n_wanted)
    k = hits.shape[1]
    gain = 1 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(gain)[np.minimum(n_wanted, k) - 1]
    # Summed in one order, which no BLAS promises: a reader's value is the same among any others.
    found = np.cumsum(hits * gain, axis=1)[:, -1]
    return np.asarray(found / best, np.float64)


def average_precision(hits: Hits, n_wanted: Rows) -> Values:
    """The mean over the wanted papers of the precision at each one's rank, in [0, 1].

    A wanted paper after rank k counts 0, and the mean is over ``min(n_wanted, k)`` papers, which is
    all that k ranks could hold.
    """
    _check(hits, n_wanted)
    k = hits.shape[1]
    precisions = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return np.asarray((precisions * hits).sum(axis=1) / np.minimum(n_wanted, k), np.float64)


def bootstrap_interval(values: Values, seed: int, confidence: float = 0.95) -> tuple[float, float]:
    """Between what the mean may lie, as far as these readers can tell.

    The percentile bootstrap (Efron 1979, "Bootstrap methods: another look at the jackknife"): the
    middle part of the means of as many readers drawn anew from these. Of fewer than some thirty it
    is too narrow, so that one that leaves 0 out is no evidence: that is what ``sign_flip_p`` gives.

    Args:
        values: ``(n_readers,)``, finite.
        seed: The same seed gives the same interval.
        confidence: How often such intervals should hold the mean, in (0, 1).

    Returns:
        The low and the high end; both NaN with fewer than two values, which are too few to tell.

    Raises:
        ValueError: If a value is not finite or the confidence is out of range.
    """
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("an interval is of one finite value for each reader")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, which {confidence} does not")
    n = len(values)
    if n < 2:
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    draws = (rng.integers(n, size=(_AT_ONCE, n)) for _ in range(_N_RESAMPLES // _AT_ONCE))
    means = np.concatenate([values[drawn].mean(axis=1) for drawn in draws])
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def sign_flip_p(differences: Values, seed: int) -> float:
    """How often chance alone would give a mean at least as far from 0, on either side.

    The exact permutation test for pairs (Fisher 1935, "The design of experiments"): if neither of
    two rankings is better, each difference could as well have had the other sign. All flips of up
    to 12 differences are tried, and as many drawn at random of more; the flip that leaves them as
    they are is always among them, so that p is never 0.

    Args:
        differences: ``(n,)``, finite and independent, each of one value less one other that are
            alike by chance: a mean over many draws is not, for it scatters less than what it is
            compared with.
        seed: For the flips that are drawn.

    Returns:
        In (0, 1]; 1 without any difference.

    Raises:
        ValueError: If a difference is not finite.
    """
    if differences.ndim != 1 or not np.isfinite(differences).all():
        raise ValueError("a test is of one finite difference for each pair")
    n = len(differences)
    if n <= _MOST_FLIPPED:
        flipped = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    else:
        flipped = np.random.default_rng(seed).integers(2, size=(_N_FLIPS, n))
        flipped[0] = 0
    sums = np.abs(np.sum((1 - 2 * flipped) * differences, axis=1))
    return float(np.mean(sums >= sums[0] - _ROUNDING))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """The same p values, raised for their number and in the same order.

    At most one family in twenty then has one of 0.05 or less by chance, however they depend on each
    other (Holm 1979, "A simple sequentially rejective multiple test procedure").

    Args:
        p_values: By name, in (0, 1].
    """
    raised: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[name]))
        raised[name] = highest
    return {name: raised[name] for name in p_values}


def _check(hits: Hits, n_wanted: Rows) -> None:
    if hits.ndim != 2 or hits.shape[1] == 0 or n_wanted.shape != hits.shape[:1]:
        raise ValueError(
            "hits are readers by ranks, with a count of wanted papers for each reader: "
            f"{hits.shape} and {n_wanted.shape} are not"
        )
    if (n_wanted < 1).any():
        raise ValueError("a reader who wanted nothing cannot be measured: leave such readers out")
    if (hits.sum(axis=1) > n_wanted).any():
        raise ValueError("more hits than wanted papers: the ranking says a paper twice")
