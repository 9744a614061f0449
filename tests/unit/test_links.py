import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.identifiers import PaperId, Scheme, unique
from recommender.identity import work_name
from recommender.model.links import citing, links_between
from recommender.papers import Paper
from recommender.testing.strategies import papers


def paper(*ids: str, cites: tuple[str, ...] = ()) -> Paper:
    return Paper(
        title="On trees",
        ids=unique(map(PaperId.parse, ids)),
        references=unique(map(PaperId.parse, cites)),
    )


A = paper("doi:10.1000/a", "arxiv:1706.03762")
B = paper("pmid:7", cites=("doi:10.1000/a",))
C = paper("doi:10.1000/c", cites=("arxiv:1706.03762", "doi:10.1000/a", "pmid:7", "pmid:99"))
ALONE = paper("doi:10.1000/alone", cites=("pmid:99",))


def test_a_citation_ties_both_ways_and_once() -> None:
    links = links_between([A, B, C, ALONE])
    assert links.dtype == np.float32
    assert links.has_canonical_format
    assert links.toarray().tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


def test_some_are_tied_to_others_whoever_cites() -> None:
    links = citing([A, C], [B, ALONE, A])
    assert links.dtype == np.float32
    assert links.toarray().tolist() == [[1, 0, 0], [1, 0, 1]]


def test_papers_that_cite_each_other_are_tied_once() -> None:
    pair = [paper("pmid:1", cites=("pmid:2",)), paper("pmid:2", cites=("pmid:1",))]
    assert links_between(pair).toarray().tolist() == [[0, 1], [1, 0]]
    assert citing(pair[:1], pair[1:]).toarray().tolist() == [[1]]


def test_who_cites_itself_is_tied_to_nobody() -> None:
    own = paper("pmid:1", "doi:10.1000/own", cites=("pmid:1",))
    assert links_between([own, A]).nnz == 0


@pytest.mark.parametrize(
    ("cited", "owned"),
    [
        ("doi:10.48550/arXiv.1706.03762v3", "arxiv:1706.03762"),
        ("doi:10.21203/rs.3.rs-7/v1", "doi:10.21203/rs.3.rs-7/v2"),
        ("doi:10.1000/ABC", "doi:https://doi.org/10.1000/abc"),
    ],
)
def test_an_id_in_another_spelling_or_version_is_the_same(cited: str, owned: str) -> None:
    assert links_between([paper(cites=(cited,)), paper(owned)]).nnz == 2


def test_a_books_isbn_ties_nobody_to_its_chapters() -> None:
    book = "isbn:9780306406157"
    assert links_between([paper("pmid:1", cites=(book,)), paper("pmid:2", book)]).nnz == 0


def test_whoever_has_the_same_id_is_tied_alike() -> None:
    links = links_between([paper(cites=("pmid:1",)), paper("pmid:1"), paper("pmid:1")])
    assert links.toarray().tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]


def test_of_nobody_nobody_is_tied() -> None:
    assert links_between([]).shape == (0, 0)
    assert citing([A, B], []).shape == (2, 0)
    assert citing([], [A]).shape == (0, 1)


@given(st.lists(papers(), max_size=6), st.lists(papers(), max_size=4))
def test_ties_are_what_comparing_all_pairs_finds(some: list[Paper], others: list[Paper]) -> None:
    expected = [[_cites(a, b) or _cites(b, a) for b in others] for a in some]
    assert citing(some, others).toarray().tolist() == expected
    between = links_between([*some, *others]).toarray()
    assert between[: len(some), len(some) :].tolist() == expected
    assert (between == between.T).all()
    assert not between.diagonal().any()
    assert (citing(others, some) != citing(some, others).T).nnz == 0


def test_ten_times_the_papers_cost_little_more_than_ten_times_as_much() -> None:
    few, many = _cost(600), _cost(6000)
    assert many < 40 * few


def _cost(n: int) -> float:
    chain = [
        paper(f"pmid:{i}", cites=tuple(f"pmid:{j}" for j in range(max(1, i - 9), i)))
        for i in range(1, n + 1)
    ]
    costs = []
    for _ in range(3):
        began_at = time.thread_time()
        links = links_between(chain)
        costs.append(time.thread_time() - began_at)
        assert links.nnz == 2 * sum(len(one.references) for one in chain)
    return min(costs)


def _cites(one: Paper, other: Paper) -> bool:
    cited, named = (
        {work_name(i) for i in ids if i.scheme is not Scheme.ISBN}
        for ids in (one.references, other.ids)
    )
    return not cited.isdisjoint(named)
