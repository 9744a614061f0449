"""What reading costs: little for what is new, and next to nothing for what is not."""

import pytest

from benchmarks import ingest, texts

N_FEEDS = 4


def test_what_did_not_change_costs_one_conditional_request_for_each_feed() -> None:
    first, again = ingest.costs(texts.papers(200, 0), N_FEEDS)
    assert (first.new, first.unchanged, first.requests) == (200, 0, N_FEEDS)
    assert (again.new, again.unchanged, again.requests) == (0, N_FEEDS, N_FEEDS)


@pytest.mark.slow
def test_ten_thousand_papers_are_read_within_a_small_memory() -> None:
    first, again = ingest.costs(texts.papers(10_000, 0), N_FEEDS)
    assert first.new == 10_000
    assert first.memory < 300
    # Parsing alone takes several times what all of the second reading does.
    assert again.cpu < first.cpu / 3
