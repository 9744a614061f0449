"""The ways to a Zotero library: the program on this computer, zotero.org, or a copy of the file."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from collections.abc import Collection as Keys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from integrations.zotero.account_places import database
from integrations.zotero.account_settings import AUTO, LOCAL, NONE, WEB, Wanted, called
from integrations.zotero.client import SERVICE, Client, Patience, Quiet
from integrations.zotero.client_answers import shaped
from integrations.zotero.database import ZoteroDatabase
from integrations.zotero.library import ZoteroLibrary
from integrations.zotero.shelves import Ours, our_collections
from integrations.zotero.versions import Version
from recommender.errors import IntegrationError, NotAuthorized, PermanentError
from recommender.library import Changes, Collection, Entry
from recommender.ports import Memory, ReferenceManager

_PROBING = timedelta(seconds=3)

KEYS_AT = "https://www.zotero.org/settings/keys"


@dataclass(frozen=True, slots=True)
class Here:
    """How the Zotero on this computer answers.

    Attributes:
        server_id: Which database it has, since Zotero 10; only that can be written to.
        refusal: Why it cannot be read; None where it can.
    """

    server_id: str | None = None
    refusal: IntegrationError | None = None

    @property
    def is_off(self) -> bool:
        """It runs, but lets no program read."""
        return isinstance(self.refusal, NotAuthorized)


@dataclass(frozen=True, slots=True)
class Way:
    """How libraries are read in this run.

    Attributes:
        kind: By the interface here, zotero.org's, or a copy of the database.
        file: That database.
    """

    kind: Literal["local", "web", "database"]
    file: Path | None = None


class Ways:
    """What was found out on how to reach Zotero; each thing is asked once.

    Args:
        wanted: What the settings want.
        key: For zotero.org; empty without one.
        memory: Keeps whose key it is, and the permission to write to the Zotero here.
        patience: How long a request may take.
    """

    def __init__(
        self, wanted: Wanted, key: str, memory: Memory, patience: Patience | None = None
    ) -> None:
        self._wanted = wanted
        self._key = key
        self._memory = memory
        self._patience = patience or Patience()
        # What one client is asked to wait for, all of the same server do.
        self._quiet = {"local": Quiet(), "web": Quiet()}
        self._here: Here | None = None
        self._way: Way | None = None

    @property
    def has_key(self) -> bool:
        """Whether there is a key for zotero.org."""
        return bool(self._key)

    def here(self) -> Here:
        """How the Zotero on this computer answers to one short question."""
        if self._here is None:
            short = min(_PROBING, self._patience.timeout)
            quick = replace(self._patience, timeout=short, pauses=(), longest=short)
            with self._local("users/0", patience=quick) as client:
                try:
                    self._here = Here(client.server_id())
                except IntegrationError as error:
                    self._here = Here(refusal=error)
        return self._here

    def reading(self) -> Way:
        """The way on which libraries are read: the first that answers, or the one that is forced.

        Raises:
            IntegrationError: If there is none.
        """
        if self._way is None:
            self._way = self._found_way()
        return self._way

    def user_id(self) -> int:
        """Whose key it is; zotero.org is asked once in the life of a key.

        Raises:
            IntegrationError: If there is no key, or zotero.org does not know it or does not answer.
        """
        self._needed_key()
        if not (known := self._known_user()):
            with self.web("users/0") as client:
                found = client.key_rights().get("userID")
            known = str(shaped(found, int, "the key is nobody's"))
            self._memory[self._user_name()] = known
        return int(known)

    def web(self, library: str) -> Client:
        """A library on zotero.org, as the client calls it."""
        address, key = self._wanted.web_address, self._needed_key()
        patience, quiet = self._patience, self._quiet["web"]
        return Client.web(address, library, key, patience=patience, quiet=quiet)

    def client(self, library: str, way: Literal["local", "web"]) -> Client:
        """A library of the settings, on one of the two ways.

        Raises:
            IntegrationError: If it cannot be told whose key it is.
        """
        if way == "web":
            group = _group(library)
            return self.web(group or f"users/{self.user_id()}")
        return self._local(_group(library) or "users/0", self.permission())

    def permission(self) -> str:
        """The key that the Zotero on this computer gave, to write with; empty without one."""
        server = self.here().server_id or self._memory.get(_LAST_SERVER, "")
        return self._memory.get(_PERMISSION + server, "")

    def authorise(self, before: Callable[[], None]) -> str:
        """Have Zotero ask the reader for permission to write here: the key, which is remembered.

        Args:
            before: Called when Zotero is about to ask; not where it cannot.

        Raises:
            NotAuthorized: If the reader denies it, or gives it for one time only.
            TransientError: If Zotero does not run.
        """
        with self._local("users/0") as client:
            if client.server_id() is not None:
                before()
            key, lasts = client.authorise("Shelfwise")
            server = client.server_id() or ""
        if not lasts:
            message = "Zotero gave permission for one time only; try again, choose Always Allow"
            raise NotAuthorized(SERVICE, message)
        self._memory[_PERMISSION + server] = key
        self._memory[_LAST_SERVER] = server
        return key

    def compartment(self, library: str) -> "Compartment":
        """What is kept of one library, whichever way it is reached and with whatever key."""
        return Compartment(self._memory, f"{library}:")

    def manager(self, library: str) -> "Tracked":
        """A library of the settings on the way on which libraries are read.

        Raises:
            IntegrationError: If no way leads there.
        """
        way = self.reading()
        memory = self.compartment(library)
        ours = self.ours(library)
        # The same on every way, for it is the same library.
        name = f"Zotero, {called(library)}"
        if way.kind == "database":
            assert way.file is not None  # noqa: S101 - a database is a file
            return Tracked(ZoteroDatabase(way.file, library, memory=memory, name=name, ours=ours))
        client = self.client(library, way.kind)
        return Tracked(ZoteroLibrary(client, memory=memory, name=name, ours=ours))

    def ours(self, library: str) -> Ours:
        """Tells which collections of a library are our shelf's; only the first one has a shelf."""
        shelf = self._wanted.shelf
        has_shelf = library == self._wanted.libraries[0] and self._wanted.via != NONE

        def ours(collections: Iterable[Collection]) -> frozenset[str]:
            return our_collections(
                collections,
                # Whose key it is may be known by the time when there are collections.
                library=_group(library) or f"users/{self._known_user() or 0}",
                path=shelf.path if has_shelf else "",
                remembered=self.compartment(library),
                per_interest=shelf.per_interest,
            )

        return ours

    def _user_name(self) -> str:
        return "user of " + hashlib.sha256(self._key.encode()).hexdigest()[:16]

    def _known_user(self) -> str:
        """Whose key it is, where that was found out before; empty where not."""
        known = self._memory.get(self._user_name(), "") if self._key else ""
        return known if known.isdecimal() else ""

    def _local(self, library: str, key: str = "", patience: Patience | None = None) -> Client:
        address, patience = self._wanted.local_address, patience or self._patience
        return Client.local(address, library, key, patience=patience, quiet=self._quiet["local"])

    def _found_way(self) -> Way:
        if file := self._wanted.database:
            return Way("database", file)
        # Where the shelf is written: that the library has moved on since it was read, so that the
        # reader may have the paper by now, is seen nowhere else.
        is_auto = self._wanted.place == AUTO
        if self._wanted.place == WEB or (
            is_auto and self._wanted.shelf_way(has_key=self.has_key) == "web"
        ):
            self._needed_key()
            return Way("web")
        here = self.here()
        if here.refusal is None:
            return Way("local")
        if self._wanted.place == LOCAL:
            raise here.refusal
        if self._key:
            return Way("web")
        if found := database():
            return Way("database", found)
        if here.is_off:
            raise here.refusal
        message = (
            "there is no Zotero on this computer that answers, no database of it, and no key;"
            " start Zotero, or give a key with shelfwise init"
        )
        raise PermanentError(SERVICE, message)

    def _needed_key(self) -> str:
        if not self._key:
            message = f"zotero.org needs a key; make one at {KEYS_AT} and give it to shelfwise init"
            raise NotAuthorized(SERVICE, message)
        return self._key


