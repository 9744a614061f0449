"""From what a person typed to the files that it means, and their bytes."""

import bz2
import glob
import gzip
import lzma
import os
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from recommender.errors import BadResponse, ConfigError

LIMIT = 256 * 2**20
"""The longest file, in bytes after unpacking, that is read; a far longer one is no library."""

STANDARD_INPUT = "standard input"

_ZOTERO = "zotero.sqlite"
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Input:
    """A file that the reader means.

    Attributes:
        name: What a person calls it: the file's name, with the folders below the one that was
            given; ``standard input``.
        path: Where it lies; None for standard input.
        named: Whether the reader named this file itself; false where it was found in a directory
            or by a pattern.
    """

    name: str
    path: Path | None
    named: bool = True

    def read(self) -> bytes:
        """The whole content; what gzip, bzip2 or xz packed is unpacked, whatever it is called.

        Raises:
            BadResponse: If it cannot be opened or read, if the archive is damaged, or if there is
                more of it than ``LIMIT``.
        """
        found = self._first(LIMIT + 1)
        if len(found) > LIMIT:
            much = f"longer than {LIMIT // 2**20} MiB"
            raise BadResponse(self.name, f"{self.name}: {much}; name a library file")
        return found

    @property
    def is_readable_again(self) -> bool:
        """Whether reading twice gives the same: not so from standard input or a pipe."""
        return self.path is not None and self.path.is_file()

    def head(self, length: int) -> bytes:
        """The content's first ``length`` bytes, unpacked; only if it ``is_readable_again``.

        Raises:
            BadResponse: As for ``read``, except that no content is too long.
        """
        return self._first(length)

    def _first(self, length: int) -> bytes:
        try:
            if self.path is None:
                if sys.stdin is None:
                    raise BadResponse(self.name, f"{self.name}: is closed; give a file")
                return _unpacked(cast("BinaryIO", sys.stdin.buffer), length)
            with self.path.open("rb") as file:
                return _unpacked(file, length)
        except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            raise BadResponse(
                self.name, f"{self.name}: the archive is damaged ({error}); pack it again"
            ) from error
        except OSError as error:
            # bz2 has no error of its own: it raises OSError without an error number.
            why = error.strerror or f"the archive is damaged ({error})"
            raise BadResponse(self.name, f"{self.name}: cannot be read: {why}") from error


def inputs(argument: str) -> tuple[Input, ...]:
    """The files that an argument of the command line or the configuration means.

    Args:
        argument: ``-`` for standard input; a file; a directory, which means its files and those
            of its folders, without hidden ones (where ``zotero.sqlite`` lies, it alone); or a
            pattern with ``*``, ``?``, ``[…]`` or ``**``. A leading ``~`` is the home directory.

    Returns:
        At least one, sorted by name; no name twice.

    Raises:
        ConfigError: If there is no such file, or none in the directory, or none that matches.
    """
    if argument == "-":
        return (Input(STANDARD_INPUT, None),)
    if not argument.strip():
        raise ConfigError("the name of a file is missing: give a file, a directory or a pattern")
    try:
        path = Path(argument).expanduser()
        if path.is_dir():
            return _directory(argument, path)
        # A file may well have a bracket in its name, so that what exists is no pattern.
        if path.exists():
            return (Input(path.name, path),)
        if glob.has_magic(argument):
            return _pattern(argument, path)
    except (OSError, RuntimeError) as error:
        # Such as a name that is too long, a folder that may not be entered, or nobody's home.
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{argument}: cannot be found: {why}; check the path") from error
    raise ConfigError(f"{argument}: no such file; check the path")


def _unpacked(file: BinaryIO, length: int) -> bytes:
    # A program that gives itself an input may give one that cannot look ahead.
    file = file if hasattr(file, "peek") else BufferedReader(cast("RawIOBase", file))
    head = cast("BufferedReader", file).peek(6)[:6]
    stream = next((opened(file) for magic, opened in _ARCHIVES if head.startswith(magic)), file)
    pieces = []
    while length > 0 and (piece := stream.read(min(_PIECE, length))):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _directory(argument: str, path: Path) -> tuple[Input, ...]:
    if (path / _ZOTERO).is_file():
        return (Input(_ZOTERO, path / _ZOTERO),)
    found = sorted((file.relative_to(path).as_posix(), file) for file in _files(path))
    if not found:
        raise ConfigError(f"{argument}: no files in this directory; check the path")
    return tuple(Input(name, file, named=False) for name, file in found)


def _files(path: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(path, onerror=_unlisted):
        if _ZOTERO in names:
            # Beside it lies Zotero's storage, full of what is no library.
            folders[:], names = [], [_ZOTERO]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found = (Path(folder, name) for name in names if not name.startswith("."))
        yield from (file for file in found if file.is_file())


def _unlisted(error: OSError) -> None:
    # Passed over in silence, the files of such a folder would look as if they had been deleted.
    raise ConfigError(f"{error.filename}: cannot be listed: {error.strerror}") from error


def _pattern(argument: str, path: Path) -> tuple[Input, ...]:
    fixed = Path(*_fixed_parts(path))
    # Unlike glob.glob, Path.glob does not follow links to folders, which may lead in circles.
    rest = path.relative_to(fixed)
    # That a final ** means files, too, is news to older Pythons.
    found = fixed.glob(str(rest / "*" if rest.name == "**" else rest))
    if not any(part.startswith(".") for part in rest.parts):
        found = (file for file in found if not _is_hidden(file.relative_to(fixed)))
    names = {file.relative_to(fixed).as_posix(): file for file in found if file.is_file()}
    if not names:
        raise ConfigError(f"{argument}: no file matches; check the pattern")
    return tuple(Input(name, file, named=False) for name, file in sorted(names.items()))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _fixed_parts(path: Path) -> Iterator[str]:
    for part in path.parts:
        if glob.has_magic(part):
            return
        yield part


def _gzip(file: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb"))


def _bzip2(file: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", bz2.BZ2File(file))


def _xz(file: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", lzma.LZMAFile(file))


_ARCHIVES = ((b"\x1f\x8b\x08", _gzip), (b"BZh", _bzip2), (b"\xfd7zXZ\x00", _xz))
