"""Papers to measure speed with: as many as are wanted, alike to real ones in what they cost.

Made of real papers where some are given, each of sentences of two of them with a quarter of the
words changed, so that words and pairs of words are as often new as in papers. Without any, words
are invented, and drawn as often as Zipf's law says: a paper has words of its subject and of all.
"""

import itertools
import random
import re
from collections.abc import Sequence
from pathlib import Path

from integrations.sources.files import FileSource
from recommender.errors import ConfigError
from recommender.papers import Author, Paper

_CHANGED = 0.25  # of the words; then as many terms are new in a paper as in one of arXiv
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_LEAST_REAL = 100

_N_WORDS, _N_SUBJECTS = 30_000, 60
_OF_SUBJECT = 0.4  # of a paper's words
_N_SENTENCES, _SENTENCE_WORDS, _TITLE_WORDS = 8, 21, 9
_SYLLABLES = [a + b for a, b in itertools.product("bdfgklmnprstvz", "aeiou")]
_N_AUTHORS = 4


def papers(n: int, seed: int, real: Sequence[Paper] = ()) -> list[Paper]:
    """Papers, each with authors and a venue.

    Args:
        n: How many.
        seed: The same gives the same papers; fewer of them are the first of more.
        real: Papers with abstracts to make them of; without any, their words are invented.
    """
    draw = random.Random(seed)  # noqa: S311 -- an invented text is no secret
    made = _Mixed(real, draw) if real else _Invented(draw)
    return [_signed(*made.text(), draw) for _ in range(n)]


def read(path: Path) -> list[Paper]:
    """The papers with an abstract in a file or folder of any format that Shelfwise reads.

    Raises:
        ConfigError: If there are too few to make others of.
    """
    pages = FileSource(str(path)).listings(None)
    found = [entry.paper for page in pages for entry in page.papers if entry.paper.abstract]
    if len(found) < _LEAST_REAL:
        raise ConfigError(
            f"{path}: has {len(found)} papers with an abstract; name a file with {_LEAST_REAL}"
        )
    return found


class _Mixed:
    """Texts of sentences of two papers each."""

    def __init__(self, real: Sequence[Paper], draw: random.Random) -> None:
        self._draw = draw
        self._titles = [paper.title.split() for paper in real]
        self._sentences = [_SENTENCE.split(paper.abstract) for paper in real]
        self._words = [word for paper in real for word in paper.abstract.split()]

    def text(self) -> tuple[str, str]:
        draw = self._draw
        one, other = (draw.randrange(len(self._titles)) for _ in range(2))
        first, second = self._sentences[one], self._sentences[other]
        sentences = [
            *draw.sample(first, (len(first) + 1) // 2),
            *draw.sample(second, len(second) // 2),
        ]
        words = (word for sentence in sentences for word in sentence.split())
        changed = (draw.choice(self._words) if draw.random() < _CHANGED else w for w in words)
        begun, ended = self._titles[one], self._titles[other]
        title = [*begun[: (len(begun) + 1) // 2], *ended[len(ended) // 2 :]]
        return " ".join(title), " ".join(changed)


class _Invented:
    """Texts of invented words."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._words = ["".join(draw.choices(_SYLLABLES, k=2 + n % 3)) for n in range(_N_WORDS)]
        self._often = list(itertools.accumulate(1 / (rank + 3) for rank in range(_N_WORDS)))
        self._subjects = [draw.sample(self._words, _N_WORDS // 10) for _ in range(_N_SUBJECTS)]
        self._often_of_subject = self._often[: _N_WORDS // 10]

    def text(self) -> tuple[str, str]:
        subject = self._draw.choice(self._subjects)
        sentences = (self._sentence(subject, _SENTENCE_WORDS) for _ in range(_N_SENTENCES))
        return self._sentence(subject, _TITLE_WORDS), " ".join(f"{said}." for said in sentences)

    def _sentence(self, subject: Sequence[str], n: int) -> str:
        draw, n_own = self._draw, round(n * _OF_SUBJECT)
        words = draw.choices(subject, cum_weights=self._often_of_subject, k=n_own)
        words += draw.choices(self._words, cum_weights=self._often, k=n - n_own)
        draw.shuffle(words)
        return " ".join(words).capitalize()


def _signed(title: str, abstract: str, draw: random.Random) -> Paper:
    def name() -> str:
        return "".join(draw.choices(_SYLLABLES, k=3)).capitalize()

    authors = tuple(Author(name(), name()) for _ in range(_N_AUTHORS))
    venue = f"Journal of {draw.choice(_SYLLABLES).capitalize()}"
    return Paper(title=title, abstract=abstract, authors=authors, venue=venue)
