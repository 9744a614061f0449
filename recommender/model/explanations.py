"""A score told in the reader's own terms: each reason is a true part of it, and they add up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.arrays import Rows, Vectors
from recommender.library import Library
from recommender.model.acquaintances import Acquaintances
from recommender.model.interests import Interests
from recommender.model.origins import NOTHING, Origins
from recommender.model.own import Own
from recommender.model.parts import PARTS
from recommender.model.text import Weighting, telling_terms
from recommender.model.vocabulary import Vocabulary
from recommender.papers import Paper
from recommender.suggestions import Reason, ReasonKind

_N_TERMS = 4
_N_AUTHORS = 3
_STANDS_OUT = "more like your papers than like the rest of what is listed"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scores of ``n`` papers are made of.

    Attributes:
        shares: ``(n, n_parts)`` float64, each part's share of the score, in the order of ``PARTS``.
        own: ``(n, n_own)``, not negative: how much of the walk came from each own paper.
        close: ``(n, p)`` what share of the closeness each speaker has; rows sum to 1 or 0.
        speakers: ``(p,)`` which own paper each speaker is.
        drawn: ``(n, n_readers)`` how much each other reader's taste is drawn, as far as it is this
            reader's, too; no columns without tastes.
        cited: ``(n, n_own)`` whether one of the two cites the other.
        words: ``(n, n_terms)``, not negative: how much each term brings that the library has, too.
        columns: ``(n_terms,)`` the columns of ``text.count_matrix`` that these terms have.
    """

    shares: npt.NDArray[np.float64]
    own: Vectors
    close: Vectors
    speakers: Rows
    drawn: Vectors
    cited: npt.NDArray[np.bool_]
    words: sparse.csr_matrix
    columns: Rows


@dataclass(frozen=True, slots=True)
class Teller:
    """Everything that is needed to put a score's parts into words.

    Attributes:
        origins: What the columns of ``Seen.own`` and of ``Seen.drawn`` mean.
        acquaintances: Whom the library knows.
    """

    origins: Origins
    acquaintances: Acquaintances

    @classmethod
    def of(
        cls,
        library: Library,
        own: Own,
        interests: Interests,
        weighting: Weighting,
        readers: Vocabulary,
        pulling: Rows,
    ) -> "Teller":
        """The teller for a reader's own papers, as they are in a library.

        Those who are known are the authors of the papers that pull, which are the given rows.
        """
        known = (own.items[row] for row in pulling)
        return cls(
            origins=Origins.of(library, own, interests, weighting, readers),
            acquaintances=Acquaintances.of(item.paper for item in known if item.key),
        )

    def reasons(self, paper: Paper, seen: Seen, row: int) -> tuple[Reason, ...]:
        """The reasons for a paper's score, largest share first; ``row`` is where it was seen."""
        told = (r for r in self._told(paper, seen, row) if r.share > NOTHING)
        # Titles and names come from anywhere, with line breaks in them.
        found = [replace(r, text=" ".join(r.text.split())) for r in told]
        return tuple(sorted(found, key=lambda r: (-r.share, r.kind, r.text)))

    def _told(self, paper: Paper, seen: Seen, row: int) -> Iterator[Reason]:
        share = dict(zip(PARTS, seen.shares[row].tolist(), strict=True))
        yield from self._origins(paper, seen, row, share["walk"], share["closeness"])
        yield Reason(ReasonKind.CONTRAST, _STANDS_OUT, share["contrast"])
        if share["words"] > NOTHING:
            brought = seen.words[[row]]
            by_column = dict(zip(seen.columns[brought.indices], brought.data, strict=True))
            named = ", ".join(telling_terms(paper, by_column, _N_TERMS))
            text = f"shares the terms {named}" if named else "shares words with your papers"
            yield Reason(ReasonKind.TERMS, text, share["words"])
        if by := sorted(self.acquaintances.authors_of(paper), key=lambda pair: -pair[1]):
            names = ", ".join(f"{author} ({_papers(n)})" for author, n in by[:_N_AUTHORS])
            text = f"names that your library knows: {names}"
            yield Reason(ReasonKind.AUTHORS, text, share["authors"])
        place, n = self.acquaintances.place_of(paper)
        if n:
            text = f"in {place}, where {_papers(n)} of yours appeared"
            yield Reason(ReasonKind.VENUE, text, share["venue"])
        if share["tastes"] > NOTHING:
            yield Reason(ReasonKind.COLLABORATIVE, self._drawn(seen, row), share["tastes"])

    def _origins(
        self, paper: Paper, seen: Seen, row: int, walk: float, closeness: float
    ) -> Iterator[Reason]:
        """What comes from the own papers, each one's part of it."""
        own = seen.own[row].astype(float)
        whole = own.sum()
        own *= walk / whole if whole > 0 else 0
        np.add.at(own, seen.speakers, closeness * seen.close[row].astype(float))
        if own.any():
            yield from self.origins.told(paper, own, seen.cited[row])

    def _drawn(self, seen: Seen, row: int) -> str:
        drawn = np.maximum(seen.drawn[row], 0).astype(float)
        return f"goes with what is kept {self.origins.kept(drawn) or 'together'}"


def _papers(n: int) -> str:
    return "1 paper" if n == 1 else f"{n} papers"
