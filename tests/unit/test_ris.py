import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.records import NO_TITLE
from integrations.files.ris import RIS
from recommender.errors import BadResponse
from recommender.library import Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped

ZOTERO = """TY  - JOUR
TI  - Bees at <i>night</i> &amp; by day
AU  - Huber, Maria
AU  - van der Berg, Jan
T2  - Journal of Hives
AB  - They fly.
They land.
DA  - 2021/03/04/
PY  - 2021
DO  - 10.1234/BEES.1
SN  - 1234-5678
UR  - https://hives.example/bees
KW  - pollen
KW  - flight
N1  - <p>PMID: 123456</p>
ER  -
"""


def one(text: str) -> Entry:
    [entry] = RIS.read(text.encode()).entries
    return entry


def paper(*lines: str, genre: str = "JOUR") -> Paper:
    entry = one("\n".join([f"TY  - {genre}", "TI  - On bees", *lines, "ER  - "]))
    assert isinstance(entry, Item)
    return entry.paper


def test_a_record_of_zoteros_is_read_whole() -> None:
    item = one(ZOTERO)
    assert isinstance(item, Item)
    assert item.tags == (Tag("pollen"), Tag("flight"))
    assert item.paper == Paper(
        title="Bees at night & by day",
        abstract="They fly. They land.",
        authors=(Author("Huber", "Maria"), Author("van der Berg", "Jan")),
        venue="Journal of Hives",
        published="2021-03-04",
        ids=item.paper.ids,
        url="https://hives.example/bees",
        kind=Kind.ARTICLE,
    )
    assert [str(i) for i in item.paper.ids] == ["doi:10.1234/bees.1", "pmid:123456"]


def test_every_record_has_its_line_and_a_bad_one_spoils_only_itself() -> None:
    text = (
        "\n\nTY  - JOUR\nID  - k1\nER  - \n\nTY  - JOUR\nTI  - On bees\nTY  - BOOK\nTI  - Hives\n"
    )
    untitled, cut, last = RIS.read(text.encode()).entries
    assert untitled == Unreadable("k1", Skipped("line 3 (k1)", NO_TITLE))
    assert isinstance(cut, Item)
    assert isinstance(last, Item)
    assert (cut.paper.title, last.paper.title) == ("On bees", "Hives")


def test_the_number_of_entries_is_that_of_the_ty_lines() -> None:
    text = "Record 1\nTY  - JOUR\nTY  - \nTY  - NONSENSE\nER\nTYPE: none\nTY - JOUR\nTY  - ART\n"
    assert len(RIS.read(text.encode()).entries) == 5


@pytest.mark.parametrize(
    "packed",
    [
        codecs.BOM_UTF8 + ZOTERO.encode(),
        ZOTERO.encode("utf-16"),
        ZOTERO.replace("\n", "\r\n").encode(),
        ZOTERO.replace("\n", "\r").encode(),
        ("Provider: X\n\n1.\n" + ZOTERO).encode(),
    ],
)
def test_byte_order_marks_and_line_ends_do_no_harm(packed: bytes) -> None:
    assert RIS.matches(packed)
    [item] = RIS.read(packed).entries
    expected = one(ZOTERO)
    assert item == expected


def test_a_foreign_code_page_is_read() -> None:
    [item] = RIS.read("TY  - JOUR\nTI  - Über Bienen\nER  - ".encode("cp1252")).entries
    assert isinstance(item, Item)
    assert item.paper.title == "Über Bienen"


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        (["PY  - 2001/09/01/"], "2001-09-01"),
        (["PY  - 2001///"], "2001"),
        (["PY  - 2001/00/00"], "2001"),
        (["Y1  - 2014//"], "2014"),
        (["PY  - 2012", "DA  - Mar 12"], "2012-03-12"),
        (["PY  - 2012", "DA  - 2011/12/30"], "2012"),
        (["PY  - 99"], ""),
        (["PY  - YEAR/MONTH/DAY/", "DA  - 2010/05//"], "2010-05"),
        ([], ""),
    ],
)
def test_dates(lines: list[str], date: str) -> None:
    assert paper(*lines).published == date


@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        (["DO  - https://doi.org/10.1234/A"], ["doi:10.1234/a"]),
        (["UR  - http://arxiv.org/abs/2101.00001v2"], ["arxiv:2101.00001"]),
        (["C7  - arXiv:2101.00001"], ["arxiv:2101.00001"]),
        (["M1  - arXiv:2101.00001 [cs]"], ["arxiv:2101.00001"]),
        (["AN  - PMID: 77"], ["pmid:77"]),
        (["AN  - 77", "DB  - PubMed"], ["pmid:77"]),
        (["AN  - 77", "DB  - PsycINFO"], []),
        (["M3  - 10.1234/b"], ["doi:10.1234/b"]),
        (["N1  - See also doi:10.1234/other, on wasps"], []),
        (["N1  - Notes", "doi: 10.1234/c"], ["doi:10.1234/c"]),
        (["SN  - 978-3-16-148410-0"], []),
        (["UR  - https://x.example/a;b=1; https://pubmed.ncbi.nlm.nih.gov/54321/"], ["pmid:54321"]),
    ],
)
def test_ids(lines: list[str], ids: list[str]) -> None:
    assert [str(i) for i in paper(*lines).ids] == ids


