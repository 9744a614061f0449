import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.endnote_xml import ENDNOTE_XML
from integrations.files.records import NO_TITLE
from recommender.errors import BadResponse
from recommender.library import Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>'
TAIL = "</records></xml>"


def styled(text: str) -> str:
    return f'<style face="normal" font="default" size="100%">{text}</style>'


ARTICLE = f"""<record><database name="a.enl" path="a.enl">a.enl</database>
<source-app name="EndNote" version="20.0">EndNote</source-app><rec-number>7</rec-number>
<foreign-keys><key app="EN" db-id="x">7</key></foreign-keys>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author>{styled("Huber, Maria")}</author>
  <author>
    {styled("The Hive Consortium,")}
  </author></authors>
  <secondary-authors><author>{styled("Li, Bo")}</author></secondary-authors></contributors>
<auth-address>{styled("The Hive")}</auth-address>
<titles>
  <title>{styled("Bees at ")}<style face="italic">night</style>{styled(" &amp; by day")}</title>
  <secondary-title>{styled("J Hives")}</secondary-title></titles>
<periodical><full-title>{styled("Journal of Hives")}</full-title>
  <abbr-1>J Hives</abbr-1></periodical>
<alt-periodical><full-title>{styled("Hives")}</full-title></alt-periodical>
<keywords><keyword/><keyword>{styled("pollen")}</keyword>
  <keyword><style face="bold"/>{styled("flight; wax&#xD;honey")}</keyword></keywords>
<dates><year>{styled("2021")}</year><pub-dates><date>{styled("Mar 4")}</date></pub-dates>
  <copyright-dates><date>1999</date></copyright-dates></dates>
<isbn>{styled("1234-5678 (Electronic)&#xD;2234-5678 (Linking)")}</isbn>
<accession-num>{styled("123456")}</accession-num>
<electronic-resource-num>{styled("10.1234/BEES.1 [doi]&#xD;B-1 [pii]")}</electronic-resource-num>
<abstract>{styled("They fly.&#xD;They land.")}</abstract>
<notes>{styled("Bees&#xD;See also doi:10.1234/other")}</notes>
<urls><related-urls><url>{styled("&lt;Go to ISI&gt;://000200148800007")}</url>
  <url>{styled("https://hives.example/bees")}</url></related-urls>
  <pdf-urls><url>internal-pdf://bees.pdf</url></pdf-urls></urls>
<remote-database-name>{styled("Medline")}</remote-database-name></record>"""


def whole(*records: str) -> bytes:
    return f"{HEAD}{''.join(records)}{TAIL}".encode()


def paper(inside: str, genre: str = "Journal Article") -> Paper:
    record = (
        f"<record><ref-type name='{genre}'>0</ref-type><titles><title>On bees</title>"
        f"<secondary-title>Hives</secondary-title></titles>{inside}</record>"
    )
    [item] = ENDNOTE_XML.read(whole(record)).entries
    assert isinstance(item, Item)
    return item.paper


def titled(title: str) -> str:
    return f"<record><titles><title>{title}</title></titles></record>"


def test_a_record_is_read_whole() -> None:
    data = whole(ARTICLE)
    assert ENDNOTE_XML.matches(data)
    [item] = ENDNOTE_XML.read(data).entries
    assert isinstance(item, Item)
    assert item.key == "7"
    assert item.tags == (Tag("pollen"), Tag("flight"), Tag("wax"), Tag("honey"))
    assert item.paper == Paper(
        title="Bees at night & by day",
        abstract="They fly. They land.",
        authors=(Author("Huber", "Maria"), Author("The Hive Consortium")),
        venue="Journal of Hives",
        published="2021-03-04",
        ids=item.paper.ids,
        url="https://hives.example/bees",
        kind=Kind.ARTICLE,
    )
    assert [str(i) for i in item.paper.ids] == ["doi:10.1234/bees.1", "pmid:123456"]


