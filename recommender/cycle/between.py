"""What is done between whole cycles: the libraries are read, or the sources. Nothing is delivered.

A whole cycle does all of this too, and finds it done.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from recommender.agenda import Work
from recommender.cycle import asking, reading
from recommender.cycle.measuring import Stopwatch
from recommender.cycle.profile import Profile
from recommender.cycle.recording import recorded
from recommender.records import Failure, SourceRecord
from recommender.store import Store
from recommender.suggestions import State


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecord:
    """What a run did that does a part of a cycle.

    Attributes:
        failures: What failed; the rest went on.
        learnt: How many suggestions changed their state by what the reader did, by the new state.
        sources: How each source was.
        seconds: How long each stage took, by its name.
    """

    failures: tuple[Failure, ...]
    learnt: Mapping[State, int] = field(default_factory=dict)
    sources: tuple[SourceRecord, ...] = ()
    seconds: Mapping[str, float]

    def told(self) -> dict[str, Any]:
        """What is kept of it, for JSON."""
        return {
            "learnt": {state.value: n for state, n in self.learnt.items()},
            "sources": [source.told() for source in self.sources],
            "failures": [
                {"where": failure.where, "error": type(failure.error).__name__}
                for failure in self.failures
            ],
            "seconds": dict(self.seconds),
        }


def sync(profile: Profile, store: Store, *, now: datetime) -> PartRecord:
    """Read the libraries, and write down what they say of the suggestions.

    Raises:
        IntegrationError: If the first library cannot be read.
        StoreError: If the store cannot be used.
    """
    return recorded(profile, store, now, partial(_synced, profile, store, now), Work.SYNC)


def ingest(profile: Profile, store: Store, *, now: datetime) -> PartRecord:
    """Read the sources; of the profile, they and the name alone count.

    Raises:
        StoreError: If the store cannot be used.
    """
    return recorded(profile, store, now, partial(_ingested, profile, store, now), Work.INGEST)


def _synced(profile: Profile, store: Store, now: datetime) -> PartRecord:
    watch = Stopwatch()
    library, failures = reading.libraries(profile, store)
    changed = reading.learn(profile, library, store, now)
    watch.lap("library")
    return PartRecord(failures=failures, learnt=Counter(changed.values()), seconds=watch.seconds)


def _ingested(profile: Profile, store: Store, now: datetime) -> PartRecord:
    watch = Stopwatch()
    listed = asking.asked(profile.sources, store, now)
    watch.lap("sources")
    return PartRecord(failures=listed.failures, sources=listed.sources, seconds=watch.seconds)
