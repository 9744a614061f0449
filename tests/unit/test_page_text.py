"""What saving did to a page's text is undone where that is certain, and nowhere else."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from integrations.pages.page_text import (
    cleaned,
    cleaned_title,
    code_url,
    is_cut_off,
    lost_formula,
    readable,
    urls_in,
)


@pytest.mark.parametrize(
    ("saved", "meant"),
    [
        (r"gains of 3.5\% and more", "gains of 3.5% and more"),
        (r"VOC \& COCO", "VOC & COCO"),
        (r"methods (\eg trees)", "methods (e.g. trees)"),
        (r"methods (\ie, trees)", "methods (i.e., trees)"),
        (r"methods, \eg. trees", "methods, e.g. trees"),
        (r"Miller \etal on birds", "Miller et al. on birds"),
        (r"our \birdnet network", "our birdnet network"),
        (r"seen by {\em a bird}.", "seen by a bird."),
        (r"a \textbf{bold} claim", "a bold claim"),
        (r"the speed {\tau} of birds", "the speed tau of birds"),
        (r"na\"ive birds in caf\'{e}s", "naïve birds in cafés"),
        ("errors ME_{rot} and MP_{+}", "errors ME_rot and MP_+"),
        ("only {sim}13% of 1.5sim3.0", "only ~13% of 1.5~3.0"),
        ("40times less, 2.7times more", "40x less, 2.7x more"),
        ("16times16 tiles, Htimes W", "16x16 tiles, Hx W"),
        ("1024 times 1024 tiles", "1024 x 1024 tiles"),
        ("an accuracy of 95.8 pm 1.2", "an accuracy of 95.8 ± 1.2"),
        ("the bird problem x2013 a survey", "the bird problem – a survey"),
        ("on MS~BIRDS, Embeddings~(HyDE)", "on MS BIRDS, Embeddings (HyDE)"),
        ("a Bird~miller2017birds model", "a Bird model"),
        ("``wings'' and `less is more' rules", "“wings” and ‘less is more’ rules"),
        ("birds---and bats", "birds—and bats"),
        ("birds -- and bats", "birds – and bats"),
        ("objectives--where", "objectives – where"),
        ("as in BirdNet [29] and", "as in BirdNet and"),
        ("BirdNet [CVPR-16], FlyNet", "BirdNet, FlyNet"),
        ("BirdNet (Miller et al., 2019) and", "BirdNet and"),
        ("BirdNet [Miller et al., 2013, Roe and Li, 2017] and", "BirdNet and"),
        ("Last, % the birds", "Last, the birds"),
        (r"code at \url{https://example.org/a_b", "code at https://example.org/a_b"),
        ("at https://aka.ms/x{https://aka.ms/x}.", "at https://aka.ms/x."),
    ],
)
def test_what_certainly_went_wrong_is_mended(saved: str, meant: str) -> None:
    assert cleaned(saved) == meant


@pytest.mark.parametrize(
    "text",
    [
        "4,000 times faster than by foot, with 2 times faster training",
        "in recent times, multi-timestep features and sometimes more",
        "about ~58 s for 30%~50% of them",
        "https://example.org/~vgg/a_b--c/x2013 is a page",
        "O(n n) comparisons",
        "PASCAL-5^i and R^2Net",
        "the interval [0, 1] and the set [a, b]",
        "a 512 x2048 screen",
        "from 9 pm 3 birds sing, similar to simple ones",
        "Text & Scale <1% >85.0%",
        "run it with --fast",
        "the birds' and bats' wings",
        "items 1) wings and 2) beaks",
        "50 % of the birds",
    ],
)
def test_what_may_be_meant_stays(text: str) -> None:
    assert cleaned(text) == text


def test_addresses_lose_the_punctuation_behind_them_and_keep_that_inside() -> None:
    text = (
        "See https://git.io/BirdNet.OCR., (https://github.com/a/b), www.birds.example.org/x/. and "
        "github.com/c/d ; https://github.com/a/b again, https://example.org/x/}."
    )
    assert urls_in(text) == (
        "https://git.io/BirdNet.OCR",
        "https://github.com/a/b",
        "www.birds.example.org/x/",
        "github.com/c/d",
        "https://example.org/x/",
    )


def test_a_word_with_a_dot_is_no_address() -> None:
    assert urls_in("Key.Net beats e.g. node.js, write to a@github.com/x") == ()


def test_code_is_kept_where_repositories_are() -> None:
    assert code_url(["https://example.org", "github.com/a/b"]) == "github.com/a/b"
    assert code_url(["https://example.org/github.com/x"]) is None


@pytest.mark.parametrize(
    "text",
    ["It works.", "Does it?", "see https://example.org/x", "see github.com/a/b", "(all)", ""],
)
def test_a_text_that_ends_as_texts_do_is_whole(text: str) -> None:
    assert not is_cut_off(text)


def test_a_text_that_ends_in_a_word_is_cut_off() -> None:
    assert is_cut_off("We search for birds and embedding")


def test_a_lost_root_is_noticed() -> None:
    assert lost_formula("sorts in O(n n) steps")
    assert not lost_formula("sorts in O(n m) steps")


def test_a_line_becomes_composed_text_without_what_cannot_be_seen() -> None:
    assert readable("\ufeff nai\u0308ve\u00a0\u200bbirds\x07 \t fly ") == "naïve birds fly"


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert cleaned(readable(text)) == cleaned(readable(text)).strip()
    assert readable(readable(text)) == readable(text)
    urls_in(text), is_cut_off(text)


@given(st.text(alphabet="{}\\~`'\"[]()%-x20ab A.etims ", max_size=60))
def test_no_debris_of_latex_raises(text: str) -> None:
    assert "{" not in cleaned(text)
    assert "}" not in cleaned(text)


def test_a_title_keeps_its_dashes_and_loses_its_latex() -> None:
    assert cleaned_title("Landmarks v2 -- A  Benchmark") == "Landmarks v2 -- A Benchmark"
    assert cleaned_title('{\\em Fast} na\\"ive trees') == "Fast naïve trees"
