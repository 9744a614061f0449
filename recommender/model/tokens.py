r"""From a text to its words: lower-cased, accents and plural endings off, without LaTeX.

A hyphenated word is its parts, ``deep-learning`` the words ``deep`` and ``learning``; where a part
alone tells nothing, the whole stands beside the others, as ``gpt-4`` beside ``gpt``. Scripts
without spaces between words are read by pairs of neighbouring characters, as Nie et al. (2000, "On
the use of words and n-grams for Chinese information retrieval") recommend.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable

END = "."
"""What stands among the words where a sentence ends, or a part of one."""


def chunks(text: str) -> list[str]:
    """What stands between a text's spaces, in order, the text's LaTeX taken off."""
    if "\\" in text or "$" in text or "{" in text:
        text = _LATEX.sub(_without_latex, text)
    return text.split()


def words_of(chunk: str) -> list[str]:
    """The words that carry a text's subject in a chunk of it, and ``END`` if it ends a sentence.

    A hyphenated word comes as its parts, behind itself where one of them tells nothing, as in
    ``gpt-4``. Web addresses, numbers, citation keys and the words that every abstract has are left
    out.
    """
    folded = chunk.casefold() if chunk.isascii() else _folded(chunk)
    found: list[str] = []
    said = _ADDRESS.sub(" ", folded) if "/" in folded or "www." in folded else folded
    for token in _TOKEN.findall(said.replace("_", " ")):
        found += _spelled(token)
    if _SENTENCE_END.search(folded):
        found.append(END)
    return found


def stands_alone(word: str) -> bool:
    """Whether a word makes no pair with its neighbours, since what it consists of does."""
    return "-" in word or _UNSPACED.match(word) is not None


def joined(word: str) -> str:
    """The one spelling of a compound, for ``gpt-4`` is ``gpt4``."""
    return word.replace("-", "")


def _folded(text: str) -> str:
    folded = _ACCENT.sub("", unicodedata.normalize("NFKD", text).casefold())
    # What is no accent comes together again: a Korean syllable, a Japanese voiced sound.
    folded = unicodedata.normalize("NFC", folded)
    return _UNSPACED.sub(_in_pairs, folded)


def _in_pairs(run: re.Match[str]) -> str:
    pairs = map("".join, itertools.pairwise(run[0]))
    return f" {' '.join(pairs) or run[0]} "


def _spelled(token: str) -> Iterable[str]:
    if token.isascii() and token.isalpha():  # as most are: there is no more to see to
        word = _singular(token)
        return () if word in _COMMON or len(word) == 1 else (word,)
    if _UNSPACED.match(token):
        return (token,)
    plain = _HYPHEN.sub("-", token.translate(_LETTERS))
    if _NUMBER.fullmatch(plain):
        return ()
    parts = [_named(part) for part in plain.split("-")]
    # Only the last part of a compound loses its plural's ending: SARS-CoV-2, systems-on-chips.
    ends = [*parts[:-1], _singular(parts[-1])]
    alone = list(filter(_tells, map(_singular, parts)))
    # Where each part tells something, their pair says the same as the compound.
    return alone if len(alone) == len(parts) else filter(_tells, ("-".join(ends), *alone))


def _without_latex(found: re.Match[str]) -> str:
    if name := (found["name"] or "").lower():
        if letter := _GREEK.get(name.removeprefix("var")):
            return letter + found["behind"].strip("{")
        if name in _SPECIAL_LETTERS:
            return name
        return "" if found["behind"] == "{" else " "
    return " " if found["apart"] else ""


def _named(part: str) -> str:
    """A part without its elided article or its possessive, a lone Greek letter by its name."""
    head, _, tail = part.replace("’", "'").removesuffix("'s").partition("'")
    part = head if not tail else tail if len(head) <= _ELIDED else f"{head}'{tail}"
    name = _GREEK_NAMES.get(part[0])
    return name + part[1:] if name and (not part[1:] or part[1:].isdigit()) else part


def _tells(word: str) -> bool:
    spelling = joined(word)
    return (
        len(spelling) > 1
        and spelling not in _COMMON
        and not _NUMBER.fullmatch(word)
        and not _CITATION_KEY.search(word)
    )


def _singular(word: str) -> str:
    # Harman (1991), "How effective is suffixing?": the S-stemmer, the mildest that helps.
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_ELIDED = 2  # letters of an article or a pronoun before an apostrophe: l'eau, qu'on, O'Neill
_NUMBER = re.compile(r"\d[\d-]*(?:e-?\d+)?s?")
_CITATION_KEY = re.compile(r"\b[a-z]+20\d\d[a-z]+\b")
_HYPHEN = re.compile(r"--|[‐–−]")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.-])[\w.-]+\.(?:com|org|io|net|edu|gov|ai)/\S+"
)

# Accents, the optional vowels of Hebrew and Arabic, and characters that nobody sees.
_ACCENT = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]+"
)
# Thai, Lao, Burmese, Khmer; Hangul; Japanese kana; Han.
_WITHOUT_SPACES = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3"
    "\u1100-\u11ff\uac00-\ud7a3\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED = re.compile(f"[{_WITHOUT_SPACES}]+")
# What Python calls a word's character lacks the vowel signs of India and Sri Lanka. The letters
# of English are in it already, but a table of them is found faster.
_LETTER = rf"[a-z0-9\w\u0900-\u0963\u0966-\u0df3{_WITHOUT_SPACES}]"
_TOKEN = re.compile(rf"{_LETTER}+(?:(?:--?|['’‐–−]){_LETTER}+)*(?:\+\+|#)?")
_SENTENCE_END = re.compile(r"[.!?;:][)\]'\"’”»]*$")

_LATEX = re.compile(
    r"\\(?:(?P<apart>(?:(?:cite|begin|end|url|href)[a-z]*|(?:eq|auto|c)?ref|label)\*?"
    r"(?:\[[^\]\[]*\])*\{[^{}]*\}|[^a-zA-Z'\"`^~=.()-])"
    r"|(?P<name>[a-zA-Z]+)(?P<behind>\s|\{|)|['\"`^~=.()-])|[${}_^]"
)
_SPECIAL_LETTERS = frozenset({"ss", "ae", "oe", "o", "l", "i", "j"})
_GREEK = dict(
    zip(
        (  # noqa: SIM905 -- a list of words reads best as text
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi "
            "rho sigma tau upsilon phi chi psi omega"
        ).split(),
        "αβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
_GREEK_NAMES = {letter: name for name, letter in _GREEK.items()}
# Letters that no accent was taken off from, as people without them on their keyboards spell them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)

# Function words of English, and the words with which every abstract praises itself. Other
# languages' function words are common in their own papers only, where idf takes care of them.
_COMMON = frozenset(
    (  # noqa: SIM905 -- a list of words reads best as text
        "a about above after again all along also although among an and another any are as at be "
        "been before being below between both but by can could did do does doing due during each "
        "either etc even ever every few first for from further had has have having he hence her "
        "here his how however i if in into is it its itself just least less let like many may me "
        "might more most much must my near no nor not now of off often on once one only onto or "
        "other our out over own per quite rather same second several she should since so some "
        "still such than that the their them then there therefore these they thi third this those "
        "three through thu thus to too toward two under until up upon u us use used using very "
        "via wa was we well were what when where whether which while who whose why will with "
        "within without would yet you your et al ie eg "
        "paper propose proposed present presented show shown demonstrate demonstrated introduce "
        "introduced result approach method novel new art state achieve achieved performance based "
        "work study existing recent recently previou previous experiment experimental extensive "
        "outperform available code significantly improve improved effective effectively problem "
        "framework"
    ).split()
)
