import bz2
import gzip
import io
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from integrations.files import inputs as module
from integrations.files.inputs import Input, inputs
from recommender.errors import BadResponse, ConfigError


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())


def test_a_file_is_itself(tmp_path: Path) -> None:
    make(tmp_path, "mine.bib")
    [found] = inputs(str(tmp_path / "mine.bib"))
    assert found == Input("mine.bib", tmp_path / "mine.bib", named=True)
    assert found.read() == b"mine.bib"
    assert found.head(4) == b"mine"


def test_a_directory_is_its_files_in_order_without_hidden_ones(tmp_path: Path) -> None:
    make(tmp_path, "z.bib", "a/b.ris", "a.bib", ".git/config", ".hidden", "a/.x")
    found = inputs(str(tmp_path))
    assert [f.name for f in found] == ["a.bib", "a/b.ris", "z.bib"]
    assert not any(f.named for f in found)


def test_a_directory_with_a_database_is_that_alone(tmp_path: Path) -> None:
    make(tmp_path, "zotero.sqlite", "storage/AB/paper.pdf", "notes.bib")
    assert inputs(str(tmp_path)) == (Input("zotero.sqlite", tmp_path / "zotero.sqlite"),)


def test_a_database_further_down_hides_what_lies_beside_it(tmp_path: Path) -> None:
    make(tmp_path, "mine.bib", "Zotero/zotero.sqlite", "Zotero/storage/AB/paper.pdf")
    assert [f.name for f in inputs(str(tmp_path))] == ["Zotero/zotero.sqlite", "mine.bib"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.bib", ["a.bib", "z.bib"]),
        ("**/*.bib", ["a.bib", "deep/er/c.bib", "z.bib"]),
        ("?.bib", ["a.bib", "z.bib"]),
        ("[z]*", ["z.bib"]),
        ("*/*/c.bib", ["deep/er/c.bib"]),
    ],
)
def test_a_pattern_is_what_matches_in_order(tmp_path: Path, pattern: str, names: list[str]) -> None:
    make(tmp_path, "z.bib", "a.bib", "deep/er/c.bib", "x.txt", ".h.bib")
    found = inputs(str(tmp_path / pattern))
    assert [f.name for f in found] == names
    assert not any(f.named for f in found)


def test_a_file_with_a_bracket_in_its_name_is_no_pattern(tmp_path: Path) -> None:
    make(tmp_path, "papers [2024].bib", "papers 2.bib")
    assert [f.name for f in inputs(str(tmp_path / "papers [2024].bib"))] == ["papers [2024].bib"]


def test_the_home_directory_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "mine.bib")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert inputs("~/mine.bib")[0].read() == b"mine.bib"
    assert [f.name for f in inputs("~/*.bib")] == ["mine.bib"]


@pytest.mark.parametrize("argument", ["", "  ", "nothing.bib", "*.nothing", "empty", "bad\0name"])
def test_what_means_no_file_is_a_mistake_of_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as found:
        inputs(argument)
    assert "\n" not in str(found.value)


def test_a_hyphen_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(b"text"))))
    [found] = inputs("-")
    assert (found.name, found.path, found.named) == ("standard input", None, True)
    assert not found.is_readable_again
    assert found.read() == b"text"


@pytest.mark.parametrize(
    "packed", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"]
)
def test_an_archive_is_unpacked_whatever_it_is_called(
    tmp_path: Path, packed: Callable[[bytes], bytes]
) -> None:
    content = os.urandom(3000) * 1000
    path = tmp_path / "mine.bib"
    path.write_bytes(packed(content))
    found = Input("mine.bib", path)
    assert found.read() == content
    assert found.head(10) == content[:10]
    path.write_bytes(packed(content)[:-20])
    assert found.head(10) == content[:10]
    with pytest.raises(BadResponse, match=r"mine\.bib: the archive is damaged"):
        found.read()


def test_a_broken_archive_of_each_kind_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for magic in (b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00"):
        path.write_bytes(magic + b"\x55" * 500)
        with pytest.raises(BadResponse) as found:
            Input("x", path).read()
        assert found.value.service == "x"
        assert "damaged" in str(found.value)


def test_too_long_a_file_is_refused_and_not_unpacked_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT", 2**20)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(2**20)))
    assert len(Input("bomb.gz", path).read()) == 2**20
    path.write_bytes(gzip.compress(bytes(2**20 + 1)))
    with pytest.raises(BadResponse, match="longer than 1 MiB"):
        Input("bomb.gz", path).read()


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path):
        with pytest.raises(BadResponse, match="cannot be read"):
            Input("x", path).read()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_a_file_that_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not inputs(str(tmp_path / "pipe"))[0].is_readable_again
