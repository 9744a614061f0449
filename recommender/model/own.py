"""What the reader has and asks for, as papers to start from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows
from recommender.guidance import Guidance
from recommender.library import Item, Library
from recommender.model.interests import Interests
from recommender.papers import Paper

_HALF_LIFE = timedelta(days=3 * 365)
_OLDEST = 0.4  # of a paper's weight is left however long ago it was added
_FADING = 10  # papers in the library that make a goal count half


@dataclass(frozen=True, slots=True)
class Own:
    """The papers that a reader's interests are seen by.

    Attributes:
        items: The library's papers; behind them goals and seed papers, whose key is empty.
        n_goals: How many of the last are goals.
        weights: ``(n,)``, in (0, 1]: what was added lately counts more, a goal or seed paper the
            less the more papers there are.
    """

    items: tuple[Item, ...]
    n_goals: int
    weights: npt.NDArray[np.float32]

    @classmethod
    def of(cls, library: Library, guidance: Guidance) -> "Own":
        """The papers of a library that are not in its trash, and what the reader asks for."""
        kept = [item for item in library.items if not item.trashed]
        named = [*guidance.seeds, *(Paper(title=goal) for goal in guidance.goals)]
        fading = np.full(len(named), _FADING / (_FADING + len(kept)), np.float32)
        return cls(
            (*kept, *(Item(key="", paper=paper) for paper in named)),
            len(guidance.goals),
            np.concatenate([_recency(kept), fading]),
        )

    def __getitem__(self, rows: Rows) -> "Own":
        first_goal = len(self.items) - self.n_goals
        return Own(
            tuple(self.items[row] for row in rows),
            int((rows >= first_goal).sum()),
            self.weights[rows],
        )


def starts(own: Own, interests: Interests, guidance: Guidance) -> sparse.csr_matrix:
    """How much of the reader's walk starts at each of their papers, for each interest.

    An interest counts by the root of what its papers weigh, so that a large one does not drown the
    others, and by what the reader asks for.

    Args:
        own: The ``n`` papers.
        interests: The groups that they are in.
        guidance: What the reader asks for.

    Returns:
        ``(n_interests, n)``; together 1, or 0 if all interests are muted.
    """
    n_interests, n = len(interests.names), len(own.items)
    sizes = np.bincount(interests.members, own.weights, n_interests)
    asked = interests.factors(own.items, guidance)
    pull = asked / np.sqrt(np.maximum(sizes, _TINY))
    weights = own.weights * pull[interests.members]
    weights = weights / max(float(weights.sum()), _TINY)
    matrix = sparse.csr_matrix(
        (weights.astype(np.float32), (interests.members, np.arange(n))), (n_interests, n)
    )
    matrix.eliminate_zeros()
    return matrix


_TINY = 1e-9


def _recency(items: Sequence[Item]) -> npt.NDArray[np.float32]:
    """How much each item counts for when it was added, against the latest of them."""
    dated = [item.added_at for item in items if item.added_at]
    latest = max(dated, default=None)

    def weight(added_at: datetime | None) -> float:
        if added_at is None or latest is None:
            return 1.0
        return float(max(_OLDEST, 0.5 ** ((latest - added_at) / _HALF_LIFE)))

    return np.array([weight(item.added_at) for item in items], np.float32)
