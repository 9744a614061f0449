"""What a cycle learns from, and what it has learnt: now, or in an earlier cycle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

import numpy as np

from recommender.cycle.choosing import Had, Known
from recommender.cycle.profile import Profile
from recommender.cycle.remembering import Learner, Lesson, latest
from recommender.errors import NothingToLearnFrom
from recommender.feedback import dislikes, evidence, outright
from recommender.guidance import Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.identity import work_name
from recommender.library import Library
from recommender.papers import Paper
from recommender.ports import Model, Scorer
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import Shown


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt, and what can be suggested by it.

    Attributes:
        fingerprint: Of everything that the model was learnt from.
        known: What the reader has, was shown or named.
        wishes: The profile's, with a threshold and the model's interests that are excluded.
        guidance: What the reader asks for, with the papers that the profile's ids name.
        notices: What the profile asks for and could not be had, and what was damaged; a plain
            sentence each.
    """

    model: Model
    fingerprint: str
    known: Known
    wishes: Wishes
    guidance: Guidance
    notices: tuple[str, ...]


def teaching(profile: Profile, library: Library, shown: Sequence[Shown]) -> Library:
    """What the model learns from: what counts of the library, and what the reader called good.

    Raises:
        NothingToLearnFrom: If that is nothing, and the reader asks for nothing either.
    """
    counting = profile.scope.of(evidence(library, shown, profile.signs))
    live = {item.key for item in counting.items if not item.trashed}
    good = outright(library, shown, profile.signs)
    items = (*counting.items, *(item for item in good if item.key not in live))
    is_asked = profile.guidance.teaches or profile.seed_ids
    if not is_asked and all(item.trashed for item in items):
        raise NothingToLearnFrom(_nothing(profile, library))
    return replace(counting, items=items)


def fitted(
    profile: Profile,
    scorer: Scorer,
    taught: Library,
    library: Library,
    store: Store,
    shown: Sequence[Shown],
    now: datetime,
) -> Fitted:
    """A model of the reader: the saved one, or where that will not do, one that is learnt now.

    Args:
        profile: Whose it is.
        scorer: What learns.
        taught: What it learns from.
        library: All that the reader has.
        store: Holds what was listed, and keeps the model.
        shown: What was suggested before.
        now: When this is.

    Raises:
        NothingToLearnFrom: If there is no paper to learn from, the seeds included, and no goal.
        StoreError: If the store cannot be used.
    """
    had = Had.of(library)
    guidance, notices = asked(profile, had, store)
    if not guidance.teaches and all(item.trashed for item in taught.items):
        raise NothingToLearnFrom(_nothing(profile, library))
    unwanted = dislikes(latest(shown), profile.signs.expired_weight)
    lesson = Lesson(taught, guidance, unwanted, profile.seed)
    known = Known.of(had, shown, guidance.seeds, profile.following, profile.listed_by)
    learner = Learner(profile.name, scorer, lesson, store, now)
    found = learner.remembered()
    if isinstance(found, str):
        notices = (*notices, found) if found else notices
        found = learner.learnt(known)
    model, fingerprint = found
    return Fitted(model, fingerprint, known, _wishes(profile, model), guidance, notices)


def _wishes(profile: Profile, model: Model) -> Wishes:
    names = enumerate(model.interest_names)
    unwanted = frozenset(row for row, name in names if profile.guidance.excludes({name}))
    wishes = replace(profile.wishes, excluded=unwanted)
    if np.isnan(wishes.threshold):
        return replace(wishes, threshold=model.summary["threshold"])
    return wishes


def asked(profile: Profile, had: Had, store: Store) -> tuple[Guidance, tuple[str, ...]]:
    """What the reader asks for, with the papers of its ids, and a sentence for each without one."""
    wanted = {work_name(seed): seed for seed in profile.seed_ids}
    if not wanted:
        return profile.guidance, ()
    found: dict[str, Paper] = {}
    # No paper goes by an ISBN, which names a book: for one, all of them are looked through.
    is_book = any(seed.scheme is Scheme.ISBN for seed in profile.seed_ids)
    listed = store.candidates() if is_book else store.candidates_named(wanted)
    for ids, paper in chain(
        ((item.paper.ids, item.paper) for item in had.items),
        ((one.ids, c.paper) for c in listed for one in (c.paper, *c.versions)),
    ):
        for name in wanted.keys() & map(work_name, ids):
            found.setdefault(name, paper)
    # In the order of the config, since that of a set is another one in each run.
    papers = (found[name] for name in wanted if name in found)
    seeds = tuple(dict.fromkeys((*profile.guidance.seeds, *papers)))
    missing = (seed for name, seed in wanted.items() if name not in found)
    return replace(profile.guidance, seeds=seeds), tuple(map(_not_found, missing))


def _not_found(seed: PaperId) -> str:
    return (
        f"No paper in the library or among the listed ones has the id {seed}: correct "
        "interests.seeds, or name a file there that holds the paper."
    )


def _nothing(profile: Profile, library: Library) -> str:
    """What a library without papers that count holds instead, and what to do."""
    name = profile.libraries[0].name if profile.libraries else "the library"
    if any(not item.trashed for item in library.items):
        what, now = "none of its papers is in the collections and tags that count", "widen them"
    elif library.items:
        what, now = "every paper in it is in the trash", "add papers that you like"
    elif library.skipped:
        first = library.skipped[0]
        what, now = f"{first.place}: {first.reason}", "export the library again"
    elif library.others:
        what = f"none of its entries ({len(library.others)}) is a paper"
        now = "add papers that you like"
    else:
        what, now = "it has no entries", "add papers that you like"
    if profile.seed_ids:
        now = f"{now}, or correct interests.seeds, which nobody has or lists"
    return f"{name}: there is nothing to learn from: {what}; {now}"
