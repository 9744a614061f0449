"""How much other readers' choices may say, decided on the reader's own library."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from recommender.arrays import Rows, Scores
from recommender.model.contrast import evenly
from recommender.model.graph import stochastic
from recommender.model.metrics import average_precision, hits_by_rank
from recommender.model.parts import even, walked
from recommender.model.readers import Readers
from recommender.model.tastes import Tastes
from recommender.model.walk import Walk
from recommender.model.world import World

_MIN_READERS = 3  # below this there is nobody whose choices could be compared
_N_FOLDS = 5
_N_SHUFFLES = 19  # so that the best of them is the 95th percentile of chance
_MIN_ITEMS = 20  # with readers; with fewer, a fold holds too few to tell luck from merit
_MIN_OTHERS = 20
_MOST = 150  # papers on either side, for all this is done up to 24 times
_SHARES = (0.2, 0.4, 0.6)  # of the tastes, the rest being the walk's


def tastes_help(readers: Readers, world: World, own: Rows, others: Rows, seed: int) -> bool:
    """Whether there is evidence that other readers' choices find what the reader keeps.

    A fifth of the papers that have readers is hidden at a time, and has to be found again among
    papers of which nothing is known, by a walk over papers alone and with the readers' tastes. What
    the best share of them adds counts only if it is more than the best adds for any of 19 worlds in
    which the same readers have other papers of the library by chance: a permutation test at 5 %
    (Fisher 1935), in which the choice among the shares is part of what is tested.

    Args:
        readers: The library's, over its ``n_items`` papers.
        world: Where the papers are.
        own: ``(n_items,)`` the library's rows in the world.
        others: Rows of papers of which nothing is known.
        seed: For the folds, the shuffles and the factors.
    """
    with_readers = np.flatnonzero(readers.by_papers.getnnz(axis=0))
    if (
        len(readers.names) < _MIN_READERS
        or len(with_readers) < _MIN_ITEMS
        or len(others) < _MIN_OTHERS
    ):
        return False
    some = with_readers[evenly(len(with_readers), _MOST)]
    small = world.part(np.concatenate([own[some], others[evenly(len(others), _MOST)]]))
    sampled = Readers(readers.names, readers.by_papers[:, some])
    mixed = np.random.default_rng(seed).permutation(len(some))
    trials = [_Trial(held, len(some), small) for held in np.array_split(mixed, _N_FOLDS)]
    best = float(np.mean([trial.gains(sampled, seed) for trial in trials], axis=0).max())
    if best <= 0:
        return False
    for number in range(_N_SHUFFLES):
        by_chance = sampled.shuffled(np.arange(len(some)), seed + 1 + number)
        # One fold scatters more than the mean of five, so chance is given more than its due.
        if max(trials[number % _N_FOLDS].gains(by_chance, seed)) >= best:
            return False
    return True


class _Trial:
    """Hidden papers among others, and how well a walk over papers finds them."""

    def __init__(self, held: Rows, n_own: int, world: World) -> None:
        self._held, self._world, self._n_own = held, world, n_own
        rest = np.setdiff1d(np.arange(n_own), held)
        self._judged = np.concatenate([held, np.arange(n_own, len(world))])
        self._wanted = np.arange(len(self._judged)) < len(held)
        nobody = sparse.csr_matrix((0, len(world)), dtype=np.float32)
        walk = Walk.over(world, nobody)
        starts = np.zeros((1, len(world)), np.float32)
        starts[0, rest] = 1
        reached = walk.reached(stochastic(sparse.csr_matrix(starts)))
        self._walked = even(walked(reached.at(walk.to(self._judged))))[:, 0]
        self._alone = self._precision(self._walked)

    def gains(self, readers: Readers, seed: int) -> Sequence[float]:
        """What each share of the tastes adds to the average precision of the walk."""
        kept = readers.without(self._held)
        width = len(self._world) - self._n_own
        person = np.zeros((1, self._n_own), np.float32)
        person[0, np.setdiff1d(np.arange(self._n_own), self._held)] = 1
        own = sparse.vstack([sparse.csr_matrix(person), kept.by_papers])
        nothing = sparse.csr_matrix((own.shape[0], width), dtype=np.float32)
        tastes = Tastes.fit(sparse.hstack([own, nothing]).tocsr(), self._world, seed)
        drawn = tastes.papers[self._judged] @ tastes.readers[:1].T
        drawn = even(np.maximum(drawn, 0))[:, 0]
        return [
            self._precision((1 - share) * self._walked + share * drawn) - self._alone
            for share in _SHARES
        ]

    def _precision(self, scores: Scores) -> float:
        wanted = self._wanted[None, :]
        hits = hits_by_rank(scores[None, :], wanted, wanted.shape[1])
        return float(average_precision(hits, wanted.sum(axis=1))[0])
