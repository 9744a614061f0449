"""A reader's library: items with their collections, tags and dates. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from recommender.papers import Paper, Skipped


def is_ours(name: str) -> bool:
    """Whether a tag or collection is one that our own shelves write, no choice of the reader's."""
    return name.casefold() == "shelfwise"


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A word on an item; ``automatic`` when a program put it there, not the reader."""

    name: str
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder of items, perhaps inside another one.

    Attributes:
        key: The reference manager's own name for it.
        parent: The key of the collection around it.
        trashed: In the trash: its items are not filed there any more.
    """

    key: str
    name: str
    parent: str | None = None
    trashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A paper that the reader keeps.

    Attributes:
        key: The reference manager's own name for it, unique in the library.
        collections: Keys of the collections that hold it.
        added_at: When the reader added it, in UTC; None where the manager does not say.
        added_by: Who added it, in a group's library.
        trashed: Thrown away, but still known: it says nothing of the reader's interests, and is
            not to be suggested either.
    """

    key: str
    paper: Paper
    collections: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    added_at: datetime | None = None
    added_by: str = ""
    trashed: bool = False


@dataclass(frozen=True, slots=True)
class OtherKind:
    """An entry that is no paper: a note, an attachment, a web page, a film, a statute."""

    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that could not be read."""

    key: str
    skipped: Skipped


Entry = Item | OtherKind | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a library has new since an earlier version, as of ONE later version.

    Attributes:
        version: That later version, opaque; give it to the next call.
        entries: The key of each entry that was added or changed, with the entry's own version.
        deleted: Keys of entries that were there and are gone.
        collections: All collections as of that version, trashed ones too.
        complete: ``entries`` lists everything there is, so a key that is missing was deleted.
    """

    version: str
    entries: Mapping[str, str]
    deleted: frozenset[str] = frozenset()
    collections: tuple[Collection, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One person's or group's entries in a reference manager.

    Attributes:
        other_kinds: How many entries are no papers.
        skipped: The entries that could not be read.
    """

    items: tuple[Item, ...] = ()
    collections: tuple[Collection, ...] = ()
    other_kinds: int = 0
    skipped: tuple[Skipped, ...] = ()

    @property
    def n_entries(self) -> int:
        """Papers, other kinds and unreadable entries together."""
        return len(self.items) + self.other_kinds + len(self.skipped)

    def paths(self) -> dict[str, str]:
        """Where each collection stands, from the outermost: its key to ``Thesis / Methods``.

        A collection in the trash, or inside one that is, has no path; nor has our own shelf, which
        is no filing of the reader's.
        """
        by_key = {c.key: c for c in self.collections}
        found: dict[str, str] = {}
        for collection in self.collections:
            line = list(_upwards(collection, by_key))
            if not any(c.trashed or is_ours(c.name) for c in line):
                found[collection.key] = " / ".join(c.name for c in reversed(line))
        return found


def _upwards(collection: Collection, by_key: Mapping[str, Collection]) -> Iterator[Collection]:
    seen: set[str] = set()
    at: Collection | None = collection
    # A damaged file can make a collection its own ancestor.
    while at is not None and at.key not in seen:
        seen.add(at.key)
        yield at
        at = by_key.get(at.parent or "")
