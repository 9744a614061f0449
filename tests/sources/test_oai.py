"""Repositories and journals that are harvested by OAI-PMH."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources.oai import OaiSource
from integrations.sources.oai_records import row
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError
from recommender.identifiers import PaperId
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access, Source
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 5, 9, 12, tzinfo=UTC), contact="ann@example.org")
PLACE = "https://birds.example/oai"
PACE = Pace("birds.example", every=timedelta(seconds=1))
XML = {"Content-Type": "text/xml; charset=utf-8"}
N_AT_ONCE = 2

DAYS = ("2026-05-04", "2026-05-04", "2026-05-05", "2026-05-08", "2026-05-08", "2026-05-08")
"""On which day each of the repository's records was put there; the fourth has no title."""


def in_oai(content: str) -> bytes:
    start = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate/><request/>'
    return f'<?xml version="1.0"?>{start}{content}</OAI-PMH>'.encode()


def spelled(dublin_core: str, day: str = "2026-05-04", key: str = "oai:birds:1") -> str:
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/"'
    header = f"<header><identifier>{key}</identifier><datestamp>{day}</datestamp></header>"
    return f"<record>{header}<metadata><d {names}>{dublin_core}</d></metadata></record>"


def repository(request: Request) -> Response:
    """A repository with six records that gives two at once, and one that was deleted."""
    asked = request.query
    if token := asked.get("resumptionToken"):
        first, last, start = token.split("/")
    else:
        first, last, start = asked["from"], asked["until"], "0"
    all_records = [
        spelled("" if n == 3 else f"<dc:title>Bird {n}</dc:title>", f"{day}T10:00:00Z", f"oai:{n}")
        for n, day in enumerate(DAYS)
        if first <= day <= last
    ]
    if not all_records:
        return Response(200, XML, in_oai('<error code="noRecordsMatch"/>'))
    end = int(start) + N_AT_ONCE
    gone = '<record><header status="deleted"><identifier>oai:9</identifier></header></record>'
    more = f"{first}/{last}/{end}" if end < len(all_records) else ""
    given_now = "".join(all_records[int(start) : end]) + gone
    token = f"<resumptionToken>{more}</resumptionToken>"
    return Response(200, XML, in_oai(f"<ListRecords>{given_now}{token}</ListRecords>"))


class TestRepository(ServedSourceContract):
    pace = PACE
    access = ACCESS
    late_by = OaiSource.LATE_BY

    def facade(self, request: Request) -> Response:
        return repository(request)

    def opened(self, web: Web) -> Source:
        return OaiSource(PLACE, ACCESS, web=web)


class TestLongGap(TestRepository):
    """Half a year that nobody has read, asked for by the month."""

    def opened(self, web: Web) -> Source:
        source = OaiSource(PLACE, ACCESS, web=web)
        source.FIRST_DAYS = timedelta(days=180)  # type: ignore[misc] # of this one alone
        return source


def read(
    *bodies: bytes, since: datetime | None = None, place: str = PLACE, status: int = 200
) -> list[Listing]:
    left = iter(bodies)
    with Server(lambda _: Response(status, XML, next(left))) as server:
        return list(OaiSource(place, ACCESS, web=served(PACE, server)).listings(since))


def paper(dublin_core: str) -> Paper:
    [page] = read(in_oai(f"<ListRecords>{spelled(dublin_core)}</ListRecords>"))
    [listed] = page.papers
    return listed.paper


