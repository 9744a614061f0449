"""What other readers' choices say of a paper.

A reader × paper matrix in which the people of a group library, and the reader's own collections
and tags, are readers. It is factorised by alternating least squares for implicit feedback (Hu,
Koren and Volinsky 2008); a ridge regression from topics to paper factors carries it to papers that
no reader has yet (Gantner et al. 2010, "Learning attribute-to-feature mappings for cold-start
recommendations").

The one file that imports ``implicit``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommender.arrays import Rows, Vectors
from recommender.library import Item, Library, is_ours
from recommender.model.vocabulary import Vocabulary

MIN_READERS = 3
"""Below this there is nobody whose choices could be compared."""

_N_FACTORS = 16
_REGULARIZATION = 0.05
_ALPHA = 4.0
_ITERATIONS = 15
_RIDGE = 1.0
_AUTOMATIC_TAG = 0.3  # a publisher's keyword is no choice of the reader's
_TEMPERATURE = 0.1
_MOST_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Interactions:
    """Who has what.

    Attributes:
        readers: How a person would call each reader: ``collection “Thesis / Methods”``.
        readers_by_papers: ``(n_readers, n_items)`` float32; an entry says how confident we are
            that the reader wants the paper.
    """

    readers: Vocabulary
    readers_by_papers: sparse.csr_matrix

    @classmethod
    def of(cls, library: Library, items: Sequence[Item]) -> "Interactions":
        """The readers in a library, over its given items as columns; a single paper makes none."""
        paths = library.paths()
        choices = [list(_choices(item, paths)) for item in items]
        popularity = Counter(name for chosen in choices for name, _ in chosen)
        readers = Vocabulary.of(sorted(n for n, count in popularity.items() if count > 1))
        known = set(readers.names)
        triples = [
            (readers.number(name), column, weight)
            for column, chosen in enumerate(choices)
            for name, weight in chosen
            if name in known
        ]
        rows, columns, weights = zip(*triples, strict=True) if triples else ((), (), ())
        matrix = sparse.csr_matrix(
            (
                np.array(weights, np.float32),
                (np.array(rows, np.int64), np.array(columns, np.int64)),
            ),
            shape=(len(readers), len(items)),
        )
        return cls(readers, matrix)

    def shuffled(self, columns: Rows, seed: int) -> "Interactions":
        """The same readers with as many papers each, but with the papers in these columns mixed."""
        order = np.arange(self.readers_by_papers.shape[1])
        order[columns] = np.random.default_rng(seed).permutation(columns)
        return Interactions(self.readers, self.readers_by_papers[:, order])

    def without(self, columns: Rows) -> "Interactions":
        """The same readers, as if they did not have the papers in these columns."""
        keep = np.ones(self.readers_by_papers.shape[1], np.float32)
        keep[columns] = 0
        matrix = sparse.csr_matrix(self.readers_by_papers @ sparse.diags(keep))
        matrix.eliminate_zeros()
        return Interactions(self.readers, matrix)


def _choices(item: Item, paths: dict[str, str]) -> Iterator[tuple[str, float]]:
    filed = {f"collection “{paths[key]}”" for key in item.collections if key in paths}
    yield from ((name, 1.0) for name in sorted(filed))
    for tag in sorted(tag for tag in set(item.tags) if not is_ours(tag.name)):
        yield f"tag “{tag.name}”", _AUTOMATIC_TAG if tag.automatic else 1.0
    if item.added_by:
        yield f"group member {item.added_by}", 1.0


@dataclass(frozen=True, slots=True)
class Collaborative:
    """The readers' tastes, and the map that gives any paper its factors.

    Attributes:
        readers: Vocabulary of the rows of ``reader_factors``.
        reader_factors: ``(n_readers, f)`` float32.
        topics_to_factors: ``(d, f)`` float32.
    """

    readers: Vocabulary
    reader_factors: Vectors
    topics_to_factors: Vectors

    @classmethod
    def fit(cls, interactions: Interactions, topics: Vectors, seed: int) -> Self:
        """Learn the readers' tastes.

        Args:
            interactions: At least ``MIN_READERS`` readers.
            topics: ``(n_items, d)``, where the items lie, in the order of the columns.
            seed: For the first factors.
        """
        # The class itself: implicit.als has a factory of that name, which may choose a GPU.
        from implicit.cpu.als import AlternatingLeastSquares

        matrix = interactions.readers_by_papers
        if matrix.shape[1] != len(topics):
            raise ValueError(f"{matrix.shape[1]} columns, but {len(topics)} items are placed")
        # It warns where BLAS may use several threads, and is slower there.
        with threadpool_limits(1, "blas"):
            als = AlternatingLeastSquares(
                factors=min(_N_FACTORS, *matrix.shape),
                regularization=_REGULARIZATION,
                alpha=_ALPHA,
                iterations=_ITERATIONS,
                num_threads=1,
                random_state=seed,
            )
            als.fit(matrix, show_progress=False)
        had = np.asarray(matrix.getnnz(axis=0) > 0)
        x, factors = topics[had].astype(np.float64), als.item_factors[had].astype(np.float64)
        gram = x.T @ x + _RIDGE * np.eye(x.shape[1])
        mapped = np.linalg.solve(gram, x.T @ factors)
        return cls(interactions.readers, als.user_factors, mapped.astype(np.float32))

    @classmethod
    def held_out(cls, interactions: Interactions, topics: Vectors, seed: int) -> Vectors:
        """What each reader would add to each of the items' own scores, had nobody had the item.

        Args:
            interactions: As for ``fit``.
            topics: As for ``fit``; at least two items.
            seed: As for ``fit``.

        Returns:
            ``(n_items, n_readers)`` float32, as ``contributions`` gives.
        """
        said = np.zeros((len(topics), len(interactions.readers)), np.float32)
        for fold in range(n_folds := min(len(topics), _MOST_FOLDS)):
            held = np.flatnonzero(np.arange(len(topics)) % n_folds == fold)
            fitted = cls.fit(interactions.without(held), topics, seed)
            said[held] = fitted.contributions(topics[held])
        return said

    def contributions(self, topics: Vectors) -> Vectors:
        """What each reader adds to each paper's score.

        The readers most drawn to a paper speak for it: their predicted preferences, averaged with
        the weights of a softmax over them.

        Returns:
            ``(n, n_readers)`` float32; each row's sum is in [0, 1].
        """
        drawn = np.clip(topics @ self.topics_to_factors @ self.reader_factors.T, 0, 1)
        weight = np.exp((drawn - drawn.max(axis=1, keepdims=True)) / _TEMPERATURE)
        said: Vectors = (drawn * weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
        return said
