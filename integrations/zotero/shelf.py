"""A collection in Zotero as the shelf: where suggestions appear, and from where they go again."""

from collections.abc import Callable, MutableMapping, Sequence

from integrations.zotero.client import Client
from integrations.zotero.notes import select_link
from integrations.zotero.shelf_local import LocalWriting
from integrations.zotero.shelf_retiring import retired
from integrations.zotero.shelf_values import ShelfSettings
from integrations.zotero.shelf_web import WebWriting
from recommender.suggestions import Receipt, Suggestion

__all__ = ["ShelfSettings", "ZoteroShelf"]


class ZoteroShelf:
    """A collection of one library, which it makes; each suggestion on it is an item with a note.

    It writes only objects that it made. An item is put into the trash when it is retired, and only
    if nobody changed, filed or annotated it.

    Args:
        client: The library, on zotero.org or on this computer.
        memory: Keeps the collections' keys between runs, and what was begun.
        settings: How the shelf looks.
        since: The version of the library up to which it was read, on zotero.org; None if unknown.
        name: In reports and in the outbox: the same on either way and wherever the collection is.
    """

    def __init__(
        self,
        client: Client,
        *,
        memory: MutableMapping[str, str],
        settings: ShelfSettings,
        since: Callable[[], int | None],
        name: str,
    ) -> None:
        self._client = client
        self._memory = memory
        self._settings = settings
        self._since = since
        self._name = name

    @property
    def name(self) -> str:
        """Its name in reports and in the outbox."""
        return self._name

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Put suggestions on the shelf: a receipt or failure for each, in the same order.

        Repeating changes nothing: what is there, or in the trash, gets its receipt and stays. One
        that was made and then deleted for good gets a receipt without a place, where that can be
        told.

        Raises:
            StaleLibrary: If the library has moved on since it was read; no item was written.
            PermanentError: If the reader took the shelf away, or the library cannot be written to.
            NotAuthorized: If the key may not write.
            TransientError: If Zotero failed; what was written is recognised the next time.
        """
        if not suggestions:
            return []
        if self._client.is_local:
            return LocalWriting(self._client, self._memory, self._settings).publish(suggestions)
        writing = WebWriting(self._client, self._memory, self._settings, self._since())
        return writing.publish(suggestions)

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Put items into the trash that nobody touched: a receipt or failure for each.

        What was touched stays as it is, and its receipt says so. Repeating changes nothing: what
        the reader has taken out of the trash stays out of it.

        Raises:
            NotAuthorized: If the key may not write.
            TransientError: If Zotero failed; what is in the trash by then is recognised later.
        """
        return retired(self._client, receipts)

    def address(self, place: str) -> str:
        """What shows an item inside Zotero; empty where the key is none of Zotero's."""
        return select_link(place)
