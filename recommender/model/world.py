"""The papers around a reader: what each says, which are nearest to it, and who cites whom.

Nothing here is any reader's. The world is learnt once from a corpus (the library's papers and what
is listed) and stays as it is until it is learnt anew; a newcomer is placed in it at the cost of its
own row.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows, Vectors, against, unit
from recommender.model.content import Placed, Space
from recommender.model.graph import chunks, rows_of, stochastic, strongest

_MOST_NEAR = 40
_FOR_EACH_NEAR = 15  # papers in the world, for a small one has no more kin in it
_AROUND = 8  # of them, those whose topics a paper borrows
_STEPS = (0.7, 1.0, 1.0)  # the paper itself, its nearest, their nearest
_TELLING_TERMS = 64  # of a paper, by which its nearest are found
_BY_TOPICS = 0.3
_SMALL = 500  # papers; in a world of so few, two on one subject may share no word
_BORROWED = 0.4
_PRESELECTED = 60
_COMPARED_AT_ONCE = 256  # papers whose meaning is compared with that of all others


@dataclass(frozen=True, slots=True)
class Place:
    """Where ``n`` papers lie in a world of ``n_world``.

    Attributes:
        said: What they say.
        vectors: ``(n, d)`` float32, the topics with those of the nearest and of their nearest;
            rows of length 1, or 0 where nothing is known.
        near: ``(n, n_world)`` their nearest in the world, by closeness in [0, 1.4].
        nears: ``(n, n_world)`` those in the world that would have them among their nearest.
        links: ``(n, n_world)`` 1 where one cites the other.
    """

    said: Placed
    vectors: Vectors
    near: sparse.csr_matrix
    nears: sparse.csr_matrix
    links: sparse.csr_matrix

    def __getitem__(self, rows: Rows) -> "Place":
        return Place(
            self.said[rows], self.vectors[rows], self.near[rows], self.nears[rows], self.links[rows]
        )


@dataclass(frozen=True, slots=True)
class World:
    """A corpus of ``n`` papers and the ties between them.

    Attributes:
        space: Where papers lie by what they say.
        place: Where its own papers lie.
        around: ``(n, k)`` the mean topics of each one's nearest, rows of length 1.
        bound: ``(n,)`` how close a newcomer must come to be among each one's nearest.
        telling: ``(n_terms, n)`` who has each term among their most telling ones.
        share: How much vectors count beside words in what is nearest, in [0, 0.4].
    """

    space: Space
    place: Place
    around: Vectors
    bound: npt.NDArray[np.float32]
    telling: sparse.csr_matrix
    share: float

    @classmethod
    def of(
        cls,
        counts: sparse.csr_matrix,
        links: sparse.csr_matrix,
        seed: int,
        meanings: Vectors | None = None,
    ) -> "World":
        """The world that a corpus makes.

        Args:
            counts: ``(n, text.N_COLUMNS)``, how often each term stands in each paper.
            links: ``(n, n)``, symmetric, 1 where one paper cites the other.
            seed: For whatever is drawn at random.
            meanings: ``(n, d)``, rows of length 1 or 0, what an encoder makes of each paper. They
                stand beside the topics, and count in a world of any size.
        """
        space, said = Space.spanned_by(counts, seed)
        sharp = _sharp(said.terms)
        telling = sharp.T.tocsr()
        alike = _alike(sharp, telling, itself=True)
        share = borrowed(counts.shape[0])
        if meanings is not None:
            said, share = _meaning(said, meanings), _BORROWED
            alike = _or_meant(alike, said.topics, said.topics, itself=True)
        nearest = _nearest_topics(alike, said.topics, said.topics)
        around = unit(nearest @ said.topics)
        vectors = _extended(said.topics, around, unit(nearest @ around))
        near, bound = _nearest(alike, vectors, vectors, share)
        place = Place(said, vectors, near, near.T.tocsr(), links)
        return cls(space, place, around, bound, telling, share)

    def __len__(self) -> int:
        return len(self.place.vectors)

    def placed(
        self, counts: sparse.csr_matrix, links: sparse.csr_matrix, meanings: Vectors | None = None
    ) -> Place:
        """Where newcomers lie; each costs the same whoever comes with it.

        Args:
            counts: ``(m, text.N_COLUMNS)``.
            links: ``(m, n)``, 1 where a newcomer cites one of the world or is cited by it.
            meanings: ``(m, d)``, of the encoder that the world was made with; None without one.
        """
        said, own = self.space.place(counts), self.place
        alike = _alike(_sharp(said.terms), self.telling, itself=False)
        if meanings is not None:
            # An encoder that was asked for nothing may not know how long its rows are.
            d = own.said.topics.shape[1] - said.topics.shape[1]
            said = _meaning(said, meanings.reshape(len(meanings), d))
            alike = _or_meant(alike, said.topics, own.said.topics, itself=False)
        nearest = _nearest_topics(alike, said.topics, own.said.topics)
        vectors = _extended(
            said.topics, unit(nearest @ own.said.topics), unit(nearest @ self.around)
        )
        near, _ = _nearest(alike, vectors, own.vectors, self.share)
        closer = near.data > self.bound[near.indices]
        nears = near.copy()
        nears.data = np.where(closer, near.data, 0).astype(np.float32)
        nears.eliminate_zeros()
        return Place(said, vectors, near, nears, links)

    def part(self, rows: Rows) -> "World":
        """Some of the world's papers alone, with the ties between them."""
        place = self.among(rows)
        near = place.near[:, rows]
        inside = Place(place.said, place.vectors, near, near.T.tocsr(), place.links[:, rows])
        around, bound = self.around[rows], self.bound[rows]
        return World(self.space, inside, around, bound, self.telling[:, rows], self.share)

    def among(self, rows: Rows) -> Place:
        """Where some of the world's own papers lie."""
        return self.place[rows]


