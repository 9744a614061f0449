"""Splits made from what may be learnt from, so that nothing is ever chosen by a test file."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from benchmarks.datasets import COLD, Split
from recommender.arrays import Rows

_HELD_OUT = 0.34  # of a reader's saves: a reader of ten has three to be foreseen
_COLD = 0.2  # of the papers that anybody saved


def held_out(saves: sparse.csr_matrix, name: str, seed: int) -> tuple[Split, sparse.csr_matrix]:
    """A split of the same kind as a data set's own, made from what may be learnt from.

    Args:
        saves: ``(n_readers, n_papers)``, the train saves.
        name: ``cold`` for one in which papers are taken out, else saves are.
        seed: For what is taken out.

    Returns:
        The split, and ``(n_readers, n_papers)`` the saves to be foreseen.
    """
    draw = np.random.default_rng(seed)
    if name == COLD:
        had = np.unique(saves.indices)
        candidates = np.sort(draw.permutation(had)[: round(len(had) * _COLD)]).astype(np.int64)
        out = np.isin(saves.indices, candidates)
        return Split(_kept(saves, ~out), candidates), _kept(saves, out)
    n_out = np.floor(saves.getnnz(axis=1) * _HELD_OUT).astype(np.int64)
    out = _ranks(saves, draw) < np.repeat(n_out, saves.getnnz(axis=1))
    return Split(_kept(saves, ~out), None), _kept(saves, out)


def cut_to_one(split: Split, readers: Rows, seed: int) -> Split:
    """The same split, but each of these readers has one paper of theirs at most.

    Args:
        split: What is cut.
        readers: Those whose saves are cut; others keep theirs.
        seed: For which paper is kept.
    """
    saves = split.train
    cut = np.zeros(saves.shape[0], np.bool_)
    cut[readers] = True
    first = _ranks(saves, np.random.default_rng(seed)) == 0
    return replace(split, train=_kept(saves, first | ~np.repeat(cut, saves.getnnz(axis=1))))


def only(saves: sparse.csr_matrix, readers: Rows) -> sparse.csr_matrix:
    """The saves of these readers, in the same shape."""
    chosen = np.isin(np.arange(saves.shape[0]), readers)
    return _kept(saves, np.repeat(chosen, saves.getnnz(axis=1)))


def _ranks(saves: sparse.csr_matrix, draw: np.random.Generator) -> Rows:
    """The place of each save in a random order of its reader's saves, ``(nnz,)``."""
    n_saves = saves.getnnz(axis=1)
    of = np.repeat(np.arange(saves.shape[0]), n_saves)
    order = np.lexsort((draw.random(saves.nnz), of))
    ranks = np.empty(saves.nnz, np.int64)
    ranks[order] = np.arange(saves.nnz) - np.repeat(np.cumsum(n_saves) - n_saves, n_saves)
    return ranks


def _kept(saves: sparse.csr_matrix, keep: npt.NDArray[np.bool_]) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(saves.shape[0]), np.diff(saves.indptr))
    return sparse.csr_matrix((saves.data[keep], (rows[keep], saves.indices[keep])), saves.shape)
