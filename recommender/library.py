"""A reader's library: items with their collections, tags and dates. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

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
        ours: It is a shelf of ours, or a part of one that we made, whatever it is called now.
    """

    key: str
    name: str
    parent: str | None = None
    trashed: bool = False
    ours: bool = False


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
        mark: The id of the suggestion that it is, where a shelf of ours made it; a copy bears it
            too.
        tidied: We put it into the trash ourselves, on whatever machine, since it was over.
    """

    key: str
    paper: Paper
    collections: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    added_at: datetime | None = None
    added_by: str = ""
    trashed: bool = False
    mark: str = ""
    tidied: bool = False


@dataclass(frozen=True, slots=True)
class OtherKind:
    """An entry that is no paper: a note, an attachment, a web page, a film, a statute.

    Attributes:
        kind: The reference manager's own word for it.
        parent: The key of the entry that it is a part of: a paper, or a paper's attachment.
        read_at: When the reader last had it open, where the manager says so.
        mark: The id of the suggestion that a shelf of ours wrote it for.
    """

    key: str
    kind: str
    parent: str = ""
    read_at: datetime | None = None
    trashed: bool = False
    mark: str = ""


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
        unchanged: Nothing is new since, so nothing but the version is told.
        another: What was read earlier was another library in this one's place, or an older state
            of it was restored: nobody did anything to what is missing.
    """

    version: str
    entries: Mapping[str, str]
    deleted: frozenset[str] = frozenset()
    collections: tuple[Collection, ...] = ()
    complete: bool = False
    unchanged: bool = False
    another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One person's or group's entries in a reference manager.

    Attributes:
        others: The entries that are no papers.
        skipped: The entries that could not be read.
    """

    items: tuple[Item, ...] = ()
    collections: tuple[Collection, ...] = ()
    others: tuple[OtherKind, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def n_entries(self) -> int:
        """Papers, other kinds and unreadable entries together."""
        return len(self.items) + len(self.others) + len(self.skipped)

    def parts(self) -> dict[str, tuple[OtherKind, ...]]:
        """What belongs to each entry that has any: its notes and attachments, and what is on those.

        By the key of the outermost entry: an annotation is a part of the paper whose file it is in.
        """
        by_key = {other.key: other for other in self.others}
        found: dict[str, list[OtherKind]] = {}
        for other in self.others:
            line = list(_up(other, lambda at: by_key.get(at.parent)))
            if outermost := line[-1].parent:
                found.setdefault(outermost, []).append(other)
        return {key: tuple(parts) for key, parts in found.items()}

    def on_shelves(self) -> frozenset[str]:
        """The keys of the collections that are ours; one that the reader put inside is not."""
        return frozenset(c.key for c in self.collections if c.ours or is_ours(c.name))

    def paths(self) -> dict[str, str]:
        """Where each collection stands, from the outermost: its key to ``Thesis / Methods``.

        A collection in the trash, or inside one that is, has no path; nor has our own shelf, which
        is no filing of the reader's.
        """
        by_key = {c.key: c for c in self.collections}
        ours = self.on_shelves()
        found: dict[str, str] = {}
        for collection in self.collections:
            line = list(_up(collection, lambda at: by_key.get(at.parent or "")))
            if collection.key not in ours and not any(c.trashed for c in line):
                found[collection.key] = " / ".join(c.name for c in reversed(line))
        return found

    @classmethod
    def joined(cls, libraries: Iterable["Library"]) -> "Library":
        """Several libraries as one; their keys differ."""
        parts = tuple(libraries)
        return cls(
            items=tuple(chain.from_iterable(one.items for one in parts)),
            collections=tuple(chain.from_iterable(one.collections for one in parts)),
            others=tuple(chain.from_iterable(one.others for one in parts)),
            skipped=tuple(chain.from_iterable(one.skipped for one in parts)),
        )


_Inside = TypeVar("_Inside", Collection, OtherKind)


def _up(innermost: _Inside, around: Callable[[_Inside], _Inside | None]) -> Iterator[_Inside]:
    """A thing, what is around it, what is around that, and so on."""
    seen: set[str] = set()
    at: _Inside | None = innermost
    # A damaged file can make a thing its own ancestor.
    while at is not None and at.key not in seen:
        seen.add(at.key)
        yield at
        at = around(at)
