"""When the map of the reader's interests is drawn, and what is there until it is."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from urllib.parse import quote

import pytest

from recommender import config
from recommender.cli import opening, running
from recommender.config import Settings
from recommender.errors import ConfigError, StoreError
from recommender.page import interests, mapped
from recommender.page.interest_map import InterestMap
from recommender.store import Store
from recommender.suggestions import Verdict
from tests.page.mapping import NOW, drawn, rendered, run_in, seen
from tests.page.worlds import House
from tests.system.own import Own


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Own:
    return run_in(tmp_path_factory.mktemp("ran"))


@pytest.fixture
def settings(ran: Own, tmp_path: Path) -> Settings:
    """The settings of a reader for whom a run was done, in a folder of their own."""
    folder = shutil.copytree(ran.folder, tmp_path / "own")
    return config.read_own(folder / "config.toml")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with opening.own_store(settings) as opened:
        yield opened


def counted(monkeypatch: pytest.MonkeyPatch, first: Callable[[], object] = list) -> list[object]:
    """Grows by one with each drawing; what comes first is done before it."""
    drawings: list[object] = []
    draw = mapped._drawn

    def counting(settings: Settings, store: Store, some: object, now: datetime) -> object:
        drawings.append(some)
        first()
        return draw(settings, store, some, now)  # type: ignore[arg-type]

    monkeypatch.setattr(mapped, "_drawn", counting)
    return drawings


def test_a_map_is_made_once_for_a_model(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = counted(monkeypatch)
    first = seen(settings, store)
    assert seen(settings, store) == first
    assert rendered(first)
    assert len(drawings) == 1


def test_a_map_is_made_once_for_all_who_ask_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = counted(monkeypatch)

    def ask(_: int) -> InterestMap:
        with opening.own_store(settings) as own:
            return seen(settings, own)

    with ThreadPoolExecutor(6) as asking:
        maps = [*asking.map(ask, range(6))]
    assert maps == maps[:1] * 6
    assert len(drawings) == 1


def test_nobody_waits_until_a_map_is_drawn(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()
    counted(monkeypatch, lambda: go_on.wait(10))
    assert interests.view(settings, store, NOW) == (None, True)
    with pytest.raises(ConfigError, match="is being drawn; try again in a moment"):
        interests.weigh(settings, store, NOW, interest="bees", factor=2)
    page = rendered(None, is_due=True)
    assert 'is being drawn. <a href="/interests">Look again</a>' in page
    assert "There is no map now" not in page
    go_on.set()
    first = seen(settings, store)
    go_on.clear()
    running.done(settings)
    # Until then the earlier one is there, and does what it always did.
    found, is_due = interests.view(settings, store, NOW)
    assert (found, is_due) == (first, True)
    interests.weigh(settings, store, NOW, interest=first.interests[0].name, factor=2)
    assert "A newer map than this one is being drawn." in rendered(found, is_due=True)
    go_on.set()
    assert seen(settings, store).interests[0].factor == 2


def test_what_hinders_the_drawing_is_said_and_tried_again(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hindrances = [StoreError("the store is locked; try again")]

    def hindered() -> None:
        if hindrances:
            raise hindrances.pop()

    counted(monkeypatch, hindered)
    with pytest.raises(StoreError, match="is locked"):
        drawn(settings, store)
    assert seen(settings, store).interests


def test_what_taught_the_model_and_is_taken_back_leaves_no_map_anywhere(
    settings: Settings, store: Store
) -> None:
    first = store.last_shown(settings.name)[0].suggestion.suggestion_id
    store.record_verdict(first, Verdict.GOOD, at=datetime.now(UTC))
    running.done(settings)
    assert drawn(settings, store)
    store.record_verdict(first, Verdict.UNDONE, at=datetime.now(UTC) + timedelta(hours=1))
    assert drawn(settings, store) is None
    with pytest.raises(ConfigError, match="no map now, as your library or your answers have"):
        interests.weigh(settings, store, NOW, interest="bees", factor=2)
    mapped._PICTURES.clear()
    assert drawn(settings, store) is None


def test_what_was_made_of_an_interest_is_said_beside_it(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    name = seen(settings, store).interests[1].name
    house = House(tmp_path / "own")
    while "is being drawn" in house.page("/interests").text:
        pass
    told = {"interest": name, "do": "weigh", "factor": "0.5", "number": "2"}
    answer = house.post("/interests", told)
    where = answer.headers["location"]
    assert where.endswith("number=2#interest-2")
    page = house.page(where).text
    said = f"{name} counts half from the next run on."
    assert page.count(said) == 1
    assert page.index(f"2 {name}", page.index("Papers that lie close")) < page.index(said)
    refused = house.post("/interests", {**told, "factor": "9"})
    assert refused.status_code == 400
    assert "Nothing was changed" in refused.text
    for wrong in ("²", "-1", "x#y", "99"):
        assert house.post("/interests", {**told, "number": wrong}).status_code == 303
        assert house.get(f"/interests?number={quote(wrong)}").status_code == 200