def test_a_day_is_a_page_and_what_was_deleted_is_passed_over() -> None:
    with Server(repository) as server:
        pages = list(
            OaiSource(PLACE, ACCESS, web=served(PACE, server, contact=ACCESS.contact)).listings(
                None
            )
        )
        assert [request.query for request in server.requests] == [
            {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-05-02",
             "until": "2026-05-09"},
            {"verb": "ListRecords", "resumptionToken": "2026-05-02/2026-05-09/2"},
            {"verb": "ListRecords", "resumptionToken": "2026-05-02/2026-05-09/4"},
        ]  # fmt: skip
        assert all(r.headers["user-agent"].endswith("(mailto:ann@example.org)")
                   for r in server.requests)  # fmt: skip
    assert [(p.name, [one.paper.title for one in p.papers]) for p in pages] == [
        ("2026-05-04", ["Bird 0", "Bird 1"]),
        ("2026-05-05", ["Bird 2"]),
        ("2026-05-08", ["Bird 4", "Bird 5"]),
    ]
    assert pages[0].published_at == datetime(2026, 5, 4, tzinfo=UTC)
    assert pages[2].skipped == (Skipped("record 5 (oai:3)", "has no Dublin Core"),)
    assert sum(page.n_bytes for page in pages) > 1000


def test_it_is_asked_from_a_day_before_the_last_reading() -> None:
    with Server(repository) as server:
        source = OaiSource(PLACE, ACCESS, web=served(PACE, server))
        pages = list(source.listings(datetime(2026, 5, 5, 23, tzinfo=UTC)))
        assert server.requests[0].query["from"] == "2026-05-04"
    assert [page.name for page in pages] == ["2026-05-04", "2026-05-05", "2026-05-08"]


def test_a_long_time_is_asked_for_in_parts() -> None:
    with Server(repository) as server:
        source = OaiSource(PLACE, ACCESS, web=served(PACE, server))
        list(source.listings(ACCESS.now - timedelta(days=59)))
        parts = [(r.query["from"], r.query["until"]) for r in server.requests if "from" in r.query]
        assert parts == [("2026-03-10", "2026-04-08"), ("2026-04-09", "2026-05-08"),
                         ("2026-05-09", "2026-05-09")]  # fmt: skip
        server.requests.clear()
        list(source.listings(ACCESS.now - timedelta(days=10_000)))
        assert sum("from" in r.query for r in server.requests) == 12


def test_days_without_records_are_no_pages() -> None:
    assert read(in_oai('<error code="noRecordsMatch"/>')) == []


def test_what_was_not_asked_for_is_left_out() -> None:
    days = ("2020-01-01", "2026-05-04", "9999-12-31", "0000-00-00", "soon")
    records = "".join(spelled(f"<dc:title>Of {day}</dc:title>", day) for day in days)
    pages = read(in_oai(f"<ListRecords>{records}</ListRecords>"))
    assert [(p.name, [one.paper.title for one in p.papers]) for p in pages] == [
        ("2026-05-04", ["Of 2026-05-04", "Of 0000-00-00", "Of soon"]),
    ]


@pytest.mark.parametrize(
    ("query", "name", "asked"),
    [
        ("", "oai birds.example/oai", {"metadataPrefix": "oai_dc"}),
        (
            "?set=user-birds ",
            "oai birds.example/oai user-birds",
            {"metadataPrefix": "oai_dc", "set": "user-birds"},
        ),
        (
            "?verb=ListRecords&metadataPrefix=qdc&set=a%3Ab&from=2020-01-01",
            "oai birds.example/oai qdc a:b",
            {"metadataPrefix": "qdc", "set": "a:b"},
        ),
    ],
)
def test_a_place_may_name_a_set_and_a_format(query: str, name: str, asked: dict[str, str]) -> None:
    with Server(repository) as server:
        source = OaiSource(f" {PLACE}{query}", ACCESS, web=served(PACE, server))
        list(source.listings(None))
        assert source.name == name
        first = server.requests[0]
    assert first.path == "/oai"
    days = {"from": "2026-05-02", "until": "2026-05-09"}
    assert first.query == {"verb": "ListRecords", **asked, **days}


@pytest.mark.parametrize(
    "place", ["", "birds.example/oai", "file:///oai", "https://ann:geheim@birds.example/oai",
              f"{PLACE}?api_key=geheim", f"{PLACE}?page=oai&set=x"],
)  # fmt: skip
def test_what_is_no_place_is_told_at_once(place: str) -> None:
    with pytest.raises(ConfigError) as raised:
        OaiSource(place, ACCESS)
    assert "geheim" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_name_is_one_line() -> None:
    assert OaiSource(f"{PLACE}?set=a%0Ab%1b", ACCESS).name == "oai birds.example/oai a b"


