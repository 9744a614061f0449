import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from integrations.sources import semantic_scholar_records
from integrations.sources.semantic_scholar import PACE, SemanticScholarSource, by_ids
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    RateLimited,
    TransientError,
)
from recommender.identifiers import PaperId
from recommender.papers import Kind, Paper, Skipped, authors_of
from recommender.ports import Access, Source
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 10, 12, tzinfo=UTC), key="k3y", contact="me@example.org")


def made_up(number: int, day: str | None, **more: Any) -> dict[str, Any]:
    """A paper as Semantic Scholar writes it."""
    return {
        "paperId": f"{number:040x}",
        "externalIds": {
            "DOI": f"10.1234/S{number}",
            "ArXiv": "2603.01234",
            "PubMed": str(number),
            "DBLP": "conf/links/RoeL26",
            "ACL": "2026.acl-main.7",
            "CorpusId": number,
        },
        "title": f"Paper {number} on links",
        "abstract": "We link links.",
        "venue": "Links",
        "publicationVenue": {"name": "Conference on Links", "type": "conference"},
        "journal": {"name": "Proceedings of Links"},
        "year": 2026,
        "publicationDate": day,
        "authors": [{"authorId": "1", "name": "Ann Roe"}, {"authorId": None, "name": "Bo Li"}],
        "publicationTypes": ["JournalArticle", "Conference"],
        "fieldsOfStudy": ["Computer Science"],
        "s2FieldsOfStudy": [{"category": "Computer Science"}, {"category": "Mathematics"}],
        **more,
    }


PAPERS = (
    made_up(10005, "2026-03-09"),
    made_up(10001, "2026-03-02"),
    made_up(10003, "2026-03-05", title=None),
    made_up(10004, "2026-03-05"),
    made_up(10002, "2026-03-02"),
)


def semantic_scholar(request: Request) -> Response:
    """Its search, its citations, both two papers at a time, and its recommendations."""
    if request.headers.get("x-api-key") != "k3y":
        return as_json({"message": "Too Many Requests.", "code": "429"}, 429)
    if request.path == "/recommendations/v1/papers":
        return as_json({"recommendedPapers": PAPERS[:3]})
    first, last = request.query["publicationDateOrYear"].split(":")
    found = [paper for paper in PAPERS if first <= paper["publicationDate"] <= last]
    if request.path == "/graph/v1/paper/search/bulk":
        start = int(request.query.get("token", "0"))
        more = {"token": f"{start + 2}"} if start + 2 < len(found) else {"token": None}
        return as_json({"total": len(found) + 3, "data": found[start : start + 2], **more})
    start = int(request.query["offset"])
    citing = [{"isInfluential": False, "citingPaper": one} for one in found[start : start + 2]]
    following = {"next": start + 2} if start + 2 < len(found) else {}
    return as_json({"offset": start, "data": citing, **following})


class TestSearch(ServedSourceContract):
    pace = PACE
    access = ACCESS
    in_stretches = True
    late_by: ClassVar[timedelta] = SemanticScholarSource.LATE_BY

    def facade(self, request: Request) -> Response:
        return semantic_scholar(request)

    def opened(self, web: Web) -> Source:
        return SemanticScholarSource('search:"link prediction" -survey', self.access, web=web)


class TestCitations(ServedSourceContract):
    pace = PACE
    access = ACCESS
    in_stretches = True
    late_by: ClassVar[timedelta] = SemanticScholarSource.LATE_BY

    def facade(self, request: Request) -> Response:
        return semantic_scholar(request)

    def opened(self, web: Web) -> Source:
        return SemanticScholarSource("citations:10.1234/links", self.access, web=web)


