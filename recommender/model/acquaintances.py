"""Whom and which venues a library knows."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Scores
from recommender.papers import Author, Paper

_PREPRINT_SERVERS = re.compile(
    r"arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprint|research square"
)
_HALF_AUTHORS = 1  # papers of one person that say half of what many of theirs would say
_HALF_VENUE = 4


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """Whom and which venues the reader's library knows, with how many papers of each."""

    authors: Counter[str]
    venues: Counter[str]

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> "Acquaintances":
        """The authors and venues of a library's papers."""
        authors: Counter[str] = Counter()
        venues: Counter[str] = Counter()
        for paper in papers:
            authors.update({key for author in paper.authors for key in _author_keys(author)})
            venues.update(_venue_keys(paper))
        return cls(authors, venues)

    def authors_of(self, paper: Paper) -> Iterator[tuple[Author, int]]:
        """Those of a paper's authors whom the library knows, and by how many papers."""
        for author in paper.authors:
            count = max((self.authors[key] for key in _author_keys(author)), default=0)
            if count:
                yield author, count

    def venue_of(self, paper: Paper) -> int:
        """How many library papers appeared where this one did."""
        return max((self.venues[key] for key in _venue_keys(paper)), default=0)

    def familiarity(self, papers: Sequence[Paper]) -> tuple[Scores, Scores]:
        """How well the library knows each paper's authors and venue, two of ``(n,)`` in [0, 1]."""
        authors = np.zeros(len(papers), np.float32)
        venues = np.zeros(len(papers), np.float32)
        for row, paper in enumerate(papers):
            by_them = max((count for _, count in self.authors_of(paper)), default=0)
            there = self.venue_of(paper)
            authors[row] = by_them / (by_them + _HALF_AUTHORS)
            venues[row] = there / (there + _HALF_VENUE)
        return authors, venues


def _author_keys(author: Author) -> Iterator[str]:
    family, given = _folded(author.family), _folded(author.given)
    first = given.split(" ")[0] if given else ""
    if family and len(first) > 1:
        yield f"{family}, {first}"
    elif family and first:
        yield f"{family}, {given}"


def _venue_keys(paper: Paper) -> Iterator[str]:
    venue = _folded(re.sub(r"\(.*?\)|\b\d[\w.]*", " ", paper.venue))
    venue = re.sub(r"^(?:in )?(?:proceedings of (?:the )?|proc |advances in )", "", venue)
    if venue and not _PREPRINT_SERVERS.search(venue):
        yield venue


def _folded(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed.casefold() if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text.casefold()))


_WORD = re.compile(r"[^\W_]+")
