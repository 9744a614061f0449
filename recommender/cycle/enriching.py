"""What a cycle asks catalogues: what listings left out of the papers that could be suggested."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from recommender.cycle.choosing import Scored
from recommender.cycle.reading import failure
from recommender.ingest import Candidate, candidate_of
from recommender.papers import Paper
from recommender.ports import Catalogue, Memory
from recommender.records import Failure
from recommender.resolving import Entry, lacks, resolved
from recommender.store import Store

OWNER = "enriching"
"""Whose memory it is which papers were asked about; ``kept_of`` reads it."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What catalogues added.

    Attributes:
        n_completed: Papers of which more is known now.
        failures: Catalogues that failed.
    """

    n_completed: int = 0
    failures: tuple[Failure, ...] = ()


def enriched(
    catalogues: Sequence[Catalogue], scored: Scored, limit: int, store: Store, now: datetime
) -> Enriched:
    """Complete the best candidates from the first catalogue that knows them, and save them.

    Args:
        catalogues: The one that is asked first is first; the others are asked for the rest.
        scored: What could be suggested.
        limit: How many papers are asked about at the most.
        store: Keeps the papers, and when each was asked about.
        now: When this is.

    Raises:
        StoreError: If the store cannot be used.
    """
    if not catalogues:
        return Enriched()
    memory = store.memory(OWNER)
    left = _wanting(scored, limit, memory, now)
    completed: list[Candidate] = []
    failures: list[Failure] = []
    for catalogue in catalogues:
        entries, failed = _asked(catalogue, [candidate.paper for candidate in left])
        if failed:
            failures.append(failed)
        for row, entry in entries.items():
            completed.append(_completed(left[row], entry.paper))
            _remember(memory, left[row], now, catalogue.name, entry.confidence)
        left = [one for row, one in enumerate(left) if row not in entries]
        if not left:
            break
    if not failures:
        for candidate in left:
            _remember(memory, candidate, now)
    if completed:
        store.save_listed(completed, watermarks={}, at=now)
    return Enriched(len(completed), tuple(failures))


def kept_of(memory: Memory, candidate: Candidate) -> tuple[str, float] | None:
    """Which catalogue a paper was completed from, and with what confidence; None for none."""
    for name in candidate.names:
        if (kept := memory.get(name)) and (by := json.loads(kept).get("by")):
            return str(by), float(json.loads(kept)["confidence"])
    return None


def _wanting(scored: Scored, limit: int, memory: Memory, now: datetime) -> list[Candidate]:
    """The best candidates that lack something, and were not asked about for a while."""
    order = np.argsort(-scored.scores, kind="stable")

    def wanting() -> Iterator[Candidate]:
        for row in order:
            candidate = scored.candidates[row]
            if lacks(candidate.paper) and not _is_fresh(memory, candidate, now):
                yield candidate

    return [one for one, _ in zip(wanting(), range(limit), strict=False)]


def _asked(
    catalogue: Catalogue, papers: Sequence[Paper]
) -> tuple[dict[int, Entry], Failure | None]:
    """The entries that surely are these papers, by row; where it failed, those until then."""
    found: dict[int, list[Paper]] = {}
    failed = None
    try:
        for row, entry in catalogue.entries(papers):
            found.setdefault(row, []).append(entry)
    except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
        failed = failure(catalogue.name, error)
    sure = {row: resolved(papers[row], entries) for row, entries in found.items()}
    return {row: entry for row, entry in sure.items() if entry}, failed


def _completed(candidate: Candidate, entry: Paper) -> Candidate:
    return candidate_of([*candidate.versions, entry], candidate.provenance)


def _is_fresh(memory: Memory, candidate: Candidate, now: datetime) -> bool:
    asked = (memory.get(name) for name in candidate.names)
    return any(now - datetime.fromisoformat(json.loads(k)["at"]) < _PATIENCE for k in asked if k)


def _remember(
    memory: Memory, candidate: Candidate, now: datetime, by: str = "", confidence: float = 0.0
) -> None:
    kept = {"at": now.isoformat(), "by": by, "confidence": confidence}
    memory[candidate.names[0]] = json.dumps(kept)


_PATIENCE = timedelta(days=30)  # before it is asked again: catalogues learn of papers late