class Tracked:
    """A library that remembers, during a run, up to which version it was read."""

    def __init__(self, manager: ReferenceManager) -> None:
        self._manager = manager
        self._version = ""

    @property
    def name(self) -> str:
        """Its name in reports and in the store."""
        return self._manager.name

    def changes(self, since: str | None) -> Changes:
        """What is new, as the library itself tells it."""
        changes = self._manager.changes(since)
        self._version = changes.version
        return changes

    def fetch(self, keys: Keys[str]) -> Iterator[Entry]:
        """The entries of these keys, as the library itself gives them."""
        return self._manager.fetch(keys)

    def web_version(self) -> int | None:
        """The version on zotero.org up to which it was read; None if it was read another way."""
        found = Version.parsed(self._version)
        return found.number if found and found.place == WEB else None


class Compartment(MutableMapping[str, str]):
    """A part of a memory: what has a name that begins in one way, called without that."""

    def __init__(self, memory: Memory, begins: str) -> None:
        self._memory = memory
        self._begins = begins

    def __getitem__(self, name: str) -> str:
        return self._memory[self._begins + name]

    def __setitem__(self, name: str, value: str) -> None:
        self._memory[self._begins + name] = value

    def __delitem__(self, name: str) -> None:
        del self._memory[self._begins + name]

    def __iter__(self) -> Iterator[str]:
        n = len(self._begins)
        return iter([name[n:] for name in self._memory if name.startswith(self._begins)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _group(library: str) -> str:
    """What the client calls a group's library; empty for the reader's own."""
    return "" if library == "user" else f"groups/{library.removeprefix('group:')}"


_PERMISSION = "local key:"
_LAST_SERVER = "local server"
