"""Feeds of every kind are read, and what only looks like an abstract is not taken for one."""

from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import hypothesis.strategies as st
import pytest
from hypothesis import given

from integrations.pages import feeds
from integrations.pages.feeds import listing, matches
from integrations.pages.markup import LONGEST_ABSTRACT
from recommender.errors import BadResponse
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper

NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:arxiv="http://arxiv.org/schemas/atom"'
)


def tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def item(**fields: str | list[str]) -> str:
    inside = "".join(
        tag(name.replace("__", ":"), one)
        for name, text in fields.items()
        for one in ([text] if isinstance(text, str) else text)
    )
    return f"<item>{inside}</item>"


def rss(*items: str, channel: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}>'
        f"<channel><title>Birds</title>{channel}{''.join(items)}</channel></rss>"
    ).encode()


def rdf(*items: str) -> bytes:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns="http://purl.org/rss/1.0/" {NAMESPACES}>'
        f"<channel><title>Birds</title></channel>{''.join(items)}</rdf:RDF>"
    ).encode()


def atom(*entries: str, title: str = "Birds") -> bytes:
    return (
        '<?xml version="1.0"?><!-- made by hand -->'
        f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>'
        f"<title>{title}</title><updated>2026-01-02T03:04:05Z</updated>{''.join(entries)}</feed>"
    ).encode()


def arxiv_entry(**changes: str) -> str:
    fields = {
        "id": "oai:arXiv.org:2508.13426v2",
        "title": "Birds\n  of $\\beta$ Ceti",
        "summary": "arXiv:2508.13426v2 Announce Type: new \nAbstract: Less <c and more > $x^2$.",
        "published": "2025-08-20T00:00:00-04:00",
        "arxiv__announce_type": "new",
        "dc__creator": "Ann Roe, Andr\\'e Li (Zoo, Berlin)",
    } | changes
    inside = "".join(tag(name.replace("__", ":"), text) for name, text in fields.items())
    return f'<entry>{inside}<category term="cs.CL"/><category term="cs.AI"/></entry>'


def read(data: bytes) -> Listing:
    assert matches(data)
    return listing(data, source="s", name="n")


def paper(data: bytes) -> Paper:
    (listed,) = read(data).papers
    return listed.paper


def ids(found: Paper) -> list[str]:
    return [str(i) for i in found.ids]


def test_an_announcement_of_arxivs_is_read() -> None:
    found = paper(atom(arxiv_entry(arxiv__DOI="10.1000/BIRDS")))
    assert found.title == "Birds of β Ceti"
    assert found.abstract == "Less <c and more > x²."
    assert found.authors == (Author("Roe", "Ann"), Author("Li", "André"))
    assert ids(found) == ["doi:10.1000/birds", "arxiv:2508.13426"]
    assert (found.published, found.kind) == ("2025-08-20", Kind.PREPRINT)
    assert found.categories == ("cs.CL", "cs.AI")


def test_arxivs_rss_is_read_like_its_atom() -> None:
    found = paper(
        rss(
            item(
                guid="oai:arXiv.org:2508.13426v1",
                link="https://arxiv.org/abs/2508.13426",
                title="Birds",
                description="arXiv:2508.13426v1 Announce Type: cross\nAbstract: Less < more.",
                dc__creator="Ann Roe, Bo Li",
                category=["cs.CL"],
                pubDate="Sat, 01 Aug 2026 00:00:00 -0400",
            )
        )
    )
    assert (found.abstract, len(found.authors), ids(found)) == (
        "Less < more.",
        2,
        ["arxiv:2508.13426"],
    )
    assert found.categories == ("cs.CL",)


def test_a_new_version_is_as_old_as_the_paper() -> None:
    entry = arxiv_entry(id="oai:arXiv.org:2103.00001v4", arxiv__announce_type="replace-cross")
    assert paper(atom(entry)).published == "2021-03"


def test_an_answer_of_arxivs_interface_is_read() -> None:
    people = "".join(f"<author><name>{n}</name></author>" for n in ("Ann Roe", "Bo, Eva Li"))
    entry = arxiv_entry(id="http://arxiv.org/abs/quant-ph/0201082v1", summary=" Wrapped\n text. ")
    entry = entry.replace(tag("dc:creator", "Ann Roe, Andr\\'e Li (Zoo, Berlin)"), people)
    found = paper(atom(entry))
    assert ids(found) == ["arxiv:quant-ph/0201082"]
    assert found.abstract == "Wrapped text."
    assert [a.family for a in found.authors] == ["Roe", "Bo"]


