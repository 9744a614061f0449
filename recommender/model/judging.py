"""What has been learnt of one reader, and what it says of papers."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from recommender.arrays import Rows, Scores, Vectors
from recommender.model.closeness import shares
from recommender.model.explanations import Seen, Teller
from recommender.model.graph import chunks
from recommender.model.interests import Interests
from recommender.model.judge import Judge
from recommender.model.links import citing
from recommender.model.meanings import Meanings, meant
from recommender.model.parts import Opinions, Usual, Weights
from recommender.model.scale import Scale
from recommender.model.text import Counts
from recommender.model.walk import Ways
from recommender.model.world import Place, World
from recommender.papers import Paper
from recommender.suggestions import Reason

_AT_ONCE = 4096  # papers that are scored together, so that memory does not grow with the list
_TOLD_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of a reader: all that a model is made of beside the library.

    Attributes:
        contents: ``content_of`` each of the world's papers.
        cited: The world's papers, as far as citations name them.
        own: ``(n_own,)`` the reader's own papers' rows in the world.
        usual: What the parts are compared to.
    """

    world: World
    contents: tuple[bytes, ...]
    cited: tuple[Paper, ...]
    own: Rows
    judge: Judge
    weights: Weights
    usual: Usual
    scale: Scale
    interests: Interests


@dataclass(frozen=True, slots=True)
class Located:
    """Some of the papers asked for: their places among them, and where they lie in the world.

    To find this takes nearly all the time that a score takes, and it holds for any weights.

    Attributes:
        at: ``(n,)`` which of the papers asked for they are.
        familiarity: How well the library knows their authors and places.
        rows: Their rows in the world; None for newcomers.
    """

    at: Rows
    papers: Sequence[Paper]
    place: Place
    ways: Ways
    familiarity: tuple[Scores, Scores]
    rows: Rows | None


