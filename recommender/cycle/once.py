"""One cycle, from the libraries to the shelf."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from recommender import runs
from recommender.cycle import (
    asking,
    choosing,
    citing,
    enriching,
    fitting,
    followed,
    reading,
    scoring,
    telling,
)
from recommender.cycle.delivering import Delivered, deliver
from recommender.cycle.measuring import Stopwatch, peak_megabytes
from recommender.cycle.profile import Profile
from recommender.cycle.recording import last_that, recorded
from recommender.errors import StoreError
from recommender.library import Library
from recommender.listings import Listing
from recommender.ports import Scorer
from recommender.records import Failure, Record
from recommender.selection import Dropped
from recommender.store import Store
from recommender.suggestions import Shown

_Dated = Callable[[Sequence[Listing]], datetime]


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
        delivers: Whether the publishers and channels are asked to do anything.

    Raises:
        IntegrationError: If the first library cannot be read.
        NothingToLearnFrom: If there is no paper in it that counts, and no goal or seed to go by.
        StoreError: If the store cannot be used.
    """

    def once() -> Record:
        watch = Stopwatch()
        record = _suggested(profile, scorer, store, now, dated, delivers, watch)
        sent = telling.tell(profile, store, now, record.told()) if delivers else telling.Sent()
        watch.lap("digest")
        return replace(
            record,
            failures=(*record.failures, *sent.failures),
            n_editions=sent.n_editions,
            seconds=watch.seconds,
            peak_megabytes=peak_megabytes(),
        )

    try:
        return recorded(profile, store, now, once)
    except StoreError:
        raise
    except Exception:
        if delivers:
            telling.tell(profile, store, now, None)
        raise


def _suggested(
    profile: Profile,
    scorer: Scorer,
    store: Store,
    now: datetime,
    dated: _Dated | None,
    delivers: bool,  # noqa: FBT001 - handed on
    watch: Stopwatch,
) -> Record:
    """All of a cycle but what it tells, and its record so far."""
    library, failures = reading.libraries(profile, store)
    changed = reading.learn(profile, library, store, now)
    shown = store.shown(profile.name)
    library, away = _cited(profile, library, store, now)
    teaching = fitting.teaching(profile, library, shown)
    watch.lap("library")
    listed = asking.asked(profile.sources, store, now)
    watch.lap("sources")
    fitted = fitting.fitted(profile, scorer, teaching, library, store, shown, now)
    watch.lap("model")
    looked, completed = _looked(profile, fitted, store, now, away)
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
        failures=(*failures, *away, *listed.failures, *completed.failures, *delivered.failures),
        best_left=None if chosen.suggestions else scoring.best_left(profile.name, fitted, store),
        summary={**fitted.model.summary, "threshold": fitted.wishes.threshold},
        learnt=Counter({**changed, **delivered.learnt}.values()),
        n_completed=completed.n_completed,
        n_delivered=delivered.n_delivered,
        n_tidied=delivered.n_tidied,
        n_left=delivered.n_left,
        unmatched=profile.scope.unmatched(library),
        notices=fitted.notices,
    )


def _cited(
    profile: Profile, library: Library, store: Store, now: datetime
) -> tuple[Library, tuple[Failure, ...]]:
    """The library with what its papers cite, if catalogues may be asked; and those that failed."""
    if not profile.asks_about_library:
        return library, ()
    away = citing.ask(profile.catalogues, profile.scope.of(library), store, now)
    return citing.cited(library, store), away


def _looked(
    profile: Profile,
    fitted: fitting.Fitted,
    store: Store,
    now: datetime,
    away: Sequence[Failure],
) -> tuple[scoring.Looked, enriching.Enriched]:
    """What there is to choose from, once catalogues have completed the best of it."""
    looked = scoring.looked(profile.name, fitted, store)
    # Who failed a moment ago is asked in the next cycle.
    failed = {failure.where for failure in away}
    catalogues = [one for one in profile.catalogues if one.name not in failed]
    if not catalogues:
        return looked, enriching.Enriched()
    anyhow = followed.followed(profile.following, fitted, store, now).candidates
    could_be = looked.scored.not_in(fitted.wishes.excluded)
    limit = _ASKED_ABOUT * fitted.wishes.limit
    completed = enriching.enriched(catalogues, could_be, limit, store, now, anyhow=anyhow)
    if completed.n_completed:
        # Of what is known now, the model may think otherwise.
        looked = scoring.looked(profile.name, fitted, store)
        others = Counter({Dropped.OTHER_VERSION.value: completed.n_joined})
        looked = replace(looked, excluded=looked.excluded + others)
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
    last = last_that(store, profile.name, runs.is_whole)

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
