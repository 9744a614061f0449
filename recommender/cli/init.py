"""``shelfwise init``: asks what it has to know, checks it, and writes the config file."""

import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recommender import config, registry, secrets
from recommender.cli import asking, doctor, opening, telling
from recommender.config import Settings, writing
from recommender.errors import ConfigError, IntegrationError
from recommender.ports import Account, Choice, Finding
from recommender.secrets import Secret
from recommender.store import Store

_GREEN, _GREY = "#5FB236", "#999999"
_KEYRING = "keyring:shelfwise/zotero"
_VARIABLE = "ZOTERO_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says already; None and nothing are asked for.

    Attributes:
        key_from: Where the key is.
        asks_nothing: What is not given is as it mostly is.
    """

    place: str | None = None
    libraries: Sequence[str] = ()
    include: Sequence[str] = ()
    collection: str | None = None
    sources: Sequence[str] = ()
    key_from: str | None = None
    colours: bool | None = None
    asks_nothing: bool = False
    replaces: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)


def run(given: Given, config_file: Path | None) -> int:
    """Ask, check, write the config file, and say what to do next.

    Raises:
        RecommenderError: If there is a config file already, or what was answered does not work.
    """
    path = Path(_in_full(str(config_file or config.config_file())))
    if path.exists() and not given.replaces:
        raise ConfigError(writing.there_already(path))
    asks = asking.is_possible() and not given.asks_nothing
    sources = _sources(given, asks=asks)
    key, kept = _key(given, asks=asks)
    settings = config.checked(
        {
            "library": {"place": _place(given), "key": kept, **given.addresses},
            "source": [{"place": place} for place in sources],
        }
    )
    now = datetime.now(UTC)
    with Store.open(config.store_file(settings)) as store:
        account = opening.account_with(key, settings, store, now)
        # Here a key that nobody knows is found out, before it is kept anywhere.
        account.libraries()
        chosen = _chosen(given, account.choices(), asks=asks)
        settings = _with(settings, chosen, given, asks=asks)
        if key and not kept:
            settings = _updated(settings, "library", key=_keep(key, path))
        # What Zotero cannot do is found out before anything is written, too.
        account = opening.account_with(key, settings, store, now)
        writing.write(settings, path, replaces=given.replaces)
        print(telling.on_one_line(f"Wrote {path}."))
        _allow(account, settings, has_key=bool(key))
        _colour(account, settings, given, asks=asks)
        _check(account)
    if not sources:
        print(
            "Nothing lists papers yet: add [[source]] sections to it, as config.example.toml says."
        )
    print("Next: shelfwise run --dry-run shows what would be suggested, shelfwise run does it.")
    return 0


def _place(given: Given) -> str:
    place = given.place or "auto"
    return place if place in {"auto", "local", "web"} else _in_full(place)


def _in_full(path: str) -> str:
    """A path that means the same wherever the program runs next."""
    return str(Path.cwd() / Path(path).expanduser())


def _key(given: Given, *, asks: bool) -> tuple[Secret, str]:
    """The key, and where it is kept already; nothing without one."""
    if given.key_from:
        scheme, _, rest = given.key_from.partition(":")
        kept = f"file:{_in_full(rest)}" if scheme == "file" else given.key_from
        return secrets.secret(kept), kept
    if not asks or given.place not in {None, "auto", "web"}:
        return Secret(""), ""
    print("With a key of zotero.org, suggestions reach Zotero on all your devices; you make one at")
    print("https://www.zotero.org/settings/keys/new (allow library, notes and write access).")
    print("Without one, Zotero 10 on this computer is asked.")
    return Secret(asking.hidden("The key (it is not shown; nothing for none)")), ""


def _keep(key: Secret, path: Path) -> str:
    """Keeps the key where the reader wants it, and says where that is."""
    file = f"file:{path.with_name('zotero.key')}"
    offered = (
        "the system's keyring",
        f"a file that only you may read ({file.removeprefix('file:')})",
        f"nowhere: I set the environment variable {_VARIABLE} myself",
    )
    chosen = asking.one_of("Where is the key to be kept? The first if you say nothing", offered)
    if chosen == len(offered) - 1:
        return f"env:{_VARIABLE}"
    if chosen == 0:
        try:
            secrets.keep(_KEYRING, key)
        except ConfigError as error:
            telling.problem(str(error))
            print("So it is kept in the file.")
        else:
            return _KEYRING
    secrets.keep(file, key)
    return file


def _sources(given: Given, *, asks: bool) -> list[str]:
    """The places that list papers, in full."""
    found = [_source(place) for place in given.sources]
    if found or not asks:
        return found
    print("Where are papers listed? Saved pages, feeds, JSON Lines, or any library format.")
    while place := asking.line("A file, folder or pattern (nothing to go on)"):
        try:
            found.append(_source(place))
        except ConfigError as error:
            telling.problem(str(error))
    return found


def _source(place: str) -> str:
    registry.source("file")(place)
    return place if place == "-" else _in_full(place)


def _chosen(given: Given, offered: Sequence[Choice], *, asks: bool) -> Sequence[Choice]:
    """The libraries that are to be read; the shelf is in the first."""
    by_place = {choice.place: choice for choice in offered}
    if unknown := [place for place in given.libraries if place not in by_place]:
        known = ", ".join(f"{one.place} ({one.called})" for one in offered) or "none"
        raise ConfigError(f"--library {unknown[0]}: cannot be reached; there is: {known}")
    if not offered:
        raise ConfigError("no library can be reached with this key; allow it to read one")
    if given.libraries:
        return [by_place[place] for place in given.libraries]
    if asks and len(offered) > 1:
        print("Libraries; the first one that you name gets the shelf:")
        numbers = asking.several("Which?", [_described(choice) for choice in offered])
        return [offered[n] for n in numbers] or offered[:1]
    return offered[:1]


def _described(choice: Choice) -> str:
    return f"{choice.called}{'' if choice.writable else ' (can only be read)'}"


def _with(settings: Settings, chosen: Sequence[Choice], given: Given, *, asks: bool) -> Settings:
    """The settings with the libraries, the collections that count, and the shelf."""
    include = list(given.include)
    paths = sorted({path for choice in chosen for path in choice.collections}, key=str.casefold)
    if asks and not include and paths:
        print("Collections, each with what is inside it:")
        numbers = asking.several("Learn from which only? Nothing for all", paths)
        include = [glob.escape(paths[n]) for n in numbers]
    settings = _updated(
        settings, "library", libraries=[one.place for one in chosen], include=include
    )
    via = "auto" if chosen[0].writable else "none"
    if via == "none":
        print("This library can only be read, so there is no shelf in it; set [outputs] to get")
        print("the suggestions as a page, a feed or BibTeX.")
        return _updated(settings, "shelf", via=via)
    name = given.collection or settings.shelf.collection
    if asks and not given.collection:
        name = asking.line("The collection that suggestions are put into", name)
    return _updated(settings, "shelf", collection=name)


def _updated(settings: Settings, section: str, **values: Any) -> Settings:
    said = settings.model_dump()
    return config.checked({**said, section: {**said[section], **values}})


def _allow(account: Account, settings: Settings, *, has_key: bool) -> None:
    """Has the reader allow that the shelf is written, where that is asked for by the program."""
    if has_key or settings.shelf.via == "none":
        return
    print("Zotero asks you now whether Shelfwise may write to it: choose Always Allow there.")
    try:
        account.authorise()
    except IntegrationError as error:
        telling.problem(str(error))


def _colour(account: Account, settings: Settings, given: Given, *, asks: bool) -> None:
    """Gives the tags for feedback colours, if the reader wants that."""
    if settings.shelf.via == "none":
        return
    more, less = settings.shelf.more, settings.shelf.less
    wants = given.colours
    if wants is None and asks:
        print(f"Zotero can give the tags “{more}” and “{less}” colours, beside your own; then a")
        print("number key sets one on the selected paper.")
        wants = asking.yes("Give them colours?", otherwise=False)
    if not wants:
        return
    try:
        new = account.colour([(more, _GREEN), (less, _GREY)])
    except IntegrationError as error:
        telling.problem(str(error))
    else:
        told = " and ".join(f"“{name}”" for name in new)
        print(telling.on_one_line(f"Coloured: {told}." if new else "Both have colours already."))


def _check(account: Account) -> None:
    for finding in _to_do(account):
        doctor.show(finding)


def _to_do(account: Account) -> Iterator[Finding]:
    try:
        yield from (finding for finding in account.check() if finding.remedy)
    except IntegrationError as error:
        telling.problem(str(error))
