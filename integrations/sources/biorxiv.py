"""bioRxiv and medRxiv: the preprints of each day, of all or of one category."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from integrations.sources.biorxiv_records import SERVICE, answer, normal, records
from integrations.sources.days import Span, by_day
from integrations.sources.progress import Progress
from integrations.web.client import Answer, Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

PACE = Pace(SERVICE, every=timedelta(seconds=1))
"""One for both servers, since one interface answers for both; it publishes no rule of its own."""


class BiorxivSource:
    """New preprints by the day on which bioRxiv posted them, one page a day.

    A revised version is no news; where it follows within a week, the paper says what it says. A
    request contains the days, the category and the contact.

    Args:
        place: A category as bioRxiv calls it, such as ``cell biology``; empty for all.
        access: No key is needed.
        web: What asks the service.

    Raises:
        ConfigError: If the place is no name of a category.
    """

    SERVER: ClassVar[str] = "bioRxiv"
    EXAMPLE: ClassVar[str] = "neuroscience"
    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=7)
    """How far the first reading looks back."""
    LATE_BY: ClassVar[timedelta] = timedelta(days=2)
    """How long after its day a preprint can turn up."""

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        category = normal(place)
        if category and not _CATEGORY.fullmatch(category):
            raise ConfigError(
                f"{self.SERVER}: a place is the name of one category, such as "
                f"{self.EXAMPLE}; correct it, or leave it empty for all preprints"
            )
        self._category = "" if category == _ALL else category
        self._now = access.now
        self._web = web or Web(PACE, contact=access.contact)

    @property
    def name(self) -> str:
        """``biorxiv`` or ``medrxiv``, and the category."""
        return f"{self.SERVER.lower()} {self._category}".strip()

    def listings(
        self,
        since: datetime | None,
        known: Mapping[str, str] = NOTHING_KNOWN,
    ) -> Iterator[Listing]:
        """A page for each day with new preprints; the last ``FIRST_DAYS`` without ``since``.

        It is asked for a week at a time: of longer stretches the service sends nothing at all.

        Raises:
            TransientError: If the service sends nothing, or less than there is.
            BadResponse: If it sends something else, or has no such category.
        """
        span = Span.of(since, self._now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        for part in span.parts(_STRETCH):
            rows, n_bytes = self._rows(part)
            yield from by_day(records(rows), source=self.name, span=part, n_bytes=n_bytes)

    def _rows(self, span: Span) -> tuple[list[object], int]:
        """All that there is of some days, and how many bytes it came in."""
        rows: list[object] = []
        progress = Progress(SERVICE)
        while True:
            reply = self._reply(f"{span.first}/{span.last}/{len(rows)}")
            found = answer(reply.json(SERVICE))
            # What it does not know as a category it takes for all of them.
            if self._category and found.category == _ALL:
                message = f"{self.SERVER} has no such category; correct the source's place"
                raise BadResponse(SERVICE, message)
            if not found.rows and (rows or found.total):
                message = f"{SERVICE} sent less than there is; nothing is lost, try again later"
                raise TransientError(SERVICE, message)
            progress.add(found.rows, len(reply.content))
            rows += found.rows
            if len(rows) >= found.total:
                return rows, progress.n_bytes

    def _reply(self, part: str) -> Answer:
        """An answer that says something; the service sends empty ones now and then."""
        address = f"https://api.biorxiv.org/details/{self.SERVER.lower()}/{part}/json"
        params = {"category": self._category.replace(" ", "_")} if self._category else None
        for _ in range(_TRIES):
            reply = self._web.get(address, params)
            if reply.content.strip():
                return reply
        message = f"{SERVICE} answered with nothing; nothing is lost, try again later"
        raise TransientError(SERVICE, message)


class MedrxivSource(BiorxivSource):
    """New preprints of medRxiv; all else is as with bioRxiv."""

    SERVER = "medRxiv"
    EXAMPLE = "cardiovascular medicine"


_CATEGORY = re.compile(r"[a-z][a-z ,&/()']{0,99}")
_ALL = "all"
_STRETCH = 7  # days
_TRIES = 3
