"""Several profiles in one config: each gets its own run, and none stands in another's way."""

import json

import pytest

from integrations.web.testing.server import Server
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, World
from recommender.cli import opening
from recommender.config import read_own
from tests.system import invented
from tests.system.own import KEY, USER, Own, Run, Zotero, answer

TWO = """
[[profile]]
name = "few"
[profile.selection]
limit = 2
[profile.outputs]
html = "few.html"
[[profile]]
name = "more"
[profile.selection]
limit = 3
[profile.outputs]
html = "more.html"
"""
OTHER_KEY = "GoodKeyOfSomebodyElse456"


@pytest.fixture
def two(own: Own) -> Own:
    own.settle()
    own.file.write_text(own.file.read_text(encoding="utf-8") + TWO, encoding="utf-8")
    return own


def titles(told: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["title"] for one in told["suggestions"]]


def test_each_profile_has_a_run_of_its_own(run: Run, two: Own) -> None:
    found = run("run", "--config", two.file)
    assert found.returncode == 0, found.stderr
    few, more = found.stdout.split("Profile more:\n")
    assert few.startswith("Profile few:\n")
    assert (few.count("https://doi.org/"), more.count("https://doi.org/")) == (2, 3)
    assert (two.folder / "few.html").exists()
    assert (two.folder / "more.html").exists()
    with two.store() as store:
        assert [len(list(store.suggestions(name))) for name in ("few", "more", "default")] == [
            2,
            3,
            0,
        ]


def test_programs_get_an_object_for_each_profile_and_for_one_what_they_always_got(
    run: Run, two: Own
) -> None:
    rehearsed = answer(run("run", "--config", two.file, "--json", "--dry-run"))
    assert not two.store_file.exists()
    told = answer(run("run", "--config", two.file, "--json"))
    assert list(told) == ["few", "more"]
    assert titles(rehearsed["few"]) == titles(told["few"])
    assert len(titles(told["more"])) == 3
    again = answer(run("run", "--config", two.file, "--json", "--profile", "few"))
    assert again.keys() == told["few"].keys() == {"suggestions", "report"}
    assert not set(titles(again)) & set(titles(told["few"]))
    status = answer(run("status", "--config", two.file, "--json"))
    assert {name: len(one["cycles"]) for name, one in status.items()} == {"few": 2, "more": 1}
    assert (
        answer(run("status", "--config", two.file, "--json", "--profile", "few")) == status["few"]
    )


def test_the_only_profile_need_not_be_named(run: Run, own: Own) -> None:
    plain = run("run", "--config", own.settle(), "--json", "--dry-run")
    own.file.write_text(
        own.file.read_text(encoding="utf-8") + "[[profile]]\nname = 'me'\n", "utf-8"
    )
    assert run("run", "--config", own.file, "--json", "--dry-run").stdout == plain.stdout
    assert run("run", "--config", own.file).returncode == 0
    assert "Profile" not in run("status", "--config", own.file).stdout
    with own.store() as store:
        assert list(store.suggestions("me"))


def test_a_profile_that_fails_stops_no_other(run: Run, two: Own) -> None:
    text = two.file.read_text(encoding="utf-8")
    broken = '[profile.library]\nplace = "no.bib"\n[[profile]]\nname = "more"'
    two.file.write_text(text.replace('[[profile]]\nname = "more"', broken), encoding="utf-8")
    found = run("run", "--config", two.file, "--json")
    assert found.returncode == 2
    told = json.loads(found.stdout)
    assert "no.bib" in told["few"]["error"]
    assert len(titles(told["more"])) == 3
    assert "shelfwise: few: " in found.stderr
    # Trouble of another kind in the other one, too, is neither this nor that.
    (two.folder / "more.html").unlink()
    (two.folder / "more.html").mkdir()
    invented.listing(two.folder / "page2.jsonl", first=200)
    assert run("run", "--config", two.file).returncode == 1
    assert run("run", "--config", two.file, "--profile", "few").returncode == 2


