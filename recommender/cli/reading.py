"""Runs of the daemon between whole ones: the library is read, or the sources."""

from datetime import UTC, datetime
from functools import partial

from recommender import config, cycle
from recommender.agenda import Work
from recommender.cli import opening, telling
from recommender.config import Settings
from recommender.cycle import between
from recommender.cycle.between import PartRecord
from recommender.errors import IntegrationError
from recommender.store import Store, rescue
from recommender.store.lock import Lock


def done(settings: Settings, work: Work) -> PartRecord:
    """Do a part of a cycle of a profile, and give its account, which the store has, too.

    Args:
        settings: The profile's.
        work: ``INGEST`` or ``SYNC``.

    Raises:
        RecommenderError: If the settings, the library or the store cannot be used, or another
            process is running a cycle.
    """
    path, now = config.store_file(settings), datetime.now(UTC)
    do = _ingested if work is Work.INGEST else _synced
    with Lock.taken(path, command="shelfwise daemon", at=now):
        return rescue.using(path, now, telling.problem, partial(do, settings, now))


def _ingested(settings: Settings, now: datetime, store: Store) -> PartRecord:
    # Whether the library can be reached does not matter.
    listed = opening.sources(settings, now)
    profile = cycle.Profile(name=settings.name, libraries=(), sources=listed)
    return between.ingest(profile, store, now=now)


def _synced(settings: Settings, now: datetime, store: Store) -> PartRecord:
    try:
        profile = opening.profile(settings, store, now)
    except IntegrationError as error:
        failure = {"where": error.service, "error": type(error).__name__}
        told = {"work": Work.SYNC.value, "failures": [failure]}
        store.record_cycle(settings.name, now, now, told)
        raise
    return between.sync(profile, store, now=now)
