"""PubMed: the contract with faults, and answers that are not what they should be."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from integrations.sources import pubmed
from integrations.sources.pubmed import PACE, PACE_WITH_KEY, PubmedSource
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    NotAuthorized,
    RateLimited,
    TransientError,
)
from recommender.papers import Skipped
from recommender.ports import Access, Source
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 6, 9, tzinfo=UTC), contact="reader@example.org")

ENTERED = {101: 1, 102: 1, 103: 3, 104: 3, 105: 3, 106: 5, 107: 5}
"""The numbers of made-up papers with the days of March on which they came."""

BROKEN = 104

XML = "text/xml; charset=UTF-8"


def article(pmid: int, day: int, inside: str = "", *, title: str = "") -> str:
    """A made-up article as PubMed writes it."""
    return f"""<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>
    <Journal><Title>Journal of Examples</Title></Journal>
    <ArticleTitle>{title or f"Paper number {pmid}"}.</ArticleTitle>{inside}</Article>
    </MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year>
    <Month>3</Month><Day>{day}</Day></PubMedPubDate></History></PubmedData></PubmedArticle>"""


def fetched(*articles: str) -> bytes:
    """The answer with these articles."""
    begin = '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "a.dtd">\n'
    return f"{begin}<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>".encode()


def asked(request: Request) -> Mapping[str, str]:
    """The form of a request; nothing may be in its address."""
    assert request.method == "POST"
    assert "?" not in request.target
    assert request.headers["host"] == "eutils.ncbi.nlm.nih.gov"
    return {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}


def service(request: Request) -> Response:
    """PubMed's answers; it lists three numbers at a time."""
    form = asked(request)
    assert (form["db"], form["tool"]) == ("pubmed", "shelfwise")
    if request.path.endswith("/esearch.fcgi"):
        first, last = (date(*map(int, form[n].split("/"))) for n in ("mindate", "maxdate"))
        found = [n for n, day in ENTERED.items() if first <= date(2026, 3, day) <= last]
        found.sort(reverse=True)
        start = int(form["retstart"])
        part = found[start : start + min(3, int(form["retmax"]))]
        result = {"count": str(len(found)), "retmax": "3", "idlist": list(map(str, part))}
        return as_json({"header": {"type": "esearch"}, "esearchresult": result})
    parts = []
    for pmid in map(int, form["id"].split(",")):
        written = article(pmid, ENTERED[pmid])
        parts.append(written.replace("ArticleTitle", "Title") if pmid == BROKEN else written)
    return Response(200, {"Content-Type": XML}, fetched(*parts))


class TestPubmedSource(ServedSourceContract):
    pace: ClassVar[Pace] = PACE
    access: ClassVar[Access] = ACCESS
    in_stretches: ClassVar[bool] = True
    late_by: ClassVar[timedelta] = PubmedSource.LATE_BY

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pubmed, "_AT_ONCE", 6)
        monkeypatch.setattr(pubmed, "_BATCH", 2)

    def facade(self, request: Request) -> Response:
        return service(request)

    def opened(self, web: Web) -> Source:
        return PubmedSource("  microglia[tiab]\n AND review[pt] ", self.access, web=web)

    def test_a_page_is_a_day(self, source: Source) -> None:
        assert source.name == "pubmed microglia[tiab] AND review[pt]"
        pages = list(source.listings(None))
        assert [page.name for page in pages] == ["2026-03-01", "2026-03-03", "2026-03-05"]
        # The last one first, as PubMed lists them.
        assert [[str(p.paper.ids[0]) for p in page.papers] for page in pages] == [
            ["pmid:102", "pmid:101"],
            ["pmid:105", "pmid:103"],
            ["pmid:107", "pmid:106"],
        ]
        assert pages[1].skipped == (Skipped("record 2 (PMID 104)", "has no title"),)
        assert all(page.n_bytes > 100 for page in pages)

    def test_requests_say_the_query_the_days_and_who_asks(
        self, source: Source, server: Server
    ) -> None:
        list(source.listings(None))
        forms = [asked(request) for request in server.requests]
        searches = [form for form in forms if "term" in form]
        assert {form["term"] for form in searches} == {"microglia[tiab] AND review[pt]"}
        assert {(form["datetype"], form["retmode"]) for form in searches} == {("edat", "json")}
        assert [(form["mindate"], form["maxdate"], form["retstart"]) for form in searches] == [
            # Seven are more than shall be lost at once.
            ("2026/02/27", "2026/03/06", "0"),
            ("2026/02/27", "2026/03/02", "0"),
            ("2026/03/03", "2026/03/06", "0"),
            ("2026/03/03", "2026/03/06", "3"),
        ]
        assert [form["id"] for form in forms if "id" in form] == [
            "102,101",
            "107,106",
            "105,104",
            "103",
        ]
        assert {form["email"] for form in forms} == {ACCESS.contact}
        assert not any("sort" in form or "api_key" in form for form in forms)

    def test_a_key_is_in_the_form_alone(self, server: Server) -> None:
        access = Access(now=ACCESS.now, key="example-key")
        list(PubmedSource("x", access, web=served(PACE_WITH_KEY, server)).listings(None))
        assert {asked(request)["api_key"] for request in server.requests} == {"example-key"}
        assert not any("email" in asked(request) for request in server.requests)
        assert not any("example-key" in str(r.headers) + r.target for r in server.requests)


