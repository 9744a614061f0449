"""Whom and what the reader follows, whatever the model thinks of it. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from recommender.identity import title_key
from recommender.papers import Author, Paper
from recommender.spelling import flattened


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """People, places and words by which papers are known.

    Attributes:
        authors: ``Ada Roe`` or ``Roe, A.``: the family name counts, and of the others what both
            spell out; a family name alone is anybody's of that name.
        venues: Names of journals, conferences or servers, in whole.
        institutions: Parts of the names of the authors' institutions, in whole words.
        keywords: Words or phrases in the title, the abstract or the subjects, in whole words.
    """

    authors: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.authors or self.venues or self.institutions or self.keywords)


@dataclass(frozen=True)
class Following:
    """What the reader follows, and what they never want to see.

    Attributes:
        wanted: Its papers are suggested beside those that the model chooses.
        unwanted: Its papers are never suggested.
        limit: How many papers are suggested for being followed alone, in one cycle.
    """

    wanted: Topics = field(default_factory=Topics)
    unwanted: Topics = field(default_factory=Topics)
    limit: int = 5

    def follows(self, paper: Paper) -> str:
        """What of a paper the reader follows, as they wrote it; empty for nothing."""
        return self._wanted.first(paper)

    def refuses(self, paper: Paper) -> str:
        """What of a paper the reader never wants, as they wrote it; empty for nothing."""
        return self._unwanted.first(paper)

    @cached_property
    def _wanted(self) -> "_Sought":
        return _Sought(self.wanted)

    @cached_property
    def _unwanted(self) -> "_Sought":
        return _Sought(self.unwanted)


class _Sought:
    """Topics, prepared to be looked for in many papers."""

    def __init__(self, topics: Topics) -> None:
        self._authors = [(name, one) for name in topics.authors for one in _readings(name)]
        self._families = {_folded(author.family) for _, author in self._authors}
        self._venues = {title_key(venue): venue for venue in topics.venues}
        self._institutions = _words(topics.institutions)
        self._keywords = _words(topics.keywords)
        self._is_empty = not topics

    def first(self, paper: Paper) -> str:
        return "" if self._is_empty else next(self._found(paper), "")

    def _found(self, paper: Paper) -> Iterator[str]:
        for written in paper.authors:
            if _folded(written.family) in self._families:
                yield from (name for name, meant in self._authors if _is_one(meant, written))
        if found := self._venues.get(title_key(paper.venue)) if paper.venue else None:
            yield found
        if self._institutions:
            yield from _in(self._institutions, paper.institutions)
        if self._keywords:
            said = (paper.title, paper.abstract, *paper.categories)
            yield from _in(self._keywords, said)


def _readings(name: str) -> list[Author]:
    """The authors whom a name may mean: nobody knows where a family name begins."""
    if "," in name:
        return [Author.of(name)]
    words = name.split()
    starts = range(1, len(words)) if len(words) > 1 else range(len(words))
    return [Author(" ".join(words[start:]), " ".join(words[:start])) for start in starts]


def _is_one(meant: Author, written: Author) -> bool:
    """Whether an author may be the one who is meant, going by what both spell out."""
    if _folded(meant.family) != _folded(written.family):
        return False
    pairs = zip(_given(meant), _given(written), strict=False)
    return all(one.startswith(other) or other.startswith(one) for one, other in pairs)


def _given(author: Author) -> list[str]:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", author.given))
    # Some services write initials in one: Roe AB.
    parts = chain.from_iterable(w if w.isupper() and len(w) <= _INITIALS else [w] for w in words)
    return [_folded(part) for part in parts]


def _words(phrases: Iterable[str]) -> list[tuple[str, re.Pattern[str]]]:
    folded = ((phrase, _folded(phrase).split()) for phrase in phrases)
    return [(phrase, _whole(words)) for phrase, words in folded if words]


def _whole(words: Sequence[str]) -> re.Pattern[str]:
    """Finds words that no letter stands beside, but of a script that puts none apart."""
    before = "" if _UNSPACED.match(words[0][0]) else f"(?<!{_LETTER})"
    after = "" if _UNSPACED.match(words[-1][-1]) else f"(?!{_LETTER})"
    return re.compile(before + r"\W+".join(map(re.escape, words)) + after)


def _in(sought: Iterable[tuple[str, re.Pattern[str]]], texts: Iterable[str]) -> Iterator[str]:
    folded = [_folded(text) for text in texts]
    yield from (phrase for phrase, pattern in sought if any(map(pattern.search, folded)))


def _folded(text: str) -> str:
    """Without case and accents, so that what is typed without them is found too."""
    flat = flattened(text)
    # A Korean syllable that lies in pieces would be found in longer ones.
    return flat if flat.isascii() else unicodedata.normalize("NFC", flat)


_INITIALS = 3  # letters; more are a name in capitals
# Chinese, Japanese and Korean letters (https://www.unicode.org/Public/UNIDATA/Blocks.txt).
_EAST_ASIAN = "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{_EAST_ASIAN}]")
_LETTER = rf"[^\W{_EAST_ASIAN}]"
