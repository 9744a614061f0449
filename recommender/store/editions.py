"""The store's part for channels: which editions they were given, and what those told.

An edition is begun before it is sent and sent once the service took it. What was certainly not
taken is withdrawn, and its suggestions go into the next one; while nobody knows, it stays begun, to
be sent again as it is.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, NamedTuple

from recommender.editions import Edition, Told
from recommender.store import rows
from recommender.store.database import Database
from recommender.suggestions import Suggestion

_BEGIN = """
INSERT INTO editions (profile, channel, edition_id, begun_at, state, is_regular, payload)
VALUES (?, ?, ?, ?, 'begun', ?, ?)
ON CONFLICT DO NOTHING
"""
_TELL = """
INSERT OR IGNORE INTO told (profile, channel, suggestion_id, edition_id) VALUES (?, ?, ?, ?)
"""
_BEGUN = """
SELECT edition_id, payload FROM editions
WHERE profile = ? AND channel = ? AND state = 'begun' ORDER BY begun_at, edition_id
"""
_SUGGESTION = """
SELECT suggestion_id, rank, suggested_at, payload FROM suggestions
WHERE profile = ? AND suggestion_id = ?
"""
_LAST = """
SELECT max(begun_at) FROM editions
WHERE profile = ? AND channel = ? AND state = 'sent' AND is_regular
"""
_GIVEN = """
SELECT channel, state, edition_id, payload FROM editions
WHERE profile = ? ORDER BY channel, begun_at, edition_id
"""
_LAST_GIVEN = """
SELECT channel,
    max(begun_at) FILTER (WHERE state = 'sent'), min(begun_at) FILTER (WHERE state = 'begun')
FROM editions WHERE profile = ? GROUP BY channel ORDER BY channel
"""
_SAID = """
SELECT content, model, language, summary FROM summaries
WHERE typeof(summary) = 'text' ORDER BY content, made_at, model, language
"""


class Given(NamedTuple):
    """An edition, and which channel was given it."""

    channel: str
    is_sent: bool
    edition: Edition


class LastGiven(NamedTuple):
    """When the last edition that a channel took was made, and the first that may not be taken."""

    sent: datetime | None
    begun: datetime | None


class SaidOfPaper(NamedTuple):
    """What a model said of a paper, in which language, and a digest of the paper's text."""

    content: str
    model: str
    language: str
    summary: str


