"""What the settings want of Zotero, checked. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from integrations.zotero.shelf import ShelfSettings
from recommender.errors import ConfigError

AUTO, LOCAL, WEB, FILE, NONE = "auto", "local", "web", "file", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be read and written, and on which way.

    Attributes:
        place: ``auto``, ``local``, ``web``, or the path of a database.
        libraries: ``user`` or ``group:<number>``, the shelf's first.
        via: How the shelf is written, or ``none``.
    """

    place: str
    libraries: tuple[str, ...]
    web_address: str
    local_address: str
    via: str
    shelf: ShelfSettings

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Wanted":
        """What the section ``[library]`` says, with the section ``[shelf]`` in it.

        Raises:
            ConfigError: If it names what there cannot be; it carries every problem.
        """
        shelf = settings["shelf"]
        problems = list(_problems(settings["libraries"]))
        if shelf["via"] == FILE:
            problems.append('shelf.via: "file" is for a library that is a file; write "auto"')
        names = ("collection", "tag", "per_interest", "more", "less")
        try:
            looks = ShelfSettings(**{name: shelf[name] for name in names})
        except ConfigError as error:
            problems += error.problems
            looks = ShelfSettings()
        if problems:
            raise ConfigError(problems)
        return cls(
            place=settings["place"],
            libraries=tuple(settings["libraries"]),
            web_address=settings["web_address"].rstrip("/"),
            local_address=f"{settings['local_address'].rstrip('/')}/api",
            via=shelf["via"],
            shelf=looks,
        )

    @property
    def database(self) -> Path | None:
        """The database that is to be read, if it is one that is named."""
        return None if self.place in {AUTO, LOCAL, WEB} else Path(self.place).expanduser()

    def shelf_way(self, *, has_key: bool) -> Literal["web", "local", "none"]:
        """How the shelf is written; a key is for zotero.org, and without one there is Zotero 10."""
        if self.via == NONE:
            return "none"
        if self.via in {WEB, LOCAL}:
            return "web" if self.via == WEB else "local"
        return "web" if has_key else "local"


def called(library: str) -> str:
    """What a library is called in a sentence."""
    return "your library" if library == "user" else f"the group {library.removeprefix('group:')}"


def _problems(libraries: list[str]) -> Iterator[str]:
    for name in libraries:
        if not re.fullmatch(r"user|group:[1-9]\d*", name):
            yield f'library.libraries: {name!r} is none; write "user" or "group:12345"'
    if len(set(libraries)) < len(libraries):
        yield "library.libraries: one of them is named twice; name each once"
