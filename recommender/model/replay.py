"""A reader's history, cut into months: what was there before each, and what was wanted in it. Pure.

Nobody asked the reader anything: a paper that was listed in a month and that they saved then or
later was wanted. Where the listings of a month are not known, what they saved in it has to be found
among listed papers that they never saved. A paper is wanted in one month alone, so that what is
learnt from some months can be tried on another.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.identity import Works
from recommender.ingest import Candidate
from recommender.library import Item, Library
from recommender.model.contrast import evenly
from recommender.papers import Paper
from recommender.suggestions import Dislike

LEAST_OTHERS = 20
"""Papers that were not wanted, without which a month says nothing: any order finds the others."""

_MOST_OTHERS = 1000  # of those never saved, where a month's own listings are not known
_AROUND = 2000  # listed papers, as far as there are so many, among which a month is learnt
_BEFORE_ALL = ""  # the month of what has no date; it comes before every other
_TOLD = ("abstract", "authors", "venue", "published", "ids", "categories", "references")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A listed paper, and when it was listed; None where nothing says so."""

    candidate: Candidate
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of a reader's past.

    Attributes:
        library: What shows the reader's interests.
        others: What else they have or threw away: neither wanted nor unwanted.
        sightings: Every listed paper, once.
        dislikes: What was known at a moment to be unwanted.
    """

    library: Library
    others: Sequence[Item] = ()
    sightings: Sequence[Sighting] = ()
    dislikes: Callable[[datetime], Sequence[Dislike]] = lambda _: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One month of a history.

    Attributes:
        month: ``YYYY-MM``, in UTC.
        by_listing: Whether the pool is what was listed in that month.
        before: What the reader had when it began.
        pool: The ``n`` papers to rank, none of which is in ``before``, in an order that says
            nothing.
        wanted: ``(n,)`` which of them the reader saved: then or later where the pool is the
            month's listing, else in that month.
        popularity: ``(n,)`` their votes, or else how many pages listed them.
        listed: Everything that the model is told to be listed, the pool first.
        dislikes: What was known to be unwanted.
        n_suggested: How many of the wanted papers this program had suggested itself.
    """

    month: str
    by_listing: bool
    before: Library
    pool: tuple[Paper, ...]
    wanted: npt.NDArray[np.bool_]
    popularity: npt.NDArray[np.float64]
    listed: tuple[Paper, ...]
    dislikes: tuple[Dislike, ...]
    n_suggested: int


def folds(history: History, n_months: int) -> tuple[Fold, ...]:
    """The last months of a history in which something was saved and can be looked for, in order.

    The order of what is in the history changes nothing. A month counts by the dates on which
    papers were added; what has no date was always there.

    Args:
        history: The reader's past.
        n_months: How many at the most.
    """
    past = _Past.of(history)
    months = sorted({month_of(item.added_at) for item in past.items} - {_BEFORE_ALL}, reverse=True)
    settled = past.wanted_where_listed()
    found = (fold for month in months if (fold := past.fold(month, settled)))
    return tuple(reversed(list(islice(found, n_months))))


def why_none(history: History) -> str:
    """Why a history has no month to replay, in words."""
    past = _Past.of(history)
    months = {month_of(item.added_at) for item in past.items} - {_BEFORE_ALL}
    if not months:
        return "no paper in the library says when it was added"
    n_others = sum(one.place is None for one in past.seen)
    if n_others < LEAST_OTHERS:
        return (
            f"it takes {LEAST_OTHERS} listed papers that you never saved, and {n_others} are known"
        )
    return "nothing was in the library before the papers that were added last"


def month_of(at: datetime | None) -> str:
    """The month of a moment in UTC, as text that sorts by time; that of no moment comes first."""
    if at is None:
        return _BEFORE_ALL
    at = at.astimezone(UTC)
    return f"{at.year:04}-{at.month:02}"


