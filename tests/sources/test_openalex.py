import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given

from integrations.sources import openalex_records
from integrations.sources.openalex import PACE, OpenAlexSource, by_ids, by_title
from integrations.web.client import Web
from integrations.web.testing.exchange import HTML, Request, Response, as_json
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    NotAuthorized,
    TransientError,
)
from recommender.identifiers import PaperId
from recommender.papers import Kind, Paper, Skipped, authors_of
from recommender.ports import Access, Source
from tests.sources.cassettes import exchanges
from tests.sources.hostile import is_sound, json_values, spoilt
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 10, 12, tzinfo=UTC), key="k3y", contact="me@example.org")


def made_up(number: int, day: str, **more: Any) -> dict[str, Any]:
    """A work as OpenAlex writes it."""
    return {
        "id": f"https://openalex.org/W{number}",
        "doi": f"https://doi.org/10.1234/w{number}",
        "title": f"The <i>{number}</i>th work on links",
        "publication_date": day,
        "created_date": "2026-03-10",
        "ids": {"openalex": f"https://openalex.org/W{number}", "pmid": f"{number}"},
        "type": "article",
        "authorships": [
            {
                "author": {"display_name": "Ann Roe"},
                "raw_author_name": "ROE, A. (1)",
                "institutions": [{"display_name": "A Lab"}, {"display_name": "B"}],
            },
            {
                "author": {"display_name": "Hong Li"},
                "raw_author_name": "Haishi Li",
                "institutions": [{"display_name": "B"}, {"display_name": None}],
            },
        ],
        "primary_location": {
            "landing_page_url": "https://example.org/paper",
            "source": {"display_name": "Journal of Links", "type": "journal"},
        },
        "locations": [{"landing_page_url": "http://arxiv.org/abs/2603.01234v2", "pdf_url": None}],
        "topics": [{"display_name": "Graphs"}, {"display_name": "Links"}],
        "keywords": [{"display_name": "Graphs"}, {"display_name": "Edges"}],
        "referenced_works": ["https://openalex.org/W1111", "https://openalex.org/W2222"],
        "abstract_inverted_index": {"Abstract": [0], "links": [2, 4], "We": [1], "link": [3]},
        **more,
    }


WORKS = (
    made_up(10001, "2026-03-02"),
    made_up(10002, "2026-03-02"),
    made_up(10003, "2026-03-05", title=None),
    made_up(10004, "2026-03-05"),
    made_up(10005, "2026-03-09"),
)


def openalex(request: Request) -> Response:
    """Its list of works, two at a time."""
    if request.headers.get("authorization") != "Bearer k3y":
        return as_json({"error": "Unauthorized"}, 401)
    first, last = (request.query["filter"].split(",")[-2 + n].split(":")[1] for n in range(2))
    found = [work for work in WORKS if first <= work["publication_date"] <= last]
    start = 0 if request.query["cursor"] == "*" else int(request.query["cursor"], 36)
    part = found[start : start + 2]
    following = None if len(part) < 2 else f"{start + 2}"
    meta = {"count": len(found), "per_page": 2, "next_cursor": following}
    return as_json({"meta": meta, "results": part})


class TestOpenAlexSource(ServedSourceContract):
    pace = PACE
    access = ACCESS
    in_stretches = True
    late_by: ClassVar[timedelta] = OpenAlexSource.LATE_BY

    def facade(self, request: Request) -> Response:
        return openalex(request)

    def opened(self, web: Web) -> Source:
        return OpenAlexSource("primary_topic.id:T10181", self.access, web=web)


def test_a_work_becomes_a_paper_with_all_that_it_has() -> None:
    found = openalex_records.record(1, WORKS[0])
    assert found == (
        Paper(
            title="The 10001th work on links",
            abstract="We links link links",
            authors=authors_of(["Ann Roe", "Haishi Li"]),
            venue="Journal of Links",
            published="2026-03-02",
            ids=_ids("doi:10.1234/w10001", "arxiv:2603.01234", "pmid:10001", "openalex:W10001"),
            url="https://example.org/paper",
            kind=Kind.ARTICLE,
            categories=("Graphs", "Links", "Edges"),
            institutions=("A Lab", "B"),
            references=_ids("openalex:W1111", "openalex:W2222"),
        ),
        None,
    )


