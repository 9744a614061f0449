"""``shelfwise run``: one cycle with a config and a memory."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.web.testing.server import Fault
from recommender.config import DEFAULT
from recommender.store.lock import Lock
from tests.system import invented
from tests.system.own import KEY, Own, Run, Zotero, answer


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_run_suggests_and_the_next_one_does_not_repeat_itself(run: Run, own: Own) -> None:
    path = own.settle("[selection]\nlimit = 4", '[outputs]\nbib = "out.bib"')
    first = run("run", "--config", path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("https://doi.org/10.1000/") == 4
    assert "Your library: 24 papers. Listed: 24 papers on 1 page." in first.stderr
    assert "Delivered: 4 suggestions." in first.stderr
    assert f"wrote {own.folder / 'out.bib'}" in first.stderr
    second = answer(run("run", "--config", path, "--json"))
    assert second["report"]["excluded"]["suggested before"] == 4
    assert len(second["suggestions"]) == 4
    assert set(own.states().values()) == {"delivered"}
    assert len(own.states()) == 8


def test_the_json_is_that_of_recommend_and_what_was_learnt(run: Run, own: Own) -> None:
    own.settle()
    found = answer(run("run", "--config", own.file, "--json"))
    plain = answer(run("recommend", own.library, own.page, "--json"))
    assert [one["title"] for one in found["suggestions"]] == [
        one["title"] for one in plain["suggestions"]
    ]
    more = found["report"].keys() - plain["report"].keys()
    assert more == {"learnt", "delivered", "tidied", "left", "unmatched", "notices", "failures"}
    assert found["report"]["failures"] == []


def test_a_damaged_model_is_told_once_and_costs_no_suggestion(run: Run, own: Own) -> None:
    config = own.settle("[selection]\nlimit = 4")
    first = answer(run("run", "--config", config, "--json"))
    with own.store() as store:
        saved = store.saved_model(DEFAULT)
        assert saved is not None
        store.save_model(DEFAULT, replace(saved, payload=saved.payload[:-1]))
    second = run("run", "--config", config)
    assert second.returncode == 0
    assert "The saved model could not be used, and so all was learnt anew: it is damaged." in (
        second.stderr
    )
    assert second.stdout.count("https://doi.org/10.1000/") == len(first["suggestions"])
    assert "it is damaged." in run("status", "--config", config).stdout
    assert "damaged" not in run("run", "--config", config).stderr


def test_a_dry_run_shows_and_writes_nothing(run: Run, own: Own) -> None:
    own.settle('[outputs]\nhtml = "out.html"')
    before = contents(own.folder)
    dry = run("run", "--dry-run", "--config", own.file)
    assert dry.returncode == 0
    assert contents(own.folder) == before
    assert "A dry run: nothing was written and nothing delivered." in dry.stderr
    assert "wrote" not in dry.stderr.replace("was written", "")
    wet = run("run", "--config", own.file)
    assert wet.stdout == dry.stdout
    kept = own.states()
    # The second time it starts from what is kept, and leaves it.
    again = answer(run("run", "--dry-run", "--config", own.file, "--json"))
    assert again["report"]["excluded"]["suggested before"] == len(kept)
    assert own.states() == kept


def test_what_the_reader_did_is_learnt(run: Run, own: Own) -> None:
    own.settle("[selection]\nlimit = 3", '[outputs]\nhtml = "out.html"')
    suggested = answer(run("run", "--config", own.file, "--json"))["suggestions"]
    saved = suggested[0]
    paper = {
        **{key: saved[key] for key in ("title", "ids", "authors")},
        "abstract": "",
        "published": str(saved["year"]),
    }
    own.library.write_text(
        own.library.read_text(encoding="utf-8")
        + invented.bibtex([paper]).replace("@article{key0", "@article{new"),
        encoding="utf-8",
    )
    found = run("run", "--config", own.file)
    assert "Learnt of earlier suggestions: 1 kept." in found.stderr
    assert own.states()[saved["title"]] == "kept"


def test_a_second_run_at_the_same_time_is_refused(run: Run, own: Own) -> None:
    own.settle()
    with Lock.taken(own.store_file, command="shelfwise daemon", at=datetime.now(UTC)):
        found = run("run", "--config", own.file)
        assert found.returncode == 1
        told = invented.sentence(found.stderr)
        assert f"is in use by process {os.getpid()} (shelfwise daemon" in told
        # Looking needs no lock.
        assert run("run", "--dry-run", "--config", own.file).returncode == 0


@pytest.mark.parametrize(
    ("library", "told"),
    [
        ('kind = "file"', "library.place: name the file, folder or pattern that is your library"),
        ('kind = "mendeley"', "library.kind: 'mendeley' is not installed; installed: file, zotero"),
        ('key = "env:NO_SUCH_KEY_HERE"', "there is no such variable"),
        ('libraries = ["group:x"]', "library.libraries: 'group:x' is none"),
        ('kind = "file"\nplace = "none.bib"', "none.bib"),
    ],
)
def test_a_config_that_cannot_work_is_told(run: Run, own: Own, library: str, told: str) -> None:
    own.settle(library=library)
    found = run("run", "--config", own.file)
    assert found.returncode == 2
    assert told in invented.sentence(found.stderr)


def test_what_cannot_be_opened_keeps_nothing_else_back(run: Run, own: Own) -> None:
    own.settle(
        "[selection]\nlimit = 3",
        '[[source]]\nplace = "later*.xml"',
        '[[source]]\nplace = "https://reader:secret@example.org/feed"',
        '[[source]]\nplace = "pubmed:bees"\nkey = "env:NO_SUCH_KEY_HERE"',
        '[[catalogue]]\nkind = "crossref"\nkey = "env:NO_KEY_EITHER"',
    )
    # Catalogues are asked about what a page left out.
    bare = [one | {"abstract": ""} for one in invented.papers("bee", 1, first=300)]
    own.page.write_text(invented.lines(bare) + own.page.read_text(encoding="utf-8"), "utf-8")
    found = run("run", "--config", own.file, "--json")
    assert found.returncode == 1
    answered = json.loads(found.stdout)
    assert len(answered["suggestions"]) == 3
    later = str(own.folder / "later*.xml")
    failures = {one["where"]: one["error"] for one in answered["report"]["failures"]}
    assert [*failures] == [later, "[[source]] 2 (url)", "pubmed:bees", "crossref"]
    assert failures[later].startswith(f"{later}: ")
    assert "NO_SUCH_KEY_HERE" in failures["pubmed:bees"]
    assert "NO_KEY_EITHER" in failures["crossref"]
    status = run("status", "--config", own.file).stdout
    assert f"{later}: failing since " in status
    assert "secret" not in found.stdout + found.stderr + status
    # Once it is there, it is the same source.
    invented.listing(own.folder / "later.xml")
    again = json.loads(run("run", "--config", own.file, "--json").stdout)
    assert later not in {one["where"] for one in again["report"]["failures"]}


def test_where_no_source_can_be_opened_nothing_is_run(run: Run, own: Own) -> None:
    own.settle('[[source]]\nplace = "later*.xml"', '[[source]]\nkind = "telegraph"', source=False)
    found = run("run", "--config", own.file)
    assert found.returncode == 2
    assert [line.startswith("shelfwise: ") for line in found.stderr.splitlines()] == [True] * 2
    assert "later*.xml" in found.stderr
    assert "'telegraph' is not installed" in found.stderr


def test_a_source_that_is_named_twice_is_told(run: Run, own: Own) -> None:
    own.settle('[[source]]\nkind = "file"\nplace = "page*.jsonl"')
    found = run("run", "--config", own.file)
    assert found.returncode == 2
    assert "[[source]] 1 and 2 are both " in invented.sentence(found.stderr)


def test_without_a_source_or_a_config_it_is_said_what_to_do(
    run: Run, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.settle(source=False)
    found = run("run", "--config", own.file)
    assert found.returncode == 2
    assert "add a section [[source]]" in invented.sentence(found.stderr)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own.folder / "nothing"))
    found = run("run")
    assert found.returncode == 2
    assert "make one with shelfwise init" in invented.sentence(found.stderr)


def test_suggestions_reach_zotero_and_come_back_as_learnt(
    run: Run, own: Own, served: Zotero
) -> None:
    own.settle("[selection]\nlimit = 3", library=served.config())
    found = run("run", "--config", own.file)
    assert found.returncode == 0, found.stderr
    assert "Delivered: 3 suggestions." in found.stderr
    [shelf] = served.library.collections
    ours = {
        key: item.data
        for key, item in served.library.items.items()
        if shelf in item.data.get("collections", ())
    }
    assert len(ours) == 3
    thrown, tagged, _ = ours
    served.library.put("items", {**ours[thrown], "deleted": 1}, thrown)
    tags = [*ours[tagged]["tags"], {"tag": "more like this"}]
    served.library.put("items", {**ours[tagged], "tags": tags}, tagged)
    served.server.requests.clear()
    found = run("run", "--config", own.file)
    assert "Learnt of earlier suggestions: 1 kept, 1 dismissed." in found.stderr
    states = own.states()
    assert states[ours[thrown]["title"]] == "dismissed"
    assert states[ours[tagged]["title"]] == "kept"


def test_a_server_that_is_away_is_a_passing_failure_and_is_recorded(
    run: Run, own: Own, served: Zotero, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    own.settle(library=served.config())
    assert run("run", "--config", own.file).returncode == 0
    served.server.faults.when(lambda _: True, Fault(503), times=100)
    found = run("run", "--config", own.file)
    assert found.returncode == 75
    assert "try again" in invented.sentence(found.stderr)
    served.server.faults.clear()
    [last] = json.loads(run("status", "--config", own.file, "--json").stdout)["cycles"][:1]
    assert [one["error"] for one in last["failures"]] == ["RateLimited"]
    assert run("run", "--config", own.file).returncode == 0


@pytest.mark.parametrize("change", ["read-only", "revoked", "quota"])
def test_a_key_that_may_not_is_one_line_and_nothing_is_lost(
    run: Run, own: Own, served: Zotero, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    own.settle("[selection]\nlimit = 3", library=served.config())
    if change == "read-only":
        served.key.write = False
    elif change == "revoked":
        del served.world.keys[KEY]
    else:
        served.api.quota_full = True
    found = run("run", "--config", own.file)
    assert found.returncode == 1
    told = [line for line in found.stderr.splitlines() if line.startswith("shelfwise: ")]
    assert len(told) == 1
    assert KEY not in found.stderr + found.stdout
    wanted = {"read-only": "give it write access", "revoked": "make a new one", "quota": "room"}
    assert wanted[change] in told[0]
    served.key.write = True
    served.api.quota_full = False
    served.world.keys[KEY] = served.key
    # It ends as if nothing had happened, with no second helping.
    assert run("run", "--config", own.file).returncode == 0
    assert list(own.states().values()) == ["delivered"] * 3
