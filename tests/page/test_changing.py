"""What changes something: answers on the page, by a link in a mail, and that mails are to stop."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recommender.cycle import telling
from recommender.page import tokens
from recommender.page.app import application
from recommender.page.guarding import Names
from recommender.page.site import Site
from recommender.store import Store
from recommender.suggestions import Verdict
from recommender.testing.publishers import suggestion_on
from tests.page.outline import Outline
from tests.page.worlds import HERE, House

CHANNEL = "mail to ada@example.org"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("good", Verdict.GOOD), ("bad", Verdict.BAD), ("undo", Verdict.UNDONE)],
)
def test_an_answer_is_written_down_and_shown(house: House, said: str, verdict: Verdict) -> None:
    [key, other] = house.furnish()
    answer = house.post(f"/suggestions/{key}/answer", {"answer": said, "from": "today"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/#s{key}-said")
    assert house.shown(key).verdict is verdict
    assert house.shown(other).verdict is None
    [told] = [one for one in house.page("/").all("p") if one.get("id") == f"s{key}-said"]
    assert (told["role"], told["tabindex"]) == ("status", "-1")


def test_an_answer_on_a_page_of_its_own_comes_back_there(tmp_path: Path) -> None:
    house = House(tmp_path, ["thesis", "hobby"])
    one = suggestion_on(1)
    house.suggest(one, profile="hobby")
    key = one.suggestion_id
    answer = house.post(f"/suggestions/{key}/answer", {"answer": "good"})
    assert answer.headers["location"] == f"/suggestions/{key}?profile=hobby#s{key}-said"
    assert house.get(answer.headers["location"]).status_code == 200


def test_what_is_no_answer_changes_nothing(house: House) -> None:
    [key] = house.furnish(1)
    for said in ("", "GOOD", "forgotten"):
        assert house.post(f"/suggestions/{key}/answer", {"answer": said}).status_code == 400
    assert house.post("/suggestions/none/answer", {"answer": "good"}).status_code == 404
    assert house.shown(key).verdict is None


def test_an_answer_that_was_given_keeps_its_moment(house: House) -> None:
    [key] = house.furnish(1)
    house.post(f"/suggestions/{key}/answer", {"answer": "good"})
    before = (house.folder / "kept.db").read_bytes()
    house.post(f"/suggestions/{key}/answer", {"answer": "good"})
    assert (house.folder / "kept.db").read_bytes() == before


def secret(house: House) -> bytes:
    with house.store() as store:
        return tokens.secret(store)


def test_a_link_in_a_mail_changes_nothing_before_its_button_is_pressed(house: House) -> None:
    [key] = house.furnish(1)
    url = tokens.answer_url(HERE, secret(house), key, "bad")
    page = house.page(url.removeprefix(HERE))
    assert house.shown(key).verdict is None
    [form] = page.all("form")
    assert (form["method"], form["action"]) == ("post", f"/answer/{key}/bad")
    assert "data-at-once" in form
    assert [one["src"] for one in page.all("script")] == ["/page.js"]
    fields = {str(one["name"]): str(one["value"]) for one in page.all("input")}
    assert fields == {"token": tokens.signature(secret(house), "answer", key, "bad")}
    assert house.post(str(form["action"]), fields).status_code == 303
    assert house.shown(key).verdict is Verdict.BAD


def test_who_has_a_link_can_give_its_answer_and_do_nothing_else(tmp_path: Path) -> None:
    house = House(tmp_path, ["thesis", "hobby"])
    some = suggestion_on(1), suggestion_on(2)
    house.suggest(*some, profile="thesis")
    key, other = (one.suggestion_id for one in some)
    path = tokens.answer_url(HERE, secret(house), key, "bad").removeprefix(HERE)
    answer = house.get(path)
    assert house.site.token not in answer.text
    assert "hobby" not in answer.text
    own = {"token": path.rpartition("=")[2]}
    for wrong, form in (
        (f"/answer/{key}/good", own),
        (f"/answer/{other}/bad", own),
        (f"/answer/{key}/bad", {}),
        (f"/suggestions/{key}/answer", {**own, "answer": "bad"}),
        ("/interests", {**own, "interest": "Bees", "do": "forget"}),
    ):
        assert house.post(wrong, form).status_code == 403
    # The signature comes back in the form, so that no scanner has only to post what it was given.
    assert house.post(path).status_code == 403
    assert house.shown(key).verdict is house.shown(other).verdict is None


def test_a_page_for_one_profile_changes_nothing_of_another(tmp_path: Path) -> None:
    house = House(tmp_path, ["ada", "bob"])
    one = suggestion_on(1)
    house.suggest(one, profile="bob")
    key = one.suggestion_id
    link = tokens.answer_url(HERE, secret(house), key, "bad").removeprefix(HERE)
    house.site = Site(house.settings[:1], lambda: house.now)
    house.client = TestClient(application(house.site, Names.of(8765)), base_url=HERE)
    assert house.get(link).status_code == 404
    assert house.post(f"/suggestions/{key}/answer", {"answer": "bad"}).status_code == 404
    form = {"token": link.rpartition("=")[2]}
    assert house.post(f"/answer/{key}/bad", form).status_code == 404
    assert house.shown(key).verdict is None


def test_a_link_is_good_for_one_answer_to_one_suggestion(house: House) -> None:
    [key, other] = house.furnish()
    path = tokens.answer_url(HERE, secret(house), key, "bad").removeprefix(HERE)
    for wrong in (path.replace("/bad?", "/good?"), path.replace(key, other), path[:-1], path[:-40]):
        answer = house.get(wrong)
        assert answer.status_code == 403
        assert "This link is not whole" in answer.text
        assert "data-at-once" not in answer.text
    unknown = tokens.answer_url(HERE, secret(house), "gone", "bad")
    assert house.get(unknown.removeprefix(HERE)).status_code == 404


def stop_path(house: House, channel: str = CHANNEL) -> str:
    return tokens.stop_url(HERE, secret(house), "default", channel).removeprefix(HERE)


def is_stopped(house: House, channel: str = CHANNEL) -> bool:
    with house.store() as store:
        return telling.is_stopped(store, "default", channel)


def test_a_mail_service_stops_a_channel_in_one_click(house: House) -> None:
    house.furnish()
    path = stop_path(house)
    assert house.client.get(path).status_code == 200
    assert not is_stopped(house)
    # It may come as either; a redirect is no answer to it (RFC 8058, section 3).
    for form in (
        {"data": _ONE_CLICK},
        {"files": {name: (None, _ONE_CLICK[name]) for name in _ONE_CLICK}},
    ):
        answer = house.client.post(path, **form)
        assert answer.status_code == 200
        assert "You get no more of these" in Outline(answer.text).text
        assert is_stopped(house)
        assert not is_stopped(house, "another")
        house.post(path, {"answer": "again"})
        assert not is_stopped(house)


_ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_a_reader_stops_a_channel_and_starts_it_again(house: House) -> None:
    house.furnish()
    page = house.page(stop_path(house))
    assert CHANNEL in page.text
    assert not is_stopped(house)
    [form] = page.all("form")
    assert form["action"] == stop_path(house)
    answer = house.post(str(form["action"]), {"answer": "stop"})
    assert answer.headers["location"] == stop_path(house)
    assert "You get no more of these" in house.page(stop_path(house)).text
    house.post(stop_path(house), {"answer": "again"})
    assert not is_stopped(house)


def test_a_channel_is_stopped_by_its_own_link_alone(house: House) -> None:
    house.furnish()
    path = stop_path(house)
    for wrong in (path[:-1], path.replace("ada", "eve"), path.replace("=default", "="), "/stop"):
        assert house.get(wrong).status_code == house.post(wrong).status_code == 403
    assert not is_stopped(house)
    assert not is_stopped(house, CHANNEL.replace("ada", "eve"))


def test_what_is_said_of_a_suggestion_is_said_of_its_whole_title(house: House) -> None:
    one = suggestion_on(1)
    long = replace(one, paper=replace(one.paper, title="bees " * 2000))
    house.suggest(long)
    page = Outline(house.get(f"/suggestions/{one.suggestion_id}").text)
    assert ("bees " * 2000).strip() in page.text


def test_what_is_made_of_an_interest_is_said_on_the_next_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.furnish()
    told: list[Mapping[str, str]] = []

    def changed(_: object, __: Store, ___: datetime, form: Mapping[str, str]) -> str:
        told.append(form)
        return "Bees counts twice from the next run on."

    monkeypatch.setattr("recommender.page.interests.changed", changed)
    answer = house.post("/interests", {"interest": "Bees", "do": "weigh", "factor": "2"})
    assert answer.status_code == 303
    assert (told[0]["interest"], told[0]["factor"]) == ("Bees", "2")
    said = house.page(answer.headers["location"])
    assert "Bees counts twice from the next run on." in said.text
    assert "Bees counts" not in house.page("/interests?said=guessed").text
    for _ in range(30):
        house.post("/interests", {"interest": "Bees"})
    assert "Bees counts" not in house.page(answer.headers["location"]).text


def test_what_cannot_be_made_of_an_interest_is_said_there_too(house: House) -> None:
    house.furnish()
    answer = house.post("/interests", {"interest": "Bees", "do": "forget"})
    assert answer.status_code == 400
    assert "Nothing was changed: there are no interests yet" in Outline(answer.text).text
