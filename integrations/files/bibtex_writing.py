r"""Plain Unicode text to what BibTeX wants. Pure.

Letters stay as they are, in UTF-8. Only what LaTeX would take for a command is escaped, and never
so that a brace stands alone: BibTeX counts braces before it looks at backslashes.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from recommender.papers import Author, Paper
from recommender.wording import visible

_LONGEST_PART = 24


def escaped(text: str) -> str:
    """The text, on one line, as LaTeX that prints it."""
    text = visible(text)
    return text.translate(_ESCAPES | (_BRACES if _balanced(text) else _LONE_BRACES))


def braced(text: str) -> str:
    """The text as the value of a field."""
    return f"{{{escaped(text)}}}"


def verbatim(text: str) -> str:
    """An address or an identifier as the value of a field: as it is, but for what breaks fields."""
    return f"{{{_UNSAFE.sub(lambda c: f'%{ord(c[0]):02X}', visible(text))}}}"


def names(authors: Iterable[Author]) -> str:
    """The value of an ``author`` field, without its braces."""
    return " and ".join(filter(None, map(_name, authors)))


def cite_key(paper: Paper, suggestion_id: str, others: str, *, marked: bool = False) -> str:
    """A key of the first author's name, the year and the first word of the title, in ASCII.

    Args:
        paper: What to name.
        suggestion_id: A part of it is added where the key is taken.
        others: BibTeX, whose entries' keys are taken; they differ in more than case.
        marked: That part is always added: who saves the paper otherwise gives it another key.
    """
    taken = {key.lower() for key in _KEYS.findall(others)}
    family = _ascii(paper.authors[0].family) if paper.authors else ""
    words = filter(None, map(_ascii, paper.title.split()))
    word = next((w for w in words if w not in _ARTICLES), "")
    key = f"{family[:_LONGEST_PART] or 'anonymous'}{paper.published[:4]}{word[:_LONGEST_PART]}"
    keys = islice(_distinct(key, _ascii(suggestion_id)), int(marked), None)
    return next(k for k in keys if k not in taken)


def _distinct(key: str, mark: str) -> Iterator[str]:
    yield key
    yield f"{key}-{mark[:6]}"
    number = 1
    while True:
        yield f"{key}-{mark}-{number}"
        number += 1


def _balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _name(author: Author) -> str:
    family, given = visible(author.family), visible(author.given)
    if not family or not given:
        # Braces say that it is one name, not to be taken apart.
        return braced(family or given) if family or given else ""
    return f"{_one_word(family)}, {_one_word(given)}"


def _one_word(name: str) -> str:
    return braced(name) if _SEPARATOR.search(name) else escaped(name)


def _ascii(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
    return re.sub(r"[^a-z0-9]", "", letters.encode("ascii", "ignore").decode().lower())


_ESCAPES = str.maketrans(
    {c: f"\\{c}" for c in "%&#$_"}
    | {
        "\\": r"{\textbackslash}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
    }
)
_BRACES = str.maketrans({"{": r"\{", "}": r"\}"})
_LONE_BRACES = str.maketrans({"{": r"{$\lbrace$}", "}": r"{$\rbrace$}"})
_UNSAFE = re.compile(r"[{}\\\s]")
_SEPARATOR = re.compile(r",|;|\band\b", re.I)
_KEYS = re.compile(r"@\w+\s*[{(]\s*([^\s,{}()]+)\s*,")
_ARTICLES = frozenset(("a", "an", "the"))
_SPELT_OUT = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)