def test_its_requests_have_the_days_the_place_and_no_key_in_their_address() -> None:
    with Server(openalex) as server:
        web = served(PACE, server, contact=ACCESS.contact)
        source = OpenAlexSource("cites:W1,type:article", ACCESS, web=web)
        pages = list(source.listings(datetime(2026, 3, 6, 9, tzinfo=UTC)))
    assert [page.name for page in pages] == ["2026-03-02", "2026-03-05", "2026-03-09"]
    assert all(page.n_bytes > 500 for page in pages)
    first, *_ = server.requests
    assert first.headers["host"] == "api.openalex.org"
    assert first.path == "/works"
    assert first.query == {
        "filter": "cites:W1,type:article,from_publication_date:2026-02-20,"
        "to_publication_date:2026-03-10",
        "sort": "publication_date",
        "cursor": "*",
        "per_page": "100",
        "select": openalex_records.FIELDS,
    }
    assert [r.query["cursor"] for r in server.requests] == ["*", "2", "4"]
    assert not any("k3y" in request.target for request in server.requests)
    assert "mailto:me@example.org" in first.headers["user-agent"]
    assert "k3y" not in repr(source) + source.name


def test_a_search_is_no_filter() -> None:
    with Server(openalex) as server:
        source = OpenAlexSource("search: link, prediction ", ACCESS, web=served(PACE, server))
        assert list(source.listings(None))
    assert source.name == "openalex search: link, prediction"
    assert server.requests[0].query["search"] == "link, prediction"
    assert server.requests[0].query["filter"].startswith("from_publication_date:2026-02-24,")


@pytest.mark.parametrize("place", ["", "search:", "links", ":", "a:b,", "Cites:W1", "cites:"])
def test_what_is_no_place_is_said_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="openalex"):
        OpenAlexSource(place, ACCESS)


def test_without_a_key_it_is_not_let_in() -> None:
    with Server(openalex) as server:
        source = OpenAlexSource("cites:W1", Access(now=ACCESS.now), web=served(PACE, server))
        with pytest.raises(NotAuthorized, match="OpenAlex"):
            list(source.listings(None))


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        # It announces more than there is.
        ([({"count": 3, "next_cursor": None}, [WORKS[0]])], TransientError),
        ([({"count": 3, "next_cursor": "b"}, [WORKS[0]]), ({"count": 3}, [])], TransientError),
        # The same works again and again.
        ([({"count": 9, "next_cursor": "b"}, [WORKS[0]])] * 9, BadResponse),
        ([(None, [WORKS[0]])], BadResponse),
        ([({"count": 1}, {"a": 1})], BadResponse),
    ],
)
def test_a_list_that_does_not_end_well_is_no_list(
    answers: list[tuple[Any, Any]], error: type[IntegrationError]
) -> None:
    left = iter(answers)

    def facade(request: Request) -> Response:
        meta, results = next(left)
        return as_json({"meta": meta, "results": results})

    with Server(facade) as server, pytest.raises(error, match="OpenAlex"):
        list(OpenAlexSource("cites:W1", ACCESS, web=served(PACE, server)).listings(None))


def test_a_work_that_changes_the_count_while_it_is_read_does_no_harm() -> None:
    answers = iter([({"count": 2, "next_cursor": "b"}, WORKS[:1]), ({"count": 3}, WORKS[1:2])])

    def facade(request: Request) -> Response:
        meta, results = next(answers)
        return as_json({"meta": meta, "results": results})

    with Server(facade) as server:
        source = OpenAlexSource("cites:W1", ACCESS, web=served(PACE, server))
        assert sum(len(page.papers) for page in source.listings(None)) == 2


@pytest.mark.parametrize(
    ("work", "day"),
    [
        (made_up(10001, "2026-03-05"), "2026-03-05"),
        (made_up(10001, "2026-12-01"), "2026-03-10"),  # not listed in the future
        (made_up(10001, "1026-03-05"), "2026-02-24"),
        (made_up(10001, ""), "2026-03-10"),
        (made_up(10001, "", created_date="2026-03-08T10:00:00"), "2026-03-08"),
        (made_up(10001, "", created_date=None), "2026-03-10"),
    ],
)
def test_a_work_is_on_a_page_of_the_days_that_were_asked_for(
    work: Mapping[str, Any], day: str
) -> None:
    def facade(request: Request) -> Response:
        return as_json({"meta": {"count": 1, "next_cursor": None}, "results": [work]})

    with Server(facade) as server:
        source = OpenAlexSource("cites:W1", ACCESS, web=served(PACE, server))
        assert [page.name for page in source.listings(None)] == [day]


def test_papers_are_found_by_their_ids_fifty_at_a_time() -> None:
    ids = [*(f"doi:10.1234/{n}" for n in range(60)), "arxiv:1706.03762", "pmid:123"]
    ids += ["openalex:W4242", "doi:10.1234/a,b", "dblp:conf/nips/VaswaniSPUJGKP17"]

    def facade(request: Request) -> Response:
        return as_json({"meta": {"count": 1}, "results": [WORKS[0], None, WORKS[2]]})

    with Server(facade) as server:
        found = list(by_ids(served(PACE, server), _ids(*ids), key="k3y"))
    filters = [request.query["filter"] for request in server.requests]
    assert [f.partition(":")[0] for f in filters] == ["doi", "doi", "pmid", "openalex"]
    assert [f.count("|") for f in filters] == [49, 10, 0, 0]
    assert filters[1].endswith("|10.48550/arxiv.1706.03762")
    assert filters[2:] == ["pmid:123", "openalex:W4242"]
    assert {r.headers["authorization"] for r in server.requests} == {"Bearer k3y"}
    assert [str(paper.ids[0]) for paper in found] == ["doi:10.1234/w10001"] * 4


