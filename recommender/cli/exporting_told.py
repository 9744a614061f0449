"""What of an export went to others: digests, summaries, and what catalogues were asked."""

import json
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from recommender.cycle.enriching import OWNER
from recommender.cycle.telling import stopped
from recommender.store import Store
from recommender.store.editions import Given

_CITES = "cites "  # what ``cycle.citing`` remembers by


def digest(store: Store, profile: str) -> dict[str, Any]:
    """What each channel of a profile was given, by its name; no address that gives an answer.

    Raises:
        StoreError: If the store cannot be read.
    """
    given = store.given(profile)
    silent = set(stopped(store, profile))
    return {
        name: {
            "stopped": name in silent,
            "told": sorted(store.told(profile, name)),
            "editions": [_edition(one) for one in given if one.channel == name],
        }
        for name in sorted(silent | {one.channel for one in given})
    }


def _edition(one: Given) -> dict[str, Any]:
    edition = one.edition
    return {
        "id": edition.edition_id,
        "made_at": edition.at.isoformat(),
        "sent": one.is_sent,
        "suggestions": [
            {
                "id": told.suggestion.suggestion_id,
                "title": told.suggestion.paper.title,
                "sentence": told.gist,
                "written_by": told.gist_by,
            }
            for told in edition.told
        ],
        "looked": edition.looked,
        "quiet": edition.quiet,
        "alarms": list(edition.alarms),
    }


def said(store: Store) -> Mapping[str, list[dict[str, str]]]:
    """What models said of papers, by the digest of the paper's text.

    Raises:
        StoreError: If the store cannot be read.
    """
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in store.said_of_papers():
        told = {"model": one.model, "language": one.language, "text": one.summary}
        found[one.content].append(told)
    return found


def asked(store: Store) -> dict[str, Any]:
    """What catalogues were asked about own papers, and what they named, by the paper's id.

    Raises:
        StoreError: If the store cannot be read.
    """
    found = {}
    for name, note in store.memory(OWNER).items():
        if name.startswith(_CITES):
            # Damaged, it says nothing.
            with suppress(ValueError):
                found[name.removeprefix(_CITES)] = json.loads(note)
    return found
