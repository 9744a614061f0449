"""Small worlds for the tests of the model's parts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.identifiers import PaperId, Scheme
from recommender.library import Collection, Item, Library
from recommender.model.links import citing, links_between
from recommender.model.readers import Readers
from recommender.model.text import count_matrix
from recommender.model.world import Place, World
from recommender.papers import Paper


def world_of(papers: Sequence[Paper], seed: int = 0) -> World:
    """The world that papers make."""
    return World.of(count_matrix(papers), links_between(papers), seed)


def placed(world: World, corpus: Sequence[Paper], papers: Sequence[Paper]) -> Place:
    """Where newcomers lie in the world of a corpus."""
    return world.placed(count_matrix(papers), citing(papers, corpus))


def identified(paper: Paper, number: int, *cited: int) -> Paper:
    """The paper with an id of that number, citing those of other numbers."""
    return replace(paper, ids=(_named(number),), references=tuple(map(_named, cited)))


def held(rows: Sequence[Sequence[float]]) -> sparse.csr_matrix:
    """A matrix of what each reader has, ``(n_readers, n)``."""
    return sparse.csr_matrix(np.array(rows, np.float32))


def dense(matrix: sparse.csr_matrix) -> npt.NDArray[np.float32]:
    """The matrix with its zeros."""
    return np.asarray(matrix.toarray(), np.float32)


def readers_of(filed: Sequence[Sequence[int]]) -> Readers:
    """Readers of a library in which each item is in the collections of these numbers."""
    numbers = sorted({number for numbers in filed for number in numbers})
    items = tuple(
        Item(key=str(n), paper=Paper(title=f"Paper {n}"), collections=tuple(map(str, numbers)))
        for n, numbers in enumerate(filed)
    )
    collections = tuple(Collection(str(number), f"Reader {number}") for number in numbers)
    return Readers.of(Library(items=items, collections=collections), items)


def _named(number: int) -> PaperId:
    return PaperId.of(Scheme.ARXIV, f"2601.{number:05}")
