"""The store's part for publishers: what each has to deliver, and to take away again.

A row of the outbox goes one way: pending or failed, delivered, retiring, and then retired or, where
somebody had changed what was made, touched.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from recommender.store import rows
from recommender.store.database import Database
from recommender.suggestions import Receipt, Suggestion

_PENDING = """
SELECT suggestion_id, rank, suggested_at, payload
FROM outbox JOIN suggestions USING (suggestion_id)
WHERE publisher = ? AND outbox.state IN ('pending', 'failed')
    AND profile = ? AND suggestions.state = 'pending'
ORDER BY suggested_at, rank, suggestion_id
"""
# What is delivered stays so, whatever a later attempt says. An item can have been made although
# the delivery failed after it: its place is not forgotten when the next attempt fails sooner.
_SAVE_RECEIPT = """
UPDATE outbox
SET state = :state, attempts = attempts + 1, last_failure = :failure, changed_at = :at,
    delivered_at = CASE :state WHEN 'delivered' THEN :at END,
    place = coalesce(nullif(:place, ''), place),
    shelf = coalesce(nullif(:shelf, ''), shelf),
    memo = coalesce(nullif(:memo, ''), memo)
WHERE suggestion_id = :key AND publisher = :publisher AND state IN ('pending', 'failed')
"""
_DELIVERED_BY_ALL = """
UPDATE suggestions SET state = 'delivered', state_at = ?
WHERE suggestion_id = ? AND state = 'pending'
    AND EXISTS (SELECT 1 FROM outbox AS one WHERE one.suggestion_id = suggestions.suggestion_id)
    AND NOT EXISTS (
        SELECT 1 FROM outbox AS other
        WHERE other.suggestion_id = suggestions.suggestion_id
            AND other.state IN ('pending', 'failed')
    )
"""
_STRANDED = """
SELECT DISTINCT suggestion_id
FROM outbox JOIN suggestions USING (suggestion_id)
WHERE profile = ? AND suggestions.state = 'pending' AND outbox.state IN ('pending', 'failed')
    AND publisher NOT IN (SELECT value FROM json_each(?))
"""
_GIVE_UP = """
DELETE FROM outbox
WHERE suggestion_id = ? AND state IN ('pending', 'failed')
    AND publisher NOT IN (SELECT value FROM json_each(?))
"""
_TAKE_ON = """
INSERT OR IGNORE INTO outbox (suggestion_id, publisher, state, changed_at)
SELECT ?, value, 'pending', ? FROM json_each(?)
"""
_TO_RETIRE = """
SELECT suggestion_id, place, shelf, memo
FROM outbox JOIN suggestions USING (suggestion_id)
WHERE publisher = ? AND outbox.state = 'retiring' AND profile = ?
ORDER BY suggested_at, rank, suggestion_id
"""
_SAVE_RETIRED = """
UPDATE outbox
SET state = :state, attempts = attempts + 1, last_failure = :failure, changed_at = :at
WHERE suggestion_id = :key AND publisher = :publisher AND state = 'retiring'
"""


class Outbox:
    """What each publisher is to do with the suggestions, by the publisher's name."""

    _database: Database

    def pending(self, profile: str, publisher: str) -> tuple[Suggestion, ...]:
        """What a publisher has still to deliver to a profile, failures too.

        The oldest delivery first, each in the order of rank. What was kept, dismissed or expired
        meanwhile is not delivered any more.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(_PENDING, (rows.bindable(publisher), profile)).fetchall()
        return tuple(self._database.values(rows.suggestion_of, found))

    def record_receipts(self, publisher: str, receipts: Iterable[Receipt], *, at: datetime) -> None:
        """Write down what a publisher said of a delivery: all of it, or nothing.

        A pending suggestion becomes delivered when every publisher that was to deliver it has. A
        failure stays to be delivered, but what is delivered stays delivered, as it was. Receipts
        for what the publisher was not asked for are passed over.

        Args:
            publisher: The publisher's name.
            receipts: Its word on each suggestion; an empty place, shelf or memo leaves the one
                that an earlier attempt gave.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        said = _said(publisher, receipts, at)
        with self._database.writing() as connection:
            for row in said:
                state = "failed" if row["failure"] else "delivered"
                connection.execute(_SAVE_RECEIPT, row | {"state": state})
                connection.execute(_DELIVERED_BY_ALL, (row["at"], row["key"]))

    def hand_over(self, profile: str, *, publishers: Collection[str], at: datetime) -> None:
        """Give what publishers that are no more were to deliver to those that there are now.

        A shelf that was given another name or place is another publisher. What the others have
        delivered already counts as delivered. Repeating the call changes nothing.

        Args:
            profile: The profile's name.
            publishers: All that the profile has now; without any, nothing is handed over.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        if not publishers:
            return
        now, names = rows.instant(at), json.dumps(sorted(map(rows.bindable, publishers)))
        with self._database.writing() as connection:
            for (key,) in connection.execute(_STRANDED, (profile, names)).fetchall():
                connection.execute(_GIVE_UP, (key, names))
                connection.execute(_TAKE_ON, (key, now, names))
                connection.execute(_DELIVERED_BY_ALL, (now, key))

    def to_retire(self, profile: str, publisher: str) -> tuple[Receipt, ...]:
        """What a publisher has still to take away from a profile, as it was delivered.

        The oldest delivery first, each in the order of rank; failures too.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(_TO_RETIRE, (rows.bindable(publisher), profile)).fetchall()
        return tuple(
            Receipt(key, place=place, shelf=shelf, memo=memo) for key, place, shelf, memo in found
        )

    def record_retired(self, publisher: str, receipts: Iterable[Receipt], *, at: datetime) -> None:
        """Write down what a publisher said of taking away: all of it, or nothing.

        A failure stays to be taken away; what was touched is left for good. Receipts for what the
        publisher was not asked for are passed over.

        Args:
            publisher: The publisher's name.
            receipts: Its word on each suggestion; their places and memos stay as delivered.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        said = _said(publisher, receipts, at)
        with self._database.writing() as connection:
            connection.executemany(_SAVE_RETIRED, said)


def _said(publisher: str, receipts: Iterable[Receipt], at: datetime) -> list[dict[str, str]]:
    """Receipts as the statements take them, with the state that each leads to when taking away."""
    now, publisher = rows.instant(at), rows.bindable(publisher)
    return [
        {
            "publisher": publisher,
            "key": rows.bindable(receipt.suggestion_id),
            "state": _state_after(receipt),
            "failure": rows.bindable(receipt.failure),
            "place": rows.bindable(receipt.place),
            "shelf": rows.bindable(receipt.shelf),
            "memo": rows.bindable(receipt.memo),
            "at": now,
        }
        for receipt in receipts
    ]


def _state_after(receipt: Receipt) -> str:
    if receipt.failure:
        return "retiring"
    return "touched" if receipt.touched else "retired"
