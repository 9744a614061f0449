"""Values out of JSON that may be of any kind: as the kind that a record promises. Pure."""

from collections.abc import Mapping, Sequence

from integrations.files.records import storable

LONGEST = 2000
"""How many characters an id or an address has at most."""


def mapping(value: object) -> Mapping[str, object]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def inside(value: object, *path: str) -> object:
    """What stands at the end of a path of names; None where the path ends before."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def items(value: object) -> Sequence[object]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else ()


def mappings(value: object) -> list[Mapping[str, object]]:
    """The objects in a list."""
    return [one for one in items(value) if isinstance(one, Mapping)]


def string(value: object) -> str:
    """An id or an address as it is spelled, or a whole number; empty for anything else.

    Of what is longer than ``LONGEST`` a part would be another name.
    """
    # In Python, True and False are numbers, and those of thousands of digits cannot be spelled.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        return ""
    return storable(value).strip()
