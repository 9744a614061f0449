from dataclasses import replace

import numpy as np
import pytest

from recommender.library import Collection, Item, Library, Tag
from recommender.model import hybrid
from recommender.model.collaborative import Interactions
from recommender.model.hybrid import HybridModel, HybridScorer
from recommender.model.interests import Interests
from recommender.papers import Paper
from recommender.suggestions import ReasonKind
from recommender.testing.models import library_on, listed_on, paper_on

LISTED = listed_on("bees", "bridges", "verse", each=10)


@pytest.fixture
def with_evidence(monkeypatch: pytest.MonkeyPatch) -> HybridModel:
    """A model in which the collaborative part has a say, whatever the evidence."""
    monkeypatch.setattr(hybrid, "collaborative_weight", lambda *_: 0.3)
    return HybridScorer().fit(library_on("bees", "bridges", "verse", each=8), LISTED, seed=0)


def test_with_a_collaborative_part_the_shares_add_up_too(with_evidence: HybridModel) -> None:
    kinds = set()
    scores, told = with_evidence.score(LISTED), with_evidence.reasons(LISTED)
    for score, why in zip(scores, told, strict=True):
        assert sum(reason.share for reason in why) == pytest.approx(float(score), abs=1e-5)
        kinds |= {reason.kind for reason in why}
    assert ReasonKind.COLLABORATIVE in kinds


def test_the_collaborative_reason_names_the_readers_that_are_drawn_to_the_paper(
    with_evidence: HybridModel,
) -> None:
    (why,) = with_evidence.reasons([paper_on("verse", 1000)])
    (text,) = (reason.text for reason in why if reason.kind is ReasonKind.COLLABORATIVE)
    assert text.startswith("goes with what is kept in collection “Verse”")


def test_the_threshold_is_in_the_scores_own_unit(with_evidence: HybridModel) -> None:
    without = HybridScorer().fit(library_on("bees", "bridges", "verse", each=8), LISTED, seed=0)
    for model in (with_evidence, without):
        passing = model.score(LISTED) >= model.threshold
        assert 0.5 < passing.mean() <= 1
        off_topic = [Paper(title="Whistled speech", abstract="A valley of vowels. " * 9)]
        assert not (model.score(off_topic) >= model.threshold).any()


def test_a_paper_stands_out_only_where_it_is_likelier_the_readers_than_not() -> None:
    listed = listed_on("bees", "bridges", "verse", each=20)
    model = HybridScorer().fit(library_on("bees"), listed, seed=0)
    for paper, why in zip(listed, model.reasons(listed), strict=True):
        stands_out = any(reason.kind is ReasonKind.CONTRAST for reason in why)
        assert stands_out == (paper.venue == "Journal of Bees")


def test_a_paper_that_was_there_in_fitting_scores_as_it_would_without() -> None:
    model = HybridScorer().fit(library_on("bees", "verse"), LISTED, seed=0)
    forgetful = replace(model, places={})
    np.testing.assert_allclose(model.score(LISTED), forgetful.score(LISTED), atol=1e-5)


def test_our_own_shelf_and_tag_are_no_choice_of_the_readers() -> None:
    library = Library(
        items=tuple(
            Item(
                key=str(n),
                paper=paper_on("bees", n),
                collections=("ours",),
                tags=(Tag("shelfwise"), Tag("to read")),
            )
            for n in range(4)
        ),
        collections=(Collection("ours", "Shelfwise"), Collection("new", "New", parent="ours")),
    )
    assert Interactions.of(library, library.items).readers.names == ("tag “to read”",)
    model = HybridScorer().fit(library, LISTED, seed=0)
    assert "Shelfwise" not in str(model.reasons(LISTED[:3]))
    assert "Shelfwise" not in model.interest_names


def test_interests_in_one_collection_get_different_names() -> None:
    subjects = ("bees", "bridges", "verse")
    items = tuple(
        Item(key=f"{s}{n}", paper=paper_on(s, n), collections=("t",))
        for s in subjects
        for n in range(5)
    )
    library = Library(items=items, collections=(Collection("t", "Thesis"),))
    model = HybridScorer().fit(library, LISTED, seed=0)
    assert isinstance(model.found, Interests)
    assert len(set(model.interest_names)) == len(model.interest_names) == 3
    assert all(name.startswith("Thesis") for name in model.interest_names)
    assert sum(":" in name for name in model.interest_names) == 2
