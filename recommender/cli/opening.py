"""From the settings to what a cycle is told: adapters by name, the key, and the profile."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from recommender import config, cycle, registry, secrets
from recommender.cli import channels
from recommender.config import Settings
from recommender.cycle import citing
from recommender.errors import ConfigError, PermanentError
from recommender.guidance import Guidance, Pinned, seed_id
from recommender.identifiers import PaperId
from recommender.library import Changes, Entry, Item, Library, Unreadable
from recommender.listings import Listing
from recommender.papers import Paper
from recommender.ports import (
    NOTHING_KNOWN,
    Access,
    Account,
    Catalogue,
    Publisher,
    ReferenceManager,
    Source,
)
from recommender.secrets import Secret
from recommender.store import Store

_LIBRARIES = "libraries"


def account(settings: Settings, store: Store, now: datetime) -> Account | None:
    """The account that the settings name; None where their kind is none.

    Raises:
        ConfigError: If its kind is not installed, or the key is not where it should be.
    """
    library = settings.library
    if library.kind not in registry.accounts():
        return None
    key = secrets.secret(library.key) if library.key else Secret("")
    return account_with(key, settings, store, now)


def account_with(key: Secret, settings: Settings, store: Store, now: datetime) -> Account:
    """The account that the settings name, with a key that may be kept nowhere yet.

    Raises:
        ConfigError: If its kind is not installed, or the settings name what there cannot be.
    """
    kind = settings.library.kind
    told = {**settings.library.model_dump(), "shelf": settings.shelf.model_dump()}
    # No profile can be called this.
    memory = store.memory(f"{kind} of {settings.name}" if _is_apart(settings) else kind)
    return registry.account(kind)(told, key=key.reveal(), memory=memory, now=now)


def _is_apart(settings: Settings) -> bool:
    """Whether a profile's account may be another one than that of another profile.

    There is one Zotero on a computer, but any number of keys and of copies of databases. What is
    opened by its place alone is called by that place.
    """
    library = settings.library
    if library.kind in registry.reference_managers():
        return False
    is_named = bool(library.key) or library.place not in {"auto", "local", "web"}
    return settings.name != config.DEFAULT and is_named


@dataclass(frozen=True, slots=True)
class _Apart:
    """A library under a name that no other profile's has, though it be called the same there."""

    manager: ReferenceManager
    name: str

    def changes(self, since: str | None) -> Changes:
        """What is new in it."""
        return self.manager.changes(since)

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """Its entries of these keys."""
        return self.manager.fetch(keys)


def libraries(settings: Settings, opened: Account | None) -> Sequence[ReferenceManager]:
    """What is read: the account's libraries, or else what is at the place.

    Raises:
        ConfigError: If there is nothing at that place, or no such kind is installed.
        IntegrationError: If the account cannot be reached.
    """
    if opened:
        found = opened.libraries()
        if not _is_apart(settings):
            return found
        return [_Apart(one, f"{one.name} ({settings.name})") for one in found]
    library = settings.library
    if library.kind not in registry.reference_managers():
        known = ", ".join(sorted(registry.accounts() | registry.reference_managers()))
        raise ConfigError(f"library.kind: {library.kind!r} is not installed; installed: {known}")
    if library.place == "auto":
        raise ConfigError("library.place: name the file, folder or pattern that is your library")
    return [registry.reference_manager(library.kind)(library.place)]


def sources(settings: Settings, now: datetime) -> list[Source]:
    """Where papers are listed; one that cannot be opened fails when it is asked.

    Raises:
        ConfigError: If none can be opened, two are the same, or there is none at all.
    """
    if not settings.source:
        raise ConfigError("no place lists papers; add a section [[source]] to the config")
    found: list[Source | Unopened] = []
    for number, one in enumerate(settings.source, start=1):
        try:
            found.append(source(one, settings, now))
        except ConfigError as error:
            found.append(Unopened(_called(one, number), error))
    failed = [one.error for one in found if isinstance(one, Unopened)]
    if len(failed) == len(found):
        raise ConfigError([problem for error in failed for problem in error.problems])
    if problems := twice({number: one.name for number, one in enumerate(found, start=1)}):
        raise ConfigError(problems)
    return list(found)


