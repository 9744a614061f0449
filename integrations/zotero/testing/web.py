"""The Web API, as far as a client for papers goes: the facade to give to `server.Server`.

Left out: attachments' files, full text, saved searches (they are read, not written), publications,
Atom and the export formats, and the schema in other languages. What is left out answers 501 or,
where the real server would find nothing either, as that does.
"""

from datetime import timedelta

from integrations.web.testing.exchange import HTML, Request, Response, as_json
from integrations.zotero.item_types import ITEM_TYPES
from integrations.zotero.testing import schema, web_reads, web_settings, web_writes
from integrations.zotero.testing.views import is_key, link_header
from integrations.zotero.testing.web_errors import (
    ERROR,
    Refused,
    forbidden,
    invalid,
    not_found,
    not_offered,
)
from integrations.zotero.testing.web_gate import WRITES, Gate, rights
from integrations.zotero.testing.web_parameters import parameters
from integrations.zotero.testing.web_shapes import WEBSITE, blank, group_shape, key_shape
from integrations.zotero.testing.web_visit import Visit
from integrations.zotero.testing.world import ApiKey, Library, World

_UPDATES = "Server updates in progress. Please try again in a few minutes."
_NO_PAGE = "<h1>Not Found</h1>\n<p>The page you requested could not be found.</p>\n"
_BODIES = ("POST", "PUT", "PATCH")
_VERSIONS = {"Zotero-API-Version": "3", "Zotero-Schema-Version": "41"}
_ROOTS = ("items", "collections", "searches", "settings", "tags", "deleted", "fulltext", "groups")
_CONDITIONAL = ("items", "collections", "searches", "settings", "tags")
_SUBSETS = ("top", "trash", "tags")


