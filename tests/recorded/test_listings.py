"""Real listings are read whole and right; these tests need the shared data."""

import gzip
import hashlib
import json
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from integrations.files.formats import HEAD
from integrations.pages import feeds, page_text
from integrations.pages.formats import recognised
from integrations.pages.saved_pages import Page, PageEntry, read_page
from integrations.sources.files import FileSource
from recommender.errors import BadResponse
from recommender.listings import Listing
from recommender.papers import Kind


@pytest.fixture(scope="module")
def expected(shared: Path) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = json.loads((shared / "listings/expected.json").read_bytes())[
        "pages"
    ]
    return pages


@pytest.fixture(scope="module")
def pages(shared: Path, expected: list[dict[str, Any]]) -> list[Page]:
    return [read_page((shared / "listings" / page["file"]).read_bytes()) for page in expected]


def entries(pages: list[Page]) -> list[PageEntry]:
    return list(chain.from_iterable(page.entries for page in pages))


def listing(path: Path) -> Listing:
    (page,) = FileSource(str(path)).listings(None)
    return page


def test_each_saved_page_gives_what_stands_on_it(
    pages: list[Page], expected: list[dict[str, Any]]
) -> None:
    assert [len(page.entries) for page in pages] == [81, 206, 70, 61, 58]
    for page, facts in zip(pages, expected, strict=True):
        months = {3: "Mar", 4: "Apr", 5: "May"}
        date = f"{months[page.month]} {page.day}" if page.month else None
        assert (page.dialect, page.curator or None, date) == (
            facts["dialect"],
            facts["curator"],
            facts["date"],
        )
        assert [
            {
                "position": entry.position,
                "title_line": entry.title_line,
                "abstract_line": entry.abstract_line,
                "title": entry.title_raw,
                "abstract_sha256": hashlib.sha256((entry.abstract_raw or "").encode()).hexdigest()[
                    :16
                ],
            }
            for entry in page.entries
        ] == facts["entries"]


def test_the_saved_pages_hold_430_papers_of_429_titles(pages: list[Page]) -> None:
    found = entries(pages)
    assert len(found) == 476
    assert len({e.title_raw for e in found}) == 429
    assert len({(e.title_raw, e.abstract_raw) for e in found}) == 430


def test_the_saved_pages_oddities_are_told_and_no_others(pages: list[Page]) -> None:
    of_pages = [[(w.code, w.line) for w in page.warnings] for page in pages]
    assert of_pages == [[], [("W_GLUED_HEADER", 3), ("W_SAME_TITLE", 111)], [], [], []]
    of_entries = [[(w.code, w.line) for e in p.entries for w in e.warnings] for p in pages]
    assert of_entries == [
        [],
        [("W_MATH", 256), ("W_TRUNCATED", 340)],
        [],
        [],
        [("W_TRUNCATED", 129)],
    ]


def test_the_saved_pages_addresses_are_found(pages: list[Page]) -> None:
    found = [[u for u in e.urls if u.startswith("http")] for e in entries(pages)]
    assert sum(map(len, found)) == 159
    assert sum(map(bool, found)) == 154
    with_code = {e.title_raw for e in entries(pages) if any("github.com" in url for url in e.urls)}
    assert len(with_code) == 123
    assert not [url for e in entries(pages) for url in e.urls if url[-1] in ".,;)}"]


def test_no_debris_of_latex_is_left_in_the_saved_pages(pages: list[Page]) -> None:
    for entry in entries(pages):
        without_urls = " ".join(w for w in entry.abstract.split() if "http" not in w)
        assert not set(without_urls) & set("\\{}`")
        assert page_text.cleaned(entry.abstract) == entry.abstract


def test_a_saved_page_is_recognised_without_its_header(pages: list[Page]) -> None:
    for page in pages:
        body = "\n".join(f"{e.title_raw}\n{e.abstract_raw}" for e in page.entries).encode()
        form = recognised(body[:HEAD])
        assert form is not None
        assert form.name == "saved listing page"


def test_a_directory_gives_its_pages_and_passes_over_the_rest(shared: Path) -> None:
    found = list(FileSource(str(shared / "listings")).listings(None))
    assert [len(page.papers) for page in found] == [81, 206, 70, 61, 58, 3750]
    assert not any(page.skipped for page in found)


