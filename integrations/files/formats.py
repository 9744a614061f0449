"""The library formats, in an order in which each file is recognised as what it is."""

import re
from collections.abc import Iterable, Iterator

from integrations.files.contents import LibraryFormat, decoded

HEAD = 64 * 2**10
"""How many bytes of a file's beginning show its format."""

EMPTY = "an empty file"


class _LibraryFormats:
    """All of them, each imported when it is its turn.

    What is told early is told soon; together they take longer to import than a file to read.
    """

    def __iter__(self) -> Iterator[LibraryFormat]:
        # What begins like no text goes first, then what a file's first lines tell for sure, and the
        # formats that others can quote go last.
        from integrations.zotero.database import ZOTERO_DATABASE

        yield ZOTERO_DATABASE
        from integrations.files.zotero_rdf import ZOTERO_RDF

        yield ZOTERO_RDF
        from integrations.files.endnote_xml import ENDNOTE_XML

        yield ENDNOTE_XML
        from integrations.files.csl_json import CSL_JSON

        yield CSL_JSON
        from integrations.files.nbib import NBIB

        yield NBIB
        from integrations.files.enw import ENW

        yield ENW
        from integrations.files.ris import RIS

        yield RIS
        from integrations.files.bibtex import BIBTEX

        yield BIBTEX


LIBRARY_FORMATS: Iterable[LibraryFormat] = _LibraryFormats()
"""The formats in which libraries are written down."""


def recognised(data: bytes) -> LibraryFormat | None:
    """The format of a library file, by content alone; nothing for what is no library.

    Args:
        data: The file or its beginning, of which the first ``HEAD`` bytes count.
    """
    head = data[:HEAD]
    return next((form for form in LIBRARY_FORMATS if form.matches(head)), None)


def described(data: bytes) -> str:
    """What a file that is no library looks like, for a person: ``plain text``, ``a web page``."""
    head = data[:HEAD]
    if not head.strip():
        return EMPTY
    magic = next((name for start, name in _MAGIC if head.startswith(start)), "")
    if magic:
        return magic
    if _is_wide(head):
        return "UTF-16 text without a byte order mark, which should be saved as UTF-8"
    text = decoded(head).lstrip("\ufeff \t\n")
    if re.match(r"<!doctype html|<html|<head|<body", text, re.I):
        return "a web page"
    if text.startswith(("<?xml", "<")):
        return "XML of another kind"
    # A byte that no text has, or more than a few control characters.
    if "\0" in text or len(_CONTROL.findall(text)) > len(text) / 50:
        return "binary data"
    return "JSON of another kind" if text[0] in "[{" else "plain text"


def _is_wide(head: bytes) -> bool:
    """Whether nearly every other byte is zero, as Western text is written with two bytes each."""
    fewer, more = sorted(half.count(0) for half in (head[::2], head[1::2]))
    return fewer == 0 and more > 0.9 * (len(head) // 2)


_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3\0", "a database of another program"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
