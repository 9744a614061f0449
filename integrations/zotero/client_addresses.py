"""What a client is told of where Zotero is and with which key, checked. Pure."""

import ipaddress
import re

import httpx2

from recommender.errors import ConfigError


def library_named(name: str) -> tuple[str, str]:
    """The kind and the number of ``users/1`` or ``groups/2``.

    Raises:
        ConfigError: If there can be no such library.
    """
    match = re.fullmatch(r"(user|group)s/(\d+)", name)
    if not match:
        message = f"{name!r} is no Zotero library; write users/<number> or groups/<number>"
        raise ConfigError(message)
    return match[1], match[2]


def sendable(key: str) -> str:
    """The key itself.

    Raises:
        ConfigError: If no request can bear it; it does not quote it.
    """
    # A header takes nothing else, and says so in an error that quotes it.
    if not re.fullmatch(r"[!-~]*", key):
        raise ConfigError("the Zotero key has a blank or a letter that no key has; copy it again")
    return key


def is_own(address: str) -> bool:
    """Whether a server's address is of this computer.

    Raises:
        ConfigError: If it is no address.
    """
    message = f"{address!r} is no address of a Zotero server"
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL as error:
        raise ConfigError(message) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(message)
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"
