"""All sources are asked at once, and none of them keeps the others from being read."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from threading import Barrier, Event

import pytest

from recommender.cycle import asking
from recommender.cycle.asking import Asked, asked
from recommender.errors import TransientError
from recommender.listings import Listing
from recommender.papers import Skipped
from recommender.ports import NOTHING_KNOWN
from recommender.store import Store
from recommender.testing.models import listed_on, paper_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW

MOMENT = timedelta(seconds=0.2)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as store:
        yield store


def titles(found: Asked) -> list[str]:
    return [entry.paper.title for page in found.listings for entry in page.papers]


class Waiting(FakeSource):
    """Gives its first page at once, and the others when it may."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.may_go_on = Event()
        self.is_done = Event()

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        try:
            for number, page in enumerate(super().listings(since, known)):
                if number:
                    self.may_go_on.wait()
                yield page
        finally:
            self.is_done.set()


class Meeting(FakeSource):
    """Gives nothing before all others are asked, too."""

    def __init__(self, name: str, barrier: Barrier) -> None:
        super().__init__(name)
        self.barrier = barrier

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        self.barrier.wait(timeout=10)
        yield from super().listings(since, known)


def test_all_are_asked_at_once_and_come_in_the_order_of_the_config(store: Store) -> None:
    barrier = Barrier(3)
    sources = [Meeting(name, barrier) for name in ("c", "a", "b")]
    for number, source in enumerate(sources):
        source.publish(paper_on("bees", number))
    found = asked(sources, store, NOW)
    assert [page.source for page in found.listings] == ["c", "a", "b"]
    assert [one.source for one in found.sources] == ["c", "a", "b"]


def test_one_down_one_broken_and_one_slow_keep_nobody_else_back(store: Store) -> None:
    down, broken, slow, well = (
        FakeSource("down"),
        FakeSource("broken"),
        Waiting("slow"),
        FakeSource(),
    )
    down.failure = TransientError("down", "down: cannot be reached; try again later")
    broken.publish(skipped=[Skipped("record 1", "is no paper")])
    slow.publish(paper_on("verse", 1), at=NOW - timedelta(days=2))
    slow.publish(paper_on("verse", 2), at=NOW - timedelta(days=1))
    well.publish(*listed_on("bees"))
    found = asked([down, broken, slow, well], store, NOW, longest=MOMENT)
    slow.may_go_on.set()
    assert len(titles(found)) == 1 + len(listed_on("bees"))
    assert [failure.where for failure in found.failures] == ["down", "broken", "slow"]
    assert "took longer than" in str(found.failures[-1].error)
    assert isinstance(found.failures[-1].error, TransientError)
    # What came in time is saved, and the rest comes next time.
    assert store.watermark("slow") == NOW - timedelta(days=2)
    again = asked([slow], store, TOMORROW)
    assert store.watermark("slow") == NOW - timedelta(days=1)
    assert [record.n_new for record in again.sources] == [1]


def test_a_source_that_was_given_up_ends_at_its_next_page(store: Store) -> None:
    slow = Waiting("slow")
    for day in range(3):
        slow.publish(paper_on("verse", day), at=NOW - timedelta(days=3 - day))
    found = asked([slow], store, NOW, longest=MOMENT)
    slow.may_go_on.set()
    assert slow.is_done.wait(10)
    assert len(titles(found)) == 1


def test_what_is_told_of_a_source_adds_up(store: Store) -> None:
    source = FakeSource()
    source.publish(paper_on("bees", 1), paper_on("bees", 2), name="a", mark="1")
    source.publish(paper_on("bees", 2), name="b", skipped=[Skipped("record 2", "has no title")])
    [first] = asked([source], store, NOW).sources
    assert (first.n_pages, first.n_papers, first.n_new, first.n_broken) == (2, 3, 2, 1)
    assert first.error is None
    [second] = asked([source], store, TOMORROW).sources
    assert (second.n_pages, second.n_unchanged, second.n_papers, second.n_new) == (2, 1, 1, 0)
    assert (first.n_first, first.news_at) == (2, NOW)
    assert (second.n_first, second.news_at) == (0, NOW)
    assert second.told()["error"] == ""
    assert {"pages": 2, "papers": 1, "new": 0, "known": 1, "broken": 1}.items() <= (
        second.told().items()
    )


