"""A config file of one's own: the settings that differ from the defaults, and some to look at."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommender.config.settings import Settings
from recommender.errors import ConfigError
from recommender.private_files import replace_privately

_HEAD = """\
# Written by shelfwise init. All settings, with their defaults, are in config.example.toml;
# shelfwise doctor checks what is here.
"""
# Shown even where they are the defaults: these are what people look for first.
_SHOWN = {"library": {"place", "libraries"}, "shelf": {"collection"}}


def toml_of(settings: Settings) -> str:
    """The text of a config file that says this."""
    return _HEAD + "".join(_sections(settings))


def write(settings: Settings, path: Path) -> Path | None:
    """Write a config file for its owner's eyes alone; it is there as a whole or not at all.

    One that is there is kept beside it, with ``.bak`` behind its name.

    Args:
        settings: What it says.
        path: Where to.

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
        replace_privately(path, toml_of(settings).encode())
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror or error}; name another"
        raise ConfigError(f"{message} with --config") from error
    return earlier if was_there else None


def _sections(settings: Settings) -> Iterator[str]:
    differing = settings.model_dump(mode="json", exclude_defaults=True)
    whole = settings.model_dump(mode="json")
    for name, defined in whole.items():
        if isinstance(defined, list):
            for one in defined:
                yield f"\n[[{name}]]\n" + "".join(_lines(one))
            continue
        shown = differing.get(name, {}).keys() | _SHOWN.get(name, set())
        # Of a section in a section, only what differs.
        yield from _tables(
            name,
            {
                key: differing[name][key] if isinstance(value, dict) else value
                for key, value in defined.items()
                if key in shown
            },
        )


def _tables(name: str, said: dict[str, Any]) -> Iterator[str]:
    if plain := {key: value for key, value in said.items() if not isinstance(value, dict)}:
        yield f"\n[{name}]\n" + "".join(_lines(plain))
    for key, inner in said.items():
        if isinstance(inner, dict):
            yield from _tables(f"{name}.{key}", inner)


def _lines(section: dict[str, Any]) -> Iterator[str]:
    for key, value in section.items():
        yield f"{key if _BARE.fullmatch(key) else _spelled(key)} = {_spelled(value)}\n"


def _spelled(value: Any) -> str:
    # What JSON writes of texts, numbers, truth and lists of texts is TOML, but for one letter.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_BARE = re.compile(r"[A-Za-z0-9_-]+")
