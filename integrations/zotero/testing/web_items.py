"""What an item is after the Web API has applied some JSON to it.

`revised` decides and changes nothing; whoever calls it stores what comes out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.zotero.item_types import (
    FIELDS,
    ITEM_TYPES,
    MAX_CREATOR_CHARACTERS,
    MAX_FIELD_BYTES,
    MAX_NOTE_BYTES,
    MAX_NOTE_CHARACTERS,
    MAX_TAG_CHARACTERS,
)
from integrations.zotero.testing import web_item_rules as rules
from integrations.zotero.testing.schema import label
from integrations.zotero.testing.web_errors import ERROR, Refused, invalid
from integrations.zotero.testing.web_notes import cleaned
from integrations.zotero.testing.world import Json, Library, Stored

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_QUIET = {"collections", "inPublications", "relations"}  # they leave dateModified alone
_SHOWN = 50  # characters of a text that is too long
_NOTE_SHOWN = 79


@dataclass(frozen=True, slots=True)
class Writing:
    """The circumstances of a write.

    Attributes:
        now: As the API writes a moment.
        partial: Whether what was not sent stays as it is.
        zotero: Whether the client says that it is Zotero itself: its dates are always taken.
        key: Of the object.
    """

    now: str
    partial: bool
    zotero: bool
    key: str


@dataclass(slots=True)
class Revision:
    """An item's new data and the names of what changed; none means that nothing did."""

    data: Json
    changed: set[str] = field(default_factory=set)

    def put(self, name: str, value: Any, *, empty: Any = None) -> None:
        """Set a property; one that is as good as not there is taken out."""
        if value in (empty, None):
            if self.data.pop(name, empty) not in (empty, None):
                self.changed.add(name)
        elif self.data.get(name) != value:
            self.data[name] = value
            self.changed.add(name)


def revised(library: Library, before: Stored | None, json: Json, writing: Writing) -> Revision:
    """The item after a write.

    Args:
        library: Where its parent and collections must be; not changed.
        before: The item as it is; None for a new one.
        json: What was sent.
        writing: The circumstances.

    Raises:
        Refused: With the server's words.
    """
    json = dict(json)
    child = _becomes_child(before, json, partial=writing.partial)
    _check_required(before, json, child=child, partial=writing.partial)
    old_type = str(before.data["itemType"]) if before else ""
    item_type = json.get("itemType") or old_type
    group = library.kind == "group"
    # An unknown type is refused by the rules; until then any known one will do.
    known = item_type if item_type in ITEM_TYPES else "document"
    rules.check(json, item_type=known, new=before is None, child=child, group=group)
    after = Revision(dict(before.data) if before else {})
    if item_type != old_type:
        _change_type(after, old_type, item_type)
    for name, value in json.items():
        _apply(after, name, value, library, writing)
    _apply_place(library, after, json, writing)
    _apply_dates(after, json, writing, new=before is None)
    return after


def _becomes_child(before: Stored | None, json: Json, *, partial: bool) -> bool:
    child = bool(before and before.data.get("parentItem"))
    if not child:
        return json.get("parentItem") not in (None, False)
    if not partial:
        return bool(json.get("parentItem"))
    if json.get("parentItem") is None and json.get("collections"):
        json["parentItem"] = False
    return json.get("parentItem") is not False


def _check_required(before: Stored | None, json: Json, *, child: bool, partial: bool) -> None:
    if before is not None and partial:
        return
    required = ["itemType"]
    if json.get("itemType") == "attachment":
        required = ["linkMode"]
    elif before is not None:
        required += ["tags", "relations"] + ([] if child else ["collections"])
    for name in required:
        if json.get(name) is None:
            raise invalid(f"'{name}' property not provided")


def _change_type(after: Revision, old_type: str, item_type: str) -> None:
    if old_type and item_type in ("note", "attachment", "annotation"):
        raise Refused(500, ERROR)
    after.put("itemType", item_type)
    if not old_type:
        return
    after.data.pop("note", None)
    old, new = ITEM_TYPES[old_type], ITEM_TYPES[item_type]
    common = {own: name for name, own in old.own_names.items()}
    kept = {name: after.data.pop(name) for name in old.fields if name in after.data}
    for name, value in kept.items():
        if moved := new.field(common.get(name, name)):
            after.data[moved] = value
    if had := after.data.get("creators"):
        roles = {old.creators[0]: new.creators[0]} if old.creators and new.creators else {}
        after.data["creators"] = [
            creator
            if creator["creatorType"] in new.creators
            else {**creator, "creatorType": roles.get(creator["creatorType"], "contributor")}
            for creator in had
        ]


def _apply(after: Revision, name: str, value: Any, library: Library, writing: Writing) -> None:
    if name == "creators":
        after.put(
            "creators", _creators(value, ITEM_TYPES[after.data["itemType"]].creators), empty=[]
        )
    elif name == "tags":
        _apply_tags(after, value)
    elif name == "note":
        after.put("note", _note(str(value or "")), empty="")
    elif name == "relations":
        after.put("relations", dict(value or {}), empty={})
    elif name in rules.ATTACHMENT_ONLY or name in rules.ANNOTATION_ONLY or name == "lastRead":
        after.put(name, value, empty="")
    elif name == "linkMode":
        _apply_link_mode(after, str(value))
    elif name in FIELDS:
        place = f"{library.library_id}/{writing.key}"
        _apply_field(after, name, _text(name, value, place, writing.now))


