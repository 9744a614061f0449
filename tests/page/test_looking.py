"""The pages that show something, each by its words and landmarks."""

import re
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recommender.store import Store
from recommender.suggestions import State, Verdict
from recommender.testing.publishers import suggestion_on
from tests.page.outline import Outline
from tests.page.worlds import AT, RECORD, House, token_in

PATHS = ["/", "/archive", "/interests", "/sources", "/runs", "/evaluation"]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_guides_a_screen_reader_and_a_keyboard(house: House, path: str) -> None:
    house.furnish()
    page = house.page(path)
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert page.all("main")[0]["id"] == "main"
    [current] = [link for link in page.all("a") if link.get("aria-current")]
    assert current["href"] == path
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {attributes[name] for _, attributes in page.elements for name in _NAMES & {*attributes}}
    assert {one for names in named if names for one in names.split()} <= set(ids)


_NAMES = {"aria-labelledby", "aria-describedby"}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_style_or_a_script_in_it_or_loads_from_elsewhere(
    house: House, path: str
) -> None:
    house.furnish()
    page = house.page(path)
    assert not {"script", "style", "img", "iframe", "object"} & {tag for tag, _ in page.elements}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert all(str(link["href"]).startswith("/") for link in page.all("link"))


def test_today_tells_the_last_suggestions_the_best_first(house: House) -> None:
    house.suggest(suggestion_on(7), at=AT - timedelta(days=1))
    house.furnish(3)
    page = house.page("/")
    titles = [f"Waggle dances, part {n}a" for n in (1, 2, 3)]
    assert [page.text.index(title) for title in titles] == sorted(
        page.text.index(title) for title in titles
    )
    assert "part 7a" not in page.text
    for words in (
        "3 papers, the best first",
        "Looked at 9 new papers from 1 source.",
        "Score 0.50 · For your interest in Bees",
        "0.38 about bees and their dances",
        "How bees tell each other the way.",
        "More like this",
        "Not for me",
    ):
        assert words in page.text
    assert len(page.all("form")) == len(page.all("article")) == 3
    assert token_in(page) == house.site.token


def test_a_quiet_run_since_says_why(house: House) -> None:
    house.furnish(1)
    later = AT + timedelta(days=1)
    with house.store() as store:
        store.record_cycle("default", later, later, {**RECORD, "suggestions": []})
    text = house.page("/").text
    assert "was quiet: 7 listed papers scored below the threshold of 0.25." in text
    with house.store() as store:
        told = {"failures": [{"where": "mine", "error": "BadResponse"}]}
        store.record_cycle("default", later + timedelta(days=1), later, told)
    assert "failed; see what it did under Runs." in house.page("/").text
    assert "mine: could not be read" in house.page("/runs").text


@pytest.mark.parametrize("path", PATHS)
def test_before_the_first_run_each_page_says_what_to_do(house: House, path: str) -> None:
    answer = house.get(path)
    assert answer.status_code == 503
    assert "Do it with: shelfwise run" in Outline(answer.text).text
    assert not (house.folder / "kept.db").exists()
    with house.store():
        pass
    assert re.search(
        r"No run yet|No suggestion|No source|Nothing was|no map|0 sug", house.page(path).text
    )


def test_one_suggestion_has_a_page_of_its_own(house: House) -> None:
    [key, _] = house.furnish()
    page = house.page(f"/suggestions/{key}")
    assert "Waggle dances, part 1a" in page.text
    assert "part 2a" not in page.text
    assert page.all("details") == []
    assert len(page.all("h1")) == 1
    assert house.get("/suggestions/ffffffffffffffff").status_code == 404


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        (Verdict.GOOD, State.DELIVERED, "More like this: it counts as kept"),
        (Verdict.BAD, State.DELIVERED, "Not for you: it counts as dismissed"),
        (Verdict.UNDONE, State.DISMISSED, "Taken back: it is judged by what you do"),
        (None, State.KEPT, "You kept it."),
        (None, State.DISMISSED, "You dismissed it."),
        (None, State.EXPIRED, "You let it pass."),
    ],
)
def test_what_became_of_a_suggestion_is_told(
    house: House, verdict: Verdict | None, state: State, words: str
) -> None:
    [key] = house.furnish(1)
    with house.store() as store:
        store.record_verdict(key, verdict, at=AT)
        store.record_learnt({key: state}, at=AT)
    page = house.page("/")
    assert words in page.text
    pressed = [one["value"] for one in page.all("button") if one.get("aria-pressed") == "true"]
    assert pressed == ([verdict.value] if verdict in {Verdict.GOOD, Verdict.BAD} else [])
    can_undo = "Take it back" in page.text
    assert can_undo == (verdict in {Verdict.GOOD, Verdict.BAD} or words == "You dismissed it.")


