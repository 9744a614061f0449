"""Records of JSON with something else at any depth, and what must be true of what is read of them.

Beside ``hostile``, for services whose texts are plain: a ``<think>`` in a title is a word there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from integrations.sources.pages import Record
from recommender.papers import Skipped

Way = tuple[str | int, ...]
"""The names and positions that lead into a value."""


def ways(record: object, way: Way = ()) -> Iterator[Way]:
    """The ways to all values in a record, the one to the record itself first."""
    yield way
    if isinstance(record, Mapping):
        for name, inside in record.items():
            yield from ways(inside, (*way, name))
    elif isinstance(record, list):
        for number, inside in enumerate(record):
            yield from ways(inside, (*way, number))


def replaced(record: object, way: Way, value: object) -> object:
    """A copy of a record in which the value at the end of a way is another one."""
    if not way:
        return value
    first, rest = way[0], way[1:]
    if isinstance(record, list) and isinstance(first, int):
        return [replaced(one, rest, value) if n == first else one for n, one in enumerate(record)]
    assert isinstance(record, Mapping)
    return {**record, first: replaced(record.get(first), rest, value)}


def is_sound(record: Record) -> bool:
    """Whether a record's texts can be stored and shown, and a skipped one says where and why."""
    if isinstance(record, Skipped):
        told = record.place + record.reason
        return bool(record.place and record.reason) and _storable(told)
    return all(map(_storable, _texts(record[0])))


def _storable(text: str) -> bool:
    has_control = any(ord(character) < 32 for character in text)
    return not has_control and text == text.encode(errors="replace").decode()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