def test_a_month_of_announcements_is_read_whole(shared: Path) -> None:
    page = listing(shared / "listings/arxiv-2025-09.jsonl.gz")
    assert (len(page.papers), page.skipped) == (3750, ())
    with gzip.open(shared / "listings/arxiv-2025-09.jsonl.gz") as file:
        rows = [json.loads(line) for line in file]
    for listed, row in zip(page.papers, rows, strict=True):
        paper = listed.paper
        assert [str(i) for i in paper.ids] == [f"arxiv:{row['arxiv_id']}"]
        assert paper.published == row["date"]
        assert len(paper.categories) == len(row["categories"])
        assert paper.authors
        assert paper.kind is Kind.PREPRINT
    assert sum("\\" in p.paper.title for p in page.papers) == 0
    assert sum("\\" in p.paper.abstract for p in page.papers) <= 1


def test_the_daily_papers_are_read(shared: Path) -> None:
    folder = shared / "payloads/hf_daily_papers"
    june, july = FileSource(str(folder / "*.json")).listings(None)
    assert [(p.published_at, len(p.papers)) for p in (june, july)] == [
        (datetime(2026, 6, 12, tzinfo=UTC), 30),
        (datetime(2026, 7, 31, tzinfo=UTC), 5),
    ]
    listed = july.papers[0]
    assert (listed.votes, listed.paper.published) == (3, "2026-07-28")
    assert [str(i) for i in listed.paper.ids] == ["arxiv:2607.23193"]
    assert all(p.votes is not None and p.paper.abstract for p in june.papers)


def test_arxivs_announcement_is_read(shared: Path) -> None:
    page = listing(shared / "payloads/arxiv_rss/arxiv_rss_example.xml")
    assert page.published_at is not None
    assert page.published_at.date().isoformat() == "2025-08-20"
    assert [len(p.paper.authors) for p in page.papers] == [3, 3, 1, 7, 1, 2, 2]
    assert str(page.papers[2].paper.authors[0]) == "Paulo André Lima de Castro"
    assert [str(i) for i in page.papers[0].paper.ids] == ["arxiv:2508.13426"]
    assert not any("Announce Type" in p.paper.abstract for p in page.papers)


def test_a_weekend_of_arxivs_is_quiet(shared: Path) -> None:
    page = listing(shared / "payloads/arxiv_rss/arxiv_weekend_empty.xml")
    assert (page.papers, page.skipped) == ((), ())
    assert page.published_at is not None


def test_answers_of_arxivs_interface_are_read(shared: Path) -> None:
    page = listing(shared / "payloads/arxiv_api/arxiv_transformer.xml")
    assert [len(p.paper.authors) for p in page.papers] == [4, 2, 1, 7, 9]
    n_papers, refused = 0, []
    for path in sorted((shared / "payloads/arxiv_api").glob("*.json")):
        body = json.loads(path.read_bytes())["body"].encode()
        assert feeds.matches(body[:HEAD])
        try:
            n_papers += len(feeds.listing(body, source="s", name="n").papers)
        except BadResponse as error:
            refused.append(str(error))
    assert n_papers == 22
    assert refused == ["arXiv answered with an error (incorrect id format for abc); mend the query"]


def test_journals_feeds_are_read(shared: Path) -> None:
    nature = listing(shared / "payloads/journal_rss/nature_rdf_2026_excerpt.xml").papers[0].paper
    assert (nature.abstract, nature.published, nature.venue) == ("", "2026-05-13", "Nature")
    assert [str(i) for i in nature.ids] == ["doi:10.1038/s41586-026-10461-3"]
    biorxiv = listing(shared / "payloads/journal_rss/biorxiv_rdf_2019_1item.xml").papers[0].paper
    assert [str(a) for a in biorxiv.authors] == ["D. Kukla", "A. Crampton", "D. Wood", "S. Khetani"]
    assert (biorxiv.kind, biorxiv.published) == (Kind.PREPRINT, "2019-11-29")
    assert [str(i) for i in biorxiv.ids] == ["doi:10.1101/857789"]


def test_no_other_text_is_taken_for_a_listing(shared: Path) -> None:
    for path in chain(shared.rglob("*.md"), shared.rglob("*.yml"), shared.rglob("*.py")):
        assert recognised(path.read_bytes()[:HEAD]) is None, path


def test_libraries_are_listings(shared: Path) -> None:
    page = listing(shared / "libraries/csljson-02.json")
    assert len(page.papers) > 100
    assert page.published_at is None
