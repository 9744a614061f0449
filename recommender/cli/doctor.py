"""``shelfwise doctor``: how everything is that the config names, and what to do about it."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from recommender import config, health, registry, secrets
from recommender.cli import channels, opening, scorers, telling
from recommender.cli.exits import FAILED
from recommender.config import Settings
from recommender.cycle.telling import is_stopped
from recommender.errors import ConfigError, RecommenderError
from recommender.ports import Finding
from recommender.store import Store
from recommender.wording import count


def run(config_file: Path | None, profile: str = "") -> int:
    """Print what was found, with what to do; 0 where nothing is to be done, else 1.

    Args:
        config_file: Another than the usual one.
        profile: The only one that is meant; empty for all.

    Raises:
        ConfigError: If the config itself cannot be used.
    """
    profiles = config.read_all(config_file, profile)
    findings = [Finding(f"the config {config.own_file(config_file)} is in order")]
    show(findings[0])
    for settings in profiles:
        if len(profiles) > 1:
            telling.heading(settings.name)
        for finding in _findings(settings, datetime.now(UTC)):
            show(finding)
            findings.append(finding)
    to_do = sum(bool(finding.remedy) for finding in findings)
    print("All is well." if not to_do else f"{count(to_do, 'thing')} to do.")
    return FAILED if to_do or any(finding.failed for finding in findings) else 0


def show(finding: Finding) -> None:
    """Print what was found, and what to do about it."""
    mark = "FAILED" if finding.failed else "note  " if finding.remedy else "ok    "
    print(telling.on_one_line(f"{mark}  {finding.what}"))
    if finding.remedy:
        print(telling.on_one_line(f"        what to do: {finding.remedy}"))


def _findings(settings: Settings, now: datetime) -> Iterator[Finding]:
    path = config.store_file(settings)
    yield from _outputs(settings)
    try:
        store = Store.open(path if path.exists() else None)
    except RecommenderError as error:
        yield _failed(error)
        return
    with store:
        yield from _sources(settings, store, now)
        yield from _catalogues(settings, now)
        yield from _guarded(lambda: _channels(settings, store, now))
        yield from _guarded(lambda: _summariser(settings))
        yield from _guarded(lambda: _encoder(settings, store, now))
        yield from _store(settings, store, path)
        yield from _guarded(lambda: _library(settings, store, now))
        yield from _scope(settings, store)


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a check finds; where it fails, that is found."""
    try:
        yield from check()
    except RecommenderError as error:
        yield _failed(error)


def _failed(error: RecommenderError) -> Finding:
    # An error's text says what to do, mostly behind its last semicolon.
    told = "; ".join(error.problems) if isinstance(error, ConfigError) else str(error)
    what, _, remedy = told.rpartition("; ")
    return Finding(what or told, remedy if what else "mend this first", failed=True)


def _sources(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    cycles = store.last_cycles(settings.name, health.REMEMBERED)
    known = {one.source: one for one in health.healths((c.started_at, c.record) for c in cycles)}
    if not settings.source:
        yield Finding(
            "the config names no place that lists papers",
            'add one: [[source]], with place = "listings/*.xml" below it',
            failed=True,
        )
    names: dict[int, str] = {}
    for number, one in enumerate(settings.source, start=1):
        try:
            source = opening.source(one, settings, now)
        except RecommenderError as error:
            yield _failed(error)
        else:
            names[number] = source.name
            yield _source(source.name, known)
    for problem in opening.twice(names):
        yield _failed(ConfigError(problem))


def _catalogues(settings: Settings, now: datetime) -> Iterator[Finding]:
    for one in settings.catalogue:
        try:
            catalogue = opening.catalogue(one.kind, one.key, settings, now)
        except RecommenderError as error:
            yield _failed(error)
        else:
            yield Finding(f"the catalogue {catalogue.name} is known")


def _channels(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    for one in channels.telling(settings, store, now).channels:
        if is_stopped(store, settings.name, one.name):
            yield Finding(
                f"{one.name}: gets no digest, since whoever gets it stopped it",
                "shelfwise digest start sends it again",
            )
            continue
        try:
            one.check()
        except RecommenderError as error:
            yield _failed(error)
        else:
            yield Finding(f"{one.name}: would be sent the digest")


def _summariser(settings: Settings) -> Iterator[Finding]:
    """Whether it can be opened; what it is asked is sent to somebody, so it is not asked."""
    said = settings.summary
    if not said.kind:
        return
    try:
        key = secrets.secret(said.key).reveal() if said.key else ""
        opened = registry.summariser(said.kind)(said.place, model=said.model, key=key)
    except ConfigError as error:
        raise ConfigError([f"summary: {problem}" for problem in error.problems]) from error
    yield Finding(f"summary: {opened.name} can be asked, and was not")


def _encoder(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    """Likewise."""
    if scorers.meanings(settings, store, now):
        yield Finding(f"model.encoder: {settings.model.encoder.place} can be asked, and was not")


def _source(name: str, known: Mapping[str, health.Health]) -> Finding:
    if name not in known:
        return Finding(f"the source {name} is known, and was not asked yet")
    found = known[name]
    remedy = ""
    if found.condition is health.Condition.FAILING:
        remedy = "if that does not pass by itself, correct its section [[source]] in the config"
    elif found.condition is health.Condition.STALE:
        remedy = "look whether it still publishes, and correct its place if it has moved"
    return Finding(f"the source {name}: {found.says}", remedy)


def _outputs(settings: Settings) -> Iterator[Finding]:
    for kind, path in opening.files(settings).items():
        folder = path.parent
        if not folder.is_dir():
            yield Finding(
                f"outputs.{kind}: there is no folder {folder}",
                "make it, or name another file",
                failed=True,
            )
        elif not os.access(path if path.exists() else folder, os.W_OK):
            yield Finding(
                f"outputs.{kind}: {path} cannot be written",
                "change its permissions, or name another file",
                failed=True,
            )
        else:
            yield Finding(f"outputs.{kind}: {path} can be written")


def _store(settings: Settings, store: Store, path: Path) -> Iterator[Finding]:
    last = store.last_cycles(settings.name, 1)
    if not path.exists() or not last:
        yield Finding(f"nothing has run yet; the first run makes the store {path}")
        return
    at = last[0].started_at.astimezone()
    yield Finding(f"the store {path} is in order; the last run was on {at:%Y-%m-%d at %H:%M}")


def _library(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    account = opening.account(settings, store, now)
    if account:
        yield from account.check()
        return
    for manager in opening.libraries(settings, None):
        n = len(manager.changes(None).entries)
        few = "" if n else "add papers that you like to it"
        yield Finding(f"the library {manager.name} has {count(n, 'entry')}", few)


def _scope(settings: Settings, store: Store) -> Iterator[Finding]:
    """Whether the patterns of the config name any collection of the library as last read."""
    library = opening.last_read(settings, store)
    if not library.n_entries:
        return
    for pattern in config.scope(settings).unmatched(library):
        yield Finding(
            f"no collection of the library is called {pattern}",
            "correct library.include or library.exclude in the config",
        )
