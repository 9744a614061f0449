import json
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.records import storable
from integrations.files.safe_xml import element
from integrations.pages.arxiv_entries import is_withdrawn, venue
from integrations.pages.pages import Record
from integrations.sources.arxiv import PACE, ArxivSource, by_ids
from integrations.sources.arxiv_harvest import harvested, oai_set
from integrations.sources.arxiv_records import announcement, found
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse
from recommender.identifiers import PaperId
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access
from tests.sources.hostile import is_sound

ATOM = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'


def papers(records: object) -> list[Paper]:
    assert isinstance(records, tuple)
    return [record[0] for record in records if isinstance(record, tuple)]


def harvest(**fields: str) -> Element:
    """A record as OAI-PMH gives it; a field that is given replaces the usual one."""
    fields = {
        "id": "2603.00001",
        "created": "2026-03-04",
        "authors": "<author><keyname>Roe</keyname><forenames>Ann</forenames></author>",
        "title": "On birds",
        "categories": "cs.CL cs.LG",
        "abstract": "They sing.",
        **fields,
    }
    inside = "".join(
        f"<{name.replace('_', '-')}>{v}</{name.replace('_', '-')}>" for name, v in fields.items()
    )
    return fromstring(  # noqa: S314 - our own
        "<record><header><identifier>oai:arXiv.org:x</identifier><datestamp>2026-03-05</datestamp>"
        f'</header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">{inside}</arXiv></metadata>'
        "</record>"
    )


def harvested_paper(**fields: str) -> Paper:
    record = harvested(harvest(**fields), "record 1").record
    assert isinstance(record, tuple)
    return record[0]


def feed(inside: str) -> bytes:
    return f"""<feed {ATOM} xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>t</title>
    <updated>2026-03-10T05:00:00Z</updated><opensearch:totalResults>1</opensearch:totalResults>
    {inside}</feed>""".encode()


def entry(**fields: str) -> str:
    fields = {
        "id": "http://arxiv.org/abs/2603.00001v2",
        "title": "On birds",
        "summary": "They sing.",
        "published": "2026-03-04T17:00:00Z",
        "author": "<name>Ann Roe</name>",
        **fields,
    }
    named = ((name.replace("__", ":"), value) for name, value in fields.items())
    return f"<entry>{''.join(f'<{name}>{value}</{name}>' for name, value in named)}</entry>"


def only(records: tuple[object, ...]) -> Paper:
    [one] = papers(records)
    return one


def test_a_recorded_announcement_is_read(shared: Path) -> None:
    content = (shared / "payloads/arxiv_rss/arxiv_rss_example.xml").read_bytes()
    read = announcement(content, replacements=False)
    assert (read.day, read.n_entries, read.is_cut) == (date(2025, 8, 20), 7, False)
    found = papers(read.records)
    assert [p.ids[0].value for p in found] == [
        *("2508.13426", "2508.13428", "2508.13429", "2508.13434", "2508.13435"),
        *("2508.14001", "2508.14002"),
    ]
    assert [len(p.authors) for p in found] == [3, 3, 1, 7, 1, 2, 2]
    assert [len(p.abstract) for p in found] == [1493, 1176, 1759, 1818, 49, 74, 71]
    first = found[0]
    assert first.title.startswith("ALIGN: Word Association Learning for Cross-Cultural")
    assert first.authors[1] == Author("Shrestha", "Kabir Manandhar")
    assert (first.published, first.kind, first.venue) == ("2025-08-20", Kind.PREPRINT, "")
    assert first.categories == ("cs.CL", "cs.AI")
    assert found[2].authors == (Author("de Castro", "Paulo André Lima"),)


def test_a_recorded_announcement_is_a_page_of_its_day(shared: Path) -> None:
    content = (shared / "payloads/arxiv_rss/arxiv_rss_example.xml").read_bytes()
    access = Access(now=datetime(2025, 8, 20, 12, tzinfo=UTC))
    with Server(lambda _: Response(200, {}, content)) as server:
        source = ArxivSource("cs.AI", access, web=served(PACE, server))
        [page] = source.listings(datetime(2025, 8, 19, tzinfo=UTC))
    assert (page.name, page.published_at) == ("2025-08-20", datetime(2025, 8, 20, tzinfo=UTC))
    assert (len(page.papers), page.skipped, page.n_bytes) == (7, (), len(content))


