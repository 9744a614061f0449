import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.nbib import NBIB
from integrations.files.records import NO_TITLE
from recommender.errors import BadResponse
from recommender.library import Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped

WHOLE = """
PMID- 123456
OWN - NLM
STAT- MEDLINE
IS  - 1234-5678 (Print)
DP  - 2021 Mar
TI  - Bees at night: what they find
      and where.
LID - 10.1234/BEES.1 [doi]
AB  - They fly.
      They land.
FAU - Huber, Maria
AU  - Huber M
AD  - The Hive
      - its upper floor.
FAU - van der Berg, J
AU  - van der Berg J
CN  - The Hive Consortium
PT  - Comparative Study
PT  - Journal Article
DEP - 20210304
TA  - J Hives
JT  - Journal of hives
MH  - Bees/*physiology/genetics
MH  - *Night
OT  - pollen
OT  - flight
PMC - PMC6011367
CIN - Other J. 2022;1:1. PMID: 99. doi: 10.1234/other
AID - B-1 [pii]
SO  - J Hives. 2021 Mar;1(1):1. doi: 10.1234/bees.1. Epub 2021 Mar 4.
"""


def one(text: str) -> Entry:
    [entry] = NBIB.read(text.encode()).entries
    return entry


def paper(*lines: str) -> Paper:
    entry = one("\n".join(["PMID- 1", *lines]))
    assert isinstance(entry, Item)
    return entry.paper


def test_a_record_is_read_whole() -> None:
    item = one(WHOLE)
    assert isinstance(item, Item)
    assert item.key == "123456"
    assert item.tags == (Tag("pollen", automatic=True), Tag("flight", automatic=True))
    assert item.paper == Paper(
        title="Bees at night: what they find and where",
        abstract="They fly. They land.",
        authors=(
            Author("Huber", "Maria"),
            Author("van der Berg", "J"),
            Author("The Hive Consortium"),
        ),
        venue="Journal of hives",
        published="2021-03-04",
        ids=item.paper.ids,
        url="https://pmc.ncbi.nlm.nih.gov/articles/PMC6011367/",
        kind=Kind.ARTICLE,
        categories=("pollen", "flight", "Bees", "Night"),
    )
    assert [str(i) for i in item.paper.ids] == ["doi:10.1234/bees.1", "pmid:123456"]


@pytest.mark.parametrize(
    "packed",
    [
        codecs.BOM_UTF8 + WHOLE.encode(),
        WHOLE.encode("utf-16"),
        WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.replace("\n", "\n\n").encode(),
    ],
)
def test_byte_order_marks_line_ends_and_blank_lines_do_no_harm(packed: bytes) -> None:
    assert NBIB.matches(packed)
    assert NBIB.read(packed).entries == (one(WHOLE),)


def test_a_foreign_code_page_is_read() -> None:
    [item] = NBIB.read("PMID- 1\nTI  - Über Bienen".encode("cp1252")).entries
    assert isinstance(item, Item)
    assert item.paper.title == "Über Bienen"


def test_every_record_has_its_line_and_a_bad_one_spoils_only_itself() -> None:
    text = "PMID- x\nOWN - NLM\n\nPMID- 2\nTI  - Hives\nPMID- 3\nTI  - Wax\n\nOWN - NLM\nTI  - Ca"
    untitled, *rest = NBIB.read(text.encode()).entries
    assert untitled == Unreadable("x", Skipped("line 1 (x)", NO_TITLE))
    assert [e.paper.title for e in rest if isinstance(e, Item)] == ["Hives", "Wax", "Ca"]


def test_erics_records_begin_with_their_owner_and_have_addresses() -> None:
    text = (
        "\nOWN - ERIC\nTI  - Tests of bees\nAU  - van Groen, Ann M.\nOT  - Tests\nJT  - Hives\n"
        "AID - http://dx.doi.org/10.1234/bees\nOID - EJ7\nDP  - Article 10 2019\n"
        "LID - http://eric.example/?id=EJ7\nISSN - EISSN-1234-5678\nPT  - Journal Articles\n\n"
        "OWN - ERIC\nTI  - Bees at school\nAU  - Roe, Bo\nOID - ED8\nJT  - Hive, Inc.\n"
        "PT  - Reports - Research\n"
    )
    assert NBIB.matches(text.encode())
    article, report = NBIB.read(text.encode()).entries
    assert isinstance(article, Item)
    assert isinstance(report, Item)
    assert (article.key, article.paper.kind, article.paper.published) == (
        "EJ7", Kind.ARTICLE, "2019",
    )  # fmt: skip
    assert [str(i) for i in article.paper.ids] == ["doi:10.1234/bees"]
    assert article.paper.url == "http://eric.example/?id=EJ7"
    assert (report.key, report.paper.kind, report.paper.venue) == ("ED8", Kind.REPORT, "Hive, Inc.")


