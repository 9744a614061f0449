"""Into the trash on zotero.org: only if the library is still as it was when all was looked at.

A note that is added to an item does not change the item, but it does change the library. So what
is written is written for the library's version: if anything came meanwhile, nothing is trashed,
and everything is looked at again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from integrations.zotero.client import (
    BATCH,
    PAGE,
    SERVICE,
    Answer,
    Client,
    Conflict,
    Failed,
    shaped,
)
from integrations.zotero.items import is_trashed
from integrations.zotero.shelf_judging import into_trash, is_untouched, may_be_untouched
from integrations.zotero.shelf_reading import by_key, contents
from integrations.zotero.shelf_values import Memo
from recommender.errors import StaleLibrary
from recommender.suggestions import Receipt


def trashed(client: Client, memos: Mapping[str, Memo]) -> dict[str, Receipt]:
    """The receipts for items, in the trash by now if nobody touched them.

    Args:
        client: The library.
        memos: On the items, by the suggestions' ids.
    """
    done: dict[str, Receipt] = {}
    names = list(memos)
    for start in range(0, len(names), BATCH):
        done |= _patiently(client, {one: memos[one] for one in names[start : start + BATCH]})
    return done


def _patiently(client: Client, memos: Mapping[str, Memo]) -> dict[str, Receipt]:
    for pause in _PAUSES:
        client.wait(timedelta(seconds=pause))
        try:
            return _trashed(client, memos)
        except (StaleLibrary, Conflict):
            # Somebody is at it just now: what they make of it decides.
            continue
    return {one: Receipt(one, _BUSY) for one in memos}


def _trashed(client: Client, memos: Mapping[str, Memo]) -> dict[str, Receipt]:
    """The receipts, if nobody changed the library meanwhile."""
    there, number = by_key(client, sorted({memo.item for memo in memos.values()}))
    version = shaped(number, int, "a list of items has no version")
    done: dict[str, Receipt] = {}
    hopeful: dict[str, Memo] = {}
    for one, memo in memos.items():
        item = there.get(memo.item)
        if item is None or is_trashed(item):
            done[one] = Receipt(one)
        elif may_be_untouched(one, memo, item):
            hopeful[one] = memo
        else:
            done[one] = Receipt(one, touched=True)
    parts = _parts(client, hopeful.values(), version)
    ours = [o for o, m in hopeful.items() if is_untouched(m, there[m.item], parts[m.item])]
    done |= {one: Receipt(one, touched=True) for one in hopeful if one not in ours}
    return done | _posted(client, [(one, there[hopeful[one].item]) for one in ours], version)


def _posted(
    client: Client, items: list[tuple[str, dict[str, Any]]], version: int
) -> dict[str, Receipt]:
    if not items:
        return {}
    objects = [
        {"key": item["key"], "version": item["version"], **into_trash(item)} for _, item in items
    ]
    report = client.post("items", objects, unmodified_since=version)
    failures = {n: _reason(failed) for n, failed in report.failed.items()}
    return {one: Receipt(one, failures.get(n, "")) for n, (one, _) in enumerate(items)}


def _parts(
    client: Client, memos: Iterable[Memo], version: int
) -> defaultdict[str, list[dict[str, Any]]]:
    """All that hangs on items, by their keys, as of a version of the library.

    Raises:
        StaleLibrary: If the library is at another version.
    """
    by_shelf: defaultdict[str, list[str]] = defaultdict(list)
    for memo in memos:
        by_shelf[memo.shelf].append(memo.item)
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for shelf, keys in by_shelf.items():
        lists = _lists(client, shelf, keys)
        if any(page.version != version for page in lists):
            raise StaleLibrary(SERVICE, _BUSY)
        for part in contents(one for page in lists for one in page.value):
            found[str(part.get("parentItem"))].append(part)
    return found


def _lists(client: Client, shelf: str, keys: list[str]) -> list[Answer]:
    """Lists on which all that hangs on items of a shelf is, in few requests."""
    # A collection's list has what hangs on its items, too.
    pages = client.pages(f"collections/{shelf}/items")
    try:
        first = next(pages)
    except Conflict as error:
        if not error.gone:
            raise
    else:
        if (first.total or 0) <= PAGE * len(keys):
            return [first, *pages]
    # The shelf holds much else, or lies in the trash itself.
    return [page for key in keys for page in client.pages(f"items/{key}/children")]


def _reason(failed: Failed) -> str:
    return f"Zotero did not take it away ({failed.code}: {failed.message}); run again"


_PAUSES = (0, 0, 1, 2)
_BUSY = "the library was changed while it was looked at; run again"
