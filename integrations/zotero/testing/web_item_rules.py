"""What the Web API refuses in an item's JSON before it looks at anything else. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from integrations.zotero.item_types import CREATOR_TYPES, FIELDS, ITEM_TYPES
from integrations.zotero.testing.views import is_key
from integrations.zotero.testing.web_errors import ERROR, Refused, invalid
from integrations.zotero.testing.world import Json

PREDICATES = (
    "dc:relation",
    "owl:sameAs",
    "dc:replaces",
    "dc:isReplacedBy",
    "mendeleyDB:documentUUID",
)
_EXTERNAL = ("mendeleyDB:documentUUID",)
_ITEM_ADDRESS = re.compile(
    r"http://zotero.org/(?:users|groups)/\d+/(?:publications/)?items/[A-Z0-9]{8}"
)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)| \d\d:\d\d:\d\d)"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CHILDREN = ("note", "attachment", "annotation")
LINK_MODES = ("imported_file", "imported_url", "linked_file", "linked_url", "embedded_image")
ATTACHMENT_ONLY = ("contentType", "charset", "filename", "md5", "mtime", "path")
ANNOTATION_ONLY = (
    *("annotationType", "annotationAuthorName", "annotationText", "annotationComment"),
    *("annotationColor", "annotationPageLabel", "annotationSortIndex", "annotationPosition"),
)
UNCHECKED = ("key", "version", "inPublications", "note", "linkMode", "lastRead")


def check(json: Json, *, item_type: str, new: bool, child: bool, group: bool) -> None:
    """Refuse what no item of this type may hold.

    Args:
        json: What was sent.
        item_type: That it has, or will have.
        new: Whether the item is not there yet.
        child: Whether it will stand under another.
        group: Whether its library is a group's.

    Raises:
        Refused: With the server's words.
    """
    for name, value in json.items():
        if name == "itemType":
            _check_type(value, child=child)
        elif name == "creators":
            _check_creators(value, item_type, new=new)
        elif name == "collections":
            _check_collections(value, child=child)
        elif rule := _RULES.get(name):
            rule(name, value)
        elif name in ATTACHMENT_ONLY:
            _only(name, item_type, "attachment")
        elif name in ANNOTATION_ONLY:
            _only(name, item_type, "annotation")
        elif name not in UNCHECKED:
            _check_field(name, value)
    if json.get("linkMode") == "linked_file" and group:
        raise invalid("Linked files can only be added to user libraries")


def _check_type(value: Any, *, child: bool) -> None:
    if not isinstance(value, str):
        raise invalid("'itemType' must be a string")
    if value not in ITEM_TYPES:
        raise invalid(f"'{value}' is not a valid itemType")
    if child and value not in _CHILDREN:
        raise invalid("Child item must be note, attachment, or annotation")


def _check_creators(value: Any, item_type: str, *, new: bool) -> None:
    if not isinstance(value, list):
        raise invalid("'creators' property must be an array")
    for creator in value:
        if not isinstance(creator, dict) or creator.get("creatorType") is None:
            raise invalid("creator object must contain 'creatorType'")
        if not any(str(creator.get(n) or "").strip() for n in ("name", "firstName", "lastName")):
            if len(value) == 1 and new:
                continue
            raise invalid("creator object must contain 'firstName'/'lastName' or 'name'")
        for name in creator:
            _check_creator_part(creator, name, item_type)


def _check_creator_part(creator: Mapping[str, Any], name: str, item_type: str) -> None:
    if name == "creatorType":
        role = creator[name]
        if role not in CREATOR_TYPES:
            raise invalid(f"'{role}' is not a valid creator type")
        if role not in ITEM_TYPES[item_type].creators and role != "author":
            raise invalid(f"'{role}' is not a valid creator type for item type '{item_type}'")
        return
    others = {"firstName": "lastName", "lastName": "firstName", "name": ""}
    if name not in others:
        raise invalid(f"Invalid creator property '{name}'")
    if (other := others[name]) and creator.get(other) is None:
        raise invalid(f"'{other}' creator field must be set if '{name}' is set")
    clash = ("firstName", "lastName") if name == "name" else ("name",)
    for each in clash:
        if creator.get(each) is not None:
            first = each if name == "name" else name
            raise invalid(f"'{first}' and 'name' creator fields are mutually exclusive")


def _check_collections(value: Any, *, child: bool) -> None:
    if not isinstance(value, list):
        raise invalid("'collections' property must be an array")
    if child and value:
        raise invalid("Child items cannot be assigned to collections")
    for key in value:
        if not is_key(str(key)):
            raise invalid(f"'{key}' is not a valid collection key")


def _check_parent(_: str, value: Any) -> None:
    if value not in (False, None) and not is_key(str(value)):
        raise invalid("'parentItem' must be a valid item key or false")


def _check_tags(_: str, value: Any) -> None:
    if not isinstance(value, list):
        raise invalid("'tags' property must be an array")
    for tag in value:
        if not isinstance(tag, dict):
            raise invalid("Tag must be an object")
        if not tag:
            raise invalid("Tag object is empty")
        for name in tag:
            if name == "tag" and isinstance(tag[name], list | dict | None):
                raise invalid("Invalid tag name")
            if name == "type" and not str(tag[name]).lstrip("-").isdigit():
                raise invalid(f"Invalid tag type '{tag[name]}'")
            if name not in ("tag", "type"):
                raise invalid(f"Invalid tag property '{name}'")


def _check_relations(_: str, value: Any) -> None:
    if not isinstance(value, dict) and value != []:
        raise invalid("'relations' property must be an object")
    for predicate, addresses in dict(value or {}).items():
        if predicate not in PREDICATES:
            raise invalid(f"Unsupported predicate '{predicate}'")
        for address in addresses if isinstance(addresses, list) else [addresses]:
            if predicate not in _EXTERNAL and not _ITEM_ADDRESS.fullmatch(str(address)):
                raise invalid("'relations' values currently must be Zotero item URIs")


def _check_moment(name: str, value: Any) -> None:
    if not _MOMENT.fullmatch(str(value)):
        form = "ISO 8601 or UTC 'YYYY-MM-DD hh:mm:ss' format"
        raise invalid(f"'{name}' must be in {form} ({value})")


def _check_access_date(name: str, value: Any) -> None:
    text = str(value or "")
    if text in ("", "CURRENT_TIMESTAMP") or _DAY.fullmatch(text) or _MOMENT.fullmatch(text):
        return
    form = "ISO 8601 or UTC 'YYYY-MM-DD[ hh:mm:ss]' format or 'CURRENT_TIMESTAMP'"
    raise invalid(f"'{name}' must be in {form} ({value})")


def check_deleted(_: str, value: Any) -> None:
    """Refuse what is neither true or false nor 1 or 0; the server fails over it."""
    if value not in (True, False, None) or isinstance(value, float):
        raise Refused(500, ERROR)


def _check_field(name: str, value: Any) -> None:
    if name not in FIELDS:
        raise invalid(f"Invalid property '{name}'")
    if isinstance(value, list | dict):
        raise invalid(f"Unexpected array for property '{name}'")


def _only(name: str, item_type: str, right_type: str) -> None:
    if item_type != right_type:
        raise invalid(f"'{name}' is valid only for {right_type} items")


_RULES: Mapping[str, Callable[[str, Any], None]] = {
    "parentItem": _check_parent,
    "tags": _check_tags,
    "relations": _check_relations,
    "deleted": check_deleted,
    "accessDate": _check_access_date,
    "dateAdded": _check_moment,
    "dateModified": _check_moment,
}
