"""Counting each paper's terms once, however often it is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.model.text import count_matrix
from recommender.papers import Paper


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each term stands in papers, as ``text.Counts``; known ones are looked up.

    Attributes:
        rows: Each known text's row: its title and its abstract.
        counts: ``(n, text.N_COLUMNS)``.
    """

    rows: Mapping[tuple[str, str], int]
    counts: sparse.csr_matrix

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> "Counted":
        """With these papers known."""
        known = {(paper.title, paper.abstract): paper for paper in papers}
        return cls({text: row for row, text in enumerate(known)}, count_matrix(known.values()))

    def __call__(self, papers: Sequence[Paper]) -> sparse.csr_matrix:
        """``(n, text.N_COLUMNS)`` float32, as ``text.count_matrix`` gives."""
        rows = np.array([self.rows.get((p.title, p.abstract), -1) for p in papers], np.int64)
        if (rows < 0).any():
            new = [paper for paper, row in zip(papers, rows, strict=True) if row < 0]
            rows[rows < 0] = self.counts.shape[0] + np.arange(len(new))
            return sparse.vstack([self.counts, count_matrix(new)], format="csr")[rows]
        return self.counts[rows]
