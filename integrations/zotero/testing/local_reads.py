"""What the local API answers to each kind of read."""

from integrations.web.testing.exchange import Request, Response, as_json, as_text
from integrations.zotero.item_types import FIELDS, ITEM_TYPES
from integrations.zotero.testing.local_errors import Refused
from integrations.zotero.testing.local_extra import label
from integrations.zotero.testing.local_lists import PLAIN, Row, list_answer, single_answer
from integrations.zotero.testing.local_routes import Route
from integrations.zotero.testing.local_search import found_items
from integrations.zotero.testing.local_views import (
    Place,
    collection_view,
    file_address,
    item_view,
    tag_views,
)
from integrations.zotero.testing.views import collated
from integrations.zotero.testing.world import Json, Stored

_CREATOR_FIELDS = ("firstName", "First"), ("lastName", "Last"), ("name", "Name")
_LABELS = {
    "abstractNote": "Abstract",
    "accessDate": "Accessed",
    "archiveLocation": "Loc. in Archive",
    "computerProgram": "Software",
    "email": "E-mail",
    "rights": "License",
    "tvBroadcast": "TV Broadcast",
    "url": "URL",
    "webpage": "Web Page",
}


def schema_answer(request: Request, found: Route) -> Response:
    """The answer to a read that names no library.

    Raises:
        Refused: If it asks about an item type that does not exist.
    """
    if not found.pattern:
        return as_text("Nothing to see here.", 200, PLAIN)
    if found.pattern == ("itemTypes",):
        return as_json([_labelled("itemType", name) for name in sorted(ITEM_TYPES)])
    if found.pattern == ("itemFields",):
        return as_json([_labelled("field", name) for name in sorted(FIELDS)])
    if found.pattern == ("creatorFields",):
        return as_json([{"field": name, "localized": shown} for name, shown in _CREATOR_FIELDS])
    item_type = ITEM_TYPES.get(request.query.get("itemType", ""))
    if item_type is None:
        raise Refused(400, "Invalid or missing 'itemType' value")
    if found.pattern == ("itemTypeFields",):
        return as_json([_labelled("field", name) for name in item_type.fields])
    return as_json([{"creatorType": name} for name in sorted(item_type.creators)])


def library_answer(request: Request, found: Route, place: Place) -> Response:
    """The answer to a read of a library.

    Raises:
        Refused: If there is no such thing, or a parameter cannot be understood.
    """
    if found.pattern in (("settings",), ("fulltext",)):
        return as_json({})
    if found.pattern[0] == "tags" or found.pattern[-1] == "tags":
        return _tags(request, found, place)
    if found.pattern[0] == "collections" and "items" not in found.pattern:
        return _collections(request, found, place)
    if found.pattern == ("searches",):
        return list_answer(request, [], place.version())
    if found.pattern == ("searches", "*"):
        raise Refused(404, "Not found")
    if found.pattern in (("items", "*"), ("items", "*", "file")):
        return _item(request, found, place)
    items = found_items(place.library, found, _values(request))
    return list_answer(request, [_item_row(place, item) for item in items], place.version())


def _labelled(kind: str, name: str) -> Json:
    return {kind: name, "localized": _LABELS.get(name) or label(name)}


def _item(request: Request, found: Route, place: Place) -> Response:
    item = place.library.items.get(found.name)
    if item is None:
        raise Refused(404, "Not found")
    if found.pattern[-1] != "file":
        return single_answer(request, _item_row(place, item))
    if not item.data.get("filename"):
        raise Refused(400, f"Not a file attachment: {item.key}")
    return Response(302, {"Location": file_address(place, item)})


def _item_row(place: Place, item: Stored) -> Row:
    version = place.version_of("items", item)
    name = f"{place.item_names}/{item.key}"
    return Row(item.key, version, lambda: item_view(place, item), item, name)


def _tags(request: Request, found: Route, place: Place) -> Response:
    items = [*place.library.items.values()]
    if found.pattern[0] != "tags":
        above = Route(found.pattern[:-1], found.methods, found.owner, found.owner_id, found.name)
        items = found_items(place.library, above, _values(request))
    views = tag_views(place, items)
    if found.pattern == ("tags", "*"):
        views = [view for view in views if view["tag"] == found.name]
        if not views:
            raise Refused(500, bare=True)  # the program falls over a tag that nobody has
    return list_answer(request, [_tag_row(view) for view in views], place.version())


def _tag_row(view: Json) -> Row:
    return Row(str(view["tag"]), None, lambda: view)


def _collections(request: Request, found: Route, place: Place) -> Response:
    if found.pattern == ("collections", "*"):
        collection = place.library.collections.get(found.name)
        if collection is None:
            raise Refused(404, "Not found")
        return single_answer(request, _collection_row(place, collection))
    whole = found.pattern == ("collections",)
    listed = _tree(place, found.name, whole=whole)
    rows = [_collection_row(place, collection) for collection in listed]
    return list_answer(request, rows, place.version())


def _collection_row(place: Place, collection: Stored) -> Row:
    version = place.version_of("collections", collection)
    return Row(collection.key, version, lambda: collection_view(place, collection))


def _tree(place: Place, parent: str, *, whole: bool) -> list[Stored]:
    """The collections below one (or at the top) by name, each followed by those below it.

    What is in the trash is not there, nor what is below it.
    """
    found: list[Stored] = []
    level = [
        collection
        for collection in place.library.collections.values()
        if (collection.data.get("parentCollection") or "") == parent
        and not collection.data.get("deleted")
    ]
    for collection in sorted(level, key=lambda c: collated(str(c.data.get("name", "")))):
        found.append(collection)
        if whole:
            found += _tree(place, collection.key, whole=True)
    return found


def _values(request: Request) -> dict[str, tuple[str, ...]]:
    return {name: (value,) for name, value in request.query.items()} | dict(request.repeated)
