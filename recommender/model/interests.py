"""The reader's interests: groups of papers that lie together, named by what they share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows, Vectors
from recommender.guidance import NO_EFFECT, Guidance, Pinned
from recommender.library import Item
from recommender.model.text import Weighting, common_terms
from recommender.papers import plain

MOST = 8
"""How many interests at the most are kept apart; what is smaller joins the nearest."""

_APART = 0.5  # cosine distance beyond which two groups of papers are two interests
_CLUSTERED = 1200  # papers up to which all pairs are compared; beyond, an even sample of them
_NAMED_BY = 30  # papers of an interest that are read for its name
_LONG = 100  # characters of a title that are enough of a name


# A pin's claim to an interest: the least stands. Its name tells last, so that no other name in its
# place changes a score.
_Claim = tuple[bool, int, tuple[str, ...], tuple[float, tuple[str, ...]], str]


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

    def pins(self, items: Sequence[Item], guidance: Guidance) -> tuple[Pinned | None, ...]:
        """What the reader made of each interest; None where they made nothing of it.

        A pin belongs to the interest that has more than half of those of its papers that are still
        there. Where several belong to one, that which counts there has an effect on the scores,
        and then the most papers.

        Args:
            items: The papers that the interests group.
            guidance: What the reader asks for.
        """
        members = {item.key: int(m) for item, m in zip(items, self.members, strict=True)}
        claims: list[tuple[_Claim, int, Pinned]] = []
        for pin in guidance.pinned:
            held = Counter(members[key] for key in {*pin.keys} - {""} if key in members)
            for interest, n in held.items():
                if 2 * n > held.total():
                    effect = guidance.effect(pin)
                    claim = (effect == NO_EFFECT, -n, pin.keys, effect, pin.called)
                    claims.append((claim, interest, pin))
        claims.sort(key=lambda one: one[0])
        found = {interest: pin for _, interest, pin in reversed(claims)}
        return tuple(found.get(interest) for interest in range(len(self.names)))

    def called(self, items: Sequence[Item], guidance: Guidance) -> "Interests":
        """The same interests under the names that the reader gave them.

        One that the guidance excludes keeps its own, by which it is known to be excluded; nothing
        is suggested for it anyhow.
        """
        given = self.pins(items, guidance)
        if not any(given):
            return self
        names = [
            pin.called if pin and not guidance.excludes((name,)) else ""
            for name, pin in zip(self.names, given, strict=True)
        ]
        for interest, own in enumerate(self.names):
            taken = [*names[:interest], *filter(None, names[interest + 1 :])]
            names[interest] = _unlike(taken, [names[interest] or own])
        return Interests(tuple(names), self.members)

    def factors(self, items: Sequence[Item], guidance: Guidance) -> npt.NDArray[np.float64]:
        """How much the reader wants each interest to pull, ``(n_interests,)``: 1 as ever, 0 not."""
        given = self.pins(items, guidance)
        return np.array(
            [
                guidance.factor((name, pin.called)) * pin.factor
                if pin
                else guidance.factor((name,))
                for name, pin in zip(self.names, given, strict=True)
            ]
        )


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
