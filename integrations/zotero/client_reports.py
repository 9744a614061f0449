"""What Zotero's good answers say: objects with their versions, and what became of a write. Pure."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from integrations.zotero.client_answers import SERVICE, shaped, without_quotes
from recommender.errors import BadResponse, TransientError


@dataclass(frozen=True, slots=True)
class Answer:
    """What a read brought.

    Attributes:
        value: The JSON.
        version: The library's, of a list; the object's own, of a single one; None without.
        total: How many objects the whole list has; None where it is no list.
    """

    value: Any
    version: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Failed:
    """Why one object of a batch was not written.

    Attributes:
        code: As an HTTP status.
        message: The server's, without what it quotes.
    """

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each object of a batch, by its position from 0.

    Attributes:
        written: The objects as the server has them now. Of one that was the same already only its
            ``key`` is known, no ``data``.
        failed: The others.
        version: The library's, after the last object.
    """

    written: Mapping[int, dict[str, Any]]
    failed: Mapping[int, Failed]
    version: int


def report_in(answer: httpx2.Response, n: int) -> Report:
    """The report on a write of so many objects.

    Raises:
        TransientError: If it does not tell of each.
    """
    report = shaped(answer.json(), dict, "a write's report is no object")
    parts = {
        name: shaped(report.get(name) or {}, dict, f"a report's {name!r} is no object")
        for name in ("successful", "unchanged", "failed")
    }
    written: dict[int, dict[str, Any]] = {}
    for index, found in parts["successful"].items():
        written[_index(index)] = shaped(found, dict, "what was written is no object")
    for index, key in parts["unchanged"].items():
        written[_index(index)] = {"key": str(key)}
    failed: dict[int, Failed] = {}
    for index, found in parts["failed"].items():
        why = shaped(found, dict, "a failure is no object")
        said = html.unescape(str(why.get("message") or ""))
        code = why.get("code")
        failed[_index(index)] = Failed(code if isinstance(code, int) else 0, without_quotes(said))
    version = number_in(answer, "last-modified-version")
    if version is None or {*written, *failed} != set(range(n)):
        raise TransientError(SERVICE, "Zotero did not say what it wrote; try again later")
    return Report(written, failed, version)


def _index(spelled: str) -> int:
    return int(spelled) if re.fullmatch(r"\d{1,3}", spelled) else -1


def number_in(answer: httpx2.Response, header: str) -> int | None:
    """The whole number in a header; None where there is no such header.

    Raises:
        BadResponse: If it is no number.
    """
    spelled = answer.headers.get(header)
    if spelled is None:
        return None
    if not re.fullmatch(r"\d{1,18}", spelled):
        raise BadResponse(SERVICE, f"Zotero's answer has a {header} that is no number; try later")
    return int(spelled)
