import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.enw import ENW
from integrations.files.records import NO_TITLE
from recommender.errors import BadResponse
from recommender.library import Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped

WHOLE = """%0 Journal Article
%A Huber, Maria
%A Jan van der Berg
%A The Hive Consortium,
%T Bees at <i>night</i> &amp; by day
%J Journal of Hives
%D 2021
%8 Mar 4
%K pollen
flight; wax
%X They fly.

They land, 5 % of them.
%R doi:10.1234/BEES.1
%M 123456
%~ PubMed
%@ 1234-5678
%U https://hives.example/bees
%F huber2021
"""


def one(text: str) -> Entry:
    [entry] = ENW.read(text.encode()).entries
    return entry


def paper(*lines: str, genre: str = "Journal Article") -> Paper:
    entry = one("\n".join([f"%0 {genre}", "%T On bees", *lines]))
    assert isinstance(entry, Item)
    return entry.paper


def test_a_record_is_read_whole() -> None:
    item = one(WHOLE)
    assert isinstance(item, Item)
    assert item.key == "huber2021"
    assert item.tags == (Tag("pollen"), Tag("flight"), Tag("wax"))
    assert item.paper == Paper(
        title="Bees at night & by day",
        abstract="They fly. They land, 5 % of them.",
        authors=(
            Author("Huber", "Maria"),
            Author("van der Berg", "Jan"),
            Author("The Hive Consortium"),
        ),
        venue="Journal of Hives",
        published="2021-03-04",
        ids=item.paper.ids,
        url="https://hives.example/bees",
        kind=Kind.ARTICLE,
    )
    assert [str(i) for i in item.paper.ids] == ["doi:10.1234/bees.1", "pmid:123456"]


@pytest.mark.parametrize(
    "packed",
    [
        codecs.BOM_UTF8 + WHOLE.encode(),
        WHOLE.encode("utf-16"),
        WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.replace("\n", "\r").encode(),
        ("\n\n" + WHOLE.replace("\n%", "\n  %")).encode(),
    ],
)
def test_byte_order_marks_line_ends_and_indents_do_no_harm(packed: bytes) -> None:
    assert ENW.matches(packed)
    assert ENW.read(packed).entries == (one(WHOLE),)


def test_a_foreign_code_page_is_read() -> None:
    [item] = ENW.read("%0 Book\n%T Über Bienen".encode("cp1252")).entries
    assert isinstance(item, Item)
    assert item.paper.title == "Über Bienen"


def test_every_record_has_its_line_and_a_bad_one_spoils_only_itself() -> None:
    text = "%F k1\n\n%0 Journal Article\n%F k2\n%0 Book\n%T Hives\n\n%0 Map\n%T A map\n%0"
    cut, untitled, book, other, last = ENW.read(text.encode()).entries
    assert cut == Unreadable("k1", Skipped("line 1 (k1)", NO_TITLE))
    assert untitled == Unreadable("k2", Skipped("line 3 (k2)", NO_TITLE))
    assert isinstance(book, Item)
    assert other == OtherKind(other.key, "map")
    assert last == Unreadable("#5", Skipped("line 10", NO_TITLE))


def test_refer_has_no_types_and_a_blank_line_between_records() -> None:
    text = (
        b"%A Ann Roe\n%T Gulls\n%J Shores\n\n\n%T Terns\n%A Bo Li\n%B Birds\n%I Press\n\n%T Knots\n"
    )
    assert ENW.matches(text)
    papers = [e.paper for e in ENW.read(text).entries if isinstance(e, Item)]
    assert [(p.title, p.kind, p.venue) for p in papers] == [
        ("Gulls", Kind.ARTICLE, "Shores"),
        ("Terns", Kind.CHAPTER, "Birds"),
        ("Knots", Kind.ARTICLE, ""),
    ]


