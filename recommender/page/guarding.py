"""What stands before the page: who may ask, how much, and what browsers are told to refuse.

A page on this computer can be asked by every program on it and by every page that its browser
shows. So it answers under its own names alone, which keeps out a page elsewhere whose name was made
to point here; and what is to change anything must come from a page of its own. See
https://owasp.org/www-community/attacks/csrf and https://fetch.spec.whatwg.org/#origin-header.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_QUERY = 2000
"""How many bytes of a query are read."""
MOST_BODY = 16_384
"""How many bytes of a form are read."""

_PATIENCE = 10.0  # seconds, for a form to come
_ASKING = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HTTP = 80
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Nobody elsewhere is told where a reader comes from. With "no-referrer" a browser would not
    # name the origin of our own forms either, which is what they are known by.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Refusal = Callable[[Scope, int, str], Response]


@dataclass(frozen=True, slots=True)
class Names:
    """Under which names the page answers.

    Attributes:
        addresses: By what may stand in ``Host``, the page's whole address.
        origins: From where its forms come.
    """

    addresses: Mapping[str, str]
    origins: frozenset[str]

    @classmethod
    def of(cls, port: int, address: str = "") -> "Names":
        """The names of a page on this computer.

        Args:
            port: Where it listens.
            address: Under which it can be reached from elsewhere; empty where it cannot.
        """
        here = [f"{name}:{port}" for name in _LOOPBACK]
        if port == _HTTP:
            here += _LOOPBACK
        addresses = {host: f"http://{host}" for host in here}
        if address:
            parts = urlsplit(address)
            host = parts.netloc.rpartition("@")[2].lower()
            addresses[host] = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
        origins = (urlsplit(one) for one in addresses.values())
        return cls(addresses, frozenset(f"{one.scheme}://{one.netloc}" for one in origins))


class Guard:
    """Lets what may be asked through to the page, a form's content read as a whole.

    Args:
        page: What answers.
        names: Under which names.
        refusal: Makes the answer to what is refused, of a status and a text.
    """

    def __init__(self, page: ASGIApp, names: Names, refusal: Refusal) -> None:
        self._page = page
        self._names = names
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the page answer."""
        if scope["type"] != "http":
            await self._page(scope, receive, send)
            return
        send = _guarded(send)
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        address = self._names.addresses.get(host, "")
        scope["root_path"] = urlsplit(address).path
        scope["state"] = {"address": address}
        refused = self._refused(scope, headers, host)
        content = b""
        if not refused:
            try:
                content = await asyncio.wait_for(_content(receive), _PATIENCE)
            except TimeoutError:
                refused = HTTPStatus.REQUEST_TIMEOUT, "The form did not come as a whole. Try again."
            except ClientDisconnect:
                # Half a form is none, and nobody is there any more to be told.
                return
            except _TooMuch:
                refused = (
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    "This is more than any form here has.",
                )
        if refused:
            await self._refusal(scope, *refused)(scope, receive, send)
            return
        await self._page(scope, _again(content, receive), send)

    def _refused(self, scope: Scope, headers: Headers, host: str) -> tuple[int, str] | None:
        """Why something is not to be answered; None where it is."""
        if host not in self._names.addresses:
            return HTTPStatus.FORBIDDEN, "The page answers under the name in page.address alone."
        if len(scope["query_string"]) > MOST_QUERY:
            return HTTPStatus.REQUEST_URI_TOO_LONG, "This is more than can be asked for at once."
        if scope["method"] in _ASKING:
            return None
        site = headers.get("sec-fetch-site", "same-origin")
        # Programs that are no browser, such as a mail service's, name no origin.
        origin = headers.get("origin")
        if site != "same-origin" or (origin is not None and origin not in self._names.origins):
            return HTTPStatus.FORBIDDEN, "Nothing was changed: this came from another page."
        return None


class _TooMuch(Exception):
    """More than is read."""


async def _content(receive: Receive) -> bytes:
    content = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        content += bytes(message.get("body", b""))
        if len(content) > MOST_BODY:
            raise _TooMuch
        if not message.get("more_body", False):
            return content


def _again(content: bytes, receive: Receive) -> Receive:
    """Gives what was read once more, and then what comes."""
    whole: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receiving() -> Message:
        return whole.pop() if whole else await receive()

    return receiving


def _guarded(send: Send) -> Send:
    """Adds to every answer what browsers are to refuse."""

    def sending(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        return send(message)

    return sending
