"""Files of EndNote's and PubMed's formats as programs wrote them: every record read or reported."""

import time
from pathlib import Path

import pytest

from integrations.files.endnote_xml import ENDNOTE_XML
from integrations.files.enw import ENW
from integrations.files.formats import LIBRARY_FORMATS, recognised
from integrations.files.library import FileLibrary
from integrations.files.nbib import NBIB
from integrations.files.records import NO_TITLE
from integrations.sources.files import FileSource
from recommender.library import Entry, Item, OtherKind, Unreadable
from recommender.papers import Kind

FILES = {
    "endnote_xml/Endnote.book.example.enw": (ENW, 1, b"%0"),
    "endnote_xml/Endnote.entries.enw": (ENW, 13, b"%0"),
    "endnote_xml/EndnoteXmlImporterTestArticle.xml": (ENDNOTE_XML, 1, b"<record>"),
    "endnote_xml/EndnoteXmlImporterTestArticle2.xml": (ENDNOTE_XML, 2, b"<record>"),
    "endnote_xml/EndnoteXmlImporterTestLabelAndMultiTitle.xml": (ENDNOTE_XML, 3, b"<record>"),
    "endnote_xml/EndnoteXmlImporterTestReport.xml": (ENDNOTE_XML, 1, b"<record>"),
    "endnote_xml/EndnoteXmlImporterTest_EmptyKeywordStyle.xml": (ENDNOTE_XML, 1, b"<record>"),
    "pubmed/NbibImporterTest.nbib": (NBIB, 1, b"PMID-"),
}


def entries(shared: Path, name: str) -> tuple[Entry, ...]:
    return FILES[name][0].read((shared / "payloads" / name).read_bytes()).entries


def item(shared: Path, name: str, key: str) -> Item:
    [found] = [e for e in entries(shared, name) if e.key == key]
    assert isinstance(found, Item)
    return found


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_recognised_alone_and_every_record_is_an_entry(
    shared: Path, name: str
) -> None:
    data = (shared / "payloads" / name).read_bytes()
    form, count, start = FILES[name]
    assert [f for f in LIBRARY_FORMATS if f.matches(data)] == [form]
    assert data.count(start) == len(entries(shared, name)) == count


def test_pubmeds_xml_is_none_of_them(shared: Path) -> None:
    for path in (shared / "payloads/pubmed").glob("*.xml"):
        assert recognised(path.read_bytes()) is None


def test_what_says_nothing_is_reported_with_its_line(shared: Path) -> None:
    found = entries(shared, "endnote_xml/Endnote.entries.enw")
    silent = [e.skipped for e in found if isinstance(e, Unreadable)]
    assert [s.place for s in silent] == [f"line {n}" for n in (*range(7, 15), 23, 25)]
    assert {s.reason for s in silent} == {NO_TITLE}
    assert [e.kind for e in found if isinstance(e, OtherKind)] == ["test0"]
    first, last = (e for e in found if isinstance(e, Item))
    assert [a.family for a in first.paper.authors] == ["testA0", "testA1"]
    assert (last.key, last.paper.kind, last.paper.abstract) == ("testF", Kind.THESIS, "testX")


def test_a_book_in_the_tagged_format_holds_all_that_its_catalogue_says(shared: Path) -> None:
    [book] = entries(shared, "endnote_xml/Endnote.book.example.enw")
    assert isinstance(book, Item)
    assert [str(a) for a in book.paper.authors] == ["René Preißel", "Bjørn Stachmann"]
    assert [str(i) for i in book.paper.ids] == ["isbn:9783864903113"]
    assert (book.paper.venue, book.paper.published) == ("dpunkt.verlag", "2016")
    assert book.paper.url == "http://d-nb.info/107601965X"
    assert [tag.name for tag in book.tags] == ["Versionsverwaltung"]