def test_the_anthologys_way_is_understood() -> None:
    found = paper(
        "%A Roe, Ann", "%Y Li, Bo", "%S Proceedings of the Hive", "%D 2023", "%8 December",
        "%I The Press", "%U https://aclanthology.org/2023.hive-main.7/",
        genre="Conference Proceedings",
    )  # fmt: skip
    assert (found.venue, found.published, found.kind) == (
        "Proceedings of the Hive", "2023-12", Kind.CONFERENCE,
    )  # fmt: skip
    assert found.authors == (Author("Roe", "Ann"),)
    assert [str(i) for i in found.ids] == ["acl:2023.hive-main.7"]


@pytest.mark.parametrize(
    ("lines", "ids", "url"),
    [
        (["%R https://doi.org/10.1234/A"], ["doi:10.1234/a"], ""),
        (["%R 10.1234/a [doi]\nB-1 [pii]"], ["doi:10.1234/a"], ""),
        (["%J arXiv preprint arXiv:2101.00001"], ["arxiv:2101.00001"], ""),
        (["%M 77", "%W PsycINFO"], [], ""),
        (["%Z PMID: 77"], ["pmid:77"], ""),
        (["%2 PMC6011367"], [], "https://pmc.ncbi.nlm.nih.gov/articles/PMC6011367/"),
        (["%U https://x.example/a; https://pubmed.ncbi.nlm.nih.gov/54321/"], ["pmid:54321"],
         "https://x.example/a"),
        (["%U <Go to ISI>://000200148800007", "%> file:///a.pdf"], [], ""),
    ],
)  # fmt: skip
def test_ids_and_pages(lines: list[str], ids: list[str], url: str) -> None:
    found = paper(*lines)
    assert ([str(i) for i in found.ids], found.url) == (ids, url)


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        (["%D 2001"], "2001"),
        (["%D 2001", "%8 October 3"], "2001-10-03"),
        (["%D 2001", "%8 2000/12/30"], "2001"),
        (["%8 2016-03-15"], "2016-03-15"),
        (["%D in press"], ""),
        (["%D 99999"], ""),
    ],
)
def test_dates(lines: list[str], date: str) -> None:
    assert paper(*lines).published == date


def test_an_edited_book_has_its_number_and_its_editors() -> None:
    book = paper("%@ 978-3-16-148410-0", "%E Huber, Maria; Berg, Jan", genre="Edited Book")
    assert [str(i) for i in book.ids] == ["isbn:9783161484100"]
    assert book.authors == (Author("Huber", "Maria"), Author("Berg", "Jan"))
    chapter = paper("%@ 978-3-16-148410-0", "%B All of nature", genre="Book Section")
    assert (chapter.ids, chapter.venue, chapter.kind) == ((), "All of nature", Kind.CHAPTER)


@pytest.mark.parametrize("genre", ["Computer Program", "Patent", "Dataset", "Web Page", "Generic"])
def test_what_nobody_cites_as_a_paper_is_none(genre: str) -> None:
    assert one(f"%0 {genre}\n%T Honey") == OtherKind("honey", genre.lower())


@pytest.mark.parametrize(
    "text",
    ["", "%PDF-1.7\n", "% my papers\n\n@article{a,}", "%A paper\n\\documentclass{article}",
     "%A\n%B\n", "50 %\n%T of", "%%0 Book\n", "TY  - JOUR\n%0 Book\n%T On bees\nER  - "],
)  # fmt: skip
def test_what_is_something_else_is_not_recognised(text: str) -> None:
    assert not ENW.matches(text.encode())


def test_a_text_without_a_tag_is_refused() -> None:
    with pytest.raises(BadResponse, match="no line has a tag"):
        ENW.read(b"Bees\n% fly\n")


TAGS = st.sampled_from(
    ["%0 Book", "%0", "%T On bees", "%A ,", "%X", "%K ;;", "  x", "%% y", "%D 2001/13/99", "%@ 978",
     "%R 10.", "%U ;", "%] é", "", "%F "]
)  # fmt: skip


@given(st.lists(st.one_of(TAGS, st.text(max_size=20)), max_size=30))
def test_no_text_makes_it_raise_anything_else(lines: list[str]) -> None:
    text = "\n".join(["%0 Book", "%T Hives", *lines])
    found = ENW.read(text.encode("utf-8", "replace")).entries
    assert len({entry.key for entry in found}) == len(found) >= 1
