"""Where papers lie by what they say: terms, topics, and the neighbourhood around them.

A paper has two descriptions. Its *terms* are a sparse TF-IDF row: literal words. Its *topics* are a
dense row: latent semantic analysis (Deerwester et al. 1990) by randomised SVD (Halko, Martinsson
and Tropp 2011), each row extended by the mean of its neighbours' rows and of their neighbours'
rows, so that a short library reaches papers that share no word with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.arrays import Rows, Vectors
from recommender.model.text import Weighting, count_matrix
from recommender.papers import Paper

_TOPICS_PER_ROOT = 3  # topics for each square root of a paper: a wider world has finer topics
_MOST_TOPICS = 200
_MOST_NEIGHBOURS = 10
_FOR_EACH_NEIGHBOUR = 12  # papers in the corpus, for a small one has no more kin in it
_STEP_WEIGHTS = (0.7, 1.0, 1.0)  # the paper itself, its neighbours, their neighbours
_OVERSAMPLING, _POWER_ITERATIONS = 10, 4
_CHUNK = 1024  # rows whose similarities to the whole corpus are held at once
_TINY = 1e-9
_SAME = 0.99999  # a paper is not its own neighbour


@dataclass(frozen=True, slots=True)
class Placed:
    """Papers' two descriptions, row by row.

    Attributes:
        terms: ``(n, n_terms)`` rows of length 1, or 0 where no term is known.
        topics: ``(n, d)`` rows of length 1, or 0 where no term is known.
    """

    terms: sparse.csr_matrix
    topics: Vectors

    def __getitem__(self, rows: Rows) -> "Placed":
        return Placed(self.terms[rows], self.topics[rows])


@dataclass(frozen=True, slots=True)
class Space:
    """The space that a corpus spans; it gives any paper its place.

    Attributes:
        columns: ``(n_terms,)`` the columns of ``text.count_matrix`` that occur.
        basis: ``(n_terms, k)`` float32, from terms to topics.
        corpus: ``(n, k)`` the corpus's own topics, rows of length 1.
        around: ``(n, k)`` the mean of each corpus paper's neighbours, rows of length 1.
    """

    weighting: Weighting
    columns: Rows
    basis: Vectors
    corpus: Vectors
    around: Vectors

    @classmethod
    def spanned_by(cls, papers: Sequence[Paper], seed: int) -> tuple["Space", Placed]:
        """The space of a corpus, and the corpus's papers placed in it."""
        counts = count_matrix(papers)
        weighting = Weighting.learnt(counts)
        full = weighting.vectors(counts)
        columns = np.unique(full.indices).astype(np.int64)
        terms = full[:, columns]
        basis = _basis(terms, seed)
        topics = _unit(terms @ basis)
        around = _unit(_neighbourly(topics, topics, topics))
        space = cls(weighting, columns, basis, topics, around)
        return space, Placed(terms, space._extended(topics))

    def place(self, papers: Sequence[Paper]) -> Placed:
        """Where papers lie, whether they were in the corpus or not."""
        terms = self.weighting.vectors(count_matrix(papers))[:, self.columns]
        return Placed(terms, self._extended(_unit(terms @ self.basis)))

    def _extended(self, topics: Vectors) -> Vectors:
        steps = (
            topics,
            _unit(_neighbourly(topics, self.corpus, self.corpus)),
            _unit(_neighbourly(topics, self.corpus, self.around)),
        )
        return _unit(np.hstack([w * step for w, step in zip(_STEP_WEIGHTS, steps, strict=True)]))


def _basis(terms: sparse.csr_matrix, seed: int) -> Vectors:
    """The right singular vectors of the largest singular values, ``(n_terms, k)``."""
    n, m = terms.shape
    k = max(1, min(round(_TOPICS_PER_ROOT * n**0.5), _MOST_TOPICS, n - 1, m))
    if m == 0:
        return np.zeros((0, k), np.float32)
    rng = np.random.default_rng(seed)
    wide = terms.astype(np.float64)
    # The Gram side: (n, k + oversampling) is all that is dense; the vocabulary side stays sparse.
    sketch = wide @ (wide.T @ rng.standard_normal((n, min(n, k + _OVERSAMPLING))))
    for _ in range(_POWER_ITERATIONS):
        sketch = wide @ (wide.T @ np.linalg.qr(sketch)[0])
    range_of = np.linalg.qr(sketch)[0]
    _, _, right = np.linalg.svd((wide.T @ range_of).T, full_matrices=False)
    return np.ascontiguousarray(right[:k].T, np.float32)


def _neighbourly(topics: Vectors, corpus: Vectors, values: Vectors) -> Vectors:
    """For each row, the mean of ``values`` over its nearest corpus rows, by similarity."""
    means = np.zeros((len(topics), values.shape[1]), np.float32)
    n_near = min(_MOST_NEIGHBOURS, max(1, len(corpus) // _FOR_EACH_NEIGHBOUR))
    for start in range(0, len(topics), _CHUNK):
        similar = topics[start : start + _CHUNK] @ corpus.T
        similar[similar > _SAME] = 0
        near = np.argpartition(-similar, n_near - 1, axis=1)[:, :n_near]
        weight = np.clip(np.take_along_axis(similar, near, axis=1), 0, None)
        means[start : start + _CHUNK] = np.einsum("ij,ijk->ik", weight, values[near])
    return means


def _unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, norms, out=np.zeros_like(rows, np.float32), where=norms > _TINY)
    return unit
