"""The libraries that can be reached, with their collections, to choose from."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from integrations.zotero.account_settings import Wanted
from integrations.zotero.account_ways import Ways
from integrations.zotero.client import Client
from integrations.zotero.client_answers import content, shaped
from integrations.zotero.convert import collection
from integrations.zotero.database import libraries
from recommender.errors import NotAuthorized
from recommender.library import Collection, Library
from recommender.ports import Choice


def choices(wanted: Wanted, ways: Ways) -> tuple[Choice, ...]:
    """The reader's own library and the groups', on the way on which libraries are read.

    Raises:
        IntegrationError: If no way leads there, or the key may not read.
    """
    way = ways.reading()
    if way.kind == "database":
        assert way.file is not None  # noqa: S101 - a database is a file
        return tuple(_in_file(way.file, wanted, ways))
    if way.kind == "local":
        return tuple(_here(ways))
    return tuple(_on_the_web(ways))


def access(rights: Mapping[str, Any], library: str) -> Mapping[str, Any]:
    """What a key may do with a library of the settings: ``library``, ``write``, ``notes``."""
    found = rights.get("access")
    found = found if isinstance(found, Mapping) else {}
    if library == "user":
        mine = found.get("user")
        return mine if isinstance(mine, Mapping) else {}
    groups = found.get("groups")
    groups = groups if isinstance(groups, Mapping) else {}
    number = library.removeprefix("group:")
    one = groups.get(number, groups.get("all"))
    return one if isinstance(one, Mapping) else {}


def _in_file(file: Path, wanted: Wanted, ways: Ways) -> Iterator[Choice]:
    shelf = wanted.shelf_way(has_key=ways.has_key)
    rights: Mapping[str, Any] = {}
    if shelf == "web":
        with ways.web("users/0") as client:
            rights = client.key_rights()
    # That none runs at the moment says nothing of what will be written to.
    here = ways.here() if shelf == "local" else None
    is_old = bool(here and here.refusal is None and here.server_id is None)
    for held in libraries(file):
        place = f"group:{held.prefix.split('/')[1]}" if held.prefix else "user"
        may = bool(access(rights, place).get("write")) if shelf == "web" else not is_old
        writable = may and shelf != "none"
        yield Choice(place, held.called, _paths(held.collections), writable=writable)


def _here(ways: Ways) -> Iterator[Choice]:
    can_write = ways.here().server_id is not None
    with ways.client("user", "local") as client:
        yield Choice("user", "My Library", _collections(client), writable=can_write)
        groups = list(_groups(client))
    for number, name in groups:
        yield _group(ways, number, name, "local", writable=can_write)


def _on_the_web(ways: Ways) -> Iterator[Choice]:
    with ways.client("user", "web") as client:
        rights = client.key_rights()
        own = access(rights, "user")
        if own.get("library"):
            writable = bool(own.get("write"))
            yield Choice("user", "My Library", _collections(client), writable=writable)
        groups = list(_groups(client))
    for number, name in groups:
        allowed = access(rights, f"group:{number}")
        if allowed.get("library"):
            yield _group(ways, number, name, "web", writable=bool(allowed.get("write")))


def _group(
    ways: Ways, number: int, name: str, way: Literal["local", "web"], *, writable: bool
) -> Choice:
    place = f"group:{number}"
    try:
        with ways.client(place, way) as client:
            return Choice(place, name, _collections(client), writable=writable)
    except NotAuthorized:
        # A group that is listed and may not be read all the same.
        return Choice(place, name, writable=False)


def _groups(client: Client) -> Iterator[tuple[int, str]]:
    for page in client.pages("groups"):
        for one in page.value:
            found = shaped(shaped(one, dict, "a group is none").get("data"), dict, "it is empty")
            number = shaped(found.get("id"), int, "a group has no number")
            yield number, str(found.get("name", ""))


def _collections(client: Client) -> tuple[str, ...]:
    return _paths(collections(client, ""))


def collections(client: Client, prefix: str) -> list[Collection]:
    """All of a library's collections.

    Args:
        client: The library.
        prefix: Stands before their keys.

    Raises:
        IntegrationError: If they cannot be read.
    """
    found: list[Collection] = []
    for page in client.pages("collections"):
        for one in page.value:
            content(one)
            found.append(collection(one, prefix))
    return found


def _paths(found: Iterable[Collection]) -> tuple[str, ...]:
    paths = Library(collections=tuple(found)).paths().values()
    return tuple(sorted((path.replace(" / ", "/") for path in paths), key=str.casefold))
