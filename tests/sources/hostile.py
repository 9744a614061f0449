"""What no record should hold, and what must hold for whatever is read of it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

from integrations.pages import pages
from recommender.papers import Skipped

Way = tuple[str | int, ...]
"""The names and positions that lead into a value."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2026,
    10**4000,
    1e308,
    float("nan"),
    "",
    " ",
    "0000-00-00",
    "9999-12-31",
    "2026-02-31",
    "10.1234/\ud800",
    "\ud83d alone \x00\x1b",
    "<script>alert(1)</script><b>Bold</b> &amp;lt; <",
    "<jats:sec><jats:title>A</jats:title><jats:p>b<jats:p>",
    "{" * 500,
    "$" * 500,
    "https://doi.org/" + "10.1234/" * 300,
    [],
    [None],
    [[]],
    [[[[]]]],
    ["2026", 1, None],
    [{"name": None}, {"display_name": []}, {"family": {}}, {"id": 7}],
    {},
    {"": None},
    {"name": ["a"], "display_name": {"x": 1}, "id": [2]},
    {"word": [0, -5, 10**30, True, None, "1"], "\ud800": [1]},
    {"date-parts": [[None, {}, []]], "date-time": 3},
    {"date-parts": [[2026, 13, 99, 4, 5]]},
    {"date-parts": [[10**4000]]},
    {"DOI": None, "ArXiv": [], "PubMed": {}, "CorpusId": -1},
)
"""Values of each kind that JSON has, and some that look right."""


def json_values() -> st.SearchStrategy[Any]:
    """Any value out of JSON."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    return st.recursive(
        plain | st.sampled_from(VALUES),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )


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


def spoilt(record: object) -> Iterator[object]:
    """A record with each of the values, alone and in a list, in the place of each of its own."""
    for way in ways(record):
        for value in VALUES:
            yield replaced(record, way, value)
            yield replaced(record, way, [value])


def is_sound(record: pages.Record, *, marked_up: bool = True) -> bool:
    """Whether a record can be stored and shown; one that was skipped says where and why.

    Args:
        record: A paper, or what became of it.
        marked_up: Whether the service's texts are markup, of which no script may be left. Where
            they are plain, ``<script>`` is a word.
    """
    told: object = record if isinstance(record, Skipped) else record[0]
    if isinstance(record, Skipped) and not (record.place and record.reason):
        return False
    return all(_is_storable(text, marked_up=marked_up) for text in _texts(told))


def _is_storable(text: str, *, marked_up: bool) -> bool:
    has_control = any(ord(character) < 32 for character in text)
    is_whole = text == text.encode(errors="replace").decode()
    return is_whole and not has_control and not (marked_up and "<script" in text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
