"""When two records are one work. Pure.

An identifier decides where both records have one of the same scheme; else title, year and first
author do, as a last resort. Merging two works would hide a paper from the reader, so whatever
could tell two works apart keeps them apart.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Paper
from recommender.spelling import (
    LONG,
    flattened,
    forget_words,
    letters,
    outline,
    spelling,
    words_of,
)

UNTITLED = "Untitled"
"""How the made-up title begins of a work that has none; it shows no two records to be one work."""


def is_untitled(title: str) -> bool:
    """Whether a title was made up for a work that has none."""
    return bool(_UNTITLED.match(title))


def title_key(title: str) -> str:
    """The title's letters and digits alone, without case and accents: equal for equal titles.

    A title without any letter or digit is its own key.
    """
    return _key(title, flattened(title))


def n_words(title: str) -> int:
    """How many words a title has; two ideographs or kana count as one word."""
    words = words_of(flattened(title))
    return sum((len(word) + 1) // 2 if word[0] >= "\u2e80" else 1 for word in words)


def speaks(title: str) -> bool:
    """Whether a title says enough to be one work's: four words or more, and no "Editorial"."""
    anybodys = is_untitled(title) or _ANYBODYS.fullmatch(title_key(title))
    return n_words(title) >= 4 and not anybodys


def names(paper: Paper) -> tuple[str, ...]:
    """Every name under which a paper is remembered, best first; never empty.

    Its ids (``doi:…``, ``arxiv:…``) but an ISBN, which chapters carry too; then a name made of its
    text: ``text:`` and 16 hexadecimal digits of the title and the abstract's first 200 characters.
    A paper that has ids, no abstract and a title that says little has no such name, since
    "Editorial" names many works. That two papers share a name does not make them one work.
    """
    found = [work_name(i) for i in paper.ids if i.scheme is not Scheme.ISBN]
    if not found or paper.abstract or speaks(paper.title):
        text = f"{title_key(paper.title)}|{_start(paper)}"
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        found.append(f"text:{digest[:16]}")
    return tuple(dict.fromkeys(found))


def same_work(a: Paper, b: Paper) -> bool:
    """Whether two records are one work, as far as they tell.

    An id that both have says yes (an ISBN only beside one title), ids of one scheme that differ
    say no, unless one is a preprint's DOI; then title, first author and year decide together. An
    equal title of four words or more, or one with an equal abstract, is enough where nothing speaks
    against it. Of a work without a title, only an id or a long abstract can say yes.
    """
    return _same(_Traits.of(a), _Traits.of(b))


class Works:
    """Papers by everything that can show that one of them is the same work as another.

    A look-up compares only those that share an id or a title's letters or initials.
    """

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._known: list[_Traits] = []
        self._places: dict[str, list[int]] = defaultdict(list)
        for paper in papers:
            self._add(_Traits.of(paper))

    @classmethod
    def of(cls, papers: Iterable[Paper] = ()) -> "Works":
        """An index over these papers."""
        return cls(papers)

    def match(self, paper: Paper) -> int | None:
        """The position of the first known paper that is the same work; nothing if none is."""
        return self._first(_Traits.of(paper)) if self._known else None

    def entered(self, paper: Paper) -> int:
        """The position of the first known paper that is the same work; if none is, it is added."""
        traits = _Traits.of(paper)
        first = self._first(traits)
        return self._add(traits) if first is None else first

    def same(self, one: int, other: int) -> bool:
        """Whether the known papers at two positions are one work."""
        return _same(self._known[one], self._known[other])

    def _add(self, traits: "_Traits") -> int:
        place = len(self._known)
        self._known.append(traits)
        for clue in traits.clues:
            self._places[clue].append(place)
        return place

    def _first(self, traits: "_Traits") -> int | None:
        found = {place for clue in traits.clues for place in self._places.get(clue, ())}
        return next((i for i in sorted(found) if _same(self._known[i], traits)), None)


