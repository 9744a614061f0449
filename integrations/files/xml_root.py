"""The element around an XML file, told from the file's beginning. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Root:
    """The tag with which a document's content begins.

    Attributes:
        name: As it is written, with its prefix.
        attributes: What follows it, up to the tag's end or that of the text; not taken apart.
    """

    name: str
    attributes: str


def root(text: str) -> Root | None:
    """The root of a document, behind its declaration, comments and document type; None without one.

    It takes time in proportion to the text, whatever stands there: each piece in front of the
    root is passed over once, and never tried in another way.
    """
    position = 0
    while (end := _behind_piece(text, position)) > position:
        position = end
    tag = _TAG.match(text, position)
    return Root(tag[1], tag[2]) if tag else None


def _behind_piece(text: str, position: int) -> int:
    """Where the next piece begins; the same position where a tag or nothing of XML stands."""
    for opening, closing in _PIECES:
        if text.startswith(opening, position):
            end = text.find(closing, position + len(opening))
            return end + len(closing) if end >= 0 else position
    piece = _SPACE.match(text, position) or _DOCTYPE.match(text, position)
    return piece.end() if piece else position


_PIECES = (("<?", "?>"), ("<!--", "-->"))
_SPACE = re.compile(r"[\ufeff\s]+")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>", re.S)
_TAG = re.compile(r"<([\w:.-]++)(?=[\s/>])([^>]*)")
