"""What a person or a program sees of an evaluation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from rich.console import Console
from rich.table import Table

from recommender.cli import output, telling
from recommender.model.evaluation import HYBRID, MAIN, MEASURES, Estimate, Evaluation
from recommender.model.metrics import Values
from recommender.model.parts import PARTS, Weights
from recommender.model.tuning import Tuned
from recommender.model.verdict import Verdict
from recommender.wording import count

_DIGITS = 4  # for programs
_WIDTH = 100  # of a table, which is one whatever it is printed to


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to tell.

    Attributes:
        evaluation: None where no month could be replayed.
        in_use: The weights that were found on this history earlier; None = the prior's are.
        tunes: Whether better ones were asked for.
        tuning: What a search finds now; None where there was none.
    """

    evaluation: Evaluation | None
    verdict: Verdict
    in_use: Weights | None
    tunes: bool
    tuning: Tuned | None

    @property
    def asked(self) -> Tuned | None:
        """What was found; None where nobody asked."""
        return self.tuning if self.tunes else None

    @property
    def gives_up(self) -> bool:
        """Whether earlier tuned weights turn out to be no better than the prior by now."""
        tuning = self.asked
        return bool(self.in_use and tuning and tuning.judged and not tuning.accepted)


def tell(told: Told, *, as_json: bool) -> None:
    """Print the figures, and in sentences what they show."""
    if as_json:
        output.json_text(for_programs(told))
        return
    console = Console(width=_WIDTH, highlight=False)
    if told.evaluation:
        print(telling.on_one_line(_replayed(told.evaluation)))
        print(
            "In brackets: 95 % bootstrap intervals over months; of few months they come out too"
            " narrow."
        )
        print()
        console.print(_rankings(told.evaluation))
        print()
        console.print(_parts(told.evaluation, told))
        print()
    for line in (*told.verdict.can, *told.verdict.cannot, *_mind(told), *_tuned(told)):
        print(telling.on_one_line(line))


def _replayed(evaluation: Evaluation) -> str:
    months = [one.fold for one in evaluation.replays]
    listed = sum(len(month.pool) for month in months)
    span = months[0].month if len(months) == 1 else f"{months[0].month} to {months[-1].month}"
    return (
        f"Replayed {count(len(months), 'month')}, {span}: "
        f"{count(evaluation.n_wanted, 'wanted paper')} among {listed:,} ranked."
    )


def _rankings(evaluation: Evaluation) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("ranked by")
    for measure in MEASURES:
        grid.add_column(_SHORT.get(measure, measure), justify="right", no_wrap=True)
    grid.add_column(f"hybrid better, {MAIN}", justify="right", no_wrap=True)
    for name in evaluation.results:
        figures = [_figure(evaluation, name, measure) for measure in MEASURES]
        gain = "" if name == HYBRID else _signed(evaluation.gain(name, MAIN))
        alone = f"{name} alone" if name in PARTS else name
        grid.add_row(alone, *figures, gain, style="bold" if name == HYBRID else "")
    return grid


_SHORT = {
    "precision@5": "P@5",
    "precision@10": "P@10",
    "recall@10": "R@10",
    "recall@20": "R@20",
    "coverage@10": "interests",
}


def _figure(evaluation: Evaluation, name: str, measure: str) -> str:
    estimate = evaluation.estimate(name, measure)
    if isnan(estimate.mean):
        return "-"
    if measure != MAIN or isnan(estimate.low):
        return f"{estimate.mean:.2f}"
    return f"{estimate.mean:.2f} ({estimate.low:.2f}, {estimate.high:.2f})"


def _signed(estimate: Estimate) -> str:
    if isnan(estimate.low):
        return f"{estimate.mean:+.2f}"
    return f"{estimate.mean:+.2f} ({estimate.low:+.2f}, {estimate.high:+.2f})"


def _parts(evaluation: Evaluation, told: Told) -> Table:
    found = told.asked.weights.told() if told.asked and told.asked.accepted else {}
    in_use = _in_use(evaluation, told)
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    heads = ("weight", *(["tuned"] if found else []), "of the score", f"{MAIN} lost without it")
    grid.add_column("part")
    for head in heads:
        grid.add_column(head, justify="right", no_wrap=True)
    for part, one in evaluation.contributions.items():
        weights = [f"{in_use[part]:.3f}", *([f"{found[part]:.3f}"] if found else [])]
        lost = Estimate.of(one.lost, evaluation.seed)
        grid.add_row(part, *weights, f"{one.share:.0%}", _signed(lost))
    return grid


