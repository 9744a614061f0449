from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recommender.arrays import Scores, Vectors
from recommender.library import Collection, Item, Library, Tag
from recommender.model import hybrid
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.model.parts import PARTS, Weights
from recommender.papers import Paper
from recommender.suggestions import Dislike, ReasonKind
from recommender.testing.models import library_on, listed_on, paper_on
from tests.unit.model_worlds import identified

SUBJECTS = ("bees", "bridges", "verse")
LISTED = listed_on(*SUBJECTS, each=10)
FILED = library_on(*SUBJECTS, each=8)


@pytest.fixture
def _with_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers' tastes have a say, whatever the evidence."""
    monkeypatch.setattr(hybrid, "tastes_help", lambda *_: True)


@pytest.fixture
def with_evidence(_with_evidence: None) -> HybridModel:
    return HybridScorer().fit(FILED, LISTED, seed=0)


def scores(library: Library, listed: list[Paper], *dislikes: Dislike) -> Scores:
    """What is thought of the listed papers; 0 where there is no opinion."""
    model = HybridScorer().fit(library, listed, seed=0, dislikes=dislikes)
    return np.nan_to_num(model.score(listed))


def test_without_evidence_tastes_have_no_weight() -> None:
    model = HybridScorer().fit(FILED, LISTED, seed=0)
    assert model.summary["tastes"] == 0
    assert model.learnt.judge.tastes is None
    told = [reason.kind for why in model.reasons(LISTED) for reason in why]
    assert ReasonKind.COLLABORATIVE not in told


def test_with_tastes_the_shares_add_up_too(with_evidence: HybridModel) -> None:
    assert with_evidence.summary["tastes"] > 0
    asked = [*LISTED, *(paper_on(subject, 7000) for subject in SUBJECTS), FILED.items[0].paper]
    kinds = set()
    thought, told = with_evidence.score(asked), with_evidence.reasons(asked)
    for score, why in zip(np.nan_to_num(thought), told, strict=True):
        assert sum(reason.share for reason in why) == pytest.approx(float(score), abs=1e-4)
        kinds |= {reason.kind for reason in why}
    assert {ReasonKind.COLLABORATIVE, ReasonKind.PAPER} <= kinds


@pytest.fixture
def among_others(_with_evidence: None) -> HybridModel:
    """A model with tastes that learnt among papers of which most are nobody's."""
    return HybridScorer().fit(FILED, [*LISTED, *listed_on("glass", each=60)], seed=0)


def test_tastes_name_the_readers_that_are_drawn_to_the_paper(among_others: HybridModel) -> None:
    (why,) = among_others.reasons([paper_on("verse", 1000)])
    (text,) = (reason.text for reason in why if reason.kind is ReasonKind.COLLABORATIVE)
    assert text.startswith("goes with what is kept in collection “Verse”")


def told_by_tastes(model: HybridModel, others: Vectors) -> str:
    """What the tastes say of the first listed paper, had the other readers these."""
    learnt, judge = model.learnt, model.learnt.judge
    assert judge.tastes
    tastes = replace(judge.tastes, readers=np.vstack([judge.taste, others]))
    judge = replace(judge, tastes=tastes)
    (why,) = replace(model, learnt=replace(learnt, judge=judge)).reasons(LISTED[:1])
    (text,) = (reason.text for reason in why if reason.kind is ReasonKind.COLLABORATIVE)
    return text


def test_whoever_wants_the_opposite_is_not_named(among_others: HybridModel) -> None:
    judge = among_others.learnt.judge
    assert judge.tastes
    taste, (row, *_) = judge.taste, among_others.located(LISTED[:1])
    others = judge.tastes.readers[1:].copy()
    # Drawn to the paper more than anybody, and away from this reader's taste.
    (paper,) = judge.factors(row.place, row.rows)
    away = 100 * (paper - taste * (paper @ taste) / (taste @ taste)) - taste / (taste @ taste)
    assert away @ taste < 0 < others.max() < away @ paper
    for at, name in enumerate(among_others.teller.origins.readers.names):
        loudest = others.copy()
        loudest[at] = away
        assert name not in told_by_tastes(among_others, loudest)
    nobody = told_by_tastes(among_others, np.tile(away, (len(others), 1)))
    assert nobody == "goes with what is kept together"


@pytest.mark.usefixtures("_with_evidence")
@pytest.mark.parametrize("disliked", [LISTED[0], paper_on("bees", 8000)])
def test_with_tastes_a_weak_dislike_moves_less_than_a_strong_one_too(disliked: Paper) -> None:
    before = scores(FILED, LISTED)
    weak, strong = (before - scores(FILED, LISTED, Dislike(disliked, w)) for w in (0.1, 1.0))
    bees = np.array([paper.venue == "Journal of Bees" for paper in LISTED])
    assert 0 < weak[bees].mean() < 0.75 * strong[bees].mean()


