"""From the JSON that a program sends to the item that the desktop keeps. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.zotero.item_types import ITEM_TYPES, ItemType
from integrations.zotero.testing.local_errors import Unfit
from integrations.zotero.testing.local_extra import add_lines, move_lines
from integrations.zotero.testing.world import Json, Library

_OWN = frozenset(
    {
        "key",
        "version",
        "itemType",
        "note",
        "parentItem",
        "deleted",
        "inPublications",
        "creators",
        "tags",
        "collections",
        "relations",
        "dateAdded",
        "dateModified",
        "extra",
        "lastRead",
    }
)
_OF_FILES = frozenset(
    {
        "linkMode",
        "contentType",
        "charset",
        "filename",
        "path",
        "mtime",
        "md5",
    }
)
_BELOW = frozenset({"note", "attachment", "annotation"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_QUIET = frozenset({"collections", "relations"})  # changes of which dateModified tells nothing
_FIELD_QUERY = "SELECT valueID FROM itemDataValues WHERE value=?"


@dataclass(frozen=True, slots=True)
class Writing:
    """Where and when an item is written.

    Attributes:
        library: Where its collections and its parent must be.
        number: The program's own number of the library, for its messages.
        now: The moment as the API writes it.
        key: Of the item; empty for a new one.
        old: What is kept under that key; None for a new one.
    """

    library: Library
    number: int
    now: str
    key: str = ""
    old: Json | None = None


def written_item(sent: Mapping[str, Any], writing: Writing) -> Json:
    """The item to keep, without key and version.

    Args:
        sent: The whole item: fields that are not there are emptied. Creators, tags, collections,
            relations and the parent stay where they are not there.
        writing: The circumstances.

    Raises:
        Unfit: If the desktop does not take it.
    """
    old = writing.old or {}
    item_type = _item_type(sent, writing)
    kept: Json = {"itemType": item_type.name, **_fields(sent, item_type)}
    if item_type.name == "note":
        kept["note"] = str(sent.get("note", old.get("note", "")) or "")
    if item_type.name == "attachment":
        kept |= _file(sent, old)
    if item_type.creators:
        kept["creators"] = _creators(sent.get("creators", old.get("creators") or []), item_type)
    kept["tags"] = _tags(sent.get("tags", old.get("tags") or []))
    collections = _collections(sent.get("collections", old.get("collections") or []), writing)
    relations = _expected(dict, sent.get("relations", old.get("relations") or {}), "relations")
    kept["relations"] = {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in relations.items()
    }
    if parent := _parent(sent, item_type, writing):
        kept["parentItem"] = parent
    else:
        kept["collections"] = collections
    if last_read := sent.get("lastRead", old.get("lastRead")):
        kept["lastRead"] = last_read
    if sent.get("deleted"):
        kept["deleted"] = True
    return kept | _dates(sent, kept, writing)


def same_item(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two items differ in nothing but the moment of their last change."""
    return not _differing(first, second)


def _item_type(sent: Mapping[str, Any], writing: Writing) -> ItemType:
    new = writing.old is None
    name = str(sent.get("itemType") or (writing.old or {}).get("itemType") or "")
    if not name:
        raise Unfit("itemType property not provided", foreseen=True)
    if name not in ITEM_TYPES:
        raise Unfit(f"Unknown itemType '{name}'", foreseen=new)
    return ITEM_TYPES[name]


def _fields(sent: Mapping[str, Any], item_type: ItemType) -> dict[str, str]:
    fields: dict[str, str] = {}
    strangers: dict[str, str] = {}
    for name, value in sent.items():
        if name in _OWN or (name in _OF_FILES and item_type.name == "attachment"):
            continue
        if isinstance(value, list | dict) and not name.startswith("annotation"):
            first = value[0] if value and isinstance(value, list) else ""
            raise Unfit(
                "Error(s) encountered during statement execution: 0 is not a valid named"
                f" parameter. [QUERY: {_FIELD_QUERY}] [PARAMS: {first}]"
                " [ERROR: 0 is not a valid named parameter.]"
            )
        if value in ("", None) or value is False:
            continue
        own = item_type.field(name) or (name if name.startswith("annotation") else "")
        (fields if own else strangers)[own or name] = _clean(value)
    extra = move_lines(_clean(sent.get("extra") or ""), fields, item_type)
    if extra := add_lines(extra, strangers):
        if "extra" not in item_type.fields:
            raise Unfit(f"'extra' is not a valid field for type '{item_type.name}'")
        fields["extra"] = extra
    return fields


