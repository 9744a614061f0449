"""The records of a JSON array, of which a broken one spoils only itself. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from recommender.papers import Skipped


def records(text: str, start: int) -> Iterator[tuple[str, object]]:
    """Each record of an array with its place, such as ``record 3``; nothing raises.

    Behind what cannot be read, a ``Skipped``, it goes on at the next object of the array itself.
    Where that is nowhere to be found, the ``Skipped`` says that all behind it is lost.

    Args:
        text: What holds the array.
        start: Behind the bracket that opens it.
    """
    search = _Search(text)
    position, number = start, 0
    line, counted = 1, 0
    while (position := past_space(text, position)) < len(text) and text[position] != "]":
        number += 1
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            line, counted = line + text.count("\n", counted, position), position
            place = f"record {number} (line {line})"
            following = search.next(position)
            if following is None:
                yield place, Skipped(place, _lost(text, position, line, error))
                return
            yield place, Skipped(place, f"is not JSON: {reason(error)}")
            position = following
        else:
            search.know(value)
            yield f"record {number}", value
    if position >= len(text):
        place = f"behind record {number}"
        yield place, Skipped(place, "the JSON breaks off here: the array is not closed")


def past_space(text: str, position: int) -> int:
    """Where the next value, colon or bracket stands: behind white space and commas."""
    found = _BETWEEN.match(text, position)
    return found.end() if found else position


def reason(error: ValueError | RecursionError) -> str:
    """What is wrong with the JSON that raised this, in one line."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg[:1].lower() + error.msg[1:]
    return (
        "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
    )


@dataclass(slots=True)
class _Search:
    """Looks for the record behind a broken one.

    Attributes:
        keys: Fields of the records so far.
        budget: How many characters may still be read in vain, in the whole file: what was made to
            keep us busy is given up.
    """

    text: str
    keys: set[str] = field(default_factory=set)
    budget: int = 256 * 2**20

    def know(self, value: object) -> None:
        """Remember what a record of this array looks like."""
        if isinstance(value, Mapping):
            self.keys.update(value)

    def next(self, position: int) -> int | None:
        """Where the next record begins behind the one that begins here; None if none is found.

        What is an object behind a comma may as well be part of a list inside the broken record.
        Such a list ends where the array does not; and where its end cannot be seen, because more is
        broken, or was lost with what is broken, its objects look unlike the records.
        """
        while self.budget > 0 and (found := _OBJECT.search(self.text, position + 1)):
            position = found.end()
            row, behind = self._row(position)
            if not row:
                continue
            closed = self.text[behind : behind + 1] == "]"
            if not closed or self._after(behind) not in _INSIDE:
                # The last one before the array's end is a record, whatever the others are.
                known = self.keys or (row[-1][1] if closed else row[0][1])
                alike = (start for start, keys in row if len(keys & known) * 2 > len(keys))
                start = next(alike, row[0][0] if closed else None)
                if start is not None:
                    return start
            # The others of its list are no records either.
            position = max(position, behind - 1)
        return None

    def _after(self, bracket: int) -> str:
        """The character that follows a bracket; empty at the end."""
        found = _AFTER.match(self.text, bracket + 1)
        return found[1] if found else ""

    def _row(self, position: int) -> tuple[list[tuple[int, frozenset[str]]], int]:
        """The objects that follow one another from here, and where no further one can be read.

        Each with where it begins and the names of its fields.
        """
        row: list[tuple[int, frozenset[str]]] = []
        while self.text[position : position + 1] == "{":
            try:
                value, end = _DECODER.raw_decode(self.text, position)
            except json.JSONDecodeError as error:
                # Python counts the lines up to an error, which is quicker than reading them.
                self.budget -= error.pos - position + error.pos // _COUNTED + _COST
                break
            except (ValueError, RecursionError):
                self.budget -= _COST_UNKNOWN
                break
            row.append((position, frozenset(value)))
            position = past_space(self.text, end)
        return row, position


def _lost(text: str, position: int, line: int, error: ValueError | RecursionError) -> str:
    said = f"the JSON breaks off here: {reason(error)}"
    more = _OBJECT.search(text, position + 1)
    return f"{said}; everything behind line {line} is lost" if more else said


_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[ \t\n\ufeff,]*")
_AFTER = re.compile(r"[ \t\n]*(.?)")
_OBJECT = re.compile(r"[,}]\s*(?=\{)")
_INSIDE = (",", "}", "]")
_COST = 8000  # of an attempt, in characters
_COUNTED = 256  # how many characters are counted in the time in which one is read
_COST_UNKNOWN = 400_000  # what reading may have taken where the error does not say
