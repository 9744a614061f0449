"""Every source keeps the contract: the one in memory, and files of each kind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.sources.files import FileSource
from recommender.errors import RateLimited
from recommender.papers import Paper, Skipped
from recommender.ports import Source
from recommender.testing.sources import FakeSource, SourceContract


def may(day: int) -> datetime:
    return datetime(2026, 5, day, tzinfo=UTC)


class TestFakeSource(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        source = FakeSource("birds")
        source.publish(Paper(title="Gulls"), Paper(title="Terns"), at=may(2), votes=3)
        source.publish(Paper(title="Bats"))
        source.publish(Paper(title="Larks"), at=may(1), skipped=[Skipped("line 3", "has no title")])
        source.publish(at=may(3))
        return source

    @pytest.fixture
    def failing(self) -> Source:
        source = FakeSource()
        source.failure = RateLimited("fake", "fake asks for patience; try again later")
        return source

    def test_it_fails_where_it_is_told_to(self) -> None:
        source = FakeSource()
        source.publish(Paper(title="Gulls"))
        source.publish(Paper(title="Terns"))
        source.failure, source.works_for = RateLimited("fake", "patience"), 1
        pages = source.listings(None)
        assert next(pages).papers[0].paper.title == "Gulls"
        with pytest.raises(RateLimited):
            next(pages)

    def test_it_counts_its_readings_and_can_be_mended(self) -> None:
        source = FakeSource()
        source.failure = RateLimited("fake", "patience")
        with pytest.raises(RateLimited):
            list(source.listings(None))
        source.failure = None
        assert list(source.listings(None)) == []
        assert source.n_readings == 2

    def test_a_test_may_edit_its_pages(self) -> None:
        source = FakeSource()
        page = source.publish(Paper(title="Gulls"), name="today")
        assert list(source.listings(None)) == [page]
        source.pages.clear()
        assert list(source.listings(None)) == []


class FileContract(SourceContract):
    """The suite over a directory of files and over one that is damaged."""

    late_by = timedelta.max
    files: dict[str, str]
    damaged: str

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        for name, text in self.files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return FileSource(str(tmp_path))

    @pytest.fixture
    def failing(self, tmp_path: Path) -> Source:
        path = tmp_path / "damaged"
        path.write_text(self.damaged, encoding="utf-8")
        return FileSource(str(path))


def saved(date: str) -> str:
    abstract = "Birds fly in flocks, and nobody leads them. We follow them for ten winters. " * 5
    header = ("Get trending papers in your email inbox!", "Subscribe", "byAK", date)
    return "\n\n".join((*header, abstract, "Gulls", abstract, "Terns", abstract))


class TestSavedPages(FileContract):
    files = {"a": saved("May 2, 2026"), "b": saved("May 1, 2026"), "c": saved("May 3")}  # noqa: RUF012
    damaged = "# A text\n\nIt is no page.\n"


def feed(day: int) -> str:
    at = f"<updated>2026-05-0{day}T04:00:00+02:00</updated>" if day else ""
    entries = "<entry><title>Gulls</title></entry><entry><title/></entry>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{at}{entries}</feed>'


class TestFeeds(FileContract):
    files = {"a": feed(2), "b": feed(1), "c": feed(0)}  # noqa: RUF012
    damaged = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><titl'


def lines(day: int) -> str:
    at = f', "announced": "2026-05-0{day}"' if day else ""
    return f'{{"title": "Gulls", "abstract": "x"{at}}}\n{{"title": \n{{"title": "Terns"}}\n'


class TestJsonLines(FileContract):
    files = {"a": lines(2), "b": lines(1), "c": lines(0)}  # noqa: RUF012
    damaged = '{"title": "Gulls"'


def daily(day: int) -> str:
    at = f', "submittedOnDailyAt": "2026-05-0{day}T00:00:00.000Z"' if day else ""
    return f'[{{"paper": {{"title": "Gulls", "upvotes": 3{at}}}}}, {{"paper": {{"upvotes": 1}}}}]'


class TestDailyPapers(FileContract):
    files = {"a": daily(2), "b": daily(1), "c": daily(0)}  # noqa: RUF012
    damaged = '[{"paper": {"upvotes": 1}}]'


class TestLibrariesBesidePages(FileContract):
    files = {  # noqa: RUF012
        "a": feed(2),
        "b": feed(1),
        "c": "@article{roe, title={Gulls}}\n@article{li, title={}}\n",
    }
    damaged = '[{"id": "roe", "type": "book", "title": "Gul'


ENDNOTE = "<record><ref-type name='Book'>6</ref-type><titles><title>{}</title></titles></record>"


class TestEndNoteAndPubMedFiles(FileContract):
    files = {  # noqa: RUF012
        "a": f"<xml><records>{ENDNOTE.format('Gulls')}{ENDNOTE.format('')}</records></xml>",
        "b": "%0 Book\n%T Gulls\n%A Roe, Ann\n\n%0 Book\n",
        "c": "PMID- 123\nTI  - Gulls.\n\nPMID- 124\n",
        "d": feed(2),
        "e": feed(1),
    }
    damaged = "<xml><records><record><titles><title>Gul"
