"""People and programs who use a Zotero beside us."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from integrations.web.testing.exchange import Request
from integrations.zotero.keys import mark_in_extra
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.world import ApiKey, Json, Kind, Stored
from recommender.papers import Paper
from tests.zotero.worlds import ZoteroWorld, listed

THEIRS = "anotherprogramskey000000"
WORDS = ("fruit", "read", "not for me", "more like this", "shelfwise")
TYPES = ("journalArticle", "book", "preprint", "computerProgram")
BELOW = ("note", "attachment", "annotation")
PROGRAM = "computerProgram"
LISTED = tuple(listed(12))


class People:
    """The reader at another computer, and other programs of theirs.

    They go through the interface's own door, so that all that it does of itself is done; but past
    the socket, so that the server's log has our requests alone. What is not there to be changed is
    not changed. Each act takes two numbers: which object, and how.

    Args:
        zotero: What they use.
    """

    def __init__(self, zotero: ZoteroWorld) -> None:
        self._zotero = zotero
        self._library = zotero.library
        self._n_made = 0
        self._anchor = next(reversed(zotero.library.items))
        if isinstance(zotero.api, LocalApi10):
            zotero.api.authorisations.remember(THEIRS)
        else:
            zotero.world.add_key(ApiKey(THEIRS, 1))

    def act(self, what: str, one: int, how: int) -> None:
        """Do what a method is called."""
        getattr(self, what)(one, how)

    # Papers, theirs and ours.

    def add(self, one: int, how: int) -> None:
        """Save a paper that nobody listed."""
        title = f"Quinces of the east, part {self._number()}"
        self._create("items", {"itemType": TYPES[one % 3], "title": title, **self._filing(how)})

    def save_listed(self, one: int, how: int) -> None:
        """Save a paper that we may suggest next or have suggested, or save it and trash it."""
        taken = [str(item.data.get("title")) for item in self._items()]
        coming = [paper for paper in LISTED if paper.title not in taken]
        among = coming[:3] if coming and one % 4 else LISTED
        trashed = {"deleted": True} if how % 4 == 3 else {}
        self._create("items", saved(among[one % len(among)]) | self._filing(how) | trashed)

    def retitle(self, one: int, how: int) -> None:
        """Give it another title, or none."""
        self._change(self._paper(one), {"title": f"Plums {self._number()}" if how % 8 else ""})

    def rewrite(self, one: int, how: int) -> None:
        """Change its abstract."""
        self._change(self._paper(one), {"abstractNote": f"Plums again {how}."})

    def clear_extra(self, one: int, how: int) -> None:
        """Empty its Extra."""
        del how
        self._change(self._paper(one), {"extra": ""})

    def retype(self, one: int, how: int) -> None:
        """Make it something else, which need be no paper."""
        self._change(self._paper(one), {"itemType": TYPES[how % len(TYPES)]})

    def tag(self, one: int, how: int) -> None:
        """Set its tags, one of them as a program does."""
        words = [word for n, word in enumerate(WORDS) if how >> n & 1]
        tags = [{"tag": w, **({"type": 1} if w == "shelfwise" else {})} for w in words]
        self._change(self._paper(one), {"tags": tags})

    def add_tag(self, one: int, how: int) -> None:
        """Tag it once more."""
        if paper := self._paper(one):
            tags, word = paper.data.get("tags", []), WORDS[how % len(WORDS)]
            if all(tag["tag"] != word for tag in tags):
                self._change(paper, {"tags": [*tags, {"tag": word}]})

    def file(self, one: int, how: int) -> None:
        """Put it into some collections and no others."""
        self._change(self._paper(one), self._filing(how))

    def relate(self, one: int, how: int) -> None:
        """Relate it to another, or to none."""
        if (paper := self._paper(one)) and (other := self._paper(how)) and other is not paper:
            address = f"http://zotero.org/users/1/items/{other.key}"
            self._change(paper, {"relations": {"dc:relation": [address]} if how % 3 else {}})

    def trash(self, one: int, how: int) -> None:
        """Put it into the trash."""
        del how
        self._change(self._paper(one), {"deleted": True})

    def restore(self, one: int, how: int) -> None:
        """Take something out of the trash."""
        del how
        trashed = [item for item in self._items() if item.data.get("deleted")]
        self._change(_at(trashed, one), {"deleted": False})

    def delete(self, one: int, how: int) -> None:
        """Delete it for good."""
        del how
        self._delete("items", self._paper(one))

    def copy(self, one: int, how: int) -> None:
        """Duplicate it."""
        if paper := self._paper(one):
            self._create("items", {**paper.data, **self._filing(how)}, without=_OWN)

    def merge(self, one: int, how: int) -> None:
        """Merge another one into it, as Zotero does with duplicates."""
        paper, other = self._paper(one), self._paper(how)
        if not paper or not other or other is paper:
            return
        for child in [*self._library.children("items", other.key)]:
            self._change(child, {"parentItem": paper.key})
        self._change(other, {"deleted": True})
        address = f"http://zotero.org/users/1/items/{other.key}"
        self._change(paper, {"relations": {"dc:replaces": [address]}})

    # What hangs on them.

    def note(self, one: int, how: int) -> None:
        """Write a note on a paper, or one that stands alone."""
        text = {"itemType": "note", "note": f"<p>Sweet, {self._number()}</p>"}
        paper = self._paper(one)
        self._create("items", {**text, **({"parentItem": paper.key} if how % 4 and paper else {})})

    def note_ours(self, one: int, how: int) -> None:
        """Write a note on something that we suggested."""
        ours = [i for i in self._items() if mark_in_extra(i.data.get("extra"))]
        if paper := _at(ours, one):
            text = f"<p>Sour, {how}</p>"
            self._create("items", {"itemType": "note", "note": text, "parentItem": paper.key})

    def attach(self, one: int, how: int) -> None:
        """Attach an address to a paper."""
        del how
        if paper := self._paper(one):
            link = {"linkMode": "linked_url", "title": "Page", "url": "https://example.org/"}
            self._create("items", {"itemType": "attachment", **link, "parentItem": paper.key})

    def annotate(self, one: int, how: int) -> None:
        """Highlight something in an attachment; and have had it open."""
        if file := _at([i for i in self._items() if i.data["itemType"] == "attachment"], one):
            mark = {"itemType": "annotation", "parentItem": file.key, "tags": [], "relations": {}}
            self._library.put("items", {**mark, "annotationType": "highlight"}, by=1)
            self._library.put("items", {**file.data, "lastRead": 1_772_000_000 + how}, file.key)

    def rewrite_note(self, one: int, how: int) -> None:
        """Change a note, which may be ours."""
        if note := _at([i for i in self._items() if i.data["itemType"] == "note"], one):
            self._change(note, {"note": f"{note.data['note']}\n<p>More, {how}</p>"})

    def trash_part(self, one: int, how: int) -> None:
        """Put a note or attachment into the trash, or take it out again."""
        self._change(self._part(one), {"deleted": bool(how % 3)})

    def delete_part(self, one: int, how: int) -> None:
        """Delete a note or attachment for good."""
        del how
        self._delete("items", self._part(one))

    def move_part(self, one: int, how: int) -> None:
        """Hang a note or attachment on another paper."""
        if paper := self._paper(how):
            self._change(self._part(one), {"parentItem": paper.key})

    # Collections, theirs and the shelf.

    def create_collection(self, one: int, how: int) -> None:
        """Make a collection, perhaps inside another one."""
        around = _at([*self._library.collections.values()], one) if how % 2 else None
        made = {"name": f"Basket {self._number()}", "parentCollection": False}
        self._create("collections", made | ({"parentCollection": around.key} if around else {}))

    def rename_collection(self, one: int, how: int) -> None:
        """Call it something else, perhaps what our shelf is called."""
        name = f"Box {self._number()}" if how % 8 else "Shelfwise"
        self._change(self._collection(one), {"name": name}, "collections")

    def move_collection(self, one: int, how: int) -> None:
        """Put it into another one, or to the top; through the web even into one inside it."""
        moved, around = self._collection(one), self._collection(how)
        if not moved or moved is around:
            return
        below = self._library.descendants("collections", moved.key)
        if how % 3 and around and (self._zotero.way == "web" or around.key not in below):
            self._change(moved, {"parentCollection": around.key}, "collections")
        else:
            self._change(moved, {"parentCollection": False}, "collections")

    def trash_collection(self, one: int, how: int) -> None:
        """Put it into the trash."""
        del how
        self._change(self._collection(one), {"deleted": True}, "collections")

    def restore_collection(self, one: int, how: int) -> None:
        """Take it out of the trash."""
        del how
        trashed = [c for c in self._library.collections.values() if c.data.get("deleted")]
        self._change(_at(trashed, one), {"deleted": False}, "collections")

    def delete_collection(self, one: int, how: int) -> None:
        """Delete it for good, with all inside it."""
        del how
        self._delete("collections", self._collection(one))

    # The whole library.

    def forget_tag(self, one: int, how: int) -> None:
        """Take a tag off everything."""
        del how
        self._send("DELETE", f"tags?tag={quote(WORDS[one % len(WORDS)])}", self._library.version)

    def send_again(self, one: int, how: int) -> None:
        """Write what is there already; on the web the library's version moves all the same."""
        del how
        if paper := self._paper(one):
            same = {
                "key": paper.key,
                "version": paper.version,
                "title": paper.data.get("title", ""),
            }
            self._send("POST", "items", body=[same])

    def _items(self) -> list[Stored]:
        return [*self._library.items.values()]

    def _paper(self, one: int) -> Stored | None:
        """A paper that may be touched; one is left alone, so that there is always one."""
        return _at(
            [
                item
                for item in self._items()
                if item.data["itemType"] not in BELOW and item.key != self._anchor
            ],
            one,
        )

    def _part(self, one: int) -> Stored | None:
        parts = ("note", "attachment")
        return _at([i for i in self._items() if i.data["itemType"] in parts], one)

    def _collection(self, one: int) -> Stored | None:
        return _at([*self._library.collections.values()], one)

    def _filing(self, how: int) -> Json:
        """In which collections something is, none of which is in the trash."""
        here = [c for c in self._library.collections.values() if not c.data.get("deleted")]
        return {"collections": [c.key for n, c in enumerate(here) if how >> n & 1]}

    def _number(self) -> int:
        self._n_made += 1
        return self._n_made

    def _create(self, kind: Kind, made: Json, without: Sequence[str] = ()) -> None:
        self._send("POST", kind, body=[{k: v for k, v in made.items() if k not in without}])

    def _change(self, stored: Stored | None, changes: Json, kind: Kind = "items") -> None:
        if stored is None or stored.key not in self._library.objects[kind]:
            return
        if stored.data.get("parentItem"):
            changes = {k: v for k, v in changes.items() if k != "collections"}
        self._send("PATCH", f"{kind}/{stored.key}", stored.version, changes)

    def _delete(self, kind: Kind, stored: Stored | None) -> None:
        if stored is not None:
            self._send("DELETE", f"{kind}/{stored.key}", stored.version)

    def _send(self, method: str, path: str, version: int | None = None, body: Any = None) -> None:
        api = self._zotero.api
        headers = {"zotero-api-key": THEIRS, "content-type": "application/json"}
        if isinstance(api, LocalApi10):
            target, headers["zotero-server-id"] = f"/api/users/0/{path}", api.server_id
        else:
            target = f"/users/1/{path}"
        if version is not None:
            headers["if-unmodified-since-version"] = str(version)
        own, _, query = target.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        asked = Request(method, unquote(own), dict(parse_qsl(query)), headers, sent, target)
        answer = api(asked)
        assert answer.status in {200, 204}, (method, path, body, answer.status, answer.body)
        assert answer.status == 204 or not json.loads(answer.body)["failed"], (body, answer.body)


_OWN = ("dateAdded", "dateModified", "deleted", "relations", "inPublications")


def saved(paper: Paper) -> Json:
    """A listed paper as the reader saves it by another way."""
    name = paper.ids[0].value
    return {
        "itemType": "preprint",
        "title": paper.title,
        "url": f"https://arxiv.org/abs/{name}",
        "archiveID": f"arXiv:{name}",
        "tags": [{"tag": "Astrophysics", "type": 1}],
    }


def _at(found: Sequence[Stored], one: int) -> Stored | None:
    return found[one % len(found)] if found else None
