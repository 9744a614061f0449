"""How good rankings of a data set are.

    python -m benchmarks.score DATASET_DIR warm|cold RANKINGS.npz [--json]

The rankings are two arrays of int64: ``readers (n,)``, and ``papers (n, 300)`` or more, the best
first. Each figure is the mean over the readers with at least one save in the test file. Rankings
that could not be what was asked for are refused: where a reader of the test file is missing, a
paper comes twice, the reader has it already, or it is no candidate.
"""

import argparse
import json
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from benchmarks.datasets import COLD, Split, read_dataset, read_saves, read_split
from recommender.arrays import Rows
from recommender.errors import ConfigError, RecommenderError
from recommender.model.metrics import ndcg, recall

RECALL_AT = (20, 50, 100, 300)
NDCG_AT = 20

_N_BEST = max(RECALL_AT)
# What numpy raises, the last two where the file is one array or has others.
_UNREADABLE = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, TypeError, KeyError)


@dataclass(frozen=True, slots=True)
class Rankings:
    """The best papers for each reader.

    Attributes:
        readers: ``(n,)``, each once.
        papers: ``(n, k)``, k at least 300, the best first.
    """

    readers: Rows
    papers: Rows

    @classmethod
    def read(cls, path: Path) -> "Rankings":
        """The rankings in a file.

        Raises:
            ConfigError: If there are none in it.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                readers, papers = arrays["readers"], arrays["papers"]
        except FileNotFoundError:
            raise ConfigError(f"{path}: there is no such file; rank the data set first") from None
        except _UNREADABLE as error:
            raise ConfigError(
                f"{path}: does not hold readers and papers; write both with numpy.savez"
            ) from error
        whole = np.issubdtype(readers.dtype, np.integer) and np.issubdtype(papers.dtype, np.integer)
        shaped = readers.ndim == 1 and papers.ndim == 2 and len(readers) == len(papers)
        if not (whole and shaped and papers.shape[1] >= _N_BEST):
            raise ConfigError(
                f"{path}: readers are {readers.shape} {readers.dtype} and papers {papers.shape} "
                f"{papers.dtype}; write (n,) and (n, {_N_BEST}) int64"
            )
        if len(np.unique(readers)) < len(readers):
            raise ConfigError(f"{path}: a reader comes twice; rank each reader once")
        return cls(readers.astype(np.int64), papers.astype(np.int64))

    def of(self, readers: Rows) -> Rows:
        """These readers' papers, ``(len(readers), k)``.

        Raises:
            ConfigError: If there are none for one of the readers.
        """
        missing = np.setdiff1d(readers, self.readers)
        if len(missing):
            raise ConfigError(
                f"the rankings lack readers of the test file, {len(missing)} in all, such as "
                f"reader {missing[0]}; rank every one"
            )
        order = np.argsort(self.readers)
        return self.papers[order[np.searchsorted(self.readers[order], readers)]]


def figures(rankings: Rankings, split: Split, test: sparse.csr_matrix) -> dict[str, float]:
    """What the rankings are worth, by the measure's name.

    Args:
        rankings: At least those of all readers with a save in test.
        split: What they could be made from.
        test: ``(n_readers, n_papers)``, the saves that they should have foreseen.

    Raises:
        ConfigError: If a reader is missing, or a ranking holds what it must not.
    """
    n_wanted = test.getnnz(axis=1)
    readers = np.flatnonzero(n_wanted)
    if not len(readers):
        raise ConfigError("the test file has no save; there is nothing to measure")
    papers, n_wanted = rankings.of(readers), n_wanted[readers]
    _check(readers, papers, split)
    hits = _held(test, readers, papers)
    found = {f"R@{k}": float(recall(hits[:, :k], n_wanted).mean()) for k in RECALL_AT}
    return {**found, f"NDCG@{NDCG_AT}": float(ndcg(hits[:, :NDCG_AT], n_wanted).mean())}


def _check(readers: Rows, papers: Rows, split: Split) -> None:
    n_papers = split.train.shape[1]
    ordered = np.argsort(papers, axis=1, kind="stable")
    ascending = np.take_along_axis(papers, ordered, axis=1)
    twice = np.zeros(papers.shape, np.bool_)
    np.put_along_axis(twice, ordered[:, 1:], ascending[:, 1:] == ascending[:, :-1], axis=1)
    strange = (papers < 0) | (papers >= n_papers)
    known = _held(split.train, readers, papers)
    outside = np.zeros(papers.shape, np.bool_)
    if split.candidates is not None:
        outside = ~np.isin(papers, split.candidates)
    for wrong, what in (
        (strange, "is not in the data set"),
        (twice, "comes twice"),
        (known, "is one that the reader has already"),
        (outside, "is no candidate"),
    ):
        if wrong.any():
            row, rank = np.argwhere(wrong)[0]
            raise ConfigError(
                f"reader {readers[row]}, rank {rank + 1}: paper {papers[row, rank]} {what}; "
                "rank each candidate once"
            )


def _held(saves: sparse.csr_matrix, readers: Rows, papers: Rows) -> npt.NDArray[np.bool_]:
    """Whether each reader has saved each of their papers, in the shape of the papers."""
    one = saves.tocoo()
    n_papers = saves.shape[1]
    held = one.row.astype(np.int64) * n_papers + one.col
    return np.isin(readers[:, None] * n_papers + papers, held)


def _table(title: str, found: Mapping[str, float], n_readers: int) -> str:
    names = "".join(f"{name:>9}" for name in found)
    values = "".join(f"{value:9.4f}" for value in found.values())
    return f"{'':24}{names}{'readers':>9}\n{title:24}{values}{n_readers:9}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("split", choices=["warm", COLD])
    parser.add_argument("rankings", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        dataset = read_dataset(asked.dataset)
        split = read_split(asked.dataset, asked.split, len(dataset.texts))
        test = read_saves(asked.dataset / asked.split / "test.csv.gz", len(dataset.texts))
        found = figures(Rankings.read(asked.rankings), split, test)
    except RecommenderError as error:
        sys.exit(f"score: {error}")
    n_readers = int(np.count_nonzero(test.getnnz(axis=1)))
    if asked.json:
        named = {"dataset": dataset.name, "split": asked.split, "readers": n_readers}
        print(json.dumps({**named, **found}))
    else:
        print(_table(f"{dataset.name} {asked.split}", found, n_readers))


if __name__ == "__main__":
    main()
