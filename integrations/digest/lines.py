"""Text that others wrote, as one line that does no harm where somebody reads it. Pure."""

import re

from recommender import wording


def line(text: str, longest: int) -> str:
    """The text on one line, without what turns text around or is not seen, cut behind a word.

    Args:
        text: Anything.
        longest: How many characters there are at the most, from 2.
    """
    # More is not looked at: a title can be as long as a book.
    shown = wording.visible(_UNSEEN.sub("", text[: 8 * longest]))
    if len(shown) <= longest:
        return shown
    whole, space, _ = shown[:longest].rpartition(" ")
    # Some languages put no space between words, and one word may be all there is.
    kept = whole if space and len(whole) > longest // 2 else shown[: longest - 1]
    return f"{kept.rstrip(_LOOSE)}…"


# Embeddings, overrides and isolates, whose end nobody may have written; plain right-to-left text
# needs none of them (https://www.unicode.org/reports/tr9/#Explicit_Directional_Formatting). And
# what has no width and joins nothing, of which a link could be made that nobody sees.
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u00ad]")
_LOOSE = " ,;:.–—-"
