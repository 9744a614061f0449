"""``shelfwise export [FILE]``: everything that is known of the reader, to be read."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from recommender import config
from recommender.cli import exporting_told, opening, output, pausing, telling
from recommender.config import Settings
from recommender.errors import ConfigError
from recommender.guidance import Pinned
from recommender.library import Item, Library
from recommender.model.judging import content_of
from recommender.private_files import replace_privately
from recommender.store import CycleRecord, Store
from recommender.suggestions import Shown


def run(file: Path | None, config_file: Path | None, profile: str = "") -> int:
    """Write all that is known of each profile's reader as JSON, but no key.

    Args:
        file: For its owner's eyes alone; None for stdout.
        config_file: Another than the usual one.
        profile: The only one that is meant; empty for all.

    Raises:
        RecommenderError: If the file is there already, or the settings or the store cannot be used.
    """
    if file and file.exists():
        raise ConfigError(f"{file}: is there already; name another file")
    now = datetime.now(UTC)
    profiles = config.read_all(config_file, profile)
    with opening.own_store(profiles[0]) as store:
        answer = {
            "made_at": now.isoformat(),
            "profiles": {one.name: _known(one, store, now) for one in profiles},
            # Nobody wrote down whose papers these are.
            "asked_of_catalogues": exporting_told.asked(store),
        }
    if file is None:
        output.json_text(answer)
        return 0
    text = json.dumps(answer, ensure_ascii=False, indent=2)
    replace_privately(file.expanduser().resolve(), text.encode("utf-8", "replace") + b"\n")
    print(telling.on_one_line(f"wrote {file}"), file=sys.stderr)
    return 0


def _known(settings: Settings, store: Store, now: datetime) -> dict[str, Any]:
    name = settings.name
    shown = store.shown(name)
    since = store.states_since(name)
    paused = pausing.paused_until(store, name, now)
    library = opening.last_read(settings, store)
    said = exporting_told.said(store)
    return {
        "settings": without_keys(settings.model_dump(mode="json")),
        "paused_until": paused.isoformat() if paused else None,
        "library": _library(library),
        "interests": _interests(shown),
        "made_of_interests": _pins(store.pins(name), library),
        "weights": store.tuned_weights(name),
        "suggestions": [
            {
                **_suggestion(one, since[one.suggestion.suggestion_id]),
                "summaries": said.get(content_of(one.suggestion.paper).hex(), []),
            }
            for one in shown
        ],
        "digest": exporting_told.digest(store, name),
        "runs": [_run(one) for one in store.last_cycles(name, _ALL)],
    }


_ALL = 1_000_000


def without_keys(value: Any) -> Any:
    """Settings without what gives access: no place of a key, no heartbeat, and bare addresses."""
    if isinstance(value, Mapping):
        kept = ((name, one) for name, one in value.items() if name not in {"key", "heartbeat"})
        return {name: without_keys(one) for name, one in kept}
    if isinstance(value, list | tuple):
        return [without_keys(one) for one in value]
    return _bare(value) if isinstance(value, str) else value


def _bare(text: str) -> str:
    """An address without a password and without what is asked there; other text as it is."""
    if not text.lower().startswith(("http://", "https://")):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _library(library: Library) -> dict[str, Any]:
    paths = library.paths()
    papers = [_item(item, paths) for item in library.items]
    return {
        "entries": library.n_entries,
        "papers": len(papers),
        "collections": dict(Counter(path for one in papers for path in one["collections"])),
        "tags": dict(Counter(tag for one in papers for tag in one["tags"])),
        "items": papers,
    }


def _item(item: Item, paths: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": item.paper.title,
        "ids": [str(one) for one in item.paper.ids],
        "collections": [paths[key] for key in item.collections if key in paths],
        "tags": [tag.name for tag in item.tags],
        "added_at": item.added_at.isoformat() if item.added_at else None,
        "trashed": item.trashed,
    }


def _interests(shown: Sequence[Shown]) -> dict[str, dict[str, int]]:
    """How many suggestions for each interest are in which state."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in shown:
        found[one.suggestion.interest][one.state.value] += 1
    return {name: dict(states) for name, states in found.items() if name}


def _pins(pins: Sequence[Pinned], library: Library) -> list[dict[str, Any]]:
    """What the reader made of single interests, with the papers that each is known by."""
    titles = {item.key: item.paper.title for item in library.items}
    return [
        {"name": p.called, "factor": p.factor, "papers": [titles.get(k, k) for k in p.keys]}
        for p in pins
    ]


def _suggestion(one: Shown, since: datetime) -> dict[str, Any]:
    suggestion = one.suggestion
    return {
        "id": suggestion.suggestion_id,
        "title": suggestion.paper.title,
        "ids": [str(paper_id) for paper_id in suggestion.paper.ids],
        "suggested_at": suggestion.suggested_at.isoformat(),
        "delivered_at": one.delivered_at.isoformat() if one.delivered_at else None,
        "state": one.state.value,
        "since": since.isoformat(),
        "verdict": one.verdict.value if one.verdict else None,
        "score": suggestion.score,
        "interest": suggestion.interest,
        "followed": suggestion.followed,
        "source": suggestion.source,
        "reasons": [
            {"kind": reason.kind.value, "text": reason.text, "share": reason.share}
            for reason in suggestion.reasons
        ],
    }


def _run(one: CycleRecord) -> dict[str, Any]:
    return {
        "started_at": one.started_at.isoformat(),
        "finished_at": one.finished_at.isoformat(),
        **one.record,
    }
