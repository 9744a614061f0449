"""A source that is an address: feeds and all other formats of listings, on the web."""

import gzip
import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pages import formats
from integrations.sources.web_pages import WebPage, feed_of, manners
from integrations.web.client import Web
from integrations.web.testing.exchange import HTML, Request, Response
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, IntegrationError, TransientError
from recommender.identifiers import PaperId
from recommender.listings import Listing
from recommender.papers import Author, Kind
from recommender.ports import Access, Source
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 5, 2, tzinfo=UTC), contact="ann@example.org")
PLACE = "https://birds.example/feed.xml"
PACE = manners(PLACE)
FEED = b"""<feed xmlns="http://www.w3.org/2005/Atom"><updated>2026-05-01T04:00:00+02:00</updated>
<entry><title>Gulls</title><summary>We count gulls.</summary></entry><entry><title/></entry>
<entry><title>Terns</title></entry></feed>"""
PAGE = b"""<!DOCTYPE html><html><head><title>Birds</title>
<link rel="stylesheet" href="/style.css"><link rel="alternate" hreflang="de" href="/de">
<LINK title='News' TYPE="application/rss+xml" href='../feed?a=1&amp;b=2' REL=alternate>
</head><body>Birds</body></html>"""


class TestFeedWithVersions(ServedSourceContract):
    pace = PACE
    access = ACCESS
    late_by = timedelta.max
    has_two_dates = False

    def facade(self, request: Request) -> Response:
        said = {"ETag": '"1"', "Last-Modified": "Fri, 01 May 2026 02:00:00 GMT"}
        if request.headers.get("if-none-match") == '"1"':
            # A server need not repeat when the page was made.
            return Response(304, {"ETag": '"1"'})
        return Response(200, {"Content-Type": "application/atom+xml", **said}, FEED)

    def opened(self, web: Web) -> Source:
        return WebPage(PLACE, ACCESS, web=web)


class TestFeedWithoutVersions(TestFeedWithVersions):
    def facade(self, request: Request) -> Response:
        return Response(200, {"Content-Type": "text/plain"}, FEED)


class TestPapersWithoutADate(TestFeedWithVersions):
    late_by = timedelta(0)

    def facade(self, request: Request) -> Response:
        return Response(200, {}, b'{"title": "Gulls", "abstract": "x"}\n{"title": \n')


@contextmanager
def page(
    body: bytes,
    place: str = PLACE,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[WebPage, Server]]:
    with Server(lambda _: Response(status, headers, body)) as server:
        yield WebPage(place, ACCESS, web=served(manners(place), server)), server


def read(body: bytes, place: str = PLACE) -> Listing:
    with page(body, place) as (source, _):
        [listing] = source.listings(None)
    return listing


def refused(body: bytes, place: str = PLACE) -> IntegrationError:
    with page(body, place) as (source, _), pytest.raises(IntegrationError) as raised:
        list(source.listings(None))
    return raised.value


def test_a_feed_is_a_page_dated_as_it_says() -> None:
    found = read(FEED)
    assert found.published_at == datetime(2026, 5, 1, 2, tzinfo=UTC)
    assert [p.paper.title for p in found.papers] == ["Gulls", "Terns"]
    assert [s.place for s in found.skipped] == ["entry 2"]
    assert found.n_bytes == len(FEED)
    assert (found.source, found.name) == ("birds.example/feed.xml",) * 2


def test_a_request_says_what_is_wanted_and_who_wants_it() -> None:
    with page(FEED, PLACE + "?journal=1&key=geheim") as (source, server):
        list(source.listings(None))
        list(source.listings(datetime(2026, 5, 1, tzinfo=UTC)))
    first, second = server.requests
    assert first.target == "/feed.xml?journal=1&key=geheim"
    assert first.headers["host"] == "birds.example"
    assert first.headers["accept"].startswith("application/atom+xml")
    assert first.headers["user-agent"].startswith("shelfwise/")
    assert first == second


