"""Who, beside the reader, keeps papers: a group's members, and collections and tags in their stead.

A collection or a tag is a choice of papers that somebody made, so it stands in for a reader.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.arrays import Rows
from recommender.library import Item, Library, is_ours
from recommender.model.vocabulary import Vocabulary

MEMBER = "group member "
"""What stands before the name of a reader who is a person; the others are quoted."""

_COLLECTION = 1.0
_TAG = 1.0
_AUTOMATIC_TAG = 0.3  # a publisher's keyword is no choice of the reader's
_MEMBER = 1.0


@dataclass(frozen=True, slots=True)
class Readers:
    """Who has what.

    Attributes:
        names: How a person would call each reader: ``collection “Thesis / Methods”``.
        by_papers: ``(n_readers, n_items)`` float32; an entry says how confident we are that the
            reader wants the paper.
    """

    names: Vocabulary
    by_papers: sparse.csr_matrix

    @classmethod
    def of(cls, library: Library, items: Sequence[Item]) -> "Readers":
        """The readers in a library, over its given items as columns; a single paper makes none."""
        paths = library.paths()
        choices = [list(_choices(item, paths)) for item in items]
        popularity = Counter(name for chosen in choices for name, _ in chosen)
        names = Vocabulary.of(sorted(n for n, count in popularity.items() if count > 1))
        known = set(names.names)
        triples = [
            (names.number(name), column, weight)
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
            shape=(len(names), len(items)),
        )
        return cls(names, matrix)

    def shuffled(self, columns: Rows, seed: int) -> "Readers":
        """The same readers with as many papers each, but with the papers in these columns mixed."""
        order = np.arange(self.by_papers.shape[1])
        order[columns] = np.random.default_rng(seed).permutation(columns)
        return Readers(self.names, self.by_papers[:, order])

    def without(self, columns: Rows) -> "Readers":
        """The same readers, as if they did not have the papers in these columns."""
        keep = np.ones(self.by_papers.shape[1], np.float32)
        keep[columns] = 0
        matrix = sparse.csr_matrix(self.by_papers @ sparse.diags(keep))
        matrix.eliminate_zeros()
        return Readers(self.names, matrix)


def _choices(item: Item, paths: dict[str, str]) -> Iterator[tuple[str, float]]:
    filed = {f"collection “{paths[key]}”" for key in item.collections if key in paths}
    yield from ((name, _COLLECTION) for name in sorted(filed))
    for tag in sorted(tag for tag in set(item.tags) if not is_ours(tag.name)):
        yield f"tag “{tag.name}”", _AUTOMATIC_TAG if tag.automatic else _TAG
    if item.added_by:
        yield f"{MEMBER}{item.added_by}", _MEMBER
