"""What an answer of Zotero's means: good, or which of our errors it is. Pure.

No error's text quotes an answer: what a server says of an object can hold a title or a tag.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.web.patience import wait
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    RateLimited,
    StaleLibrary,
    TransientError,
)

SERVICE = "Zotero"

TOO_MANY = 429
"""The status that asks for fewer requests."""

BUSY = 503
"""The status of maintenance, and of a server that is only read from at the moment."""


class Conflict(PermanentError):
    """One object is not as this write expects it: somebody changed or deleted it meanwhile.

    Attributes:
        gone: It is not there, or not to be seen with this key.
        repeated: The write token was used before: an earlier try of this same write was done.
    """

    def __init__(self, message: str, *, gone: bool = False, repeated: bool = False) -> None:
        self.gone = gone
        self.repeated = repeated
        super().__init__(SERVICE, message)


class AnotherServer(StaleLibrary):
    """Another local database answers than before: nothing known of the earlier one holds."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked.

    Attributes:
        method: In capitals.
        path: As the server saw it.
        library: ``users/1`` or ``groups/2``, for what is said to people.
        local: Of the Zotero on this computer, not zotero.org.
        text: The answer is a plain text, no JSON; by its headers it is known for Zotero's.
    """

    method: str
    path: str
    library: str
    local: bool
    text: bool = False

    @property
    def reads(self) -> bool:
        """It changes nothing, so it may be sent again whatever became of it."""
        return self.method in {"GET", "HEAD"}

    @property
    def single(self) -> bool:
        """It is about one object or setting."""
        return bool(_SINGLE.search(self.path))

    @property
    def server(self) -> str:
        """Who is asked, for people."""
        return "Zotero on this computer" if self.local else "zotero.org"


def trouble(
    request: Request, status: int, headers: Mapping[str, str], content: bytes
) -> IntegrationError | None:
    """The error that an answer is; None where it is a good one.

    Good is only what the interface promises: for a read JSON, for a write 204 or a report in JSON.
    A failure can come as 200 with "An error occurred", or with nothing at all.
    """
    if status in {TOO_MANY, BUSY}:
        return _asks_for_patience(request, status, headers)
    if status == 204 and not request.reads:
        return None
    # Of a program that is none of Zotero's, a text would be taken for an old Zotero's.
    if status == 200 and (_VERSION in headers if request.text else _is_json(content)):
        return None
    body = content[:_LOOKED_AT].decode("utf-8", "replace")
    if status in {401, 403}:
        return _refused(request, status, body)
    if status == 404:
        return _not_found(request, body)
    if status in {409, 412}:
        return _conflict(request, status, body)
    if request.local and not request.reads and (status == 501 or "not support method" in body):
        message = "this Zotero only lets itself be read; update it to Zotero 10, or use a key"
        return NotAuthorized(SERVICE, f"{message} of zotero.org (shelfwise init)")
    if 400 <= status < 500:
        return _not_understood(request, status)
    cut_off = ": its answer was cut off or is none of its own"
    what = cut_off if status == 200 else f" ({status})"
    return TransientError(
        SERVICE, f"{request.server} failed{what}; nothing is lost, try again later"
    )


def without_quotes(message: str) -> str:
    """A server's complaint without what it quotes, unless that is one short word such as a field's.

    What is quoted can be a title or a tag.
    """
    words = re.findall(r"'([^']*)'", message)
    if all(map(_WORD.fullmatch, words)) and message.count("'") == 2 * len(words):
        return message[:_SAID]
    return re.sub(r"'(?:.*'|.*$)", "'…'", message, flags=re.S)[:_SAID]


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _asks_for_patience(request: Request, status: int, headers: Mapping[str, str]) -> RateLimited:
    after = wait(headers)
    when = f"in {after:.0f} seconds" if after else "in a few minutes"
    what = "is updating its servers" if status == BUSY else "gets too many requests from here"
    message = f"{request.server} {what}; nothing is lost, try again {when}"
    return RateLimited(SERVICE, message, timedelta(seconds=after or 0))


def _refused(request: Request, status: int, body: str) -> NotAuthorized:
    if request.local and status == 401:
        message = (
            "Zotero on this computer does not know this program's permission to write any more;"
            " run `shelfwise init` and choose Always Allow"
        )
    elif request.local and "denied" in body:
        message = "writing was denied in Zotero's dialog; run `shelfwise init` to be asked again"
    elif request.local:
        message = (
            "Zotero on this computer lets no program read; tick Settings > Advanced >"
            " 'Allow other applications on this computer to communicate with Zotero'"
        )
    elif body.startswith("Invalid key"):
        message = (
            "zotero.org does not know this key, it may have been revoked; make a new one at"
            " https://www.zotero.org/settings/keys and run `shelfwise init`"
        )
    elif not request.reads:
        message = (
            f"this key may not write to {request.library}; give it write access at"
            " https://www.zotero.org/settings/keys"
        )
    else:
        message = (
            f"this key may not read {request.library}; give it access at"
            " https://www.zotero.org/settings/keys"
        )
    return NotAuthorized(SERVICE, message)


def _not_found(request: Request, body: str) -> PermanentError:
    if request.local and body.startswith("No endpoint"):
        message = "Zotero on this computer does not have this; it needs Zotero 10, or use a key"
        return BadResponse(SERVICE, message)
    if request.single:
        return Conflict("an object in the library is not there any more; run again", gone=True)
    message = (
        f"{request.server} shows no library {request.library}: it was deleted, or you are not a"
        " member any more; correct the configuration, or join the group again"
    )
    return NotAuthorized(SERVICE, message)


def _conflict(request: Request, status: int, body: str) -> PermanentError:
    if "Server-ID" in body:
        message = "another Zotero, or another database, answers now than before; run again"
        return AnotherServer(SERVICE, message)
    if "token" in body:
        return Conflict("this was written before; run again", repeated=True)
    if status == 412 and not request.single:
        return StaleLibrary(SERVICE, "the library was changed meanwhile; run again")
    gone = "not found" in body
    what = "deleted" if gone else "changed"
    return Conflict(f"an object in the library was {what} meanwhile; run again", gone=gone)


def _not_understood(request: Request, status: int) -> PermanentError:
    if status == 413:
        message = f"{request.server} takes no more (413): the storage is full, or too much at once"
        return PermanentError(SERVICE, f"{message}; make room, then run again")
    message = f"{request.server} does not take this request ({status})"
    return BadResponse(SERVICE, f"{message}; check the library {request.library} in the config")


def shaped(value: Any, kind: type, what: str) -> Any:
    """A value that must be of a kind, as the interface promises.

    Raises:
        BadResponse: If it is not.
    """
    if not isinstance(value, kind):
        raise BadResponse(SERVICE, f"Zotero's answer is not what it should be: {what}; try later")
    return value


def content(item: Any) -> dict[str, Any]:
    """An object's own fields, with its key.

    Raises:
        BadResponse: If it is no object of Zotero's.
    """
    data = shaped(shaped(item, dict, "an object is none").get("data"), dict, "an object is empty")
    shaped(data.get("key"), str, "an object has no key")
    return dict(data)


_SINGLE = re.compile(r"/(?:(?:items|collections)/[0-9A-Z]{8}(?:/\w+)?|settings/\w+)$")
_VERSION = "zotero-api-version"
_WORD = re.compile(r"[\w:.-]{0,40}")
_SAID = 300
_LOOKED_AT = 1000
