"""What the arrays that cross between the parts mean."""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
"""``(n,)``, in the order of the papers they belong to; NaN = no opinion."""

Vectors = npt.NDArray[np.float32]
"""``(n, d)``, a row for each paper."""

Rows = npt.NDArray[np.int64]
"""``(n,)``, places in another array."""
