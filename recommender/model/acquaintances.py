"""Whom and which venues and categories a library knows."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from recommender.arrays import Scores
from recommender.papers import Author, Paper

_PREPRINT_SERVERS = re.compile(
    r"arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprint|research square"
)
_HALF_AUTHORS = 1  # papers of one person that say half of what many of theirs would say
_HALF_PLACE = 4


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """Whom the reader's library knows, and where its papers are, with how many papers of each.

    A venue is a place, and so is a category: of a preprint it is what comes closest to a venue.
    """

    authors: Counter[str]
    places: Counter[str]

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> "Acquaintances":
        """The authors, venues and categories of a library's papers."""
        authors: list[str] = []
        places: list[str] = []
        for paper in papers:
            # Once for each paper; and all are counted at once, for a counter is slow to begin.
            authors.extend({key for author in paper.authors for key in _author_keys(author)})
            places.extend({key for key, _ in _places(paper)})
        return cls(Counter(authors), Counter(places))

    def authors_of(self, paper: Paper) -> Iterator[tuple[Author, int]]:
        """Those of a paper's authors whom the library knows, and by how many papers."""
        for author in paper.authors:
            count = max((self.authors[key] for key in _author_keys(author)), default=0)
            if count:
                yield author, count

    def place_of(self, paper: Paper) -> tuple[str, int]:
        """Where most library papers are of where this one is, and how many; none is ``("", 0)``."""
        found = ((name, self.places[key]) for key, name in _places(paper) if self.places[key])
        return max(found, key=lambda pair: pair[1], default=("", 0))

    def familiarity(self, papers: Sequence[Paper]) -> tuple[Scores, Scores]:
        """How well the library knows each paper's authors and place, two of ``(n,)`` in [0, 1]."""
        authors = np.zeros(len(papers), np.float32)
        places = np.zeros(len(papers), np.float32)
        for row, paper in enumerate(papers):
            by_them = max((count for _, count in self.authors_of(paper)), default=0)
            _, there = self.place_of(paper)
            authors[row] = by_them / (by_them + _HALF_AUTHORS)
            places[row] = there / (there + _HALF_PLACE)
        return authors, places


def _author_keys(author: Author) -> Iterator[str]:
    family, given = _folded(author.family), _folded(author.given)
    first = given.split(" ")[0] if given else ""
    if family and len(first) > 1:
        yield f"{family}, {first}"
    elif family and first:
        yield f"{family}, {given}"


def _places(paper: Paper) -> Iterator[tuple[str, str]]:
    """Its venue and its categories: what each is known by, and what it is called."""
    if venue := _venue_key(paper.venue):
        yield venue, paper.venue
    # In brackets, lest a venue and a subject of one name be taken for one place.
    for category in paper.categories:
        if folded := _folded(category):
            yield f"[{folded}]", category


@lru_cache(maxsize=2**10)
def _venue_key(venue: str) -> str:
    """What a venue is known by, the same each year; empty where it is none."""
    folded = _folded(_YEARLY.sub(" ", venue))
    key = _PROCEEDINGS.sub("", folded)
    return "" if _PREPRINT_SERVERS.search(key) else key


def _folded(text: str) -> str:
    if text.isascii():
        # One word, as most names are, is as it stands.
        return text.lower() if text.isalnum() else " ".join(_WORD.findall(text.lower()))
    decomposed = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in decomposed.casefold() if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text.casefold()))


_WORD = re.compile(r"[^\W_]+")
_YEARLY = re.compile(r"\(.*?\)|\b\d[\w.]*")
_PROCEEDINGS = re.compile(r"^(?:in )?(?:proceedings of (?:the )?|proc |advances in )")
