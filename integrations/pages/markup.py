"""Markup in feeds and records as plain text: HTML, JATS, MathML, LaTeX in JATS. Pure."""

import html
import re
from xml.etree.ElementTree import Element

import nh3

from integrations.files.records import storable, text

LONGEST = 100_000
"""How many characters of a field are looked at."""

LONGEST_ABSTRACT = 10_000
"""How many characters of an abstract are kept: some records hold whole articles."""


def plain(value: object) -> str:
    """A field's value as plain text: of a list its first value, of anything else nothing.

    What only looks like markup stays: ``a < b``. A raised or lowered number stays one where Unicode
    has it: ``10<sup>3</sup>`` becomes ``10³``. Nothing is left of a script.
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
        marked = nh3.clean(_NO_TAG.sub("&lt;", spaced), tags=_READ_LATER, attributes={})
        value = html.unescape(marked)
    return text(value)


def abstract(value: object) -> str:
    """An abstract as plain text: its sections as ``Heading: text``, without its own heading.

    Prefixes such as ``jats:`` need not be declared.
    """
    if not isinstance(value, str):
        return ""
    # A formula is there twice, in LaTeX and in MathML.
    once = _ALTERNATIVES.sub(_in_tex, value[:LONGEST])
    return own_words(plain(_SECTION.sub(_heading, _TEX_FRAME.sub("", once))))


def own_words(said: str) -> str:
    """A plain abstract without its own heading; of a whole article the beginning."""
    said = _OWN_HEADING.sub("", said)
    if len(said) > LONGEST_ABSTRACT:
        said = said[:LONGEST_ABSTRACT].rpartition(" ")[0] or said[:LONGEST_ABSTRACT]
    return said


def words_in(element: Element | None) -> str:
    """All that an XML element says, as plain text; empty for none.

    A formula named ``tex-math`` is LaTeX. The element is another one afterwards.
    """
    if element is None:
        return ""
    if not len(element):
        return text(element.text)
    for formula in [*element.iter("tex-math")]:
        formula.text = f"${''.join(formula.itertext())}$"
        del formula[:]
    for mark in (*element.iter("sup"), *element.iter("sub")):
        if not len(mark) and mark.text:
            mark.text = f"<{mark.tag}>{mark.text}</{mark.tag}>"
            # What was read once must not be marked again.
            mark.tag = "i"
    return text(" ".join("".join(element.itertext()).split()))


def _in_tex(alternatives: re.Match[str]) -> str:
    tex = _TEX.search(alternatives[2])
    return tex[2] if tex else alternatives[2]


def _heading(section: re.Match[str]) -> str:
    heading = section[2].strip().rstrip(":.")
    return f" {heading}: " if heading else " "


_AROUND = re.compile(r"</?math\b[^<>]{0,500}>|<!\[CDATA\[|\]\]>", re.I)
_BLOCK = re.compile(
    r"<(?:/?(?:jats:)?(?:p|div|li|h\d|tr|t[dh]|section|sec|title|list|list-item)\b|br\b)", re.I
)
# HTML has tags whose names are letters; "<1 %" and "a <b" in running text are no tags.
# What begins one and never ends would take the rest of the text along.
_NO_TAG = re.compile(
    r"<(?!/?[A-Za-z][\w:.-]*+[\s/>]|[!?])"
    r"|<(?=[A-Za-z]\w*\s+(?:and|or|then|is|are)\s)"
    r"|<(?!!--)(?![^<]*>)"
)
_ALTERNATIVES = re.compile(r"<((?:jats:)?alternatives)>(.{0,4000}?)</\1>", re.S)
_TEX = re.compile(r"<((?:jats:)?tex-math)\b[^<>]{0,200}>(.{0,4000}?)</\1>", re.S)
_TEX_FRAME = re.compile(r"\\documentclass.{0,2000}?\\begin\{document\}|\\end\{document\}", re.S)
_SECTION = re.compile(r"<((?:jats:)?title|h\d)(?:\s[^<>]{0,200})?>([^<>]{0,200})</\1>", re.I)
_OWN_HEADING = re.compile(
    r"^(?i:abstract|summary)(?:\s*[:.—]|\s+-)\s*"
    r"|^(?:Abstract|ABSTRACT|Summary|SUMMARY)(?:\s+(?![a-z])|(?=[A-Z][a-z]))"
)
# files.latex reads them, as it does those of formulas.
_READ_LATER = {"sup", "sub"}
