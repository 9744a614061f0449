"""The papers of a conference, a journal or a search in dblp, the computer science bibliography.

https://dblp.org/faq/How+to+use+the+dblp+search+API.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from integrations.files.records import storable
from integrations.pages import pages
from integrations.pages.json_values import inside
from integrations.sources.dblp_records import is_record, records
from integrations.sources.progress import Progress
from integrations.web.answers import trouble
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

SERVICE = "dblp"

PACE = Pace(SERVICE, every=timedelta(seconds=2), at_once=1)
"""It asks for one or two seconds between requests."""

MOST = 10_000
"""How many papers a page has at most: the service shows no more of any list."""

MOST_FOUND = 1000
"""How many of a search's papers are read, the best first: a search has no end worth reading to."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page to come.

    Attributes:
        name: Of the page.
        queries: The first that finds anything counts.
        most: How many papers are wanted.
    """

    name: str
    queries: tuple[str, ...]
    most: int = MOST


class DblpSource:
    """A venue's papers of a year or a volume, or a search's; pages without a date, or abstracts.

    A request tells the service the venue, the year or the words of the search, and the contact.

    Args:
        place: A venue in dblp's own words, which are in the address of its page: with a year
            (``conf/acl/2025``); with a volume (``conf/acl/acl2025-1``, ``journals/tacl/13``); or
            alone (``journals/tacl``), which means this year and the last one, a page each. Or
            ``search:`` and what to search for.
        access: Without a key.
        web: What asks the service; by default one of its own.

    Raises:
        ConfigError: If it is none of these.
    """

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._place = " ".join(storable(place).split())
        self._pages = _pages(self._place, access.now.astimezone(UTC).year)
        self._web = web or Web(PACE, contact=access.contact)

    @property
    def name(self) -> str:
        """``dblp`` and the place."""
        return f"dblp {self._place}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The pages of the place, in dblp's order; without papers where dblp has none.

        Raises:
            IntegrationError: If the service cannot be asked, or answers with no list of papers.
        """
        del since, known  # no page has a date, and the service gives none a mark
        for asked in self._pages:
            hits: list[object] = []
            n_bytes = 0
            for query in asked.queries:
                hits, size = self._hits(query, asked.most)
                n_bytes += size
                if hits:
                    break
            page = pages.listing(records(hits), source=self.name, name=asked.name)
            if hits and not any(map(is_record, hits)):
                raise BadResponse(SERVICE, _NO_LIST)
            yield replace(page, n_bytes=n_bytes)

    def _hits(self, query: str, most: int) -> tuple[list[object], int]:
        found: list[object] = []
        progress = Progress(SERVICE)
        while True:
            params: dict[str, str | int] = {"q": query, "format": "json", "c": 0}
            params |= {"h": _LIMIT, "f": len(found)}
            answer = self._web.get(_ADDRESS, params)
            hits, total = _list_in(answer.json(SERVICE))
            if most == MOST and total > MOST:
                message = f"{SERVICE} has more than {MOST:,} papers there, and shows no more"
                raise BadResponse(SERVICE, f"{message}; name a year or a volume")
            progress.add(hits, len(answer.content))
            found += hits
            if len(found) >= min(total, most):
                return found[:most], progress.n_bytes
            if not hits:
                message = f"{SERVICE} gave fewer papers than it announced; nothing is lost"
                raise TransientError(SERVICE, f"{message}, run again")


def _pages(place: str, year: int) -> tuple[_Asked, ...]:
    """What to ask for a place.

    Raises:
        ConfigError: If there is no such place.
    """
    kind, _, query = place.partition(":")
    if kind == "search" and query.strip():
        return (_Asked(place, (query.strip(),), MOST_FOUND),)
    parts = _VENUE.fullmatch(place)
    if not parts:
        message = f"dblp: {place!r} is no venue; give one such as conf/acl/2025, or search: and"
        raise ConfigError(f"{message} what to search for")
    venue, name, part = parts["venue"], parts["name"], parts["part"]
    if not part:
        return tuple(page for n in (year - 1, year) for page in _pages(f"{venue}/{n}", year))
    whole = f"stream:streams/{venue}: year:{part}:"
    if not part.isdecimal():
        return (_Asked(place, (_contents(venue, part),)),)
    if not _YEAR.fullmatch(part):
        return (_Asked(place, (_contents(venue, f"{name}{part}"),)),)
    # Proceedings in several volumes, or of a renamed conference, have other tables of contents.
    is_conference = venue.startswith("conf/")
    precise = (_contents(venue, f"{name}{part}"),) if is_conference else ()
    return (_Asked(place, (*precise, whole)),)


def _contents(venue: str, name: str) -> str:
    """The query for all that is in a table of contents."""
    return f"toc:db/{venue}/{name}.bht:"


def _list_in(value: object) -> tuple[list[object], int]:
    """An answer's hits, and how many there are in all.

    Raises:
        IntegrationError: If it is no list of papers.
    """
    status = str(inside(value, "result", "status", "@code"))
    if status.isdecimal() and status != _FINE:
        raise trouble(SERVICE, int(status[:3]), {})
    hits = inside(value, "result", "hits")
    total = _total(inside(hits, "@total"))
    found = inside(hits, "hit") or []
    # A single hit may stand alone.
    return found if isinstance(found, list) else [found], total


def _total(value: object) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise BadResponse(SERVICE, _NO_LIST) from error


_ADDRESS = "https://dblp.org/search/publ/api"
_VENUE = re.compile(
    r"(?P<venue>(?:conf|journals|series|books|reference)/(?P<name>[\w-]+))(?:/(?P<part>[\w-]+))?",
    re.ASCII,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_FINE = "200"
_LIMIT = 1000  # hits in an answer; the service gives no more
_NO_LIST = f"{SERVICE} answered with something else than papers; nothing is lost, try again later"