@dataclass(frozen=True, slots=True)
class _Work:
    """A work that the reader has.

    Attributes:
        since: The month of its first copy.
        item: The first copy that shows an interest; None where none does.
    """

    since: str
    item: Item | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A listed paper.

    Attributes:
        month: In which it was listed.
        place: Which of the reader's works it is; None where it is none.
    """

    candidate: Candidate
    month: str
    place: int | None


@dataclass(frozen=True, slots=True)
class _Pool:
    """Papers to rank, and of the wanted ones the reader's items."""

    others: Sequence[tuple[Paper, float]]
    wanted: Sequence[tuple[Paper, float]]
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class _Past:
    """A history in an order that does not depend on the one it was given in."""

    history: History
    items: Sequence[Item]
    works: Sequence[_Work]
    seen: Sequence[_Seen]

    @classmethod
    def of(cls, history: History) -> "_Past":
        items = sorted((i for i in history.library.items if not i.trashed), key=_in_time)
        thrown = (item for item in history.library.items if item.trashed)
        copies = [(item, True) for item in items]
        copies += [(item, False) for item in (*thrown, *history.others)]
        index = Works.of()
        works: list[_Work] = []
        for item, shows in sorted(copies, key=lambda copy: _in_time(copy[0])):
            place = index.entered(item.paper)
            if place == len(works):
                works.append(_Work(month_of(item.added_at), item if shows else None))
            elif shows and works[place].item is None:
                works[place] = _Work(works[place].since, item)
        sightings = sorted(history.sightings, key=lambda one: _by_text(one.candidate.paper))
        seen = [
            _Seen(one.candidate, month_of(one.at), _match(one.candidate, index))
            for one in sightings
        ]
        return cls(history, items, works, _once(seen))

    def fold(self, month: str, settled: Collection[int]) -> Fold | None:
        """A month; None where nothing was there before, or nothing can be looked for.

        Args:
            month: Which.
            settled: The works that are wanted where they were listed.
        """
        before = tuple(i for i in self.items if month_of(i.added_at) < month)
        if not before:
            return None
        dislikes = tuple(self.history.dislikes(_start(month)))
        unwanted = Works.of(one.paper for one in dislikes)
        listing = self._listed_in(month, unwanted)
        pool = listing or self._among_never_saved(month, unwanted, settled)
        if pool is None:
            return None
        marked = [(*one, False) for one in pool.others] + [(*one, True) for one in pool.wanted]
        ranked = sorted(marked, key=lambda one: _by_text(one[0]))
        papers = tuple(paper for paper, _, _ in ranked)
        # What was never saved holds what was listed before, too.
        earlier = self._listed_before(month, _AROUND - len(papers)) if listing else ()
        return Fold(
            month=month,
            by_listing=listing is not None,
            before=replace(self.history.library, items=before),
            pool=papers,
            wanted=np.array([is_wanted for _, _, is_wanted in ranked]),
            popularity=np.array([votes for _, votes, _ in ranked], np.float64),
            listed=(*papers, *earlier),
            dislikes=dislikes,
            n_suggested=sum(bool(item.mark) for item in pool.items),
        )

    def _listed_in(self, month: str, unwanted: Works) -> _Pool | None:
        """What was listed in a month and the reader did not have, if they saved any of it."""
        seen = [one for one in self.seen if one.month == month]
        others = [one for one in seen if one.place is None and not _is(one.candidate, unwanted)]
        had = [(one, self.works[one.place]) for one in seen if one.place is not None]
        saved = [(one, work.item) for one, work in had if work.since >= month]
        wanted = [(one, item) for one, item in saved if item]
        if not wanted or len(others) < LEAST_OTHERS:
            return None
        return _Pool(
            [_ranked(one) for one in others],
            [_ranked(one) for one, _ in wanted],
            [item for _, item in wanted],
        )

    def _among_never_saved(
        self, month: str, unwanted: Works, settled: Collection[int]
    ) -> _Pool | None:
        """What was saved in a month, among listed papers that never were, told of as alike."""
        never = [one.candidate for one in self.seen if one.place is None]
        others = [never[row] for row in evenly(len(never), _MOST_OTHERS)]
        papers = [one.paper for one in others if not _is(one, unwanted)]
        works = (work for place, work in enumerate(self.works) if place not in settled)
        items = [work.item for work in works if work.since == month and work.item]
        if not items or len(papers) < LEAST_OTHERS:
            return None
        told = _told_of_both(papers, [item.paper for item in items])
        # Nobody counted votes for what was not listed, so none count.
        return _Pool(
            [(_only(paper, told), 0.0) for paper in papers],
            [(_only(item.paper, told), 0.0) for item in items],
            items,
        )

    def wanted_where_listed(self) -> set[int]:
        """The works that were wanted in the month in which they were listed."""
        early = [(o, o.place) for o in self.seen if o.place is not None and o.month]
        early = [(one, place) for one, place in early if self.works[place].since >= one.month]
        saved = {month_of(item.added_at) for item in self.items}
        months = {one.month for one, _ in early} & saved
        nobody = Works.of()
        looked = {month for month in months if self._listed_in(month, nobody)}
        return {place for one, place in early if one.month in looked}

    def _listed_before(self, month: str, most: int) -> Iterator[Paper]:
        """What was listed last before a month and was not in the library by then."""
        dated = (one for one in self.seen if _BEFORE_ALL < one.month < month)
        new = (o for o in dated if o.place is None or self.works[o.place].since >= month)
        latest = sorted(new, key=lambda one: one.month, reverse=True)
        return (one.candidate.paper for one in latest[: max(most, 0)])


