"""The digest in a chat: Slack, Discord, Telegram, Matrix, ntfy, Teams and whatever apprise knows.

The package speaks with the services. An address of theirs is a password as well, so it is in no
name and no message of ours, and the package's own log, which has parts of it, is left unread.
"""

import ipaddress
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from integrations.digest.chat_text import text
from recommender.editions import Edition
from recommender.errors import ConfigError, Unconfirmed
from recommender.ports import Access, Channel

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

# urllib3 logs the paths of what is asked, where services want their keys.
for _name in ("apprise", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """A chat.

    Attributes:
        name: Its service, and where its address is kept.
        service: What apprise reaches it with.
    """

    name: str
    service: "NotifyBase" = field(repr=False)

    def send(self, edition: Edition) -> None:
        """Have an edition taken by the service.

        Raises:
            Unconfirmed: If it does not say so; the package tells a refusal from an answer that was
                lost by nothing.
        """
        from apprise import Apprise, NotifyFormat

        chat = Apprise(self.service, asset=self.service.asset)
        written = NotifyFormat.MARKDOWN if self._is_markdown else NotifyFormat.TEXT
        if not chat.notify(body=self._text(edition), body_format=written):
            message = f"{self.name}: did not say that it took the message; check its address and"
            raise Unconfirmed(self.name, f"{message} the connection, the next run sends it again")

    def rendered(self, edition: Edition) -> bytes:
        """The message as it is given to apprise, which turns it into the service's own format."""
        return self._text(edition).encode()

    def check(self) -> None:
        """Nothing: these services take no other word than a message."""

    def _text(self, edition: Edition) -> str:
        longest = self.service.body_maxlen
        # The service's own format may need a few characters more.
        room = longest * 9 // 10 if self._is_markdown else longest
        return text(edition, longest=room, markdown=self._is_markdown)

    @property
    def _is_markdown(self) -> bool:
        """Whether the service takes more than plain text, and its address wants no less."""
        from apprise import NotifyFormat

        return self.service.resolve_format(NotifyFormat.MARKDOWN) is not NotifyFormat.TEXT


def opened(settings: Mapping[str, Any], *, keys: Sequence[str], access: Access) -> list[Channel]:
    """A channel for each address; nobody is asked yet.

    Args:
        settings: The section ``[chat]`` by key.
        keys: The addresses, one for each place that ``to`` names, in its order.
        access: Nothing of it is needed.

    Raises:
        ConfigError: If apprise is not installed, or an address is none that it understands, or
            leads over an open line; it carries every problem.
    """
    if not keys:
        return []
    try:
        from apprise import AppriseAsset
    except ImportError as error:
        message = "chat.to: needs the package apprise; install it: pip install 'shelfwise[chat]'"
        raise ConfigError(message) from error
    # Otherwise the messages bear the package's name, and pictures from its page.
    asset = AppriseAsset(
        app_id="Shelfwise",
        app_desc="Papers for you",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
    )
    places = dict(zip(keys[::-1], settings["to"][::-1], strict=True))
    problems: list[str] = []
    channels: list[Channel] = []
    # Of an address that is kept at two places, the first.
    for key in dict.fromkeys(keys):
        service = _service(key, asset)
        found = list(_problems(service)) if service else [_NO_ADDRESS]
        problems += [f"chat.to: {places[key]}: {problem}" for problem in found]
        if service and not found:
            channels.append(ChatChannel(f"{_scheme(service)} at {places[key]}", service))
    if problems:
        raise ConfigError(problems)
    return channels


def _service(key: str, asset: "AppriseAsset") -> "NotifyBase | None":
    """What reaches an address; None if there is no such."""
    from apprise import Apprise, OverflowMode

    with warnings.catch_warnings():
        # It loads whatever its plugins may need, of which some is old.
        warnings.simplefilter("ignore", DeprecationWarning)
        service = Apprise.instantiate(key.strip(), asset=asset)
    if service:
        # What was said to one address is no other's business.
        service.redirects = False
        if service.overflow_mode == OverflowMode.UPSTREAM:
            # Few services take a message that is too long.
            service.overflow_mode = OverflowMode.TRUNCATE
    return service


def _problems(service: "NotifyBase") -> Iterator[str]:
    from apprise.plugins.email import NotifyEmail

    if isinstance(service, NotifyEmail):
        # Its mode=insecure is an open line, whatever the address is called.
        yield "is an address of mail; use the section [mail]"
        return
    if len(service) > 1:
        # One that fails would have all of them get the message again.
        yield f"leads to {len(service)} chats; write an address for each"
    if _is_own(service.host or ""):
        return
    scheme = _scheme(service)
    if scheme in _names(service.protocol) and scheme not in _names(service.secure_protocol):
        if secure := next(iter(_names(service.secure_protocol)), ""):
            yield f"{scheme}:// is an open line, which anybody can read; write {secure}://"
        elif scheme in _OPEN:
            yield f"{scheme}:// is an open line, which anybody can read; choose another service"
    if not service.verify_certificate:
        yield "verify=no lets anybody pose as the service; leave it out"


def _scheme(service: "NotifyBase") -> str:
    """How the service is reached in the end: an address may leave that open."""
    return str(service.url(privacy=True)).partition("://")[0]  # type: ignore[no-untyped-call]


def _names(protocols: object) -> Sequence[str]:
    if isinstance(protocols, str):
        return (protocols,)
    return tuple(protocols) if isinstance(protocols, tuple | list) else ()


def _is_own(host: str) -> bool:
    """Whether it is on this computer."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


_NO_ADDRESS = "is no address that apprise understands; docs/digest.md shows some"
# Others that have one way alone never leave this computer, or are encrypted under that name.
_OPEN = frozenset({"growl", "rsyslog"})
