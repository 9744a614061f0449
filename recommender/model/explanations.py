"""A score told in the reader's own terms: each reason is a true part of it, and they add up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.arrays import Vectors
from recommender.library import Item, Library
from recommender.model.acquaintances import Acquaintances
from recommender.model.own import Own
from recommender.model.parts import PARTS
from recommender.model.text import Weighting, shared_terms
from recommender.model.vocabulary import Vocabulary
from recommender.papers import Paper
from recommender.suggestions import Reason, ReasonKind

_N_PAPERS = 3  # library papers named one by one
_N_SPEAKING = 10  # of the own papers that it comes from, those whose words are compared
_N_TERMS = 4
_N_AUTHORS = 3
_N_READERS = 3
_NOTHING = 1e-6
_STANDS_OUT = "more like your papers than like the rest of what is listed"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scores of ``n`` papers are made of.

    Attributes:
        shares: ``(n, n_parts)`` float64, each part's share of the score, in the order of ``PARTS``.
        own: ``(n, n_own)``, not negative: how much of the walk came from each own paper.
        readers: ``(n, n_readers)``, not negative: how much came by way of each reader.
        drawn: ``(n, n_readers)`` how much each reader's taste is drawn; no columns without tastes.
        cited: ``(n, n_own)`` whether one of the two cites the other.
    """

    shares: npt.NDArray[np.float64]
    own: Vectors
    readers: Vectors
    drawn: Vectors
    cited: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Teller:
    """Everything that is needed to put a score's parts into words.

    Attributes:
        items: The own papers that columns of ``Seen.own`` mean; behind those of the library are
            seed papers and goals, whose keys are empty.
        n_goals: How many of the last are goals.
        filed: For each of them, the paths of its collections.
        weighting: How much each term tells.
        readers: Who the columns of ``Seen.readers`` are.
    """

    items: Sequence[Item]
    n_goals: int
    filed: Sequence[tuple[str, ...]]
    weighting: Weighting
    acquaintances: Acquaintances
    readers: Vocabulary

    @classmethod
    def of(cls, library: Library, own: Own, weighting: Weighting, readers: Vocabulary) -> "Teller":
        """The teller for a reader's own papers, as they are in a library."""
        return cls(
            items=own.items,
            n_goals=own.n_goals,
            filed=filed_of(library, own.items),
            weighting=weighting,
            acquaintances=Acquaintances.of(item.paper for item in own.items if item.key),
            readers=readers,
        )

    def reasons(self, paper: Paper, seen: Seen, row: int) -> tuple[Reason, ...]:
        """The reasons for a paper's score, largest share first; ``row`` is where it was seen."""
        found = [r for r in self._told(paper, seen, row) if r.share > _NOTHING]
        return tuple(sorted(found, key=lambda r: (-r.share, r.kind, r.text)))

    def _told(self, paper: Paper, seen: Seen, row: int) -> Iterator[Reason]:
        share = dict(zip(PARTS, seen.shares[row].tolist(), strict=True))
        yield from self._walk(seen, row, share["walk"])
        yield Reason(ReasonKind.CONTRAST, _STANDS_OUT, share["contrast"])
        if share["words"] > _NOTHING:
            speaking = np.argsort(-seen.own[row], kind="stable")[:_N_SPEAKING]
            others = [self.items[int(at)].paper for at in speaking]
            named = shared_terms(self.weighting, paper, others, _N_TERMS)
            text = f"shares the terms {', '.join(named)}" if named else "shares words with them"
            yield Reason(ReasonKind.TERMS, text, share["words"])
        if by := sorted(self.acquaintances.authors_of(paper), key=lambda pair: -pair[1]):
            names = ", ".join(f"{author} ({_papers(n)})" for author, n in by[:_N_AUTHORS])
            text = f"names that your library knows: {names}"
            yield Reason(ReasonKind.AUTHORS, text, share["authors"])
        if n := self.acquaintances.venue_of(paper):
            text = f"in {paper.venue}, where {_papers(n)} of yours appeared"
            yield Reason(ReasonKind.VENUE, text, share["venue"])
        if share["tastes"] > _NOTHING:
            yield Reason(ReasonKind.TASTES, self._drawn(seen, row), share["tastes"])

    def _walk(self, seen: Seen, row: int, share: float) -> Iterator[Reason]:
        """The walk's share, by the readers on whose way it came, or else by where it started."""
        own, readers = seen.own[row].astype(float), seen.readers[row].astype(float)
        whole = own.sum() + readers.sum()
        if share <= _NOTHING or whole <= 0:
            return
        own, readers = own * (share / whole), readers * (share / whole)
        if readers.sum() > _NOTHING:
            text = f"kept beside papers of yours in {self._named(readers)}"
            yield Reason(ReasonKind.COLLABORATIVE, text, float(readers.sum()))
        cited = np.flatnonzero(seen.cited[row] & (own > 0))
        if len(cited):
            titles = ", ".join(f"“{self.items[int(at)].paper.title}”" for at in cited[:_N_PAPERS])
            text = f"tied by citations to {_papers(len(cited))} of yours: {titles}"
            yield Reason(ReasonKind.CITATIONS, text, float(own[cited].sum()))
        own[cited] = 0
        order = np.argsort(-own, kind="stable")
        yield from (self._near(int(at), float(own[at])) for at in order[:_N_PAPERS])
        rest = own[order[_N_PAPERS:]]
        if n := int(np.count_nonzero(rest > 0)):
            more = "one more of your papers" if n == 1 else f"{n} more of your papers"
            yield Reason(ReasonKind.LIBRARY, f"close to {more}", float(rest.sum()))

    def _near(self, at: int, share: float) -> Reason:
        item = self.items[at]
        if at >= len(self.items) - self.n_goals:
            return Reason(ReasonKind.GOAL, f"close to your goal “{item.paper.title}”", share)
        if not item.key:
            text = f"close to “{item.paper.title}”, which your settings name"
            return Reason(ReasonKind.GOAL, text, share)
        filed = f", which you filed under {self.filed[at][0]}" if self.filed[at] else ""
        return Reason(ReasonKind.PAPER, f"close to “{item.paper.title}”{filed}", share, item.key)

    def _drawn(self, seen: Seen, row: int) -> str:
        drawn = np.maximum(seen.drawn[row], 0)
        return f"goes with what is kept in {self._named(drawn)}" if drawn.any() else _TOGETHER

    def _named(self, weights: npt.NDArray[np.floating]) -> str:
        strongest = np.argsort(-weights, kind="stable")[:_N_READERS]
        return ", ".join(self.readers.names[i] for i in strongest if weights[i] > 0)


_TOGETHER = "goes with what is kept together"


def filed_of(library: Library, items: Sequence[Item]) -> list[tuple[str, ...]]:
    """For each item, the paths of the collections that hold it, sorted."""
    paths: Mapping[str, str] = library.paths()
    return [tuple(sorted({paths[k] for k in item.collections if k in paths})) for item in items]


def _papers(n: int) -> str:
    return "1 paper" if n == 1 else f"{n} papers"
