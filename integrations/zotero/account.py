"""A Zotero account: the libraries, the shelf, and how everything is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.zotero import account_checks, account_choices
from integrations.zotero.account_colours import coloured
from integrations.zotero.account_settings import Wanted
from integrations.zotero.account_ways import Tracked, Ways
from integrations.zotero.client import SERVICE, Client, Conflict, Patience
from integrations.zotero.client_answers import shaped
from integrations.zotero.shelf import ZoteroShelf
from integrations.zotero.shelves import shelf_name
from recommender.errors import PermanentError
from recommender.ports import Choice, Finding, Memory

_ATTEMPTS = 3


class ZoteroAccount:
    """Zotero on this computer, on zotero.org, or its database, as the settings choose.

    Args:
        settings: The section ``[library]``, with the section ``[shelf]`` in it.
        key: For zotero.org; empty without one.
        memory: What the library, the shelf and this keep between runs.
        now: When this is.
        patience: How long a request may take.

    Raises:
        ConfigError: If the settings name what there cannot be.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        key: str,
        memory: Memory,
        now: datetime,
        patience: Patience | None = None,
    ) -> None:
        self._wanted = Wanted.of(settings)
        self._ways = Ways(self._wanted, key, memory, patience)
        self._now = now
        self._managers: tuple[Tracked, ...] = ()

    def libraries(self) -> Sequence[Tracked]:
        """The libraries that the settings name; the shelf is in the first.

        Raises:
            IntegrationError: If no way leads there.
        """
        if not self._managers:
            self._managers = tuple(map(self._ways.manager, self._wanted.libraries))
        return self._managers

    def shelf(self) -> ZoteroShelf | None:
        """The collection for suggestions; None where the settings want none.

        Raises:
            IntegrationError: If it cannot be told whose key it is.
        """
        way = self._wanted.shelf_way(has_key=self._ways.has_key)
        if way == "none":
            return None
        library = self._wanted.libraries[0]
        return ZoteroShelf(
            self._ways.client(library, way),
            memory=self._ways.compartment(library),
            settings=self._wanted.shelf,
            since=self._read_up_to,
            name=shelf_name(library),
        )

    def check(self) -> Iterator[Finding]:
        """The Zotero here, the key, each library, the shelf, and the clock."""
        return account_checks.findings(self._wanted, self._ways, self._now)

    def choices(self) -> Sequence[Choice]:
        """The libraries that can be reached on the chosen way, the reader's own first.

        Raises:
            IntegrationError: If no way leads there, or the key may not read.
        """
        return account_choices.choices(self._wanted, self._ways)

    def authorise(self, before: Callable[[], None] = lambda: None) -> str:
        """Have Zotero ask the reader whether it may be written to: the key, which is remembered.

        Args:
            before: Called when Zotero is about to ask, which takes as long as they take.

        Raises:
            NotAuthorized: If the reader denies it, or allows it once only.
            TransientError: If Zotero does not run here.
        """
        return self._ways.authorise(before)

    def colour(self, tags: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Give tags colours, beside the reader's own, and give those that were coloured now.

        Args:
            tags: Names with colours.

        Raises:
            PermanentError: If no place is left for a colour, or there is no key to do it with.
        """
        if not self._ways.has_key:
            message = (
                "only zotero.org takes tag colours from programs, and there is no key; give a tag"
                " its colour in Zotero's tag list (right-click), or use it without"
            )
            raise PermanentError(SERVICE, message)
        with self._ways.client(self._wanted.libraries[0], "web") as client:
            for attempt in range(1, _ATTEMPTS + 1):
                own, version = _colours(client)
                whole, new = coloured(own, tags)
                try:
                    if new:
                        client.put_setting("tagColors", whole, unmodified_since=version)
                except Conflict:
                    # The reader is choosing colours at this moment: theirs come first.
                    if attempt == _ATTEMPTS:
                        raise
                else:
                    return new
        raise AssertionError

    def _read_up_to(self) -> int | None:
        return self._managers[0].web_version() if self._managers else None


def _colours(client: Client) -> tuple[list[Any], int]:
    """The colours that there are, and their version; none and 0 before the first."""
    try:
        found = shaped(client.read("settings/tagColors").value, dict, "the colours are no object")
    except Conflict as error:
        if not error.gone:
            raise
        return [], 0
    colours = shaped(found.get("value"), list, "the colours are no list")
    return colours, shaped(found.get("version"), int, "the colours have no version")
