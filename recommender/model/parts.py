"""The parts that a score is the sum of, before anybody is told of them.

Each part is a number of its own kind, 0 where it says nothing. Divided by how much it varies from
paper to paper, the parts can be compared, and weighed by one set of weights whoever the reader is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows, Scores, Vectors, along
from recommender.model.world import borrowed

PARTS = ("walk", "closeness", "tastes", "words", "contrast", "authors", "venue")
"""Every part, in the order of the columns of ``Opinions.values``."""

_BORROWED_MOST = borrowed(0)
_LEAST_WORDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each part says for each deviation by which papers differ in it; 0 is silent.

    Attributes:
        walk: How often a walk from the reader's papers arrives at it.
        closeness: How close it is to the closest of the reader's papers.
        tastes: What those who keep such papers keep.
        words: The words that it shares with the library.
        contrast: How it stands out from the rest of what is listed.
        authors: Whether the library knows its authors.
        venue: Whether the library knows where it appeared, or a category of it.
    """

    walk: float
    closeness: float
    tastes: float
    words: float
    contrast: float
    authors: float
    venue: float

    @classmethod
    def prior(cls, n_world: int, *, tastes: bool) -> "Weights":
        """What is best before anything is known of a reader.

        The first four were found on readers of a public data set, the others on small libraries
        of several interests (``docs/evaluation.md``). In a small world shared words are chance,
        and in a large one closeness speaks where other readers cannot.

        Args:
            n_world: How many papers there are around the reader.
            tastes: Whether there is evidence that other readers' choices help.
        """
        large = 1 - borrowed(n_world) / _BORROWED_MOST
        return cls(
            walk=0.55,
            closeness=0.0 if tastes else 0.2 + 0.3 * large,
            tastes=0.35 if tastes else 0.0,
            words=_LEAST_WORDS + (0.1 - _LEAST_WORDS) * large,
            contrast=0.2,
            authors=0.03,
            venue=0.015,
        )

    @classmethod
    def read(cls, values: Mapping[str, float]) -> "Weights":
        """The weights that ``told`` gave.

        Raises:
            ValueError: If one is missing, negative or no number.
        """
        try:
            weights = cls(**{field.name: float(values[field.name]) for field in fields(cls)})
        except (KeyError, TypeError) as error:
            raise ValueError(f"no weights: {error}") from error
        if not all(0 <= weight < np.inf for weight in weights.told().values()):
            raise ValueError("a weight is negative or no number")
        return weights

    def without_tastes(self) -> "Weights":
        """The same, where nobody else's choices can be compared."""
        return replace(self, tastes=0.0)

    def told(self) -> dict[str, float]:
        """Each part's weight, by its name."""
        return asdict(self)

    def vector(self) -> npt.NDArray[np.float32]:
        """``(n_parts,)`` in the order of ``PARTS``."""
        return np.array([getattr(self, part) for part in PARTS], np.float32)


@dataclass(frozen=True, slots=True)
class Opinions:
    """What each part says of each of ``n`` papers.

    Attributes:
        values: ``(n, n_parts)`` float32, not negative, in the order of ``PARTS``.
        known: ``(n,)`` whether there is anything in a paper that the library knows.
        by_interest: ``(n, n_interests)`` how close the closest of each interest is.
        left: ``(n,)`` in [0, 1], what is left of the parts by what is unwanted.
    """

    values: Vectors
    known: npt.NDArray[np.bool_]
    by_interest: Vectors
    left: Scores

    @classmethod
    def on_nothing(cls, n: int, n_interests: int) -> "Opinions":
        """No opinion on ``n`` papers."""
        values = np.zeros((n, len(PARTS)), np.float32)
        by_interest = np.zeros((n, n_interests), np.float32)
        return cls(values, np.zeros(n, np.bool_), by_interest, np.ones(n, np.float32))

    @property
    def interests(self) -> Rows:
        """Which interest speaks loudest for each paper, ``(n,)``; -1 = none."""
        if not self.by_interest.shape[1]:
            return np.full(len(self.values), -1, np.int64)
        loudest = np.argmax(self.by_interest, axis=1)
        return np.where(self.by_interest.any(axis=1), loudest, -1).astype(np.int64)

    def total(self, weights: Weights) -> Scores:
        """The weighted sum, ``(n,)`` float32, not negative; NaN = no opinion."""
        total = along(self.values, weights.vector()) * self.left
        return np.where(self.known, total, np.nan).astype(np.float32)

    def compared(self, usual: "Usual") -> "Opinions":
        """The same on the common scale: how far above the usual each part is, in its deviations."""
        above = np.maximum(self.values - usual.levels, 0)
        by = usual.deviations
        values = np.divide(above, by, out=np.zeros_like(above), where=by > 0)
        return Opinions(values, self.known, self.by_interest, self.left)


@dataclass(frozen=True, slots=True)
class Usual:
    """What each part says of papers as they are listed.

    Attributes:
        levels: ``(n_parts,)`` float32, what half of them reach; 0 for a part that is between 0 and
            1 of itself, and needs no comparing.
        deviations: ``(n_parts,)`` float32, how much they vary; 0 where they do not.
    """

    levels: npt.NDArray[np.float32]
    deviations: npt.NDArray[np.float32]

    @classmethod
    def of(cls, opinions: Opinions) -> "Usual":
        """What is usual, as these opinions show it; at least one."""
        levels = np.median(opinions.values, axis=0).astype(np.float32)
        varying = deviations(opinions.values)
        bounded = [PARTS.index(part) for part in _BOUNDED]
        levels[bounded], varying[bounded] = 0, _BOUNDED_DEVIATION
        return cls(levels, varying)


_BOUNDED = ("contrast", "authors", "venue")
_BOUNDED_DEVIATION = 0.25


def deviations(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How much each column varies from row to row; 0 where it does not.

    Args:
        values: ``(n, m)``.

    Returns:
        ``(m,)`` float32.
    """
    if not len(values):
        return np.zeros(values.shape[1], np.float32)
    found = values.std(axis=0, dtype=np.float64)
    return np.where(found > _NOTHING * np.abs(values).max(axis=0), found, 0).astype(np.float32)


def even(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each column of ``(n, m)`` by how much it varies; 0 where it does not."""
    by = deviations(values)
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)


_NOTHING = 1e-6


def walked(arrived: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The walk's part of what arrives: its root, for the first arrival tells most."""
    return np.sqrt(np.maximum(arrived, 0))


def shared_words(terms: sparse.csr_matrix, profiles: sparse.csr_matrix) -> npt.NDArray[np.float32]:
    """How many words papers share with profiles, by weight: ``(n, r)``.

    Args:
        terms: ``(n, n_terms)``, the papers' rows.
        profiles: ``(r, n_terms)``, sums of the rows of each reader's own papers.
    """
    return np.asarray((terms @ profiles.T).toarray(), np.float32)