class WebApi:
    """Answers requests about a world as api.zotero.org does.

    Attributes:
        gate: Keys, write tokens and limits; it has the rate limits, which are off.
        maintenance: Whether every request is answered 503.
        read_only: Whether every write is.
        backoff: What good answers ask clients to wait; None for nothing.
        quota_full: Whether writes other than deletions are answered 413.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = Gate(world)
        self.maintenance = False
        self.read_only = False
        self.backoff: timedelta | None = None
        self.quota_full = False

    def __call__(self, request: Request) -> Response:
        """The answer to a request."""
        with self.world.lock:
            try:
                response = self._answer(request)
            except Refused as refused:
                response = refused.response()
                if not refused.bare:
                    response = response.with_headers(**_VERSIONS)
        if self.backoff is not None:
            seconds = str(int(self.backoff.total_seconds()))
            response = response.with_headers(Backoff=seconds)
        return response

    def _answer(self, request: Request) -> Response:
        if not _is_page(request.parts):
            return Response(404, {"Content-Type": HTML}, _NO_PAGE.encode())
        write = request.method in WRITES
        if self.maintenance or (self.read_only and write):
            raise Refused(503, _UPDATES, bare=True)
        if "expect" in request.headers:
            raise Refused(417, "Expect header is not supported", bare=True)
        if request.method in _BODIES and not request.body:
            raise Refused(400, f"{request.method} data not provided", bare=True)
        root, *rest = request.parts
        key = self.gate.enter(request)
        if root not in ("users", "groups"):
            if write:
                raise _not_allowed("HEAD, GET")
            return self._without_library(request, root, tuple(rest), key).with_headers(**_VERSIONS)
        if self.quota_full and request.method in _BODIES:
            raise Refused(413, "File would exceed quota (300 MB)")
        return self._in_library(request, key)

    def _without_library(
        self, request: Request, root: str, rest: tuple[str, ...], key: ApiKey | None
    ) -> Response:
        if root == "keys":
            return self._key(rest, key)
        if (root, rest) == ("items", ("new",)):
            return _template(request)
        item_type = request.query.get("itemType", "")
        if root.startswith("itemType") and root != "itemTypes" and item_type not in ITEM_TYPES:
            raise invalid(f"Invalid item type '{item_type}'")
        if root == "schema" or not request.query.get("locale", "en").startswith("en"):
            raise not_offered("The schema in other languages and as a whole")
        return as_json(schema.answer(root, item_type))

    def _key(self, rest: tuple[str, ...], key: ApiKey | None) -> Response:
        name = rest[0] if rest else ""
        if name != "current":
            if name not in self.world.keys:
                raise not_found(f"Key '{name}' not found")
            return as_json(key_shape(self.world, self.world.keys[name]))
        if key is None:
            raise forbidden()
        return as_json(key_shape(self.world, key))

    def _in_library(self, request: Request, key: ApiKey | None) -> Response:
        library, below = self._library(request.parts)
        if request.method == "GET" and _unmodified(request, library, below):
            return Response(304)
        single = len(below) > 1 and below[-1] not in (*_SUBSETS, "items", "collections", "children")
        asked = parameters(request, single=single)
        if library.kind == "user" and below == ("groups",):
            return self._groups(request, key, library.library_id).with_headers(**_VERSIONS)
        if library.kind == "group" and not below:
            return self._group(request, key, library.library_id).with_headers(**_VERSIONS)
        granted = rights(key, library, self.world.groups)
        visit = Visit(self.world, request, key, library, granted, below, asked)
        if request.method in WRITES:
            response, spent = _written(visit)
            if spent:
                self.gate.remember(request, key)
        else:
            response = _read(visit)
        return response.with_headers(**_VERSIONS)

    def _library(self, parts: tuple[str, ...]) -> tuple[Library, tuple[str, ...]]:
        root, number, *below = parts
        known = self.world.users if root == "users" else self.world.groups
        if int(number) not in known:
            text = f"User {number} not found" if root == "users" else "Not found"
            raise Refused(404, text, bare=True)
        return self.world.library(f"{root}/{number}"), tuple(below)

    def _groups(self, request: Request, key: ApiKey | None, user_id: int) -> Response:
        reader = key.user_id if key else 0
        found = [
            group
            for group in self.world.groups.values()
            if group.role(user_id)
            and rights(key, self.world.library(f"groups/{group.group_id}"), self.world.groups).read
        ]
        path = request.target.partition("?")[0]
        headers = {
            "Total-Results": str(len(found)),
            "Link": link_header({"alternate": WEBSITE + path}),
        }
        if request.query.get("format") == "versions":
            return as_json({str(g.group_id): g.version for g in found}, headers=headers)
        shapes = [group_shape(self.world, g, request.base, reader) for g in found]
        return as_json(shapes, headers=headers)

    def _group(self, request: Request, key: ApiKey | None, group_id: int) -> Response:
        group = self.world.groups[group_id]
        if not rights(key, self.world.library(f"groups/{group_id}"), self.world.groups).read:
            raise not_found()
        shape = group_shape(self.world, group, request.base, key.user_id if key else 0)
        return as_json(shape, headers={"Last-Modified-Version": str(group.version)})


def _is_page(parts: tuple[str, ...]) -> bool:
    match parts:
        case ("users" | "groups", number, *below):
            if not number.isdigit():
                return False
            return below[0] in _ROOTS if below else parts[0] == "groups"
        case ("keys", _) | ("items", "new"):
            return True
        case ("itemTypes" | "itemFields" | "itemTypeFields" | "itemTypeCreatorTypes",):
            return True
        case ("creatorFields",) | ("schema",):
            return True
    return False


def _unmodified(request: Request, library: Library, below: tuple[str, ...]) -> bool:
    text = request.headers.get("if-modified-since-version", "")
    lists = below and below[0] in _CONDITIONAL and (len(below) == 1 or below[-1] in _SUBSETS)
    return bool(lists) and text.isdigit() and library.version <= int(text)


def _read(visit: Visit) -> Response:
    if not visit.rights.read:
        raise forbidden()
    match visit.parts:
        case ("settings",):
            return web_settings.read(visit)
        case ("settings", name):
            return web_settings.read(visit, name)
        case ("items", key, *_) if key not in _SUBSETS:
            _check_item(visit, key)
    reader = web_reads.reader(visit.parts)
    if reader is None:
        raise not_found()
    return reader(visit)


def _check_item(visit: Visit, key: str) -> None:
    item = visit.library.items.get(key)
    hidden = item is not None and item.data["itemType"] == "note" and not visit.rights.notes
    if not is_key(key) or hidden:
        raise not_found()


def _written(visit: Visit) -> tuple[Response, bool]:
    if not visit.rights.write:
        raise forbidden("Write access denied")
    match visit.parts, visit.request.method:
        case ("items",), "POST":
            return web_writes.post(visit, "items")
        case ("collections",), "POST":
            return web_writes.post(visit, "collections")
        case ("collections", key, "items"), "POST":
            return web_writes.add_to_collection(visit, key), False
        case ("collections", _, "items", _), "DELETE":
            raise Refused(500, ERROR)  # the server leaves its transaction open
        case ("items" | "collections" as kind,), "DELETE":
            return web_writes.delete_several(visit, kind), False
        case ("items" | "collections" as kind, key), method:
            if kind == "items":
                _check_item(visit, key)
            if method == "DELETE":
                return web_writes.delete(visit, kind, key), False
            if method != "POST":
                return web_writes.put_or_patch(visit, kind, key), True
            raise _not_allowed("HEAD, GET, PUT, PATCH, DELETE")
    return _settings_written(visit), False


def _settings_written(visit: Visit) -> Response:
    match visit.parts, visit.request.method:
        case ("settings",), "POST":
            return web_settings.post(visit)
        case ("settings",), "DELETE":
            return web_settings.delete_several(visit)
        case ("settings", name), "PUT":
            return web_settings.put(visit, name)
        case ("settings", name), "DELETE":
            return web_settings.delete(visit, name)
        case ("tags",), "DELETE":
            return web_settings.delete_tags(visit)
        case ("searches", *_), _:
            raise not_offered("Writing saved searches")
    raise _not_allowed("HEAD, GET")


def _not_allowed(allowed: str) -> Refused:
    return Refused(405, "Method not allowed", headers={"Allow": allowed})


def _template(request: Request) -> Response:
    item_type = request.query.get("itemType", "")
    if not item_type:
        raise invalid("'itemType' not provided")
    if item_type not in ITEM_TYPES:
        raise invalid(f"Invalid item type '{item_type}'")
    mode = request.query.get("linkMode", "")
    if item_type == "attachment" and not mode:
        raise invalid("linkMode required for itemType=attachment")
    data = blank(item_type, mode)
    if creators := ITEM_TYPES[item_type].creators:
        data["creators"] = [{"creatorType": creators[0], "firstName": "", "lastName": ""}]
    if mode.startswith("imported"):
        data.pop("url")
    return as_json({"itemType": item_type, **data})
