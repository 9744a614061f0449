"""``shelfwise recommend``: one cycle over files, without a config and without memory."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from recommender import config, cycle, registry
from recommender.cli import exit_code, output
from recommender.model.hybrid import HybridScorer
from recommender.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for; None leaves it to the settings.

    Attributes:
        files: Where to write what, by the publisher's kind.
    """

    limit: int | None
    threshold: float | None
    explore: bool | None
    as_json: bool
    files: Mapping[str, Path]


def run(library: str, listings: Sequence[str], wanted: Wanted, config_file: Path | None) -> int:
    """Print suggestions, write the files that were asked for, and give the exit code.

    Raises:
        RecommenderError: If the library or the settings cannot be used.
    """
    settings = config.read(config_file)
    wishes = config.wishes(settings, limit=wanted.limit, threshold=wanted.threshold)
    if wanted.explore is not None:
        wishes = replace(wishes, explore=wanted.explore)
    opens_source = registry.source("file")
    profile = cycle.Profile(
        name="recommend",
        library=registry.reference_manager("file")(library),
        sources=[opens_source(listing) for listing in listings],
        publishers=[
            registry.publisher(kind)(path, about="", fresh=True)
            for kind, path in wanted.files.items()
        ],
        wishes=wishes,
        seed=settings.model.seed,
    )
    with Store.open(None) as store:
        record = cycle.run(profile, HybridScorer(), store, now=_as_of([library, *listings]))
    if wanted.as_json:
        output.as_json(record)
    else:
        output.table(record.suggestions)
        output.account(record)
    for path in wanted.files.values():
        if not any(failure.where == str(path) for failure in record.failures):
            print(f"wrote {path}", file=sys.stderr)
    for failure in record.failures:
        print(f"shelfwise: {failure.error}", file=sys.stderr)
    return max((exit_code(failure.error) for failure in record.failures), default=0)


def _as_of(arguments: Sequence[str]) -> datetime:
    """When the newest of the files was written: the same files give the same output for ever."""
    times = [Path(a).stat().st_mtime for a in arguments if a != "-" and Path(a).exists()]
    return datetime.fromtimestamp(int(max(times, default=0)), UTC)
