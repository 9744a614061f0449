"""The parts that a score is the sum of, before anybody is told of them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Rows, Scores, Vectors
from recommender.model.content import Placed
from recommender.papers import Author, Paper

_N_NEAREST = 10  # library papers that speak for a paper; more would blur the interests into one
_TEMPERATURE = 0.2
_CHUNK = 1024
_SAME = 0.99999
_NOISE = 1e-5  # of the arithmetic, between papers that share nothing
_PREPRINT_SERVERS = re.compile(
    r"arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprint|research square"
)


@dataclass(frozen=True, slots=True)
class Weights:
    """Each part's weight in the score; together they are 1."""

    topics: float
    contrast: float
    terms: float
    authors: float
    venue: float
    collaborative: float

    @classmethod
    def sharing(cls, collaborative: float, *, contrast: bool) -> "Weights":
        """The weights when the collaborative part has the given one.

        Args:
            collaborative: In [0, 1].
            contrast: Whether there is a contrast to what is listed; else topics speak for it.
        """
        rest = 1 - collaborative
        topics, apart = (0.375, 0.375) if contrast else (0.75, 0.0)
        return cls(topics * rest, apart * rest, 0.1 * rest, 0.1 * rest, 0.05 * rest, collaborative)


@dataclass(frozen=True, slots=True)
class Near:
    """The library papers that speak for each of ``n`` papers, nearest first.

    Attributes:
        rows: ``(n, k)``, rows of the library.
        voices: ``(n, k)``, each one's weight; a row sums to 1, or 0 without an opinion.
        topics: ``(n, k)``, how close they are in topics, in [0, 1].
        terms: ``(n, k)``, how close they are in words, in [0, 1].
    """

    rows: Rows
    voices: Vectors
    topics: Vectors
    terms: Vectors


def nearest(papers: Placed, own: Placed, *, leave_out_same: bool = False) -> Near:
    """The library papers that speak for each paper: the nearest, weighed by a softmax of closeness.

    Args:
        papers: The ``n`` papers to be judged.
        own: The library's papers.
        leave_out_same: A library paper with the same text does not speak: for judging the library's
            own papers as if they were new.
    """
    rows, topics = _closest(papers.topics, own.topics, leave_out_same=leave_out_same)
    n, k = rows.shape
    terms = np.zeros((n, k), np.float32)
    for start in range(0, n, _CHUNK):
        some = np.arange(start, min(start + _CHUNK, n))
        pairs = papers.terms[np.repeat(some, k)].multiply(own.terms[rows[some].ravel()])
        terms[some] = np.asarray(pairs.sum(axis=1), np.float32).reshape(-1, k)
    return Near(rows, _voices(topics), topics, np.clip(terms, 0, 1))


def pooled(papers: Vectors, own: Vectors) -> Scores:
    """Closeness in topics alone of each paper to the library papers that speak for it, ``(n,)``."""
    _, topics = _closest(papers, own, leave_out_same=False)
    return _summed(_voices(topics) * topics)


def _closest(papers: Vectors, own: Vectors, *, leave_out_same: bool) -> tuple[Rows, Vectors]:
    n, k = len(papers), min(_N_NEAREST, len(own))
    rows, topics = np.zeros((n, k), np.int64), np.zeros((n, k), np.float32)
    for start in range(0, n, _CHUNK):
        similar = np.clip(papers[start : start + _CHUNK] @ own.T, 0, 1)
        similar[similar < _NOISE] = 0
        if leave_out_same:
            similar[similar > _SAME] = 0
        near = np.argpartition(similar, len(own) - k, axis=1)[:, len(own) - k :]
        closeness = np.take_along_axis(similar, near, axis=1)
        near = np.take_along_axis(near, np.argsort(-closeness, axis=1, kind="stable"), axis=1)
        rows[start : start + _CHUNK] = near
        topics[start : start + _CHUNK] = np.take_along_axis(similar, near, axis=1)
    return rows, topics


def _voices(topics: Vectors) -> Vectors:
    voices = np.exp((topics - topics.max(axis=1, keepdims=True, initial=0)) / _TEMPERATURE)
    voices *= topics > 0
    total = voices.sum(axis=1, keepdims=True)
    shares: Vectors = np.divide(voices, total, out=np.zeros_like(topics), where=total > 0)
    return shares


def _summed(rows: Vectors) -> Scores:
    total: Scores = rows.sum(axis=1)
    return total


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


@dataclass(frozen=True, slots=True)
class Parts:
    """What each part says of each of ``n`` papers, unweighted, each in [0, 1].

    Attributes:
        near: Who speaks for each paper in ``topics`` and ``terms``.
        contrast: ``(n,)``, how it stands out from the rest of what is listed.
        readers: ``(n, n_readers)`` what each reader adds to the collaborative part.
    """

    near: Near
    contrast: Scores
    authors: Scores
    venue: Scores
    readers: Vectors

    @property
    def topics(self) -> Scores:
        """Closeness in topics to the library papers nearest, ``(n,)``."""
        return _summed(self.near.voices * self.near.topics)

    @property
    def terms(self) -> Scores:
        """Closeness in words to the same papers, ``(n,)``."""
        return _summed(self.near.voices * self.near.terms)

    def total(self, weights: Weights) -> Scores:
        """The score, ``(n,)`` float32 in [0, 1]; NaN for a paper for which nobody speaks."""
        score = (
            weights.topics * self.topics
            + weights.contrast * self.contrast
            + weights.terms * self.terms
            + weights.authors * self.authors
            + weights.venue * self.venue
            + weights.collaborative * self.readers.sum(axis=1)
        )
        return np.where(self.near.voices.any(axis=1), score, np.nan).astype(np.float32)


def familiarity(papers: Sequence[Paper], known: Acquaintances) -> tuple[Scores, Scores]:
    """How well the library knows each paper's authors and venue, two of ``(n,)`` in [0, 1]."""
    authors = np.zeros(len(papers), np.float32)
    venues = np.zeros(len(papers), np.float32)
    for row, paper in enumerate(papers):
        by_them = max((count for _, count in known.authors_of(paper)), default=0)
        there = known.venue_of(paper)
        authors[row] = by_them / (by_them + 1)
        venues[row] = there / (there + 4)
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
    text = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(
        re.findall(r"[^\W_]+", "".join(c for c in text if not unicodedata.combining(c)))
    )
