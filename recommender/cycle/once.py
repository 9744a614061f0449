"""One cycle, from the libraries to the shelf."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from recommender.cycle import asking, choosing, enriching, fitting, followed, reading, scoring
from recommender.cycle.delivering import Delivered, deliver
from recommender.cycle.measuring import Stopwatch, peak_megabytes
from recommender.cycle.profile import Profile
from recommender.errors import IntegrationError, NothingToLearnFrom, StoreError
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
    delivers: bool = True,
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
        delivers: Whether the publishers are asked to do anything.

    Raises:
        IntegrationError: If the first library cannot be read.
        NothingToLearnFrom: If there is no paper in it that counts, and no goal or seed to go by.
        StoreError: If the store cannot be used.
    """
    start = monotonic()

    def leave(told: Mapping[str, Any]) -> None:
        finished_at = now + timedelta(seconds=monotonic() - start)
        store.record_cycle(profile.name, now, finished_at, told)

    try:
        record = _once(profile, scorer, store, now, dated, delivers)
    except Exception as error:
        where = profile.libraries[0].name if isinstance(error, _OF_THE_LIBRARY) else _OURS
        # A store that failed may hold no record either; that it failed is raised all the same.
        with suppress(StoreError):
            leave({"failures": [{"where": where, "error": type(error).__name__}]})
        raise
    leave(record.told())
    return record


def _once(
    profile: Profile,
    scorer: Scorer,
    store: Store,
    now: datetime,
    dated: _Dated | None,
    delivers: bool,  # noqa: FBT001 - handed on
) -> Record:
    watch = Stopwatch()
    library, failures = reading.libraries(profile, store)
    changed = reading.learn(profile, library, store, now)
    shown = store.shown(profile.name)
    teaching = fitting.teaching(profile, library, shown)
    watch.lap("library")
    listed = asking.asked(profile.sources, store, now)
    watch.lap("sources")
    fitted = fitting.fitted(profile, scorer, teaching, library, store, shown, now)
    watch.lap("model")
    looked, completed = _looked(profile, fitted, store, now)
    watch.lap("scores")
    at = dated(listed.listings) if dated else now
    chosen = _chosen(profile, fitted, looked, store, shown, now, at)
    store.add_suggestions(
        profile.name, chosen.suggestions, publishers=[p.name for p in profile.publishers], at=now
    )
    watch.lap("choice")
    delivered = deliver(profile, store, now) if delivers else Delivered()
    watch.lap("delivery")
    return Record(
        library=library,
        pages=listed.pages,
        sources=listed.sources,
        excluded=chosen.dropped,
        suggestions=chosen.suggestions,
        failures=(*failures, *listed.failures, *completed.failures, *delivered.failures),
        best_left=None if chosen.suggestions else scoring.best_left(profile.name, fitted, store),
        summary={**fitted.model.summary, "threshold": fitted.wishes.threshold},
        learnt=Counter({**changed, **delivered.learnt}.values()),
        n_completed=completed.n_completed,
        n_delivered=delivered.n_delivered,
        n_tidied=delivered.n_tidied,
        n_left=delivered.n_left,
        unmatched=profile.scope.unmatched(library),
        notices=fitted.notices,
        seconds=watch.seconds,
        peak_megabytes=peak_megabytes(),
    )


def _looked(
    profile: Profile, fitted: fitting.Fitted, store: Store, now: datetime
) -> tuple[scoring.Looked, enriching.Enriched]:
    """What there is to choose from, once catalogues have completed the best of it."""
    looked = scoring.looked(profile.name, fitted, store)
    could_be = looked.scored.not_in(fitted.wishes.excluded)
    completed = enriching.enriched(
        profile.catalogues, could_be, _ASKED_ABOUT * fitted.wishes.limit, store, now
    )
    if completed.n_completed:
        # Of what is known now, the model may think otherwise.
        looked = scoring.looked(profile.name, fitted, store)
    return looked, completed


def _chosen(
    profile: Profile,
    fitted: fitting.Fitted,
    looked: scoring.Looked,
    store: Store,
    shown: Sequence[Shown],
    now: datetime,
    at: datetime,
) -> choosing.Chosen:
    """What is suggested: the best, and what the reader follows; and why the rest is not."""
    waiting = _waiting(profile, store, shown, now)
    n_followed = sum(bool(one.suggestion.followed) for one in waiting)
    places = profile.following.limit - n_followed
    following = replace(profile.following, limit=max(places, 0))
    taken = followed.followed(following, fitted, store, now)
    left = followed.without(looked, taken, fitted.wishes.threshold)
    places = fitted.wishes.limit - (len(waiting) - n_followed)
    wishes = replace(fitted.wishes, limit=max(places, 0))
    chosen = choosing.chosen(left.scored, fitted.model, wishes, profile.name, shown, at)
    ids = {one.suggestion.suggestion_id for one in shown}
    more = followed.beside(chosen.suggestions, taken, following, fitted, profile.name, ids, at)
    return choosing.Chosen((*chosen.suggestions, *more), left.excluded + chosen.dropped)


def _waiting(profile: Profile, store: Store, shown: Sequence[Shown], now: datetime) -> list[Shown]:
    """What was chosen before and has a place in this cycle's delivery.

    Those are what is still to be delivered, and all that a cycle chose which was cut off: so when
    it is run again, the reader gets what they would have got, and no second helping.
    """
    if not profile.publishers:
        return []
    waiting = {
        one.suggestion_id for p in profile.publishers for one in store.pending(profile.name, p.name)
    }
    # A cycle that failed before it chose anything says nothing of the one before it.
    told = (c for c in store.last_cycles(profile.name, _ENOUGH) if "suggestions" in c.record)
    last = next(told, None)

    def takes_place(one: Shown) -> bool:
        chosen_at = one.suggestion.suggested_at
        # Its cycle left no record; it may have been cut off after the delivery.
        if not last or chosen_at > last.started_at:
            return True
        # What is refused again and again is not to take a place for ever.
        is_recent = now - chosen_at < profile.signs.expires_after
        is_waiting = one.suggestion.suggestion_id in waiting and one.delivered_at is None
        return is_waiting and is_recent

    return list(filter(takes_place, shown))


_ASKED_ABOUT = 3  # papers for each place: some of them have no place in the end
_ENOUGH = 100  # cycles that failed in a row, after which a second helping does no harm
