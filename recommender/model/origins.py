"""Where a score came from, told in the reader's own terms: papers, interests, who keeps what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from recommender.arrays import Rows
from recommender.library import Item, Library
from recommender.model.interests import Interests
from recommender.model.links import cites
from recommender.model.own import Own
from recommender.model.readers import MEMBER
from recommender.model.text import Weighting, shared_terms
from recommender.model.vocabulary import Vocabulary
from recommender.papers import Paper
from recommender.suggestions import Reason, ReasonKind

NOTHING = 1e-6
"""A share of a score up to which there is nothing to tell."""

_N_PAPERS = 3  # library papers named one by one
_N_INTERESTS = 2  # told one by one, of the papers that are not named
_LEAST_TOLD = 0.05  # of what the walk brings, for an interest to be told by itself
_N_SPEAKING = 5  # papers of an interest whose words are compared
_N_TERMS = 3
_N_READERS = 3

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Origins:
    """What a walk can come from.

    Attributes:
        items: The reader's own papers; behind those of the library are seed papers and goals,
            whose keys are empty.
        n_goals: How many of the last are goals.
        filed: For each of them, the paths of its collections.
        interests: Which interest each of them belongs to.
        weighting: How much each term tells.
        readers: Who, beside the reader, holds papers.
    """

    items: Sequence[Item]
    n_goals: int
    filed: Sequence[tuple[str, ...]]
    interests: Interests
    weighting: Weighting
    readers: Vocabulary

    @classmethod
    def of(
        cls,
        library: Library,
        own: Own,
        interests: Interests,
        weighting: Weighting,
        readers: Vocabulary,
    ) -> "Origins":
        """The origins of a reader's walk, as they are in a library."""
        filed = filed_of(library, own.items)
        return cls(own.items, own.n_goals, filed, interests, weighting, readers)

    def told(self, paper: Paper, own: Shares, cited: npt.NDArray[np.bool_]) -> Iterator[Reason]:
        """The reasons for what a walk brings to a paper; their shares are all that is given.

        Args:
            paper: Where it arrived.
            own: ``(n_own,)``, not negative: what came from each own paper.
            cited: ``(n_own,)`` whether one of the two papers cites the other.
        """
        tied = np.flatnonzero(cited & (own > 0))
        yield from self._by_citations(paper, tied, own)
        left = np.where(cited, 0, own)
        order = np.argsort(-left, kind="stable")
        named = order[:_N_PAPERS]
        yield from (self._near(int(at), float(left[at])) for at in named if left[at] > 0)
        least = _LEAST_TOLD * float(own.sum())
        yield from self._more(paper, order[_N_PAPERS:], left, least)

    def kept(self, weights: Shares) -> str:
        """Where and by whom those keep papers who weigh most: ``in collection “X” and by ANN``.

        Empty where nobody weighs anything.
        """
        strongest = np.argsort(-weights, kind="stable")[:_N_READERS]
        names = [self.readers.names[at] for at in strongest if weights[at] > 0]
        people = ", ".join(n.removeprefix(MEMBER) for n in names if n.startswith(MEMBER))
        filed = ", ".join(name for name in names if not name.startswith(MEMBER))
        return " and ".join(
            f"{where} {named}" for where, named in (("in", filed), ("by", people)) if named
        )

    def _by_citations(self, paper: Paper, tied: Rows, own: Shares) -> Iterator[Reason]:
        """What came from papers tied by a citation, by which way it goes."""
        groups: dict[tuple[str, bool], list[int]] = {}
        strongest_first = tied[np.argsort(-own[tied], kind="stable")]
        for at in strongest_first.tolist():
            item = self.items[at]
            groups.setdefault((_way(paper, item.paper), bool(item.key)), []).append(at)
        for (way, in_library), group in groups.items():
            titles = ", ".join(f"“{self.items[at].paper.title}”" for at in group[:_N_PAPERS])
            whose = "of your papers" if in_library else "of the papers that your settings name"
            text = f"{way} {titles}" if len(group) == 1 else f"{way} {len(group)} {whose}: {titles}"
            item = self.items[group[0]].key if len(group) == 1 else ""
            yield Reason(ReasonKind.CITATIONS, text, float(own[group].sum()), item)

    def _near(self, at: int, share: float) -> Reason:
        item = self.items[at]
        if at >= len(self.items) - self.n_goals:
            return Reason(ReasonKind.GOAL, f"close to your goal “{item.paper.title}”", share)
        if not item.key:
            text = f"close to “{item.paper.title}”, which your settings name"
            return Reason(ReasonKind.GOAL, text, share)
        filed = f", which you filed under {self.filed[at][0]}" if self.filed[at] else ""
        return Reason(ReasonKind.PAPER, f"close to “{item.paper.title}”{filed}", share, item.key)

    def _more(self, paper: Paper, rest: Rows, own: Shares, least: float) -> Iterator[Reason]:
        """What came from papers that are not named, by interest.

        Args:
            paper: Where it arrived.
            rest: Which papers, strongest first.
            own: ``(n_own,)`` what came from each.
            least: For an interest to be told by itself.
        """
        rest = rest[own[rest] > 0]
        kept = rest < self._n_in_library
        if (share := float(own[rest[~kept]].sum())) > 0:
            yield Reason(ReasonKind.GOAL, "close to what else your settings name", share)
        rest = rest[kept]
        belongs = self.interests.members[rest]
        shares = np.bincount(belongs, own[rest], len(self.interests.names))
        largest = np.argsort(-shares, kind="stable")[:_N_INTERESTS]
        told = [int(one) for one in largest if shares[one] > max(least, 0)]
        for interest in told:
            group = rest[belongs == interest]
            yield Reason(
                ReasonKind.LIBRARY,
                self._of_interest(paper, interest, group),
                float(shares[interest]),
            )
        others = rest[~np.isin(belongs, told)]
        if len(others):
            n = "another paper" if len(others) == 1 else f"{len(others)} other papers"
            text = f"{'more loosely ' if told else ''}tied to {n} of yours"
            yield Reason(ReasonKind.LIBRARY, text, float(own[others].sum()))

    @property
    def _n_in_library(self) -> int:
        named = takewhile(lambda item: not item.key, reversed(self.items))
        return len(self.items) - sum(1 for _ in named)

    def _of_interest(self, paper: Paper, interest: int, group: Rows) -> str:
        speaking = [self.items[at].paper for at in group[:_N_SPEAKING]]
        name = self.interests.names[interest]
        shared = shared_terms(self.weighting, paper, speaking, _N_TERMS)
        more = [term for term in shared if term not in name.casefold()]
        n = "one more of your papers" if len(group) == 1 else f"{len(group)} more of your papers"
        return f"close to {n} on {name}" + (f" ({', '.join(more)})" if more else "")


def filed_of(library: Library, items: Sequence[Item]) -> list[tuple[str, ...]]:
    """For each item, the paths of the collections that hold it, sorted."""
    paths: Mapping[str, str] = library.paths()
    return [tuple(sorted({paths[k] for k in item.collections if k in paths})) for item in items]


def _way(paper: Paper, own: Paper) -> str:
    if cites(paper, own):
        return "cites"
    # A tie that was learnt from other records of these papers does not say which way it goes.
    return "cited by" if cites(own, paper) else "tied by a citation to"
