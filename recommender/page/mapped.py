"""What a map of a reader's interests is drawn from: the kept model, laid out in the plane."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from recommender import config
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see now.

    Attributes:
        picture: The last one that was drawn; None where there is none, or none yet.
        is_due: Another one is being drawn.
    """

    picture: Picture | None
    is_due: bool


def picture(settings: Settings, store: Store, now: datetime) -> Seen:
    """The picture of what was learnt in the last run; the one before while that is drawn.

    Drawn apart, as it takes seconds of a large library; once for a model and what was suggested by
    it, and kept as long as this process lives.

    Raises:
        RecommenderError: As for ``learnt.model``.
    """
    mark = store.model_mark(settings.name)
    if mark is None:
        return Seen(None, is_due=False)
    kept = _kept(settings, _stamp(settings, store, mark), now)
    wait([kept.drawing], _PATIENCE)
    if not kept.drawing.done() or kept.drawing.cancelled():
        return Seen(kept.earlier, is_due=True)
    if kept.drawing.exception():
        with _LOCK:
            # What was in the way may be gone when somebody looks again.
            kept.stamp = None
    return Seen(kept.drawing.result(), is_due=False)


@dataclass(slots=True)
class _Kept:
    """A picture that is drawn or being drawn, and what was there before it."""

    stamp: object
    drawing: "Future[Picture | None]"
    earlier: Picture | None

    @property
    def last(self) -> Picture | None:
        """The last picture that there is."""
        one = self.drawing
        if one.cancel() or not one.done() or one.exception():
            return self.earlier
        return one.result()


_PATIENCE = 0.02  # seconds, in which a small library is drawn
_PICTURES: dict[tuple[Path, str], _Kept] = {}
_LOCK = Lock()
_DRAWING = ThreadPoolExecutor(1, "drawing")  # one at a time: each takes memory


def _kept(settings: Settings, stamp: object, now: datetime) -> _Kept:
    """What is kept for a stamp, begun where nothing is."""
    whose = (config.store_file(settings), settings.name)
    with _LOCK:
        kept = _PICTURES.get(whose)
        if kept is None or kept.stamp != stamp:
            earlier = kept.last if kept else None
            kept = _Kept(stamp, _DRAWING.submit(_drawn_apart, settings, now), earlier)
            _PICTURES[whose] = kept
        return kept


def _stamp(settings: Settings, store: Store, mark: tuple[object, ...]) -> object:
    """All that a picture hangs on, and whether its model can be restored at all."""
    name = settings.name
    suggested = [one.suggestion.suggestion_id for one in store.last_shown(name)]
    runs = [one.started_at for one in store.last_cycles(name, 1)]
    *_, made_at = mark
    try:
        since = datetime.fromisoformat(str(made_at)).astimezone(UTC)
    except ValueError:
        return mark  # of which nothing can be restored
    # What is taken back may have taught the model, and what a run reads may be another library.
    return mark, settings, suggested, runs, store.answered_since(name, since)


def _drawn_apart(settings: Settings, now: datetime) -> Picture | None:
    # A store belongs to its thread.
    with Store.open(config.store_file(settings), is_known=True) as store:
        suggested = [one.suggestion for one in store.last_shown(settings.name)]
        return _drawn(settings, store, suggested, now)


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
