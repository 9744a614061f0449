"""Taking suggestions off the shelf: into the trash, and only what nobody touched."""

from collections.abc import Sequence

from integrations.zotero import shelf_retiring_local, shelf_retiring_web
from integrations.zotero.client import Client
from integrations.zotero.shelf_values import Memo
from recommender.suggestions import Receipt


def retired(client: Client, receipts: Sequence[Receipt]) -> list[Receipt]:
    """A receipt for each delivered one: gone, or touched and left.

    An item is moved to the trash, never deleted, and its mark says then that it was we. It counts
    as touched when it, its note or its filing is in any way different from what was written, or
    anything else hangs on it.

    Args:
        client: The library.
        receipts: What ``publish`` gave.
    """
    memos: dict[str, Memo] = {}
    done: dict[str, Receipt] = {}
    for receipt in receipts:
        one = receipt.suggestion_id
        place, _, key = receipt.place.rpartition("/")
        if not key:
            done[one] = Receipt(one)
        elif (f"{place}/" if place else "") != client.prefix:
            done[one] = Receipt(one, f"{receipt.place} is in another library than this shelf")
        else:
            memo = Memo.read(receipt.memo)
            memos[one] = memo if memo and memo.item == key else Memo(key)
    way = shelf_retiring_local if client.is_local else shelf_retiring_web
    done |= way.trashed(client, memos)
    return [done[receipt.suggestion_id] for receipt in receipts]
