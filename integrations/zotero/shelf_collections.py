"""The shelf's collections: where they are, and that nobody took them away.

A collection of ours is known by its key, wherever the reader moves it and whatever they call it.
One that they trashed or deleted is not made again behind their back.
"""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.zotero.client import SERVICE, Client, Conflict
from integrations.zotero.items import is_trashed
from integrations.zotero.keys import made_key, mark_in_extra
from integrations.zotero.shelf_reading import content, whole
from integrations.zotero.shelf_values import ShelfSettings
from integrations.zotero.shelves import (
    collection_name,
    filing_paths,
    inner_path,
    memory_name,
    our_collections,
    shelf_keys,
)
from recommender.errors import PermanentError
from recommender.library import Collection

Maker = Callable[[str, str, str], str]
"""Makes a collection of a name, under the collection of a key or none, for a path: its key."""


class ShelfCollections:
    """The collections of one shelf, as they are during one call of the shelf's.

    Args:
        client: Their library.
        memory: Keeps the key of each collection that was found or made.
        settings: What they are called.
        make: Makes one that is not there yet.
    """

    def __init__(
        self,
        client: Client,
        memory: MutableMapping[str, str],
        settings: ShelfSettings,
        make: Maker,
    ) -> None:
        self._client = client
        self._memory = memory
        self._settings = settings
        self._make = make
        self._seen: dict[str, Collection | None] = {}
        self._all: tuple[Collection, ...] | None = None

    def shelf(self) -> str:
        """The key of the shelf's own collection, made where it never was.

        Raises:
            PermanentError: If the reader took it away, or something else is in its place.
        """
        path = self._settings.path
        known = self._memory.get(memory_name(path), "")
        if known:
            self._refuse_missing(path, known)
            return known
        around, parent = "", ""
        for name in self._settings.names[:-1]:
            around = f"{around}/{name}" if around else name
            parent = self._found(name, parent, around, foreign=True) or self._made(
                name, parent, around
            )
        name = self._settings.names[-1]
        found = self._found(name, parent, path, foreign=False)
        return self._remembered(path, found or self._made(name, parent, path))

    def of_interest(self, interest: str) -> str:
        """The key of the collection for an interest: the shelf's own where it has none.

        It has none where the reader took it away, or does not want one for each interest; nor where
        the interest is not named by a collection of the reader's, as its name is of terms then, and
        another one whenever the library grows.
        """
        shelf = self.shelf()
        if not self._settings.per_interest or not self._is_filing(interest):
            return shelf
        name, path = collection_name(interest), inner_path(self._settings.path, interest)
        known = self._memory.get(memory_name(path), "") or self._own(path)
        if known and not self._is_there(known):
            return shelf
        found = known or self._found(name, shelf, path, foreign=True)
        return self._remembered(path, found or self._made(name, shelf, path))

    def holding(self, collections: Sequence[str]) -> str:
        """Which collection of ours an item is in; empty where it is in another one, too, or none.

        Args:
            collections: The keys of those that it is in.
        """
        if len(collections) != 1:
            return ""
        [key] = collections
        if key in shelf_keys(self._memory) | {self._key_of(self._settings.path)}:
            return key
        return key if key in self._ours() else ""

    def known_shelf(self) -> str:
        """The key of the shelf's own collection, as far as it is known without asking."""
        path = self._settings.path
        made = "" if self._client.is_local else self._key_of(path)
        return self._memory.get(memory_name(path), "") or made

    def _is_filing(self, interest: str) -> bool:
        """Whether an interest is named by one of the reader's own collections."""
        ours = self._ours()
        paths = filing_paths(replace(one, ours=one.key in ours) for one in self._listed())
        return collection_name(interest) in set(map(collection_name, paths))

    def _ours(self) -> frozenset[str]:
        return our_collections(
            self._listed(),
            library=self._client.library,
            path=self._settings.path,
            remembered=self._memory,
            per_interest=self._settings.per_interest,
        )

    def _found(self, name: str, parent: str, path: str, *, foreign: bool) -> str:
        """The key of the collection that is in this place; empty where none is.

        Args:
            name: What it is called.
            parent: The key of the one around it; empty for none.
            path: What it is to us.
            foreign: Whether it may be the reader's own.
        """
        if own := self._own(path):
            self._refuse_missing(path, own)
            return own
        place = name, parent or None, False
        here = [f for f in self._listed() if (f.name, f.parent, f.trashed) == place]
        mine = next((f for f in here if foreign or self._may_be_ours(f.key)), None)
        if here and not mine:
            message = f"a collection “{name}” with other items is there already; rename it, or set"
            raise PermanentError(SERVICE, f"{message} another shelf.collection")
        return mine.key if mine else ""

    def _own(self, path: str) -> str:
        """The key that we give to the collection of a path, if there is one of that key."""
        key = self._key_of(path)
        return key if any(folder.key == key for folder in self._listed()) else ""

    def _key_of(self, path: str) -> str:
        return made_key(self._client.library, "collection", path)

    def _remembered(self, path: str, key: str) -> str:
        if self._memory.get(memory_name(path)) != key:
            self._memory[memory_name(path)] = key
        return key

    def _made(self, name: str, parent: str, path: str) -> str:
        key = self._make(name, parent, path)
        # Not read again in this call.
        self._seen[key] = Collection(key, name, parent or None)
        return key

    def _may_be_ours(self, key: str) -> bool:
        """Whether a collection is empty or holds suggestions: one that was made and not noted."""
        items, _ = whole(self._client, f"collections/{key}/items")
        return not items or any(mark_in_extra(item.get("extra")) for item in items)

    def _refuse_missing(self, path: str, key: str) -> None:
        if self._is_there(key):
            return
        if self._folder(key) is None:
            other = ", or this is another database" if self._client.is_local else ""
            message = f"the shelf “{path}” was deleted in Zotero{other}; set another"
            raise PermanentError(SERVICE, f"{message} shelf.collection")
        message = f"the shelf “{path}” is in Zotero's trash; restore it, or set another"
        raise PermanentError(SERVICE, f"{message} shelf.collection")

    def _is_there(self, key: str) -> bool:
        """Whether a collection is neither deleted nor in the trash, nor any one around it."""
        passed: set[str] = set()
        # Two programs can move two collections into each other.
        while key and key not in passed:
            passed.add(key)
            folder = self._folder(key)
            if folder is None or folder.trashed:
                return False
            key = folder.parent or ""
        return True

    def _folder(self, key: str) -> Collection | None:
        if key not in self._seen:
            try:
                answer = self._client.read(f"collections/{key}")
            except Conflict as error:
                if not error.gone:
                    raise
                self._seen[key] = None
            else:
                self._seen[key] = _collection(content(answer.value))
        return self._seen[key]

    def _listed(self) -> tuple[Collection, ...]:
        """All collections, as of one version of the library."""
        if self._all is None:
            everything, _ = whole(self._client, "collections")
            self._all = tuple(map(_collection, everything))
            self._seen |= {folder.key: folder for folder in self._all}
        return self._all


def _collection(found: Mapping[str, Any]) -> Collection:
    """The collection that Zotero's JSON is, its ``data``; its key without the group."""
    parent = found.get("parentCollection")
    name = " ".join(str(found.get("name", "")).split())
    return Collection(str(found["key"]), name, str(parent) if parent else None, is_trashed(found))
