"""What a listing left out of a paper, and which catalogue's entry is that paper. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from recommender.identity import n_words, names, same_work
from recommender.papers import Paper
from recommender.spelling import flattened

LEAST_CONFIDENCE = 0.9
"""How sure it has to be that a catalogue's entry is the listed paper."""

CERTAIN = 1.0
"""How sure it is where both have an id in common."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a catalogue has of a paper.

    Attributes:
        paper: As the catalogue spells it.
        confidence: That it is the listed one, in [0, 1].
    """

    paper: Paper
    confidence: float


def lacks(paper: Paper) -> bool:
    """Whether anything is missing that a reader or the model would look for."""
    return not (paper.abstract and paper.authors and paper.published and paper.ids)


def tells_more(paper: Paper, than: Paper) -> bool:
    """Whether a paper that was put together of another and more says anything that it did not."""
    return any(len(getattr(paper, part)) > len(getattr(than, part)) for part in _PARTS)


def resolved(paper: Paper, found: Iterable[Paper]) -> Entry | None:
    """The entry that is a listed paper; None where no entry surely is.

    An id that both have is certain. A title alone may be two papers', so what stands beside it
    decides: the same authors, or the same beginning of the abstract; and where nothing does, a
    title of many words. Two entries that are equally good and are not one work leave it undecided.

    Args:
        paper: As it was listed.
        found: What a catalogue gave for its ids or its title.
    """
    entries = [Entry(one, confidence(paper, one)) for one in found]
    sure = [entry for entry in entries if entry.confidence >= LEAST_CONFIDENCE]
    if not sure:
        return None
    best = max(sure, key=lambda entry: entry.confidence)
    rivals = (e for e in sure if e.confidence == best.confidence)
    return best if all(same_work(best.paper, rival.paper) for rival in rivals) else None


def confidence(paper: Paper, found: Paper) -> float:
    """How sure it is that two records are one work, in [0, 1]; 0 where ``identity`` says no."""
    if not same_work(paper, found):
        return 0.0
    ids = {name for name in names(paper) if not name.startswith("text:")}
    if ids.intersection(names(found)):
        return CERTAIN
    families = {flattened(author.family) for author in paper.authors}
    others = {flattened(author.family) for author in found.authors}
    if families and others:
        shared = len(families & others) / min(len(families), len(others))
        return 0.98 if shared >= _MOST else 0.5
    length = min(_BEGINNING, len(paper.abstract), len(found.abstract))
    if length >= _TEASER:
        starts = [text[:length].casefold() for text in (paper.abstract, found.abstract)]
        return 0.95 if fuzz.ratio(*starts) >= _ALIKE else 0.5
    words = paper.title.split()
    # Chinese and Japanese are written without spaces.
    n_telling = len(words) if len(words) > 1 else n_words(paper.title)
    return 0.9 if n_telling >= _TELLING else 0.5


_MOST = 0.5  # of the shorter list of authors: the longer may go on with "et al."
_BEGINNING = 300  # characters; feeds give less
_TEASER = 80  # characters; what is shorter may be anybody's, or say that there is no abstract
_ALIKE = 80.0  # of 100; below lie abstracts of two papers of one title
_TELLING = 6  # words that hardly two titles share
_PARTS = (
    *("abstract", "authors", "venue", "published", "ids"),
    *("categories", "institutions", "references", "code", "website"),
)
