"""What is said of runs, by the records that they left. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from recommender.selection import Dropped
from recommender.suggestions import State
from recommender.wording import count


def is_whole(record: Mapping[str, Any]) -> bool:
    """Whether a run came as far as to choose suggestions, be it none."""
    return "suggestions" in record


def why_quiet(record: Mapping[str, Any]) -> str:
    """Why a whole run had nothing to suggest, by what most papers were left out for."""
    # Of a page that is as it was, the papers that were found on it count.
    if not any(page["papers"] or page.get("unchanged") for page in record["pages"]):
        return "the listings held no papers"
    excluded: Mapping[str, int] = record["excluded"]
    if n := excluded.get(Dropped.BELOW_THRESHOLD.value, 0):
        threshold = record["model"]["threshold"]
        return f"{count(n, 'listed paper')} scored below the threshold of {threshold:.2f}"
    if excluded.get(Dropped.NO_OPINION.value, 0):
        return "what is new to you has no word in common with your library"
    if excluded.get(Dropped.EXCLUDED.value, 0):
        return "what is new to you is in interests that you exclude"
    return "no listed paper was new to you"


def outcome(record: Mapping[str, Any]) -> str:
    """What a run came to, in a few words."""
    if not is_whole(record):
        return "nothing was done"
    n = len(record["suggestions"])
    return count(n, "new suggestion") if n else f"quiet: {why_quiet(record)}"


def details(record: Mapping[str, Any]) -> Iterator[str]:
    """What each stage of a run did, a line each, and what failed."""
    if library := record.get("library"):
        pages = record["pages"]
        new = count(sum(page["new"] for page in pages), "new paper")
        yield (
            f"read: {count(library['papers'], 'paper')} in the library; "
            f"{new} on {count(len(pages), 'page')}"
        )
    if excluded := record.get("excluded"):
        left_out = ", ".join(f"{n} {why}" for why, n in sorted(excluded.items()))
        yield f"left out: {left_out}"
    if learnt := record.get("learnt"):
        found = {State(state): n for state, n in learnt.items()}
        yield f"learnt of earlier suggestions: {told_states(found)}"
    if delivered := record.get("delivered"):
        yield f"delivered: {count(delivered, 'suggestion')}"
    if record.get("tidied") or record.get("left"):
        left = f"; {record['left']} left, since somebody changed them" if record["left"] else ""
        yield f"tidied: {record['tidied']} taken off the shelf{left}"
    yield from record.get("notices", ())
    for failure in record.get("failures", ()):
        said = _SAID.get(failure["error"], "failed")
        yield f"{failure['where']}: {said}; shelfwise doctor says more"


def counts(told: Mapping[str, Any]) -> str:
    """What a run asked of a source and got."""
    pages = count(told.get("pages", 0), "page")
    as_before = f", {n} of them as before" if (n := told.get("unchanged")) else ""
    papers = count(told.get("papers", 0), "paper")
    found = ", ".join(f"{told.get(what, 0)} {what}" for what in ("new", "known", "broken"))
    kilobytes = round(told.get("bytes", 0) / 1000)
    return (
        f"{pages} asked{as_before}; {papers}: {found}; "
        f"{kilobytes} KB in {told.get('seconds', 0.0):.1f} s"
    )


def told_states(states: Mapping[State, int]) -> str:
    """How many suggestions are in each state: ``2 kept, 1 dismissed``."""
    found = ((states.get(state, 0), state) for state in State)
    return ", ".join(f"{n} {_WORDS[state]}" for n, state in found if n)


def looked(records: Collection[Mapping[str, Any]]) -> str:
    """What runs looked at, in a sentence: new papers, sources, and those that failed.

    Args:
        records: Of the runs, the latest first; at least one.
    """
    sources = [source for record in records for source in record.get("sources", ())]
    new = count(sum(source["new"] for source in sources), "new paper")
    latest = next((found for record in records if (found := record.get("sources"))), ())
    failed = sorted(source["source"] for source in latest if source.get("error"))
    less = f"; {_listed(failed)} could not be read" if failed else ""
    return f"Looked at {new} from {count(len(latest), 'source')}{less}."


def _listed(names: Iterable[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last


_WORDS = {
    State.PENDING: "still to be delivered",
    State.DELIVERED: "waiting for you",
    State.KEPT: "kept",
    State.DISMISSED: "dismissed",
    State.EXPIRED: "let pass",
}
# A cycle's record keeps what sort of error it was, and no text.
_SAID = {
    "TransientError": "could not be reached",
    "RateLimited": "asked for patience",
    "NotAuthorized": "may not be read or written",
    "BadResponse": "could not be read",
    "StaleLibrary": "went on changing while it was read",
    "NothingToLearnFrom": "there was nothing to learn from",
}
