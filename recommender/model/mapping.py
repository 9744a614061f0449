"""A map of a reader's papers: each interest is a disc of its own, its papers lie inside it.

Interests that are alike lie near each other (classical scaling, Torgerson 1952), and a paper lies
on that side of its interest's disc which faces the interests that it leans to.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from threadpoolctl import threadpool_limits

from recommender.arrays import Rows, Vectors, along, unit

Places = npt.NDArray[np.float64]
"""``(n, 2)``, in the unit square: from the left and from the top."""

# Of the square, by one disc, two and more of them; more, and they could not be pushed apart.
_FILLED = (0.66, 0.5, 0.42)
_LEAST = 0.03  # of all papers: so large is a smaller interest drawn
_GAP = 0.05  # between two discs
_MARGIN = 0.02  # between a disc and the edge
_INSIDE = 0.93  # of a disc's radius, within which its papers lie
_FLAT = 1e-3  # of the distance between unit vectors
_PUSHES, _NUDGE = 300, 1e-4
_SPREAD, _ROUNDS = 8, 6  # columns and rounds of the subspace iteration; the picture needs no more
_KNOTS, _OUTMOST = 41, 0.015  # of an axis that is evened; the part of the papers beyond its ends
_DIGITS = 6
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Layout:
    """Where ``k`` interests lie, and how the papers in them do.

    Attributes:
        centres: ``(k, 2)`` the middles of the discs.
        radii: ``(k,)``; no two discs overlap, and none leaves the unit square.
        means: ``(k, d)`` the mean of each interest's papers.
        axes: ``(k, d, 2)`` from how far a paper is off that mean to how far it is along two axes.
        evened: How far that is with the papers evenly spread.
    """

    centres: Places
    radii: npt.NDArray[np.float64]
    means: Vectors
    axes: npt.NDArray[np.float32]
    evened: tuple[tuple["_Even", "_Even"], ...]

    @classmethod
    def of(cls, vectors: Vectors, interests: Rows) -> "Layout":
        """The layout of a library; the papers' order changes nothing.

        Args:
            vectors: ``(n, d)`` where the papers lie for the model; at least one.
            interests: ``(n,)`` the interest of each, from 0.
        """
        # In an order of its own, sums are the same to the last bit.
        direction = np.random.default_rng(0).normal(size=(1, vectors.shape[1]))[0]
        order = np.lexsort((along(vectors, direction.astype(np.float32)), interests))
        vectors, interests = vectors[order], interests[order]
        sizes = np.bincount(interests)
        edges = np.concatenate([[0], np.cumsum(sizes)])
        groups = [vectors[a:b] for a, b in pairwise(edges)]
        means = np.stack([g.sum(axis=0) / max(len(g), 1) for g in groups]).astype(np.float32)
        radii = np.sqrt(np.maximum(sizes, _LEAST * len(vectors)))
        filled = _FILLED[min(len(sizes), len(_FILLED)) - 1]
        radii *= np.sqrt(filled / np.pi / (radii @ radii))
        with threadpool_limits(1, "blas"):
            centres, radii = _apart(_scaled_down(unit(means)), radii)
            facing = centres - centres[:, None]
            facing /= np.maximum(np.linalg.norm(facing, axis=2, keepdims=True), _TINY)
            hearts = unit(means)
            axes = [
                _axes(group - mean, group @ hearts.T @ ways)
                for group, mean, ways in zip(groups, means, facing, strict=True)
            ]
        evened = tuple(
            (_Even.of(along(g - mean, x)), _Even.of(along(g - mean, y)))
            for g, mean, (x, y) in zip(groups, means, (a.T for a in axes), strict=True)
        )
        return cls(centres, radii, means, np.stack(axes), evened)

    def at(self, vectors: Vectors, interests: Rows) -> Places:
        """Where papers lie, ``(n, 2)``; each inside the disc of its interest.

        Args:
            vectors: ``(n, d)``, of the library or not.
            interests: ``(n,)``; a paper of no interest, -1, lies in the nearest.
        """
        places = np.zeros((len(vectors), 2))
        nearest = np.argmax(vectors @ unit(self.means).T, axis=1) if len(vectors) else interests
        belongs = np.where(interests < 0, nearest, interests)
        for interest in np.unique(belongs):
            here = np.flatnonzero(belongs == interest)
            off = vectors[here] - self.means[interest]
            both = zip(self.axes[interest].T, self.evened[interest], strict=True)
            z = np.column_stack([even.at(along(off, axis)) for axis, even in both])
            squared = (z * z).sum(axis=1, keepdims=True)
            # What is spread like a bell fills the disc evenly by this.
            shrunk = np.sqrt(-np.expm1(-squared / 2) / np.maximum(squared, _TINY))
            places[here] = self.centres[interest] + _INSIDE * self.radii[interest] * shrunk * z
        return places


@dataclass(frozen=True, slots=True)
class _Even:
    """An axis along which papers lie in heaps, stretched and pressed to the curve of a bell.

    Attributes:
        knots: ``(m,)`` places on the axis, ascending.
        shares: ``(m,)`` the part of the papers that lies before each.
    """

    knots: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]

    @classmethod
    def of(cls, places: npt.NDArray[np.float32]) -> "_Even":
        """The axis of some papers; without any, all is in the middle."""
        shares = np.linspace(_OUTMOST, 1 - _OUTMOST, _KNOTS)
        found = np.quantile(places.astype(np.float64), shares) if len(places) else np.zeros(1)
        knots, which = np.unique(found.round(_DIGITS), return_inverse=True)
        if len(knots) == 1:
            return cls(knots, np.full(1, 0.5))
        return cls(knots, np.bincount(which, shares) / np.bincount(which))

    def at(self, places: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Where places on the axis come to lie, ``(n,)``."""
        found: npt.NDArray[np.float64] = ndtri(np.interp(places, self.knots, self.shares))
        return found


