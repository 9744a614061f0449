"""What a cycle asks catalogues: what listings left out of the papers that could be suggested."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from recommender.cycle.choosing import Scored
from recommender.cycle.reading import failure
from recommender.identity import names, title_key
from recommender.ingest import Candidate, candidate_of
from recommender.papers import Paper
from recommender.ports import Catalogue, Memory
from recommender.records import Failure
from recommender.resolving import CERTAIN, Entry, lacks, resolved, tells_more
from recommender.store import Store

OWNER = "enriching"
"""Whose memory it is which papers were asked about; ``kept_of`` reads it."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What catalogues added.

    Attributes:
        n_completed: Papers of which more is known now.
        failures: Catalogues that failed.
        n_joined: Papers that turned out to be others that were listed, too, and are none any more.
    """

    n_completed: int = 0
    failures: tuple[Failure, ...] = ()
    n_joined: int = 0


def enriched(
    catalogues: Sequence[Catalogue],
    scored: Scored,
    limit: int,
    store: Store,
    now: datetime,
    *,
    anyhow: Sequence[Candidate] = (),
) -> Enriched:
    """Complete the best candidates from catalogues, and save them.

    Each catalogue is asked about a paper once a month, and only for what those before it left out.
    One that fails is asked again in the next cycle.

    Args:
        catalogues: The one that is asked first is first.
        scored: What could be suggested.
        limit: How many of these each is asked about at the most.
        store: Keeps the papers, and when each was asked about.
        now: When this is.
        anyhow: What comes whatever its score; they are asked about before the others.

    Raises:
        StoreError: If the store cannot be used.
    """
    if not catalogues:
        return Enriched()
    memory = store.memory(OWNER)
    best = (scored.candidates[row] for row in np.argsort(-scored.scores, kind="stable"))
    first = [candidate for candidate in anyhow if lacks(candidate.paper)]
    every = dict.fromkeys((*first, *(candidate for candidate in best if lacks(candidate.paper))))
    wanting = [_Wanting(memory, candidate) for candidate in every]
    limit += len(first)
    asked: list[_Wanting] = []
    failures: dict[str, Failure] = {}
    for catalogue in catalogues:
        due = [one for one in wanting if one.is_due(catalogue.name, now)]
        _ask(catalogue, due[:limit], now, failures)
        asked += due[:limit]
        if catalogue.name not in failures:
            # Those are not the next one's yet: the first is the cheapest.
            later = set(due[limit:])
            wanting = [one for one in wanting if one not in later]
    completed = [one for one in dict.fromkeys(asked) if one.is_completed]
    n_listed = store.n_candidates()
    if completed:
        store.save_listed([one.candidate for one in completed], watermarks={}, at=now)
    # Cut off before this, the next cycle asks again; the other way round it would have lost them.
    for one in dict.fromkeys(asked):
        one.remember(memory)
    n_joined = n_listed - store.n_candidates()
    return Enriched(len(completed), tuple(failures.values()), n_joined)


def kept_of(memory: Memory, candidate: Candidate) -> dict[str, float]:
    """The catalogues that a paper was completed from, each with how sure it is, in [0, 1]."""
    return _Wanting(memory, candidate).sources


class _Wanting:
    """A paper that lacks something, and what catalogues have said of it.

    Attributes:
        candidate: With what they added.
        sources: Of the catalogues that added something, by name, how sure it is that the paper is
            the one that was listed.
    """

    def __init__(self, memory: Memory, candidate: Candidate) -> None:
        self.candidate = candidate
        self.sources: dict[str, float] = {}
        self._listed = candidate
        self._asked: dict[str, datetime] = {}
        self._is_news = False
        for kept in filter(None, map(memory.get, _names(candidate))):
            asked, sources = _told(kept)
            self.sources |= sources
            self._asked |= {name: max(at, self._asked.get(name, at)) for name, at in asked.items()}

    @property
    def is_completed(self) -> bool:
        return self.candidate is not self._listed

    def is_due(self, catalogue: str, now: datetime) -> bool:
        if not lacks(self.candidate.paper):
            return False
        at = self._asked.get(catalogue)
        # A clock that was wrong once keeps nobody from being asked.
        return at is None or abs(now - at) >= _PATIENCE

    def take(self, catalogue: str, entry: Entry) -> None:
        versions = [*self.candidate.versions, entry.paper]
        whole = candidate_of(versions, self.candidate.provenance)
        if tells_more(whole.paper, self.candidate.paper):
            # It may have been found by an id that an earlier one gave.
            self.sources[catalogue] = min([entry.confidence, *self.sources.values()])
            self.candidate = whole

    def answered(self, catalogue: str, now: datetime) -> None:
        self._asked[catalogue] = now
        self._is_news = True

    def remember(self, memory: Memory) -> None:
        if self._is_news:
            asked = {name: at.isoformat() for name, at in self._asked.items()}
            # ``at`` is by what the store's housekeeping forgets it.
            kept = {"at": max(asked.values()), "asked": asked, "by": self.sources}
            memory[_names(self._listed)[0]] = json.dumps(kept)


def _ask(
    catalogue: Catalogue, wanting: Sequence[_Wanting], now: datetime, failures: dict[str, Failure]
) -> None:
    """Add what a catalogue surely has of papers; where it fails, what it said until then."""
    if not wanting:
        return
    papers = [one.candidate.paper for one in wanting]
    found: dict[int, list[Paper]] = {}
    row = 0
    with reported(catalogue, failures):
        for row, entry in said(catalogue, papers):
            found.setdefault(row, []).append(entry)
    # Of the paper that it was at, more may have followed that would leave it undecided.
    cut = row if catalogue.name in failures else None
    for row, entries in found.items():
        with reported(catalogue, failures):
            sure = resolved(papers[row], entries)
            if sure and (row != cut or sure.confidence == CERTAIN):
                wanting[row].take(catalogue.name, sure)
                wanting[row].answered(catalogue.name, now)
    if catalogue.name not in failures:
        for one in wanting:
            one.answered(catalogue.name, now)


def said(catalogue: Catalogue, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
    """What a catalogue has of papers.

    Raises:
        ValueError: If it has something of another paper, or no paper.
    """
    # Whoever wrote it may have had no type checker.
    said: Iterable[tuple[Any, Any]] = catalogue.entries(papers)
    for row, entry in said:
        if not isinstance(entry, Paper) or row not in range(len(papers)):
            raise ValueError("a catalogue has no such paper or row")
        yield int(row), entry


@contextmanager
def reported(catalogue: Catalogue, failures: dict[str, Failure]) -> Iterator[None]:
    """Whatever a catalogue raises within the context is among the failures, by its name."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
        failures.setdefault(catalogue.name, failure(catalogue.name, error))


def _told(kept: str) -> tuple[dict[str, datetime], dict[str, float]]:
    """When each catalogue was asked, and how sure it is of those that the paper is from."""
    try:
        told = json.loads(kept)
        asked = {name: datetime.fromisoformat(at) for name, at in told["asked"].items()}
        return asked, {name: float(sure) for name, sure in told["by"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        # Damaged, it says nothing, and the paper is asked about again.
        return {}, {}


def _names(candidate: Candidate) -> list[str]:
    """Under what it is remembered, one name for each version.

    An id alone may be a volume's, and so many papers'.
    """
    return [f"{names(one)[0]} {title_key(one.title)}" for one in candidate.versions]


_PATIENCE = timedelta(days=30)  # before it is asked again: catalogues learn of papers late