class Editions:
    """What each channel of a profile was given, by the channel's name."""

    _database: Database

    def begin_edition(self, channel: str, edition: Edition) -> None:
        """Write an edition down, with what it tells: all of it, or nothing; twice is once.

        Args:
            channel: The channel's name.
            edition: Its suggestions are those of its profile.

        Raises:
            StoreError: If the file cannot be written.
        """
        profile, channel = rows.bindable(edition.profile), rows.bindable(channel)
        at, is_regular = rows.instant(edition.at), bool(edition.looked)
        begun = (profile, channel, edition.edition_id, at, is_regular, _text(edition))
        told = [
            (profile, channel, one.suggestion.suggestion_id, edition.edition_id)
            for one in edition.told
        ]
        with self._database.writing() as connection:
            connection.execute(_BEGIN, begun)
            connection.executemany(_TELL, told)

    def begun_editions(self, profile: str, channel: str) -> tuple[Edition, ...]:
        """Editions of which nobody knows whether they were taken, as they were begun, in order.

        Raises:
            StoreError: If the file cannot be read.
        """
        key = (rows.bindable(profile), rows.bindable(channel))
        with self._database.reading() as connection:
            found = connection.execute(_BEGUN, key).fetchall()
            made = [
                (profile, edition_id, payload, _suggestions(connection, profile, payload))
                for edition_id, payload in found
            ]
        return tuple(self._database.values(_edition, made))

    def record_sent(self, profile: str, channel: str, edition_id: str) -> None:
        """Write down that a channel's edition was taken.

        Raises:
            StoreError: If the file cannot be written.
        """
        key = (rows.bindable(profile), rows.bindable(channel), edition_id)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE editions SET state = 'sent'"
                " WHERE profile = ? AND channel = ? AND edition_id = ?",
                key,
            )

    def withdraw_edition(self, profile: str, channel: str, edition_id: str) -> None:
        """Let an edition that was not taken be as if it had never been; a sent one stays.

        Raises:
            StoreError: If the file cannot be written.
        """
        key = (rows.bindable(profile), rows.bindable(channel), edition_id)
        with self._database.writing() as connection:
            gone = connection.execute(
                "DELETE FROM editions"
                " WHERE profile = ? AND channel = ? AND edition_id = ? AND state = 'begun'",
                key,
            ).rowcount
            if gone:
                connection.execute(
                    "DELETE FROM told WHERE profile = ? AND channel = ? AND edition_id = ?", key
                )

    def last_edition(self, profile: str, channel: str) -> datetime | None:
        """When the last edition was made that a channel took and that told more than alarms.

        None before the first.

        Raises:
            StoreError: If the file cannot be read.
        """
        key = (rows.bindable(profile), rows.bindable(channel))
        with self._database.reading() as connection:
            [at] = connection.execute(_LAST, key).fetchone()
        return rows.moment(at) if at else None

    def given(self, profile: str) -> tuple[Given, ...]:
        """All editions of a profile, by channel, the earliest first.

        Raises:
            StoreError: If the file cannot be read, or holds one that cannot be understood.
        """
        name = rows.bindable(profile)
        with self._database.reading() as connection:

            def given(channel: str, state: str, key: str, payload: str) -> Given:
                told = _suggestions(connection, name, payload)
                return Given(channel, state == "sent", _edition(profile, key, payload, told))

            found = connection.execute(_GIVEN, (name,)).fetchall()
            return tuple(self._database.values(given, found))

    def last_given(self, profile: str) -> dict[str, LastGiven]:
        """How each channel that was given an edition stands, by its name.

        Raises:
            StoreError: If the file cannot be read, or holds a moment that cannot be understood.
        """
        with self._database.reading() as connection:
            found = connection.execute(_LAST_GIVEN, (rows.bindable(profile),)).fetchall()
        return dict(self._database.values(_last_given, found))

    def said_of_papers(self) -> tuple[SaidOfPaper, ...]:
        """All that models said of papers (``store.summaries``), whoever they said it for.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            return tuple(SaidOfPaper(*row) for row in connection.execute(_SAID))

    def edition_ids(self, profile: str, channel: str) -> frozenset[str]:
        """What a channel's editions are called.

        Raises:
            StoreError: If the file cannot be read.
        """
        return self._of("SELECT edition_id FROM editions", profile, channel)

    def told(self, profile: str, channel: str) -> frozenset[str]:
        """The ids of the suggestions that a channel's editions told.

        Raises:
            StoreError: If the file cannot be read.
        """
        return self._of("SELECT suggestion_id FROM told", profile, channel)

    def _of(self, select: str, profile: str, channel: str) -> frozenset[str]:
        key = (rows.bindable(profile), rows.bindable(channel))
        with self._database.reading() as connection:
            found = connection.execute(
                f"{select} WHERE profile = ? AND channel = ?", key
            ).fetchall()
        return frozenset(name for (name,) in found)


def _text(edition: Edition) -> str:
    said = asdict(edition)
    for name in ("edition_id", "profile"):
        del said[name]
    # With its own offset: the day that it names is the reader's.
    said["at"] = edition.at.isoformat()
    said["since"] = edition.since.isoformat() if edition.since else None
    for told, one in zip(said["told"], edition.told, strict=True):
        told["suggestion"] = one.suggestion.suggestion_id
    return rows.text_of(said)


def _suggestions(
    connection: sqlite3.Connection, profile: str, payload: str
) -> list[tuple[str, int, str, str]]:
    """The rows of the suggestions that an edition tells."""
    ids = [told["suggestion"] for told in json.loads(payload)["told"]]
    found = (connection.execute(_SUGGESTION, (profile, key)).fetchone() for key in ids)
    return [row for row in found if row]


def _edition(
    profile: str, edition_id: str, payload: str, found: list[tuple[str, int, str, str]]
) -> Edition:
    said: Mapping[str, Any] = json.loads(payload)
    suggestions: dict[str, Suggestion] = {row[0]: rows.suggestion_of(*row) for row in found}
    told = tuple(
        Told(**{**one, "suggestion": suggestions[one["suggestion"]]})
        for one in said["told"]
        if one["suggestion"] in suggestions
    )
    return Edition(
        **{
            **said,
            "edition_id": edition_id,
            "profile": profile,
            "at": datetime.fromisoformat(said["at"]),
            "since": date.fromisoformat(said["since"]) if said["since"] else None,
            "told": told,
            "alarms": tuple(said["alarms"]),
        }
    )


def _last_given(channel: str, sent: str | None, begun: str | None) -> tuple[str, LastGiven]:
    return channel, LastGiven(*(rows.moment(at) if at else None for at in (sent, begun)))
