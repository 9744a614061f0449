"""From a paper's text to a sparse vector of its terms.

Terms are single words and pairs of neighbours, hashed to columns (Weinberger et al. 2009, "Feature
hashing for large scale multitask learning"), so that memory does not grow with what has been read.
"""

import itertools
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.model.tokens import END, chunks, joined, stands_alone, words_of
from recommender.papers import Paper

N_COLUMNS = 1 << 20
"""How many columns terms are hashed to; a collision in a library's terms is one in hundreds."""

Counts = Callable[[Sequence[Paper]], sparse.csr_matrix]
"""From papers to ``(n, N_COLUMNS)`` float32: how often each term stands in each."""

_TITLE_WEIGHT = 3
_FEW = 20
_TOO_COMMON = 0.4
_LONGEST_READ = 5_000  # characters
_LONGEST_NAMED = 60  # characters; what is longer is a sequence or rubbish, and no word
_MOST_KEPT = 200_000  # chunks whose codes are kept: 45 MB, as a rule
_LONGEST_KEPT, _MOST_WORDS_KEPT = 40, 8  # characters and words in each
_BLOCK = 1 << 18  # words that are held at once, of as many papers as that is
_ALONE, _END = 1 << 32, 1 << 33  # above a hash's 32 bits: it makes no pair; it is a sentence's end


def words(text: str) -> list[str]:
    """The words that carry a text's subject, lower-cased, accents and plural endings off, in order.

    Web addresses, LaTeX's commands, numbers and words that every abstract has are left out. Of a
    hyphenated word there are its parts, behind the whole where one of them alone tells nothing; a
    script without spaces is read by pairs of characters.
    """
    return [word for sentence in _sentences(text) for word in sentence]


def terms(text: str) -> Iterator[str]:
    """Words and pairs of neighbouring words; a pair never spans a sentence's end."""
    for sentence in _sentences(text):
        yield from sentence
        in_order = itertools.filterfalse(stands_alone, sentence)
        yield from map(" ".join, itertools.pairwise(in_order))


def counted(paper: Paper) -> Counter[str]:
    """How often each term stands in a paper; its title counts more than once."""
    counts = Counter(terms(paper.abstract))
    for term in terms(paper.title):
        counts[term] += _TITLE_WEIGHT
    return counts


def column(term: str) -> int:
    """The column that a term is counted in."""
    first, _, second = term.partition(" ")
    hashed = _paired(_hashed(first), _hashed(second)) if second else _hashed(first)
    return hashed & (N_COLUMNS - 1)


def count_matrix(papers: Iterable[Paper], *, ordered: bool = True) -> sparse.csr_matrix:
    """How often each term stands in each paper.

    Args:
        papers: Read once, a block of them at a time.
        ordered: Whether the order of the words means something; if not, there are no pairs.

    Returns:
        ``(n, N_COLUMNS)`` float32 in canonical form: columns ascending, none twice in a row.
    """
    none = sparse.csr_matrix((0, N_COLUMNS), dtype=np.float32)
    blocks = (_block_matrix(*block, ordered=ordered) for block in _blocks(papers))
    return sparse.vstack([none, *blocks], format="csr")


