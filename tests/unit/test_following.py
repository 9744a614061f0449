"""Whom and what a reader follows, in whatever spelling it is listed."""

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
