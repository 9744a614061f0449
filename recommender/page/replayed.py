"""The last replay of the reader's history, as plots and tables."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from recommender.model.baselines import TF_IDF
from recommender.model.evaluation import HYBRID, MAIN, MEASURES
from recommender.page import plots, reports
from recommender.page.looking import day
from recommender.page.site import Asked, Site


def evaluation(site: Site, asked: Asked) -> Response:
    """What the last replay found."""
    settings = site.profile(asked)
    with site.opened() as store:
        kept = reports.last(store, settings.name)
    if kept is None:
        return site.page(asked, "evaluation", settings, day="")
    report, at = kept
    says = [*report["can_be_said"], *report["cannot_be_said"], *report["mind"]]
    return site.page(asked, "evaluation", settings, day=day(at), says=says, **_told(report))


def _told(report: Mapping[str, Any]) -> dict[str, object]:
    rankings: Mapping[str, Mapping[str, Any]] = report["rankings"]
    if not rankings:
        return {"rankings": ()}
    means = {name: of[MAIN] for name, of in rankings.items()}
    by_month = {name: rankings[name][MAIN]["by_month"] for name in (HYBRID, TF_IDF)}
    months = report["months"]
    return {
        "main": MAIN,
        "measures": MEASURES,
        "rankings": [
            (name, [plots.figure(of[measure]["mean"]) for measure in MEASURES])
            for name, of in rankings.items()
        ],
        "by_ranking": plots.bars(means, HYBRID, MAIN),
        "by_month": plots.lines([one["month"] for one in months], by_month, HYBRID, MAIN),
        "months": [
            (
                month["month"],
                month["wanted"],
                f"{month['ranked']:,}",
                *(plots.figure(values[at]) for values in by_month.values()),
            )
            for at, month in enumerate(months)
        ],
        "parts": [
            (name, [f"{of['weight']:.3f}", _share(of["share"]), _signed(of["lost"]["mean"])])
            for name, of in report["parts"].items()
        ],
    }


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"
