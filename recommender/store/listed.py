"""The store's part for what sources list: papers, their names and places, and the watermarks."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from recommender.ingest import Candidate, Place, candidate_of, joined
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

    def listed_names(self) -> frozenset[str]:
        """What the listed papers go by, all together."""
        with self._database.reading() as connection:
            return frozenset(name for (name,) in connection.execute("SELECT name FROM names"))

    def save_listed(
        self, candidates: Iterable[Candidate], *, watermarks: Mapping[str, datetime], at: datetime
    ) -> None:
        """Add what pages listed, together with how far their sources were read, or nothing.

        A candidate that shares a name with saved papers is joined with them, so that the order in
        which pages are saved does not matter, and repeating the call changes nothing.

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
        same: dict[int, str] = {}
        for name in map(rows.bindable, candidate.names):
            same |= connection.execute(
                "SELECT paper_id, first_seen_at FROM names JOIN papers USING (paper_id)"
                " WHERE name = ?",
                (name,),
            )
        known = [c for paper_id in same for c in self._between(connection, paper_id, paper_id)]
        whole = joined([candidate, *known])
        if known == [whole]:
            return
        # The earliest of them stays; names and places go with their papers.
        connection.executemany("DELETE FROM papers WHERE paper_id = ?", [(i,) for i in same])
        paper_id = connection.execute(
            "INSERT INTO papers (paper_id, payload, first_seen_at) VALUES (?, ?, ?)",
            (min(same, default=None), rows.paper_row(whole.paper), min(same.values(), default=now)),
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

    def _between(self, connection: sqlite3.Connection, first: int, last: int) -> list[Candidate]:
        """The papers of a range of ids, in that order."""
        span = (first, last)
        papers = connection.execute(
            "SELECT paper_id, payload FROM papers WHERE paper_id BETWEEN ? AND ? ORDER BY paper_id",
            span,
        ).fetchall()
        names = _by_paper(
            connection.execute(
                "SELECT paper_id, name FROM names WHERE paper_id BETWEEN ? AND ? ORDER BY paper_id",
                span,
            )
        )
        places = _by_paper(
            connection.execute(
                "SELECT paper_id, source, listing, position, votes FROM listed"
                " WHERE paper_id BETWEEN ? AND ? ORDER BY paper_id",
                span,
            )
        )

        def candidate(paper_id: int, payload: str) -> Candidate:
            return candidate_of(
                rows.paper_of(payload),
                (name for (name,) in names.get(paper_id, ())),
                (Place(*place) for place in places.get(paper_id, ())),
            )

        return self._database.values(candidate, papers)


def _by_paper(found: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """Rows by the paper's id, which is their first column and their order."""
    return {i: [row[1:] for row in group] for i, group in groupby(found, itemgetter(0))}
