"""Which endpoint a path of the local API names, and which methods that has."""

from dataclasses import dataclass

_READ = frozenset({"GET"})
_LIST = frozenset({"GET", "POST", "DELETE"})
_ONE = frozenset({"GET", "PUT", "PATCH", "DELETE"})

# Below /api. A "*" stands for any one part; what is named outright is looked for first.
_GLOBAL = {
    (): _READ,
    ("itemTypes",): _READ,
    ("itemFields",): _READ,
    ("itemTypeFields",): _READ,
    ("itemTypeCreatorTypes",): _READ,
    ("creatorFields",): _READ,
    ("local", "authorize"): frozenset({"POST"}),
}
# Below /api/users/<id> and /api/groups/<id>.
_LIBRARY = {
    ("items",): _LIST,
    ("items", "top"): _READ,
    ("items", "trash"): _READ,
    ("items", "tags"): _READ,
    ("items", "top", "tags"): _READ,
    ("items", "trash", "top"): _READ,
    ("items", "trash", "tags"): _READ,
    ("items", "*"): _ONE,
    ("items", "*", "children"): _READ,
    ("items", "*", "file"): _READ,
    ("collections",): _LIST,
    ("collections", "top"): _READ,
    ("collections", "*"): _ONE,
    ("collections", "*", "collections"): _READ,
    ("collections", "*", "items"): _READ,
    ("collections", "*", "items", "top"): _READ,
    ("collections", "*", "items", "tags"): _READ,
    ("tags",): frozenset({"GET", "DELETE"}),
    ("tags", "*"): _READ,
    ("searches",): _READ,
    ("searches", "*"): _READ,
    ("settings",): _READ,
    ("groups",): _READ,
    ("fulltext",): _READ,
    ("publications", "items"): _READ,
}


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint and what its path names.

    Attributes:
        pattern: The parts below the library (or below /api), "*" for a key or a tag.
        methods: Those that this endpoint has in Zotero 10.
        owner: ``users`` or ``groups``; empty where no library is named.
        owner_id: As written in the path.
        name: The key or tag that stands at "*"; empty where there is none.
    """

    pattern: tuple[str, ...]
    methods: frozenset[str]
    owner: str = ""
    owner_id: str = ""
    name: str = ""


def route(path: str) -> Route | None:
    """The endpoint of a path; None where there is none.

    Args:
        path: Without the query, percent escapes undone, starting with "/".
    """
    if path == "/api/":
        return Route((), _READ)
    _, _, below = path.partition("/api/")
    parts = tuple(below.split("/"))
    if not path.startswith("/api/") or "" in parts:
        return None
    if parts[0] not in ("users", "groups"):
        return Route(parts, _GLOBAL[parts]) if parts in _GLOBAL else None
    owner, owner_id, rest = parts[0], parts[1] if len(parts) > 1 else "", parts[2:]
    if owner == "groups" and owner_id and not rest:
        return Route(("group",), _READ, owner, owner_id)
    if owner == "groups" and rest in (("groups",), ("publications", "items")):
        return None
    for pattern in (rest, (*rest[:1], "*", *rest[2:])):
        if rest and pattern in _LIBRARY:
            name = rest[1] if "*" in pattern else ""
            return Route(pattern, _LIBRARY[pattern], owner, owner_id, name)
    return None
