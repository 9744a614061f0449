"""The field by which an entry of ours is known wherever a reader moves it. Pure.

It says of which suggestion the entry is, in which group we put it, and how it was when we did::

    shelfwise = {0123456789abcdef 6e340b9cffb37a98 in Shelfwise},

A field goes where its entry goes: programs drop comments between entries, or give them to others.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from integrations.files.bibtex_syntax import Record

FIELD = "shelfwise"
"""The field's name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the field of an entry says.

    Attributes:
        suggestion_id: Of which suggestion it is.
        digest: Of the entry as we wrote it.
        group: In which group we put it.
    """

    suggestion_id: str
    digest: str
    group: str

    def is_of(self, source: str) -> bool:
        """Whether an entry is as we wrote it, but for how its lines end.

        Args:
            source: The entry from its ``@`` up to its closing brace.
        """
        return _digest(source.replace(self.digest, _BLANK)) == self.digest


def mark_in(record: Record) -> Mark | None:
    """The mark that a record bears; nothing where it bears none of ours."""
    found = _MARK.fullmatch(" ".join(record.first(FIELD).split()))
    return Mark(*found.groups()) if found else None


def signed(suggestion_id: str, group: str, entry: Callable[[str], str]) -> str:
    """An entry with its mark.

    Args:
        suggestion_id: Of which suggestion it is.
        group: In which group it is put; of letters, digits and blanks.
        entry: Gives the entry, from its ``@`` up to its closing brace, with this value of the
            field.
    """

    def text(digest: str) -> str:
        return entry(f"{{{suggestion_id} {digest} in {group}}}")

    return text(_digest(text(_BLANK)))


def _digest(entry: str) -> str:
    lines = entry.replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(lines.encode(errors="surrogatepass")).hexdigest()[:16]


_BLANK = "0" * 16
_MARK = re.compile(r"([0-9a-f]{16}) ([0-9a-f]{16}) in (\S.*)")
