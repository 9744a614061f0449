"""Addresses of language models, to which a key and what the reader reads may be sent."""

import ipaddress

import httpx2

from recommender.errors import ConfigError


def endpoint(address: str, *, shows: str) -> httpx2.URL:
    """The address, with ``/v1`` where it has no path, if a key and a text may be sent there.

    Args:
        address: Up to and with ``/v1``, which may be left out.
        shows: What an open line would show to everybody on the way.

    Raises:
        ConfigError: If not; it does not quote what may hold a secret.
    """
    none = "the endpoint's place is no address; write one such as http://127.0.0.1:11434/v1"
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL as error:
        raise ConfigError(none) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(none)
    if url.userinfo or url.query or url.fragment:
        message = "the endpoint's place holds more than an address; leave out what stands before"
        raise ConfigError(f"{message} an @ or behind a ?, and say under key where the key is")
    if url.scheme == "http" and not is_own(url):
        message = f"{url.netloc.decode('ascii')} is another computer, and http:// shows {shows}"
        raise ConfigError(f"{message} to everybody on the way; write https://")
    return url if url.path.strip("/") else url.copy_with(path="/v1")


def is_own(url: httpx2.URL) -> bool:
    """Whether it is on this computer."""
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"
