"""How the Web API says no."""

import html
from collections.abc import Mapping
from typing import Any

from integrations.web.testing.exchange import Response, as_text

ERROR = "An error occurred"


class Refused(Exception):
    """A request, or one object of it, is not served.

    Attributes:
        status: Of the answer, or the code within a report.
        text: The body, or the message within a report; not yet escaped.
        headers: Sent with the answer.
        details: The ``data`` of the failure within a report.
        bare: It was refused at the door, before the API's version was settled: its headers are
            missing.
    """

    def __init__(
        self,
        status: int,
        text: str,
        *,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
        bare: bool = False,
    ) -> None:
        self.status = status
        self.text = text
        self.headers = dict(headers or {})
        self.details = dict(details or {})
        self.bare = bare
        super().__init__(text)

    def response(self) -> Response:
        """The whole request's answer."""
        return as_text(escaped(self.text), self.status, headers=self.headers)

    def failure(self) -> dict[str, Any]:
        """The entry in a report's ``failed``."""
        entry: dict[str, Any] = {"code": self.status, "message": escaped(self.text)}
        return {**entry, "data": self.details} if self.details else entry


def escaped(text: str) -> str:
    """The text as the server shows it: single quotes stay."""
    return html.escape(text, quote=False).replace('"', "&quot;")


def invalid(text: str) -> Refused:
    """400."""
    return Refused(400, text)


def not_found(text: str = "Not found") -> Refused:
    """404."""
    return Refused(404, text)


def forbidden(text: str = "Forbidden") -> Refused:
    """403."""
    return Refused(403, text)


def not_offered(what: str) -> Refused:
    """501: the real server has it and this one does not."""
    return Refused(501, f"{what} is not offered by this test server")
