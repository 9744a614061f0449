"""Many readers at once: the hybrid's parts for each of them, from one world.

What a single reader's model adds for lack of others (a contrast to what is listed, authors, venues)
has no place here; the parts and their weights are the same.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommender.arrays import Rows
from recommender.model.closeness import powers, ratio
from recommender.model.graph import stochastic
from recommender.model.parts import Weights, even, shared_words, walked
from recommender.model.tastes import Tastes
from recommender.model.walk import Walk
from recommender.model.world import World

_COMPARED_AT_ONCE = 20  # readers whose papers are compared with all candidates
_AT_ONCE = 200  # readers whose scores of all candidates are in memory

_Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Crowd:
    """A world and all who read in it.

    Attributes:
        readers_by_papers: ``(n_readers, n_world)``, what each has.
    """

    world: World
    readers_by_papers: sparse.csr_matrix
    walk: Walk
    tastes: Tastes
    weights: Weights

    @classmethod
    def fit(
        cls,
        world: World,
        readers_by_papers: sparse.csr_matrix,
        seed: int,
        *,
        n_threads: int = 1,
        weights: Weights | None = None,
    ) -> "Crowd":
        """Learn from what readers have; the number of threads changes nothing.

        Args:
            world: The papers.
            readers_by_papers: ``(n_readers, n_world)``.
            seed: For whatever is drawn at random.
            n_threads: How many to use.
            weights: Those of the parts, where they are not the prior.
        """
        return cls(
            world,
            readers_by_papers.astype(np.float32).tocsr(),
            Walk.over(world, readers_by_papers),
            Tastes.fit(readers_by_papers, world, seed, n_threads),
            weights or Weights.prior(len(world), tastes=True),
        )

    def ranked(self, readers: Rows, candidates: Rows, k: int, n_threads: int = 1) -> Rows:
        """The best candidates that a reader does not have, best first, for each.

        Args:
            readers: ``(r,)``.
            candidates: ``(c,)`` rows of the world, at least ``k`` more than any reader has.
            k: How many.
            n_threads: How many to use.

        Returns:
            ``(r, k)`` rows of the world.
        """
        score = self._scorer(candidates)
        place = np.full(len(self.world), -1)
        place[candidates] = np.arange(len(candidates))

        def part(start: int) -> Rows:
            some = readers[start : start + _AT_ONCE]
            scores = score(some)
            own = self.readers_by_papers[some].tocoo()
            listed = place[own.col] >= 0
            scores[own.row[listed], place[own.col[listed]]] = -np.inf
            top = np.argpartition(scores, scores.shape[1] - k, axis=1)[:, -k:]
            order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
            return np.asarray(candidates[np.take_along_axis(top, order, axis=1)], np.int64)

        with threadpool_limits(1, "blas"), ThreadPoolExecutor(n_threads) as pool:
            parts: Sequence[Rows] = list(pool.map(part, range(0, len(readers), _AT_ONCE)))
        return np.vstack(parts) if parts else np.zeros((0, k), np.int64)

    def _scorer(self, candidates: Rows) -> Callable[[Rows], _Scores]:
        ways = self.walk.to(candidates)
        factors = np.ascontiguousarray(self.tastes.papers[candidates].T)
        terms = self.world.place.said.terms
        listed = terms[candidates]
        weights = self.weights
        lie = np.ascontiguousarray(self.world.place.vectors[candidates].T)

        def score(readers: Rows) -> _Scores:
            own = self.readers_by_papers[readers]
            total = np.zeros((len(readers), len(candidates)), np.float32)
            if weights.walk:
                arrived = self.walk.reached(stochastic(own)).at(ways)
                total += weights.walk * even(walked(arrived)).T
            if weights.tastes:
                drawn = (self.tastes.readers[readers] @ factors).T
                total += weights.tastes * even(np.maximum(drawn, 0)).T
            if weights.closeness:
                total += weights.closeness * even(self._close(readers, lie)).T
            if weights.words:
                words = shared_words(listed, (own @ terms).tocsr())
                total += weights.words * even(words).T
            return total

        return score

    def _close(self, readers: Rows, lie: _Scores) -> _Scores:
        """How close candidates are to what each reader has, ``(n_candidates, r)``."""
        found = np.zeros((len(readers), lie.shape[1]), np.float32)
        for start in range(0, len(readers), _COMPARED_AT_ONCE):
            some = readers[start : start + _COMPARED_AT_ONCE]
            own = self.readers_by_papers[some]
            if not own.nnz:
                continue
            close = np.clip(self.world.place.vectors[own.indices] @ lie, 0, 1)
            above, below = powers(close)
            having = np.flatnonzero(np.diff(own.indptr))
            firsts = own.indptr[having]
            found[start + having] = ratio(
                np.add.reduceat(above, firsts, axis=0), np.add.reduceat(below, firsts, axis=0)
            )
        return found.T
