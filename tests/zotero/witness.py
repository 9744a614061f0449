"""A witness of all that we do to a Zotero: what no run of ours may ever do."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from integrations.web.testing.exchange import Request
from integrations.web.testing.server import Moment
from integrations.zotero.keys import mark_in_extra, mark_in_note
from integrations.zotero.testing.world import Json, Kind
from tests.zotero.people import BELOW, LISTED, PROGRAM
from tests.zotero.worlds import NOW, ZoteroWorld

Shot = dict[tuple[Kind, str], tuple[int, str]]
"""Every object of a library: its version, and all that it says."""


class Witness:
    """Sees the library right before and right after each of our requests.

    Attributes:
        now: When this is, for what we make.
        made: What we made, by its key, as it was when we wrote it last.
        amid: What others do before a request of ours, by its number since ``attend``.
        n_amid: How much of that was done since then.
        wrongs: What we did that we must not do.
        shots: The library at each of its versions that a request of ours met.
    """

    def __init__(self, zotero: ZoteroWorld, expires_after: timedelta) -> None:
        self.now = NOW
        self.made: dict[str, Json] = {}
        self.amid: dict[int, list[Callable[[], None]]] = {}
        self.n_amid = 0
        self.wrongs: list[str] = []
        self.shots: dict[int, Shot] = {}
        self._zotero = zotero
        self._expires_after = expires_after
        self._made_at: dict[str, datetime] = {}
        self._doubtful: dict[str, str] = {}
        self._first = 0
        self._start = self._before = self._shot()
        zotero.server.hook = self

    def attend(self, amid: dict[int, list[Callable[[], None]]] | None = None) -> None:
        """Begin to watch a run of ours."""
        self.amid, self.n_amid = amid or {}, 0
        self._first = len(self._zotero.server.requests)
        self._start = self._shot()

    def __call__(self, position: int, moment: Moment) -> None:
        """One of our requests arrives, or was acted on."""
        if moment == "before":
            for act in self.amid.pop(position - self._first, ()):
                act()
                self.n_amid += 1
            self._before = self.shots[self._zotero.library.version] = self._shot()
            return
        request, after = self._zotero.server.requests[position], self._shot()
        changed = {name for name in self._before if self._before[name] != after.get(name)}
        new = after.keys() - self._before.keys()
        if request.method == "GET":
            self._require(not changed and not new, request, "a read changed something")
            return
        self._require(request.method in {"POST", "PATCH"}, request, "nothing of ours has any use")
        sent = json.loads(request.body)
        if request.method == "POST" and request.parts[-1] != "authorize":
            for kind, key in (name for name in after if name in new):
                self._check_new(request, kind, key, json.loads(after[kind, key][1]))
            changes = {one["key"]: one for one in sent if "key" in one}
        else:
            self._require(not new, request, "it made something")
            changes = {request.parts[-1]: sent}
        for kind, key in sorted(changed):
            self._require(key in self.made and key in changes, request, "not ours to change")
            if key in self.made and key in changes:
                self._check_changed(request, (kind, key), changes[key], after)

    def finish(self) -> None:
        """A run of ours has ended."""
        for key, what in self._doubtful.items():
            item = self._zotero.library.items.get(key)
            if item and item.data.get("deleted") and "tidied" in str(item.data.get("extra")):
                self.wrongs.append(f"{key} was left in the trash, but {what}")
        self._doubtful.clear()

    def _shot(self) -> Shot:
        return {
            (kind, key): (one.version, json.dumps(one.data, sort_keys=True))
            for kind, objects in self._zotero.library.objects.items()
            for key, one in objects.items()
        }

    def _require(self, held: bool, request: Request, what: str) -> None:
        if not held:
            self.wrongs.append(f"{request.method} {request.target}: {what}")

    def _check_new(self, request: Request, kind: Kind, key: str, data: Json) -> None:
        if kind == "items" and data["itemType"] == "note":
            self._require(bool(mark_in_note(data["note"])), request, "an unmarked note")
            self._require(data.get("parentItem") in self.made, request, "a note on another's item")
        elif kind == "items":
            self._require(bool(mark_in_extra(data.get("extra"))), request, "an unmarked item")
            again = any(data["title"] == made.get("title") for made in self.made.values())
            self._require(not again, request, "a paper that was suggested before")
            self._require(not self.has(data["title"]), request, "a paper that the reader has")
        else:
            again = any(data["name"] == made.get("name") for made in self.made.values())
            self._require(not again, request, "a second collection of one name")
        self.made[key], self._made_at[key] = data, self.now

    def has(self, title: str) -> bool:
        """Whether the reader has a listed paper of their own, as far as we can know."""
        # Nothing keeps the Zotero on a computer from being changed right before a write.
        shots = [self._before] if self._zotero.way == "web" else [self._before, self._start]
        return all(self._is_in(shot, title) for shot in shots)

    def _is_in(self, shot: Shot, title: str, *, live: bool = False) -> bool:
        name = next(paper.ids[0].value for paper in LISTED if paper.title == title)
        for (kind, key), (_, text) in shot.items():
            if kind == "items" and key not in self.made and (title in text or name in text):
                data = json.loads(text)
                paper = data["itemType"] not in (*BELOW, PROGRAM) and data.get("title")
                if paper and not (live and data.get("deleted")):
                    return True
        return False

    def _check_changed(
        self, request: Request, name: tuple[Kind, str], sent: Json, after: Shot
    ) -> None:
        sent = {field: value for field, value in sent.items() if field not in {"key", "version"}}
        was, now = json.loads(self._before[name][1]), json.loads(after[name][1])
        same = [field for field, value in sent.items() if was.get(field, 0) == value]
        self._require(not same, request, f"{same} was so already")
        fields = {field for field in was.keys() | now.keys() if was.get(field) != now.get(field)}
        self._require(fields - {"dateModified"} == sent.keys(), request, f"{fields} changed")
        own = self.made[name[1]]
        if sent.keys() == {"deleted", "extra"}:
            same_extra = _untidied(was["extra"]) == _untidied(now["extra"])
            self._require(same_extra, request, "Extra is not ours to write")
            if sent["deleted"]:
                self._check_trashed(request, name[1], was)
            else:
                self._require("tidied" in was["extra"], request, "nothing is ours to restore")
        else:
            self._require(sent.keys() == {"collections"}, request, f"{[*sent]} are not ours to set")
            self._require(not own.get("collections"), request, "put on the shelf twice")
            self._require(_essence(was) == _essence(own), request, "somebody had changed it")
        own |= {field: now.get(field) for field in sent}

    def _check_trashed(self, request: Request, key: str, was: Json) -> None:
        own = self.made[key]
        filed = set(was.get("collections", ())) - set(own.get("collections", ()))
        self._require(not filed, request, "somebody had filed it")
        self._require(_essence(was) == _essence(own), request, "somebody had changed it")
        if not self._is_bare(key):
            # Nothing keeps a note from being added on a computer right before a write; but what
            # is trashed then has to be brought back.
            self._doubtful[key] = "somebody had noted or attached something"
            restores = self._zotero.way == "local" and self.n_amid
            self._require(bool(restores), request, self._doubtful[key])
        old = self.now - self._made_at[key] >= self._expires_after
        shots = self._start, self._before
        saved_too = any(self._is_in(shot, own["title"], live=True) for shot in shots)
        self._require(old or saved_too, request, "it was not over")

    def _is_bare(self, key: str) -> bool:
        """Whether nothing hangs on an item of ours but our note, as we wrote it."""
        found = [
            (name[1], json.loads(text))
            for name, (_, text) in self._before.items()
            if name[0] == "items" and f'"{key}"' in text
        ]
        live = {k: d for k, d in found if d.get("parentItem") == key and not d.get("deleted")}
        ours = [k for k in live if k in self.made and _essence(live[k]) == _essence(self.made[k])]
        return len(live) == len(ours) == 1


def _untidied(extra: str) -> str:
    """Extra as it was before we noted in it that we trashed the item."""
    return extra.replace(" tidied", "")


def _essence(data: Json) -> Json:
    """What an object says of itself, in one form."""
    passing = {"dateModified", "collections", "tags"}
    kept = {k: v for k, v in data.items() if k not in passing and v not in ({}, [], "", False)}
    return {**kept, "tags": sorted((t["tag"], t.get("type", 0)) for t in data.get("tags", ()))}
