"""A random walk from the reader's papers over everybody who holds them.

Readers hold the papers that they keep. A paper holds itself, the papers that it cites or that cite
it, and the papers nearest to it: it is a reader of them, too. From a paper a step goes to one that
holds it, and on to another paper that the same one holds; after two such steps, what is reached
often is for the reader. Papers that many others hold are reached by everybody, so how often one is
held is divided out in part (Christoffel et al. 2015, "Blockbusters and wallflowers: accurate,
diverse, and scalable recommendations with random walks", with papers as pseudo-users).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows
from recommender.model.graph import divided, row_sums, stochastic
from recommender.model.world import Place, World

_KINSHIP = 0.5  # of a paper among the nearest, times how close it is; a citation counts 1
_ITSELF = 1.5
_HUB_PENALTY = 0.7

Masses = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ways:
    """How ``n`` papers are reached from ``n_world`` papers and ``n_holders`` holders.

    Attributes:
        last: ``(n, n_holders)`` how likely each holder goes on to each of them.
        entry: ``(n, n_world)`` the same from a paper of the world by way of a newcomer itself,
            which is no holder yet.
        stay: ``(n,)`` how likely a walk that is at a newcomer comes back to it with the next step;
            0 for papers of the world, whose ways say so themselves.
        unhub: ``(n,)`` what they are multiplied by, for being held often.
    """

    last: sparse.csr_matrix
    entry: sparse.csr_matrix
    stay: npt.NDArray[np.float32]
    unhub: npt.NDArray[np.float32]

    def unread(self, n_readers: int) -> "Ways":
        """The ways as if none of the readers had any of the papers."""
        last = self.last.copy()
        last.data = np.where(last.indices < n_readers, 0, last.data).astype(np.float32)
        return replace(self, last=last)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a walk is after its steps, from each of ``r`` starts.

    Attributes:
        starts: ``(n_world, r)`` float32, before the first step.
        first: ``(n_holders, r)`` float32, halfway through it.
        papers: ``(n_world, r)`` float32, after it.
        holders: ``(n_holders, r)`` float32, halfway through the second.
    """

    starts: Masses
    first: Masses
    papers: Masses
    holders: Masses

    def at(self, ways: Ways) -> Masses:
        """How much of each start arrives at each of ``n`` papers, ``(n, r)`` float32."""
        arrived = ways.last @ self.holders
        if ways.stay.any():
            arrived += ways.entry @ self.papers
            early = ways.last @ self.first + ways.entry @ self.starts
            arrived += ways.stay[:, None] * early
        found: Masses = arrived * ways.unhub[:, None]
        return found


@dataclass(frozen=True, slots=True)
class Walk:
    """The ways between the papers of a world and those who hold them.

    The first ``n_readers`` holders are readers, the others are the world's papers in their order.

    Attributes:
        up: ``(n_world, n_holders)`` from a paper to its holders; rows sum to 1.
        down: ``(n_holders, n_world)`` and back.
        held: ``(n_world,)`` how often readers and papers hold each paper, by weight.
        kin: ``(n_world,)`` the same of papers alone.
        holds: ``(n_world,)`` how much each paper holds, itself included.
    """

    n_readers: int
    up: sparse.csr_matrix
    down: sparse.csr_matrix
    held: npt.NDArray[np.float32]
    kin: npt.NDArray[np.float32]
    holds: npt.NDArray[np.float32]

    @classmethod
    def over(cls, world: World, readers_by_papers: sparse.csr_matrix) -> "Walk":
        """The walk over a world and its readers.

        Args:
            world: The papers.
            readers_by_papers: ``(n_readers, n_world)``, not negative.
        """
        kin = _held_by(world.place)
        kin = (kin + sparse.identity(len(world), np.float32, "csr") * _ITSELF).tocsr()
        holders = sparse.vstack([readers_by_papers.astype(np.float32), kin]).tocsr()
        held_by = holders.T.tocsr()
        return cls(
            readers_by_papers.shape[0],
            stochastic(held_by),
            stochastic(holders),
            row_sums(held_by),
            row_sums(kin.T.tocsr()),
            row_sums(kin),
        )

    def reached(self, starts: sparse.csr_matrix) -> Reached:
        """Where walks are.

        Args:
            starts: ``(r, n_world)``, how much of each walk starts at each paper.
        """
        first = (starts @ self.up).tocsr()
        papers = _upright(first @ self.down)
        return Reached(_upright(starts), _upright(first), papers, self.up.T.tocsr() @ papers)

    def to(self, rows: Rows) -> Ways:
        """How some of the world's papers are reached."""
        last = self.down.T.tocsr()[rows]
        nothing = sparse.csr_matrix((len(rows), self.up.shape[0]), dtype=np.float32)
        never = np.zeros(len(rows), np.float32)
        return Ways(last, nothing, never, self._unhub(self.kin[rows]))

    def to_newcomers(self, place: Place) -> Ways:
        """How papers outside the world are reached, as if they had been in it."""
        holds = _held_by(place)
        # A newcomer is held by those of the world that it would be among the nearest of.
        held = (place.links + place.nears * _KINSHIP).tocsr()
        scaled = held.copy()
        scaled.data = held.data / (self.holds[held.indices] + held.data)
        none = sparse.csr_matrix((held.shape[0], self.n_readers), dtype=np.float32)
        last = sparse.hstack([none, scaled]).tocsr()
        entry = holds.copy()
        entry.data = entry.data / (self.held[entry.indices] + entry.data)
        entry = divided(entry, (row_sums(holds) + _ITSELF) / _ITSELF)
        by = row_sums(held) + _ITSELF
        itself = _ITSELF / (row_sums(holds) + _ITSELF)
        back = np.asarray(held.multiply(scaled).sum(axis=1), np.float32).ravel()
        return Ways(last, entry, (back + _ITSELF * itself) / by, self._unhub(by))

    def origins(self, ways: Ways) -> Masses:
        """How much of each paper's walk arrives, ``(n, n_world)``: ``Reached.at`` told backwards.

        For every start ``s``, ``origins @ s`` is what arrives of it.
        """
        back = self.up @ ways.last.T.toarray().astype(np.float32) + ways.entry.T.toarray()
        arrived = self.up @ (self.down @ back) + back * ways.stay
        found: Masses = arrived.T * ways.unhub[:, None]
        return found

    def _unhub(self, held: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return (held**-_HUB_PENALTY).astype(np.float32)


def _upright(rows: sparse.csr_matrix) -> Masses:
    return np.ascontiguousarray(rows.toarray().T, np.float32)


def _held_by(place: Place) -> sparse.csr_matrix:
    """What papers hold beside themselves, ``(n, n_world)``."""
    return (place.links + place.near * _KINSHIP).tocsr()
