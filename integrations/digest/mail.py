"""The digest by mail: one channel for each recipient, through the reader's own server."""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.digest.mail_message import message
from integrations.digest.mail_providers import PORTS, provider
from integrations.digest.mail_server import MailServer
from recommender.editions import Edition
from recommender.errors import ConfigError
from recommender.ports import Access, Channel


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Mail to one address.

    Attributes:
        sender: From whom, an address in ASCII.
        recipient: To whom, an address in ASCII.
    """

    server: MailServer
    sender: str
    recipient: str

    @property
    def name(self) -> str:
        """To whom it goes."""
        return f"mail to {self.recipient}"

    def send(self, edition: Edition) -> None:
        """Have an edition taken by the server, as ``MailServer.take`` says.

        Raises:
            Unconfirmed: If it may have been taken.
            IntegrationError: If it was not taken.
        """
        self.server.take(self.sender, self.recipient, self.rendered(edition))

    def rendered(self, edition: Edition) -> bytes:
        """The whole message, in ASCII, as RFC 5322 has it."""
        return message(edition, self.sender, self.recipient).as_bytes()

    def check(self) -> None:
        """Reach the server and log in.

        Raises:
            IntegrationError: If it cannot be reached, or refuses the login.
        """
        self.server.greet()


def opened(settings: Mapping[str, Any], *, keys: Sequence[str], access: Access) -> list[Channel]:
    """A channel for each address of ``mail.to``; no server is asked yet.

    Args:
        settings: The section ``[mail]`` by key.
        keys: The password, or nothing.
        access: Nothing of it is needed.

    Raises:
        ConfigError: If no mail could be sent like this; it carries every problem.
    """
    if not settings["to"]:
        return []
    password = keys[0] if keys else ""
    if problems := [*_problems(settings, password), *_problems_of_server(settings)]:
        raise ConfigError(problems)
    server = _server(settings, password)
    sender = _sender(settings)
    # Two channels would share a name.
    return [MailChannel(server, sender, one) for one in dict.fromkeys(settings["to"])]


def _problems(settings: Mapping[str, Any], password: str) -> Iterator[str]:
    for one in settings["to"]:
        if not _ADDRESS.fullmatch(one):
            yield f"mail.to: {one!r} is no address for mail; {_LIKE}"
    if settings["sender"] and not _ADDRESS.fullmatch(settings["sender"]):
        yield f"mail.sender: {settings['sender']!r} is no address for mail; {_LIKE}"
    if settings["key"] and not settings["user"]:
        yield "mail.user: there is a key, but nobody to log in; say by which name"
    if settings["user"] and not settings["key"]:
        yield "mail.key: there is a user, but no password; say where it is"
    if not settings["user"].isascii() or not settings["user"].isprintable():
        yield f"mail.user: {settings['user']!r} is no name to log in by, which is ASCII; correct it"
    if not password.isascii():
        yield "mail.key: the password is more than ASCII, which no login takes; choose another"


def _problems_of_server(settings: Mapping[str, Any]) -> Iterator[str]:
    host = settings["host"]
    if not settings["provider"]:
        if not _is_host(host):
            yield f"mail.host: {host!r} is no server's name; write one such as smtp.example.org"
        return
    try:
        provider(settings["provider"])
    except ConfigError as error:
        yield from error.problems
    if host:
        yield "mail.host: the provider's is known; name a provider or a host, not both"
    if settings["port"]:
        yield "mail.port: the provider's is known; leave it out, or name mail.host instead"


def _is_host(text: str) -> bool:
    """Whether it is a server's name or number."""
    if _HOST.fullmatch(text):
        return True
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    # Behind this, anything can stand.
    return "%" not in text


def _server(settings: Mapping[str, Any], password: str) -> MailServer:
    login = {"user": settings["user"], "password": password}
    if settings["provider"]:
        of = provider(settings["provider"])
        return MailServer(host=of.host, port=of.port, security=of.security, wants=of.wants, **login)
    security = settings["security"]
    port = settings["port"] or PORTS[security]
    return MailServer(host=settings["host"], port=port, security=security, **login)


def _sender(settings: Mapping[str, Any]) -> str:
    candidates: tuple[str, ...] = (settings["sender"], settings["user"], settings["to"][0])
    return next(one for one in candidates if _ADDRESS.fullmatch(one))


# The part of RFC 5321's Mailbox that every server takes: ASCII, no quotes, no comments.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*"
_ADDRESS = re.compile(rf"(?=.{{1,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_NAME}")
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_NAME}")
_LIKE = "write one such as ada@example.org, all of it ASCII"
