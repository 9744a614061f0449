"""Terms that say what the papers in some part of an interest are about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Rows
from recommender.model.mapping import Places
from recommender.model.text import Weighting, common_terms
from recommender.papers import Paper

_MOST, _EACH = 6, 30  # of an interest; papers that each speaks for, about
_READ, _N_TERMS = 12, 4  # papers that are read for one; terms of which one is told
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Landmark:
    """A term, and where on the map the papers lie that share it."""

    x: float
    y: float
    term: str


def landmarks(
    places: Places, papers: Sequence[Paper], weighting: Weighting, known: Sequence[str]
) -> list[Landmark]:
    """The landmarks of an interest, none for a small one; no term twice.

    Args:
        places: ``(n, 2)`` where its papers lie on the map.
        papers: Those papers.
        weighting: How much each term tells.
        known: Terms that are told of the whole interest already.
    """
    n = min(_MOST, len(papers) // _EACH)
    if n < 2:
        return []
    centres = _centres(places, n)
    told = set(known)
    found = []
    for centre in centres:
        near = np.argsort(((places - centre) ** 2).sum(axis=1), kind="stable")[:_READ]
        terms = common_terms(weighting, [papers[at] for at in near], _N_TERMS)
        if term := next((one for one in terms if one not in told), ""):
            told.add(term)
            x, y = centre.tolist()
            found.append(Landmark(x, y, term))
    return found


def _centres(places: Places, n: int) -> Places:
    """The middles of ``n`` parts, the largest first (k-means, begun far from each other)."""
    centres = places[[0]]
    while len(centres) < n:
        distances = ((places[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
        centres = np.vstack([centres, places[np.argmax(distances)]])
    belongs: Rows = np.zeros(len(places), np.int64)
    for _ in range(_ROUNDS):
        belongs = np.argmin(((places[:, None] - centres) ** 2).sum(axis=2), axis=1)
        for part in np.unique(belongs):
            centres[part] = places[belongs == part].mean(axis=0)
    sizes = np.bincount(belongs, minlength=n)
    kept = np.argsort(-sizes, kind="stable")
    return centres[kept[sizes[kept] > 0]]
