"""Files that ``recommend`` writes: never over what is not ours, and never half."""

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system import invented

Run = Callable[..., "subprocess.CompletedProcess[str]"]

KINDS = ("html", "atom", "bib")


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_file_is_refused_and_stays(
    run: Run, mine: Path, page: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "out"
    out.write_text("@article{theirs, title = {Mine}}\n", encoding="utf-8")
    found = run("recommend", mine, page, f"--{kind}", out)
    assert found.returncode == 1
    assert "was not written by Shelfwise" in found.stderr.splitlines()[-1]
    assert out.read_text(encoding="utf-8") == "@article{theirs, title = {Mine}}\n"
    # What was asked for beside it is there.
    assert found.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_is_never_written(
    run: Run, mine: Path, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    link = tmp_path / "link"
    link.symlink_to(mine)
    for out in (mine, page, mine.name, f"./{page.name}", link):
        before = mine.read_bytes(), page.read_bytes()
        found = run("recommend", mine, page, f"--{kind}", out)
        assert found.returncode == 2
        assert "is read from" in invented.sentence(found.stderr)
        assert (mine.read_bytes(), page.read_bytes()) == before


def test_our_own_listing_is_not_written_over_while_it_is_read(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.bib"
    assert run("recommend", mine, page, "--bib", out).returncode == 0
    assert run("recommend", mine, out, "--bib", out).returncode == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_that_cannot_be_written_is_one_line(
    run: Run, mine: Path, page: Path, tmp_path: Path, kind: str
) -> None:
    for out in (tmp_path / "no" / "out", tmp_path, mine / "out", tmp_path / ("x" * 300)):
        found = run("recommend", mine, page, f"--{kind}", out)
        assert found.returncode == 1
        assert "wrote" not in found.stderr
        [line] = [one for one in found.stderr.splitlines() if one.startswith("shelfwise: ")]
        assert line.startswith(f"shelfwise: {out}: ")


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_the_old_file_whole(
    run: Run, mine: Path, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    out = tmp_path / "out"
    assert run("recommend", mine, page, "--limit", 1, f"--{kind}", out).returncode == 0
    before = out.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        found = run("recommend", mine, page, f"--{kind}", out)
        (tmp_path / "bad").write_bytes(b"%PDF")
        mixed = run("recommend", mine, page, tmp_path / "bad", f"--{kind}", out)
        (tmp_path / "bad").unlink()
    # Later it may well work, but not where something else is wrong for good.
    assert (found.returncode, mixed.returncode) == (75, 1)
    assert "free some space" in found.stderr.splitlines()[-1]
    assert out.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.bib", "out", "page.jsonl"]
    assert run("recommend", mine, page, f"--{kind}", out).returncode == 0
    assert out.read_bytes() != before


def test_what_killed_runs_left_half_written_is_swept(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    old, young = tmp_path / ".shelfwise-1.tmp", tmp_path / ".shelfwise-2.tmp"
    for left in (old, young):
        left.write_text("half a", encoding="utf-8")
    os.utime(old, (0, 0))
    assert run("recommend", mine, page, "--html", tmp_path / "out").returncode == 0
    assert not old.exists()
    # This one may be another run's.
    assert young.exists()
