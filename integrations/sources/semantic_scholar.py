"""Semantic Scholar: new papers by search or by what they cite, and its own recommendations.

https://api.semanticscholar.org/api-docs
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn
from urllib.parse import quote

from integrations.pages import pages
from integrations.pages.json_values import items, mapping
from integrations.sources.days import Span, by_day, in_stretches
from integrations.sources.progress import Progress
from integrations.sources.semantic_scholar_records import FIELDS, day, record
from integrations.web.answers import trouble
from integrations.web.client import Answer, Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.identifiers import PaperId, Scheme, attempt, found_in
from recommender.listings import Listing
from recommender.papers import Paper, Skipped, plain
from recommender.ports import NOTHING_KNOWN, Access

SERVICE = "Semantic Scholar"

PACE = Pace(SERVICE, every=timedelta(seconds=1))

GRAPH = "https://api.semanticscholar.org/graph/v1/paper"

RECOMMENDATIONS = "https://api.semanticscholar.org/recommendations/v1/papers"


class SemanticScholarSource:
    """New papers: ``search:QUERY``, ``citations:PAPER`` or ``recommendations:PAPER,PAPER,-PAPER``.

    A paper is named by its DOI, its arXiv id, ``pmid:…``, ``acl:…``, ``CorpusId:…`` or Semantic
    Scholar's own 40 digits; with a hyphen in front it shows what is not wanted. A query can have
    ``+``, ``|``, ``-`` and quotation marks, as in ``"graph learning" -survey``.

    Papers found or citing are on the page of the day on which they appeared; where only the year
    is known, of its first day. Recommendations are one page without a date. A request has the
    place, the days and, in its headers, the key and the contact.

    Attributes:
        FIRST_DAYS: How far it looks back when it was never read.
        LATE_BY: So long after a paper appeared, Semantic Scholar may come to know of it.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=30)
    LATE_BY: ClassVar[timedelta] = timedelta(days=30)

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._place = plain(place)
        self._kind, _, self._what = self._place.partition(":")
        self._liked, self._disliked = _named(self._kind, self._what)
        self._access = access
        self._web = web or Web(PACE, contact=access.contact)

    @property
    def name(self) -> str:
        """The kind and the place."""
        return f"semantic-scholar {self._place}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The papers that appeared since then, a page a day; or what is recommended now.

        Of a list that takes several answers, a stretch of days is asked for at a time.

        Raises:
            IntegrationError: If it cannot be read.
        """
        if self._kind == "recommendations":
            yield self._recommended()
            return
        span = Span.of(since, self._access.now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        yield from in_stretches(span, self._whole)

    def _whole(self, span: Span) -> Iterator[Listing] | None:
        """The pages of some days; None where their list is too long to be read at once."""
        progress = Progress(SERVICE)
        days = {"publicationDateOrYear": f"{span.first}:{span.last}"}
        if self._kind == "search":
            parts = _found(self._web, {"query": self._what, **days}, self._access.key, progress)
        else:
            address = f"{GRAPH}/{quote(self._liked[0], safe=':/')}/citations"
            asked = {"fields": FIELDS, **days}
            parts = _linked(self._web, address, asked, self._access.key, progress)
        found: list[object] = []
        for goes_on, part in parts:
            # How many follow it does not say, or not well; an answer has hundreds.
            if goes_on and span.n_days > 1:
                return None
            found += part
        rows = [(day(one), record(n, one)) for n, one in enumerate(found, start=1)]
        return by_day(rows, source=self.name, span=span, n_bytes=progress.n_bytes)

    def _recommended(self) -> Listing:
        answer = self._web.post(
            RECOMMENDATIONS,
            body={"positivePaperIds": self._liked, "negativePaperIds": self._disliked},
            params={"fields": FIELDS, "limit": 100},
            headers=_headers(self._access.key),
        )
        papers = _rows(answer, "recommendedPapers")[0]
        records = (record(n, one) for n, one in enumerate(papers, start=1))
        page = pages.listing(records, source=self.name, name=self._place)
        return replace(page, n_bytes=len(answer.content))


def by_ids(web: Web, ids: Sequence[PaperId], *, key: str = "") -> Iterator[Paper]:
    """The papers of these ids that Semantic Scholar knows, in their order.

    It knows DOIs, arXiv ids, PubMed's, the ACL Anthology's and its own; of others, nothing comes.
    They come with their references.

    Args:
        web: What asks Semantic Scholar.
        ids: In any number; a hundred are asked for at once.
        key: What Semantic Scholar gave for access.

    Raises:
        IntegrationError: If it cannot be read.
    """
    spelled = [_PREFIXES[i.scheme] + i.value for i in ids if i.scheme in _PREFIXES]
    for start in range(0, len(spelled), AT_ONCE):
        answer = web.post(
            f"{GRAPH}/batch",
            body={"ids": spelled[start : start + AT_ONCE]},
            params={"fields": f"{FIELDS},references.externalIds"},
            headers=_headers(key),
            accepts=_WITH_ERROR,
        )
        # Where it knows none of them, it says so instead of a list.
        if not _is_said(answer, "No valid paper ids given"):
            body = answer.json(SERVICE)
            if not isinstance(body, list):
                _refuse(body)
            yield from _papers(body)


def by_title(web: Web, title: str, *, key: str = "") -> Iterator[Paper]:
    """The paper that Semantic Scholar takes this title for, if it has one that is like it.

    Args:
        web: What asks Semantic Scholar.
        title: Of one paper.
        key: What Semantic Scholar gave for access.

    Raises:
        IntegrationError: If it cannot be read.
    """
    asked = {"query": title, "fields": FIELDS}
    headers = _headers(key)
    answer = web.get(f"{GRAPH}/search/match", asked, headers=headers, accepts=_WITH_ERROR)
    if not _is_said(answer, "Title match not found"):
        yield from _papers(_rows(answer, "data")[0])


_Parts = Iterator[tuple[bool, Sequence[object]]]
"""A list answer by answer, with whether more follows."""

AT_ONCE = 100
"""How many ids one request has, at most.

