"""The contract of every scorer and model in worlds as no reader would make them."""

import math
import random
from collections.abc import Container, Sequence
from dataclasses import replace

import numpy as np
import pytest

from recommender.guidance import Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.library import Collection, Item, Library
from recommender.papers import Paper
from recommender.ports import Model, Scorer
from recommender.suggestions import ReasonKind
from recommender.testing.models import library_on, listed_on, paper_on

_SUBJECTS = ("bees", "bridges", "verse")


def checkerboard(n: int = 8) -> tuple[Library, list[Paper], list[Paper]]:
    """Two blocks of papers that are tied inside by citations alone: no two papers share a word.

    Args:
        n: How many papers a block has of each kind.

    Returns:
        The library, which is the first block's in one collection; new papers that cite it; and the
        other block, in which as many papers cite as many.
    """
    own, other = ([_alone(f"{block}{k}") for k in range(n)] for block in ("a", "b"))
    citing_own, citing_other = (
        [
            _alone(f"new {block}{k}", cites=(f"{block}{k}", f"{block}{(k + 3) % n}"))
            for k in range(n)
        ]
        for block in ("a", "b")
    )
    items = (Item(key=f"a{k}", paper=paper, collections=("first",)) for k, paper in enumerate(own))
    library = Library(items=tuple(items), collections=(Collection("first", "First"),))
    return library, citing_own, [*citing_other, *other]


def _alone(name: str, cites: Sequence[str] = ()) -> Paper:
    """A paper of words that no other has."""
    draw = random.Random(name)  # noqa: S311 -- an invented text is no secret
    words = [
        "".join(draw.choice("bdfgklmnprtv") + draw.choice("aeiou") for _ in range(5))
        for _ in range(24)
    ]
    return Paper(
        title=" ".join(words[:4]),
        abstract=" ".join(words[4:]),
        ids=(_invented(name),),
        references=tuple(map(_invented, cites)),
    )


def _invented(name: str) -> PaperId:
    return PaperId.of(Scheme.DOI, f"10.1000/{name.replace(' ', '-')}")


def assert_well_told(model: Model, papers: Sequence[Paper], items: Container[str]) -> None:
    """Every score is lawful, and its reasons are all of it.

    Args:
        model: What scores them.
        papers: Any.
        items: The keys of the library's items, which reasons may name.
    """
    scores, told = model.score(papers), model.reasons(papers)
    assert scores.dtype == np.float32
    assert scores.shape == (len(papers),) == (len(told),)
    assert np.isfinite(model.vectors(papers)).all()
    for score, why in zip(scores.tolist(), told, strict=True):
        assert math.isnan(score) or 0 <= score <= 1
        assert not (math.isnan(score) and why)
        shares = [reason.share for reason in why]
        assert sum(shares) == pytest.approx(np.nan_to_num(score), rel=1e-4, abs=1e-6)
        assert shares == sorted(shares, reverse=True)
        assert all(share > 0 for share in shares)
        assert all(r.text.strip() and len(r.text.splitlines()) == 1 for r in why)
        assert all(r.item in items for r in why if r.item or r.kind is ReasonKind.PAPER)


