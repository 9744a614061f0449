"""arXiv: what it announces in categories, day by day, and what its query interface finds."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from integrations.pages import pages
from integrations.pages.arxiv_entries import SERVICE
from integrations.sources import oai_pages
from integrations.sources.arxiv_harvest import harvested, oai_set
from integrations.sources.arxiv_places import Wanted
from integrations.sources.arxiv_records import (
    Announcement,
    Found,
    announcement,
    found,
)
from integrations.sources.days import Dated, Span, by_day, day_of, in_stretches
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, IntegrationError, TransientError
from recommender.identifiers import PaperId, Scheme, unique
from recommender.listings import Listing
from recommender.papers import Paper, Skipped
from recommender.ports import NOTHING_KNOWN, Access

PACE = Pace(SERVICE, every=timedelta(seconds=3))
"""For all its hosts and all of one's machines together: https://info.arxiv.org/help/api/tou.html"""


class ArxivSource:
    """New papers of some categories by the day of their announcement, or by that of submission.

    Announcements come from a feed that has the latest one only, and what was announced in between
    from OAI-PMH, where it is dated by its last change. Papers that were withdrawn are left out. A
    request contains the categories or the query, dates and the contact.

    Args:
        place: Categories, such as ``cs.CL+cs.LG``, with ``/replacements`` behind them for new
            versions too; or ``search:`` and a query, such as ``search:ti:graph AND cat:cs.LG``.
        access: No key is needed.
        web: What asks the service.

    Raises:
        ConfigError: If the place is neither.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=7)
    """How far the first reading looks back."""
    LATE_BY: ClassVar[timedelta] = timedelta(days=14)
    """How long after its submission a paper can turn up in a search: moderators have it first."""

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._wanted = Wanted.of(place)
        self._now = access.now
        self._web = web or Web(PACE, contact=access.contact)

    @property
    def name(self) -> str:
        """``arxiv`` and the place."""
        return f"arxiv {self._wanted}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """A page for each day with news; the last ``FIRST_DAYS`` without ``since``.

        The feed is asked each time, and OAI-PMH only where a day from Monday to Friday lies between
        ``since`` and the feed's day. A feed without entries is a page without a date: it may be
        a holiday's, or one whose announcement is late.

        Raises:
            TransientError: If the service fails, or sends less than there is.
            BadResponse: If it sends something else, or does not know a category.
        """
        if self._wanted.query:
            return self._searched(since)
        return self._announced(since, known)

    def _announced(self, since: datetime | None, known: Mapping[str, str]) -> Iterator[Listing]:
        news, page = self._feed(known)
        read_until = (since or self._now - self.FIRST_DAYS).astimezone(UTC).date()
        is_behind = since is None or _has_missed(read_until, news.day)
        missed = self._harvest(
            read_until if is_behind else news.day,
            news.day if news.is_cut else news.day - _A_DAY,
            listed={str(one.paper.id(Scheme.ARXIV)) for one in page.papers},
            # What was missed may have changed since; what the feed has is known only if it came.
            is_open=not page.unchanged,
        )
        try:
            for one in missed:
                is_rest = one.name == page.name
                yield replace(one, name=f"{one.name}, the rest") if is_rest else one
        except IntegrationError:
            # What the feed has counts. As it has no date or mark, all is asked for again next time.
            if not page.unchanged:
                yield replace(page, published_at=None, mark="")
            raise
        yield page

    def _feed(self, known: Mapping[str, str]) -> tuple[Announcement, Listing]:
        """The latest announcement and its page, which has no papers if it is known."""
        latest = max((name for name, mark in known.items() if mark and day_of(name)), default="")
        mark = known.get(latest, "")
        answer = self._web.get(f"{_FEED}/{'+'.join(self._wanted.categories)}", known=mark)
        if answer.unchanged and (known_day := day_of(latest)):
            page = pages.listing((), source=self.name, name=latest)
            return Announcement(known_day, (), 0), replace(page, mark=mark, unchanged=True)
        news = announcement(answer.content, replacements=self._wanted.replacements)
        today = self._now.astimezone(UTC).date()
        news = replace(news, day=max(min(news.day, today), _FIRST_CHANGE))
        page = pages.listing(
            news.records,
            source=self.name,
            name=news.day.isoformat(),
            published_at=datetime.combine(news.day, time(), UTC) if news.n_entries else None,
        )
        return news, replace(page, mark=answer.mark, n_bytes=len(answer.content))

    def _harvest(
        self, first: date, last: date, *, listed: Collection[str], is_open: bool
    ) -> Iterator[Listing]:
        """What was announced on some days, asked for a week at a time.

        Args:
            first: The first day.
            last: The last day; none if it is before the first.
            listed: Ids of papers that are not wanted again.
            is_open: What changed after the last day counts as of that day.
        """
        for span in Span(max(first, _FIRST_CHANGE), last).parts(_STRETCH):
            dates = {"from": span.first.isoformat(), "until": span.last.isoformat()}
            if is_open and span.last == last:
                del dates["until"]
            rows, n_bytes = self._changed(dates, first, listed)
            yield from by_day(rows, source=self.name, span=span, n_bytes=n_bytes)

    def _changed(
        self, dates: Mapping[str, str], since: date, listed: Collection[str]
    ) -> tuple[Collection[Dated], int]:
        """What was announced since a day and changed on some dates; and how many bytes it took."""
        rows: dict[str, Dated] = {}
        n_bytes = 0
        versions_since = since - _MODERATION if self._wanted.replacements else None
        for category in self._wanted.categories:
            params = {"verb": "ListRecords", "metadataPrefix": "arXiv", **dates}
            n_read = 0
            for part in oai_pages.records(self._web, _OAI, {**params, "set": oai_set(category)}):
                n_bytes += part.n_bytes
                for number, element in enumerate(part.records, start=n_read + 1):
                    one = harvested(element, f"record {number} of {category}")
                    if one.record is None or one.key in listed:
                        continue
                    if one.is_news(since, versions_since=versions_since):
                        rows.setdefault(one.key, (one.changed_on, one.record))
                n_read += len(part.records)
        return rows.values(), n_bytes

    def _searched(self, since: datetime | None) -> Iterator[Listing]:
        span = Span.of(since, self._now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        yield from in_stretches(span, self._found)

    def _found(self, span: Span) -> Iterator[Listing] | None:
        """What was submitted on some days; None where it is too much to be read at once."""
        rows: dict[str, Dated] = {}
        n_bytes = 0
        for page, size in self._answers(span):
            if span.is_much(page.n_all):
                return None
            n_bytes += size
            for key, on, record in page.rows:
                if record:
                    rows.setdefault(key, (on, record))
        return by_day(rows.values(), source=self.name, span=span, n_bytes=n_bytes)

    def _answers(self, span: Span) -> Iterator[tuple[Found, int]]:
        """What the query finds of some days, answer by answer; and how many bytes each took."""
        n_read = 0
        seen: set[str] = set()
        while True:
            answer = self._web.get(_QUERY, self._question(span, n_read))
            page = found(answer.content, n_read)
            keys = {key for key, _, _ in page.rows}
            if not keys and n_read < page.n_all:
                message = f"{SERVICE} sent less than it found; nothing is lost, try again later"
                raise TransientError(SERVICE, message)
            if keys and keys <= seen:
                message = f"{SERVICE} goes round in circles; nothing is lost, try again later"
                raise BadResponse(SERVICE, message)
            yield page, len(answer.content)
            seen |= keys
            n_read += len(page.rows)
            if n_read >= page.n_all:
                return
            if n_read >= _MOST_FOUND:
                message = f"{SERVICE} finds too many papers to list them; narrow the query"
                raise BadResponse(SERVICE, message)

    def _question(self, span: Span, start: int) -> Mapping[str, str | int]:
        days = f"submittedDate:[{span.first:%Y%m%d}0000 TO {span.last:%Y%m%d}2359]"
        return {
            "search_query": f"({self._wanted.query}) AND {days}",
            "start": start,
            "max_results": _AT_ONCE,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
        }


def by_ids(web: Web, ids: Iterable[PaperId]) -> Iterator[Paper]:
    """The papers of some arXiv ids, as the query interface knows them, in its order.

    A paper that it does not know, or that was withdrawn, is left out; so are ids of other schemes.

    Args:
        web: What asks arXiv, with ``PACE``.
        ids: As many as there are; a hundred are asked for at once.

    Raises:
        TransientError: If the service fails.
        BadResponse: If it sends something else.
    """
    wanted = [one.value for one in unique(ids) if one.scheme is Scheme.ARXIV]
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        batch = wanted[start : start + _IDS_AT_ONCE]
        params: dict[str, str | int] = {"id_list": ",".join(batch), "max_results": len(batch)}
        for _, _, record in found(web.get(_QUERY, params).content).rows:
            if record and not isinstance(record, Skipped):
                yield record[0]


def _has_missed(read: date, announced: date) -> bool:
    """Whether a day from Monday to Friday, on which feeds are dated, lies between two days."""
    n_between = (announced - read).days - 1
    # Of three days in a row, one at least is no day of a weekend.
    return any((read + n * _A_DAY).weekday() < _SATURDAY for n in range(1, min(n_between, 3) + 1))


_FEED = "https://rss.arxiv.org/atom"
_OAI = "https://oaipmh.arxiv.org/oai"
_QUERY = "https://export.arxiv.org/api/query"
_A_DAY = timedelta(days=1)
_STRETCH = 7  # days
_MODERATION = timedelta(days=7)  # between most submissions and their announcement, at the most
_FIRST_CHANGE = date(2005, 9, 16)  # earlier dates are refused
_AT_ONCE = 200
_IDS_AT_ONCE = 100
_MOST_FOUND = 30_000  # beyond that it does not page
_SATURDAY = 5  # by date.weekday
