"""The hybrid: learning, from a library and what is listed, what a reader wants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommender.arrays import Rows, Vectors
from recommender.errors import NothingToLearnFrom
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Library
from recommender.model.contrast import Contrast, evenly, held_out, unlike
from recommender.model.evidence import tastes_help
from recommender.model.explanations import Teller
from recommender.model.interests import Interests
from recommender.model.judge import Judge
from recommender.model.judging import HybridModel, Learnt, content_of
from recommender.model.links import links_between
from recommender.model.own import Own, disliked, starts
from recommender.model.parts import PARTS, Opinions, Weights, scales, walked
from recommender.model.readers import Readers
from recommender.model.scale import Scale
from recommender.model.tastes import Tastes
from recommender.model.text import Counts, count_matrix
from recommender.model.walk import Walk
from recommender.model.world import World
from recommender.papers import Paper
from recommender.suggestions import Dislike

_LEAST_USUAL = 20  # listed papers; with fewer, the library's own must tell what is usual
_MOST_USUAL = 2000
_DISLIKE = 0.5  # of what a kept paper pulls is what a disliked one pushes
_MOST_LEFT_OUT = 300  # own papers that are scored as if they were new


@dataclass(frozen=True, slots=True)
class HybridScorer:
    """Content and collaborative filtering over a reader's own library.

    Attributes:
        weights: Of the parts; None leaves them to what is known before anything is learnt.
        counts: How terms are counted, perhaps by looking up what was counted before.
    """

    weights: Weights | None = None
    counts: Counts = count_matrix

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> HybridModel:
        """Learn from a library, as ``ports.Scorer`` says."""
        whole = Own.of(library, guidance)
        corpus = [*(item.paper for item in whole.items), *listed]
        # One thread gives the same bits however many there are, and is faster on small matrices.
        with threadpool_limits(1, "blas"):
            world = World.of(self.counts(corpus), links_between(corpus), seed)
            rows = np.flatnonzero(world.place.vectors[: len(whole.items)].any(axis=1))
            if not len(rows):
                raise NothingToLearnFrom(
                    "nothing to learn from: no paper in the library has a word in its title"
                )
            fit = _Fit(
                library=library,
                own=whole[rows],
                rows=rows,
                listed=np.arange(len(whole.items), len(corpus)),
                world=world,
                readers=Readers.of(library, whole[rows].items),
                seed=seed,
            )
            unwanted = disliked(dislikes, corpus, world, self.counts) * (_DISLIKE / len(rows))
            return fit.model(corpus, unwanted, guidance, self.weights, self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """What is learnt from.

    Attributes:
        rows: ``(n_own,)`` the own papers' rows in the world.
        listed: Those of what is listed.
    """

    library: Library
    own: Own
    rows: Rows
    listed: Rows
    world: World
    readers: Readers
    seed: int

    def model(
        self,
        corpus: Sequence[Paper],
        unwanted: sparse.csr_matrix,
        guidance: Guidance,
        given: Weights | None,
        counts: Counts,
    ) -> HybridModel:
        """The model; ``unwanted`` is where the walk from disliked papers starts."""
        world, vectors = self.world, self.world.place.vectors
        helps = tastes_help(self.readers, world, self.rows, self.listed, self.seed)
        weights = given or Weights.prior(len(world), tastes=helps)
        interests = Interests.found(
            self.own.items, vectors[self.rows], world.space.weighting, self.library.paths()
        )
        begin = self._in_world(starts(self.own, interests, guidance))
        walk = Walk.over(world, self._in_world(self.readers.by_papers))
        judge = Judge.starting(
            world,
            walk,
            sparse.vstack([begin, unwanted]).tocsr(),
            self._tastes(unwanted) if helps else None,
        )
        others = self._unlike(judge)
        judge = judge.contrasting(Contrast.fit(vectors[self.rows], others))
        teller = Teller.of(self.library, self.own, world.space.weighting, self.readers.names)
        usual = self._usual(judge, teller, corpus)
        by = scales(usual)
        left_out = self._left_out(judge, others).divided(by)
        learnt = Learnt(
            world=world,
            contents=tuple(map(content_of, corpus)),
            cited=tuple(map(_cited, corpus)),
            own=self.rows,
            judge=judge,
            weights=weights if helps else weights.without_tastes(),
            deviations=by,
            scale=Scale.of(left_out.total(weights), usual.divided(by).total(weights)),
            interests=interests,
        )
        return HybridModel.of(learnt, counts, teller)

    def _in_world(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        """The same entries, over the world's papers instead of the reader's own."""
        columns = self.rows[matrix.indices]
        shape = (matrix.shape[0], len(self.world))
        return sparse.csr_matrix((matrix.data, columns, matrix.indptr), shape)

    def _tastes(self, unwanted: sparse.csr_matrix) -> tuple[Tastes, Vectors]:
        """Everybody's tastes, and the reader's, who is the first of them."""
        person = self._in_world(sparse.csr_matrix(np.ones((1, len(self.rows)), np.float32)))
        # What is negative is held to be unwanted by Hu, Koren and Volinsky's method as we use it.
        person = (person - unwanted.sign()).tocsr()
        everybody = sparse.vstack([person, self._in_world(self.readers.by_papers)]).tocsr()
        tastes = Tastes.fit(everybody, self.world, self.seed)
        return tastes, tastes.readers[0]

    def _unlike(self, judge: Judge) -> Vectors:
        """Where the listed papers lie that are taken for unlike the library."""
        vectors = self.world.place.vectors[self.listed]
        telling = self.listed[vectors.any(axis=1)]
        if not len(telling):
            return vectors[:0]
        arrived = judge.reached.at(judge.walk.to(telling))[:, :-1].sum(axis=1)
        return self.world.place.vectors[telling[unlike(arrived)]]

    def _usual(self, judge: Judge, teller: Teller, corpus: Sequence[Paper]) -> Opinions:
        """What the parts say of usual papers, what is unwanted left aside."""
        rows = self.listed if len(self.listed) >= _LEAST_USUAL else np.arange(len(self.world))
        rows = rows[evenly(len(rows), _MOST_USUAL)]
        place, ways = self.world.among(rows), judge.walk.to(rows)
        familiarity = teller.acquaintances.familiarity([corpus[row] for row in rows])
        return judge.wanting_all().opinions(place, ways, familiarity, rows)

    def _left_out(self, judge: Judge, others: Vectors) -> Opinions:
        """What the parts would say of each of some own papers, had it been new.

        Authors and venue do not count: a new author is no fault.
        """
        some = evenly(len(self.rows), _MOST_LEFT_OUT)
        rows, world = self.rows[some], self.world
        weight = judge.starts_at(self.rows)
        from_own = judge.walk.origins(judge.walk.to(rows))[:, self.rows] * weight
        from_own[np.arange(len(some)), some] = 0
        rest = np.maximum(1 - weight[some], _TINY)
        values = np.zeros((len(some), len(PARTS)), np.float32)
        values[:, PARTS.index("walk")] = walked(from_own.sum(axis=1) / rest)
        terms = world.place.said.terms[rows]
        words = np.asarray((terms @ judge.profile.T).toarray())[:, 0] - weight[some]
        values[:, PARTS.index("words")] = np.maximum(words, 0) / rest
        if judge.contrast and len(some) > 1:
            values[:, PARTS.index("contrast")] = held_out(world.place.vectors[rows], others)
        if judge.tastes:
            # As if no reader had it: by where it lies alone.
            drawn = judge.tastes.mapped(world.place.vectors[rows]) @ judge.taste
            values[:, PARTS.index("tastes")] = np.maximum(drawn, 0)
        known = from_own.any(axis=1) | (words > _TINY)
        return Opinions(values, known, np.zeros((len(some), 0), np.float32))


_TINY = 1e-6


def _cited(paper: Paper) -> Paper:
    """A paper as far as citations name it."""
    return Paper(title="-", ids=paper.ids, references=paper.references)
