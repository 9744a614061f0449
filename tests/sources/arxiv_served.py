"""arXiv in small, served on loopback: its feeds, its archive and its query interface."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from integrations.sources.arxiv import PACE, ArxivSource
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.listings import Listing
from recommender.ports import Access

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)  # a Tuesday

ACCESS = Access(now=NOW, contact="reader@example.org")

XML = {"Content-Type": "text/xml"}


@dataclass(frozen=True)
class Made:
    """A made-up paper as arXiv has it.

    Attributes:
        number: Its arXiv id.
        changed: The day of its last change.
        submitted: That of its last version.
        announced: As what the feed announces it; empty where it is not in there.
        comments: What the authors say of it.
    """

    number: str
    changed: str
    submitted: str = "2026-03-04"
    categories: str = "cs.CL"
    announced: str = ""
    title: str = "On birds"
    comments: str = "5 pages"


PAPERS = (
    Made("2603.00001", "2026-03-05"),
    Made("2603.00002", "2026-03-05", categories="cs.LG cs.CL"),
    Made("2501.00009", "2026-03-05"),  # a new version of an old paper
    Made("2603.00003", "2026-03-06", categories="cs.LG"),
    Made("2603.00004", "2026-03-06", title=""),
    Made("2603.00005", "2026-03-06", comments="This paper has been withdrawn by the authors."),
    Made("2603.00006", "2026-03-06"),
    Made("2603.00010", "2026-03-10", "2026-03-09", announced="new"),
    Made("2603.00011", "2026-03-10", "2026-03-09", categories="cs.LG cs.CL", announced="cross"),
    Made("2502.00012", "2026-03-10", "2026-03-09", announced="replace"),
)


def entry(paper: Made, at: str) -> str:
    return f"""<entry><id>oai:arXiv.org:{paper.number}v1</id><title>{paper.title}</title>
    <updated>{at}T05:00:01+00:00</updated>
    <link href="https://arxiv.org/abs/{paper.number}" rel="alternate" type="text/html"/>
    <summary>arXiv:{paper.number}v1 Announce Type: {paper.announced}
Abstract: They sing.</summary>
    {"".join(f'<category term="{c}"/>' for c in paper.categories.split())}
    <published>{at}T00:00:00-05:00</published>
    <arxiv:announce_type>{paper.announced}</arxiv:announce_type>
    <dc:creator>Ann Roe, Bo Li</dc:creator></entry>"""


def feed(papers: Sequence[Made], at: str = "2026-03-10", title: str = "cs.CL updates") -> bytes:
    entries = "".join(entry(paper, at) for paper in papers)
    return f"""<?xml version='1.0' encoding='UTF-8'?>
    <feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><title>{title}</title>
    <updated>{at}T05:00:00.1+00:00</updated>{entries}</feed>""".encode()


def record(paper: Made) -> str:
    return f"""<record><header><identifier>oai:arXiv.org:{paper.number}</identifier>
    <datestamp>{paper.changed}</datestamp></header>
    <metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{paper.number}</id>
    <created>{paper.submitted}</created><authors><author><keyname>Roe</keyname>
    <forenames>Ann</forenames></author></authors><title>{paper.title}</title>
    <categories>{paper.categories}</categories><comments>{paper.comments}</comments>
    <abstract>They sing.</abstract></arXiv></metadata></record>"""


def oai(inside: str) -> bytes:
    return f"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
    <responseDate>2026-03-10T15:00:00Z</responseDate>{inside}</OAI-PMH>""".encode()