@dataclass(frozen=True, slots=True)
class Unopened:
    """A source or catalogue that cannot be opened: asked for anything, it says why.

    So the others are asked all the same.
    """

    name: str
    error: ConfigError

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """Nothing, ever.

        Raises:
            PermanentError: With what is to be done.
        """
        raise self._failure() from self.error

    def entries(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        """Nothing, ever.

        Raises:
            PermanentError: With what is to be done.
        """
        raise self._failure() from self.error

    def _failure(self) -> PermanentError:
        told = str(self.error)
        return PermanentError(
            self.name, told if told.startswith(self.name) else f"{self.name}: {told}"
        )


def _called(one: config.Source, number: int) -> str:
    """What a source is called that cannot say its name."""
    kind, place = one.named
    if kind == "file":
        return place
    # A mistaken address may hold a password.
    return f"[[source]] {number} ({kind})" if "://" in place else f"{kind}:{place}"


def twice(names: Mapping[int, str]) -> list[str]:
    """What is wrong with sources that go by one name, a line each.

    Args:
        names: By their sections' numbers, in the order of the config.
    """
    first: dict[str, int] = {}
    return [
        f"[[source]] {first[name]} and {number} are both {name}; remove one of them"
        for number, name in names.items()
        if first.setdefault(name, number) != number
    ]


def catalogues(settings: Settings, now: datetime) -> list[Catalogue]:
    """What is asked for what listings left out, the first one first.

    One that cannot be opened fails when it is asked.
    """
    found: list[Catalogue] = []
    for one in settings.catalogue:
        try:
            found.append(catalogue(one.kind, one.key, settings, now))
        except ConfigError as error:
            found.append(Unopened(one.kind, error))
    return found


def catalogue(kind: str, key: str, settings: Settings, now: datetime) -> Catalogue:
    """A catalogue by its kind, and where its key is.

    Raises:
        ConfigError: If it is not installed, or its key is not where it should be.
    """
    return registry.catalogue(kind)(_access(key, settings, now))


def _access(key: str, settings: Settings, now: datetime) -> Access:
    secret = secrets.secret(key) if key else Secret("")
    return Access(now=now, key=secret.reveal(), contact=settings.web.contact)


def source(one: config.Source, settings: Settings, now: datetime) -> Source:
    """A place where papers are listed.

    Raises:
        ConfigError: If there is nothing, or its key is not where it should be.
    """
    kind, place = one.named
    return registry.source(kind)(place, _access(one.key, settings, now))


def files(settings: Settings) -> dict[str, Path]:
    """Which files are written, by the publisher's kind."""
    return {kind: Path(path) for kind, path in settings.outputs.model_dump().items() if path}


def leanings(settings: Settings, pinned: Sequence[Pinned] = ()) -> Guidance:
    """Which interests the reader wants more of, less of or none of.

    Args:
        settings: What the config says of them.
        pinned: What the reader made of single ones (``store.pins``).
    """
    asked = settings.interests
    boosts = tuple(asked.boost.items())
    return Guidance(boosts=boosts, muted=asked.mute, excluded=asked.exclude, pinned=tuple(pinned))


def guidance(settings: Settings, pinned: Sequence[Pinned] = ()) -> Guidance:
    """What the reader asks for, with the papers of the files among the seeds.

    Args:
        settings: What the config asks for.
        pinned: What the reader made of single interests.

    Raises:
        ConfigError: If there is no such file, or no paper in one.
        IntegrationError: If one cannot be read.
    """
    asked = settings.interests
    places = [text for text in asked.seeds if seed_id(text) is None]
    return replace(
        leanings(settings, pinned),
        goals=asked.goals,
        seeds=tuple(dict.fromkeys(paper for place in places for paper in _papers_at(place))),
    )


def seed_ids(settings: Settings) -> tuple[PaperId, ...]:
    """The names of the other seeds."""
    found = (seed_id(text) for text in settings.interests.seeds)
    return tuple(dict.fromkeys(name for name in found if name))


def _papers_at(place: str) -> list[Paper]:
    try:
        manager = registry.reference_manager("file")(place)
    except ConfigError as error:
        raise ConfigError([f"interests.seeds: {problem}" for problem in error.problems]) from error
    entries = list(manager.fetch(manager.changes(None).entries))
    papers = [e.paper for e in entries if isinstance(e, Item) and not e.trashed]
    if not papers:
        unread = next((e.skipped for e in entries if isinstance(e, Unreadable)), None)
        why = f": {unread.place}: {unread.reason}" if unread else ""
        raise ConfigError(f"interests.seeds: {place}: holds no paper{why}; name another file")
    return papers


def profile(settings: Settings, store: Store, now: datetime) -> cycle.Profile:
    """What a cycle is told.

    Args:
        settings: The config.
        store: Keeps what the account's adapters remember.
        now: When this is.

    Raises:
        ConfigError: If the settings name what is not there; of several sources some may be missing.
        IntegrationError: If the account cannot be reached.
    """
    listed = sources(settings, now)
    opened = account(settings, store, now)
    shelf = opened.shelf() if opened else None
    publishers: list[Publisher] = [shelf] if shelf else []
    publishers += [registry.publisher(k)(path) for k, path in files(settings).items()]
    managers = libraries(settings, opened)
    store.memory(settings.name)[_LIBRARIES] = json.dumps([manager.name for manager in managers])
    return cycle.Profile(
        name=settings.name,
        libraries=managers,
        sources=listed,
        catalogues=catalogues(settings, now),
        publishers=publishers,
        wishes=config.wishes(settings),
        scope=config.scope(settings),
        signs=config.signs(settings),
        seed=settings.model.seed,
        guidance=guidance(settings, store.pins(settings.name)),
        following=config.following(settings),
        seed_ids=seed_ids(settings),
        telling=channels.telling(settings, store, now),
        asks_about_library=settings.web.asks_about_library,
        is_apart=settings.name != config.DEFAULT,
    )


def last_read(settings: Settings, store: Store) -> Library:
    """The profile's libraries as they were last read, as one; nothing is asked of anybody."""
    names = json.loads(store.memory(settings.name).get(_LIBRARIES, "[]"))
    library = Library.joined(store.library(name) for name in names)
    return citing.cited(library, store) if settings.web.asks_about_library else library


@contextmanager
def own_store(settings: Settings) -> Iterator[Store]:
    """The store of earlier runs.

    Raises:
        ConfigError: If there was none.
        StoreError: If it cannot be used.
    """
    path = config.store_file(settings)
    if not path.exists():
        raise ConfigError(f"{path}: there is nothing yet; run shelfwise run first")
    with Store.open(path) as store:
        yield store
