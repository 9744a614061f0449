"""Saved pages are read in both dialects, and what is odd about them is told."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from integrations.pages.saved_pages import Dialect, Page, listing, matches, read_page
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Kind

ABSTRACT = (
    "Birds fly in flocks, and nobody leads them. We follow {} flocks over ten winters with small "
    "cameras. It turns out that each bird watches seven others, whatever the distance. A simple "
    "rule explains this, and it holds for fish as well as for people who leave a football stadium. "
    "We discuss what this means for robots and give the recordings to everybody."
)
HEADER = (
    "new",
    "Get trending papers in your email inbox!",
    "Subscribe",
    "byAK and the research community",
    "Apr 21",
)


def abstract(n: int = 1) -> str:
    return ABSTRACT.format(n)


def page(*blocks: str, spaced: bool = True) -> bytes:
    return ("\n\n" if spaced else "\n").join(blocks).encode()


def titles(found: Page) -> list[str]:
    return [entry.title for entry in found.entries]


def codes(found: Page) -> list[tuple[str, int]]:
    return [(w.code, w.line) for w in found.warnings]


def test_a_spaced_page_has_a_header_and_pairs() -> None:
    found = read_page(page(*HEADER, "How birds flock", abstract(1), "node2bird", abstract(2)))
    assert found.dialect is Dialect.SPACED
    assert (found.curator, found.month, found.day, found.year) == (
        "AK and the research community",
        4,
        21,
        None,
    )
    assert [(e.position, e.title_line, e.abstract_line) for e in found.entries] == [
        (1, 11, 13),
        (2, 15, 17),
    ]
    assert titles(found) == ["How birds flock", "node2bird"]
    assert found.entries[1].abstract_raw == abstract(2)
    assert found.warnings == ()


def test_a_compact_page_glues_the_header_to_the_first_title() -> None:
    slogans = ("Get trending papers in your email inbox once a day!", HEADER[1])
    data = page(*slogans, "SubscribeHow birds flock", abstract(1), "Bats", abstract(), spaced=False)
    found = read_page(data)
    assert found.dialect is Dialect.COMPACT
    assert titles(found) == ["How birds flock", "Bats"]
    assert [(e.title_line, e.abstract_line) for e in found.entries] == [(3, 4), (5, 6)]
    assert (found.curator, found.month) == ("", None)
    assert codes(found) == [("W_GLUED_HEADER", 3)]


def test_a_date_with_a_year_dates_the_page() -> None:
    found = listing(page(*HEADER[:4], "Feb 27, 2025", "Birds", abstract()), source="s", name="n")
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2025-02-27T00:00:00+00:00"


@pytest.mark.parametrize("date", ["Apr 21", "Feb 31, 2025"])
def test_a_date_that_is_none_leaves_the_page_without_one(date: str) -> None:
    found = listing(page(*HEADER[:4], date, "Birds", abstract()), source="s", name="n")
    assert found.published_at is None
    assert [p.paper.title for p in found.papers] == ["Birds"]


@pytest.mark.parametrize(
    "title", ["bytes are birds", "Subscribers of birds", "new birds", "Weekly X"]
)
def test_a_title_that_begins_like_the_header_is_a_title(title: str) -> None:
    assert titles(read_page(page(*HEADER[:3], title, abstract()))) == [title]


def test_the_header_may_come_in_any_order_and_with_the_sites_tabs() -> None:
    tabs = ("# Daily Papers", "Daily", "Weekly", "Monthly", "Trending Papers")
    found = read_page(page("Subscribe", *tabs, "new", HEADER[1], "Birds", abstract()))
    assert titles(found) == ["Birds"]


def test_a_title_without_an_abstract_stays_and_is_told() -> None:
    found = read_page(page(*HEADER, "Lonely", "Birds", abstract(), "Last"))
    assert next((e.title, e.abstract_line, e.abstract) for e in found.entries) == (
        "Lonely",
        None,
        "",
    )
    assert [[w.code for w in e.warnings] for e in found.entries] == [
        ["W_NO_ABSTRACT"],
        [],
        ["W_NO_ABSTRACT"],
    ]


def test_an_abstract_in_two_blocks_is_joined() -> None:
    found = read_page(page(*HEADER, "Birds", abstract(1), abstract(2), "Bats", abstract(3)))
    assert found.entries[0].abstract_raw == f"{abstract(1)} {abstract(2)}"
    assert [w.code for w in found.entries[0].warnings] == ["W_JOINED"]
    assert titles(found) == ["Birds", "Bats"]


def test_an_abstract_without_a_title_is_dropped_and_told() -> None:
    data = page(*HEADER, abstract(1), "Bats", abstract(2))
    assert codes(read_page(data)) == [("W_NO_TITLE", 11)]
    found = listing(data, source="s", name="n")
    assert [p.paper.title for p in found.papers] == ["Bats"]
    assert [(s.place, s.reason) for s in found.skipped] == [
        ("line 11", "an abstract without a title")
    ]


def test_a_page_without_papers_is_a_quiet_page() -> None:
    found = listing(page(*HEADER), source="s", name="n")
    assert (found.papers, found.skipped) == ((), ())
    assert codes(read_page(page(*HEADER))) == [("W_NO_ENTRIES", 1)]


def test_two_papers_of_one_title_both_stay() -> None:
    found = read_page(page(*HEADER, "Birds", abstract(1), "BIRDS.", abstract(2)))
    assert len(found.entries) == 2
    assert codes(found) == [("W_SAME_TITLE", 15)]
    assert codes(read_page(page(*HEADER, "Birds", abstract(1), "Birds", abstract(1)))) == []


def test_an_abstract_that_breaks_off_is_told() -> None:
    found = read_page(page(*HEADER, "Birds", f"{abstract()} We also embed"))
    assert [(w.code, w.line) for w in found.entries[0].warnings] == [("W_TRUNCATED", 13)]


def test_addresses_are_taken_and_ids_are_not() -> None:
    text = f"{abstract()} It builds on arXiv:1706.03762. Code: https://github.com/a/b."
    entry = read_page(page(*HEADER, "Birds", text)).entries[0]
    assert entry.urls == ("https://github.com/a/b",)
    assert entry.code_url == "https://github.com/a/b"
    found = listing(page(*HEADER, "Birds", text), source="s", name="n")
    assert found.papers[0].paper.ids == ()
    assert found.papers[0].paper.kind is Kind.OTHER


ARXIV = PaperId(Scheme.ARXIV, "2502.01234")


def test_votes_and_links_above_the_titles_belong_to_what_follows() -> None:
    data = page(
        *HEADER, "12", "/papers/2502.01234", "Birds", abstract(1), "· 5 authors", "-", "Bats",
        abstract(2), "3 comments",
    )  # fmt: skip
    found = read_page(data)
    assert [(e.title, e.votes, e.paper_id) for e in found.entries] == [
        ("Birds", 12, ARXIV),
        ("Bats", None, None),
    ]
    papers = listing(data, source="s", name="n").papers
    assert (papers[0].votes, papers[0].paper.ids, papers[0].paper.kind) == (
        12,
        (ARXIV,),
        Kind.PREPRINT,
    )


def test_a_dash_in_the_place_of_votes_shows_where_they_stand() -> None:
    found = read_page(page(*HEADER, "-", "Birds", abstract(1), "7", "Bats", abstract(2)))
    assert [(e.title, e.votes) for e in found.entries] == [("Birds", None), ("Bats", 7)]


def test_votes_and_links_below_the_titles_belong_to_what_precedes() -> None:
    found = read_page(
        page(
            *HEADER, "Birds", "https://huggingface.co/papers/2502.01234", "12", abstract(1),
            "Feb 27, 2025", "Bats", abstract(2), "7",
        )
    )  # fmt: skip
    assert [(e.title, e.votes, e.paper_id) for e in found.entries] == [
        ("Birds", 12, ARXIV),
        ("Bats", 7, None),
    ]
    assert (found.month, found.year) == (4, None)


def test_the_ends_of_lines_and_the_encoding_make_no_difference() -> None:
    text = "\n\n".join((*HEADER, "Naïve birds", abstract()))
    expected = read_page(text.encode()).entries
    for data in (
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace(" ", "\u00a0").encode(),
    ):
        assert read_page(data).entries == expected
    old = read_page(text.encode("cp1252"))
    assert old.entries == expected
    assert codes(old) == [("W_ENCODING", 1)]


def test_the_header_or_pairs_make_a_page() -> None:
    assert matches(page(*HEADER))
    assert matches(page("Birds", abstract()))
    assert matches(page("Birds", abstract(), "Bats", abstract(), spaced=False))
    assert matches(page(*HEADER, "Naïve", abstract())[:72])
    assert matches("Naïve birds\n\n".encode() + abstract().encode() + b" \xc3")


PARAGRAPH = "It is long and has sentences. They say how to build and run it, and whom to ask. " * 3


@pytest.mark.parametrize(
    "blocks",
    [
        ("# Birds", PARAGRAPH, "## Building", PARAGRAPH),
        ("Birds", PARAGRAPH, PARAGRAPH, PARAGRAPH, PARAGRAPH),
        ("Dear friend,", PARAGRAPH, "Yours,", PARAGRAPH),
        ("He left.", PARAGRAPH, "She stayed.", PARAGRAPH),
        ("title,abstract", f"Birds,{PARAGRAPH}"),
        ("import birds", "def fly():", "    return birds.fly()"),
        ("<html>", PARAGRAPH),
        ('{"title": "x"}', PARAGRAPH),
        ("Birds", "A short line."),
        ("Birds",),
        (PARAGRAPH, PARAGRAPH),
        ("Birds", "x" * 500),
        ("Birds", "0x3f. " * 60),
        ("TY  - JOUR", "TI  - Birds", f"AB  - {PARAGRAPH}", "ER  -"),
        ("name;year", "birds;2020", "bats;2021"),
        (),
    ],
)
def test_other_text_is_no_page(blocks: tuple[str, ...]) -> None:
    assert not matches(page(*blocks))
    assert not matches(page(*blocks, spaced=False))


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    page = read_page(data)
    assert [e.position for e in page.entries] == list(range(1, len(page.entries) + 1))
    matches(data)


@given(
    blocks=st.lists(
        st.one_of(
            st.sampled_from([*HEADER, "12", "-", "/papers/2502.01234", "SubscribeX", "by", "{}"]),
            st.just(abstract()),
            st.text(max_size=30),
        ),
        max_size=12,
    ),
    spaced=st.booleans(),
)
def test_no_page_raises_and_positions_count_the_entries(blocks: list[str], spaced: bool) -> None:
    data = page(*(b.encode("utf-8", "replace").decode() for b in blocks), spaced=spaced)
    found = listing(data, source="s", name="n")
    assert [p.position for p in found.papers] == list(range(1, len(found.papers) + 1))
    assert len(found.papers) == len(read_page(data).entries)


def test_only_what_was_dropped_is_skipped_and_the_rest_stays_a_warning() -> None:
    cut = f"{abstract(1).rstrip('.')} and then"
    data = page("Gulls that flock", cut, "Terns that dive", "Bats that hang", abstract(2))
    found = listing(data, source="s", name="n")
    assert [p.paper.title.split()[0] for p in found.papers] == ["Gulls", "Terns", "Bats"]
    assert found.skipped == ()
    assert [[w.code for w in e.warnings] for e in read_page(data).entries] == [
        ["W_TRUNCATED"],
        ["W_NO_ABSTRACT"],
        [],
    ]
