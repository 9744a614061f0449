"""What an evaluation shows and what it does not, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommender.model.baselines import TF_IDF
from recommender.model.evaluation import MAIN, Estimate, Evaluation

LEAST_MONTHS = 6
"""With fewer, not even the same sign in each of them is more than chance at 5 %. That is against
one simple ranking; against two or three it takes seven, and against four eight."""
LEAST_WANTED = 20

_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences.

    Attributes:
        can: What can be said.
        cannot: What cannot be said, and why.
    """

    can: tuple[str, ...]
    cannot: tuple[str, ...]


def verdict(evaluation: Evaluation | None, why_none: str = "") -> Verdict:
    """What can be said of the hybrid against the simple rankings, and what cannot.

    Something can where there are enough months and wanted papers, and where a test of the paired
    differences finds more than chance: of evaluations that show nothing but chance, at most one in
    twenty says anything. An interval of so few months is too narrow for that.

    Args:
        evaluation: None where no month could be replayed.
        why_none: Why there was none.
    """
    if evaluation is None:
        return Verdict((), (_too_little(why_none),))
    n_months, n_wanted = len(evaluation.replays), evaluation.n_wanted
    if n_months < LEAST_MONTHS:
        replayed = "1 month" if n_months == 1 else f"{n_months} months"
        why = f"{replayed} could be replayed, and it takes {LEAST_MONTHS}"
        return Verdict((), (_too_little(why),))
    if n_wanted < LEAST_WANTED:
        papers = "1 paper was" if n_wanted == 1 else f"{n_wanted} papers were"
        return Verdict((), (_too_little(f"{papers} wanted, and it takes {LEAST_WANTED}"),))
    p_values = evaluation.p_values()
    gains = {name: evaluation.gain(name, MAIN) for name in p_values}
    told = [name for name, p in p_values.items() if p <= _LEVEL]
    better = [name for name in told if gains[name].mean > 0]
    worse = [name for name in told if gains[name].mean < 0]
    can = [f"What you saved was ranked better than by {_joined(better)}."] if better else []
    can += [f"What you saved was ranked worse than by {_joined(worse)}."] if worse else []
    rest = (name for name in p_values if name not in {*better, *worse})
    untold = (_untold(name, gains[name], p_values[name]) for name in rest)
    return Verdict(tuple(can), tuple(untold))


def _untold(name: str, gain: Estimate, p: float) -> str:
    why = f"the difference in {MAIN}, {gain.mean:+.3f}, may be chance (p = {p:.3f})"
    if name == TF_IDF:
        return f"There is too little history to tell whether {name} would do as well: {why}."
    return f"Whether {name} would do as well cannot be told: {why}."


def _too_little(why: str) -> str:
    return f"There is too little history to tell how good the suggestions are: {why}."


def _joined(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