def borrowed(n: int) -> float:
    """How much topics count beside words in a world of ``n`` papers, in [0, 0.4].

    The fewer the papers, the less their words have in common by more than chance.
    """
    return _BORROWED * min(1, _SMALL / max(n, 1))


def _sharp(terms: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each paper's most telling terms alone: what it shares with few, which are soon compared."""
    kept = strongest(terms, _TELLING_TERMS)
    lengths = np.sqrt(np.bincount(rows_of(kept), kept.data**2, kept.shape[0]))[rows_of(kept)]
    kept.data = (kept.data / np.maximum(lengths, 1e-9)).astype(np.float32)
    return kept


def _alike(
    some: sparse.csr_matrix, telling: sparse.csr_matrix, *, itself: bool
) -> sparse.csr_matrix:
    """For each paper, those of the corpus that share most words with it: cosines.

    Args:
        some: ``(m, n_terms)`` each one's most telling terms.
        telling: ``(n_terms, n)`` those of the corpus.
        itself: Whether they are the corpus.
    """
    n = telling.shape[1]
    n_kept = max(_PRESELECTED, n_near(n))
    parts = []
    for rows in chunks(some.shape[0]):
        block = (some[rows] @ telling).tocsr()
        if itself:
            block.data[block.indices == rows_of(block) + rows[0]] = 0
            block.eliminate_zeros()
        parts.append(strongest(block, n_kept))
    if not parts:
        return sparse.csr_matrix((0, n), dtype=np.float32)
    return sparse.vstack(parts).tocsr()


def _meaning(said: Placed, meanings: Vectors) -> Placed:
    """The same with what an encoder makes of the papers among their topics."""
    return replace(said, topics=unit(np.hstack([said.topics, meanings])))


def _or_meant(
    alike: sparse.csr_matrix, topics: Vectors, corpus: Vectors, *, itself: bool
) -> sparse.csr_matrix:
    """The same, and at 0 those of the corpus that mean most nearly what a paper does.

    They may share no word with it.
    """
    n = len(corpus)
    n_kept = min(max(_PRESELECTED, n_near(n)), n)
    parts = [alike.tocoo()]
    for rows in chunks(len(topics), _COMPARED_AT_ONCE):
        close = against(topics[rows], corpus)
        if itself:
            close[np.arange(len(rows)), rows] = 0
        # Most are dropped while they are dense, which takes far less memory.
        close[close < np.partition(close, n - n_kept, axis=1)[:, n - n_kept, None]] = 0
        kept = strongest(sparse.csr_matrix(np.maximum(close, 0)), n_kept).tocoo()
        entries = (np.zeros_like(kept.data), (kept.row + rows[0], kept.col))
        parts.append(sparse.coo_matrix(entries, alike.shape))
    data, row, column = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("data", "row", "col")
    )
    # What stands there twice is added up, and a 0 stays.
    return sparse.csr_matrix((data, (row, column)), alike.shape)


def n_near(n: int) -> int:
    """How many nearest a paper has in a world of ``n``."""
    return max(1, min(_MOST_NEAR, n // _FOR_EACH_NEAR))


def _nearest_topics(
    alike: sparse.csr_matrix, topics: Vectors, corpus: Vectors
) -> sparse.csr_matrix:
    """``(n, n_world)`` where a step to the papers goes from which topics are borrowed."""
    few = max(1, min(_AROUND, alike.shape[1] // _FOR_EACH_NEAR))
    return stochastic(strongest(_closer(alike, topics, corpus, _BY_TOPICS), few))


def _nearest(
    alike: sparse.csr_matrix, vectors: Vectors, corpus: Vectors, share: float
) -> tuple[sparse.csr_matrix, npt.NDArray[np.float32]]:
    """Each paper's nearest, and how close the last of them is, 0 where there were not enough."""
    k = n_near(len(corpus))
    near = strongest(_closer(alike, vectors, corpus, share), k)
    least = np.zeros(near.shape[0], np.float32)
    full = np.diff(near.indptr) == k
    least[full] = near.data[full[rows_of(near)]].reshape(-1, k).min(axis=1)
    return near, least


def _closer(
    alike: sparse.csr_matrix, vectors: Vectors, corpus: Vectors, share: float
) -> sparse.csr_matrix:
    """Cosines of words, and with the given share those of vectors, for the same pairs."""
    both = alike.copy()
    if share > 0:
        same = np.zeros_like(both.data)
        for row in range(alike.shape[0]):
            pairs = slice(alike.indptr[row], alike.indptr[row + 1])
            same[pairs] = corpus[alike.indices[pairs]] @ vectors[row]
        both.data += share * np.clip(same, 0, 1)
        both.eliminate_zeros()
    return both


def _extended(topics: Vectors, around: Vectors, beyond: Vectors) -> Vectors:
    steps = zip(_STEPS, (topics, around, beyond), strict=True)
    return unit(np.hstack([weight * step for weight, step in steps]))
