"""The contract of scorers about what the reader asks for, beside what the library shows."""

import numpy as np
import pytest

from recommender.arrays import Scores
from recommender.errors import NothingToLearnFrom
from recommender.guidance import Guidance
from recommender.library import Library
from recommender.ports import Scorer
from recommender.suggestions import ReasonKind
from recommender.testing.models import library_on, listed_on, paper_on

SUBJECTS = ("bees", "bridges", "verse")


class GuidanceContract:
    """How every scorer heeds guidance; subclass it with a ``scorer`` fixture."""

    @pytest.fixture
    def scorer(self) -> Scorer:
        """The scorer under test."""
        raise NotImplementedError

    def test_without_guidance_nothing_changes(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        library = library_on("bees", "verse")
        without = scorer.fit(library, listed, seed=0)
        unmatched = Guidance(boosts=(("no such interest", 5.0),), muted=("nor such",))
        for guidance in (Guidance(), unmatched, Guidance(excluded=("*",))):
            given = scorer.fit(library, listed, seed=0, guidance=guidance)
            assert given.score(listed).tobytes() == without.score(listed).tobytes()
            assert given.summary == without.summary

    def test_goals_and_seeds_pull_like_papers(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        library = library_on("bees")
        before = _by_subject(scorer.fit(library, listed, seed=0).score(listed))
        for asked in _wanting_verse():
            model = scorer.fit(library, listed, seed=0, guidance=asked)
            bees, bridges, verse = _by_subject(model.score(listed))
            assert verse > before[2] + 0.1
            assert min(bees, verse) > bridges + 0.1

    def test_goals_or_seeds_are_enough_before_there_is_a_library(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        for asked in _wanting_verse():
            model = scorer.fit(Library(), listed, seed=0, guidance=asked)
            scores = model.score(listed)
            assert listed[int(np.nanargmax(scores))].venue == "Journal of Verse"
            told = [reason for why in model.reasons(listed) for reason in why]
            assert ReasonKind.GOAL in {reason.kind for reason in told}
            assert not any(reason.item for reason in told)
            assert len(model.interest_names) == 1

    def test_the_larger_the_library_the_less_a_goal_counts(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        asked, _ = _wanting_verse()
        shares = []
        for each in (2, 10, 50):
            model = scorer.fit(library_on("bees", each=each), listed, seed=0, guidance=asked)
            bees, _, verse = _by_subject(model.score(listed))
            shares.append(verse / (bees + verse))
        assert shares == sorted(shares, reverse=True)
        assert shares[0] > shares[-1] + 0.05

    def test_with_goals_and_seeds_the_shares_add_up_too(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        for asked in _wanting_verse():
            model = scorer.fit(library_on("bees"), listed, seed=0, guidance=asked)
            scores = np.nan_to_num(model.score(listed))
            for score, why in zip(scores, model.reasons(listed), strict=True):
                assert sum(reason.share for reason in why) == pytest.approx(float(score), abs=1e-4)

    def test_a_muted_interest_does_not_pull(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        library = library_on("bees", "verse", each=8)
        model = scorer.fit(library, listed, seed=0)
        name = model.interest_names[int(model.judged([paper_on("verse", 1)])[1][0])]
        before = _by_subject(model.score(listed))
        muted = scorer.fit(library, listed, seed=0, guidance=Guidance(muted=(name,)))
        bees, bridges, verse = _by_subject(muted.score(listed))
        assert verse < before[2] / 4
        assert bees > before[0] - 0.1 > max(bridges, verse)
        assert muted.interest_names == model.interest_names

    def test_where_every_interest_is_muted_there_is_no_opinion(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        model = scorer.fit(library_on("bees"), listed, seed=0, guidance=Guidance(muted=("*",)))
        assert np.isnan(model.score(listed)).all()

    def test_a_boosted_interest_pulls_more_and_the_others_less(self, scorer: Scorer) -> None:
        listed = listed_on(*SUBJECTS, each=10)
        library = library_on("bees", "verse", each=8)
        model = scorer.fit(library, listed, seed=0)
        name = model.interest_names[int(model.judged([paper_on("verse", 1)])[1][0])]
        leads = []
        for factor in (0.2, 1.0, 5.0):
            asked = Guidance(boosts=((name, factor),))
            given = scorer.fit(library, listed, seed=0, guidance=asked)
            bees, _, verse = _by_subject(given.score(listed))
            leads.append(verse - bees)
        assert leads[0] + 0.05 < leads[1] < leads[2] - 0.05

    def test_nothing_can_be_learnt_from_a_goal_without_a_word(self, scorer: Scorer) -> None:
        with pytest.raises(NothingToLearnFrom):
            scorer.fit(Library(), listed_on("bees"), seed=0, guidance=Guidance(goals=("???",)))


def _wanting_verse() -> tuple[Guidance, Guidance]:
    """The wish for verse, as a goal and as a seed paper."""
    return (
        Guidance(goals=("the metre and rhyme of a sonnet, a ballad or an epic poem",)),
        Guidance(seeds=(paper_on("verse", 3000),)),
    )


def _by_subject(scores: Scores) -> list[float]:
    """The mean score on each subject of ``listed_on(*SUBJECTS)``, no opinion as 0."""
    on_each = np.nan_to_num(scores).reshape(-1, len(SUBJECTS))
    return [float(mean) for mean in on_each.mean(axis=0)]
