"""The contract of every scorer and model, and a small world in which the right answer is known."""

import random

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from recommender.errors import NothingToLearnFrom
from recommender.library import Collection, Item, Library
from recommender.papers import Author, Paper
from recommender.ports import Scorer

_SUBJECTS = {
    "bees": "bee hive nectar pollen queen swarm foraging waggle dance colony honey comb wax drone",
    "bridges": "bridge girder truss load span steel cable deck pier fatigue bearing arch weld beam",
    "verse": "poem verse metre rhyme stanza sonnet ballad iamb lyric epic poet line caesura ode",
}


def paper_on(subject: str, number: int) -> Paper:
    """An invented paper whose words are its subject's; the same number gives the same paper.

    Args:
        subject: One of ``bees``, ``bridges`` and ``verse``.
        number: Tells papers of a subject apart.
    """
    words = _SUBJECTS[subject].split()
    draw = random.Random(f"{subject} {number}")  # noqa: S311 -- an invented text is no secret
    title = " ".join(draw.sample(words, 5))
    sentences = (" ".join(draw.sample(words, 8)) for _ in range(5))
    return Paper(
        title=f"On {title} {number}",
        abstract=". ".join(sentences) + ".",
        authors=(Author(f"{subject.title()}son{number % 4}", "Ada"),),
        venue=f"Journal of {subject.title()}",
    )


def library_on(*subjects: str, each: int = 4) -> Library:
    """A library with a collection for each subject and ``each`` papers in it."""
    return Library(
        items=tuple(
            Item(key=f"{subject}{n}", paper=paper_on(subject, n), collections=(subject,))
            for subject in subjects
            for n in range(each)
        ),
        collections=tuple(Collection(subject, subject.title()) for subject in subjects),
    )


def listed_on(*subjects: str, each: int = 6) -> list[Paper]:
    """New papers on the subjects in turn, none of which is in ``library_on``."""
    return [paper_on(subject, 1000 + n) for n in range(each) for subject in subjects]


