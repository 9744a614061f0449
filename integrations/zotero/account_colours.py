"""Tag colours: which ones there are to be, beside the reader's own. Pure."""

from collections.abc import Sequence
from typing import Any

from integrations.zotero.client import SERVICE
from recommender.errors import PermanentError

PLACES = 9
"""How many tags can have a colour: one for each number key."""


def coloured(
    own: Sequence[Any], wanted: Sequence[tuple[str, str]]
) -> tuple[list[Any], tuple[str, ...]]:
    """All colours that there are to be, and the names of the tags that are new among them.

    The reader's own stay as they are, in their order, which gives each its number key.

    Args:
        own: What Zotero has, each with ``name`` and ``color``.
        wanted: Names with colours.

    Raises:
        PermanentError: If there is no place for them.
    """
    names = {str(one.get("name", "")).casefold() for one in own if isinstance(one, dict)}
    new = [(name, colour) for name, colour in wanted if name.casefold() not in names]
    if len(own) + len(new) > PLACES:
        message = (
            f"Zotero has {PLACES} places for coloured tags, and {len(own)} are taken; free"
            f" {len(own) + len(new) - PLACES} in Zotero's tag list, or use the tags without colour"
        )
        raise PermanentError(SERVICE, message)
    added = [{"name": name, "color": colour} for name, colour in new]
    return [*own, *added], tuple(name for name, _ in new)
