import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from integrations.files.records import NO_TITLE
from integrations.files.zotero_rdf import ZOTERO_RDF
from recommender.errors import BadResponse
from recommender.library import Collection, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Skipped

HEAD = """<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:link="http://purl.org/rss/1.0/modules/link/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:bib="http://purl.org/net/biblio#"
 xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">
"""
ARTICLE = """
<bib:Article rdf:about="#item_1">
  <z:itemType>journalArticle</z:itemType>
  <dcterms:isPartOf rdf:resource="urn:issn:1234-5678"/>
  <bib:authors><rdf:Seq>
    <rdf:li><foaf:Person><foaf:surname>Huber</foaf:surname>
      <foaf:givenName>Maria</foaf:givenName></foaf:Person></rdf:li>
    <rdf:li><foaf:Person><foaf:surname>The Hive Consortium</foaf:surname></foaf:Person></rdf:li>
  </rdf:Seq></bib:authors>
  <dc:subject>pollen</dc:subject>
  <dc:subject><z:AutomaticTag><rdf:value>flight</rdf:value></z:AutomaticTag></dc:subject>
  <dc:subject><dcterms:LCC><rdf:value>QL568</rdf:value></dcterms:LCC></dc:subject>
  <dc:title>Bees at &lt;i&gt;night&lt;/i&gt;</dc:title>
  <dcterms:abstract>They fly.
They land.</dcterms:abstract>
  <dc:date>4 March 2021</dc:date>
  <dc:identifier><dcterms:URI><rdf:value>https://hives.example/bees</rdf:value></dcterms:URI></dc:identifier>
  <dcterms:dateSubmitted>2021-04-05 06:07:08</dcterms:dateSubmitted>
  <dc:description>PMID: 123456
See also doi:10.1234/other</dc:description>
</bib:Article>
<bib:Journal rdf:about="urn:issn:1234-5678">
  <dc:title>Journal of Hives</dc:title>
  <dc:identifier>DOI 10.1234/BEES.1</dc:identifier>
  <dc:identifier>ISSN 1234-5678</dc:identifier>
</bib:Journal>
"""


def whole(*parts: str) -> bytes:
    return (HEAD + "".join(parts) + "</rdf:RDF>").encode()


def test_an_article_is_read_whole_with_what_stands_at_its_journal() -> None:
    data = whole(ARTICLE)
    assert ZOTERO_RDF.matches(data)
    [item] = ZOTERO_RDF.read(data).entries
    assert isinstance(item, Item)
    assert item.key == "#item_1"
    assert item.tags == (Tag("pollen"), Tag("flight", automatic=True))
    assert item.added_at == datetime(2021, 4, 5, 6, 7, 8, tzinfo=UTC)
    paper = item.paper
    assert (paper.title, paper.abstract) == ("Bees at night", "They fly. They land.")
    assert paper.authors == (Author("Huber", "Maria"), Author("The Hive Consortium"))
    assert (paper.venue, paper.published) == ("Journal of Hives", "2021-03-04")
    assert list(map(str, paper.ids)) == ["doi:10.1234/bees.1", "pmid:123456"]
    assert (paper.kind, paper.url) == (Kind.ARTICLE, "https://hives.example/bees")


def test_a_journal_of_two_articles_gives_its_doi_to_neither() -> None:
    entries = ZOTERO_RDF.read(whole(ARTICLE, ARTICLE.partition("<bib:Journal")[0])).entries
    assert [e.key for e in entries] == ["#item_1", "#item_1#2"]
    for item in entries:
        assert isinstance(item, Item)
        assert list(map(str, item.paper.ids)) == ["pmid:123456"]
        assert item.paper.venue == "Journal of Hives"


def test_a_chapter_has_its_books_title_and_not_its_number() -> None:
    chapter = """<bib:BookSection rdf:about="urn:isbn:9783161484100">
      <z:itemType>bookSection</z:itemType><dc:title>On bees</dc:title>
      <dcterms:isPartOf><bib:Book>
        <dcterms:isPartOf><bib:Series><dc:title>Insects</dc:title></bib:Series></dcterms:isPartOf>
        <dc:title>All of nature</dc:title><dc:identifier>ISBN 978-3-16-148410-0</dc:identifier>
      </bib:Book></dcterms:isPartOf>
      <bib:editors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Berg</foaf:surname></foaf:Person>
      </rdf:li></rdf:Seq></bib:editors></bib:BookSection>"""
    [item] = ZOTERO_RDF.read(whole(chapter)).entries
    assert isinstance(item, Item)
    assert (item.paper.venue, item.paper.ids, item.paper.authors) == ("All of nature", (), ())


def test_a_book_has_its_number_and_its_editors() -> None:
    book = """<bib:Book rdf:about="urn:isbn:978-3-16-148410-0"><z:itemType>book</z:itemType>
      <dcterms:isPartOf><bib:Series><dc:title>Insects</dc:title></bib:Series></dcterms:isPartOf>
      <bib:editors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Berg</foaf:surname></foaf:Person>
      </rdf:li></rdf:Seq></bib:editors>
      <dc:title>All of nature</dc:title><dc:identifier>ISBN 978-3-16-148410-0</dc:identifier>
    </bib:Book>"""
    [item] = ZOTERO_RDF.read(whole(book)).entries
    assert isinstance(item, Item)
    assert list(map(str, item.paper.ids)) == ["isbn:9783161484100"]
    assert item.paper.authors == (Author("Berg"),)


