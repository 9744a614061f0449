"""What the Zotero on a computer does not show to who asks for a choice of keys: its trash."""

from collections.abc import Mapping
from typing import Any

from integrations.zotero.client import Client, Conflict
from integrations.zotero.client_answers import content

_FEW = 3


class Unshown:
    """Items that a choice of keys left out, read one by one, and from the fourth on all at once.

    Args:
        client: A library of the Zotero on this computer.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._n_missed = 0
        self._trash: dict[str, Mapping[str, Any]] | None = None

    def item(self, key: str) -> Mapping[str, Any] | None:
        """The object of a key, in the trash or not; None where there is none.

        Raises:
            IntegrationError: If it cannot be read.
        """
        self._n_missed += 1
        if self._n_missed > _FEW and self._trash is None:
            pages = self._client.pages("items/trash")
            self._trash = {content(one)["key"]: one for page in pages for one in page.value}
        if self._trash and key in self._trash:
            return self._trash[key]
        try:
            found = self._client.read(f"items/{key}").value
        except Conflict as error:
            if not error.gone:
                raise
            return None
        content(found)
        return dict(found)
