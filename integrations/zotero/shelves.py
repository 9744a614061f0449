"""Which collections of a library are ours: by what is remembered, by their keys, by their place.

The one home of the names under which a shelf remembers its collections. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from integrations.zotero.item_types import MAX_COLLECTION_NAME_CHARACTERS
from integrations.zotero.keys import made_key
from recommender.library import Collection, Library

Ours = Callable[[Iterable[Collection]], frozenset[str]]
"""Tells of all of a library's collections which are our shelf's: their keys."""

_REMEMBERED = "shelf:"


def shelf_name(library: str) -> str:
    """What a library's shelf is called in reports and in the outbox.

    The same on every way to the library and wherever in it the shelf is: what waits in the outbox
    waits for this name.

    Args:
        library: As the settings name it: ``user`` or ``group:<number>``.
    """
    group = library.removeprefix("group:")
    return "the shelf in Zotero" if group == library else f"the shelf in Zotero, group {group}"


def memory_name(path: str) -> str:
    """Under which name the key of the collection of a path is remembered."""
    return _REMEMBERED + path


def shelf_keys(memory: Mapping[str, str]) -> frozenset[str]:
    """The keys of the collections that a shelf remembers as its own, without the group."""
    return frozenset(memory[name] for name in memory if name.startswith(_REMEMBERED))


def inner_path(path: str, interest: str) -> str:
    """The path of an interest's collection on the shelf of a path."""
    return f"{path}/{collection_name(interest)}"


def collection_name(text: str) -> str:
    """A text as Zotero keeps it as a collection's name: without needless blanks, and cut."""
    return " ".join(text.split())[:MAX_COLLECTION_NAME_CHARACTERS].strip()


def our_collections(
    collections: Iterable[Collection],
    *,
    library: str,
    path: str,
    remembered: Mapping[str, str],
    per_interest: bool = False,
) -> frozenset[str]:
    """The keys of the collections that are our shelf's, of these and spelled as they are.

    These are what was remembered, what has a key that only we give, and, where neither leads to a
    shelf, the collection that has the shelf's place: one that another computer made through the
    Zotero there, or that we made and forgot. So nothing is learnt from our own shelf where it was
    never delivered to.

    Args:
        collections: All of the library's; in a group's, ``groups/<number>/`` may stand before each
            key.
        library: As zotero.org calls it: ``users/1`` or ``groups/2``.
        path: The shelf's, as ``ShelfSettings.path`` spells it.
        remembered: The shelf's memory.
        per_interest: Whether the collections in the place of an interest's are ours, too.
    """
    everything = tuple(collections)
    there = {c.key.rpartition("/")[2]: c.key for c in everything}
    made = made_key(library, "collection", path)
    known = remembered.get(memory_name(path)) or (made if made in there else "")
    shelf = there.get(known, "") if known else next(_in_place(everything, path), "")
    inner = {inner_path(path, name): collection_name(name) for name in filing_paths(everything)}
    own = {made_key(library, "collection", of) for of in inner} | {made}
    ours = {there[key] for key in own | shelf_keys(remembered) if key in there}
    if shelf:
        ours.add(shelf)
    if shelf and per_interest:
        names = set(inner.values())
        ours |= {c.key for c in everything if c.parent == shelf and _named(c) in names}
    return frozenset(ours)


def filing_paths(collections: Iterable[Collection]) -> frozenset[str]:
    """The paths of the reader's collections, as interests are named by them: ``Thesis / Methods``.

    Those that are ``ours`` have none.
    """
    return frozenset(Library(collections=tuple(collections)).paths().values())


def _in_place(collections: tuple[Collection, ...], path: str) -> Iterator[str]:
    """The keys of the collections that stand in a path, those in the trash left out."""
    around: set[str | None] = {None}
    here: list[str] = []
    for name in path.split("/"):
        here = [
            c.key for c in collections if c.parent in around and _named(c) == name and not c.trashed
        ]
        around = {*here}
    return iter(here)


def _named(collection: Collection) -> str:
    return " ".join(collection.name.split())
