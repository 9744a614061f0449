"""The store's part for what sources list: papers, their names and places, and the watermarks."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from recommender.ingest import Candidate, groups, joined
from recommender.store import rows
from recommender.store.database import Database
from recommender.store.listed_rows import (
    candidates_of,
    ids_named,
    insert,
    is_told,
    page_of,
    streamed,
)

_ALL = "SELECT paper_id FROM papers WHERE paper_id > :after ORDER BY paper_id LIMIT :at_once"
_ALL_DATED = """
SELECT paper_id, first_seen_at FROM papers WHERE paper_id > :after
ORDER BY paper_id LIMIT :at_once
"""
_SINCE = """
SELECT paper_id FROM papers WHERE paper_id > :after AND first_seen_at >= :since
ORDER BY paper_id LIMIT :at_once
"""
_FIRST_SEEN = "SELECT first_seen_at FROM papers WHERE paper_id = ?"
_SEEN = "SELECT source, listing, seen_at FROM listed WHERE paper_id = ?"
_MARK_SEEN = "UPDATE listed SET seen_at = ? WHERE paper_id = ? AND source = ? AND listing = ?"
# A page that is as it was is not read, and its papers stay as they were seen last.
_SAVE_MARK = """
INSERT INTO marks (source, listing, mark, read_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (source, listing) DO UPDATE
SET read_at = CASE WHEN mark <> '' AND mark = excluded.mark THEN read_at ELSE excluded.read_at END,
    mark = excluded.mark, seen_at = excluded.seen_at
"""
_SAVE_WATERMARK = """
INSERT INTO cursors (reads, name, value) VALUES ('source', ?, ?)
ON CONFLICT (reads, name) DO UPDATE SET value = max(value, excluded.value)
"""
# Of a page that was read and lost its papers since, nothing is known.
_MARKS = """
SELECT listing, mark FROM marks
WHERE source = ?1 AND listing IN (SELECT listing FROM listed WHERE source = ?1)
"""
# When a cycle last began, before a moment, that read a source well.
_READ_WELL = """
SELECT started_at
FROM cycles, json_each(CASE WHEN json_valid(record) THEN record ELSE '{}' END, '$.sources') AS told
WHERE started_at <= ? AND json_extract(told.value, '$.source') = ?
    AND json_extract(told.value, '$.error') = ''
ORDER BY started_at DESC LIMIT 1
"""
_A_DAY = timedelta(days=1)  # a page of the day on which it was read may have grown since
_NEWS = "news of sources"  # the memory of when a source last listed a paper for the first time


class ListedPapers:
    """Every paper that a source listed, once."""

    _database: Database

    def watermark(self, source: str) -> datetime | None:
        """Up to which moment a source's pages are saved; None before the first."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT value FROM cursors WHERE reads = 'source' AND name = ?",
                (rows.bindable(source),),
            ).fetchall()
        return next(iter(self._database.values(rows.moment, found)), None)

    def marks(self, source: str) -> dict[str, str]:
        """What a source's pages were known by when they were saved, by the pages' names.

        A page of which no paper is left is not among them.
        """
        with self._database.reading() as connection:
            return dict(connection.execute(_MARKS, (rows.bindable(source),)).fetchall())

    def news_at(self, source: str) -> datetime | None:
        """When a source last listed a paper that it had not listed before; None where none knows.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT value FROM memory WHERE owner = ? AND name = ?",
                (_NEWS, rows.bindable(source)),
            ).fetchone()
        try:
            at = rows.moment(found[0]) if found else None
        except (TypeError, ValueError):
            # It is only told, and the next news write it anew; no reason to give up a store.
            return None
        return at if at and at.tzinfo else None

    def take_back(self, source: str, now: datetime) -> datetime | None:
        """Move a source's watermark back that a clock which ran ahead has left in the future.

        Returns:
            The watermark from now on: a day before the last cycle until now that read the source
            well; None, so that everything is read again, where there was none.

        Raises:
            StoreError: If the file cannot be written.
        """
        name = rows.bindable(source)
        with self._database.writing() as connection:
            found = connection.execute(_READ_WELL, (rows.instant(now), name)).fetchall()
            last = next(iter(self._database.values(rows.moment, found)), None)
            until = last - _A_DAY if last else None
            connection.execute("DELETE FROM cursors WHERE reads = 'source' AND name = ?", (name,))
            if until:
                connection.execute(_SAVE_WATERMARK, (name, rows.instant(until)))
        return until

    def candidates_named(self, names: Iterable[str]) -> tuple[Candidate, ...]:
        """The listed papers that go by any of these names, in the order of first sight.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = ids_named(connection, names)
            return tuple(candidates_of(self._database, connection, found).values())

    def save_listed(
        self,
        candidates: Iterable[Candidate],
        *,
        watermarks: Mapping[str, datetime],
        at: datetime,
        marks: Iterable[tuple[str, str, str]] = (),
    ) -> Counter[str]:
        """Add what pages listed, together with how far their sources were read, or nothing.

        A candidate that is one paper with saved ones (``ingest.groups``) is joined with them, so
        that the order in which pages are saved does not matter, and repeating the call changes
        nothing.

        Args:
            candidates: From ``ingest.unseen``, known papers too.
            watermarks: The moment up to which each source was read, by its name; one never goes
                back.
            at: When this is; a paper that is new was first seen then.
            marks: Of the pages that were read: the source, the page's name, and what it is known
                by from now on; empty for nothing.

        Returns:
            How many papers each source listed that it had not listed before, by its name.

        Raises:
            StoreError: If the file cannot be written, or holds what cannot be understood.
        """
        candidates = tuple(candidates)
        moments = [
            (rows.bindable(source), rows.instant(until)) for source, until in watermarks.items()
        ]
        now = rows.instant(at)
        known_by = [(*map(rows.bindable, mark), now) for mark in marks]
        pages = {(source, listing) for source, listing, *_ in known_by}
        with self._database.writing() as connection:
            first = Counter(
                source
                for candidate in candidates
                for source in self._save(connection, candidate, now, pages)
            )
            connection.executemany(_SAVE_MARK, known_by)
            connection.executemany(_SAVE_WATERMARK, moments)
            connection.executemany(
                "REPLACE INTO memory (owner, name, value) VALUES (?, ?, ?)",
                [(_NEWS, rows.bindable(source), now) for source in first],
            )
        return first

    def candidates(self, newest: int | None = None) -> Iterator[Candidate]:
        """Every listed paper, in the order of first sight, read as they are asked for.

        What is saved meanwhile may or may not be among them.

        Args:
            newest: Only so many, those that were first seen last.

        Raises:
            StoreError: If the file cannot be read.
        """
        after = 0 if newest is None else self._last_before(newest)
        for _, candidate in streamed(self._database, _ALL, after):
            yield candidate

    def candidates_since(self, moment: datetime) -> Iterator[Candidate]:
        """The papers that were first listed at or after a moment, as ``candidates``.

        Raises:
            StoreError: If the file cannot be read.
        """
        since = rows.instant(moment)
        for _, candidate in streamed(self._database, _SINCE, since=since):
            yield candidate

    def first_seen(self) -> Iterator[tuple[Candidate, datetime]]:
        """Every listed paper with the moment of first sight, in that order, as ``candidates``.

        Raises:
            StoreError: If the file cannot be read, or holds a moment that cannot be understood.
        """
        for (_, at), candidate in streamed(self._database, _ALL_DATED):
            [seen_at] = self._database.values(rows.moment, [(at,)])
            yield candidate, seen_at

    def n_candidates(self, after: datetime | None = None) -> int:
        """How many papers were listed, or how many of them were first seen after a moment.

        Raises:
            StoreError: If the file cannot be read.
        """
        since = rows.instant(after) if after else ""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT count(*) FROM papers WHERE first_seen_at > ?", (since,)
            ).fetchone()
        return int(found[0])

    def _last_before(self, newest: int) -> int:
        """The id of the last paper before so many newest ones, 0 if there are no more."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT paper_id FROM papers ORDER BY paper_id DESC LIMIT 1 OFFSET ?", (newest,)
            ).fetchone()
        return int(found[0]) if found else 0

    def _save(
        self,
        connection: sqlite3.Connection,
        candidate: Candidate,
        now: str,
        pages: Collection[tuple[str, str]],
    ) -> Collection[str]:
        """Add a candidate, or join it with what is there of it.

        Args:
            connection: In a transaction.
            candidate: As pages listed it.
            now: When this is.
            pages: Those that were read now.

        Returns:
            The sources that had not listed it before.
        """
        named_ids = ids_named(connection, candidate.names)
        seen_now = [page for place in candidate.provenance if (page := page_of(place)) in pages]
        if len(named_ids) == 1 and is_told(connection, candidate, min(named_ids)):
            connection.executemany(_MARK_SEEN, [(now, *named_ids, *page) for page in seen_now])
            return ()
        named = list(candidates_of(self._database, connection, named_ids).items())
        same = []
        whole = candidate
        if named:
            group = next(iter(groups([candidate, *(c for _, c in named)])))
            same = [named[place - 1] for place in group[1:]]
            whole = joined([candidate, *(c for _, c in same)])
        ids = [(paper_id,) for paper_id, _ in same]
        if [c for _, c in same] == [whole]:
            connection.executemany(_MARK_SEEN, [(now, *ids[0], *page) for page in seen_now])
            return ()
        first_seen = [at for one in ids for (at,) in connection.execute(_FIRST_SEEN, one)]
        seen: dict[tuple[str, str], str] = {}
        for one in ids:
            for source, listing, at in connection.execute(_SEEN, one):
                seen[source, listing] = max(at, seen.get((source, listing), ""))
        before = {source for source, _ in seen}
        seen |= dict.fromkeys(seen_now, now)
        # The earliest of them stays; names and places go with their papers.
        connection.executemany("DELETE FROM papers WHERE paper_id = ?", ids)
        first = min((i for (i,) in ids), default=None)
        insert(connection, first, whole, min(first_seen, default=now), lambda p: seen.get(p, now))
        return {p.source for p in candidate.provenance if rows.bindable(p.source) not in before}
