"""Counts of terms that outlive a run."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender.cycle.stored_counts import StoredCounts
from recommender.model.judging import content_of
from recommender.model.saved import VERSION
from recommender.model.text import count_matrix
from recommender.papers import Paper
from recommender.store import Store
from recommender.testing.models import listed_on, paper_on
from tests.unit.cycle.worlds import NOW

PAPERS = [*listed_on("bees", "verse"), Paper(title="???"), paper_on("bees", 1000)]


class Watched:
    """Counts, and remembers what it was asked to count."""

    def __init__(self) -> None:
        self.asked: list[Paper] = []

    def __call__(self, papers: Sequence[Paper]) -> sparse.csr_matrix:
        self.asked += papers
        return count_matrix(papers)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def assert_same(found: sparse.csr_matrix, wanted: sparse.csr_matrix) -> None:
    assert found.shape == wanted.shape
    assert found.has_canonical_format
    for one, other in zip(
        (found.data, found.indices, found.indptr),
        (wanted.data, wanted.indices, wanted.indptr),
        strict=True,
    ):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


def test_counts_are_those_of_the_text_the_first_time_and_the_next(
    store: Store, watched: Watched
) -> None:
    for _ in range(2):
        # As in another run: what is kept is in the store.
        assert_same(StoredCounts(store, NOW, watched)(PAPERS), count_matrix(PAPERS))
    assert sorted(p.title for p in watched.asked) == sorted({p.title for p in PAPERS})


def test_no_papers_have_no_counts(store: Store, watched: Watched) -> None:
    assert_same(StoredCounts(store, NOW, watched)([]), count_matrix([]))
    assert watched.asked == []


WORDS = st.sampled_from(["bee", "hive", "verse", "?", "GPT-4", "蜜蜂花", "a bee", "\ud800", ""])


@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=6), st.integers(0, 6))
def test_it_does_not_matter_what_was_counted_before(texts: list[str], n: int) -> None:
    papers = [Paper(title="On " + text, abstract=text * 3) for text in texts]
    with Store.open(None) as store:
        counts = StoredCounts(store, NOW)
        counts(papers[:n])
        assert_same(counts(papers), count_matrix(papers))


@pytest.mark.parametrize("damage", [b"", b"xyz", b"\0" * 10, b"\0" * 4 + b"\x01\0\0\0\x01\0"])
def test_a_damaged_row_is_counted_again(store: Store, watched: Watched, damage: bytes) -> None:
    StoredCounts(store, NOW)(PAPERS)
    spoilt = PAPERS[0]
    store.save_counts(VERSION, {content_of(spoilt): damage}, at=NOW)
    assert_same(StoredCounts(store, NOW, watched)(PAPERS), count_matrix(PAPERS))
    assert watched.asked == [spoilt]
    StoredCounts(store, NOW, watched)(PAPERS)
    assert watched.asked == [spoilt]


def test_a_flipped_bit_does_not_go_unnoticed(store: Store, watched: Watched) -> None:
    StoredCounts(store, NOW)(PAPERS[:1])
    content = content_of(PAPERS[0])
    whole = store.counts(VERSION, [content])[content]
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 4
        store.save_counts(VERSION, {content: bytes(flipped)}, at=NOW)
        assert_same(StoredCounts(store, NOW, watched)(PAPERS[:1]), count_matrix(PAPERS[:1]))
    assert watched.asked == PAPERS[:1] * len(whole)


def test_a_word_that_stands_more_often_than_a_row_can_say_is_counted_each_time(
    store: Store, watched: Watched
) -> None:
    endless = Paper(title="Bee", abstract="bee " * 70_000)
    for _ in range(2):
        assert_same(StoredCounts(store, NOW, watched)([endless]), count_matrix([endless]))
    assert watched.asked == [endless] * 2


def test_what_is_used_stays_and_what_is_not_goes(store: Store, watched: Watched) -> None:
    used, unused = PAPERS[:2]
    StoredCounts(store, NOW)([used, unused])
    later = NOW + timedelta(days=60)
    StoredCounts(store, later)([used])
    store.prune_counts(NOW + timedelta(days=1))
    StoredCounts(store, later, watched)([used, unused])
    assert watched.asked == [unused]


def test_a_row_is_written_once_and_marked_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[tuple[int, int]] = []
    save = store.save_counts

    def saving(version: int, counts: dict[bytes, bytes], **more: object) -> None:
        used = more["used"]
        assert isinstance(used, set)
        writes.append((len(counts), len(used)))
        save(version, counts, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "save_counts", saving)
    counts = StoredCounts(store, NOW)
    for some in (PAPERS[:4], PAPERS[:4], PAPERS[2:6], PAPERS[:6]):
        counts(some)
    assert writes == [(4, 0), (2, 0)]
    StoredCounts(store, NOW)(PAPERS[:6])
    assert writes == [(4, 0), (2, 0), (0, 6)]


def test_a_row_is_small(store: Store) -> None:
    StoredCounts(store, NOW)(PAPERS)
    rows = store.counts(VERSION, map(content_of, PAPERS)).values()
    n_terms = int(np.diff(count_matrix(dict.fromkeys(PAPERS)).indptr).sum())
    assert sum(map(len, rows)) == 6 * n_terms + 4 * len(rows)
