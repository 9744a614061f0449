"""JSON as lists of records are written: one array, or one object a line. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integrations.files.contents import decoded
from integrations.pages import json_array
from integrations.pages.json_array import past_space, reason
from recommender.papers import Skipped


@dataclass(frozen=True, slots=True)
class Cut:
    """A record of which a file's beginning holds only the beginning.

    Attributes:
        fields: Those of which something is there; of the last one what kind of value it is, at
            least: an empty text, list or object stands for one that goes on.
        inside: The name of the field in whose value it is cut off; empty between two fields.
    """

    fields: Mapping[str, object]
    inside: str


def records(data: bytes) -> Iterator[tuple[str, object]]:
    """Each record with its place, such as ``line 17`` or ``record 3``; nothing raises.

    What cannot be read is a ``Skipped``. A file that is one object is one record, over however
    many lines it is written.
    """
    text = decoded(data)
    start = past_space(text, 0)
    if text[start : start + 1] == "[":
        yield from json_array.records(text, start + 1)
    else:
        yield from _lines(text)


def first_record(head: bytes) -> object:
    """A file's first record, given how the file begins; None if it has none that can be read.

    An array's first record is read even where the head ends behind it, and is a ``Cut`` where the
    head ends within it. ``()`` stands for an array without records.
    """
    text = decoded(head)
    start = past_space(text, 0)
    if text[start : start + 1] == "[":
        start = past_space(text, start + 1)
        if text[start : start + 1] == "]":
            return ()
    if text[start : start + 1] != "{":
        return None
    try:
        return _DECODER.raw_decode(text, start)[0]
    except json.JSONDecodeError as error:
        return _cut(text, start) if _is_end(error) else None
    except (ValueError, RecursionError):
        return None


def _is_end(error: json.JSONDecodeError) -> bool:
    """Whether JSON is wrong only in that the text ends."""
    left = len(error.doc) - error.pos
    return error.msg.startswith("Unterminated string") or left <= _LONGEST_WORD


def _cut(text: str, start: int) -> Cut:
    fields: dict[str, object] = {}
    position = start + 1
    while True:
        key = ""
        try:
            found, position = _DECODER.raw_decode(text, past_space(text, position))
            position = past_space(text, position)
            if not isinstance(found, str) or text[position : position + 1] != ":":
                return Cut(fields, "")
            key, position = found, past_space(text, position + 1)
            fields[key], position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            if key and position < len(text):
                fields[key] = _EMPTY.get(text[position])
            return Cut(fields, key)


def _lines(text: str) -> Iterator[tuple[str, object]]:
    # One line is read at a time: copying them all would double the memory.
    start, number = 0, 0
    # Only the very first line may begin an object that goes on over several.
    is_first = True
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        number += 1
        line = text[start:end].strip()
        place = f"line {number}"
        if line:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                if line == "{" and is_first and (whole := _object(text)) is not None:
                    yield "record 1", whole
                    return
                value = Skipped(place, f"is not JSON: {reason(error)}")
            yield place, value
            is_first = False
        start = end + 1


def _object(text: str) -> object | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


_DECODER = json.JSONDecoder()
_EMPTY: Mapping[str, object] = {'"': "", "[": [], "{": {}}
_LONGEST_WORD = 12  # characters: a word or a number of which only the beginning is there
