"""The sentence of an abstract that says best why its paper was suggested. Pure."""

import math
import re
from collections.abc import Iterator, Mapping

from recommender import wording
from recommender.model import tokens
from recommender.suggestions import ReasonKind, Suggestion

LONGEST = 240
"""Characters of a gist at the most."""

_SHORTEST = 40  # what is shorter than this mostly says "Code is available"
_READ = 4 * LONGEST  # of a sentence: what stands further behind would not be shown


def gist(suggestion: Suggestion) -> str:
    """One sentence of the paper's abstract, as it stands there; empty where there is none.

    Looked for is the sentence that has most of what the reasons name: the terms, the interest, and
    the titles of the reader's own papers that it is close to. Of two such the one that tells a
    result is better, and then the one that stands first.

    Returns:
        A part of ``wording.visible(abstract)``; with a ``…`` behind its last word where it is
        longer than ``LONGEST``.
    """
    wanted = _wanted(suggestion)
    best, best_score = "", -1.0
    for sentence in sentences(wording.visible(suggestion.paper.abstract)):
        score = _score(sentence, wanted)
        if score > best_score:
            best, best_score = sentence, score
    return _cut(best)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text on one line, in order, without the spaces around them.

    A dot behind an abbreviation, an initial or within a number ends none. Linear in the text's
    length.
    """
    start = 0
    for end in _END.finditer(text):
        if _ends(text, start, end):
            yield text[start : end.end()].strip()
            start = end.end()
    if rest := text[start:].strip():
        yield rest


def _ends(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a sentence ends where one could."""
    if end["far"]:  # the full stops of Chinese and Japanese mean nothing else
        return True
    behind = text[end.end() : end.end() + 1]
    if behind.islower():
        return False
    if end["near"] != ".":
        return True
    before = _LAST_WORD.search(text, max(start, end.start() - _LONGEST_WORD), end.start())
    word = before[0] if before else ""
    # What is one letter long is an initial, but for "I" and the end of "group A."; who splits
    # there gives half a name.
    is_initial = len(word) == 1 and word.isupper()
    return not is_initial and word.lower() not in _ABBREVIATIONS


def _wanted(suggestion: Suggestion) -> dict[str, float]:
    """What the reasons name, each word with how much it is worth."""
    wanted: dict[str, float] = {}
    for reason in suggestion.reasons:
        if reason.kind is ReasonKind.TERMS:
            _add(wanted, _OUR_WORDS.sub("", reason.text), 1.0)
        elif reason.kind in _NAMING_PAPERS:
            for title in _QUOTED.findall(reason.text):
                _add(wanted, title, 0.5)
    _add(wanted, suggestion.interest, 0.5)
    return wanted


def _add(wanted: dict[str, float], text: str, worth: float) -> None:
    for word in _words(text):
        wanted[word] = max(wanted.get(word, 0.0), worth)


def _score(sentence: str, wanted: Mapping[str, float]) -> float:
    """How well a sentence says why, from 0."""
    words = _words(sentence[:_READ])
    found = sum(wanted[word] for word in words & wanted.keys())
    # Of two that name as much, the one with fewer words around it says it better.
    told = found / math.sqrt(1 + len(words)) + (0.15 if _RESULT.search(sentence[:_READ]) else 0)
    return told * (1.0 if _SHORTEST <= len(sentence) <= LONGEST else 0.6)


def _words(text: str) -> set[str]:
    found = (word for chunk in tokens.chunks(text) for word in tokens.words_of(chunk))
    return {word for word in found if word != tokens.END}


def _cut(sentence: str) -> str:
    if len(sentence) <= LONGEST:
        return sentence
    whole, space, _ = sentence[:LONGEST].rpartition(" ")
    # Some languages put no space between words, and one word may be all there is.
    kept = whole if space and len(whole) > LONGEST // 2 else sentence[: LONGEST - 1]
    return f"{kept.rstrip(' ,;:–—-')}…"


# Only where a run of marks begins: a line of dots would be looked at from each of them.
_END = re.compile(r"(?<![.!?…])(?P<near>[.!?…]++)[\"'”’»)\]]*+ |(?P<far>[。！？｡]++[」』”’）]*+ ?)")
_LONGEST_WORD = 12
_LAST_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\Z")
_ABBREVIATIONS = frozenset(
    (  # noqa: SIM905 -- a list of words reads best as text
        "al e.g i.e eg ie cf vs viz ca approx resp incl esp etc fig figs eq eqs sec secs tab tabs "
        "ref refs ch chap vol no nos pp ed eds dr prof mr mrs ms st jr sr dept univ inc ltd co "
        "corp u.s u.k u.n ph.d a.k.a w.r.t i.i.d bzw z.b d.h u.a ggf p.ex"
    ).split()
)
_OUR_WORDS = re.compile(r"^shares (?:the terms|words with your papers)|^about ")
_QUOTED = re.compile(r"“([^“”]+)”")
_NAMING_PAPERS = frozenset({ReasonKind.PAPER, ReasonKind.CITATIONS, ReasonKind.GOAL})
_RESULT = re.compile(
    r"\b(?:show|propos|find|found|demonstrat|introduc|present|prov[ei]|reveal|report|develop|result|"
    r"conclu|suggest|outperform|achiev)[a-z]*\b",
    re.IGNORECASE,
)
