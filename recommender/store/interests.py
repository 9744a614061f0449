"""The store's part for interests: what the reader made of them."""

import json
import math
from collections.abc import Collection
from datetime import datetime

from recommender.guidance import Pinned
from recommender.store import rows
from recommender.store.database import Database

_SAVE = """
REPLACE INTO interests (profile, called, keys, factor, changed_at) VALUES (?, ?, ?, ?, ?)
"""


class Interests:
    """What a reader made of single interests, by the profile's name and the interest's."""

    _database: Database

    def pins(self, profile: str) -> tuple[Pinned, ...]:
        """What a profile's reader made of interests, in the order of their names.

        Raises:
            StoreError: If the file cannot be read, or holds a pin that cannot be understood.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT called, keys, factor FROM interests WHERE profile = ? ORDER BY called",
                (rows.bindable(profile),),
            ).fetchall()
        return tuple(self._database.values(_pin_of, found))

    def pin(
        self, profile: str, pinned: Pinned, *, replaces: Collection[str] = (), at: datetime
    ) -> None:
        """Write down what the reader made of an interest.

        It takes the place of what goes by its name, and of those that it replaces: all of it, or
        nothing.

        Args:
            profile: The profile's name.
            pinned: With a factor that is finite and not negative.
            replaces: Names that are given up; unknown ones are passed over.
            at: When this is.

        Raises:
            ValueError: If the factor is none.
            StoreError: If the file cannot be written.
        """
        if not 0 <= pinned.factor < math.inf:
            raise ValueError(f"{pinned.factor} is no factor")
        keys = json.dumps(list(pinned.keys))
        row = (rows.bindable(pinned.called), keys, float(pinned.factor), rows.instant(at))
        profile = rows.bindable(profile)
        gone = [(profile, rows.bindable(name)) for name in replaces]
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM interests WHERE (profile, called) = (?, ?)", gone)
            connection.execute(_SAVE, (profile, *row))

    def unpin(self, profile: str, called: str) -> None:
        """Take back what the reader made of an interest; an unknown name is passed over.

        Raises:
            StoreError: If the file cannot be written.
        """
        row = (rows.bindable(profile), rows.bindable(called))
        with self._database.writing() as connection:
            connection.execute("DELETE FROM interests WHERE (profile, called) = (?, ?)", row)


def _pin_of(called: str, keys: str, factor: float) -> Pinned:
    value = rows.value_of(keys)
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise TypeError("no list of keys")
    if not 0 <= factor < math.inf:
        raise ValueError("no factor")
    return Pinned(called, tuple(value), float(factor))
