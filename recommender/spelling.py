"""How titles, names and abstracts are spelled when they are compared. Pure.

All that a library holds is looked at on each day; so plain English, which most of it is, takes the
shortest way.
"""

import re
import unicodedata
from functools import lru_cache

LONG = 5
"""Words with fewer letters have no misprints, only other meanings."""


def flattened(text: str) -> str:
    """The text without case, accents and compatibility forms; other letters stay what they are."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # Classes 8 and 9 are kana's voicing and the Indic virama: letters, not accents.
    return "".join(c for c in text if unicodedata.combining(c) in {0, 8, 9}).translate(_STROKES)


def letters(flat: str) -> str:
    """The letters and digits alone of a text without case and accents."""
    if flat.isascii():
        # As bytes: each title is looked at on each day, and text takes ten times as long.
        return flat.encode().translate(None, _NO_LETTERS).decode()
    return "".join(c for c in flat if c.isalnum() or unicodedata.category(c) in {"Mn", "Mc"})


def words_of(flat: str) -> list[str]:
    """The words of a text without case and accents."""
    flat = flat.replace("&", " and ")
    if not flat.isascii() or "'" in flat or "`" in flat:
        flat = _APOSTROPHE.sub("", flat)
    if flat.isascii():
        return flat.encode().translate(_APART).decode().split()
    return "".join(
        c if c.isalnum() or unicodedata.category(c) in {"Mn", "Mc"} else " " for c in flat
    ).split()


def spelling(found: list[str]) -> tuple[str, ...]:
    """Words without what is house style: British or American, II or 2, an article in front."""
    if found[:1] in (["a"], ["an"]):
        found = found[1:]
    if not _ROMAN.keys().isdisjoint(found):
        parts = map(_PART.fullmatch, ("", *found))
        found = [_ROMAN.get(w, w) if part else w for w, part in zip(found, parts, strict=False)]
    return tuple(filter(None, map(_spelt, found)))


def outline(spelt: tuple[str, ...]) -> str:
    """What a misprint leaves of words in such a spelling: of those that can hold one, a letter."""
    return " ".join(map(_outlined, spelt))


@lru_cache(maxsize=2**15)
def _spelt(word: str) -> str:
    """A word in the spelling that misprints are judged in; empty where it counts as none."""
    if word in {"the", "and"}:
        return ""
    plain = word.replace("ae", "e").replace("oe", "e").replace("s", "z")
    return _PLAIN_ROMAN.get(word, plain)


@lru_cache(maxsize=2**15)
def _outlined(word: str) -> str:
    """A word, or of one that a misprint could change, the first letter."""
    return word[0] if len(word) >= LONG and word.isalpha() else word


def forget_words() -> None:
    """Let go of what is remembered of words."""
    _spelt.cache_clear()
    _outlined.cache_clear()


_NO_LETTERS = bytes(n for n in range(128) if not chr(n).isalnum())
_APART = bytes.maketrans(_NO_LETTERS, b" " * len(_NO_LETTERS))
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ`](?=\w)")
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMAN = {roman: str(number) for number, roman in enumerate(_ROMANS, start=1)}
# I, IV, V and X are also words, symbols or abbreviations; behind a part they are numbers.
_PLAIN_ROMAN = {r: n for r, n in _ROMAN.items() if r not in {"i", "iv", "v", "x"}}
_PART = re.compile(r"parts?|vol(?:ume)?|chapter|book|phase|type|class|paper|section")
