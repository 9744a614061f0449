"""Config files of one's own: what differs from the defaults, or all that is in force."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.config.settings import DEFAULT, ProfileSettings, Settings
from recommender.errors import ConfigError
from recommender.private_files import replace_privately

_HEAD = """\
# Written by shelfwise init. All settings, with their defaults, are in config.example.toml;
# shelfwise doctor checks what is here.
"""
# Shown even where they are the defaults: these are what people look for first.
_SHOWN = {"library": {"place", "libraries"}, "shelf": {"collection"}}


def toml_of(settings: Settings, profiles: Sequence[Mapping[str, Any]] = ()) -> str:
    """The text of a config file that says this, and has these tables for its profiles."""
    return f"{_HEAD}\n" + _toml({**_chosen(settings), "profile": list(profiles)})


def toml_in_full(profiles: Sequence[Settings]) -> str:
    """The text of a config file that says all that is in force for these profiles.

    Args:
        profiles: At least one, all of one config file.
    """
    told = [one.model_dump(mode="json") for one in profiles]
    if [one.name for one in profiles] == [DEFAULT]:
        return _toml({key: said for key, said in told[0].items() if key != "name"})
    of_profile = ["name", *ProfileSettings.model_fields]
    common = {key: said for key, said in told[0].items() if key not in of_profile}
    tables = [{key: one[key] for key in of_profile} for one in told]
    return _toml({**common, "profile": tables})


def write(
    settings: Settings, path: Path, profiles: Sequence[Mapping[str, Any]] = ()
) -> Path | None:
    """Write a config file for its owner's eyes alone; it is there as a whole or not at all.

    One that is there is kept beside it, with ``.bak`` behind its name.

    Args:
        settings: What it says.
        path: Where to.
        profiles: The tables of its profiles.

    Returns:
        Where the earlier one is now; None where there was none.

    Raises:
        ConfigError: If it cannot be written.
    """
    earlier = path.with_name(f"{path.name}.bak")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        was_there = path.exists()
        if was_there:
            replace_privately(earlier, path.read_bytes())
        replace_privately(path, toml_of(settings, profiles).encode())
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror or error}; name another"
        raise ConfigError(f"{message} with --config") from error
    return earlier if was_there else None


def _chosen(settings: Settings) -> dict[str, Any]:
    """The sections with what differs from the defaults, and with what people look for."""
    differing = settings.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    whole = settings.model_dump(mode="json", exclude={"name"})
    return {
        name: whole[name]
        if isinstance(whole[name], list)
        else {
            # Of a section in a section, only what differs.
            key: differing[name][key] if isinstance(said, dict) else said
            for key, said in whole[name].items()
            if key in differing.get(name, {}).keys() | _SHOWN.get(name, set())
        }
        for name in whole
    }


def _toml(said: Mapping[str, Any]) -> str:
    """Sections by name, and lists of sections; what is empty is left out."""
    return "".join(
        line for name, one in said.items() if one for line in _written(name, one)
    ).removeprefix("\n")


def _written(name: str, said: Any) -> Iterator[str]:
    """A section, or several of one name."""
    if isinstance(said, list):
        for one in said:
            yield f"\n[[{name}]]\n" + "".join(_lines(one))
            yield from _inner(name, one)
        return
    if lines := "".join(_lines(said)):
        yield f"\n[{name}]\n{lines}"
    yield from _inner(name, said)


def _inner(name: str, section: Mapping[str, Any]) -> Iterator[str]:
    for key, said in section.items():
        if _is_section(said):
            yield from _written(f"{name}.{key}", said)


def _lines(section: Mapping[str, Any]) -> Iterator[str]:
    for key, said in section.items():
        # TOML has no word for what there is not.
        if said is not None and not _is_section(said):
            yield f"{key if _BARE.fullmatch(key) else _spelled(key)} = {_spelled(said)}\n"


def _is_section(said: Any) -> bool:
    """Whether this is a section or several; an empty one can be told in a line."""
    each = said if isinstance(said, list) else [said]
    return bool(said) and all(isinstance(one, dict) for one in each)


def _spelled(value: Any) -> str:
    # What JSON writes of texts, numbers, truth and lists of texts is TOML, but for a few letters.
    text = json.dumps(value, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: _escaped(found[0]), text)


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


_BARE = re.compile(r"[A-Za-z0-9_-]+")
_UNSEEN = re.compile(r"[^ -~]")
