"""What a cycle keeps of what it worked out, so that the next one costs what is new.

All of it can be worked out again: a store in which any of it is missing or damaged leads to the
same suggestions, only later.
"""

import hashlib
import marshal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recommender.cycle.choosing import DISMISSED, SUGGESTED, Known
from recommender.guidance import NO_EFFECT, Guidance
from recommender.identity import Works
from recommender.library import Item, Library
from recommender.model.saved import VERSION
from recommender.papers import Paper
from recommender.ports import Model, Scorer
from recommender.store import Store
from recommender.store.learnt import SavedModel
from recommender.suggestions import Dislike, Shown, State

N_AROUND = 3000
"""How many of the papers that were listed last a model is learnt among."""

N_SHOWN = 1000
"""How many of the suggestions in each state, the last ones, a model is learnt from and among: what
a run costs is not to grow with all that was ever suggested."""

OLDEST = timedelta(days=7)
"""An older model is not used any more once something new was listed."""

PART_NEW = 4
"""Nor is one any more once this part of what it was learnt among was listed since: a quarter."""

_UNUSED = timedelta(days=90)  # after which counts of terms are forgotten


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model is learnt from, beside what is listed.

    Attributes:
        library: What counts of it.
        guidance: What the reader asks for.
        dislikes: What was shown and not wanted.
        seed: For whatever is drawn at random.
    """

    library: Library
    guidance: Guidance
    dislikes: tuple[Dislike, ...]
    seed: int

    def fingerprint(self, scorer: str) -> str:
        """32 hexadecimal digits of all that makes a model another one when it is learnt anew.

        What was let pass is left out: something is on most days, and it weighs little; so it waits
        until the model is learnt anew for something else.

        Args:
            scorer: The name of what learns.
        """
        return _digest(self._told(scorer))

    def _told(self, scorer: str) -> Iterator[tuple[object, ...]]:
        asked = self.guidance
        yield scorer, self.seed, asked.goals, asked.boosts, asked.muted
        yield from (("seed", *_said(paper)) for paper in asked.seeds)
        effects = ((pin.keys, asked.effect(pin)) for pin in asked.pinned)
        yield from (("pinned", *one) for one in effects if one[1] != NO_EFFECT)
        yield from (("dismissed", *_said(one.paper)) for one in self.dislikes if one.weight == 1)
        paths = self.library.paths()
        for item in self.library.items:
            if not item.trashed:
                yield *_kept(item, paths), *_said(item.paper)


@dataclass(frozen=True, slots=True)
class Learner:
    """What makes a profile's model, and keeps it."""

    profile: str
    scorer: Scorer
    lesson: Lesson
    store: Store
    now: datetime

    def remembered(self) -> tuple[Model, str] | str:
        """The saved model and its fingerprint; where it will not do, a notice, perhaps empty."""
        saved = self.store.saved_model(self.profile)
        if saved is None or saved.version != VERSION or not self._is_current(saved):
            return ""
        lesson = self.lesson
        try:
            model = self.scorer.restored(saved.payload, lesson.library, lesson.guidance)
        except ValueError as error:
            return f"The saved model could not be used, and so all was learnt anew: it {error}."
        return model, saved.fingerprint

    def learnt(self, known: Known) -> tuple[Model, str]:
        """A model that is learnt now, and saved, and its fingerprint."""
        lesson, store, scorer = self.lesson, self.store, self.scorer
        around = _around(known, store)
        model = scorer.fit(
            lesson.library,
            around,
            seed=lesson.seed,
            dislikes=lesson.dislikes,
            guidance=lesson.guidance,
        )
        fingerprint = f"{lesson.fingerprint(scorer.name)} {papers_fingerprint(around)}"
        made = SavedModel(VERSION, fingerprint, self.now, scorer.saved(model))
        store.save_model(self.profile, made)
        store.prune_counts(self.now - _UNUSED)
        return model, fingerprint

    def _is_current(self, saved: SavedModel) -> bool:
        """Whether a model was learnt from the same, and not too long ago for what is new."""
        learnt_from, _, _ = saved.fingerprint.partition(" ")
        if learnt_from != self.lesson.fingerprint(self.scorer.name):
            return False
        n_new = self.store.n_candidates(after=saved.made_at)
        n_around = min(self.store.n_candidates() - n_new, N_AROUND)
        n_among = len(self.lesson.library.items) + n_around
        return not is_outdated(self.now - saved.made_at, n_new, n_among)


def _around(known: Known, store: Store) -> list[Paper]:
    """The papers among which a model is learnt: what was listed last, and what was suggested.

    What was suggested before still tells what is usual.
    """
    listed = (c for c in store.candidates(newest=N_AROUND) if known.reason(c) in _TELLING)
    found = [candidate.paper for candidate in listed]
    works = Works.of(found)
    shown = (one for one in latest(known.shown) if one.state is not State.KEPT)
    suggested = (one.suggestion.paper for one in shown)
    return [*found, *(paper for paper in suggested if works.match(paper) is None)]


_PLAIN = 2  # the version of ``marshal``'s form
_TELLING = frozenset({"", SUGGESTED, DISMISSED})


def latest(shown: Sequence[Shown]) -> list[Shown]:
    """The last ``N_SHOWN`` suggestions in each state, in their order.

    By state, since most are let pass: those would soon leave nothing of what was dismissed.

    Args:
        shown: The oldest first.
    """
    n: Counter[State] = Counter()
    found = []
    for one in reversed(shown):
        n[one.state] += 1
        if n[one.state] <= N_SHOWN:
            found.append(one)
    return found[::-1]


def papers_fingerprint(papers: Iterable[Paper]) -> str:
    """32 hexadecimal digits of what papers say, in their order."""
    return _digest(map(_said, papers))


def is_outdated(age: timedelta, n_new: int, n_among: int) -> bool:
    """Whether a model is to be learnt anew only for what was listed since.

    Args:
        age: How long ago it was learnt.
        n_new: How many papers were listed since.
        n_among: How many papers it was learnt among.
    """
    return n_new * PART_NEW > n_among or (n_new > 0 and abs(age) > OLDEST)


def _digest(parts: Iterable[tuple[Any, ...]]) -> str:
    """32 hexadecimal digits of nested tuples of texts and numbers."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        # In this form the bytes hang on nothing but the values; a later one tells apart what is one
        # object and what is only equal.
        digest.update(marshal.dumps(part, _PLAIN))
    return digest.hexdigest()


def _kept(item: Item, paths: Mapping[str, str]) -> tuple[object, ...]:
    """How an item is kept, as far as anything is learnt from it."""
    filed = sorted({paths[key] for key in item.collections if key in paths})
    tags = sorted({(tag.name, tag.automatic) for tag in item.tags})
    added_at = item.added_at.timestamp() if item.added_at else None
    return item.key, filed, tags, added_at, item.added_by


def _said(paper: Paper) -> tuple[object, ...]:
    """What a paper says, as far as anything is learnt from it."""
    authors = tuple((author.family, author.given) for author in paper.authors)
    ids, references = (tuple(map(str, names)) for names in (paper.ids, paper.references))
    return paper.title, paper.abstract, authors, paper.venue, paper.categories, ids, references
