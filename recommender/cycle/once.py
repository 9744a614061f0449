"""One cycle, from the libraries to the shelf."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import numpy as np

from recommender.cycle import choosing, reading
from recommender.cycle.choosing import Had, Scored
from recommender.cycle.delivering import deliver
from recommender.cycle.profile import Profile
from recommender.errors import IntegrationError, NothingToLearnFrom, StoreError
from recommender.feedback import dislikes, evidence
from recommender.library import Library
from recommender.listings import Listing
from recommender.ports import Scorer
from recommender.records import Record
from recommender.store import Store
from recommender.suggestions import Shown

_Dated = Callable[[Sequence[Listing]], datetime]
_OF_THE_LIBRARY = (IntegrationError, NothingToLearnFrom)
_OURS = "this program"  # where a record says that a cycle failed that no adapter is to blame for


def run(
    profile: Profile,
    scorer: Scorer,
    store: Store,
    *,
    now: datetime,
    dated: _Dated | None = None,
) -> Record:
    """One cycle for a profile; it leaves a record in the store, whatever happens.

    A source, publisher or further library that fails is recorded and the rest goes on; what could
    not be delivered stays in the outbox for the next cycle, and counts as some of what that one may
    suggest.

    Args:
        profile: Whose cycle it is.
        scorer: What learns from the library.
        store: What outlives the cycle.
        now: When this is.
        dated: When the suggestions are made, by the pages that were read; ``now`` without it.

    Raises:
        IntegrationError: If the first library cannot be read.
        NothingToLearnFrom: If there is no paper in it that counts.
        StoreError: If the store cannot be used.
    """
    start = monotonic()

    def leave(told: Mapping[str, Any]) -> None:
        finished_at = now + timedelta(seconds=monotonic() - start)
        store.record_cycle(profile.name, now, finished_at, told)

    try:
        record = _once(profile, scorer, store, now, dated)
    except Exception as error:
        where = profile.libraries[0].name if isinstance(error, _OF_THE_LIBRARY) else _OURS
        # A store that failed may hold no record either; that it failed is raised all the same.
        with suppress(StoreError):
            leave({"failures": [{"where": where, "error": type(error).__name__}]})
        raise
    leave(record.told())
    return record


def _once(
    profile: Profile, scorer: Scorer, store: Store, now: datetime, dated: _Dated | None
) -> Record:
    library, failures = reading.libraries(profile, store)
    changed = reading.learn(profile, library, store, now)
    shown = store.shown(profile.name)
    counting = profile.scope.of(evidence(library, shown, profile.signs))
    if not any(not item.trashed for item in counting.items):
        raise NothingToLearnFrom(_nothing(profile.libraries[0].name, library))
    listings, pages, unread = reading.pages(profile.sources, store, now)
    fresh, again, excluded = choosing.not_had(store.candidates(), Had.of(library), shown)
    # What was suggested before still tells what is usual.
    around = [candidate.paper for candidate in (*fresh, *again)]
    unwanted = dislikes(shown, profile.signs.expired_weight)
    model = scorer.fit(counting, around, seed=profile.seed, dislikes=unwanted)
    places = profile.wishes.limit - _n_waiting(profile, store, shown, now)
    wishes = replace(profile.wishes, limit=max(places, 0))
    if np.isnan(wishes.threshold):
        wishes = replace(wishes, threshold=model.summary["threshold"])
    scored = Scored.by(model, fresh)
    selection = choosing.selected(scored, model, wishes)
    suggestions = choosing.suggestions_of(
        profile.name,
        scored,
        model,
        selection,
        taken={one.suggestion.suggestion_id for one in shown},
        at=dated(listings) if dated else now,
    )
    store.add_suggestions(
        profile.name, suggestions, publishers=[p.name for p in profile.publishers], at=now
    )
    delivered = deliver(profile, store, now)
    left = scored.scores[scored.scores < wishes.threshold]
    return Record(
        library=library,
        pages=pages,
        excluded=excluded + Counter({why.value: n for why, n in selection.dropped.items()}),
        suggestions=suggestions,
        failures=(*failures, *unread, *delivered.failures),
        best_left=float(left.max()) if len(left) else None,
        summary={**model.summary, "threshold": wishes.threshold},
        learnt=Counter(changed.values()),
        n_delivered=delivered.n_delivered,
        n_tidied=delivered.n_tidied,
        n_left=delivered.n_left,
        unmatched=profile.scope.unmatched(library),
    )


def _n_waiting(profile: Profile, store: Store, shown: Sequence[Shown], now: datetime) -> int:
    """How many places of this cycle's delivery belong to what was chosen before.

    Those are what is still to be delivered, and all that a cycle chose which was cut off: so when
    it is run again, the reader gets what they would have got, and no second helping.
    """
    if not profile.publishers:
        return 0
    waiting = {
        one.suggestion_id for p in profile.publishers for one in store.pending(profile.name, p.name)
    }
    last = store.last_cycles(profile.name, 1)

    def takes_place(one: Shown) -> bool:
        chosen_at = one.suggestion.suggested_at
        # Its cycle left no record; it may have been cut off after the delivery.
        if not last or chosen_at > last[0].started_at:
            return True
        # What is refused again and again is not to take a place for ever.
        is_recent = now - chosen_at < profile.signs.expires_after
        is_waiting = one.suggestion.suggestion_id in waiting and one.delivered_at is None
        return is_waiting and is_recent

    return sum(map(takes_place, shown))


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
