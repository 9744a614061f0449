from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from integrations.sources.arxiv import PACE, ArxivSource
from integrations.web.client import Web
from integrations.web.testing.exchange import HTML, Request, Response
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import Clock, served
from recommender.errors import BadResponse, ConfigError, RateLimited, TransientError
from recommender.ports import Source
from tests.sources.arxiv_served import (
    ACCESS,
    NOW,
    PAPERS,
    XML,
    Made,
    answers,
    feed,
    harvest,
    numbers,
    read,
    serving,
)
from tests.sources.served import ServedSourceContract


class TestArxivSource(ServedSourceContract):
    pace = PACE
    access = ACCESS

    def facade(self, request: Request) -> Response:
        return answers(PAPERS)(request)

    def opened(self, web: Web) -> Source:
        return ArxivSource("cs.CL+cs.LG", self.access, web=web)


def test_announcements_and_what_was_missed_are_pages_of_a_day() -> None:
    found, requests = read(answers(PAPERS), "2026-03-05", place="cs.CL+cs.LG")
    assert [(page.name, numbers(page)) for page in found] == [
        ("2026-03-05", ["2603.00001", "2603.00002"]),
        ("2026-03-06", ["2603.00006", "2603.00003"]),
        ("2026-03-10", ["2603.00010", "2603.00011"]),
    ]
    assert [page.published_at for page in found] == [
        datetime(2026, 3, day, tzinfo=UTC) for day in (5, 6, 10)
    ]
    assert [s.place for page in found for s in page.skipped] == ["record 4 of cs.CL (2603.00004)"]
    announced = found[-1].papers[0].paper
    assert (announced.title, announced.abstract) == ("On birds", "They sing.")
    assert [str(a) for a in announced.authors] == ["Ann Roe", "Bo Li"]
    assert all(page.n_bytes for page in found)
    assert [r.headers["host"] for r in requests] == [
        "rss.arxiv.org",
        *["oaipmh.arxiv.org"] * 4,  # three parts of one set, one of the other
    ]


def test_a_request_says_what_is_wanted_and_no_more() -> None:
    _, requests = read(answers(PAPERS), "2026-03-05", place="cs.CL+cs.LG")
    asked = ["set", "from", "verb", "metadataPrefix"]
    assert requests[0].target == "/atom/cs.CL+cs.LG"
    assert [requests[1].query[name] for name in asked] == [
        "cs:cs:CL", "2026-03-05", "ListRecords", "arXiv"
    ]  # fmt: skip
    assert sorted(requests[1].query) == sorted(asked)
    assert sorted(requests[2].query) == ["resumptionToken", "verb"]
    assert {r.headers["user-agent"].partition("(")[2] for r in requests} == {
        "mailto:reader@example.org)"
    }


def test_a_long_gap_is_asked_for_week_by_week() -> None:
    def facade(request: Request) -> Response:
        papers = [Made("2602.00001", "2026-02-10"), *PAPERS]
        return answers(papers)(request)

    found, requests = read(facade, "2026-02-10", place="cs.LG")
    assert [(r.query["from"], r.query.get("until")) for r in requests[1:] if "from" in r.query] == [
        ("2026-02-10", "2026-02-16"),
        ("2026-02-17", "2026-02-23"),
        ("2026-02-24", "2026-03-02"),
        ("2026-03-03", None),
    ]
    assert [page.name for page in found] == ["2026-03-05", "2026-03-06", "2026-03-10"]


@pytest.mark.parametrize(
    ("since", "feed_day", "is_behind"),
    [
        ("2026-03-09", "2026-03-10", False),  # the day before
        ("2026-03-10", "2026-03-10", False),
        ("2026-03-11", "2026-03-10", False),
        ("2026-03-06", "2026-03-09", False),  # a weekend
        ("2026-03-06", "2026-03-07", False),
        ("2026-03-06", "2026-03-08", False),
        ("2026-03-07", "2026-03-09", False),
        ("2026-03-05", "2026-03-07", True),  # Friday is missing
        ("2026-03-05", "2026-03-09", True),
        ("2026-03-06", "2026-03-10", True),  # Monday is
        ("2026-03-08", "2026-03-10", True),
        ("2026-02-06", "2026-03-10", True),
    ],
)
def test_the_archive_is_asked_only_where_a_day_was_missed(
    since: str, feed_day: str, *, is_behind: bool
) -> None:
    now = datetime.fromisoformat(f"{feed_day}T15:00+00:00")
    _, requests = read(answers(PAPERS, feed_day), since, now=now)
    assert (len(requests) > 1) == is_behind


