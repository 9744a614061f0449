"""Taking suggestions off the shelf: into the trash, and only what nobody touched."""

from collections.abc import Sequence
from typing import Any

from integrations.zotero.client import Client, Conflict
from integrations.zotero.items import fingerprint, is_trashed
from integrations.zotero.keys import mark_in_extra
from integrations.zotero.shelf_reading import by_key, whole
from integrations.zotero.shelf_values import Memo
from recommender.suggestions import Receipt


def retired(
    client: Client, shelf_keys: frozenset[str], receipts: Sequence[Receipt]
) -> list[Receipt]:
    """A receipt for each delivered one: gone, or touched and left.

    An item is moved to the trash, never deleted. It counts as touched when it, its note or its
    filing is in any way different from what was written, or anything else hangs on it.

    Args:
        client: The library.
        shelf_keys: The collections that the shelf itself puts items into.
        receipts: What ``publish`` gave.
    """
    memos = {r.suggestion_id: m for r in receipts if (m := _memo(client, r)) is not None}
    there, _ = by_key(client, sorted({memo.item for memo in memos.values()}))
    done: dict[str, Receipt] = {}
    for receipt in receipts:
        one = receipt.suggestion_id
        if one not in done:
            memo = memos.get(one)
            item = there.get(memo.item) if memo else None
            done[one] = _retired(client, shelf_keys, receipt, memo, item)
    return [done[receipt.suggestion_id] for receipt in receipts]


def _memo(client: Client, receipt: Receipt) -> Memo | None:
    """What is known of the item that was made, if one was made in this library."""
    place, _, key = receipt.place.rpartition("/")
    if not key or (f"{place}/" if place else "") != client.prefix:
        return None
    memo = Memo.read(receipt.memo)
    return memo if memo and memo.item == key else Memo(key)


def _retired(
    client: Client,
    shelf_keys: frozenset[str],
    receipt: Receipt,
    memo: Memo | None,
    item: dict[str, Any] | None,
) -> Receipt:
    one = receipt.suggestion_id
    if memo is None:
        other = f"{receipt.place} is in another library than this shelf" if receipt.place else ""
        return Receipt(one, other)
    try:
        return _judged(client, shelf_keys, one, memo, item)
    except Conflict:
        # Somebody is at it just now, or has deleted it: what they made of it decides.
        item = by_key(client, [memo.item])[0].get(memo.item)
    try:
        return _judged(client, shelf_keys, one, memo, item)
    except Conflict as error:
        return Receipt(one, str(error))


def _judged(
    client: Client,
    shelf_keys: frozenset[str],
    suggestion_id: str,
    memo: Memo,
    item: dict[str, Any] | None,
) -> Receipt:
    """The receipt for an item as it was read, trashed by now if nobody touched it."""
    if item is None or is_trashed(item):
        return Receipt(suggestion_id)
    if not _is_untouched(client, shelf_keys, suggestion_id, memo, item):
        return Receipt(suggestion_id, touched=True)
    version = int(item["version"])
    client.patch(f"items/{memo.item}", {"deleted": 1}, unmodified_since=version)
    return Receipt(suggestion_id)


def _is_untouched(
    client: Client,
    shelf_keys: frozenset[str],
    suggestion_id: str,
    memo: Memo,
    item: dict[str, Any],
) -> bool:
    if not memo.fingerprint or mark_in_extra(item.get("extra")) != suggestion_id:
        return False
    if not shelf_keys.issuperset(item.get("collections", ())) or item.get("relations"):
        return False
    children, _ = whole(client, f"items/{memo.item}/children")
    if [child["key"] for child in children] != [memo.note]:
        return False
    return fingerprint(item, children[0]) == memo.fingerprint