def test_recorded_records_of_the_archive_are_read(shared: Path) -> None:
    content = (shared / "payloads/oai_pmh/arxiv_oai_listrecords_2026-09.xml").read_bytes()
    root = element(content.decode(), "arXiv")
    read = [harvested(record, "record") for record in root.iterfind("{*}ListRecords/{*}record")]
    # What it calls the creation is that of the last version: the second one came first in August.
    assert [(r.key, r.month, str(r.submitted_on), str(r.changed_on)) for r in read] == [
        ("arxiv:2504.11237", "2025-04", "2025-04-15", "2026-01-05"),
        ("arxiv:2508.21012", "2025-08", "2025-12-16", "2026-01-05"),
    ]
    ions, swarms = papers(tuple(r.record for r in read))
    assert ions == Paper(
        title="Periodic table for highly charged ions",
        abstract=ions.abstract,
        authors=(
            Author("Lyu", "Chunhai"),
            Author("Keitel", "Christoph H."),
            Author("Harman", "Zoltán"),
        ),
        venue="Phys. Rev. Research 7, L042071 (2025)",
        published="2025-04-15",
        ids=(PaperId.parse("doi:10.1103/bppp-53g1"), PaperId.parse("arxiv:2504.11237")),
        kind=Kind.PREPRINT,
        categories=("physics.atom-ph", "physics.optics", "physics.plasm-ph", "quant-ph"),
    )
    assert len(ions.abstract) > 1000
    assert "$" not in ions.abstract
    assert (swarms.published, swarms.venue) == ("2025-08", "")


def test_recorded_answers_of_the_interface_are_read(shared: Path) -> None:
    folder = shared / "payloads/arxiv_api"
    transformer = found((folder / "arxiv_transformer.xml").read_bytes())
    assert (transformer.n_all, len(transformer.rows)) == (28946, 5)
    assert [len(papers((record,))[0].authors) for _, _, record in transformer.rows] == [
        4,
        2,
        1,
        7,
        9,
    ]
    assert transformer.rows[0][:2] == ("arxiv:2606.13677", date(2026, 6, 11))
    answers = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    good = [found(one["body"].encode()) for one in answers if one["status_code"] == 200]
    assert [(one.n_all, len(one.rows)) for one in good] == [
        (0, 0), (1, 1), (1, 1), (214881, 10), (214881, 10)
    ]  # fmt: skip
    old = only((good[2].rows[0][2],))
    assert old.ids == (PaperId.parse("arxiv:quant-ph/0201082"),)
    assert (old.authors, old.published) == ((Author("Blaha", "Stephen"),), "2002-01-18")
    assert old.categories == ("quant-ph", "cs.PL")
    published = only((good[3].rows[0][2],))
    assert published.id(published.ids[0].scheme) == PaperId.parse(
        "doi:10.1109/icstw55395.2022.00035"
    )
    assert published.venue.startswith("Artificial Intelligence in Software Testing @ 2022 IEEE")


def test_recorded_errors_of_the_interface_are_errors(shared: Path) -> None:
    """Replayed as they were: one paper that there is not, and one id that is none."""
    folder = shared / "payloads/arxiv_api"
    by_asked = {}
    for path in folder.glob("id_*.json"):
        answer = json.loads(path.read_bytes())
        by_asked[answer["url"].partition("id_list=")[2].partition("&")[0]] = answer

    def facade(request: Request) -> Response:
        answer = by_asked[request.query["id_list"].replace(",", "%2C").replace("/", "%2F")]
        return Response(answer["status_code"], {}, answer["body"].encode())

    with Server(facade) as server:
        web = served(PACE, server)
        ids = [PaperId.parse(f"arxiv:{one}") for one in ("0808.05394", "1707.08567")]
        assert [paper.ids[0] for paper in by_ids(web, ids)] == ids[1:]
        with pytest.raises(BadResponse, match=r"arXiv does not take the request \(400\)"):
            web.get("https://export.arxiv.org/api/query", {"id_list": "abc"})
    with pytest.raises(BadResponse, match="arXiv does not understand the query; mend it"):
        found(by_asked["abc"]["body"].encode())


def test_a_recorded_weekend_is_another_format_than_what_is_asked_for(shared: Path) -> None:
    content = (shared / "payloads/arxiv_rss/arxiv_weekend_empty.xml").read_bytes()
    with pytest.raises(BadResponse, match="something else than papers; nothing is lost"):
        announcement(content, replacements=False)


