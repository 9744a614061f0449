"""The hybrid: a score that is a sum of named parts, each of which can be told to the reader."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from recommender.arrays import Rows, Scores, Vectors
from recommender.errors import NothingToLearnFrom
from recommender.library import Library
from recommender.model.collaborative import Collaborative, Interactions
from recommender.model.content import Placed, Space
from recommender.model.contrast import Contrast, Disliked, held_out
from recommender.model.evidence import collaborative_weight
from recommender.model.explanations import Teller, filed_of
from recommender.model.interests import Interests
from recommender.model.parts import Acquaintances, Parts, Weights, familiarity, nearest
from recommender.model.vocabulary import Vocabulary
from recommender.papers import Paper
from recommender.suggestions import Dislike, Reason

_FALL_BELOW = 10  # percent of the reader's own papers that would not have been suggested
_OF_OWN = 0.65  # papers gathered by one person lie closer to each other than new ones do to them
_LOWEST_THRESHOLD = 0.05  # with one paper there is nothing to learn a threshold from


@dataclass(frozen=True, slots=True)
class HybridScorer:
    """Content and collaborative filtering over a reader's own library."""

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
    ) -> "HybridModel":
        """Learn from a library, as ``ports.Scorer`` says.

        Dislikes have their say in the contrast; where too little is listed for one, in nothing.
        """
        items = [item for item in library.items if not item.trashed]
        # One thread gives the same bits however many there are, and is faster on small matrices.
        with threadpool_limits(1, "blas"):
            corpus = [*(i.paper for i in items), *listed]
            space, placed = Space.spanned_by(corpus, seed)
            telling = np.flatnonzero(placed.topics[: len(items)].any(axis=1))
            if not len(telling):
                raise NothingToLearnFrom(
                    "nothing to learn from: no paper in the library has a word in its title"
                )
            others = placed.topics[len(items) :]
            disliked = _disliked(space, dislikes)
            items, own = [items[i] for i in telling], placed[telling]
            interactions = Interactions.of(library, items)
            weight = collaborative_weight(interactions, own.topics, others, seed)
            contrast = Contrast.fit(own.topics, others, disliked)
            weights = Weights.sharing(weight, contrast=contrast is not None)
            return HybridModel(
                space=space,
                places={paper: row for row, paper in enumerate(corpus)},
                placed=placed,
                own=own,
                collaborative=Collaborative.fit(interactions, own.topics, seed) if weight else None,
                found=Interests.found(items, own.topics, space.weighting, library.paths()),
                contrast=contrast,
                threshold=_threshold(own, others, disliked, interactions, weights, seed),
                teller=Teller(
                    items=items,
                    filed=filed_of(library, items),
                    weighting=space.weighting,
                    weights=weights,
                    acquaintances=Acquaintances.of(i.paper for i in items),
                    readers=interactions.readers if weight else Vocabulary.of(()),
                ),
            )


@dataclass(frozen=True, slots=True)
class HybridModel:
    """What has been learnt of one reader, as ``ports.Model`` says.

    Attributes:
        space: Where papers lie.
        places: The rows of ``placed`` by paper, for every paper that was there in fitting.
        placed: Where those lie, so that only a new paper costs anything.
        own: The library's papers in it.
        collaborative: None where there is no evidence that it helps.
        contrast: None where too little is listed to tell what is usual.
        found: The reader's interests.
        threshold: The score that a suggestion should have.
        teller: Puts parts into words.
    """

    space: Space
    places: Mapping[Paper, int]
    placed: Placed
    own: Placed
    collaborative: Collaborative | None
    contrast: Contrast | None
    found: Interests
    threshold: float
    teller: Teller

    def score(self, papers: Sequence[Paper]) -> Scores:
        """How much each paper is for this reader, ``(n,)`` float32 in [0, 1]; NaN = no opinion."""
        return self._parts(papers).total(self.teller.weights)

    def reasons(self, papers: Sequence[Paper]) -> Sequence[Sequence[Reason]]:
        """Why, for each paper, largest share first; the shares add up to the score."""
        return self.teller.reasons(papers, self._parts(papers))

    def vectors(self, papers: Sequence[Paper]) -> Vectors:
        """Where each paper lies, ``(n, d)`` float32."""
        with threadpool_limits(1, "blas"):
            return self._placed(papers).topics

    def interests(self, papers: Sequence[Paper]) -> Rows:
        """Which interest speaks loudest for each paper, ``(n,)``; -1 = no opinion."""
        near = self._parts(papers).near
        loud = np.zeros((len(papers), len(self.found.names)), np.float32)
        groups = self.found.members[near.rows]
        np.add.at(loud, (np.arange(len(papers))[:, None], groups), near.voices * near.topics)
        return np.where(loud.any(axis=1), np.argmax(loud, axis=1), -1).astype(np.int64)

    @property
    def interest_names(self) -> Sequence[str]:
        """The reader's interests, largest first."""
        return self.found.names

    @property
    def summary(self) -> Mapping[str, float]:
        """The parts' weights, and the threshold."""
        return {**asdict(self.teller.weights), "threshold": self.threshold}

    def _placed(self, papers: Sequence[Paper]) -> Placed:
        rows = np.array([self.places.get(paper, -1) for paper in papers], np.int64)
        if (rows >= 0).all():
            return self.placed[rows]
        return self.space.place(papers)

    def _parts(self, papers: Sequence[Paper]) -> Parts:
        with threadpool_limits(1, "blas"):
            placed = self._placed(papers)
            authors, venue = familiarity(papers, self.teller.acquaintances)
            readers = (
                self.collaborative.contributions(placed.topics)
                if self.collaborative
                else np.zeros((len(papers), 0), np.float32)
            )
            contrast = (
                self.contrast.said(placed.topics)
                if self.contrast
                else np.zeros(len(papers), np.float32)
            )
            return Parts(nearest(placed, self.own), contrast, authors, venue, readers)


def _disliked(space: Space, dislikes: Sequence[Dislike]) -> Disliked:
    # They do not span the space with the rest, so that a dislike changes no more than its weight
    # says.
    topics = space.place([dislike.paper for dislike in dislikes]).topics
    return Disliked(topics, np.array([dislike.weight for dislike in dislikes], np.float64))


def _threshold(
    own: Placed,
    others: Vectors,
    disliked: Disliked,
    interactions: Interactions,
    weights: Weights,
    seed: int,
) -> float:
    """The score above which a paper is like those that the reader keeps.

    Each of the reader's own papers is scored as if it were new; a suggestion should reach a good
    part of what all but the oddest of them reach. Authors and venue do not count: a new author is
    no fault.
    """
    n = len(own.topics)
    if n == 1:
        return _LOWEST_THRESHOLD
    nothing = np.zeros(n, np.float32)
    parts = Parts(
        near=nearest(own, own, leave_out_same=True),
        contrast=held_out(own.topics, others, disliked),
        authors=nothing,
        venue=nothing,
        readers=(
            Collaborative.held_out(interactions, own.topics, seed)
            if weights.collaborative
            else np.zeros((n, 0), np.float32)
        ),
    )
    scores = parts.total(weights)
    known = scores[~np.isnan(scores)]
    if not len(known):
        return _LOWEST_THRESHOLD
    return max(_LOWEST_THRESHOLD, _OF_OWN * float(np.percentile(known, _FALL_BELOW)))
