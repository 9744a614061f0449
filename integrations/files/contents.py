"""What a library file holds, and what every reader of such files shares."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from recommender.library import Collection, Entry


@dataclass(frozen=True, slots=True)
class Contents:
    """A library file, read.

    Attributes:
        entries: One for each record of the file, in the file's order, and perhaps parts of these
            behind them; their keys are unique.
        collections: The file's folders, in the file's order, an outer one before those inside it.
    """

    entries: tuple[Entry, ...]
    collections: tuple[Collection, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryFormat:
    """One way in which libraries are written down.

    Attributes:
        name: What people call it.
        matches: Whether a file is one, given its first 64 KiB (all of it if shorter). By content
            alone, cheap, and false for every other format.
        read: The contents of a whole file. Raises ``BadResponse`` if the file as a whole is not
            what it promises; a bad record is an ``Unreadable`` and spoils nothing else.
    """

    name: str
    matches: Callable[[bytes], bool]
    read: Callable[[bytes], Contents]


def decoded(data: bytes) -> str:
    r"""The text of a file, its lines ended by ``\n`` alone; no input fails.

    UTF-8 with or without a byte order mark, or UTF-16 with one. A byte that is no part of UTF-8
    means what it means in Windows' Western European code page, so that a file in that code page
    is read right, and one foreign byte in a file of UTF-8 spoils itself only.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors=_WESTERN)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def uniquely(keys: Iterable[str]) -> Iterator[str]:
    """The keys in their order, each different from all others.

    A repeated one gets its count as a suffix and an empty one its position, from 1:
    ``a, a, ""`` becomes ``a, a#2, #3``.
    """
    times: dict[str, int] = {}
    given: set[str] = set()
    for position, key in enumerate(keys, start=1):
        count = times.get(key, 0) + 1
        unique = (key if count == 1 else f"{key}#{count}") if key else f"#{position}"
        # A file may well hold a key that looks like one of ours: "a", "a#2", "a".
        while unique in given:
            count += 1
            unique = f"{key}#{count}" if key else f"{unique}#"
        times[key] = count
        given.add(unique)
        yield unique


def _western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_CODE_PAGE[byte] for byte in wrong), error.end


# The code page leaves five bytes undefined; there its users mean Latin-1's control characters.
_CODE_PAGE = tuple(
    bytes([byte]).decode("latin-1" if byte in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252")
    for byte in range(256)
)
_WESTERN = "integrations.files.western"
codecs.register_error(_WESTERN, _western)
