"""The same input gives the same output, byte for byte, wherever and however it is run."""

import itertools
import os
from pathlib import Path

import pytest

from tests.system import invented

_KINDS = ("html", "atom", "bib")


def outputs(
    folder: Path, *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> dict[str, bytes]:
    folder.mkdir()
    options = [part for kind in _KINDS for part in (f"--{kind}", str(folder / f"out.{kind}"))]
    run = invented.command("recommend", *arguments, "--json", *options, cwd=cwd, env=env)
    assert run.returncode == 0, run.stderr
    files = {kind: (folder / f"out.{kind}").read_bytes() for kind in _KINDS}
    return files | {"json": run.stdout}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3):
        invented.listing(folder / f"page {number}.jsonl", 100 + 4 * number)
    return folder


def test_neither_threads_nor_hashes_nor_the_directory_change_a_byte(
    tmp_path: Path, mine: Path, pages: Path
) -> None:
    many = {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4", "PYTHONHASHSEED": "1"}
    few = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    first = outputs(tmp_path / "1", str(mine), str(pages), env=few)
    second = outputs(tmp_path / "2", str(mine), str(pages), env=many, cwd=pages)
    assert first == second


def test_neither_the_order_nor_the_time_of_copying_nor_a_relative_path_changes_a_byte(
    tmp_path: Path, mine: Path, pages: Path
) -> None:
    (tmp_path / "copy" / "pages").mkdir(parents=True)
    moments = itertools.count(10**9, 10**7)
    for file in (*sorted(pages.iterdir(), reverse=True), mine):
        inside = tmp_path / "copy" / file.relative_to(tmp_path)
        inside.write_bytes(file.read_bytes())
        os.utime(inside, (next(moments), next(moments)))
    first = outputs(tmp_path / "1", "mine.bib", "pages", cwd=tmp_path)
    second = outputs(tmp_path / "2", "mine.bib", "./pages", cwd=tmp_path / "copy")
    assert first == second


def test_the_table_is_the_same_twice(tmp_path: Path, mine: Path, pages: Path) -> None:
    shown = {
        invented.command("recommend", mine, pages, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "1")
    }
    assert len(shown) == 1
    assert next(iter(shown))
