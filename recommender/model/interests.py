"""The reader's interests: groups of papers that lie together, named by what they share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np

from recommender.arrays import Rows, Vectors
from recommender.library import Item
from recommender.model.text import Weighting, common_terms
from recommender.papers import plain

MOST = 8
"""How many interests at the most are kept apart; what is smaller joins the nearest."""

_APART = 0.5  # cosine distance beyond which two groups of papers are two interests
_CLUSTERED = 1200  # papers up to which all pairs are compared; beyond, an even sample of them
_NAMED_BY = 30  # papers of an interest that are read for its name
_LONG = 100  # characters of a title that are enough of a name


@dataclass(frozen=True, slots=True)
class Interests:
    """Groups of the reader's papers, largest first.

    Attributes:
        names: How a person would call each.
        members: ``(n_items,)`` which interest each library paper belongs to.
    """

    names: tuple[str, ...]
    members: Rows

    @classmethod
    def found(
        cls, items: Sequence[Item], topics: Vectors, weighting: Weighting, paths: dict[str, str]
    ) -> "Interests":
        """The interests in a library.

        Args:
            items: At least one.
            topics: ``(n_items, d)``, where they lie.
            weighting: How much each term tells.
            paths: Where each collection stands.
        """
        members = _grouped(topics)
        groups = [np.flatnonzero(members == g) for g in range(int(members.max()) + 1)]
        names: list[str] = []
        for group in groups:
            central = group[np.argsort(-(topics[group] @ topics[group].sum(axis=0)), kind="stable")]
            chosen = [items[i] for i in central[:_NAMED_BY]]
            names.append(_unlike(names, _names(chosen, weighting, paths)))
        return cls(tuple(names), members)


def _grouped(topics: Vectors) -> Rows:
    """Group numbers by average linkage on cosine distance, the largest group first."""
    n = len(topics)
    if n == 1:
        return np.zeros(1, np.int64)
    # It takes longer to import than a daily run has to spare, which groups nothing.
    from scipy.cluster.hierarchy import fcluster, linkage

    sample = np.unique(np.linspace(0, n - 1, min(n, _CLUSTERED)).astype(np.int64))
    similar = np.clip(topics[sample] @ topics[sample].T, -1, 1)
    distances = (1 - similar[np.triu_indices(len(sample), 1)]).astype(np.float64)
    tree = linkage(np.clip(distances, 0, None), "average")
    groups = fcluster(tree, _APART, "distance") - 1
    sizes = np.bincount(groups)
    large = np.argsort(-sizes, kind="stable")[:MOST]
    # A stray paper or two in a large library is no main interest.
    kept = large[sizes[large] >= min(sizes[large[0]], len(sample) / (2 * MOST))]
    centres = np.stack([topics[sample][groups == g].sum(axis=0) for g in kept])
    norms = np.linalg.norm(centres, axis=1, keepdims=True)
    centres = np.divide(centres, norms, out=np.zeros_like(centres), where=norms > 0)
    nearest = np.argmax(topics @ centres.T, axis=1)
    order = np.argsort(-np.bincount(nearest, minlength=len(kept)), kind="stable")
    rank = np.empty(len(kept), np.int64)
    rank[order] = np.arange(len(kept))
    ranked = rank[nearest]
    return np.unique(ranked, return_inverse=True)[1].astype(np.int64)


def _names(items: Sequence[Item], weighting: Weighting, paths: dict[str, str]) -> list[str]:
    """What an interest could be called, best first: by its collection, its terms, or both."""
    papers = [item.paper for item in items]
    by_terms = ", ".join(common_terms(weighting, papers, 3)) or _short(papers[0].title)
    filed = Counter(paths[k] for item in items for k in set(item.collections) if k in paths)
    path, n_filed = min(filed.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
    if n_filed > 1 and n_filed * 2 >= len(items):
        return [path, f"{path}: {by_terms}"]
    return [by_terms]


def _short(title: str) -> str:
    title = plain(title) or title
    return title if len(title) <= _LONG else f"{title[:_LONG].rstrip()}…"


def _unlike(taken: Sequence[str], names: Sequence[str]) -> str:
    """The first of the names that is not taken, or else the last with a number."""
    numbered = (f"{names[-1]} ({n})" for n in count(2))
    return next(name for name in chain(names, numbered) if name not in taken)
