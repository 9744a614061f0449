"""The key that ``shelfwise init`` is given: whence it comes, and where it is kept."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from recommender import config, secrets
from recommender.cli import asking, telling
from recommender.cli.init_given import Given, in_full
from recommender.config import Settings
from recommender.errors import ConfigError
from recommender.secrets import Secret

_VARIABLE = "ZOTERO_KEY"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of zotero.org.

    Attributes:
        secret: The key itself; false where there is none.
        place: Where it is kept already; empty where nowhere.
        is_new: Whether it was named or typed just now.
    """

    secret: Secret
    place: str
    is_new: bool


def key_for(given: Given, settings: Settings, path: Path, *, asks: bool, is_first: bool) -> Key:
    """The key that is named or typed, or else the one that the config names already.

    Args:
        given: The command line.
        settings: As the config file spells them.
        path: The config file.
        asks: Whether a person can be asked.
        is_first: Whether there was no config file.

    Raises:
        ConfigError: If there is none where it is said to be.
    """
    if given.key_from:
        scheme, _, rest = given.key_from.partition(":")
        place = f"file:{in_full(rest)}" if scheme == "file" else given.key_from
        return Key(secrets.secret(place), place, is_new=True)
    known = settings.library.key
    # What is read on this computer may still be written to zotero.org, once there is a config.
    if asks and (not is_first or given.place in {None, "auto", "web"}):
        print("With a key of zotero.org, suggestions reach Zotero on all your devices; you make")
        print("one at https://www.zotero.org/settings/keys/new (allow library, notes and write).")
        print("Without one, Zotero 10 on this computer is asked.")
        nothing = "to keep the one that you have" if known else "for none"
        if typed := asking.hidden(f"The key (it is not shown; nothing {nothing})"):
            return Key(Secret(typed), "", is_new=True)
    if known:
        full = config.placed(settings, path.parent).library.key
        return Key(secrets.secret(full), known, is_new=False)
    return Key(Secret(""), "", is_new=False)


def kept(key: Key, settings: Settings, path: Path) -> str:
    """Keeps a key that is kept nowhere yet, where the reader wants it, and says where that is.

    One that takes the place of another is kept where that was.
    """
    known = settings.library.key
    if key.place or not key.secret:
        return key.place or known
    scheme, _, rest = known.partition(":")
    if scheme in {"file", "keyring"}:
        try:
            secrets.keep(config.placed(settings, path.parent).library.key, key.secret)
        except ConfigError as error:
            telling.problem(str(error))
        else:
            print(telling.on_one_line(f"The new key is kept where the earlier one was: {known}."))
            return known
    return _kept_anew(key.secret, path, rest if scheme == "env" else _VARIABLE)


def _kept_anew(key: Secret, path: Path, variable: str) -> str:
    file, keyring = _places(path)
    offered = (
        "the system's keyring",
        f"a file that only you may read ({file.removeprefix('file:')})",
        f"nowhere: I set the environment variable {variable} myself",
    )
    chosen = asking.one_of("Where is the key to be kept? The first if you say nothing", offered)
    if chosen == len(offered) - 1:
        return f"env:{variable}"
    if chosen == 0:
        try:
            secrets.keep(keyring, key)
        except ConfigError as error:
            telling.problem(str(error))
            print("So it is kept in the file.")
        else:
            return keyring
    secrets.keep(file, key)
    return file


def _places(path: Path) -> tuple[str, str]:
    """The file and the entry of the keyring for the key of a config file: each has its own."""
    if path == config.config_file().resolve():
        return f"file:{path.with_name('zotero.key')}", "keyring:shelfwise/zotero"
    stem = re.sub(r"[^\w.-]", "-", path.stem)
    # Two folders may each have a config of that name, and there is one keyring.
    digest = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    file = path.with_name(f"{stem}.zotero.key")
    return f"file:{file}", f"keyring:shelfwise/zotero-{stem}-{digest}"
