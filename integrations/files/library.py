"""A reference manager that is a file: an export in any format, or Zotero's database."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from importlib.metadata import version as installed_version
from pathlib import Path

from integrations.files.contents import Contents
from integrations.files.formats import EMPTY, HEAD, described, recognised
from integrations.files.inputs import Input, inputs
from integrations.files.marked_document import is_ours
from integrations.zotero.database import ZOTERO_DATABASE, read_file
from recommender.errors import BadResponse, ConfigError
from recommender.library import Changes, Entry, Item, Unreadable

READABLE = "BibTeX, RIS, EndNote XML, ENW, NBIB, CSL-JSON, Zotero RDF, zotero.sqlite"


_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A library file: a text that changes with its content, and how to read it."""

    signature: str
    read: Callable[[], Contents]


@dataclass(frozen=True, slots=True)
class _Parse:
    """What a library file held when it had a signature, with the version of each entry."""

    signature: str
    contents: Contents
    versions: dict[str, str]


class FileLibrary:
    """A library kept in one file or several, read anew at each call and parsed when it changed.

    Keys and places of files that were found in a directory or by a pattern begin with the file's
    name, also while there is only one, so that a second file renames nothing. Such a file that is
    no library, or that holds our own suggestions, is passed over.

    Args:
        argument: ``-``, a file, a directory or a pattern, as ``inputs`` explains.
        shelf: The name of the file that is our shelf, in a directory. What somebody moved out of it
            into another file bears no mark any more: it is the reader's own.

    Raises:
        ConfigError: If there is no such file.
    """

    def __init__(self, argument: str, *, shelf: str = "") -> None:
        # A misspelt name should be told when the configuration is read, not in the night.
        found = inputs(argument)
        self._argument = argument
        self._shelf = shelf
        # Wherever the program runs next, and whatever else has the same name in another folder.
        path = Path(argument).expanduser()
        self._name = found[0].name if argument == "-" else str(path.resolve())
        self._parses: dict[str, _Parse] = {}
        self._told = ""

    @property
    def name(self) -> str:
        """Where the file, directory or pattern is, in full; ``standard input`` for ``-``."""
        return self._name

    def changes(self, since: str | None) -> Changes:
        """All there is, as of now; where no file changed since, just that.

        The version says what the files are, and behind a colon what was read of them, so that what
        reads the same is not read twice.

        Raises:
            BadResponse: If a named file is no library, if none is left in a directory, or if a
                library is damaged: it is never taken for empty.
        """
        self._told = files = self._files()
        if files and since and since.partition(":")[0] == files:
            return Changes(version=since, entries={}, unchanged=True)
        parses = self._current()
        versions = {key: version for parse in parses for key, version in parse.versions.items()}
        collections = tuple(c for parse in parses for c in parse.contents.collections)
        return Changes(
            version=f"{files}:{_digest([versions, [_content(c) for c in collections]])}",
            entries=versions,
            collections=collections,
            complete=True,
        )

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """The entries of these keys as they are now, in the files' order.

        Raises:
            BadResponse: As for ``changes``.
        """
        wanted = frozenset(keys)
        for parse in self._current():
            yield from (entry for entry in parse.contents.entries if entry.key in wanted)

    def is_current(self) -> bool:
        """Whether the files are what ``changes`` told of the last time; true before the first."""
        return not self._told or self._told == self._files()

    def _files(self) -> str:
        """A digest of the files, and of the program, which may come to read them otherwise."""
        try:
            opened = [(f.name, _opened(f)) for f in inputs(self._argument) if f.is_readable_again]
        except (ConfigError, OSError):
            return ""  # to be told by whoever reads them
        said = [[name, one.signature] for name, one in opened if one]
        told = [installed_version("shelfwise"), said, *filter(None, (self._shelf,))]
        return _digest(told) if said else ""

    def _current(self) -> list[_Parse]:
        try:
            parses = {f.name: p for f in inputs(self._argument) if (p := self._parse(f))}
        except (ConfigError, OSError) as error:
            # It was there when this library was made.
            why = str(error).removeprefix(f"{self._argument}: ")
            raise BadResponse(self._name, f"{self._argument}: {why}") from error
        if not parses:
            message = f"{self._argument}: holds no library that Shelfwise can read ({READABLE})"
            raise BadResponse(self._name, message)
        # Only now, so that a failure leaves all as it was; what is gone is forgotten.
        self._parses = parses
        return list(parses.values())

    def _parse(self, file: Input) -> _Parse | None:
        known = self._parses.get(file.name)
        if known and not file.is_readable_again:
            return known
        opened = _opened(file)
        if known and opened and known.signature == opened.signature:
            return known
        return _parsed(file, opened, self._shelf) if opened else None


