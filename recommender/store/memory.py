"""The store's part for adapters: what each keeps between runs."""

from collections.abc import Iterator, MutableMapping

from recommender.store import rows
from recommender.store.database import Database

_SAVE = """
INSERT INTO memory (owner, name, value) VALUES (?, ?, ?)
ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value
"""


class StoredMemory(MutableMapping[str, str]):
    """Texts by name, as the file has them at the moment of asking, in the order of the names.

    Setting or deleting one is a transaction of its own. Every method raises ``StoreError`` where
    the file cannot be used.
    """

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = rows.bindable(owner)

    def __getitem__(self, name: str) -> str:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT value FROM memory WHERE owner = ? AND name = ?",
                (self._owner, rows.bindable(name)),
            ).fetchone()
        if found is None:
            raise KeyError(name)
        return str(found[0])

    def __setitem__(self, name: str, value: str) -> None:
        row = self._owner, rows.bindable(name), rows.bindable(value)
        with self._database.writing() as connection:
            connection.execute(_SAVE, row)

    def __delitem__(self, name: str) -> None:
        with self._database.writing() as connection:
            gone = connection.execute(
                "DELETE FROM memory WHERE owner = ? AND name = ?",
                (self._owner, rows.bindable(name)),
            ).rowcount
        if not gone:
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT name FROM memory WHERE owner = ? ORDER BY name", (self._owner,)
            ).fetchall()
        return iter([name for (name,) in found])

    def __len__(self) -> int:
        with self._database.reading() as connection:
            return int(
                connection.execute(
                    "SELECT count(*) FROM memory WHERE owner = ?", (self._owner,)
                ).fetchone()[0]
            )
