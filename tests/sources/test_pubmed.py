"""PubMed: the contract with faults, what was recorded, and what is hostile."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources import pubmed
from integrations.sources.pubmed import PACE, PACE_WITH_KEY, PubmedSource
from integrations.sources.pubmed_records import records
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
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Paper, Skipped
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


class TestRecorded:
    @pytest.mark.parametrize(
        ("name", "n_papers", "n_skipped"),
        [
            ("MedlineImporterTestArticleID.xml", 1, 0),
            ("MedlineImporterTestArticleItalics.xml", 1, 0),
            ("MedlineImporterTestBookArticleSet.xml", 1, 1),
            ("MedlineImporterTestMathML.xml", 1, 0),
            ("MedlineImporterTestNbib.xml", 2, 0),
            ("MedlineImporterTestPubmedBook.xml", 1, 0),
            ("biopython_pubmed4.xml", 1, 0),
            ("biopython_pubmed7.xml", 1, 0),
            ("pubmed_efetch.xml", 5, 0),
        ],
    )
    def test_every_record_is_a_paper_or_told(
        self, shared: Path, name: str, n_papers: int, n_skipped: int
    ) -> None:
        found = _read(shared, name)
        papers = [one for one in found if isinstance(one, Paper)]
        assert (len(papers), len(found) - len(papers)) == (n_papers, n_skipped)
        for paper in papers:
            assert paper.authors
            assert paper.published
            assert paper.id(Scheme.PMID)

    @pytest.mark.parametrize(
        "name",
        [
            "biopython_efetch_pmc.xml",
            "biopython_elink7.xml",
            "biopython_esearch1.xml",
            "biopython_esearch7.xml",
            "biopython_esearch8.xml",
            "biopython_pubmed3.html",
            "NbibImporterTest.nbib",
            "esearch_error_http200.json",
            "pubmed_esearch.json",
        ],
    )
    def test_what_is_no_list_of_papers_is_told(self, shared: Path, name: str) -> None:
        with pytest.raises(BadResponse, match="PubMed"):
            _read(shared, name)

    def test_an_article_has_all_that_is_told(self, shared: Path) -> None:
        paper = _papers(shared, "pubmed_efetch.xml")[0]
        assert paper.title == (
            "Early timepoint 99mTc-DPD whole body scintigraphy and quantitative SPECT/CT imaging "
            "for diagnosis of cardiac ATTR amyloidosis"
        )
        assert paper.ids == (
            PaperId(Scheme.DOI, "10.1186/s13550-026-01466-0"),
            PaperId(Scheme.PMID, "42286391"),
        )
        assert (paper.venue, paper.published) == ("EJNMMI research", "2026-06-12")
        assert paper.kind is Kind.ARTICLE
        assert len(paper.authors) == 22
        assert paper.authors[0] == Author("Settelmeier", "Stephan")
        assert paper.categories[:2] == ("ATTR", "Cardiac amyloidosis")
        assert len(paper.abstract) == 1831
        assert re.findall(r"\b[A-Z]{6,}(?=: )", paper.abstract) == [
            "BACKGROUND",
            "RESULTS",
            "CONCLUSIONS",
        ]
        assert len(paper.references) == 61
        assert {one.scheme for one in paper.references} == {Scheme.DOI, Scheme.PMID}
        assert len(paper.institutions) == 9
        assert not any("@" in place for place in paper.institutions)

    def test_all_five_articles(self, shared: Path) -> None:
        papers = _papers(shared, "pubmed_efetch.xml")
        assert [len(paper.authors) for paper in papers] == [22, 9, 16, 9, 5]
        assert [len(paper.references) for paper in papers] == [61, 34, 12, 63, 86]
        assert [len(paper.abstract) for paper in papers] == [1831, 2029, 1066, 1877, 2513]

    def test_markup_and_groups_and_free_full_text(self, shared: Path) -> None:
        (italics,) = _papers(shared, "MedlineImporterTestArticleItalics.xml")
        assert italics.title == (
            "Genome-wide significant risk factors on chromosome 19 and the APOE locus"
        )
        assert len(italics.references) == 43
        assert italics.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC5973862/"
        (group,) = _papers(shared, "MedlineImporterTestArticleID.xml")
        assert group.authors[-1] == Author("ASTRO-CM Team")
        assert len(group.authors) == 15
        assert group.published == "2015-12-01"
        (formulas,) = _papers(shared, "MedlineImporterTestMathML.xml")
        assert formulas.title == "CellML 2.0"
        assert "η p 2" in formulas.abstract
        (links,) = _papers(shared, "biopython_pubmed4.xml")
        assert (len(links.references), len(links.authors)) == (48, 22)

    def test_books_and_their_chapters(self, shared: Path) -> None:
        (book,) = _papers(shared, "MedlineImporterTestPubmedBook.xml")
        assert book.title == (
            "Rheumatoid Arthritis: National Clinical Guideline for Management and Treatment in "
            "Adults"
        )
        assert (book.kind, book.published) == (Kind.BOOK, "2009-02")
        assert book.ids == (
            PaperId(Scheme.PMID, "21413195"),
            PaperId(Scheme.ISBN, "9781860163593"),
        )
        assert book.authors == (
            Author("National Collaborating Centre for Chronic Conditions (UK)"),
            Author("Williams", "Darlisha A"),
        )
        assert book.link == "https://www.ncbi.nlm.nih.gov/books/NBK51812/"
        chapter, nothing = _read(shared, "MedlineImporterTestBookArticleSet.xml")
        assert isinstance(chapter, Paper)
        assert (chapter.title, chapter.kind) == ("Title for some article", Kind.CHAPTER)
        assert (chapter.venue, chapter.published) == (book.title, "2012-03-27")
        assert nothing == Skipped("record 2 (PMID 21413195)", "has no title")

    def test_an_article_with_everything(self, shared: Path) -> None:
        paper = _papers(shared, "MedlineImporterTestNbib.xml")[0]
        assert paper.authors[0] == Author("Gibb", "F W Jr")
        assert len(paper.references) == 5
        assert paper.categories[:4] == ("keyword", "another keyword", "Female", "Graves Disease")

    def test_a_recorded_search_and_a_recorded_refusal(self, shared: Path) -> None:
        found = json.loads(_bytes(shared, "pubmed_esearch.json"))
        pmids = found["esearchresult"]["idlist"]
        found["esearchresult"]["count"] = "5"

        def facade(request: Request) -> Response:
            if "esearch" in request.path:
                return as_json(found)
            assert asked(request)["id"] == ",".join(pmids)
            return Response(200, {"Content-Type": XML}, _bytes(shared, "pubmed_efetch.xml"))

        access = Access(now=datetime(2026, 6, 13, tzinfo=UTC))
        with Server(facade) as server:
            source = PubmedSource("artificial intelligence", access, web=served(PACE, server))
            (page,) = source.listings(None)
            assert (page.name, len(page.papers)) == ("2026-06-12", 5)
            refusal = _bytes(shared, "esearch_error_http200.json")
            server.faults.at(2, Fault(200, {"Content-Type": "application/json"}, refusal))
            with pytest.raises(BadResponse, match="narrow"):
                list(source.listings(None))


def _bytes(shared: Path, name: str) -> bytes:
    return (shared / "payloads" / "pubmed" / name).read_bytes()


def _read(shared: Path, name: str) -> list[Paper | Skipped]:
    return [
        one if isinstance(one, Skipped) else one[0] for _, (_, one) in records(_bytes(shared, name))
    ]


def _papers(shared: Path, name: str) -> list[Paper]:
    return [one for one in _read(shared, name) if isinstance(one, Paper)]


def one(written: str) -> Paper | Skipped:
    """The only record of an answer."""
    ((_, (_, record)),) = records(fetched(written))
    return record if isinstance(record, Skipped) else record[0]


def paper(inside: str = "", *, title: str = "") -> Paper:
    """The paper of an article with these elements."""
    found = one(article(1, 1, inside, title=title))
    assert isinstance(found, Paper)
    return found


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("[On mice and men]", "On mice and men"),
        ("[18F]FDG and [68Ga]", "[18F]FDG and [68Ga]"),
        ("[The [18F]FDG scan]", "The [18F]FDG scan"),
        ("CO<sub>2</sub> at 10<sup>3</sup> <i>K</i>", "CO₂ at 10³ K"),
        ("x &lt; y &amp; z", "x < y & z"),
        ("And so on..", "And so on..."),
        ("\x01Odd \x0b sign", "Odd sign"),
    ],
)
def test_titles_are_plain(written: str, title: str) -> None:
    assert paper(title=written).title == title


def test_a_title_that_nobody_translated_is_the_original() -> None:
    inside = "<VernacularTitle>Von Mäusen.</VernacularTitle>"
    assert paper(inside, title="[Not Available]").title == "Von Mäusen"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998-12"),
        ("<MedlineDate>2008 Spring</MedlineDate>", "2008"),
        ("<Year>2026</Year><Month>Feb</Month><Day>30</Day>", "2026-02"),
        ("<Year>2026</Year><Season>Winter</Season>", "2026"),
        ("<Year>0</Year><Month>1</Month>", ""),
        ("<Year>99999999999</Year>", ""),
        ("", ""),
    ],
)
def test_dates_of_all_kinds(written: str, expected: str) -> None:
    inside = f"<PubDate>{written}</PubDate>"
    record = article(1, 1).replace("<Title>", f"<JournalIssue>{inside}</JournalIssue><Title>")
    found = one(record)
    assert isinstance(found, Paper)
    assert found.published == expected


def test_authors_of_all_kinds() -> None:
    people = (
        "<Author><LastName>Roe</LastName><Initials>AB</Initials></Author>"
        '<Author ValidYN="N"><LastName>Reo</LastName><ForeName>Ann</ForeName></Author>'
        "<Author><ForeName>Nobody</ForeName></Author><Author/>"
        "<Author><CollectiveName>The <i>ABC</i> Group</CollectiveName></Author>"
    )
    assert paper(f"<AuthorList>{people}</AuthorList>").authors == (
        Author("Roe", "AB"),
        Author("The ABC Group"),
    )


@pytest.mark.parametrize(
    ("way", "where", "types", "ids"),
    [
        ("UpdateOf", "bioRxiv. 2025 doi: 10.1101/2025.01.01.1", "Journal Article", 3),
        ("UpdateOf", "Cochrane Database Syst Rev. 2016", "Journal Article", 1),
        ("UpdateIn", "Nat Commun. 2026. doi: 10.1038/x1", "Preprint", 3),
        ("UpdateIn", "Cochrane Database Syst Rev. 2022", "Journal Article", 1),
        ("ErratumIn", "bioRxiv. doi: 10.1101/2025.01.01.1", "Preprint", 1),
    ],
)
def test_a_preprint_and_its_publication_are_one_paper(
    way: str, where: str, types: str, ids: int
) -> None:
    kind = f"<PublicationTypeList><PublicationType>{types}</PublicationType></PublicationTypeList>"
    link = f'<CommentsCorrections RefType="{way}"><RefSource>{where}</RefSource><PMID>77</PMID>'
    links = f"<CommentsCorrectionsList>{link}</CommentsCorrections></CommentsCorrectionsList>"
    record = article(1, 1, kind).replace("</MedlineCitation>", f"{links}</MedlineCitation>")
    found = one(record)
    assert isinstance(found, Paper)
    assert len(found.ids) == ids
    assert found.kind is (Kind.PREPRINT if types == "Preprint" else Kind.ARTICLE)


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hosts">]>'
)


def test_no_answer_can_declare_entities() -> None:
    answer = fetched(article(1, 1, "<Abstract><AbstractText>&b;&c;</AbstractText></Abstract>"))
    hostile = answer.decode().partition("<PubmedArticleSet")
    content = (BOMB + "".join(hostile[1:])).encode()
    assert [one for _, (_, one) in records(content)] == [
        Skipped("record 1 (PMID 1)", "its XML is broken")
    ]
    inside = fetched(article(1, 1, BOMB), article(2, 1))
    assert [isinstance(one, Skipped) for _, (_, one) in records(inside)] == [True, False]
    hidden = content.replace(b"<!ENTITY", b"<!\x00ENTITY").decode().encode("utf-16")
    assert [isinstance(one, Skipped) for _, (_, one) in records(hidden)] == [True]


def test_deep_and_long_and_endless_answers_end() -> None:
    deep = "<i>" * 20_000 + "x" + "</i>" * 20_000
    assert paper(f"<Abstract><AbstractText>{deep}</AbstractText></Abstract>").abstract == "x"
    unclosed = b"<PubmedArticleSet>" + b"<PubmedArticle >" * 20_000 + b"</PubmedArticleSet>"
    assert sum(isinstance(one, Skipped) for _, (_, one) in records(unclosed)) == 20_000


ELEMENTS = st.sampled_from(
    sorted(
        {
            *("PMID", "Article", "ArticleTitle", "Journal", "JournalIssue", "PubDate", "Year"),
            *("Month", "Day", "MedlineDate", "AuthorList", "Author", "LastName", "ForeName"),
            *("CollectiveName", "Abstract", "AbstractText", "ArticleDate", "KeywordList"),
            *("Keyword", "ReferenceList", "Reference", "ArticleIdList", "ArticleId", "History"),
            *("PubMedPubDate", "BookDocument", "Book", "BookTitle", "Isbn", "MedlineCitation"),
            *("PubmedData", "sup", "i", "CommentsCorrectionsList", "CommentsCorrections"),
        }
    )
)
ATTRIBUTES = st.sampled_from(
    ["", ' IdType="doi"', ' PubStatus="entrez"', ' RefType="Cites"', ' Label="X"', ' ValidYN="N"']
)
WORDS = st.sampled_from(
    ["", "9999", "0", "1", "10.1/x", "Jan", "\ud7ff", "1" * 5000, "&lt;script>"]
)
TREES: st.SearchStrategy[str] = st.recursive(
    WORDS,
    lambda inside: st.builds(
        lambda name, attribute, parts: f"<{name}{attribute}>{''.join(parts)}</{name}>",
        ELEMENTS,
        ATTRIBUTES,
        st.lists(inside, max_size=4),
    ),
    max_leaves=30,
)


@given(st.lists(TREES, max_size=4), st.sampled_from(["", "BookDocument", "MedlineCitation"]))
def test_any_elements_give_a_paper_or_a_reason(trees: list[str], around: str) -> None:
    inside = "".join(trees)
    written = f"<{around}>{inside}</{around}>" if around else inside
    found = one(f"<PubmedArticle>{written}</PubmedArticle>")
    if isinstance(found, Skipped):
        assert "\n" not in found.place + found.reason
    else:
        assert repr(found).encode()
        assert found.title.encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_or_nothing(content: bytes) -> None:
    try:
        found: list[Any] = list(records(content))
    except IntegrationError:
        found = []
    assert not found
