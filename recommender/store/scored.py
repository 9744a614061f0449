"""The store's part for scores: what a profile's saved model says of the listed papers."""

from collections.abc import Iterable, Iterator

from recommender.ingest import Candidate
from recommender.store import rows
from recommender.store.database import Database
from recommender.store.listed_rows import candidates_of, streamed

# A paper that is gone, or a model that is no longer the profile's, makes no row.
_SAVE = """
INSERT INTO scores (profile, paper_id, score, interest)
SELECT profile, paper_id, ?, ? FROM models CROSS JOIN papers
WHERE profile = ? AND fingerprint = ? AND paper_id = ?
ON CONFLICT (paper_id, profile) DO UPDATE
SET score = excluded.score, interest = excluded.interest
"""
_TO_SCORE = """
SELECT paper_id FROM papers
WHERE paper_id > :after AND NOT EXISTS (
    SELECT 1 FROM current_scores AS one
    WHERE one.paper_id = papers.paper_id AND profile = :profile AND fingerprint = :fingerprint
)
ORDER BY paper_id LIMIT :at_once
"""
_SCORED = """
SELECT paper_id, score, interest FROM current_scores
WHERE profile = :profile AND fingerprint = :fingerprint AND score >= :at_least
ORDER BY paper_id
"""
_COUNT = """
SELECT
    count(*) - count(score),
    count(*) FILTER (WHERE score < :below),
    max(score) FILTER (WHERE score < :below)
FROM current_scores
WHERE profile = :profile AND fingerprint = :fingerprint
"""


class ScoredPapers:
    """What each profile's saved model says of listed papers, so that only new ones are scored.

    Scores belong to the model that was saved last for their profile (``save_model``) and are asked
    for by its fingerprint: under any other there are none. A paper's go when it is joined with
    another, or listed with something new. A damaged row is as good as none: its paper is to be
    scored again.
    """

    _database: Database

    def save_scores(
        self, profile: str, fingerprint: str, scores: Iterable[tuple[int, float, int]]
    ) -> None:
        """Add what a model says of listed papers, in place of what it said: all of it, or nothing.

        Nothing is saved if the profile's saved model is another by now, or none.

        Args:
            profile: The profile's name.
            fingerprint: The model's.
            scores: Of each paper its id, its score (NaN where there is no opinion) and the number
                of its interest; ids that are gone are passed over.

        Raises:
            StoreError: If the file cannot be written.
        """
        profile, fingerprint = rows.bindable(profile), rows.bindable(fingerprint)
        # SQLite writes NaN as NULL by itself; it knows no numbers of numpy's.
        saved = [
            (float(score), int(interest), profile, fingerprint, int(paper_id))
            for paper_id, score, interest in scores
        ]
        with self._database.writing() as connection:
            connection.executemany(_SAVE, saved)

    def candidates_to_score(
        self, profile: str, fingerprint: str
    ) -> Iterator[tuple[int, Candidate]]:
        """The listed papers that a model said nothing of yet, each with its id.

        They come in the order of first sight and are read as they are asked for. Scores may be
        saved meanwhile; what is listed meanwhile may or may not be among them.

        Raises:
            StoreError: If the file cannot be read.
        """
        found = streamed(
            self._database,
            _TO_SCORE,
            profile=rows.bindable(profile),
            fingerprint=rows.bindable(fingerprint),
        )
        for (paper_id,), candidate in found:
            yield paper_id, candidate

    def scores(
        self, profile: str, fingerprint: str, at_least: float
    ) -> list[tuple[int, float, int]]:
        """What a model says of the listed papers that it scores so high, without the papers.

        Of each its id, its score and the number of its interest, in the order of first sight; those
        without an opinion are left out.

        Raises:
            StoreError: If the file cannot be read.
        """
        wanted = {
            "profile": rows.bindable(profile),
            "fingerprint": rows.bindable(fingerprint),
            "at_least": at_least,
        }
        with self._database.reading() as connection:
            return connection.execute(_SCORED, wanted).fetchall()

    def candidates_of(self, ids: Iterable[int]) -> dict[int, Candidate]:
        """The listed papers with these ids, by id, in the order of first sight.

        Args:
            ids: Those that are gone are passed over.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            return candidates_of(self._database, connection, ids)

    def count_scored(
        self, profile: str, fingerprint: str, below: float
    ) -> tuple[int, int, float | None]:
        """How many papers a model has no opinion of, how many it scores lower, and their highest.

        Args:
            profile: The profile's name.
            fingerprint: The model's.
            below: What scores less is counted.

        Returns:
            The number without an opinion, the number with a score below, and the highest of these
            scores; None if there is none.

        Raises:
            StoreError: If the file cannot be read.
        """
        wanted = {
            "profile": rows.bindable(profile),
            "fingerprint": rows.bindable(fingerprint),
            "below": float(below),
        }
        with self._database.reading() as connection:
            without, lower, highest = connection.execute(_COUNT, wanted).fetchone()
        return without, lower, highest
