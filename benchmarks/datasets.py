"""Data sets of readers and papers, as the benchmarks read them.

A folder holds

- ``dataset.json``: ``{"name", "ordered"}``; *ordered* says whether the words of a text stand in
  their order, so that pairs of neighbours mean something.
- ``papers.jsonl.gz``: ``{"id", "text", "references": [id]}``, a paper a line; ids are 0 to n - 1.
- for each split, such as ``warm`` or ``cold``, a folder with ``train.csv.gz`` and ``test.csv.gz``,
  in which each line is a save, ``reader,paper``; and where split is ``cold``, ``cold_papers.csv``
  with the papers that are to be ranked, a line each.

What is no such thing raises ConfigError.
"""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from scipy import sparse

from recommender.arrays import Rows
from recommender.errors import ConfigError

COLD = "cold"
"""The split in which only papers that nobody has yet are ranked."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Papers.

    Attributes:
        name: What people call the data set.
        ordered: Whether a text's words stand in their order.
        texts: A paper's title and abstract, at the place that is its id.
        links: ``(n, n)`` float32, 1 where one of two papers cites the other; symmetric, and a paper
            has none with itself.
    """

    name: str
    ordered: bool
    texts: tuple[str, ...]
    links: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class Split:
    """What may be learnt from, and what is to be ranked.

    Attributes:
        train: ``(n_readers, n_papers)`` float32, 1 where a reader saved a paper; has a row for each
            reader of the test file too.
        candidates: The papers to be ranked, ascending; without them, all papers. What a reader has
            in train is never a candidate for them.
    """

    train: sparse.csr_matrix
    candidates: Rows | None


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    name: str
    ordered: bool


class _Paper(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    id: int
    text: str
    references: list[int] = []


_Record = TypeVar("_Record", bound=BaseModel)


def read_dataset(folder: Path) -> Dataset:
    """The papers of a data set."""
    header = folder / "dataset.json"
    if not header.is_file():
        raise ConfigError(f"{folder}: has no dataset.json; name the folder of a data set")
    told = _record(_Header, "".join(_lines(header)), header)
    path = folder / "papers.jsonl.gz"
    papers = [
        _record(_Paper, line, f"{path}, line {number}")
        for number, line in enumerate(_lines(path), 1)
    ]
    papers.sort(key=lambda paper: paper.id)
    if not papers or [paper.id for paper in papers] != list(range(len(papers))):
        raise ConfigError(f"{path}: the ids are not 0, 1, 2 and so on, each once; mend the file")
    texts = tuple(paper.text for paper in papers)
    return Dataset(told.name, told.ordered, texts, _links(papers, path))


def read_split(folder: Path, name: str, n_papers: int) -> Split:
    """One of a data set's splits; of its test file, the reader numbers alone are read."""
    readers = test_readers(folder / name / "test.csv.gz")
    train = read_saves(folder / name / "train.csv.gz", n_papers, int(readers.max(initial=-1)) + 1)
    if name != COLD:
        return Split(train, None)
    path = folder / name / "cold_papers.csv"
    candidates = np.unique(_numbers(path, "paper", 1))
    _check_papers(path, candidates, n_papers)
    return Split(train, candidates)


def test_readers(path: Path) -> Rows:
    """The readers of a test file, ascending, each once; which papers they saved is not read."""
    readers = np.unique(_numbers(path, "reader,paper", 1))
    if len(readers) and readers[0] < 0:
        raise ConfigError(f"{path}: reader {readers[0]} is below 0; mend the file")
    return readers


def read_saves(path: Path, n_papers: int, n_readers: int = 0) -> sparse.csr_matrix:
    """A file of saves, ``(n_readers, n_papers)`` of 0 and 1 float32.

    Args:
        path: The file.
        n_papers: How many papers the data set has.
        n_readers: The least number of rows; a reader beyond them adds more.
    """
    saves = _numbers(path, "reader,paper", 2)
    _check_papers(path, saves[:, 1], n_papers)
    if len(saves) and saves[:, 0].min() < 0:
        raise ConfigError(f"{path}: reader {saves[:, 0].min()} is below 0; mend the file")
    shape = (max(n_readers, int(saves[:, 0].max(initial=-1)) + 1), n_papers)
    return _ones(saves[:, 0], saves[:, 1], shape)


def _links(papers: Sequence[_Paper], path: Path) -> sparse.csr_matrix:
    citing = np.repeat(np.arange(len(papers)), [len(paper.references) for paper in papers])
    cited = np.array([number for paper in papers for number in paper.references], np.int64)
    _check_papers(path, cited, len(papers))
    others = citing != cited
    citing, cited = citing[others], cited[others]
    both_ways = np.concatenate([citing, cited]), np.concatenate([cited, citing])
    return _ones(*both_ways, (len(papers), len(papers)))


def _ones(rows: Rows, columns: Rows, shape: tuple[int, int]) -> sparse.csr_matrix:
    """The matrix with a 1 at each of these places, however often it is named."""
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _check_papers(path: Path, papers: Rows, n_papers: int) -> None:
    strange = papers[(papers < 0) | (papers >= n_papers)]
    if len(strange):
        raise ConfigError(
            f"{path}: there is no paper {strange[0]} among the {n_papers} of the data set; "
            "mend the file"
        )


def _numbers(path: Path, header: str, n_columns: int) -> Rows:
    """The first columns of a table, ``(n, n_columns)``, without its header."""
    first, *lines = _lines(path) or [""]
    if first.strip() != header:
        raise ConfigError(f"{path}: does not begin with “{header}”; mend the file")
    if not lines:  # of which numpy would warn
        return np.zeros((0, n_columns), np.int64)
    try:
        return np.loadtxt(
            lines, np.int64, comments=None, delimiter=",", usecols=range(n_columns), ndmin=2
        )
    except ValueError as error:
        raise ConfigError(f"{path}: {error}; mend the file") from error


def _record(kind: type[_Record], text: str, place: object) -> _Record:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        problem = f"{where}: {first['msg']}" if where else first["msg"]
        raise ConfigError(f"{place}: {problem}; mend the file") from error


def _lines(path: Path) -> list[str]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as file:
                return file.readlines()
        with path.open(encoding="utf-8") as file:
            return file.readlines()
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; name a whole data set") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; fetch the data set again") from error
