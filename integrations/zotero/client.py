"""One Zotero library of one server: the one place that knows pyzotero.

pyzotero gives addresses, headers, authorisation and reading; its writing is gone round, and what
is below it is ``client_patience``. One client serves one thread: pyzotero keeps the state of each
call on itself.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, TypedDict, Unpack

import httpx2
from pyzotero import zotero

from integrations.web.patience import Patience, moment
from integrations.zotero.client_addresses import is_own, library_named, sendable
from integrations.zotero.client_answers import SERVICE, AnotherServer, Conflict, shaped
from integrations.zotero.client_patience import PatientClient, Quiet
from integrations.zotero.client_reports import Answer, Failed, Report, number_in, report_in
from recommender.errors import BadResponse, NotAuthorized, TransientError

__all__ = [
    "LOCAL",
    "SERVICE",
    "WEB",
    "AnotherServer",
    "Answer",
    "Client",
    "Conflict",
    "Failed",
    "Patience",
    "Quiet",
    "Report",
    "shaped",
]

WEB = "https://api.zotero.org"
LOCAL = "http://127.0.0.1:23119/api"

PAGE = 100
"""How many objects a page has at most; zotero.org cuts longer ones silently."""

BATCH = 50
"""How many objects a write has at most."""


class ClientOptions(TypedDict, total=False):
    """What a client may be given beside where it is to go; its own docstring says what each is."""

    patience: Patience | None
    quiet: Quiet | None
    transport: httpx2.BaseTransport | None


class Client:
    """One library of zotero.org or of the Zotero on this computer.

    Every failure is one of our errors and tells nothing secret: ``NotAuthorized`` (a key is
    unknown, revoked or has no right, or the library is not to be seen), ``RateLimited``,
    ``TransientError`` (no answer, half an answer, a server's own failure), ``StaleLibrary`` (the
    library was changed since the version that a write was for), ``Conflict`` (one object was) and
    ``BadResponse``. Reads were tried again by then. A write was not, unless surely nothing was
    written: after a ``TransientError`` it may be done or not.

    Args:
        address: Where the server is; of a local one up to and with ``/api``.
        library: ``users/1`` or ``groups/2``.
        key: What the server gave for access; empty for reading locally.
        is_local: Whether it is the Zotero on a computer, not zotero.org.
        patience: How long a request may take.
        quiet: Shared with the process's other clients of the same server.
        transport: What carries the requests, in tests.

    Attributes:
        server_time: What the server's clock said when it was asked for the key's rights.
    """

    def __init__(
        self,
        address: str,
        library: str,
        key: str,
        *,
        is_local: bool,
        patience: Patience | None = None,
        quiet: Quiet | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        kind, number = library_named(library)
        self.library = library
        self.prefix = "" if kind == "user" else f"{library}/"
        self.is_local = is_local
        # Before Zotero 10; a newer one that is started later gives its id with its first answer.
        self._is_old = False
        self.server_time: datetime | None = None
        self._patience = patience or Patience()
        self._http = PatientClient(
            library=library,
            local=is_local,
            patience=self._patience,
            # A proxy for the web cannot reach this computer's own programs.
            trust_env=not (is_own(address) or is_local),
            quiet=quiet or Quiet(),
            transport=transport,
        )
        self._key = sendable(key)
        self._zotero = zotero.Zotero(
            number,
            kind,
            api_key=None if is_local else self._key or None,
            local=is_local,
            client=self._http,
            local_api_key=(self._key or None) if is_local else None,
        )
        self._zotero.endpoint = address.rstrip("/")

    @classmethod
    def web(
        cls, address: str, library: str, key: str, **options: Unpack[ClientOptions]
    ) -> "Client":
        """A library of zotero.org; ``WEB`` is its address."""
        return cls(address, library, key, is_local=False, **options)

    @classmethod
    def local(
        cls, address: str, library: str, key: str = "", **options: Unpack[ClientOptions]
    ) -> "Client":
        """A library of the Zotero on this computer; ``LOCAL`` is its address.

        The user's own library is ``users/0``. Only writing needs the key that ``authorise`` gives.
        """
        return cls(address, library, key, is_local=True, **options)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def wait(self, pause: timedelta) -> None:
        """Do nothing for a while, as this client's patience does it."""
        if pause:
            self._patience.sleep(pause.total_seconds())

    def server_id(self) -> str | None:
        """Which database answers, since Zotero 10; None before, and of zotero.org.

        Keys and versions of a local server hold for this id only.
        """
        if self.is_local and not self._zotero.server_id and not self._is_old:
            # Only with the slash at the end; the answer says it, as every answer does.
            self._send("GET", "/", extensions={"text": True})
            self._is_old = not self._zotero.server_id
        return self._zotero.server_id

    def read(self, path: str, **params: Any) -> Answer:
        """One object, or one page of a list.

        Args:
            path: Below the library: ``items``, ``items/ABCD2345``, ``collections``, ``deleted``.
            params: Of the query; a list has at most 100 objects without ``limit``, and with
                ``limit=None`` as many as the server gives.
        """
        # What an earlier call left behind when it failed would be sent with this one: a list
        # "since" some version in place of the whole, which looks like an empty library.
        self._zotero.url_params = None
        self._zotero.links = None
        ask = self._reading(path)
        if ask:
            # pyzotero's page has 100, also of versions, unless it is told that there is none.
            params = {"limit": PAGE, **params}
        # What has "tags" in its address is taken for a list of tags; our own tag may hold it.
        if "tags" in f"{self._zotero.endpoint}/{path} {params}":
            ask = None
        try:
            if ask:
                value = ask(**params)
                answer = self._zotero.request
            else:
                given = {name: value for name, value in params.items() if value is not None}
                answer = self._send("GET", self._path(path), params=given)
                value = answer.json()
        except AnotherServer:
            # Another database answers than the one whose id was sent.
            self._zotero.server_id = None
            raise
        if answer is None:
            raise BadResponse(SERVICE, "Zotero's answer has no headers; try again later")
        return Answer(
            value, number_in(answer, "last-modified-version"), number_in(answer, "total-results")
        )

    def pages(self, path: str, **params: Any) -> Iterator[Answer]:
        """All pages of a list, each with its version: they are of one moment only if all agree.

        Raises:
            TransientError: If fewer objects came than the server has; what is missing is not gone.
        """
        start = 0
        while True:
            page = self.read(path, **params, start=start, limit=PAGE)
            n = len(shaped(page.value, list, f"{path} is no list"))
            if page.total is None:
                raise BadResponse(SERVICE, f"Zotero did not count its {path}; try again later")
            start += n
            if not n and start < page.total:
                message = f"Zotero's list of {path} ended early; try again later"
                raise TransientError(SERVICE, message)
            yield page
            if start >= page.total:
                return

    def post(
        self,
        path: str,
        objects: Sequence[Mapping[str, Any]],
        *,
        unmodified_since: int | None = None,
        token: str = "",
    ) -> Report:
        """Create or change up to 50 objects: what became of each.

        Args:
            path: ``items`` or ``collections``.
            objects: What to write; with ``key`` and ``version`` only the properties to change.
            unmodified_since: Write nothing if the library is newer than this version.
            token: 5 to 32 characters; a second write with it raises ``Conflict.repeated``.

        Raises:
            ValueError: If there are too many objects.
        """
        if len(objects) > BATCH:
            raise ValueError(f"at most {BATCH} objects at a time, not {len(objects)}")
        # pyzotero's create_* put a token of their own for each try, change the objects given and
        # never look at what failed; its update_* ask for the item fields first and answer True
        # whatever happened.
        headers = {"Zotero-Write-Token": token} if token else {}
        answer = self._write("POST", path, list(objects), unmodified_since, headers)
        if answer.status_code != 200:
            raise TransientError(SERVICE, "Zotero did not say what it wrote; try again later")
        return report_in(answer, len(objects))

    def patch(self, path: str, changes: Mapping[str, Any], *, unmodified_since: int) -> int | None:
        """Change some properties of an object: the version that the server tells then.

        Of a change without effect it is the old one.

        Args:
            path: ``items/ABCD2345`` or ``collections/ABCD2345``.
            changes: Only what changes; ``tags`` are a change whatever they are.
            unmodified_since: The version of the object that the changes are for.
        """
        return self._done("PATCH", path, dict(changes), unmodified_since)

    def put_setting(self, name: str, value: Any, *, unmodified_since: int) -> int | None:
        """Set one of the library's settings: the library's version then.

        Args:
            name: Such as ``tagColors``.
            value: The whole of it.
            unmodified_since: The setting's version; 0 where there is none yet.
        """
        return self._done("PUT", f"settings/{name}", {"value": value}, unmodified_since)

    def key_rights(self) -> dict[str, Any]:
        """What the key may do, and whose it is: ``userID``, ``username``, ``access``."""
        # pyzotero's key_info has the key in the address, and addresses are logged.
        answer = self._send("GET", "/keys/current")
        self.server_time = moment(answer.headers.get("date", ""))
        return dict(shaped(answer.json(), dict, "the key's rights are no object"))

    def authorise(
        self, app: str, *, patience: timedelta = timedelta(minutes=5)
    ) -> tuple[str, bool]:
        """Ask the person at the computer for permission to write: a key, and whether it lasts.

        A key that does not last is good for one write.

        Args:
            app: What the dialog calls us.
            patience: How long the dialog may stay open.

        Raises:
            NotAuthorized: If it was denied.
        """
        server = self.server_id()
        if server is None:
            message = "this Zotero cannot be written to; it needs Zotero 10, or use a key"
            raise NotAuthorized(SERVICE, message)
        # Each try is another dialog, so there is one; pyzotero has no way to wait for it longer.
        answer = self._send(
            "POST",
            "/local/authorize",
            headers={"Zotero-Server-ID": server},
            json={"appName": app},
            extensions={"patience": patience, "once": True},
        )
        given = shaped(answer.json(), dict, "the permission is no object")
        self._key = sendable(shaped(given.get("key"), str, "the permission has no key"))
        return self._key, bool(given.get("remember"))

    def _reading(self, path: str) -> Callable[..., Any] | None:
        """Pyzotero's own way to read a path, if it has one that loses nothing."""
        match path.split("/"):
            case ["items"]:
                return self._zotero.items
            case ["items", "top"]:
                return self._zotero.top
            case ["items", "trash"]:
                return self._zotero.trash
            case ["items", key, "children"]:
                return lambda **params: self._zotero.children(key, **params)
            case ["collections"]:
                return self._zotero.collections
            case ["collections", "top"]:
                return self._zotero.collections_top
            case ["collections", key, "items"]:
                return lambda **params: self._zotero.collection_items(key, **params)
            case ["deleted"]:
                return lambda **params: self._zotero.deleted(**{**params, "limit": None})
        # A single object needs no limit.
        return None

    def _path(self, path: str) -> str:
        return f"/{self.library}/{path}"

    def _done(self, method: str, path: str, content: Any, unmodified_since: int) -> int | None:
        answer = self._write(method, path, content, unmodified_since, {})
        if answer.status_code != 204:
            raise TransientError(SERVICE, "Zotero did not say that it wrote; try again later")
        return number_in(answer, "last-modified-version")

    def _write(
        self,
        method: str,
        path: str,
        content: Any,
        unmodified_since: int | None,
        headers: dict[str, str],
    ) -> httpx2.Response:
        headers["Content-Type"] = "application/json"
        if unmodified_since is not None:
            headers["If-Unmodified-Since-Version"] = str(unmodified_since)
        if self.is_local:
            headers["Zotero-Server-ID"] = self.server_id() or ""
            headers["Zotero-API-Key"] = self._key
        # Half a character would spoil the whole batch.
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        try:
            return self._send(method, self._path(path), headers=headers, content=body)
        except AnotherServer:
            self._zotero.server_id = None
            raise

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx2.Response:
        """A request that pyzotero has no way to send, with the headers that it would give it."""
        known = {"Zotero-Server-ID": self._zotero.server_id} if self._zotero.server_id else {}
        answer = self._http.request(
            method,
            self._zotero.endpoint + path,
            headers={**self._zotero.default_headers(), **known, **(headers or {})},
            **more,
        )
        if self.is_local and not known:
            self._zotero.server_id = answer.headers.get("zotero-server-id")
        return answer
