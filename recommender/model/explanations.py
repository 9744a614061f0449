"""A score told in the reader's own terms: each reason is a true part of it, and they add up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.library import Item, Library
from recommender.model.parts import Acquaintances, Parts, Weights
from recommender.model.text import Weighting, shared_terms
from recommender.model.vocabulary import Vocabulary
from recommender.papers import Paper
from recommender.suggestions import Reason, ReasonKind

_N_PAPERS = 3  # library papers named one by one
_N_TERMS = 4
_N_AUTHORS = 3
_N_READERS = 3
_NOTHING = 1e-6
_STANDS_OUT = "more like your papers than like the rest of what is listed"


@dataclass(frozen=True, slots=True)
class Teller:
    """Everything that is needed to put a score's parts into words.

    Attributes:
        items: The library papers that rows of ``Near`` mean.
        filed: For each of them, the paths of its collections.
        readers: Who the columns of ``Parts.readers`` are.
    """

    items: Sequence[Item]
    filed: Sequence[tuple[str, ...]]
    weighting: Weighting
    weights: Weights
    acquaintances: Acquaintances
    readers: Vocabulary

    def reasons(self, papers: Sequence[Paper], parts: Parts) -> list[tuple[Reason, ...]]:
        """The reasons for each paper's score, largest share first."""
        told = []
        for row, paper in enumerate(papers):
            found = [r for r in self._told(row, paper, parts) if r.share > _NOTHING]
            told.append(tuple(sorted(found, key=lambda r: (-r.share, r.kind, r.text))))
        return told

    def _told(self, row: int, paper: Paper, parts: Parts) -> Iterator[Reason]:
        if not parts.near.voices[row].any():
            return
        yield from self._papers(row, parts)
        share = self.weights.contrast * float(parts.contrast[row])
        yield Reason(ReasonKind.CONTRAST, _STANDS_OUT, share)
        yield from self._terms(row, paper, parts)
        if by := sorted(self.acquaintances.authors_of(paper), key=lambda pair: -pair[1]):
            names = ", ".join(f"{author} ({_papers(n)})" for author, n in by[:_N_AUTHORS])
            text = f"names that your library knows: {names}"
            yield Reason(ReasonKind.AUTHORS, text, self.weights.authors * float(parts.authors[row]))
        if n := self.acquaintances.venue_of(paper):
            text = f"in {paper.venue}, where {_papers(n)} of yours appeared"
            yield Reason(ReasonKind.VENUE, text, self.weights.venue * float(parts.venue[row]))
        yield from self._readers(row, parts)

    def _papers(self, row: int, parts: Parts) -> Iterator[Reason]:
        near = parts.near
        shares = self.weights.topics * near.voices[row].astype(float) * near.topics[row]
        for place in range(min(_N_PAPERS, len(shares))):
            at = int(near.rows[row, place])
            item = self.items[at]
            text = f"close to “{item.paper.title}”"
            if filed := self.filed[at]:
                text += f", which you filed under {filed[0]}"
            yield Reason(ReasonKind.PAPER, text, float(shares[place]), item.key)
        rest = shares[_N_PAPERS:]
        if n := int(np.count_nonzero(rest > 0)):
            text = (
                "close to one more of your papers"
                if n == 1
                else f"close to {n} more of your papers"
            )
            yield Reason(ReasonKind.LIBRARY, text, float(rest.sum()))

    def _terms(self, row: int, paper: Paper, parts: Parts) -> Iterator[Reason]:
        share = self.weights.terms * float(parts.terms[row])
        if share > _NOTHING:
            speaking = parts.near.rows[row][parts.near.voices[row] > 0]
            others = [self.items[int(at)].paper for at in speaking]
            named = shared_terms(self.weighting, paper, others, _N_TERMS)
            text = f"shares the terms {', '.join(named)}" if named else "shares words with them"
            yield Reason(ReasonKind.TERMS, text, share)

    def _readers(self, row: int, parts: Parts) -> Iterator[Reason]:
        shares = self.weights.collaborative * parts.readers[row].astype(float)
        if not shares.any():
            return
        strongest = np.argsort(-shares, kind="stable")[:_N_READERS]
        names = ", ".join(self.readers.names[i] for i in strongest if shares[i] > _NOTHING)
        text = f"goes with what is kept in {names}" if names else "goes with what is kept together"
        yield Reason(ReasonKind.COLLABORATIVE, text, float(shares.sum()))


def filed_of(library: Library, items: Sequence[Item]) -> list[tuple[str, ...]]:
    """For each item, the paths of the collections that hold it, sorted."""
    paths: Mapping[str, str] = library.paths()
    return [tuple(sorted({paths[k] for k in item.collections if k in paths})) for item in items]


def _papers(n: int) -> str:
    return "1 paper" if n == 1 else f"{n} papers"
