"""Whom and what a reader follows, in whatever spelling it is listed."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.following import Following, Topics
from recommender.papers import Author, Paper
from recommender.testing.strategies import papers

PAPER = Paper(
    title="Waggle dances after rain",
    abstract="Honey-bees dance for their sisters.",
    authors=(Author("García Márquez", "Ana María"), Author("Li", "B.")),
    venue="Journal of Insects",
    categories=("q-bio.NC",),
    institutions=("University of Ljubljana, Department of Biology",),
)


def following(**topics: tuple[str, ...]) -> Following:
    return Following(wanted=Topics(**topics))


@pytest.mark.parametrize(
    "name",
    ["Ana María García Márquez", "García Márquez, A.", "garcia marquez, Ana", "Li, Bo", "Li"],
)
def test_an_author_is_found_in_any_spelling(name: str) -> None:
    assert following(authors=(name,)).follows(PAPER) == name


@pytest.mark.parametrize(
    "name", ["García, A.", "García Márquez, Bea", "Li, Ada", "Ana Li", "Márquez"]
)
def test_another_author_is_not(name: str) -> None:
    assert not following(authors=(name,)).follows(PAPER)


@pytest.mark.parametrize(
    ("topics", "found"),
    [
        (Topics(venues=("Journal of insects",)), "Journal of insects"),
        (Topics(venues=("Insects",)), ""),
        (Topics(institutions=("university of ljubljana",)), "university of ljubljana"),
        (Topics(institutions=("University of Ljub",)), ""),
        (Topics(keywords=("honey bees",)), "honey bees"),
        (Topics(keywords=("dance",)), "dance"),
        (Topics(keywords=("sister",)), ""),
        (Topics(keywords=("q-bio.NC",)), "q-bio.NC"),
        (Topics(keywords=("  ",)), ""),
        (Topics(), ""),
    ],
)
def test_venues_institutions_and_keywords_are_found_in_whole_words(
    topics: Topics, found: str
) -> None:
    assert Following(wanted=topics).follows(PAPER) == found
    assert Following(unwanted=topics).refuses(PAPER) == found


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Lukasz Kaiser", Author("Kaiser", "Łukasz")),
        ("Søren Kierkegaard", Author("Kierkegaard", "Soren")),
        ("Robert Osterberg", Author("Østerberg", "Robert")),
        ("Ada Bo Roe", Author("Roe", "AB")),
        ("Roe, AB", Author("Roe", "Ada Bo")),
        ("Elodie Roe", Author("Roe", unicodedata.normalize("NFD", "Élodie"))),
    ],
)
def test_strokes_and_initials_in_one_are_spellings_too(name: str, written: Author) -> None:
    assert following(authors=(name,)).follows(replace(PAPER, authors=(written,))) == name


def test_initials_in_one_are_several() -> None:
    written = replace(PAPER, authors=(Author("Roe", "AC"),))
    assert not following(authors=("Ada Bo Roe", "Ada B. Roe")).follows(written)


@pytest.mark.parametrize(
    ("keyword", "title", "found"),
    [
        ("蜜蜂", "中国蜜蜂的舞蹈", True),
        ("ミツバチ", "ニホンミツバチのダンス", True),
        ("꿀벌", "비 온 뒤 꿀벌의 춤", True),
        ("bees", "关于bees的舞蹈", True),
        ("蜜蜂", "ABC蜜蜂", True),
        ("벌", "발레", False),
        ("나", "난초", False),
        ("か", "がん", False),
        ("bees", "关于beeswax的舞蹈", False),
        ("蜜蜂 dance", "蜜蜂 dances", False),
    ],
)
def test_words_of_scripts_that_put_none_apart_are_found(
    keyword: str, title: str, *, found: bool
) -> None:
    assert bool(following(keywords=(keyword,)).follows(Paper(title=title))) is found


def test_a_phrase_stands_in_one_text_and_not_in_two() -> None:
    assert not following(keywords=("rain honey",)).follows(PAPER)
    assert not following(institutions=("biology university",)).follows(
        replace(PAPER, institutions=("Institute of Biology", "University of Ljubljana"))
    )


def test_the_first_that_is_followed_is_told() -> None:
    both = following(keywords=("dances",), authors=("Li, B.",))
    assert both.follows(PAPER) == "Li, B."
    assert both.follows(replace(PAPER, authors=())) == "dances"


@given(papers(), st.text(max_size=8))
def test_whatever_is_followed_nothing_breaks(paper: Paper, text: str) -> None:
    topics = Topics(authors=(text,), venues=(text,), institutions=(text,), keywords=(text,))
    assert Following(wanted=topics).follows(paper) in {"", text}


@given(papers())
def test_a_papers_own_authors_and_venue_are_found(paper: Paper) -> None:
    for author in paper.authors:
        assert following(authors=(f"{author.family}, {author.given}",)).follows(paper)
    if paper.venue:
        assert following(venues=(paper.venue,)).follows(paper) == paper.venue
