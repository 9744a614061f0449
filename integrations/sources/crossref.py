"""Crossref: what publishers register, by journal, publisher or search.

https://www.crossref.org/documentation/retrieve-metadata/rest-api/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from integrations.pages.json_values import inside
from integrations.sources.crossref_records import TYPES, day, record
from integrations.sources.days import Span, by_day, in_stretches
from integrations.sources.progress import Progress
from integrations.web.answers import trouble
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.identifiers import PaperId, Scheme
from recommender.listings import Listing
from recommender.papers import Paper, Skipped, plain
from recommender.ports import NOTHING_KNOWN, Access

SERVICE = "Crossref"

PACE = Pace(SERVICE, every=timedelta(seconds=1))

ADDRESS = "https://api.crossref.org/works"


class CrossrefSource:
    """New works: ``issn:1234-5678``, ``member:78``, ``prefix:10.1371`` or ``search:WORDS``.

    Several with commas between them, such as ``issn:1234-5678,issn:8765-4321``, are one list; so
    are the other filters ``funder:…``, ``orcid:…`` and ``type:…``. A search stands alone.

    A work is on the page of the day on which Crossref got it, whatever its journal's issue says.
    A request has the place, the days and, in its headers, the contact and the key, which is that
    of Crossref's paid service.

    Attributes:
        FIRST_DAYS: How far it looks back when it was never read.
        LATE_BY: So long after Crossref got a work, it may show up.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=7)
    LATE_BY: ClassVar[timedelta] = timedelta(days=2)

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        place = plain(place)
        self._words, self._filters = _query(place)
        self._access = access
        self._web = web or Web(PACE, contact=access.contact)
        self._name = f"crossref {place}"

    @property
    def name(self) -> str:
        """The kind and the place."""
        return self._name

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The works that Crossref got since then, a page a day; of a long list a stretch at a time.

        Raises:
            IntegrationError: If it cannot be read.
        """
        span = Span.of(since, self._access.now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        yield from in_stretches(span, self._whole)

    def _whole(self, span: Span) -> Iterator[Listing] | None:
        """The pages of some days; None where their list is too long to be read at once."""
        days = f"from-created-date:{span.first},until-created-date:{span.last}"
        params = {"filter": f"{self._filters},{days}".lstrip(",")}
        if self._words:
            params["query.bibliographic"] = self._words
        progress = Progress(SERVICE)
        works: list[object] = []
        for n_announced, part in _parts(self._web, params, self._access.key, progress):
            if span.is_much(n_announced):
                return None
            works += part
        rows = [(day(work), record(n, work)) for n, work in enumerate(works, start=1)]
        return by_day(rows, source=self._name, span=span, n_bytes=progress.n_bytes)


def by_ids(web: Web, ids: Sequence[PaperId], *, key: str = "") -> Iterator[Paper]:
    """The papers of these DOIs that Crossref knows, in its own order; of other ids, nothing comes.

    Args:
        web: What asks Crossref.
        ids: In any number; fifty are asked for at once.
        key: That of Crossref's paid service.

    Raises:
        IntegrationError: If it cannot be read.
    """
    # A comma ends a filter.
    dois = [f"doi:{i.value}" for i in ids if i.scheme is Scheme.DOI and "," not in i.value]
    for start in range(0, len(dois), AT_ONCE):
        some = ",".join(dois[start : start + AT_ONCE])
        yield from _papers(web, {"filter": some}, key, rows=AT_ONCE)


def by_title(web: Web, title: str, *, key: str = "") -> Iterator[Paper]:
    """The papers that Crossref takes this title for, the best match first; it finds them freely.

    Args:
        web: What asks Crossref.
        title: Of one paper; authors and a year behind it do no harm.
        key: That of Crossref's paid service.

    Raises:
        IntegrationError: If it cannot be read.
    """
    yield from _papers(web, {"query.bibliographic": title}, key, rows=BEST)


AT_ONCE = 50
"""How many DOIs one request has."""

BEST = 3
"""How many papers a title may stand for."""


def _query(place: str) -> tuple[str, str]:
    """The words to search for, and the filters."""
    name, _, value = place.partition(":")
    if name == "search" and value.strip():
        return value.strip(), _TYPES
    filters = [one.strip() for one in place.split(",")]
    if name == "search" or not all(_FILTER.fullmatch(one) for one in filters):
        raise ConfigError(
            f"crossref: {place!r} is no place; write search:WORDS, issn:1234-5678, member:NUMBER"
            " or prefix:10.NUMBER"
        )
    chosen = ",".join(filters)
    return "", chosen if "type:" in chosen else f"{chosen},{_TYPES}"


def _parts(
    web: Web, params: Mapping[str, str], key: str, progress: Progress
) -> Iterator[tuple[int, Sequence[object]]]:
    """The works of a list, answer by answer, with how many there are in all."""
    cursor = "*"
    n_announced = 1
    while progress.n_rows < n_announced:
        ordered = {**params, "sort": "created", "order": "asc"}
        message, works, n_bytes = _answer(web, {**ordered, "rows": 100, "cursor": cursor}, key)
        progress.add(works, n_bytes)
        total = message.get("total-results")
        n_announced = total if isinstance(total, int) else progress.n_rows
        yield n_announced, works
        # The cursor can stay the same, and a part can be short though others follow.
        cursor = str(message.get("next-cursor") or "")
        if progress.n_rows < n_announced and not (works and cursor):
            raise _cut_short("ended before the end of its list")


def _papers(web: Web, params: Mapping[str, str], key: str, *, rows: int) -> Iterator[Paper]:
    _, works, _ = _answer(web, {**params, "rows": rows}, key)
    for number, work in enumerate(works, start=1):
        found = record(number, work)
        if not isinstance(found, Skipped):
            yield found[0]


def _answer(
    web: Web, params: Mapping[str, str | int], key: str
) -> tuple[Mapping[str, Any], Sequence[object], int]:
    """What an answer says of itself, its works, and how many bytes it has."""
    headers = {"Crossref-Plus-API-Token": f"Bearer {key}"} if key else {}
    answer = web.get(ADDRESS, params, headers=headers, accepts={404})
    if answer.status == 404:
        # A cursor lives for five minutes, and another machine's for none.
        if b'"cursor-invalid"' in answer.content:
            raise _cut_short("has lost track of its list")
        raise trouble(SERVICE, answer.status, answer.headers)
    body = answer.json(SERVICE)
    message, works = inside(body, "message"), inside(body, "message", "items")
    is_list = inside(body, "message-type") == "work-list"
    if not is_list or not isinstance(message, dict) or not isinstance(works, list):
        text = (
            f"{SERVICE} answered with something else than works; nothing is lost, try again later"
        )
        raise BadResponse(SERVICE, text)
    return message, works, len(answer.content)


def _cut_short(what: str) -> TransientError:
    return TransientError(SERVICE, f"{SERVICE} {what}; nothing is lost, try again later")


_FILTER = re.compile(
    r"issn:\d{4}-\d{3}[\dXx]|member:\d{1,9}|prefix:10\.\d{4,9}|funder:[\w./-]+"
    r"|orcid:[\w:/.-]+|type:[a-z-]+"
)
_TYPES = ",".join(f"type:{name}" for name in TYPES)
