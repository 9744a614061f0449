r"""BibTeX's syntax: a file's text to records with their fields, each with its line. Pure.

It is read here and not by bibtexparser 1.4, which drops an entry without a word where a comma, the
key or every field is missing or a quotation mark is one too many, keeps one of a field's values,
knows no line numbers, and needs many times longer.

The syntax is read as people write it, more loosely than BibTeX itself does: a comma may be
missing or doubled, a key may be absent, a quotation mark may stand inside quotation marks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest


@dataclass(frozen=True, slots=True)
class Record:
    """One ``@type{…}`` of a file, comments and definitions included.

    Attributes:
        type: In lower case.
        line: Where it begins, from 1.
        key: As written; empty where there is none.
        fields: By lower-case name, every value that the record gives, in its order: without the
            outer delimiters, concatenated and with macros put in, but in LaTeX still.
        text: What a comment says.
        fault: Why it cannot be read; empty if it can.
    """

    type: str
    line: int
    key: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    fault: str = ""

    def first(self, *names: str) -> str:
        """The first value that is not blank, in the order of the names; empty if all are."""
        return next((value for value in self.all(*names)), "")

    def all(self, *names: str) -> Iterator[str]:
        """Every value that is not blank, in the order of the names."""
        for name in names:
            yield from (value for value in self.fields.get(name, ()) if value.strip())

    def with_fields(self, fields: Mapping[str, tuple[str, ...]]) -> "Record":
        """The same record with these fields in the place of its own."""
        return replace(self, fields=fields)


def records(text: str) -> Iterator[Record]:
    r"""Every record of a file in its order; nothing that a text can hold raises.

    A record begins at the beginning of a line, or right behind another one. One that is never
    closed ends before the next line that begins like a record, with the fields that can be told
    apart in it; it has a fault if it has none.

    Args:
        text: With ``\n`` at the ends of lines.
    """
    return (one.record for one in placed(text))


@dataclass(frozen=True, slots=True)
class Placed:
    """A record and where it stands: from its ``@`` up to behind its closing bracket.

    Attributes:
        start: The place of its first character.
        end: The place behind its last one.
    """

    record: Record
    start: int
    end: int


def placed(text: str) -> Iterator[Placed]:
    """The same records, each with where it stands in the text."""
    macros: dict[str, str] = {}
    position, counted, line = 0, 0, 1
    while head := _BEHIND.match(text, position) or _HEAD.search(text, position):
        line += text.count("\n", counted, head.start(1))
        counted = head.start(1)
        record, position = _record(text, head, line, macros)
        if record.type == "string":
            macros.update((name, values[0]) for name, values in record.fields.items())
        yield Placed(record, head.start(1) - 1, position)


class _NeverClosed(Exception):
    """The text ends, or another record begins, before what was opened is closed."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a record may reach, and how its braces are read.

    Attributes:
        near: Where the next line that begins like a record is.
        far: Where the record must be closed; behind ``near`` if a value may hold such a line.
        heads: The places from ``near`` to ``far`` where records begin.
        closer: The bracket that closes the record.
        brace: What counts as a brace inside.
    """

    text: str
    near: int
    far: int
    heads: frozenset[int]
    closer: str
    brace: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    fields: Mapping[str, tuple[str, ...]]
    end: int
    clean: bool


def _record(
    text: str, head: re.Match[str], line: int, macros: Mapping[str, str]
) -> tuple[Record, int]:
    kind, start = head[1].lower(), head.end()
    following = _HEAD.search(text, start)
    near = following.start() if following else len(text)
    closer = "}" if head[2] == "{" else ")"
    span = _Span(text, near, near, frozenset(), closer, _BRACE)
    if kind in {"comment", "preamble"}:
        try:
            end = _closing_brace(span, start - 1)
        except _NeverClosed:
            # What is commented out but begins a line is a record for BibTeX, too.
            return Record(kind, line, text=text[start:near]), near
        return Record(kind, line, text=text[start:end]), end + 1
    key = None if kind == "string" else _KEY.match(text, start, near)
    reading = _reading(span, key.end() if key else start, macros)
    name = (key[1] or "") if key else ""
    if reading is None:
        fields = _salvaged(span, key.end() if key else start, macros)
        return Record(kind, line, name, fields, fault="" if fields else "is never closed"), near
    return Record(kind, line, name, reading.fields), reading.end


def _reading(span: _Span, start: int, macros: Mapping[str, str]) -> _Reading | None:
    """The likeliest way to read a record's fields; nothing if it is never closed."""
    raw = _attempt(span, start, macros)
    if raw and raw.clean:
        return raw
    # BibTeX counts every brace, but many programs write a lone one as ``\{``.
    if _ESCAPED_BRACE.search(span.text, start, span.near):
        escaped = _attempt(replace(span, brace=_UNESCAPED_BRACE), start, macros)
        if escaped and (escaped.clean or not raw):
            return escaped
    if raw:
        return raw
    # A value may quote BibTeX. A limit to how much keeps the search linear.
    following = islice(_HEAD.finditer(span.text, span.near), _MOST_QUOTED)
    heads = [head.start(1) - 1 for head in following]
    far = heads.pop() if len(heads) == _MOST_QUOTED else len(span.text)
    return _attempt(replace(span, far=far, heads=frozenset(heads)), start, macros)


def _attempt(span: _Span, start: int, macros: Mapping[str, str]) -> _Reading | None:
    try:
        return _fields(span, start, macros)
    except _NeverClosed:
        return None


