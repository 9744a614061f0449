"""What other readers' choices say of a paper.

A reader × paper matrix in which people, collections and tags are readers, and so is each paper: of
what it cites, of what is nearest to it, and of itself. It is factorised by alternating least
squares for implicit feedback (Hu, Koren and Volinsky 2008). A ridge regression from where papers
lie to their factors carries it to papers that no reader has yet (Gantner et al. 2010, "Learning
attribute-to-feature mappings for cold-start recommendations").

The one file that imports ``implicit``.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommender.arrays import Scores, Vectors, unit
from recommender.model.graph import strongest
from recommender.model.world import World

_MOST_FACTORS = 128
_PAPERS_PER_FACTOR = 4
_REGULARIZATION = 5.0
_ALPHA = 60.0  # how much surer we are of a paper that a reader has than of one that they have not
_ITERATIONS = 15
_RIDGE = 10.0
_KINSHIP = 0.5
_NEAREST = 20  # more of them cost time and change nothing
_ITSELF = 1.0


@dataclass(frozen=True, slots=True)
class Tastes:
    """The readers' tastes, and the factors of any paper.

    Attributes:
        readers: ``(n_readers, f)`` float32.
        papers: ``(n_world, f)`` float32, learnt for papers that a reader has, else mapped.
        to_factors: ``(d, f)`` float32, from where a paper lies to its factors.
    """

    readers: Vectors
    papers: Vectors
    to_factors: Vectors

    @classmethod
    def fit(
        cls, readers_by_papers: sparse.csr_matrix, world: World, seed: int, n_threads: int = 1
    ) -> "Tastes":
        """Learn the readers' tastes; the number of threads changes nothing.

        Args:
            readers_by_papers: ``(n_readers, n_world)``; negative where a reader does not want it.
            world: The papers, at least two.
            seed: For the first factors.
            n_threads: How many to use.
        """
        # The class itself: implicit.als has a factory of that name, which may choose a GPU.
        from implicit.cpu.als import AlternatingLeastSquares

        n = len(world)
        kin = world.place.links + strongest(world.place.near, _NEAREST) * _KINSHIP
        kin = kin + sparse.identity(n, np.float32, "csr") * _ITSELF
        holders = sparse.vstack([readers_by_papers, kin]).tocsr().astype(np.float32)
        # It warns where BLAS may use several threads, and is slower there.
        with threadpool_limits(1, "blas"):
            als = AlternatingLeastSquares(
                factors=max(1, min(_MOST_FACTORS, n // _PAPERS_PER_FACTOR)),
                regularization=_REGULARIZATION,
                alpha=_ALPHA,
                iterations=_ITERATIONS,
                num_threads=n_threads,
                random_state=seed,
            )
            als.fit(holders, show_progress=False)
            had = readers_by_papers.getnnz(axis=0) > 0
            x = world.place.vectors[had].astype(np.float64)
            learnt: Vectors = als.item_factors
            gram = x.T @ x + _RIDGE * np.eye(x.shape[1])
            to_factors = np.linalg.solve(gram, x.T @ learnt[had]).astype(np.float32)
            papers = np.where(had[:, None], learnt, world.place.vectors @ to_factors)
        readers = als.user_factors[: readers_by_papers.shape[0]]
        return cls(readers, papers.astype(np.float32), to_factors)

    def mapped(self, vectors: Vectors) -> Vectors:
        """The factors of papers outside the world, by where they lie, ``(n, f)``.

        Args:
            vectors: ``(n, d)``.
        """
        return vectors @ self.to_factors

    def alike(self, taste: Vectors) -> Scores:
        """How alike each reader's taste is to a given one, ``(n_readers,)`` in [0, 1].

        The cosine of their factors; 0 for a taste that is opposite, or that is none.

        Args:
            taste: ``(f,)``.
        """
        found: Scores = np.clip(unit(self.readers) @ unit(taste[None])[0], 0, 1)
        return found
