"""The contract suite of sources, and a source in memory that passes it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from recommender.errors import IntegrationError
from recommender.listings import Listed, Listing
from recommender.papers import Paper, Skipped
from recommender.ports import NOTHING_KNOWN, Source


class FakeSource:
    """A source in memory whose pages a test edits and which can be told to fail.

    Attributes:
        pages: What it publishes, in any order.
        failure: What it raises instead of the next page; None while it works.
        works_for: How many pages come before the failure.
        n_readings: How often pages were asked for.
    """

    def __init__(self, name: str = "fake", pages: Iterable[Listing] = ()) -> None:
        self._name = name
        self.pages = list(pages)
        self.failure: IntegrationError | None = None
        self.works_for = 0
        self.n_readings = 0

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self._name

    def publish(
        self,
        *papers: Paper,
        name: str = "",
        at: datetime | None = None,
        votes: int | None = None,
        skipped: Iterable[Skipped] = (),
        mark: str = "",
    ) -> Listing:
        """Add a page with these papers, and give it.

        Args:
            papers: In the page's order.
            name: The page's name; by default ``page`` and its number.
            at: When it is published.
            votes: What each of the papers has.
            skipped: Records of the page that cannot be read.
            mark: What it is known by while it stays the same.
        """
        page = Listing(
            source=self._name,
            name=name or f"page {len(self.pages) + 1}",
            published_at=at,
            papers=tuple(
                Listed(position=position, paper=paper, votes=votes)
                for position, paper in enumerate(papers, start=1)
            ),
            skipped=tuple(skipped),
            mark=mark,
        )
        self.pages.append(page)
        return page

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The pages published at or after a moment: those without a date, then oldest first.

        Raises:
            IntegrationError: If it was told to fail.
        """
        self.n_readings += 1
        undated = [page for page in self.pages if page.published_at is None]
        dated = [(at, page) for page in self.pages if (at := page.published_at) is not None]
        dated.sort(key=lambda pair: pair[0])
        shown = undated + [page for at, page in dated if since is None or at >= since]
        for number, page in enumerate(shown):
            if self.failure and number >= self.works_for:
                raise self.failure
            is_known = page.mark and known.get(page.name) == page.mark
            yield replace(page, papers=(), skipped=(), unchanged=True) if is_known else page
        if self.failure:
            raise self.failure


