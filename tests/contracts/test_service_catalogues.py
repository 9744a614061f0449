"""The services that know papers keep the contract of catalogues, asked by ids and by titles."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from integrations.sources import arxiv, catalogues, crossref, openalex, semantic_scholar
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json, as_text
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.identifiers import PaperId
from recommender.papers import Paper
from recommender.ports import Access, Catalogue
from recommender.testing.catalogues import CatalogueContract

ACCESS = Access(now=datetime(2026, 3, 10, 12, tzinfo=UTC), key="k3y")
NAMED = Paper(title="How bees dance in the rain", ids=(PaperId.parse("doi:10.1234/waggle"),))
BARE = Paper(title="On the building of bridges over wide rivers")
KNOWN = {"10.1234/waggle": NAMED.title, "10.1234/bridges": BARE.title}


def known(request: str) -> list[tuple[str, str]]:
    """What a service has of a request's text: by id, or by the words of a title."""
    text = request.casefold()
    return [
        (doi, title)
        for doi, title in KNOWN.items()
        if doi in text or title.casefold() in text.replace("+", " ")
    ]


def crossref_facade(request: Request) -> Response:
    asked = request.query.get("filter", "") + request.query.get("query.bibliographic", "")
    works = [{"DOI": doi, "title": [title]} for doi, title in known(asked)]
    found = {"items": works, "total-results": len(works), "next-cursor": "x"}
    return as_json({"status": "ok", "message-type": "work-list", "message": found})


def openalex_facade(request: Request) -> Response:
    asked = request.query.get("filter", "") + request.query.get("search", "")
    works = [
        {"id": f"https://openalex.org/W{n}", "doi": f"https://doi.org/{doi}", "title": title}
        for n, (doi, title) in enumerate(known(asked))
    ]
    return as_json({"meta": {"count": len(works), "next_cursor": None}, "results": works})


def semantic_scholar_facade(request: Request) -> Response:
    def paper(doi: str, title: str) -> Mapping[str, Any]:
        return {"paperId": "a" * 40, "externalIds": {"DOI": doi}, "title": title}

    if request.path.endswith("/batch"):
        ids = json.loads(request.body)["ids"]
        found = [[paper(*one) for one in known(name)] for name in ids]
        return as_json([one[0] if one else None for one in found])
    matches = [paper(*one) for one in known(request.query["query"])]
    if not matches:
        return as_json({"error": "Title match not found"}, 404)
    return as_json({"data": matches})


class ServiceContract(CatalogueContract):
    pace: ClassVar[Pace]

    def opened(self, access: Access, web: Web) -> Catalogue:
        raise NotImplementedError

    def facade(self, request: Request) -> Response:
        raise NotImplementedError

    @pytest.fixture
    def known(self) -> Sequence[Paper]:
        return [NAMED, BARE]

    @pytest.fixture
    def server(self) -> Iterator[Server]:
        with Server(self.facade) as server:
            yield server

    @pytest.fixture
    def catalogue(self, server: Server) -> Catalogue:
        return self.opened(ACCESS, served(self.pace, server))

    @pytest.fixture
    def failing(self, server: Server) -> Catalogue:
        server.faults.when(lambda _: True, Fault(500, {}, b"oops"), times=10**6)
        return self.opened(ACCESS, served(self.pace, server))

    def test_those_found_by_their_ids_are_asked_for_at_once_and_no_second_time(
        self, catalogue: Catalogue, server: Server
    ) -> None:
        list(catalogue.entries([NAMED, NAMED, NAMED]))
        assert len(server.requests) == 1
        assert "k3y" not in server.requests[0].target


class TestCrossref(ServiceContract):
    pace = crossref.PACE

    def opened(self, access: Access, web: Web) -> Catalogue:
        return catalogues.crossref_catalogue(access, web)

    def facade(self, request: Request) -> Response:
        return crossref_facade(request)


class TestOpenAlex(ServiceContract):
    pace = openalex.PACE

    def opened(self, access: Access, web: Web) -> Catalogue:
        return catalogues.openalex_catalogue(access, web)

    def facade(self, request: Request) -> Response:
        return openalex_facade(request)


class TestSemanticScholar(ServiceContract):
    pace = semantic_scholar.PACE

    def opened(self, access: Access, web: Web) -> Catalogue:
        return catalogues.semantic_scholar_catalogue(access, web)

    def facade(self, request: Request) -> Response:
        return semantic_scholar_facade(request)


def test_arxiv_is_asked_by_its_ids_alone() -> None:
    entry = (
        '<feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:s="http://a9.com/-/spec/opensearch/1.1/"><s:totalResults>1</s:totalResults><entry>'
        "<id>http://arxiv.org/abs/2603.00001v2</id>"
        f"<title>{NAMED.title}</title><summary>It rains.</summary></entry></feed>"
    )

    def facade(_: Request) -> Response:
        return as_text(entry, 200, "application/atom+xml")

    with Server(facade) as server:
        catalogue = catalogues.arxiv_catalogue(ACCESS, served(arxiv.PACE, server))
        listed = Paper(title="How bees dance", ids=(PaperId.parse("arxiv:2603.00001"),))
        assert [(row, p.title) for row, p in catalogue.entries([BARE, listed])] == [
            (1, NAMED.title)
        ]
        assert list(catalogue.entries([BARE])) == []
    assert [request.query["id_list"] for request in server.requests] == ["2603.00001"]


def test_nothing_is_searched_by_a_title_that_was_made_up() -> None:
    nameless = Paper(title="Untitled [doi:10.1234/none]", ids=(PaperId.parse("doi:10.1234/none"),))
    with Server(openalex_facade) as server:
        catalogue = catalogues.openalex_catalogue(ACCESS, served(openalex.PACE, server))
        assert list(catalogue.entries([nameless])) == []
    assert ["search" in request.query for request in server.requests] == [False]
