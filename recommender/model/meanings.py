"""What an encoder makes of papers, beside their words: off unless somebody names one."""

from collections.abc import Sequence
from typing import Protocol

from recommender.arrays import Vectors
from recommender.papers import Paper


class Meanings(Protocol):
    """Where papers lie by what they mean, perhaps by looking up what was worked out before."""

    @property
    def name(self) -> str:
        """The encoder's, in one line; with another one, all is learnt anew."""

    def __call__(self, papers: Sequence[Paper], /) -> Vectors:
        """``(n, d)`` float32, rows of length 1 or 0; without papers, ``d`` may be anything.

        Raises:
            IntegrationError: If the encoder fails.
        """


def text_of(paper: Paper) -> str:
    """What an encoder gets to read of a paper."""
    return f"{paper.title}\n{paper.abstract}"


def meant(meanings: Meanings | None, papers: Sequence[Paper]) -> Vectors | None:
    """What the papers mean; None without an encoder."""
    return meanings(papers) if meanings else None
