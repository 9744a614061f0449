import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.model.text import (
    N_COLUMNS,
    Weighting,
    column,
    count_matrix,
    counted,
    shared_terms,
    terms,
    words,
)
from recommender.papers import Paper


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Networks of Bees", ["network", "bee"]),
        ("Theories, analyses & species", ["theory", "analyse", "specy"]),
        ("naïve Bayes’s rule", ["naive", "baye", "rule"]),
        ("see https://example.org/the-bees and www.bees.org", ["see"]),
        ("in 2019, 3D glass was bus class", ["3d", "glass", "bus", "class"]),
        ("Transformer vaswani2017attention heads", ["transformer", "head"]),
        ("Обучение представлений 概率", ["обучение", "представлении", "概率"]),
    ],
)
def test_words_carry_the_subject(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_pairs_do_not_span_a_sentence() -> None:
    assert list(terms("Bees dance. Trees grow")) == [
        "bee", "dance", "bee dance", "tree", "grow", "tree grow",
    ]  # fmt: skip


def test_a_title_counts_more_than_an_abstract() -> None:
    counts = counted(Paper(title="Bees", abstract="Bees. Trees"))
    assert counts["bee"] > counts["tree"] == 1


@given(st.text())
def test_any_text_has_words(text: str) -> None:
    assert all(word and word == word.strip() for word in words(text))


def test_rows_have_length_1_or_0() -> None:
    papers = [Paper(title="Bees and trees"), Paper(title="Trees"), Paper(title="!")]
    counts = count_matrix(papers)
    assert counts.shape == (3, N_COLUMNS)
    rows = Weighting.learnt(counts).vectors(counts)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    assert lengths.tolist() == pytest.approx([1, 1, 0], abs=1e-5)


def test_no_papers_give_no_rows() -> None:
    assert count_matrix([]).shape == (0, N_COLUMNS)


def test_a_rare_term_tells_more_than_a_common_one() -> None:
    papers = [Paper(title="Bees"), *(Paper(title="Trees") for _ in range(9))]
    idf = Weighting.learnt(count_matrix(papers)).idf
    assert idf[column("bee")] > idf[column("tree")] > 0


def test_a_term_of_one_paper_among_many_tells_nothing() -> None:
    papers = [Paper(title="Bees"), *(Paper(title=f"Trees {'grow' * (n % 3)}") for n in range(30))]
    assert Weighting.learnt(count_matrix(papers)).idf[column("bee")] == 0


def test_the_terms_that_tie_papers_are_named_once_and_strongest_first() -> None:
    bees = Paper(title="Waggle dance of bees", abstract="Pollen.")
    others = [Paper(title="The waggle dance"), Paper(title="Pollen and trees")]
    weighting = Weighting.learnt(count_matrix([bees, *others]))
    named = shared_terms(weighting, bees, others, 3)
    assert named[0] == "waggle dance"
    assert set(named) == {"waggle dance", "pollen"}
    assert shared_terms(weighting, bees, others, 1) == ("waggle dance",)
    assert shared_terms(weighting, Paper(title="Stones"), others, 3) == ()
