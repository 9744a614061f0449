"""``shelfwise status``: what the last cycles did, and where the suggestions stand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from recommender import config, health, runs
from recommender.agenda import Work, includes, work_of
from recommender.cli import opening, output, pausing, planning, telling, telling_channels
from recommender.config import Settings
from recommender.cycle.recording import last_that
from recommender.rhythm import next_due
from recommender.store import CycleRecord, Store
from recommender.suggestions import State
from recommender.wording import count

_SHOWN = 5
_FOR_PROGRAMS = 60


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a profile stands.

    Attributes:
        cycles: The last ones, the latest first.
        sources: How each source is.
        states: How many suggestions are in which state.
        waiting: How many suggestions are still to be delivered by somebody.
        paused: Until when no run begins by itself; None where it may.
        due: When the daemon's next run is, now where one is due.
        channels: How each stands that the digest goes to.
    """

    cycles: tuple[CycleRecord, ...]
    sources: Sequence[health.Health]
    states: Mapping[State, int]
    waiting: int
    paused: datetime | None
    due: datetime | None
    channels: Sequence[telling_channels.Standing]

    @classmethod
    def of(cls, settings: Settings, store: Store) -> "_Standing":
        """What the store knows of a profile.

        Raises:
            ConfigError: If its schedule is none.
        """
        profile, now = settings.name, datetime.now(UTC)
        cycles = store.last_cycles(profile, health.REMEMBERED)
        whole = last_that(store, profile, lambda record: includes(record, Work.PUBLISH))
        last = whole.started_at if whole else None
        return cls(
            cycles=cycles,
            sources=health.healths((one.started_at, one.record) for one in cycles),
            states=Counter(state for _, state in store.suggestions(profile)),
            waiting=sum(1 for _ in store.suggestions(profile, {State.PENDING})),
            paused=pausing.paused_until(store, profile, now),
            due=next_due(planning.rhythm(settings), last, now),
            channels=telling_channels.standings(store, profile, cycles),
        )


def run(config_file: Path | None, *, as_json: bool, profile: str = "") -> int:
    """Print the last cycles, the latest first, and how many suggestions are in which state.

    Args:
        config_file: Another than the usual one.
        as_json: For a program.
        profile: The only one that is meant; empty for all.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or nothing has run yet.
    """
    profiles = config.read_all(config_file, profile)
    with opening.own_store(profiles[0]) as store:
        found = {one.name: _Standing.of(one, store) for one in profiles}
    if as_json:
        told = {name: _for_programs(one) for name, one in found.items()}
        output.json_text(told if len(found) > 1 else told[profiles[0].name])
        return 0
    for name, standing in found.items():
        if len(found) > 1:
            telling.heading(name)
        for line in _lines(standing):
            print(telling.on_one_line(line) if line else "")
    return 0


def _for_programs(standing: _Standing) -> dict[str, Any]:
    return {
        "cycles": [_cycle(one) for one in standing.cycles[:_FOR_PROGRAMS]],
        "sources": [_health(one) for one in standing.sources],
        "digest": [one.for_programs for one in standing.channels],
        "suggestions": {state.value: standing.states.get(state, 0) for state in State},
        "outbox": standing.waiting,
        "next_due": standing.due.isoformat() if standing.due else None,
        "paused_until": standing.paused.isoformat() if standing.paused else None,
    }


def _cycle(one: CycleRecord) -> dict[str, Any]:
    return {
        "started_at": one.started_at.isoformat(),
        "finished_at": one.finished_at.isoformat(),
        **one.record,
    }


def _health(one: health.Health) -> dict[str, Any]:
    return {
        **one.told,
        "condition": one.condition.value,
        "says": one.says,
        "since": one.since.isoformat() if one.since else None,
        "last_new_at": one.last_new_at.isoformat() if one.last_new_at else None,
    }


def _lines(standing: _Standing) -> Iterator[str]:
    if standing.paused:
        yield f"{pausing.told(standing.paused)}; shelfwise resume ends it."
    if not standing.cycles:
        yield "No run yet: shelfwise run does the first one."
    whole = [one for one in standing.cycles if work_of(one.record) is Work.PUBLISH]
    yield from _between(standing.cycles)
    for one in whole[:_SHOWN]:
        at = one.started_at.astimezone()
        took = (one.finished_at - one.started_at).total_seconds()
        yield f"{at:%Y-%m-%d %H:%M}, {took:.0f} s: {runs.outcome(one.record)}"
        yield from (f"    {line}" for line in runs.details(one.record))
    if standing.sources:
        yield ""
        yield "Sources:"
        yield from (
            f"    {one.source}: {one.says} ({runs.counts(one.told)})" for one in standing.sources
        )
    if standing.channels:
        yield ""
        yield "Digest:"
        yield from (f"    {one.told}" for one in standing.channels)
    if sum(standing.states.values()):
        yield ""
        yield f"Suggestions in all: {runs.told_states(standing.states)}."
    if standing.waiting:
        yield "What is still to be delivered goes out with the next run."
    if standing.cycles and standing.due and not standing.paused:
        yield f"The daemon's next run is due on {standing.due.astimezone():%Y-%m-%d at %H:%M}."


def _between(cycles: Iterable[CycleRecord]) -> Iterator[str]:
    """What was done since the last whole run, a line for each work.

    Args:
        cycles: The latest first.
    """
    since = [*takewhile(lambda one: work_of(one.record) is not Work.PUBLISH, cycles)]
    for work, what in _READ.items():
        some = [one for one in since if work_of(one.record) is work]
        if not some:
            continue
        last = some[0].started_at.astimezone()
        n_failed = sum(bool(one.record["failures"]) for one in some)
        failed = f"; {n_failed} of them failed" if n_failed else ""
        times = f"{count(len(some), 'time')}, the last on {last:%Y-%m-%d %H:%M}"
        new = sum(one["new"] for each in some for one in each.record.get("sources", ()))
        found = f", with {count(new, 'new paper')}" if new else ""
        yield f"After the last whole run {what} read {times}{found}{failed}."


_READ = {Work.INGEST: "the sources were", Work.SYNC: "the library was"}