@dataclass(frozen=True)
class _Traits:
    """What identity looks at, worked out once for each paper of a run, some of it on demand.

    Attributes:
        flat: The title without case and accents, and ``key`` its ``title_key``.
        words: The title's, in the spelling that misprints are judged in.
        clues: By what it can be found: two records of one work have at least one in common.
    """

    paper: Paper
    flat: str
    ids: Mapping[Scheme, frozenset[str]]
    key: str
    words: tuple[str, ...]
    clues: frozenset[str]

    @classmethod
    @lru_cache(maxsize=2**14)
    def of(cls, paper: Paper) -> "_Traits":
        flat = flattened(paper.title)
        ids: dict[Scheme, frozenset[str]] = {}
        for i in paper.ids:
            ids[i.scheme] = ids.get(i.scheme, frozenset()) | {work_name(i)}
        key, words, start = _key(paper.title, flat), spelling(words_of(flat)), _start(paper)
        starts = {f"start {start}"} if len(start) >= _TELLING else ()
        clues = frozenset({f"key {key}", f"outline {outline(words)}"}.union(*ids.values(), starts))
        # What a paper cites does not tell which paper it is, nor does what it is linked to.
        if paper.references or paper.code or paper.website:
            paper = replace(paper, references=(), code="", website="")
        return cls(paper, flat, ids, key, words, clues)

    @cached_property
    def head(self) -> str:
        """The key of the title without its subtitle."""
        return letters(_SUBTITLE.split(self.flat, maxsplit=1)[0])

    @cached_property
    def signs(self) -> tuple[str, ...]:
        """What the key drops though it tells works apart: ``3.5``, ``C++``, ``A*``."""
        return tuple(_SIGN.findall(self.flat.rstrip("* ")))

    @cached_property
    def firsts(self) -> frozenset[str]:
        """The first author's family name."""
        return _family(self.paper.authors[0]) if self.paper.authors else frozenset()

    @cached_property
    def preprint(self) -> bool:
        told = self.paper.kind is Kind.PREPRINT or Scheme.ARXIV in self.ids
        return told or any(map(_PREPRINT.match, self.ids.get(Scheme.DOI, ())))


def _same(a: _Traits, b: _Traits) -> bool:
    if a.paper == b.paper:
        return True
    for scheme, values in a.ids.items():
        if values & b.ids.get(scheme, frozenset()):
            trusted = _one_book(a, b) if scheme is Scheme.ISBN else not _miscopied(a, b)
            if trusted:
                return True
    if any(a.ids.get(s) and b.ids.get(s) and _differ(a.ids[s], b.ids[s]) for s in _NAMES_ONE):
        return False
    return _same_text(a, b)


def _differ(a: frozenset[str], b: frozenset[str]) -> bool:
    # One work has one DOI at a publisher and one at each preprint server, so only names of the
    # same place contradict each other.
    return any(_registrar(x) == _registrar(y) for x in a for y in b)


def _registrar(name: str) -> str:
    match = _PREPRINT.match(name) or _SECOND_DOI.match(name)
    return match[0] if match else ""


def _miscopied(a: _Traits, b: _Traits) -> bool:
    # People paste a wrong id, or a whole volume's: then neither title nor authors have anything
    # in common. A title alone may change between versions, and so may the authors' order.
    # The same author's other work cannot be told from a translation, and years differ by custom.
    if a.key in b.key or b.key in a.key or fuzz.ratio(a.key, b.key) >= _RETITLED:
        return False
    return bool(a.firsts and b.firsts) and not (_wrote(a.firsts, b) or _wrote(b.firsts, a))


def _wrote(author: frozenset[str], traits: _Traits) -> bool:
    return any(_agree(author, _family(other)) is not False for other in traits.paper.authors)


def _one_book(a: _Traits, b: _Traits) -> bool:
    return a.signs == b.signs and (a.key in {b.key, b.head} or a.head == b.key)


