"""A small library, a small page, a fixed clock and seed: exactly what is chosen, and why.

``--update-golden`` rewrites the expected file; the review reads the difference.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.files.library import FileLibrary
from integrations.sources.files import FileSource
from recommender import cycle, records
from recommender.model.hybrid import HybridScorer
from recommender.selection import Wishes
from recommender.store import Store

_HERE = Path(__file__).parent
_EXPECTED = _HERE / "expected.json"


@pytest.fixture(scope="module")
def record() -> records.Record:
    profile = cycle.Profile(
        name="golden",
        libraries=[FileLibrary(str(_HERE / "library.bib"))],
        sources=[FileSource(str(_HERE / "listing.jsonl"))],
        wishes=Wishes(limit=6),
    )
    with Store.open(None) as store:
        return cycle.run(profile, HybridScorer(), store, now=datetime(2026, 3, 2, tzinfo=UTC))


def told(record: records.Record) -> object:
    return {
        "suggestions": [
            {
                "rank": s.rank,
                "title": s.paper.title,
                "score": round(s.score, 4),
                "interest": s.interest,
                "exploring": s.exploring,
                "reasons": [[r.kind.value, round(r.share, 4), r.text] for r in s.reasons],
            }
            for s in record.suggestions
        ],
        "excluded": dict(sorted(record.excluded.items())),
        "summary": {name: round(value, 4) for name, value in record.summary.items()},
    }


def assert_alike(found: object, expected: object) -> None:
    """Equal, but for the last digit of numbers, in which processors differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_alike(found[key], value)
    elif isinstance(expected, list) and isinstance(found, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=2e-4)
    else:
        assert found == expected


def test_what_is_chosen_and_why_has_not_changed(
    record: records.Record, update_golden: bool
) -> None:
    found = told(record)
    if update_golden:
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        _EXPECTED.write_text(text, encoding="utf-8")
    assert_alike(found, json.loads(_EXPECTED.read_text(encoding="utf-8")))


def test_the_golden_run_shows_every_part_but_those_without_evidence(record: records.Record) -> None:
    kinds = {reason.kind.value for s in record.suggestions for reason in s.reasons}
    assert kinds == {"paper", "library", "contrast", "terms", "authors", "venue"}
    assert record.summary["tastes"] == 0
