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
from recommender.model.closeness import Speakers, pooled
from recommender.model.contrast import Contrast, evenly, held_out, unlike
from recommender.model.evidence import tastes_help
from recommender.model.explanations import Teller
from recommender.model.interests import Interests
from recommender.model.judge import Judge
from recommender.model.judging import HybridModel, Learnt, content_of
from recommender.model.links import citing, links_between
from recommender.model.meanings import Meanings, meant
from recommender.model.own import Own, starts
from recommender.model.parts import PARTS, Opinions, Usual, Weights, walked
from recommender.model.readers import Readers
from recommender.model.saved import VERSION, restored, saved
from recommender.model.scale import Scale
from recommender.model.tastes import Tastes
from recommender.model.text import Counts, count_matrix
from recommender.model.unwanted import Unwanted
from recommender.model.walk import Walk
from recommender.model.world import World
from recommender.papers import Paper
from recommender.ports import Model
from recommender.suggestions import Dislike

_LEAST_USUAL = 20  # listed papers; with fewer, the library's own must tell what is usual
_MOST_USUAL = 2000
_MOST_LEFT_OUT = 300  # own papers that are scored as if they were new


@dataclass(frozen=True, slots=True)
class HybridScorer:
    """Content and collaborative filtering over a reader's own library.

    Attributes:
        weights: Of the parts; None leaves them to what is known before anything is learnt.
        counts: How terms are counted, perhaps by looking up what was counted before.
        meanings: What papers mean to an encoder; None leaves it to their words.
    """

    weights: Weights | None = None
    counts: Counts = count_matrix
    meanings: Meanings | None = None

    @property
    def name(self) -> str:
        """Its version, its weights and its encoder, as ``ports.Scorer`` says."""
        given = self.weights.told().items() if self.weights else ()
        encoder = [f"encoder={self.meanings.name}"] if self.meanings else []
        parts = [f"{part}={weight!r}" for part, weight in given]
        return " ".join([f"hybrid {VERSION}", *parts, *encoder])

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
            counts = self.counts(corpus)
            links, meanings = links_between(corpus), meant(self.meanings, corpus)
            world = World.of(counts, links, seed, meanings)
            rows = _telling(world, counts, len(whole.items))
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
            disliked = [one.paper for one in dislikes]
            place = world.placed(
                self.counts(disliked), citing(disliked, corpus), meant(self.meanings, disliked)
            )
            unwanted = Unwanted.of(dislikes, place.vectors)
            learnt, teller = fit.learnt(corpus, unwanted, guidance, self.weights)
            return HybridModel.of(learnt, self.counts, teller, self.meanings)

    def saved(self, model: Model) -> bytes:
        """One of its models as bytes, as ``ports.Scorer`` says.

        Raises:
            TypeError: If it is another's.
        """
        if not isinstance(model, HybridModel):
            raise TypeError(f"{type(model).__name__} is another scorer's model")
        return saved(model)

    def restored(
        self, payload: bytes, library: Library, guidance: Guidance = NO_GUIDANCE
    ) -> HybridModel:
        """The model that was saved, as ``ports.Scorer`` says."""
        return restored(payload, library, guidance, self.counts, self.meanings)


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

    def learnt(
        self,
        corpus: Sequence[Paper],
        unwanted: Unwanted,
        guidance: Guidance,
        given: Weights | None,
    ) -> tuple[Learnt, Teller]:
        """What the model is made of."""
        world, vectors = self.world, self.world.place.vectors
        helps = tastes_help(self.readers, world, self.rows, self.listed, self.seed)
        weights = given or Weights.prior(len(world), tastes=helps)
        interests = Interests.found(
            self.own.items, vectors[self.rows], world.space.weighting, self.library.paths()
        )
        begin = self._in_world(starts(self.own, interests, guidance))
        pulling = np.flatnonzero(begin[:, self.rows].getnnz(axis=0))
        walk = Walk.over(world, self._in_world(self.readers.by_papers))
        judge = Judge.starting(
            world,
            walk,
            begin,
            Speakers.of(vectors[self.rows], interests.members, pulling),
            self._tastes(pulling) if helps else None,
            unwanted,
        )
        others = self._unlike(judge)
        if len(pulling):
            judge = judge.contrasting(Contrast.fit(vectors[self.rows[pulling]], others))
        named, weighting = interests.called(self.own.items, guidance), world.space.weighting
        teller = Teller.of(self.library, self.own, named, weighting, self.readers.names, pulling)
        usual = self._usual(judge, teller, corpus)
        level = Usual.of(usual)
        left_out = self._left_out(judge, others, pulling).compared(level)
        learnt = Learnt(
            world=world,
            contents=tuple(map(content_of, corpus)),
            cited=tuple(map(_cited, corpus)),
            own=self.rows,
            judge=judge,
            weights=weights if helps else weights.without_tastes(),
            usual=level,
            scale=Scale.of(left_out.total(weights), usual.compared(level).total(weights)),
            interests=interests,
        )
        return learnt, teller

    def _in_world(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        """The same entries, over the world's papers instead of the reader's own."""
        columns = self.rows[matrix.indices]
        shape = (matrix.shape[0], len(self.world))
        return sparse.csr_matrix((matrix.data, columns, matrix.indptr), shape)

    def _tastes(self, pulling: Rows) -> tuple[Tastes, Vectors]:
        """Everybody's tastes, and the reader's, who is the first of them."""
        person = np.zeros((1, len(self.world)), np.float32)
        person[0, self.rows[pulling]] = 1
        others = self._in_world(self.readers.by_papers)
        everybody = sparse.vstack([sparse.csr_matrix(person), others]).tocsr()
        tastes = Tastes.fit(everybody, self.world, self.seed)
        return tastes, tastes.readers[0]

    def _unlike(self, judge: Judge) -> Vectors:
        """Where the listed papers lie that are taken for unlike the library."""
        vectors = self.world.place.vectors[self.listed]
        telling = self.listed[vectors.any(axis=1)]
        if not len(telling):
            return vectors[:0]
        arrived = judge.reached.at(judge.walk.to(telling)).sum(axis=1)
        return self.world.place.vectors[telling[unlike(arrived)]]

    def _usual(self, judge: Judge, teller: Teller, corpus: Sequence[Paper]) -> Opinions:
        """What the parts say of usual papers, what is unwanted left aside."""
        if len(self.listed) >= _LEAST_USUAL:
            found = self._said(judge, teller, corpus, self.listed)
            # Where no walk comes to them, they do not tell how far walks go.
            if Usual.of(found).deviations[PARTS.index("walk")] > 0:
                return found
        return self._said(judge, teller, corpus, np.arange(len(self.world)))

    def _said(self, judge: Judge, teller: Teller, corpus: Sequence[Paper], rows: Rows) -> Opinions:
        rows = rows[evenly(len(rows), _MOST_USUAL)]
        place, ways = self.world.among(rows), judge.walk.to(rows)
        familiarity = teller.acquaintances.familiarity([corpus[row] for row in rows])
        return judge.wanting_all().opinions(place, ways, familiarity, rows)

    def _left_out(self, judge: Judge, others: Vectors, pulling: Rows) -> Opinions:
        """What the parts would say of each of some own papers that pull, had it been new.

        Authors and venue do not count: a new author is no fault.
        """
        some = pulling[evenly(len(pulling), _MOST_LEFT_OUT)]
        rows, world = self.rows[some], self.world
        weight = judge.starts_at(self.rows)
        # As if it were in no collection and had no tag: nothing new has.
        ways = judge.walk.to(rows).unread(judge.walk.n_readers)
        from_own = judge.origins(ways, self.rows)
        from_own[np.arange(len(some)), some] = 0
        rest = np.maximum(1 - weight[some], _TINY)
        values = np.zeros((len(some), len(PARTS)), np.float32)
        values[:, PARTS.index("walk")] = walked(from_own.sum(axis=1) / rest)
        close = judge.speakers.close(world.place.vectors[rows])
        close[(judge.speakers.papers == some[:, None]) & (judge.speakers.sizes == 1)] = 0
        values[:, PARTS.index("closeness")] = pooled(close)
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
        nobody = np.zeros((len(some), 0), np.float32)
        return Opinions(values, known, nobody, np.ones(len(some), np.float32))


_TINY = 1e-6


def _telling(world: World, counts: sparse.csr_matrix, n: int) -> Rows:
    """Which of the first ``n`` papers tell anything: those with a place or a tie.

    Where none has either, those with words: whatever is listed, nobody can tell whether it is for
    this reader, which is no opinion and no error.
    """
    tied = world.place.vectors[:n].any(axis=1) | (np.diff(world.place.links.indptr)[:n] > 0)
    found = tied if tied.any() else np.diff(counts.indptr)[:n] > 0
    return np.flatnonzero(found)


def _cited(paper: Paper) -> Paper:
    """A paper as far as citations name it."""
    return Paper(title="-", ids=paper.ids, references=paper.references)
