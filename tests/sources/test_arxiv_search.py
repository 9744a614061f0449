"""What arXiv's query interface finds: by a search, and by ids."""

import re
from dataclasses import replace

import pytest

from integrations.sources.arxiv import PACE, ArxivSource, by_ids
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response
from recommender.errors import BadResponse, TransientError
from recommender.identifiers import PaperId
from recommender.ports import Source
from tests.sources.arxiv_served import (
    ACCESS,
    SUBMITTED,
    XML,
    Made,
    answering,
    answers,
    finding,
    numbers,
    read,
    serving,
)
from tests.sources.served import ServedSourceContract


class TestArxivSearch(ServedSourceContract):
    pace = PACE
    access = ACCESS
    in_stretches = True
    late_by = ArxivSource.LATE_BY

    def facade(self, request: Request) -> Response:
        assert (request.headers["host"], request.path) == ("export.arxiv.org", "/api/query")
        return Response(200, XML, finding(SUBMITTED, request))

    def opened(self, web: Web) -> Source:
        return ArxivSource("search: ti:birds AND cat:cs.CL", self.access, web=web)


def test_a_search_goes_back_to_where_it_was_read_and_no_further() -> None:
    facade = answering(lambda request: finding(SUBMITTED, request))
    pages, requests = read(facade, "2026-03-20", place="search: ti:birds  AND cat:cs.CL")
    assert [(page.name, numbers(page)) for page in pages] == [
        ("2026-03-05", ["2603.00019"]),
        ("2026-03-06", ["2603.00021"]),
        ("2026-03-09", ["2603.00030"]),
    ]
    assert [s.place for page in pages for s in page.skipped] == ["entry 2 (2603.00029)"]
    assert [r.query["start"] for r in requests] == ["0", "2", "4"]
    assert requests[0].query == {
        "search_query": "(ti:birds AND cat:cs.CL) AND submittedDate:[202602240000 TO 202603102359]",
        "start": "0",
        "max_results": "200",
        "sortBy": "submittedDate",
        "sortOrder": "descending",
    }


def test_a_search_that_finds_nothing_has_no_pages() -> None:
    facade = answering(lambda request: finding([], request))
    assert read(facade, None, place="search:ti:x") == (
        [],
        read(facade, None, place="search:ti:x")[1],
    )


def test_a_search_that_breaks_off_is_no_whole_answer() -> None:
    facade = answering(lambda request: finding(SUBMITTED[:3], request, n_all=9))
    with pytest.raises(TransientError, match="less than it found; nothing is lost"):
        read(facade, None, place="search:ti:x")


def test_a_search_that_goes_round_in_circles_ends() -> None:
    facade = answering(lambda r: finding(SUBMITTED, replace(r, query={"max_results": "2"})))
    with pytest.raises(BadResponse, match="in circles"):
        read(facade, None, place="search:ti:x")


def _of_any_day(request: Request) -> Request:
    return replace(request, query={**request.query, "search_query": "all:x"})


def test_a_long_search_is_asked_for_in_stretches_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.sources.days.LONG", 2)
    facade = answering(lambda request: finding(SUBMITTED, request))
    pages, requests = read(facade, "2026-03-20", place="search:ti:birds OR cat:cs.CL")
    assert [(page.name, numbers(page)) for page in pages] == [
        ("2026-03-05", ["2603.00019"]),
        ("2026-03-06", ["2603.00021"]),
        ("2026-03-09", ["2603.00030"]),
    ]
    days = re.compile(
        r"\(ti:birds OR cat:cs\.CL\) AND submittedDate:\[(\d{8})0000 TO (\d{8})2359\]"
    )
    asked = [days.fullmatch(r.query["search_query"]) for r in requests]
    assert [(one[1], one[2]) for one in asked if one] == [
        ("20260224", "20260310"),
        ("20260224", "20260303"),
        ("20260304", "20260310"),
        ("20260304", "20260307"),
        ("20260304", "20260305"),
        ("20260306", "20260307"),
        ("20260308", "20260310"),
    ]


def test_a_search_that_finds_everything_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.sources.arxiv._MOST_FOUND", 4)
    with pytest.raises(BadResponse, match="narrow the query"):
        read(
            answering(lambda r: finding(SUBMITTED, _of_any_day(r), n_all=99999)),
            "2025-12-01",
            place="search:x",
        )


@pytest.mark.parametrize("status", [200, 400])
def test_a_query_that_is_refused_is_not_repeated_in_the_error(status: int) -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Search Results</title>
    <entry><id>https://arxiv.org/api/errors#incorrect</id><title>Error</title>
    <summary>incorrect query secret</summary></entry></feed>"""
    with pytest.raises(BadResponse, match=r"arXiv does not (take|understand)") as raised:
        read(answering(lambda _: body, status), None, place="search:secret")
    assert "secret" not in str(raised.value)


def test_papers_come_by_their_ids_a_hundred_at_once() -> None:
    there = [Made(f"2603.{n:05}", "", "2026-03-04") for n in range(0, 300, 2)]
    ids = [PaperId.parse(f"arxiv:2603.{n:05}") for n in range(150)]
    with serving(answering(lambda r: finding(there, r, at_once=999))) as (server, web):
        papers = list(by_ids(web, [*ids, PaperId.parse("doi:10.1000/x"), ids[0]]))
    assert [paper.ids[0] for paper in papers] == ids[::2]
    assert [len(r.query["id_list"].split(",")) for r in server.requests] == [100, 50]
    assert [r.query["max_results"] for r in server.requests] == ["100", "50"]


def test_no_ids_cost_no_request() -> None:
    with serving(answers([])) as (server, web):
        assert list(by_ids(web, [PaperId.parse("doi:10.1000/x")])) == []
    assert server.requests == []
