"""``shelfwise evaluate``: would it have found what the reader saved later?"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from recommender import config, ingest, registry
from recommender.cli import opening, plotting, scorers, telling_evaluation, weighing
from recommender.cli.telling_evaluation import Told
from recommender.config import Settings
from recommender.cycle import Profile, fitting
from recommender.errors import ConfigError, NothingToLearnFrom
from recommender.feedback import dislikes
from recommender.library import Item, Library
from recommender.model.counting import Counted
from recommender.model.evaluation import Evaluation, Replayed, replays
from recommender.model.meanings import Meanings
from recommender.model.parts import Weights
from recommender.model.replay import Fold, History, Sighting, folds, why_none
from recommender.model.tuning import tuned
from recommender.model.verdict import verdict
from recommender.page import reports
from recommender.store import Store
from recommender.suggestions import Dislike


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for.

    Attributes:
        n_months: How many months at the most.
        tunes: Whether better weights are looked for and written down.
        forgets: Whether those that were are forgotten, and nothing else is done.
        plot: The file to draw to.
        profile: Whose history; empty for the only one's.
    """

    n_months: int
    tunes: bool
    forgets: bool
    as_json: bool
    plot: Path | None
    profile: str = ""


def run(
    library: str | None, listings: Sequence[str], asked: Asked, config_file: Path | None
) -> int:
    """Replay the reader's history, tell how the rankings did in it, and give the exit code.

    Raises:
        RecommenderError: If the command, the settings, the library or the store cannot be used.
    """
    if problems := _problems(library, listings, asked):
        raise ConfigError(problems)
    if asked.plot:
        plotting.check(asked.plot)
    now = datetime.now(UTC)
    if library is not None:
        settings = _settings_of_files(asked, config_file)
        with Store.open(None) as store:
            meanings = scorers.meanings(settings, store, now)
            history = _of_files(library, listings)
            told = _told(history, None, asked, settings.model.seed, meanings)
    else:
        settings = config.read_own(config_file, asked.profile)
        with opening.own_store(settings) as store:
            if asked.forgets:
                return _forget(settings.name, store)
            history, meanings = _of_store(settings, store), scorers.meanings(settings, store, now)
            weights = weighing.tuned(settings.name, store)
            told = _told(history, weights, asked, settings.model.seed, meanings)
            _keep(told, settings.name, store)
            reports.keep(store, settings.name, telling_evaluation.for_programs(told), now)
    telling_evaluation.tell(told, as_json=asked.as_json)
    if asked.plot:
        _draw(told, asked.plot)
    return 0


def _settings_of_files(asked: Asked, config_file: Path | None) -> Settings:
    if asked.profile:
        return config.read_own(config_file, asked.profile)
    return config.read(config_file)


def _keep(told: Told, profile: str, store: Store) -> None:
    """Write down what was found, or forget what turned out to be no better."""
    if told.tunes and told.tuning and told.tuning.accepted:
        weights = told.tuning.weights.told()
        store.save_tuned_weights(profile, weights, at=datetime.now(UTC))
    elif told.gives_up:
        store.forget_tuned_weights(profile)


def _problems(library: str | None, listings: Sequence[str], asked: Asked) -> list[str]:
    problems = []
    if asked.forgets and (library or asked.tunes or asked.plot):
        problems.append("--forget-tuned does nothing but forget; leave the rest out")
    elif asked.tunes and library:
        problems.append("--tune writes to the store of your config: leave the files out")
    if library is not None and not listings:
        problems.append(f"{library}: name listings behind it, in which it would have been looked")
    if [library, *listings].count("-") > 1:
        problems.append("standard input can be read once only, so give - once only")
    return problems


def _forget(profile: str, store: Store) -> int:
    known = store.tuned_weights(profile)
    store.forget_tuned_weights(profile)
    print("The tuned weights are forgotten." if known else "There were no tuned weights.")
    return 0


def _told(
    history: History, weights: Weights | None, asked: Asked, seed: int, meanings: Meanings | None
) -> Told:
    months = folds(history, asked.n_months)
    found = _replayed(months, seed, meanings)
    # Weights that were chosen on a month would be praised for it there.
    tuning = tuned(found, seed) if asked.tunes or weights else None
    apart = tuning.apart if tuning and weights else None
    evaluation = Evaluation.of(found, apart, seed) if found else None
    return Told(
        evaluation=evaluation,
        verdict=verdict(evaluation, "" if found else why_none(history)),
        in_use=weights,
        tunes=asked.tunes,
        tuning=tuning,
    )


def _replayed(months: Sequence[Fold], seed: int, meanings: Meanings | None) -> list[Replayed]:
    counts = Counted.of(
        paper
        for month in months
        for paper in (*(item.paper for item in month.before.items), *month.listed)
    )
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("months"))
    console = Console(file=sys.stderr)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        done = progress.track(replays(months, counts, seed, meanings), total=len(months))
        return [one for one in done if one is not None]


def _draw(told: Told, path: Path) -> None:
    if told.evaluation is None:
        print(f"not written: {path}: there is nothing to draw", file=sys.stderr)
        return
    plotting.draw(told.evaluation, path)
    print(f"wrote {path}", file=sys.stderr)


def _of_store(settings: Settings, store: Store) -> History:
    """The past of the reader in the config, as far as the store knows it; nobody is asked.

    What the config asks for is left out: nothing says since when.
    """
    library = opening.last_read(settings, store)
    if not library.items:
        message = "no library was read yet that has a paper in it; run shelfwise run first"
        raise NothingToLearnFrom(message)
    shown = store.shown(settings.name)
    since = store.states_since(settings.name)
    signs = config.signs(settings)
    profile = Profile(
        name=settings.name,
        libraries=(),
        sources=(),
        scope=config.scope(settings),
        signs=signs,
        seed=settings.model.seed,
    )
    taught = fitting.teaching(profile, library, shown)
    keys = {item.key for item in taught.items}

    def known_by(at: datetime) -> Sequence[Dislike]:
        earlier = [one for one in shown if since[one.suggestion.suggestion_id] < at]
        return dislikes(earlier, signs.expired_weight)

    return History(
        library=taught,
        # What we put there and nobody kept is not the reader's.
        others=tuple(i for i in library.items if i.key not in keys and not i.mark),
        sightings=tuple(Sighting(one, at) for one, at in store.first_seen()),
        dislikes=known_by,
    )


def _of_files(library: str, listings: Sequence[str]) -> History:
    """The past that files tell: a listing is as old as it says, or as the newest paper on it."""
    manager = registry.reference_manager("file")(library)
    changes = manager.changes(None)
    items = tuple(e for e in manager.fetch(changes.entries) if isinstance(e, Item))
    now = datetime.now(UTC)
    sources = [opening.source(config.Source(place=one), Settings(), now) for one in listings]
    pages = [page for source in sources for page in source.listings(None)]
    dates: dict[tuple[str, str], datetime] = {}
    for page in pages:
        name = page.source, page.name
        dates[name] = min(dates.get(name, _NEVER), ingest.newest([page]))
    found = ingest.unseen(pages).candidates
    dated = (min(dates[place.source, place.listing] for place in c.provenance) for c in found)
    return History(
        library=Library(items=items, collections=changes.collections),
        sightings=tuple(
            Sighting(candidate, None if at == ingest.EPOCH else at)
            for candidate, at in zip(found, dated, strict=True)
        ),
    )


_NEVER = datetime.max.replace(tzinfo=UTC)