@pytest.mark.parametrize(
    ("genre", "kind"),
    [
        ("JOUR", Kind.ARTICLE),
        ("Journal Article", Kind.ARTICLE),
        ("CONF", Kind.CONFERENCE),
        ("CPAPER", Kind.CONFERENCE),
        ("book", Kind.BOOK),
        ("CHAP", Kind.CHAPTER),
        ("THES", Kind.THESIS),
        ("RPRT", Kind.REPORT),
        ("UNPB", Kind.OTHER),
        ("GEN", Kind.OTHER),
    ],
)
def test_kinds_of_papers(genre: str, kind: Kind) -> None:
    assert paper("AU  - Huber, Maria", genre=genre).kind is kind


@pytest.mark.parametrize("genre", ["COMP", "DATA", "STAT", "CASE", "PAT", "SOUND", "ELEC", "BLOG"])
def test_other_kinds_are_no_papers(genre: str) -> None:
    entry = one(f"TY  - {genre}\nTI  - Honey\nAU  - Huber, Maria\nER  - ")
    assert isinstance(entry, OtherKind)
    assert entry.kind


def test_a_generic_record_without_author_or_id_is_no_paper() -> None:
    assert isinstance(one("TY  - GEN\nTI  - Honey\nER  - "), OtherKind)


def test_a_web_page_of_a_preprint_is_a_preprint() -> None:
    page = paper("UR  - https://arxiv.org/abs/2101.00001", genre="ELEC")
    assert page.kind is Kind.PREPRINT
    assert not page.url


def test_a_books_number_is_its_id_and_its_editors_stand_for_authors() -> None:
    book = paper("SN  - 978-3-16-148410-0", "A2  - Huber, Maria", genre="BOOK")
    assert [str(i) for i in book.ids] == ["isbn:9783161484100"]
    assert book.authors == (Author("Huber", "Maria"),)
    assert not paper("A2  - Huber, Maria", genre="CHAP").authors


def test_repeated_keys_are_told_apart() -> None:
    entries = RIS.read((ZOTERO + ZOTERO).encode()).entries
    assert [e.key for e in entries] == ["huber2021bees", "huber2021bees#2"]


WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Huber, M
   Berg, J
AF Huber, Maria
   Berg, Jan
TI Bees in
   the night
SO JOURNAL OF HIVES
DT Article
DE pollen; flight
ID HONEY
AB They fly.
PD JUN 8
PY 2004
DI 10.1234/bees.2
PM 99
WC Entomology; Zoology
UT WOS:1
ER

PT C
TI Wasps
DT Proceedings Paper
ER

EF
"""


def test_web_of_science_has_a_dialect_of_its_own() -> None:
    assert RIS.matches(WOS.encode())
    item, other = RIS.read(codecs.BOM_UTF8 + WOS.encode()).entries
    assert isinstance(item, Item)
    assert isinstance(other, Item)
    assert item.key == "WOS:1"
    assert item.paper.title == "Bees in the night"
    assert item.paper.authors == (Author("Huber", "Maria"), Author("Berg", "Jan"))
    assert item.paper.published == "2004-06-08"
    assert [str(i) for i in item.paper.ids] == ["doi:10.1234/bees.2", "pmid:99"]
    assert item.tags == (Tag("pollen"), Tag("flight"), Tag("HONEY", automatic=True))
    assert item.paper.categories == ("Entomology", "Zoology")
    assert other.paper.kind is Kind.CONFERENCE


@pytest.mark.parametrize(
    "text",
    ["", "PMID- 1\nTI  - On bees\n", "@article{a,\n note={\nTY  - JOUR\n}}", '[{"a":\n"TY  - X"}]'],
)
def test_what_is_something_else_is_not_recognised(text: str) -> None:
    assert not RIS.matches(text.encode())


def test_a_text_without_records_is_refused() -> None:
    with pytest.raises(BadResponse) as found:
        RIS.read(b"TI  - On bees\nER  - \n")
    assert found.value.service == "RIS"


TAGS = st.sampled_from(
    ["TY  - JOUR", "TY  - BOOK", "ER  - ", "TI  - On bees", "AU  - ,", "AB", "KW  - ;;", "  x",
     "UK  - a", "??  - b", "PY  - 2001/13/99", "SN  - 978", "DO  - 10.", "UR  - ;", "é", "ID  - ",
     "PT J"]
)  # fmt: skip


@given(st.lists(st.one_of(TAGS, st.text(max_size=20)), max_size=30))
def test_no_text_makes_it_raise_anything_else(lines: list[str]) -> None:
    text = "\n".join(["TY  - JOUR", *lines])
    found = RIS.read(text.encode("utf-8", "replace")).entries
    assert len({entry.key for entry in found}) == len(found) >= 1
