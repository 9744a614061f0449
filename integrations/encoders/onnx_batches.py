"""Texts of many lengths through a network that takes rectangles: batches, and pooling. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from integrations.encoders.onnx_folder import Pooling

_TOKENS = 4096  # in a batch, with what fills up short texts: bounds the memory
_Array = npt.NDArray[Any]


def pool(vectors: _Array, mask: npt.NDArray[np.bool_], pooling: Pooling) -> _Array:
    """One vector for each text; 0 for a text without a token.

    Args:
        vectors: ``(n, t, d)``, of the tokens.
        mask: ``(n, t)``, which of them are the text's own; these come first.
        pooling: The mean of the text's tokens, the largest number of each place, the first token
            (as in BERT), or the last one.

    Returns:
        ``(n, d)``.
    """
    own = mask[:, :, None]
    n_tokens = mask.sum(axis=1)
    if pooling == "mean":
        found = np.where(own, vectors, 0).sum(axis=1) / np.maximum(n_tokens, 1)[:, None]
    elif pooling == "max":
        found = np.where(own, vectors, -np.inf).max(axis=1)
    else:
        place = np.maximum(n_tokens - 1, 0) if pooling == "last" else np.zeros_like(n_tokens)
        found = vectors[np.arange(len(vectors)), place]
    return np.where(n_tokens[:, None] > 0, found, 0)


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of about one length, so that little of a batch only fills up.

    Args:
        lengths: ``(n,)``, how many tokens each text has.

    Yields:
        Some of the places; each comes once.
    """
    batch: list[int] = []
    # From the longest: the first of a batch says how wide it is.
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > _TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def filled(ragged: Sequence[Sequence[int]], value: int) -> npt.NDArray[np.int64]:
    """Rows of one length: ``(n, t)``, with a value behind those that are shorter."""
    width = max(1, *map(len, ragged))
    return np.array([[*row, *[value] * (width - len(row))] for row in ragged], np.int64)
