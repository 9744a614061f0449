"""Files are sources: recognised by content, and never lost for a neighbour's sake."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.digest.feed import AtomFeed
from integrations.digest.json_feed import JsonFeed
from integrations.sources.files import FileSource
from recommender.errors import BadResponse, ConfigError
from recommender.listings import Listing
from recommender.testing.publishers import suggestion_on

PAPER = b'{"title": "Birds", "abstract": "They fly."}\n'
BROKEN_FEED = b"<rss version='2.0'><channel><item><titl"


def dated(day: int) -> bytes:
    at = f"2026-05-{day:02}"
    return b'{"title": "Birds", "abstract": "x", "announced": "%s"}\n' % at.encode()


def write(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def read(source: FileSource, since: datetime | None = None) -> list[Listing]:
    return list(source.listings(since))


def refusal(path: Path) -> str:
    with pytest.raises(BadResponse) as raised:
        read(FileSource(str(path)))
    text = str(raised.value)
    assert "\n" not in text
    assert raised.value.service
    return text


def test_a_file_is_one_page_under_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, page=PAPER) / "page"
    source = FileSource(str(path))
    (page,) = read(source)
    assert (page.source, page.name) == (source.name, "page") == (str(path), "page")
    assert page.papers[0].paper.title == "Birds"


def test_the_ending_of_a_name_means_nothing(tmp_path: Path) -> None:
    write(tmp_path, **{"page.pdf": PAPER, "page.bib": gzip.compress(PAPER)})
    for name in ("page.pdf", "page.bib"):
        assert len(read(FileSource(str(tmp_path / name)))[0].papers) == 1


def test_a_directorys_pages_come_oldest_first_behind_those_without_a_date(tmp_path: Path) -> None:
    write(tmp_path, a=dated(3), b=PAPER, c=dated(1), d=PAPER, e=dated(2))
    assert [page.name for page in read(FileSource(str(tmp_path)))] == ["b", "d", "c", "e", "a"]


def test_a_page_that_is_saved_late_is_read_whatever_was_read_before(tmp_path: Path) -> None:
    source = FileSource(str(write(tmp_path, today=dated(9))))
    read(source)
    write(tmp_path, yesterday=dated(2))
    since = datetime(2026, 5, 9, tzinfo=UTC)
    assert [page.name for page in read(source, since)] == ["yesterday", "today"]


def test_what_is_no_listing_is_passed_over_in_a_directory(tmp_path: Path) -> None:
    write(tmp_path, page=PAPER, readme=b"# Birds\n\nA text.\n", picture=b"\x89PNG\x00", empty=b"")
    assert [page.name for page in read(FileSource(str(tmp_path)))] == ["page"]
    assert [page.name for page in read(FileSource(str(tmp_path / "*")))] == ["page"]


def test_a_directory_without_any_listing_is_refused(tmp_path: Path) -> None:
    assert "holds no listing" in refusal(write(tmp_path, readme=b"# Birds\n\nA text.\n"))


def test_a_listing_that_cannot_be_read_is_told_and_the_others_come(tmp_path: Path) -> None:
    write(tmp_path, a=BROKEN_FEED, b=PAPER, c=gzip.compress(PAPER)[:-6])
    pages = read(FileSource(str(tmp_path)))
    assert [(page.name, len(page.papers)) for page in pages] == [("a", 0), ("b", 1), ("c", 0)]
    assert [s.place for page in pages for s in page.skipped] == ["a", "c"]
    assert "XML is broken" in pages[0].skipped[0].reason
    assert "archive is damaged" in pages[2].skipped[0].reason


def test_a_named_listing_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, feed=BROKEN_FEED, packed=gzip.compress(PAPER)[:-6])
    assert refusal(tmp_path / "feed").startswith("feed: line 1: the XML is broken")
    assert refusal(tmp_path / "packed").startswith("packed: the archive is damaged")


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"", "is empty; save the page again"),
        (b"<!DOCTYPE html><html><body>Birds</body></html>", "it looks like a web page"),
        (b"%PDF-1.7\n\x00", "it looks like a PDF"),
        (b"# Birds\n\nA text.\n", "it looks like plain text"),
        (b"name,age\nAnn,3\n", "it looks like plain text"),
        (b'{"name": "birds"}', "it looks like JSON of another kind"),
        (b"\x00\x01\x02" * 100, "it looks like binary data"),
    ],
)
def test_a_named_file_that_is_no_listing_is_refused_with_what_it_looks_like(
    data: bytes, looks: str, tmp_path: Path
) -> None:
    text = refusal(write(tmp_path, page=data) / "page")
    assert text.startswith("page: ")
    assert text.endswith(looks)


def test_a_file_that_does_not_exist_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        FileSource(str(tmp_path / "nothing"))


def test_a_file_that_is_gone_meanwhile_is_a_failure_of_the_source(tmp_path: Path) -> None:
    path = write(tmp_path, page=PAPER) / "page"
    source = FileSource(str(path))
    path.unlink()
    with pytest.raises(BadResponse, match="page: no such file"):
        read(source)


def test_a_new_file_in_a_directory_is_seen(tmp_path: Path) -> None:
    source = FileSource(str(write(tmp_path, a=PAPER)))
    assert len(read(source)) == 1
    write(tmp_path, b=PAPER)
    assert len(read(source)) == 2


def test_two_files_of_one_name_are_two_sources(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, page=PAPER)
    names = {FileSource(str(tmp_path / folder / "page")).name for folder in ("a", "b")}
    assert len(names) == 2


def test_standard_input_is_read_once_and_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAPER)))
    source = FileSource("-")
    assert source.name == "standard input"
    first = read(source)
    assert (len(first), len(first[0].papers)) == (1, 1)
    assert read(source) == first


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything can be read here")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, a=PAPER, b=PAPER)
    (tmp_path / "a").chmod(0)
    pages = read(FileSource(str(tmp_path)))
    assert [len(page.papers) for page in pages] == [0, 1]


def test_much_noise_is_refused_at_once(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"noise").digest(2**20) * 50
    path = write(tmp_path, noise=noise) / "noise"
    began = time.thread_time()
    assert "binary data" in refusal(path)
    assert time.thread_time() - began < 2


@pytest.mark.parametrize(
    ("data", "unused"),
    [
        (PAPER, {"httpx2", "integrations.web", "feedparser"}),
        (b"<rss version='2.0'><channel/></rss>", {"httpx2", "integrations.web"}),
    ],
    ids=["papers", "a feed"],
)
def test_who_reads_a_file_waits_for_nothing_of_the_web(
    data: bytes, unused: set[str], tmp_path: Path
) -> None:
    program = """
        import sys
        from integrations.sources.files import FileSource
        [page] = FileSource(sys.argv[1]).listings(None)
        print(*sys.modules)
    """
    path = write(tmp_path, page=data) / "page"
    command = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    imported = set(done.stdout.split())
    assert "integrations.sources.files" in imported
    assert not unused & imported


def test_feeds_of_our_own_in_a_folder_are_no_news(tmp_path: Path) -> None:
    write(tmp_path, page=PAPER)
    for feed in (AtomFeed(tmp_path / "out.atom"), JsonFeed(tmp_path / "out.json")):
        feed.publish([suggestion_on(1)])
    assert [page.name for page in read(FileSource(str(tmp_path)))] == ["page"]
