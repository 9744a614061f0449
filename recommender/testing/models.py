"""The contract of every scorer and model, and a small world in which the right answer is known."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from recommender.arrays import Scores
from recommender.errors import NothingToLearnFrom
from recommender.library import Collection, Item, Library
from recommender.papers import Author, Paper
from recommender.ports import Scorer
from recommender.suggestions import Dislike, ReasonKind

_SUBJECTS = {
    "bees": "bee hive nectar pollen queen swarm foraging waggle dance colony honey comb wax drone",
    "bridges": "bridge girder truss load span steel cable deck pier fatigue bearing arch weld beam",
    "verse": "poem verse metre rhyme stanza sonnet ballad iamb lyric epic poet line caesura ode",
}


# What the rest of the world is on, where the three subjects are the reader's business.
_ELSEWHERE = {
    "glass": "glass furnace silica pane lens melt kiln crystal blow annealing bottle soda window",
}


def paper_on(subject: str, number: int) -> Paper:
    """An invented paper whose words are its subject's; the same number gives the same paper.

    Args:
        subject: One of ``bees``, ``bridges``, ``verse`` and ``glass``.
        number: Tells papers of a subject apart.
    """
    words = {**_SUBJECTS, **_ELSEWHERE}[subject].split()
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


def paper_between(one: str, other: str, number: int) -> Paper:
    """An invented paper on one subject as another one sees it; its title names only the first."""
    first, second = paper_on(one, number), paper_on(other, number)
    return Paper(
        title=first.title, abstract=f"{first.abstract} {second.abstract}", venue="Journal of Both"
    )


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
        assert model.judged(strange)[1].tolist() == [-1, -1]

    def test_no_papers_get_no_scores(self, scorer: Scorer) -> None:
        model = scorer.fit(library_on("bees"), [], seed=0)
        assert model.score([]).shape == (0,)
        assert len(model.reasons([])) == 0
        assert len(model.vectors([])) == 0
        assert model.judged([])[1].shape == (0,)

    def test_shuffling_papers_shuffles_scores(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        model = scorer.fit(library_on("bees", "verse"), listed, seed=0)
        order = np.random.default_rng(1).permutation(len(listed))
        shuffled = model.score([listed[i] for i in order])
        np.testing.assert_allclose(shuffled, model.score(listed)[order], atol=1e-6)

    def test_a_paper_scores_the_same_whatever_is_asked_with_it(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        model = scorer.fit(library_on("bees", "verse", each=20), listed[:40], seed=0)
        together = model.score(listed)
        for some in (1, 7):
            parts = [model.score(listed[i : i + some]) for i in range(0, len(listed), some)]
            assert np.concatenate(parts).tobytes() == together.tobytes()

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

    def test_a_reason_that_tells_of_a_paper_names_an_item_of_the_library(
        self, scorer: Scorer
    ) -> None:
        listed = listed_on(*_SUBJECTS)
        library = library_on("bees", "verse")
        titles = {item.key: item.paper.title for item in library.items}
        told = [r for why in scorer.fit(library, listed, seed=0).reasons(listed) for r in why]
        assert {reason.kind for reason in told if reason.item} == {ReasonKind.PAPER}
        assert all(titles[r.item] in r.text for r in told if r.kind is ReasonKind.PAPER)

    def test_vectors_have_length_1_or_0(self, scorer: Scorer) -> None:
        listed = [*listed_on(*_SUBJECTS), Paper(title="Xyzzy plugh")]
        vectors = scorer.fit(library_on("bees"), listed[:-1], seed=0).vectors(listed)
        lengths = np.linalg.norm(vectors, axis=1)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(lengths[:-1], 1, atol=1e-5)
        assert lengths[-1] == 0

    def test_what_is_judged_is_scored_the_same(self, scorer: Scorer) -> None:
        listed = [*listed_on(*_SUBJECTS), Paper(title="Xyzzy plugh")]
        model = scorer.fit(library_on(*_SUBJECTS), listed[:5], seed=0)
        scores, interests = model.judged(listed)
        assert scores.tobytes() == model.score(listed).tobytes()
        assert (interests[:-1] >= 0).all()
        assert interests[-1] == -1

    def test_interests_are_told_apart(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        model = scorer.fit(library_on(*_SUBJECTS), listed, seed=0)
        nearest = model.judged(listed)[1]
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

    def test_without_dislikes_nothing_changes(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        library = library_on("bees", "verse")
        given = scorer.fit(library, listed, seed=0, dislikes=[])
        without = scorer.fit(library, listed, seed=0)
        assert given.score(listed).tobytes() == without.score(listed).tobytes()
        assert given.summary == without.summary

    def test_what_is_like_a_dismissed_paper_sinks_and_what_is_like_the_kept_stays(
        self, scorer: Scorer
    ) -> None:
        alike, kept = _judged()
        falls = _falls(scorer, 1.0, [*alike, *kept])
        same_interest, other_interest = np.split(falls[len(alike) :], 2)
        assert falls[: len(alike)].min() > same_interest.max() > 0
        assert falls[: len(alike)].mean() > 2 * same_interest.mean()
        assert falls[: len(alike)].mean() > 10 * np.abs(other_interest).mean()

    def test_a_weak_dislike_moves_less_than_a_strong_one(self, scorer: Scorer) -> None:
        alike, kept = _judged()
        strong, weak = (_falls(scorer, weight, [*alike, *kept]) for weight in (1.0, 0.1))
        assert 0 < weak[: len(alike)].mean() < 0.3 * strong[: len(alike)].mean()
        assert np.abs(weak).max() < 0.05

    def test_a_dismissed_paper_never_rises(self, scorer: Scorer) -> None:
        listed = [*listed_on(*_SUBJECTS, each=20), *_judged()[0]]
        library = library_on("bees", "verse")
        before = np.nan_to_num(scorer.fit(library, listed, seed=0).score(listed))
        for at in range(0, len(listed), 5):
            for weight in (0.1, 1.0):
                dislikes = [Dislike(listed[at], weight)]
                model = scorer.fit(library, listed, seed=0, dislikes=dislikes)
                assert np.nan_to_num(model.score(listed)[at]) <= before[at] + 1e-6

    def test_one_dismissal_does_not_sink_the_interest_that_it_is_in(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        dismissed, *rest = [p for p in listed if p.venue == "Journal of Bees"]
        others = [p for p in listed if p.venue == "Journal of Bridges"]
        model = scorer.fit(
            library_on("bees", "verse", each=10), listed, seed=0, dislikes=[Dislike(dismissed, 1.0)]
        )
        scores = model.score(rest)
        assert np.median(scores) > model.summary["threshold"]
        assert scores.min() > np.nan_to_num(model.score(others)).max()

    def test_the_threshold_stays_where_one_dismissal_is_among_many_kept(
        self, scorer: Scorer
    ) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        library = library_on("bees", "verse", each=10)
        before = scorer.fit(library, listed, seed=0).summary["threshold"]
        for weight in (0.1, 1.0):
            dislikes = [Dislike(listed[0], weight)]
            after = scorer.fit(library, listed, seed=0, dislikes=dislikes).summary["threshold"]
            assert after == pytest.approx(before, rel=0.3)

    def test_with_dislikes_the_shares_add_up_too(self, scorer: Scorer) -> None:
        listed = [*listed_on(*_SUBJECTS, each=20), *_judged()[0]]
        dislikes = [Dislike(paper, 0.5) for paper in listed[::7]]
        model = scorer.fit(library_on("bees", "verse"), listed, seed=0, dislikes=dislikes)
        scores = np.nan_to_num(model.score(listed))
        for score, why in zip(scores, model.reasons(listed), strict=True):
            assert sum(reason.share for reason in why) == pytest.approx(float(score), abs=1e-4)

    def test_a_disliked_paper_may_be_new_or_say_nothing(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        library = library_on("bees")
        before = scorer.fit(library, listed, seed=0).score(listed)
        silent = [Dislike(Paper(title="???"), 1.0)]
        after = scorer.fit(library, listed, seed=0, dislikes=silent).score(listed)
        np.testing.assert_array_equal(after, before)
        unseen = [Dislike(paper_on("bees", 7000), 1.0)]
        assert scorer.fit(library, listed, seed=0, dislikes=unseen).score(listed).shape == (60,)

    def test_nothing_can_be_learnt_from_no_paper(self, scorer: Scorer) -> None:
        for library in (Library(), Library(items=(Item(key="a", paper=Paper(title="???")),))):
            with pytest.raises(NothingToLearnFrom):
                scorer.fit(library, listed_on("bees"), seed=0)

    def test_the_summary_names_the_threshold(self, scorer: Scorer) -> None:
        model = scorer.fit(library_on("bees"), listed_on("bees"), seed=0)
        assert 0 <= model.summary["threshold"] <= 1


def _judged() -> tuple[list[Paper], list[Paper]]:
    """Papers like the dismissed one of ``_falls``, and papers like what is kept there.

    Of the latter, the first half are on the subject that the dismissed one is on too.
    """
    alike = [paper_between("bees", "bridges", 2000 + n) for n in range(1, 6)]
    return alike, [paper_on(on, 2000 + n) for on in ("bees", "verse") for n in range(1, 6)]


def _falls(scorer: Scorer, weight: float, papers: Sequence[Paper]) -> Scores:
    """How far each paper falls, ``(n,)``, when one on bees and bridges is disliked."""
    dismissed = paper_between("bees", "bridges", 2000)
    listed = [*listed_on("glass", each=200), dismissed, *papers]
    library = library_on("bees", "verse", each=10)
    before = scorer.fit(library, listed, seed=0).score(papers)
    dislikes = [Dislike(dismissed, weight)]
    after = scorer.fit(library, listed, seed=0, dislikes=dislikes).score(papers)
    return np.asarray(before - after, np.float32)
