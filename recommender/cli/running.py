"""``shelfwise run``: one cycle of each profile in the config, or of one of them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from recommender import config, cycle
from recommender.cli import (
    channels,
    opening,
    output,
    scorers,
    telling,
    telling_cycles,
    telling_waiting,
)
from recommender.cli.exits import exit_code
from recommender.config import Settings
from recommender.errors import ConfigError, IntegrationError, RecommenderError
from recommender.records import Record
from recommender.store import Store, rescue
from recommender.store.lock import Lock

_Watched = Callable[[cycle.Profile], AbstractContextManager[cycle.Profile]]


def run(config_file: Path | None, *, is_dry: bool, as_json: bool, profile: str = "") -> int:
    """Do a cycle of each profile, tell what it did, and give the exit code.

    Args:
        config_file: Another than the usual one.
        is_dry: Nothing is written or delivered.
        as_json: For a program.
        profile: The only one that is meant; empty for all.

    Raises:
        RecommenderError: If the settings, the library or the store cannot be used, or another
            process is running a cycle. Where there are several profiles, each is told of its own
            trouble, and the settings alone can keep all from being done.
    """
    profiles = config.read_all(config_file, profile)
    if len(profiles) > 1:
        return _each(profiles, is_dry=is_dry, as_json=as_json)
    return _told(profiles[0], is_dry=is_dry, as_json=as_json, answer=output.json_text)


def _each(profiles: Sequence[Settings], *, is_dry: bool, as_json: bool) -> int:
    answers: dict[str, Any] = {}
    codes = set()
    for one in profiles:
        if not as_json:
            telling.heading(one.name)
        answer = partial(answers.__setitem__, one.name)
        try:
            codes.add(_told(one, is_dry=is_dry, as_json=as_json, answer=answer))
        except RecommenderError as error:
            answer({"error": str(error)})
            telling.failure(one.name, error)
            codes.add(exit_code(error))
    if as_json:
        output.json_text(answers)
    return telling_cycles.code_of_all(codes)


def _told(
    settings: Settings, *, is_dry: bool, as_json: bool, answer: Callable[[dict[str, Any]], None]
) -> int:
    """A cycle, told, and its exit code."""
    watched = telling_waiting.shown
    now = datetime.now(UTC)
    record = _rehearsed(settings, now, watched) if is_dry else done(settings, watched)
    files = opening.files(settings).values()
    telling_cycles.tell_own(record, files, as_json=as_json, is_dry=is_dry, answer=answer)
    return telling_cycles.code_of(record)


def done(settings: Settings, watched: _Watched = nullcontext) -> Record:
    """Do a cycle of a profile, and give its account, which the store has, too.

    Args:
        settings: The profile's.
        watched: Is around the cycle, with the profile that it is told; so a person can look on.

    Raises:
        RecommenderError: As for ``run``.
    """
    path, now = config.store_file(settings), datetime.now(UTC)
    with Lock.taken(path, command="shelfwise run", at=now):
        return rescue.using(path, now, telling.problem, partial(_cycle, settings, now, watched))


def _cycle(settings: Settings, now: datetime, watched: _Watched, store: Store) -> Record:
    try:
        profile = opening.profile(settings, store, now)
    except (ConfigError, IntegrationError) as error:
        where = error.service if isinstance(error, IntegrationError) else "the config"
        told = {"failures": [{"where": where, "error": type(error).__name__}]}
        store.record_cycle(settings.name, now, now, told)
        # The config may be what keeps the reader from being told.
        with suppress(ConfigError):
            telling = channels.telling(settings, store, now)
            nothing = cycle.Profile(name=settings.name, libraries=(), sources=(), telling=telling)
            cycle.tell(nothing, store, now, None)
        raise
    with watched(profile) as profile:
        record = cycle.run(profile, scorers.own(settings, store, now), store, now=now)
    store.tidy(
        now,
        runs=timedelta(days=settings.keep.runs_days),
        listed=timedelta(days=settings.keep.listed_days),
    )
    return record


def _rehearsed(settings: Settings, now: datetime, watched: _Watched) -> Record:
    """What a cycle would do, on a copy of the store that is thrown away."""
    path = config.store_file(settings)
    with Store.open(path if path.exists() else None) as store, store.copy() as copy:
        profile = opening.profile(settings, copy, now)
        scorer = scorers.own(settings, copy, now)
        with watched(profile) as profile:
            return cycle.run(profile, scorer, copy, now=now, delivers=False)
