"""The store's part for what has had its time: old runs, old listings, and what can be made again.

What was suggested stays for good, and so does every listed paper that was suggested: what links
its versions tells that none of them is new.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from recommender.identity import names
from recommender.store import rows
from recommender.store.learnt import Learnt

KEPT_RUNS = 100
"""How many of a profile's last runs stay, however old."""

UNUSED = timedelta(days=90)
"""After how long what was counted of a text is forgotten that nobody asked for."""

_ASKED = timedelta(days=365)  # after which it is forgotten that a catalogue was asked
_MOST = 5000  # papers that go in one run; more of them go in the next ones
_AT_ONCE = 500  # in one transaction, so that nobody waits long for it

_OLD_RUNS = """
DELETE FROM cycles WHERE started_at < ?1 AND ?2 <= (
    SELECT count(*) FROM cycles AS later
    WHERE later.profile = cycles.profile AND later.started_at > cycles.started_at
)
"""
# What a cycle's part for catalogues remembers, under a name of its own; what is no JSON says
# nothing.
_OLD_ANSWERS = """
DELETE FROM memory WHERE owner = 'enriching' AND CASE
    WHEN json_valid(value) THEN coalesce(json_extract(value, '$.at'), '') < ?
    ELSE true
END
"""
# A page that came again as it was, and so was not read, lists what was on it when it was read.
_OLD_PAPERS = """
SELECT paper_id FROM papers
WHERE first_seen_at < :before AND NOT EXISTS (
    SELECT 1 FROM listed LEFT JOIN marks USING (source, listing)
    WHERE listed.paper_id = papers.paper_id AND (
        listed.seen_at >= :before
        OR (marks.seen_at >= :before AND listed.seen_at >= marks.read_at)
    )
)
ORDER BY first_seen_at, paper_id
"""
_NAMED = """
SELECT DISTINCT paper_id FROM names WHERE name IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What went.

    Attributes:
        n_runs: Records of runs.
        n_papers: Listed papers.
        n_left: Listed papers that go in the next runs, for they are many.
    """

    n_runs: int = 0
    n_papers: int = 0
    n_left: int = 0


class Housekeeping(Learnt):
    """What keeps the file from growing for ever."""

    def tidy(self, now: datetime, *, runs: timedelta, listed: timedelta) -> Tidied:
        """Remove what has had its time, in small transactions, and give back the room.

        What was suggested is never removed, nor what tells a publisher what it made. A listed paper
        goes once no page has listed it for so long and it was never suggested; listed again, it is
        new. At most 5,000 papers go at once.

        Args:
            now: When this is.
            runs: How long the record of a run stays; a profile's last 100 always do.
            listed: How long a listed paper stays since it was on a page.

        Raises:
            StoreError: If the file cannot be written, or holds a suggestion that cannot be
                understood.
        """
        with self._database.writing() as connection:
            n_runs = connection.execute(_OLD_RUNS, (rows.instant(now - runs), KEPT_RUNS)).rowcount
            connection.execute(_OLD_ANSWERS, (rows.instant(now - _ASKED),))
        self.prune_counts(now - UNUSED)
        n_papers, n_left = self._tidy_papers(rows.instant(now - listed))
        self._database.compact()
        return Tidied(n_runs, n_papers, n_left)

    def _tidy_papers(self, before: str) -> tuple[int, int]:
        """How many papers went that no page has listed since, and how many are left."""
        with self._database.writing() as connection:
            # A page that comes back as it was then is read again.
            connection.execute("DELETE FROM marks WHERE seen_at < ?", (before,))
            found = connection.execute(_OLD_PAPERS, {"before": before}).fetchall()
        suggested = self._suggested_papers() if found else frozenset()
        old = [paper_id for (paper_id,) in found if paper_id not in suggested]
        for some in _parts(old[:_MOST]):
            with self._database.writing() as connection:
                connection.executemany("DELETE FROM papers WHERE paper_id = ?", some)
        n_gone = min(len(old), _MOST)
        return n_gone, len(old) - n_gone

    def _suggested_papers(self) -> frozenset[int]:
        """The ids of the listed papers that share a name with one that was suggested to anybody."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT suggestion_id, rank, suggested_at, payload FROM suggestions"
            ).fetchall()
            suggested = self._database.values(rows.suggestion_of, found)
            known_as = set(chain.from_iterable(names(one.paper) for one in suggested))
            wanted = json.dumps([rows.bindable(name) for name in known_as])
            return frozenset(i for (i,) in connection.execute(_NAMED, (wanted,)))


def _parts(ids: Sequence[int]) -> Iterator[list[tuple[int]]]:
    left = iter(ids)
    while some := [(i,) for i in islice(left, _AT_ONCE)]:
        yield some