def _apply_field(after: Revision, name: str, text: str) -> None:
    item_type = ITEM_TYPES[after.data["itemType"]]
    if text and name not in item_type.fields:
        raise invalid(f"'{name}' is not a valid field for type '{item_type.name}'")
    after.put(name, text, empty="")


def _apply_link_mode(after: Revision, mode: str) -> None:
    if mode not in rules.LINK_MODES:
        raise invalid(f"'{mode}' is not a valid linkMode")
    if after.data.get("linkMode", mode) != mode:
        raise invalid("Cannot change attachment linkMode")
    after.put("linkMode", mode)


def _apply_tags(after: Revision, value: list[Mapping[str, Any]]) -> None:
    named: dict[tuple[str, int], None] = {}
    for tag in value:
        name = _tidy(str(tag.get("tag", "")))
        if len(name) > MAX_TAG_CHARACTERS:
            details = {"tag": name}
            raise Refused(413, f"Tag '{_cut(name)}' too long", details=details)
        if name:
            named[name, int(tag.get("type") or 0)] = None
    had = bool(after.data.get("tags"))
    after.data["tags"] = [{"tag": n, **({"type": t} if t else {})} for n, t in sorted(named)]
    # Tags that were sent count as a change even where they are the same.
    if named or had:
        after.changed.add("tags")


def _apply_place(library: Library, after: Revision, json: Json, writing: Writing) -> None:
    parent = json.get("parentItem")
    if parent is not None or not writing.partial:
        if parent:
            if parent == writing.key:
                place = f"{library.library_id}/{parent}"
                raise invalid(f"Item {place} cannot be a child of itself")
            _check_parent(library, str(parent), str(after.data["itemType"]))
        after.put("parentItem", parent or None)
        if parent:
            after.put("collections", [], empty=[])
    if json.get("deleted") is not None or not writing.partial:
        after.put("deleted", 1 if json.get("deleted") else None)
    if json.get("inPublications") is not None or not writing.partial:
        after.put("inPublications", True if json.get("inPublications") else None)
    if json.get("collections") is not None:
        keys = list(dict.fromkeys(map(str, json["collections"])))
        for key in keys:
            if key not in library.collections:
                details = {"collection": key}
                raise Refused(409, f"Collection {key} not found", details=details)
        if set(keys) != set(after.data.get("collections", ())):
            after.put("collections", keys, empty=[])


def _check_parent(library: Library, parent: str, item_type: str) -> None:
    above = library.items.get(parent)
    details = {"parentItem": parent}
    if above is None:
        raise Refused(409, f"Parent item {parent} not found", details=details)
    if item_type != "annotation" and above.data["itemType"] in ("note", "attachment"):
        raise Refused(409, "Parent item cannot be a note or attachment", details=details)


def _apply_dates(after: Revision, json: Json, writing: Writing, *, new: bool) -> None:
    if json.get("dateAdded") is not None:
        after.put("dateAdded", _moment(str(json["dateAdded"])))
    elif new:
        after.data["dateAdded"] = writing.now
    loud = bool(after.changed - _QUIET)
    given = json.get("dateModified")
    moment = _moment(str(given)) if given is not None else ""
    if moment and (writing.zotero or moment != after.data.get("dateModified")):
        after.put("dateModified", moment)
    elif loud or new:
        after.data["dateModified"] = writing.now


def _creators(value: list[Mapping[str, Any]], roles: tuple[str, ...]) -> list[Json]:
    found: list[Json] = []
    for given in value:
        names = {n: _tidy(str(given[n])) for n in ("firstName", "lastName", "name") if n in given}
        if not any(names.values()):
            break
        for name in names.values():
            if len(name) > MAX_CREATOR_CHARACTERS:
                raise _long_creator(name)
        role = given["creatorType"]
        if role == "author" and role not in roles and roles:
            role = roles[0]
        found.append({"creatorType": role, **names})
    return found


def _long_creator(name: str) -> Refused:
    text = (
        f"The creator name ‘{_cut(name)}…’ is too long to sync. Shorten the name and sync again."
        "\n\nIf you receive this message repeatedly for items saved from a particular site, you"
        " can report this issue in the Zotero Forums."
    )
    return Refused(413, text, details={"field": "creator", "value": _cut(name)})


def _note(note: str) -> str:
    if len(note) > MAX_NOTE_CHARACTERS:
        raise Refused(413, f"Note '{note[:_NOTE_SHOWN]}...' too long")
    if len(note.encode()) > MAX_NOTE_BYTES:
        raise Refused(500, ERROR)
    return cleaned(note)


def _text(name: str, value: Any, place: str, now: str) -> str:
    if value is None or value is False:
        return ""
    text = _tidy(str(value))
    if name == "accessDate":
        return now if text == "CURRENT_TIMESTAMP" else _moment(text)
    if len(text.encode()) > MAX_FIELD_BYTES:
        details = {"field": label(name), "value": _cut(text)}
        words = f"{label(name)} field value '{_cut(text)}' too long for item '{place}'"
        raise Refused(413, words, details=details)
    return text


def _moment(text: str) -> str:
    day, space, clock = text.partition(" ")
    return f"{day}T{clock}Z" if space else text


def _tidy(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def _cut(text: str) -> str:
    return f"{text[:_SHOWN]}…"
