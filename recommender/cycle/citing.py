"""What a cycle asks catalogues of the reader's own papers, if it may: what these cite.

No reference manager keeps that, and without it no citation ties one of the reader's papers to
another of theirs, or to what is listed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recommender.cycle.enriching import OWNER, reported, said
from recommender.identifiers import PaperId, Scheme, unique
from recommender.identity import UNTITLED, work_name
from recommender.library import Item, Library
from recommender.papers import Paper
from recommender.ports import Catalogue, Memory
from recommender.records import Failure
from recommender.resolving import CERTAIN, confidence
from recommender.store import Store

AT_ONCE = 200
"""About how many papers each catalogue is asked in one cycle."""

PATIENCE = timedelta(days=90)
"""Before a catalogue is asked again that knew of no references; it may have learnt of them."""

# Nobody else names a paper by them, so they make no two works one.
_OF_CATALOGUES = frozenset((Scheme.OPENALEX, Scheme.S2))
_NEVER = datetime.min.replace(tzinfo=UTC)
_LASTING = timedelta(days=300)  # before it is asked again of others: housekeeping forgets in a year


def cited(library: Library, store: Store) -> Library:
    """The library, each paper with the references that catalogues gave of it, and with their ids.

    Raises:
        StoreError: If the store cannot be used.
    """
    memory = store.memory(OWNER)
    return replace(library, items=tuple(_with_references(item, memory) for item in library.items))


def ask(
    catalogues: Sequence[Catalogue], own: Library, store: Store, now: datetime
) -> tuple[Failure, ...]:
    """Ask catalogues what some of the reader's papers cite, and keep it for ``cited``.

    They get to see ids and nothing else. Each is asked about a paper once in three months, and only
    where those before it knew of no references. One that fails is asked again in the next cycle.

    Args:
        catalogues: The one that is asked first is first.
        own: The papers that count; those that were added last are asked about first.
        store: Keeps what came, and that nothing did.
        now: When this is.

    Returns:
        The catalogues that failed.

    Raises:
        StoreError: If the store cannot be used.
    """
    memory = store.memory(OWNER)
    left = [_Asked.of(item.paper, memory) for item in _latest(own) if _ids(item.paper)]
    failures: dict[str, Failure] = {}
    for catalogue in catalogues:
        due = [one for one in left if one.is_due(catalogue.name, now)][:AT_ONCE]
        for one in _answered(catalogue, due, now, failures):
            one.remember(memory)
    return tuple(failures.values())


@dataclass(slots=True, eq=False)
class _Asked:
    """What catalogues have said of what one of the reader's papers cites.

    Attributes:
        asked: When each was asked.
        cites: What they named.
        ids: What they call the paper themselves: so some name what another paper cites.
    """

    paper: Paper
    asked: dict[str, datetime] = field(default_factory=dict)
    cites: tuple[PaperId, ...] = ()
    ids: tuple[PaperId, ...] = ()

    @classmethod
    def of(cls, paper: Paper, memory: Memory) -> "_Asked":
        try:
            told = json.loads(memory.get(_name(paper), "{}"))
            asked = {by: datetime.fromisoformat(at) for by, at in told.get("asked", {}).items()}
            cites, ids = (tuple(map(_id, told.get(name, ()))) for name in ("cites", "ids"))
            return cls(paper, asked, cites, ids)
        except (ValueError, TypeError, AttributeError):
            # Damaged, it says nothing, and the paper is asked about again.
            return cls(paper)

    def is_due(self, catalogue: str, now: datetime) -> bool:
        if self.cites:
            # Asked again, whoever knew them tells what it has learnt since.
            return catalogue in self.asked and abs(now - self.asked[catalogue]) >= _LASTING
        at = self.asked.get(catalogue)
        # A clock that was wrong once keeps nobody from being asked.
        return at is None or abs(now - at) >= PATIENCE

    def remember(self, memory: Memory) -> None:
        asked = {by: at.isoformat() for by, at in self.asked.items()}
        # ``at`` is by what the store's housekeeping forgets it.
        kept: dict[str, Any] = {"at": max(asked.values()), "asked": asked}
        named = {"cites": list(map(str, self.cites)), "ids": list(map(str, self.ids))}
        memory[_name(self.paper)] = json.dumps({**kept, **named})


def _answered(
    catalogue: Catalogue, due: Sequence[_Asked], now: datetime, failures: dict[str, Failure]
) -> Sequence[_Asked]:
    """Those of which a catalogue has said now what it knows; where it fails, what came of it."""
    answered: dict[_Asked, None] = {}
    if not due:
        return ()
    with reported(catalogue, failures):
        for row, entry in said(catalogue, [_nameless(one.paper) for one in due]):
            # What bears its id may be another paper all the same: ids are mistyped.
            if confidence(due[row].paper, entry) == CERTAIN:
                due[row].cites = unique((*due[row].cites, *entry.references))
                own = (one for one in entry.ids if one.scheme in _OF_CATALOGUES)
                due[row].ids = unique((*due[row].ids, *own))
                answered[due[row]] = None
    found = due if catalogue.name not in failures else [*answered]
    for one in found:
        one.asked[catalogue.name] = now
    return found


def _id(text: str) -> PaperId:
    # They were written in the one spelling; of a large library they are a hundred thousand.
    scheme, _, value = text.partition(":")
    return PaperId(Scheme(scheme), value)


def _nameless(paper: Paper) -> Paper:
    """What is shown of a paper of the reader's: its ids."""
    ids = _ids(paper)
    return Paper(title=f"{UNTITLED} [{ids[0]}]", ids=ids)


def _ids(paper: Paper) -> tuple[PaperId, ...]:
    # That of a book is its chapters', too.
    return tuple(one for one in paper.ids if one.scheme is not Scheme.ISBN)


def _name(paper: Paper) -> str:
    return f"cites {work_name(_ids(paper)[0])}"


def _latest(library: Library) -> list[Item]:
    """The papers that are not in the trash, those that were added last first."""
    live = (item for item in library.items if not item.trashed)
    return sorted(live, key=lambda item: item.added_at or _NEVER, reverse=True)


def _with_references(item: Item, memory: Memory) -> Item:
    paper = item.paper
    told = _Asked.of(paper, memory) if _ids(paper) else _Asked(paper)
    if not (told.cites or told.ids):
        return item
    # As they are, they are in their order.
    references = unique((*paper.references, *told.cites)) if paper.references else told.cites
    ids = unique((*paper.ids, *told.ids))
    return replace(item, paper=replace(paper, ids=ids, references=references))
