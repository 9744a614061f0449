from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import wording
from recommender.gist import LONGEST, gist, sentences
from recommender.suggestions import Reason, ReasonKind, Suggestion
from recommender.testing.publishers import suggestion_on

TERMS = Reason(ReasonKind.TERMS, "shares the terms nectar, waggle dance", 0.25)
NEAR = Reason(ReasonKind.PAPER, "close to “Foraging under rain”, which you filed under Bees", 0.25)


def suggested(abstract: str, *reasons: Reason, interest: str = "") -> Suggestion:
    one = suggestion_on(1)
    paper = replace(one.paper, abstract=abstract)
    return replace(one, paper=paper, reasons=reasons, interest=interest)


@pytest.mark.parametrize(
    "text",
    [
        "Bees, as Ode et al. (2019) say, dance. | They do.",
        "Insects, e.g. bees, dance. | Others, i.e. ants, do not.",
        "Fig. 2 and Eq. 3 show it. | See Sec. 4 for more.",
        "The rate rose from 0.5 to 1.25 per day. | Version 2.0 was slower.",
        "A. B. Ode and J. R. R. Lee met. | They agreed.",
        "Dr. Ode of the U.S. Bee Office agrees. | So do we.",
        "Do bees dance? | They do! | “Really.” | (So they say.) | And so on… | The end",
        "It costs 5 euros. | 7 were paid.",
        "蜜蜂会跳舞。| 它们也会飞！| 真的吗？| 是。",
        "ミツバチは踊る。| 「本当に。」| 終わり",
        "No end at all",
        "x vs. y is open, cf. Ode. | We close it.",
        "Пчёлы танцуют. | Они летают.",
    ],
)
def test_a_text_falls_into_its_sentences(text: str) -> None:
    expected = text.split("| ") if "。" in text else text.split(" | ")
    assert list(sentences("".join(expected) if "。" in text else " ".join(expected))) == [
        part.strip() for part in text.split("|")
    ]


ABSTRACT = (
    "Honeybees are insects that live together in large numbers in hives of their own. "
    "Little is known of how the waggle dance tells others the way to nectar on cloudy days. "
    "Foraging under heavy rain was measured in forty colonies over three long summers. "
    "Code and data are available."
)


def test_the_sentence_that_has_the_terms_of_the_reasons_is_it() -> None:
    assert gist(suggested(ABSTRACT, TERMS)).startswith("Little is known of how the waggle dance")


def test_the_title_of_the_nearest_own_paper_counts() -> None:
    assert gist(suggested(ABSTRACT, NEAR)).startswith("Foraging under heavy rain")


def test_the_interest_counts() -> None:
    assert gist(suggested(ABSTRACT, interest="colonies in summer")).startswith("Foraging")


def test_terms_count_more_than_what_the_library_is_called() -> None:
    told = gist(suggested(ABSTRACT, TERMS, interest="hives"))
    assert told.startswith("Little is known")


def test_of_two_that_say_as_much_the_one_with_a_result_is_it() -> None:
    first = "The nectar of many flowers is collected by bees in the morning."
    second = "We show that the nectar of many flowers is collected by bees."
    assert gist(suggested(f"{first} {second}", TERMS)) == second
    # But a result alone is not enough.
    assert gist(suggested(f"{first} We show that hives have doors and windows.", TERMS)) == first


def test_what_is_short_or_endless_has_to_say_more() -> None:
    good = "How nectar is found by a single bee on a cloudy day is told here."
    assert gist(suggested(f"Nectar. {good}", TERMS)) == good
    endless = "Nectar " + "and more and more of the same things all the day " * 9
    assert gist(suggested(f"{endless}. {good}", TERMS)) == good


def test_chinese_is_read_too() -> None:
    reason = replace(TERMS, text="shares the terms 舞蹈, 花蜜")
    told = gist(suggested("蜂巢里住着许多昆虫和它们的后代。蜜蜂用舞蹈告诉同伴花蜜的方向。", reason))
    assert told == "蜜蜂用舞蹈告诉同伴花蜜的方向。"


def test_without_an_abstract_there_is_none() -> None:
    assert gist(suggested("", TERMS)) == ""
    assert gist(suggested(" \n\x00 ", TERMS)) == ""


def test_without_any_reason_there_is_one_all_the_same() -> None:
    assert gist(suggested("Bees dance on most of the days. They fly."))


@pytest.mark.parametrize("word", ["nectar ", "花蜜"])
def test_a_long_sentence_is_cut_behind_a_word(word: str) -> None:
    told = gist(suggested(word * 200, TERMS))
    assert len(told) <= LONGEST
    assert told.endswith(f"{word.strip()}…" if word.isascii() else "…")


_PARTS = st.sampled_from(
    ["nectar", "we show", ". ", "...", "? ", "e.g. ", "A. ", "。", "”", ")", "$x_1$", "\\cite{a} "]
)


@given(st.lists(_PARTS | st.text(max_size=20), max_size=40).map("".join))
def test_it_is_a_part_of_what_is_seen_of_the_abstract(abstract: str) -> None:
    told = gist(suggested(abstract, TERMS, NEAR, interest="bees"))
    seen = wording.visible(abstract)
    assert len(told) <= LONGEST
    assert told in seen or (told.endswith("…") and told[:-1] in seen)
    assert bool(told) == bool(seen)
    assert "".join("".join(sentences(seen)).split()) == "".join(seen.split())


@pytest.mark.parametrize(
    "unit",
    ["bees dance. ", "a", ".", ". ", ".)", "?” ", "。", "A. ", "\\", "{", "a/", "a.b", "1-", "“ "],
)
def test_its_cost_grows_with_the_length_and_no_faster(unit: str) -> None:
    def cost(length: int) -> float:
        abstract = (unit * length)[:length]
        started = process_time()
        gist(suggested(abstract, TERMS, replace(NEAR, text=abstract)))
        return process_time() - started

    cost(1_000)
    # A quadratic one would take a hundred times as long, and minutes.
    assert cost(100_000) < 40 * max(cost(10_000), 0.005)
