"""The local API of the Zotero desktop: version 10, which writes, and version 9, which reads."""

import json
from typing import Any
from urllib.parse import urlsplit

from integrations.web.testing.exchange import Request, Response, as_json, as_text
from integrations.zotero.testing.local_errors import Refused
from integrations.zotero.testing.local_keys import Authorisations, WriteTokens
from integrations.zotero.testing.local_lists import PLAIN, Row, list_answer, number, single_answer
from integrations.zotero.testing.local_reads import library_answer, schema_answer
from integrations.zotero.testing.local_routes import Route, route
from integrations.zotero.testing.local_views import Place, group_view
from integrations.zotero.testing.local_writes import Writer
from integrations.zotero.testing.world import Group, Kind, Stored, World

_SCHEMA = "41"
_API = "3"


class LocalApi:
    """What both versions answer alike: reading.

    Attributes:
        enabled: Whether "Allow other applications on this computer to communicate with Zotero"
            is ticked; everything below /api is refused where it is not.

    Args:
        world: The state. The user's library is that of ``users/<user_id>``.
        user_id: Zero where nobody is logged in.
        local_user: Stands for the user in some addresses while nobody is logged in.
        files_folder: Where attached files lie, as an absolute path.
    """

    program = ""

    def __init__(
        self,
        world: World,
        *,
        user_id: int = 0,
        local_user: str = "aB3dE6gH",
        files_folder: str = "/home/reader/Zotero",
    ) -> None:
        self.world = world
        self.enabled = True
        self.user_id = user_id
        self._local_user = local_user
        self._data_folder = files_folder
        world.library(f"users/{user_id}")

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        with self.world.lock:
            try:
                response = self._answer(request)
            except Refused as refused:
                kind = {"Content-Type": PLAIN} if refused.text else {}
                headers = {**kind, **refused.headers}
                response = Response(refused.status, headers, refused.text.encode())
                response = response if refused.bare else self._named(response)
        return response.with_headers(X_Zotero_Version=self.program)

    def _answer(self, request: Request) -> Response:
        if request.path == "/connector/ping" and request.method == "GET":
            page = "<!DOCTYPE html><html><body>Zotero is running</body></html>"
            return as_text(page, 200, "text/html")
        found = route(request.path)
        if found is None or not self._has(found):
            raise Refused(404, "No endpoint found\n", bare=True)
        if request.method == "OPTIONS":
            return Response(200)
        self._check_method(found, request.method)
        body = _json_body(request)
        if not self.enabled:
            raise Refused(403, "Local API is not enabled")
        self._check_request(request)
        version = number(request.headers.get("zotero-api-version") or request.query.get("v", _API))
        if str(version) != _API and found.pattern:
            raise Refused(501, f"API version not implemented: {version}")
        return self._named(self._respond(request, found, body))

    def _respond(self, request: Request, found: Route, body: Any) -> Response:
        del body  # what is only read has none
        return self._read(request, found)

    def _has(self, found: Route) -> bool:
        """Whether this version has the endpoint."""
        return bool(found.methods)

    def _check_method(self, found: Route, method: str) -> None:
        if method not in found.methods:
            raise Refused(400, "Endpoint does not support method\n", bare=True)

    def _check_request(self, request: Request) -> None:
        """Refuse what is not meant for this server."""

    def _named(self, response: Response) -> Response:
        """The answer with the headers that tell of the API."""
        return response.with_headers(Zotero_API_Version=_API, Zotero_Schema_Version=_SCHEMA)

    def _version_of(self, path: str, kind: Kind, stored: Stored) -> int:
        del path, kind
        return stored.version

    def _library_version(self, path: str) -> int:
        return self.world.library(path).version

    def _group_version(self, group: Group) -> int | None:
        """What stands for a group's version in headers and filters; None for none."""
        del group
        return None

    def _place(self, request: Request, owner: str, owner_id: str) -> Place:
        server = f"http://localhost:{urlsplit(request.base).port or 80}/api/"
        if owner == "users" and number(owner_id) not in (0, self.user_id):
            other = f" or {self.user_id}" if self.user_id else ""
            message = "Only data for the logged-in user is available locally -- use userID 0"
            raise Refused(400, message + other)
        if owner == "groups":
            group = self._group(owner_id)
            path, name, shown = f"groups/{group.group_id}", group.name, group.group_id
            in_tags = path
        else:
            path, name, shown = f"users/{self.user_id}", "My Library", self.user_id
            in_tags = path if self.user_id else f"users/local/{self._local_user}"
        library = self.world.library(path)
        address = server + path
        links = {"self": {"href": address, "type": "application/json"}}
        return Place(
            library=library,
            number=1 if owner == "users" else 2 + [*self.world.groups].index(shown),
            address=address,
            tags_address=f"https://api.zotero.org/{in_tags}/tags",
            item_names=f"http://zotero.org/{in_tags}/items",
            block={"type": library.kind, "id": shown, "name": name, "links": links},
            version=lambda: self._library_version(path),
            version_of=lambda kind, stored: self._version_of(path, kind, stored),
            files_folder=self._data_folder,
        )

    def _group(self, group_id: str) -> Group:
        group = self.world.groups.get(number(group_id) or 0)
        if group is None or (self.user_id and not group.role(self.user_id)):
            raise Refused(404, "Not found")
        return group

    def _read(self, request: Request, found: Route) -> Response:
        if not found.owner:
            return schema_answer(request, found)
        place = self._place(request, found.owner, found.owner_id)
        if found.pattern == ("groups",):
            return self._groups(request, place)
        if found.pattern == ("group",):
            return single_answer(request, self._group_row(request, self._group(found.owner_id)))
        return library_answer(request, found, place)

    def _groups(self, request: Request, place: Place) -> Response:
        groups = [
            group
            for group in self.world.groups.values()
            if not self.user_id or group.role(self.user_id)
        ]
        rows = [self._group_row(request, group) for group in groups]
        counted = any(self._group_version(group) is not None for group in groups)
        return list_answer(request, rows, place.version() if counted else None)

    def _group_row(self, request: Request, group: Group) -> Row:
        place = self._place(request, "groups", str(group.group_id))
        version = self._group_version(group)
        return Row(str(group.group_id), version, lambda: group_view(place, group))


