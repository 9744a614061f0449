"""One pass through the whole picture: sync, ingest, fit, score, select, publish.

The imperative shell: it reads through the ports, asks the pure parts what to do, and writes the
answer down. Every step may be cut off; the next cycle takes up what was written down.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from traceback import format_tb
from typing import Any

import numpy as np

from recommender.arrays import Rows, Scores
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NothingToLearnFrom,
    PermanentError,
    StoreError,
)
from recommender.identity import Works, title_key
from recommender.ingest import Candidate, first_versions, names_on, unseen
from recommender.library import Item, Library
from recommender.listings import Listing
from recommender.papers import Paper, Skipped
from recommender.ports import Model, Publisher, ReferenceManager, Scorer, Source
from recommender.records import Failure, PageRecord, Record
from recommender.selection import Selection, Wishes, select
from recommender.store import Store
from recommender.suggestions import State, Suggestion, suggestion_ids
from recommender.sync import plan

_log = logging.getLogger(__name__)

IN_LIBRARY = "already in the library"
IN_TRASH = "in the library's trash"
SUGGESTED = "suggested before"
DISMISSED = "dismissed before"

_Dated = Callable[[Sequence[Listing]], datetime]
_OF_THE_LIBRARY = (IntegrationError, NothingToLearnFrom)
_OURS = "this program"  # where a record says that a cycle failed that no adapter is to blame for


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One reader's settings for a cycle.

    Attributes:
        seed: For whatever the model draws at random.
    """

    name: str
    library: ReferenceManager
    sources: Sequence[Source]
    publishers: Sequence[Publisher] = ()
    wishes: Wishes = field(default_factory=Wishes)
    seed: int = 0


def run(
    profile: Profile,
    scorer: Scorer,
    store: Store,
    *,
    now: datetime,
    dated: _Dated | None = None,
) -> Record:
    """One cycle for a profile; it leaves a record in the store, whatever happens.

    A source or publisher that fails is recorded and the rest goes on; what could not be delivered
    stays in the outbox for the next cycle.

    Args:
        profile: Whose cycle it is.
        scorer: What learns from the library.
        store: What outlives the cycle.
        now: When this is.
        dated: When the suggestions are made, by the pages that were read; ``now`` without it.

    Raises:
        IntegrationError: If the library cannot be read.
        NothingToLearnFrom: If there is no paper in it.
        StoreError: If the store cannot be used.
    """
    start = monotonic()

    def leave(told: Mapping[str, Any]) -> None:
        finished_at = now + timedelta(seconds=monotonic() - start)
        store.record_cycle(profile.name, now, finished_at, told)

    try:
        record = _once(profile, scorer, store, now, dated)
    except Exception as error:
        where = profile.library.name if isinstance(error, _OF_THE_LIBRARY) else _OURS
        # A store that failed may hold no record either; that it failed is raised all the same.
        with suppress(StoreError):
            leave({"failures": [{"where": where, "error": type(error).__name__}]})
        raise
    leave(record.told())
    return record


def _once(
    profile: Profile, scorer: Scorer, store: Store, now: datetime, dated: _Dated | None
) -> Record:
    library = sync(profile.library, store)
    if not any(not item.trashed for item in library.items):
        raise NothingToLearnFrom(_nothing(profile.library.name, library))
    had = _Had.of(library)
    settled = _settle(profile.name, had, store, now)
    listings, watermarks, failures = _read(profile.sources, store, now)
    pages = _ingest(listings, watermarks, store, now)
    shown = list(store.suggestions(profile.name))
    fresh, again, excluded = _not_had(store, had, shown)
    # What was suggested before still tells what is usual.
    around = [candidate.paper for candidate in (*fresh, *again)]
    model = scorer.fit(library, around, seed=profile.seed)
    wishes = profile.wishes
    if np.isnan(wishes.threshold):
        wishes = replace(wishes, threshold=model.summary["threshold"])
    scored = _Scored.by(model, fresh)
    selection = _selected(scored, model, wishes)
    suggestions = _suggestions(
        profile.name,
        scored,
        model,
        selection,
        taken={suggestion.suggestion_id for suggestion, _ in shown},
        at=dated(listings) if dated else now,
    )
    store.add_suggestions(
        profile.name, suggestions, publishers=[p.name for p in profile.publishers], at=now
    )
    failures += _publish(profile, store, now)
    left = scored.scores[scored.scores < wishes.threshold]
    return Record(
        library=library,
        pages=pages,
        excluded=excluded + Counter({why.value: n for why, n in selection.dropped.items()}),
        suggestions=suggestions,
        failures=failures,
        best_left=float(left.max()) if len(left) else None,
        summary={**model.summary, "threshold": wishes.threshold},
        settled=settled,
    )


