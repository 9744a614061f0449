"""The last replay's report, kept for the page."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recommender.store import Store

_OWNER = "evaluation"
_FORM = 1  # of the report; one of another form is none


def keep(store: Store, profile: str, report: Mapping[str, Any], at: datetime) -> None:
    """Keep what a replay found, in place of the last one.

    Args:
        store: Keeps it.
        profile: The profile's name.
        report: What ``shelfwise evaluate --json`` prints.
        at: When it was made.

    Raises:
        StoreError: If the store's file cannot be written.
    """
    told = {"form": _FORM, "at": at.isoformat(), "report": report}
    store.memory(_OWNER)[profile] = json.dumps(told)


def last(store: Store, profile: str) -> tuple[Mapping[str, Any], datetime] | None:
    """The last report and when it was made; None without one that this version wrote.

    Raises:
        StoreError: If the store's file cannot be read.
    """
    kept = json.loads(store.memory(_OWNER).get(profile, "{}"))
    if kept.get("form") != _FORM:
        return None
    return kept["report"], datetime.fromisoformat(kept["at"])