def test_a_record_becomes_a_paper_with_all_that_it_has() -> None:
    cited = [{"paperId": None, "title": "A"}, {"paperId": "a" * 40, "externalIds": None}, None]
    found = semantic_scholar_records.record(1, {**PAPERS[1], "references": cited})
    assert found == (
        Paper(
            title="Paper 10001 on links",
            abstract="We link links.",
            authors=authors_of(["Ann Roe", "Bo Li"]),
            venue="Links",
            published="2026-03-02",
            ids=_ids(
                "doi:10.1234/s10001",
                "arxiv:2603.01234",
                "pmid:10001",
                "acl:2026.acl-main.7",
                f"s2:{10001:040x}",
                "dblp:conf/links/RoeL26",
            ),
            kind=Kind.CONFERENCE,
            categories=("Computer Science", "Mathematics"),
            references=_ids("s2:" + "a" * 40),
        ),
        None,
    )


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"venue": "arXiv.org", "publicationTypes": ["JournalArticle"]}, Kind.PREPRINT),
        ({"externalIds": {"DOI": "10.1101/2026.03.01.1"}}, Kind.PREPRINT),
        ({"publicationTypes": ["Book"]}, Kind.BOOK),
        ({"publicationTypes": None}, Kind.CONFERENCE),
        ({"publicationTypes": None, "publicationVenue": None}, Kind.OTHER),
        ({"publicationTypes": ["Review"], "publicationVenue": None}, Kind.ARTICLE),
    ],
)
def test_its_types_are_kinds(more: Mapping[str, Any], kind: Kind) -> None:
    found = semantic_scholar_records.record(1, made_up(10001, "2026-03-02", **more))
    assert not isinstance(found, Skipped)
    assert found[0].kind is kind


def test_a_search_asks_for_days_and_has_no_key_in_its_address() -> None:
    with Server(semantic_scholar) as server:
        web = served(PACE, server, contact=ACCESS.contact)
        source = SemanticScholarSource("search:link | node", ACCESS, web=web)
        pages = list(source.listings(datetime(2026, 3, 6, 9, tzinfo=UTC)))
    assert source.name == "semantic-scholar search:link | node"
    assert [page.name for page in pages] == ["2026-03-02", "2026-03-05", "2026-03-09"]
    assert [len(page.papers) for page in pages] == [2, 1, 1]
    assert all(page.n_bytes > 500 for page in pages)
    # Of a list that goes on after one answer, half of the days is asked for, and so on.
    assert [request.query["publicationDateOrYear"] for request in server.requests] == [
        "2026-02-04:2026-03-10",
        "2026-02-04:2026-02-21",
        "2026-02-22:2026-03-10",
        "2026-02-22:2026-03-02",
        "2026-03-03:2026-03-10",
        "2026-03-03:2026-03-06",
        "2026-03-07:2026-03-10",
    ]
    first, *_ = server.requests
    assert first.headers["host"] == "api.semanticscholar.org"
    assert first.query == {
        "query": "link | node",
        "publicationDateOrYear": "2026-02-04:2026-03-10",
        "fields": semantic_scholar_records.FIELDS,
    }
    assert not any("k3y" in request.target for request in server.requests)
    assert "mailto:me@example.org" in first.headers["user-agent"]


def test_papers_of_a_year_alone_are_on_its_first_day() -> None:
    dateless = made_up(10009, None)

    def facade(request: Request) -> Response:
        return as_json({"total": 2, "token": None, "data": [dateless, made_up(1, "2026-01-03")]})

    access = Access(now=datetime(2026, 1, 4, tzinfo=UTC))
    with Server(facade) as server:
        source = SemanticScholarSource("search:link", access, web=served(PACE, server))
        assert [page.name for page in source.listings(None)] == ["2026-01-01", "2026-01-03"]


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("citations:10.1145/3544585.3544600", "DOI:10.1145/3544585.3544600"),
        ("citations:https://doi.org/10.1145/3544585.3544600", "DOI:10.1145/3544585.3544600"),
        ("citations:arXiv:1706.03762v5", "ARXIV:1706.03762"),
        ("citations: 1706.03762", "ARXIV:1706.03762"),
        ("citations:pmid:29456894", "PMID:29456894"),
        ("citations:CorpusId:470667", "CorpusId:470667"),
        ("citations:" + "0f40b1f0" * 5, "0f40b1f0" * 5),
        ("citations:10.1002/(sici)1097<1::aid#x>3.0.co;2-q", None),
    ],
)
def test_a_paper_can_be_named_in_many_ways(place: str, asked: str | None) -> None:
    with Server(semantic_scholar) as server:
        list(SemanticScholarSource(place, ACCESS, web=served(PACE, server)).listings(None))
    paths = {request.path for request in server.requests}
    assert len(paths) == 1
    assert paths.pop().endswith("/citations")
    if asked:
        assert server.requests[0].path == f"/graph/v1/paper/{asked}/citations"


