"""Who is tied to whom by a citation. Pure.

A citation ties both ways: a paper is near to what it cites and to what cites it. An ISBN ties
nobody, since it names a whole book, and each of its chapters has it too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy import sparse

from recommender.arrays import Rows
from recommender.identifiers import PaperId, Scheme
from recommender.identity import work_name
from recommender.papers import Paper


def links_between(papers: Sequence[Paper]) -> sparse.csr_matrix:
    """Which papers are tied to each other by a citation, either way.

    A paper cites another if an id among its references and one of the other's ids name the same
    work (``identity.work_name``). Time grows with the ids, the references and the ties.

    Returns:
        ``(n, n)`` float32, symmetric: 1 where one of two papers cites the other, no other entries,
        and none on the diagonal.
    """
    rows, columns = _citations(papers, papers)
    others = rows != columns
    rows, columns = rows[others], columns[others]
    return _ties(
        np.concatenate([rows, columns]), np.concatenate([columns, rows]), (len(papers), len(papers))
    )


def citing(papers: Sequence[Paper], others: Sequence[Paper]) -> sparse.csr_matrix:
    """Which papers are tied to which of some others by a citation, either way.

    As ``links_between``, but a paper that cites itself and is in both lists is tied to itself.

    Returns:
        ``(n, n_others)`` float32: 1 where one of the two cites the other, no other entries.
    """
    rows, columns = _citations(papers, others)
    columns_back, rows_back = _citations(others, papers)
    return _ties(
        np.concatenate([rows, rows_back]),
        np.concatenate([columns, columns_back]),
        (len(papers), len(others)),
    )


def cites(paper: Paper, other: Paper) -> bool:
    """Whether a paper's references name another one, as ``links_between`` compares them."""
    return not set(_names(paper.references)).isdisjoint(_names(other.ids))


def _citations(papers: Sequence[Paper], others: Sequence[Paper]) -> tuple[Rows, Rows]:
    """The place of each paper that cites one of the others, and the other's; perhaps repeated."""
    named: defaultdict[str, list[int]] = defaultdict(list)
    # Where nobody says what they cite, as in most listings, nobody has to be looked up.
    for place, other in enumerate(others if any(one.references for one in papers) else ()):
        for name in _names(other.ids):
            named[name].append(place)
    pairs = [
        (place, cited)
        for place, paper in enumerate(papers)
        if paper.references
        for name in _names(paper.references)
        for cited in named.get(name, ())
    ]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _names(ids: Iterable[PaperId]) -> Iterator[str]:
    return (work_name(one) for one in ids if one.scheme is not Scheme.ISBN)


def _ties(rows: Rows, columns: Rows, shape: tuple[int, int]) -> sparse.csr_matrix:
    ties = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    # A tie that was found several times is one.
    ties.data[:] = 1
    return ties
