"""Hugging Face's daily lists are read day by day; the others are one page each."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pages.hf_daily_papers import record
from integrations.sources.huggingface import LATE_BY, PACE, HuggingFaceSource
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse, ConfigError
from recommender.listings import Listing
from recommender.papers import Author, Kind, Skipped
from recommender.ports import Access, Source
from tests.sources.hostile import is_sound, json_values, replaced, ways
from tests.sources.served import ServedSourceContract

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)
ACCESS = Access(now=NOW, contact="reader@example.org")
PER_ANSWER = 2


def row(number: int, day: str, **changes: Any) -> dict[str, Any]:
    paper = {
        "id": f"2603.{number:05}",
        "authors": [{"name": "Ann Roe", "hidden": False}, {"name": "Bo Li", "hidden": False}],
        "publishedAt": "2026-02-27T00:00:00.000Z",
        "submittedOnDailyAt": f"{day}T00:00:00.000Z",
        "title": f"How birds flock, part {number}",
        "summary": "Birds fly in flocks.",
        "upvotes": number,
        "ai_keywords": ["birds", "flocks"],
        "githubRepo": "https://github.com/example/birds",
        "organization": {"name": "birds", "fullname": "Institute of Birds"},
    }
    person = {"name": f"user{number}", "fullname": f"Cay Oh {number}"}
    return {"paper": paper | changes, "submittedBy": person}


DAYS: dict[str, list[dict[str, Any]]] = {
    "2026-03-02": [row(n, "2026-03-02") for n in (1, 2, 3)],
    "2026-03-04": [row(4, "2026-03-04"), row(5, "2026-03-04", title=" ")],
    "2026-03-05": [row(6, "2026-03-05")],
}


def facade(request: Request) -> Response:
    """The site on the afternoon of the last of its days, with short answers."""
    asked = request.query
    if request.path == "/api/papers/search":
        assert "p" not in asked
        return as_json([rows[0] for rows in DAYS.values()] if asked["q"] == "birds flock" else [])
    assert request.path == "/api/daily_papers"
    everything = [row for rows in reversed(DAYS.values()) for row in rows]
    if day := asked.get("date"):
        if day > "2026-03-05":
            return as_json({"error": "Invalid date"}, 400)
        # A day without papers shows those of the day before it.
        shown = max((one for one in DAYS if one <= day), default="")
        everything = DAYS.get(shown, [])
    elif "sort" not in asked:
        assert asked.get("week", "2026-W10") == "2026-W10"
        assert asked.get("month", "2026-03") == "2026-03"
    start = int(asked.get("p", "0")) * PER_ANSWER
    rows = everything[start : start + min(PER_ANSWER, int(asked["limit"]))]
    # Long enough to be cut off.
    return as_json(rows) if rows else Response(200, {}, b"[" + b" " * 30 + b"]")


class TestDaily(ServedSourceContract):
    pace = PACE
    access = ACCESS
    in_stretches = True
    late_by = LATE_BY

    def facade(self, request: Request) -> Response:
        return facade(request)

    def opened(self, web: Web) -> Source:
        return HuggingFaceSource("daily", self.access, web=web)


class TestAWeek(ServedSourceContract):
    pace = PACE
    access = ACCESS
    has_two_dates = False

    def facade(self, request: Request) -> Response:
        return facade(request)

    def opened(self, web: Web) -> Source:
        return HuggingFaceSource("week", self.access, web=web)


def read(
    place: str, *, since: datetime | None = None, access: Access = ACCESS, answers: Any = facade
) -> tuple[list[Listing], list[Request]]:
    with Server(answers) as server:
        source = HuggingFaceSource(place, access, web=served(PACE, server, contact=access.contact))
        return list(source.listings(since)), server.requests


def test_each_day_with_papers_is_a_page() -> None:
    found, requests = read("")
    assert [(p.name, p.published_at, len(p.papers)) for p in found] == [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC), 3),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC), 1),
        ("2026-03-05", datetime(2026, 3, 5, tzinfo=UTC), 1),
    ]
    assert found[0].source == "huggingface daily"
    assert [s.reason for s in found[1].skipped] == ["has no title"]
    assert sum(p.n_bytes for p in found) > 1000
    days = [r.query["date"] for r in requests if "p" not in r.query]
    assert days == [f"{NOW - timedelta(days=n):%Y-%m-%d}" for n in range(7, -1, -1)]


def test_a_listed_paper_has_its_votes_keywords_institution_code_and_who_sent_it_in() -> None:
    listed = read("daily")[0][0].papers[1]
    paper = listed.paper
    assert (listed.position, listed.votes, listed.curator) == (2, 2, "Cay Oh 2")
    assert (paper.code, paper.website) == ("https://github.com/example/birds", "")
    assert [str(i) for i in paper.ids] == ["arxiv:2603.00002"]
    assert paper.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))
    assert (paper.published, paper.kind) == ("2026-02-27", Kind.PREPRINT)
    assert paper.categories == ("birds", "flocks")
    assert paper.institutions == ("Institute of Birds",)


def test_a_page_has_a_curator_where_one_person_chose_all_of_it() -> None:
    assert [p.curator for p in read("daily")[0]] == ["", "", "Cay Oh 6"]


def test_missed_days_are_asked_for_from_the_last_page_on() -> None:
    long_ago = datetime(2026, 2, 20, tzinfo=UTC)
    found, requests = read("daily", since=long_ago)
    assert [r.query["date"] for r in requests if "p" not in r.query] == [
        f"{long_ago + timedelta(days=n):%Y-%m-%d}" for n in range(-1, 14)
    ]
    assert len(found) == 3


def test_nothing_is_asked_for_before_there_were_lists() -> None:
    early = Access(now=datetime(2023, 5, 5, tzinfo=UTC))
    _, requests = read("daily", since=datetime(1970, 1, 2, tzinfo=UTC), access=early)
    assert [r.query["date"] for r in requests] == ["2023-05-04", "2023-05-05"]


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("week", {"week": "2026-W10"}),
        ("month", {"month": "2026-03"}),
        ("2026-W10", {"week": "2026-W10"}),
        ("2026-03", {"month": "2026-03"}),
        ("trending", {"sort": "trending"}),
        ("search: birds\n flock ", {"q": "birds flock"}),
    ],
)
def test_any_other_list_is_one_page_without_a_date(place: str, asked: dict[str, str]) -> None:
    (page,), requests = read(place, since=NOW)
    assert page.published_at is None
    assert page.name == " ".join(place.split())
    assert page.papers
    # Weeks and months have an end.
    assert len(requests) == (4 if "sort" not in asked and "q" not in asked else 1)
    assert all(asked.items() <= r.query.items() for r in requests)
    assert [r.query.get("p") for r in requests] == [None, "1", "2", "3"][: len(requests)]


def test_a_search_without_a_hit_is_an_empty_page() -> None:
    (page,), _ = read("search:fish")
    assert (page.papers, page.skipped) == ((), ())


def test_in_a_53rd_week_the_52nd_is_asked_for() -> None:
    asked: list[str] = []

    def answers(request: Request) -> Response:
        asked.append(request.query["week"])
        return as_json([])

    read("week", access=Access(now=datetime(2026, 12, 31, tzinfo=UTC)), answers=answers)
    assert asked == ["2026-W52"]


def test_a_day_of_nothing_readable_holds_up_no_later_day() -> None:
    def answers(request: Request) -> Response:
        day = request.query["date"]
        rows = [row(1, day, title="" if day == "2026-03-04" else "Flocks")]
        return as_json(rows if "p" not in request.query else [])

    before, after = read("daily", since=NOW, answers=answers)[0]
    assert (before.papers, len(before.skipped), len(after.papers)) == ((), 1, 1)


def test_a_list_that_repeats_itself_is_refused() -> None:
    with pytest.raises(BadResponse, match="round in circles"):
        read("month", answers=lambda _: as_json(DAYS["2026-03-02"]))


def test_a_list_without_an_end_is_refused() -> None:
    def answers(request: Request) -> Response:
        return as_json([row(int(request.query.get("p", "0")), "2026-03-02")])

    with pytest.raises(BadResponse, match="without an end"):
        read("month", answers=answers)


@pytest.mark.parametrize("place", ["yesterday", "search:", "search: ", "Week", "week:2026-W10"])
def test_a_place_that_cannot_be_is_told_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="give daily, week, month, trending, or search:"):
        HuggingFaceSource(place, ACCESS)


def test_a_request_says_whom_to_write_to_and_hides_the_key() -> None:
    _, requests = read("week", access=Access(now=NOW, key="hf_secret", contact="a@example.org"))
    for request in requests:
        assert request.headers["host"] == "huggingface.co"
        assert "a@example.org" in request.headers["user-agent"]
        assert request.headers["authorization"] == "Bearer hf_secret"
        assert "hf_secret" not in request.target
    assert all("authorization" not in r.headers for r in read("week")[1])


@pytest.mark.parametrize(
    ("day", "n_papers", "curator"), [("2026-06-12", 30, ""), ("2026-07-31", 5, "")]
)
def test_a_recorded_day_is_read(shared: Path, day: str, n_papers: int, curator: str) -> None:
    body = (shared / f"payloads/hf_daily_papers/daily_papers_{day}_full.json").read_bytes()

    def answers(request: Request) -> Response:
        is_first = "p" not in request.query
        return Response(200, {"Content-Type": "application/json"}, body if is_first else b"[]")

    now = datetime.fromisoformat(f"{day}T20:00:00+00:00")
    (page,), requests = read("daily", access=Access(now=now), since=now, answers=answers)
    assert (page.name, len(page.papers), page.skipped) == (day, n_papers, ())
    assert page.curator == curator
    # The day before has no papers of its own.
    assert len(requests) == 3
    rows = json.loads(body)
    for listed, row in zip(page.papers, rows, strict=True):
        assert listed.votes == row["paper"]["upvotes"]
        assert listed.curator == row["submittedBy"]["fullname"]
        assert listed.paper.code == row["paper"].get("githubRepo", "")
        assert listed.paper.website == row["paper"].get("projectPage", "")
        assert [str(i) for i in listed.paper.ids] == [f"arxiv:{row['paper']['id']}"]
        assert len(listed.paper.categories) == len(set(row["paper"].get("ai_keywords", ())))
        assert bool(listed.paper.institutions) == ("organization" in row["paper"])
        assert listed.paper.published == row["paper"]["publishedAt"][:10]
        assert listed.paper.abstract


def test_a_recorded_paper_is_whole(shared: Path) -> None:
    path = shared / "payloads/hf_daily_papers/daily_papers_2026-06-12_full.json"
    found = record("record 1", json.loads(path.read_bytes())[0])
    assert not isinstance(found, Skipped)
    paper, votes = found
    assert votes == 0
    assert paper.title.startswith("On the Limits of LLM Adaptability")
    assert [str(a) for a in paper.authors[:3]] == [
        "Etienne Casanova",
        "Rafal Kocielnik",
        "R. Michael Alvarez",
    ]
    assert paper.categories[:2] == ("zero-shot annotation", "LLM-as-a-judge")
    assert paper.institutions == ("California institute of technology",)
    assert paper.published == "2026-05-30"


@given(way=st.sampled_from([*ways(row(1, "2026-03-02"))]), value=json_values())
def test_a_row_of_anything_is_a_paper_or_is_skipped(
    way: tuple[str | int, ...], value: object
) -> None:
    found = record("record 1", replaced(row(1, "2026-03-02"), way, value))
    assert is_sound(found, marked_up=False)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        "x",
        7,
        None,
        {"fullname": ["a"]},
        "0000-01-01",
        "9999-12-31T23:59:59+00:00",
        "\ud800",
    ],
)
@pytest.mark.parametrize("name", ["submittedOnDailyAt", "id", "upvotes", "authors"])
def test_a_field_of_another_type_spoils_no_page(name: str, value: object) -> None:
    rows = [row(1, "2026-03-05", **{name: value}), row(2, "2026-03-05")]
    body = json.dumps(rows).encode()

    def answers(request: Request) -> Response:
        return Response(200, {}, body if "p" not in request.query else b"[]")

    found, _ = read("daily", since=NOW, answers=answers)
    assert "How birds flock, part 2" in [p.paper.title for p in found[-1].papers]
