"""The recipe of arxiv-sanity-lite with scikit-learn: what many would write, to compare with.

TF-IDF of words and pairs, latent semantic analysis, and for each reader a linear support vector
machine for which every paper that they do not have is a negative. The parameters of the first and
the last are arxiv-sanity-lite's own; it has no step between them. scikit-learn is an extra of the
benchmarks: ``pip install 'shelfwise[benchmark]'``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows, Scores, Vectors
from recommender.errors import ConfigError
from recommender.papers import Paper

_N_TOPICS = 200  # as many as ours at the most


def check() -> None:
    """Nothing, where scikit-learn is installed.

    Raises:
        ConfigError: If it is not.
    """
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "scikit-learn, to compare with, is not installed; pip install 'shelfwise[benchmark]'"
        ) from error


@dataclass(frozen=True, slots=True)
class Recipe:
    """A fitted vectoriser and decomposition."""

    words: Any
    topics: Any

    @classmethod
    def fit(cls, words: "Words", seed: int) -> tuple["Recipe", Vectors]:
        """The recipe for a corpus, and the vectors of its papers."""
        from sklearn.decomposition import TruncatedSVD

        topics = TruncatedSVD(_N_TOPICS, random_state=seed)
        found = topics.fit_transform(words.matrix)
        return cls(words.vectoriser, topics), np.asarray(found, np.float32)

    def vectors(self, papers: Sequence[Paper]) -> Vectors:
        """``(n, 200)`` of papers, new ones too."""
        found = self.topics.transform(self.words.transform(map(_text, papers)))
        return np.asarray(found, np.float32)


@dataclass(frozen=True, slots=True)
class Words:
    """A corpus's words, read and weighed."""

    vectoriser: Any
    matrix: sparse.csr_matrix

    @classmethod
    def of(cls, papers: Sequence[Paper]) -> "Words":
        """The words and pairs of words of a corpus."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectoriser = TfidfVectorizer(
            strip_accents="unicode",
            stop_words="english",
            token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b",  # noqa: S106 -- of words, no secret
            ngram_range=(1, 2),
            max_features=20_000,
            sublinear_tf=True,
            max_df=0.1,
            min_df=5,
            dtype=np.float32,
        )
        return cls(vectoriser, vectoriser.fit_transform(map(_text, papers)))


@dataclass(frozen=True, slots=True)
class Line:
    """What tells one reader's papers from all others."""

    machine: Any

    @classmethod
    def fit(cls, vectors: Vectors, own: Rows) -> "Line":
        """The line between some of the papers and the rest."""
        from sklearn.svm import LinearSVC

        wanted: npt.NDArray[np.bool_] = np.zeros(len(vectors), np.bool_)
        wanted[own] = True
        machine = LinearSVC(class_weight="balanced", max_iter=10_000, tol=1e-6, C=0.01)
        return cls(machine.fit(vectors, wanted))

    def scores(self, vectors: Vectors) -> Scores:
        """How far each paper is on the reader's side, ``(n,)``."""
        return np.asarray(self.machine.decision_function(vectors), np.float32)


def _text(paper: Paper) -> str:
    names = " ".join(f"{author.given} {author.family}" for author in paper.authors)
    return f"{paper.title} {paper.abstract} {names}"