def _in_use(evaluation: Evaluation, told: Told) -> Mapping[str, float]:
    """The parts' weights that count now, whatever each month was ranked by."""
    if told.in_use:
        return told.in_use.told()
    return {part: one.weight for part, one in evaluation.contributions.items()}


def _mind(told: Told) -> Iterator[str]:
    """What is to be minded when the figures are read."""
    if told.evaluation is None:
        return
    months = [one.fold for one in told.evaluation.replays]
    if n := sum(not month.by_listing for month in months):
        which = "all months" if n == len(months) else count(n, "month")
        yield (
            f"For {which} it is not known what was listed, so what you saved was looked for among "
            "listed papers that you never saved; on other subjects, they are easily told apart."
        )
    if n := sum(month.n_suggested for month in months):
        yield f"Of the wanted papers {n} had been suggested by Shelfwise, which speaks for it."
    for name in told.evaluation.blind:
        yield f"Nothing tells of {name} here, so it is one more order by chance."
    if told.in_use and told.tuning:
        by = "others, which were chosen without it" if told.tuning.judged else "the usual ones"
        yield f"The weights in use were tuned on your history, so each month was ranked by {by}."


def _tuned(told: Told) -> Iterator[str]:
    tuning = told.asked
    if tuning is None:
        return
    if not tuning.accepted:
        what = "The tuned weights are given up" if told.gives_up else "The weights stay as they are"
        yield f"{what}: {tuning.why_not}."
        return
    yield (
        "Better weights were found, and count from the next run on: in months that had no say in "
        f"them they raise the average precision by {_signed(tuning.gain)}. shelfwise evaluate "
        "--forget-tuned takes them back."
    )


def for_programs(told: Told) -> dict[str, Any]:
    """The figures and sentences as JSON can say them."""
    evaluation, tuning = told.evaluation, told.asked
    return {
        "months": _months(evaluation) if evaluation else [],
        "rankings": _by_ranking(evaluation) if evaluation else {},
        "parts": _by_part(evaluation, told) if evaluation else {},
        "tuned_before": told.in_use is not None,
        "tuning": tuning
        and {
            "accepted": tuning.accepted,
            "weights": tuning.weights.told(),
            "gain": _estimate(tuning.gain),
            "why_not": tuning.why_not,
            "gives_up": told.gives_up,
        },
        "can_be_said": list(told.verdict.can),
        "cannot_be_said": list(told.verdict.cannot),
        "mind": list(_mind(told)),
    }


def _months(evaluation: Evaluation) -> list[dict[str, Any]]:
    months = (one.fold for one in evaluation.replays)
    return [
        {
            "month": month.month,
            "pool": "listed" if month.by_listing else "never saved",
            "before": len(month.before.items),
            "ranked": len(month.pool),
            "wanted": int(month.wanted.sum()),
            "suggested": month.n_suggested,
        }
        for month in months
    ]


def _by_ranking(evaluation: Evaluation) -> dict[str, Any]:
    return {
        name: {
            measure: {
                **_estimate(evaluation.estimate(name, measure)),
                "by_month": _numbers(by_measure[measure]),
                "hybrid_better_by": _estimate(evaluation.gain(name, measure)),
            }
            for measure in MEASURES
        }
        for name, by_measure in evaluation.results.items()
    }


def _by_part(evaluation: Evaluation, told: Told) -> Mapping[str, Any]:
    in_use = _in_use(evaluation, told)
    return {
        part: {
            "weight": in_use[part],
            "share": _number(one.share),
            "lost": {
                **_estimate(Estimate.of(one.lost, evaluation.seed)),
                "by_month": _numbers(one.lost),
            },
        }
        for part, one in evaluation.contributions.items()
    }


def _estimate(estimate: Estimate) -> dict[str, float | None]:
    low, high = _number(estimate.low), _number(estimate.high)
    return {"mean": _number(estimate.mean), "low": low, "high": high}


def _numbers(values: Values) -> list[float | None]:
    return [_number(float(value)) for value in values]


def _number(value: float) -> float | None:
    # JSON knows no NaN.
    return None if isnan(value) else round(value, _DIGITS)