def test_sources_and_runs_say_how_they_were(house: House) -> None:
    house.furnish()
    sources = house.page("/sources").text
    assert "a source well New papers on 2024-03-06." in sources
    assert "1 page asked; 9 papers: 9 new, 0 known, 0 broken; 2 KB in 0.5 s" in sources
    runs = house.page("/runs").text
    for words in (
        "2 new suggestions",
        "read: 3 papers in the library; 9 new papers on 1 page",
        "left out: 7 below the threshold",
        "delivered: 2 suggestions",
        "choice1.2",
    ):
        assert words in runs


def test_each_profile_has_its_own_pages_and_a_place_in_the_chooser(tmp_path: Path) -> None:
    house = House(tmp_path, ["thesis", "hobby"])
    house.suggest(suggestion_on(1), profile="thesis")
    house.suggest(suggestion_on(2), profile="hobby")
    first, second = house.page("/"), house.page("/?profile=hobby")
    assert "part 1a" in first.text
    assert "part 2a" not in first.text
    assert "part 2a" in second.text
    chooser = [link["href"] for link in second.all("a") if link.get("aria-current") == "true"]
    assert chooser == ["/?profile=hobby"]
    assert house.get("/?profile=nobody").status_code == 404
    one = house.page(f"/suggestions/{suggestion_on(2).suggestion_id}")
    assert {"href": "/?profile=hobby", "class": "name"} in one.all("a")
    for path in PATHS:
        assert house.get(f"{path}?profile=hobby").status_code == 200


def test_feeds_hold_the_last_suggestions(house: House) -> None:
    house.furnish()
    atom, json_feed = house.get("/feed.atom"), house.get("/feed.json")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    assert json_feed.headers["content-type"].startswith("application/feed+json")
    assert atom.text.count("<entry>") == len(json_feed.json()["items"]) == 2
    assert json_feed.json()["feed_url"] == "http://127.0.0.1:8765/feed.json"


def test_what_belongs_to_the_page_is_served_with_it(house: House) -> None:
    kinds = {
        "/style.css": "text/css",
        "/interests.css": "text/css",
        "/page.js": "text/javascript",
        "/icon.svg": "image/svg+xml",
    }
    for path, kind in kinds.items():
        assert house.get(path).headers["content-type"].startswith(kind)
    for one in Outline(house.get("/").text).all("link"):
        assert house.get(str(one["href"])).status_code in {200, 503}


def test_whether_it_is_well_can_be_asked(house: House) -> None:
    assert house.get("/healthz").status_code == 503
    house.furnish()
    assert house.get("/healthz").text == "well\n"
    whole = (house.folder / "kept.db").read_bytes()
    for spoilt in (b"", whole[:4096] + b"\xff" * (len(whole) - 4096), b"no store " * 100):
        (house.folder / "kept.db").write_bytes(spoilt)
        assert house.get("/healthz").status_code == 503
        assert (house.folder / "kept.db").read_bytes() == spoilt


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
def test_a_day_is_the_readers_on_every_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.suggest(suggestion_on(1), at=AT + timedelta(hours=12))
    with monkeypatch.context() as there:
        there.setenv("TZ", "XXX-14")
        time.tzset()
        try:
            today, archive = house.page("/").text, house.page("/archive").text
            one = house.page(f"/suggestions/{suggestion_on(1).suggestion_id}").text
        finally:
            there.undo()
            time.tzset()
    assert "Thursday, 7 March 2024" in today
    assert "Suggested on 2024-03-07" in archive
    assert "suggested on 2024-03-07" in one


def test_a_store_in_use_is_a_page_and_no_mistake(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    [key] = house.furnish(1)
    monkeypatch.setattr("recommender.page.site._PATIENCE", timedelta(0))
    with Store.open(house.folder / "kept.db") as other, other._database.writing():
        assert house.get("/").status_code == 200
        answer = house.post(f"/suggestions/{key}/answer", {"answer": "good"})
    assert answer.status_code == 503
    assert "is in use by another run; wait until that is done and try again." in answer.text
    assert house.shown(key).verdict is None


def test_a_damaged_store_is_a_page_and_no_mistake(house: House) -> None:
    house.furnish()
    content = (house.folder / "kept.db").read_bytes()
    (house.folder / "kept.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    answer = house.get("/")
    assert answer.status_code == 503
    [told] = [words for words in Outline(answer.text).words if "is damaged" in words]
    assert told.startswith("The store ")
    assert "is damaged; the next run sets it aside" in told


def test_a_title_of_nothing_still_has_a_name_to_press(house: House) -> None:
    one = suggestion_on(1)
    house.suggest(replace(one, paper=replace(one.paper, title="\u202e\x00")))
    assert "(without a title)" in house.page("/archive").text
