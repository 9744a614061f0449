"""What the store keeps and what it lets go, and that nothing of it shows in what is suggested."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recommender import cycle
from recommender.cycle.asking import asked
from recommender.identifiers import PaperId, Scheme
from recommender.listings import Listed, Listing
from recommender.papers import Author, Paper
from recommender.selection import Wishes
from recommender.store import Store
from recommender.store.housekeeping import KEPT_RUNS, UNUSED, Tidied
from recommender.suggestions import Receipt, Suggestion, Verdict
from recommender.testing.libraries import FakeLibrary
from recommender.testing.models import library_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, run

YEAR = timedelta(days=365)
MONTH = timedelta(days=30)


def tidied(store: Store, now: datetime, *, listed: timedelta = YEAR) -> Tidied:
    return store.tidy(now, runs=YEAR, listed=listed)


def save(store: Store, at: datetime, *pages: Listing) -> None:
    """Save pages as a cycle does."""
    source = FakeSource()
    for page in pages:
        source.publish(*(one.paper for one in page.papers), name=page.name, mark=page.mark)
    asked([source], store, at)


def page(name: str, *papers: Paper, mark: str = "") -> Listing:
    listed = tuple(Listed(position=n, paper=one) for n, one in enumerate(papers, 1))
    return Listing(source="fake", name=name, papers=listed, mark=mark)


def titles(store: Store) -> set[str]:
    return {one.paper.title for one in store.candidates()}


ONE, OTHER, THIRD = (paper_on("bees", n) for n in range(3))


def test_a_paper_goes_a_year_after_it_was_listed_last(store: Store) -> None:
    save(store, NOW, page("monday", ONE, OTHER))
    save(store, NOW + MONTH, page("top", OTHER))
    assert tidied(store, NOW + YEAR).n_papers == 0
    assert tidied(store, NOW + YEAR + MONTH).n_papers == 1
    assert titles(store) == {OTHER.title}
    assert tidied(store, NOW + YEAR + 2 * MONTH) == Tidied(n_papers=1)
    assert titles(store) == set()


def test_a_page_that_comes_as_it_was_lists_what_was_on_it_last(store: Store) -> None:
    save(store, NOW, page("top", ONE, OTHER, mark="1"))
    save(store, NOW + MONTH, page("top", OTHER, mark="2"))
    save(store, NOW + YEAR, page("top", OTHER, mark="2"))
    assert tidied(store, NOW + YEAR + 2 * MONTH).n_papers == 1
    assert titles(store) == {OTHER.title}


def test_a_page_that_comes_back_as_it_was_is_read_again(store: Store) -> None:
    save(store, NOW, page("top", ONE, mark="1"))
    later = NOW + YEAR + MONTH
    assert tidied(store, later).n_papers == 1
    assert store.marks("fake") == {}
    save(store, later, page("top", ONE, mark="1"))
    assert titles(store) == {ONE.title}


def test_what_was_joined_keeps_when_it_was_seen_last(store: Store) -> None:
    doi, arxiv = PaperId.of(Scheme.DOI, "10.1000/x"), PaperId.of(Scheme.ARXIV, "2401.00001")
    who = (Author("Ode", "Ada"),)
    preprint = Paper(title="A title of four words", authors=who, ids=(arxiv,))
    published = replace(preprint, ids=(doi, arxiv))
    save(store, NOW, page("old", preprint))
    save(store, NOW + MONTH, page("new", published))
    assert tidied(store, NOW + YEAR + timedelta(days=1)).n_papers == 0
    assert tidied(store, NOW + YEAR + 2 * MONTH).n_papers == 1


def test_many_papers_go_little_by_little(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.store.housekeeping._MOST", 5)
    monkeypatch.setattr("recommender.store.housekeeping._AT_ONCE", 2)
    papers = [paper_on("bees", n) for n in range(12)]
    save(store, NOW, page("monday", *papers))
    later = NOW + 2 * YEAR
    found = [tidied(store, later) for _ in range(4)]
    assert [(one.n_papers, one.n_left) for one in found] == [(5, 7), (5, 2), (2, 0), (0, 0)]


def test_old_runs_go_but_the_last_hundred_of_each_profile(store: Store) -> None:
    days = [NOW + timedelta(days=n) for n in range(300)]
    for day in days:
        store.record_cycle("ada", day, day, {})
    for day in days[:KEPT_RUNS]:
        store.record_cycle("bo", day, day, {})
    end = days[-1]
    found = store.tidy(end, runs=timedelta(days=150), listed=YEAR)
    assert found.n_runs == 149
    assert [one.started_at for one in store.last_cycles("ada", 999)] == days[:148:-1]
    assert len(store.last_cycles("bo", 999)) == KEPT_RUNS
    assert store.tidy(end + 9 * YEAR, runs=timedelta(days=1), listed=YEAR).n_runs == 51


def test_what_can_be_made_again_goes_when_nobody_asks_for_it(store: Store) -> None:
    store.save_counts(1, {b"old": b"x", b"new": b"x"}, at=NOW)
    store.save_meanings("e", {b"old": b"x"}, at=NOW)
    store.save_counts(1, {}, at=NOW + MONTH, used=[b"new"])
    tidied(store, NOW + UNUSED + timedelta(days=1))
    assert store.counts(1, [b"old", b"new"]) == {b"new": b"x"}
    assert store.meanings("e", [b"old"]) == {}


def test_what_catalogues_said_goes_after_a_year_and_other_memories_stay(store: Store) -> None:
    memory, others = store.memory("enriching"), store.memory("zotero")
    for name, at in (("old", NOW), ("new", NOW + MONTH)):
        memory[name] = f'{{"at": "{at.isoformat()}", "by": ""}}'
    memory["broken"] = "{"
    others["shelf"] = '{"at": "1999"}'
    tidied(store, NOW + YEAR + timedelta(days=1))
    assert list(memory) == ["new"]
    assert list(others) == ["shelf"]


def test_the_file_gives_back_room_when_much_is_free(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with Store.open(path) as store:
        store.save_counts(1, {bytes([n]): bytes(100_000) for n in range(100)}, at=NOW)
        tidied(store, NOW + MONTH)
        full = size(path)
        assert full > 10_000_000
        tidied(store, NOW + YEAR)
        assert size(path) < full / 10
        before = size(path)
        store.save_counts(1, {b"x": bytes(1_000_000)}, at=NOW)
        tidied(store, NOW + YEAR)
        # A million bytes are not much.
        assert size(path) > before + 900_000


def size(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        [pages] = raw.execute("PRAGMA page_count").fetchone()
        [each] = raw.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(each)


def test_a_store_of_the_earlier_form_lets_nothing_go_that_still_comes(store: Store) -> None:
    save(store, NOW, page("top", ONE, mark="1"), page("gone", OTHER, mark="1"))
    with store._database.writing() as connection:
        connection.execute("UPDATE listed SET seen_at = ''")
        connection.execute("UPDATE marks SET seen_at = '', read_at = ''")
    later = NOW + 2 * YEAR
    save(store, later, page("top", mark="1"))
    assert tidied(store, later).n_papers == 1
    assert titles(store) == {ONE.title}


def versions(number: int) -> tuple[Paper, Paper, Paper]:
    """A work under a short title, under a longer one, and what shows that they are one."""
    doi = PaperId.of(Scheme.DOI, f"10.1000/waggle.{number}")
    short = replace(paper_on("bees", number), ids=())
    linking = replace(short, ids=(doi,))
    longer = replace(
        linking,
        title=f"What the waggling of foragers tells their sisters, reconsidered {number}",
        abstract=f"{number} years of watching: {short.abstract}, and so on and on.",
    )
    return short, longer, linking


SHORT = [(n, 0) for n in range(6)]


@example(days=[(1, [], Verdict.BAD), (400, [], None), (1, SHORT, None), (1, SHORT, None)])
@settings(max_examples=12)
@given(
    days=st.lists(
        st.tuples(
            st.sampled_from([1, 20, 40, 400]),  # days until then
            st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=6),
            st.sampled_from([None, Verdict.BAD, Verdict.GOOD]),
        ),
        min_size=3,
        max_size=6,
    )
)
def test_what_was_suggested_never_is_again_and_what_was_not_can_be(
    days: Sequence[tuple[int, Sequence[tuple[int, int]], Verdict | None]],
) -> None:
    works = [versions(n) for n in range(6)]
    library, source, shelf = FakeLibrary(), FakeSource(), Counted()
    library.put(*library_on("bees", "verse").items)
    profile = cycle.Profile(
        name="ada",
        libraries=[library],
        sources=[source],
        publishers=[shelf],
        wishes=Wishes(limit=2, threshold=0.0, explore=False, too_similar=2.0),
    )
    now = NOW
    # All versions are known to be one work before any of it goes.
    source.publish(*(version for work in works for version in work), name="all", at=now)
    with Store.open(None) as store:
        run(profile, store, now)
        for n, (wait, listed, verdict) in enumerate(days):
            now += timedelta(days=wait)
            source.publish(*(works[i][version] for i, version in listed), name=f"{n}", at=now)
            run(profile, store, now)
            if verdict:
                first = store.shown("ada")[0].suggestion.suggestion_id
                store.record_verdict(first, verdict, at=now)
            tidied(store, now, listed=MONTH)
        shown = store.shown("ada")
    of_title = {version.title: i for i, work in enumerate(works) for version in work}
    numbers = [of_title[one.suggestion.paper.title] for one in shown]
    assert max(Counter(numbers).values()) == 1
    assert max(shelf.sent.values()) == 1


class Counted(FakePublisher):
    def __init__(self) -> None:
        super().__init__()
        self.sent: Counter[str] = Counter()

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        self.sent.update(one.suggestion_id for one in suggestions)
        return super().publish(suggestions)


def test_a_paper_that_went_and_is_listed_again_is_a_candidate_again(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    source = FakeSource()
    source.publish(*(paper_on("bees", n) for n in range(50, 56)), name="monday", at=NOW)
    profile = replace(profile, sources=[source])
    first = {one.paper.title for one in run(profile, store).suggestions}
    assert len(first) == 4
    later = NOW + YEAR + MONTH
    assert tidied(store, later).n_papers == 2
    assert titles(store) == first
    source.publish(*(paper_on("bees", n) for n in range(50, 56)), name="again", at=later)
    again = run(profile, store, later + timedelta(days=1))
    assert {one.paper.title for one in again.suggestions} == {
        paper_on("bees", n).title for n in range(50, 56)
    } - first
