"""What each part says of papers, for one reader."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from recommender.arrays import Rows, Scores, Vectors
from recommender.model.contrast import Contrast
from recommender.model.parts import PARTS, Opinions, shared_words, walked
from recommender.model.tastes import Tastes
from recommender.model.walk import Masses, Reached, Walk, Ways
from recommender.model.world import Place, World


@dataclass(frozen=True, slots=True)
class Judge:
    """A reader's walks, words and tastes, to be asked for opinions.

    Attributes:
        walk: The ways between the world's papers.
        starts: ``(n_interests + 1, n_world)`` how much of the walk starts at each paper, for each
            interest; last where the walk from unwanted papers starts.
        reached: Where those walks are.
        profile: ``(1, n_terms)`` the own papers' words.
        contrast: None where too little is listed to tell what is usual.
        tastes: None where there is no evidence that others' choices help.
        taste: ``(f,)`` the reader's own; empty without tastes.
    """

    walk: Walk
    starts: sparse.csr_matrix
    reached: Reached
    profile: sparse.csr_matrix
    contrast: Contrast | None
    tastes: Tastes | None
    taste: Vectors

    @classmethod
    def starting(
        cls,
        world: World,
        walk: Walk,
        starts: sparse.csr_matrix,
        tastes: tuple[Tastes, Vectors] | None,
    ) -> "Judge":
        """The judge whose walks start as given, with everybody's tastes and the reader's own."""
        wanted = sparse.csr_matrix(starts[:-1].sum(axis=0))
        profile = (wanted @ world.place.said.terms).tocsr()
        learnt, taste = tastes or (None, np.zeros(0, np.float32))
        return cls(walk, starts, walk.reached(starts), profile, None, learnt, taste)

    def contrasting(self, contrast: Contrast | None) -> "Judge":
        """The same judge with a contrast."""
        return replace(self, contrast=contrast)

    def wanting_all(self) -> "Judge":
        """The same judge, had the reader disliked nothing."""
        reached = Reached(self.reached.papers.copy(), self.reached.holders.copy())
        reached.papers[:, -1] = 0
        reached.holders[:, -1] = 0
        return replace(self, reached=reached)

    def starts_at(self, rows: Rows) -> Scores:
        """How much of the walks starts at each of some papers, ``(n,)``."""
        return np.asarray(self.starts[:-1].sum(axis=0), np.float32).ravel()[rows]

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
            familiarity: How well the library knows their authors and venues.
            rows: Their rows in the world, where they are in it.
        """
        arrived = self.reached.at(ways)
        by_interest = arrived[:, :-1]
        words = shared_words(place.said.terms, self.profile)[:, 0]
        values = np.zeros((len(arrived), len(PARTS)), np.float32)
        said = {
            "walk": walked(by_interest.sum(axis=1) - arrived[:, -1]),
            "words": words,
            "authors": familiarity[0],
            "venue": familiarity[1],
        }
        if self.contrast:
            said["contrast"] = self.contrast.said(place.vectors)
        if self.tastes:
            said["tastes"] = np.maximum(self.factors(place, rows) @ self.taste, 0)
        for part, column in said.items():
            values[:, PARTS.index(part)] = column
        return Opinions(values, by_interest.any(axis=1) | (words > 0), by_interest)

    def factors(self, place: Place, rows: Rows | None) -> Vectors:
        """The papers' factors, ``(n, f)``; none without tastes."""
        if not self.tastes:
            return np.zeros((len(place.vectors), 0), np.float32)
        return self.tastes.papers[rows] if rows is not None else self.tastes.mapped(place.vectors)

    def origins(self, ways: Ways, own: Rows) -> Masses:
        """How much of what arrives by way of papers started at each own paper, ``(n, n_own)``."""
        arrived = self.walk.origins(ways.by_papers(self.walk.n_readers))[:, own]
        found: Masses = arrived * self.starts_at(own)
        return found

    def by_readers(self, ways: Ways) -> Masses:
        """How much of what arrives came from each reader, ``(n, n_readers)``."""
        holders = self.reached.holders[: self.walk.n_readers, :-1].sum(axis=1)
        last = ways.last[:, : self.walk.n_readers].toarray()
        found: Masses = last * holders * ways.unhub[:, None]
        return found
