"""From the config file to the settings of its profiles."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.config.checking import all_checked
from recommender.config.places import config_file, placed
from recommender.config.settings import Settings
from recommender.errors import ConfigError


def read(path: Path | None) -> Settings:
    """The settings of a config file for what concerns no profile, or the defaults without a file.

    They are those of the only profile, or what the file says for all of several. Relative paths
    in it are made full ones: they start where the file is.

    Raises:
        ConfigError: If the file cannot be read, is no TOML, or holds anything that is not a
            setting; it carries every problem with its key.
    """
    if path is None:
        return Settings()
    common, profiles = _checked(path, _parsed(path))
    return placed(profiles[0] if len(profiles) == 1 else common, _folder(path))


def read_all(path: Path | None, profile: str = "") -> tuple[Settings, ...]:
    """The settings of each profile in the reader's config file.

    Args:
        path: The file; None for the usual place.
        profile: The only one that is wanted; empty for all.

    Returns:
        At least one, in the order of the file.

    Raises:
        ConfigError: If there is no file or no such profile, or as for ``read``.
    """
    file = own_file(path)
    _, profiles = _checked(file, _parsed(file))
    meant = [one for one in profiles if profile in {"", one.name}]
    if not meant:
        known = _names(profiles)
        raise ConfigError(f"--profile {profile}: {file} has no such profile; there is: {known}")
    return tuple(placed(one, _folder(file)) for one in meant)


def read_own(path: Path | None, profile: str = "") -> Settings:
    """The settings of one profile in the reader's config file.

    Args:
        path: The file; None for the usual place.
        profile: Its name; empty for the only one.

    Raises:
        ConfigError: If there are several and none is named, or as for ``read_all``.
    """
    first, *others = read_all(path, profile)
    if others:
        known = _names([first, *others])
        message = f"{own_file(path)}: has several profiles; name one with --profile: {known}"
        raise ConfigError(message)
    return first


def own_file(path: Path | None) -> Path:
    """The reader's config file: this one, or else the one in the usual place.

    Raises:
        ConfigError: If there is none in the usual place.
    """
    if path is not None:
        return path
    usual = config_file()
    if not usual.exists():
        message = f"{usual}: there is no config file yet; make one with shelfwise init"
        raise ConfigError(message)
    return usual


def said(path: Path) -> Settings:
    """What a config file says where no profile says otherwise, as it spells it.

    Raises:
        ConfigError: As for ``read``.
    """
    return _checked(path, _parsed(path))[0]


def tables(path: Path) -> Sequence[Mapping[str, Any]]:
    """The profiles' tables in a config file, as it spells them; empty where it has none.

    Raises:
        ConfigError: As for ``read``.
    """
    found = _parsed(path)
    _checked(path, found)
    told: Sequence[Mapping[str, Any]] = found.get("profile", [])
    return told


def _checked(path: Path, found: Mapping[str, Any]) -> tuple[Settings, tuple[Settings, ...]]:
    try:
        return all_checked(found)
    except ConfigError as error:
        raise ConfigError([f"{path}: {problem}" for problem in error.problems]) from error


def _names(profiles: Sequence[Settings]) -> str:
    return ", ".join(one.name for one in profiles)


def _folder(path: Path) -> Path:
    return path.expanduser().resolve().parent


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or brackets in brackets in brackets.
        raise ConfigError(f"{path}: is no config file; start from config.example.toml") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path}: cannot be read: {why}; check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
