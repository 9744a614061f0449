"""Hugging Face's daily papers are dated by the page, and their papers by their own dates."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.files.formats import HEAD
from integrations.pages.formats import recognised
from integrations.pages.hf_daily_papers import SERVICE, listing, matches
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme
from recommender.listings import Listing
from recommender.papers import Author, Kind


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    paper = {
        "id": f"2607.0000{number}",
        "authors": [
            {"name": "Ann Roe", "hidden": False},
            {"name": "Ann Roe", "hidden": True},
            {"name": "Bo Li"},
        ],
        "publishedAt": "2026-07-28T00:00:00.000Z",
        "submittedOnDailyAt": "2026-07-31T00:00:00.000Z",
        "title": "How $\\beta$-birds\n flock",
        "summary": "Birds fly in flocks.",
        "upvotes": 3,
    } | changes
    return {"paper": paper, "publishedAt": "2026-07-27T20:00:00.000Z", "title": "outer"}


def read(value: object) -> Listing:
    data = json.dumps(value).encode()
    assert matches(data)
    return listing(data, source="hf", name="page.json")


def test_a_row_is_a_paper_with_votes() -> None:
    (listed,) = read([row()]).papers
    assert (listed.position, listed.votes) == (1, 3)
    assert listed.paper.title == "How β-birds flock"
    assert listed.paper.abstract == "Birds fly in flocks."
    assert listed.paper.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))
    assert listed.paper.ids == (PaperId(Scheme.ARXIV, "2607.00001"),)
    assert listed.paper.kind is Kind.PREPRINT


def test_the_papers_date_is_the_inner_one() -> None:
    assert read([row()]).papers[0].paper.published == "2026-07-28"


def test_the_pages_date_is_the_day_it_was_submitted_to() -> None:
    later = row(2, submittedOnDailyAt="2026-08-01T00:00:00.000Z")
    assert read([later, row()]).published_at == datetime(2026, 8, 1, tzinfo=UTC)


def test_a_paper_longer_than_the_head_is_recognised() -> None:
    authors = [{"_id": f"{n:024}", "name": f"Ann Roe {n}", "hidden": False} for n in range(3000)]
    data = json.dumps([row(authors=authors)]).encode()
    assert matches(data[:HEAD])
    form = recognised(data)
    assert form is not None
    assert form.name == SERVICE


@pytest.mark.parametrize("upvotes", [True, False, -1, 3.5, "3", None])
def test_votes_are_whole_numbers_from_zero(upvotes: object) -> None:
    assert read([row(upvotes=upvotes)]).papers[0].votes is None


def test_a_row_without_votes_or_dates_is_read() -> None:
    page = read([row(upvotes=None, publishedAt=None, submittedOnDailyAt="soon", id="x", authors=0)])
    (listed,) = page.papers
    assert (listed.votes, listed.paper.published, listed.paper.ids) == (None, "", ())
    assert listed.paper.authors == ()
    assert page.published_at is None


def test_authors_who_are_all_hidden_are_named_all_the_same() -> None:
    (listed,) = read([row(authors=[{"name": "Ann Roe", "hidden": True}])]).papers
    assert listed.paper.authors == (Author("Roe", "Ann"),)


@pytest.mark.parametrize(
    "value",
    [row(), {"dailyPapers": [row()], "date": "2026-07-31"}, row()["paper"], [row()["paper"]]],
)
def test_a_paper_may_stand_alone_or_in_the_sites_own_page(value: object) -> None:
    assert [p.paper.title for p in read(value).papers] == ["How β-birds flock"]


def test_a_row_a_line_is_read() -> None:
    data = "\n".join(json.dumps(row(n)) for n in (1, 2)).encode()
    assert matches(data)
    assert len(listing(data, source="hf", name="n").papers) == 2


def test_a_bad_row_spoils_only_itself() -> None:
    page = read([row(1), 7, {"paper": 3}, row(2, title=" "), row(3)])
    assert [p.position for p in page.papers] == [1, 2]
    assert [(s.place, s.reason) for s in page.skipped] == [
        ("record 2", "is no paper of that site"),
        ("record 3", "is no paper of that site"),
        ("record 4", "has no title"),
    ]


def test_a_cut_off_page_gives_what_came() -> None:
    data = json.dumps([row(1), row(2)]).encode()[:-200]
    page = listing(data, source="hf", name="n")
    assert len(page.papers) == 1
    assert page.skipped[0].place == "record 2 (line 1)"
    assert "breaks off" in page.skipped[0].reason


def test_a_page_of_nothing_readable_is_refused() -> None:
    with pytest.raises(BadResponse, match="none of its papers can be read"):
        listing(json.dumps([{"paper": {"upvotes": 1}}]).encode(), source="hf", name="n")


def test_other_json_is_no_page() -> None:
    values: list[object] = [
        [],
        {},
        [1],
        [{"paper": "x"}],
        [{"title": "x", "abstract": '"paper": {'}],
    ]
    for value in values:
        assert not matches(json.dumps(value).encode())
    assert not matches(b'"paper": {"upvotes": 1}')


def test_a_paper_has_the_addresses_of_its_code_and_its_page_on_the_web_alone() -> None:
    code, page = "https://github.com/roe/birds", "http://birds.example/a b"
    [listed] = read([row(githubRepo=code, projectPage=page)]).papers
    assert (listed.paper.code, listed.paper.website) == (code, "http://birds.example/a%20b")
    for odd in ("javascript:alert(1)", "file:///etc/passwd", "birds", 7, None, ["https://a.b"]):
        [listed] = read([row(githubRepo=odd, projectPage=odd)]).papers
        assert (listed.paper.code, listed.paper.website) == ("", "")


def test_who_put_a_paper_there_is_known_for_each() -> None:
    rows = [row(1), row(2, title=" "), row(3), row(4)]
    for one, name in zip(rows, ("Ann", "Bo", "Cay", None), strict=True):
        one["submittedBy"] = {"fullname": name}
    page = read(rows)
    assert [listed.curator for listed in page.papers] == ["Ann", "Cay", ""]
    assert page.curator == ""


def test_what_a_program_made_of_a_paper_is_no_abstract() -> None:
    [listed] = read([row(summary=None, ai_summary="Flocks are taught.")]).papers
    assert listed.paper.abstract == ""