class ScorerContract:
    """What every scorer and its models must do; subclass it with a ``scorer`` fixture."""

    @pytest.fixture
    def scorer(self) -> Scorer:
        """The scorer under test."""
        raise NotImplementedError

    def test_papers_on_the_readers_subject_come_first(self, scorer: Scorer) -> None:
        for subject in _SUBJECTS:
            listed = listed_on(*_SUBJECTS)
            scores = scorer.fit(library_on(subject), listed, seed=0).score(listed)
            best = np.argsort(-np.nan_to_num(scores))[:6]
            assert {listed[i].venue for i in best} == {f"Journal of {subject.title()}"}

    def test_scores_are_float32_between_0_and_1_in_the_order_given(self, scorer: Scorer) -> None:
        listed = listed_on("bees", "verse")
        scores = scorer.fit(library_on("bees"), listed, seed=0).score(listed)
        assert scores.dtype == np.float32
        assert scores.shape == (len(listed),)
        assert ((scores >= 0) & (scores <= 1) | np.isnan(scores)).all()

    def test_a_paper_not_seen_in_fitting_is_scored_too(self, scorer: Scorer) -> None:
        model = scorer.fit(library_on("bees"), listed_on("bees", "verse"), seed=0)
        unseen = [paper_on("bees", 5000), paper_on("verse", 5000)]
        bees, verse = np.nan_to_num(model.score(unseen))
        assert bees > verse

    def test_a_paper_without_a_known_word_gets_no_exception(self, scorer: Scorer) -> None:
        model = scorer.fit(library_on("bees"), listed_on("bees"), seed=0)
        strange = [Paper(title="Xyzzy plugh"), Paper(title="???")]
        assert model.score(strange).shape == (2,)
        assert np.isnan(model.score(strange)).all()
        assert [list(why) for why in model.reasons(strange)] == [[], []]
        assert model.interests(strange).tolist() == [-1, -1]

    def test_no_papers_get_no_scores(self, scorer: Scorer) -> None:
        model = scorer.fit(library_on("bees"), [], seed=0)
        assert model.score([]).shape == (0,)
        assert len(model.reasons([])) == 0
        assert len(model.vectors([])) == 0
        assert model.interests([]).shape == (0,)

    def test_shuffling_papers_shuffles_scores(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        model = scorer.fit(library_on("bees", "verse"), listed, seed=0)
        order = np.random.default_rng(1).permutation(len(listed))
        shuffled = model.score([listed[i] for i in order])
        np.testing.assert_allclose(shuffled, model.score(listed)[order], atol=1e-6)

    def test_the_same_arguments_give_the_same_model(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        one = scorer.fit(library_on("bees", "verse"), listed, seed=7)
        other = scorer.fit(library_on("bees", "verse"), listed, seed=7)
        assert one.score(listed).tobytes() == other.score(listed).tobytes()
        assert one.interest_names == other.interest_names
        assert one.reasons(listed) == other.reasons(listed)

    def test_the_number_of_threads_changes_nothing(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=40)
        library = library_on(*_SUBJECTS, each=30)
        scores = []
        for n_threads in (1, 4):
            with threadpool_limits(n_threads):
                scores.append(scorer.fit(library, listed, seed=0).score(listed).tobytes())
        assert scores[0] == scores[1]

    def test_scoring_changes_nothing(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        model = scorer.fit(library_on("bees", "verse"), listed, seed=0)
        before = model.score(listed)
        model.score(listed_on("bridges"))
        model.reasons(listed)
        assert model.score(listed).tobytes() == before.tobytes()

    def test_the_shares_of_the_reasons_add_up_to_the_score(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        model = scorer.fit(library_on(*_SUBJECTS, each=20), listed, seed=0)
        for score, why in zip(model.score(listed), model.reasons(listed), strict=True):
            assert sum(reason.share for reason in why) == pytest.approx(float(score), abs=1e-4)

    def test_reasons_tell_the_largest_share_first_and_none_is_empty(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        for why in scorer.fit(library_on("bees"), listed, seed=0).reasons(listed):
            shares = [reason.share for reason in why]
            assert shares == sorted(shares, reverse=True)
            assert all(share > 0 for share in shares)
            assert all(reason.text and "\n" not in reason.text for reason in why)

    def test_vectors_have_length_1_or_0(self, scorer: Scorer) -> None:
        listed = [*listed_on(*_SUBJECTS), Paper(title="Xyzzy plugh")]
        vectors = scorer.fit(library_on("bees"), listed[:-1], seed=0).vectors(listed)
        lengths = np.linalg.norm(vectors, axis=1)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(lengths[:-1], 1, atol=1e-5)
        assert lengths[-1] == 0

    def test_interests_are_told_apart(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        model = scorer.fit(library_on(*_SUBJECTS), listed, seed=0)
        nearest = model.interests(listed)
        venues = [f"Journal of {subject.title()}" for subject in _SUBJECTS]
        groups = {
            frozenset(nearest[i] for i, p in enumerate(listed) if p.venue == v) for v in venues
        }
        assert len(groups) == len(_SUBJECTS)
        assert all(len(group) == 1 for group in groups)
        assert max(nearest) < len(model.interest_names)
        assert len(set(model.interest_names)) == len(model.interest_names)

    def test_one_paper_is_enough_to_learn_from(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        scores = scorer.fit(library_on("verse", each=1), listed, seed=0).score(listed)
        assert listed[int(np.nanargmax(scores))].venue == "Journal of Verse"

    def test_a_library_without_abstracts_is_enough_too(self, scorer: Scorer) -> None:
        titles = Library(
            items=tuple(
                Item(key=item.key, paper=Paper(title=item.paper.title))
                for item in library_on("bridges").items
            )
        )
        listed = listed_on(*_SUBJECTS)
        scores = scorer.fit(titles, listed, seed=0).score(listed)
        assert listed[int(np.nanargmax(scores))].venue == "Journal of Bridges"

    def test_what_is_in_the_trash_is_no_evidence(self, scorer: Scorer) -> None:
        bees, verse = library_on("bees"), library_on("verse")
        thrown = tuple(Item(key=item.key, paper=item.paper, trashed=True) for item in verse.items)
        listed = listed_on(*_SUBJECTS)
        with_trash = scorer.fit(Library(items=bees.items + thrown), listed, seed=0)
        without = scorer.fit(Library(items=bees.items), listed, seed=0)
        assert with_trash.score(listed).tobytes() == without.score(listed).tobytes()

    def test_nothing_can_be_learnt_from_no_paper(self, scorer: Scorer) -> None:
        for library in (Library(), Library(items=(Item(key="a", paper=Paper(title="???")),))):
            with pytest.raises(NothingToLearnFrom):
                scorer.fit(library, listed_on("bees"), seed=0)

    def test_the_summary_names_the_threshold(self, scorer: Scorer) -> None:
        model = scorer.fit(library_on("bees"), listed_on("bees"), seed=0)
        assert 0 <= model.summary["threshold"] <= 1