def test_status_and_doctor_tell_of_all_profiles(run: Run, two: Own) -> None:
    two.settle(TWO, source=False)
    text = '[[source]]\nplace = "page*.jsonl"\n'
    two.file.write_text(text + two.file.read_text(encoding="utf-8"), encoding="utf-8")
    assert run("run", "--config", two.file, "--profile", "more").returncode == 0
    told = run("status", "--config", two.file).stdout
    few, more = told.split("Profile more:\n")
    assert few == "Profile few:\nNo run yet: shelfwise run does the first one.\n"
    assert "3 new suggestions" in more
    told = run("doctor", "--config", two.file).stdout
    few, more = told.split("Profile more:\n")
    assert "few.html can be written" in few
    assert "the last run was on" in more
    assert told.splitlines()[-1] == "All is well."
    assert "few.html" not in run("doctor", "--config", two.file, "--profile", "more").stdout


@pytest.mark.parametrize(
    "command", [("explain", "10.1000/bee.100"), ("feedback", "x", "good"), ("evaluate",)]
)
def test_what_concerns_one_profile_wants_its_name(
    run: Run, two: Own, command: tuple[str, ...]
) -> None:
    found = run(*command, "--config", two.file)
    assert found.returncode == 2
    assert "name one with --profile: few, more" in invented.sentence(found.stderr)
    found = run(*command, "--config", two.file, "--profile", "none")
    assert found.returncode == 2
    assert "there is: few, more" in invented.sentence(found.stderr)


def test_explain_feedback_and_evaluate_are_about_the_named_profile(run: Run, two: Own) -> None:
    assert run("run", "--config", two.file).returncode == 0
    with two.store() as store:
        few = {one.paper.title for one, _ in store.suggestions("few")}
        more = {one.paper.title: one.suggestion_id for one, _ in store.suggestions("more")}
    title = next(title for title in more if title not in few)
    named = ("--config", two.file, "--profile")
    assert more[title] in run("explain", title, *named, "more").stdout
    assert "Not suggested: " in run("explain", title, *named, "few").stdout
    assert run("feedback", title, "bad", *named, "few").returncode == 2
    assert run("feedback", title, "bad", *named, "more").returncode == 0
    with two.store() as store:
        assert [one.verdict for one in store.shown("few")] == [None] * 2
        assert sum(one.verdict is not None for one in store.shown("more")) == 1
    found = run("evaluate", *named, "more", "--forget-tuned")
    assert found.stdout == "There were no tuned weights.\n"
    assert run("evaluate", *named, "few", "--json").returncode == 0


def test_two_accounts_are_kept_apart(run: Run, own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for user, key in ((USER, KEY), (USER + 1, OTHER_KEY)):
        world.add_user(user, f"reader{user}", "")
        world.add_key(ApiKey(key, user, groups={"all": "write"}))
    monkeypatch.setenv("READERS_KEY", KEY)
    monkeypatch.setenv("OTHER_KEY", OTHER_KEY)
    api = WebApi(world)
    with Server(api) as server:
        served = Zotero(server, api)
        served.fill()
        other = world.library(f"users/{USER + 1}")
        other.put("items", {"itemType": "book", "title": "Ceramic glaze", "tags": []})
        own.settle(
            '[[profile]]\nname = "one"\n[[profile]]\nname = "two"\n'
            '[profile.library]\nkey = "env:OTHER_KEY"',
            library=served.config(),
            source=False,
        )
        text = '[[source]]\nplace = "page*.jsonl"\n' + own.file.read_text(encoding="utf-8")
        own.file.write_text(text, encoding="utf-8")
        for _ in range(2):
            told = answer(run("run", "--config", own.file, "--json"))
            assert told["one"]["report"]["library"]["papers"] >= 24
            assert told["two"]["report"]["library"]["papers"] < 24
    with own.store() as store:
        one = opening.last_read(read_own(own.file, "one"), store)
        two = opening.last_read(read_own(own.file, "two"), store)
    assert {item.paper.title for item in two.items if not item.mark} == {"Ceramic glaze"}
    assert len([item for item in one.items if not item.mark]) == 24
