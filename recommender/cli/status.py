"""``shelfwise status``: what the last cycles did, and where the suggestions stand."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recommender import config, health
from recommender.cli import opening, output, pausing, planning, telling
from recommender.cli.telling_cycles import told_states
from recommender.config import Settings
from recommender.rhythm import next_due
from recommender.selection import Dropped
from recommender.store import CycleRecord, Store
from recommender.suggestions import State

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
    """

    cycles: tuple[CycleRecord, ...]
    sources: Sequence[health.Health]
    states: Mapping[State, int]
    waiting: int
    paused: datetime | None
    due: datetime | None

    @classmethod
    def of(cls, settings: Settings, store: Store) -> "_Standing":
        """What the store knows of a profile.

        Raises:
            ConfigError: If its schedule is none.
        """
        profile, now = settings.name, datetime.now(UTC)
        cycles = store.last_cycles(profile, health.REMEMBERED)
        last = cycles[0].started_at if cycles else None
        return cls(
            cycles=cycles,
            sources=health.healths((one.started_at, one.record) for one in cycles),
            states=Counter(state for _, state in store.suggestions(profile)),
            waiting=sum(1 for _ in store.suggestions(profile, {State.PENDING})),
            paused=pausing.paused_until(store, profile, now),
            due=next_due(planning.rhythm(settings), last, now),
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
    for one in standing.cycles[:_SHOWN]:
        at = one.started_at.astimezone()
        took = (one.finished_at - one.started_at).total_seconds()
        yield f"{at:%Y-%m-%d %H:%M}, {took:.0f} s: {_outcome(one.record)}"
        yield from (f"    {line}" for line in _details(one.record))
    if standing.sources:
        yield ""
        yield "Sources:"
        yield from (
            f"    {one.source}: {one.says} ({_counts(one.told)})" for one in standing.sources
        )
    if sum(standing.states.values()):
        yield ""
        yield f"Suggestions in all: {told_states(standing.states)}."
    if standing.waiting:
        yield "What is still to be delivered goes out with the next run."
    if standing.cycles and standing.due and not standing.paused:
        yield f"The daemon's next run is due on {standing.due.astimezone():%Y-%m-%d at %H:%M}."


def _counts(told: Mapping[str, Any]) -> str:
    """What one cycle asked of a source and got."""
    pages = output.count(told.get("pages", 0), "page")
    as_before = f", {n} of them as before" if (n := told.get("unchanged")) else ""
    papers = output.count(told.get("papers", 0), "paper")
    found = ", ".join(f"{told.get(what, 0)} {what}" for what in ("new", "known", "broken"))
    kilobytes = round(told.get("bytes", 0) / 1000)
    return (
        f"{pages} asked{as_before}; {papers}: {found}; "
        f"{kilobytes} KB in {told.get('seconds', 0.0):.1f} s"
    )


def _outcome(record: Mapping[str, Any]) -> str:
    if "suggestions" not in record:
        return "nothing was done"
    n = len(record["suggestions"])
    return output.count(n, "new suggestion") if n else f"quiet: {_why_quiet(record)}"


def _why_quiet(record: Mapping[str, Any]) -> str:
    """Why there was nothing to suggest, by what most papers were left out for."""
    # Of a page that is as it was, the papers that were found on it count.
    if not any(page["papers"] or page.get("unchanged") for page in record["pages"]):
        return "the listings held no papers"
    excluded: Mapping[str, int] = record["excluded"]
    if n := excluded.get(Dropped.BELOW_THRESHOLD.value, 0):
        threshold = record["model"]["threshold"]
        return f"{output.count(n, 'listed paper')} scored below the threshold of {threshold:.2f}"
    if excluded.get(Dropped.NO_OPINION.value, 0):
        return "what is new to you has no word in common with your library"
    if excluded.get(Dropped.EXCLUDED.value, 0):
        return "what is new to you is in interests that you exclude"
    return "no listed paper was new to you"


def _details(record: Mapping[str, Any]) -> Iterator[str]:
    if library := record.get("library"):
        pages = record["pages"]
        new = output.count(sum(page["new"] for page in pages), "new paper")
        yield (
            f"read: {output.count(library['papers'], 'paper')} in the library; "
            f"{new} on {output.count(len(pages), 'page')}"
        )
    if excluded := record.get("excluded"):
        left_out = ", ".join(f"{n} {why}" for why, n in sorted(excluded.items()))
        yield f"left out: {left_out}"
    if learnt := record.get("learnt"):
        found = {State(state): n for state, n in learnt.items()}
        yield f"learnt of earlier suggestions: {told_states(found)}"
    if delivered := record.get("delivered"):
        yield f"delivered: {output.count(delivered, 'suggestion')}"
    if record.get("tidied") or record.get("left"):
        left = f"; {record['left']} left, since somebody changed them" if record["left"] else ""
        yield f"tidied: {record['tidied']} taken off the shelf{left}"
    yield from record.get("notices", ())
    for failure in record.get("failures", ()):
        said = _SAID.get(failure["error"], "failed")
        yield f"{failure['where']}: {said}; shelfwise doctor says more"


# A cycle's record keeps what sort of error it was, and no text.
_SAID = {
    "TransientError": "could not be reached",
    "RateLimited": "asked for patience",
    "NotAuthorized": "may not be read or written",
    "BadResponse": "could not be read",
    "StaleLibrary": "went on changing while it was read",
    "NothingToLearnFrom": "there was nothing to learn from",
}
