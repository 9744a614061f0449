"""What the reader asks for, beside what the library shows. Pure."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from recommender.identifiers import PaperId, Scheme, attempt, found_in
from recommender.papers import Paper
from recommender.scope import named


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the reader made of an interest, whatever the next model would call it.

    It belongs to the interest that has most of some papers (``model.interests``), for the names of
    interests change with every model.

    Attributes:
        called: The interest's name.
        keys: The library's keys of papers that were typical of it.
        factor: How much its papers pull: 1 as ever, 0 not at all.
    """

    called: str
    keys: tuple[str, ...]
    factor: float = 1.0


NO_EFFECT: tuple[float, tuple[str, ...]] = (1.0, ())
"""What a pin does to the scores that gives an interest a name and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What is wanted, and which interests count more, less or not at all; nothing at first.

    An interest is named by a pattern: its whole name, the collection before a ``: `` in it, or one
    of the terms behind it, each as ``scope.named`` compares it. So ``graph network`` names the
    interest ``graph network, node embedding``, and ``Thesis`` names ``Thesis / Methods``.

    Attributes:
        goals: What is wanted, in free text.
        seeds: Papers that stand for what is wanted.
        boosts: A pattern, and the factor in (0, 10] by which such interests count.
        muted: Patterns of interests whose papers do not pull; what serves another interest as well
            still comes.
        excluded: Patterns of interests for which nothing is ever suggested.
        pinned: What the reader made of single interests.
    """

    goals: tuple[str, ...] = ()
    seeds: tuple[Paper, ...] = ()
    boosts: tuple[tuple[str, float], ...] = ()
    muted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    pinned: tuple[Pinned, ...] = ()

    @property
    def teaches(self) -> bool:
        """Whether there is anything in it to learn from before there is a library."""
        return bool(self.goals or self.seeds)

    def factor(self, names: Collection[str]) -> float:
        """How much the reader's papers of an interest pull: 1 as ever, 0 if it is muted.

        Args:
            names: All that the interest is called.
        """
        if _meant(names, self.muted):
            return 0.0
        return math.prod(factor for pattern, factor in self.boosts if _meant(names, (pattern,)))

    def effect(self, pin: Pinned) -> tuple[float, tuple[str, ...]]:
        """All that a pin does to the scores: its factor, and the patterns that mean its name.

        ``NO_EFFECT`` for a mere name: with another one like it, every score is the same.
        """
        patterns = (*self.muted, *(pattern for pattern, _ in self.boosts))
        return pin.factor, tuple(one for one in patterns if _meant((pin.called,), (one,)))

    def excludes(self, names: Collection[str]) -> bool:
        """Whether nothing is ever to be suggested for an interest.

        Args:
            names: All that the interest is called.
        """
        return _meant(names, self.excluded)


NO_GUIDANCE = Guidance()
"""What a reader asks for who asks for nothing."""


def seed_id(text: str) -> PaperId | None:
    """The id that a seed in the config spells; None where it names a file.

    A file that is called like an id is meant by ``./`` before its name.
    """
    text = text.strip()
    if _PATH.match(text):
        return None
    try:
        return PaperId.parse(text)
    except ValueError:
        bare = (attempt(scheme, text) for scheme in _BARE)
        return next(chain(found_in(text), (found for found in bare if found)), None)


def _meant(names: Collection[str], patterns: Collection[str]) -> bool:
    return any(named(spelt, patterns) for name in names for spelt in _spellings(name))


def _spellings(name: str) -> list[str]:
    """What an interest can be called by: its name, and the collection and the terms in it."""
    collection, _, terms = name.rpartition(": ")
    parts = (name, collection, terms, *terms.split(","))
    return [spelt for part in parts if (spelt := part.strip())]


# Other schemes' bare values are numbers and words that may be anything.
_BARE = (Scheme.ARXIV, Scheme.ISBN, Scheme.ACL, Scheme.OPENALEX)
_PATH = re.compile(r"[/\\~.]|[a-z]:[/\\]", re.I)
