"""Where a request may go: what an answer names must not lead into the reader's own network."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.request import getproxies

import httpx2


class Private(Exception):
    """An answer named an address that is not on the open internet."""


def is_address(text: str) -> bool:
    """Whether this is a web address of http or https, with a host and without a password."""
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        return False
    return url.scheme in {"http", "https"} and bool(url.host) and not url.userinfo


def is_public(host: str) -> bool:
    """Whether a number is that of a host on the open internet; of a name nobody can tell yet."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_global
    except ValueError:
        return not re.search(r"(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$", host, re.I)


def refuse_private(event: str, found: Mapping[str, Any]) -> None:
    """Ends a request before it is sent, if its name led to a private address.

    It is what a request's extension ``trace`` calls. The connection itself is looked at: a name may
    lead elsewhere at each asking. Behind a proxy the connection is the proxy's, which has rules of
    its own.

    Raises:
        Private: If it does.
    """
    if not event.endswith("connect_tcp.complete") or getproxies():
        return
    peer = found["return_value"].get_extra_info("server_addr")
    if peer and not is_public(str(peer[0])):
        raise Private
