"""A Zotero library read through zotero.org or through the Zotero on this computer.

zotero.org tells what changed since a version and what was deleted. The Zotero on a computer tells
no deletions, so all keys are compared; before Zotero 10 its versions do not move with an edit
either, so what entries say is compared.
"""

import json
import re
from collections.abc import Collection as Keys
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

from integrations.zotero.client import (
    BATCH,
    PAGE,
    SERVICE,
    AnotherServer,
    Answer,
    Client,
    shaped,
)
from integrations.zotero.client_answers import content
from integrations.zotero.convert import answered, collection, digest
from integrations.zotero.library_trash import Unshown
from integrations.zotero.shelves import Ours, our_collections
from integrations.zotero.versions import LOCAL, WEB, Version, is_another, missing, tells_all
from recommender.errors import BadResponse, NotAuthorized, StaleLibrary, TransientError
from recommender.library import Changes, Collection, Entry


class ZoteroLibrary:
    """A library of zotero.org, or of the Zotero on this computer, from version 7 on.

    Deletions are taken from zotero.org's log; on this computer, from a list of all keys that came
    whole, of those that were seen there before. A refused, broken or partial answer is an error and
    never a deletion, and what a key without access to notes does not show is not taken for deleted.
    What belongs to one version is read of one version: when somebody edits in between, reading
    starts again.

    An item may name collections that are not among ``Changes.collections``; they mean nothing then.
    Zotero counts it as no change of an item when a collection that holds it is deleted, or put into
    the trash or taken out of it, and on this computer those in the trash are not listed.

    Args:
        client: The library on its server.
        memory: What is kept between runs: here the collections of the last version, so that a
            library without news costs one request, the keys that were seen on this computer, and
            what the shelf calls its own.
        name: In reports and in the store.
        ours: Which of all collections are our shelf's; what is remembered, by default.
    """

    def __init__(
        self,
        client: Client,
        *,
        memory: MutableMapping[str, str],
        name: str,
        ours: Ours | None = None,
    ) -> None:
        self._client = client
        self._memory = memory
        self._name = name
        self._ours = ours or partial(
            our_collections, library=client.library, path="", remembered=memory
        )
        self._listed: tuple[int, frozenset[str]] = (-1, frozenset())

    @property
    def name(self) -> str:
        """Its name in reports and in the store."""
        return self._name

    def changes(self, since: str | None) -> Changes:
        """What is new since an earlier answer's version, as of one later version.

        Everything is new where that version is of another place, or of another database.

        Raises:
            NotAuthorized: If the key may not read the library, or there is no such library.
            TransientError: If an answer did not come, or not whole.
            StaleLibrary: If it was edited all the while.
        """
        known = Version.parsed(since)
        for pause in _PAUSES:
            self._client.wait(timedelta(seconds=pause))
            try:
                found = self._local(known) if self._client.is_local else self._web(known)
            except AnotherServer:
                continue
            if found:
                return found
        message = f"{self._name} was edited all the time while it was read; run again later"
        raise StaleLibrary(SERVICE, message)

    def fetch(self, keys: Keys[str]) -> Iterator[Entry]:
        """The entries of these keys as they are now; in the order of their keys, if they are few.

        Raises:
            NotAuthorized: If the key may not read the library, or there is no such library.
            TransientError: If an answer did not come, or not whole.
        """
        own = {key.removeprefix(self._client.prefix) for key in keys}
        own = {key for key in own if _KEY.fullmatch(key)}
        # On this computer a choice of keys brings more than it names, and nothing of the trash.
        if self._client.is_local and BATCH < len(own) >= len(self._listed[1]) / 2:
            for item in self._everything_here():
                if _key(item) in own:
                    own.remove(_key(item))
                    yield answered(item, self._client.prefix)
        # What an edit moved from one page to another, too.
        wanted = iter(sorted(own))
        unshown = Unshown(self._client)
        while group := tuple(islice(wanted, BATCH)):
            for item in self._items(group, unshown):
                yield answered(item, self._client.prefix)

    def _web(self, before: Version | None) -> Changes | None:
        """What zotero.org says is new; None if it was edited while it was read."""
        mine = before and (before.place, before.library) == (WEB, self._client.library)
        known = before if mine else None
        if known and not known.notes and self._shows_notes():
            # Notes that were there all the while are not new, but they were never seen.
            known = None
        listing = self._versions(known.number if known else None)
        is_set_back = known is not None and _number(listing) < known.number
        if is_set_back:
            # The library was emptied or restored: its log tells nothing of that.
            known = before = None
            listing = self._versions(None)
        now = self._as_of(known, _number(listing))
        if known == now and (remembered := self._remembered(now)) is not None:
            return self._changes(now, {}, remembered)
        collections = self._collections(now.number)
        complete = now.notes and tells_all(now, before, {}) and known is None
        deleted: frozenset[str] | None = frozenset()
        if known != now and not complete:
            # Of what was known from elsewhere, all that was ever deleted here.
            deleted = self._deleted(known.number if known else 0, now.number)
        if collections is None or deleted is None:
            return None
        changes = self._changes(now, listing.value, collections)
        another = is_set_back or is_another(now, before)
        return replace(changes, deleted=deleted, complete=complete, another=another)

    def _as_of(self, known: Version | None, number: int) -> Version:
        """What an answer of zotero.org's is as of."""
        if known and known.number == number:
            return known
        # Asked again whenever something is new: a note that is written while the key shows none is
        # older than what is asked for once it shows them again.
        notes = (known is None or known.notes) and self._shows_notes()
        return Version(place=WEB, library=self._client.library, number=number, notes=notes)

    def _deleted(self, since: int, version: int) -> frozenset[str] | None:
        """What was deleted after one version; None if the answer is not as of the other one."""
        answer = self._client.read("deleted", since=since)
        if _number(answer) != version:
            return None
        log = shaped(answer.value, dict, "the deletions are no object")
        keys = shaped(log.get("items"), list, "the deletions are no list")
        return frozenset(f"{self._client.prefix}{key}" for key in keys)

    def _shows_notes(self) -> bool:
        """Whether the key is known to show notes; in a group's library every key does."""
        if self._client.prefix:
            return True
        try:
            rights = self._client.key_rights()
        except NotAuthorized:
            # Without a key a public library can be read, and nobody says what it shows.
            return False
        access = rights.get("access")
        own = access.get("user") if isinstance(access, Mapping) else None
        mine = self._client.library == f"users/{rights.get('userID')}"
        return mine and isinstance(own, Mapping) and bool(own.get("notes"))

    def _local(self, before: Version | None) -> Changes | None:
        """What is new on this computer; None if it was edited while it was read."""
        listing = self._versions(None)
        now = Version(
            place=LOCAL,
            library=self._client.library,
            number=_number(listing),
            server=self._client.server_id(),
        )
        if now.server is None:
            return self._without_versions(before, now, listing.value.keys())
        collections = self._remembered(now) if before == now else None
        if collections is None:
            collections = self._collections(now.number)
        return None if collections is None else self._all(before, now, listing.value, collections)

    def _without_versions(
        self, before: Version | None, now: Version, keys: Keys[str]
    ) -> Changes | None:
        """What is new before Zotero 10, where an edit moves neither version nor date."""
        collections = self._collections(None) or ()
        entries: dict[str, str] = {}
        for item in self._everything_here():
            said = {**content(item), "version": None, "by": item.get("meta", {}).get(_BY)}
            entries[_key(item)] = digest(json.dumps(said, sort_keys=True))
        if entries.keys() != keys:
            return None
        now = replace(now, content=digest([sorted(entries.items()), collections]))
        return self._all(before, now, entries, collections)

    def _all(
        self,
        before: Version | None,
        now: Version,
        entries: Mapping[str, Any],
        collections: tuple[Collection, ...],
    ) -> Changes:
        """The answer where all entries are there, and nothing is told of deletions."""
        if before == now:
            return self._changes(now, {}, collections)
        complete = tells_all(now, before, self._memory)
        gone = missing(now, entries.keys(), self._memory)
        return replace(
            self._changes(now, entries, collections),
            deleted=frozenset(self._client.prefix + key for key in gone),
            complete=complete,
            another=is_another(now, before),
        )

    def _changes(
        self, now: Version, versions: Mapping[str, Any], collections: tuple[Collection, ...]
    ) -> Changes:
        """The answer as of a version, which is remembered with its collections."""
        prefix = self._client.prefix
        spelled = [[c.key, c.name, c.parent, c.trashed] for c in collections]
        self._memory[_COLLECTIONS] = json.dumps({"version": now.text, "collections": spelled})
        shelves = self._ours(collections)
        self._listed = now.number, frozenset(versions)
        return Changes(
            version=now.text,
            entries={prefix + key: str(version) for key, version in versions.items()},
            collections=tuple(replace(c, ours=c.key in shelves) for c in collections),
        )

    def _remembered(self, now: Version) -> tuple[Collection, ...] | None:
        """The collections as of a version, if it is the one that they were last read of."""
        try:
            kept = json.loads(self._memory.get(_COLLECTIONS, ""))
            return (
                tuple(Collection(*found) for found in kept["collections"])
                if kept["version"] == now.text
                else None
            )
        except (ValueError, TypeError, KeyError):
            return None

    def _versions(self, since: int | None) -> Answer:
        """The version of each entry that is newer than one, or of all; also of those in the trash.

        Raises:
            TransientError: If it did not come whole.
        """
        newer = {} if since is None else {"since": since}
        listing = self._client.read(
            "items", format="versions", includeTrashed=1, limit=None, **newer
        )
        # Nothing at all is an empty list, as PHP spells it.
        value = shaped(listing.value or {}, dict, "the items' versions are no object")
        if len(value) != listing.total:
            raise TransientError(SERVICE, "Zotero's list of items ended early; try again later")
        return replace(listing, value=value)

    def _collections(self, version: int | None) -> tuple[Collection, ...] | None:
        """All collections; None if they are not of the version asked for, where one is."""
        found: dict[str, Collection] = {}
        for page in self._client.pages("collections"):
            if _number(page) != version and version is not None:
                return None
            for one in page.value:
                content(one)
                found[_key(one)] = collection(one, self._client.prefix)
        return tuple(found.values())

    def _everything_here(self) -> Iterator[Mapping[str, Any]]:
        """All items of this computer, page by page."""
        # In an order in which edits move nothing from one page to another.
        order = {"sort": "dateAdded", "direction": "asc"}
        for page in self._client.pages("items", includeTrashed=1, **order):
            _number(page)
            for item in page.value:
                content(item)
                yield item

    def _items(self, group: tuple[str, ...], unshown: Unshown) -> Iterator[Mapping[str, Any]]:
        """The items of a few keys, in the order of these; those that are gone are left out."""
        local = self._client.is_local
        answer = self._client.read(
            "items",
            itemKey=",".join(group),
            includeTrashed=1,
            # On this computer what belongs to an item comes with it, and may be much.
            limit=None if local else PAGE,
        )
        items = shaped(answer.value, list, "the items are no list")
        if len(items) != answer.total:
            raise TransientError(SERVICE, "Zotero's list of items ended early; try again later")
        found: dict[str, Mapping[str, Any]] = {content(item)["key"]: item for item in items}
        number, listed = self._listed
        is_same = _number(answer) == number
        if not local and is_same and (listed & set(group)) - found.keys():
            # Nothing was deleted since they were listed; the next sync would not list them again.
            raise self._hidden()
        for key in group:
            # On this computer nothing of the trash is shown, whatever is asked for.
            if item := found.get(key) or (unshown.item(key) if local else None):
                found[key] = item
                yield item
        gone = set(group) - found.keys()
        if local and gone and gone & self._versions(None).value.keys():
            raise self._hidden()

    def _hidden(self) -> TransientError:
        message = f"{self._name} does not show all that it listed; check the key, then run again"
        return TransientError(SERVICE, message)


def _number(answer: Answer) -> int:
    if answer.version is None:
        raise BadResponse(SERVICE, "Zotero's list has no version; try again later")
    return answer.version


def _key(item: Mapping[str, Any]) -> str:
    return str(item["data"]["key"])


_COLLECTIONS = "library:collections"
_BY = "createdByUser"
_KEY = re.compile(r"[0-9A-Z]{8}")
# A batch of another program's is some seconds of edits in a row.
_PAUSES = (0, 0, 1, 2, 4, 8)
