"""The store's part for suggestions: what was chosen, and what became of it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from recommender.store import rows
from recommender.store.database import Database
from recommender.suggestions import Shown, State, Suggestion, Verdict

_SAVE_SUGGESTION = """
INSERT INTO suggestions
    (suggestion_id, profile, payload, rank, suggested_at, state, state_at, seal)
VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, seal_of(?1, ?2, ?3))
ON CONFLICT (suggestion_id) DO NOTHING
"""
SAVE_SEARCHED = "INSERT OR IGNORE INTO searched VALUES (?, searched_of(?))"
"""Writes down by what a suggestion is found, of its id and payload."""
_SHOWN = """
SELECT suggestion_id, rank, suggested_at, payload, state, seen, verdict
FROM suggestions WHERE {which}
ORDER BY suggested_at, rank, suggestion_id
"""
_DELIVERIES = """
SELECT suggestion_id, outbox.state, place, shelf, delivered_at
FROM suggestions CROSS JOIN outbox USING (suggestion_id)
WHERE {which}
"""
_OF_PROFILE = "profile = ?"
_THESE = "suggestions.suggestion_id IN (SELECT value FROM json_each(?))"


class _Delivery(NamedTuple):
    """What one publisher made of a suggestion."""

    state: str
    place: str
    shelf: str
    delivered_at: str | None


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

    def shown(self, profile: str) -> tuple[Shown, ...]:
        """What was suggested to a profile with all that is known of it, oldest first, then by rank.

        One that several publishers deliver was delivered when the latest of those that have did
        it.

        Raises:
            StoreError: If the file cannot be read.
        """
        return self._shown(_OF_PROFILE, profile)

    def shown_of(self, suggestion_ids: Sequence[str]) -> tuple[Shown, ...]:
        """Some suggestions with all that is known of them, in the order of their ids as given.

        Unknown ids are passed over.

        Raises:
            StoreError: If the file cannot be read.
        """
        places = {key: place for place, key in enumerate(suggestion_ids)}
        found = self._shown(_THESE, json.dumps([rows.bindable(key) for key in places]))
        return tuple(sorted(found, key=lambda one: places[one.suggestion.suggestion_id]))

    def _shown(self, which: str, wanted: str) -> tuple[Shown, ...]:
        with self._database.reading() as connection:
            found = connection.execute(_SHOWN.format(which=which), (wanted,)).fetchall()
            delivery_rows = connection.execute(
                _DELIVERIES.format(which=which), (wanted,)
            ).fetchall()
        deliveries: dict[str, list[_Delivery]] = defaultdict(list)
        for key, *columns in delivery_rows:
            deliveries[key].append(_Delivery(*columns))
        return tuple(
            self._database.values(
                _shown, ((row[:4], *row[4:], deliveries[row[0]]) for row in found)
            )
        )

    def answered_since(self, profile: str, at: datetime) -> frozenset[str]:
        """The ids of a profile's suggestions of which something was said outright after a moment.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT suggestion_id FROM suggestions WHERE profile = ? AND verdict_at > ?",
                (profile, rows.instant(at)),
            ).fetchall()
        return frozenset(key for (key,) in found)

    def states_since(self, profile: str) -> dict[str, datetime]:
        """Since when each of a profile's suggestions is in its state, by the suggestion's id.

        Raises:
            StoreError: If the file cannot be read, or holds a moment that cannot be understood.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT suggestion_id, state_at FROM suggestions WHERE profile = ?", (profile,)
            ).fetchall()
        return dict(self._database.values(lambda key, at: (key, rows.moment(at)), found))

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
                connection.execute(SAVE_SEARCHED, (key, row[2]))
                connection.executemany(
                    "INSERT INTO outbox (suggestion_id, publisher, state, changed_at)"
                    " VALUES (?, ?, 'pending', ?)",
                    {(key, rows.bindable(publisher), now) for publisher in publishers},
                )

    def record_learnt(
        self,
        states: Mapping[str, State],
        *,
        seen: Collection[str] = (),
        retire: Collection[str] = (),
        at: datetime,
    ) -> None:
        """Write down what the library tells of suggestions: all of it, or nothing.

        Repeating the call changes nothing. Unknown ids are passed over.

        Args:
            states: The new state by the suggestion's id.
            seen: Suggestions of which an item was seen in the library; it stays so until
                ``forget_seen``.
            retire: Suggestions that every publisher which delivered them is to take away again.
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
            connection.executemany(
                "UPDATE suggestions SET seen = 1 WHERE suggestion_id = ?", [(key,) for key in seen]
            )
            connection.executemany(
                "UPDATE outbox SET state = 'retiring', changed_at = ?"
                " WHERE suggestion_id = ? AND state = 'delivered'",
                [(now, key) for key in retire],
            )

    def forget_seen(self) -> None:
        """Forget which suggestions were seen in a library, so that no absence means anything.

        Those that are there are seen again as soon as the library is read.

        Raises:
            StoreError: If the file cannot be written.
        """
        with self._database.writing() as connection:
            connection.execute("UPDATE suggestions SET seen = 0 WHERE seen")

    def record_verdict(self, suggestion_id: str, verdict: Verdict | None, *, at: datetime) -> None:
        """Write down what the reader said of a suggestion outright, in place of what was said.

        Args:
            suggestion_id: The suggestion's id; an unknown one is passed over.
            verdict: None takes back what was said.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        row = (verdict, rows.instant(at), suggestion_id)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE suggestions SET verdict = ?, verdict_at = ? WHERE suggestion_id = ?", row
            )


def _shown(
    suggestion: tuple[str, int, str, str],
    state: str,
    seen: int,
    verdict: str | None,
    deliveries: Sequence[_Delivery],
) -> Shown:
    delivered = [one.delivered_at for one in deliveries if one.delivered_at]
    return Shown(
        suggestion=rows.suggestion_of(*suggestion),
        state=State(state),
        places=frozenset(one.place for one in deliveries if one.place),
        shelves=frozenset(one.shelf for one in deliveries if one.shelf),
        delivered_at=rows.moment(max(delivered)) if delivered else None,
        seen=bool(seen),
        # A feed that dropped it says nothing of the item in the library. A publisher that was cut
        # off may have taken the item away before it could say so: that was not the reader.
        retired=any(one.state == "retired" for one in deliveries if one.place),
        touched=any(one.state == "touched" for one in deliveries),
        verdict=Verdict(verdict) if verdict else None,
    )
