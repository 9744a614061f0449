"""XML from anywhere: the one place where it is parsed. Pure.

What declares entities can blow a few lines up to fill the memory, and Python's parser unfolds what
it is given: https://docs.python.org/3/library/xml.html#xml-security.
"""

import re
import sys
from typing import Protocol, TypeVar
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from recommender.errors import BadResponse

Made_co = TypeVar("Made_co", covariant=True)


class Target(Protocol[Made_co]):
    """What makes something of a document while it is read, such as ``ElementTree.TreeBuilder``."""

    def start(self, tag: str, attrs: dict[str, str], /) -> object:
        """An element begins."""

    def data(self, data: str, /) -> object:
        """A piece of text, of which there may be several in a row."""

    def end(self, tag: str, /) -> object:
        """An element ends."""

    def close(self) -> Made_co:
        """What was made."""


def element(text: str, service: str) -> Element:
    """The element around a document.

    Args:
        text: As ``read`` wants it.
        service: Who wrote it, for people.

    Raises:
        BadResponse: As ``read``.
        ParseError: As ``read``.
    """
    return read(text, service, ET.TreeBuilder())


def read(text: str, service: str, target: Target[Made_co]) -> Made_co:
    """What a target makes of a document.

    Characters that XML does not take, which many send, are left out beforehand, also where they are
    spelled as numbers.

    Args:
        text: Decoded; whatever encoding it declares means nothing.
        service: Who wrote it, for people.
        target: It is told of every element.

    Raises:
        BadResponse: If the document declares entities or attributes.
        ParseError: If it is no XML, or breaks off.
    """
    legal = lawful(text)
    # Only what is parsed may be searched: a character that is left out could hide a declaration.
    if _DECLARATION.search(legal):
        message = f"{service} declares XML entities, which no papers need; fetch or export it again"
        raise BadResponse(service, message)
    parser: ET.XMLParser[Made_co] = ET.XMLParser(target=target)  # noqa: S314 - see above
    parser.feed(legal)
    return parser.close()


def lawful(text: str) -> str:
    """A document without the characters that XML does not take, as they are or as numbers."""
    return _NUMBER.sub(_spelled, _NO_CHARACTER.sub("", text))


def _spelled(number: re.Match[str]) -> str:
    """A character's number as it stands there; nothing for one that XML does not take."""
    digits = number[1] or number[2]
    value = int(digits, 10 if number[1] else 16) if len(digits) <= _LONGEST_NUMBER else 0
    is_character = 0 < value <= sys.maxunicode and not _NO_CHARACTER.match(chr(value))
    return number[0] if is_character else ""


_DECLARATION = re.compile(r"<!(?:ENTITY|ATTLIST)", re.I)
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"&#(?:(\d+)|x([0-9a-f]+));", re.I | re.ASCII)
_LONGEST_NUMBER = 7  # digits of the last character of all, 1114111
