"""Which part of a library a profile learns from. Pure.

What is left out is still known: a paper that the reader has anywhere is never suggested.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from recommender.library import Item, Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What counts as the reader's interest, by collection and tag; all of it at first.

    A collection is named by its path, ``Thesis/Methods``, or by a pattern of paths, in which ``*``
    stands for any characters but ``/``, and ``**`` for any at all; case does not matter. What is
    inside a named collection is named too.

    Attributes:
        include: Patterns of collections; without any, all items count, filed or not.
        exclude: Patterns of collections; an item in one of them does not count, wherever else it
            is filed.
        include_tags: With any of these, an item counts only if it has one of them.
        exclude_tags: An item with one of these does not count.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()

    def of(self, library: Library) -> Library:
        """The library with the items that count."""
        paths = library.paths()
        inside = frozenset(k for k, path in paths.items() if named(path, self.include))
        outside = frozenset(k for k, path in paths.items() if named(path, self.exclude))
        wanted, unwanted = _folded(self.include_tags), _folded(self.exclude_tags)

        def counts(item: Item) -> bool:
            tags = _folded(tag.name for tag in item.tags)
            return (
                (not self.include or not inside.isdisjoint(item.collections))
                and outside.isdisjoint(item.collections)
                and (not wanted or not wanted.isdisjoint(tags))
                and unwanted.isdisjoint(tags)
            )

        return replace(library, items=tuple(filter(counts, library.items)))

    def unmatched(self, library: Library) -> tuple[str, ...]:
        """The patterns that name no collection of the library, and so are perhaps misspelt."""
        paths = library.paths().values()
        patterns = (*self.include, *self.exclude)
        return tuple(p for p in patterns if not any(named(path, (p,)) for path in paths))


def named(path: str, patterns: Iterable[str]) -> bool:
    """Whether a collection is one that a pattern names, as ``Scope`` says, or inside one.

    Args:
        path: Where it stands, as ``Library.paths`` gives it.
        patterns: Any of which may name it.
    """
    # A name may hold a stroke of its own; so the whole path is compared, not name by name.
    spelt = path.replace(" / ", "/").casefold()
    return any(_expression(pattern).fullmatch(spelt) for pattern in patterns)


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    names = "/".join(name.strip() for name in pattern.casefold().strip("/").split("/"))
    within = names.removesuffix("/**")
    found = "".join(_WILD.get(piece, re.escape(piece)) for piece in _PIECES.split(within))
    return re.compile(f"{found}(?:/.*)?", re.S)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


_PIECES = re.compile(r"(\*\*/|\*\*|\*|\?)")
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
