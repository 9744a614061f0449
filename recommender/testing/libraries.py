"""A library in memory, for trying what reads one; it passes the contract of reference managers."""

from collections.abc import Collection, Iterator

from recommender import library
from recommender.errors import IntegrationError
from recommender.library import Changes, Entry, Item, OtherKind


class FakeLibrary:
    """A library in memory: it keeps its history, so that ``changes`` tells what happened since.

    Args:
        name: Its name in reports and in the store, and the service that its failures name.

    Attributes:
        error: What each read raises; None while the library can be read.
    """

    def __init__(self, name: str = "fake library") -> None:
        self._name = name
        self._version = 1
        self._entries: dict[str, tuple[Entry, int]] = {}
        self._deleted: dict[str, int] = {}
        self._collections: dict[str, library.Collection] = {}
        self.error: IntegrationError | None = None

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self._name

    def put(self, *entries: Entry) -> None:
        """Add entries, or change those that have their keys, all in one later version.

        Collections that nobody has declared are created under their keys' names.
        """
        self._version += 1
        for entry in entries:
            self._entries[entry.key] = entry, self._version
            for key in entry.collections if isinstance(entry, Item) else ():
                self._collections.setdefault(key, library.Collection(key, key))

    def remove(self, *keys: str) -> None:
        """Delete entries for good, each with its parts, all in one later version."""
        self._version += 1
        for key in keys:
            self._remove(key)

    def declare(self, *collections: library.Collection) -> None:
        """Add collections, or change those that have their keys."""
        self._version += 1
        self._collections |= {collection.key: collection for collection in collections}

    def changes(self, since: str | None) -> Changes:
        """What happened since; everything where nothing is known of that version."""
        self._read()
        start = int(since or 0)
        return Changes(
            version=str(self._version),
            entries={k: str(at) for k, (_, at) in self._entries.items() if at > start},
            deleted=frozenset(k for k, at in self._deleted.items() if since and at > start),
            collections=tuple(self._collections.values()),
            complete=since is None,
        )

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """The entries of these keys, in the order in which they were first put."""
        self._read()
        wanted = frozenset(keys)
        return iter([entry for key, (entry, _) in self._entries.items() if key in wanted])

    def _remove(self, key: str) -> None:
        del self._entries[key]
        self._deleted[key] = self._version
        for part in [
            k for k, (e, _) in self._entries.items() if isinstance(e, OtherKind) and e.parent == key
        ]:
            self._remove(part)

    def _read(self) -> None:
        if self.error:
            raise self.error
