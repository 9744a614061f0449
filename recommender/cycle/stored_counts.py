"""Counts of terms that outlive the run: a text is read once and for all."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.model.judging import content_of
from recommender.model.saved import VERSION
from recommender.model.text import N_COLUMNS, Counts, count_matrix
from recommender.papers import Paper
from recommender.store import Store


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """How often each term stands in papers, as ``text.Counts``; a text is read once and for all.

    Attributes:
        store: Keeps what was counted.
        at: When this is.
        counts: Counts what is not kept yet.
    """

    store: Store
    at: datetime
    counts: Counts = count_matrix
    _marked: set[bytes] = field(default_factory=set)

    def __call__(self, papers: Sequence[Paper]) -> sparse.csr_matrix:
        """``(n, text.N_COLUMNS)`` float32 in canonical form, as ``text.count_matrix`` gives.

        Raises:
            StoreError: If the store cannot be used.
        """
        contents = [content_of(paper) for paper in papers]
        by_content = dict(zip(contents, papers, strict=True))
        kept = self.store.counts(VERSION, by_content)
        rows = {content: row for content, text in kept.items() if (row := _unpacked(text))}
        used = rows.keys() - self._marked
        new = {content: paper for content, paper in by_content.items() if content not in rows}
        if new:
            rows |= zip(new, _rows(self.counts(tuple(new.values()))), strict=True)
        if new or used:
            packed = {content: text for content in new if (text := _packed(rows[content]))}
            self.store.save_counts(VERSION, packed, at=self.at, used=used)
            self._marked.update(packed, used)
        return _matrix([rows[content] for content in contents])


_Row = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]
_CHECK = 4  # bytes
_MOST_COUNTED = np.iinfo(np.uint16).max


def _rows(counts: sparse.csr_matrix) -> Iterator[_Row]:
    for start, end in zip(counts.indptr, counts.indptr[1:], strict=False):
        yield counts.indices[start:end], counts.data[start:end]


def _matrix(rows: Sequence[_Row]) -> sparse.csr_matrix:
    lengths = [len(columns) for columns, _ in rows]
    content = (
        np.concatenate([np.zeros(0, np.float32), *(counts for _, counts in rows)]),
        np.concatenate([np.zeros(0, np.int32), *(columns for columns, _ in rows)]),
        np.cumsum([0, *lengths], dtype=np.int32),
    )
    return sparse.csr_matrix(content, (len(rows), N_COLUMNS))


def _packed(row: _Row) -> bytes | None:
    """A row as bytes: a checksum, then the columns, then how often; None where it does not fit."""
    columns, counts = row
    if len(counts) and counts.max() > _MOST_COUNTED:
        return None
    content = columns.astype("<i4").tobytes() + counts.astype("<u2").tobytes()
    return zlib.crc32(content).to_bytes(_CHECK, "little") + content


def _unpacked(text: bytes) -> _Row | None:
    """The row that ``_packed`` wrote; None where it is damaged."""
    check, content = text[:_CHECK], memoryview(text)[_CHECK:]
    n, rest = divmod(len(content), 6)
    if rest or zlib.crc32(content).to_bytes(_CHECK, "little") != check:
        return None
    columns = np.frombuffer(content[: 4 * n], "<i4").astype(np.int32, copy=False)
    return columns, np.frombuffer(content[4 * n :], "<u2").astype(np.float32)
