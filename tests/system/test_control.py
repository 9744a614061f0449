"""``shelfwise pause``, ``resume``, ``forget``, ``export``, ``backup`` and ``uninstall``."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.cli import asking
from recommender.cli.exporting import without_keys
from recommender.cli.pausing import FOREVER, paused_until
from recommender.config import DEFAULT
from recommender.store import Store
from recommender.store.lock import Lock
from recommender.store.rescue import copy_of
from recommender.suggestions import State, Verdict
from tests.system import invented
from tests.system.own import Own, Run, Zotero, answer

NOW = datetime.now(UTC)
SOON = (NOW + timedelta(days=3)).date().isoformat()


def paused(own: Own) -> datetime | None:
    with own.store() as store:
        return paused_until(store, DEFAULT, NOW)


@pytest.mark.usefixtures("suggested")
def test_a_pause_lasts_until_its_day_or_until_it_is_ended(run: Run, own: Own) -> None:
    assert paused(own) is None
    assert run("pause", "--config", own.file).stdout.startswith("Paused. ")
    assert paused(own) == FOREVER
    status = run("status", "--config", own.file).stdout
    assert status.startswith("Paused; shelfwise resume ends it.\n")
    found = run("pause", "--until", SOON, "--config", own.file)
    assert found.stdout.startswith(f"Paused until {SOON} 00:00. ")
    assert answer(run("status", "--config", own.file, "--json"))["paused_until"] is not None
    end = paused(own)
    assert end is not None
    assert end.astimezone().date().isoformat() == SOON
    with own.store() as store:
        assert paused_until(store, DEFAULT, end) is None
    assert run("resume", "--config", own.file).returncode == 0
    assert paused(own) is None
    assert "Paused" not in run("status", "--config", own.file).stdout


@pytest.mark.usefixtures("suggested")
@pytest.mark.parametrize(
    ("until", "told"), [("tomorrow", "is no day"), ("1999-12-31", "is over"), ("2026-02-30", "day")]
)
def test_a_pause_needs_a_day_to_come(run: Run, own: Own, until: str, told: str) -> None:
    found = run("pause", "--until", until, "--config", own.file)
    assert found.returncode == 2
    assert told in invented.sentence(found.stderr)
    assert paused(own) is None


def verdicts(own: Own) -> dict[str, Verdict | None]:
    with own.store() as store:
        return {one.suggestion.paper.title: one.verdict for one in store.shown(DEFAULT)}


def test_a_forgotten_paper_teaches_nothing_and_does_not_come_again(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    title = suggested[0]["title"]
    assert run("feedback", title, "bad", "--config", own.file).returncode == 0
    assert run("run", "--config", own.file).returncode == 0
    assert own.states()[title] == "dismissed"
    found = run("forget", title, "--config", own.file)
    assert found.stdout == (
        f"“{title}” teaches nothing from the next run on, and does not come again.\n"
    )
    assert verdicts(own)[title] is Verdict.FORGOTTEN
    again = answer(run("run", "--config", own.file, "--json"))
    assert title not in {one["title"] for one in again["suggestions"]}
    assert own.states()[title] == "expired"
    assert title not in (own.folder / "out.html").read_text(encoding="utf-8")


def test_a_listed_paper_that_is_forgotten_is_never_shown(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    known = {one["title"] for one in suggested}
    unseen = next(p for p in invented.papers("bee", 6, 100) if p["title"] not in known)
    assert "is not shown" in run("forget", unseen["ids"]["doi"], "--config", own.file).stdout
    n = len(answer(run("run", "--config", own.file, "--json"))["suggestions"])
    assert n == 4  # it takes nobody's place
    for _ in range(5):
        run("run", "--config", own.file)
    with own.store() as store:
        shown = {one.suggestion.paper.title: one for one in store.shown(DEFAULT)}
    assert len(shown) > 12
    assert shown[unseen["title"]].delivered_at is None
    assert shown[unseen["title"]].state is State.EXPIRED


def test_an_interest_is_forgotten_with_all_that_was_said_of_it(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    for one in suggested:
        run("feedback", one["ids"]["doi"], "bad", "--config", own.file)
    with own.store() as store:
        interests = {
            one.suggestion.paper.title: one.suggestion.interest for one in store.shown(DEFAULT)
        }
    name = next(filter(None, interests.values()))
    n = list(interests.values()).count(name)
    noun = "suggestion" if n == 1 else "suggestions"
    assert run("forget", name, "--config", own.file).stdout.startswith(f"{n} {noun} of {name} ")
    assert {t: v for t, v in verdicts(own).items() if v is Verdict.FORGOTTEN} == {
        title: Verdict.FORGOTTEN for title, interest in interests.items() if interest == name
    }


def test_all_is_forgotten_but_what_was_shown(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    run("feedback", suggested[0]["title"], "bad", "--config", own.file)
    run("feedback", suggested[1]["title"], "good", "--config", own.file)
    run("run", "--config", own.file)
    with own.store() as store:
        store.save_tuned_weights(DEFAULT, {"terms": 1.0}, at=NOW)
    before = own.states()
    found = run("forget", "all", "--config", own.file)
    assert found.returncode == 2
    assert "give --yes if it is meant" in invented.sentence(found.stderr)
    assert own.states() == before
    assert run("forget", "all", "--yes", "--config", own.file).returncode == 0
    with own.store() as store:
        assert store.tuned_weights(DEFAULT) is None
        assert store.saved_model(DEFAULT) is None
    # Nor does it come back from the copy.
    own.store_file.write_bytes(b"")
    found = run("run", "--config", own.file)
    assert "a new one knows 8 earlier suggestions" in found.stderr
    assert set(own.states()) >= set(before)
    assert not {"kept", "dismissed"} & set(own.states().values())
    with own.store() as store:
        assert store.tuned_weights(DEFAULT) is None


@pytest.mark.usefixtures("suggested")
def test_what_nobody_can_mean_is_not_forgotten(run: Run, own: Own) -> None:
    found = run("forget", "no such words", "--config", own.file)
    assert found.returncode == 2
    assert "no interest and no listed paper is called this" in invented.sentence(found.stderr)
    with Lock.taken(own.store_file, command="shelfwise run", at=NOW):
        found = run("forget", "all", "--yes", "--config", own.file)
    assert found.returncode == 1
    assert f"in use by process {os.getpid()}" in invented.sentence(found.stderr)
    assert set(verdicts(own).values()) == {None}


def test_all_that_is_known_of_the_reader_is_exported(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    run("feedback", suggested[0]["title"], "good", "--config", own.file)
    found = answer(run("export", "--config", own.file))["profiles"][DEFAULT]
    assert found.keys() == {
        "settings", "paused_until", "library", "interests", "made_of_interests", "weights",
        "suggestions", "digest", "runs",
    }  # fmt: skip
    assert found["settings"]["selection"]["limit"] == 4
    assert (found["library"]["papers"], len(found["library"]["items"])) == (24, 24)
    by_title = {one["title"]: one for one in found["suggestions"]}
    assert by_title.keys() == {one["title"] for one in suggested}
    first = by_title[suggested[0]["title"]]
    assert (first["state"], first["verdict"]) == ("delivered", "good")
    assert [r["text"] for r in first["reasons"]] == [r["text"] for r in suggested[0]["reasons"]]
    assert len(found["runs"]) == 1
    assert sum(n for states in found["interests"].values() for n in states.values()) <= 4
    file = own.folder / "me.json"
    assert run("export", file, "--config", own.file).stdout == ""
    assert json.loads(file.read_text(encoding="utf-8"))["profiles"][DEFAULT] == found
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name != "posix"
    again = run("export", file, "--config", own.file)
    assert again.returncode == 2
    assert "is there already; name another file" in invented.sentence(again.stderr)


def test_no_key_is_exported() -> None:
    told = {
        "library": {"key": "env:NAME", "place": "web"},
        "source": [{"place": "https://ada:word@example.org/feed?token=abc#x", "key": ""}],
        "daemon": {"heartbeat": "https://example.org/abc"},
        "web": {"contact": "ada@example.org"},
    }
    assert without_keys(told) == {
        "library": {"place": "web"},
        "source": [{"place": "https://example.org/feed"}],
        "daemon": {},
        "web": {"contact": "ada@example.org"},
    }


def test_a_backup_can_take_the_stores_place(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    found = run("backup", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    copy = Path(found.stdout.strip())
    day = datetime.now().astimezone().date()
    assert copy == own.folder / f"kept.db.backup-{day}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600 or os.name != "posix"
    before = own.states()
    run("run", "--config", own.file)
    assert own.states() != before
    copy.replace(own.store_file)
    assert own.states() == before
    assert len(before) == len(suggested)
    assert {f.name for f in own.folder.iterdir() if f.name.startswith(".")} == set()


@pytest.mark.usefixtures("suggested")
def test_a_backup_replaces_a_backup_and_nothing_else(run: Run, own: Own) -> None:
    other = own.folder / "other.db"
    for _ in range(2):
        assert run("backup", other, "--config", own.file).returncode == 0
    with Store.open(other) as store:
        # Somebody uses it.
        store.memory("x")["a"] = "b"
        found = run("backup", other, "--config", own.file)
        assert "is in use as a store" in invented.sentence(found.stderr)
    for file, told in (
        (own.library, "is there already, and is no store"),
        (own.store_file, "is the store itself"),
    ):
        before = file.read_bytes()
        found = run("backup", file, "--config", own.file)
        assert found.returncode == 2
        assert told in invented.sentence(found.stderr)
        assert file.read_bytes() == before
    found = run("backup", own.folder / "nowhere" / "x.db", "--config", own.file)
    assert found.returncode == 1
    assert "No such file or directory" in invented.sentence(found.stderr)


def test_a_damaged_store_is_told_and_set_aside_by_a_run(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    content = own.store_file.read_bytes()[:30_000]
    own.store_file.write_bytes(content)
    for command in (["status"], ["feedback", suggested[0]["title"], "bad"], ["backup"]):
        found = run(*command, "--config", own.file)
        assert found.returncode == 1
        told = invented.sentence(found.stderr)
        assert told.endswith("is damaged; the next run sets it aside and begins a new one")
    found = run("run", "--config", own.file)
    assert found.returncode == 0
    [told] = [line for line in found.stderr.splitlines() if line.startswith("shelfwise: ")]
    assert "was damaged, and is kept as kept.db.damaged-" in told
    assert "a new one knows 4 earlier suggestions" in told
    [aside] = own.folder.glob("kept.db.damaged-*")
    assert aside.read_bytes() == content
    assert len(own.states()) == 8


@pytest.mark.usefixtures("home")
def test_uninstalling_removes_what_it_lists_and_nothing_else(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    run("backup", "--config", own.file)
    log = own.folder / "log.txt"
    log.write_text("x", encoding="utf-8")
    own.settle('[log]\nfile = "log.txt"', '[outputs]\nhtml = "out.html"')
    before = {f.name for f in own.folder.iterdir() if f.is_file()}
    found = run("uninstall", "--config", own.file)
    assert found.returncode == 2
    assert "give --yes to remove these" in invented.sentence(found.stderr)
    assert {f.name for f in own.folder.iterdir() if f.is_file()} == before
    listed = {Path(line).name for line in found.stdout.splitlines()}
    day = datetime.now().astimezone().date()
    assert listed == {
        "kept.db", "kept.db.lock", "kept.db.backup", f"kept.db.backup-{day}", "log.txt",
        "config.toml",
    }  # fmt: skip
    found = run("uninstall", "--yes", "--config", own.file)
    assert found.returncode == 0
    assert {f.name for f in own.folder.iterdir() if f.is_file()} == before - listed
    assert found.stderr.splitlines()[1] == (
        f"outputs.html: {own.folder / 'out.html'} stays; it is yours to remove"
    )
    assert suggested[0]["title"] in (own.folder / "out.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("home")
def test_uninstalling_asks_whoever_is_there(
    run: Run, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.settle()
    asked = []

    def no(question: str, *, otherwise: bool) -> bool:
        asked.append((question, otherwise))
        return False

    monkeypatch.setattr(asking, "is_possible", lambda: True)
    monkeypatch.setattr(asking, "yes", no)
    assert run("uninstall", "--config", own.file).returncode == 130
    assert asked == [("Remove these files?", False)]
    assert own.file.exists()


@pytest.mark.usefixtures("home")
def test_uninstalling_with_the_shelf_takes_away_what_nobody_changed(
    run: Run, own: Own, served: Zotero
) -> None:
    own.settle("[selection]\nlimit = 3", library=served.config())
    before = set(served.library.items)
    assert run("run", "--config", own.file).returncode == 0
    ours = {
        key: item for key, item in served.library.items.items() if item.data.get("title")
        and key not in before
    }  # fmt: skip
    assert len(ours) == 3
    # The reader files one of them.
    kept = next(iter(ours))
    folder = served.library.put("collections", {"name": "Mine", "parentCollection": False}).key
    old = ours[kept].data
    served.library.put("items", {**old, "collections": [*old["collections"], folder]}, kept)
    store_file = own.store_file
    found = run("uninstall", "--shelf", "--yes", "--config", own.file)
    assert found.returncode == 0, found.stderr
    assert "Taken off the shelf: 2 suggestions" in found.stderr
    left = {key for key in ours if not served.library.items[key].data.get("deleted")}
    assert left == {kept}
    assert not any(served.library.items[key].data.get("deleted") for key in before)
    assert not store_file.exists()
    assert not copy_of(store_file).exists()


@pytest.mark.usefixtures("home")
def test_where_the_shelf_cannot_be_reached_nothing_is_removed(
    run: Run, own: Own, served: Zotero
) -> None:
    own.settle(library=served.config())
    assert run("run", "--config", own.file).returncode == 0
    served.key.groups.clear()
    served.world.keys.clear()
    found = run("uninstall", "--shelf", "--yes", "--config", own.file)
    assert found.returncode == 1
    assert own.store_file.exists()
    assert own.file.exists()
