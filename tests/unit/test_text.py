import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import sparse

from recommender.model import text as module
from recommender.model.text import (
    N_COLUMNS,
    Weighting,
    column,
    common_terms,
    count_matrix,
    counted,
    shared_terms,
    terms,
    words,
)
from recommender.papers import Paper

# Any characters, lone surrogates too, and what the rules for them speak of.
PIECES = [
    *("bee", "bees dance. ", "dance-bee", "deep-learning", "--", "–", "’s", "l'", "C++", "p53"),
    *("\\alpha", "\\emph{", "}", "$", "_2", "2019", "1e-5", "www.", "http://", ".org/", "é", "ﬁ"),
    *("蜜蜂的舞蹈", "ミツバチ", "꿀벌", "ผึ้ง", "मधुमक्खी", "\ud800", "\ufeff", " ", "\n", "\u00a0"),
]
TEXTS = st.lists(
    st.text(st.characters(exclude_categories=())) | st.sampled_from(PIECES), max_size=30
).map("".join)
PAPERS = st.builds(Paper, title=TEXTS.map(lambda text: "A" + text), abstract=TEXTS)


def same(one: sparse.csr_matrix, other: sparse.csr_matrix) -> bool:
    return bool(one.shape == other.shape and (one != other).nnz == 0)


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
        ("SARS-CoV-2", ["sars-cov-2", "sar", "cov"]),
        ("GPT-4, COVID-19", ["gpt-4", "gpt", "covid-19", "covid"]),
        ("T-cells", ["t-cell", "cell"]),
        ("state-of-the-art", ["state-of-the-art"]),
        (
            "protein–protein, Navier--Stokes, state—bees",
            ["protein", "protein", "navier", "stoke", "bee"],
        ),
        ("C++, C# and p53", ["c++", "c#", "p53"]),
        ("12–15 of 1,000 in the 1990s, 3.14 or 1e-5", []),
        ("l’apprentissage qu'on O'Neill", ["apprentissage", "neill"]),
        (
            "Ørsted, Łukasz, Straße, ﬁne H₂O ᴴᵉˡᵖ",
            ["orsted", "lukasz", "strasse", "fine", "h2o", "help"],
        ),
        (
            "Ελλάδα α-helix IFN-γ Aβ",
            ["ελλαδα", "alpha", "helix", "ifn", "gamma", "aβ"],
        ),
        (
            r"$\alpha$-helix $\varepsilon{}$ \Delta F",
            ["alpha", "helix", "epsilon", "delta"],
        ),
        (
            r"\emph{deep} pre\textbf{train} {\it vivo} 5\% H$_2$O {BERT}",
            [
                "deep",
                "pretrain",
                "vivo",
                "h2o",
                "bert",
            ],
        ),
        (
            r"$n \log n \leq x^{2}$ bees\cite[p. 3]{one, two} \href{https://a.org/b}{trees}",
            [
                "x2",
                "bee",
                "tree",
            ],
        ),
        (r"Schr\"odinger Erd\H{o}s Stra\ss e \'{e}t\'e", ["schrodinger", "erdo", "strasse", "ete"]),
        ("深度学习 蜂", ["深度", "度学", "学习", "蜂"]),
        ("ミツバチが、한국어", ["ミツ", "ツバ", "バチ", "チが", "한국", "국어"]),
        ("ผึ้ง หมู", ["ผึ", "ึ้", "้ง", "หม", "มู"]),
        ("हिन्दी में, עִבְרִית عَرَبِي", ["हिन्दी", "में", "עברית", "عربي"]),
        ("deep\u00adlearning snake_case", ["deeplearning", "snake", "case"]),
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


def test_a_closing_bracket_or_quote_leaves_a_sentence_its_end() -> None:
    assert "dance tree" not in terms("(Bees “dance.”) Trees")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("deep-learning", "deep learning", {"deep", "learning", "deep learning"}),
        ("Pre-trainings", "pre training", {"pre", "training", "pre training"}),
        ("GPT-4", "GPT4", {"gpt4"}),
        ("COVID-19's", "covid19", {"covid19"}),
        ("T-cells", "T cell", {"cell"}),
        ("α-helix", "alpha helix", {"alpha", "helix", "alpha helix"}),
        (r"TGF-$\beta$", "TGF-β", {"tgf", "beta", "tgf beta"}),
    ],
)
def test_spellings_of_one_name_share_columns(one: str, other: str, both: set[str]) -> None:
    ones, others = ({column(term) for term in terms(text)} for text in (one, other))
    assert ones & others == {column(term) for term in both}


def test_compounds_and_characters_make_no_pairs_but_their_parts_do() -> None:
    found = set(terms("The waggle-dance of 蜜蜂花 bees and T-cells"))
    assert {term for term in found if " " in term} == {"waggle dance", "dance bee", "bee cell"}


def test_a_compound_is_kept_only_where_a_part_alone_tells_nothing() -> None:
    assert words("deep-learning") == ["deep", "learning"]
    assert set(terms("deep-learning")) == set(terms("deep learning"))
    assert words("T-cell") == ["t-cell", "cell"]
    assert words("GPT-4-based") == ["gpt-4-based", "gpt"]


@given(TEXTS)
def test_any_text_has_words(text: str) -> None:
    assert all(word and word == word.strip() and " " not in word for word in words(text))


@given(PAPERS)
@example(Paper(title="Waggle waggle-dance", abstract="Dance, waggle dance. 蜜蜂"))
def test_a_row_counts_the_terms_in_their_columns(paper: Paper) -> None:
    expected: Counter[int] = Counter()
    for term, times in counted(paper).items():
        expected[column(term)] += times
    row = count_matrix([paper])
    assert dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) == expected


