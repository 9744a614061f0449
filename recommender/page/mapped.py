"""What a map of a reader's interests is drawn from: the kept model, laid out in the plane."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows, Vectors, unit
from recommender.cli import learnt
from recommender.config import Settings
from recommender.library import Item
from recommender.model.interests import Interests
from recommender.model.mapping import Layout, Places
from recommender.model.text import Weighting, common_terms
from recommender.page.landmarks import Landmark, landmarks
from recommender.papers import Paper
from recommender.store import Store
from recommender.suggestions import Suggestion

MOST_DRAWN = 1500
"""How many papers of the library are drawn; more would be a blot, and a page of megabytes."""

N_KEYS = 8
"""By how many of its papers an interest is known again."""

_N_TERMS = 6
_READ_FOR_TERMS = 30  # papers of an interest
_MARK = 0.045  # of the map, that two suggestions are apart at least
_PUSHES = 60
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Picture:
    """What hangs on the model and the suggestions alone, and not on what interests are called.

    Attributes:
        items: The papers that the model learnt from, without what they say; keys are empty for
            what the settings name.
        interests: Which interest each is in, and what the model calls those.
        keys: The library's keys of the most typical papers of each interest, at most ``N_KEYS``.
        terms: The terms that each interest's papers share, strongest first.
        landmarks: What the papers in parts of interests are about.
        centres: ``(k, 2)`` the middle of each interest.
        radii: ``(k,)``
        places: ``(n_items, 2)``
        drawn: Which papers are drawn: those of the library, the most typical of each interest.
        suggested: What was suggested last.
        suggested_at: ``(m, 2)`` where that lies.
        serves: ``(m,)`` the interest that each serves, -1 for none.
    """

    items: Sequence[Item]
    interests: Interests
    keys: Sequence[tuple[str, ...]]
    terms: Sequence[tuple[str, ...]]
    landmarks: Sequence[Landmark]
    centres: Places
    radii: npt.NDArray[np.float64]
    places: Places
    drawn: Rows
    suggested: Sequence[Suggestion]
    suggested_at: Places
    serves: Rows


def picture(settings: Settings, store: Store, now: datetime) -> Picture | None:
    """The picture of what was learnt in the last run; None where nothing was.

    Made once for a model and what was suggested by it, and kept as long as this process lives.

    Raises:
        RecommenderError: As for ``learnt.model``.
    """
    mark = store.model_mark(settings.name)
    if mark is None:
        return None
    suggested = tuple(one.suggestion for one in store.last_shown(settings.name))
    stamp = (mark, settings, suggested)
    whose = (settings.store.path, settings.name)
    kept = _PICTURES.get(whose)
    if kept is None or kept[0] != stamp:
        _PICTURES[whose] = kept = (stamp, _drawn(settings, store, suggested, now))
    return kept[1]


_PICTURES: dict[tuple[str, str], tuple[object, Picture | None]] = {}


def _drawn(
    settings: Settings, store: Store, suggested: Sequence[Suggestion], now: datetime
) -> Picture | None:
    model = learnt.model(settings, store, now)
    if model is None:
        return None
    interests, items = model.learnt.interests, model.teller.origins.items
    vectors = model.vectors([item.paper for item in items])
    layout = Layout.of(vectors, interests.members)
    typical = _typical(vectors, interests)
    in_library = [[at for at in group.tolist() if items[at].key] for group in typical]
    papers = [one.paper for one in suggested]
    _, serves = model.judged(papers)
    places = layout.at(vectors, interests.members)
    told = _Told(model.learnt.world.space.weighting, [item.paper for item in items], places)
    terms = list(map(told.terms, typical))
    return Picture(
        items=[replace(item, paper=Paper(title=item.paper.title)) for item in items],
        interests=interests,
        keys=[tuple(items[at].key for at in group[:N_KEYS]) for group in in_library],
        terms=terms,
        landmarks=list(chain.from_iterable(map(told.landmarks, typical, terms))),
        centres=layout.centres,
        radii=layout.radii,
        places=places,
        drawn=_fairly(in_library, MOST_DRAWN),
        suggested=suggested,
        suggested_at=_apart(layout.at(model.vectors(papers), serves)),
        serves=serves,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of some of the papers."""

    weighting: Weighting
    papers: Sequence[Paper]
    places: Places

    def terms(self, group: Rows) -> tuple[str, ...]:
        papers = [self.papers[at] for at in group[:_READ_FOR_TERMS]]
        return common_terms(self.weighting, papers, _N_TERMS)

    def landmarks(self, group: Rows, terms: Sequence[str]) -> list[Landmark]:
        papers = [self.papers[at] for at in group]
        return landmarks(self.places[group], papers, self.weighting, terms)


def _typical(vectors: Vectors, interests: Interests) -> list[Rows]:
    """The rows of each interest's papers, the most typical first."""
    found = []
    for interest in range(len(interests.names)):
        group = np.flatnonzero(interests.members == interest)
        heart = unit(vectors[group].sum(axis=0)[None])[0]
        found.append(group[np.argsort(-(vectors[group] @ heart), kind="stable")])
    return found


def _fairly(groups: Sequence[Sequence[int]], n: int) -> Rows:
    """The first of each group, at most ``n`` together, of each group the same part."""
    rows = np.array([row for group in groups for row in group], np.int64)
    ranks = np.array([i / len(group) for group in groups for i in range(len(group))])
    return np.sort(rows[np.argsort(ranks, kind="stable")[:n]])


def _apart(places: Places) -> Places:
    """The same places, moved so that marks on them can be told apart; inside the map still."""
    found = places.copy()
    turn = np.arange(len(found)) * np.pi * (3 - np.sqrt(5))
    found += 1e-4 * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(_PUSHES):
        away = found[:, None] - found
        distances = np.maximum(np.linalg.norm(away, axis=2), _TINY)
        push = np.maximum(_MARK - distances, 0) / distances / 2
        np.fill_diagonal(push, 0)
        found = np.clip(found + (push[:, :, None] * away).sum(axis=1), _MARK / 2, 1 - _MARK / 2)
    return found
