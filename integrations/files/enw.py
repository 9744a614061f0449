"""EndNote's tagged format (.enw), as EndNote, Google Scholar and publishers write it, and Refer.

docs.endnote.com lists the tags under "Creating a Tagged EndNote Import File".
"""

import re
from collections.abc import Container

from integrations.files import tagged
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.endnote import record
from integrations.files.records import entries, storable
from recommender.errors import BadResponse


def _matches(head: bytes) -> bool:
    text = decoded(head)
    # A comment of LaTeX's may begin with any letter, but hardly one of each.
    return bool(_TYPED.match(text) or (_TAGGED.match(text) and _TITLE.search(text)))


def _read(data: bytes) -> Contents:
    text = storable(decoded(data))
    found = tagged.records(text, _TAG, _begins if _TYPE.search(text) else None)
    contents = Contents(entries(record(_named(fields), f"line {n}") for n, fields in found))
    if not contents.entries:
        raise BadResponse("ENW", "no line has a tag (%0 Book); export the library again")
    return contents


def _begins(tag: str, _before: Container[str]) -> bool:
    # An abstract may have blank lines, so that they part no records where there are types.
    return tag == "0"


def _named(fields: tagged.Fields) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for tag, values in fields.items():
        if name := _NAMES.get(tag):
            # People are one to a line or to a tag, and behind one another in some databases.
            people = name.endswith("authors")
            parts = [p for v in values for p in re.split(r"[;\n]", v)] if people else values
            named.setdefault(name, []).extend(parts)
    return named


_NAMES = {
    "0": "ref-type",
    "A": "authors",
    "E": "secondary-authors",
    "Y": "tertiary-authors",
    "T": "title",
    "!": "short-title",
    "Q": "translated-title",
    "J": "full-title",
    "B": "secondary-title",
    "S": "tertiary-title",
    "I": "publisher",
    "D": "year",
    "8": "pub-dates",
    "X": "abstract",
    "K": "keywords",
    "R": "electronic-resource-num",
    "M": "accession-num",
    "~": "remote-database-name",
    "W": "remote-database-provider",
    "@": "isbn",
    "F": "label",
    "U": "web-urls",
    ">": "pdf-urls",
    "O": "notes",
    "Z": "notes",
    "<": "research-notes",
    "1": "custom1",
    "2": "custom2",
    "3": "custom3",
    "4": "custom4",
    "#": "custom5",
    "$": "custom6",
    "]": "custom7",
}
_SIGNS = r"[0-9A-Z!#$&()*+<=>?@\[\]^~]"
_TAG = re.compile(rf"[ \t]*%({_SIGNS})(?:[ \t]+(.*))?$")
_TYPE = re.compile(r"^[ \t]*%0(?=\s|$)", re.M)
_TYPED = re.compile(r"\s*%0(?=\s|$)")
_TAGGED = re.compile(rf"\s*%{_SIGNS}[ \t]+\S[^\n]*\n[ \t]*%{_SIGNS}(?=\s|$)")
_TITLE = re.compile(r"^[ \t]*%T[ \t]+\S", re.M)

ENW = LibraryFormat("ENW", _matches, _read)
