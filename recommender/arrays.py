"""What the arrays that cross between the parts mean."""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
"""``(n,)``, in the order of the papers they belong to; NaN = no opinion."""

Vectors = npt.NDArray[np.float32]
"""``(n, d)``, a row for each paper."""

Rows = npt.NDArray[np.int64]
"""``(n,)``, places in another array."""


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """The rows with length 1, ``(n, d)`` float32; a row of nothing stays so."""
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    scaled = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > _TINY)
    return np.asarray(scaled, np.float32)


def along(rows: Vectors, vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How far each row goes along a vector, ``(n,)``.

    A row's number is the same to the last bit whichever rows are given with it, so that papers can
    be scored some at a time; the product that ``@`` makes is not.
    """
    return np.asarray(np.einsum("ij,j->i", rows, vector), np.float32)


def against(rows: Vectors, others: Vectors) -> Vectors:
    """How far each row goes along each of the others, ``(n, m)``.

    As with ``along``, a row's numbers hang on no other row: all are multiplied in blocks of one
    size, in which every row is added up in one order.
    """
    found = np.empty((len(rows), len(others)), np.float32)
    columns = np.ascontiguousarray(others.T)
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        block = np.zeros((_BLOCK, rows.shape[1]), np.float32)
        block[: len(some)] = some
        found[start : start + _BLOCK] = (block @ columns)[: len(some)]
    return found


_BLOCK = 64  # a multiple of what every BLAS that we know of takes at once
_TINY = 1e-9