def test_what_changed_after_it_was_missed_is_not_lost_and_the_feeds_papers_come_once() -> None:
    papers = [
        Made("2603.00001", "2026-03-10"),  # changed once more today
        Made("2603.00002", "2026-03-06"),
        Made("2603.00010", "2026-03-10", announced="new"),
        # New last week, with a new version today that is no news by itself.
        Made("2603.00003", "2026-03-10", announced="replace"),
    ]
    found, _ = read(answers(papers), "2026-03-05")
    assert [(page.name, numbers(page)) for page in found] == [
        ("2026-03-06", ["2603.00002"]),
        ("2026-03-09", ["2603.00001", "2603.00003"]),
        ("2026-03-10", ["2603.00010"]),
    ]


def test_a_day_without_entries_has_no_date_so_that_a_late_announcement_is_not_passed() -> None:
    found, _ = read(answers([]), "2026-03-09")
    assert [(p.name, p.published_at, p.papers) for p in found] == [("2026-03-10", None, ())]
    assert found[0].mark


def test_a_day_with_nothing_but_new_versions_has_a_date() -> None:
    found, _ = read(answers([Made("2502.00012", "2026-03-10", announced="replace")]), "2026-03-09")
    assert [(p.published_at, p.papers) for p in found] == [(datetime(2026, 3, 10, tzinfo=UTC), ())]


def test_new_versions_come_where_they_are_wanted() -> None:
    found, _ = read(answers(PAPERS), "2026-03-05", place="cs.CL/replacements")
    assert [(page.name, numbers(page)) for page in found] == [
        ("2026-03-05", ["2603.00001", "2603.00002", "2501.00009"]),
        ("2026-03-06", ["2603.00006"]),
        ("2026-03-10", ["2603.00010", "2603.00011", "2502.00012"]),
    ]
    old = {p.paper.ids[0].value: p.paper.published for page in found for p in page.papers}
    # When a later version came says nothing of when the paper did.
    assert (old["2501.00009"], old["2502.00012"]) == ("2025-01", "2025-02")


def test_only_a_recent_version_of_an_old_paper_is_one() -> None:
    papers = [Made("2501.00009", "2026-03-05", "2025-12-01")]  # got a reference to its journal
    found, _ = read(answers(papers), "2026-03-05", place="cs.CL/replacements")
    assert [page.papers for page in found] == [()]


def test_a_long_feed_is_cut_and_the_rest_comes_from_the_archive() -> None:
    announced = [
        Made(f"2603.{n:05}", "2026-03-10", announced="cross" if n else "new") for n in range(2000)
    ]
    rest = [Made("2603.09999", "2026-03-10")]

    def facade(request: Request) -> Response:
        if request.headers["host"] == "oaipmh.arxiv.org":
            return Response(200, XML, harvest([*announced, *rest], request, at_once=2500))
        return answers(announced)(request)

    found, _ = read(facade, "2026-03-09")
    assert [(page.name, len(page.papers)) for page in found] == [
        ("2026-03-10, the rest", 1),
        ("2026-03-10", 2000),
    ]
    assert numbers(found[0]) == ["2603.09999"]


def test_an_unchanged_feed_costs_one_request_and_no_bytes() -> None:
    with serving(answers(PAPERS)) as (server, web):
        source = ArxivSource("cs.CL", ACCESS, web=web)
        since = datetime(2026, 3, 9, tzinfo=UTC)
        [page] = source.listings(since)
        known = {"2026-03-09": '{"etag": "older"}', "2026-03-06": "", page.name: page.mark}
        [again] = source.listings(page.published_at, known)
    assert len(server.requests) == 2
    assert (again.unchanged, again.name, again.mark) == (True, page.name, page.mark)
    assert (again.papers, again.n_bytes) == ((), 0)


def test_the_feed_of_another_day_is_asked_for_with_the_last_mark_and_comes_whole() -> None:
    with serving(answers(PAPERS)) as (server, web):
        source = ArxivSource("cs.CL", ACCESS, web=web)
        yesterday = {"2026-03-09": '{"if-none-match": "\\"old\\""}'}
        [page] = source.listings(datetime(2026, 3, 9, tzinfo=UTC), yesterday)
    assert server.requests[0].headers["if-none-match"] == '"old"'
    assert (page.name, page.unchanged, len(page.papers)) == ("2026-03-10", False, 2)


@pytest.mark.parametrize("at", ["0001-01-01", "2005-01-01", "9999-12-31"])
def test_a_feed_of_another_age_moves_no_date_beyond_today(at: str) -> None:
    found, _ = read(answers(PAPERS, at), "2026-03-09")
    assert all(page.published_at and page.published_at <= NOW for page in found)
    assert len(found[-1].papers) == 2


def test_a_feed_that_is_an_error_says_what_to_do() -> None:
    body = feed([], title="Feed error for query: https://rss.arxiv.org/atom/cs.XX")
    with pytest.raises(BadResponse, match="does not know one of the categories; correct"):
        read(lambda _: Response(200, XML, body), "2026-03-09")


