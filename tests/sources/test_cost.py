"""What reading costs: little for what is new, and next to nothing for what is not."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

# The benchmarks are in no wheel. Last, so that an installed program is tested rather than the tree.
sys.path.append(str(Path(__file__).parent.parent.parent))

from benchmarks import ingest, texts
from recommender.cycle.asking import asked
from recommender.identity import names
from recommender.papers import Paper
from recommender.store import Store, rows
from recommender.testing.sources import FakeSource

N_FEEDS = 4


def test_what_did_not_change_costs_one_conditional_request_for_each_feed() -> None:
    first, again = ingest.costs(texts.papers(200, 0), N_FEEDS)
    assert (first.new, first.unchanged, first.requests) == (200, 0, N_FEEDS)
    assert (again.new, again.unchanged, again.requests) == (0, N_FEEDS, N_FEEDS)


def test_what_is_known_is_read_back_once_when_it_is_listed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = FakeSource()
    source.publish(*(Paper(title=f"How gulls of kind {n} flock") for n in range(50)), votes=1)
    n_read = 0
    versions_of = rows.versions_of

    def counted(text: str) -> tuple[Paper, ...]:
        nonlocal n_read
        n_read += 1
        return versions_of(text)

    monkeypatch.setattr(rows, "versions_of", counted)
    with Store.open(None) as store:
        asked([source], store, NOW)
        assert (n_read, store.n_candidates()) == (0, 50)
        asked([source], store, NOW)
        assert n_read == 50
        # Where there is something to add, be it a place or a word, it is added.
        paper = Paper(title="How gulls of kind 7 flock")
        for venue, votes, place in (("", 1, (1, 1)), ("", 5, (1, 5)), ("Gulls", 2, (1, 5))):
            source.pages.clear()
            source.publish(replace(paper, venue=venue), name="page 1", votes=votes)
            asked([source], store, NOW)
            [found] = store.candidates_named(names(paper))
            assert found.paper.venue == venue
            assert [(one.position, one.votes) for one in found.provenance] == [place]


NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.slow
def test_ten_thousand_papers_are_read_within_a_small_memory() -> None:
    first, again = ingest.costs(texts.papers(10_000, 0), N_FEEDS)
    assert first.new == 10_000
    assert first.memory < 300
    # Parsing alone takes several times what all of the second reading does.
    assert again.cpu < first.cpu / 3