def test_a_record_says_all_that_it_holds() -> None:
    people = (
        "<author><keyname>van der Berg</keyname><forenames>Jo</forenames><suffix>Jr.</suffix>"
        "<affiliation>Somewhere</affiliation></author>"
        "<author><keyname>Collaboration</keyname><forenames>ATLAS</forenames></author>"
        "<author><keyname>CMS Collaboration</keyname></author><author><keyname/></author>"
        "<author><keyname>Suharto</keyname></author>"
    )
    found = harvested_paper(
        authors=people,
        title='Of $\\alpha$-decay\n  and M\\"uller',
        categories="hep-ph hep-ex hep-ph",
        journal_ref="J. Birds 3 (2026) 1",
        doi="10.1000/BIRDS 10.1000/other",
    )
    assert found.title == "Of α-decay and Müller"
    assert found.authors == (
        Author("van der Berg", "Jo Jr."),
        Author("ATLAS Collaboration"),
        Author("CMS Collaboration"),
        Author("Suharto"),
    )
    assert (found.venue, found.published) == ("J. Birds 3 (2026) 1", "2026-03-04")
    assert [str(i) for i in found.ids] == ["doi:10.1000/birds", "arxiv:2603.00001"]
    assert found.categories == ("hep-ph", "hep-ex")


@pytest.mark.parametrize(
    ("number", "created", "published"),
    [
        ("2603.00001", "2026-03-04", "2026-03-04"),
        ("2603.00001", "2025-11-30", "2025-11-30"),  # moderators had it long
        ("2603.00001", "2026-04-01", "2026-03"),  # a later version
        ("math/0309136", "2026-04-01", "2003-09"),
        ("2603.00001", "0000-13-99", "2026-03"),
        ("2603.00001", "", "2026-03"),
    ],
)
def test_a_record_is_dated_by_its_first_version(number: str, created: str, published: str) -> None:
    assert harvested_paper(id=number, created=created).published == published


@pytest.mark.parametrize(
    ("number", "created", "since", "is_news", "is_version"),
    [
        ("2603.00001", "2026-03-04", date(2026, 3, 5), True, True),
        ("2603.00001", "2025-11-30", date(2026, 3, 31), True, True),
        ("2603.00001", "2026-03-04", date(2026, 4, 1), False, True),
        ("2501.00001", "2026-03-04", date(2026, 3, 5), False, True),
        ("2501.00001", "", date(2026, 3, 5), False, False),
        ("", "2026-03-04", date(2026, 3, 5), True, True),
    ],
)
def test_news_is_told_by_the_month_in_which_the_id_was_given(
    number: str, created: str, since: date, *, is_news: bool, is_version: bool
) -> None:
    one = harvested(harvest(id=number, created=created), "record 1")
    assert one.is_news(since, versions_since=None) == is_news
    assert one.is_news(since, versions_since=date(2026, 3, 1)) == is_version


def test_records_that_cannot_be_read_say_where_they_are() -> None:
    no_id = harvested(harvest(id="secret"), "record 7 of cs.CL")
    assert (no_id.key, no_id.record) == (
        "record 7 of cs.CL",
        Skipped("record 7 of cs.CL", "has no arXiv id"),
    )
    no_title = harvested(harvest(title=" "), "record 7 of cs.CL")
    assert no_title.record == Skipped("record 7 of cs.CL (2603.00001)", "has no title")
    assert harvested(Element("record"), "record 1").record == Skipped("record 1", "has no arXiv id")
    deleted = harvest()
    deleted[0].set("status", "deleted")
    assert harvested(deleted, "record 1").record is None
    entries = found(feed(entry(id="http://example.org/1") + entry(title="")), 10).rows
    assert [record for _, _, record in entries] == [
        Skipped("entry 11", "has no arXiv id"),
        Skipped("entry 12 (2603.00001)", "has no title"),
    ]


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        ("This paper has been withdrawn by the author due to an error.", ""),
        ("The submission was withdrawn.", ""),
        ("They sing.", "Withdrawn by the authors"),
        ("They sing.", "5 pages; this article has been temporarily withdrawn"),
        ("They sing.", "arXiv admin note: this version has been removed by arXiv administrators"),
        ("Withdrawn.", ""),
    ],
)
def test_a_withdrawn_paper_is_known_by_what_is_said_of_it(abstract: str, comments: str) -> None:
    assert is_withdrawn(abstract, comments)
    assert harvested(harvest(abstract=abstract, comments=comments), "record 1").record is None
    one = feed(entry(summary=abstract, arxiv__comment=comments))
    assert found(one).rows[0][2] is None


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        ("We study drugs. The drug was withdrawn, and the paper was withdrawn, too.", ""),
        ("Funds were withdrawn.", "5 pages, withdrawn claims are marked"),
        ("We count the papers that were withdrawn.", ""),
    ],
)
def test_a_paper_on_withdrawals_is_not_withdrawn(abstract: str, comments: str) -> None:
    assert not is_withdrawn(abstract, comments)


