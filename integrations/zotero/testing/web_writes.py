"""POST, PUT, PATCH and DELETE of items and collections in the Web API."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from integrations.web.testing.exchange import Response
from integrations.zotero.item_types import MAX_BATCH
from integrations.zotero.testing import web_collections, web_items
from integrations.zotero.testing.views import is_key
from integrations.zotero.testing.web_errors import Refused, invalid, not_found
from integrations.zotero.testing.web_items import Revision, Writing
from integrations.zotero.testing.web_visit import Visit, done, editable, parsed, shown
from integrations.zotero.testing.world import Json, Library, Stored

Written = Literal["items", "collections"]
Reviser = Callable[[Library, Stored | None, Json, Writing], Revision]
_REVISERS: Mapping[Written, Reviser] = {
    "items": web_items.revised,
    "collections": web_collections.revised,
}
_NO_VERSION = "Either If-Unmodified-Since-Version or object version property must be provided"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object: as it is stored now, and whether the write changed it."""

    stored: Stored
    changed: bool


def post(visit: Visit, kind: Written) -> tuple[Response, bool]:
    """Write several objects; also whether the write's token is used up."""
    stated = visit.check_library_version()
    objects = parsed(visit.request.body)
    if not isinstance(objects, list):
        raise invalid("Uploaded data must be a JSON array")
    if len(objects) > MAX_BATCH:
        raise Refused(413, f"Cannot add more than {MAX_BATCH} {kind} at a time")
    report: dict[str, dict[str, Any]] = {
        name: {} for name in ("successful", "success", "unchanged", "failed")
    }
    failed_last = False
    for index, value in enumerate(objects):
        try:
            outcome = _posted(visit, kind, index, value, versioned=stated is not None)
        except Refused as refused:
            report["failed"][str(index)] = refused.failure()
            failed_last = True
            continue
        failed_last = False
        stored = outcome.stored
        if outcome.changed:
            report["successful"][str(index)] = visit.shapes.show(kind, stored)
            report["success"][str(index)] = stored.key
        else:
            report["unchanged"][str(index)] = stored.key
    return shown(report, visit.library.version), not failed_last


def _posted(visit: Visit, kind: Written, index: int, value: Any, *, versioned: bool) -> Outcome:
    noun = kind[:-1]
    if not isinstance(value, dict):
        words = f"Invalid value for index {index} in uploaded data; expected JSON {noun} object"
        raise invalid(words)
    value = editable(value)
    key, version = value.get("key"), value.get("version")
    if key is not None and not is_key(str(key)):
        raise invalid(f"'{key}' is not a valid {noun} key")
    if version is not None and not str(version).isdigit():
        raise invalid("'version' must be an integer")
    if version is not None and key is None:
        raise invalid(f"'version' is valid only if {noun} key is provided")
    before = visit.library.objects[kind].get(key) if key else None
    if version is None and key is not None and not versioned:
        words = "Either If-Unmodified-Since-Version or 'version' property must be provided"
        raise Refused(428, f"{words} for 'key'-based writes")
    if version is not None:
        if before and before.version > int(version):
            raise _modified(noun, int(version), before.version)
        if int(version) > 0 and not before:
            words = f"doesn't exist (expected version {version}; use 0 instead)"
            raise Refused(404, f"{noun.capitalize()} {words}")
    return _write(visit, kind, key or visit.world.new_key(), value, partial=True)


def _write(visit: Visit, kind: Written, key: str, value: Json, *, partial: bool) -> Outcome:
    library = visit.library
    before = library.objects[kind].get(key)
    agent = visit.request.headers.get("user-agent", "")
    writing = Writing(
        now=visit.world.timestamp(),
        partial=partial and before is not None,
        zotero="Zotero" in agent or "Firefox" in agent,
        key=key,
    )
    after = _REVISERS[kind](library, before, value, writing)
    version = library.bump()  # also where nothing changes
    if before and not after.changed:
        return Outcome(before, changed=False)
    related = dict(before.data.get("relations", {})) if before else {}
    by = visit.user_id
    if before and not after.changed - {"collections", "inPublications", "relations"}:
        by = before.changed_by
    stored = library.put(kind, after.data, key, version=version, by=by)
    if kind == "items" and "relations" in after.changed:
        _relate_back(library, stored, related, new=before is None)
    return Outcome(stored, changed=True)


