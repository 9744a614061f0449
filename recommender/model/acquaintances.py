"""Whom and which venues and categories a library knows."""

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
        authors: Counter[str] = Counter()
        places: Counter[str] = Counter()
        for paper in papers:
            authors.update({key for author in paper.authors for key in _author_keys(author)})
            places.update({key for key, _ in _places(paper)})
        return cls(authors, places)

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
    venue = _folded(re.sub(r"\(.*?\)|\b\d[\w.]*", " ", paper.venue))
    venue = re.sub(r"^(?:in )?(?:proceedings of (?:the )?|proc |advances in )", "", venue)
    if venue and not _PREPRINT_SERVERS.search(venue):
        yield venue, paper.venue
    # In brackets, lest a venue and a subject of one name be taken for one place.
    for category in paper.categories:
        if folded := _folded(category):
            yield f"[{folded}]", category


def _folded(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed.casefold() if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text.casefold()))


_WORD = re.compile(r"[^\W_]+")
