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
    return scaled.astype(np.float32, copy=False)


_TINY = 1e-9
