"""The state behind a Zotero server: users, groups, API keys, and libraries of objects.

Nothing here judges: a facade decides what may be written and which version it gets, the world
only keeps it. Everything is mutable; whoever touches it from two threads holds `World.lock`.
"""

import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

KEY_ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"

Kind = Literal["items", "collections", "searches"]
Json = dict[str, Any]


@dataclass(slots=True)
class Stored:
    """One object of a library.

    Attributes:
        key: Eight characters of `KEY_ALPHABET`.
        version: The library's version when the object last changed.
        data: Its JSON without ``key`` and ``version``, as the server shows it.
        rank: Grows with every object that is made: the order of making.
        added_by: User id of whoever made it; zero where nobody knows.
        changed_by: User id of whoever changed it last.
    """

    key: str
    version: int
    data: Json
    rank: int
    added_by: int = 0
    changed_by: int = 0


@dataclass(slots=True)
class Setting:
    """A synced setting, as ``tagColors``."""

    value: Any
    version: int


@dataclass(slots=True)
class User:
    """A user; an empty ``name`` means that only the user name is shown."""

    user_id: int
    username: str
    name: str = ""


@dataclass(slots=True)
class Group:
    """A group and its members' roles (owner, admin, member) by user id."""

    group_id: int
    name: str
    owner: int
    kind: Literal["Private", "PublicClosed", "PublicOpen"] = "Private"
    library_editing: Literal["members", "admins"] = "members"
    library_reading: Literal["members", "all"] = "members"
    roles: dict[int, Literal["admin", "member"]] = field(default_factory=dict)
    version: int = 1

    def role(self, user_id: int) -> str:
        """The user's role here, or the empty text for a stranger."""
        return "owner" if user_id == self.owner else self.roles.get(user_id, "")

    @property
    def slug(self) -> str:
        """The name in the address of a public group's page."""
        return "_".join(re.findall(r"\w+", self.name.lower()))


@dataclass(slots=True)
class ApiKey:
    """What a key may do; ``groups`` by group id, or ``"all"``."""

    key: str
    user_id: int
    library: bool = True
    notes: bool = True
    write: bool = True
    groups: dict[int | Literal["all"], Literal["read", "write"]] = field(default_factory=dict)


