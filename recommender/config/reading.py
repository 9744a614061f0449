"""From the file to the settings, and from what is wrong with it to sentences."""

import difflib
import tomllib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from recommender.config.places import config_file, placed
from recommender.config.settings import Settings
from recommender.errors import ConfigError


def read(path: Path | None) -> Settings:
    """The settings of a config file, or the defaults where there is none.

    Relative paths in it are made full ones: they start where the file is.

    Raises:
        ConfigError: If the file cannot be read, is no TOML, or holds anything that is not a
            setting; it carries every problem with its key.
    """
    if path is None:
        return Settings()
    return placed(said(path), path.expanduser().resolve().parent)


def said(path: Path) -> Settings:
    """The settings of a config file as it spells them, with relative paths.

    Raises:
        ConfigError: As for ``read``.
    """
    try:
        return checked(_parsed(path, _text(path)))
    except _Wrong as error:
        raise ConfigError([f"{path}: {problem}" for problem in error.problems]) from error


def checked(found: Mapping[str, Any]) -> Settings:
    """The settings that sections say.

    Raises:
        ConfigError: If they hold anything that is not a setting; it carries every problem.
    """
    try:
        return Settings.model_validate(found)
    except ValidationError as error:
        raise _Wrong(list(_problems(error))) from error


def read_own(path: Path | None) -> Settings:
    """The settings of the reader's config file: of this one, or else of the usual place.

    Raises:
        ConfigError: If there is none, or as for ``read``.
    """
    if path is not None:
        return read(path)
    usual = config_file()
    if not usual.exists():
        message = f"{usual}: there is no config file yet; make one with shelfwise init"
        raise ConfigError(message)
    return read(usual)


class _Wrong(ConfigError):
    """What is said is TOML, and no settings."""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path}: cannot be read: {why}; check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or brackets in brackets in brackets.
        raise ConfigError(f"{path}: is no config file; start from config.example.toml") from error


def keys(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Every key that the config file can hold, as ``section.key``."""
    for name, field in section.model_fields.items():
        if inner := _inside(field.annotation):
            yield from keys(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _inside(kind: Any) -> type[BaseModel] | None:
    """The section that a field is, or is several of."""
    for one in (kind, *typing.get_args(kind)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        key = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            # Of several sections of one name, it is the name that can be misspelt.
            plain = ".".join(part for part in map(str, problem["loc"]) if not part.isdecimal())
            near = difflib.get_close_matches(plain, [*keys(), *_sections()], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{key}: there is no such setting{hint}"
        elif problem["type"] == "missing":
            yield f"{key}: is missing"
        else:
            yield f"{key}: {_said(problem)}"


def _sections() -> Iterator[str]:
    yield from Settings.model_fields


def _said(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = f"{message[:1].lower()}{message[1:]}"
    if problem["loc"][-1] == "key":
        return message
    found = repr(problem["input"])
    shown = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
    return f"{message}, but it is {shown}"


_SHOWN = 60  # characters of what somebody wrote in the wrong place