def _file(sent: Mapping[str, Any], old: Mapping[str, Any]) -> Json:
    mode = str(sent.get("linkMode") or old.get("linkMode") or "imported_url")
    kept: Json = {"linkMode": mode, "contentType": "", "charset": ""}
    if mode.startswith("imported"):
        kept |= {"filename": "", "mtime": None, "md5": None}
    for source in (old, sent):
        kept |= {name: source[name] for name in (*kept, "path") if source.get(name)}
    return kept


def _creators(sent: Any, item_type: ItemType) -> list[Json]:
    kept: list[Json] = []
    for creator in _expected(list, sent, "creators"):
        creator = _expected(dict, creator, "creators")
        name = creator.get("name") or ""
        parts = creator.get("firstName") or "", creator.get("lastName") or ""
        if name and any(parts):
            raise Unfit(
                "Creator data cannot contain both 'name' and 'firstName'/'lastName' properties"
            )
        if not name and not creator.keys() & {"name", "firstName", "lastName"}:
            raise Unfit(
                "Creator data must contain either 'name' or 'firstName'/'lastName' properties"
            )
        kind = creator.get("creatorType")
        kind = kind if kind in item_type.creators else item_type.creators[0]
        if name:
            kept.append({"name": _clean(name), "creatorType": kind})
        elif any(parts):
            first, last = map(_clean, parts)
            kept.append({"firstName": first, "lastName": last, "creatorType": kind})
    return kept


def _tags(sent: Any) -> list[Json]:
    if not isinstance(sent, list):
        raise Unfit("tags.concat().map is not a function")
    kept: dict[str, Json] = {}
    for tag in sent:
        tag = tag if isinstance(tag, str) else _expected(dict, tag, "tags")
        name = _clean(tag if isinstance(tag, str) else tag.get("tag", ""))
        if not name or name in kept:
            raise Unfit(f"Tag '{name}' is empty or given twice")
        automatic = not isinstance(tag, str) and tag.get("type")
        kept[name] = {"tag": name, "type": 1} if automatic else {"tag": name}
    return [kept[name] for name in sorted(kept, key=lambda n: (n.casefold(), n.swapcase()))]


def _collections(sent: Any, writing: Writing) -> list[str]:
    for key in _expected(list, sent, "collections"):
        if key not in writing.library.collections:
            where = f"{writing.number}/{writing.key or 'null'}"
            raise Unfit(f"Collection {key} not found for item {where}")
    return list(dict.fromkeys(sent))


def _parent(sent: Mapping[str, Any], item_type: ItemType, writing: Writing) -> str:
    parent = sent.get("parentItem", (writing.old or {}).get("parentItem"))
    if item_type.name not in _BELOW or not parent:
        return ""
    above = writing.library.items.get(parent)
    if above is None:
        raise Unfit(f"Parent item {writing.number}/{parent} not found")
    if above.data.get("itemType") in _BELOW and item_type.name != "annotation":
        raise Unfit(f"Parent item {writing.number}/{parent} must be a regular item")
    return str(parent)


def _dates(sent: Mapping[str, Any], kept: Json, writing: Writing) -> Json:
    old = writing.old or {}
    given = {
        name: str(sent[name])
        for name in ("dateAdded", "dateModified")
        if _MOMENT.fullmatch(str(sent.get(name, "")))
    }
    added = given.get("dateAdded") or old.get("dateAdded") or writing.now
    before = old.get("dateModified")
    modified = given.get("dateModified")
    if not modified or modified == before:
        changes = _differing(old, kept | {"dateAdded": added})
        modified = before if before and changes <= _QUIET else writing.now
    return {"dateAdded": added, "dateModified": modified}


def _differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> set[str]:
    names = (first.keys() | second.keys()) - {"key", "version", "dateModified"}
    return {name for name in names if _plain(first.get(name)) != _plain(second.get(name))}


def _plain(value: Any) -> Any:
    """The value as it is compared: nothing is nothing, and tags have no order."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "tag" in value[0]:
        return sorted((str(tag["tag"]), int(tag.get("type") or 0)) for tag in value)
    return value or None


def _expected(kind: type, value: Any, name: str) -> Any:
    if not isinstance(value, kind):
        raise Unfit(f"'{name}' is not what it must be")
    return value


def _clean(value: Any) -> str:
    return unicodedata.normalize("NFC", str(value).strip())
