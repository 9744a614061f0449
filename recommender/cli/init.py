"""``shelfwise init``: asks what it has to know, checks it, and writes the config file.

A config file that is there keeps all that it says: only the key, Zotero's permission, and what the
command line names are new.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recommender import config, registry
from recommender.cli import asking, doctor, opening, telling
from recommender.cli.init_choices import chosen, first_settings, renewed_settings, with_shelf
from recommender.cli.init_given import Given, in_full, source, updated, with_given, with_sources
from recommender.cli.init_keys import Key, kept, key_for
from recommender.config import Settings, writing
from recommender.errors import ConfigError, IntegrationError
from recommender.ports import Account, Choice, Finding
from recommender.store import Store

_GREEN, _GREY = "#5FB236", "#999999"


def run(given: Given, config_file: Path | None) -> int:
    """Ask, check, write the config file, and say what to do next.

    Raises:
        RecommenderError: If the config file that is there cannot be used, or what was answered
            does not work.
    """
    # A link to where somebody keeps such files stays one.
    path = Path(in_full(str(config_file or config.config_file()))).resolve()
    old, profiles = _earlier(path) if path.exists() and not given.starts_afresh else (None, ())
    asks = asking.is_possible() and not given.asks_nothing
    settings = with_given(old or Settings(), given)
    if asks and not settings.source:
        settings = with_sources(settings, _asked_for_sources())
    key = key_for(given, settings, path, asks=asks, is_first=old is None)
    with Store.open(config.store_file(config.placed(settings, path.parent))) as store:
        account = _opened(settings, key, path, store)
        # Here a key that nobody knows is found out, before it is kept anywhere.
        account.libraries()
        offered = _opened(with_shelf(settings), key, path, store).choices()
        settings = _completed(settings, offered, given, key, asks=asks, is_first=old is None)
        settings = updated(settings, "library", key=kept(key, settings, path))
        # What Zotero cannot do is found out before anything is written, too.
        account = _opened(settings, key, path, store)
        _write(settings, old, path, profiles)
        _allow(account, settings, has_key=bool(key.secret))
        _colour(account, settings, given, asks=asks and old is None)
        _check(account)
    if not settings.source:
        print("Nothing lists papers yet: shelfwise init --source FILE names what does.")
    print("Next: shelfwise run --dry-run shows what would be suggested, shelfwise run does it.")
    return 0


def _earlier(path: Path) -> tuple[Settings, Sequence[Mapping[str, Any]]]:
    """What the config file says that is there, as it spells it, and its profiles' tables."""
    try:
        found, profiles = config.said(path), config.tables(path)
    except ConfigError as error:
        remedy = f"{path}: correct it, or start afresh with --force"
        raise ConfigError([*error.problems, remedy]) from error
    kind = found.library.kind
    # What is opened by its place alone has neither a key nor a permission.
    if kind not in registry.accounts() - registry.reference_managers():
        message = f"{path}: library.kind is {kind!r}, for which there is nothing to set up"
        raise ConfigError(f"{message}; edit it, or start afresh with --force")
    return found, profiles


def _asked_for_sources() -> list[str]:
    """The places that list papers, in full."""
    found: list[str] = []
    print("Where are papers listed? Saved pages, feeds, JSON Lines, or any library format.")
    while place := asking.line("A file, folder or pattern (nothing to go on)"):
        try:
            found.append(source(place))
        except ConfigError as error:
            telling.problem(str(error))
    return found


def _opened(settings: Settings, key: Key, path: Path, store: Store) -> Account:
    placed = config.placed(settings, path.parent)
    return opening.account_with(key.secret, placed, store, datetime.now(UTC))


def _completed(
    settings: Settings,
    offered: Sequence[Choice],
    given: Given,
    key: Key,
    *,
    asks: bool,
    is_first: bool,
) -> Settings:
    if is_first:
        libraries = chosen(given.libraries, offered, asks=asks)
        return first_settings(settings, libraries, given, asks=asks)
    if given.libraries:
        chosen(given.libraries, offered, asks=False)
    return renewed_settings(settings, offered, has_new_key=key.is_new, asks=asks)


def _write(
    settings: Settings, old: Settings | None, path: Path, profiles: Sequence[Mapping[str, Any]]
) -> None:
    if settings == old:
        print(telling.on_one_line(f"{path} stays as it is."))
        return
    earlier = writing.write(settings, path, profiles)
    print(telling.on_one_line(f"Wrote {path}."))
    if earlier:
        print(telling.on_one_line(f"The earlier one is kept as {earlier}."))


def _allow(account: Account, settings: Settings, *, has_key: bool) -> None:
    """Has the reader allow that the shelf is written, where that is asked for by the program."""
    via = settings.shelf.via
    if via in {"none", "web"} or (via == "auto" and has_key):
        return

    def announce() -> None:
        print("Zotero asks you now whether Shelfwise may write to it: choose Always Allow there.")

    try:
        account.authorise(announce)
    except IntegrationError as error:
        telling.problem(str(error))
        print("Nothing can be put on the shelf before: run shelfwise init again then.")


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
