"""A library that is a file or a folder of files, and the shelf in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from integrations.files.group_shelf import SERVICE, GroupShelf
from integrations.files.library import FileLibrary
from recommender.errors import ConfigError, IntegrationError, NotAuthorized, PermanentError
from recommender.library import Library
from recommender.ports import Choice, Finding, Memory


class FileAccount:
    """One file or several that are read, and, where the settings want it, a shelf in the file.

    Args:
        settings: The section ``[library]``, with the section ``[shelf]`` in it.
        key: Nothing; a file wants none.
        memory: Nothing is kept.
        now: When this is; it does not matter.

    Raises:
        ConfigError: If the settings name no file, or no shelf that there can be in it.
    """

    def __init__(
        self, settings: Mapping[str, Any], *, key: str, memory: Memory, now: datetime
    ) -> None:
        del key, memory, now
        self._place: str = settings["place"]
        if self._place == "auto":
            message = "library.place: name the file, folder or pattern that is your library"
            raise ConfigError(message)
        shelf = settings["shelf"]
        self._group = " ".join(shelf["collection"].split())
        self._tag: str = shelf["tag"]
        self._has_shelf = shelf["via"] == "file"
        self._path = Path(self._place).expanduser()
        # In a folder the shelf is a file of its own.
        self._file = f"{self._group}.bib" if self._has_shelf and self._path.is_dir() else ""
        problems = list(self._problems(per_interest=shelf["per_interest"]))
        if self._has_shelf and problems:
            raise ConfigError(problems)

    def libraries(self) -> Sequence[FileLibrary]:
        """The one library that all the files are.

        Raises:
            ConfigError: If there is no such file.
        """
        return [self._library]

    def shelf(self) -> GroupShelf | None:
        """The group or the file for suggestions; None where the settings want none.

        Raises:
            ConfigError: If there is no such library.
        """
        if not self._has_shelf:
            return None
        return GroupShelf(
            self._path / self._file if self._file else self._path,
            group=self._group,
            tag=self._tag,
            prefix=f"{self._file}:" if self._file else "",
            begins=bool(self._file),
            is_current=self._library.is_current,
        )

    def check(self) -> Iterator[Finding]:
        """Whether the library can be read, and the shelf written."""
        try:
            n = len(self._library.changes(None).entries)
        except IntegrationError as error:
            yield _failed(error)
            return
        few = "" if n else "add papers that you like to it"
        entries = "1 entry" if n == 1 else f"{n} entries"
        yield Finding(f"the library {self._library.name} has {entries}", few)
        if shelf := self.shelf():
            try:
                shelf.check()
            except IntegrationError as error:
                yield _failed(error)
            else:
                where = self._file or f"its group {self._group}"
                yield Finding(f"suggestions go into {where}")

    def choices(self) -> Sequence[Choice]:
        """The library, with its groups.

        Raises:
            IntegrationError: If it cannot be read.
        """
        collections = self._library.changes(None).collections
        paths = Library(collections=collections).paths().values()
        return [
            Choice(
                place=self._place,
                called=self._library.name,
                collections=tuple(path.replace(" / ", "/") for path in paths),
            )
        ]

    def authorise(self, before: Callable[[], None] = lambda: None) -> str:
        """Nobody can be asked.

        Raises:
            NotAuthorized: Always.
        """
        raise NotAuthorized(SERVICE, "a file needs no permission; leave the key out")

    def colour(self, tags: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Nothing has a colour in a file.

        Raises:
            PermanentError: Always.
        """
        raise PermanentError(SERVICE, "keywords in a file have no colours; use them without")

    @cached_property
    def _library(self) -> FileLibrary:
        return FileLibrary(self._place, shelf=self._file)

    def _problems(self, *, per_interest: bool) -> Iterator[str]:
        if not all(part.isalnum() for part in self._group.replace("-", " ").split()):
            yield (
                f"shelf.collection: {self._group!r} can be no group in a file; write letters,"
                " digits and blanks"
            )
        if per_interest:
            yield "shelf.per_interest: a file has one group for all; set it to false"
        if not self._path.is_file() and not self._path.is_dir():
            yield f'shelf.via: "file" wants a file or a folder, and {self._place} is neither'


def _failed(error: IntegrationError) -> Finding:
    # An error's text says what to do behind its last semicolon.
    what, _, remedy = str(error).rpartition("; ")
    return Finding(what or remedy, remedy if what else "mend this first", failed=True)
