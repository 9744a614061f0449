"""Markup in services' records to plain text: HTML, JATS, MathML, LaTeX in JATS. Pure."""

import html
import re

import nh3

from integrations.files.records import storable, text

LONGEST = 100_000
"""How many characters of a field are looked at."""

LONGEST_ABSTRACT = 10_000
"""How many characters of an abstract are kept: some records hold whole articles."""


def plain(value: object) -> str:
    """A field's value as plain text: of a list its first value, of anything else nothing.

    What only looks like markup stays: ``a < b``.
    """
    if isinstance(value, list):
        value = next((v for v in value if v), "")
    if not isinstance(value, str):
        return ""
    value = value[:LONGEST]
    if "<" in value or "&" in value:
        # Where a paragraph ends, a word does, and nh3 leaves no trace of either; it drops what is
        # inside of MathML unless the element around it is gone.
        spaced = _BLOCK.sub(r" \g<0>", _AROUND.sub("", storable(value)))
        value = html.unescape(nh3.clean(_NO_TAG.sub("&lt;", spaced), tags=set()))
    return text(value)


def abstract(value: object) -> str:
    """An abstract as plain text: its sections as ``Heading: text``, without its own heading.

    Prefixes such as ``jats:`` need not be declared.
    """
    if not isinstance(value, str):
        return ""
    # A formula is there twice, in LaTeX and in MathML.
    once = _ALTERNATIVES.sub(_in_tex, value[:LONGEST])
    said = plain(_SECTION.sub(_heading, _TEX_FRAME.sub("", once)))
    said = _OWN_HEADING.sub("", said)
    if len(said) > LONGEST_ABSTRACT:
        said = said[:LONGEST_ABSTRACT].rpartition(" ")[0] or said[:LONGEST_ABSTRACT]
    return said


def _in_tex(alternatives: re.Match[str]) -> str:
    tex = _TEX.search(alternatives[2])
    return tex[2] if tex else alternatives[2]


def _heading(section: re.Match[str]) -> str:
    heading = section[2].strip().rstrip(":.")
    return f" {heading}: " if heading else " "


_AROUND = re.compile(r"</?math\b[^<>]{0,500}>|<!\[CDATA\[|\]\]>", re.I)
_BLOCK = re.compile(
    r"<(?:/?(?:jats:)?(?:p|div|li|h\d|tr|td|section|sec|title|list|list-item)\b|br\b)", re.I
)
# HTML has tags whose names are letters; "<1 %" and "a <b" in running text are no tags.
_NO_TAG = re.compile(r"<(?![A-Za-z/!?])|<(?=[A-Za-z]\w*\s+(?:and|or|then|is|are)\s)")
_ALTERNATIVES = re.compile(r"<((?:jats:)?alternatives)>(.{0,4000}?)</\1>", re.S)
_TEX = re.compile(r"<((?:jats:)?tex-math)\b[^<>]{0,200}>(.{0,4000}?)</\1>", re.S)
_TEX_FRAME = re.compile(r"\\documentclass.{0,2000}?\\begin\{document\}|\\end\{document\}", re.S)
_SECTION = re.compile(r"<((?:jats:)?title|h\d)>([^<>]{0,200})</\1>")
_OWN_HEADING = re.compile(
    r"^(?:Abstract|ABSTRACT|Summary|SUMMARY)(?:\s*[:.—-]\s*|\s+(?=[A-Z])|(?=[A-Z][a-z]))"
)