class LocalApi10(LocalApi):
    """Zotero 10: reads, and writes once the user allowed it.

    Its versions are those of the world's libraries. The first one is 1: a version of 0 would be
    taken for "no filter".

    Attributes:
        server_id: What a client has to name when it writes.
        authorisations: What the user answers to the dialog, and the keys there are.
    """

    program = "10.0.1"

    def __init__(self, world: World, *, server_id: str = "k7Qm2Xw9Rt4B", **more: Any) -> None:
        super().__init__(world, **more)
        self.server_id = server_id
        self.authorisations = Authorisations(world.clock, self._new_api_key)
        self._tokens = WriteTokens(world.clock)

    def _new_api_key(self) -> str:
        return "".join(self.world.new_key() for _ in range(4))

    def _library_version(self, path: str) -> int:
        library = self.world.library(path)
        library.version = library.version or 1
        return library.version

    def _named(self, response: Response) -> Response:
        return super()._named(response).with_headers(Zotero_Server_ID=self.server_id)

    def _check_request(self, request: Request) -> None:
        given = request.headers.get("zotero-server-id")
        if given is None and request.method != "GET":
            raise Refused(428, "Zotero-Server-ID not provided")
        if given not in (None, self.server_id):
            raise Refused(412, "Zotero-Server-ID does not match this server")

    def _respond(self, request: Request, found: Route, body: Any) -> Response:
        if request.method == "GET":
            return self._read(request, found)
        if found.pattern == ("local", "authorize"):
            return self._authorize(body)
        return self._write(request, found, body)

    def _authorize(self, body: Any) -> Response:
        name = body.get("appName") if isinstance(body, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise Refused(400, "appName is required")
        if wait := self.authorisations.wait():
            raise Refused(429, "Too many authorization requests", Retry_After=str(wait))
        allowed = self.authorisations.ask(name.strip())
        if allowed is None:
            return as_json({"denied": True}, 403)
        return as_json({"key": allowed[0], "remember": allowed[1]})

    def _write(self, request: Request, found: Route, body: Any) -> Response:
        place = self._place(request, found.owner, found.owner_id)
        self._check_key(request)
        if found.owner == "groups" and not self._may_edit(self._group(found.owner_id)):
            raise Refused(403, "Write access denied")
        place.version()
        writer = Writer(place, request, self.world.timestamp())
        if found.pattern == ("tags",):
            return writer.delete_tags()
        kind: Kind = "items" if found.pattern[0] == "items" else "collections"
        if request.method == "POST":
            return writer.batch(kind, body, self._tokens)
        if request.method == "DELETE":
            return (
                writer.delete_one(kind, found.name) if found.name else writer.delete_several(kind)
            )
        return writer.single(kind, found.name, body)

    def _check_key(self, request: Request) -> None:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = (
            request.headers.get("zotero-api-key")
            or request.query.get("key")
            or (bearer.strip() if scheme.lower() == "bearer" else "")
        )
        if not given:
            message = "API key required -- POST /api/local/authorize to obtain one"
            raise Refused(401, message, bare=True)
        if not self.authorisations.use(given):
            raise Refused(401, "Invalid or expired API key", bare=True)

    def _may_edit(self, group: Group) -> bool:
        return group.library_editing == "members" or group.role(self.user_id) in ("owner", "admin")


class LocalApi9(LocalApi):
    """Zotero 9: reads only.

    Its versions are those of the last synchronisation with zotero.org: `sync` plays one. What
    changes in the world otherwise is a change on this computer, and moves no version.
    """

    program = "9.0.6"

    def __init__(self, world: World, **more: Any) -> None:
        super().__init__(world, **more)
        self._synced: dict[str, int] = {}
        self._synced_objects: dict[tuple[str, Kind, str], int] = {}

    def sync(self) -> None:
        """Take over the versions that the world's libraries and objects have now."""
        for path, library in self.world.libraries.items():
            self._synced[path] = library.version
            for kind, objects in library.objects.items():
                for key, stored in objects.items():
                    self._synced_objects[path, kind, key] = stored.version

    def _has(self, found: Route) -> bool:
        return "GET" in found.methods

    def _check_method(self, found: Route, method: str) -> None:
        if method in ("PUT", "PATCH", "DELETE"):
            raise Refused(501, "Method not implemented\n", bare=True)
        if method != "GET":
            raise Refused(400, "Endpoint does not support method\n", bare=True)

    def _version_of(self, path: str, kind: Kind, stored: Stored) -> int:
        return self._synced_objects.get((path, kind, stored.key), 0)

    def _library_version(self, path: str) -> int:
        return self._synced.get(path, 0)

    def _group_version(self, group: Group) -> int | None:
        return group.version


def _json_body(request: Request) -> Any:
    if not request.body or request.method in ("GET", "DELETE"):
        return None
    try:
        return _well_formed(json.loads(request.body))
    except ValueError:
        raise Refused(400, "Invalid JSON provided\n", bare=True) from None


def _well_formed(value: Any) -> Any:
    """The value with half characters, as ``U+D800``, replaced: they could not be sent back."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_well_formed(each) for each in value]
    if isinstance(value, dict):
        return {_well_formed(name): _well_formed(each) for name, each in value.items()}
    return value