@dataclass(frozen=True, slots=True)
class Weighting:
    """How much each term tells, learnt from a corpus; gives papers their sparse vectors.

    Attributes:
        idf: ``(N_COLUMNS,)`` float32, 0 for a term too rare or too common to tell anything.
    """

    idf: npt.NDArray[np.float32]

    @classmethod
    def learnt(cls, counts: sparse.csr_matrix) -> "Weighting":
        """The weighting for a corpus.

        Args:
            counts: ``(n, N_COLUMNS)``, how often each term stands in each of ``n`` papers.
        """
        n = counts.shape[0]
        n_papers = np.bincount(counts.indices, minlength=N_COLUMNS)
        # A term of one paper joins it to no other; with few papers every term may be the only link.
        rarest, most = (2, n * _TOO_COMMON) if n > _FEW else (1, n)
        telling = np.flatnonzero((n_papers >= rarest) & (n_papers <= most))
        idf = np.zeros(N_COLUMNS, np.float32)
        idf[telling] = np.log((1 + n) / (1 + n_papers[telling])) + 1
        return cls(idf)

    def vectors(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Rows of length 1, ``(n, N_COLUMNS)`` float32: dampened counts times what a term tells."""
        weighted = counts.astype(np.float32, copy=True)
        weighted.data = (1 + np.log(weighted.data)) * self.idf[weighted.indices]
        weighted.eliminate_zeros()
        lengths = np.diff(weighted.indptr)
        filled = np.flatnonzero(lengths)
        squares = np.add.reduceat(np.square(weighted.data), weighted.indptr[filled])
        weighted.data /= np.repeat(np.sqrt(squares), lengths[filled])
        return weighted


def shared_terms(
    weighting: Weighting, paper: Paper, others: Sequence[Paper], limit: int
) -> tuple[str, ...]:
    """The terms that tie a paper to others, strongest first.

    A word is left out where a pair that contains it is named already.
    """
    theirs = _n_papers_with(others)
    shared = {term: theirs[joined(term)] for term in _read(paper) if joined(term) in theirs}
    return _strongest(weighting, shared, limit)


def telling_terms(paper: Paper, brought: Mapping[int, float], limit: int) -> tuple[str, ...]:
    """The terms of a paper that bring most, strongest first.

    Args:
        paper: Whose terms are named.
        brought: How much each column brings, not negative; those that are left out bring nothing.
        limit: How many to name at most.
    """
    strength = {term: brought.get(column(term), 0.0) for term in _read(paper)}
    return _chosen(strength, limit)


def common_terms(weighting: Weighting, papers: Sequence[Paper], limit: int) -> tuple[str, ...]:
    """The terms that tie papers to each other, strongest first; each is in two of them at least."""
    n_papers = _n_papers_with(papers)
    spellings = set().union(*map(_read, papers))
    # In this order a hyphen comes last, so that of two spellings the one with it is named.
    named = {joined(term): term for term in sorted(spellings, reverse=True)}
    shared = {named[term]: n - 1 for term, n in n_papers.items() if n > 1}
    return _strongest(weighting, shared, limit)


@lru_cache(maxsize=2**8)
def _read(paper: Paper) -> Counter[str]:
    """``counted`` of as much of a paper as abstracts have, for naming terms: some hold a book.

    Few papers are named at a time, and each of them in several reasons.
    """
    return counted(replace(paper, abstract=paper.abstract[:_LONGEST_READ]))


def _n_papers_with(papers: Sequence[Paper]) -> Counter[str]:
    """How many papers have each term, in the one spelling of compounds."""
    n_papers: Counter[str] = Counter()
    for paper in papers:
        n_papers.update(set(map(joined, _read(paper))))
    return n_papers


def _strongest(weighting: Weighting, ties: Mapping[str, int], limit: int) -> tuple[str, ...]:
    """The terms with the strongest ties."""
    return _chosen({t: float(weighting.idf[column(t)]) * n for t, n in ties.items()}, limit)


def _chosen(strength: Mapping[str, float], limit: int) -> tuple[str, ...]:
    """The strongest terms that have no word in common."""
    # A pair of words says more than one of them. Of a compound and its part that tell as much, the
    # compound is what the papers say.
    order = sorted(strength, key=lambda t: (-strength[t] * (1 + (" " in t)), "-" not in t, t))
    chosen: list[str] = []
    named: set[str] = set()
    for term in order:
        if len(chosen) == limit:
            break
        parts = set(re.split("[ -]", term))
        if strength[term] > 0 and len(term) <= _LONGEST_NAMED and not parts & named:
            chosen.append(term)
            named |= parts
    return tuple(chosen)


def _sentences(text: str) -> Iterator[list[str]]:
    sentence: list[str] = []
    for word in itertools.chain.from_iterable(map(_words, chunks(text))):
        if word == END:
            yield sentence
            sentence = []
        else:
            sentence.append(word)
    yield sentence


@lru_cache(maxsize=2**13)
def _words(chunk: str) -> tuple[str, ...]:
    return tuple(words_of(chunk))


def _blocks(papers: Iterable[Paper]) -> Iterator[tuple["array[int]", list[int]]]:
    """Each block's codes, one text behind the other, and how many each text has of them.

    The texts are each paper's title and its abstract in turn; a sentence's end closes each.
    """
    codes, lengths = array("q"), list[int]()
    for paper in papers:
        for text in (paper.title, paper.abstract):
            before = len(codes)
            codes.extend(itertools.chain.from_iterable(map(_CODES.__getitem__, chunks(text))))
            codes.append(_END)
            lengths.append(len(codes) - before)
        if len(codes) >= _BLOCK:
            yield codes, lengths
            codes, lengths = array("q"), []
    if lengths:
        yield codes, lengths


def _block_matrix(block: "array[int]", lengths: list[int], *, ordered: bool) -> sparse.csr_matrix:
    codes = np.frombuffer(block, np.int64)
    texts = np.repeat(np.arange(len(lengths)), lengths)
    is_word = codes < _END
    hashed, held_by = [codes[is_word]], [texts[is_word]]
    if ordered:
        in_order = np.flatnonzero((codes & _ALONE) == 0)
        first, second = codes[in_order[:-1]], codes[in_order[1:]]
        neighbours = (first < _END) & (second < _END)
        hashed.append(_paired(first[neighbours], second[neighbours]))
        held_by.append(texts[in_order[:-1]][neighbours])
    row, is_abstract = np.divmod(np.concatenate(held_by), 2)
    times = np.where(is_abstract, 1, _TITLE_WEIGHT).astype(np.float32)
    columns = np.concatenate(hashed) & (N_COLUMNS - 1)
    return sparse.csr_matrix((times, (row, columns)), shape=(len(lengths) // 2, N_COLUMNS))


class _Codes(dict[str, tuple[int, ...]]):
    """The codes of a chunk's words: their hashes, marked where they make no pair, and ``_END``.

    Most chunks stood in another text before, so their codes are kept: to read one takes fifty
    times as long as to find it here. What is kept is bounded, and changes no result.
    """

    def __missing__(self, chunk: str) -> tuple[int, ...]:
        codes = tuple(map(_code, words_of(chunk)))
        if len(self) >= _MOST_KEPT:
            self.clear()
        # A longer one is a clause without spaces or some rubbish, which no other text will have.
        if len(chunk) <= _LONGEST_KEPT and len(codes) <= _MOST_WORDS_KEPT:
            self[chunk] = codes
        return codes


_CODES = _Codes()


def _code(word: str) -> int:
    return _END if word == END else _hashed(word) | _ALONE * stands_alone(word)


def _hashed(word: str) -> int:
    return zlib.crc32(joined(word).encode("utf-8", "surrogatepass"))


_Hash = TypeVar("_Hash", int, npt.NDArray[np.int64])


def _paired(first: _Hash, second: _Hash) -> _Hash:
    """The hash of a pair of words from theirs, 32 bits; in the mixing steps of MurmurHash."""
    # The factor is below 2^31, so that neither step overflows 63 bits.
    mixed = (first * 0x5BD1E995 + second) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x5BD1E995) & 0xFFFFFFFF
    return mixed ^ (mixed >> 13)