def test_an_error_of_arxivs_interface_is_one() -> None:
    entry = arxiv_entry(
        id="https://arxiv.org/api/errors#x", title="Error", summary="incorrect id format for abc"
    )
    with pytest.raises(BadResponse, match="incorrect id format for abc") as raised:
        read(atom(entry))
    assert raised.value.service == "arXiv"


def test_a_day_without_news_is_a_dated_page_without_papers() -> None:
    page = read(rss(channel=tag("pubDate", "Sat, 01 Aug 2026 00:00:00 -0400")))
    assert (page.papers, page.skipped) == ((), ())
    assert page.published_at == datetime(2026, 8, 1, 4, tzinfo=UTC)


def test_a_page_is_as_old_as_the_feed_or_else_its_newest_entry() -> None:
    assert read(atom()).published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    entries = [item(title="Birds", dc__date=day) for day in ("2019-11-29", "2019-11-30")]
    assert read(rdf(*entries)).published_at == datetime(2019, 11, 30, tzinfo=UTC)
    assert read(rss(item(title="Birds"))).published_at is None


def test_a_preprint_servers_rdf_is_read() -> None:
    found = paper(
        rdf(
            item(
                title="\n Birds of <i>Larus</i> & 3-Dimensional <b>Models</b> ",
                link="https://birds.example.org/cgi/short/1v1?rss=1",
                description="They fly.",
                dc__creator=" Kestrel, D., Crane, A. ",
                dc__date="2019-11-29",
                dc__identifier="doi:10.1101/857789",
                prism__publicationName="bioRxiv",
            )
        )
    )
    assert found.title == "Birds of Larus & 3-Dimensional Models"
    assert [str(a) for a in found.authors] == ["D. Kestrel", "A. Crane"]
    assert (ids(found), found.published) == (["doi:10.1101/857789"], "2019-11-29")
    assert (found.kind, found.venue) == (Kind.PREPRINT, "bioRxiv")
    assert found.url == "https://birds.example.org/cgi/short/1v1?rss=1"


def test_a_notice_of_publication_is_no_abstract_but_names_the_paper() -> None:
    notice = "Birds, Published online: 13 May 2026; doi:10.1000/s41586-026-10461-3"
    found = paper(rdf(item(title="T", content__encoded=f"<p>{notice}</p>They fly.")))
    assert (found.abstract, ids(found)) == ("They fly.", ["doi:10.1000/s41586-026-10461-3"])


@pytest.mark.parametrize(
    "text",
    [
        "Birds, EarlyView.",
        "Journal of Birds, Ahead of Print.",
        "Volume 12, Issue 3, Page 1-10, March 2024.",
        "Birds, Volume 12, Issue 3, March 2024.",
        "<p>Publication date: May 2024</p><b>Source:</b> Birds<p>Author(s): Ann Roe, Bo Li</p>",
    ],
)
def test_the_issue_is_no_abstract(text: str) -> None:
    assert paper(rss(item(title="T", description=text))).abstract == ""


def test_authors_may_stand_in_the_notice() -> None:
    text = "<p>Publication date: May 2024</p><p>Source: Birds</p><p>Author(s): Ann Roe, Bo Li</p>"
    found = paper(rss(item(title="T", description=text)))
    assert found.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))


def test_the_longer_text_is_the_abstract_without_its_heading() -> None:
    long = (
        "<h2>ABSTRACT</h2><p>Birds fly.</p><p>Bats &amp; moths, too: a < b.</p><script>x()</script>"
    )
    found = paper(rss(item(title="T", description="Birds fly.", content__encoded=long)))
    assert found.abstract == "Birds fly. Bats & moths, too: a < b."


def test_a_whole_article_is_cut_at_a_word() -> None:
    found = paper(rss(item(title="T", description="birds " * 5000)))
    assert LONGEST_ABSTRACT - 6 < len(found.abstract) <= LONGEST_ABSTRACT
    assert found.abstract.endswith("birds")


def test_several_creators_are_one_author_each() -> None:
    found = paper(rss(item(title="T", dc__creator=["Roe, Ann", "Bo Li", "editor@example.org"])))
    assert found.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))


