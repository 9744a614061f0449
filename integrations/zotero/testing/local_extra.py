"""The desktop's kindness to items: what a type has no field for goes to Extra, and the other way.

A line of Extra that names a field of the type is moved to that field, where this is empty. A
property that the type has no field for becomes a line of Extra.
"""

import re
from collections.abc import Mapping, MutableMapping

from integrations.zotero.item_types import ItemType

_LINE = re.compile(r"([a-z][a-z _-]+):(.+)", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def label(field: str) -> str:
    """A field's name as a line of Extra has it: ``archiveID`` becomes ``Archive ID``."""
    return _HUMP.sub(" ", field[:1].upper() + field[1:])


def move_lines(extra: str, fields: MutableMapping[str, str], item_type: ItemType) -> str:
    """Move the lines that name a free field of the type into ``fields``; return the others."""
    known = {_folded(name): name for name in item_type.fields if name != "extra"}
    kept: list[str] = []
    for line in extra.split("\n"):
        found = _LINE.fullmatch(line)
        name = known.get(_folded(found[1]), "") if found else ""
        if found and name and name not in fields and found[2].strip():
            fields[name] = found[2].strip()
        else:
            kept.append(line)
    return "\n".join(kept)


def add_lines(extra: str, strangers: Mapping[str, str]) -> str:
    """Put a line for each stranger above the text, or in place of the line of the same name."""
    left = {_folded(name): (label(name), value) for name, value in strangers.items()}
    kept: list[str] = []
    for line in extra.split("\n") if extra else ():
        found = _LINE.fullmatch(line)
        new = left.pop(_folded(found[1]), None) if found else None
        kept.append(f"{found[1]}: {new[1]}" if found and new else line)
    return "\n".join([*sorted(f"{name}: {value}" for name, value in left.values()), *kept])


def _folded(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
