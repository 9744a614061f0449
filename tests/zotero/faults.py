"""What can go wrong with a request, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

from integrations.web.testing.exchange import HTML, JSON, Request
from integrations.web.testing.server import ERROR_200, Fault, Server

Spread = Literal["once", "again", "on"]
"""A fault meets one request, that request whenever it is made again, or all from there on."""

FOREVER = 10**6
STALLED = timedelta(seconds=30)
QUICK = timedelta(seconds=0.15)
"""After which our client gives a stalled answer up."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong with a request.

    Attributes:
        name: For the test's name.
        fault: The server does not act.
        lost: It acts and only its answer is lost; None where that cannot be.
        passes: It goes away by itself, so that a run which it ended may be tried again.
    """

    name: str
    fault: Fault
    lost: Fault | None = None
    passes: bool = False

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def stalls(self) -> bool:
        """Whether it takes our client's whole patience."""
        return bool(self.fault.delay)


def _refused(status: int, text: str, *more: str, name: str = "", passes: bool = False) -> Trouble:
    """An answer that says that nothing was done; ``more`` are the names and texts of headers."""
    headers = {"Content-Type": HTML, **dict(zip(more[::2], more[1::2], strict=True))}
    fault = Fault(status, headers, text.encode())
    return Trouble(name or str(status), fault, passes=passes)


def _unclear(status: int, text: str, *more: str, name: str = "", kind: str = HTML) -> Trouble:
    """An answer that does not say whether anything was done."""
    headers = {"Content-Type": kind, **dict(zip(more[::2], more[1::2], strict=True))}
    fault = Fault(status, headers, text.encode())
    lost = Fault(status, headers, text.encode(), acts=True)
    return Trouble(name or str(status), fault, lost, passes=True)


def _in_minutes(n: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=n), usegmt=True)


_PAGE = "<!DOCTYPE html>\n<html><body><h1>Bad Gateway</h1>\n<p>Pears</p></body></html>\n"
_UPDATES = "Server updates in progress. Please try again in a few minutes."
_HALF = '{"successful": {"0": {"key": "AAAA2222", "data": {"title": "Half a ti'
_MANY = "Request rate limit exceeded"
_NEWER = "has been modified since specified version (expected 3, found 7)"

TROUBLES = (
    _refused(400, "JSON Error: Malformed UTF-8 characters"),
    _refused(401, "Invalid or expired API key"),
    _refused(403, "Forbidden"),
    _refused(403, "Invalid key", name="403 key"),
    _refused(403, "Local API is not enabled", name="403 off"),
    _refused(404, "Not found"),
    _refused(404, "<h1>Not Found</h1>\n<p>There is no such page.</p>\n", name="404 page"),
    _refused(409, "Collection ZZZZ2222 not found"),
    _refused(412, f"Library {_NEWER}", name="412 library"),
    _refused(412, f"Item {_NEWER}", "Last-Modified-Version", "7", name="412 object"),
    _refused(412, "Item not found (expected version 7)", name="412 not found"),
    _refused(412, "Zotero-Server-ID does not match this server", name="412 server"),
    _refused(413, "File would exceed quota (300 MB)"),
    _refused(428, "If-Unmodified-Since-Version not provided"),
    _refused(429, "Too many authentication failures", passes=True),
    _refused(429, _MANY, "Retry-After", "10", name="429 10 s", passes=True),
    _refused(429, _MANY, "Retry-After", "1.5", name="429 1.5 s", passes=True),
    _refused(429, _MANY, "Retry-After", _in_minutes(1), name="429 date", passes=True),
    _refused(429, _MANY, "Retry-After", _in_minutes(60), name="429 late date", passes=True),
    _refused(429, _MANY, "Retry-After", "3600", name="429 hour", passes=True),
    _refused(429, _MANY, "Retry-After", "soon", name="429 soon", passes=True),
    _unclear(500, "An error occurred"),
    _unclear(500, "", name="500 empty"),
    _unclear(502, _PAGE),
    _unclear(503, _UPDATES),
    _unclear(503, _UPDATES, "Retry-After", "5", name="503 5 s"),
    _unclear(504, _PAGE),
    _unclear(200, ERROR_200.body.decode() if ERROR_200.body else "", name="200 error"),
    _unclear(200, _PAGE, name="200 page"),
    _unclear(200, "", name="200 empty", kind=JSON),
    _unclear(200, _HALF, name="200 half", kind=JSON),
    _unclear(302, "", "Location", "https://login.invalid/", name="302"),
    Trouble("reset", Fault(reset="before"), Fault(reset="after"), passes=True),
    Trouble(
        "cut off",
        Fault(200, {"Content-Type": JSON}, _HALF.encode(), keep=40),
        Fault(keep=1),
        passes=True,
    ),
    Trouble(
        "stall",
        Fault(200, {"Content-Type": JSON}, b"{}", delay=STALLED),
        Fault(delay=STALLED),
        passes=True,
    ),
    Trouble("backoff", Fault(headers={"Backoff": "5"}), passes=True),
    Trouble("long backoff", Fault(headers={"Backoff": "600"}), passes=True),
)

LIES = tuple(
    Trouble(
        f"200 {text}",
        Fault(200, {"Content-Type": JSON}, text.encode()),
        Fault(headers={"Content-Type": JSON}, body=text.encode()),
    )
    for text in ("[]", "{}", "null", '"pears"', "[[]]", '[{"key": 3}]')
)
"""Good answers that say what cannot be: with a plain 200, or with the real answer's headers."""


def play(server: Server, position: int, fault: Fault, spread: Spread) -> None:
    """Let a fault meet the request at a position, counted from the next one."""
    start = len(server.requests) + position
    met: list[tuple[str, str]] = []

    def chosen(request: Request) -> bool:
        # The request that is being judged is in the log already.
        at = len(server.requests) - 1
        if at == start:
            met.append((request.method, request.target))
        if spread == "on":
            return at >= start
        return at == start or (spread == "again" and (request.method, request.target) in met)

    server.faults.when(chosen, fault, times=1 if spread == "once" else FOREVER)
