"""The parts that a score is the sum of, before anybody is told of them.

Each part is a number of its own kind, 0 where it says nothing. Divided by how much it varies from
paper to paper, the parts can be compared, and weighed by one set of weights whoever the reader is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows, Scores, Vectors
from recommender.model.world import borrowed

PARTS = ("walk", "tastes", "words", "contrast", "authors", "venue")
"""Every part, in the order of the columns of ``Opinions.values``."""

_BORROWED_MOST = borrowed(0)
_LEAST_WORDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each part says for each deviation by which papers differ in it; 0 is silent.

    Attributes:
        walk: How often a walk from the reader's papers arrives at it.
        tastes: What those who keep such papers keep.
        words: The words that it shares with the library.
        contrast: How it stands out from the rest of what is listed.
        authors: Whether the library knows its authors.
        venue: Whether the library knows where it appeared.
    """

    walk: float
    tastes: float
    words: float
    contrast: float
    authors: float
    venue: float

    @classmethod
    def prior(cls, n_world: int, *, tastes: bool) -> "Weights":
        """What is best before anything is known of a reader.

        The first three were found on readers of a public data set, the others on small libraries
        of several interests (``docs/evaluation.md``). In a small world shared words are chance.

        Args:
            n_world: How many papers there are around the reader.
            tastes: Whether there is evidence that other readers' choices help.
        """
        large = 1 - borrowed(n_world) / _BORROWED_MOST
        return cls(
            walk=0.55,
            tastes=0.35 if tastes else 0.0,
            words=_LEAST_WORDS + (0.1 - _LEAST_WORDS) * large,
            contrast=0.08,
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
        by_interest: ``(n, n_interests)`` what the walk from each interest brings.
    """

    values: Vectors
    known: npt.NDArray[np.bool_]
    by_interest: Vectors

    @classmethod
    def on_nothing(cls, n: int, n_interests: int) -> "Opinions":
        """No opinion on ``n`` papers."""
        values = np.zeros((n, len(PARTS)), np.float32)
        return cls(values, np.zeros(n, np.bool_), np.zeros((n, n_interests), np.float32))

    @property
    def interests(self) -> Rows:
        """Which interest speaks loudest for each paper, ``(n,)``; -1 = none."""
        if not self.by_interest.shape[1]:
            return np.full(len(self.values), -1, np.int64)
        loudest = np.argmax(self.by_interest, axis=1)
        return np.where(self.by_interest.any(axis=1), loudest, -1).astype(np.int64)

    def total(self, weights: Weights) -> Scores:
        """The weighted sum, ``(n,)`` float32, not negative; NaN = no opinion."""
        total = self.values @ weights.vector()
        return np.where(self.known, total, np.nan).astype(np.float32)

    def divided(self, deviations: npt.NDArray[np.float32]) -> "Opinions":
        """The same on the common scale.

        Args:
            deviations: ``(n_parts,)`` as ``deviations`` gives.
        """
        return Opinions(
            np.divide(
                self.values, deviations, out=np.zeros_like(self.values), where=deviations > 0
            ),
            self.known,
            self.by_interest,
        )


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


_NOTHING = 1e-6


def scales(opinions: Opinions) -> npt.NDArray[np.float32]:
    """What each part is to be divided by, ``(n_parts,)``, seen from usual papers.

    A part that is between 0 and 1 of itself needs no comparing.
    """
    found = deviations(opinions.values)
    found[[PARTS.index(part) for part in _BOUNDED]] = _BOUNDED_DEVIATION
    return found


_BOUNDED = ("contrast", "authors", "venue")
_BOUNDED_DEVIATION = 0.25


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