@dataclass(frozen=True, slots=True)
class HybridModel:
    """What has been learnt of one reader, as ``ports.Model`` says.

    Attributes:
        rows: Each of the world's papers by its content.
        counts: How terms are counted.
        teller: Puts parts into words.
        meanings: What newcomers mean, where the world was made with an encoder.
        last: Those newcomers that were placed last, by their rows: what is told of a few is asked
            for right behind what is said of all.
    """

    learnt: Learnt
    rows: Mapping[bytes, int]
    counts: Counts
    teller: Teller
    meanings: Meanings | None
    last: list[tuple[Mapping[Paper, int], Place]] = field(
        init=False, repr=False, compare=False, default_factory=list
    )

    @classmethod
    def of(
        cls, learnt: Learnt, counts: Counts, teller: Teller, meanings: Meanings | None = None
    ) -> "HybridModel":
        """The model of what was learnt."""
        rows = {content: row for row, content in reversed(list(enumerate(learnt.contents)))}
        return cls(learnt, rows, counts, teller, meanings)

    def score(self, papers: Sequence[Paper]) -> Scores:
        """How much each paper is for this reader, ``(n,)`` float32 in [0, 1]; NaN = no opinion."""
        return self.learnt.scale.scores(self.opinions(papers).total(self.learnt.weights))

    def scored(self, some: Located) -> Scores:
        """What ``score`` says of papers that ``located`` found, ``(n,)`` in their order."""
        with threadpool_limits(1, "blas"):
            return self.learnt.scale.scores(self._opinions(some).total(self.learnt.weights))

    def judged(self, papers: Sequence[Paper]) -> tuple[Scores, Rows]:
        """``score``, and which interest speaks loudest for each, -1 = none: two of ``(n,)``."""
        found = self.opinions(papers)
        return self.learnt.scale.scores(found.total(self.learnt.weights)), found.interests

    def opinions(self, papers: Sequence[Paper]) -> Opinions:
        """What each part says of each paper, on the common scale."""
        found = Opinions.on_nothing(len(papers), len(self.interest_names))
        for some in self.located(papers):
            said = self._opinions(some)
            found.values[some.at] = said.values
            found.known[some.at] = said.known
            found.by_interest[some.at] = said.by_interest
            found.left[some.at] = said.left
        return found

    def reasons(self, papers: Sequence[Paper]) -> Sequence[Sequence[Reason]]:
        """Why, for each paper, largest share first; the shares add up to the score."""
        told: list[Sequence[Reason]] = [()] * len(papers)
        for some in self.located(papers, _TOLD_AT_ONCE):
            seen = self._seen(some)
            for at, row, paper in zip(some.at, range(len(some.at)), some.papers, strict=True):
                told[int(at)] = self.teller.reasons(paper, seen, row)
        return told

    def vectors(self, papers: Sequence[Paper]) -> Vectors:
        """Where each paper lies, ``(n, d)`` float32."""
        known = self._rows_of(papers)
        vectors = self.learnt.world.place.vectors
        found = np.zeros((len(papers), vectors.shape[1]), np.float32)
        found[known >= 0] = vectors[known[known >= 0]]
        with threadpool_limits(1, "blas"):
            for at in _parts(np.flatnonzero(known < 0), _AT_ONCE):
                found[at] = self._placed([papers[i] for i in at]).vectors
        return found

    @property
    def interest_names(self) -> Sequence[str]:
        """The reader's interests, largest first."""
        return self.teller.origins.interests.names

    @property
    def summary(self) -> Mapping[str, float]:
        """The parts' weights, and the threshold."""
        return {**self.learnt.weights.told(), "threshold": self.learnt.scale.threshold}

    def located(self, papers: Sequence[Paper], at_once: int = _AT_ONCE) -> Iterator[Located]:
        """Where papers lie, some at a time: those of the world first, then newcomers."""
        known, learnt = self._rows_of(papers), self.learnt
        with threadpool_limits(1, "blas"):
            for at in _parts(np.flatnonzero(known >= 0), at_once):
                rows = known[at]
                some = [papers[i] for i in at]
                place, ways = learnt.world.among(rows), learnt.judge.walk.to(rows)
                yield Located(at, some, place, ways, self._familiarity(some), rows)
            for at in _parts(np.flatnonzero(known < 0), at_once):
                some = [papers[i] for i in at]
                place = self._placed(some)
                ways = learnt.judge.walk.to_newcomers(place)
                yield Located(at, some, place, ways, self._familiarity(some), None)

    def _rows_of(self, papers: Sequence[Paper]) -> Rows:
        """The papers' rows in the world, ``(n,)``; -1 for newcomers."""
        return np.array([self.rows.get(content_of(paper), -1) for paper in papers], np.int64)

    def _placed(self, papers: Sequence[Paper]) -> Place:
        for rows, place in self.last:
            if all(paper in rows for paper in papers):
                # Where each lies hangs on no other.
                return place[np.array([rows[paper] for paper in papers], np.int64)]
        place = self.learnt.world.placed(
            self.counts(papers), citing(papers, self.learnt.cited), meant(self.meanings, papers)
        )
        self.last[:] = [({paper: row for row, paper in enumerate(papers)}, place)]
        return place

    def _familiarity(self, papers: Sequence[Paper]) -> tuple[Scores, Scores]:
        return self.teller.acquaintances.familiarity(papers)

    def _opinions(self, some: Located) -> Opinions:
        said = self.learnt.judge.opinions(some.place, some.ways, some.familiarity, some.rows)
        return said.compared(self.learnt.usual)

    def _seen(self, some: Located) -> Seen:
        learnt, judge = self.learnt, self.learnt.judge
        said = self._opinions(some)
        sums = said.total(learnt.weights).astype(np.float64)
        weighed = said.values.astype(np.float64) * learnt.weights.vector() * said.left[:, None]
        drawn = np.zeros((len(sums), 0), np.float32)
        if judge.tastes:
            # Whoever wants the opposite has no say, however much the paper is theirs.
            others, alike = judge.tastes.readers[1:], judge.tastes.alike(judge.taste)[1:]
            drawn = judge.factors(some.place, some.rows) @ (others * alike[:, None]).T
        return Seen(
            # Each part has its share of the score as it has of the sum.
            shares=np.where(said.known[:, None], weighed / (sums + learnt.scale.half)[:, None], 0),
            own=judge.origins(some.ways, learnt.own),
            close=shares(judge.speakers.close(some.place.vectors)),
            speakers=judge.speakers.papers,
            drawn=drawn,
            cited=some.place.links[:, learnt.own].toarray() > 0,
            words=some.place.said.terms.multiply(judge.profile).tocsr(),
            columns=learnt.world.space.columns,
        )


def content_of(paper: Paper) -> bytes:
    """What tells a paper's text from others', 16 bytes.

    Without an abstract, a title such as "Editorial" is many papers'; then ids and references tell.
    """
    said = paper.abstract or " ".join(map(str, (*paper.ids, "-", *paper.references)))
    text = f"{paper.title}\0{said}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


def _parts(rows: Rows, at_once: int) -> Iterator[Rows]:
    return (rows[part] for part in chunks(len(rows), at_once))
