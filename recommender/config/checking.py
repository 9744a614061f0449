"""From what a file says to settings, and from what is wrong with it to sentences. Pure."""

import difflib
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, ValidationError

from recommender.config.consistency import at_odds, written
from recommender.config.settings import ProfileSettings, Settings
from recommender.errors import ConfigError

_TABLES, _NAME = "profile", "name"


def checked(found: Mapping[str, Any]) -> Settings:
    """The settings that sections say.

    Raises:
        ConfigError: If they hold anything that is not a setting; it carries every problem.
    """
    settings, wrong = _tried(found)
    if settings is None:
        raise ConfigError([_sentence(problem) for problem in wrong])
    return settings


def all_checked(found: Mapping[str, Any]) -> tuple[Settings, tuple[Settings, ...]]:
    """The settings that a file says.

    Args:
        found: The sections, and the profiles' tables among them.

    Returns:
        What holds where no profile says otherwise, and each profile's in the order of the file:
        one called ``DEFAULT`` where it has no tables.

    Raises:
        ConfigError: If it holds anything that is not a setting; it carries every problem of every
            profile.
    """
    tables, problems = _tables(found)
    top = {key: said for key, said in found.items() if key not in {_TABLES, _NAME}}
    common, wrong = _tried(top)
    problems += map(_sentence, wrong)
    profiles: list[Settings] = []
    for number, table in enumerate(tables):
        prefix = f"{_TABLES}.{number}."
        own, told = _own(table, [one.get(_NAME) for one in tables[:number]])
        settings, found_wrong = _tried(merged(top, own))
        # What the profile leaves as it is at the top was told there.
        locs = {problem["loc"] for problem in wrong}
        of_it = [one for one in found_wrong if _says(own, one["loc"]) or one["loc"] not in locs]
        problems += (f"{prefix}{one}" for one in (*told, *map(_sentence, of_it)))
        profiles += [settings] if settings else []
    if common is None or problems:
        raise ConfigError(problems)
    if together := [*_at_odds(common, profiles), *_written_twice(profiles)]:
        raise ConfigError(together)
    return common, tuple(profiles) or (common,)


def merged(
    top: Mapping[str, Any], over: Mapping[str, Any], section: type[BaseModel] = Settings
) -> dict[str, Any]:
    """What a profile says over what is at the top, key by key, also in sections of sections."""
    both = {**top, **over}
    for key in top.keys() & over.keys() & section.model_fields.keys():
        inner = _inside(section.model_fields[key].annotation)
        if inner and isinstance(top[key], Mapping) and isinstance(over[key], Mapping):
            both[key] = merged(top[key], over[key], inner)
    return both


def keys() -> Iterator[str]:
    """Every key that the config file can hold, as ``section.key``."""
    yield from (key for key in _keys(Settings) if key != _NAME)
    yield f"{_TABLES}.{_NAME}"


def _keys(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        if inner := _inside(field.annotation):
            yield from _keys(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _tables(found: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], list[str]]:
    """The profiles' tables, and what is wrong with there being such."""
    tables, problems = found.get(_TABLES, []), []
    if _NAME in found:
        problems.append(f"{_NAME}: there is no such setting; did you mean {_TABLES}.{_NAME}?")
    if not isinstance(tables, list) or not all(isinstance(one, Mapping) for one in tables):
        problems.append(f"{_TABLES}: has to be a table in two brackets: [[{_TABLES}]]")
        tables = []
    return tables, problems


def _own(table: Mapping[str, Any], others: Sequence[Any]) -> tuple[dict[str, Any], list[str]]:
    """What a profile can say of what its table says, and what is wrong with the rest."""
    common = Settings.model_fields.keys() - ProfileSettings.model_fields.keys() - {_NAME}
    problems = [
        f"{key}: counts for all profiles; move it out of [[{_TABLES}]]"
        for key in table
        if key in common
    ]
    if _NAME not in table:
        problems.insert(0, f"{_NAME}: is missing")
    elif table[_NAME] in others:
        problems.insert(0, f"{_NAME}: another profile is called {table[_NAME]}, too; change one")
    return {key: said for key, said in table.items() if key not in common}, problems


def _at_odds(common: Settings, profiles: Sequence[Settings]) -> Iterator[str]:
    """What each profile's settings say together, but cannot; what no profile uses says nothing."""
    if not profiles:
        yield from at_odds(common)
    for number, one in enumerate(profiles):
        yield from (f"{_TABLES}.{number}.{problem}" for problem in at_odds(one))


def _written_twice(profiles: Sequence[Settings]) -> Iterator[str]:
    """The files that one profile would write over those of another."""
    writers: dict[PurePath, str] = {}
    for number, one in enumerate(profiles):
        for key, path in written(one):
            if (other := writers.setdefault(PurePath(path), one.name)) != one.name:
                yield (
                    f"{_TABLES}.{number}.{key}: the profile {other} writes {path}, too; "
                    "name another file, or none"
                )


def _says(table: Any, loc: Sequence[int | str]) -> bool:
    """Whether it is in this table that something at a place stands."""
    for part in loc:
        if not isinstance(table, Mapping):
            return True
        if part not in table:
            return False
        table = table[part]
    return True


def _inside(kind: Any) -> type[BaseModel] | None:
    """The section that a field is, or is several of."""
    for one in (kind, *typing.get_args(kind)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _tried(found: Mapping[str, Any]) -> tuple[Settings | None, list[Any]]:
    """The settings, or what is wrong, as the validator has it."""
    try:
        return Settings.model_validate(found), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False))


def _sentence(problem: Any) -> str:
    key = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        # Of several sections of one name, it is the name that can be misspelt.
        plain = ".".join(part for part in map(str, problem["loc"]) if not part.isdecimal())
        known = [*keys(), *Settings.model_fields, _TABLES]
        near = difflib.get_close_matches(plain, known, n=1)
        return f"{key}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")
    if problem["type"] == "missing":
        return f"{key}: is missing"
    return f"{key}: {_said(problem)}"


def _said(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = f"{message[:1].lower()}{message[1:]}"
    if problem["loc"][-1] == "key":
        return message
    found = repr(problem["input"])
    shown = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
    return f"{message}, but it is {shown}"


_SHOWN = 60  # characters of what somebody wrote in the wrong place
