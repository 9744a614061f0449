"""OpenAlex: works by topic, author, journal, cited work, or search.

https://developers.openalex.org
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from integrations.sources import openalex_records
from integrations.sources.days import Span, by_day, in_stretches
from integrations.sources.progress import Progress
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.identifiers import PaperId, Scheme
from recommender.listings import Listing
from recommender.papers import Paper, Skipped, plain
from recommender.ports import NOTHING_KNOWN, Access

SERVICE = "OpenAlex"

PACE = Pace(SERVICE, every=timedelta(milliseconds=100))

ADDRESS = "https://api.openalex.org/works"


class OpenAlexSource:
    """New works: ``search:WORDS``, or filters as OpenAlex writes them.

    Such as ``primary_topic.id:T10181``, ``authorships.author.id:A5048491430``,
    ``primary_location.source.id:S1983995261``, ``cites:W2741809807``, or several with commas
    between them; https://developers.openalex.org/guides/filtering-results.

    A work is on the page of the day on which it was published, as far as that is today or before.
    A request has the place, the days and, in its headers, the key and the contact.

    Attributes:
        FIRST_DAYS: How far it looks back when it was never read.
        LATE_BY: So long after a work appeared, OpenAlex may come to know of it.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=14)
    LATE_BY: ClassVar[timedelta] = timedelta(days=14)

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        place = plain(place)
        self._search, self._filters = _query(place)
        self._access = access
        self._web = web or Web(PACE, contact=access.contact)
        self._name = f"openalex {place}"

    @property
    def name(self) -> str:
        """The kind and the place."""
        return self._name

    def listings(
        self,
        since: datetime | None,
        known: Mapping[str, str] = NOTHING_KNOWN,
    ) -> Iterator[Listing]:
        """The works published since then, a page a day; of a long list a stretch at a time.

        Raises:
            NotAuthorized: If OpenAlex refuses the key, or wants one.
            IntegrationError: If it cannot be read.
        """
        span = Span.of(since, self._access.now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        yield from in_stretches(span, self._whole)

    def _whole(self, span: Span) -> Iterator[Listing] | None:
        """The pages of some days; None where their list is too long to be read at once."""
        progress = Progress(SERVICE)
        days = f"from_publication_date:{span.first},to_publication_date:{span.last}"
        params = {"filter": ",".join(filter(None, (self._filters, days)))}
        if self._search:
            params["search"] = self._search
        works: list[object] = []
        for n_announced, part in _parts(self._web, params, self._access.key, progress):
            if span.is_much(n_announced):
                return None
            works += part
        rows = [
            (openalex_records.day(work), openalex_records.record(number, work))
            for number, work in enumerate(works, start=1)
        ]
        return by_day(rows, source=self._name, span=span, n_bytes=progress.n_bytes)


def by_ids(web: Web, ids: Sequence[PaperId], *, key: str = "") -> Iterator[Paper]:
    """The papers of these ids that OpenAlex knows, in its own order.

    It knows DOIs, arXiv ids, PubMed's and its own; of others, nothing comes.

    Args:
        web: What asks OpenAlex.
        ids: In any number; fifty are asked for at once.
        key: What OpenAlex gave for access.

    Raises:
        IntegrationError: If it cannot be read.
    """
    for name, schemes in _FILTERS.items():
        # A comma ends a filter, and a bar a value.
        spelled = [s for i in ids if i.scheme in schemes and not set(s := _spelled(i)) & set(",|")]
        for start in range(0, len(spelled), AT_ONCE):
            values = "|".join(spelled[start : start + AT_ONCE])
            yield from _papers(web, {"filter": f"{name}:{values}"}, key, per_page=100)


def by_title(web: Web, title: str, *, key: str = "") -> Iterator[Paper]:
    """The papers that OpenAlex takes this title for, the best match first; it finds them freely.

    Args:
        web: What asks OpenAlex.
        title: Of one paper.
        key: What OpenAlex gave for access.

    Raises:
        IntegrationError: If it cannot be read.
    """
    # In a search, signs and words in capitals are commands.
    words = " ".join(re.findall(r"\w+", title.lower()))
    if words:
        yield from _papers(web, {"search": words}, key, per_page=BEST)


AT_ONCE = 50
"""How many ids one request has."""

BEST = 3
"""How many papers a title may stand for."""


def _query(place: str) -> tuple[str, str]:
    """The words to search for, and the filters."""
    name, _, value = place.partition(":")
    if name == "search" and value.strip():
        return value.strip(), ""
    if name == "search" or not all(_FILTER.fullmatch(one) for one in place.split(",")):
        raise ConfigError(
            f"openalex: {place!r} is no place; write search:WORDS or a filter of OpenAlex's,"
            " such as primary_topic.id:T10181 or cites:W2741809807"
        )
    return "", place


def _parts(
    web: Web, params: Mapping[str, str], key: str, progress: Progress
) -> Iterator[tuple[int, Sequence[object]]]:
    """The works of a list, answer by answer, with how many there are in all."""
    cursor: object = "*"
    announced = []
    while cursor:
        paging: dict[str, str | int] = {
            "sort": "publication_date",
            "per_page": 100,
            "cursor": str(cursor),
        }
        meta, works, n_bytes = _answer(web, {**params, **paging}, key)
        progress.add(works, n_bytes)
        # A list can change while it is read, by a work or two.
        announced.append(count if isinstance(count := meta.get("count"), int) else 0)
        yield announced[-1], works
        cursor = meta.get("next_cursor") if works else None
    if progress.n_rows < min(announced):
        message = "OpenAlex ended before the end of its list; nothing is lost, try again later"
        raise TransientError(SERVICE, message)


def _papers(web: Web, params: Mapping[str, str], key: str, *, per_page: int) -> Iterator[Paper]:
    _, works, _ = _answer(web, {**params, "per_page": per_page}, key)
    for number, work in enumerate(works, start=1):
        found = openalex_records.record(number, work)
        if not isinstance(found, Skipped):
            yield found[0]


def _answer(
    web: Web, params: Mapping[str, str | int], key: str
) -> tuple[Mapping[str, object], Sequence[object], int]:
    """What an answer says of itself, its works, and how many bytes it has."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    asked = {**params, "select": openalex_records.FIELDS}
    answer = web.get(ADDRESS, asked, headers=headers)
    body = answer.json(SERVICE)
    meta, works = (body.get("meta"), body.get("results")) if isinstance(body, dict) else ({}, None)
    if not isinstance(meta, dict) or not isinstance(works, list):
        message = "OpenAlex answered with something else than works; nothing is lost, try later"
        raise BadResponse(SERVICE, message)
    return meta, works, len(answer.content)


def _spelled(paper_id: PaperId) -> str:
    if paper_id.scheme is Scheme.ARXIV:
        return f"10.48550/arxiv.{paper_id.value}"
    return paper_id.value


_FILTER = re.compile(r"[a-z][a-z_.-]*:\S.*")
_FILTERS = {
    "doi": (Scheme.DOI, Scheme.ARXIV),
    "pmid": (Scheme.PMID,),
    "openalex": (Scheme.OPENALEX,),
}
