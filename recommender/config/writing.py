"""A config file of one's own: the settings that differ from the defaults, and some to look at."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommender.config.settings import Settings
from recommender.errors import ConfigError

_HEAD = """\
# Written by shelfwise init. All settings, with their defaults, are in config.example.toml;
# shelfwise doctor checks what is here.
"""
# Shown even where they are the defaults: these are what people look for first.
_SHOWN = {"library": {"place", "libraries"}, "shelf": {"collection"}}


def toml_of(settings: Settings) -> str:
    """The text of a config file that says this."""
    return _HEAD + "".join(_sections(settings))


def write(settings: Settings, path: Path, *, replaces: bool) -> None:
    """Write a config file for its owner's eyes alone; it is there as a whole or not at all.

    Args:
        settings: What it says.
        path: Where to.
        replaces: Whether it may take the place of one that is there.

    Raises:
        ConfigError: If there is one already, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if replaces:
            number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            _fill(number, Path(name), toml_of(settings))
            Path(name).replace(path)
        else:
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            _fill(number, path, toml_of(settings))
    except FileExistsError as error:
        raise ConfigError(there_already(path)) from error
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror or error}; name another"
        raise ConfigError(f"{message} with --config") from error


def there_already(path: Path) -> str:
    """What is said where a config file would be overwritten."""
    return f"{path}: is there already; --force replaces it, --config names another"


def _fill(number: int, path: Path, text: str) -> None:
    """Write a file that was just made, or take it away again."""
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
    except BaseException:
        path.unlink()
        raise


def _sections(settings: Settings) -> Iterator[str]:
    differing = settings.model_dump(mode="json", exclude_defaults=True)
    whole = settings.model_dump(mode="json")
    for name, defined in whole.items():
        if isinstance(defined, list):
            for one in defined:
                yield f"\n[[{name}]]\n" + "".join(_lines(one))
            continue
        shown = differing.get(name, {}).keys() | _SHOWN.get(name, set())
        if said := {key: value for key, value in defined.items() if key in shown}:
            yield f"\n[{name}]\n" + "".join(_lines(said))


def _lines(section: dict[str, Any]) -> Iterator[str]:
    for key, value in section.items():
        # What JSON writes of texts, numbers, truth and lists of texts is TOML, but for one letter.
        spelled = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        yield f"{key} = {spelled}\n"
