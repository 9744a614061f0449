"""One HTTP request and one answer, as the facades see them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

HTML = "text/html; charset=UTF-8"
JSON = "application/json"
PLAIN = "text/plain;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived.

    Attributes:
        method: In capitals.
        path: Without the query, its percent escapes undone.
        query: The last value of each parameter; `repeated` has every value of those named twice.
        headers: By lower-case names.
        body: As sent; empty where nothing was sent.
        target: The path and the query as they were written.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""
    repeated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The server's address as the client called it, without a final slash."""
        return "http://" + self.headers.get("host", "127.0.0.1")

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the path that are not empty, each with its escapes undone by itself."""
        path = self.target.partition("?")[0] or quote(self.path)
        return tuple(unquote(part.replace("+", " ")) for part in path.split("/") if part)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; its headers are spelt as they are to be sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def with_headers(self, **more: str) -> "Response":
        """The same answer with more headers; a ``_`` in a name stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return Response(self.status, {**self.headers, **named}, self.body)


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer whose body is the value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, {"Content-Type": JSON, **(headers or {})}, body)


def as_text(
    text: str, status: int, content_type: str = HTML, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer whose body is the text."""
    return Response(status, {"Content-Type": content_type, **(headers or {})}, text.encode())
