import numpy as np
import pytest
from scipy import sparse

from recommender.model.graph import chunks, divided, row_sums, rows_of, stochastic, strongest
from tests.unit.model_worlds import dense, held

ROWS = [[0.5, 0.0, 0.7, 0.2], [0.0] * 4, [0.1, 0.1, 0.1, 0.0], [0.0, 0.3, 0.0, 0.0]]


def test_the_strongest_stay_and_of_equal_ones_the_first() -> None:
    kept = [[0.5, 0.0, 0.7, 0.0], [0.0] * 4, [0.1, 0.1, 0.0, 0.0], [0.0, 0.3, 0.0, 0.0]]
    np.testing.assert_array_equal(dense(strongest(held(ROWS), 2)), dense(held(kept)))


def test_what_is_cut_leaves_the_matrix_as_it_was() -> None:
    matrix = held(ROWS)
    strongest(matrix, 1)
    np.testing.assert_array_equal(dense(matrix), dense(held(ROWS)))


def test_each_entry_is_told_its_row() -> None:
    assert rows_of(held(ROWS)).tolist() == [0, 0, 0, 2, 2, 2, 3]


def test_rows_are_summed_and_divided_and_a_division_by_0_gives_0() -> None:
    assert row_sums(held(ROWS)).tolist() == pytest.approx([1.4, 0, 0.3, 0.3])
    by = np.array([2, 1, 0, 3], np.float32)
    divided_by_hand = [[0.25, 0.0, 0.35, 0.1], [0.0] * 4, [0.0] * 4, [0.0, 0.1, 0.0, 0.0]]
    np.testing.assert_allclose(dense(divided(held(ROWS), by)), divided_by_hand, rtol=1e-6)


def test_a_stochastic_row_sums_to_1_and_an_empty_one_stays() -> None:
    assert row_sums(stochastic(held(ROWS))).tolist() == pytest.approx([1, 0, 1, 1])
    nothing = stochastic(sparse.csr_matrix((3, 2), dtype=np.float32))
    assert (nothing.shape, nothing.nnz) == ((3, 2), 0)


@pytest.mark.parametrize(("n", "sizes"), [(0, []), (2, [2]), (3, [3]), (7, [3, 3, 1])])
def test_chunks_are_all_numbers_in_order(n: int, sizes: list[int]) -> None:
    parts = list(chunks(n, 3))
    assert [len(part) for part in parts] == sizes
    assert [number for part in parts for number in part] == list(range(n))
