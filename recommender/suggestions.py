"""Suggestions: candidates that were chosen, why, and what became of them. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recommender.papers import Paper


class ReasonKind(StrEnum):
    """Which part of the score a reason tells of."""

    PAPER = "paper"
    LIBRARY = "library"
    CONTRAST = "contrast"
    TERMS = "terms"
    AUTHORS = "authors"
    VENUE = "venue"
    COLLABORATIVE = "collaborative"


@dataclass(frozen=True, slots=True)
class Reason:
    """A named part of a score, in the reader's own terms.

    Attributes:
        text: One line: ``close to “X”, which you filed under Y``.
        share: The part of the score that it tells of, in the score's own unit. The shares of a
            suggestion's reasons add up to its score.
    """

    kind: ReasonKind
    text: str
    share: float


class State(StrEnum):
    """What became of a suggestion."""

    PENDING = "pending"
    DELIVERED = "delivered"
    KEPT = "kept"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A candidate chosen for a profile.

    Attributes:
        suggestion_id: Ours; the same for the same profile and paper (``suggestion_id``).
        rank: From 1, best first, within one delivery.
        score: In [0, 1].
        source: Where it was listed.
        interest: The reader's interest that it serves; empty for an exploration.
        exploring: It is here to widen the view, not because it ranks so high.
    """

    suggestion_id: str
    paper: Paper
    rank: int
    score: float
    reasons: tuple[Reason, ...]
    source: str
    interest: str
    suggested_at: datetime
    exploring: bool = False

    @property
    def headline(self) -> str:
        """The reason that tells most in one line: the library paper that it is closest to."""
        named = (r.text for r in self.reasons if r.kind is ReasonKind.PAPER)
        return next(named, self.reasons[0].text if self.reasons else "")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A publisher's word on one suggestion.

    Attributes:
        failure: Why it was not delivered, one line; empty when it was.
    """

    suggestion_id: str
    failure: str = ""


def suggestion_id(profile: str, names: Sequence[str]) -> str:
    """A stable name for a paper's suggestion to a profile.

    Args:
        profile: The profile's name.
        names: What the paper goes by (``identity.names``), best first; only the first counts.

    Returns:
        16 hexadecimal digits.
    """
    return hashlib.sha256(f"{profile}\n{names[0]}".encode()).hexdigest()[:16]