def test_a_preprint_is_read() -> None:
    preprint = """<rdf:Description rdf:about="https://arxiv.org/abs/2101.00001">
      <z:itemType>preprint</z:itemType><dc:title>On bees</dc:title>
      <prism:number>arXiv:2101.00001</prism:number><z:repository>arXiv</z:repository>
      <dc:identifier>DOI 10.48550/arXiv.2101.00001</dc:identifier></rdf:Description>"""
    [item] = ZOTERO_RDF.read(whole(preprint)).entries
    assert isinstance(item, Item)
    assert list(map(str, item.paper.ids)) == ["arxiv:2101.00001"]
    assert (item.paper.kind, item.paper.venue) == (Kind.PREPRINT, "arXiv")


def test_notes_and_attachments_are_other_kinds_and_journals_no_entries() -> None:
    memo = '<bib:Memo rdf:about="#item_2"><rdf:value>x</rdf:value></bib:Memo>'
    attachment = (
        '<z:Attachment rdf:about="#item_3"><z:itemType>attachment</z:itemType></z:Attachment>'
    )
    entries = ZOTERO_RDF.read(whole(ARTICLE, memo, attachment)).entries
    assert entries[1:] == (OtherKind("#item_2", "note"), OtherKind("#item_3", "attachment"))


def test_an_item_without_a_type_has_that_of_its_class() -> None:
    [item] = ZOTERO_RDF.read(
        whole('<bib:Thesis rdf:about="x"><dc:title>On bees</dc:title></bib:Thesis>')
    ).entries
    assert isinstance(item, Item)
    assert item.paper.kind is Kind.THESIS


def test_an_item_without_type_and_name_is_an_entry_too() -> None:
    inline = "<dcterms:isPartOf><bib:Journal/></dcterms:isPartOf>"
    bare = f"<bib:Article>{inline}<dc:title>On bees</dc:title></bib:Article>"
    assert len(ZOTERO_RDF.read(whole(bare, bare)).entries) == 2


def test_an_item_without_a_title_spoils_only_itself() -> None:
    bare = '<bib:Book rdf:about="urn:x"><z:itemType>book</z:itemType></bib:Book>'
    nameless = "<bib:Book><z:itemType>book</z:itemType></bib:Book>"
    first, second, third = ZOTERO_RDF.read(whole(bare, nameless, ARTICLE)).entries
    assert first == Unreadable("urn:x", Skipped("item 1 (urn:x)", NO_TITLE))
    assert second == Unreadable("#2", Skipped("item 2", NO_TITLE))
    assert isinstance(third, Item)


def test_collections_nest_and_hold_items() -> None:
    folders = """
    <z:Collection rdf:about="#collection_2"><dc:title>Bees</dc:title>
      <dcterms:hasPart rdf:resource="#item_1"/></z:Collection>
    <z:Collection rdf:about="#collection_1"><dc:title>Insects</dc:title>
      <dcterms:hasPart rdf:resource="#collection_2"/>
      <dcterms:hasPart rdf:resource="#item_1"/>
      <dcterms:hasPart rdf:resource="#item_gone"/></z:Collection>"""
    contents = ZOTERO_RDF.read(whole(ARTICLE, folders))
    [item] = contents.entries
    assert isinstance(item, Item)
    assert item.collections == ("#collection_2", "#collection_1")
    assert contents.collections == (
        Collection("#collection_1", "Insects"),
        Collection("#collection_2", "Bees", "#collection_1"),
    )


def test_collections_inside_themselves_end() -> None:
    folders = """
    <z:Collection rdf:about="#a"><dcterms:hasPart rdf:resource="#b"/></z:Collection>
    <z:Collection rdf:about="#b"><dcterms:hasPart rdf:resource="#a"/></z:Collection>"""
    assert ZOTERO_RDF.read(whole(folders)).collections == (
        Collection("#a", "#a"),
        Collection("#b", "#b", "#a"),
    )


@pytest.mark.parametrize("packed", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(packed: str) -> None:
    data = ("<?xml version='1.0'?>\n" + whole(ARTICLE).decode()).encode(packed)
    assert ZOTERO_RDF.matches(data)
    assert ZOTERO_RDF.read(data) == ZOTERO_RDF.read(whole(ARTICLE))


def test_a_character_that_xml_forbids_spoils_nothing() -> None:
    assert ZOTERO_RDF.read(whole(ARTICLE.replace("They", "\x0bThey"))) == ZOTERO_RDF.read(
        whole(ARTICLE)
    )


def test_an_entity_bomb_is_refused_at_once() -> None:
    names = "abcdefghij"
    bomb = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 20}">' for before, name in pairwise(names)
    )
    text = f"<?xml version='1.0'?><!DOCTYPE x [{bomb}]>" + whole("<a>&j;</a>").decode()
    started = time.thread_time()
    with pytest.raises(BadResponse, match="declares XML entities"):
        ZOTERO_RDF.read(text.encode())
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (whole(ARTICLE)[:-200], "is not whole XML .*line"),
        (b"", "is not whole XML"),
        (b"\0\1\2", "is not whole XML"),
        (b"<html></html>", "has no rdf:RDF"),
    ],
)
def test_what_is_no_whole_export_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(BadResponse, match=message) as found:
        ZOTERO_RDF.read(data)
    assert found.value.service == "Zotero RDF"
    assert "\n" not in str(found.value)


def test_deep_nesting_does_no_harm() -> None:
    assert not ZOTERO_RDF.read(whole("<a>" * 50_000 + "</a>" * 50_000)).entries


@pytest.mark.parametrize(
    "text",
    [
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/"><item/></rdf:RDF>',
        HEAD.replace("xmlns:bib=", 'xmlns:bibo="http://purl.org/ontology/bibo/" xmlns:bib='),
        "<html>http://www.zotero.org/namespaces/export#</html>",
        "",
    ],
)
def test_other_xml_is_not_recognised(text: str) -> None:
    assert not ZOTERO_RDF.matches(text.encode())