def harvest(papers: Sequence[Made], request: Request, at_once: int = 3) -> bytes:
    """A part of what changed, as the request wants it; its token says what it was."""
    asked = dict(request.query)
    if token := asked.get("resumptionToken"):
        asked = dict(zip(("set", "from", "until", "skip"), token.split("|"), strict=True))
    start = int(asked.get("skip", 0))
    category = asked["set"].rpartition(":")[2]
    first, last = asked["from"], asked.get("until") or "2026-12-31"
    found = [p for p in papers if f".{category}" in p.categories and first <= p.changed <= last]
    if not found:
        return oai('<error code="noRecordsMatch">Nothing.</error>')
    shown = found[start : start + at_once]
    token = "|".join((asked["set"], first, last, str(start + at_once)))
    more = f"<resumptionToken>{token}</resumptionToken>" if len(found) > start + at_once else ""
    return oai(f"<ListRecords>{''.join(map(record, shown))}{more}</ListRecords>")


def answers(papers: Sequence[Made], at: str = "2026-03-10") -> Callable[[Request], Response]:
    """arXiv with these papers, on the day of a feed."""

    def facade(request: Request) -> Response:
        if request.headers["host"] == "oaipmh.arxiv.org":
            return Response(200, XML, harvest(papers, request))
        body = feed([p for p in papers if p.announced], at)
        etag = f'"{hash(body):x}"'
        if request.headers.get("if-none-match") == etag:
            return Response(304, {"ETag": etag})
        return Response(200, {"Content-Type": "application/atom+xml", "ETag": etag}, body)

    return facade


SUBMITTED = (
    Made("2603.00030", "", "2026-03-09"),
    Made("2603.00029", "", "2026-03-09", title=""),
    Made("2603.00021", "", "2026-03-06"),
    Made("2603.00020", "", "2026-03-05", comments="Withdrawn: a proof is wrong."),
    Made("2603.00019", "", "2026-03-05"),
    Made("2601.00007", "", "2026-01-07"),
)


def finding(
    papers: Sequence[Made], request: Request, *, n_all: int | None = None, at_once: int = 2
) -> bytes:
    """A page of what the query interface finds; of ids, those that there are."""
    wanted = [one for one in request.query.get("id_list", "").split(",") if one]
    if wanted:
        papers = [p for p in papers if p.number in wanted]
    elif days := re.search(
        r"\[(\d{8})0000 TO (\d{8})2359\]$", request.query.get("search_query", "")
    ):
        papers = [p for p in papers if days[1] <= p.submitted.replace("-", "") <= days[2]]
    start = int(request.query.get("start", 0))
    most = min(at_once, int(request.query["max_results"]))
    shown = "".join(
        f"""<entry><id>http://arxiv.org/abs/{p.number}v2</id><title>{p.title}</title>
        <summary>They sing.</summary><published>{p.submitted}T17:00:00Z</published>
        <author><name>Ann Roe</name></author><author><name>Bo Li</name></author>
        <arxiv:comment>{p.comments}</arxiv:comment><category term="cs.CL"/></entry>"""
        for p in papers[start : start + most]
    )
    total = len(papers) if n_all is None else n_all
    return f"""<feed xmlns="http://www.w3.org/2005/Atom"
    xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
    xmlns:arxiv="http://arxiv.org/schemas/atom"><title>arXiv Query</title>
    <opensearch:totalResults>{total}</opensearch:totalResults>{shown}</feed>""".encode()


def answering(body: Callable[[Request], bytes], status: int = 200) -> Callable[[Request], Response]:
    return lambda request: Response(status, XML, body(request))


@contextmanager
def serving(facade: Callable[[Request], Response]) -> Iterator[tuple[Server, Web]]:
    with Server(facade) as server:
        yield server, served(PACE, server, contact=ACCESS.contact)


def numbers(page: Listing) -> list[str]:
    return [listed.paper.ids[0].value for listed in page.papers]


def read(
    facade: Callable[[Request], Response],
    since: str | None,
    *,
    place: str = "cs.CL",
    now: datetime = NOW,
) -> tuple[list[Listing], list[Request]]:
    at = datetime.fromisoformat(f"{since}T00:00+00:00") if since else None
    with serving(facade) as (server, web):
        source = ArxivSource(place, replace(ACCESS, now=now), web=web)
        return list(source.listings(at)), list(server.requests)
