"""The last replay as plots: the bars and lines are the figures, and a table says them too."""

import json
from datetime import UTC, datetime

import pytest

from recommender.model.baselines import TF_IDF
from recommender.model.evaluation import HYBRID, MAIN, MEASURES
from recommender.page import plots, reports
from tests.page.worlds import AT, House


def estimate(mean: float | None, low: float | None = None, high: float | None = None) -> dict:  # type: ignore[type-arg]
    return {"mean": mean, "low": low, "high": high}


def ranking(*months: float | None) -> dict[str, object]:
    one = {**estimate(0.5, 0.25, 0.75), "by_month": list(months)}
    return dict.fromkeys(MEASURES, one)


REPORT = {
    "months": [
        {"month": f"2024-0{n}", "wanted": n, "ranked": 1000 * n, "pool": "listed"}
        for n in (1, 2, 3)
    ],
    "rankings": {HYBRID: ranking(0.5, None, 1.0), TF_IDF: ranking(0.25, 0.0, 0.125)},
    "parts": {"words": {"weight": 0.5, "share": None, "lost": estimate(-0.125)}},
    "can_be_said": ["It is better."],
    "cannot_be_said": [],
    "mind": ["Mind this."],
}


def test_before_the_first_replay_the_page_says_how_to_do_one(house: House) -> None:
    house.furnish()
    assert "Nothing was replayed yet: shelfwise evaluate does it" in house.page("/evaluation").text


def test_what_a_replay_found_is_drawn_and_told(house: House) -> None:
    house.furnish()
    with house.store() as store:
        reports.keep(store, "default", REPORT, AT)
    page = house.page("/evaluation")
    for words in (
        "replayed on Wednesday, 6 March 2024",
        "It is better. Mind this.",
        f"{MAIN} by ranking: {HYBRID} 0.50, {TF_IDF} 0.50",
        "1,000",
        "–0.12",
    ):
        assert words.replace("–", "-") in page.text
    drawn = page.all("svg")
    assert [(one["role"], one["aria-labelledby"]) for one in drawn] == [
        ("img", "bars-title"),
        ("img", "lines-title"),
    ]
    assert len(page.all("table")) == 3
    assert {one["scope"] for one in page.all("th")} == {"col", "row"}


def test_the_last_month_ends_within_the_plot(house: House) -> None:
    house.furnish()
    with house.store() as store:
        reports.keep(store, "default", REPORT, AT)
    page = house.page("/evaluation")
    assert "too narrow to decide" not in page.text
    [wide] = {str(one["viewbox"]).split()[2] for one in page.all("svg")}
    months = page.all("text")[-5:-2]
    assert [one["text-anchor"] for one in months] == ["middle", "middle", "end"]
    assert float(str(months[-1]["x"])) <= float(wide)


def test_a_replay_of_nothing_says_why(house: House) -> None:
    house.furnish()
    with house.store() as store:
        reports.keep(store, "default", {**REPORT, "rankings": {}, "months": []}, AT)
    page = house.page("/evaluation")
    assert "It is better." in page.text
    assert page.all("svg") == []


def test_a_report_of_another_form_is_none(house: House) -> None:
    with house.store() as store:
        reports.keep(store, "default", REPORT, AT)
        kept = json.loads(store.memory("evaluation")["default"])
        assert reports.last(store, "default") == (REPORT, datetime(2024, 3, 6, 6, 30, tzinfo=UTC))
        assert reports.last(store, "another") is None
        store.memory("evaluation")["default"] = json.dumps({**kept, "form": 99})
        assert reports.last(store, "default") is None


def test_a_bar_is_as_long_as_its_mean() -> None:
    drawn = plots.bars(
        {"ours": estimate(0.5, 0.25, 1.5), "none": estimate(None)}, "ours", "a measure"
    )
    first, second = drawn.bars
    whole = drawn.ticks[-1][0] - drawn.ticks[0][0]
    assert first.length == pytest.approx(whole / 2)
    assert first.range == pytest.approx((drawn.left + whole / 4, drawn.left + whole))
    assert (second.length, second.range) == (0, None)
    assert first.ours
    assert not second.ours


def test_a_line_leaves_out_the_months_of_which_nothing_is_known() -> None:
    months = [f"2024-{n:02}" for n in range(1, 13)]
    drawn = plots.lines(months, {"ours": [0.0, None, 1.0] + [0.5] * 9}, "ours", "a measure")
    [line] = drawn.lines
    assert len(line.dots) == 11
    # From the second month that is known on, and not over the one between.
    assert line.path.startswith(f"M{line.dots[0][0]} {line.dots[0][1]}M{line.dots[1][0]} ")
    assert (line.path.count("M"), line.path.count("L")) == (2, 9)
    assert line.dots[0][1] > line.dots[2][1] > line.dots[1][1]
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in line.dots)
    assert [name for _, name in drawn.months] == months[::2]
    alone = plots.lines(["2024-01"], {"ours": [None]}, "ours", "a measure")
    assert alone.lines[0].dots == []
