"""Trees of frozen dataclasses as bytes and back, told by their type hints alone.

A line that says what it is, with a checksum of the rest; JSON; and the arrays as they lie in
memory, so that they are there as soon as the bytes are. Nothing that is read is ever run: a file
from anywhere can do no more than be refused.
"""

import json
import zlib
from dataclasses import fields, is_dataclass
from functools import cache
from math import prod
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt
from scipy import sparse

_Array = npt.NDArray[Any]
_Tree = TypeVar("_Tree")

_MAGIC = "shelfwise model"
_LENGTH = 8  # bytes that say how long the JSON is
_ALIGNED = 64  # bytes: where each array begins, for processors that like it so
_PLAIN = (bool, int, float, str)


def packed(tree: object, version: int) -> bytes:
    """A value as bytes.

    Args:
        tree: A dataclass, whose fields are dataclasses, arrays, sparse matrices, tuples of one
            kind, ``bytes``, ``str``, numbers, or None. What is in it twice is packed once.
        version: Of whatever the value means.

    Raises:
        TypeError: If there is anything else in it.
        ValueError: If a number outside the arrays is not finite.
    """
    arrays = _Arrays()
    told = [_told(tree, type(tree), arrays), [_form(array) for array in arrays.found]]
    text = json.dumps(told, allow_nan=False, separators=(",", ":")).encode()
    content = bytearray(len(text).to_bytes(_LENGTH, "little") + text)
    for array in arrays.found:
        content += bytes(-len(content) % _ALIGNED) + array.tobytes("A")
    # It tells damage, not malice, and is the fastest that does.
    line = f"{_MAGIC} {version} {zlib.crc32(content):08x}"
    return b"".join([line.encode().ljust(_ALIGNED - 1), b"\n", content])


def unpacked(payload: bytes, kind: type[_Tree], version: int) -> _Tree:
    """The value that ``packed`` wrote; its arrays cannot be changed.

    Args:
        payload: From anywhere.
        kind: What it should be.
        version: What it should be of.

    Raises:
        ValueError: If it was not written by ``packed``, is of another version, is not whole, or
            does not hold what ``kind`` says: numbers of those sorts, all of them finite.
    """
    line, content = payload[:_ALIGNED], memoryview(payload)[_ALIGNED:]
    if not line.startswith(f"{_MAGIC} ".encode()):
        raise ValueError("is no model that this program wrote")
    said, _, check = line.decode("ascii", "replace").rstrip().rpartition(" ")
    if said != f"{_MAGIC} {version}":
        raise ValueError("was written by another version of this program")
    if check != f"{zlib.crc32(content):08x}":
        raise ValueError("is damaged")
    start = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    told, forms = json.loads(bytes(content[_LENGTH:start]))
    arrays = []
    for sort, shape, order in forms:
        start += -start % _ALIGNED
        array = np.frombuffer(content, np.dtype(sort), prod(shape), start)
        arrays.append(array.reshape(shape, order=order))
        start += array.nbytes
    found: _Tree = _built(told, kind, arrays)
    return found


class _Arrays:
    """The arrays that were met, each once, be it under several views."""

    def __init__(self) -> None:
        self.found: list[_Array] = []
        self._places: dict[tuple[object, ...], int] = {}

    def place(self, array: _Array) -> int:
        """The number of an array."""
        where = array.__array_interface__["data"][0], array.dtype, array.shape, array.strides
        if where not in self._places:
            self._places[where] = len(self.found)
            self.found.append(array)
        return self._places[where]


def _form(array: _Array) -> tuple[str, tuple[int, ...], str]:
    """An array's sort of numbers, its shape, and which of its axes lies closest in memory."""
    is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return array.dtype.str, array.shape, "F" if is_fortran else "C"


def _told(value: Any, kind: Any, arrays: _Arrays) -> Any:
    """A value as JSON can say it, with numbers in place of its arrays."""
    kind = _without_none(kind)
    if value is None:
        return None
    if isinstance(kind, type) and is_dataclass(kind):
        return [_told(getattr(value, name), hint, arrays) for name, hint in _hints(kind)]
    if kind is sparse.csr_matrix:
        numbers = (part.astype(np.int32, copy=False) for part in (value.indices, value.indptr))
        return [*map(arrays.place, (value.data, *numbers)), *value.shape]
    if get_origin(kind) is np.ndarray:
        return arrays.place(value)
    if get_origin(kind) is tuple:
        return [_told(part, get_args(kind)[0], arrays) for part in value]
    if kind is bytes:
        return value.hex()
    if kind in _PLAIN and isinstance(value, kind):
        return value
    raise TypeError(f"{type(value)} cannot be packed as {kind}")


def _built(told: Any, kind: Any, arrays: list[_Array]) -> Any:
    """The value of a kind that ``_told`` told.

    Raises:
        ValueError: If it is another.
    """
    if told is None and _without_none(kind) is not kind:
        return None
    kind = _without_none(kind)
    if kind in _PLAIN:
        return _checked(told, kind)
    if kind is bytes:
        return bytes.fromhex(_checked(told, str))
    if get_origin(kind) is np.ndarray:
        return _array(told, get_args(get_args(kind)[1])[0], arrays)
    parts = _checked(told, list)
    if kind is sparse.csr_matrix:
        return _matrix(parts, arrays)
    if get_origin(kind) is tuple:
        return _tuple(parts, get_args(kind)[0], arrays)
    hints = _hints(kind)
    if len(parts) != len(hints):
        raise ValueError(f"holds no {kind.__name__}")
    found = zip(parts, hints, strict=True)
    return kind(**{name: _built(part, hint, arrays) for part, (name, hint) in found})


def _tuple(parts: list[Any], kind: Any, arrays: list[_Array]) -> tuple[Any, ...]:
    # What papers are called and known by are tens of thousands of texts; no call for each of them.
    sorts = set(map(type, parts))
    if kind in _PLAIN and sorts <= {kind}:
        return tuple(parts)
    if kind is bytes and sorts <= {str}:
        return tuple(map(bytes.fromhex, parts))
    return tuple(_built(part, kind, arrays) for part in parts)


def _array(place: Any, sort: type[np.generic], arrays: list[_Array]) -> _Array:
    if _checked(place, int) not in range(len(arrays)):
        raise ValueError("an array is missing")
    array: _Array = arrays[place]
    if array.dtype != sort:
        raise ValueError(f"holds {array.dtype} where {sort.__name__} belongs")
    if not np.isfinite(array).all():
        raise ValueError("holds what is no number")
    return array


def _matrix(parts: list[Any], arrays: list[_Array]) -> sparse.csr_matrix:
    data, indices, indptr, *shape = parts
    content = (
        _array(data, np.float32, arrays),
        _array(indices, np.int32, arrays),
        _array(indptr, np.int32, arrays),
    )
    matrix = sparse.csr_matrix(content, tuple(_checked(n, int) for n in shape))
    matrix.check_format(full_check=True)
    return matrix


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"holds {type(value).__name__} where {kind.__name__} belongs")
    return value


@cache
def _hints(kind: type) -> tuple[tuple[str, Any], ...]:
    """The names and kinds of a dataclass's fields, in their order."""
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))


def _without_none(kind: Any) -> Any:
    """The kind of a value that may be None."""
    if isinstance(kind, UnionType):
        return next(one for one in get_args(kind) if one is not NoneType)
    return kind