def sync(manager: ReferenceManager, store: Store) -> Library:
    """Bring the store's copy of a library up to date, and give it.

    Raises:
        IntegrationError: If the library cannot be read.
        StoreError: If the store cannot be used.
    """
    changes = manager.changes(store.library_version(manager.name))
    todo = plan(store.known_entries(manager.name), changes)
    store.save_entries(
        manager.name,
        ((entry, changes.entries[entry.key]) for entry in manager.fetch(todo.fetch)),
        drop=todo.drop,
        collections=todo.collections,
        version=todo.version,
    )
    return store.library(manager.name)


def _nothing(name: str, library: Library) -> str:
    """What a library without papers holds instead, and what to do."""
    if library.items:
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


@dataclass(frozen=True, slots=True)
class _Had:
    """What the reader has or threw away, to be asked for papers.

    Attributes:
        items: What is kept first, so that a paper that was thrown away and is kept too is kept.
        works: The same, by identity.
    """

    items: Sequence[Item]
    works: Works

    @classmethod
    def of(cls, library: Library) -> "_Had":
        items = sorted(library.items, key=lambda item: item.trashed)
        return cls(items, Works.of(item.paper for item in items))

    def match(self, papers: Iterable[Paper]) -> Item | None:
        """The first item that is the same work as one of these versions of a paper."""
        row = _match(self.works, papers)
        return None if row is None else self.items[row]


def _match(works: Works, papers: Iterable[Paper]) -> int | None:
    found = (works.match(paper) for paper in dict.fromkeys(papers))
    return next((row for row in found if row is not None), None)


def _settle(profile: str, had: _Had, store: Store, now: datetime) -> Mapping[State, int]:
    """Take out of the outbox what the reader got or threw away before it was delivered."""
    states: dict[str, State] = {}
    for suggestion, _ in store.suggestions(profile, {State.PENDING}):
        if item := had.match([suggestion.paper]):
            states[suggestion.suggestion_id] = State.DISMISSED if item.trashed else State.KEPT
    store.record_states(states, at=now)
    return Counter(states.values())


def _read(
    sources: Sequence[Source], store: Store, now: datetime
) -> tuple[list[Listing], dict[str, datetime], tuple[Failure, ...]]:
    """The pages of all sources, and up to when each was read; one that fails stops no other."""
    listings: list[Listing] = []
    watermarks: dict[str, datetime] = {}
    failures: list[Failure] = []
    for source in sources:
        since = store.watermark(source.name)
        try:
            # A watermark in the future would hide what is published until then.
            for listing in source.listings(min(since, now) if since else None):
                at = listing.published_at
                # What claims to come from the future says nothing of how far was read.
                if at and at <= now:
                    watermarks[source.name] = max(at, watermarks.get(source.name, at))
                if listing.skipped and not listing.papers:
                    failures.append(Failure(source.name, _unread(listing)))
                listings.append(listing)
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            failure = _failure(source.name, error)
            failures.append(failure)
            listings.append(_instead(source, failure.error))
    return listings, watermarks, tuple(failures)


def _ingest(
    listings: Sequence[Listing], watermarks: Mapping[str, datetime], store: Store, now: datetime
) -> tuple[PageRecord, ...]:
    found = unseen(listings, store.candidates_named(names_on(listings)))
    store.save_listed([*found.candidates, *found.again], watermarks=watermarks, at=now)
    return tuple(
        PageRecord(count=count, skipped=listing.skipped)
        for count, listing in zip(found.pages, listings, strict=True)
    )


def _failure(name: str, error: Exception) -> Failure:
    """What is reported of an adapter that raised; a bug in it is logged with where it happened."""
    if isinstance(error, IntegrationError):
        _log.warning("an adapter failed: %s", type(error).__name__)
        return Failure(name, error)
    # An unexpected error's text may hold anything, also what is the reader's own.
    frames = "".join(format_tb(error.__traceback__))
    _log.error("an adapter failed unexpectedly: %s\n%s", type(error).__name__, frames)
    what = f"{name}: failed unexpectedly ({type(error).__name__}); please report it"
    return Failure(name, PermanentError(name, what))


