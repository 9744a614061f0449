"""Sparse matrices as graphs: rows cut, scaled and multiplied in parts."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows

_CHUNK = 1024
"""Rows that are multiplied at once, so that what is dense for a moment stays small."""


def strongest(matrix: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """The ``k`` largest entries of each row; of equal ones, those that come first."""
    counts = np.diff(matrix.indptr)
    keep = np.ones(matrix.nnz, bool)
    for row in np.flatnonzero(counts > k):
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        values = matrix.data[start:end]
        bound = np.partition(values, len(values) - k)[len(values) - k]
        chosen = values >= bound
        if (spare := np.count_nonzero(chosen) - k) > 0:
            chosen[np.flatnonzero(values == bound)[-spare:]] = False
        keep[start:end] = chosen
    indptr = np.concatenate([[0], np.cumsum(keep)])[matrix.indptr]
    return sparse.csr_matrix(
        (matrix.data[keep], matrix.indices[keep], indptr.astype(matrix.indptr.dtype)),
        matrix.shape,
    )


def rows_of(matrix: sparse.csr_matrix) -> Rows:
    """The row of each stored entry, ``(nnz,)``."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def row_sums(matrix: sparse.csr_matrix) -> npt.NDArray[np.float32]:
    """``(n,)`` float32, what each row sums to."""
    return np.asarray(matrix.sum(axis=1), np.float32).ravel()


def divided(matrix: sparse.csr_matrix, by: npt.NDArray[np.float32]) -> sparse.csr_matrix:
    """Each row divided by its number, ``(n,)``; a row that is divided by 0 is 0."""
    scale = np.divide(1, by, out=np.zeros(len(by), np.float32), where=by > 0)
    data = (matrix.data * scale[rows_of(matrix)]).astype(np.float32)
    return sparse.csr_matrix((data, matrix.indices, matrix.indptr), matrix.shape)


def stochastic(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row divided by its sum, so that it tells where a step goes; a row of 0 stays."""
    return divided(matrix, row_sums(matrix))


def chunks(n: int, at_once: int = _CHUNK) -> Iterator[Rows]:
    """The numbers from 0 to ``n``, some at a time."""
    for start in range(0, n, at_once):
        yield np.arange(start, min(start + at_once, n))