def test_too_many_requests_are_told_as_that(shared: Path) -> None:
    body = (shared / "payloads/arxiv_api/error_429_body.txt").read_bytes()
    with serving(answers(PAPERS)) as (server, web):
        server.faults.when(lambda _: True, Fault(429, {"Content-Type": HTML}, body), times=99)
        with pytest.raises(RateLimited, match="arXiv gets too many requests"):
            list(ArxivSource("cs.CL", ACCESS, web=web).listings(None))
    assert len(server.requests) == 4


def test_hosts_of_arxiv_share_their_turns() -> None:
    clock = Clock()
    with Server(answers(PAPERS)) as server:
        source = ArxivSource("cs.CL+cs.LG", ACCESS, web=served(PACE, server, clock))
        list(source.listings(None))
    assert len({r.headers["host"] for r in server.requests}) == 2
    assert clock.waits == [3.0] * (len(server.requests) - 1)


def test_a_fortnight_with_an_outage_in_its_middle_is_whole_in_the_end() -> None:
    days = [f"2026-02-{n:02}" for n in range(24, 29)] + [f"2026-03-{n:02}" for n in range(2, 10)]
    papers = [Made(f"{day[2:4]}{day[5:7]}.{n:05}", day) for n, day in enumerate(days)]
    with serving(answers(papers)) as (server, web):
        source = ArxivSource("cs.CL", ACCESS, web=web)
        pages = source.listings(datetime(2026, 2, 24, tzinfo=UTC))
        before = [next(pages) for _ in range(6)]  # the first week
        server.faults.when(lambda _: True, Fault(500), times=99)
        announced = next(pages)
        assert (announced.published_at, announced.mark) == (None, "")
        with pytest.raises(TransientError):
            next(pages)
        server.faults.clear()
        after = list(source.listings(before[-1].published_at))
    seen = [number for page in [*before, *after] for number in numbers(page)]
    assert sorted(set(seen)) == [p.number for p in papers]
    # Only the last page that came is asked for again.
    assert len(seen) - len(set(seen)) == len(before[-1].papers)


def test_what_the_feed_has_counts_though_the_archive_fails() -> None:
    with serving(answers(PAPERS)) as (server, web):
        source = ArxivSource("cs.CL", ACCESS, web=web)
        [*before] = source.listings(datetime(2026, 3, 9, tzinfo=UTC))
        server.faults.when(
            lambda r: r.headers["host"] == "oaipmh.arxiv.org", Fault(503), times=10**6
        )
        for since, known in ((None, {}), (datetime(2026, 3, 5, tzinfo=UTC), {"2026-03-10": ""})):
            pages = source.listings(since, known)
            page = next(pages)
            with pytest.raises(TransientError):
                next(pages)
            # Nothing of it lets the next reading pass over what was missed.
            assert (page.name, page.published_at, page.mark) == ("2026-03-10", None, "")
            assert numbers(page) == numbers(before[-1]) == ["2603.00010", "2603.00011"]
        # What is known and unchanged keeps its mark.
        known = {page.name: page.mark for page in before}
        with pytest.raises(TransientError):
            next(source.listings(datetime(2026, 3, 5, tzinfo=UTC), known))


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("cs.CL", "arxiv cs.CL"),
        (" CS.cl + Cond-mat.MES-hall+hep-TH ", "arxiv cs.CL+cond-mat.mes-hall+hep-th"),
        ("physics.Optics+cs.LG+cs.lg", "arxiv physics.optics+cs.LG"),
        ("cs.CL/replacements", "arxiv cs.CL/replacements"),
        ("search:ti:graph\n AND cat:cs.LG", "arxiv search:ti:graph AND cat:cs.LG"),
    ],
)
def test_a_place_is_called_by_one_name(place: str, name: str) -> None:
    assert ArxivSource(place, ACCESS).name == name


@pytest.mark.parametrize(
    "place",
    [
        "",
        "+",
        "cs.",
        "cs.CL+",
        "cs.CL.X",
        "cs.CL/new",
        "cs.C\u00df",
        "cmp-lg",
        "search:",
        "cs.CL cs.LG",
    ],
)
def test_a_place_that_cannot_be_is_refused_with_examples(place: str) -> None:
    with pytest.raises(ConfigError, match=r"arXiv .*write categories as in cs\.CL\+stat\.ML") as e:
        ArxivSource(place, ACCESS)
    assert "\n" not in str(e.value)


def test_what_authors_type_is_no_markup_and_stays() -> None:
    title = "<script>x</script> for a<b"
    papers = [Made("2603.00010", "2026-03-10", announced="new", title=escape(title))]
    [page], _ = read(answers(papers), "2026-03-09")
    assert page.papers[0].paper.title == title
