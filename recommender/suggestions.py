"""Suggestions: candidates that were chosen, why, and what became of them. Pure."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from recommender.papers import Paper


class ReasonKind(StrEnum):
    """Which part of the score a reason tells of."""

    PAPER = "paper"
    LIBRARY = "library"
    CITATIONS = "citations"
    GOAL = "goal"
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
        item: The key of the reader's own paper that it tells of, if it tells of one.
    """

    kind: ReasonKind
    text: str
    share: float
    item: str = ""


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
        followed: It is here because the reader follows this, whatever the score; empty where it
            was chosen by its score.
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
    followed: str = ""

    @property
    def headline(self) -> str:
        """The reason that tells most in one line: what of the reader's own it is closest to."""
        named = (r.text for r in self.reasons if r.kind in _OF_THE_READERS_OWN)
        return next(named, self.reasons[0].text if self.reasons else "")


_OF_THE_READERS_OWN = frozenset({ReasonKind.PAPER, ReasonKind.CITATIONS, ReasonKind.GOAL})


@dataclass(frozen=True, slots=True)
class Receipt:
    """A publisher's word on one suggestion.

    Attributes:
        failure: Why it was not delivered, or not taken away; one line, empty when it was.
        place: The library's key of the item that was made of it; empty where none was.
        shelf: The library's key of the collection that it was put into.
        memo: What the publisher wants to be given back when it is to take the suggestion away.
        touched: It was to be taken away, but somebody had changed it, so it was left.
        seen: The item is there for whoever reads the library from now on, so that its absence
            means something; not so where one server is written and another one read.
    """

    suggestion_id: str
    failure: str = ""
    place: str = ""
    shelf: str = ""
    memo: str = ""
    touched: bool = False
    seen: bool = False


class Verdict(StrEnum):
    """What the reader said of a suggestion outright; it stands over every other sign.

    What is forgotten counts as let pass, and nothing is learnt of it.
    """

    GOOD = "good"
    BAD = "bad"
    UNDONE = "undone"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A suggestion with what is known of it since.

    Attributes:
        places: The library keys of the items that were made of it.
        shelves: Those of the collections that they were put into.
        delivered_at: When the last publisher delivered it; None before.
        seen: An item that was made of it has been seen in the library, so that its absence means
            something.
        retired: It was taken away by us.
        touched: It was to be taken away, but somebody had changed it, so it stays for good.
        verdict: None where the reader said nothing outright.
    """

    suggestion: Suggestion
    state: State
    places: frozenset[str] = frozenset()
    shelves: frozenset[str] = frozenset()
    delivered_at: datetime | None = None
    seen: bool = False
    retired: bool = False
    touched: bool = False
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Dislike:
    """A paper that the reader was shown and did not want.

    Attributes:
        weight: How surely, in (0, 1]: 1 for what was dismissed, less for what was let pass.
    """

    paper: Paper
    weight: float


def rounded_shares(suggestion: Suggestion, digits: int) -> tuple[Decimal, tuple[Decimal, ...]]:
    """The score and its reasons' shares, rounded so that the shares still add up to the score.

    Each share is rounded up or down, and those that lose most by rounding down are rounded up
    (the method of the largest remainder).

    Args:
        suggestion: With or without reasons.
        digits: How many decimals, from 0.

    Returns:
        The score, rounded to the nearest, and the shares in the reasons' order; they add up to it
        exactly.

    Raises:
        ValueError: If there are reasons and their shares miss the score by more than rounding can
            explain, 0.001: then some reason is missing or untrue.
    """
    unit = 10**digits
    score = round(Fraction(suggestion.score) * unit)
    exact = [Fraction(reason.share) for reason in suggestion.reasons]
    if not exact:
        return Decimal(score).scaleb(-digits), ()
    whole = sum(exact)
    if abs(whole - Fraction(suggestion.score)) > _ROUNDING_ERROR:
        raise ValueError(f"the shares add up to {float(whole)}, not to {suggestion.score}")
    # What the parts miss of the whole is theirs in proportion.
    scale = unit * (Fraction(suggestion.score) / whole if whole else 1)
    scaled = [share * scale for share in exact]
    found = [floor(share) for share in scaled]
    each, more = divmod(score - sum(found), len(found))
    by_loss = sorted(range(len(found)), key=lambda i: found[i] - scaled[i])
    for place, i in enumerate(by_loss):
        found[i] += each + (place < more)
    return Decimal(score).scaleb(-digits), tuple(Decimal(n).scaleb(-digits) for n in found)


_ROUNDING_ERROR = Fraction(1, 1000)


def suggestion_id(profile: str, names: Sequence[str]) -> str:
    """A stable name for a paper's suggestion to a profile.

    Args:
        profile: The profile's name.
        names: What the paper goes by (``identity.names``), best first; only the first counts.

    Returns:
        16 hexadecimal digits.
    """
    return hashlib.sha256(f"{profile}\n{names[0]}".encode()).hexdigest()[:16]


def suggestion_ids(
    profile: str, named: Sequence[Sequence[str]], taken: Collection[str] = ()
) -> list[str]:
    """A name for each paper's suggestion, made of its best name that is no other suggestion's.

    Two papers can share a name, such as their volume's DOI.

    Args:
        profile: The profile's name.
        named: What each paper goes by, best first; the last is no other paper's.
        taken: What suggestions are called already.
    """
    used = set(taken)
    found: list[str] = []
    for names in named:
        ids = [suggestion_id(profile, [name]) for name in names]
        found.append(next((i for i in ids if i not in used), ids[-1]))
        used.add(found[-1])
    return found
