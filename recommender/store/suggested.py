"""The store's part for suggestions: what was chosen, what became of it, and the outbox."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from recommender.store import rows
from recommender.store.database import Database
from recommender.suggestions import Receipt, State, Suggestion

_SAVE_SUGGESTION = """
INSERT INTO suggestions (suggestion_id, profile, payload, rank, suggested_at, state, state_at)
VALUES (?, ?, ?, ?, ?, 'pending', ?)
ON CONFLICT (suggestion_id) DO NOTHING
"""
_PENDING = """
SELECT suggestion_id, rank, suggested_at, payload
FROM outbox JOIN suggestions USING (suggestion_id)
WHERE publisher = ? AND outbox.state <> 'delivered'
    AND profile = ? AND suggestions.state = 'pending'
ORDER BY suggested_at, rank, suggestion_id
"""
# What is delivered stays so, whatever a later attempt says.
_SAVE_RECEIPT = """
UPDATE outbox SET state = ?, attempts = attempts + 1, last_failure = ?, changed_at = ?
WHERE suggestion_id = ? AND publisher = ? AND state <> 'delivered'
"""
_DELIVERED_BY_ALL = """
UPDATE suggestions SET state = 'delivered', state_at = ?
WHERE suggestion_id = ? AND state = 'pending'
    AND EXISTS (SELECT 1 FROM outbox AS one WHERE one.suggestion_id = suggestions.suggestion_id)
    AND NOT EXISTS (
        SELECT 1 FROM outbox AS other
        WHERE other.suggestion_id = suggestions.suggestion_id AND other.state <> 'delivered'
    )
"""


class Suggestions:
    """What was suggested to each profile, by the profile's name."""

    _database: Database

    def suggestions(
        self, profile: str, states: Collection[State] | None = None
    ) -> Iterator[tuple[Suggestion, State]]:
        """What was suggested to a profile and what became of it, oldest first, then by rank.

        Args:
            profile: The profile's name.
            states: What is in another state is left out; None leaves out nothing.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT suggestion_id, rank, suggested_at, payload, state FROM suggestions"
                " WHERE profile = ? ORDER BY suggested_at, rank, suggestion_id",
                (profile,),
            ).fetchall()
        wanted = [row for row in found if states is None or row[-1] in states]
        made = self._database.values(rows.suggestion_of, (row[:-1] for row in wanted))
        became = self._database.values(State, (row[-1:] for row in wanted))
        return iter(zip(made, became, strict=True))

    def add_suggestions(
        self,
        profile: str,
        suggestions: Iterable[Suggestion],
        *,
        publishers: Collection[str],
        at: datetime,
    ) -> None:
        """Write down what was chosen and who is to deliver it: all of it, or nothing.

        A suggestion that was written before stays as it is, so repeating the call changes nothing.

        Args:
            profile: The profile's name.
            suggestions: What was chosen.
            publishers: Who is to deliver each of them; without any they stay pending for good.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        now = rows.instant(at)
        # Whoever makes suggestions as they are asked for does not keep the file locked.
        chosen = tuple(suggestions)
        with self._database.writing() as connection:
            for one in chosen:
                key, when = one.suggestion_id, rows.instant(one.suggested_at)
                row = (key, profile, rows.suggestion_row(one), one.rank, when, now)
                if not connection.execute(_SAVE_SUGGESTION, row).rowcount:
                    continue
                connection.executemany(
                    "INSERT INTO outbox (suggestion_id, publisher, state, changed_at)"
                    " VALUES (?, ?, 'pending', ?)",
                    {(key, rows.bindable(publisher), now) for publisher in publishers},
                )

    def pending(self, profile: str, publisher: str) -> tuple[Suggestion, ...]:
        """What a publisher has still to deliver to a profile, failures too.

        The oldest delivery first, each in the order of rank. What was kept, dismissed or expired
        meanwhile is not delivered any more.
        """
        with self._database.reading() as connection:
            found = connection.execute(_PENDING, (rows.bindable(publisher), profile)).fetchall()
        return tuple(self._database.values(rows.suggestion_of, found))

    def record_receipts(self, publisher: str, receipts: Iterable[Receipt], *, at: datetime) -> None:
        """Write down what a publisher said: all of it, or nothing.

        A pending suggestion becomes delivered when every publisher that was to deliver it has. A
        failure stays to be delivered, but what is delivered stays delivered. Receipts for what the
        publisher was not asked for are passed over.

        Args:
            publisher: The publisher's name.
            receipts: Its word on each suggestion.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        now = rows.instant(at)
        receipts, publisher = tuple(receipts), rows.bindable(publisher)
        with self._database.writing() as connection:
            for receipt in receipts:
                key, failure = receipt.suggestion_id, rows.bindable(receipt.failure)
                state = "failed" if failure else "delivered"
                connection.execute(_SAVE_RECEIPT, (state, failure, now, key, publisher))
                connection.execute(_DELIVERED_BY_ALL, (now, key))

    def record_states(self, states: Mapping[str, State], *, at: datetime) -> None:
        """Write down what became of suggestions: all of it, or nothing.

        Args:
            states: The new state by the suggestion's id; unknown ids are passed over.
            at: When this is; a suggestion that is in its state already keeps its moment.

        Raises:
            StoreError: If the file cannot be written.
        """
        now = rows.instant(at)
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE suggestions SET state = ?, state_at = ?"
                " WHERE suggestion_id = ? AND state <> ?",
                [(state.value, now, key, state.value) for key, state in states.items()],
            )
