"""``shelfwise recommend``: one cycle over files, without a config and without memory."""

import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from recommender import config, cycle, ingest, registry
from recommender.cli import opening, scorers, telling_cycles
from recommender.errors import ConfigError
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
        RecommenderError: If the command, the library or the settings cannot be used.
    """
    if problems := list(_problems(library, listings, wanted)):
        raise ConfigError(problems)
    settings = config.read(config_file)
    wishes = config.wishes(settings, limit=wanted.limit, threshold=wanted.threshold)
    if wanted.explore is not None:
        wishes = replace(wishes, explore=wanted.explore)
    now = datetime.now(UTC)
    profile = cycle.Profile(
        name="recommend",
        libraries=[registry.reference_manager("file")(library)],
        sources=[opening.source(config.Source(place=one), settings, now) for one in listings],
        publishers=[
            registry.publisher(kind)(path, about="", fresh=True)
            for kind, path in wanted.files.items()
        ],
        wishes=wishes,
        seed=settings.model.seed,
    )
    with Store.open(None) as store:
        scorer = HybridScorer(meanings=scorers.meanings(settings, store, now))
        # So the same files give the same output for ever, copied and packed and on any day.
        record = cycle.run(profile, scorer, store, now=now, dated=ingest.newest)
    telling_cycles.tell(record, wanted.files.values(), as_json=wanted.as_json, lowers="--threshold")
    return telling_cycles.code_of(record)


def _problems(library: str, listings: Sequence[str], wanted: Wanted) -> Iterator[str]:
    if [library, *listings].count("-") > 1:
        yield "standard input can be read once only, so give - once only"
    if wanted.threshold is not None and math.isnan(wanted.threshold):
        # It is in every range, or so it seems.
        yield "--threshold nan: is no score; give one from 0 to 1"
    yield from _overwritten(wanted, library, listings)


def _overwritten(wanted: Wanted, library: str, listings: Sequence[str]) -> Iterator[str]:
    """The files that would be written over what is read, or over each other."""
    read = {_place(argument) for argument in (library, *listings) if argument != "-"}
    written = Counter(_place(path) for path in wanted.files.values())
    for kind, path in wanted.files.items():
        if _place(path) in read:
            yield f"--{kind} {path}: is read from, too; name another file to write"
        elif written[_place(path)] > 1:
            yield f"--{kind} {path}: is to be written twice; name a file for each"


def _place(path: str | Path) -> str:
    return os.path.normcase(os.path.realpath(Path(path).expanduser()))
