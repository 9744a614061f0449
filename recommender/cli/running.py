"""``shelfwise run``: one cycle of the profile in the config."""

from datetime import UTC, datetime
from pathlib import Path

from recommender import config, cycle
from recommender.cli import opening, scorers, telling_cycles
from recommender.config import Settings
from recommender.errors import IntegrationError
from recommender.records import Record
from recommender.store import Store
from recommender.store.lock import Lock


def run(config_file: Path | None, *, is_dry: bool, as_json: bool) -> int:
    """Do one cycle, tell what it did, and give the exit code.

    Raises:
        RecommenderError: If the settings, the library or the store cannot be used, or another
            process is running a cycle.
    """
    settings = config.read_own(config_file)
    now = datetime.now(UTC)
    record = _rehearsed(settings, now) if is_dry else _done(settings, now)
    files = opening.files(settings).values()
    telling_cycles.tell_own(record, files, as_json=as_json, is_dry=is_dry)
    return telling_cycles.code_of(record)


def _done(settings: Settings, now: datetime) -> Record:
    path = config.store_file(settings)
    with Lock.taken(path, command="shelfwise run", at=now), Store.open(path) as store:
        try:
            profile = opening.profile(settings, store, now)
        except IntegrationError as error:
            told = {"failures": [{"where": error.service, "error": type(error).__name__}]}
            store.record_cycle(opening.PROFILE, now, now, told)
            raise
        return cycle.run(profile, scorers.own(settings, store, now), store, now=now)


def _rehearsed(settings: Settings, now: datetime) -> Record:
    """What a cycle would do, on a copy of the store that is thrown away."""
    path = config.store_file(settings)
    with Store.open(path if path.exists() else None) as store, store.copy() as copy:
        profile = opening.profile(settings, copy, now)
        scorer = scorers.own(settings, copy, now)
        return cycle.run(profile, scorer, copy, now=now, delivers=False)
