"""Which catalogue's entry is a listed paper, and how sure that is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.identifiers import PaperId
from recommender.papers import Author, Paper
from recommender.resolving import LEAST_CONFIDENCE, confidence, lacks, resolved, tells_more
from recommender.testing.strategies import papers

DOI, OTHER = PaperId.parse("doi:10.1234/a"), PaperId.parse("doi:10.1234/b")
TITLE = "Waggle dances of bees that come home in the rain"
ADA, BO = Author("Roe", "Ada"), Author("Li", "Bo")
WHOLE = Paper(
    title=TITLE, abstract="Bees dance. " * 30, authors=(ADA, BO), published="2026-02", ids=(DOI,)
)
BARE = Paper(title=TITLE)


def test_what_a_paper_lacks() -> None:
    assert not lacks(WHOLE)
    assert lacks(replace(WHOLE, abstract=""))
    assert lacks(replace(WHOLE, authors=()))
    assert lacks(replace(WHOLE, published=""))
    assert lacks(replace(WHOLE, ids=()))


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (replace(BARE, ids=(DOI,)), 1.0),
        (replace(BARE, title=TITLE.upper(), authors=(ADA,)), 0.98),
        (replace(BARE, abstract=WHOLE.abstract), 0.95),
        (BARE, 0.9),
    ],
)
def test_what_stands_beside_a_title_says_how_sure_it_is(listed: Paper, expected: float) -> None:
    assert confidence(listed, WHOLE) == expected
    found = resolved(listed, [WHOLE])
    assert found
    assert found.paper == WHOLE


@pytest.mark.parametrize(
    "listed",
    [
        replace(BARE, ids=(OTHER,)),
        replace(BARE, authors=(Author("Mann", "Eva"),)),
        replace(BARE, abstract="On ships, and on nothing else. " * 10),
        replace(BARE, title="Bees at home"),
        Paper(title="Editorial"),
    ],
    ids=["other id", "other authors", "other abstract", "other title", "anybody's title"],
)
def test_what_may_be_another_paper_stays_as_it_was_listed(listed: Paper) -> None:
    assert resolved(listed, [replace(WHOLE, title=listed.title)]) is None or (
        listed.title != TITLE and resolved(listed, [WHOLE]) is None
    )


def test_a_short_title_alone_is_not_enough() -> None:
    title = "Attention in machine translation"
    assert resolved(Paper(title=title), [replace(WHOLE, title=title)]) is None


def test_a_family_name_is_the_same_without_its_accents() -> None:
    listed = replace(BARE, authors=(Author("Garcia", "A."),))
    assert confidence(listed, replace(WHOLE, authors=(Author("García", "Ana"),))) == 0.98


def test_as_much_of_an_abstract_as_a_listing_gives_is_compared() -> None:
    text = "Bees that come home in the rain dance longer than others, and we ask for whom. " * 4
    teaser = replace(BARE, abstract=f"{text[:120]}…")
    assert confidence(teaser, replace(WHOLE, abstract=text)) == 0.95
    # What is too short to tell anything says no more than the title alone.
    assert confidence(replace(BARE, abstract="No abstract."), WHOLE) == 0.9
    short = replace(teaser, title="Bees at home", abstract="Bees.")
    assert confidence(short, replace(WHOLE, title="Bees at home", abstract=text)) < LEAST_CONFIDENCE


def test_a_title_without_spaces_may_say_enough() -> None:
    long, short = "基于深度学习的蜜蜂舞蹈识别方法研究", "蜜蜂舞蹈识别研究"
    assert resolved(Paper(title=long), [replace(WHOLE, title=long)]) is not None
    assert resolved(Paper(title=short), [replace(WHOLE, title=short)]) is None


def test_what_tells_more() -> None:
    assert tells_more(WHOLE, BARE)
    assert tells_more(replace(BARE, published="2026-02"), replace(BARE, published="2026"))
    assert not tells_more(WHOLE, WHOLE)
    assert not tells_more(replace(BARE, title=f"{TITLE}, at last"), BARE)


def test_two_papers_that_are_equally_good_leave_it_undecided() -> None:
    twin = replace(WHOLE, ids=(OTHER,))
    assert resolved(BARE, [WHOLE, twin]) is None
    assert resolved(replace(BARE, ids=(DOI,)), [twin, WHOLE]) is not None
    # The preprint and its published twin are one work.
    preprint = replace(WHOLE, ids=(PaperId.parse("arxiv:2602.00001"),))
    assert resolved(BARE, [WHOLE, preprint]) is not None


@given(papers(), st.lists(papers(), max_size=4))
def test_only_what_is_surely_the_same_work_is_ever_taken(listed: Paper, found: list[Paper]) -> None:
    entry = resolved(listed, found)
    if entry:
        assert entry.confidence >= LEAST_CONFIDENCE
        assert entry.paper in found
        assert confidence(listed, entry.paper) == entry.confidence


@given(papers())
def test_a_paper_with_an_id_is_surely_itself(paper: Paper) -> None:
    found = confidence(paper, paper)
    assert 0 <= found <= 1
    if paper.ids and any(not str(i).startswith("isbn") for i in paper.ids):
        assert found == 1.0
