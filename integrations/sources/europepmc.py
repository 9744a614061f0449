"""Europe PMC: the papers and preprints of any query, by the day on which it first listed them."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from integrations.sources.days import Dated, Span, by_day
from integrations.sources.europepmc_records import SERVICE, answer, record
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

PACE = Pace(SERVICE, every=timedelta(milliseconds=200))
"""It publishes no rule of its own; half of what others found to be well."""


class EuropepmcSource:
    """The papers that a query finds, one page for each day on which Europe PMC listed some.

    A request contains the query, the days and the contact.

    Args:
        place: A query in Europe PMC's own language, such as ``microglia AND SRC:PPR``.
        access: No key is needed.
        web: What asks the service.

    Raises:
        ConfigError: If there is no query, or its brackets or quotation marks have no end.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=7)
    """How far the first reading looks back."""
    LATE_BY: ClassVar[timedelta] = timedelta(days=3)
    """How long after its day a paper can turn up."""

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._query = " ".join(place.split())
        if not self._query:
            raise ConfigError("Europe PMC: the query is missing; give one, such as microglia")
        if not _is_whole(self._query):
            # Beside the days that are asked for it would mean something else.
            raise ConfigError(
                "Europe PMC: the query has brackets or quotation marks without their other half; "
                "correct it"
            )
        self._now = access.now
        self._web = web or Web(PACE, contact=access.contact)

    @property
    def name(self) -> str:
        """``europepmc`` and the query."""
        return f"europepmc {self._query}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """A page for each day with papers; the last ``FIRST_DAYS`` without ``since``.

        It is asked for a week at a time, so that no more is lost when it fails.

        Raises:
            TransientError: If Europe PMC fails, or sends less than it found.
            BadResponse: If it does not take the query, or sends something else.
        """
        span = Span.of(since, self._now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        for part in span.parts(_STRETCH):
            papers, n_bytes = self._papers(part)
            yield from by_day(papers, source=self.name, span=part, n_bytes=n_bytes)

    def _papers(self, span: Span) -> tuple[list[Dated], int]:
        """All that the query finds of some days, and how many bytes it came in."""
        papers: list[Dated] = []
        n_bytes = 0
        cursors = {"*"}
        cursor = "*"
        while True:
            params: dict[str, str | int] = {
                "query": f"({self._query}) AND (FIRST_IDATE:[{span.first} TO {span.last}])",
                "resultType": "core",
                "format": "json",
                "pageSize": _AT_ONCE,
                "cursorMark": cursor,
            }
            reply = self._web.get(_ADDRESS, params)
            found = answer(reply.json(SERVICE))
            n_bytes += len(reply.content)
            papers += (record(n, row) for n, row in enumerate(found.rows, start=len(papers) + 1))
            if len(papers) >= found.total:
                return papers, n_bytes
            if not found.rows or not found.cursor:
                message = f"{SERVICE} sent less than it found; nothing is lost, try again later"
                raise TransientError(SERVICE, message)
            if found.cursor in cursors:
                message = f"{SERVICE} goes round in circles; nothing is lost, try again later"
                raise BadResponse(SERVICE, message)
            cursor = found.cursor
            cursors.add(cursor)


def _is_whole(query: str) -> bool:
    """Whether each bracket and quotation mark has its other half."""
    depth = 0
    for mark in re.sub(r'"[^"]*"', "", query):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth < 0 or mark == '"':
            return False
    return depth == 0


_ADDRESS = "https://www.ebi.ac.uk/europepmc/webservices/rest/search"
_STRETCH = 7  # days
_AT_ONCE = 500  # papers, in a few MB
