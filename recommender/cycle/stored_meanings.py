"""What an encoder makes of papers, which outlives the run: a text is encoded once and for all."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from recommender.arrays import Vectors
from recommender.errors import BadResponse
from recommender.model.graph import chunks
from recommender.model.judging import content_of
from recommender.model.meanings import text_of
from recommender.papers import Paper
from recommender.ports import Encoder
from recommender.store import Store

_AT_ONCE = 256  # texts that are lost if the run is cut off; a small model needs some 20 s for them
_CHECK = 4  # bytes


@dataclass(frozen=True, slots=True)
class StoredMeanings:
    """What papers mean to an encoder, as ``meanings.Meanings``; a text is encoded once.

    Attributes:
        encoder: Is asked for what is not kept yet.
        store: Keeps its vectors.
        at: When this is.
    """

    encoder: Encoder
    store: Store
    at: datetime
    _marked: set[bytes] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The encoder's."""
        return self.encoder.name

    def __call__(self, papers: Sequence[Paper], /) -> Vectors:
        """``(n, d)`` float32, a row for each paper, as the encoder gives.

        Raises:
            IntegrationError: If the encoder fails; what it said before that is kept.
            StoreError: If the store cannot be used.
        """
        contents = [content_of(paper) for paper in papers]
        by_content = dict(zip(contents, papers, strict=True))
        rows = {
            content: row
            for content, kept in self.store.meanings(self.name, by_content).items()
            if (row := _unpacked(kept)) is not None
        }
        if used := rows.keys() - self._marked:
            self.store.save_meanings(self.name, {}, at=self.at, used=used)
            self._marked.update(used)
        new = [content for content in by_content if content not in rows]
        for some in chunks(len(new), _AT_ONCE):
            asked = [new[place] for place in some]
            found = self.encoder.encode([text_of(by_content[content]) for content in asked])
            self._keep(dict(zip(asked, map(_packed, found), strict=True)))
            rows |= zip(asked, found, strict=True)
        if not rows:
            return np.zeros((0, 0), np.float32)
        return np.vstack([rows[content] for content in contents])

    def _keep(self, packed: dict[bytes, bytes]) -> None:
        try:
            self.store.save_meanings(self.name, packed, at=self.at)
        except ValueError as error:
            message = f"{self.name} gives vectors of another length than before, so it is another"
            raise BadResponse(
                self.name, f"{message} model; put it under a name of its own"
            ) from error
        self._marked.update(packed)


def _packed(row: Vectors) -> bytes:
    """A row as bytes: a checksum, then the numbers."""
    content = row.astype("<f4").tobytes()
    return zlib.crc32(content).to_bytes(_CHECK, "little") + content


def _unpacked(kept: bytes) -> Vectors | None:
    """The row that ``_packed`` wrote; None where it is damaged."""
    check, content = kept[:_CHECK], kept[_CHECK:]
    if len(content) % 4 or zlib.crc32(content).to_bytes(_CHECK, "little") != check:
        return None
    return np.frombuffer(content, "<f4").astype(np.float32, copy=False)
