"""Files of tagged lines: a tag, its value, and lines that go on with it. Pure."""

import re
from collections.abc import Callable, Container, Iterator

from integrations.files.records import text as plain

Fields = dict[str, list[str]]
"""A record's values by tag, in the file's order; a value of several lines keeps their ends."""


def records(
    text: str, tag: re.Pattern[str], begins: Callable[[str, Container[str]], bool] | None
) -> Iterator[tuple[int, Fields]]:
    r"""The records of a text, each with the line, from 1, on which it begins.

    It takes time in proportion to the text. What stands in front of the first tag is left out.

    Args:
        text: With lines ended by ``\n``.
        tag: What a line with a tag is: its first group the tag, its second one the value if any.
        begins: Whether a tag begins another record, given it and the tags of the record so far.
            Without it, a tag does behind a blank line.
    """
    found: dict[str, list[list[str]]] = {}
    value: list[str] = []
    start, spaced = 1, False
    for number, line in enumerate(text.split("\n"), start=1):
        if match := tag.match(line):
            if found and (begins(match[1], found) if begins else spaced):
                yield start, _joined(found)
                found = {}
            if not found:
                start = number
            value = [match[2] or ""]
            found.setdefault(match[1], []).append(value)
        elif line.strip():
            value.append(line)
        spaced = not line.strip()
    if found:
        yield start, _joined(found)


def first(fields: Fields, *tags: str) -> str:
    """The plain text of the first of these tags that has any; empty without one."""
    return next(iter(each(fields, *tags)), "")


def each(fields: Fields, *tags: str) -> tuple[str, ...]:
    """Each tag's first value as plain text, without the empty ones."""
    return tuple(found for tag in tags if (found := plain(fields.get(tag))))


def every(fields: Fields, *tags: str) -> list[str]:
    """All values of the tags, as the file spells them."""
    return [value for tag in tags for value in fields.get(tag, [])]


def _joined(found: dict[str, list[list[str]]]) -> Fields:
    joined = {tag: ["\n".join(lines).strip() for lines in values] for tag, values in found.items()}
    return {tag: values for tag, values in joined.items() if any(values)}
