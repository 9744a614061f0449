"""From a paper's text to a sparse vector of its terms.

Terms are single words and pairs of neighbours, hashed to columns (Weinberger et al. 2009, "Feature
hashing for large scale multitask learning"), so that memory does not grow with what has been read.
"""

import itertools
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.papers import Paper

N_COLUMNS = 1 << 20
"""How many columns terms are hashed to; a collision in a library's terms is one in hundreds."""

_TITLE_WEIGHT = 3
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_SENTENCE_END = re.compile(r"[.!?;:]\s")
_CITATION_KEY = re.compile(r"\b[a-z]+20\d\d[a-z]+\b")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\b[\w.-]+\.(?:com|org|io|net|edu)/\S+")


def words(text: str) -> list[str]:
    """The words that carry a text's subject, lower-cased, accents and plural endings off, in order.

    Web addresses, numbers and words that every abstract has are left out.
    """
    text = _ADDRESS.sub(" ", text)
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = _CITATION_KEY.sub(" ", folded)
    found = (_singular(w.replace("’", "'").removesuffix("'s")) for w in _WORD.findall(folded))
    return [w for w in found if len(w) > 1 and not w.isdigit() and w not in _COMMON]


def terms(text: str) -> Iterator[str]:
    """Words and pairs of neighbouring words; a pair never spans a sentence's end."""
    for sentence in _SENTENCE_END.split(text):
        found = words(sentence)
        yield from found
        yield from map(" ".join, itertools.pairwise(found))


def counted(paper: Paper) -> Counter[str]:
    """How often each term stands in a paper; its title counts more than once."""
    counts = Counter(terms(paper.abstract))
    for term in terms(paper.title):
        counts[term] += _TITLE_WEIGHT
    return counts


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
        seen = np.bincount(counts.indices, minlength=N_COLUMNS)
        # A term of one paper joins it to no other; with few papers every term may be the only link.
        rarest = 2 if n > _FEW else 1
        idf = np.log((1 + n) / (1 + seen)) + 1
        idf[(seen < rarest) | ((seen > n * _TOO_COMMON) & (n > _FEW))] = 0
        return cls(idf.astype(np.float32))

    def vectors(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Rows of length 1, ``(n, N_COLUMNS)`` float32: dampened counts times what a term tells."""
        weighted = counts.astype(np.float32, copy=True)
        weighted.data = (1 + np.log(weighted.data)) * self.idf[weighted.indices]
        weighted.eliminate_zeros()
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        scale = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        weighted.data *= np.repeat(scale, np.diff(weighted.indptr)).astype(np.float32)
        return weighted


def count_matrix(papers: Iterable[Paper]) -> sparse.csr_matrix:
    """How often each term stands in each paper: ``(n, N_COLUMNS)`` float32."""
    data: list[npt.NDArray[np.float32]] = []
    indices: list[npt.NDArray[np.int32]] = []
    indptr = [0]
    for paper in papers:
        counts = counted(paper)
        indices.append(np.fromiter(map(column, counts), np.int32, len(counts)))
        data.append(np.fromiter(counts.values(), np.float32, len(counts)))
        indptr.append(indptr[-1] + len(counts))
    matrix = sparse.csr_matrix(
        (
            np.concatenate(data) if data else np.zeros(0, np.float32),
            np.concatenate(indices) if indices else np.zeros(0, np.int32),
            np.array(indptr, np.int64 if indptr[-1] > 2**31 - 1 else np.int32),
        ),
        shape=(len(indptr) - 1, N_COLUMNS),
    )
    matrix.sum_duplicates()
    return matrix


def column(term: str) -> int:
    """The column that a term is counted in."""
    return zlib.crc32(term.encode()) & (N_COLUMNS - 1)


def shared_terms(
    weighting: Weighting, paper: Paper, others: Sequence[Paper], limit: int
) -> tuple[str, ...]:
    """The terms that tie a paper to others, strongest first.

    A word is left out where a pair that contains it is named already.
    """
    own = counted(paper)
    theirs = _n_papers_with(others)
    return _strongest(weighting, {term: theirs[term] for term in own if term in theirs}, limit)


def common_terms(weighting: Weighting, papers: Sequence[Paper], limit: int) -> tuple[str, ...]:
    """The terms that tie papers to each other, strongest first; each is in two of them at least."""
    shared = {term: n - 1 for term, n in _n_papers_with(papers).items() if n > 1}
    return _strongest(weighting, shared, limit)


def _n_papers_with(papers: Sequence[Paper]) -> Counter[str]:
    n_papers: Counter[str] = Counter()
    for paper in papers:
        n_papers.update(counted(paper).keys())
    return n_papers


def _strongest(weighting: Weighting, ties: Mapping[str, int], limit: int) -> tuple[str, ...]:
    """The terms with the strongest ties; a pair of words says more than one of them."""
    strength = {t: float(weighting.idf[column(t)]) * n * (1 + (" " in t)) for t, n in ties.items()}
    chosen: list[str] = []
    for term in sorted(strength, key=lambda t: (-strength[t], t)):
        if len(chosen) == limit:
            break
        if strength[term] > 0 and not any(set(term.split()) & set(c.split()) for c in chosen):
            chosen.append(term)
    return tuple(chosen)


def _singular(word: str) -> str:
    # Harman (1991), "How effective is suffixing?": the S-stemmer, the mildest that helps.
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_FEW = 20
_TOO_COMMON = 0.4
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
