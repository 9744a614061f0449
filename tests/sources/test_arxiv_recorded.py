"""What arXiv was recorded to say, and what is no answer of its."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from integrations.files.safe_xml import element
from integrations.sources.arxiv import PACE, ArxivSource, by_ids
from integrations.sources.arxiv_harvest import harvested
from integrations.sources.arxiv_records import announcement, found
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse
from recommender.identifiers import PaperId
from recommender.papers import Author, Kind, Paper
from recommender.ports import Access
from tests.sources.test_arxiv_records import entry, feed, only, papers


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