def test_news_of_a_source_are_what_it_lists_first_whoever_else_listed_it(store: Store) -> None:
    first, second = FakeSource("first"), FakeSource("second")
    first.publish(paper_on("bees", 1), name="a")
    second.publish(paper_on("bees", 1), paper_on("bees", 1), name="a")
    one, other = asked([first, second], store, NOW).sources
    assert [(told.n_new, told.n_first) for told in (one, other)] == [(1, 1), (0, 1)]
    second.publish(paper_on("bees", 2), name="b")
    first.publish(paper_on("bees", 2), name="b")
    # Of another profile, which asks the same sources a little later, the news are the same.
    for now, n_first in ((TOMORROW, 1), (TOMORROW + MOMENT, 0)):
        told = asked([first, second], store, now).sources
        assert [(one.n_first, one.news_at) for one in told] == [(n_first, TOMORROW)] * 2
    first.publish(paper_on("bees", 3), name="c")
    asked([first, second], store, TOMORROW)
    second.publish(paper_on("bees", 3), name="c")
    later = TOMORROW + timedelta(days=1)
    told = asked([first, second], store, later).sources
    assert [(one.n_new, one.n_first) for one in told] == [(0, 0), (0, 1)]
    assert [one.news_at for one in told] == [TOMORROW, later]


def n_unchanged(source: FakeSource, store: Store) -> int:
    [told] = asked([source], store, NOW).sources
    return told.n_unchanged


def test_a_page_that_broke_off_is_read_until_it_is_whole(store: Store) -> None:
    source = FakeSource()
    cut = Skipped("line 9", "breaks off")
    source.publish(paper_on("bees", 1), name="a", mark="1", skipped=[cut])
    assert n_unchanged(source, store) == 0
    source.pages.clear()
    source.publish(paper_on("bees", 1), paper_on("bees", 2), name="a", mark="1")
    [told] = asked([source], store, TOMORROW).sources
    assert (told.n_unchanged, told.n_new) == (0, 1)
    assert n_unchanged(source, store) == 1


def test_of_a_page_that_broke_off_the_mark_is_forgotten_that_it_had(store: Store) -> None:
    source = FakeSource()
    source.publish(paper_on("bees", 1), name="a", mark="1")
    asked([source], store, NOW)
    source.pages.clear()
    source.publish(paper_on("bees", 2), name="a", mark="2", skipped=[Skipped("line 9", "is cut")])
    asked([source], store, NOW)
    assert store.marks("fake") == {"a": ""}


def test_what_was_read_by_older_parsers_is_read_once_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource()
    source.publish(paper_on("bees", 1), name="a", mark="1")
    assert [n_unchanged(source, store) for _ in range(2)] == [0, 1]
    monkeypatch.setattr(asking, "_READ", "a newer version ")
    # What they called it means nothing to a source.
    assert asking._known(store, "fake") == {}
    assert [n_unchanged(source, store) for _ in range(2)] == [0, 1]


def test_a_page_of_which_no_paper_is_left_is_read_again(store: Store) -> None:
    source = FakeSource()
    source.publish(paper_on("bees", 1), name="a", mark="1")
    assert [n_unchanged(source, store) for _ in range(2)] == [0, 1]
    with store._database.writing() as connection:
        connection.execute("DELETE FROM papers")
    assert n_unchanged(source, store) == 0
    assert store.n_candidates() == 1


def test_a_page_of_which_nothing_could_be_read_is_read_again(store: Store) -> None:
    source = FakeSource()
    source.publish(name="a", mark="1", skipped=[Skipped("record 1", "is no paper")])
    for now in (NOW, TOMORROW):
        [told] = asked([source], store, now).sources
        assert told.error
        assert not told.n_unchanged


def test_a_mark_counts_only_once_the_rows_are_saved(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource()
    source.publish(paper_on("bees", 1), name="a", mark="1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("recommender.store.listed.ListedPapers._save", killed)
        with pytest.raises(KeyboardInterrupt):
            asked([source], store, NOW)
    assert store.marks("fake") == {}
    assert [one.n_new for one in asked([source], store, NOW).sources] == [1]
    assert n_unchanged(source, store) == 1
