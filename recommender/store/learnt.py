"""The store's part for what was learnt: terms, meanings, fitted models, and tuned weights."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recommender.store import rows
from recommender.store.database import Database

_COUNTS = """
SELECT payload FROM counts WHERE version = ? AND content = ? AND typeof(payload) = 'blob'
"""
_SAVE_COUNTS = """
INSERT INTO counts (version, content, used_at, payload) VALUES (?, ?, ?, ?)
ON CONFLICT (version, content) DO UPDATE
SET used_at = max(used_at, excluded.used_at), payload = excluded.payload
"""
_MARK_USED = "UPDATE counts SET used_at = ? WHERE version = ? AND content = ? AND used_at < ?"
_MEANINGS = """
SELECT vector FROM meanings WHERE encoder = ? AND content = ? AND typeof(vector) = 'blob'
"""
_SAVE_MEANINGS = """
INSERT INTO meanings (encoder, content, used_at, vector) VALUES (?, ?, ?, ?)
ON CONFLICT (encoder, content) DO UPDATE
SET used_at = max(used_at, excluded.used_at), vector = excluded.vector
"""
_OF_ANOTHER_LENGTH = """
SELECT 1 FROM meanings WHERE encoder = ? AND typeof(vector) = 'blob' AND length(vector) <> ?
"""
_MARK_MEANINGS = """
UPDATE meanings SET used_at = ? WHERE encoder = ? AND content = ? AND used_at < ?
"""
_MODEL = """
SELECT rowid, version, fingerprint, made_at FROM models
WHERE profile = ?
    AND (typeof(version), typeof(fingerprint), typeof(payload)) = ('integer', 'text', 'blob')
"""
_FORGET_OTHERS = """
DELETE FROM models WHERE profile = ? AND (version, fingerprint) IS NOT (?, ?)
"""
_SAVE_MODEL = """
INSERT INTO models (profile, version, fingerprint, made_at, payload) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (profile) DO UPDATE SET made_at = excluded.made_at, payload = excluded.payload
"""
_SAVE_WEIGHTS = "REPLACE INTO weights (profile, tuned_at, payload) VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A fitted model, as whoever fitted it wrote it down.

    Attributes:
        version: Of the code that wrote it; another version's is not to be read.
        fingerprint: Of everything that it was fitted on.
        made_at: When it was fitted, in UTC.
        payload: The model itself, opaque to the store; packing it is the writer's business.
    """

    version: int
    fingerprint: str
    made_at: datetime
    payload: bytes = field(repr=False)


