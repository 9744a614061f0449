"""The store's part for what sources list: papers, their names and places, and the watermarks."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from recommender.ingest import Candidate, Place, candidate_of, groups, joined
from recommender.store import rows
from recommender.store.database import Database

# How many papers are in memory at once when all are read.
_AT_ONCE = 500

_SAVE_WATERMARK = """
INSERT INTO cursors (reads, name, value) VALUES ('source', ?, ?)
ON CONFLICT (reads, name) DO UPDATE SET value = max(value, excluded.value)
"""


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

    def candidates_named(self, names: Iterable[str]) -> tuple[Candidate, ...]:
        """The listed papers that go by any of these names, in the order of first sight.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            return tuple(c for _, c in self._named(connection, names))

    def save_listed(
        self, candidates: Iterable[Candidate], *, watermarks: Mapping[str, datetime], at: datetime
    ) -> None:
        """Add what pages listed, together with how far their sources were read, or nothing.

        A candidate that is one paper with saved ones (``ingest.groups``) is joined with them, so
        that the order in which pages are saved does not matter, and repeating the call changes
        nothing.

        Args:
            candidates: From ``ingest.unseen``, known papers too.
            watermarks: The moment up to which each source was read, by its name; one never goes
                back.
            at: When this is; a paper that is new was first seen then.

        Raises:
            StoreError: If the file cannot be written, or holds what cannot be understood.
        """
        candidates = tuple(candidates)
        moments = [
            (rows.bindable(source), rows.instant(until)) for source, until in watermarks.items()
        ]
        now = rows.instant(at)
        with self._database.writing() as connection:
            for candidate in candidates:
                self._save(connection, candidate, now)
            connection.executemany(_SAVE_WATERMARK, moments)

    def candidates(self) -> Iterator[Candidate]:
        """Every listed paper, in the order of first sight, read as they are asked for.

        What is saved meanwhile may or may not be among them.

        Raises:
            StoreError: If the file cannot be read.
        """
        after = 0
        while True:
            with self._database.reading() as connection:
                found = connection.execute(
                    "SELECT paper_id FROM papers WHERE paper_id > ? ORDER BY paper_id LIMIT ?",
                    (after, _AT_ONCE),
                ).fetchall()
                if not found:
                    return
                first, after = found[0][0], found[-1][0]
                candidates = self._between(connection, first, after)
            yield from candidates

    def _save(self, connection: sqlite3.Connection, candidate: Candidate, now: str) -> None:
        named = self._named(connection, candidate.names)
        group = next(iter(groups([candidate, *(c for _, c in named)])))
        same = [named[place - 1] for place in group[1:]]
        known = [c for _, c in same]
        whole = joined([candidate, *known])
        if known == [whole]:
            return
        ids = [(paper_id,) for paper_id, _ in same]
        seen = [
            at
            for one in ids
            for (at,) in connection.execute(
                "SELECT first_seen_at FROM papers WHERE paper_id = ?", one
            )
        ]
        # The earliest of them stays; names and places go with their papers.
        connection.executemany("DELETE FROM papers WHERE paper_id = ?", ids)
        first = min((i for (i,) in ids), default=None)
        paper_id = connection.execute(
            "INSERT INTO papers (paper_id, payload, first_seen_at) VALUES (?, ?, ?)",
            (first, rows.versions_row(whole.versions), min(seen, default=now)),
        ).lastrowid
        connection.executemany(
            "INSERT INTO names (name, paper_id) VALUES (?, ?)",
            {(rows.bindable(name), paper_id) for name in whole.names},
        )
        connection.executemany(
            "REPLACE INTO listed (paper_id, source, listing, position, votes)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (paper_id, rows.bindable(p.source), rows.bindable(p.listing), p.position, p.votes)
                for p in whole.provenance
            ],
        )

    def _named(
        self, connection: sqlite3.Connection, names: Iterable[str]
    ) -> list[tuple[int, Candidate]]:
        """The papers that go by any of these names, by id, in that order."""
        found = {
            paper_id
            for name in names
            for (paper_id,) in connection.execute(
                "SELECT paper_id FROM names WHERE name = ?", (rows.bindable(name),)
            )
        }
        return [(i, c) for i in sorted(found) for c in self._between(connection, i, i)]

    def _between(self, connection: sqlite3.Connection, first: int, last: int) -> list[Candidate]:
        """The papers of a range of ids, in that order."""
        span = (first, last)
        papers = connection.execute(
            "SELECT paper_id, payload FROM papers WHERE paper_id BETWEEN ? AND ? ORDER BY paper_id",
            span,
        ).fetchall()
        places = _by_paper(
            connection.execute(
                "SELECT paper_id, source, listing, position, votes FROM listed"
                " WHERE paper_id BETWEEN ? AND ? ORDER BY paper_id",
                span,
            )
        )

        def candidate(paper_id: int, payload: str) -> Candidate:
            found = (Place(*place) for place in places.get(paper_id, ()))
            return candidate_of(rows.versions_of(payload), found)

        return self._database.values(candidate, papers)


def _by_paper(found: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """Rows by the paper's id, which is their first column and their order."""
    return {i: [row[1:] for row in group] for i, group in groupby(found, itemgetter(0))}
