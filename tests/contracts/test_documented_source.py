"""The source that the documentation shows is one: it runs, and keeps the contract."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.errors import BadResponse, ConfigError
from recommender.ports import Access, Source
from recommender.testing.sources import SourceContract

ACCESS = Access(now=datetime(2026, 5, 3, tzinfo=UTC))
_PAGE = Path(__file__).parent.parent.parent / "docs" / "adapters.md"


def documented() -> Callable[[str, Access], Source]:
    """The class that the page shows, under the name by which its entry point calls it."""
    text = _PAGE.read_text(encoding="utf-8")
    [code] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    [name] = re.findall(r'^titles = "my_package:(\w+)"$', text, re.MULTILINE)
    names: dict[str, Any] = {"__name__": "my_package"}
    exec(compile(code, str(_PAGE), "exec"), names)  # noqa: S102 -- our own page
    opens: Callable[[str, Access], Source] = names[name]
    return opens


class TestDocumentedSource(SourceContract):
    late_by = timedelta.max

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        (tmp_path / "2026-05-02.txt").write_text("Gulls\n\nTerns\n", encoding="utf-8")
        (tmp_path / "2026-05-01.txt").write_text("Bats\n", encoding="utf-8")
        return documented()(str(tmp_path), ACCESS)

    @pytest.fixture
    def failing(self, tmp_path: Path) -> Source:
        (tmp_path / "2026-05-01.txt").write_bytes(b"\xff\xfe\x00")
        return documented()(str(tmp_path), ACCESS)

    def test_it_reads_what_it_says(self, source: Source) -> None:
        pages = list(source.listings(None))
        assert [page.name for page in pages] == ["2026-05-01", "2026-05-02"]
        assert [p.paper.title for p in pages[-1].papers] == ["Gulls", "Terns"]
        assert [s.place for s in pages[-1].skipped] == ["line 2"]

    def test_nothing_there_is_told_when_it_is_made(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError):
            documented()(str(tmp_path / "nowhere"), ACCESS)

    def test_what_cannot_be_read_is_named(self, failing: Source) -> None:
        with pytest.raises(BadResponse, match="2026-05-01"):
            list(failing.listings(None))

    def test_a_file_of_no_day_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "2026-02-31.txt").write_text("Bats\n", encoding="utf-8")
        with pytest.raises(BadResponse, match="2026-02-31"):
            list(documented()(str(tmp_path), ACCESS).listings(None))

    def test_it_is_as_short_as_the_page_says(self) -> None:
        text = _PAGE.read_text(encoding="utf-8")
        [code] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert "in thirty lines" in text
        assert sum(bool(line) for line in code.splitlines()) <= 30