class Learnt:
    """What the model keeps between runs.

    Counts, meanings and models can be made again, so a row of theirs that is damaged is as good as
    none.
    """

    _database: Database

    def counts(self, version: int, contents: Iterable[bytes]) -> dict[bytes, bytes]:
        """The counts of terms that are saved, by the digest of the text that was counted.

        A damaged row is left out, as if it were not there.

        Args:
            version: Of the code that counts; another version's are not seen.
            contents: Digests of texts, of 16 bytes; unknown ones are passed over.

        Raises:
            StoreError: If the file cannot be read.
        """
        wanted = tuple(contents)
        with self._database.reading() as connection:
            return {
                content: payload
                for content in wanted
                for (payload,) in connection.execute(_COUNTS, (version, content))
            }

    def save_counts(
        self,
        version: int,
        counts: Mapping[bytes, bytes],
        *,
        at: datetime,
        used: Iterable[bytes] = (),
    ) -> None:
        """Add counts of terms and mark which were used, or nothing; older versions' are dropped.

        Args:
            version: Of the code that counted.
            counts: What was counted, by the digest of the text, of 16 bytes; it takes the place of
                what is there. They are used now.
            at: When this is; only the day is kept.
            used: Digests of saved counts that are used now too; unknown ones are passed over.

        Raises:
            StoreError: If the file cannot be written.
        """
        day = _day(at)
        saved = [(version, content, day, payload) for content, payload in counts.items()]
        marked = [(day, version, content, day) for content in used]
        with self._database.writing() as connection:
            connection.execute("DELETE FROM counts WHERE version < ?", (version,))
            connection.executemany(_SAVE_COUNTS, saved)
            connection.executemany(_MARK_USED, marked)

    def prune_counts(self, before: datetime) -> None:
        """Drop the counts and meanings, of any version, last used on an earlier day than this.

        Raises:
            StoreError: If the file cannot be written.
        """
        day = _day(before)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM counts WHERE used_at < ?", (day,))
            connection.execute("DELETE FROM meanings WHERE used_at < ?", (day,))

    def meanings(self, encoder: str, contents: Iterable[bytes]) -> dict[bytes, bytes]:
        """What an encoder made of texts, by their digests, as far as it is saved.

        A damaged row is left out, as if it were not there.

        Args:
            encoder: Its name; another one's are not seen.
            contents: Digests of texts, of 16 bytes; unknown ones are passed over.

        Raises:
            StoreError: If the file cannot be read.
        """
        name, wanted = rows.bindable(encoder), tuple(contents)
        with self._database.reading() as connection:
            return {
                content: vector
                for content in wanted
                for (vector,) in connection.execute(_MEANINGS, (name, content))
            }

    def save_meanings(
        self,
        encoder: str,
        vectors: Mapping[bytes, bytes],
        *,
        at: datetime,
        used: Iterable[bytes] = (),
    ) -> None:
        """Add what an encoder made of texts and mark what was used, or nothing.

        Args:
            encoder: Its name.
            vectors: By the digest of the text, of 16 bytes; they take the place of what is there,
                and are used now.
            at: When this is; only the day is kept.
            used: Digests of saved ones that are used now too; unknown ones are passed over.

        Raises:
            ValueError: If one is not as long as all of this encoder.
            StoreError: If the file cannot be written.
        """
        name, day = rows.bindable(encoder), _day(at)
        saved = [(name, content, day, vector) for content, vector in vectors.items()]
        marked = [(day, name, content, day) for content in used]
        with self._database.writing() as connection:
            for length in {len(vector) for vector in vectors.values()}:
                if connection.execute(_OF_ANOTHER_LENGTH, (name, length)).fetchone():
                    raise ValueError(f"{length} bytes are not the length of the others")
            connection.executemany(_SAVE_MEANINGS, saved)
            connection.executemany(_MARK_MEANINGS, marked)

    def saved_model(self, profile: str) -> SavedModel | None:
        """The model that was saved last for a profile; None if there is none, or it is damaged.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(_MODEL, (rows.bindable(profile),)).fetchone()
            if found is None:
                return None
            row, version, fingerprint, made_at = found
            # A column of tens of megabytes would be copied twice.
            with connection.blobopen("models", "payload", row, readonly=True) as blob:
                payload = blob.read()
        try:
            at = rows.moment(made_at)
        except (TypeError, ValueError):
            return None
        return SavedModel(version, fingerprint, at, payload) if at.tzinfo else None

    def model_mark(self, profile: str) -> tuple[object, ...] | None:
        """What tells a profile's saved model from every other one; None where there is none.

        Raises:
            StoreError: If the file cannot be read.
        """
        with self._database.reading() as connection:
            found: tuple[object, ...] | None = connection.execute(
                "SELECT version, fingerprint, made_at FROM models WHERE profile = ?",
                (rows.bindable(profile),),
            ).fetchone()
        return found

    def save_model(self, profile: str, model: SavedModel) -> None:
        """Put a model in the place of a profile's last one.

        One of another fingerprint or version is another model: it takes with it what the last one
        said of listed papers.

        Args:
            profile: The profile's name.
            model: The model; its payload may be tens of megabytes.

        Raises:
            StoreError: If the file cannot be written.
        """
        profile, fingerprint = rows.bindable(profile), rows.bindable(model.fingerprint)
        made_at = rows.instant(model.made_at)
        with self._database.writing() as connection:
            connection.execute(_FORGET_OTHERS, (profile, model.version, fingerprint))
            connection.execute(
                _SAVE_MODEL, (profile, model.version, fingerprint, made_at, model.payload)
            )

    def tuned_weights(self, profile: str) -> dict[str, float] | None:
        """The weights that were found best for a profile, by part; None before any were.

        Raises:
            StoreError: If the file cannot be read, or holds no weights that can be understood:
                nobody makes them again unasked.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT payload FROM weights WHERE profile = ?", (rows.bindable(profile),)
            ).fetchall()
        return next(iter(self._database.values(weights_of, found)), None)

    def save_tuned_weights(
        self, profile: str, weights: Mapping[str, float], *, at: datetime
    ) -> None:
        """Write down which weights are best for a profile, in place of what was.

        Args:
            profile: The profile's name.
            weights: By part; finite.
            at: When they were found.

        Raises:
            ValueError: If a weight is not finite.
            StoreError: If the file cannot be written.
        """
        found = {part: float(weight) for part, weight in weights.items()}
        if not all(map(math.isfinite, found.values())):
            raise ValueError(f"{found} are no weights")
        row = (rows.bindable(profile), rows.instant(at), rows.text_of(found))
        with self._database.writing() as connection:
            connection.execute(_SAVE_WEIGHTS, row)

    def forget_tuned_weights(self, profile: str) -> None:
        """Forget which weights were found best for a profile.

        Raises:
            StoreError: If the file cannot be written.
        """
        with self._database.writing() as connection:
            connection.execute("DELETE FROM weights WHERE profile = ?", (rows.bindable(profile),))


def _day(at: datetime) -> str:
    """The day of a moment, in UTC, as text that sorts by time."""
    return rows.instant(at)[: len("2024-05-06")]


def weights_of(text: str) -> dict[str, float]:
    """The weights that a row holds.

    Raises:
        ValueError: If it holds none.
    """
    weights = json.loads(text)
    if not isinstance(weights, dict) or not all(
        type(weight) in (int, float) and math.isfinite(weight) for weight in weights.values()
    ):
        raise ValueError("no weights")
    return {part: float(weight) for part, weight in weights.items()}
