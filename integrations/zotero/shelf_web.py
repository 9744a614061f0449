"""Suggestions onto the shelf through zotero.org, under keys of our own.

Nothing is written if the library has moved on since it was last read: what came meanwhile may be
the same paper, saved by the reader or by another machine. The same paper has the same key on
every machine, and an object of version 0 never overwrites one, so a write may be repeated.
"""

import logging
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integrations.zotero.client import BATCH, SERVICE, Client, Failed, Report
from integrations.zotero.convert import entry
from integrations.zotero.keys import made_key, mark_in_extra
from integrations.zotero.shelf_collections import ShelfCollections
from integrations.zotero.shelf_reading import by_key, content
from integrations.zotero.shelf_values import Memo, ShelfSettings
from recommender.errors import PermanentError, StaleLibrary
from recommender.identity import names, same_work
from recommender.library import Item
from recommender.suggestions import Receipt, Suggestion

_log = logging.getLogger(__name__)

_ATTEMPTS = 8
_EXISTS = 412
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a suggestion belongs, and what is there.

    Attributes:
        item_key: Of the item that it is, or will be.
        note_key: Of its note.
        item: The item's ``data``, if it is there.
        note: The note's.
    """

    suggestion: Suggestion
    item_key: str
    note_key: str
    item: dict[str, Any] | None = None
    note: dict[str, Any] | None = None

    @property
    def is_usable(self) -> bool:
        """Whether nothing is there, or the same paper as a suggestion of ours."""
        if self.item is None:
            return self.note is None
        mark = mark_in_extra(self.item.get("extra"))
        if mark in {"", self.suggestion.suggestion_id}:
            return bool(mark)
        # Of another profile, or of a paper that shares a name with this one.
        found = entry(self.item)
        return isinstance(found, Item) and same_work(found.paper, self.suggestion.paper)


class WebWriting:
    """One call of ``publish`` on zotero.org.

    Args:
        client: The library.
        memory: Keeps the collections' keys.
        settings: How the shelf looks.
        since: The library's version up to which the cycle has read it; None if unknown.
    """

    def __init__(
        self,
        client: Client,
        memory: MutableMapping[str, str],
        settings: ShelfSettings,
        since: int | None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._collections = ShelfCollections(client, memory, settings, self._make)
        self._version = since
        self._written = False
        self._receipts: dict[str, Receipt] = {}

    def publish(self, suggestions: Sequence[Suggestion]) -> list[Receipt]:
        """A receipt or failure for each, in the same order."""
        slots = self._slots({s.suggestion_id: s for s in suggestions})
        for slot in slots:
            if slot.item is not None:
                self._keep(slot, slot.item, slot.note)
        unfinished = [slot for slot in slots if self._is_unfinished(slot)]
        # All collections before the first item, so that a lost shelf leaves nothing behind.
        groups = [(slot, self._objects(slot)) for slot in unfinished]
        for group in _batches(groups):
            self._post(group)
        return [
            self._receipts.get(s.suggestion_id) or Receipt(s.suggestion_id, _NO_PLACE)
            for s in suggestions
        ]

    def _slots(self, waiting: dict[str, Suggestion]) -> list[Slot]:
        """A place for each suggestion, none of which holds something else."""
        found: dict[str, Slot] = {}
        for attempt in range(1, _ATTEMPTS + 1):
            tried = [self._slot(suggestion, attempt) for suggestion in waiting.values()]
            keys = [key for slot in tried for key in (slot.item_key, slot.note_key)]
            there, version = by_key(self._client, keys)
            if self._version is None:
                self._version = version
            for slot in tried:
                full = replace(slot, item=there.get(slot.item_key), note=there.get(slot.note_key))
                if slot.item_key not in found and full.is_usable:
                    found[slot.item_key] = full
                    del waiting[slot.suggestion.suggestion_id]
            if not waiting:
                break
        return list(found.values())

    def _slot(self, suggestion: Suggestion, attempt: int) -> Slot:
        library, name = self._client.library, names(suggestion.paper)[0]
        item, note = (made_key(library, what, name, attempt) for what in ("item", "note"))
        return Slot(suggestion, item, note)

    def _is_unfinished(self, slot: Slot) -> bool:
        """Whether its item, or its note alone, is still to be written."""
        if slot.item is None:
            return True
        return slot.note is None and self._settings.as_sent(slot.suggestion, slot.item, None)

    def _objects(self, slot: Slot) -> list[dict[str, Any]]:
        """What is to be written, the item before its note."""
        note = self._settings.note(slot.suggestion, slot.item_key)
        objects = [{"key": slot.note_key, "version": 0, **note}]
        if slot.item is None:
            collection = self._collections.of_interest(slot.suggestion.interest)
            item = {**self._settings.item(slot.suggestion), "collections": [collection]}
            objects.insert(0, {"key": slot.item_key, "version": 0, **item})
        return objects

    def _post(self, group: "Sequence[_Group]") -> None:
        objects = [one for _, some in group for one in some]
        try:
            report = self._client.post("items", objects, unmodified_since=self._version)
        except StaleLibrary:
            if not self._written:
                raise
            # What an earlier batch wrote is there and has to be told of.
            for slot, _ in group:
                if slot.item is None:
                    self._fail(slot, _CHANGED)
            return
        self._advance(report)
        self._written |= bool(report.written)
        n_left_out, place = 0, 0
        for slot, some in group:
            n_left_out += not self._settle(slot, report, range(place, place + len(some)))
            place += len(some)
        if n_left_out:
            _log.warning("Zotero did not take the notes of %d suggestions", n_left_out)

    def _settle(self, slot: Slot, report: Report, places: range) -> bool:
        """Takes what became of a suggestion into its receipt; whether its note was taken."""
        item = slot.item
        if item is None:
            if failed := report.failed.get(places[0]):
                self._fail(slot, _reason(failed))
                return True
            item = content(report.written[places[0]])
        written = report.written.get(places[-1])
        self._keep(slot, item, content(written) if written else None)
        # One that a key without rights for notes does not show may be there already.
        return written is not None or report.failed[places[-1]].code == _EXISTS

    def _keep(self, slot: Slot, item: dict[str, Any], note: dict[str, Any] | None) -> None:
        one = slot.suggestion
        shelf = self._collections.holding(item.get("collections", ()))
        # What was there may have been changed by somebody; what is written now was not.
        as_made = slot.item is None or (note and self._settings.as_sent(one, item, note))
        memo = Memo.of(item, note, shelf) if as_made and shelf else Memo(slot.item_key)
        if not shelf and mark_in_extra(item.get("extra")) == one.suggestion_id:
            # The reader has moved it since; another profile's was never put there by us.
            shelf = self._collections.known_shelf()
        prefix = self._client.prefix
        self._receipts[one.suggestion_id] = Receipt(
            one.suggestion_id,
            place=prefix + slot.item_key,
            shelf=prefix + shelf if shelf else "",
            memo=str(memo),
        )

    def _fail(self, slot: Slot, why: str) -> None:
        one = slot.suggestion.suggestion_id
        self._receipts[one] = Receipt(one, why)

    def _make(self, name: str, parent: str, path: str) -> str:
        key = made_key(self._client.library, "collection", path)
        made = {"key": key, "version": 0, "name": name, "parentCollection": parent or False}
        report = self._client.post("collections", [made], unmodified_since=self._version)
        failed = report.failed.get(0)
        if failed and failed.code == _CONFLICT:
            raise StaleLibrary(SERVICE, _CHANGED)
        if failed and failed.code != _EXISTS:
            message = f"Zotero did not take the collection “{name}” ({failed.message}); set another"
            raise PermanentError(SERVICE, f"{message} shelf.collection")
        self._advance(report)
        return key

    def _advance(self, report: Report) -> None:
        """Counts our own writes into the version that the next one is for, and nobody else's."""
        if report.written:
            before = report.version if self._version is None else self._version
            self._version = min(report.version, before + len(report.written))


_Group = tuple[Slot, list[dict[str, Any]]]


def _batches(groups: Iterable[_Group]) -> Iterator[list[_Group]]:
    """The groups in as many writes as it takes, each whole in one."""
    batch: list[_Group] = []
    for group in groups:
        if sum(len(some) for _, some in [*batch, group]) > BATCH:
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch


def _reason(failed: Failed) -> str:
    if failed.code in {_EXISTS, _CONFLICT}:
        return _CHANGED
    return f"Zotero did not take it ({failed.code}: {failed.message})"


_CHANGED = "the library was changed meanwhile; run again"
_NO_PLACE = "Zotero has other items under every key that we would give it; run again"
