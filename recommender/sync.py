"""Sync: what of a library must be read again, and what is gone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.library import Changes, Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What brings the known entries up to a library's version.

    Carrying out any part of it, in any order, is safe: the next plan holds the rest. Only
    ``version`` must wait until everything else is done.

    Attributes:
        fetch: The keys to fetch, in the order in which the library named them.
        drop: The known keys that are gone.
        version: What to ask for changes since, once all is done.
        collections: All collections as of that version; they replace the known ones.
    """

    fetch: tuple[str, ...]
    drop: frozenset[str]
    version: str
    collections: tuple[Collection, ...] = ()


def plan(known: Mapping[str, str], changes: Changes) -> SyncPlan:
    """What must be fetched and dropped so that the known entries are the library's.

    An entry whose version is the known one is not fetched again. One that is named both as
    changed and as deleted was added again, so it stays.

    Args:
        known: The version of each entry that was saved, by key; a sync that died half way may
            have left newer ones than the version that was asked for.
        changes: What the library answered.
    """
    gone = known.keys() if changes.complete else known.keys() & changes.deleted
    return SyncPlan(
        fetch=tuple(k for k, version in changes.entries.items() if known.get(k) != version),
        drop=frozenset(gone - changes.entries.keys()),
        version=changes.version,
        collections=changes.collections,
    )
