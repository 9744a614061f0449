"""Bad input: one clear line, the right exit code, and whatever is good is still used."""

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integrations.files import inputs
from recommender import cycle, records
from tests.system import invented

Run = Callable[..., "subprocess.CompletedProcess[str]"]

_TEXT = invented.lines(invented.papers("bee", 40)).encode()


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return packed.getvalue()


def _bomb(inside: str) -> bytes:
    entities = "".join(
        f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{f"&l{n - 1};" * 9 * bool(n)}">'
        for n in range(10)
    )
    return f'<?xml version="1.0"?><!DOCTYPE a [{entities}]>{inside}'.encode()


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n\t", "is empty"),
    "binary": (bytes(range(256)) * 40, "binary data"),
    "zeros": (bytes(10_000), "binary data"),
    "noise": (os.urandom(2**20), "looks like"),
    "gzip": (gzip.compress(_TEXT)[:200], "archive is damaged"),
    "bzip2": (bz2.compress(_TEXT)[:200], "archive is damaged"),
    "xz": (lzma.compress(_TEXT)[:200], "archive is damaged"),
    "utf-16": (_TEXT.decode().encode("utf-16-le"), "UTF-16 text without a byte order mark"),
    "zip": (_zip(), "a zip archive or an office document"),
    "pdf": (b"%PDF-1.7\n" + bytes(200), "a PDF"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(200), "a picture"),
    "prose": (b"Dear diary, today nothing was published.\n", "plain text"),
    "long line": (b"word " * 10**6, "plain text"),
    "page": (b"<!doctype html><html><body>Hello</body></html>", "a web page"),
    "deep json": (b"[" * 200_000, "JSON"),
    "deep object": (b'{"title":' * 100_000, "JSON"),
    "deep xml": (b"<a>" * 200_000, "XML"),
    "bomb": (_bomb("<a>&l9;</a>"), "XML"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_file_is_one_line_that_says_what_it_is(
    run: Run, mine: Path, page: Path, tmp_path: Path, name: str
) -> None:
    content, told = UNREADABLE[name]
    bad = tmp_path / "bad.file"
    bad.write_bytes(content)
    for arguments in ((bad, page), (mine, bad)):
        found = run("recommend", *arguments)
        assert found.returncode == 1
        assert not found.stdout
        sentence = invented.sentence(found.stderr)
        assert sentence.startswith("bad.file: ")
        assert told in sentence


@pytest.mark.slow
def test_much_noise_is_told_at_once(run: Run, mine: Path, page: Path, tmp_path: Path) -> None:
    bad = tmp_path / "noise"
    bad.write_bytes(os.urandom(50 * 2**20))
    for arguments in ((bad, page), (mine, bad)):
        assert "binary data" in invented.sentence(run("recommend", *arguments).stderr)


def test_a_bad_listing_among_good_ones_does_not_stop_them(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7")
    found = run("recommend", mine, bad, page, "--json", "--html", tmp_path / "out.html")
    assert found.returncode == 1
    answer = json.loads(found.stdout)
    assert len(answer["suggestions"]) == 10
    first, second = answer["report"]["listings"]
    assert (first["name"], first["papers"], first["new"]) == ("bad.pdf", 0, 0)
    assert "a PDF" in first["skipped"][0]["reason"]
    assert (second["name"], second["papers"]) == (page.name, 24)
    assert "bad.pdf: " in found.stderr
    assert (tmp_path / "out.html").exists()


def test_a_damaged_file_in_a_directory_is_told_like_a_named_one(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    page.rename(pages / "b.jsonl")
    (pages / "a.bib").write_text("@article{a, year = {2001}}", encoding="utf-8")
    (pages / "c.jsonl.gz").write_bytes(gzip.compress(os.urandom(3000) + _TEXT)[:2000])
    (pages / "d.gz").write_bytes(gzip.compress(_TEXT * 100, 1)[:-20])
    (pages / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found = run("recommend", mine, pages, "--json")
    assert found.returncode == 1
    listings = json.loads(found.stdout)["report"]["listings"]
    assert {"a.bib": 0, "b.jsonl": 24, "d.gz": 0}.items() <= {
        one["name"]: one["papers"] for one in listings
    }.items()
    told = found.stderr.splitlines()
    assert all(line.startswith("shelfwise: ") for line in told)
    assert any("a.bib: " in line and "has no title" in line for line in told)
    assert any("d.gz: the archive is damaged" in line for line in told)
    assert not any("cover.png" in line for line in told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[]", "has no entries"),
        (b"@online{a, title={A page}, url={http://example.org}}", "none of its entries (1)"),
        (b"@article{a, year = {2001}}", "line 1 (a): has no title"),
        (
            json.dumps(
                [{"itemType": "book", "key": "AAAA1111", "title": "A book", "deleted": 1}]
            ).encode(),
            "every paper in it is in the trash",
        ),
    ],
)
def test_a_library_without_papers_says_what_it_holds(
    run: Run, page: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    library = tmp_path / "library"
    library.write_bytes(content)
    found = run("recommend", library, page)
    assert found.returncode == 1
    assert told in invented.sentence(found.stderr)


def test_a_library_without_abstracts_and_one_of_a_single_paper_work(
    run: Run, page: Path, tmp_path: Path
) -> None:
    bare = [p | {"abstract": ""} for topic in invented.MINE for p in invented.papers(topic, 6)]
    for papers in (bare, list(invented.papers("bee", 1))):
        library = tmp_path / "library.bib"
        library.write_text(invented.bibtex(papers), encoding="utf-8")
        found = run("recommend", library, page, "--threshold", "0", "--json")
        assert found.returncode == 0
        assert json.loads(found.stdout)["suggestions"]


@pytest.mark.parametrize(
    "content",
    [b"[]", b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>'],
)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_listing_of_nothing_is_quiet_and_says_why(
    run: Run, mine: Path, tmp_path: Path, content: bytes, options: tuple[str, ...]
) -> None:
    page = tmp_path / "page"
    page.write_bytes(content)
    found = run("recommend", mine, page, *options)
    assert found.returncode == 0
    assert "Nothing to suggest: the listings hold no papers." in found.stderr
    assert bool(found.stdout) == bool(options)


def test_why_there_is_nothing_is_true(run: Run, mine: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.jsonl"
    page.write_text(invented.lines(invented.papers("bee", 3)), encoding="utf-8")
    assert "no listed paper is new to you" in run("recommend", mine, page).stderr
    strange = {"title": "Zymurgy quarterly", "authors": ["Q. Xu"]}
    page.write_text(json.dumps(strange), encoding="utf-8")
    assert "no word in common with your library" in run("recommend", mine, page).stderr
    invented.listing(page)
    high = run("recommend", mine, page, "--threshold", "0.999").stderr
    assert "below the threshold of" in high
    assert "--threshold lowers it" in high


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8-sig", "utf-16"])
def test_other_encodings_are_read_right(
    run: Run, page: Path, tmp_path: Path, encoding: str
) -> None:
    library = tmp_path / "library.bib"
    papers = [p for topic in invented.MINE for p in invented.papers(topic, 6)]
    papers = [p | {"title": f"Épreuve {p['title']}"} for p in papers]
    library.write_bytes(invented.bibtex(papers).encode(encoding))
    found = run("recommend", library, page, "--json")
    assert found.returncode == 0
    assert "Épreuve" in found.stdout


@pytest.mark.parametrize("name", ["no", "no/such", "x" * 300, "*.nothing", "", "~nobody/x"])
def test_what_is_not_there_is_two(
    run: Run,
    mine: Path,
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in ((name, page), (mine, name)):
        found = run("recommend", *arguments)
        assert found.returncode == 2
        invented.sentence(found.stderr)


def test_a_directory_is_two_when_empty_and_one_when_nothing_in_it_is_readable(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for n_files, code in ((0, 2), (1, 1)):
        for number in range(n_files):
            (folder / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        for arguments in ((folder, page), (mine, folder)):
            found = run("recommend", *arguments)
            assert found.returncode == code
            invented.sentence(found.stderr)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_one_line(run: Run, mine: Path, page: Path) -> None:
    page.chmod(0)
    found = run("recommend", mine, page)
    assert found.returncode == 1
    assert "ermission denied" in invented.sentence(found.stderr)


def test_a_file_that_vanishes_is_one_line(
    run: Run, mine: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = cycle.run
    for gone, arguments in ((mine, (mine, page)), (page, (mine, page))):
        content = gone.read_bytes()

        def vanishing(*given: Any, gone: Path = gone, **named: Any) -> records.Record:
            gone.unlink()
            return whole(*given, **named)

        monkeypatch.setattr(cycle, "run", vanishing)
        found = run("recommend", *arguments)
        assert found.returncode == 1
        assert f"{gone.name}: no such file" in invented.sentence(found.stderr)
        gone.write_bytes(content)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
def test_endless_input_ends(
    run: Run, mine: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "LIMIT", 2**22)
    for arguments in (("/dev/zero", page), (mine, "/dev/zero")):
        found = run("recommend", *arguments)
        assert found.returncode == 1
        assert "longer than 4 MiB" in invented.sentence(found.stderr)
    found = run("recommend", mine, "-", stdin=gzip.compress(bytes(2**23)))
    assert "longer than 4 MiB" in invented.sentence(found.stderr)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_a_listing_like_any_other(mine: Path, page: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    # The shell's cat waits until the pipe is opened for reading.
    with subprocess.Popen(  # noqa: S603
        ["/bin/sh", "-c", 'cat "$1" > "$2"', "sh", str(page), str(tmp_path / "pipe")]
    ):
        found = invented.command("recommend", mine, tmp_path / "pipe", "--json")
    assert found.returncode == 0
    assert json.loads(found.stdout)["report"]["listings"][0]["papers"] == 24


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_that_lead_in_circles_are_followed_once(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert run("recommend", mine, tmp_path / "loop").returncode == 2
    pages = tmp_path / "pages"
    pages.mkdir()
    page.rename(pages / page.name)
    for name in ("here", "again"):
        (pages / name).symlink_to(pages)
    for listing in (pages, pages / "**", pages / "**" / "*.jsonl"):
        found = run("recommend", mine, listing, "--json")
        assert found.returncode == 0
        assert [one["papers"] for one in json.loads(found.stdout)["report"]["listings"]] == [24]


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")
@pytest.mark.parametrize(
    "name",
    ["with space.x", "new\nline.x", "büro.x", "🦉.x", os.fsdecode(b"caf\xe9.x"), "\x1b[1m.x"],
)
def test_a_name_may_hold_anything(
    run: Run, mine: Path, page: Path, tmp_path: Path, name: str
) -> None:
    strange = tmp_path / name
    page.rename(strange)
    options = [
        part
        for kind in ("html", "bib", "atom")
        for part in (f"--{kind}", tmp_path / f"{kind} {name}")
    ]
    found = run("recommend", mine, strange, *options)
    assert found.returncode == 0, found.stderr
    assert not {"\x1b", "\udce9"} & set(found.stdout + found.stderr)
    found = run("recommend", mine, strange, "--json")
    assert json.loads(found.stdout)["report"]["listings"][0]["name"] == name
    strange.write_bytes(b"%PDF")
    invented.sentence(run("recommend", mine, strange).stderr)
    invented.sentence(run("recommend", tmp_path / f"no {name}", strange).stderr)
    assert run("recommend", mine, strange, "--json").returncode == 1
