"""What ``shelfwise recommend`` gives for good input."""

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.system import invented

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def answer(found: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert found.returncode == 0, found.stderr
    parsed: dict[str, Any] = json.loads(found.stdout)
    return parsed


def test_the_json_is_exactly_what_programs_were_promised(run: Run, mine: Path, page: Path) -> None:
    found = answer(run("recommend", mine, page, "--limit", 6, "--json"))
    assert found.keys() == {"suggestions", "report"}
    assert [s["rank"] for s in found["suggestions"]] == [1, 2, 3, 4, 5, 6]
    keys = {"rank", "score", "title", "ids", "url", "code", "website", "authors", "year"}
    keys |= {"source", "reasons"}
    for one in found["suggestions"]:
        assert one.keys() == keys
        assert one["source"] == page.name
        assert one["url"] == f"https://doi.org/{one['ids']['doi']}"
        assert 2000 <= one["year"] < 2020
        assert len(one["authors"]) == 2
        assert one["reasons"]
        assert all(r.keys() == {"kind", "text", "share"} for r in one["reasons"])
        # In the numbers as they are printed, to the last digit.
        shares = [round(10_000 * reason["share"]) for reason in one["reasons"]]
        assert sum(shares) == round(10_000 * one["score"])
        assert round(one["score"], 4) == one["score"]
    report = found["report"]
    assert report.keys() == {"library", "listings", "excluded"}
    assert report["library"] == {"entries": 24, "papers": 24, "other_kinds": 0, "skipped": []}
    assert report["listings"] == [{"name": page.name, "papers": 24, "new": 24, "skipped": []}]
    assert sum(report["excluded"].values()) + 6 == 24


def test_what_is_suggested_is_what_the_reader_collects(run: Run, mine: Path, page: Path) -> None:
    found = answer(run("recommend", mine, page, "--json"))
    topics = {one["title"].split()[0].lower() for one in found["suggestions"]}
    assert topics == set(invented.MINE)


def test_people_get_a_table_and_an_account(run: Run, mine: Path, page: Path) -> None:
    found = run("recommend", mine, page, "--limit", 3)
    assert found.returncode == 0
    assert found.stdout.count("https://doi.org/10.1000/") == 3
    assert "close to “" in found.stdout
    assert "\x1b" not in found.stdout + found.stderr
    assert "Your library: 24 papers. Listed: 24 papers on 1 page." in found.stderr
    assert "Left out: " in found.stderr


def test_new_counts_what_is_on_no_earlier_page(run: Run, mine: Path, tmp_path: Path) -> None:
    first = invented.listing(tmp_path / "first.jsonl", 100)
    second = invented.listing(tmp_path / "second.jsonl", 103)
    found = answer(run("recommend", mine, first, second, first, "--json"))
    pages = [(p["name"], p["papers"], p["new"]) for p in found["report"]["listings"]]
    assert pages == [("first.jsonl", 24, 24), ("second.jsonl", 24, 12), ("first.jsonl", 24, 0)]
    assert len(found["suggestions"]) + sum(found["report"]["excluded"].values()) == 36


def test_a_directory_a_pattern_standard_input_and_archives_work_like_a_file(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    expected = answer(run("recommend", mine, page, "--json"))["suggestions"]
    for folder, file in (("books", mine), ("pages", page)):
        (tmp_path / folder).mkdir()
        packed = tmp_path / folder / f"{file.name}.gz"
        packed.write_bytes(gzip.compress(file.read_bytes()))
    books, pages = tmp_path / "books", tmp_path / "pages"
    for library, listing, stdin in (
        (books, pages, b""),
        (books / "*.gz", f"{tmp_path}/p*/*.gz", b""),
        (books / f"{mine.name}.gz", pages / f"{page.name}.gz", b""),
        ("-", page, mine.read_bytes()),
        (mine, "-", (pages / f"{page.name}.gz").read_bytes()),
    ):
        found = answer(run("recommend", library, listing, "--json", stdin=stdin))["suggestions"]
        for one, other in zip(found, expected, strict=True):
            assert one | {"source": "", "reasons": []} == other | {"source": "", "reasons": []}


def test_what_the_library_has_is_never_suggested(run: Run, mine: Path, tmp_path: Path) -> None:
    own = {topic: list(invented.papers(topic, 4)) for topic in invented.MINE}
    held = mine.read_text(encoding="utf-8")
    arxiv = "  eprint = {2101.00001v1},\n  archiveprefix = {arXiv},\n  doi = {10.1000/bee.3},\n"
    held = held.replace("  doi = {10.1000/bee.3},\n", arxiv)
    mine.write_text(held, encoding="utf-8")
    listed = [
        own["glacier"][0] | {"title": "Called otherwise now", "ids": {"doi": "10.1000/GLACIER.0"}},
        own["violin"][1] | {"ids": {"arxiv": "2301.00005"}, "abstract": "A preprint of it."},
        own["bee"][2] | {"ids": {}, "authors": [], "abstract": "", "published": ""},
        own["bee"][3] | {"title": "Bees of another name", "ids": {"arxiv": "2101.00001v4"}},
    ]
    news = [p for topic in invented.MINE for p in invented.papers(topic, 2, 200)]
    page = tmp_path / "twins.jsonl"
    page.write_text(invented.lines([*listed, *news]), encoding="utf-8")
    found = answer(run("recommend", mine, page, "--threshold", 0, "--json"))
    assert {s["title"] for s in found["suggestions"]} <= {p["title"] for p in news}
    assert found["report"]["excluded"]["already in the library"] == len(listed)


def test_what_lies_in_the_trash_is_not_suggested(run: Run, tmp_path: Path) -> None:
    items = [
        {
            "itemType": "journalArticle",
            "key": f"KEY{n:05}",
            "title": one["title"],
            "abstractNote": one["abstract"],
            "creators": [],
            "DOI": one["ids"]["doi"],
            "deleted": int(n == 0),
        }
        for n, one in enumerate(p for topic in invented.MINE for p in invented.papers(topic, 5))
    ]
    library, page = tmp_path / "zotero.json", tmp_path / "page.jsonl"
    library.write_text(json.dumps({"items": items}), encoding="utf-8")
    news = [*invented.papers("glacier", 1), *invented.papers("glacier", 4, 300)]
    page.write_text(invented.lines(news), encoding="utf-8")
    found = answer(run("recommend", library, page, "--threshold", 0, "--json"))
    assert found["report"]["excluded"]["in the library's trash"] == 1
    assert {s["title"] for s in found["suggestions"]} <= {p["title"] for p in news[1:]}
    assert len(found["suggestions"]) + sum(found["report"]["excluded"].values()) == 5


def test_files_are_written_beside_the_answer(run: Run, mine: Path, page: Path) -> None:
    places = {kind: page.with_name(f"out.{kind}") for kind in ("html", "bib", "atom")}
    options = [part for kind, path in places.items() for part in (f"--{kind}", path)]
    found = run("recommend", mine, page, "--limit", 4, *options)
    assert found.returncode == 0
    assert found.stdout.count("https://doi.org/") == 4
    assert [f"wrote {path}" for path in places.values()] == found.stderr.splitlines()[-3:]
    assert places["html"].read_text(encoding="utf-8").count("<article") == 4
    assert places["atom"].read_text(encoding="utf-8").count("<entry>") == 4
    assert (
        places["bib"].read_text(encoding="utf-8").count("@article{") == 4
        or places["bib"].read_text(encoding="utf-8").count("@misc{") == 4
    )
    # A second call replaces what the first one wrote.
    assert run("recommend", mine, page, "--limit", 2, *options).returncode == 0
    assert places["html"].read_text(encoding="utf-8").count("<article") == 2


def test_what_we_wrote_into_a_directory_is_not_read_back(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    page.rename(pages / page.name)
    command = ("recommend", mine, pages, "--json", "--bib", pages / "out.bib")
    first, second = run(*command), run(*command)
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    # Named by the reader, it is a listing like any other.
    again = answer(run("recommend", mine, pages / "out.bib", "--json"))
    assert again["report"]["listings"][0]["papers"] == 10


def test_the_five_real_pages_add_up(run: Run, shared: Path) -> None:
    pages = sorted((shared / "listings").glob("*.txt"))
    found = answer(run("recommend", shared / "libraries" / "ris-01.ris", *pages, "--json"))
    report = found["report"]
    assert [page["papers"] for page in report["listings"]] == [81, 206, 70, 61, 58]
    assert sum(page["new"] for page in report["listings"]) == 430
    assert len(found["suggestions"]) + sum(report["excluded"].values()) == 430


@pytest.mark.parametrize("columns", ["40", "200"])
def test_a_narrow_and_a_wide_terminal_show_every_title(
    run: Run, mine: Path, page: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("recommender.cli.output._width", lambda _: int(columns))
    titles = [s["title"] for s in answer(run("recommend", mine, page, "--json"))["suggestions"]]
    shown = run("recommend", mine, page).stdout
    assert max(map(len, shown.splitlines())) <= int(columns)
    for title in titles:
        assert "".join(title.split()) in "".join(shown.split())
