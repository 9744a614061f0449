"""Suggestions onto the shelf through the Zotero on this computer, which gives the keys itself.

A write whose answer was lost is recognised by three things: the mark in the item, a note in our
memory that we had begun, and a write token that Zotero takes only once. An item is made outside
the shelf and then put on it: making it there would move what the reader looks at.
"""

import logging
from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

from integrations.zotero.client import SERVICE, Client, Conflict, Failed
from integrations.zotero.items import is_trashed
from integrations.zotero.keys import mark_in_extra, mark_in_note, write_token
from integrations.zotero.shelf_collections import ShelfCollections
from integrations.zotero.shelf_local_memory import Begun
from integrations.zotero.shelf_reading import by_key, contents, whole
from integrations.zotero.shelf_values import Memo, ShelfSettings
from recommender.errors import PermanentError
from recommender.suggestions import Receipt, Suggestion

_log = logging.getLogger(__name__)


class LocalWriting:
    """One call of ``publish`` on this computer.

    Args:
        client: The library.
        memory: Keeps the collections' keys, and what was begun.
        settings: How the shelf looks.

    Raises:
        PermanentError: If this Zotero cannot be written to.
    """

    def __init__(
        self, client: Client, memory: MutableMapping[str, str], settings: ShelfSettings
    ) -> None:
        server_id = client.server_id()
        if server_id is None:
            message = "this Zotero only lets itself be read; update it to Zotero 10, or use a key"
            raise PermanentError(SERVICE, f"{message} of zotero.org (shelfwise init)")
        self._client = client
        self._server_id = server_id
        self._begun = Begun(memory, server_id)
        self._settings = settings
        self._collections = ShelfCollections(client, memory, settings, self._make)
        # What was there before this call, by its mark.
        self._marked: dict[str, dict[str, Any]] = {}

    def publish(self, suggestions: Sequence[Suggestion]) -> list[Receipt]:
        """A receipt or failure for each, in the same order."""
        unique = {s.suggestion_id: s for s in suggestions}
        self._look(unique)
        # All collections before the first item, so that a lost shelf leaves nothing behind.
        shelves = {
            one: self._collections.of_interest(suggestion.interest)
            for one, suggestion in unique.items()
            if self._is_unfinished(one)
        }
        receipts = {
            one: self._published(suggestion, shelves.get(one, ""))
            for one, suggestion in unique.items()
        }
        return [receipts[s.suggestion_id] for s in suggestions]

    def _look(self, wanted: Iterable[str]) -> None:
        """Looks for the items of suggestions in the library and its trash, by their marks."""
        wanted = set(wanted)
        self._note_marks(whole(self._client, "items", tag=self._settings.tag)[0])
        # Of those that were begun, the reader may have removed the tag.
        keys = [key for one in wanted - self._marked.keys() if (key := self._begun.key(one))]
        self._note_marks(by_key(self._client, keys)[0].values())
        if wanted - self._marked.keys():
            # Zotero leaves out what is in the trash wherever it is asked for tags or keys.
            self._note_marks(whole(self._client, "items/trash")[0])

    def _note_marks(self, items: Iterable[dict[str, Any]]) -> None:
        for item in items:
            if mark := mark_in_extra(item.get("extra")):
                self._marked.setdefault(mark, item)

    def _is_unfinished(self, one: str) -> bool:
        """Whether something is still to be written for it."""
        item = self._marked.get(one)
        if item is None:
            return not self._begun.key(one)
        return one in self._begun and not is_trashed(item)

    def _published(self, suggestion: Suggestion, shelf: str) -> Receipt:
        one = suggestion.suggestion_id
        unfinished = self._is_unfinished(one)
        item = self._marked.get(one)
        if item is None and unfinished:
            item, failure = self._created(suggestion)
            if failure:
                return Receipt(one, failure)
        note: dict[str, Any] | None = None
        if item is not None and not is_trashed(item):
            note = self._read_note(suggestion, item) if one in self._marked else None
            if note is None and unfinished:
                note = self._write_note(suggestion, item)
            if unfinished and not item.get("collections"):
                item, failure = self._put(suggestion, item, shelf)
                if failure:
                    return Receipt(one, failure)
        self._begun.forget(one)
        if item is None:
            # It was made, and then deleted for good.
            return Receipt(one)
        return self._receipt(suggestion, item, note, was_put=not unfinished)

    def _receipt(
        self,
        suggestion: Suggestion,
        item: dict[str, Any],
        note: dict[str, Any] | None,
        *,
        was_put: bool,
    ) -> Receipt:
        shelf = self._collections.holding(item.get("collections", ()))
        untouched = shelf and note and self._settings.as_sent(suggestion, item, note)
        memo = Memo.of(item, note, shelf) if untouched else Memo(item["key"])
        if not shelf and was_put:
            # The reader has moved it since.
            shelf = self._collections.known_shelf()
        prefix = self._client.prefix
        return Receipt(
            suggestion.suggestion_id,
            place=prefix + item["key"],
            shelf=prefix + shelf if shelf else "",
            memo=str(memo),
        )

    def _created(self, suggestion: Suggestion) -> tuple[dict[str, Any] | None, str]:
        """The item made of a suggestion, or why it was not made.

        Neither where it was made before, and deleted for good since.
        """
        one = suggestion.suggestion_id
        name = self._begun.begin(one)
        try:
            report = self._client.post(
                "items", [self._settings.item(suggestion)], token=self._token("item", name)
            )
        except Conflict as error:
            if not error.repeated:
                raise
            self._look([one])
            return self._marked.get(one), ""
        if failed := report.failed.get(0):
            # Zotero may take the token for used, though nothing was made.
            self._begun.failed(one)
            return None, _reason(failed)
        [item] = contents(report.written.values())
        self._begun.made(one, item["key"])
        return item, ""

    def _read_note(self, suggestion: Suggestion, item: dict[str, Any]) -> dict[str, Any] | None:
        children, _ = whole(self._client, f"items/{item['key']}/children")
        one = suggestion.suggestion_id
        return next((note for note in children if mark_in_note(note.get("note")) == one), None)

    def _write_note(self, suggestion: Suggestion, item: dict[str, Any]) -> dict[str, Any] | None:
        """The note of an item that nobody touched; nothing where it was not to be."""
        one = suggestion.suggestion_id
        if not self._settings.as_sent(suggestion, item, None):
            return None
        note = self._settings.note(suggestion, item["key"])
        try:
            token = self._token("note", self._begun.name(one))
            report = self._client.post("items", [note], token=token)
        except Conflict as error:
            if not error.repeated:
                raise
            # It was made, and the reader deleted it.
            return None
        if report.failed:
            _log.warning("Zotero did not take the note of a suggestion")
            return None
        return contents(report.written.values())[0]

    def _put(
        self, suggestion: Suggestion, item: dict[str, Any], shelf: str
    ) -> tuple[dict[str, Any], str]:
        """The item, put on the shelf if nobody touched it, and why it could not be."""
        if not self._settings.as_sent(suggestion, item, None):
            return item, ""
        path = f"items/{item['key']}"
        try:
            version = int(item["version"])
            self._client.patch(path, {"collections": [shelf]}, unmodified_since=version)
        except Conflict as error:
            return item, str(error)
        return {**item, "collections": [shelf]}, ""

    def _make(self, name: str, parent: str, path: str) -> str:
        made = {"name": name, "parentCollection": parent or False}
        token = self._token("collection", path)
        try:
            report = self._client.post("collections", [made], token=token)
        except Conflict as error:
            if not error.repeated:
                raise
            message = f"the shelf “{path}” was made and is gone; set another shelf.collection"
            raise PermanentError(SERVICE, message) from error
        if failed := report.failed.get(0):
            message = f"Zotero did not take the collection “{name}” ({failed.message}); set another"
            raise PermanentError(SERVICE, f"{message} shelf.collection")
        return str(report.written[0]["key"])

    def _token(self, what: str, name: str) -> str:
        return write_token(f"{self._server_id} {self._client.library}", what, name)


def _reason(failed: Failed) -> str:
    return f"Zotero did not take it ({failed.code}: {failed.message})"
