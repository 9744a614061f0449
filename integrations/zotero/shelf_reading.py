"""What the shelf reads: whole lists, each as of one version of the library."""

from collections.abc import Iterable, Sequence
from typing import Any

from integrations.zotero.client import BATCH, SERVICE, Client
from integrations.zotero.client_answers import shaped
from recommender.errors import StaleLibrary


def whole(client: Client, path: str, **params: Any) -> tuple[list[dict[str, Any]], int | None]:
    """The ``data`` of everything on a list, and the library's version.

    Raises:
        StaleLibrary: If the library changed between two pages, so that something may be missing.
    """
    pages = list(client.pages(path, **params))
    if len({page.version for page in pages}) > 1:
        raise StaleLibrary(SERVICE, "the library was changed while it was read; run again")
    return contents(one for page in pages for one in page.value), pages[0].version


def by_key(client: Client, keys: Sequence[str]) -> tuple[dict[str, dict[str, Any]], int | None]:
    """The ``data`` of the items of these keys that are there, and the library's version at first.

    In the trash too, on zotero.org; what hangs on them comes with them, on this computer.
    """
    found: dict[str, dict[str, Any]] = {}
    first: int | None = None
    for start in range(0, len(keys), BATCH):
        some = ",".join(keys[start : start + BATCH])
        items, version = whole(client, "items", itemKey=some, includeTrashed=1)
        found |= {item["key"]: item for item in items}
        first = version if first is None else first
    return found, first


def content(value: Any) -> dict[str, Any]:
    """The ``data`` of an object, with its ``key`` and ``version``.

    Raises:
        BadResponse: If it is no object of Zotero's.
    """
    found = shaped(shaped(value, dict, "an object is none").get("data"), dict, "it has no data")
    key = shaped(found.get("key") or value.get("key"), str, "an object has no key")
    version = shaped(value.get("version"), int, "an object has no version")
    return {**found, "key": key, "version": version}


def contents(values: Iterable[Any]) -> list[dict[str, Any]]:
    """The ``data`` of each of these objects."""
    return [content(value) for value in values]
