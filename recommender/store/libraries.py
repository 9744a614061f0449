"""The store's part for libraries: entries, collections, and how far each was read."""

from collections.abc import Iterable, Sequence

from recommender.library import Collection, Entry, Item, Library, OtherKind, Unreadable
from recommender.store import rows
from recommender.store.database import Database

_SAVE_ENTRY = """
INSERT INTO entries (library, key, version, kind, payload) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (library, key) DO UPDATE
SET version = excluded.version, kind = excluded.kind, payload = excluded.payload
"""
_SAVE_VERSION = """
INSERT INTO cursors (reads, name, value) VALUES ('library', ?, ?)
ON CONFLICT (reads, name) DO UPDATE SET value = excluded.value
"""


class Libraries:
    """What was read of each library, by the library's name."""

    _database: Database

    def library_version(self, library: str) -> str | None:
        """Up to which version a library is saved; None before its first sync is complete."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT value FROM cursors WHERE reads = 'library' AND name = ?",
                (rows.bindable(library),),
            ).fetchone()
        return found[0] if found else None

    def known_entries(self, library: str) -> dict[str, str]:
        """The version of each saved entry of a library, by key, in the order of first sight."""
        with self._database.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT key, version FROM entries WHERE library = ? ORDER BY position",
                    (rows.bindable(library),),
                )
            )

    def save_entries(
        self,
        library: str,
        entries: Iterable[tuple[Entry, str]],
        *,
        drop: Iterable[str] = (),
        collections: Sequence[Collection] = (),
        version: str,
    ) -> None:
        """Carry out a sync: all of it is saved together with its version, or nothing.

        The entries are read before the file is locked, so they may come from the network. Of an
        entry that comes twice the last counts; one that is dropped and saved is saved. Repeating
        the call changes nothing.

        Args:
            library: The library's name.
            entries: Each entry to save with its own version.
            drop: Keys to forget; unknown ones are passed over.
            collections: All of the library's collections.
            version: What to ask for changes since, next time.

        Raises:
            StoreError: If the file cannot be written.
        """
        library = rows.bindable(library)
        saved = [
            (library, rows.bindable(entry.key), own_version, *rows.entry_row(entry))
            for entry, own_version in entries
        ]
        staying = {row[1] for row in saved}
        dropped = [(library, key) for key in map(rows.bindable, drop) if key not in staying]
        folders = [(library, i, rows.collection_row(c)) for i, c in enumerate(collections)]
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM entries WHERE library = ? AND key = ?", dropped)
            connection.executemany(_SAVE_ENTRY, saved)
            connection.execute("DELETE FROM collections WHERE library = ?", (library,))
            connection.executemany("INSERT INTO collections VALUES (?, ?, ?)", folders)
            connection.execute(_SAVE_VERSION, (library, version))

    def library(self, library: str) -> Library:
        """A library as it was last saved, in the order of first sight; empty if it never was.

        Raises:
            StoreError: If the file cannot be read.
        """
        library = rows.bindable(library)
        with self._database.reading() as connection:
            # Not all the texts at once: they take as much room as what is made of them.
            entry_rows = connection.execute(
                "SELECT key, kind, payload FROM entries WHERE library = ? ORDER BY position",
                (library,),
            )
            entries = self._database.values(rows.entry_of, entry_rows)
            folder_rows = connection.execute(
                "SELECT payload FROM collections WHERE library = ? ORDER BY position", (library,)
            ).fetchall()
        return Library(
            items=tuple(e for e in entries if isinstance(e, Item)),
            collections=tuple(self._database.values(rows.collection_of, folder_rows)),
            others=tuple(e for e in entries if isinstance(e, OtherKind)),
            skipped=tuple(e.skipped for e in entries if isinstance(e, Unreadable)),
        )