def test_an_unchanged_page_costs_one_conditional_request_and_no_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answered(request: Request) -> Response:
        is_known = request.headers.get("if-none-match") == 'W/"7"'
        return Response(304) if is_known else Response(200, {"ETag": 'W/"7"'}, FEED)

    with Server(answered) as server:
        source = WebPage(PLACE, ACCESS, web=served(PACE, server))
        [whole] = source.listings(None)
        monkeypatch.setattr(formats, "LISTING_FORMATS", ())
        [again] = source.listings(None, {whole.name: whole.mark})
        assert len(server.requests) == 2
    assert (again.unchanged, again.papers, again.n_bytes) == (True, (), 0)
    assert again.mark == whole.mark


def test_the_same_content_is_unchanged_though_the_server_makes_a_new_version_of_it() -> None:
    with Server(lambda _: Response(200, {"ETag": f'"{len(server.requests)}"'}, FEED)) as server:
        source = WebPage(PLACE, ACCESS, web=served(PACE, server))
        [whole] = source.listings(None)
        [again] = source.listings(None, {whole.name: whole.mark})
        [once_more] = source.listings(None, {again.name: again.mark})
    assert again.unchanged
    assert once_more.unchanged
    # The newest version is what is asked for next.
    assert server.requests[2].headers["if-none-match"] == '"2"'


@pytest.mark.parametrize("mark", ["", "{", "[]", "7", '"a"', "null", '{"content": null}', "\0"])
def test_a_foreign_mark_is_no_mark(mark: str) -> None:
    with page(FEED) as (source, server):
        [found] = source.listings(None, {"birds.example/feed.xml": mark})
        assert not found.unchanged
        assert "if-none-match" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (PLACE, "birds.example/feed.xml"),
        ("  http://Birds.Example:80/  ", "birds.example"),
        ("http://birds.example:8080/a/", "birds.example:8080/a"),
        ("http://birds.example/a%0Ab#part", "birds.example/a%0Ab"),
        ("http://vögel.example/ü", "xn--vgel-5qa.example/%C3%BC"),
        ("http://[::1]/feed", "[::1]/feed"),
    ],
)
def test_it_is_called_by_host_and_path(place: str, name: str) -> None:
    assert WebPage(place, ACCESS).name == name


def test_two_queries_are_two_sources_and_neither_is_shown() -> None:
    names = [WebPage(f"{PLACE}?key=geheim{n}", ACCESS).name for n in (1, 2)]
    assert len(set(names)) == 2
    for name in names:
        assert name.startswith("birds.example/feed.xml ")
        assert "geheim" not in name
    assert names[0] == WebPage(f"{PLACE}?key=geheim1", ACCESS).name


@pytest.mark.parametrize(
    "place",
    ["", "birds.example/feed", "file:///etc/passwd", "ftp://birds.example/", "http://",
     "https://ann:geheim@birds.example/", "http://[::1", "http://a b/?k=geheim", "http://x:99999/",
     "javascript:alert(1)", "http://\ud800/", "http://a..b/", "\0"],
)  # fmt: skip
def test_what_is_no_address_is_told_at_once_without_being_quoted(place: str) -> None:
    with pytest.raises(ConfigError, match=r"such as https://example\.org/feed\.xml") as raised:
        WebPage(place, ACCESS)
    assert "geheim" not in str(raised.value)


