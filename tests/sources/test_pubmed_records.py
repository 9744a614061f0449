"""PubMed's records: what was recorded, and what is hostile."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources.pubmed import PACE, PubmedSource
from integrations.sources.pubmed_records import records
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import served
from recommender.errors import (
    BadResponse,
    IntegrationError,
)
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access
from tests.sources.test_pubmed import XML, article, asked, fetched


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
