"""Where a request may go: what an answer names must not lead into the reader's own network."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

Trace = Callable[[str, Mapping[str, Any]], None]
"""What a request's extension ``trace`` calls: with an event's name and what there is to it."""


class Private(Exception):
    """An answer named an address that is not on the open internet."""


def is_address(text: str) -> bool:
    """Whether this is a web address of http or https, with a host and without a password."""
    return _address(lambda: httpx2.URL(text)) is not None


def led_to(answer: httpx2.Response) -> httpx2.URL | None:
    """The web address to which an answer leads on; None where it leads to none."""
    return _address(lambda: answer.request.url.join(answer.headers["location"]))


def is_public(host: str) -> bool:
    """Whether a number is that of a host on the open internet; of a name nobody can tell yet.

    Names that are known for the inside of a network are told, and other spellings of numbers.
    """
    try:
        number = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return not _INSIDE.search(host)
    if isinstance(number, ipaddress.IPv6Address):
        # All three are other ways to write a number of four parts.
        nat = ipaddress.IPv4Address(int(number) % 2**32) if number in _NAT64 else None
        number = number.ipv4_mapped or number.sixtofour or nat or number
    return number.is_global and not number.is_multicast


class Way:
    """Watches the connections of one request and its redirects.

    A name may lead elsewhere at each asking, so the connection itself is looked at, before anything
    is sent. Where the reader's own address leads is the reader's affair; where an answer leads on,
    it must be the open internet, or the host again that the reader named inside the own network.
    Behind a proxy the connection is the proxy's, which has rules of its own.
    """

    def __init__(self) -> None:
        self._named = ""
        self._is_inside = False
        self._connecting = ""

    def step(self, url: httpx2.URL) -> Trace:
        """What is to watch the connection of the next request, to this address.

        It raises ``Private`` if the name led to a private address.
        """
        is_first = not self._named
        self._named = self._named or url.host

        def watch(event: str, found: Mapping[str, Any]) -> None:
            if event.endswith("connect_tcp.started"):
                self._connecting = str(found["host"])
            if not event.endswith("connect_tcp.complete") or self._connecting != _spelled(url):
                return
            peer = found["return_value"].get_extra_info("server_addr")
            inside = bool(peer) and not is_public(str(peer[0]))
            if is_first:
                self._is_inside = inside
            elif inside and not (self._is_inside and url.host == self._named):
                found["return_value"].close()
                raise Private

        return watch


def _address(read: Callable[[], httpx2.URL]) -> httpx2.URL | None:
    try:
        url = read()
        # What no resolver takes raises something else than errors of the connection.
        if not _HOST.fullmatch(_spelled(url)):
            return None
        _spelled(url).encode("idna")
    except (httpx2.InvalidURL, ValueError):
        return None
    is_good = url.scheme in {"http", "https"} and not url.userinfo
    return url if is_good and (url.port is None or 0 < url.port < _PORTS) else None


def _spelled(url: httpx2.URL) -> str:
    """The host as it is looked up."""
    return url.raw_host.decode("ascii")


_PORTS = 2**16
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?", re.ASCII)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_INSIDE = re.compile(
    r"(?:^|\.)(?:localhost|local|internal|home\.arpa|\d+|0x[0-9a-f]*)\.?$|^[^.]+\.?$", re.I
)
