"""What a cycle reads: the libraries, what they say of the suggestions, and the sources' pages."""

import logging
from collections.abc import Mapping
from datetime import datetime
from traceback import format_tb

from recommender.cycle.profile import Profile
from recommender.errors import IntegrationError, PermanentError
from recommender.feedback import learnt
from recommender.library import Library
from recommender.ports import ReferenceManager
from recommender.records import Failure
from recommender.store import Store
from recommender.suggestions import State
from recommender.sync import plan

_log = logging.getLogger(__name__)


def sync(manager: ReferenceManager, store: Store) -> Library:
    """Bring the store's copy of a library up to date, and give it.

    Raises:
        IntegrationError: If the library cannot be read.
        StoreError: If the store cannot be used.
    """
    changes = manager.changes(store.library_version(manager.name))
    if changes.unchanged:
        return store.library(manager.name)
    if changes.another:
        # Before anything is saved: cut off here, the next sync is told the same.
        store.forget_seen()
    todo = plan(store.known_entries(manager.name), changes)
    store.save_entries(
        manager.name,
        ((entry, changes.entries[entry.key]) for entry in manager.fetch(todo.fetch)),
        drop=todo.drop,
        collections=todo.collections,
        version=todo.version,
    )
    return store.library(manager.name)


def libraries(profile: Profile, store: Store) -> tuple[Library, tuple[Failure, ...]]:
    """All of a profile's libraries as one; of one that fails, but the first, what was known.

    Raises:
        IntegrationError: If the first library cannot be read.
        StoreError: If the store cannot be used.
    """
    main, *others = profile.libraries
    found = [sync(main, store)]
    failures: list[Failure] = []
    for manager in others:
        try:
            found.append(sync(manager, store))
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            failures.append(failure(manager.name, error))
            found.append(store.library(manager.name))
    return Library.joined(found), tuple(failures)


def learn(profile: Profile, library: Library, store: Store, now: datetime) -> Mapping[str, State]:
    """Write down what the library says of earlier suggestions, and give the states that changed.

    What the reader got or threw away before it was delivered leaves the outbox by this, too; the
    rest of it is for the publishers that there are now.
    """
    found = learnt(store.shown(profile.name), library, profile.signs, now)
    store.record_learnt(found.states, seen=found.seen, retire=found.retire, at=now)
    store.hand_over(profile.name, publishers=[p.name for p in profile.publishers], at=now)
    return found.states


def failure(name: str, error: Exception) -> Failure:
    """What is reported of an adapter that raised; a bug in it is logged with where it happened."""
    if isinstance(error, IntegrationError):
        _log.warning("an adapter failed: %s", type(error).__name__)
        return Failure(name, error)
    # An unexpected error's text may hold anything, also what is the reader's own.
    frames = "".join(format_tb(error.__traceback__))
    _log.error("an adapter failed unexpectedly: %s\n%s", type(error).__name__, frames)
    what = f"{name}: failed unexpectedly ({type(error).__name__}); please report it"
    return Failure(name, PermanentError(name, what))
