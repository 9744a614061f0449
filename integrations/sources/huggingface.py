"""Papers on Hugging Face: its daily lists, the one of a week or a month, trends and searches.

https://huggingface.co/docs/hub/api#paper-pages-api
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from integrations.files.records import storable
from integrations.pages.hf_daily_papers import is_row, page_of, submitted_at
from integrations.sources.days import Span
from integrations.sources.progress import Progress
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

SERVICE = "Hugging Face"

PACE = Pace(SERVICE, every=timedelta(seconds=0.7), at_once=1)
"""A bit less than the 500 requests in five minutes that everybody may make."""

FIRST = timedelta(days=7)
"""How far back the daily lists are read at first."""

LATE_BY = timedelta(days=1)
"""How long after its date a day's list may grow: it is begun before its day is over everywhere."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One list to ask for: the end of the address, and the parameters that choose it."""

    path: str
    params: Mapping[str, str]


class HuggingFaceSource:
    """Papers that people recommend on Hugging Face, with how many did.

    Of the daily lists each day is a page, oldest first; a day without papers has none. Any other
    list is one page without a date. A request tells the service which day, week or month is asked
    for, or the words of a search, and the contact; and the key, if there is one, in a header.

    Args:
        place: ``daily``, also for an empty text; ``week`` or ``month``, the one that it is now;
            the one day, week or month of ``2026-05-02``, ``2026-W18`` or ``2026-05``;
            ``trending``; or ``search:`` and what to search for.
        access: A key, an access token of an account, is not needed, and allows more requests.
        web: What asks the service; by default one of its own.

    Raises:
        ConfigError: If there is no such list.
    """

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._place = " ".join(storable(place).split()) or "daily"
        kind, _, query = self._place.partition(":")
        is_known = self._place in {"daily", "week", "month", "trending"} or _named(self._place)
        if not is_known and (kind != "search" or not query.strip()):
            message = f"huggingface: there is no list {self._place!r}; give daily, week, month, "
            raise ConfigError(f"{message}trending, or search: and what to search for")
        self._now = access.now.astimezone(UTC)
        self._web = web or Web(PACE, contact=access.contact)
        self._headers = {"Authorization": f"Bearer {access.key}"} if access.key else {}

    @property
    def name(self) -> str:
        """``huggingface`` and the list, such as ``huggingface daily``."""
        return f"huggingface {self._place}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The days from a moment on, or the one page of another list.

        Raises:
            IntegrationError: If the service cannot be asked, or answers with no list of papers.
        """
        del known  # a list is another one with each vote
        if self._place == "daily":
            yield from self._days(since)
        else:
            # Trends and searches have no end worth reading to.
            is_whole = self._place in {"week", "month"} or bool(_named(self._place))
            yield self._page(*self._rows(self._question(), is_whole=is_whole), name=self._place)

    def _days(self, since: datetime | None) -> Iterator[Listing]:
        span = Span.of(since, self._now, at_first=FIRST, late_by=LATE_BY)
        span = replace(span, first=max(span.first, _FIRST_LIST))
        for day in (part.first for part in span.parts(1)):
            rows, n_bytes = self._rows(_Question("daily_papers", {"date": str(day)}), day=day)
            if rows:
                at = datetime.combine(day, time(), UTC)
                yield self._page(rows, n_bytes, name=str(day), at=at)

    def _question(self) -> _Question:
        year, week, _ = self._now.isocalendar()
        if self._place == "week":
            # The interface refuses the 53rd week that some years have.
            return _Question("daily_papers", {"week": f"{year}-W{min(week, 52):02}"})
        if self._place == "month":
            return _Question("daily_papers", {"month": f"{self._now:%Y-%m}"})
        if named := _named(self._place):
            return _Question("daily_papers", named)
        if self._place == "trending":
            return _Question("daily_papers", {"sort": "trending"})
        return _Question("papers/search", {"q": self._place.partition(":")[2].strip()})

    def _rows(
        self, question: _Question, *, day: date | None = None, is_whole: bool = True
    ) -> tuple[list[object], int]:
        """A list's rows, and how many bytes were received.

        Args:
            question: Which list.
            day: Of a daily list: where there are no papers, the service gives another day's.
            is_whole: Whether to ask until there are no more, and not only once.
        """
        found: list[object] = []
        progress = Progress(SERVICE)
        for number in range(_MOST_ANSWERS):
            rows, n_bytes = self._answer(question, number)
            rows = [row for row in rows if _is_of(row, day)]
            progress.add(rows, n_bytes)
            found += rows
            # Not each answer but the last one is full.
            if not rows or not is_whole:
                return found, progress.n_bytes
        message = f"{SERVICE} gives a list without an end; nothing is lost, try again later"
        raise BadResponse(SERVICE, message)

    def _answer(self, question: _Question, number: int) -> tuple[list[object], int]:
        address = f"{_ADDRESS}/{question.path}"
        # The first answer comes without a number; searches know none.
        params: dict[str, str | int] = {**question.params, "limit": _LIMIT}
        if number:
            params["p"] = number
        answer = self._web.get(address, params, headers=self._headers)
        rows = answer.json(SERVICE)
        if not isinstance(rows, list):
            raise BadResponse(SERVICE, _NO_LIST)
        return rows, len(answer.content)

    def _page(
        self, rows: Sequence[object], n_bytes: int, *, name: str, at: datetime | None = None
    ) -> Listing:
        if rows and not any(map(is_row, rows)):
            raise BadResponse(SERVICE, _NO_LIST)
        placed = [(f"record {n}", row) for n, row in enumerate(rows, start=1)]
        page = page_of(placed, source=self.name, name=name, published_at=at)
        return replace(page, n_bytes=n_bytes)


def _named(place: str) -> Mapping[str, str]:
    """The parameter that chooses the list of a day, a week or a month; none for another place."""
    return {name: place for name, form in _LISTS.items() if re.fullmatch(form, place, re.ASCII)}


def _is_of(row: object, day: date | None) -> bool:
    """Whether a row may be of a day; one that says nothing of its day may."""
    at = submitted_at(row) if day else None
    return at is None or at.date() == day


_LISTS = {"date": r"\d{4}-\d\d-\d\d", "week": r"\d{4}-W\d\d", "month": r"\d{4}-\d\d"}
_ADDRESS = "https://huggingface.co/api"
_FIRST_LIST = date(2023, 5, 4)  # there are none before
_LIMIT = 100  # rows in an answer; the service gives no more
_MOST_ANSWERS = 100  # to one question; a month's list takes about fifteen
_NO_LIST = f"{SERVICE} answered with something else than papers; nothing is lost, try again later"