def test_ids_come_from_what_names_the_entry() -> None:
    found = paper(
        rss(
            item(
                title="T",
                link="https://pubmed.ncbi.nlm.nih.gov/12345678/?utm=rss",
                guid="x",
                description="See doi:10.1000/other and arXiv:2101.00001.",
                prism__doi="10.1000/own",
                prism__publicationName="Birds",
                pubDate="Sat, 01 Aug 2026 00:00:00 -0400",
            )
        )
    )
    assert ids(found) == ["doi:10.1000/own", "pmid:12345678"]
    assert (found.kind, found.published) == (Kind.ARTICLE, "2026-08-01")


def test_a_link_that_is_none_is_left_out() -> None:
    assert paper(rss(item(title="T", link="javascript:alert(1)"))).url == ""


def test_an_entry_without_a_title_spoils_only_itself() -> None:
    page = read(rss(item(title=" "), item(title="Birds")))
    assert [(s.place, s.reason) for s in page.skipped] == [("entry 1", "has no title")]
    assert [(p.position, p.paper.title) for p in page.papers] == [(1, "Birds")]


def test_a_broken_feed_gives_what_can_be_read() -> None:
    page = read(rss(item(title="Birds"), item(title="Bats"))[:-40] + b"\n<tit")
    assert page.papers[0].paper.title == "Birds"
    assert "broken" in page.skipped[-1].reason
    assert page.skipped[-1].place.startswith("line ")


def test_a_feed_that_is_broken_at_once_is_refused_in_one_line() -> None:
    with pytest.raises(BadResponse, match="broken here") as raised:
        read(b'<rss version="2.0"><channel><title>x</titl')
    assert "\n" not in str(raised.value)


def test_an_entity_that_unfolds_without_end_is_not_unfolded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "birds birds birds birds">'
    bomb += "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    data = f"{bomb}]><rss version='2.0'><channel><item><title>&i;</title></item></channel></rss>"
    try:
        page = read(data.encode())
    except BadResponse:
        return
    assert all(len(p.paper.title) < 1000 for p in page.papers)


def test_a_number_that_is_no_character_spoils_only_itself() -> None:
    data = rss(item(title="Birds"), item(title="Bats")).replace(b"Bats", b"Ba&#x110000;ts")
    assert [p.paper.title for p in read(data).papers] == ["Birds", "Ba\ufffdts"]


@pytest.mark.parametrize("error", [KeyError("textinput"), UnicodeError(), OverflowError("long")])
def test_what_the_parser_cannot_take_is_refused_in_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("feedparser.parse", parse)
    with pytest.raises(BadResponse, match="cannot be understood") as raised:
        read(rss(item(title="Birds")))
    assert raised.value.__cause__ is error


def test_a_feed_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LIMIT", 100)
    with pytest.raises(BadResponse, match="longer than"):
        listing(rss(item(title="Birds")), source="s", name="n")


def test_a_feed_that_spells_a_files_name_opens_no_file(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(rss(item(title="Secret")))
    with pytest.raises(BadResponse):
        listing(str(file).encode(), source="s", name="n")


def test_other_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel>'
    text += "<item><title>Vögel</title></item></channel></rss>"
    for encoding in ("utf-8", "iso-8859-1", "utf-16"):
        assert paper(text.format(encoding).encode(encoding)).title == "Vögel"
    # Many servers declare one encoding and send another.
    assert paper(text.format("us-ascii").encode()).title == "Vögel"


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>rss</body></html>",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:z="http://z">',
        "<feed>without its namespace</feed>",
        "<opml version='2.0'><body/></opml>",
        "a text about <rss>",
        "<?xml version='1.0'?>",
        "",
    ],
)
def test_other_markup_is_no_feed(text: str) -> None:
    assert not matches(text.encode())


def assert_read_or_refused(data: bytes) -> None:
    refused = ""
    try:
        page = listing(data, source="s", name="n")
        assert [p.position for p in page.papers] == list(range(1, len(page.papers) + 1))
    except BadResponse as error:
        refused = str(error)
    assert "\n" not in refused


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    matches(data)
    for wrapped in (data, rss(item(title="Birds")) + data, rss(data.decode("latin-1"))):
        assert_read_or_refused(wrapped)


FRAGMENTS = (
    "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "<!", "<!-- ", "&#x110000;",
    "&amp;", "&bird;", "<dc:creator>", "<pubDate>", "99999-99-99", "<link>", "http://[",
    "<a href='", "<media:x>", "<georss:point>", "1 2", "<?x", "\x00", "]", "<description>",
    "<guid>", "é",
)  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_no_debris_of_markup_raises_anything_else(pieces: list[str]) -> None:
    for data in (rss("".join(pieces)), atom("".join(pieces)), rdf("".join(pieces))):
        assert_read_or_refused(data)
