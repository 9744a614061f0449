"""``shelfwise status``: what the last cycles did, and where the suggestions stand."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender import config, health
from recommender.cli import opening, output, telling
from recommender.cli.telling_cycles import told_states
from recommender.selection import Dropped
from recommender.store import CycleRecord, Store
from recommender.suggestions import State

_SHOWN = 5


def run(config_file: Path | None, *, as_json: bool) -> int:
    """Print the last cycles, the latest first, and how many suggestions are in which state.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or nothing has run yet.
    """
    settings = config.read_own(config_file)
    with opening.own_store(settings) as store:
        states = Counter(state for _, state in store.suggestions(opening.PROFILE))
        cycles = store.last_cycles(opening.PROFILE, health.REMEMBERED)
        waiting = _waiting(store)
    found = health.healths((one.started_at, one.record) for one in cycles)
    if as_json:
        output.json_text(
            {
                "cycles": [_for_programs(one) for one in cycles],
                "sources": [_health(one) for one in found],
                "suggestions": {state.value: states[state] for state in State},
                "outbox": waiting,
            }
        )
        return 0
    for line in _lines(cycles[:_SHOWN], found, states, waiting):
        print(telling.on_one_line(line) if line else "")
    return 0


def _waiting(store: Store) -> int:
    """How many suggestions are still to be delivered by somebody."""
    return sum(1 for _ in store.suggestions(opening.PROFILE, {State.PENDING}))


def _for_programs(one: CycleRecord) -> dict[str, Any]:
    return {
        "started_at": one.started_at.isoformat(),
        "finished_at": one.finished_at.isoformat(),
        **one.record,
    }


def _health(one: health.Health) -> dict[str, Any]:
    return {
        **one.told,
        "condition": one.condition.value,
        "since": one.since.isoformat() if one.since else None,
        "last_new_at": one.last_new_at.isoformat() if one.last_new_at else None,
    }


def _lines(
    cycles: tuple[CycleRecord, ...],
    sources: Sequence[health.Health],
    states: Mapping[State, int],
    waiting: int,
) -> Iterator[str]:
    if not cycles:
        yield "No run yet: shelfwise run does the first one."
    for one in cycles:
        at = one.started_at.astimezone()
        took = (one.finished_at - one.started_at).total_seconds()
        yield f"{at:%Y-%m-%d %H:%M}, {took:.0f} s: {_outcome(one.record)}"
        yield from (f"    {line}" for line in _details(one.record))
    if sources:
        yield ""
        yield "Sources:"
        yield from (f"    {one.source}: {one.says}" for one in sources)
    if sum(states.values()):
        yield ""
        yield f"Suggestions in all: {told_states(states)}."
    if waiting:
        yield "What is still to be delivered goes out with the next run."


def _outcome(record: Mapping[str, Any]) -> str:
    if "suggestions" not in record:
        return "nothing was done"
    n = len(record["suggestions"])
    return output.count(n, "new suggestion") if n else f"quiet: {_why_quiet(record)}"


def _why_quiet(record: Mapping[str, Any]) -> str:
    """Why there was nothing to suggest, by what most papers were left out for."""
    if not any(page["papers"] for page in record["pages"]):
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
