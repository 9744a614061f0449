"""Whether anybody touched what a shelf made. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.zotero.items import fingerprint
from integrations.zotero.keys import extra_with, mark_in_extra
from integrations.zotero.shelf_values import Memo

Object = Mapping[str, Any]
"""An object's ``data``."""


def may_be_untouched(suggestion_id: str, memo: Memo, item: Object) -> bool:
    """Whether an item is where it was put, and known well enough to be judged with its note."""
    if not memo.fingerprint or mark_in_extra(item.get("extra")) != suggestion_id:
        return False
    return list(item.get("collections", ())) == [memo.shelf] and not item.get("relations")


def is_untouched(memo: Memo, item: Object, parts: Sequence[Object]) -> bool:
    """Whether an item is as it was made.

    Args:
        memo: On the item as it was made.
        item: As it is now.
        parts: All that hangs on it now.
    """
    if [part["key"] for part in parts] != [memo.note]:
        return False
    return fingerprint(item, parts[0]) == memo.fingerprint


def into_trash(item: Object) -> dict[str, Any]:
    """The changes by which we put an item into the trash."""
    return {"deleted": 1, "extra": extra_with(str(item["extra"]), tidied=True)}


def out_of_trash(item: Object) -> dict[str, Any]:
    """The changes by which an item that we put there is taken out again."""
    return {"deleted": 0, "extra": extra_with(str(item["extra"]), tidied=False)}
