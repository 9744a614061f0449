"""What a cycle chooses: which listed papers are new to the reader, and which become suggestions."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from recommender.arrays import Rows, Scores
from recommender.following import Following
from recommender.identity import Works, title_key
from recommender.ingest import Candidate, first_versions
from recommender.library import Item, Library
from recommender.papers import Paper
from recommender.ports import Model
from recommender.selection import Choice, Selection, Wishes, select
from recommender.suggestions import Shown, State, Suggestion, suggestion_ids

IN_LIBRARY = "already in the library"
IN_TRASH = "in the library's trash"
SUGGESTED = "suggested before"
DISMISSED = "dismissed before"
ELSEWHERE = "listed for another profile"
REFUSED = "of somebody or something that you exclude"
SEED = "named as a seed in the config"


@dataclass(frozen=True, slots=True)
class Had:
    """What the reader has or threw away, to be asked for papers.

    Attributes:
        items: What is kept first, so that a paper that was thrown away and is kept too is kept.
        works: The same, by identity.
    """

    items: Sequence[Item]
    works: Works

    @classmethod
    def of(cls, library: Library) -> "Had":
        """What there is in a library, the trash included."""
        items = sorted(library.items, key=lambda item: item.trashed)
        return cls(items, Works.of(item.paper for item in items))

    def match(self, papers: Iterable[Paper]) -> Item | None:
        """The first item that is the same work as one of these versions of a paper."""
        row = _match(self.works, papers)
        return None if row is None else self.items[row]


def _match(works: Works, papers: Iterable[Paper]) -> int | None:
    found = map(works.match, papers)
    return next((row for row in found if row is not None), None)


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader knows, to be asked for listed papers.

    Attributes:
        had: What they have or threw away.
        shown: What was suggested before.
        seen: The same, by identity.
        seeds: What they have named.
        following: What they never want to see, among others.
        listed_by: The sources whose papers count; None for all.
    """

    had: Had
    shown: Sequence[Shown]
    seen: Works
    seeds: Works
    following: Following = field(default_factory=Following)
    listed_by: frozenset[str] | None = None

    @classmethod
    def of(
        cls,
        had: Had,
        shown: Sequence[Shown],
        seeds: Iterable[Paper] = (),
        following: Following | None = None,
        listed_by: frozenset[str] | None = None,
    ) -> "Known":
        """What a reader knows who has, was shown and named this, and refuses that."""
        seen = Works.of(one.suggestion.paper for one in shown)
        return cls(had, shown, seen, Works.of(seeds), following or Following(), listed_by)

    def reason(self, candidate: Candidate) -> str:
        """Why a listed paper is nothing new for the reader; empty where it is."""
        if self.listed_by is not None and self.listed_by.isdisjoint(
            place.source for place in candidate.provenance
        ):
            return ELSEWHERE
        # Put together from several versions, a paper may be like none of them.
        papers = tuple(dict.fromkeys((candidate.paper, *candidate.versions)))
        row = _match(self.seen, papers)
        state = None if row is None else self.shown[row].state
        # What lies on our shelf is in the library, too, and no more the reader's for that.
        if state in {None, State.KEPT} and (item := self.had.match(papers)):
            return IN_TRASH if item.trashed else IN_LIBRARY
        if state is None:
            if _match(self.seeds, papers) is not None:
                return SEED
            return REFUSED if self.following.refuses(candidate.paper) else ""
        return DISMISSED if state is State.DISMISSED else SUGGESTED


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates with what a model says of them.

    Attributes:
        scores: ``(n,)``; NaN = no opinion.
        interests: ``(n,)``; -1 = no opinion.
    """

    candidates: Sequence[Candidate]
    scores: Scores
    interests: Rows

    @classmethod
    def by(cls, model: Model, candidates: Sequence[Candidate]) -> "Scored":
        """What a model says of candidates."""
        return cls(candidates, *model.judged([candidate.paper for candidate in candidates]))

    def not_in(self, interests: Collection[int]) -> "Scored":
        """Those that are not in some interests."""
        if not interests:
            return self
        return self[np.flatnonzero(~np.isin(self.interests, list(interests)))]

    def __getitem__(self, rows: Rows) -> "Scored":
        candidates = [self.candidates[row] for row in rows]
        return Scored(candidates, self.scores[rows], self.interests[rows])


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a cycle suggests.

    Attributes:
        dropped: How many of the other candidates were not chosen, by reason.
    """

    suggestions: tuple[Suggestion, ...]
    dropped: Counter[str]


def chosen(
    scored: Scored,
    model: Model,
    wishes: Wishes,
    profile: str,
    shown: Sequence[Shown],
    at: datetime,
) -> Chosen:
    """Which of the candidates become suggestions, with their reasons, and why the others do not.

    Args:
        scored: The candidates.
        model: What scored them.
        wishes: How to choose.
        profile: The profile's name.
        shown: What was suggested before.
        at: When the suggestions are made.
    """
    selection = selected(scored, model, wishes)
    taken = {one.suggestion.suggestion_id for one in shown}
    return Chosen(
        suggestions=suggestions(scored, model, selection.chosen, profile, taken, at),
        dropped=Counter({why.value: n for why, n in selection.dropped.items()}),
    )


def selected(scored: Scored, model: Model, wishes: Wishes) -> Selection:
    """Which of the candidates are chosen, and why the others are not."""
    vectors = model.vectors([candidate.paper for candidate in scored.candidates])
    works = _works(scored, wishes.threshold)
    return select(scored.scores, vectors, scored.interests, works, wishes)


def _works(scored: Scored, threshold: float) -> Rows:
    """A number for each candidate, the same for versions of one work: the best one's row.

    Only those that could be chosen are compared.
    """
    numbers = np.arange(len(scored.candidates))
    order = np.argsort(-scored.scores, kind="stable")
    passing = order[scored.scores[order] >= threshold]
    firsts = first_versions(scored.candidates[row].paper for row in passing)
    numbers[passing] = passing[firsts]
    return numbers


def _ids(profile: str, candidates: Sequence[Candidate], taken: Collection[str]) -> list[str]:
    """A name for each chosen candidate's suggestion that no other suggestion has."""
    # Behind its names stands one that is nobody else's: papers that share every name have other
    # titles.
    named = [(*c.names, f"{c.names[0]} {title_key(c.paper.title)}") for c in candidates]
    return suggestion_ids(profile, named, taken)


def suggestions(
    scored: Scored,
    model: Model,
    choices: Sequence[Choice],
    profile: str,
    taken: Collection[str],
    at: datetime,
) -> tuple[Suggestion, ...]:
    """What is suggested for a profile, ranked from 1 in the order of the choices.

    Args:
        scored: The candidates.
        model: What scored them.
        choices: Which of them.
        profile: The profile's name.
        taken: The ids of other suggestions.
        at: When they are made.
    """
    candidates = [scored.candidates[choice.row] for choice in choices]
    ids = _ids(profile, candidates, taken)
    why = model.reasons([candidate.paper for candidate in candidates])
    interests = scored.interests[[choice.row for choice in choices]]
    return tuple(
        Suggestion(
            suggestion_id=own_id,
            paper=candidate.paper,
            rank=rank,
            score=float(np.nan_to_num(scored.scores[choice.row])),
            reasons=tuple(reasons),
            source=candidate.provenance[0].listing,
            interest="" if interest < 0 else model.interest_names[interest],
            suggested_at=at,
            exploring=choice.exploring,
        )
        for rank, (choice, candidate, reasons, interest, own_id) in enumerate(
            zip(choices, candidates, why, interests, ids, strict=True), 1
        )
    )