def _once(seen: Sequence[_Seen]) -> list[_Seen]:
    """Of listed papers that are one work of the reader's, the one that was listed first."""
    first: dict[int, _Seen] = {}
    for one in sorted(seen, key=lambda one: (not one.month, one.month)):
        if one.place is not None:
            first.setdefault(one.place, one)
    return [one for one in seen if one.place is None or first[one.place] is one]


def _match(candidate: Candidate, works: Works) -> int | None:
    """Which work any version of a listed paper is."""
    papers = dict.fromkeys((candidate.paper, *candidate.versions))
    places = (works.match(paper) for paper in papers)
    return next((place for place in places if place is not None), None)


def _is(candidate: Candidate, works: Works) -> bool:
    return _match(candidate, works) is not None


def _ranked(one: _Seen) -> tuple[Paper, float]:
    places = one.candidate.provenance
    votes = [place.votes for place in places if place.votes is not None]
    return one.candidate.paper, float(sum(votes) if votes else len(places) / _PAGES)


_PAGES = 1 << 20  # so that no number of pages is as much as a vote


def _told_of_both(some: Sequence[Paper], others: Sequence[Paper]) -> frozenset[str]:
    """What is told of most papers of either sort; by the rest they could be told apart."""

    def is_usual(field: str, papers: Sequence[Paper]) -> bool:
        return sum(bool(getattr(paper, field)) for paper in papers) * 2 >= len(papers)

    return frozenset(f for f in _TOLD if is_usual(f, some) and is_usual(f, others))


def _only(paper: Paper, told: frozenset[str]) -> Paper:
    empty: dict[str, Any] = {f: type(getattr(paper, f))() for f in _TOLD if f not in told}
    return replace(paper, **empty)


def _in_time(item: Item) -> tuple[datetime, str]:
    return item.added_at or datetime.min.replace(tzinfo=UTC), item.key


def _by_text(paper: Paper) -> tuple[str, str, str]:
    return paper.title, paper.abstract, repr(paper.ids)


def _start(month: str) -> datetime:
    year, number = month.split("-")
    return datetime(int(year), int(number), 1, tzinfo=UTC)