@given(st.lists(PAPERS, max_size=6), st.booleans())
def test_counts_are_canonical_whatever_the_texts(papers: list[Paper], ordered: bool) -> None:
    counts = count_matrix(papers, ordered=ordered)
    assert counts.shape == (len(papers), N_COLUMNS)
    assert counts.dtype == np.float32
    assert counts.has_canonical_format
    assert np.isfinite(counts.data).all()
    assert (counts.data >= 1).all()


@given(st.lists(PAPERS, max_size=6))
def test_neither_blocks_nor_what_is_remembered_matter(papers: list[Paper]) -> None:
    expected = count_matrix(papers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", 3)
        patch.setattr(module, "_MOST_KEPT", 2)
        module._CODES.clear()
        assert same(count_matrix(papers), expected)
        assert len(module._CODES) <= 2
        patch.setattr(module, "_LONGEST_KEPT", 0)
        module._CODES.clear()
        assert same(count_matrix(papers), expected)
        assert not module._CODES


def test_papers_are_streamed() -> None:
    read = 0

    def papers() -> Iterator[Paper]:
        nonlocal read
        while True:
            read += 1
            yield Paper(title="Bees dance")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", 6)
        blocks = module._blocks(papers())
        next(blocks)
        assert read == 2


@given(PAPERS)
def test_without_an_order_there_are_no_pairs(paper: Paper) -> None:
    row = count_matrix([paper], ordered=False)
    single = {column(term) for term in counted(paper) if " " not in term}
    assert set(row.indices.tolist()) == single


def test_another_process_has_the_same_columns() -> None:
    code = "from recommender.model.text import column; print(column('bee'), column('waggle dance'))"
    command = [sys.executable, "-c", code]
    printed = {
        subprocess.run(  # noqa: S603 -- our own interpreter
            command,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert printed == {f"{column('bee')} {column('waggle dance')}\n"}


def test_pairs_fall_evenly_into_the_columns() -> None:
    pairs = [f"w{one} w{other}" for one in range(300) for other in range(300)]
    distinct = len({column(pair) for pair in pairs})
    by_chance = N_COLUMNS * (1 - np.exp(-len(pairs) / N_COLUMNS))
    assert distinct == pytest.approx(by_chance, rel=0.005)
    assert column("dance waggle") != column("waggle dance")


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a-",
        "-",
        "\\",
        "\\a",
        "\\cite{",
        "\\cite[",
        "{",
        "$",
        "www.",
        "a'",
        ".)",
        "蜂",
        "é",
        "/a.",
    ],
)
def test_a_hostile_text_takes_time_in_proportion(piece: str) -> None:
    def seconds(n: int) -> float:
        paper = Paper(title="Bees", abstract=piece * n)
        times = []
        for _ in range(3):
            started = time.thread_time()
            count_matrix([paper])
            times.append(time.thread_time() - started)
        return min(times)

    # Sixteen times as long: in proportion 16, by its square 256; a little time is all noise.
    assert seconds(64_000) < 80 * max(seconds(4_000), 0.002)


def test_rows_have_length_1_or_0() -> None:
    papers = [Paper(title="Bees and trees"), Paper(title="Trees"), Paper(title="!")]
    counts = count_matrix(papers)
    assert counts.shape == (3, N_COLUMNS)
    rows = Weighting.learnt(counts).vectors(counts)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    assert lengths.tolist() == pytest.approx([1, 1, 0], abs=1e-5)


@given(st.lists(PAPERS, min_size=1, max_size=30))
def test_rows_are_what_the_formula_says(papers: list[Paper]) -> None:
    counts = count_matrix(papers)
    weighting = Weighting.learnt(counts)
    rows = weighting.vectors(counts)
    assert rows.dtype == weighting.idf.dtype == np.float32
    for n in range(len(papers)):
        row = counts[n]
        wanted = (1 + np.log(row.data)) * weighting.idf[row.indices]
        norm = np.linalg.norm(wanted)
        told = wanted > 0
        assert rows[n].indices.tolist() == row.indices[told].tolist()
        if norm:
            np.testing.assert_allclose(rows[n].data, wanted[told] / norm, rtol=1e-4)


def test_counts_are_left_as_they_are() -> None:
    papers = [Paper(title=f"Bees {'dance' * (n % 3)}") for n in range(30)]
    counts = count_matrix(papers)
    Weighting.learnt(counts).vectors(counts)
    assert same(counts, count_matrix(papers))


def test_no_papers_give_no_rows() -> None:
    none = count_matrix([])
    assert none.shape == (0, N_COLUMNS)
    assert Weighting.learnt(none).vectors(none).shape == (0, N_COLUMNS)


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


def test_spellings_of_a_compound_tie_papers() -> None:
    one, other = Paper(title="GPT-4"), Paper(title="GPT4")
    weighting = Weighting.learnt(count_matrix([one, other]))
    assert shared_terms(weighting, one, [other], 3) == ("gpt-4",)
    assert shared_terms(weighting, other, [one], 3) == ("gpt4",)
    assert common_terms(weighting, [one, other], 3) == ("gpt-4",)
    assert common_terms(weighting, [other, one], 3) == ("gpt-4",)


def test_a_compound_is_named_rather_than_its_part() -> None:
    one, other = Paper(title="GPT-4 writes"), Paper(title="Ask GPT-4")
    weighting = Weighting.learnt(count_matrix([one, other]))
    assert shared_terms(weighting, one, [other], 3) == ("gpt-4",)


def test_common_terms_are_in_two_papers_at_least() -> None:
    papers = [Paper(title=title) for title in ("Bees dance", "Bees sing", "Stones")]
    weighting = Weighting.learnt(count_matrix(papers))
    assert common_terms(weighting, papers, 3) == ("bee",)
    assert common_terms(weighting, [], 3) == ()