def test_a_chapter_has_its_books_title_and_a_book_its_editors() -> None:
    chapter = paper(
        "TI  - Wax", "BTI - Hives", "FED - Li, Bo", "FAU - Roe, Ann", "PT  - Book Chapter"
    )
    assert (chapter.title, chapter.venue, chapter.kind) == ("Wax", "Hives", Kind.CHAPTER)
    assert chapter.authors == (Author("Roe", "Ann"),)
    book = paper(
        "BTI - Hives", "ED  - Li B", "ISBN- ISBN 978-3-16-148410-0", "PT  - Book", "PB  - Wax"
    )
    assert (book.title, book.venue, book.authors) == ("Hives", "Wax", (Author("Li", "B"),))
    assert [str(i) for i in book.ids] == ["pmid:1", "isbn:9783161484100"]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["TI  - [Bees in winter]."], "Bees in winter"),
        (["TI  - [Bees] and [wasps]."], "[Bees] and [wasps]"),
        (["TI  - [Bees [and] wasps.]"], "Bees [and] wasps"),
        (["TI  - Bees and so on..."], "Bees and so on..."),
        (["TI  - [Not Available].", "TT  - Bienen im Winter."], "Bienen im Winter"),
    ],
)
def test_what_pubmed_adds_to_a_title_is_taken_off(lines: list[str], title: str) -> None:
    assert paper(*lines).title == title


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        (["DP  - 2016", "DEP - 20160419"], "2016-04-19"),
        (["DP  - 2015 May", "DEP - 20150303"], "2015-03-03"),
        (["DP  - 1996 Jul 9"], "1996-07-09"),
        (["DP  - 2013 Spring"], "2013"),
        (["DP  - 2019 Nov-Dec"], "2019-11"),
        (["DEP - 20160419"], "2016-04-19"),
        (["DP  - soon", "DEP - 2016"], ""),
        (["DP  - 2016", "DEP - 00001399"], "2016"),
    ],
)
def test_dates(lines: list[str], date: str) -> None:
    assert paper("TI  - Bees", *lines).published == date


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        (["Journal Article", "Preprint"], Kind.PREPRINT),
        (["Letter"], Kind.ARTICLE),
        (["Academic Dissertation"], Kind.THESIS),
        (["Dissertations/Theses - Doctoral Dissertations"], Kind.THESIS),
        (["Books"], Kind.BOOK),
        (["Speeches/Meeting Papers"], Kind.CONFERENCE),
        ([], Kind.ARTICLE),
    ],
)
def test_kinds_of_papers(kinds: list[str], kind: Kind) -> None:
    assert paper("TI  - Bees", "JT  - Hives", *(f"PT  - {k}" for k in kinds)).kind is kind


def test_a_film_is_no_paper() -> None:
    assert one("PMID- 1\nTI  - Bees\nPT  - Video-Audio Media") == OtherKind(
        "1", "video-audio media"
    )


def test_before_2002_authors_have_initials_alone() -> None:
    found = paper("TI  - Bees", "AU  - van Raaij MJ", "AU  - Leslie AG Jr", "AU  - Plato")
    assert found.authors == (
        Author("van Raaij", "MJ"), Author("Leslie", "AG Jr"), Author("Plato"),
    )  # fmt: skip


def test_another_abstract_stands_in_but_a_hint_at_one_does_not() -> None:
    assert (
        paper("TI  - Bees", "OAB - Publisher: Abstract available from the publisher.").abstract
        == ""
    )
    assert paper("TI  - Bees", "OAB - Sie fliegen.").abstract == "Sie fliegen."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TI  - On bees\n",
        "TY  - JOUR\nPMID- 1\n",
        "PMID 1",
        "<a>PMID- 1</a>",
        "OWN\n- x",
        "PMID- a",
    ],
)
def test_what_is_something_else_is_not_recognised(text: str) -> None:
    assert not NBIB.matches(text.encode())


def test_a_text_without_a_tag_is_refused() -> None:
    with pytest.raises(BadResponse, match="no line has a tag"):
        NBIB.read(b"Bees\nfly\n")


def test_one_long_value_takes_no_longer_than_many() -> None:
    data = b"PMID- 1\nTI  - Bees\nAB  - " + b"      They fly.\n" * 200_000
    started = time.thread_time()
    assert len(NBIB.read(data).entries) == 1
    assert time.thread_time() - started < 5


TAGS = st.sampled_from(
    ["PMID- 1", "PMID-", "OWN - ", "TI  - [", "AU  - ,", "AB  -", "DP  - 2001/13/99", "ISBN- 978",
     "LID - 10. [doi]", "AID - http:", "      é", "MH  - /*", "", "TT  - [].", "DEP - 20010230"]
)  # fmt: skip


@given(st.lists(st.one_of(TAGS, st.text(max_size=20)), max_size=30))
def test_no_text_makes_it_raise_anything_else(lines: list[str]) -> None:
    text = "\n".join(["PMID- 7", "TI  - Hives", *lines])
    found = NBIB.read(text.encode("utf-8", "replace")).entries
    assert len({entry.key for entry in found}) == len(found) >= 1
