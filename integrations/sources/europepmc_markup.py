"""What PubMed and Europe PMC write beside the words that a paper is to have. Pure."""

import re
from collections.abc import Iterable

import nh3

from integrations.files.records import storable, text


def plain(value: object) -> str:
    """What a text says, without its markup: headings end in a colon, and ``x < y`` stays.

    ``<h4>Methods</h4>10<sup>3</sup> &amp; more`` becomes ``Methods: 10³ & more``. Of what is no
    text nothing is left, and neither is of a script.
    """
    if not isinstance(value, str):
        return ""
    markup = _HEADING.sub(r" \1: ", _NO_TAG.sub("&lt;", storable(value)))
    # Where a paragraph ends, a word does, and nh3 leaves no trace of either.
    spaced = _BLOCK.sub(r" \g<0>", markup)
    return text(nh3.clean(spaced, tags=_KEPT, attributes={}))


def institutions(affiliations: Iterable[str]) -> tuple[str, ...]:
    """Where a paper's authors work, each place once and without anybody's address of mail."""
    told = ((_MAIL.sub("", one) if "@" in one else one).strip(" ;,.") for one in affiliations)
    return tuple(dict.fromkeys(place for place in told if place))


# Raised and lowered numbers stay so where Unicode has them.
_KEPT = {"sup", "sub"}
# Anything else than a whole tag or comment is a sign in a text; what begins one and never ends
# would take the rest of the text along.
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][\w:-]{0,30}(?:\s[^<>]{0,500})?/?>|!--[^<>]{0,500}-->)")
_HEADING = re.compile(r"<h\d(?:\s[^<>]{0,200})?>([^<>]{0,200}?)[:.\s]{0,5}</h\d>", re.I)
_BLOCK = re.compile(r"<(?:/?(?:p|div|li|tr|td|th|sec|title|list)\b|br\b)", re.I)
_MAIL = re.compile(r"(?:Electronic address:|E-?mail:)?\s?[^\s@;,]{1,100}@[^\s@;,]{1,200}", re.I)