It may have five hundred, but an answer has no more than 9,999 references or citations.
"""


def _named(kind: str, what: str) -> tuple[list[str], list[str]]:
    """The papers that a place names, as Semantic Scholar spells them: liked ones and others."""
    if kind == "search" and what.strip():
        return [], []
    if kind == "citations" and (spelled := _spelled(what)):
        return [spelled], []
    if kind == "recommendations":
        names = [name.strip() for name in what.split(",")]
        liked = [_spelled(name) for name in names if not name.startswith("-")]
        others = [_spelled(name[1:]) for name in names if name.startswith("-")]
        if liked and all(liked) and all(others):
            return liked, others
    raise ConfigError(
        f"semantic-scholar: {f'{kind}:{what}'!r} is no place; write search:WORDS, citations:PAPER"
        " or recommendations:PAPER,PAPER,-PAPER, each paper a DOI or an arXiv id"
    )


def _spelled(name: str) -> str:
    """A paper's name as Semantic Scholar wants it; empty where it is none."""
    name = name.strip()
    if re.fullmatch(r"corpusid:\d{1,18}", name, re.I):
        return name
    bare = (attempt(scheme, name) for scheme in (Scheme.S2, Scheme.ARXIV, Scheme.DOI))
    named = (*(i for i in found_in(name)), *(i for i in bare if i))
    return next((_PREFIXES[i.scheme] + i.value for i in named if i.scheme in _PREFIXES), "")


def _found(web: Web, params: Mapping[str, str], key: str, progress: Progress) -> _Parts:
    """What a search finds, in the order of its ids, which holds while new papers come."""
    token: object = ""
    while True:
        paging = {"token": str(token)} if token else {}
        asked = {**params, **paging, "fields": FIELDS}
        answer = web.get(f"{GRAPH}/search/bulk", asked, headers=_headers(key))
        rows, body = _rows(answer, "data")
        progress.add(rows, len(answer.content))
        token = body.get("token")
        if token and not rows:
            raise _cut_short()
        yield bool(token), rows
        if not token:
            return


def _linked(
    web: Web, address: str, params: Mapping[str, str], key: str, progress: Progress
) -> _Parts:
    """The papers that cite one."""
    offset = 0
    while True:
        paging = {"offset": offset, "limit": 500}
        answer = web.get(address, {**params, **paging}, headers=_headers(key))
        rows, body = _rows(answer, "data")
        progress.add(rows, len(answer.content))
        following = body.get("next")
        goes_on = isinstance(following, int)
        if isinstance(following, int) and (following <= offset or not rows):
            raise _cut_short()
        linked = map(mapping, rows)
        yield goes_on, [one.get("citingPaper") for one in linked]
        if not isinstance(following, int):
            return
        offset = following


def _papers(rows: Sequence[object]) -> Iterator[Paper]:
    for number, row in enumerate(rows, start=1):
        found = record(number, row)
        if not isinstance(found, Skipped):
            yield found[0]


def _rows(answer: Answer, key: str) -> tuple[Sequence[object], Mapping[str, Any]]:
    """The rows of an answer, and the whole of it."""
    body = answer.json(SERVICE)
    # It has nothing in place of rows that a publisher does not let it show.
    if not isinstance(body, dict) or not isinstance(body.get(key, ""), list | None):
        _refuse(body)
    return items(body[key]), body


def _refuse(body: object) -> NoReturn:
    """Raise what an answer without rows means."""
    # Behind some gateways, an answer is good whatever it says.
    if str(mapping(body).get("code")) == "429":
        raise trouble(SERVICE, 429, {})
    message = (
        f"{SERVICE} answered with something else than papers; nothing is lost, try again later"
    )
    raise BadResponse(SERVICE, message)


def _is_said(answer: Answer, error: str) -> bool:
    """Whether an answer is this error of its own.

    Raises:
        IntegrationError: If it is another one.
    """
    if answer.status == 200:
        return False
    if error.encode() in answer.content:
        return True
    raise trouble(SERVICE, answer.status, answer.headers)


def _cut_short() -> TransientError:
    message = f"{SERVICE} ended before the end of its list; nothing is lost, try again later"
    return TransientError(SERVICE, message)


def _headers(key: str) -> Mapping[str, str]:
    return {"x-api-key": key} if key else {}


_WITH_ERROR: Collection[int] = (400, 404)
_PREFIXES = {
    Scheme.DOI: "DOI:",
    Scheme.ARXIV: "ARXIV:",
    Scheme.PMID: "PMID:",
    Scheme.ACL: "ACL:",
    Scheme.S2: "",
}
