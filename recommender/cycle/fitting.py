"""What a cycle learns from, and what it has learnt."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.cycle.choosing import Had, not_had
from recommender.cycle.profile import Profile
from recommender.errors import NothingToLearnFrom
from recommender.feedback import dislikes, evidence, outright
from recommender.ingest import Candidate
from recommender.library import Library
from recommender.ports import Model, Scorer
from recommender.selection import Wishes
from recommender.suggestions import Shown


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt, and what can be suggested by it.

    Attributes:
        fresh: The listed papers that the reader neither has nor was shown.
        excluded: How many of the others there are, by reason.
        wishes: The profile's, with a threshold.
    """

    model: Model
    fresh: Sequence[Candidate]
    excluded: Counter[str]
    wishes: Wishes


def teaching(profile: Profile, library: Library, shown: Sequence[Shown]) -> Library:
    """What the model learns from: what counts of the library, and what the reader called good.

    Raises:
        NothingToLearnFrom: If that is nothing.
    """
    counting = profile.scope.of(evidence(library, shown, profile.signs))
    live = {item.key for item in counting.items if not item.trashed}
    good = outright(library, shown, profile.signs)
    items = (*counting.items, *(item for item in good if item.key not in live))
    if all(item.trashed for item in items):
        name = profile.libraries[0].name if profile.libraries else "the library"
        raise NothingToLearnFrom(_nothing(name, library))
    return replace(counting, items=items)


def fitted(
    profile: Profile,
    scorer: Scorer,
    taught: Library,
    library: Library,
    listed: Iterable[Candidate],
    shown: Sequence[Shown],
) -> Fitted:
    """A model of the reader, with the listed papers around it.

    Args:
        profile: Whose it is.
        scorer: What learns.
        taught: What it learns from.
        library: All that the reader has.
        listed: Every listed paper.
        shown: What was suggested before.
    """
    fresh, again, excluded = not_had(listed, Had.of(library), shown)
    model = scorer.fit(
        taught,
        # What was suggested before still tells what is usual.
        [candidate.paper for candidate in (*fresh, *again)],
        seed=profile.seed,
        dislikes=dislikes(shown, profile.signs.expired_weight),
    )
    wishes = profile.wishes
    if np.isnan(wishes.threshold):
        wishes = replace(wishes, threshold=model.summary["threshold"])
    return Fitted(model, fresh, excluded, wishes)


def _nothing(name: str, library: Library) -> str:
    """What a library without papers that count holds instead, and what to do."""
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
    return f"{name}: there is nothing to learn from: {what}; {now}"
