"""Into the trash of the Zotero on this computer: what came at the very moment brings it back.

A note that is added to an item does not change the item, and a write can be bound to one item's
version only. So what hangs on an item is looked at once more when it is in the trash.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from integrations.zotero.client import AnotherServer, Client, Conflict
from integrations.zotero.items import is_trashed
from integrations.zotero.keys import is_tidied, mark_in_extra
from integrations.zotero.shelf_judging import (
    into_trash,
    is_untouched,
    may_be_untouched,
    out_of_trash,
)
from integrations.zotero.shelf_reading import by_key, whole
from integrations.zotero.shelf_values import Memo
from recommender.errors import StaleLibrary
from recommender.suggestions import Receipt

_PAUSES = (0, 0, 1, 2)
_BUSY = "it was changed while it was looked at; run again"


def trashed(client: Client, memos: Mapping[str, Memo]) -> dict[str, Receipt]:
    """The receipts for items, in the trash by now if nobody touched them.

    Args:
        client: The library.
        memos: On the items, by the suggestions' ids.
    """
    done: dict[str, Receipt] = {}
    for pause in _PAUSES:
        waiting = {one: memo for one, memo in memos.items() if one not in done}
        if not waiting:
            break
        client.wait(timedelta(seconds=pause))
        try:
            done |= _Round(client, waiting).receipts()
        except AnotherServer:
            raise
        except StaleLibrary:
            # Somebody is at it just now.
            continue
    return {one: done.get(one) or Receipt(one, _BUSY) for one in memos}


class _Round:
    """One look at all items, and what follows for each at which nobody is just now."""

    def __init__(self, client: Client, memos: Mapping[str, Memo]) -> None:
        self._client = client
        self._memos = memos
        self._done: dict[str, Receipt] = {}

    def receipts(self) -> dict[str, Receipt]:
        """The receipts for those of which all is known; the others want another round."""
        keys = sorted({memo.item for memo in self._memos.values()})
        # What hangs on them comes with them.
        there, _ = by_key(self._client, keys)
        lost = {one: memo for one, memo in self._memos.items() if memo.item not in there}
        put = {
            one: memo
            for one, memo in self._memos.items()
            if memo.item in there and self._put_into_trash(one, memo, there)
        }
        if lost or put:
            trash = {item["key"]: item for item in whole(self._client, "items/trash")[0]}
            for one, memo in (lost | put).items():
                if memo.item in trash:
                    self._look_again(one, memo, trash)
                elif one in lost:
                    self._done[one] = Receipt(one)
        return self._done

    def _put_into_trash(self, one: str, memo: Memo, there: Mapping[str, dict[str, Any]]) -> bool:
        item = there[memo.item]
        if not may_be_untouched(one, memo, item) or not is_untouched(
            memo, item, _parts(memo, there.values())
        ):
            self._done[one] = Receipt(one, touched=True)
            return False
        return self._change(memo, item, into_trash(item))

    def _look_again(self, one: str, memo: Memo, trash: Mapping[str, dict[str, Any]]) -> None:
        item = trash[memo.item]
        if not is_tidied(item.get("extra")) or mark_in_extra(item.get("extra")) != one:
            # The reader put it there.
            self._done[one] = Receipt(one)
            return
        before = {**item, **out_of_trash(item)}
        if not memo.fingerprint or is_untouched(memo, before, _parts(memo, trash.values())):
            self._done[one] = Receipt(one)
        elif self._change(memo, item, out_of_trash(item)):
            self._done[one] = Receipt(one, touched=True)

    def _change(self, memo: Memo, item: dict[str, Any], changes: dict[str, Any]) -> bool:
        """Whether an item could be changed: nobody else has done so meanwhile."""
        version = int(item["version"])
        try:
            self._client.patch(f"items/{memo.item}", changes, unmodified_since=version)
        except Conflict:
            return False
        return True


def _parts(memo: Memo, found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What hangs on an item, but for what is in the trash for itself."""
    return [one for one in found if one.get("parentItem") == memo.item and not is_trashed(one)]
