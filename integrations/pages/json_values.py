"""Values out of JSON that may be of any kind: as the kind that a record promises. Pure."""

from collections.abc import Mapping, Sequence

from integrations.files.records import storable

LONGEST = 2000
"""How many characters of an id or an address are looked at."""


def mapping(value: object) -> Mapping[str, object]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[object]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else ()


def mappings(value: object) -> list[Mapping[str, object]]:
    """The objects in a list."""
    return [one for one in items(value) if isinstance(one, Mapping)]


def string(value: object) -> str:
    """An id or an address as it is spelled, or a whole number; empty for anything else."""
    # In Python, True and False are numbers, and those of thousands of digits cannot be spelled.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    return storable(value[:LONGEST]).strip() if isinstance(value, str) else ""