def test_bookends_exports_hold_ids_dates_and_keywords(shared: Path) -> None:
    cancer = item(shared, "endnote_xml/EndnoteXmlImporterTestArticle.xml", "2954")
    assert [str(i) for i in cancer.paper.ids] == ["doi:10.1038/bjc.2014.606", "pmid:25647015"]
    assert (cancer.paper.venue, cancer.paper.published) == ("Br J Cancer", "2015-03-03")
    assert (len(cancer.paper.authors), len(cancer.tags)) == (3, 13)
    assert cancer.paper.abstract == "test abstract"
    laser = item(shared, "endnote_xml/EndnoteXmlImporterTest_EmptyKeywordStyle.xml", "55549")
    assert [str(i) for i in laser.paper.ids] == ["doi:10.1089/acu.2018.1295", "pmid:29937971"]
    assert laser.paper.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC6011367/"
    assert len(laser.tags) == 5


def test_endnotes_exports_hold_titles_in_several_pieces(shared: Path) -> None:
    skua = item(shared, "endnote_xml/EndnoteXmlImporterTestLabelAndMultiTitle.xml", "650")
    assert "skua Catharacta maccormicki at" in skua.paper.title
    assert len(skua.paper.authors) == 3
    soil = item(shared, "endnote_xml/EndnoteXmlImporterTestArticle2.xml", "13265")
    assert (soil.paper.kind, soil.paper.venue, soil.paper.published) == (
        Kind.BOOK, "Ecology", "1937-01",
    )  # fmt: skip
    martin = item(shared, "endnote_xml/EndnoteXmlImporterTestReport.xml", "1289")
    assert martin.paper.kind is Kind.REPORT
    assert martin.paper.venue.startswith("USDA Forest Service")


def test_pubmeds_export_holds_ids_people_and_words(shared: Path) -> None:
    found = item(shared, "pubmed/NbibImporterTest.nbib", "27169098")
    assert [str(i) for i in found.paper.ids] == ["doi:10.4103/2277-9175.180636", "pmid:27169098"]
    assert found.paper.title == "Proteomics: A new perspective for cancer"
    assert [a.family for a in found.paper.authors] == [
        "Shruthi", "Vinodhkumar", "Selvamani", "corporater",
    ]  # fmt: skip
    assert found.paper.venue == "Advanced biomedical research"
    assert (found.paper.published, found.paper.kind) == ("2016-04-19", Kind.ARTICLE)
    assert len(found.tags) == len(found.paper.categories) == 5


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_a_library_and_a_listing_and_stays_unread_while_unchanged(
    shared: Path, name: str
) -> None:
    path = str(shared / "payloads" / name)
    library = FileLibrary(path).changes(None)
    assert len(library.entries) == FILES[name][1]
    assert FileLibrary(path).changes(library.version).unchanged
    [page] = FileSource(path).listings(None)
    kept = [e for e in entries(shared, name) if not isinstance(e, OtherKind)]
    assert len(page.papers) + len(page.skipped) == len(kept)
    [again] = FileSource(path).listings(None, {page.name: page.mark})
    assert again.unchanged
    assert again.papers == ()


@pytest.mark.parametrize(
    "name",
    [
        "endnote_xml/Endnote.book.example.enw",
        "endnote_xml/EndnoteXmlImporterTestArticle.xml",
        "pubmed/NbibImporterTest.nbib",
    ],
)
def test_ten_thousand_records_are_read_in_seconds(shared: Path, name: str) -> None:
    form = FILES[name][0]
    data = (shared / "payloads" / name).read_bytes().rstrip()
    if form is ENDNOTE_XML:
        start, end = data.index(b"<record>"), data.rindex(b"</record>") + len(b"</record>")
        many = data[:start] + data[start:end] * 10_000 + data[end:]
    else:
        many = (data + b"\n\n") * 10_000
    started = time.thread_time()
    assert len(form.read(many).entries) == 10_000
    assert time.thread_time() - started < 10