def _scaled_down(hearts: Vectors) -> Places:
    """Points in the plane about as far from each other as some unit vectors, ``(k, 2)``."""
    similar = (hearts @ hearts.T).astype(np.float64)
    middle = np.eye(len(hearts)) - 1 / len(hearts)
    values, columns = np.linalg.eigh(middle @ similar @ middle)
    found = np.zeros((len(hearts), 2))
    for axis in range(min(2, len(hearts))):
        column = columns[:, -1 - axis] * np.sqrt(max(values[-1 - axis], 0))
        # Which way an axis runs means nothing; so that it is always the same:
        found[:, axis] = column * (1 if column[np.argmax(np.abs(column))] > 0 else -1)
    return found


def _apart(
    points: Places, radii: npt.NDArray[np.float64]
) -> tuple[Places, npt.NDArray[np.float64]]:
    """Discs around such points that are pushed apart, inside the unit square."""
    least, most = points.min(axis=0), points.max(axis=0)
    shares = 0.5 + (points - (least + most) / 2) / max(float((most - least).max()), _FLAT)
    radii = np.minimum(radii, 0.5 - _MARGIN)
    least, most = radii[:, None] + _MARGIN, 1 - radii[:, None] - _MARGIN
    centres = least + shares * (most - least)
    # Discs in one place, such as a corner, would not know where to go.
    turn = np.arange(len(points)) * np.pi * (3 - np.sqrt(5))
    nudge = _NUDGE * np.column_stack([np.cos(turn), np.sin(turn)])
    wanted = radii + radii[:, None] + _GAP
    # Growing slowly, they stay beside those that they began beside.
    for grown in np.minimum(np.linspace(0, 2, _PUSHES), 1):
        away = (centres + nudge)[:, None] - (centres + nudge)
        distances = np.maximum(np.linalg.norm(away, axis=2), _TINY)
        push = np.maximum(grown * wanted - distances, 0) / distances / 4
        np.fill_diagonal(push, 0)
        centres = np.clip(centres + (push[:, :, None] * away).sum(axis=1), least, most)
    distances = np.linalg.norm(centres[:, None] - centres, axis=2)
    np.fill_diagonal(distances, np.inf)
    # Where they still overlap, the square is too narrow for them.
    radii = radii * min(1.0, float((distances / wanted).min()))
    least, most = (centres - radii[:, None]).min(axis=0), (centres + radii[:, None]).max(axis=0)
    larger = (1 - 2 * _MARGIN) / float((most - least).max())
    return 0.5 + (centres - (least + most) / 2) * larger, radii * larger


def _axes(off: Vectors, leans: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """The two main axes of a group, ``(d, 2)``, each with a deviation of 1.

    Args:
        off: ``(n, d)`` how far each paper is off the mean.
        leans: ``(n, 2)`` which way each paper is to lie.
    """
    n, d = off.shape
    found = np.zeros((d, 2), np.float32)
    basis = np.random.default_rng(0).normal(size=(d, min(_SPREAD, d))).astype(np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(off.T @ (off @ basis))
    _, lengths, turned = np.linalg.svd(off @ basis, full_matrices=False)
    n_axes = min(2, int((lengths > _NOISE * np.sqrt(max(n, 1))).sum()))
    deviations = lengths[:n_axes] / np.sqrt(max(n, 1))
    found[:, :n_axes] = (basis @ turned[:n_axes].T) / deviations
    left, _, right = np.linalg.svd((off @ found).T @ (leans - leans.mean(axis=0)))
    return np.asarray(found @ (left @ right), np.float32)


_NOISE = 1e-4  # of the arithmetic, between papers that lie in one place
