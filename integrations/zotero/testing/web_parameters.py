"""The parameters of a Web API request: what they mean, and which of them links repeat. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from integrations.web.testing.exchange import Request
from integrations.zotero.item_types import ITEM_TYPES, MAX_KEYS
from integrations.zotero.testing.views import Wish, choices, is_key, search_words
from integrations.zotero.testing.web_errors import Refused, not_offered

_DEFAULT_LIMIT = 25
_MAX_LIMIT = 100
_OFFERED = ("json", "keys", "versions")
_EXPORTED = (
    "atom bib bibtex biblatex bookmarks coins csljson csv mods refer rdf_bibliontology rdf_dc"
    " rdf_zotero ris tei wikipedia"
)
_EXPORTS = frozenset(_EXPORTED.split())
_SORTED = (
    "title creator itemType date publisher publicationTitle journalAbbreviation language"
    " accessDate libraryCatalog callNumber rights extra dateAdded dateModified addedBy numItems"
    " serverDateModified collectionKeyList itemKeyList searchKeyList"
)
_SORTS = frozenset(_SORTED.split())
_REPEATED = ("since", "q", "qmode", "itemType", "tag", "tagType", "includeTrashed")
_KEY_LISTS = ("itemKey", "collectionKey", "searchKey")
_NUMBER = re.compile(r"\s*-?\d+(?:\.\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a read asks for.

    Attributes:
        format: json, keys or versions.
        limit: Zero for none.
        keys: The valid keys that were named.
        wish: Which items; the caller adds which trash and whether notes are seen.
        repeated: Those that links repeat, without ``start``.
    """

    format: str = "json"
    sort: str = "dateModified"
    direction: str = "desc"
    start: int = 0
    limit: int = _DEFAULT_LIMIT
    keys: tuple[str, ...] = ()
    wish: Wish = field(default_factory=Wish)
    repeated: Mapping[str, str] = field(default_factory=dict)


def parameters(request: Request, *, single: bool) -> Parameters:
    """The parameters of a request.

    Args:
        request: Of which only the query and the API's version count.
        single: Whether it is about one object.

    Raises:
        Refused: A value is none that the server knows (400), or that this one has not (501).
    """
    query = _modern(request.query)
    _check_version(request)
    shape = _format(query, single=single)
    sort, direction = _order(query)
    keys, named = _keys(query)
    limit = _limit(query, shape, named=named)
    start = max(0, _integer(query.get("start", "")))
    found = Parameters(shape, sort, direction, start, limit, keys, _wish(request, query, keys))
    return replace(found, repeated=_repeated(query, found))


def _wish(request: Request, query: Mapping[str, str], keys: tuple[str, ...]) -> Wish:
    since = query.get("since")
    if since is not None and not _NUMBER.fullmatch(since):
        raise Refused(400, "Invalid value for 'since' parameter", bare=True)
    tags = request.repeated.get("tag") or (query.get("tag", ""),)
    return Wish(
        since=int(float(since)) if since and float(since) else None,
        keys=keys,
        tags=tuple(choices(tag) for tag in tags if tag.strip()),
        item_types=_item_types(query.get("itemType", "")),
        words=search_words(query.get("q", "")),
        trashed="show" if query.get("includeTrashed", "0") not in ("", "0") else "hide",
    )


def _repeated(query: Mapping[str, str], asked: Parameters) -> dict[str, str]:
    repeated = {name: query[name] for name in _REPEATED if query.get(name)}
    repeated |= {name: ",".join(asked.keys) for name in _KEY_LISTS if query.get(name)}
    default = _DEFAULT_LIMIT if asked.format == "json" else 0
    if asked.format != "json":
        repeated["format"] = asked.format
    if asked.limit != default:
        repeated["limit"] = str(asked.limit)
    if asked.sort != "dateModified":
        repeated["sort"] = asked.sort
    # As on the server, "desc" is taken for a default and lost, whatever the sort.
    if asked.direction == "asc" and asked.sort.startswith("date"):
        repeated["direction"] = asked.direction
    return repeated


def _modern(query: Mapping[str, str]) -> dict[str, str]:
    modern = dict(query)
    if "order" in modern:
        order = modern.pop("order")
        if order in ("asc", "desc"):
            modern["direction"] = order
        else:
            if modern.get("sort") in ("asc", "desc"):
                modern["direction"] = modern["sort"]
            modern["sort"] = order
    if "newer" in modern:
        modern.setdefault("since", modern.pop("newer"))
    return modern


def _check_version(request: Request) -> None:
    header, parameter = request.headers.get("zotero-api-version"), request.query.get("v")
    if header and parameter and header != parameter:
        text = "Zotero-API-Version header does not match 'v' query parameter"
        raise Refused(400, text, bare=True)
    version = header or parameter or "3"
    if version not in ("1", "2", "3"):
        raise Refused(400, f"Invalid API version '{version}'", bare=True)
    if version != "3":
        raise not_offered(f"API version {version}")


def _format(query: Mapping[str, str], *, single: bool) -> str:
    shape = query.get("format", "json")
    if shape in _EXPORTS:
        raise not_offered(f"format={shape}")
    if shape not in _OFFERED or (single and shape != "json"):
        raise Refused(400, f"Invalid 'format' value '{shape}'", bare=True)
    return shape


def _order(query: Mapping[str, str]) -> tuple[str, str]:
    sort, direction = query.get("sort", "dateModified"), query.get("direction", "")
    if sort in ("asc", "desc"):
        sort, direction = "dateModified", sort
    if sort not in _SORTS:
        raise Refused(400, f"Invalid 'sort' value '{sort}'", bare=True)
    if direction not in ("", "asc", "desc"):
        raise Refused(400, f"Invalid 'direction' value '{direction}'", bare=True)
    return sort, direction or ("desc" if sort.startswith("date") else "asc")


def _keys(query: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    for name in _KEY_LISTS:
        if name in query:
            return tuple(key for key in query[name].strip(",").split(",") if is_key(key)), True
    return (), False


def _limit(query: Mapping[str, str], shape: str, *, named: bool) -> int:
    default = _DEFAULT_LIMIT if shape == "json" else 0
    if named:
        return MAX_KEYS
    limit = _integer(query.get("limit", ""))
    if limit <= 0:
        return default
    return min(limit, _MAX_LIMIT) if shape == "json" else limit


def _item_types(text: str) -> tuple[bool, tuple[str, ...]] | None:
    if not text.strip():
        return None
    negated, names = choices(text)
    for name in names:
        if name not in ITEM_TYPES:
            raise Refused(400, f"Invalid itemType '{name}'")
    return negated, names


def _integer(text: str) -> int:
    found = re.match(r"\s*(-?\d+)", text)
    return int(found[1]) if found else 0
