"""What is said of runs, by the records that they left. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from recommender.selection import Dropped
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
