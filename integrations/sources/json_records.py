"""JSON as lists of records are written: one array, or one object a line. Pure."""

import json
from collections.abc import Iterator

from integrations.files.contents import decoded
from recommender.papers import Skipped


def records(data: bytes) -> Iterator[tuple[str, object]]:
    """Each record with its place, such as ``line 17`` or ``record 3``; nothing raises.

    What cannot be read is a ``Skipped``. A file that is one object is one record, over however
    many lines it is written.
    """
    text = decoded(data)
    start = _past_space(text, 0)
    if text[start : start + 1] == "[":
        yield from _array(text, start + 1)
    else:
        yield from _lines(text)


def first_record(head: bytes) -> object:
    """A file's first record, given how the file begins; None if it has none that can be read.

    An array's first record is read even where the head ends behind it. ``()`` stands for an array
    without records.
    """
    text = decoded(head)
    start = _past_space(text, 0)
    if text[start : start + 1] == "[":
        start = _past_space(text, start + 1)
        if text[start : start + 1] == "]":
            return ()
    if text[start : start + 1] != "{":
        return None
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _array(text: str, position: int) -> Iterator[tuple[str, object]]:
    number = 0
    while (position := _past_space(text, position)) < len(text) and text[position] != "]":
        number += 1
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            # Inside an array nothing tells where the next record begins.
            line = text.count("\n", 0, position) + 1
            place = f"record {number} (line {line})"
            yield place, Skipped(place, f"the JSON breaks off here: {_reason(error)}")
            return
        yield f"record {number}", value
    if position >= len(text):
        place = f"behind record {number}"
        yield place, Skipped(place, "the JSON breaks off here: the array is not closed")


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
                value = Skipped(place, f"is not JSON: {_reason(error)}")
            yield place, value
            is_first = False
        start = end + 1


def _object(text: str) -> object | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _past_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\n\ufeff,":
        position += 1
    return position


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg[:1].lower() + error.msg[1:]
    return (
        "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
    )


_DECODER = json.JSONDecoder()
