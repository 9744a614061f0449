"""The demo as a person meets it: once, again, to its end, and killed on the way."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from recommender.cli import demonstration
from recommender.library import Library
from recommender.store import Store
from tests.system import invented

Run = Callable[..., "subprocess.CompletedProcess[str]"]

_FILES = {"suggestions.html": "<article", "suggestions.atom": "<entry>", "suggestions.bib": "\n@"}


def suggested(folder: Path) -> list[str]:
    with Store.open(folder / "shelfwise.db") as store:
        return [suggestion.paper.title for suggestion, _ in store.suggestions("demo")]


def n_blocks(folder: Path) -> dict[str, int]:
    opened = re.compile(r"^(?:<!-- |% )shelfwise:[0-9a-f]{16} ", re.MULTILINE)
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in _FILES}
    return {name: len(opened.findall(text)) for name, text in texts.items()}


def test_the_demo_does_the_whole_job(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "demo"
    found = run("demo", "--folder", folder)
    assert found.returncode == 0
    assert not found.stderr
    assert "\n10 suggestions, with reasons:" in found.stdout
    assert "Not repeated" not in found.stdout
    for interest in ("Recommender systems", "Proteins", "Language models"):
        assert f"which you filed under {interest}" in " ".join(found.stdout.split())
    assert {file.name for file in folder.iterdir()} == {*_FILES, "shelfwise.db"}
    assert all(str(name) in found.stdout for name in _FILES)
    # Zotero takes no file:// address for a feed.
    serving = f"python3 -m http.server --bind 127.0.0.1 8765 --directory '{folder}'"
    assert serving in " ".join(found.stdout.split())
    assert "http://127.0.0.1:8765/suggestions.atom" in found.stdout
    assert set(n_blocks(folder).values()) == {10}


def test_the_demo_never_repeats_itself_and_says_why_it_is_quiet(run: Run, tmp_path: Path) -> None:
    outputs = [run("demo", "--folder", tmp_path)]
    while "Nothing to suggest" not in outputs[-1].stdout:
        outputs.append(run("demo", "--folder", tmp_path))
        assert outputs[-1].returncode == 0
        assert len(outputs) < 40
    assert "Not repeated: 10 papers suggested before." in outputs[1].stdout
    titles = suggested(tmp_path)
    assert len(set(titles)) == len(titles) > 20
    assert set(n_blocks(tmp_path).values()) == {len(titles)}
    quiet = outputs[-1].stdout
    assert "below the threshold of" in quiet
    assert f"Remove {tmp_path} to start anew." in quiet
    assert "Run the demo again" not in quiet
    # A quiet run leaves every file as it is.
    before = {file: file.read_bytes() for file in tmp_path.glob("suggestions.*")}
    assert run("demo", "--folder", tmp_path).returncode == 0
    assert before == {file: file.read_bytes() for file in tmp_path.glob("suggestions.*")}


def test_a_foreign_file_is_left_alone_and_the_others_are_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "suggestions.html").write_text("my own page\n", encoding="utf-8")
    found = run("demo", "--folder", tmp_path)
    assert found.returncode == 1
    assert "was not written by Shelfwise" in invented.sentence(found.stderr)
    assert (tmp_path / "suggestions.html").read_text(encoding="utf-8") == "my own page\n"
    assert "suggestions.html" not in found.stdout
    assert (tmp_path / "suggestions.bib").exists()
    # Once it is out of the way, nothing is missing from the page.
    (tmp_path / "suggestions.html").unlink()
    assert run("demo", "--folder", tmp_path).returncode == 0
    assert set(n_blocks(tmp_path).values()) == {20}


def test_a_folder_that_cannot_be_used_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "below", "/proc/nowhere"):
        found = run("demo", "--folder", place)
        assert found.returncode in {1, 2}
        invented.sentence(found.stderr)
    (tmp_path / "shelfwise.db").write_text("not a database " * 100, encoding="utf-8")
    found = run("demo", "--folder", tmp_path)
    assert found.returncode == 1
    assert "is no SQLite file" in invented.sentence(found.stderr)
    assert not found.stdout


def test_another_program_s_database_is_left_alone(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shelfwise.db")) as other:
        other.execute("CREATE TABLE theirs (a)")
    before = (tmp_path / "shelfwise.db").read_bytes()
    found = run("demo", "--folder", tmp_path)
    assert found.returncode == 1
    assert "is another program's" in invented.sentence(found.stderr)
    assert (tmp_path / "shelfwise.db").read_bytes() == before


# Kills itself without a word the n-th time that it does one of the things that change files.
_KILLED = """
import os, signal, sys
from integrations.files import replacing
from recommender.cli import main
from recommender.store import Store
left = [int(sys.argv.pop(1))]
def mortal(act, before):
    def done(*args, **kwargs):
        left[0] -= before
        if before and left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)
        found = act(*args, **kwargs)
        left[0] -= not before
        if left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)
        return found
    return done
for name in ("save_entries", "save_listed", "add_suggestions", "record_receipts"):
    setattr(Store, name, mortal(getattr(Store, name), False))
replacing.replace = mortal(replacing.replace, False)
os.fsync = mortal(os.fsync, True)
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of that kind here")
def test_killed_anywhere_and_run_again_nothing_is_lost_or_doubled(run: Run, tmp_path: Path) -> None:
    ended: list[tuple[int, bytes]] = []
    # Each run gets a little further than the one before; from another place, too.
    for step in range(0, 12, 2):
        killed = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _KILLED, str(step), "demo", "--folder", "demo"],
            cwd=tmp_path,
            env=invented.environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        ended.append((killed.returncode, killed.stderr))
    assert [code for code, _ in ended[:3]] == [-9] * 3, ended
    assert run("demo", "--folder", tmp_path / "demo").returncode == 0
    titles = suggested(tmp_path / "demo")
    assert len(titles) >= 10
    assert len(set(titles)) == len(titles)
    assert set(n_blocks(tmp_path / "demo").values()) == {len(titles)}
    # What a killed run left half written goes when nobody can be writing it any more.
    for left in (tmp_path / "demo").glob(".shelfwise-*.tmp"):
        os.utime(left, (0, 0))
    assert run("demo", "--folder", tmp_path / "demo").returncode == 0
    assert not list((tmp_path / "demo").glob(".shelfwise-*.tmp"))


def test_the_printed_parts_of_the_demo_add_up(run: Run, tmp_path: Path) -> None:
    told = run("demo", "--folder", tmp_path).stdout
    numbers = re.compile(r"^ *(\d+ +)?(\d\.\d\d)  ?\S", re.MULTILINE)
    scores: list[tuple[int, list[int]]] = []
    for rank, number in numbers.findall(told):
        if rank:
            scores.append((round(100 * float(number)), []))
        else:
            scores[-1][1].append(round(100 * float(number)))
    assert len(scores) == 10
    assert all(sum(parts) == score for score, parts in scores)


def test_the_demo_knows_its_library_wherever_it_is_installed(run: Run, tmp_path: Path) -> None:
    run("demo", "--folder", tmp_path)
    with Store.open(tmp_path / "shelfwise.db") as store:
        assert len(store.library("the demo's library").items) == 50


def test_a_library_without_folders_is_told_of_plainly() -> None:
    assert demonstration._collections(Library()) == ""
