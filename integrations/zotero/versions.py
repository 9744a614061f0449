"""What an earlier reading of a library was as of, and which keys were ever seen in one place. Pure.

One library can be read in several places: at zotero.org, from the Zotero on this computer, in its
database. They agree only when Zotero has synchronised them. So a place tells of deletions only
among what was seen in that place: what another one has and this one has not may not have arrived.
"""

import json
from collections.abc import Collection as Keys
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass

WEB, LOCAL, DATABASE = "web", "local", "database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an answer was as of.

    Attributes:
        place: ``WEB``, ``LOCAL`` or ``DATABASE``; the versions of one mean nothing to another.
        library: As that place calls it.
        number: The library's version.
        server: Which database answered on this computer; None before Zotero 10, and elsewhere.
        notes: The key showed notes too. What a key does not show looks as if it were not there.
        content: A digest of all there was, where numbers do not move with every edit.
    """

    place: str
    library: str
    number: int = 0
    server: str | None = None
    notes: bool = True
    content: str = ""

    @property
    def text(self) -> str:
        """The version as ``Changes`` has it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def parsed(cls, text: str | None) -> "Version | None":
        """The version that a text spells; None where it spells none."""
        try:
            found = json.loads(text or "")
            return cls(**found) if isinstance(found["number"], int) else None
        except (TypeError, ValueError, KeyError):
            return None

    def is_from(self, other: "Version") -> bool:
        """Whether another one is of the same library in the same place."""
        mine = self.place, self.library, self.server
        return mine == (other.place, other.library, other.server)


def tells_all(now: Version, since: Version | None, memory: Mapping[str, str]) -> bool:
    """Whether what a list of all entries in a place does not name is deleted, wherever it was seen.

    So it is where nothing is known from elsewhere.

    Args:
        now: What the list is as of.
        since: What is known is as of; None where nothing is known.
        memory: That of ``missing``.
    """
    if since is None:
        return True
    if since.place != now.place:
        return False
    return not since.is_from(now) or _name(now) not in memory


def is_another(now: Version, since: Version | None) -> bool:
    """Whether another library or database was read before in the same place."""
    return since is not None and since.place == now.place and not since.is_from(now)


def missing(now: Version, keys: Keys[str], memory: MutableMapping[str, str]) -> frozenset[str]:
    """The keys that were seen in a place once and are not there any more.

    Those that were told before are told again, so that none is lost when a sync dies half way.

    Args:
        now: As of when this is; of its place, library and server.
        keys: All that are there.
        memory: What is kept between runs; the keys are added.
    """
    before = frozenset(memory.get(_name(now), "").split())
    memory[_name(now)] = " ".join(sorted(before.union(keys)))
    return before.difference(keys)


def _name(now: Version) -> str:
    return f"library:seen:{now.place}:{now.library}:{now.server or ''}"
