"""Names and row numbers: different things, bridged here only."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names in a fixed order; a name's place in it is its row number.

    Attributes:
        names: Without repetition.
    """

    names: tuple[str, ...]
    _numbers: dict[str, int]

    @classmethod
    def of(cls, names: Iterable[str]) -> "Vocabulary":
        """The vocabulary of the names, each at the place where it first came."""
        unique = tuple(dict.fromkeys(names))
        return cls(unique, {name: number for number, name in enumerate(unique)})

    def __len__(self) -> int:
        return len(self.names)

    def number(self, name: str) -> int:
        """The row number of a name.

        Raises:
            KeyError: If the vocabulary does not have it.
        """
        return self._numbers[name]
