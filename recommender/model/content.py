"""Where papers lie by what they say: terms, and the topics behind them.

A paper has two descriptions. Its *terms* are a sparse TF-IDF row: literal words. Its *topics* are a
dense row: latent semantic analysis (Deerwester et al. 1990) by randomised SVD (Halko, Martinsson
and Tropp 2011).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.arrays import Rows, Vectors, unit
from recommender.model.text import Weighting

_TOPICS_PER_ROOT = 3  # topics for each square root of a paper: a wider world has finer topics
_MOST_TOPICS = 200
_OVERSAMPLING, _POWER_ITERATIONS = 10, 2


@dataclass(frozen=True, slots=True)
class Placed:
    """Papers' two descriptions, row by row.

    Attributes:
        terms: ``(n, n_terms)`` float32, rows of length 1, or 0 where no term is known.
        topics: ``(n, k)`` float32, rows of length 1, or 0 where no term is known.
    """

    terms: sparse.csr_matrix
    topics: Vectors

    def __getitem__(self, rows: Rows) -> "Placed":
        return Placed(self.terms[rows], self.topics[rows])


@dataclass(frozen=True, slots=True)
class Space:
    """The space that a corpus spans; it gives any paper its place.

    Attributes:
        weighting: How much each term tells.
        columns: ``(n_terms,)`` the columns of ``text.count_matrix`` that tell anything.
        basis: ``(n_terms, k)`` float32, from terms to topics.
    """

    weighting: Weighting
    columns: Rows
    basis: Vectors

    @classmethod
    def spanned_by(cls, counts: sparse.csr_matrix, seed: int) -> tuple["Space", Placed]:
        """The space of a corpus, and the corpus's papers placed in it.

        Args:
            counts: ``(n, text.N_COLUMNS)``, how often each term stands in each paper.
            seed: For the first guess of the decomposition.
        """
        weighting = Weighting.learnt(counts)
        full = weighting.vectors(counts)
        columns = np.unique(full.indices).astype(np.int64)
        terms = _renumbered(full, columns)
        space = cls(weighting, columns, _basis(terms, seed))
        return space, Placed(terms, unit(terms @ space.basis))

    def place(self, counts: sparse.csr_matrix) -> Placed:
        """Where papers lie, whether they were in the corpus or not.

        Args:
            counts: ``(n, text.N_COLUMNS)``.
        """
        terms = _renumbered(self.weighting.vectors(counts), self.columns)
        return Placed(terms, unit(terms @ self.basis))


def _renumbered(full: sparse.csr_matrix, columns: Rows) -> sparse.csr_matrix:
    """The same rows over these columns alone, which are all that occur."""
    indices = np.searchsorted(columns, full.indices).astype(np.int32)
    return sparse.csr_matrix((full.data, indices, full.indptr), (full.shape[0], len(columns)))


def _basis(terms: sparse.csr_matrix, seed: int) -> Vectors:
    """The right singular vectors of the largest singular values, ``(n_terms, k)``."""
    n, m = terms.shape
    k = max(1, min(round(_TOPICS_PER_ROOT * n**0.5), _MOST_TOPICS, n - 1, m))
    if m == 0:
        return np.zeros((0, k), np.float32)
    rng = np.random.default_rng(seed)
    # The Gram side: (n, k + oversampling) is all that is dense; the vocabulary side stays sparse.
    first = rng.standard_normal((n, min(n, k + _OVERSAMPLING))).astype(np.float32)
    transposed = terms.T.tocsr()
    sketch = terms @ (transposed @ first)
    for _ in range(_POWER_ITERATIONS):
        sketch = terms @ (transposed @ np.linalg.qr(sketch)[0])
    range_of = np.linalg.qr(sketch)[0]
    # The small side's eigenvectors: (k + oversampling)^2 instead of a decomposition of n_terms.
    within = transposed @ range_of
    _, rotation = np.linalg.eigh((within.T @ within).astype(np.float64))
    strongest = rotation[:, ::-1][:, :k].astype(np.float32)
    return np.ascontiguousarray(unit((within @ strongest).T).T)
