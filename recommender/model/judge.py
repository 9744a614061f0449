"""What each part says of papers, for one reader."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from recommender.arrays import Rows, Scores, Vectors, along
from recommender.model.closeness import Speakers, pooled
from recommender.model.contrast import Contrast
from recommender.model.parts import PARTS, Opinions, shared_words, walked
from recommender.model.tastes import Tastes
from recommender.model.unwanted import Unwanted
from recommender.model.walk import Masses, Reached, Walk, Ways
from recommender.model.world import Place, World


@dataclass(frozen=True, slots=True)
class Judge:
    """A reader's walks, words and tastes, to be asked for opinions.

    Attributes:
        walk: The ways between the world's papers.
        starts: ``(n_interests, n_world)`` how much of the walk starts at each paper, for each
            interest.
        reached: Where those walks are.
        profile: ``(1, n_terms)`` the own papers' words.
        speakers: The own papers that speak for papers like them.
        contrast: None where too little is listed to tell what is usual.
        tastes: None where there is no evidence that others' choices help.
        taste: ``(f,)`` the reader's own; empty without tastes.
        unwanted: What was shown and not wanted.
    """

    walk: Walk
    starts: sparse.csr_matrix
    reached: Reached
    profile: sparse.csr_matrix
    speakers: Speakers
    contrast: Contrast | None
    tastes: Tastes | None
    taste: Vectors
    unwanted: Unwanted

    @classmethod
    def starting(
        cls,
        world: World,
        walk: Walk,
        starts: sparse.csr_matrix,
        speakers: Speakers,
        tastes: tuple[Tastes, Vectors] | None,
        unwanted: Unwanted,
    ) -> "Judge":
        """The judge whose walks start as given, with everybody's tastes and the reader's own."""
        profile = (sparse.csr_matrix(starts.sum(axis=0)) @ world.place.said.terms).tocsr()
        learnt, taste = tastes or (None, np.zeros(0, np.float32))
        reached = walk.reached(starts)
        return cls(walk, starts, reached, profile, speakers, None, learnt, taste, unwanted)

    def contrasting(self, contrast: Contrast | None) -> "Judge":
        """The same judge with a contrast."""
        return replace(self, contrast=contrast)

    def wanting_all(self) -> "Judge":
        """The same judge, had the reader disliked nothing."""
        return replace(self, unwanted=Unwanted.nothing(self.unwanted.vectors.shape[1]))

    def starts_at(self, rows: Rows) -> Scores:
        """How much of the walks starts at each of some papers, ``(n,)``."""
        return np.asarray(self.starts.sum(axis=0), np.float32).ravel()[rows]

    def opinions(
        self,
        place: Place,
        ways: Ways,
        familiarity: tuple[Scores, Scores],
        rows: Rows | None = None,
    ) -> Opinions:
        """What each part says of ``n`` papers, each on its own scale.

        Args:
            place: Where they lie.
            ways: How they are reached.
            familiarity: How well the library knows their authors and places.
            rows: Their rows in the world, where they are in it.
        """
        from_interests = self.reached.at(ways)
        close = self.speakers.close(place.vectors)
        by_interest = self.speakers.by_interest(close, from_interests.shape[1])
        # A tie by citations alone is no closeness, but tells of an interest all the same.
        distant = ~by_interest.any(axis=1)
        by_interest[distant] = from_interests[distant]
        words = shared_words(place.said.terms, self.profile)[:, 0]
        values = np.zeros((len(words), len(PARTS)), np.float32)
        said = {
            "walk": walked(from_interests.sum(axis=1)),
            "closeness": pooled(close),
            "words": words,
            "authors": familiarity[0],
            "venue": familiarity[1],
        }
        if self.contrast:
            said["contrast"] = self.contrast.said(place.vectors)
        if self.tastes:
            if rows is None:
                drawn = along(place.vectors, self.tastes.to_factors @ self.taste)
            else:
                drawn = along(self.tastes.papers[rows], self.taste)
            said["tastes"] = np.maximum(drawn, 0)
        for part, column in said.items():
            values[:, PARTS.index(part)] = column
        known = by_interest.any(axis=1) | (words > 0)
        return Opinions(values, known, by_interest, self.unwanted.left(place.vectors))

    def factors(self, place: Place, rows: Rows | None) -> Vectors:
        """The papers' factors, ``(n, f)``; none without tastes."""
        if not self.tastes:
            return np.zeros((len(place.vectors), 0), np.float32)
        return self.tastes.papers[rows] if rows is not None else self.tastes.mapped(place.vectors)

    def origins(self, ways: Ways, own: Rows) -> Masses:
        """How much of what arrives started at each own paper, ``(n, n_own)``."""
        found: Masses = self.walk.origins(ways)[:, own] * self.starts_at(own)
        return found
