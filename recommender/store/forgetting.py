"""The store's part for forgetting what was learnt of a reader, but not what was shown to them."""

from collections.abc import Iterable
from datetime import datetime

from recommender.store import rows
from recommender.store.database import Database

# It counts as let pass, whatever becomes of it, and nothing is learnt of it (``feedback``).
_FORGET = """
UPDATE suggestions
SET verdict = 'forgotten', verdict_at = :now,
    state_at = CASE state WHEN 'expired' THEN state_at ELSE :now END, state = 'expired'
WHERE suggestion_id = :key AND verdict IS NOT 'forgotten'
"""
# What waits for the reader's answer has taught nothing yet.
_TELLING = """
SELECT suggestion_id FROM suggestions
WHERE profile = ? AND (verdict IS NOT NULL OR state NOT IN ('pending', 'delivered'))
"""
# That it was sent, and what it told of (``told``), stays: nothing is sent twice. What may still
# have to be sent again stays as it is.
_SILENCE = """
UPDATE editions
SET payload = json_object(
    'at', begun_at, 'since', NULL, 'told', json_array(), 'alarms', json_array()
)
WHERE profile = ? AND state = 'sent'
"""
# Of neither is known whose they are. What a cycle's part for catalogues remembers of the reader's
# own papers goes by this name (``cycle.citing``).
_FORGET_CITED = "DELETE FROM memory WHERE owner = 'enriching' AND name GLOB 'cites *'"
_FORGET_SUMMARIES = "DELETE FROM summaries"


class Forgetting:
    """What a reader can have forgotten; what was suggested stays known, so that it never comes."""

    _database: Database

    def forget_suggestions(self, suggestion_ids: Iterable[str], *, at: datetime) -> None:
        """Forget what was said and learnt of suggestions: of all of them, or of none.

        They count as let pass for good, teach nothing, and are not suggested again.

        Args:
            suggestion_ids: Unknown ones are passed over.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        wanted = [{"key": key, "now": rows.instant(at)} for key in suggestion_ids]
        with self._database.writing() as connection:
            connection.executemany(_FORGET, wanted)

    def forget_reader(self, profile: str, *, at: datetime) -> None:
        """Forget all that was learnt of a profile's reader, or nothing of it.

        The model, its scores, the tuned weights and what the reader made of single interests go,
        and every suggestion that was answered or let pass is forgotten. What waits for an answer
        stays, and so does what was delivered. Of the editions that were sent it stays known which
        suggestions they told, and nothing of what they said.

        Summaries, and what catalogues were asked about own papers, go as a whole, other profiles'
        too: nobody wrote down whose they are, and they can be had again.

        Args:
            profile: The profile's name.
            at: When this is.

        Raises:
            StoreError: If the file cannot be written.
        """
        now, profile = rows.instant(at), rows.bindable(profile)
        with self._database.writing() as connection:
            told = connection.execute(_TELLING, (profile,)).fetchall()
            connection.executemany(_FORGET, [{"key": key, "now": now} for (key,) in told])
            connection.execute("DELETE FROM models WHERE profile = ?", (profile,))
            connection.execute("DELETE FROM weights WHERE profile = ?", (profile,))
            connection.execute("DELETE FROM interests WHERE profile = ?", (profile,))
            connection.execute(_SILENCE, (profile,))
            connection.execute(_FORGET_CITED)
            connection.execute(_FORGET_SUMMARIES)