def _opened(file: Input) -> _Opened | None:
    head = file.head(HEAD) if file.is_readable_again else file.read()
    if is_ours(head) and not file.named:
        return None
    form = recognised(head)
    if form is None:
        if file.named:
            raise BadResponse(file.name, _refusal(file.name, head))
        return None
    if form is ZOTERO_DATABASE and not file.named and "zotero" not in Path(file.name).name.lower():
        # Many a program keeps a database of this kind, and a directory may hold theirs.
        return None
    if form is ZOTERO_DATABASE and file.path and _is_plain_database(file.path):
        return _Opened(_moment(file.path), partial(read_file, file.path))
    data = file.read() if file.is_readable_again else head
    return _Opened(hashlib.sha256(data).hexdigest(), partial(form.read, data))


def _parsed(file: Input, opened: _Opened, shelf: str) -> _Parse:
    try:
        contents = opened.read()
    except BadResponse as error:
        # The format knows what is wrong, and not where.
        message = str(error).removeprefix(f"{Path(file.name).name}: ")
        raise BadResponse(error.service, f"{file.name}: {message}") from error
    if not file.named:
        contents = _prefixed(contents, file.name, has_marks=shelf in {"", file.name})
    versions = {entry.key: _digest(_content(entry)) for entry in contents.entries}
    return _Parse(opened.signature, contents, versions)


def _refusal(name: str, head: bytes) -> str:
    looks = described(head)
    if looks == EMPTY:
        return f"{name}: is empty; export the library again"
    return f"{name}: not a library that Shelfwise can read ({READABLE}); it looks like {looks}"


def _is_plain_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _moment(path: Path) -> str:
    # Beside a database lies what was written last, and together they may be longer than any text.
    names = (f"{path.name}{ending}" for ending in ("", "-wal", "-journal"))
    found = [p.stat() if (p := path.with_name(name)).exists() else None for name in names]
    return repr([(s.st_mtime_ns, s.st_size, s.st_ino) if s else None for s in found])


def _prefixed(contents: Contents, name: str, *, has_marks: bool) -> Contents:
    def named(key: str) -> str:
        return f"{name}:{key}"

    def moved(entry: Entry) -> Entry:
        if isinstance(entry, Item):
            inside = tuple(named(key) for key in entry.collections)
            mark = entry.mark if has_marks else ""
            return replace(entry, key=named(entry.key), collections=inside, mark=mark)
        if isinstance(entry, Unreadable):
            skipped = replace(entry.skipped, place=f"{name}: {entry.skipped.place}")
            return replace(entry, key=named(entry.key), skipped=skipped)
        parent = named(entry.parent) if entry.parent else ""
        return replace(entry, key=named(entry.key), parent=parent)

    return Contents(
        tuple(moved(entry) for entry in contents.entries),
        tuple(
            replace(c, key=named(c.key), parent=named(c.parent) if c.parent else None)
            for c in contents.collections
        ),
    )


def _content(value: object) -> object:
    """What a value says, without what it leaves out.

    A field that a later release adds is empty for most entries and changes no digest of theirs;
    the text of a ``repr`` would make a whole library new.
    """
    if isinstance(value, tuple):
        return [_content(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        named = ((f.name, getattr(value, f.name)) for f in fields(value))
        said = {name: _content(part) for name, part in named if part not in ("", (), None, False)}
        return {"": type(value).__name__} | said
    return value if isinstance(value, str | bool) else str(value)


def _digest(content: object) -> str:
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()[:20]