def _unread(listing: Listing) -> BadResponse:
    """The failure that a page is of which nothing could be read."""
    first = listing.skipped[0]
    # What went wrong with the page as a whole is said of the page itself.
    where = "" if first.place == listing.name else f"nothing in it can be read: {first.place}: "
    return BadResponse(listing.name, f"{listing.name}: {where}{first.reason}")


def _instead(source: Source, error: IntegrationError) -> Listing:
    """The page that stands in the record for what a failing source did not give."""
    reason = str(error).removeprefix(f"{error.service}: ")
    skipped = (Skipped(error.service, reason),)
    return Listing(source=source.name, name=error.service, papers=(), skipped=skipped)


def _not_had(
    store: Store, had: _Had, shown: Sequence[tuple[Suggestion, State]]
) -> tuple[list[Candidate], list[Candidate], Counter[str]]:
    """The listed papers that the reader neither has nor was shown, those shown, and the counts."""
    seen = Works.of(suggestion.paper for suggestion, _ in shown)
    fresh: list[Candidate] = []
    again: list[Candidate] = []
    excluded: Counter[str] = Counter()
    for candidate in store.candidates():
        # Put together from several versions, a paper may be like none of them.
        papers = (candidate.paper, *candidate.versions)
        if item := had.match(papers):
            excluded[IN_TRASH if item.trashed else IN_LIBRARY] += 1
        elif (row := _match(seen, papers)) is not None:
            excluded[DISMISSED if shown[row][1] is State.DISMISSED else SUGGESTED] += 1
            again.append(candidate)
        else:
            fresh.append(candidate)
    return fresh, again, excluded


@dataclass(frozen=True, slots=True)
class _Scored:
    """Candidates with what a model says of them.

    Attributes:
        scores: ``(n,)``; NaN = no opinion.
        interests: ``(n,)``; -1 = no opinion.
    """

    candidates: Sequence[Candidate]
    scores: Scores
    interests: Rows

    @classmethod
    def by(cls, model: Model, candidates: Sequence[Candidate]) -> "_Scored":
        papers = [candidate.paper for candidate in candidates]
        return cls(candidates, model.score(papers), model.interests(papers))


def _selected(scored: _Scored, model: Model, wishes: Wishes) -> Selection:
    vectors = model.vectors([candidate.paper for candidate in scored.candidates])
    works = _works(scored, wishes.threshold)
    return select(scored.scores, vectors, scored.interests, works, wishes)


def _works(scored: _Scored, threshold: float) -> Rows:
    """A number for each candidate, the same for versions of one work: the best one's row.

    Only those that could be chosen are compared.
    """
    numbers = np.arange(len(scored.candidates))
    order = np.argsort(-scored.scores, kind="stable")
    passing = order[scored.scores[order] >= threshold]
    firsts = first_versions(scored.candidates[row].paper for row in passing)
    numbers[passing] = passing[firsts]
    return numbers


def _suggestions(
    profile: str,
    scored: _Scored,
    model: Model,
    selection: Selection,
    *,
    taken: Collection[str],
    at: datetime,
) -> tuple[Suggestion, ...]:
    chosen = [scored.candidates[choice.row] for choice in selection.chosen]
    why = model.reasons([candidate.paper for candidate in chosen])
    interests = scored.interests[[choice.row for choice in selection.chosen]]
    # Behind its names stands one that is nobody else's: papers that share every name have other
    # titles.
    chosen_names = [(*c.names, f"{c.names[0]} {title_key(c.paper.title)}") for c in chosen]
    ids = suggestion_ids(profile, chosen_names, taken)
    return tuple(
        Suggestion(
            suggestion_id=own_id,
            paper=candidate.paper,
            rank=rank,
            score=float(scored.scores[choice.row]),
            reasons=tuple(reasons),
            source=candidate.provenance[0].listing,
            interest="" if interest < 0 else model.interest_names[interest],
            suggested_at=at,
            exploring=choice.exploring,
        )
        for rank, (choice, candidate, reasons, interest, own_id) in enumerate(
            zip(selection.chosen, chosen, why, interests, ids, strict=True), 1
        )
    )


def _publish(profile: Profile, store: Store, now: datetime) -> tuple[Failure, ...]:
    failures: list[Failure] = []
    for publisher in profile.publishers:
        pending = store.pending(profile.name, publisher.name)
        try:
            receipts = tuple(publisher.publish(pending))
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            failures.append(_failure(publisher.name, error))
            continue
        store.record_receipts(publisher.name, receipts, at=now)
        failures += [
            Failure(publisher.name, IntegrationError(publisher.name, receipt.failure))
            for receipt in receipts
            if receipt.failure
        ]
    return tuple(failures)
