"""PubMed: the papers of any query, by the day on which they came into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

from integrations.pages.json_values import inside
from integrations.sources.days import Dated, Span, by_day
from integrations.sources.pubmed_records import records
from integrations.sources.pubmed_xml import SERVICE, refused
from integrations.web.client import Answer, Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.listings import Listing
from recommender.papers import Skipped
from recommender.ports import NOTHING_KNOWN, Access

PACE = Pace(SERVICE, every=timedelta(milliseconds=400))
"""Three requests a second are allowed."""

PACE_WITH_KEY = Pace(SERVICE, every=timedelta(milliseconds=110))
"""Ten a second are, to whoever has a key."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search found: how many papers there are, and the numbers that came along."""

    total: int
    pmids: tuple[str, ...]
    n_bytes: int


class PubmedSource:
    """The papers that a query finds, one page for each day on which PubMed entered some.

    A request contains the query and the days, or the numbers of what it found; and the contact,
    the key, and that Shelfwise asks. All of it is in the body and nothing in the address.

    Args:
        place: A query in PubMed's own language, such as ``microglia[tiab] AND review[pt]``.
        access: With a key, PubMed may be asked more often.
        web: What asks the service.

    Raises:
        ConfigError: If there is no query.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=7)
    """How far the first reading looks back."""
    LATE_BY: ClassVar[timedelta] = timedelta(days=3)
    """How long after its day a paper can turn up: its subject headings come later than itself."""

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._query = " ".join(place.split())
        if not self._query:
            raise ConfigError("PubMed: the query is missing; give one, such as microglia[tiab]")
        self._access = access
        pace = PACE_WITH_KEY if access.key else PACE
        self._web = web or Web(pace, contact=access.contact)

    @property
    def name(self) -> str:
        """``pubmed`` and the query."""
        return f"pubmed {self._query}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """A page for each day with papers; the last ``FIRST_DAYS`` without ``since``.

        All days are searched at once, and in halves where they have more papers than PubMed lists
        or than should be lost when it fails.

        Raises:
            TransientError: If PubMed fails, or sends less than it found.
            BadResponse: If it does not take the query, or sends something else.
        """
        now = self._access.now
        yield from self._pages(Span.of(since, now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY))

    def _pages(self, span: Span) -> Iterator[Listing]:
        found = self._search(span)
        if found.total > _AT_ONCE and span.n_days > 1:
            for half in span.parts(-(-span.n_days // 2)):
                yield from self._pages(half)
        else:
            papers, n_bytes = self._papers(found.pmids)
            n_bytes += found.n_bytes
            yield from by_day(papers, source=self.name, span=span, n_bytes=n_bytes)

    def _search(self, span: Span) -> _Found:
        """All that the query finds in some days, or a part if they should be halved."""
        pmids: dict[str, None] = {}
        n_bytes = 0
        while True:
            asked = {
                "retmode": "json",
                "term": self._query,
                "datetype": "edat",
                "mindate": f"{span.first:%Y/%m/%d}",
                "maxdate": f"{span.last:%Y/%m/%d}",
                "retmax": str(_AT_ONCE),
                "retstart": str(len(pmids)),
            }
            answer = self._asked("esearch", asked)
            total, numbers = _searched(answer)
            n_bytes += len(answer.content)
            before = len(pmids)
            pmids.update(dict.fromkeys(numbers))
            if len(pmids) >= total or (total > _AT_ONCE and span.n_days > 1):
                return _Found(total, tuple(pmids), n_bytes)
            if total > _MOST:
                message = f"{SERVICE} finds more papers of one day than it lists"
                raise BadResponse(SERVICE, f"{message}; narrow the source's query")
            if len(pmids) == before:
                raise _less()

    def _papers(self, pmids: tuple[str, ...]) -> tuple[list[Dated], int]:
        found: list[Dated] = []
        n_bytes = 0
        left = iter(pmids)
        while wanted := tuple(islice(left, _BATCH)):
            answer = self._asked("efetch", {"retmode": "xml", "id": ",".join(wanted)})
            came = dict(_numbered(records(answer.content)))
            if not came:
                raise _less()
            n_bytes += len(answer.content)
            found += came.values()
            missing = (pmid for pmid in wanted if pmid not in came)
            found += [
                (None, Skipped(f"PMID {pmid}", "was found, but not sent")) for pmid in missing
            ]
        return found, n_bytes

    def _asked(self, tool: str, what: Mapping[str, str]) -> Answer:
        form = {"db": "pubmed", "tool": "shelfwise", **what}
        if self._access.contact:
            form["email"] = self._access.contact
        if self._access.key:
            form["api_key"] = self._access.key
        answer = self._web.post(f"{_TOOLS}{tool}.fcgi", form=form, accepts={_REFUSED})
        if answer.status == _REFUSED:
            # What PubMed has against the key is told in the body alone.
            raise refused("the API key" if b"API key" in answer.content else "the request")
        return answer


def _searched(answer: Answer) -> tuple[int, list[str]]:
    """How many papers there are, and the numbers of those that are named."""
    value = answer.json(SERVICE)
    error, result = inside(value, "error"), inside(value, "esearchresult")
    if isinstance(result, Mapping):
        error = result.get("ERROR", error)
    if error is not None or not isinstance(result, Mapping):
        raise refused("" if error is None else str(error))
    total, numbers = str(result.get("count")), result.get("idlist")
    if not _is_number(total) or not isinstance(numbers, list) or not all(map(_is_number, numbers)):
        message = f"{SERVICE} answered without a list of papers; nothing is lost, try again later"
        raise BadResponse(SERVICE, message)
    return int(total), numbers


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _LONG


def _numbered(found: Iterator[tuple[str, Dated]]) -> Iterator[tuple[str, Dated]]:
    """The records by their numbers; those whose number cannot be read by their place."""
    for place, (pmid, record) in enumerate(found, start=1):
        yield pmid or f"record {place}", record


def _less() -> TransientError:
    message = f"{SERVICE} sent less than it found; nothing is lost, try again later"
    return TransientError(SERVICE, message)


_TOOLS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
_REFUSED = 400
_MOST = 9_999  # PubMed lists no more of one search, however it is asked
_AT_ONCE = 2_000  # papers that are lost together when it fails; their numbers are 20 kB
_BATCH = 200  # papers a request, as PubMed advises
_LONG = 10
