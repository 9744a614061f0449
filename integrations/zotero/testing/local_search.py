"""Which items a list of the local API holds: its search, with what is odd about it.

The program searches in steps. Each step sees what the step before found and all below that, and
leaves out what is in the trash unless it was told otherwise, which only the first step can be.
"""

from collections.abc import Callable, Mapping, Sequence

from integrations.zotero.testing.local_routes import Route
from integrations.zotero.testing.local_views import is_trashed
from integrations.zotero.testing.views import (
    Wish,
    choices,
    is_key,
    matching,
    search_words,
)
from integrations.zotero.testing.world import Library, Stored

Values = Mapping[str, Sequence[str]]


def found_items(library: Library, route: Route, values: Values) -> list[Stored]:
    """The items of the endpoint that pass the request's filters, in the order of making.

    Args:
        library: Where to look.
        route: An endpoint that lists items.
        values: Every value of each parameter of the request.
    """
    found = _first_step(library, route, values)
    if keys := _last(values, "itemKey"):
        named = [library.items[key] for key in keys.split(",") if key in library.items]
        within = _with_children(library, _live(library, named))
        found = {key: item for key, item in found.items() if key in within}
    for test in (*_tests(values, "itemType"), *_tests(values, "tag")):
        within = _with_children(library, found)
        found = _live(library, [item for item in within.values() if test(item)])
    found.pop(route.name if route.pattern[-1] == "children" else "", None)
    return sorted(found.values(), key=lambda item: item.rank)


def _first_step(library: Library, route: Route, values: Values) -> dict[str, Stored]:
    in_trash = "trash" in route.pattern
    matched = [item for item in library.items.values() if _is_meant(library, route, item)]
    if in_trash:
        matched = [item for item in matched if item.data.get("deleted")]
    if words := _last(values, "q"):
        matched = _quick_search(matched, words, everything=_last(values, "qmode") == "everything")
    if "top" in route.pattern:
        found = {item.key: item for item in matched if not item.data.get("parentItem")}
    else:
        found = _with_children(library, {item.key: item for item in matched})
    if in_trash or _last(values, "includeTrashed") == "1":
        return found
    return _live(library, list(found.values()))


def _is_meant(library: Library, route: Route, item: Stored) -> bool:
    if route.pattern[0] == "publications":
        return False
    if route.pattern[:2] == ("collections", "*"):
        if item.data.get("itemType") == "annotation":
            return False
        # The condition is dropped for a collection that does not exist: all items are listed.
        known = route.name in library.collections
        return not known or route.name in item.data.get("collections", ())
    if route.pattern[-1] == "children":
        return item.key == route.name and is_key(route.name)
    return True


def _quick_search(items: list[Stored], text: str, *, everything: bool) -> list[Stored]:
    if not everything:
        return matching(items, Wish(words=search_words(text), trashed="show"))

    def holds(item: Stored, word: str) -> bool:
        texts = (value for value in item.data.values() if isinstance(value, str))
        return any(word in value.casefold() for value in texts) or bool(
            matching([item], Wish(words=(word,), trashed="show"))
        )

    return [item for item in items if all(holds(item, word) for word in search_words(text))]


def _tests(values: Values, name: str) -> list[Callable[[Stored], bool]]:
    tests: list[Callable[[Stored], bool]] = []
    for text in values.get(name, ()):
        negated, wanted = choices(text)

        def test(
            item: Stored, *, negated: bool = negated, wanted: tuple[str, ...] = wanted
        ) -> bool:
            if name == "itemType":
                has = {str(item.data.get("itemType"))}
            else:
                has = {str(tag["tag"]) for tag in item.data.get("tags", ())}
            # "-a || b" asks for any that is not a or is not b, which is nearly everything.
            return any((each in has) is not negated for each in wanted)

        tests.append(test)
    return tests


def _with_children(library: Library, items: Mapping[str, Stored]) -> dict[str, Stored]:
    found = dict(items)
    for key in items:
        for below in library.descendants("items", key):
            found[below] = library.items[below]
    return found


def _live(library: Library, items: Sequence[Stored]) -> dict[str, Stored]:
    return {item.key: item for item in items if not is_trashed(library, item)}


def _last(values: Values, name: str) -> str:
    return values[name][-1] if values.get(name) else ""
