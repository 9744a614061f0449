"""The store's part for what models said of papers in a sentence: each is asked for once."""

from datetime import datetime

from recommender.store import rows
from recommender.store.database import Database

_SUMMARY = """
SELECT summary FROM summaries
WHERE model = ? AND language = ? AND content = ? AND typeof(summary) = 'text'
"""
_KEEP = "REPLACE INTO summaries (model, language, content, made_at, summary) VALUES (?, ?, ?, ?, ?)"


class Summaries:
    """What models said. It can be said again, so a row that is damaged is as good as none."""

    _database: Database

    def summary(self, model: str, language: str, content: str) -> str | None:
        """What a model said of a paper; None if it was not asked yet.

        Args:
            model: Its name.
            language: In which it was asked to write.
            content: A digest of the paper's text.

        Raises:
            StoreError: If the file cannot be read.
        """
        key = tuple(map(rows.bindable, (model, language, content)))
        with self._database.reading() as connection:
            found = connection.execute(_SUMMARY, key).fetchone()
        return str(found[0]) if found else None

    def keep_summary(
        self, model: str, language: str, content: str, summary: str, *, at: datetime
    ) -> None:
        """Write down what a model said of a paper, in place of what it said before.

        Args:
            model: Its name.
            language: In which it was asked to write.
            content: A digest of the paper's text.
            summary: What it said; empty where it had nothing to say.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        key = map(rows.bindable, (model, language, content))
        row = (*key, rows.instant(at), rows.bindable(summary))
        with self._database.writing() as connection:
            connection.execute(_KEEP, row)