def put_or_patch(visit: Visit, kind: Written, key: str) -> Response:
    """Write one object."""
    noun = kind[:-1]
    before = visit.library.objects[kind].get(key)
    value = parsed(visit.request.body)
    if not isinstance(value, dict):
        shown_value = json.dumps(value, separators=(",", ":"))
        raise invalid(f"Invalid {noun} object (found array '{shown_value}')")
    value = editable(value)
    version = visit.stated_or_own(value)
    patch = visit.request.method == "PATCH"
    if before is None:
        if patch and version is None:
            words = (
                "(to create, use If-Unmodified-Since-Version: 0, JSON 'version' 0, or PUT method)"
            )
            raise not_found(f"{noun.capitalize()} not found {words}")
        _check_gone(noun, version)
    elif version is None:
        raise Refused(428, f"{_NO_VERSION} for key-based writes")
    elif before.version > version:
        raise _modified(noun, version, before.version, header=True)
    if value.get("key") not in (None, key):
        raise Refused(409, f"'key' property in JSON does not match {noun} key of request")
    unmoved = visit.library.version
    outcome = _write(visit, kind, key, value, partial=patch)
    return done(visit.library.version if outcome.changed else unmoved)


def delete(visit: Visit, kind: Written, key: str) -> Response:
    """Delete one object with what is below it."""
    version = visit.stated_version(single=True)
    if version is None:
        raise Refused(428, "If-Unmodified-Since-Version must be provided for delete requests")
    before = visit.library.objects[kind].get(key)
    if before is None:
        _check_gone(kind[:-1], version)
    elif before.version > version:
        raise _modified(kind[:-1], version, before.version, header=True)
    _erase(visit.library, kind, (key,))
    return done(visit.library.version)


def delete_several(visit: Visit, kind: Written) -> Response:
    """Delete the objects that the query names; those that are not there are no error."""
    visit.check_library_version()
    _erase(visit.library, kind, visit.parameters.keys)
    return done(visit.library.version)


def add_to_collection(visit: Visit, key: str) -> Response:
    """Put items into a collection by their keys, without a version."""
    if key not in visit.library.collections:
        raise not_found("Collection not found")
    found: list[Stored] = []
    for item_key in visit.request.body.decode().split(" "):
        item = visit.library.items.get(item_key)
        if item is None:
            raise invalid(f"Item '{item_key}' not found in library")
        if item.data.get("parentItem"):
            raise invalid("Child items cannot be added to collections directly")
        found.append(item)
    for item in found:
        held = item.data.get("collections", [])
        if key not in held:
            item.data["collections"] = [*held, key]
            item.version = visit.library.version
    return done(visit.library.version)


def _check_gone(noun: str, version: int | None) -> None:
    if version:
        raise Refused(412, f"{noun.capitalize()} not found (expected version {version})")


def _modified(noun: str, expected: int, found: int, *, header: bool = False) -> Refused:
    words = f"{noun.capitalize()} has been modified since specified version"
    headers = {"Last-Modified-Version": str(found)} if header else {}
    return Refused(412, f"{words} (expected {expected}, found {found})", headers=headers)


def _erase(library: Library, kind: Written, keys: tuple[str, ...]) -> None:
    version = library.bump()
    for key in keys:
        if kind == "items":
            library.erase_item(key, version)
        else:
            library.erase_collection(key, version)


def _relate_back(library: Library, stored: Stored, before: Mapping[str, Any], *, new: bool) -> None:
    """Keep "related" on both sides: what is added moves the other's version, unless ``new``."""
    own = _address(library, stored.key)
    was, now = _related(before), _related(stored.data.get("relations", {}))
    for other in library.items.values():
        address = _address(library, other.key)
        back = _related(other.data.get("relations", {}))
        if address in now - was and own not in back:
            _set_related(other, back | {own})
            if not new:
                other.version = stored.version
        elif address in was - now and own in back:
            _set_related(other, back - {own})


def _address(library: Library, key: str) -> str:
    return f"http://zotero.org/{library.path}/items/{key}"


def _related(relations: Mapping[str, Any]) -> set[str]:
    given = relations.get("dc:relation", [])
    return {given} if isinstance(given, str) else set(given)


def _set_related(item: Stored, addresses: set[str]) -> None:
    relations = {k: v for k, v in item.data.get("relations", {}).items() if k != "dc:relation"}
    listed = sorted(addresses)
    if listed:
        relations["dc:relation"] = listed[0] if len(listed) == 1 else listed
    item.data["relations"] = relations
