from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.identifiers import PaperId, Scheme
from recommender.papers import (
    Author,
    Paper,
    authors_of,
    date_in,
    month_number,
    partial_date,
    plain,
)


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("Ada Lovelace", Author("Lovelace", "Ada")),
        ("Lovelace, Ada", Author("Lovelace", "Ada")),
        ("Ludwig van Beethoven", Author("van Beethoven", "Ludwig")),
        ("Ana María de la Cruz", Author("de la Cruz", "Ana María")),
        ("  The   Collaboration ", Author("Collaboration", "The")),
        ("Plato", Author("Plato")),
        ("de la Cruz, Ana", Author("de la Cruz", "Ana")),
    ],
)
def test_a_name_is_split_into_family_and_given(name: str, author: Author) -> None:
    assert Author.of(name) == author


@given(st.text())
def test_any_name_gives_an_author_whose_spelling_is_stable(name: str) -> None:
    author = Author.of(name)
    assert Author.of(str(author)).family.casefold() in str(author).casefold()


def test_others_are_no_authors() -> None:
    assert authors_of(["Ada Lovelace", "others", "", "et al."]) == (Author("Lovelace", "Ada"),)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-05T10:00:00Z", "2024-03-05"),
        ("2024/03", "2024-03"),
        ("12 March 2024", "2024-03-12"),
        ("Mar 12, 2024", "2024-03-12"),
        ("March 2024", "2024-03"),
        ("c. 1950", "1950"),
        ("no date", ""),
        ("2024-13-40", "2024"),
        ("2023-02-31", "2023-02"),
        ("31 February 2023", "2023-02"),
        ("2023-02-29T10:00:00Z", "2023-02"),
        ("2024-02-29", "2024-02-29"),
        ("", ""),
    ],
)
def test_a_date_is_found_in_free_text(text: str, date: str) -> None:
    assert date_in(text) == date


@given(st.text())
def test_what_is_found_is_a_date_that_a_paper_can_have(text: str) -> None:
    Paper(title="t", published=date_in(text))
    assert date_in(date_in(text)) == date_in(text)


def test_a_partial_date_stops_where_a_part_is_no_number_in_range() -> None:
    assert partial_date(2024, 3, 5) == "2024-03-05"
    assert partial_date("2024", "3", None) == "2024-03"
    assert partial_date(2024, 13, 5) == "2024"
    assert partial_date("in press") == ""


def test_a_day_that_no_calendar_has_is_left_out() -> None:
    assert partial_date(2023, 2, 31) == "2023-02"
    assert partial_date(2023, 2, 29) == "2023-02"
    assert partial_date(2024, 2, 29) == "2024-02-29"


@given(st.integers(), st.integers(0, 13), st.integers(0, 32))
def test_a_partial_date_is_one_that_a_paper_can_have(year: int, month: int, day: int) -> None:
    found = partial_date(year, month, day)
    assert Paper(title="t", published=found).published == found


@pytest.mark.parametrize("published", ["2023-02-31", "2023-02-29", "1900-02-29", "2024-04-31"])
def test_a_paper_refuses_a_day_that_no_calendar_has(published: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        Paper(title="t", published=published)


@pytest.mark.parametrize(
    ("text", "number"), [("sep", 9), ("September", 9), ("{09}", 9), ("x", None)]
)
def test_a_month_is_a_name_or_a_number(text: str, number: int | None) -> None:
    assert month_number(text) == number


def test_plain_text_has_single_spaces_and_nothing_invisible() -> None:
    assert plain(" a\u00a0 b\u200bc\n\td ") == "a bc d"


def test_a_paper_needs_a_title_and_a_real_date() -> None:
    with pytest.raises(ValueError, match="title"):
        Paper(title=" ")
    with pytest.raises(ValueError, match="March"):
        Paper(title="t", published="March 2024")


def test_a_paper_links_to_its_page_or_else_to_what_its_best_id_gives() -> None:
    doi = PaperId.of(Scheme.DOI, "10.1234/A")
    assert Paper(title="t", url="https://example.org", ids=(doi,)).link == "https://example.org"
    assert Paper(title="t", ids=(doi,)).link == "https://doi.org/10.1234/a"
    assert Paper(title="t").link == ""


def test_a_paper_gives_its_id_of_a_scheme_and_its_year() -> None:
    doi = PaperId.of(Scheme.DOI, "10.1234/a")
    paper = Paper(title="t", ids=(doi,), published="2024-03")
    assert paper.id(Scheme.DOI) == doi
    assert paper.id(Scheme.ARXIV) is None
    assert (paper.year, Paper(title="t").year) == (2024, None)


def test_equal_papers_are_one_in_a_set_and_others_are_not() -> None:
    paper = Paper(title="T", abstract="A", authors=(Author("Lee", "Ann"),))
    again = Paper(title="T", abstract="A", authors=(Author("Lee", "Ann"),))
    other = replace(paper, authors=(Author("Lee", "Bo"),))
    assert hash(paper) == hash(again)
    assert {paper, again, other} == {paper, other}