class SourceContract:
    """What every source keeps to, one test for each sentence of ``ports.Source``.

    Subclass it under pytest and override the two fixtures. Where a service cannot have what a test
    needs, such as a page without a date, that test is skipped and says so.

    Attributes:
        late_by: How long after its date a page can turn up, or grow; so long, it comes again. A
            file can be saved at any time, so every page of files comes each time.
        has_two_dates: Whether there can be pages of different dates. A feed is one page, and the
            volumes of a venue have no dates.
    """

    late_by: ClassVar[timedelta] = timedelta(0)
    has_two_dates: ClassVar[bool] = True

    @pytest.fixture
    def source(self) -> Source:
        """A source with two dated pages, one without a date, and a record that is broken."""
        raise NotImplementedError

    @pytest.fixture
    def failing(self) -> Source:
        """A source that cannot be read."""
        raise NotImplementedError

    def test_every_failure_is_an_integration_error_that_names_the_service(
        self, failing: Source
    ) -> None:
        with pytest.raises(IntegrationError) as raised:
            list(failing.listings(None))
        assert raised.value.service
        assert str(raised.value)
        assert "\n" not in str(raised.value)

    def test_a_record_that_cannot_be_read_spoils_nothing_else(self, source: Source) -> None:
        damaged = [page for page in source.listings(None) if page.skipped]
        if not damaged:
            pytest.skip("this source has no record that cannot be read")
        assert any(page.papers for page in damaged)
        for skipped in (one for page in damaged for one in page.skipped):
            assert skipped.place
            assert skipped.reason
            assert "\n" not in skipped.place + skipped.reason

    def test_every_listing_carries_the_sources_name(self, source: Source) -> None:
        assert source.name
        assert {page.source for page in source.listings(None)} == {source.name}

    def test_a_page_has_a_name_of_its_own(self, source: Source) -> None:
        names = [page.name for page in source.listings(None)]
        assert all(names)
        assert len(set(names)) == len(names)

    def test_pages_come_oldest_first(self, source: Source) -> None:
        dates = [at for _, at in _dated(source.listings(None))]
        assert dates == sorted(dates)

    def test_pages_are_dated_in_utc(self, source: Source) -> None:
        for _, at in _dated(source.listings(None)):
            assert at.utcoffset() == timedelta(0)

    def test_positions_count_from_one_in_the_sources_order(self, source: Source) -> None:
        for page in source.listings(None):
            assert [p.position for p in page.papers] == list(range(1, len(page.papers) + 1))

    def test_nothing_is_read_before_the_first_page_is_asked_for(self, failing: Source) -> None:
        pages = failing.listings(None)
        with pytest.raises(IntegrationError):
            next(pages)

    def test_without_since_everything_comes(self, source: Source) -> None:
        everything = {page.name for page in source.listings(None)}
        long_ago = min(at for _, at in self._two_dates(source)) - timedelta(days=1)
        assert {page.name for page in source.listings(long_ago)} == everything

    def test_a_page_dated_since_itself_comes(self, source: Source) -> None:
        for page, at in self._two_dates(source):
            assert page.name in {later.name for later in source.listings(at)}

    def test_a_page_published_before_does_not_come_unless_it_may_have_been_missed(
        self, source: Source
    ) -> None:
        if self.late_by == timedelta.max:
            pytest.skip("each page of this source may have been missed")
        dated = self._two_dates(source)
        newest = max(at for _, at in dated)
        expected = {page.name for page, at in dated if at >= newest - self.late_by}
        assert {page.name for page, _ in _dated(source.listings(newest))} == expected

    def test_a_page_without_a_date_always_comes(self, source: Source) -> None:
        undated = {page.name for page in source.listings(None) if page.published_at is None}
        if not undated:
            pytest.skip("this source dates all its pages")
        coming = {page.name for page in source.listings(self._later(source))}
        assert undated <= coming if self.late_by else undated == coming

    def test_every_page_comes_each_time_where_it_can_be_late(self, source: Source) -> None:
        if self.late_by != timedelta.max:
            pytest.skip("pages of this source come in the order of their dates")
        assert list(source.listings(self._later(source))) == list(source.listings(None))

    def test_a_page_with_its_known_mark_comes_unchanged_and_without_papers(
        self, source: Source
    ) -> None:
        pages = list(source.listings(None))
        known = {page.name: page.mark for page in pages if page.mark}
        if not known:
            pytest.skip("this source marks no page")
        again = {page.name: page for page in source.listings(None, known)}
        assert again.keys() == {page.name for page in pages}
        for before in pages:
            page = again[before.name]
            assert page.unchanged == (page.name in known)
            assert page.papers == (() if page.unchanged else before.papers)
            assert page.mark == before.mark

    def test_a_page_with_another_mark_comes_whole(self, source: Source) -> None:
        pages = list(source.listings(None))
        known = {page.name: "another" for page in pages if page.mark}
        if not known:
            pytest.skip("this source marks no page")
        assert list(source.listings(None, known)) == pages

    def test_repeating_the_call_gives_the_same_pages(self, source: Source) -> None:
        since = self._later(source) - timedelta(days=2)
        assert list(source.listings(None)) == list(source.listings(None))
        assert list(source.listings(since)) == list(source.listings(since))

    def test_two_readings_at_once_do_not_disturb_each_other(self, source: Source) -> None:
        expected = list(source.listings(None))
        one, other = source.listings(None), source.listings(None)
        assert [page for pair in zip(one, other, strict=True) for page in pair] == [
            page for page in expected for _ in range(2)
        ]

    def _two_dates(self, source: Source) -> list[tuple[Listing, datetime]]:
        dated = _dated(source.listings(None))
        if not (dated or self.has_two_dates):
            pytest.skip("no page of this source has a date")
        has_two = len({at for _, at in dated}) > 1
        assert has_two == self.has_two_dates, "the fixture needs two pages of different dates"
        return dated

    def _later(self, source: Source) -> datetime:
        """A day after the newest page; some moment where no page has a date."""
        if not (self.has_two_dates or _dated(source.listings(None))):
            return _SOME_TIME
        return max(at for _, at in self._two_dates(source)) + timedelta(days=1)


_SOME_TIME = datetime(2026, 5, 1, tzinfo=UTC)


def _dated(pages: Iterable[Listing]) -> list[tuple[Listing, datetime]]:
    return [(page, page.published_at) for page in pages if page.published_at is not None]
