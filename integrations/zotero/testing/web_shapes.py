"""How the Web API shows an object: its envelope, its links, what it counts. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from integrations.zotero.item_types import ITEM_TYPES
from integrations.zotero.testing.views import creator_summary, parsed_date
from integrations.zotero.testing.world import ApiKey, Group, Json, Kind, Library, Stored, World

WEBSITE = "https://www.zotero.org"
_OWN_ENDS = ("tags", "collections", "relations", "inPublications", "dateAdded", "dateModified")
_ATTACHED: Mapping[str, Json] = {
    "linked_file": {"path": ""},
    "imported_file": {"filename": "", "md5": None, "mtime": None},
    "imported_url": {"filename": "", "md5": None, "mtime": None},
}


class Shapes:
    """Shows the objects of one library.

    Args:
        world: Where users and groups are known.
        library: Whose objects are shown.
        base: The server's address, without a final slash.
        notes: Whether the reader may see notes.
    """

    def __init__(self, world: World, library: Library, base: str, *, notes: bool = True) -> None:
        self._world, self._library, self._notes = world, library, notes
        self._base = f"{base}/{library.path}"
        self.website = f"{WEBSITE}/{_slug(world, library)}"
        self._envelope = {
            "type": library.kind,
            "id": library.library_id,
            "name": _library_name(world, library),
            "links": {"alternate": _link(self.website, "text/html")},
        }
        self._n_items: dict[str, int] | None = None

    def show(self, kind: Kind, stored: Stored) -> Json:
        """An object with its envelope, as in a list."""
        data = complete(stored.data) if kind == "items" else stored.data
        parent = stored.data.get("parentItem" if kind == "items" else "parentCollection")
        own = f"{kind}/{stored.key}"
        links = {
            "self": _link(f"{self._base}/{own}"),
            "alternate": _link(f"{self.website}/{own}", "text/html"),
        }
        if parent:
            links["up"] = _link(f"{self._base}/{kind}/{parent}")
        meta = {"items": self._item_meta, "collections": self._collection_meta}.get(kind)
        return {
            "key": stored.key,
            "version": stored.version,
            "library": self._envelope,
            "links": links,
            "meta": meta(stored) if meta else {},
            "data": {"key": stored.key, "version": stored.version, **data},
        }

    def tag(self, name: str, tag_type: int, n_items: int) -> Json:
        """A tag, as in a list."""
        named = quote_plus(name)
        alternate = f"http://zotero.org/{self._library.path}/tags/{named}"
        return {
            "tag": name,
            "links": {
                "self": _link(f"{self._base}/tags/{named}"),
                "alternate": _link(alternate, "text/html"),
            },
            "meta": {"type": tag_type, "numItems": n_items},
        }

    def _item_meta(self, stored: Stored) -> Json:
        meta: Json = {}
        if self._library.kind == "group":
            if stored.added_by in self._world.users:
                meta["createdByUser"] = self._user(stored.added_by)
            if stored.changed_by in self._world.users and stored.changed_by != stored.added_by:
                meta["lastModifiedByUser"] = self._user(stored.changed_by)
        data = stored.data
        if data.get("itemType") == "annotation":
            return meta
        if summary := creator_summary(data):
            meta["creatorSummary"] = summary
        if date := parsed_date(data):
            meta["parsedDate"] = date
        linked = str(data.get("linkMode", "")).startswith("linked_")
        if not linked:
            meta["numChildren"] = sum(
                not child.data.get("deleted")
                and (self._notes or child.data.get("itemType") != "note")
                for child in self._library.children("items", stored.key)
            )
        return meta

    def _collection_meta(self, stored: Stored) -> Json:
        if self._n_items is None:
            self._n_items = {}
            for item in self._library.items.values():
                for key in () if item.data.get("deleted") else item.data.get("collections", ()):
                    self._n_items[key] = self._n_items.get(key, 0) + 1
        n_collections = sum(1 for _ in self._library.children("collections", stored.key))
        return {"numCollections": n_collections, "numItems": self._n_items.get(stored.key, 0)}

    def _user(self, user_id: int) -> Json:
        user = self._world.users[user_id]
        return {
            "id": user_id,
            "username": user.username,
            "name": user.name,
            "links": {"alternate": _link(f"{WEBSITE}/{user.username}", "text/html")},
        }


def complete(data: Json) -> Json:
    """An item's data with all that its type has, in the server's order."""
    item_type = str(data.get("itemType", ""))
    filled: Json = {"parentItem": data["parentItem"]} if data.get("parentItem") else {}
    filled["itemType"] = item_type
    filled |= blank(item_type, str(data.get("linkMode", "")))
    if filled.get("parentItem"):
        filled.pop("collections", None)
    tail = {name: filled.pop(name) for name in _OWN_ENDS if name in filled}
    filled |= {name: value for name, value in data.items() if name not in _OWN_ENDS}
    tail |= {name: data[name] for name in _OWN_ENDS if name in data}
    return {**filled, **tail}


def blank(item_type: str, link_mode: str = "") -> Json:
    """What an item of a type shows that nobody has filled in."""
    if item_type == "note":
        own: Json = {"note": ""}
    elif item_type == "attachment":
        own = {"linkMode": link_mode, "title": "", "accessDate": "", "url": "", "note": ""}
        own |= {"contentType": "", "charset": "", **_ATTACHED.get(link_mode, {})}
    elif item_type == "annotation":
        own = {f"annotation{name}": "" for name in ("Type", "Comment", "Color", "PageLabel")}
        return {**own, "tags": [], "relations": {}}
    else:
        known = ITEM_TYPES.get(item_type)
        fields = known.fields if known else ()
        own = {"title": "", "creators": []} if "title" in fields else {"creators": []}
        own |= dict.fromkeys(fields, "")
    return {**own, "tags": [], "collections": [], "relations": {}}


def group_shape(world: World, group: Group, base: str, user_id: int) -> Json:
    """A group, as in a list of a user's groups."""
    path = f"groups/{group.group_id}"
    library = world.library(path)
    plain = {"description": "", "url": "", "libraryEditing": group.library_editing}
    data: Json = {
        "id": group.group_id,
        "version": group.version,
        "name": group.name,
        "owner": group.owner,
        "type": group.kind,
        **plain,
        "libraryReading": group.library_reading,
        "fileEditing": group.library_editing,
    }
    for role in ("admin", "member") if group.kind == "Private" else ("admin",):
        if chosen := [user for user, its in group.roles.items() if its == role]:
            data[f"{role}s"] = chosen
    moment = world.timestamp()
    return {
        "id": group.group_id,
        "version": group.version,
        "links": {
            "self": _link(f"{base}/{path}"),
            "alternate": _link(f"{WEBSITE}/{_slug(world, library)}", "text/html"),
        },
        "meta": {
            "created": moment,
            "lastModified": moment,
            "numItems": len(library.items),
            "isAdmin": group.role(user_id) in ("owner", "admin"),
        },
        "data": data,
    }


def key_shape(world: World, key: ApiKey) -> Json:
    """An API key and what it may do."""
    user = world.users[key.user_id]
    access: dict[str, Mapping[str, Any]] = {}
    if key.library:
        granted = {"library": True, "files": True, "notes": key.notes, "write": key.write}
        access["user"] = {name: True for name, given in granted.items() if given}
    if key.groups:
        access["groups"] = {
            str(group): {"library": True, "write": right == "write"}
            for group, right in key.groups.items()
        }
    return {
        "key": key.key,
        "userID": key.user_id,
        "username": user.username,
        "displayName": user.name,
        "access": access,
    }


def _library_name(world: World, library: Library) -> str:
    if library.kind == "group":
        return world.groups[library.library_id].name
    user = world.users[library.library_id]
    return user.name or user.username


def _slug(world: World, library: Library) -> str:
    if library.kind == "user":
        return world.users[library.library_id].username
    group = world.groups[library.library_id]
    private = group.kind == "Private"
    return f"groups/{group.group_id}" + ("" if private else f"/{group.slug}")


def _link(address: str, content_type: str = "application/json") -> dict[str, str]:
    return {"href": address, "type": content_type}
