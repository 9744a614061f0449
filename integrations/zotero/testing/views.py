"""Which objects a list shows, in which order, which page of them, and the links between pages.

What the Web API and the local APIs have in common; where they differ it is an argument. Pure.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from integrations.zotero.item_types import ITEM_TYPES
from integrations.zotero.testing.world import Json, Library, Stored
from recommender.papers import date_in

_COMMON_TITLES = ("title", "caseName", "nameOfAct", "subject")
_KEY = re.compile(r"[23456789ABCDEFGHIJKLMNPQRSTUVWXYZ]{8}")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})[/.](\d{1,2})[/.](\d{4})\s*")

_MONTHS = 12

Choices = tuple[bool, tuple[str, ...]]
"""Whether it is negated, and the alternatives."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which items a request wants; every part narrows.

    Attributes:
        since: Only what has a higher version; None for all.
        keys: Only these; empty for all.
        tags: Sets of which each must be met: (negated, the names of which one is enough).
        item_types: (negated, types), or None for all.
        words: Of which each must stand in a title, a creator's name, or be the year.
        trashed: Whether what is in the trash is left out, shown too, or shown alone.
        notes: Whether notes may be seen.
        exact_tags: Whether tags are told apart by case.
    """

    since: int | None = None
    keys: tuple[str, ...] = ()
    tags: tuple[Choices, ...] = ()
    item_types: Choices | None = None
    words: tuple[str, ...] = ()
    trashed: Literal["hide", "show", "only"] = "hide"
    notes: bool = True
    exact_tags: bool = False

    @property
    def reaches_children(self) -> bool:
        """Whether a list of top-level items is searched for children too, to show their parents."""
        return bool(self.keys or self.tags or self.item_types or self.words)


def is_key(text: str) -> bool:
    """Whether the text could be an object's key."""
    return _KEY.fullmatch(text) is not None


def choices(text: str) -> Choices:
    """A parameter of the form ``-a || b``: whether it is negated, and its alternatives."""
    negated = text.startswith("-")
    if negated or text.startswith("\\-"):
        text = text[1:]
    return negated, tuple(re.split(r"\s+\|\|\s+", text))


def search_words(text: str) -> tuple[str, ...]:
    """The words of a quick search, what stands in double quotes in one piece."""
    found = re.findall(r'"([^"]+)"|([^\s"]+)', text)
    return tuple((quoted or bare).casefold() for quoted, bare in found)


def matching(items: Iterable[Stored], wish: Wish) -> list[Stored]:
    """The items that meet the wish, in their order."""
    tests = _tests(wish)
    return [item for item in items if all(test(item) for test in tests)]


def _tests(wish: Wish) -> list[Callable[[Stored], bool]]:
    tests: list[Callable[[Stored], bool]] = []
    if wish.keys:
        keys = frozenset(wish.keys)
        tests.append(lambda item: item.key in keys)
    if wish.since is not None:
        since = wish.since
        tests.append(lambda item: item.version > since)
    if wish.trashed != "show":
        shown = wish.trashed == "only"
        tests.append(lambda item: bool(item.data.get("deleted")) is shown)
    if not wish.notes:
        tests.append(lambda item: item.data.get("itemType") != "note")
    if wish.item_types:
        negated, types = wish.item_types
        # The server leaves annotations out of every negation.
        without = {*types, "annotation"} if negated else set(types)
        tests.append(lambda item: (item.data.get("itemType") in without) is not negated)
    tests += [_tag_test(alternatives, exact=wish.exact_tags) for alternatives in wish.tags]
    tests += [_word_test(word) for word in wish.words]
    return tests


def _tag_test(alternatives: Choices, *, exact: bool) -> Callable[[Stored], bool]:
    negated, names = alternatives

    def fold(text: str) -> str:
        return text if exact else text.casefold()

    wanted = {fold(name) for name in names}

    def test(item: Stored) -> bool:
        has = any(fold(str(tag["tag"])) in wanted for tag in item.data.get("tags", ()))
        return has is not negated

    return test


def _word_test(word: str) -> Callable[[Stored], bool]:
    def test(item: Stored) -> bool:
        names = (
            f"{c.get('firstName', '')} {c.get('lastName', '')}{c.get('name', '')}".strip()
            for c in item.data.get("creators", ())
        )
        return (
            any(word in text.casefold() for text in (title_of(item.data), *names))
            or parsed_date(item.data)[:4] == word
        )

    return test


def title_of(data: Json) -> str:
    """What an item is called in a list: its title, or the first line of a note."""
    if data.get("itemType") == "note":
        text = re.sub(
            r"<[^>]*>",
            "",
            re.sub(r"</?(?:p|div|h\d|li|br)\b[^>]*>", "\n", str(data.get("note", ""))),
        )
        return next((line.strip() for line in text.splitlines() if line.strip()), "")
    return next((str(data[name]) for name in _COMMON_TITLES if data.get(name)), "")


