"""The archive: what is found in it, by the page, and what ten thousand suggestions cost."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import config
from recommender.cli import running
from recommender.page.looking import N_IN_ARCHIVE
from recommender.papers import Author
from recommender.spelling import flattened
from recommender.store import Store
from recommender.store.archive import Standing
from recommender.store.schema import MIGRATIONS
from recommender.suggestions import State, Suggestion, Verdict
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import suggestions
from tests.page.worlds import AT, House
from tests.system.own import Own

N_OLD = 10_000
DEAR = 0.2  # seconds of this process for one page


def titled(number: int, title: str) -> Suggestion:
    one = suggestion_on(number)
    return replace(one, paper=replace(one.paper, title=title, abstract=""))


def found(store: Store, text: str = "", standing: Standing | None = None) -> list[str]:
    shown = store.search("default", text, standing, n=99).shown
    return [one.suggestion.paper.title for one in shown]


def test_a_word_is_found_in_whatever_case_and_accent(house: House) -> None:
    wooded = titled(1, "Über Bäume")
    house.suggest(
        replace(wooded, paper=replace(wooded.paper, authors=(Author("Müller", "Ö."),))),
        titled(2, "概率论 100% proof_of"),
        replace(titled(3, "Third"), paper=replace(suggestion_on(3).paper, title="Third")),
    )
    with house.store() as store:
        assert found(store, "MULLER baume") == ["Über Bäume"]
        assert found(store, "概率") == found(store, "100% _") == ["概率论 100% proof_of"]
        assert found(store, "bees tell way") == ["Third"]
        assert found(store, "journal of") == ["Über Bäume", "概率论 100% proof_of", "Third"]
        assert found(store, "proof nothing") == []
        assert len(found(store, "\ud800 ")) == 0
        assert len(found(store, " \t")) == 3


@settings(max_examples=15)
@given(st.lists(suggestions(), max_size=5, unique_by=lambda one: one.suggestion_id), st.text())
def test_what_is_found_has_the_words(some: list[Suggestion], text: str) -> None:
    with Store.open(None) as store:
        store.add_suggestions("default", some, publishers=(), at=AT)
        told = {
            one.paper.title: flattened(
                "\n".join(
                    [
                        one.paper.title,
                        *map(str, one.paper.authors),
                        one.paper.venue,
                        one.paper.abstract,
                    ]
                )
            )
            for one in some
        }
        for asked in (text, *(word for one in some for word in one.paper.title.split())):
            words = flattened(asked).split()[:20]
            assert sorted(found(store, asked)) == sorted(
                one.paper.title
                for one in some
                if all(word in told[one.paper.title] for word in words)
            )


def test_what_was_said_stands_over_what_became_of_it(house: House) -> None:
    good, bad, kept, passed, forgotten = house.furnish(5)
    with house.store() as store:
        store.record_verdict(good, Verdict.GOOD, at=AT)
        store.record_verdict(bad, Verdict.BAD, at=AT)
        store.record_learnt({kept: State.KEPT, passed: State.EXPIRED, good: State.EXPIRED}, at=AT)
        store.forget_suggestions([forgotten], at=AT)
        assert [len(found(store, "", one)) for one in Standing] == [0, 2, 1, 1]
        assert len(found(store)) == len(store.last_shown("default")) == 4
        assert store.one_shown(forgotten)
        assert store.shown_of([kept, "unknown", good])[0].state is State.KEPT
    assert "2 suggestions found." in house.page("/archive?state=good").text
    assert house.get("/archive?state=lost").status_code == 404


def test_the_latest_come_first_page_by_page(house: House) -> None:
    for back in range(N_IN_ARCHIVE + 2):
        house.suggest(suggestion_on(back + 1), at=AT - timedelta(days=back))
    first = house.page("/archive")
    assert len(first.all("li")) > N_IN_ARCHIVE
    assert f"{N_IN_ARCHIVE + 2} suggestions. " in first.text
    assert first.text.index("part 1a") < first.text.index("part 2a")
    [later] = [link["href"] for link in first.all("a") if link.get("rel") == "next"]
    second = house.page(str(later))
    assert "Page 2 of 2" in second.text
    assert f"part {N_IN_ARCHIVE + 2}a" in second.text
    for wrong in ("0", "-1", "3", "two", "1.0", "²", "9" * 30):
        assert house.get(f"/archive?page={wrong}").status_code == 404


def test_what_is_asked_stays_in_the_form_and_in_the_links(house: House) -> None:
    house.furnish(N_IN_ARCHIVE + 1)
    page = house.page("/archive?q=waggle&state=waiting")
    assert [field["value"] for field in page.all("input")] == ["waggle"]
    assert [one["value"] for one in page.all("option") if "selected" in one] == ["waiting"]
    assert {"rel": "next", "href": "/archive?q=waggle&state=waiting&page=2"} in page.all("a")


def test_a_store_of_before_can_be_searched_too(house: House) -> None:
    house.furnish()
    with closing(sqlite3.connect(house.folder / "kept.db")) as raw:
        raw.executescript("DROP TABLE searched; DROP INDEX archive_in_order;")
        newest = max(version for version, script in MIGRATIONS.items() if "searched" in script)
        raw.execute(f"PRAGMA user_version = {newest - 1}")
    with house.store() as store:
        assert found(store, "part 1a") == ["Waggle dances, part 1a"]


def test_what_is_taken_over_from_a_damaged_store_can_be_searched(house: House) -> None:
    house.furnish()
    with house.store() as store, Store.open(None) as new:
        new.take_over(store.lasting())
        assert found(new, "part 2a") == ["Waggle dances, part 2a"]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A reader of years: ten suggestions a day, each with an abstract of the usual length."""
    folder = tmp_path_factory.mktemp("old")
    own = Own(folder)
    own.settle("[selection]\nthreshold = 1.0")
    running.done(config.read_own(own.file))
    house = House(folder)
    words = [f"word{n}" for n in range(500)]
    with house.store() as store:
        for day in range(N_OLD // 10):
            at: datetime = AT - timedelta(days=day)
            some = []
            for n in range(10):
                one, number = suggestion_on(n + 1), day * 10 + n
                abstract = " ".join(words[(number * 7 + k) % 500] for k in range(200))
                paper = replace(one.paper, title=f"Old dances {number}", abstract=abstract)
                key = f"{number:016x}"
                some.append(replace(one, suggestion_id=key, paper=paper, suggested_at=at))
            store.add_suggestions("default", some, publishers=["feed"], at=at)
    return house


def test_the_interests_of_years_are_drawn_once(old: House) -> None:
    while "is being drawn" in (page := old.page("/interests")).text:
        pass
    assert [one for one in page.all("svg") if one.get("role")]


def cost(act: Callable[[], object]) -> float:
    """What it takes of this process, in seconds; the least of three times."""
    took = []
    for _ in range(3):
        start = time.process_time()
        act()
        took.append(time.process_time() - start)
    return min(took)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/archive",
        "/archive?page=400",
        "/archive?q=dances+9999",
        "/archive?q=word1+word2+word3&page=7",
        "/archive?q=nothing+of+the+kind",
        "/archive?state=waiting&page=200",
        "/archive?state=good",
        f"/suggestions/{77:016x}",
        "/sources",
        "/runs",
        "/evaluation",
        "/interests",
        "/feed.atom",
        "/feed.json",
        "/healthz",
    ],
)
def test_with_ten_thousand_suggestions_every_page_is_quick(old: House, path: str) -> None:
    assert old.get(path).status_code == 200
    assert cost(lambda: old.get(path)) < DEAR


def test_an_answer_among_ten_thousand_is_quick(old: House) -> None:
    path = f"/suggestions/{4321:016x}/answer"
    said = iter(["good", "bad", "good", "bad"])
    assert cost(lambda: old.post(path, {"answer": next(said)})) < DEAR


def test_the_archive_of_years_is_whole(old: House, tmp_path: Path) -> None:
    assert "Page 400 of 400" in old.page("/archive?page=400").text
    assert "10,000 suggestions." in old.page("/archive").text
    assert "1 suggestion found." in old.page("/archive?q=dances+9999").text