def test_a_title_is_searched_for_without_what_would_be_a_command() -> None:
    def facade(request: Request) -> Response:
        return as_json({"meta": {"count": 2}, "results": WORKS[:2]})

    with Server(facade) as server:
        web = served(PACE, server)
        assert len(list(by_title(web, 'Who links? "Trees" AND Graphs*'))) == 2
        assert list(by_title(web, "?!")) == []
    (request,) = server.requests
    assert request.query["search"] == "who links trees and graphs"
    assert request.query["per_page"] == "3"
    assert "authorization" not in request.headers


def test_recorded_works_are_read_whole(shared: Path) -> None:
    folder = shared / "payloads" / "openalex"
    works = [work for name in _RECORDED for work in _works(folder / name)]
    read = [openalex_records.record(n, work) for n, work in enumerate(works, start=1)]
    assert read.pop() == Skipped("record 6 (W3038568908)", "has no title")
    found = [one[0] for one in read if not isinstance(one, Skipped)]
    assert [str(paper.ids[0]) for paper in found] == [
        "doi:10.1038/s41586-021-03534-y",
        "doi:10.1038/s41587-020-0561-9",
        "doi:10.7717/peerj.4375",
        "doi:10.1371/journal.pone.0305345",
        "doi:10.34133/2020/8086309",
    ]
    assert [len(paper.authors) for paper in found] == [42, 3, 9, 4, 3]
    assert [len(paper.references) for paper in found] == [0, 0, 45, 47, 29]
    assert [len(paper.abstract) for paper in found] == [0, 0, 1630, 2830, 1201]
    assert {paper.kind for paper in found} == {Kind.ARTICLE}
    peerj, plos = found[2], found[3]
    assert list(map(str, peerj.ids)) == [
        "doi:10.7717/peerj.4375",
        "pmid:29456894",
        "openalex:W2741809807",
    ]
    assert (peerj.venue, peerj.published, peerj.url) == ("PeerJ", "2018-02-13", "")
    assert str(peerj.authors[2]) == "Vincent Larivière"
    assert len(peerj.categories) == 7
    assert "University of Ottawa" in peerj.institutions
    # OpenAlex takes this author for another of the same family name.
    assert str(plos.authors[0]) == "Haishi Yu"
    assert str(found[4].authors[0]) == "Anna Underhill"


def test_recorded_answers_are_understood(shared: Path) -> None:
    folder = shared / "payloads" / "openalex"
    (missing,) = exchanges(folder / "paperqa_test_does_openalex_worknot-in-openalex.yaml")
    assert missing.status == 404
    (single,) = exchanges(folder / "paperqa_test_does_openalex_workoa-in-openalex1.yaml")
    with pytest.raises(BadResponse, match="nothing there"):
        _replayed(missing.status, missing.body)
    with pytest.raises(BadResponse, match="something else"):
        _replayed(single.status, single.body)
    with pytest.raises(TransientError):
        # One of three hundred million, without a cursor.
        _replayed(200, (folder / "list_meta_cost_2026-09.json").read_bytes())
    assert _replayed(200, (folder / "researchhub_work_by_doi.json").read_bytes()) == 1


def test_no_field_breaks_a_record() -> None:
    for record in spoilt(WORKS[0]):
        assert is_sound(openalex_records.record(1, record))
        openalex_records.day(record)


@given(json_values())
def test_no_record_breaks_anything(value: Any) -> None:
    assert is_sound(openalex_records.record(1, value))
    openalex_records.day(value)


_RECORDED = (
    "openalex_works.json",
    "researchhub_get_by_doi.json",
    "researchhub_single_work.json",
    "researchhub_work_by_doi.json",
    "list_meta_cost_2026-09.json",
)


def _works(path: Path) -> Iterator[Any]:
    value = json.loads(path.read_bytes())
    yield from value.get("results", [value])


def _replayed(status: int, body: bytes) -> int:
    """How many papers an answer gives that is recorded."""
    kind = HTML if body.startswith(b"<") else "application/json"
    with Server(lambda _: Response(status, {"Content-Type": kind}, body)) as server:
        source = OpenAlexSource("cites:W1", ACCESS, web=served(PACE, server))
        return sum(len(page.papers) for page in source.listings(None))


def _ids(*spelled: str) -> tuple[PaperId, ...]:
    return tuple(map(PaperId.parse, spelled))
