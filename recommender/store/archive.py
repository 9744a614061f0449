"""The store's part for looking back: one suggestion, the last ones, and all of them, searched."""

from dataclasses import dataclass
from enum import StrEnum

from recommender.spelling import flattened
from recommender.store import rows
from recommender.store.database import Database
from recommender.store.suggested import Suggestions
from recommender.suggestions import Shown

# What the reader said stands over the state, which follows with the next run.
_STANDING = """
CASE verdict WHEN 'good' THEN 'good' WHEN 'bad' THEN 'bad' ELSE CASE state
    WHEN 'kept' THEN 'good' WHEN 'dismissed' THEN 'bad' WHEN 'expired' THEN 'passed'
    ELSE 'waiting'
END END
"""
_LAST = """
SELECT suggestion_id FROM suggestions
WHERE profile = ?1 AND verdict IS NOT 'forgotten' AND suggested_at = (
    SELECT max(suggested_at) FROM suggestions
    WHERE profile = ?1 AND verdict IS NOT 'forgotten'
)
ORDER BY rank, suggestion_id
"""


class Standing(StrEnum):
    """How a suggestion stands, as the reader sees it."""

    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Found:
    """Some of what was found.

    Attributes:
        n: How much was found in all.
        shown: The part of it that was asked for.
    """

    n: int
    shown: tuple[Shown, ...]


class Archive(Suggestions):
    """What was suggested, to be looked at again; not what the reader had forgotten."""

    _database: Database

    def one_shown(self, suggestion_id: str) -> tuple[str, Shown] | None:
        """A suggestion with all that is known of it and its profile; None where there is none.

        Raises:
            StoreError: If the file cannot be read.
        """
        key = rows.bindable(suggestion_id)
        with self._database.reading() as connection:
            whose = connection.execute(
                "SELECT profile FROM suggestions WHERE suggestion_id = ?", (key,)
            ).fetchone()
        if whose is None:
            return None
        [one] = self.shown_of([key])
        return whose[0], one

    def last_shown(self, profile: str) -> tuple[Shown, ...]:
        """What was suggested last, at one time, by rank.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(_LAST, (rows.bindable(profile),)).fetchall()
        return self.shown_of([key for (key,) in found])

    def search(
        self,
        profile: str,
        text: str = "",
        standing: Standing | None = None,
        *,
        start: int = 0,
        n: int,
    ) -> Found:
        """What was suggested to a profile, the latest first, then by rank.

        Args:
            profile: The profile's name.
            text: What is found has each of these words, or a longer one, in its title, authors,
                venue or abstract; case and accents do not count. Empty for everything.
            standing: How what is found stands; None for however.
            start: How much of what is found is passed over.
            n: How much is given at the most.

        Raises:
            StoreError: If the file cannot be read.
        """
        # So many words narrow nothing any more; each costs a look at every text.
        words = dict.fromkeys(flattened(rows.bindable(text)).split()[:_MOST_WORDS])
        sql = "SELECT suggestion_id FROM suggestions"
        sql += " JOIN searched USING (suggestion_id)" if words else ""
        sql += " WHERE profile = ? AND verdict IS NOT 'forgotten'"
        sql += f" AND {_STANDING} = ?" if standing else ""
        sql += " AND instr(words, ?)" * len(words)
        sql += " ORDER BY suggested_at DESC, rank, suggestion_id"
        asked = (rows.bindable(profile), *([standing.value] if standing else []), *words)
        with self._database.reading() as connection:
            found = [key for (key,) in connection.execute(sql, asked)]
        return Found(len(found), self.shown_of(found[max(start, 0) :][: max(n, 0)]))


_MOST_WORDS = 20