class StrangeWorldsContract:
    """What scorers must do wherever they are; subclass it with a ``scorer`` fixture."""

    @pytest.fixture
    def scorer(self) -> Scorer:
        """The scorer under test."""
        raise NotImplementedError

    def test_papers_that_cite_the_library_come_first_though_they_share_no_word_with_it(
        self, scorer: Scorer
    ) -> None:
        library, wanted, others = checkerboard()
        for listed in ([*wanted, *others], [*others, *wanted]):
            model = scorer.fit(library, listed, seed=0)
            assert model.score(wanted).min() > np.nan_to_num(model.score(others)).max()
            kinds = {reason.kind for why in model.reasons(wanted) for reason in why}
            assert ReasonKind.CITATIONS in kinds
            assert_well_told(model, [*wanted, *others], {item.key for item in library.items})

    def test_a_newcomer_that_cites_the_library_comes_first_too(self, scorer: Scorer) -> None:
        library, wanted, others = checkerboard()
        model = scorer.fit(library, [*wanted[2:], *others[2:]], seed=0)
        first, second, *rest = np.nan_to_num(model.score([*wanted[:2], *others]))
        assert min(first, second) > max(rest)

    def test_the_order_of_what_is_listed_changes_nothing(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, "glass", each=20)
        library = library_on("bees", "verse")
        scores = scorer.fit(library, listed, seed=0).score(listed)
        order = np.random.default_rng(2).permutation(len(listed))
        shuffled = scorer.fit(library, [listed[i] for i in order], seed=0).score(listed)
        np.testing.assert_allclose(shuffled, scores, atol=1e-3)

    def test_copies_score_alike(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS, each=20)
        library = library_on("bees", "verse")
        own = [item.paper for item in library.items]
        twice = replace(
            library, items=tuple(replace(i, key=f"{k}{i.key}") for k in "xy" for i in library.items)
        )
        copies = [replace(paper, published="2020") for paper in (*listed, *own)]
        for has, shown in (
            (library, [*listed, *copies]),
            (twice, listed),
            (twice, [*own, *listed]),
        ):
            model = scorer.fit(has, shown, seed=0)
            scores = model.score([*listed, *own])
            np.testing.assert_allclose(model.score(copies), scores, atol=1e-3)
            assert np.isfinite(scores[listed.index(listed_on("bees", each=1)[0])])
            assert_well_told(model, copies, {item.key for item in has.items})

    def test_papers_of_one_short_title_are_told_apart_by_what_they_cite(
        self, scorer: Scorer
    ) -> None:
        library, wanted, others = checkerboard()
        title = "Editorial"
        citing = Paper(title=title, ids=wanted[0].ids, references=wanted[0].references)
        strange = Paper(title=title, ids=others[0].ids, references=others[0].references)
        model = scorer.fit(library, [strange, citing, *wanted, *others], seed=0)
        scores = np.nan_to_num(model.score([strange, citing]))
        assert scores[1] > scores[0]

    def test_a_library_that_shares_no_word_with_what_is_listed_makes_no_opinion(
        self, scorer: Scorer
    ) -> None:
        listed = listed_on("bees", each=40)
        (item, *_) = checkerboard()[0].items
        model = scorer.fit(Library(items=(item,)), listed, seed=0)
        assert np.isnan(model.score(listed)).all()
        assert_well_told(model, [*listed, item.paper], {item.key})

    def test_what_is_listed_may_all_be_unlike_the_library(self, scorer: Scorer) -> None:
        library = library_on("bees")
        model = scorer.fit(library, listed_on("verse", each=40), seed=0)
        new, strange = model.score([paper_on("bees", 5000), paper_on("glass", 5000)])
        assert new > model.summary["threshold"]
        assert not strange > model.summary["threshold"]
        (why,) = model.reasons([paper_on("bees", 5000)])
        assert any(reason.kind is ReasonKind.PAPER for reason in why)

    def test_a_reader_without_a_library_is_served_by_goals(self, scorer: Scorer) -> None:
        listed = listed_on(*_SUBJECTS)
        guidance = Guidance(goals=("how bees dance in the hive for pollen and nectar",))
        model = scorer.fit(Library(), listed, seed=0, guidance=guidance)
        assert listed[int(np.nanargmax(model.score(listed)))].venue == "Journal of Bees"
        assert_well_told(model, listed, set())

    def test_what_is_listed_may_be_nothing_one_paper_or_the_library(self, scorer: Scorer) -> None:
        library = library_on("bees", "verse")
        own = [item.paper for item in library.items]
        papers = [*listed_on(*_SUBJECTS), *own]
        for listed in ([], papers[:1], own):
            model = scorer.fit(library, listed, seed=0)
            bees, bridges, verse = np.nan_to_num(model.score(papers[:3]))
            assert min(bees, verse) > bridges
            assert_well_told(model, papers, {item.key for item in library.items})
