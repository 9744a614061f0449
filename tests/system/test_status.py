"""``shelfwise status``: what the last runs did."""

from pathlib import Path
from typing import Any

import pytest

from tests.system import invented
from tests.system.own import Own, Run, answer


@pytest.fixture
def own(tmp_path: Path) -> Own:
    own = Own(tmp_path)
    own.settle('[outputs]\nhtml = "out.html"')
    return own


def test_before_the_first_run_it_is_said_that_there_was_none(run: Run, own: Own) -> None:
    found = run("status", "--config", own.file)
    assert found.returncode == 2
    assert "run shelfwise run first" in invented.sentence(found.stderr)
    assert not own.store_file.exists()


def test_the_last_runs_are_told_latest_first(run: Run, own: Own) -> None:
    n = len(answer(run("run", "--config", own.file, "--json"))["suggestions"])
    assert run("run", "--config", own.file).returncode == 0
    found = run("status", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    heads = [line for line in lines if not line.startswith(" ") and " s: " in line]
    assert [head.partition(" s: ")[2] for head in heads][1] == f"{n} new suggestions"
    assert any("read: 24 papers in the library; 24 new papers on 1 page" in line for line in lines)
    assert any("read: 24 papers in the library; 0 new papers on 1 page" in line for line in lines)
    assert any(f"{n} suggested before" in line for line in lines)
    assert any(line.startswith("Suggestions in all: ") for line in lines)


def test_a_quiet_run_says_why(run: Run, own: Own) -> None:
    own.settle("[selection]\nthreshold = 1.0")
    assert run("run", "--config", own.file).returncode == 0
    found = run("status", "--config", own.file).stdout
    assert "quiet: 18 listed papers scored below the threshold of 1.00" in found
    assert "18 below the threshold, 6 no opinion" in found


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ([], "the listings held no papers"),
        (list(invented.papers("bee", 3)), "no listed paper was new to you"),
        (
            [{"title": "Xyzzy plugh", "abstract": "Foo bar quux.", "ids": {}, "authors": []}],
            "what is new to you has no word in common with your library",
        ),
    ],
)
def test_each_reason_for_a_quiet_run_is_told(
    run: Run, own: Own, page: list[dict[str, Any]], told: str
) -> None:
    own.page.write_text(invented.lines(page) or "\n", encoding="utf-8")
    own.settle("[selection]\nthreshold = 0.0")
    run("run", "--config", own.file)
    assert f"quiet: {told}" in run("status", "--config", own.file).stdout


def test_a_page_that_is_as_it_was_is_not_called_empty(run: Run, own: Own) -> None:
    own.settle("[selection]\nthreshold = 1.0")
    assert run("run", "--config", own.file).returncode == 0
    again = run("run", "--config", own.file)
    assert "Nothing to suggest: the best new paper scores" in again.stderr
    found = run("status", "--config", own.file).stdout
    assert found.count("quiet: 18 listed papers scored below the threshold of 1.00") == 2


def test_a_run_that_failed_says_what(run: Run, own: Own) -> None:
    assert run("run", "--config", own.file).returncode == 0
    own.library.write_text("{", encoding="utf-8")
    assert run("run", "--config", own.file).returncode == 1
    found = run("status", "--config", own.file).stdout
    assert "nothing was done" in found
    assert f"{own.library}: could not be read; shelfwise doctor says more" in found


def test_each_source_is_told(run: Run, own: Own) -> None:
    assert run("run", "--config", own.file).returncode == 0
    found = run("status", "--config", own.file).stdout
    assert "page*.jsonl: well: new papers on " in found
    n_kilobytes = round(own.page.stat().st_size / 1000)
    counts = f"(1 page asked; 24 papers: 24 new, 0 known, 0 broken; {n_kilobytes} KB in 0."
    assert counts in found
    assert run("run", "--config", own.file).returncode == 0
    found = run("status", "--config", own.file).stdout
    assert "(1 page asked, 1 of them as before; 0 papers: 0 new, 0 known, 0 broken; " in found
    own.page.write_text("<html>", encoding="utf-8")
    assert run("run", "--config", own.file).returncode == 1
    found = run("status", "--config", own.file).stdout
    assert "page*.jsonl: failing since " in found
    assert "holds no listing that Shelfwise can read" in found
    found = run("doctor", "--config", own.file).stdout
    assert "failing since" in found
    assert "correct its section [[source]] in the config" in found


def test_programs_get_all_of_it(run: Run, own: Own) -> None:
    n = len(answer(run("run", "--config", own.file, "--json"))["suggestions"])
    found = answer(run("status", "--config", own.file, "--json"))
    assert found.keys() == {
        "cycles",
        "sources",
        "digest",
        "suggestions",
        "outbox",
        "next_due",
        "paused_until",
    }
    [source] = found["sources"]
    counts = {"pages": 1, "unchanged": 0, "papers": 24, "new": 24, "known": 0, "broken": 0}
    assert counts.items() <= source.items()
    assert source["condition"] == "well"
    assert source["bytes"] == own.page.stat().st_size
    assert source["last_new_at"] == found["cycles"][0]["started_at"]
    [cycle] = found["cycles"]
    assert cycle["started_at"] <= cycle["finished_at"]
    assert cycle["library"]["papers"] == 24
    assert found["suggestions"]["delivered"] == n
    assert found["outbox"] == 0


def test_what_is_still_to_be_delivered_is_told(run: Run, own: Own) -> None:
    # A folder in the file's place.
    (own.folder / "out.html").mkdir()
    assert run("run", "--config", own.file).returncode == 1
    assert answer(run("status", "--config", own.file, "--json"))["outbox"]
    assert "goes out with the next run" in run("status", "--config", own.file).stdout


def test_what_may_not_be_read_is_told_with_or_without_a_key(run: Run, own: Own) -> None:
    own.settle(library='place = "web"')
    assert run("run", "--config", own.file).returncode == 1
    found = run("status", "--config", own.file).stdout
    assert "Zotero: may not be read or written; shelfwise doctor says more" in found