def parsed_date(data: Json) -> str:
    """An item's date as ``YYYY[-MM[-DD]]``, empty where it has none that can be read."""
    item_type = ITEM_TYPES.get(str(data.get("itemType")))
    text = str(data.get(item_type.field("date"), "") if item_type else "")
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
        if int(month) > _MONTHS:
            day, month = month, day
        return date_in(f"{year}-{month}-{day}")
    return date_in(text)


def creator_names(data: Json) -> list[str]:
    """The family names of the creators that stand for an item: its primary ones, else editors."""
    creators: Sequence[Json] = data.get("creators") or ()
    item_type = ITEM_TYPES.get(str(data.get("itemType")))
    primary = item_type.creators[0] if item_type and item_type.creators else "author"
    for role in (primary, "editor", "contributor"):
        if chosen := [c for c in creators if c.get("creatorType") == role]:
            return [str(c.get("name") or c.get("lastName") or "") for c in chosen]
    return []


def creator_summary(data: Json, around: str = "{}") -> str:
    """``A``, ``A and B`` or ``A et al.``; ``around`` is put about each name of two."""
    names = creator_names(data)
    if len(names) > len("AB"):
        return f"{names[0]} et al."
    return " and ".join(around.format(n) for n in names) if len(names) > 1 else "".join(names)


def collated(text: str) -> str:
    """A key by which texts are sorted without regard to case, accents and leading marks."""
    plain = unicodedata.normalize("NFKD", re.sub(r"^[\W_]+(?=\w)", "", text))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def ordered(items: Iterable[Stored], sort: str, direction: str) -> list[Stored]:
    """Items in a list's order; what is equal follows in the order of version and making."""
    rank: Callable[[Stored], tuple[Any, ...]]
    if sort in ("dateAdded", "dateModified", "serverDateModified", "addedBy"):
        name = "dateAdded" if sort == "addedBy" else sort.replace("serverD", "d")

        def rank(item: Stored) -> tuple[Any, ...]:
            return item.data.get(name, ""), item.version, item.rank
    else:
        text = _TEXTS.get(sort) or (lambda data: str(data.get(sort, "")))

        def rank(item: Stored) -> tuple[Any, ...]:
            value = collated(text(item.data))
            empty = sort not in ("title", "date") and not value
            return empty, value, item.version, item.rank

    return sorted(items, key=rank, reverse=direction == "desc")


_TEXTS: Mapping[str, Callable[[Json], str]] = {
    "title": title_of,
    "name": lambda data: str(data.get("name", "")),
    "creator": creator_summary,
    "date": parsed_date,
    "itemType": lambda data: re.sub(r"([A-Z])", r" \1", str(data.get("itemType", ""))),
}


def tag_counts(items: Iterable[Stored]) -> dict[tuple[str, int], int]:
    """How many of the items have each tag, by its name and type, sorted by name."""
    counts: dict[tuple[str, int], int] = {}
    for item in items:
        for tag in item.data.get("tags", ()):
            named = str(tag["tag"]), int(tag.get("type", 0))
            counts[named] = counts.get(named, 0) + 1
    return {tag: counts[tag] for tag in sorted(counts, key=lambda t: (t[0].casefold(), t))}


def top_of(library: Library, items: Iterable[Stored]) -> list[Stored]:
    """The items at the top above these, each once, in order; only those that exist."""
    found: dict[str, Stored] = {}
    for item in items:
        above = item
        while parent := above.data.get("parentItem"):
            if parent not in library.items:
                break
            above = library.items[parent]
        found.setdefault(above.key, above)
    return list(found.values())


def link_addresses(
    address: str, params: Mapping[str, str], start: int, limit: int, total: int
) -> dict[str, str]:
    """The addresses of the other pages of a list, by rel.

    Args:
        address: Of the list, without a query.
        params: What the query repeats, without ``start``.
        start: Of this page.
        limit: Of this page; zero for no limit.
        total: How many there are.
    """

    def page(at: int) -> str:
        query = urlencode(sorted([*params.items(), *([("start", str(at))] if at > 0 else [])]))
        return f"{address}?{query}" if query else address

    found: dict[str, str] = {}
    if start:
        found |= {"first": page(0), "prev": page(start - limit)}
    if limit and (start or limit < total):
        if start + limit < total:
            found["next"] = page(start + limit)
        end = total - limit if start >= total or total % limit == 0 else total - total % limit
        if page(end) != page(start):
            found["last"] = page(end)
    return found


def link_header(addresses: Mapping[str, str]) -> str:
    """A Link header of addresses by rel."""
    return ", ".join(f'<{address}>; rel="{rel}"' for rel, address in addresses.items())