class Library:
    """One library: its objects, its version, what was deleted from it, and its settings.

    Attributes:
        path: ``users/<id>`` or ``groups/<id>``.
        version: The one counter of the library.
        tag_versions: Version at which each tag, by (name, type), was first put on an item.
        deleted: Version of each deletion, by (kind, key or name), kind being that of `/deleted`:
            collections, items, searches, tags, settings.
    """

    def __init__(self, world: "World", path: str) -> None:
        self.path = path
        kind, _, number = path.partition("/")
        self.kind: Literal["user", "group"] = "group" if kind == "groups" else "user"
        self.library_id = int(number)
        self.version = 0
        self.objects: dict[Kind, dict[str, Stored]] = {
            "items": {},
            "collections": {},
            "searches": {},
        }
        self.settings: dict[str, Setting] = {}
        self.deleted: dict[tuple[str, str], int] = {}
        self.tag_versions: dict[tuple[str, int], int] = {}
        self._children: dict[tuple[Kind, str], dict[str, None]] = {}
        self._world = world

    @property
    def items(self) -> dict[str, Stored]:
        """The items by key, in the order of making."""
        return self.objects["items"]

    @property
    def collections(self) -> dict[str, Stored]:
        """The collections by key, in the order of making."""
        return self.objects["collections"]

    def bump(self) -> int:
        """Count the library one version up and return it."""
        self.version += 1
        return self.version

    def put(
        self,
        kind: Kind,
        data: Mapping[str, Any],
        key: str = "",
        *,
        version: int | None = None,
        by: int = 0,
    ) -> Stored:
        """Store an object as it is, new or in place of the one of the same key.

        Args:
            kind: items, collections or searches.
            data: Kept without its ``key`` and ``version``; nothing is checked, and nothing but
                the dates of an item is filled in.
            key: Where empty, that of the data, or else a new one.
            version: Where None, the library counts one up for it.
            by: User id of whoever does this.
        """
        key = key or str(data.get("key", "")) or self._world.new_key()
        kept = {name: value for name, value in data.items() if name not in ("key", "version")}
        if kind == "items" and not ("dateAdded" in kept and "dateModified" in kept):
            now = self._world.timestamp()
            kept = {**kept, "dateAdded": kept.get("dateAdded", now)}
            kept.setdefault("dateModified", now)
        version = self.bump() if version is None else version
        known = self.objects[kind].get(key)
        if known is None:
            known = Stored(key, version, {}, self._world.next_rank(), by)
            self.objects[kind][key] = known
        self._unhang(kind, known)
        known.data, known.version, known.changed_by = kept, version, by
        if parent := _parent(kind, kept):
            self._children.setdefault((kind, parent), {})[key] = None
        for tag in kept.get("tags", ()):
            self.tag_versions.setdefault((str(tag["tag"]), int(tag.get("type", 0))), version)
        self.deleted.pop((kind, key), None)
        return known

    def forget(self, kind: Kind, key: str) -> Stored | None:
        """Take an object out, without its children, without a version, without a trace."""
        known = self.objects[kind].pop(key, None)
        if known is not None:
            self._unhang(kind, known)
        return known

    def erase_item(self, key: str, version: int | None = None) -> list[str]:
        """Delete an item with all below it, each logged; return the keys that went.

        Args:
            key: An unknown one deletes nothing.
            version: Of the log's lines; where None, the library counts one up.
        """
        if key not in self.items:
            return []
        version = self.bump() if version is None else version
        gone = [key, *self.descendants("items", key)]
        for each in gone:
            self.forget("items", each)
            self.deleted["items", each] = version
        return gone

    def erase_collection(
        self, key: str, version: int | None = None, *, log_all: bool = False
    ) -> list[str]:
        """Delete a collection with those below it; their items stay and leave them.

        As on the web, the items keep their versions and only the named collection is logged;
        ``log_all`` logs each that went.
        """
        if key not in self.collections:
            return []
        version = self.bump() if version is None else version
        gone = [key, *self.descendants("collections", key)]
        for each in gone:
            self.forget("collections", each)
            if log_all or each == key:
                self.deleted["collections", each] = version
        doomed = set(gone)
        for item in self.items.values():
            held = item.data.get("collections")
            if held and not doomed.isdisjoint(held):
                item.data["collections"] = [c for c in held if c not in doomed]
        return gone

    def children(self, kind: Kind, key: str) -> Iterator[Stored]:
        """The objects right below one, in the order in which they came under it."""
        return (self.objects[kind][each] for each in self._children.get((kind, key), ()))

    def descendants(self, kind: Kind, key: str) -> list[str]:
        """The keys of all below an object, parents first."""
        found: dict[str, None] = {}
        waiting = [key]
        while waiting:  # and not by recursion: collections may stand in a circle
            for child in self.children(kind, waiting.pop(0)):
                if child.key != key and child.key not in found:
                    found[child.key] = None
                    waiting.append(child.key)
        return list(found)

    def _unhang(self, kind: Kind, known: Stored) -> None:
        parent = _parent(kind, known.data)
        below = self._children.get((kind, parent), {}) if parent else {}
        below.pop(known.key, None)


class World:
    """All that a server holds.

    Args:
        clock: Gives the moment, aware, in UTC.
        seed: Of the keys that the server makes up.
    """

    def __init__(
        self, clock: Callable[[], datetime] = lambda: datetime.now(UTC), seed: int = 0
    ) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.users: dict[int, User] = {}
        self.groups: dict[int, Group] = {}
        self.keys: dict[str, ApiKey] = {}
        self.libraries: dict[str, Library] = {}
        self._random = random.Random(seed)  # noqa: S311 - names for tests, no secrets
        self._rank = 0

    def add_user(self, user_id: int, username: str, name: str = "") -> User:
        """Add a user with an empty library."""
        self.users[user_id] = User(user_id, username, name)
        self.library(f"users/{user_id}")
        return self.users[user_id]

    def add_group(self, group: Group) -> Group:
        """Add a group with an empty library."""
        self.groups[group.group_id] = group
        self.library(f"groups/{group.group_id}")
        return group

    def add_key(self, key: ApiKey) -> ApiKey:
        """Let a key in."""
        self.keys[key.key] = key
        return key

    def library(self, path: str) -> Library:
        """The library of ``users/<id>`` or ``groups/<id>``, empty where it was not there yet."""
        if path not in self.libraries:
            self.libraries[path] = Library(self, path)
        return self.libraries[path]

    def new_key(self) -> str:
        """A key that no object has yet."""
        taken = (held for lib in self.libraries.values() for held in lib.objects.values())
        known = [*taken]
        while True:
            key = "".join(self._random.choices(KEY_ALPHABET, k=8))
            if not any(key in held for held in known):
                return key

    def next_rank(self) -> int:
        """The number of the next object that is made."""
        self._rank += 1
        return self._rank

    def timestamp(self) -> str:
        """The moment as the APIs write it."""
        return self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parent(kind: Kind, data: Mapping[str, Any]) -> str:
    parent = data.get("parentItem" if kind == "items" else "parentCollection")
    return str(parent) if parent else ""
