from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse

from recommender.arrays import Rows, Vectors
from recommender.model.packing import packed, unpacked


@dataclass(frozen=True, slots=True)
class Leaf:
    vectors: Vectors
    rows: Rows
    matrix: sparse.csr_matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    leaf: Leaf
    other: Leaf | None
    names: tuple[str, ...]
    contents: tuple[bytes, ...]
    pairs: tuple[tuple[str, ...], ...]
    wide: npt.NDArray[np.float64]
    half: float
    count: int
    is_one: bool


LEAF = Leaf(
    np.arange(6, dtype=np.float32).reshape(2, 3),
    np.array([3, 1], np.int64),
    sparse.csr_matrix(np.array([[0, 2, 0], [1, 0, 0.5]], np.float32)),
)
TREE = Tree(
    leaf=LEAF,
    other=None,
    names=("glass", "Ελλάδα \ud800"),
    contents=(b"", b"\x00\xff"),
    pairs=((), ("a", "b")),
    wide=np.array([0.1, 1e300]),
    half=0.1 + 0.2,
    count=7,
    is_one=True,
)


def spoilt(value: Any, **changes: object) -> Any:
    """With what its types forbid."""
    return replace(value, **changes)


def again(tree: Tree) -> Tree:
    return unpacked(packed(tree, 3), Tree, 3)


def test_a_tree_comes_back_as_it_was() -> None:
    for tree in (TREE, replace(TREE, other=LEAF, names=(), is_one=False)):
        found = again(tree)
        assert found.leaf.vectors.tobytes() == tree.leaf.vectors.tobytes()
        assert found.leaf.rows.tolist() == [3, 1]
        assert found.leaf.matrix.toarray().tolist() == [[0, 2, 0], [1, 0, 0.5]]
        assert found.wide.tolist() == [0.1, 1e300]
        assert (found.other is None) == (tree.other is None)
        told = (found.names, found.contents, found.pairs, found.half, found.count, found.is_one)
        assert told == (tree.names, tree.contents, tree.pairs, tree.half, tree.count, tree.is_one)
        assert packed(found, 3) == packed(tree, 3)


def test_empty_arrays_and_how_an_array_lies_in_memory_come_back_too() -> None:
    nothing = Leaf(
        np.zeros((0, 5), np.float32), np.zeros(0, np.int64), sparse.csr_matrix((0, 4), dtype="f4")
    )
    found = again(replace(TREE, leaf=nothing)).leaf
    assert (found.vectors.shape, found.rows.shape, found.matrix.shape) == ((0, 5), (0,), (0, 4))
    turned = replace(LEAF, vectors=np.asfortranarray(np.ones((2, 3), np.float32)))
    assert again(replace(TREE, leaf=turned)).leaf.vectors.flags.f_contiguous


def test_what_is_read_cannot_be_changed_and_what_is_there_twice_is_kept_once() -> None:
    with pytest.raises(ValueError, match="read-only"):
        again(TREE).leaf.vectors[0, 0] = 1
    large = replace(LEAF, vectors=np.ones((1000, 1000), np.float32))
    once, twice = (len(packed(replace(TREE, leaf=large, other=o), 1)) for o in (None, large))
    assert twice < once + 1000


def test_arrays_begin_where_processors_like_it() -> None:
    found = again(replace(TREE, other=LEAF))
    for array in (found.leaf.vectors, found.wide, found.leaf.matrix.data):
        assert array.flags.aligned


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wide": np.array([np.nan])}, "no number"),
        ({"leaf": replace(LEAF, vectors=np.full((2, 3), np.inf, np.float32))}, "no number"),
        ({"leaf": replace(LEAF, rows=np.array([0.5, np.nan]))}, "float64 where int64"),
        ({"leaf": spoilt(LEAF, vectors=np.zeros((2, 3)))}, "float64 where float32"),
        ({"wide": np.array([1, 2], np.int64)}, "int64 where float64"),
    ],
)
def test_numbers_of_another_sort_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        again(replace(TREE, **changes))


def test_a_matrix_whose_columns_are_nowhere_is_refused() -> None:
    far = LEAF.matrix.copy()
    far.indices[0] = 99
    with pytest.raises(ValueError, match="ind"):
        again(replace(TREE, leaf=replace(LEAF, matrix=far)))


@dataclass(frozen=True, slots=True)
class Another:
    leaf: Leaf
    other: Leaf | None


@pytest.mark.parametrize("kind", [Leaf, Another])
def test_a_tree_of_another_kind_is_refused(kind: type) -> None:
    with pytest.raises(ValueError, match="holds"):
        unpacked(packed(TREE, 3), kind, 3)


def test_what_is_not_whole_or_not_ours_is_refused() -> None:
    payload = packed(TREE, 3)
    for place in range(len(payload)):
        flipped = bytearray(payload)
        flipped[place] ^= 0x10
        for damaged in (bytes(flipped), payload[:place]):
            with pytest.raises(ValueError, match=r"is damaged|another version|no model"):
                unpacked(damaged, Tree, 3)


def test_another_versions_is_refused() -> None:
    for version in (2, 4, 33):
        with pytest.raises(ValueError, match="another version"):
            unpacked(packed(TREE, 3), Tree, version)


def test_what_cannot_be_written_down_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="JSON"):
        packed(replace(TREE, half=float("nan")), 1)
    with pytest.raises(TypeError, match="cannot be packed"):
        packed(spoilt(TREE, half="much"), 1)