def test_a_venue_is_where_a_paper_was_published() -> None:
    assert venue(" Phys. Rev. \n B 1, 2 ") == "Phys. Rev. B 1, 2"
    assert venue("Submitted to J. Birds") == venue("J. Birds (under review)") == ""
    announced = feed(
        entry(
            id="oai:arXiv.org:2603.00001v1",
            arxiv__journal_reference="J. Birds 1",
            arxiv__DOI="10.1000/b",
        )
    )
    one = only(announcement(announced, replacements=False).records)
    assert (one.venue, str(one.ids[0])) == ("J. Birds 1", "doi:10.1000/b")


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("cs", "cs:cs"),
        ("hep-th", "physics:hep-th"),
        ("physics.optics", "physics:physics:optics"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
    ],
)
def test_a_category_is_a_set(category: str, expected: str) -> None:
    assert oai_set(category) == expected


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + feed(
    entry(title="&b;")
)
NO_FEEDS = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><p>Log in",
    "JSON": b"{}",
    "a list": b"[1]",
    "binary": bytes(range(256)),
    "a bomb": BOMB,
    "a bomb in UTF-16": BOMB.decode().encode("utf-16"),
    "cut off": feed(entry())[:-20],
    "RSS": b"<rss version='2.0'><channel/></rss>",
    "another kind of XML": b"<OAI-PMH/>",
    "deep": b"<a>" * 50_000,
}


@pytest.mark.parametrize("name", NO_FEEDS)
def test_what_is_no_feed_is_told_as_that(name: str) -> None:
    for read in (found, lambda content: announcement(content, replacements=False)):
        with pytest.raises(BadResponse) as raised:
            read(NO_FEEDS[name])
        assert raised.value.service == "arXiv"
        assert "\n" not in str(raised.value)


def test_a_deep_feed_is_harmless() -> None:
    deep = "<b>" * 50_000 + "</b>" * 50_000
    assert only((found(feed(entry(title=f"On birds{deep}"))).rows[0][2],)).title == "On birds"


@pytest.mark.parametrize(
    "total", ["", "-1", "1e9", "9" * 5000, "\u0663", "x"], ids=lambda value: value[:5]
)
def test_a_number_of_results_that_is_none_is_no_answer(total: str) -> None:
    content = feed("").replace(b"Results>1<", f"Results>{total}<".encode())
    with pytest.raises(BadResponse):
        found(content)


def test_a_feed_without_a_date_is_none() -> None:
    content = feed("").replace(b"2026-03-10T", b"0000-99-99T")
    with pytest.raises(BadResponse, match="does not date its feed"):
        announcement(content, replacements=False)


FIELDS = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cc", "Zs", "Nd", "Sm", "Po"]), max_size=20),
    st.sampled_from([
        "9" * 400, "0000-00-00", "9999-12-31T23:59:59Z", "oai:arXiv.org:2603.00001v1", "\u202e",
        "<b>x</b>", "&#0;", "\\frac{", "$$", "{" * 50, "10.1000/x", "math.GT/0309136v2",
    ]),
)  # fmt: skip


@given(st.dictionaries(
    st.sampled_from(["id", "title", "summary", "published", "author", "dc__creator", "link",
                     "arxiv__doi", "arxiv__journal_ref", "arxiv__comment", "arxiv__announce_type"]),
    FIELDS,
))  # fmt: skip
def test_whatever_stands_in_an_entry_is_read_or_told(fields: dict[str, str]) -> None:
    content = feed(entry(**{name: escape(value) for name, value in fields.items()}))
    records: list[Record | None] = []
    # What says that it is an error, or is not dated, is refused.
    with suppress(BadResponse):
        records += [record for _, _, record in found(content).rows]
    with suppress(BadResponse):
        records += announcement(content, replacements=True).records
    assert all(record is None or is_sound(record, marked_up=False) for record in records)


@given(st.dictionaries(
    st.sampled_from(["id", "created", "authors", "title", "categories", "abstract", "comments",
                     "journal_ref", "doi"]),
    FIELDS.map(storable),
))  # fmt: skip
def test_whatever_stands_in_a_record_is_read_or_told(fields: dict[str, str]) -> None:
    content = harvest(**dict.fromkeys(fields, ""))
    for name, value in fields.items():
        part = content.find(f"{{*}}metadata/{{*}}arXiv/{{*}}{name.replace('_', '-')}")
        assert part is not None
        part.text = value
    one = harvested(content, "record 1")
    assert one.record is None or is_sound(one.record, marked_up=False)
    assert one.is_news(date(2026, 3, 1), versions_since=date(2026, 3, 1)) in {True, False}
