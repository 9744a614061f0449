"""Lists and single objects in the Web API."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.web.testing.exchange import PLAIN, Response, as_text
from integrations.zotero.testing.views import (
    Wish,
    link_addresses,
    link_header,
    matching,
    ordered,
    tag_counts,
    top_of,
)
from integrations.zotero.testing.web_errors import forbidden, invalid, not_found
from integrations.zotero.testing.web_visit import Visit, shown
from integrations.zotero.testing.world import Kind, Library, Stored

_DELETED = ("collections", "items", "searches", "tags", "settings")


def items(visit: Visit, subset: str = "") -> Response:
    """The items of the library: all, ``top``, or ``trash``."""
    wish = _wish(visit)
    if subset == "trash":
        wish = replace(wish, trashed="only")
    found = _items(visit.library, visit.library.items.values(), wish, top=subset == "top")
    return _list(visit, "items", found)


def collection_items(visit: Visit, key: str, *, top: bool) -> Response:
    """The items of a collection, with their children or at the ``top`` alone."""
    held = _held(visit.library, key, children=not top)
    return _list(visit, "items", _items(visit.library, held, _wish(visit), top=top))


def children(visit: Visit, key: str) -> Response:
    """What is right below an item."""
    if key not in visit.library.items:
        raise not_found("Item not found")
    return _list(visit, "items", matching(visit.library.children("items", key), _wish(visit)))


def collections(visit: Visit, above: str | None = None) -> Response:
    """The collections of the library; or those right below one, or at the top where it is empty."""
    known = visit.library.collections
    if above and above not in known:
        raise not_found("Collection not found")
    found: Iterable[Stored] = known.values()
    if above is not None:
        found = (c for c in known.values() if (c.data.get("parentCollection") or "") == above)
    return _list(visit, "collections", _plainly(visit, found))


def searches(visit: Visit) -> Response:
    """The saved searches of the library."""
    return _list(visit, "searches", _plainly(visit, visit.library.objects["searches"].values()))


def one(visit: Visit, kind: Kind, key: str) -> Response:
    """One object; its version is the answer's."""
    stored = visit.library.objects[kind].get(key)
    if stored is None:
        noun = {"items": "Item does not exist", "collections": "Collection not found"}
        raise not_found(noun.get(kind, "Search not found"))
    return shown(visit.shapes.show(kind, stored), stored.version)


def tags(visit: Visit, within: Iterable[Stored] | None = None, name: str = "") -> Response:
    """The tags of some items, of the whole library, or those of one name."""
    library, asked = visit.library, visit.parameters
    chosen = library.items.values() if within is None else within
    counts = tag_counts(chosen)
    # Elsewhere a tag counts all its items, whichever of them it was found by.
    everywhere = counts if within is None else tag_counts(library.items.values())
    since, words = asked.wish.since, visit.request.query.get("q", "").casefold()
    found = [
        tag
        for tag in counts
        if (not name or tag[0] == name)
        and words in tag[0].casefold()
        and (since is None or library.tag_versions.get(tag, 0) > since)
    ]
    if name and not found:
        raise not_found()
    if asked.sort == "title" and asked.direction == "desc":
        found.reverse()
    if asked.sort == "numItems":
        found.sort(key=lambda tag: everywhere[tag], reverse=asked.direction == "desc")
    page = _page(visit, found)
    shapes = visit.shapes
    body = [shapes.tag(tag[0], tag[1], everywhere[tag]) for tag in page]
    return shown(body, library.version, _headers(visit, len(found)))


def item_tags(visit: Visit, key: str) -> Response:
    """The tags of one item."""
    if key not in visit.library.items:
        raise not_found()
    return tags(visit, [visit.library.items[key]])


def collection_tags(visit: Visit, key: str) -> Response:
    """The tags of a collection's items, counted within it."""
    return tags(visit, _held(visit.library, key, children=False))


def items_tags(visit: Visit, subset: str = "") -> Response:
    """The tags of those items that a list would show."""
    wish = replace(_wish(visit), words=(), since=None, tags=())
    if subset == "trash":
        wish = replace(wish, trashed="only")
    every = visit.library.items.values()
    return tags(visit, _items(visit.library, every, wish, top=subset == "top"))


def deleted(visit: Visit) -> Response:
    """The keys and names of what was deleted since a version."""
    if "since" not in visit.request.query:
        raise invalid("'since' parameter must be provided")
    since = visit.parameters.wish.since or 0
    log: dict[str, list[str]] = {kind: [] for kind in _DELETED}
    for (kind, name), version in visit.library.deleted.items():
        if version > since:
            log[kind].append(name)
    return shown(log, visit.library.version)


def _wish(visit: Visit) -> Wish:
    if not visit.rights.read:
        raise forbidden()
    return replace(visit.parameters.wish, notes=visit.rights.notes)