@pytest.mark.parametrize("packed", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read_whatever_the_file_says_of_itself(packed: str) -> None:
    text = (HEAD + titled("Über Bienen") + TAIL).replace("UTF-8", "ISO-8859-15")
    for spelled in (text, text.replace("\n", "\r\n")):
        data = spelled.encode(packed)
        assert ENDNOTE_XML.matches(data)
        [item] = ENDNOTE_XML.read(data).entries
        assert isinstance(item, Item)
        assert item.paper.title == "Über Bienen"


def test_a_type_is_known_by_its_name_else_by_its_number_else_an_article() -> None:
    def kind(genre: str) -> Kind:
        [item] = ENDNOTE_XML.read(
            whole(f"<record>{genre}<titles><title>x</title></titles></record>")
        ).entries
        assert isinstance(item, Item)
        return item.paper.kind

    assert kind('<ref-type name="Report">10</ref-type>') is Kind.REPORT
    assert kind("<ref-type>32</ref-type>") is Kind.THESIS
    assert kind("") is Kind.ARTICLE
    assert kind('<ref-type name="conference paper"/>') is Kind.CONFERENCE


def test_a_chapter_has_its_books_title_and_a_book_its_editors_and_number() -> None:
    inside = (
        "<contributors><secondary-authors><author>Li, Bo</author></secondary-authors>"
        "</contributors><isbn>978-3-16-148410-0</isbn>"
    )
    chapter = paper(inside, "Book Section")
    assert (chapter.venue, chapter.ids, chapter.authors) == ("Hives", (), ())
    book = paper(inside, "Book")
    assert [str(i) for i in book.ids] == ["isbn:9783161484100"]
    assert book.authors == (Author("Li", "Bo"),)


def test_the_full_text_at_pubmed_central_is_where_to_read_on() -> None:
    address = (
        "<urls><web-urls><url>https://www.ncbi.nlm.nih.gov/pubmed/29937971</url></web-urls></urls>"
    )
    for name in ("custom2", "user16"):
        found = paper(f"{address}<{name}>PMC6011367</{name}>")
        assert found.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC6011367/"
        assert [str(i) for i in found.ids] == ["pmid:29937971"]


def test_other_kinds_and_empty_records_spoil_nothing() -> None:
    entries = ENDNOTE_XML.read(
        whole("<record/>", '<record><ref-type name="Patent"/></record>', ARTICLE, "<what/>")
    ).entries
    assert entries[0] == Unreadable("#1", Skipped("record 1", NO_TITLE))
    assert entries[1] == OtherKind("#2", "patent")
    assert [e.key for e in entries] == ["#1", "#2", "7"]


def test_a_library_without_records_is_one() -> None:
    assert ENDNOTE_XML.matches(whole())
    assert ENDNOTE_XML.read(whole()).entries == ()


def test_characters_that_xml_forbids_spoil_nothing() -> None:
    ill = whole(titled("Be\x0bes&#x1; at&#0;&#xD83D;&#99999999; night&#x2014;"))
    [item] = ENDNOTE_XML.read(ill).entries
    assert isinstance(item, Item)
    assert item.paper.title == "Bees at night—"


@pytest.mark.parametrize(
    ("rest", "line", "what"),
    [
        ("\n<record><titles><ti", 4, "cut off"),
        ("\n", 4, "cut off"),
        (f"\n{titled('AT&T')}{TAIL}", 4, "broken (not well-formed (invalid token))"),
        (f"\n\n{titled('A&nbsp;T')}{TAIL}", 5, "broken (undefined entity)"),
        (f"\n<record></records>{TAIL}", 4, "broken (mismatched tag)"),
    ],
)
def test_half_a_library_is_none_and_where_it_breaks_is_told(
    rest: str, line: int, what: str
) -> None:
    # The half would look as if the reader had thrown the rest away.
    with pytest.raises(BadResponse) as found:
        ENDNOTE_XML.read(f"{HEAD}\n{titled('Bees')}{rest}".encode())
    assert str(found.value).startswith(f"line {line}: ")
    assert what in str(found.value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (f"{HEAD}<record><titles>", "line 2: the file is cut off here"),
        (f"{HEAD}<record>&</record>{TAIL}", "line 2: the XML is broken"),
        ("<feed><record/></feed>", "has no list of records"),
        ("", "has no list of records"),
        ("<xml><records>" + "<a>" * 1_000_000, "nested too deeply"),
        ('<!DOCTYPE xml [<!ENTITY a "ha">]>' + HEAD + TAIL, "declares XML entities"),
        ('<!DOCTYPE xml [<!ATTLIST record a CDATA "ha">]>' + HEAD + TAIL, "declares XML entities"),
    ],
    ids=range(7),
)
def test_what_cannot_be_read_at_all_is_refused_at_once(data: str, why: str) -> None:
    started = time.thread_time()
    with pytest.raises(BadResponse, match=why) as found:
        ENDNOTE_XML.read(data.encode())
    assert "\n" not in str(found.value)
    assert time.thread_time() - started < 2


def test_a_document_type_alone_does_no_harm() -> None:
    data = b'<!DOCTYPE xml SYSTEM "RSXML.dtd">' + whole(ARTICLE).partition(b"\n")[2]
    assert ENDNOTE_XML.matches(data)
    assert ENDNOTE_XML.read(data) == ENDNOTE_XML.read(whole(ARTICLE))


@pytest.mark.parametrize(
    "text",
    ["", "<xml/>", "<xml><a/></xml>", "<records><record/></records>", "<rdf:RDF><record/>",
     "<rss><records><record>", "<PubmedArticleSet/>", "{'<xml><records>': 1}"],
)  # fmt: skip
def test_what_is_something_else_is_not_recognised(text: str) -> None:
    assert not ENDNOTE_XML.matches(text.encode())


@given(st.data())
def test_a_damaged_file_raises_nothing_but_a_refusal(data: st.DataObject) -> None:
    text = whole(titled("Hives"), ARTICLE)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    damaged = text[:start] + data.draw(st.binary(max_size=5)) + text[end:]
    try:
        found = ENDNOTE_XML.read(damaged).entries
    except BadResponse as error:
        assert "\n" not in str(error)  # noqa: PT017 - most are no refusals
    else:
        assert len({entry.key for entry in found}) == len(found)