def _salvaged(span: _Span, start: int, macros: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The fields of a record that is never closed.

    Each ends at the latest where one begins that stands in a line of its own, or behind a comma
    with a delimited value or a number: a brace too few swallows no other field.
    """
    text = span.text
    first = _FIRST_NAME.match(text, start, span.near)
    names = [*([first] if first else ()), *_LATER_NAME.finditer(text, start, span.near)]
    if len(names) > 1 and names[0].start(1) == names[1].start(1):
        del names[0]
    found: dict[str, list[str]] = {}
    for name, following in zip_longest(names, names[1:]):
        end = following.start() if following else span.near
        value = _torn_value(replace(span, near=end, far=end), name.end(), macros)
        if value:
            found.setdefault(name[1].lower(), []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _torn_value(span: _Span, start: int, macros: Mapping[str, str]) -> str:
    """A value up to where it is closed, or else to the end of its span."""
    text = span.text
    try:
        value, end = _value(span, start, macros)
    except _NeverClosed:
        value, end = _TORN_END.sub("", text[start + 1 : span.far]), span.far
    if end < len(text) or _WHOLE_END.search(text[-1:]):
        return value
    # Where the file breaks off, the last word may be half a word, or half a name of a paper.
    return value.rpartition(" ")[0]


def _fields(span: _Span, position: int, macros: Mapping[str, str]) -> _Reading:
    text = span.text
    found: dict[str, list[str]] = {}
    clean = True
    while (position := _end(_GAP, text, position)) < span.far and position not in span.heads:
        if name := _NAME.match(text, position, span.far):
            value, position = _value(span, name.end(), macros)
            found.setdefault(name[1].lower(), []).append(value)
        elif text[position] in {span.closer, "}"}:
            position += 1
            # One brace too many does not end a record whose fields go on.
            if not _GOES_ON.match(text, position, span.far):
                fields = {name: tuple(values) for name, values in found.items()}
                return _Reading(fields, position, clean)
            clean = False
        else:
            clean = False
            position = (
                _closing_brace(span, position) + 1
                if text[position] == "{"
                else _end(_STRAY, text, position)
            )
    raise _NeverClosed


def _value(span: _Span, position: int, macros: Mapping[str, str]) -> tuple[str, int]:
    parts = []
    while True:
        opening = span.text[position : position + 1]
        if opening == "{":
            end = _closing_brace(span, position)
            parts.append(span.text[position + 1 : end])
            position = end + 1
        elif opening == '"':
            end = _closing_quote(span, position)
            parts.append(span.text[position + 1 : end])
            position = end + 1
        elif bare := _BARE.match(span.text, position, span.far):
            parts.append(macros.get(bare[0].lower(), bare[0]))
            position = bare.end()
        joint = _JOINT.match(span.text, position, span.far)
        if not joint:
            return "".join(parts), position
        position = joint.end()


def _closing_brace(span: _Span, position: int) -> int:
    if span.brace is _BRACE and (flat := _FLAT.match(span.text, position, span.far)):
        return flat.end() - 1
    depth = 0
    for brace in span.brace.finditer(span.text, position, span.far):
        depth += 1 if brace[0] == "{" else -1
        if depth <= 0:
            return brace.start()
    raise _NeverClosed


def _closing_quote(span: _Span, position: int) -> int:
    depth = 0
    for mark in _QUOTE_OR_BRACE.finditer(span.text, position + 1, span.near):
        if mark[0] == '"':
            if depth == 0 and _BEHIND_VALUE.match(span.text, mark.end()):
                return mark.start()
        else:
            depth = max(0, depth + (1 if mark[0] == "{" else -1))
    raise _NeverClosed


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


_MOST_QUOTED = 9
_HEAD = re.compile(r"^[^\S\n]*@(\w+)\s*([{(])", re.M)
_BEHIND = re.compile(r"[^\S\n]*@(\w+)\s*([{(])")
_KEY = re.compile(r'\s*+([^\s,={}"%](?:[^,={}"\n%]*[^\s,={}"%])?)?[^\S\n]*+(?=[,\n})]|\Z)')
_GAP = re.compile(r"(?:[\s,]+|%[^\n]*)*")
_NAME = re.compile(r"([^\s=,{}\"#%()@\\]++)\s*+=\s*")
_BARE = re.compile(r'[^\s,#{}"()]+(?:[^\S\n]+[^\s,#{}"()=]+)*(?=\s*[,#})\n]|\s*\Z)|[^\s,#{}"()]+')
_FIRST_NAME = re.compile(r"\s*+,?\s*+([A-Za-z][\w-]*+)\s*+=\s*")
_LATER_NAME = re.compile(
    r"(?:^[^\S\n]*+|,\s*+(?=[\w-]++\s*+=\s*+(?:[{\"]|\d++\s*+[,}])))"
    r"([A-Za-z][\w-]*+)\s*+=\s*+(?=\S)",
    re.M,
)
_TORN_END = re.compile(r"[\s,})]+\Z")
_WHOLE_END = re.compile(r"[\s},\"]")
_JOINT = re.compile(r"\s*#\s*")
_STRAY = re.compile(r"[^\s,{}()@]+|.")
_GOES_ON = re.compile(r"\s*,\s*[A-Za-z][\w-]*\s*=\s*[\"{\w]")
_FLAT = re.compile(r"\{[^{}]*\}")
_BRACE = re.compile(r"[{}]")
_ESCAPED_BRACE = re.compile(r"\\[{}]")
_UNESCAPED_BRACE = re.compile(r"(?<!\\)[{}]")
_QUOTE_OR_BRACE = re.compile(r'[{}"]')
_BEHIND_VALUE = re.compile(r"\s*+(?:[,#})]|[\w-]++\s*+=|\Z)")
