"""Listed papers as the store's rows: put together, told apart, and written down."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from recommender.ingest import Candidate, Place, candidate_of
from recommender.store import rows
from recommender.store.database import Database

# How many papers are in memory at once when all are read.
_AT_ONCE = 500

_PAPERS = """
SELECT paper_id, payload FROM papers
WHERE paper_id IN (SELECT value FROM json_each(?)) ORDER BY paper_id
"""
_PLACES = """
SELECT paper_id, source, listing, position, votes, curator FROM listed
WHERE paper_id IN (SELECT value FROM json_each(?)) ORDER BY paper_id
"""
_NAMED = "SELECT paper_id FROM names WHERE name = ?"
_PAYLOAD = "SELECT payload FROM papers WHERE paper_id = ?"
_HAS_PLACE = """
SELECT 1 FROM listed
WHERE paper_id = ?1 AND source = ?2 AND listing = ?3 AND position <= ?4
    AND (?5 IS NULL OR votes >= ?5)
    AND (?6 = '' OR (curator <> '' AND curator <= ?6))
"""
_SAVE_PLACE = """
REPLACE INTO listed (paper_id, source, listing, position, votes, curator, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def insert(
    connection: sqlite3.Connection,
    paper_id: int | None,
    whole: Candidate,
    first_seen_at: str,
    seen_at: Callable[[tuple[str, str]], str],
) -> None:
    """Write down a paper with its names and places, under an id or a new one."""
    paper_id = connection.execute(
        "INSERT INTO papers (paper_id, payload, first_seen_at) VALUES (?, ?, ?)",
        (paper_id, rows.versions_row(whole.versions), first_seen_at),
    ).lastrowid
    connection.executemany(
        "INSERT INTO names (name, paper_id) VALUES (?, ?)",
        {(rows.bindable(name), paper_id) for name in whole.names},
    )
    pages = [page_of(place) for place in whole.provenance]
    connection.executemany(
        _SAVE_PLACE,
        [
            (paper_id, *_place_row(place), seen_at(page))
            for page, place in zip(pages, whole.provenance, strict=True)
        ],
    )


def streamed(
    database: Database, sql: str, after: int = 0, **arguments: object
) -> Iterator[tuple[tuple[Any, ...], Candidate]]:
    """Rows about listed papers, each with its paper, read a few hundred at a time.

    Args:
        database: Where they are.
        sql: Selects papers' ids, and what else is wanted, of the first ``:at_once`` papers
            ``:after`` an id, in the order of the ids.
        after: The id to begin after.
        arguments: Its other parameters.

    Raises:
        StoreError: If the file cannot be read.
    """
    while True:
        with database.reading() as connection:
            wanted = {**arguments, "after": after, "at_once": _AT_ONCE}
            found = connection.execute(sql, wanted).fetchall()
            if not found:
                return
            candidates = candidates_of(database, connection, [row[0] for row in found])
        after = found[-1][0]
        yield from ((row, candidates[row[0]]) for row in found if row[0] in candidates)


def candidates_of(
    database: Database, connection: sqlite3.Connection, ids: Iterable[int]
) -> dict[int, Candidate]:
    """The papers with these ids, by id, in that order; ids without a paper are passed over."""
    known = list(ids)
    if not known:
        return {}
    wanted = (json.dumps(known),)
    papers = connection.execute(_PAPERS, wanted).fetchall()
    places = _by_paper(connection.execute(_PLACES, wanted))

    def candidate(paper_id: int, payload: str) -> tuple[int, Candidate]:
        found = (Place(*place) for place in places.get(paper_id, ()))
        return paper_id, candidate_of(rows.versions_of(payload), found)

    return dict(database.values(candidate, papers))


def is_told(connection: sqlite3.Connection, candidate: Candidate, paper_id: int) -> bool:
    """Whether a saved paper has all that a candidate of its names says, word for word.

    It is not put together for that: nearly all that is read is known, and reading it back would
    cost more than saving it did.
    """
    [(payload,)] = connection.execute(_PAYLOAD, (paper_id,))
    # In JSON an object begins with what no text has in it, so that it is found only as itself.
    versions = (rows.versions_row((version,))[1:-1] for version in candidate.versions)
    if not isinstance(payload, str) or not all(version in payload for version in versions):
        return False
    return all(
        connection.execute(_HAS_PLACE, (paper_id, *_place_row(one))).fetchone()
        for one in candidate.provenance
    )


def ids_named(connection: sqlite3.Connection, names: Iterable[str]) -> set[int]:
    """The ids of the papers that go by any of these names."""
    return {
        paper_id
        for name in names
        for (paper_id,) in connection.execute(_NAMED, (rows.bindable(name),))
    }


def page_of(place: Place) -> tuple[str, str]:
    """The page that a place is on, as the columns hold it."""
    return rows.bindable(place.source), rows.bindable(place.listing)


def _place_row(place: Place) -> tuple[str, str, int, int | None, str]:
    return *page_of(place), place.position, place.votes, rows.bindable(place.curator)


def _by_paper(found: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """Rows by the paper's id, which is their first column and their order."""
    return {i: [row[1:] for row in group] for i, group in groupby(found, itemgetter(0))}
