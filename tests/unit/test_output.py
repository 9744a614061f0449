"""What is printed of a score is the score: checked against the reasons as they were."""

from dataclasses import replace
from typing import Any

import pytest

from recommender.cli import output
from recommender.suggestions import Reason, ReasonKind, Suggestion
from recommender.testing.publishers import suggestion_on

SHARES = (0.124456, 0.104321, 0.093654, 0.083543, 0.073432, 0.054321)


@pytest.fixture
def one() -> Suggestion:
    reasons = tuple(Reason(ReasonKind.PAPER, f"reason {n}", s) for n, s in enumerate(SHARES))
    return replace(suggestion_on(1), score=sum(SHARES), reasons=reasons)


def test_json_shares_are_the_reasons_own_and_add_up(one: Suggestion) -> None:
    found = output._suggestion(one)
    shares = [reason["share"] for reason in found["reasons"]]
    assert shares == pytest.approx(SHARES, abs=1e-4)
    assert found["score"] == pytest.approx(sum(SHARES), abs=5e-5)
    assert sum(round(10_000 * share) for share in shares) == round(10_000 * found["score"])


def test_the_printed_parts_add_up_to_the_printed_score(
    one: Suggestion, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sum(round(100 * share) for share in SHARES) != round(100 * one.score)
    output.table([one], all_reasons=True)
    lines = capsys.readouterr().out.splitlines()
    score = lines[0].split()[1]
    parts = [line.split()[0] for line in lines if "reason " in line]
    assert len(parts) == len(SHARES)
    assert sum(round(100 * float(part)) for part in parts) == round(100 * float(score))


def test_a_reason_that_is_missing_is_no_rounding_error(one: Suggestion) -> None:
    with pytest.raises(ValueError, match="add up"):
        output._suggestion(replace(one, reasons=one.reasons[1:]))


def test_code_and_project_page_are_told_to_people_and_programs(
    one: Suggestion, capsys: pytest.CaptureFixture[str]
) -> None:
    links: dict[str, Any] = {"code": "https://git.example/bees", "website": "https://bees.example"}
    linked = replace(one, paper=replace(one.paper, **links))
    found = output._suggestion(linked)
    assert {name: found[name] for name in links} == links
    output.table([linked])
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "Source code: https://git.example/bees" in lines
    assert "Project page: https://bees.example" in lines
    found = output._suggestion(one)
    assert (found["code"], found["website"]) == ("", "")
