"""A saved page's text as lines, and whether those are titles and abstracts by turns. Pure."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integrations.files.contents import decoded
from integrations.pages import page_text


@dataclass(frozen=True, slots=True)
class Block:
    """A line that is not empty."""

    line: int
    text: str

    @property
    def is_long(self) -> bool:
        """Whether it is an abstract: longer than any title, or several sentences."""
        n = len(self.text)
        return n >= _LONG or (n >= _SHORTEST_ABSTRACT and len(_SENTENCE.findall(self.text)) > 1)


def text_of(data: bytes) -> tuple[str, bool]:
    r"""A page's text, its lines ended by ``\n``, and whether it is in the encoding of today."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decoded(data), True
    try:
        data.decode()
    except UnicodeDecodeError as error:
        # The head of a file may be cut within a character; that is no sign of another encoding.
        if error.end < len(data):
            text = data.decode("cp1252", errors="replace")
            return text.replace("\r\n", "\n").replace("\r", "\n"), False
    return decoded(data), True


def blocks_of(text: str) -> Iterator[Block]:
    """The lines that are not empty, with their numbers."""
    for number, line in enumerate(text.split("\n"), start=1):
        if block := page_text.readable(line):
            yield Block(number, block)


def alternates(blocks: Sequence[str]) -> bool:
    """Whether nearly all of these are a title and an abstract by turns; markup and code are not."""
    if len(blocks) < 2 or _MARKUP.match(blocks[0]):
        return False
    # The last block may be cut off, and does not count where there are others.
    turns = blocks[: len(blocks) // 2 * 2]
    pairs = sum(
        _is_title(title) and _is_abstract(abstract)
        for title, abstract in zip(turns[::2], turns[1::2], strict=True)
    )
    return pairs * 2 > len(blocks) * 0.8


def _is_title(text: str) -> bool:
    return (
        len(text) < _LONG
        and not _NO_TITLE.search(text)
        and sum(map(str.isalpha, text)) * 2 > len(text)
    )


def _is_abstract(text: str) -> bool:
    words = text.split()
    return (
        len(text) >= _SHORTEST_ABSTRACT
        and len(_SENTENCE.findall(text)) > 1
        and not _MARKUP.match(text)
        # Code and noise have few words, and few letters in them.
        and 3 < len(text) / len(words) < 12
        and sum(c.isalpha() or c == " " for c in text) > 0.85 * len(text)
    )


# Titles are never as long as this, and abstracts never as short as that.
_LONG = 300
_SHORTEST_ABSTRACT = 160
_SENTENCE = re.compile(r"[.!?][)\"'”’]?(?:\s|$)")

_MARKUP = re.compile(r"[<{\[%@\\|#*>=`/$]|- |\d+[.)] |```|\w+[,;\t]\w+")
_NO_TITLE = re.compile(
    r"^(?:[<{\[%@\\|#*>=/]|- |TY  - )|[.,;:]$|[|\t{}]|^[^\s,;]+(?:[,;][^\s,;]+)+$|https?://"
)
