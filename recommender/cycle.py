"""One pass through the whole picture: sync, ingest, fit, score, select, publish.

The imperative shell: it reads through the ports, asks the pure parts what to do, and writes the
answer down. Every step may be cut off; the next cycle takes up what was written down.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import numpy as np

from recommender.arrays import Scores
from recommender.errors import BadResponse, IntegrationError, NothingToLearnFrom
from recommender.identity import Works, n_words, title_key
from recommender.ingest import Candidate, unseen
from recommender.library import Library
from recommender.listings import Listing
from recommender.papers import Skipped
from recommender.ports import Model, Publisher, ReferenceManager, Scorer, Source
from recommender.records import Failure, PageRecord, Record
from recommender.selection import Selection, Wishes, select
from recommender.store import Store
from recommender.suggestions import State, Suggestion, suggestion_id
from recommender.sync import plan

_log = logging.getLogger(__name__)

IN_LIBRARY = "already in the library"
IN_TRASH = "in the library's trash"
SUGGESTED = "suggested before"
DISMISSED = "dismissed before"

_LEAST_WORDS = 4  # two papers may both be called "Introduction"


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


def run(profile: Profile, scorer: Scorer, store: Store, *, now: datetime) -> Record:
    """One cycle for a profile; it leaves a record in the store, whether it went well or not.

    A source or publisher that fails is recorded and the rest goes on; what could not be delivered
    stays in the outbox for the next cycle.

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
        record = _once(profile, scorer, store, now)
    except (IntegrationError, NothingToLearnFrom) as error:
        leave({"failures": [{"where": profile.library.name, "error": type(error).__name__}]})
        raise
    leave(record.told())
    return record


def _once(profile: Profile, scorer: Scorer, store: Store, now: datetime) -> Record:
    library = sync(profile.library, store)
    if not any(not item.trashed for item in library.items):
        raise NothingToLearnFrom(_nothing(profile.library.name, library))
    pages, failures = _ingest(profile.sources, store, now)
    fresh, shown, excluded = _not_had(store, profile.name, library)
    # What was suggested before still tells what is usual.
    around = [candidate.paper for candidate in (*fresh, *shown)]
    model = scorer.fit(library, around, seed=profile.seed)
    scores = model.score([c.paper for c in fresh])
    wishes = profile.wishes
    if np.isnan(wishes.threshold):
        wishes = replace(wishes, threshold=model.summary["threshold"])
    selection = _selected(fresh, scores, model, wishes)
    suggestions = _suggestions(profile.name, fresh, scores, model, selection, now)
    store.add_suggestions(
        profile.name, suggestions, publishers=[p.name for p in profile.publishers], at=now
    )
    failures += _publish(profile, store, now)
    left = scores[scores < wishes.threshold]
    return Record(
        library=library,
        pages=pages,
        excluded=excluded + Counter({why.value: n for why, n in selection.dropped.items()}),
        suggestions=suggestions,
        failures=failures,
        best_left=float(left.max()) if len(left) else None,
        summary={**model.summary, "threshold": wishes.threshold},
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
    elif library.other_kinds:
        what = f"none of its entries ({library.other_kinds}) is a paper"
        now = "add papers that you like"
    else:
        what, now = "it has no entries", "add papers that you like"
    return f"{name}: there is nothing to learn from: {what}; {now}"


def _ingest(
    sources: Sequence[Source], store: Store, now: datetime
) -> tuple[tuple[PageRecord, ...], tuple[Failure, ...]]:
    listings: list[Listing] = []
    failures: list[Failure] = []
    watermarks: dict[str, datetime] = {}
    for source in sources:
        try:
            for listing in source.listings(store.watermark(source.name)):
                listings.append(listing)
                if listing.published_at:
                    watermarks[source.name] = max(
                        listing.published_at, watermarks.get(source.name, listing.published_at)
                    )
                if listing.skipped and not listing.papers:
                    failures.append(Failure(source.name, _unread(listing)))
        except IntegrationError as error:
            _log.warning("a source failed: %s", type(error).__name__)
            failures.append(Failure(source.name, error))
            listings.append(_instead(source, error))
    found = unseen(listings, store.listed_names())
    store.save_listed([*found.candidates, *found.again], watermarks=watermarks, at=now)
    pages = tuple(
        PageRecord(count=count, skipped=listing.skipped)
        for count, listing in zip(found.pages, listings, strict=True)
    )
    return pages, tuple(failures)


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
    store: Store, profile: str, library: Library
) -> tuple[list[Candidate], list[Candidate], Counter[str]]:
    """The listed papers that the reader neither has nor was shown, those shown, and the counts."""
    had = Works.of(item.paper for item in library.items)
    shown = list(store.suggestions(profile))
    seen = Works.of(suggestion.paper for suggestion, _ in shown)
    names = store.names_suggested(profile)
    fresh: list[Candidate] = []
    again: list[Candidate] = []
    excluded: Counter[str] = Counter()
    for candidate in store.candidates():
        if (row := had.match(candidate.paper)) is not None:
            excluded[IN_TRASH if library.items[row].trashed else IN_LIBRARY] += 1
        elif (row := seen.match(candidate.paper)) is not None:
            excluded[DISMISSED if shown[row][1] is State.DISMISSED else SUGGESTED] += 1
            again.append(candidate)
        elif not names.isdisjoint(candidate.names):
            excluded[SUGGESTED] += 1
            again.append(candidate)
        else:
            fresh.append(candidate)
    return fresh, again, excluded


def _selected(
    fresh: Sequence[Candidate], scores: Scores, model: Model, wishes: Wishes
) -> Selection:
    papers = [c.paper for c in fresh]
    first_with: dict[str, int] = {}
    works = np.arange(len(papers))
    for row, paper in enumerate(papers):
        if n_words(paper.title) >= _LEAST_WORDS:
            works[row] = first_with.setdefault(title_key(paper.title), row)
    return select(scores, model.vectors(papers), model.interests(papers), works, wishes)


def _suggestions(
    profile: str,
    fresh: Sequence[Candidate],
    scores: Scores,
    model: Model,
    selection: Selection,
    now: datetime,
) -> tuple[Suggestion, ...]:
    chosen = [fresh[choice.row] for choice in selection.chosen]
    papers = [candidate.paper for candidate in chosen]
    why = model.reasons(papers)
    interests = model.interests(papers)
    return tuple(
        Suggestion(
            suggestion_id=suggestion_id(profile, candidate.names),
            paper=candidate.paper,
            rank=rank,
            score=float(scores[choice.row]),
            reasons=tuple(reasons),
            source=candidate.provenance[0].listing,
            interest="" if interest < 0 else model.interest_names[interest],
            suggested_at=now,
            exploring=choice.exploring,
        )
        for rank, (choice, candidate, reasons, interest) in enumerate(
            zip(selection.chosen, chosen, why, interests, strict=True), 1
        )
    )


def _publish(profile: Profile, store: Store, now: datetime) -> tuple[Failure, ...]:
    failures: list[Failure] = []
    for publisher in profile.publishers:
        try:
            receipts = publisher.publish(store.pending(profile.name, publisher.name))
        except IntegrationError as error:
            _log.warning("a publisher failed: %s", type(error).__name__)
            failures.append(Failure(publisher.name, error))
            continue
        store.record_receipts(publisher.name, receipts, at=now)
        failures += [
            Failure(publisher.name, IntegrationError(publisher.name, receipt.failure))
            for receipt in receipts
            if receipt.failure
        ]
    return tuple(failures)
