"""The objects of a library as the local API shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from integrations.zotero.testing.views import creator_summary, parsed_date, tag_counts
from integrations.zotero.testing.world import Group, Json, Kind, Library, Stored

_ISOLATED = "\u2068{}\u2069"  # first strong isolate, pop directional isolate
_KEPT_EMPTY = frozenset({"note", "contentType", "charset", "filename"})
_FILES = ("imported_file", "imported_url")


@dataclass(frozen=True, slots=True)
class Place:
    """A library, and where it stands in addresses.

    Attributes:
        library: Its state.
        number: The program's own number of it, as its error messages show it.
        address: ``<server>/api/users/0``, as the links in objects have it.
        tags_address: The same on zotero.org, where the links of tags point.
        item_names: Where the names of items on zotero.org start.
        block: What every object says of its library.
        version: Gives the library's version as this program counts.
        version_of: The same of an object.
        files_folder: Where attached files lie.
    """

    library: Library
    number: int
    address: str
    tags_address: str
    item_names: str
    block: Json
    version: Callable[[], int]
    version_of: Callable[[Kind, Stored], int]
    files_folder: str

    def link(self, path: str) -> Json:
        """A link to an object of this library."""
        return {"href": f"{self.address}/{path}", "type": "application/json"}


def is_trashed(library: Library, item: Stored) -> bool:
    """Whether an item, or one above it, is in the trash."""
    above: Stored | None = item
    while above is not None:
        if above.data.get("deleted"):
            return True
        above = library.items.get(str(above.data.get("parentItem") or ""))
    return False


def item_view(place: Place, item: Stored) -> Json:
    """An item as the answer shows it."""
    library = place.library
    live = [c for c in library.children("items", item.key) if not c.data.get("deleted")]
    meta: Json = {}
    if summary := creator_summary(item.data, _ISOLATED):
        meta["creatorSummary"] = summary
    if date := parsed_date(item.data):
        meta["parsedDate"] = date
    links: Json = {"self": place.link(f"items/{item.key}")}
    if parent := item.data.get("parentItem"):
        links["up"] = place.link(f"items/{parent}")
    if best := _best_file(live):
        kind = best.data.get("contentType", "")
        links["attachment"] = {**place.link(f"items/{best.key}"), "attachmentType": kind}
    if item.data.get("linkMode") in _FILES:
        links["enclosure"] = _enclosure(place, item)
    return {
        **_head(place, "items", item, links),
        "meta": {**meta, "numChildren": len(live)},
        "data": item_json(place, item),
    }


def item_json(place: Place, item: Stored) -> Json:
    """An item's own JSON: what is empty is left out, unlike on the web."""
    shown: Json = {"key": item.key, "version": place.version_of("items", item)}
    kind = item.data.get("itemType")
    if kind == "attachment":
        shown |= {"contentType": "", "charset": ""}
    elif kind != "note":
        shown["creators"] = []
    shown |= {"tags": [], "relations": {}}
    if not item.data.get("parentItem"):
        shown["collections"] = []
    for name, value in item.data.items():
        if name == "deleted" or (name in ("parentItem", "lastRead") and not value):
            continue
        if value != "" or name in _KEPT_EMPTY:
            shown[name] = value
    if item.data.get("parentItem"):
        shown.pop("collections", None)
    shown["tags"] = [_tag(tag) for tag in shown["tags"]]
    return {**shown, "deleted": True} if item.data.get("deleted") else shown


def collection_view(place: Place, collection: Stored) -> Json:
    """A collection as the answer shows it."""
    library, key = place.library, collection.key
    below = [c for c in library.children("collections", key) if not c.data.get("deleted")]
    items = [
        item
        for item in library.items.values()
        if key in item.data.get("collections", ()) and not is_trashed(library, item)
    ]
    links: Json = {"self": place.link(f"collections/{key}")}
    if parent := collection.data.get("parentCollection"):
        links["up"] = place.link(f"collections/{parent}")
    return {
        **_head(place, "collections", collection, links),
        "meta": {"numCollections": len(below), "numItems": len(items)},
        "data": collection_json(place, collection),
    }


def collection_json(place: Place, collection: Stored) -> Json:
    """A collection's own JSON."""
    shown: Json = {
        "key": collection.key,
        "version": place.version_of("collections", collection),
        "name": collection.data.get("name", ""),
        "parentCollection": collection.data.get("parentCollection") or False,
        "relations": collection.data.get("relations") or {},
    }
    return {**shown, "deleted": True} if collection.data.get("deleted") else shown


def group_view(place: Place, group: Group) -> Json:
    """A group as the answer shows it; the place is that of its library."""
    top = [i for i in place.library.items.values() if not i.data.get("parentItem")]
    site = f"https://www.zotero.org/groups/{group.group_id}"
    return {
        "id": group.group_id,
        "version": group.version,
        "links": {
            "self": {"href": place.address, "type": "application/json"},
            "alternate": {"href": site, "type": "text/html"},
        },
        "meta": {"numItems": len(top)},
        "data": {
            "id": group.group_id,
            "version": group.version,
            "name": group.name,
            "description": "",
        },
    }


def tag_views(place: Place, items: list[Stored]) -> list[Json]:
    """The tags of these items, each with how many of them have it."""
    counted = tag_counts(items).items()
    # Of two spellings that differ by case alone the small one comes first.
    in_order = sorted(counted, key=lambda entry: (entry[0][0].lower(), entry[0][0].swapcase()))
    return [
        {
            "tag": name,
            "links": {
                "self": {
                    "href": f"{place.tags_address}/{quote_plus(name)}",
                    "type": "application/json",
                }
            },
            "meta": {"type": kind, "numItems": count},
        }
        for (name, kind), count in in_order
    ]


def file_address(place: Place, item: Stored) -> str:
    """Where the file of an attachment lies."""
    name = quote(str(item.data.get("filename", "")))
    return f"file://{place.files_folder}/storage/{item.key}/{name}"


def _head(place: Place, kind: Kind, stored: Stored, links: Json) -> Json:
    version = place.version_of(kind, stored)
    return {"key": stored.key, "version": version, "library": place.block, "links": links}


def _tag(tag: Any) -> Json:
    return {"tag": tag["tag"], "type": 1} if tag.get("type") else {"tag": tag["tag"]}


def _best_file(children: list[Stored]) -> Stored | None:
    files = [c for c in children if c.data.get("linkMode") in (*_FILES, "linked_file")]
    return min(files, key=lambda c: c.data.get("contentType") != "application/pdf", default=None)


def _enclosure(place: Place, item: Stored) -> Json:
    return {
        "href": file_address(place, item) if item.data.get("filename") else False,
        "type": item.data.get("contentType", ""),
        "title": item.data.get("filename", ""),
    }
