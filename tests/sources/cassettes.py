"""Recorded exchanges in the YAML of VCR and its relatives, as far as recorders write it."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Exchange:
    """A recorded request with its answer.

    Attributes:
        uri: What was asked for.
        status: Of the answer.
        body: Of the answer, unpacked.
    """

    uri: str
    status: int
    body: bytes


def exchanges(path: Path) -> Iterator[Exchange]:
    """The exchanges of a cassette, in its order."""
    for recorded in re.split(r"^\s*- request:\n", path.read_text("utf-8"), flags=re.M)[1:]:
        asked, answer = re.split(r"^ *response:\n", recorded, maxsplit=1, flags=re.M)
        uri = re.search(r"^ *uri: (\S+)$", asked, re.M)
        body = re.search(rf"^( *)(?:string|content):\s*(?:{_SCALAR})", answer, re.M)
        assert uri is not None
        assert body is not None
        # What a body holds may look like a status.
        status = re.search(r"code: '?(\d{3})\b", answer.replace(body[0], ""))
        assert status is not None
        yield Exchange(uri[1], int(status[1]), _bytes(body))


def _bytes(body: re.Match[str]) -> bytes:
    if body["binary"] is not None:
        packed = base64.b64decode(body["binary"])
        return gzip.decompress(packed) if packed.startswith(b"\x1f\x8b") else packed
    if body["single"] is not None:
        return _folded(body["single"].replace("''", "'")).encode()
    if body["double"] is not None:
        # A line's end can be escaped, and so can a space; JSON knows neither.
        folded = _folded(re.sub(_ESCAPED % r"\n\s*", r"\1", body["double"]))
        spelled = re.sub(_ESCAPED % "(?= )", r"\1", folded)
        return str(json.loads(f'"{spelled}"')).encode()
    return body["plain"].strip().encode()


def _folded(text: str) -> str:
    """A line's end within quotation marks is a space, and an empty line a line's end."""
    return re.sub(r"[ \t]*((?:\n[ \t]*)+)", lambda m: "\n" * (m[1].count("\n") - 1) or " ", text)


_SCALAR = (
    r"!!binary \|\n(?P<binary>(?:\1 +[\w+/=]+\n)+)|'(?P<single>(?:[^']|'')*)'"
    r'|"(?P<double>(?:[^"\\]|\\.|\\\n)*)"|(?P<plain>[^\n\'"!].*)'
)
_ESCAPED = r"(?<!\\)((?:\\\\)*)\\%s"