def test_without_a_query_there_is_nothing_to_ask() -> None:
    with pytest.raises(ConfigError, match="query is missing"):
        PubmedSource(" \n", ACCESS)


def test_who_has_a_key_may_ask_more_often() -> None:
    assert PACE_WITH_KEY.every < PACE.every


def searched(**result: object) -> dict[str, object]:
    """The answer to a search with this result."""
    return {"esearchresult": result}


@pytest.mark.parametrize(
    ("value", "status", "error", "words"),
    [
        (searched(ERROR="Empty term and query_key - nothing todo"), 200, BadResponse, "query"),
        (searched(ERROR="Search Backend failed: no connection"), 200, TransientError, "failed"),
        (searched(ERROR=["x"]), 200, BadResponse, "query"),
        (searched(count="2", idlist=[]), 200, TransientError, "less than"),
        (searched(count="12000", idlist=["1"]), 200, BadResponse, "narrow"),
        (searched(count="-1", idlist=[]), 200, BadResponse, "without a list"),
        (searched(count="1", idlist=["1 OR 2"]), 200, BadResponse, "without a list"),
        (searched(count="1", idlist=[1]), 200, BadResponse, "without a list"),
        (searched(count=True, idlist=[]), 200, BadResponse, "without a list"),
        ({"error": "API rate limit exceeded", "count": "4"}, 200, RateLimited, "too many"),
        ({"error": "API key invalid", "api-key": "example-key"}, 400, NotAuthorized, "key"),
        ({"error": "No"}, 400, BadResponse, "query"),
    ],
)
def test_a_search_that_fails_is_understood(
    value: Mapping[str, object], status: int, error: type[IntegrationError], words: str
) -> None:
    access = Access(now=ACCESS.now, key="example-key")
    with Server(lambda _: as_json(value, status)) as server:
        source = PubmedSource("x", access, web=served(PACE, server))
        with pytest.raises(error, match=words) as raised:
            # Today alone, which cannot be halved.
            list(source.listings(access.now + timedelta(days=9)))
    assert raised.value.service == "PubMed"
    assert "example-key" not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", TransientError),
        (b"<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>", BadResponse),
        (b'{"error":"API rate limit exceeded","count":"11"}', RateLimited),
        (fetched(article(101, 1))[:-30], TransientError),
        (fetched(), TransientError),
        (b"<pmc-articleset><article>A backend failed</article></pmc-articleset>", BadResponse),
    ],
)
def test_papers_that_do_not_come_are_understood(body: bytes, error: type[TransientError]) -> None:
    with Server(service) as server:
        fault = Fault(200, {"Content-Type": XML}, body)
        server.faults.when(lambda request: "efetch" in request.path, fault)
        with pytest.raises(error):
            list(PubmedSource("x", ACCESS, web=served(PACE, server)).listings(None))


def test_a_paper_that_was_found_but_is_not_sent_is_reported() -> None:
    with Server(service) as server:
        fault = Fault(200, {"Content-Type": XML}, fetched(article(101, 1)))
        server.faults.when(lambda request: "efetch" in request.path, fault)
        pages = list(PubmedSource("x", ACCESS, web=served(PACE, server)).listings(None))
    assert [(page.name, len(page.papers)) for page in pages] == [("2026-03-01", 1)]
    assert [skipped.place for skipped in pages[0].skipped] == [
        f"PMID {pmid}" for pmid in (107, 106, 105, 104, 103, 102)
    ]


def test_a_day_that_was_not_asked_for_moves_no_mark() -> None:
    late = article(101, 1).replace("<Year>2026<", "<Year>9999<")
    with Server(service) as server:
        fault = Fault(200, {"Content-Type": XML}, fetched(late))
        server.faults.when(lambda request: "efetch" in request.path, fault)
        pages = list(PubmedSource("x", ACCESS, web=served(PACE, server)).listings(None))
    assert [page.name for page in pages] == ["2026-03-06"]