def test_addresses_of_one_host_share_their_turns() -> None:
    assert manners("https://birds.example/a?b") == manners("http://BIRDS.example:8080/c")
    assert manners(PLACE) == Pace("birds.example", every=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (b'{"title": "Gulls", "abstract": "x"}\n{"title": "Terns"}\n', ["Gulls", "Terns"]),
        (b"@article{roe, title={Gulls}, year=2026, author={Roe, Ann}}", ["Gulls"]),
        (b"TY  - JOUR\nTI  - Gulls\nER  - \n", ["Gulls"]),
        (b'[{"id": "roe", "type": "article-journal", "title": "Gulls"}]', ["Gulls"]),
        (b'[{"paper": {"title": "Gulls", "upvotes": 3, "id": "2605.00001"}}]', ["Gulls"]),
        (b'<rss version="2.0"><channel><item><title>Gulls</title></item></channel></rss>',
         ["Gulls"]),
        (b'<rss version="2.0"><channel><title>Birds</title></channel></rss>', []),
        (FEED.decode().replace("Gulls", "Möwen").encode("utf-16"), ["Möwen", "Terns"]),
        (b"<?xml version='1.0' encoding='iso-8859-1'?>" + FEED.replace(b"Gulls", b"M\xf6wen"),
         ["Möwen", "Terns"]),
        (b"<?xml version='1.0' encoding='utf-8'?>" + FEED.replace(b"Gulls", b"M\xf6wen"),
         ["Möwen", "Terns"]),
    ],
)  # fmt: skip
def test_whatever_is_read_from_files_is_read_from_the_web(body: bytes, titles: list[str]) -> None:
    assert [p.paper.title for p in read(body).papers] == titles


def test_a_packed_answer_is_unpacked() -> None:
    packed = gzip.compress(FEED)
    with page(packed, PLACE, 200, {"Content-Encoding": "gzip"}) as (source, _):
        [found] = source.listings(None)
    assert len(found.papers) == 2


def test_of_a_web_page_the_feed_that_it_names_is_told() -> None:
    error = refused(PAGE, "https://birds.example/journal/now")
    assert isinstance(error, BadResponse)
    assert str(error) == (
        "birds.example/journal/now is a web page; "
        "give the address of its feed, https://birds.example/feed?a=1&b=2"
    )


def test_of_a_web_page_without_a_feed_one_is_wanted() -> None:
    said = str(refused(b"<!DOCTYPE html><p>Log in"))
    assert said == (
        "birds.example/feed.xml is a web page; give the address of its feed, if it has one"
    )


def test_a_page_that_quotes_a_secret_back_does_not_get_it_said() -> None:
    body = b'<html><link rel=alternate type=application/rss+xml href="/f?key=geheim">'
    assert "geheim" not in str(refused(body, f"{PLACE}?key=geheim"))
    assert "/f?key=geheim" in str(refused(body))


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "file:///etc", "http://[", "//u:p@x/", "/" + "x" * 300, ""]
)
def test_what_names_no_address_of_a_feed_is_passed_over(href: str) -> None:
    link = f'<link rel="alternate" type="application/atom+xml" href="{href}">'
    good = '<link rel="alternate" type="application/atom+xml" href="/feed">'
    assert feed_of(link + good, PLACE) in {"https://birds.example/feed", PLACE}
    assert feed_of(good, PLACE) == "https://birds.example/feed"


@given(st.text(alphabet="<>linkrelhrefaltype='\"= \n/&;", max_size=300))
def test_no_page_is_too_odd_to_look_for_its_feed(text: str) -> None:
    assert "\n" not in feed_of(f"<html>{text}", PLACE)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", TransientError, "answered with nothing; nothing is lost"),
        (b" \n", TransientError, "answered with nothing"),
        (b"{}", BadResponse, "it looks like JSON of another kind"),
        (b"%PDF-1.7 ...", BadResponse, "it looks like a PDF"),
        (b"<?xml version='1.0'?><opml/>", BadResponse, "it looks like XML of another kind"),
        (bytes(range(256)), BadResponse, "it looks like binary data"),
        (b"An error occurred", BadResponse, "it looks like plain text"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><titl', BadResponse, "broken"),
        (b'[{"paper": {"upvotes": 1}}]', BadResponse, "has no title"),
    ],
)
def test_what_is_no_listing_is_said(body: bytes, kind: type[IntegrationError], words: str) -> None:
    error = refused(body)
    assert type(error) is kind
    assert str(error).startswith("birds.example/feed.xml")
    assert words in str(error)
    assert "\n" not in str(error)