def _same_text(a: _Traits, b: _Traits) -> bool:
    if is_untitled(a.paper.title) or is_untitled(b.paper.title):
        return _one_abstract(a, b)
    if a.signs != b.signs or _kinds_differ(a.paper.kind, b.paper.kind):
        return False
    years = _years_agree(a, b)
    authors = _agree(a.firsts, b.firsts)
    if years is False or authors is False or _versions(a, b):
        return False
    if a.key == b.key:
        certain = years is True and authors is True and not _ANYBODYS.fullmatch(a.key)
        return speaks(a.paper.title) or certain or _one_abstract(a, b)
    return years is True and authors is True and _misprinted(a, b)


def _years_agree(a: _Traits, b: _Traits) -> bool | None:
    if a.paper.year is None or b.paper.year is None:
        return None
    return abs(a.paper.year - b.paper.year) <= (3 if a.preprint or b.preprint else 1)


def _agree(a: frozenset[str], b: frozenset[str]) -> bool | None:
    # A double name is often given by half: García for García Márquez.
    return a <= b or b <= a if a and b else None


def _kinds_differ(a: Kind, b: Kind) -> bool:
    return b in _NEVER_ALSO.get(a, ()) or a in _NEVER_ALSO.get(b, ())


def _versions(a: _Traits, b: _Traits) -> bool:
    # A conference paper and the journal's, or two listed papers of one title.
    starts = [_start(a.paper), _start(b.paper)]
    bare = not (a.ids or b.ids or a.paper.authors or b.paper.authors)
    published = {a.paper.kind, b.paper.kind} == {Kind.ARTICLE, Kind.CONFERENCE}
    if not all(starts) or not (bare or (published and not a.preprint and not b.preprint)):
        return False
    return starts[0] != starts[1] if bare else fuzz.ratio(*starts) < _SAME_ABSTRACT


def _one_abstract(a: _Traits, b: _Traits) -> bool:
    start = _start(a.paper)
    return len(start) >= _TELLING and start == _start(b.paper)


def _misprinted(a: _Traits, b: _Traits) -> bool:
    return (
        len(a.words) == len(b.words)
        and fuzz.ratio(" ".join(a.words), " ".join(b.words)) >= _SIMILAR
        and all(map(_one_word, a.words, b.words))
        and all(
            _agree(_family(x), _family(y)) is not False
            for x, y in zip(a.paper.authors, b.paper.authors, strict=False)
        )
    )


def _one_word(a: str, b: str) -> bool:
    """Whether two words are one but for a slip, in a place where slips do not make a new word.

    Beginnings and short endings do (inter-, intra-; nitrate, nitrite), and so do short words.
    """
    if a == b:
        return True
    if min(len(a), len(b)) < LONG or not (a.isalpha() and b.isalpha()) or a[0] != b[0]:
        return False
    if OSA.distance(a, b, score_cutoff=1) != 1:
        return False
    if len(a) == len(b):
        return sorted(a) == sorted(b) or (a[:4] == b[:4] and a[-3:] == b[-3:])
    return a[:4] == b[:4]


def _start(paper: Paper) -> str:
    return letters(flattened(paper.abstract[:200]))


def _key(title: str, flat: str) -> str:
    """The ``title_key`` of a title that is ``flat`` without case and accents."""
    return letters(flat) or "".join(title.split()).casefold()


def work_name(paper_id: PaperId) -> str:
    """What an id calls a work: the same for each version that a preprint server registers."""
    name = str(paper_id)
    versioned = _VERSION.match(name)
    return versioned[1] if versioned else name


@lru_cache(maxsize=2**14)
def _family(author: Author) -> frozenset[str]:
    every = words_of(flattened(author.family))
    words = [w for w in every if not _PARTICLE.fullmatch(w)] or every
    # Müller is Mueller too.
    found = frozenset(re.sub(r"([aou])e", r"\1", word) for word in words)
    return frozenset() if found & _NOBODY else found


