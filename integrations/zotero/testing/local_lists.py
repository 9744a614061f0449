"""A list, or one object, as the local API answers with it: order, page, links, format, 304."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from integrations.web.testing.exchange import Request, Response, as_json, as_text
from integrations.zotero.testing.local_errors import Refused
from integrations.zotero.testing.local_exports import as_bibtex, as_csl
from integrations.zotero.testing.views import creator_summary, link_header, parsed_date, title_of
from integrations.zotero.testing.world import Json, Stored

PLAIN = "text/plain"

_SORTS = frozenset(
    {
        "dateAdded",
        "dateModified",
        "title",
        "creator",
        "itemType",
        "date",
        "publisher",
        "publicationTitle",
        "journalAbbreviation",
        "language",
        "accessDate",
        "libraryCatalog",
        "callNumber",
        "rights",
        "addedBy",
        "numItems",
    }
)
_SORT_TEXTS: Mapping[str, Callable[[Json], str]] = {
    "title": title_of,
    "creator": creator_summary,
    "date": parsed_date,
}
_EXPORTS: Mapping[str, Callable[[Sequence["Row"]], str]] = {
    "bibtex": lambda rows: as_bibtex(row.item.data for row in rows if row.item),
    "csljson": lambda rows: as_csl((row.name, row.item.data) for row in rows if row.item),
}
_NUMBER = re.compile(r"\s*([+-]?\d+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One object of an answer.

    Attributes:
        key: What ``format=keys`` shows.
        version: None where it has none: it is left out by ``since``.
        view: Makes its JSON.
        item: The item that it is; what is no item is never sorted.
        name: The address that names the item on zotero.org.
    """

    key: str
    version: int | None
    view: Callable[[], Json]
    item: Stored | None = None
    name: str = ""


def number(text: str | None) -> int | None:
    """The number that a text starts with, as JavaScript reads it; None where there is none."""
    found = _NUMBER.match(text or "")
    return int(found[1]) if found else None


def list_answer(request: Request, rows: Sequence[Row], version: int | None) -> Response:
    """The answer to a request for a list.

    Args:
        request: With its parameters.
        rows: Everything that the endpoint holds, in the program's own order.
        version: Of the library; None where the list has none.

    Raises:
        Refused: If a parameter cannot be understood.
    """
    chosen = _sorted(request, _since(request, rows))
    total = len(chosen)
    start = min(max(number(request.query.get("start")) or 0, 0), total)
    limit = max(number(request.query.get("limit")) or total - start, 0)
    headers = {
        "Total-Results": str(total),
        "Link": link_header(_links(request, start, limit, total)),
    }
    return _answer(request, chosen[start : start + limit], version, headers)


def single_answer(request: Request, row: Row) -> Response:
    """The answer to a request for one object.

    Raises:
        Refused: If it is asked for in a format that only lists have.
    """
    return _answer(request, row, row.version, {"Total-Results": "1", "Link": ""})


def _since(request: Request, rows: Sequence[Row]) -> list[Row]:
    text = request.query.get("since")
    if text is None:
        return list(rows)
    since = number(text)
    if since is None:
        raise Refused(400, f"Invalid 'since' value '{text}'")
    # A since of 0 is no filter at all, or objects that were never synced would be missing.
    return [row for row in rows if not since or (row.version is not None and row.version > since)]


def _sorted(request: Request, rows: list[Row]) -> list[Row]:
    sort = request.query.get("sort") or "dateModified"
    if len(rows) < 2:
        return rows
    if sort not in _SORTS:
        raise Refused(400, f"Invalid 'sort' value '{sort}'")
    direction = request.query.get("direction", "desc" if sort.startswith("date") else "asc")
    if direction not in ("asc", "desc"):
        raise Refused(400, f"Invalid 'direction' value '{direction}'")

    def rank(row: Row) -> str:
        if row.item is None:
            return ""
        text = _SORT_TEXTS.get(sort)
        return text(row.item.data) if text else str(row.item.data.get(sort, ""))

    return sorted(rows, key=rank, reverse=direction == "desc")


def _links(request: Request, start: int, limit: int, total: int) -> dict[str, str]:
    path, _, query = (request.target or request.path).partition("?")
    given = parse_qsl(query, keep_blank_values=True)

    def page(at: int) -> str:
        params = [pair for pair in given if pair[0] != "start"]
        params += [("start", str(at))] if at > 0 else []
        return request.base + path + ("?" + urlencode(params) if params else "")

    found: dict[str, str] = {}
    if start:
        found |= {"first": page(0), "prev": page(start - limit)}
    if not start and limit >= total:
        found["last"] = request.base + path + ("?" + urlencode(given) if given else "")
    elif limit:
        whole = start >= total or total % limit == 0
        found["last"] = page(total - limit if whole else total - total % limit)
        if start + limit < total:
            found["next"] = page(start + limit)
    return found


def _answer(
    request: Request, rows: Row | Sequence[Row], version: int | None, headers: dict[str, str]
) -> Response:
    if version is not None:
        headers = {**headers, "Last-Modified-Version": str(version)}
        known = number(request.headers.get("if-modified-since-version"))
        if known and version <= known:
            return Response(304, headers)
    form = request.query.get("format", "json")
    several = None if isinstance(rows, Row) else rows
    if form == "atom":
        raise Refused(501, "Local API does not support Atom output")
    if form in ("keys", "versions") and several is None:
        raise Refused(400, f"Only multi-object requests can output {form}")
    if form == "keys":
        return as_text("\n".join(row.key for row in several or ()), 200, PLAIN, headers)
    if form == "versions":
        return as_json({row.key: row.version for row in several or ()}, headers=headers)
    if form in _EXPORTS:
        items = [row for row in ([rows] if isinstance(rows, Row) else rows) if row.item]
        return as_text(_EXPORTS[form](items), 200, PLAIN, headers)
    if form != "json":
        raise Refused(400, f"Invalid 'format' value '{form}'")
    shown: Any = (
        _view(request, rows) if isinstance(rows, Row) else [_view(request, r) for r in rows]
    )
    return Response(
        200,
        {**headers, "Content-Type": "application/json"},
        json.dumps(shown, ensure_ascii=False, indent=4).encode(),
    )


def _view(request: Request, row: Row) -> Json:
    view = row.view()
    if "data" not in request.query.get("include", "data").split(","):
        view.pop("data", None)
    return view