def test_entity_bombs_are_harmless() -> None:
    lines = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    bomb = f'<!DOCTYPE feed [<!ENTITY a0 "boom">{lines}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = FEED.replace(b"Gulls", b"G &a12; &x; gulls")
    with page(b"<?xml version='1.0'?>" + bomb.encode() + body) as (source, _):
        try:
            [found] = source.listings(None)
        except BadResponse:
            return
    assert all(len(p.paper.title) < 1000 for p in found.papers)
    assert "root:" not in str(found)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503])
def test_no_error_shows_the_query(status: int) -> None:
    with page(b"key=geheim", f"{PLACE}?key=geheim", status) as (source, _):
        with pytest.raises(IntegrationError) as raised:
            list(source.listings(None))
        assert raised.value.service == "birds.example"
        assert "geheim" not in "".join(traceback.format_exception(raised.value))


def test_a_refused_page_is_not_taken_for_a_listing() -> None:
    with page(FEED) as (source, server):
        server.faults.at(0, Fault(404, {"Content-Type": HTML}, FEED))
        with pytest.raises(BadResponse, match=r"birds\.example has nothing there"):
            list(source.listings(None))


def test_recorded_feeds_of_journals_are_read(shared: Path) -> None:
    found = read((shared / "payloads/journal_rss/nature_rdf_2026_excerpt.xml").read_bytes())
    [nature] = [p.paper for p in found.papers]
    assert nature.title == "Efficient robot navigation inspired by honeybee learning flights"
    assert nature.ids == (PaperId.parse("doi:10.1038/s41586-026-10461-3"),)
    assert (nature.published, nature.venue, nature.abstract) == ("2026-05-13", "Nature", "")
    assert nature.kind is Kind.ARTICLE
    assert found.published_at == datetime(2026, 5, 13, tzinfo=UTC)
    found = read((shared / "payloads/journal_rss/biorxiv_rdf_2019_1item.xml").read_bytes())
    [preprint] = [p.paper for p in found.papers]
    assert preprint.ids == (PaperId.parse("doi:10.1101/857789"),)
    assert [a.family for a in preprint.authors] == ["Kukla", "Crampton", "Wood", "Khetani"]
    assert preprint.authors[0] == Author("Kukla", "D.")
    assert (preprint.published, preprint.kind) == ("2019-11-29", Kind.PREPRINT)
    assert len(preprint.abstract) > 400
    assert not found.skipped


def test_recorded_announcements_of_arxiv_are_read(shared: Path) -> None:
    found = read((shared / "payloads/arxiv_rss/arxiv_rss_example.xml").read_bytes())
    assert len(found.papers) > 3
    assert not found.skipped
    assert all(p.paper.authors and p.paper.abstract and p.paper.ids for p in found.papers)
    assert found.papers[0].paper.ids == (PaperId.parse("arxiv:2508.13426"),)
    empty = read((shared / "payloads/arxiv_rss/arxiv_weekend_empty.xml").read_bytes())
    assert (empty.papers, empty.skipped) == ((), ())
    assert empty.published_at


@pytest.mark.parametrize(
    "folder", ["bibtex", "ris", "csl_json", "hf_daily_papers", "arxiv_api", "pubmed"]
)
def test_recorded_files_are_read_or_refused_as_what_they_are(shared: Path, folder: str) -> None:
    n_read = 0
    for path in sorted((shared / "payloads" / folder).iterdir()):
        try:
            found = read(path.read_bytes())
        except IntegrationError as error:
            assert str(error).startswith("birds.example/feed.xml")  # noqa: PT017
            continue
        n_read += len(found.papers)
        assert json.dumps([p.paper.title for p in found.papers])
    assert n_read or folder == "pubmed"