def forget() -> None:
    """Let go of what is remembered of papers, names and words; another run looks at others."""
    _Traits.of.cache_clear()
    _family.cache_clear()
    forget_words()


# Bounds how many words may hold a slip. Alone it decides nothing: in real libraries other papers
# of one author in the same years reach 97 (DSS and DSA, TPC-C and TPC-H); ``_one_word`` parts them.
_SIMILAR = 95.0
# Titles of one id that are less alike are two works', if the authors are others too.
_RETITLED = 90.0
# In real libraries abstracts of one title that are plainly two lie at 45 and below, copies at 70
# and above. A conference's and a journal's may also be one text, and then nothing parts them here.
_SAME_ABSTRACT = 60.0
# So many letters of an abstract are not written twice.
_TELLING = 80

# Schemes in which one work has one name.
_NAMES_ONE = (Scheme.DOI, Scheme.ARXIV, Scheme.PMID, Scheme.OPENREVIEW, Scheme.ACL)

_PREPRINT = re.compile(
    r"doi:10\.(?:1101/\d|64898/|21203/|26434/|3123[1-6]/|31219/|3122[1-5]/|2139/ssrn|20944/preprints"
    r"|36227/|22541/|32388/|33774/|35542/|1002/essoar|3386/w|31730/|51094/|1590/scielopreprints)"
)
# Archives and libraries that name again what a publisher has named: JSTOR, the ACM's catalogue.
_SECOND_DOI = re.compile(r"doi:10\.(?:2307|5555)/")
_VERSION = re.compile(
    r"^(doi:10\.(?:(?:21203|26434|20944|36227|22541|3123[1-6]|31219)/\S+?(?=[/._-]v\d+$)"
    r"|12688/[a-z0-9]+\.\d+(?=\.\d+$)))\S*"
)

_NEVER_ALSO: Mapping[Kind, frozenset[Kind]] = {
    Kind.THESIS: frozenset({Kind.ARTICLE, Kind.CONFERENCE, Kind.PREPRINT, Kind.BOOK, Kind.CHAPTER}),
    Kind.BOOK: frozenset({Kind.ARTICLE, Kind.CONFERENCE, Kind.CHAPTER}),
}

_SUBTITLE = re.compile(r":|\?|\s[-–—]+\s|\.\s")
_SIGN = re.compile(r"\d+\.\d+|(?<=\w)\+\+?|(?<=\w)#|(?<=\w)\*")
_PARTICLE = re.compile(
    r"van|von|d(?:er|en|e|el|ella|i|a|u|es|os|as)|l(?:a|e|as|os)|[ae]l|bin|ibn|te[nr]|zu|zur"
)
_NOBODY = frozenset({"anonymous", "anon", "unknown", "various"})
_UNTITLED = re.compile(rf"{UNTITLED}(?:, [^\[\]]*)? \[", re.I)
# Titles that a journal gives to many pieces.
_ANYBODYS = re.compile(
    r"(?:introduction|preface|foreword|editorial)s?(?:to(?:the|this)?(?:special)?issue)?"
    r"|(?:guest)?editor(?:ial|s|sintroduction|snote|spage)?s?|(?:bookreview|abstract|conclusion)s?"
    r"|err?at(?:um|a)|corrigend(?:um|a)|addend(?:um|a)|retraction|corrections?|comment(?:s|ary)?"
    r"|discussion|reply|response|rejoinder|summary|news|announcements?|obituary|inmemoriam"
    r"|(?:tableof)?contents|(?:author|subject)?index|inthisissue|(?:message|note|letter)?s?"
    r"(?:from|to)theeditors?(?:inchief)?|acknowledge?ment(?:of|to)(?:the)?(?:reviewers|referees)"
    r"|listof(?:reviewers|contributors)|notesoncontributors"
)