def test_the_threshold_is_in_the_scores_own_unit(with_evidence: HybridModel) -> None:
    for model in (with_evidence, HybridScorer().fit(FILED, LISTED[:15], seed=0)):
        passing = model.score(LISTED) >= model.summary["threshold"]
        assert 0.5 < passing.mean() <= 1
        off_topic = [Paper(title="Whistled speech", abstract="A valley of vowels. " * 9)]
        assert not (model.score(off_topic) >= model.summary["threshold"]).any()


def test_weights_that_are_given_are_taken_and_no_tastes_without_evidence() -> None:
    given = replace(Weights.prior(50, tastes=True), venue=0.0, contrast=0.0)
    model = HybridScorer(weights=given).fit(FILED, LISTED, seed=0)
    assert model.learnt.weights == given.without_tastes()
    told = {reason.kind for why in model.reasons(LISTED) for reason in why}
    assert told.isdisjoint({ReasonKind.VENUE, ReasonKind.CONTRAST})


def test_a_paper_stands_out_only_where_it_is_likelier_the_readers_than_not() -> None:
    listed = listed_on(*SUBJECTS, each=20)
    model = HybridScorer().fit(library_on("bees"), listed, seed=0)
    for paper, why in zip(listed, model.reasons(listed), strict=True):
        stands_out = any(reason.kind is ReasonKind.CONTRAST for reason in why)
        assert stands_out == (paper.venue == "Journal of Bees")


def test_a_paper_that_cites_one_of_the_readers_is_for_them_whatever_it_says() -> None:
    first, *rest = library_on("bees").items
    cited = replace(first, paper=identified(first.paper, 1))
    library = Library(items=(cited, *rest))
    citing, silent = (identified(paper_on("glass", 50 + n), 50 + n, n) for n in (1, 2))
    model = HybridScorer().fit(library, listed_on("glass", "bees", each=20), seed=0)
    known, unknown = model.score([citing, silent])
    assert known > 0.05
    assert np.isnan(unknown)
    (why,) = model.reasons([citing])
    assert why[0].kind is ReasonKind.CITATIONS
    assert first.paper.title in why[0].text


def test_a_part_of_a_reader_does_not_depend_on_how_many_are_asked_with_it() -> None:
    model = HybridScorer().fit(FILED, LISTED, seed=0)
    mixed = [*LISTED[::3], *(paper_on(subject, 7000) for subject in SUBJECTS), *LISTED[1::3]]
    together = model.opinions(mixed)
    for row, paper in enumerate(mixed):
        alone = model.opinions([paper])
        np.testing.assert_allclose(alone.values[0], together.values[row], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(model.vectors([paper])[0], model.vectors(mixed)[row], atol=1e-6)
    assert together.values.shape == (len(mixed), len(PARTS))


def test_what_was_added_lately_pulls_more() -> None:
    def library(**years: int) -> Library:
        items = (
            replace(item, added_at=datetime(years[item.collections[0]], 1, 1, tzinfo=UTC))
            for item in library_on("bees", "verse").items
        )
        return Library(items=tuple(items))

    lately, long_ago = (
        scores(library(bees=bees, verse=verse), LISTED)
        for bees, verse in ((2026, 2015), (2015, 2026))
    )
    on = [paper.venue for paper in LISTED]
    bees, verse = ([venue == f"Journal of {name}" for venue in on] for name in ("Bees", "Verse"))
    assert lately[bees].mean() > long_ago[bees].mean()
    assert lately[verse].mean() < long_ago[verse].mean()


def test_our_own_shelf_is_no_choice_of_the_readers() -> None:
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
    model = HybridScorer().fit(library, LISTED, seed=0)
    assert "Shelfwise" not in str(model.reasons(LISTED[:3]))
    assert "Shelfwise" not in model.interest_names


def test_interests_in_one_collection_get_different_names() -> None:
    items = tuple(
        Item(key=f"{s}{n}", paper=paper_on(s, n), collections=("t",))
        for s in SUBJECTS
        for n in range(5)
    )
    library = Library(items=items, collections=(Collection("t", "Thesis"),))
    model = HybridScorer().fit(library, LISTED, seed=0)
    assert len(set(model.interest_names)) == len(model.interest_names) == 3
    assert all(name.startswith("Thesis") for name in model.interest_names)
    assert sum(":" in name for name in model.interest_names) == 2
