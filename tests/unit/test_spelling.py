import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.spelling import flattened, letters, outline, spelling, words_of

ASCII = st.text(st.characters(max_codepoint=127))
# Beside letters: what titles hold that is none, and what has a rule of its own.
TITLES = st.lists(
    st.sampled_from(["a", "an", "the", "and", "part", "vol", "ii", "v", "haemoglobin", "cells"])
).map(" ".join)


@given(ASCII)
def test_plain_text_is_spelled_as_any_other(text: str) -> None:
    flat = flattened(text)
    # Behind a letter that is not ASCII, the rest goes the long way.
    assert letters(f"{flat}é") == letters(flat) + "é"
    assert words_of(f"{flat} é") == [*words_of(flat), "é"]


@given(TITLES)
def test_each_word_is_spelled_by_itself_and_the_one_before_it(title: str) -> None:
    words = words_of(title)
    start = 1 if words[:1] in (["a"], ["an"]) else 0
    told = [
        spelling(["x1", before, word])[-1:] if word not in {"the", "and"} else ()
        for before, word in zip(["x1", *words][start:], words[start:], strict=False)
    ]
    assert spelling(words) == tuple(form for one in told for form in one)


@pytest.mark.parametrize(
    ("title", "spelt", "outlined"),
    [
        ("The Colour of Haemoglobin", ("colour", "of", "hemoglobin"), "c of h"),
        (
            "An Analysis & a Test, Part IV",
            ("analyziz", "a", "tezt", "part", "4"),
            "a a tezt part 4",
        ),
        ("Vitamin V and I", ("vitamin", "v", "i"), "v v i"),
        ("Newton’s and Newton's laws: II", ("newtonz", "newtonz", "lawz", "2"), "n n lawz 2"),
        ("A", (), ""),
    ],
)
def test_house_style_says_nothing(title: str, spelt: tuple[str, ...], outlined: str) -> None:
    found = spelling(words_of(flattened(title)))
    assert found == spelt
    assert outline(found) == outlined