def test_recommendations_are_one_page_without_a_date() -> None:
    place = "recommendations:10.1145/3544585.3544600, 1706.03762,-10.1145/301250.301271"
    with Server(semantic_scholar) as server:
        source = SemanticScholarSource(place, ACCESS, web=served(PACE, server))
        (page,) = source.listings(None)
        assert list(source.listings(ACCESS.now)) == [page]
    assert page.name == place
    assert page.source == source.name == f"semantic-scholar {place}"
    assert page.published_at is None
    assert len(page.papers) == 2
    assert len(page.skipped) == 1
    assert page.n_bytes > 1000
    request = server.requests[0]
    assert json.loads(request.body) == {
        "positivePaperIds": ["DOI:10.1145/3544585.3544600", "ARXIV:1706.03762"],
        "negativePaperIds": ["DOI:10.1145/301250.301271"],
    }
    assert request.query == {"fields": semantic_scholar_records.FIELDS, "limit": "100"}


@pytest.mark.parametrize(
    "place",
    [
        "",
        "search:",
        "links",
        "citations:",
        "citations:Attention is all you need",
        "recommendations:",
        "recommendations:-1706.03762",
        "recommendations:1706.03762,what",
        "recommendations:1706.03762,-what",
        "venue:NeurIPS",
    ],
)
def test_what_is_no_place_is_said_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="semantic-scholar"):
        SemanticScholarSource(place, ACCESS)


@pytest.mark.parametrize(
    ("place", "answers", "error"),
    [
        ("search:a", [{"data": [PAPERS[0]], "token": "b"}] * 9, BadResponse),
        ("search:a", [{"data": [], "token": "b"}] * 9, TransientError),
        ("search:a", [{"total": 0}], BadResponse),
        ("search:a", [{"code": "429", "message": "Too Many Requests"}], RateLimited),
        ("citations:1706.03762", [{"data": [{}], "next": 0}], TransientError),
        ("citations:1706.03762", [{"data": [], "next": 5}], TransientError),
        ("recommendations:1706.03762", [{"error": "No positive"}], BadResponse),
    ],
)
def test_a_list_that_does_not_end_well_is_no_list(
    place: str, answers: list[Any], error: type[IntegrationError]
) -> None:
    left = iter(answers)
    with Server(lambda _: as_json(next(left))) as server:
        source = SemanticScholarSource(place, ACCESS, web=served(PACE, server))
        with pytest.raises(error, match="Semantic Scholar"):
            list(source.listings(None))


def test_papers_are_found_by_their_ids_a_hundred_at_a_time_with_their_references() -> None:
    cited = [{"paperId": None, "externalIds": {"DOI": "10.1234/CITED", "ArXiv": "1706.03762"}}]

    def facade(request: Request) -> Response:
        assert request.query["fields"].endswith(",references.externalIds")
        return as_json([None, {**PAPERS[0], "references": cited}])

    ids = _ids(*(f"doi:10.1234/{n}" for n in range(101)), "arxiv:1706.03762", "openalex:W4242")
    with Server(facade) as server:
        found = list(by_ids(served(PACE, server), ids, key="k3y"))
    assert [paper.references for paper in found] == [
        _ids("doi:10.1234/cited", "arxiv:1706.03762")
    ] * 2
    asked = [json.loads(request.body)["ids"] for request in server.requests]
    assert [len(some) for some in asked] == [100, 2]
    assert asked[1] == ["DOI:10.1234/100", "ARXIV:1706.03762"]
    assert {request.headers["x-api-key"] for request in server.requests} == {"k3y"}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "Unrecognized or unsupported fields: [x]"}, BadResponse),
        (200, {"error": "No valid paper ids given"}, BadResponse),
        (400, {"error": "No valid paper ids given"}, None),
    ],
)
def test_ids_of_which_none_is_known_give_no_paper(
    status: int, body: Any, error: type[IntegrationError] | None
) -> None:
    with Server(lambda _: as_json(body, status)) as server:
        papers = by_ids(served(PACE, server), _ids("doi:10.1234/none"))
        if error is None:
            assert list(papers) == []
        else:
            with pytest.raises(error):
                list(papers)


def _ids(*spelled: str) -> tuple[PaperId, ...]:
    return tuple(map(PaperId.parse, spelled))
