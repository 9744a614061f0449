"""A venue's accepted papers come from OpenReview's new interface, or from the old one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources.openreview import PACE, OpenReviewSource
from integrations.sources.openreview_records import records
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse, ConfigError, NotAuthorized, TransientError
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access, Source
from tests.sources.hostile import is_sound, json_values, replaced, ways
from tests.sources.served import ServedSourceContract

VENUE = "Birds.org/2026/Conference"
ACCESS = Access(now=datetime(2026, 3, 5, 10, tzinfo=UTC), contact="reader@example.org")
PER_ANSWER = 2
MARCH_2 = 1772445600000  # milliseconds


def content(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "title": f"How birds flock, part {number}",
        "abstract": "Birds fly in flocks.",
        "authors": ["Ann Roe", "Bo Li"],
        "authorids": ["~Ann_Roe1", "bo@example.org"],
        "keywords": ["birds", "flocks"],
        "primary_area": "applications to birds, fish, and other animals",
        "pdf": "/pdf/0123456789abcdef.pdf",
        "html": "https://doi.org/10.1000/birds",
        "venue": "Birds 2026 Oral",
        "venueid": VENUE,
    } | changes


def note(number: int, **changes: Any) -> dict[str, Any]:
    """A note as the new interface writes it."""
    wrapped = {name: {"value": value} for name, value in content(number, **changes).items()}
    wrapped["authors"]["readers"] = ["everyone"]
    name = f"aBcDeFgH{number:02}"
    dates = {"cdate": MARCH_2 - 10**10, "pdate": MARCH_2, "ddate": None}
    return {"id": name, "forum": name, "number": number, "content": wrapped, **dates}


NOTES = [note(1), note(2), note(3, title=" "), note(4), note(5)]


def facade(request: Request) -> Response:
    """The new interface, with short answers; the old one knows nothing of the venue."""
    assert request.path == "/notes"
    is_new = request.headers["host"] == "api2.openreview.net"
    notes = NOTES if is_new and request.query["content.venueid"] == VENUE else []
    start = int(request.query["offset"])
    shown = notes[start : start + min(PER_ANSWER, int(request.query["limit"]))]
    return as_json({"notes": shown, "count": len(notes)})


class TestOpenReview(ServedSourceContract):
    pace = PACE
    access = ACCESS
    has_two_dates = False

    def facade(self, request: Request) -> Response:
        return facade(request)

    def opened(self, web: Web) -> Source:
        return OpenReviewSource(VENUE, self.access, web=web)


def read(
    venue: str = VENUE, *, access: Access = ACCESS, answers: Any = facade
) -> tuple[Listing, list[Request]]:
    with Server(answers) as server:
        source = OpenReviewSource(venue, access, web=served(PACE, server, contact=access.contact))
        (page,) = source.listings(None)
        return page, server.requests


def parsed(*notes: object, venue: str = VENUE) -> list[Paper]:
    return [found[0] for found in records(notes, venue) if not isinstance(found, Skipped)]


def test_a_venues_papers_are_one_page_named_after_it() -> None:
    page, requests = read()
    assert (page.source, page.name, page.published_at) == (f"openreview {VENUE}", VENUE, None)
    assert [p.paper.title[-1] for p in page.papers] == ["1", "2", "4", "5"]
    assert [(s.place, s.reason) for s in page.skipped] == [("note 3 (aBcDeFgH03)", "has no title")]
    assert page.n_bytes > 1000
    assert [r.query["offset"] for r in requests] == ["0", "2", "4"]
    assert {r.query["sort"] for r in requests} == {"number:asc"}
    assert {r.query["limit"] for r in requests} == {"1000"}


def test_a_paper_has_all_that_its_note_says() -> None:
    (paper,) = parsed(note(7))
    assert paper == Paper(
        title="How birds flock, part 7",
        abstract="Birds fly in flocks.",
        authors=(Author("Roe", "Ann"), Author("Li", "Bo")),
        venue="Birds 2026 Oral",
        published="2026-03-02",
        ids=paper.ids,
        kind=Kind.CONFERENCE,
        categories=("birds", "flocks", "applications to birds, fish, and other animals"),
    )
    assert [str(i) for i in paper.ids] == ["doi:10.1000/birds", "openreview:aBcDeFgH07"]


def test_the_old_interface_is_asked_where_the_new_one_has_nothing() -> None:
    old = {"id": "B1xsqj09Fm", "forum": "B1xsqj09Fm", "cdate": MARCH_2, "content": content(1)}

    def answers(request: Request) -> Response:
        is_old = request.headers["host"] == "api.openreview.net"
        return as_json({"notes": [old], "count": 1} if is_old else {"notes": [], "count": 0})

    page, requests = read(answers=answers)
    assert len(requests) == 2
    (listed,) = page.papers
    assert listed.paper.published == "2026-03-02"
    assert listed.paper.venue == "Birds 2026 Oral"
    assert listed.paper.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))


def test_before_decisions_the_page_is_empty() -> None:
    page, requests = read("Fish.org/2027/Conference")
    assert (page.papers, page.skipped) == ((), ())
    assert len(requests) == 2


def test_without_a_count_it_is_read_until_nothing_comes() -> None:
    def answers(request: Request) -> Response:
        value = json.loads(facade(request).body)
        return as_json({"notes": value["notes"]})

    page, requests = read(answers=answers)
    assert len(page.papers) == 4
    assert [r.query["offset"] for r in requests] == ["0", "2", "4", "5"]


def test_people_and_where_they_work_may_be_told_together() -> None:
    people = [
        {"fullname": "Ann Roe", "institutions": [{"name": "Institute of Birds"}]},
        {"fullname": "Bo Li", "institutions": [{"name": "Institute of Birds"}, {"name": 3}]},
    ]
    (paper,) = parsed(note(1, authors=people))
    assert paper.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))
    assert paper.institutions == ("Institute of Birds",)


def test_keywords_may_be_one_text() -> None:
    (paper,) = parsed(note(1, keywords="birds; flocks", primary_area=None))
    assert paper.categories == ("birds", "flocks")


def test_what_the_venue_did_not_accept_is_none_of_its_papers() -> None:
    (found,) = records([note(1, venueid=f"{VENUE}/Withdrawn_Submission")], VENUE)
    assert isinstance(found, Skipped)
    assert found.reason == "is not among what the venue accepted"


@pytest.mark.parametrize(
    ("venue", "kind"),
    [("TMLR", Kind.ARTICLE), ("ICLR.cc/2026/Workshop/Birds", Kind.CONFERENCE)],
)
def test_a_journal_has_articles(venue: str, kind: Kind) -> None:
    (paper,) = parsed(note(1, venueid=venue, venue=None), venue=venue)
    assert (paper.kind, paper.venue) == (kind, venue)


@pytest.mark.parametrize(
    "value", [10**400, -(10**20), float("nan"), float("inf"), True, "1", -1e15]
)
def test_an_impossible_moment_is_none(value: object) -> None:
    (paper,) = parsed({**note(1), "pdate": value, "cdate": None})
    assert paper.published == ""


def test_a_list_that_ends_too_early_is_asked_for_again_later() -> None:
    def answers(request: Request) -> Response:
        value = json.loads(facade(request).body)
        return as_json({**value, "count": 9})

    with pytest.raises(TransientError, match="fewer papers than it announced"):
        read(answers=answers)


def test_a_list_that_repeats_itself_is_refused() -> None:
    with pytest.raises(BadResponse, match="round in circles"):
        read(answers=lambda _: as_json({"notes": NOTES[:2], "count": 10**12}))


def test_a_challenge_is_understood() -> None:
    challenge = {"name": "ChallengeRequiredError", "message": "Challenge required", "status": 403}
    with pytest.raises(NotAuthorized, match="give the source an account's access token"):
        read(answers=lambda _: as_json(challenge, 403))


def test_a_venue_of_nothing_readable_is_told_note_by_note() -> None:
    page, _ = read(answers=lambda _: as_json({"notes": [note(1, title="")], "count": 1}))
    assert (page.papers, len(page.skipped)) == ((), 1)
    with pytest.raises(BadResponse, match="something else than papers"):
        read(answers=lambda _: as_json({"notes": [1, None, {}], "count": 3}))


@pytest.mark.parametrize("value", [{"notes": {}}, {"count": 3}, {"notes": None}, "x", None, 3])
def test_an_answer_without_notes_is_none(value: object) -> None:
    with pytest.raises(BadResponse, match="something else than papers"):
        read(answers=lambda _: as_json(value))


@pytest.mark.parametrize(
    "place", ["", " ", "a b", "https://openreview.net/group?id=x", "a//b", "?"]
)
def test_a_place_that_cannot_be_is_told_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="give one such as"):
        OpenReviewSource(place, ACCESS)


def test_a_request_says_whom_to_write_to_and_hides_the_key() -> None:
    _, requests = read(access=Access(now=ACCESS.now, key="token", contact="a@example.org"))
    for request in requests:
        assert "a@example.org" in request.headers["user-agent"]
        assert request.headers["authorization"] == "Bearer token"
        assert "token" not in request.target
    assert all("authorization" not in r.headers for r in read()[1])


def test_the_documented_note_is_read(shared: Path) -> None:
    body = (shared / "payloads/openreview/docs_v2_note.json").read_bytes()
    venue = "TC/2024/Conference/Submission"
    page, (request,) = read(venue, answers=lambda _: Response(200, {}, body))
    assert request.query["content.venueid"] == venue
    (listed,) = page.papers
    paper = listed.paper
    assert (paper.title, paper.venue) == ("Paper title 1", "TC 2024 Conference Submission")
    assert [str(a) for a in paper.authors] == ["SomeFirstName User", "First Last", "Andrew Mc"]
    assert paper.categories == ("machine learning", "nlp")
    assert paper.published == "2025-06-09"
    assert [str(i) for i in paper.ids] == ["openreview:WEIzUBsDX6"]
    assert paper.abstract


def test_a_conferences_papers_are_read_from_either_interface(shared: Path) -> None:
    rows = json.loads(
        (shared / "payloads/openreview/papercopilot_corl2024_3rows.json").read_bytes()
    )
    for row in rows:
        plain = {
            "title": row["title"],
            "abstract": row["abstract"],
            "authors": row["author"].split(";"),
            "keywords": row["keywords"].split(";"),
            "venue": "CoRL 2024",
            "venueid": "robot-learning.org/CoRL/2024/Conference",
        }
        wrapped = {name: {"value": value} for name, value in plain.items()}
        (old, new) = (
            parsed({"id": row["id"], "forum": row["id"], "content": one}, venue=plain["venueid"])
            for one in (plain, wrapped)
        )
        assert old == new
        (paper,) = new
        assert (paper.title, str(paper.ids[0])) == (row["title"], f"openreview:{row['id']}")
        assert len(paper.authors) == len(plain["authors"])
        assert len(paper.categories) == len(plain["keywords"])
        assert paper.abstract


@given(way=st.sampled_from([*ways(note(1))]), value=json_values())
def test_a_note_of_anything_is_a_paper_or_is_skipped(
    way: tuple[str | int, ...], value: object
) -> None:
    (found,) = records([replaced(note(1), way, value)], VENUE)
    assert is_sound(found, marked_up=False)