def test_all_that_dublin_core_says_is_taken_over() -> None:
    found = paper("""
        <dc:title xml:lang="es">Gaviotas</dc:title><dc:title xml:lang="en-US">Gulls &amp; terns
        </dc:title><dc:creator>Roe, Ann</dc:creator><dc:creator>Bo van Li; Mann, E.</dc:creator>
        <dc:description>Comments: 5 pages</dc:description>
        <dc:description>&lt;p&gt;We count &lt;i&gt;gulls&lt;/i&gt;.&lt;/p&gt;</dc:description>
        <dc:subject>birds; sea</dc:subject><dc:subject>info:eu-repo/classification/ddc/590
        </dc:subject><dc:date>2026-05-03T10:00:00Z</dc:date><dc:date>2026-04</dc:date>
        <dc:date>info:eu-repo/date/embargoEnd/2020-01-01</dc:date>
        <dc:type>text</dc:type><dc:type>info:eu-repo/semantics/article</dc:type>
        <dc:identifier>https://birds.example/1</dc:identifier>
        <dc:identifier>doi:10.1234/GULLS.</dc:identifier>
        <dc:relation>info:eu-repo/semantics/altIdentifier/pmid/123</dc:relation>
        <dc:relation>https://doi.org/10.1234/another</dc:relation>
        <dc:relation>info:eu-repo/semantics/reference/doi/10.1234/cited</dc:relation>
        <t:references>https://arxiv.org/abs/2401.00001</t:references>
        <dc:source>1234-567X</dc:source>
        <dc:source xml:lang="en">Journal of Gulls; Vol. 3 No. 1 (2026); 1-9</dc:source>
        <dc:publisher>Birds' Press</dc:publisher><dc:language>en</dc:language>""")
    assert found == Paper(
        title="Gulls & terns",
        abstract="We count gulls.",
        authors=(Author("Roe", "Ann"), Author("van Li", "Bo"), Author("Mann", "E.")),
        venue="Journal of Gulls",
        published="2026-04",
        ids=(PaperId.parse("doi:10.1234/gulls"), PaperId.parse("pmid:123")),
        url="https://birds.example/1",
        kind=Kind.ARTICLE,
        categories=("birds", "sea"),
        references=(PaperId.parse("doi:10.1234/cited"), PaperId.parse("arxiv:2401.00001")),
    )


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("info:eu-repo/semantics/conferenceObject", Kind.CONFERENCE),
        ("doc-type:bookPart", Kind.CHAPTER),
        ("Peer-reviewed Article", Kind.ARTICLE),
        ("Doctoral Thesis", Kind.THESIS),
        ("info:eu-repo/semantics/preprint", Kind.PREPRINT),
        ("http://purl.org/coar/resource_type/report", Kind.REPORT),
        ("Dataset", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_types_are_understood_however_they_are_spelled(spelling: str, kind: Kind) -> None:
    assert paper(f"<dc:title>Gulls</dc:title><dc:type>{spelling}</dc:type>").kind is kind


def test_a_book_has_its_isbn_and_nothing_else_has() -> None:
    said = "<dc:title>Gulls</dc:title><dc:identifier>urn:isbn:978-3-16-148410-0</dc:identifier>"
    assert paper(said + "<dc:type>book</dc:type>").ids == (PaperId.parse("isbn:9783161484100"),)
    assert paper(said + "<dc:type>article</dc:type>").ids == ()


def test_an_arxiv_paper_is_a_preprint_wherever_it_is_kept() -> None:
    found = paper(
        "<dc:title>Gulls</dc:title><dc:type>text</dc:type>"
        "<dc:identifier>http://arxiv.org/abs/2605.00001v2</dc:identifier>"
    )
    assert found.kind is Kind.PREPRINT
    assert found.ids == (PaperId.parse("arxiv:2605.00001"),)
    assert found.url == ""


def test_terms_are_read_like_elements() -> None:
    found = paper(
        "<t:title>Gulls</t:title><t:creator>Roe, Ann</t:creator><t:abstract>We count.</t:abstract>"
        "<t:issued>2025</t:issued><dc:date>1999</dc:date><dc:description>A remark</dc:description>"
    )
    assert (found.title, found.published, found.abstract) == ("Gulls", "2025", "We count.")


def test_broken_records_are_reported_and_spoil_nothing_else() -> None:
    records = spelled("<dc:creator>Roe, Ann</dc:creator>", key="oai:1") + spelled(
        "<dc:title> &lt;b&gt;&lt;/b&gt; </dc:title>", key="oai:2\n2"
    )
    records += "<record/><record><header/></record>" + spelled("<dc:title>Gulls</dc:title>")
    pages = read(in_oai(f"<ListRecords>{records}</ListRecords>"))
    assert [one.paper.title for page in pages for one in page.papers] == ["Gulls"]
    assert [skipped for page in pages for skipped in page.skipped] == [
        Skipped("record 1 (oai:1)", "has no title"),
        Skipped("record 2 (oai:2 2)", "has no title"),
        Skipped("record 3", "has no Dublin Core"),
        Skipped("record 4", "has no Dublin Core"),
    ]


def test_script_in_titles_stays_text() -> None:
    assert (
        "<script" not in paper("<dc:title>&lt;script&gt;x()&lt;/script&gt;Gulls</dc:title>").title
    )


def test_a_list_without_an_end_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.sources.oai._MOST_RECORDS", 50)

    def endless(_: Request) -> Response:
        n = len(server.requests)
        token = f"<resumptionToken>{n}</resumptionToken>"
        records = spelled("<dc:title>Gulls</dc:title>", key=f"oai:{n}") * 10
        return Response(200, XML, in_oai(f"<ListRecords>{records}{token}</ListRecords>"))

    with Server(endless) as server:
        source = OaiSource(PLACE, ACCESS, web=served(PACE, server))
        with pytest.raises(BadResponse, match="choose a set"):
            list(source.listings(None))
        assert len(server.requests) == 6


def test_entity_bombs_and_deep_nesting_are_refused_or_harmless() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><OAI-PMH>&b;</OAI-PMH>'
    with pytest.raises(BadResponse, match="entities"):
        read(bomb)
    deep = "<a>" * 100_000 + "</a>" * 100_000
    pages = read(in_oai(f"<ListRecords>{spelled(f'<dc:title>{deep}</dc:title>')}</ListRecords>"))
    assert [len(page.skipped) for page in pages] == [1]


ODD = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["0000-00-00", "9999-99-99", "-1", "1e999", "<script>", "10.1/", "doi:", "arXiv:", "\ud800",
         "info:eu-repo/semantics/altIdentifier/doi/", "a" * 5000, "&" * 50, "$" * 50, ";,;,"]
    ),
)  # fmt: skip
NAMES = ("title", "creator", "date", "type", "identifier", "relation", "source", "publisher",
         "subject", "description")  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(NAMES), ODD), max_size=6), ODD, ODD)
def test_no_record_is_too_odd(fields: list[tuple[str, str]], day: str, key: str) -> None:
    element = ET.fromstring(spelled("", "", ""))  # noqa: S314 - our own
    header, metadata = element[0], element[1]
    header[0].text, header[1].text = key, day
    for name, value in fields:
        part = ET.SubElement(metadata[0], f"{{http://purl.org/dc/elements/1.1/}}{name}")
        part.text = value
    found = row(element, 1)
    assert found is not None
    if isinstance(found[1], Skipped):
        assert "\n" not in found[1].place + found[1].reason
    else:
        made, _ = found[1]
        assert replace(made) == made
        repr(made).encode()
        "".join([made.title, made.abstract, made.venue, made.url, *made.categories]).encode()
