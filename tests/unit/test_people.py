"""Authors are told apart however a listing puts them together."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from integrations.pages.people import authors, authors_from, authors_in, listed_in_order
from recommender.papers import Author

ANN, BO = Author("Roe", "Ann"), Author("Li", "Bo")


@pytest.mark.parametrize(
    "text",
    [
        "Ann Roe, Bo Li",
        "Ann Roe and Bo Li",
        "Ann Roe; Bo Li",
        "Roe, Ann; Li, Bo",
        "Roe, Ann and Li, Bo",
        "Ann Roe & Bo Li",
        "Ann Roe (Univ. of Birds (Berlin)), Bo Li (Zoo)",
    ],
)
def test_two_people_in_one_text_are_two(text: str) -> None:
    assert authors_in(text) == (ANN, BO)


def test_one_person_is_one() -> None:
    assert authors_in("Ann Roe") == authors_in("Roe, Ann") == (ANN,)
    assert authors_in("van der Berg, Jan") == (Author("van der Berg", "Jan"),)
    assert authors_in("") == ()


def test_initials_behind_each_comma_are_no_people() -> None:
    found = authors_in("Kestrel, D., Crane, A. B., Wood, D.-E., Heron, S.")
    assert [str(a) for a in found] == ["D. Kestrel", "A. B. Crane", "D.-E. Wood", "S. Heron"]
    assert authors_in("Kestrel, D.") == (Author("Kestrel", "D."),)


def test_the_last_of_a_list_may_follow_and() -> None:
    assert [a.family for a in authors_in("Ann Roe, Bo Li, and Eva de la Cruz")] == [
        "Roe",
        "Li",
        "de la Cruz",
    ]


def test_a_list_of_names_is_not_taken_for_pairs() -> None:
    assert listed_in_order("Plato, Ann Roe") == (Author("Plato"), ANN)


def test_a_junior_is_of_his_family() -> None:
    junior = Author("Roe", "John Jr.")
    assert listed_in_order("John Roe, Jr., Bo Li") == (junior, BO)
    assert authors(["John Roe Jr."]) == (junior,)
    assert authors(["Jr"]) == (Author("Jr"),)


def test_latex_in_a_name_is_read() -> None:
    assert authors(["Jos\\'e Mart\\'{\\i}nez"]) == (Author("Martínez", "José"),)


def test_a_group_keeps_its_name() -> None:
    found = authors(["The BIRD Collaboration", "The Anh Han", "Bird Watching Group"])
    assert found == (
        Author("The BIRD Collaboration"),
        Author("Han", "The Anh"),
        Author("Bird Watching Group"),
    )


def test_what_is_nobody_is_left_out() -> None:
    assert authors(["", ":", "noreply@example.org", "et al.", "Ann Roe"]) == (ANN,)


def test_json_gives_people_in_several_shapes() -> None:
    assert authors_from(["Ann Roe", {"name": "Bo Li"}]) == (ANN, BO)
    assert authors_from([{"family": "Roe", "given": "Ann"}, ["Li", "Bo", ""]]) == (ANN, BO)
    assert authors_from([{"fullname": "Ann Roe"}, {"lastName": "Li", "firstName": "Bo"}]) == (
        ANN,
        BO,
    )
    assert authors_from("Ann Roe and Bo Li") == (ANN, BO)


@pytest.mark.parametrize("value", [None, 3, {}, [None, 3, {}, [], [None, None], {"name": 3}], [[]]])
def test_what_names_nobody_gives_nobody(value: object) -> None:
    assert authors_from(value) == ()


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    for found in (authors_in(text), listed_in_order(text), authors([text])):
        assert all(author.family for author in found)
