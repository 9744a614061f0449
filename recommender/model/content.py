"""Where papers lie by what they say: terms, and the topics behind them.

A paper has two descriptions. Its *terms* are a sparse TF-IDF row: literal words. Its *topics* are a
dense row: latent semantic analysis (Deerwester et al. 1990), in a world of many papers by
randomised SVD (Halko, Martinsson and Tropp 2011).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows, Vectors, unit
from recommender.model.graph import chunks
from recommender.model.text import Weighting

_TOPICS_PER_ROOT = 3  # topics for each square root of a paper: a wider world has finer topics
_MOST_TOPICS = 200
_EXACT = 800  # papers up to which nothing is left to chance; it takes a tenth of a second
_OVERSAMPLING, _POWER_ITERATIONS = 10, 2
_TERMS_AT_ONCE = 1 << 14  # so that what is dense for a moment stays in the processor's cache
_NO_TOPIC = 1e-5  # of a squared singular value, which is 1 for the topic of a single paper


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


@dataclass(frozen=True)
class Basis:
    """From terms to topics; each topic is a mixture of the corpus's papers.

    Attributes:
        terms: ``(n, n_terms)``, the corpus.
        mixture: ``(n, k)`` float32, how much of each paper is in each topic.
        lengths: ``(k,)`` float32, of the mixtures, by which they are divided.
        whole: ``(n_terms, k)`` float32, the topics; None leaves them to be worked out for the terms
            that are asked for. They are larger than all the rest of a model.
    """

    terms: sparse.csr_matrix
    mixture: Vectors
    lengths: npt.NDArray[np.float32]
    whole: Vectors | None

    @classmethod
    def of(cls, terms: sparse.csr_matrix, mixture: Vectors) -> "Basis":
        """The basis of topics that are such mixtures, each with length 1."""
        whole = terms.T.tocsr() @ mixture
        lengths = np.sqrt(np.einsum("ij,ij->j", whole, whole))
        whole /= lengths
        return cls(terms, mixture, lengths, whole)

    def topics(self, terms: sparse.csr_matrix) -> Vectors:
        """The topics of papers, ``(m, k)``, rows of length 1 or 0.

        Args:
            terms: ``(m, n_terms)``.
        """
        if self.whole is not None:
            return unit(terms @ self.whole)
        # Row by row these are the numbers that the whole would have.
        used, places = np.unique(terms.indices, return_inverse=True)
        part = self._by_term[used] @ self.mixture
        part /= self.lengths
        shape = (terms.shape[0], len(used))
        return unit(sparse.csr_matrix((terms.data, places, terms.indptr), shape) @ part)

    @cached_property
    def _by_term(self) -> sparse.csr_matrix:
        """``(n_terms, n)``, which is asked for again with each handful of papers."""
        return self.terms.T.tocsr()


@dataclass(frozen=True, slots=True)
class Space:
    """The space that a corpus spans; it gives any paper its place.

    Attributes:
        weighting: How much each term tells.
        columns: ``(n_terms,)`` the columns of ``text.count_matrix`` that tell anything.
        basis: From terms to ``k`` topics.
    """

    weighting: Weighting
    columns: Rows
    basis: Basis

    @classmethod
    def spanned_by(cls, counts: sparse.csr_matrix, seed: int) -> tuple["Space", Placed]:
        """The space of a corpus, and the corpus's papers placed in it.

        Args:
            counts: ``(n, text.N_COLUMNS)``, how often each term stands in each paper.
            seed: For the first guess of the decomposition.
        """
        weighting = Weighting.learnt(counts)
        full = weighting.vectors(counts)
        columns = np.flatnonzero(np.bincount(full.indices, minlength=full.shape[1]))
        terms = _renumbered(full, columns)
        space = cls(weighting, columns, Basis.of(terms, _mixture(terms, seed)))
        return space, Placed(terms, space.basis.topics(terms))

    def place(self, counts: sparse.csr_matrix) -> Placed:
        """Where papers lie, whether they were in the corpus or not.

        Args:
            counts: ``(n, text.N_COLUMNS)``.
        """
        terms = _renumbered(self.weighting.vectors(counts), self.columns)
        return Placed(terms, self.basis.topics(terms))


def _renumbered(full: sparse.csr_matrix, columns: Rows) -> sparse.csr_matrix:
    """The same rows over these columns alone, which are all that occur."""
    numbers = np.zeros(full.shape[1], np.int32)
    numbers[columns] = np.arange(len(columns))
    shape = (full.shape[0], len(columns))
    return sparse.csr_matrix((full.data, numbers[full.indices], full.indptr), shape)


def _mixture(terms: sparse.csr_matrix, seed: int) -> Vectors:
    """The left singular vectors of the largest singular values, ``(n, k)``."""
    n, m = terms.shape
    k = max(1, min(round(_TOPICS_PER_ROOT * n**0.5), _MOST_TOPICS, n - 1, m))
    if m == 0:
        return np.zeros((n, k), np.float32)
    transposed = terms.T.tocsr()
    if n <= _EXACT:
        # Few papers have many topics of one strength: what is random would find others of them for
        # each order of the papers.
        return _principal((terms @ transposed).toarray(), k)
    rng = np.random.default_rng(seed)
    # The Gram side: (n, k + oversampling) is all that is dense; the vocabulary side stays sparse.
    sketch = rng.standard_normal((n, k + _OVERSAMPLING)).astype(np.float32)
    for _ in range(1 + _POWER_ITERATIONS):
        sketch = _orthonormal(_correlated(transposed, sketch))
    # The small side's eigenvectors: (k + oversampling)^2 instead of a decomposition of n_terms.
    return sketch @ _principal(sketch.T @ _correlated(transposed, sketch), k)


def _correlated(transposed: sparse.csr_matrix, columns: Vectors) -> Vectors:
    """What papers that share terms have in each of the columns, ``(n, c)``: terms @ terms.T @ c.

    Args:
        transposed: ``(n_terms, n)``.
        columns: ``(n, c)``.
    """
    found = np.zeros_like(columns)
    for rows in chunks(transposed.shape[0], _TERMS_AT_ONCE):
        some = transposed[rows[0] : rows[-1] + 1]
        found += some.T @ (some @ columns)
    return found


def _orthonormal(columns: Vectors) -> Vectors:
    """An orthonormal basis of what the columns span, ``(n, c)``; of 0 where they span less.

    By the eigenvectors of the small side (Stathopoulos and Wu 2002, "A block orthogonalization
    procedure with constant synchronization requirements"): a fifth of the time of Householder's.
    """
    wide = columns.astype(np.float64)
    squares, rotation = np.linalg.eigh(wide.T @ wide)
    telling = squares > _ROUNDING * squares[-1]
    roots = np.sqrt(squares, out=np.full_like(squares, np.inf), where=telling)
    found: Vectors = (wide @ (rotation / roots)).astype(np.float32)
    return found


_ROUNDING = 1e-12  # of the largest square


def _principal(gram: npt.NDArray[np.float32], k: int) -> Vectors:
    """Of a symmetric matrix the eigenvectors of the ``k`` largest values, as far as they are any.

    Those of a value of 0, such as copies of papers bring, are rounding errors.
    """
    values, found = np.linalg.eigh(gram.astype(np.float64))
    return found[:, values > _NO_TOPIC][:, ::-1][:, :k].astype(np.float32)
