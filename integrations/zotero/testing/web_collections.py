"""What a collection is after the Web API has applied some JSON to it. Pure."""

from typing import Any

from integrations.zotero.item_types import MAX_COLLECTION_NAME_CHARACTERS
from integrations.zotero.testing.views import is_key
from integrations.zotero.testing.web_errors import ERROR, Refused, invalid
from integrations.zotero.testing.web_item_rules import check_deleted
from integrations.zotero.testing.web_items import Revision, Writing
from integrations.zotero.testing.world import Json, Library, Stored

_KNOWN = ("key", "version", "name", "parentCollection", "relations", "deleted")
_SHOWN = 50  # characters of a name that is too long


def revised(library: Library, before: Stored | None, json: Json, writing: Writing) -> Revision:
    """The collection after a write.

    Args:
        library: Where the collection above must be; not changed.
        before: The collection as it is; None for a new one.
        json: What was sent.
        writing: The circumstances.

    Raises:
        Refused: With the server's words.
    """
    if json.get("name") is None and not (writing.partial and before):
        raise invalid("'name' property not provided")
    for name, value in json.items():
        if name not in _KNOWN:
            raise invalid(f"Invalid property '{name}'")
        if name == "deleted":
            check_deleted(name, value)
    blank: Json = {"name": "", "parentCollection": False, "relations": {}}
    after = Revision(dict(before.data) if before else blank)
    if json.get("name") is not None:
        _set(after, "name", _name(json["name"]))
    if json.get("parentCollection") is not None or not writing.partial:
        _set(after, "parentCollection", _parent(library, json.get("parentCollection")))
    if json.get("relations") is not None:
        _set(after, "relations", dict(json["relations"]))
    if json.get("deleted") is not None or not writing.partial:
        after.put("deleted", True if json.get("deleted") else None)
    if before is None:
        after.changed.add("name")
    return after


def _set(after: Revision, name: str, value: Any) -> None:
    if after.data.get(name) != value:
        after.data[name] = value
        after.changed.add(name)


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise invalid("'name' must be a string")
    if not value:
        raise invalid("Collection name cannot be empty")
    if len(value) > MAX_COLLECTION_NAME_CHARACTERS:
        shown = f"{value[:_SHOWN]}…"
        text = f"Collection name '{shown}' too long"
        raise Refused(413, text, details={"value": shown})
    return value.strip()


def _parent(library: Library, value: Any) -> str | bool:
    if not value:
        return False
    if not is_key(str(value)):
        raise Refused(500, ERROR)  # the server fails over it
    if value not in library.collections:
        details = {"collection": value}
        raise Refused(409, f"Parent collection {value} not found", details=details)
    return str(value)
