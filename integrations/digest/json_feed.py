"""Suggestions as a JSON feed in a file.

JSON has no comments to mark what is ours with, so each item that we wrote carries a seal: a digest
of the rest of it. Where it no longer fits, a person was at work. The feed is read and written as a
whole: what others put there stays, by its value.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from integrations.files import replacing
from recommender import feeds
from recommender.errors import PermanentError
from recommender.suggestions import Receipt, Suggestion
from recommender.wording import visible


class JsonFeed:
    """A publisher that writes a file in the format JSON Feed 1.1.

    New suggestions go on top: the newest first, and the best of one delivery first. A file that we
    did not begin is refused; what a person added to ours or changed in it stays. Nothing is written
    where nothing changes.

    Args:
        path: The file; its folder must exist.
        about: A line for the reader on what was looked at.
        fresh: What is published first takes the place of what we published before, as
            ``MarkedFile`` says.
    """

    service = "JSON feed"

    def __init__(self, path: Path, *, about: str = "", fresh: bool = False) -> None:
        self._path = path
        self._about = visible(about)
        self._fresh = fresh
        self._dated = not fresh

    @property
    def name(self) -> str:
        """The file's path, as it was given."""
        return str(self._path)

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Put suggestions into the file: a receipt for each, in the same order.

        What is there already stays as it is; with ``fresh``, what is there of ours and untouched is
        written anew the first time.

        Raises:
            IntegrationError: If the file is not ours, or cannot be read or written.
        """
        before = self._feed()
        items = before.get("items", [])
        if self._fresh:
            untouched = _untouched(items)
            items = [item for item in items if _id(item) not in untouched]
        self._write(before, [*self._new(items, suggestions), *items])
        self._fresh = False
        return [Receipt(suggestion.suggestion_id) for suggestion in suggestions]

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Take what was delivered out of the file, if nobody touched it: a receipt for each.

        Raises:
            IntegrationError: If the file is not ours, or cannot be read or written.
        """
        before = self._feed()
        items = before.get("items", [])
        ids = {feeds.entry_id(receipt.suggestion_id) for receipt in receipts}
        going = ids & _untouched(items)
        if going:
            self._write(before, [item for item in items if _id(item) not in going])
        edited = (ids & set(map(_id, items))) - going
        return [
            Receipt(r.suggestion_id, touched=feeds.entry_id(r.suggestion_id) in edited)
            for r in receipts
        ]

    def address(self, place: str) -> str:
        """Nothing: a file opens as a whole."""
        return ""

    def _new(self, items: Sequence[Any], suggestions: Sequence[Suggestion]) -> list[dict[str, Any]]:
        """The items that are not there yet, newest delivery first, within one by rank."""
        known = set(map(_id, items))
        by_rank = sorted(suggestions, key=lambda s: s.rank)
        found: list[dict[str, Any]] = []
        for suggestion in sorted(by_rank, key=lambda s: s.suggested_at, reverse=True):
            item = feeds.json_item(suggestion, dated=self._dated)
            if item["id"] not in known:
                known.add(item["id"])
                found.append(_sealed(item))
        return found

    def _feed(self) -> dict[str, Any]:
        """What the file holds, if it is ours; empty where there is none yet."""
        data = replacing.content(self._path, self.service)
        if not data.strip():
            return {}
        try:
            feed = json.loads(data)
        except (ValueError, RecursionError):
            feed = None
        if not isinstance(feed, dict) or not _feed_id(feed):
            raise self._refused("exists and was not written by Shelfwise as a JSON feed")
        if not isinstance(feed.get("items"), list):
            raise self._refused("its items were edited away, so it stays")
        return feed

    def _write(self, before: dict[str, Any], items: list[Any]) -> None:
        ids = [one for item in items if (one := _id(item))]
        feed_id = feeds.file_id(self._path.name, ids, _feed_id(before))
        after = before or feeds.json_head(feed_id=feed_id)
        ours = {**after[feeds.OURS], "feed_id": feed_id}
        after = {**after, feeds.OURS: ours}
        if self._about:
            after["description"] = self._about
        after["items"] = items
        if after == before:
            return
        try:
            data = feeds.json_text(after).encode()
        except (ValueError, RecursionError) as error:  # such as half a character
            raise self._refused("holds what cannot be written again, so it stays") from error
        replacing.replace(self._path, data, self.service)

    def _refused(self, why: str) -> PermanentError:
        return PermanentError(self.service, f"{self._path}: {why}; choose another name")


def _feed_id(feed: dict[str, Any]) -> str:
    """What the feed was called when we wrote it; empty if we did not."""
    ours = feed.get(feeds.OURS)
    found = ours.get("feed_id") if isinstance(ours, dict) else None
    return found if isinstance(found, str) else ""


def _untouched(items: Sequence[Any]) -> set[str]:
    """The ids of the items that are as we wrote them."""
    # Of two copies nobody can say which one a person made.
    copies = Counter(map(_id, items))
    return {_id(item) for item in items if _is_ours(item) and copies[_id(item)] == 1}


def _is_ours(item: Any) -> bool:
    ours = item.get(feeds.OURS) if isinstance(item, dict) else None
    if not isinstance(ours, dict) or _SEAL not in ours:
        return False
    rest = {name: value for name, value in ours.items() if name != _SEAL}
    return bool(ours == _sealed({**item, feeds.OURS: rest})[feeds.OURS])


def _sealed(item: dict[str, Any]) -> dict[str, Any]:
    # Whoever only wrote it in another order, or with other spaces, did not change it.
    content = json.dumps(item, sort_keys=True).encode()
    seal = hashlib.sha256(content).hexdigest()[:16]
    return {**item, feeds.OURS: {**item[feeds.OURS], _SEAL: seal}}


def _id(item: Any) -> str:
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) else ""


_SEAL = "seal"