def _items(library: Library, among: Iterable[Stored], wish: Wish, *, top: bool) -> list[Stored]:
    found = matching(among, wish)
    if not top:
        return found
    if not wish.reaches_children:
        return [item for item in found if not item.data.get("parentItem")]
    above = top_of(library, found)
    return above if wish.trashed == "show" else [i for i in above if not i.data.get("deleted")]


def _held(library: Library, key: str, *, children: bool) -> list[Stored]:
    if key not in library.collections:
        raise not_found("Collection not found")
    held = [item for item in library.items.values() if key in item.data.get("collections", ())]
    below = (child for item in held for child in library.children("items", item.key))
    return [*held, *below] if children else held


def _plainly(visit: Visit, among: Iterable[Stored]) -> list[Stored]:
    wish, words = visit.parameters.wish, visit.request.query.get("q", "").casefold()
    found = matching(among, Wish(since=wish.since, keys=wish.keys, trashed="show"))
    return [each for each in found if words in str(each.data.get("name", "")).casefold()]


def _list(visit: Visit, kind: Kind, found: list[Stored]) -> Response:
    asked = visit.parameters
    if asked.sort.endswith("KeyList"):
        place = {key: at for at, key in enumerate(asked.keys)}
        found = sorted(found, key=lambda each: place.get(each.key, 0))
    elif kind != "items" and asked.sort != "title":
        found = sorted(
            found, key=lambda each: (each.version, each.rank), reverse=asked.direction == "desc"
        )
    else:
        sort = "name" if kind != "items" else asked.sort
        found = ordered(found, sort, asked.direction)
    page, headers = _page(visit, found), _headers(visit, len(found))
    version = visit.library.version
    if asked.format == "keys":
        text = "\n".join(each.key for each in page) + "\n"
        return as_text(text, 200, PLAIN, {"Last-Modified-Version": str(version), **headers})
    if asked.format == "versions":
        return shown({each.key: each.version for each in page}, version, headers)
    shapes = visit.shapes
    return shown([shapes.show(kind, each) for each in page], version, headers)


def _page(visit: Visit, found: Sequence[Any]) -> Sequence[Any]:
    asked = visit.parameters
    # Without a limit the server does not look at the start either.
    return found[asked.start : asked.start + asked.limit] if asked.limit else found


def _headers(visit: Visit, total: int) -> dict[str, str]:
    asked, path = visit.parameters, visit.request.target.partition("?")[0]
    links = link_addresses(
        visit.request.base + path, asked.repeated, asked.start, asked.limit, total
    )
    alternate = {"alternate": f"https://www.zotero.org{path}"}
    return {"Total-Results": str(total), "Link": link_header({**links, **alternate})}


Reader = Callable[[Visit], Response]


def reader(parts: tuple[str, ...]) -> Reader | None:
    """What answers a GET of a path below a library; None where there is no such path."""
    if parts in _LISTS:
        return _LISTS[parts]
    match parts:
        case ("collections", key, *rest):
            return _below_collection(key, tuple(rest))
        case ("items", key, *rest):
            return _below_item(key, tuple(rest))
        case ("searches", key):
            return lambda visit: one(visit, "searches", key)
        case ("tags", name):
            return lambda visit: tags(visit, name=name)
    return None


def _below_collection(key: str, rest: tuple[str, ...]) -> Reader | None:
    return {
        (): lambda visit: one(visit, "collections", key),
        ("collections",): lambda visit: collections(visit, key),
        ("items",): lambda visit: collection_items(visit, key, top=False),
        ("items", "top"): lambda visit: collection_items(visit, key, top=True),
        ("tags",): lambda visit: collection_tags(visit, key),
        ("items", "tags"): lambda visit: collection_tags(visit, key),
        ("items", "top", "tags"): lambda visit: collection_tags(visit, key),
    }.get(rest)


def _below_item(key: str, rest: tuple[str, ...]) -> Reader | None:
    return {
        (): lambda visit: one(visit, "items", key),
        ("children",): lambda visit: children(visit, key),
        ("tags",): lambda visit: item_tags(visit, key),
        ("file",): _nothing,
        ("fulltext",): _nothing,
    }.get(rest)


def _nothing(_: Visit) -> Response:
    raise not_found()


_LISTS: Mapping[tuple[str, ...], Reader] = {
    ("items",): items,
    ("items", "top"): lambda visit: items(visit, "top"),
    ("items", "trash"): lambda visit: items(visit, "trash"),
    ("items", "tags"): items_tags,
    ("items", "top", "tags"): lambda visit: items_tags(visit, "top"),
    ("items", "trash", "tags"): lambda visit: items_tags(visit, "trash"),
    ("collections",): collections,
    ("collections", "top"): lambda visit: collections(visit, ""),
    ("searches",): searches,
    ("tags",): tags,
    ("deleted",): deleted,
    ("fulltext",): lambda visit: shown({}, visit.library.version),
}
