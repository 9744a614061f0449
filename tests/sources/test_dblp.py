"""dblp gives the papers of a venue's year, of a volume, or of a search."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.formats import HEAD
from integrations.pages.formats import recognised
from integrations.sources.dblp import MOST_FOUND, PACE, DblpSource
from integrations.sources.dblp_records import records
from integrations.web.client import Web
from integrations.web.testing.exchange import HTML, Request, Response, as_json, as_text
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access, Source
from tests.sources.hostile import is_sound, json_values, replaced, ways
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 5, 10, tzinfo=UTC), contact="reader@example.org")
PER_ANSWER = 2


def hit(number: int, **changes: Any) -> dict[str, Any]:
    info = {
        "authors": {"author": [{"@pid": "1/1-9", "text": "Ann Roe 0009"}, {"text": "Bo Li"}]},
        "title": f"How Birds &amp; Bees Flock, Part {number}.",
        "venue": "BIRDS",
        "pages": "1-9",
        "year": "2026",
        "type": "Conference and Workshop Papers",
        "access": "open",
        "key": f"conf/birds/RoeL26{number}",
        "doi": f"10.1000/BIRDS.{number}",
        "ee": f"https://doi.org/10.1000/BIRDS.{number}",
        "url": f"https://dblp.org/rec/conf/birds/RoeL26{number}",
    } | changes
    return {"@score": "1", "@id": f"{number}", "info": info, "url": f"URL#{number}"}


def answer(hits: list[Any], total: int) -> dict[str, Any]:
    found: dict[str, Any] = {"@total": str(total), "@sent": str(len(hits)), "@first": "0"}
    if hits:
        found["hit"] = hits
    return {"result": {"query": "q", "status": {"@code": "200", "text": "OK"}, "hits": found}}


THIS_YEAR = [hit(1), hit(2, type="Editorship"), hit(3), hit(4), hit(5)]
LISTS = {
    "stream:streams/conf/birds: year:2026:": THIS_YEAR,
    "stream:streams/conf/birds: year:2025:": [hit(9, year="2025")],
    "toc:db/conf/birds/birds2025.bht:": [hit(9, year="2025")],
    "toc:db/conf/birds/birds2026-1.bht:": THIS_YEAR[:2],
    "stream:streams/journals/tbird: year:2026:": [hit(6, type="Journal Articles")],
    "toc:db/journals/tbird/tbird13.bht:": [hit(7, type="Journal Articles")],
    "flocking birds": THIS_YEAR,
}


def facade(request: Request) -> Response:
    """dblp's search, with short answers."""
    assert request.headers["host"] == "dblp.org"
    assert request.path == "/search/publ/api"
    assert request.query["format"] == "json"
    found = LISTS.get(request.query["q"], [])
    start = int(request.query["f"])
    shown = found[start : start + min(PER_ANSWER, int(request.query["h"]))]
    return as_json(answer(shown, len(found)))


class TestDblp(ServedSourceContract):
    pace = PACE
    access = ACCESS
    has_two_dates = False

    def facade(self, request: Request) -> Response:
        return facade(request)

    def opened(self, web: Web) -> Source:
        return DblpSource("conf/birds", self.access, web=web)


def read(place: str, answers: Any = facade) -> tuple[list[Listing], list[str]]:
    with Server(answers) as server:
        source = DblpSource(place, ACCESS, web=served(PACE, server, contact=ACCESS.contact))
        found = list(source.listings(None))
        assert all("reader@example.org" in r.headers["user-agent"] for r in server.requests)
        return found, [r.query["q"] for r in server.requests]


def parsed(**changes: Any) -> Paper:
    (found,) = records([hit(1, **changes)])
    assert not isinstance(found, Skipped)
    return found[0]


def test_a_year_of_a_conference_is_one_page() -> None:
    (page,), queries = read("conf/birds/2026")
    assert (page.source, page.name) == ("dblp conf/birds/2026", "conf/birds/2026")
    assert page.published_at is None
    assert [p.paper.title[-1] for p in page.papers] == ["1", "3", "4", "5"]
    assert [(s.place, s.reason) for s in page.skipped] == [
        ("hit 2 (conf/birds/RoeL262)", "is a volume, whose papers are listed by themselves")
    ]
    assert page.n_bytes > 1000
    # That year's proceedings have several volumes.
    stream = "stream:streams/conf/birds: year:2026:"
    assert queries == ["toc:db/conf/birds/birds2026.bht:", stream, stream, stream]


@pytest.mark.parametrize(
    ("place", "names", "asked"),
    [
        ("conf/birds/2025", ["conf/birds/2025"], ["toc:db/conf/birds/birds2025.bht:"]),
        ("conf/birds/birds2026-1", [], ["toc:db/conf/birds/birds2026-1.bht:"]),
        ("journals/tbird/13", [], ["toc:db/journals/tbird/tbird13.bht:"]),
        ("journals/tbird/2026", [], ["stream:streams/journals/tbird: year:2026:"]),
        (
            "journals/tbird",
            ["journals/tbird/2025", "journals/tbird/2026"],
            [
                "stream:streams/journals/tbird: year:2025:",
                "stream:streams/journals/tbird: year:2026:",
            ],
        ),
    ],
)
def test_what_is_asked_for_a_place(place: str, names: list[str], asked: list[str]) -> None:
    found, queries = read(place)
    assert [p.name for p in found] == (names or [place])
    assert queries == asked
    assert found[-1].papers


def test_a_search_is_one_page_of_its_best_hits() -> None:
    (page,), queries = read("search: flocking \n birds")
    assert page.name == "search: flocking birds"
    assert set(queries) == {"flocking birds"}
    assert len(page.papers) == 4


def test_a_search_is_not_read_to_its_end() -> None:
    hits = [hit(n) for n in range(MOST_FOUND)]

    (page,), queries = read("search:bees", lambda _: as_json(answer(hits, 10**6)))
    assert (len(page.papers), len(queries)) == (MOST_FOUND, 1)


def test_a_venue_without_papers_is_an_empty_page() -> None:
    (page,), queries = read("conf/fish/2026")
    assert (page.papers, page.skipped) == ((), ())
    assert len(queries) == 2


def test_a_paper_has_all_that_its_record_says() -> None:
    paper = parsed()
    assert paper == Paper(
        title="How Birds & Bees Flock, Part 1",
        authors=(Author("Roe", "Ann"), Author("Li", "Bo")),
        venue="BIRDS",
        published="2026",
        ids=paper.ids,
        kind=Kind.CONFERENCE,
    )
    assert [str(i) for i in paper.ids] == ["doi:10.1000/birds.1", "dblp:conf/birds/RoeL261"]


@pytest.mark.parametrize(
    "value", [{"@pid": "1", "text": "Ann Roe 0002"}, "Ann Roe", [{"text": "Ann Roe"}], ["Ann Roe"]]
)
def test_one_author_may_stand_alone(value: object) -> None:
    assert parsed(authors={"author": value}).authors == (Author("Roe", "Ann"),)


@pytest.mark.parametrize(
    ("ended", "title"),
    [
        ("Birds.", "Birds"),
        ("Birds?", "Birds?"),
        ("Wait...", "Wait..."),
        ("Birds. Bees.", "Birds. Bees"),
    ],
)
def test_a_titles_full_stop_is_dblps(ended: str, title: str) -> None:
    assert parsed(title=ended).title == title


def test_a_preprint_has_arxivs_id() -> None:
    paper = parsed(
        key="journals/corr/abs-2603-01234",
        doi="10.48550/ARXIV.2603.01234",
        ee="https://doi.org/10.48550/arXiv.2603.01234",
        type="Informal and Other Publications",
        venue="CoRR",
    )
    assert [str(i) for i in paper.ids] == ["arxiv:2603.01234", "dblp:journals/corr/abs-2603-01234"]
    assert (paper.kind, paper.url) == (Kind.PREPRINT, "")


def test_links_may_be_several_and_hold_ids() -> None:
    links = [
        "https://openreview.net/forum?id=aBcDeFgHiJ",
        "https://aclanthology.org/2026.birds-1.7",
    ]
    paper = parsed(ee=links, doi=None, venue=["BIRDS", "Findings"])
    assert [str(i) for i in paper.ids] == [
        "openreview:aBcDeFgHiJ",
        "acl:2026.birds-1.7",
        "dblp:conf/birds/RoeL261",
    ]
    assert paper.url == links[1]
    assert paper.venue == "BIRDS, Findings"


@pytest.mark.parametrize(
    ("genre", "key", "kind"),
    [
        ("Journal Articles", "journals/tbird/Roe26", Kind.ARTICLE),
        ("Books and Theses", "books/birds/Roe26", Kind.BOOK),
        ("Books and Theses", "phd/birds/Roe26", Kind.THESIS),
        ("Parts in Books or Collections", "books/birds/Roe26", Kind.CHAPTER),
        ("Informal and Other Publications", "tr/birds/Roe26", Kind.REPORT),
        ("Something new", "conf/birds/Roe26", Kind.OTHER),
    ],
)
def test_kinds(genre: str, key: str, kind: Kind) -> None:
    assert parsed(type=genre, key=key).kind is kind


def test_a_withdrawn_paper_is_left_out() -> None:
    (found,) = records([hit(1, type="Withdrawn Items")])
    assert found == Skipped("hit 1 (conf/birds/RoeL261)", "was withdrawn")


def test_an_error_inside_a_good_answer_is_transient() -> None:
    value = answer([], 0)
    value["result"]["status"] = {"@code": "500", "text": "Internal"}
    with pytest.raises(TransientError, match="failed"):
        read("conf/birds/2026", lambda _: as_json(value))


def test_a_check_for_people_is_no_list() -> None:
    page = as_text("<!doctype html><title>Making sure you're not a bot!</title>", 200, HTML)
    with pytest.raises(BadResponse, match="something else than JSON"):
        read("conf/birds/2026", lambda _: page)


def test_a_list_that_ends_too_early_is_asked_for_again_later() -> None:
    def answers(request: Request) -> Response:
        found = THIS_YEAR[int(request.query["f"]) :][:PER_ANSWER]
        return as_json(answer(found, 9))

    with pytest.raises(TransientError, match="fewer papers than it announced"):
        read("conf/birds/2026", answers)


def test_a_list_that_repeats_itself_is_refused() -> None:
    with pytest.raises(BadResponse, match="round in circles"):
        read("conf/birds/2026", lambda _: as_json(answer(THIS_YEAR, 900)))


def test_more_than_dblp_shows_is_refused() -> None:
    with pytest.raises(BadResponse, match="name a year or a volume"):
        read("journals/corr/2026", lambda _: as_json(answer(THIS_YEAR, 90_000)))


@pytest.mark.parametrize("total", [None, "many", {}, "1e3", []])
def test_a_total_that_is_no_number_is_refused(total: object) -> None:
    value = answer([], 0)
    value["result"]["hits"]["@total"] = total
    with pytest.raises(BadResponse, match="something else than papers"):
        read("conf/birds/2026", lambda _: as_json(value))


@pytest.mark.parametrize("place", ["", "acl", "conf", "conf/", "search:", "conf/a/b/c", "pid/1/2"])
def test_a_place_that_cannot_be_is_told_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="give one such as"):
        DblpSource(place, ACCESS)


def test_a_recorded_search_is_read(shared: Path) -> None:
    body = (shared / "payloads/dblp/search_attention_1hit.json").read_bytes()

    def answers(request: Request) -> Response:
        # It was asked for one hit of 112.
        alone = body.replace(b'"112"', b'"1"')
        return Response(200, {"Content-Type": "application/json"}, alone)

    (page,), _ = read("search:attention is all you need", answers)
    (listed,) = page.papers
    paper = listed.paper
    assert paper.title == (
        "Attentional Transfer is All You Need: Technology-aware Layout Pattern Generation"
    )
    assert [str(a) for a in paper.authors] == [
        "Xiaopeng Zhang",
        "Haoyu Yang",
        "Evangeline F. Y. Young",
    ]
    assert (paper.venue, paper.published, paper.kind) == ("DAC", "2021", Kind.CONFERENCE)
    assert [str(i) for i in paper.ids] == [
        "doi:10.1109/dac18074.2021.9586227",
        "dblp:conf/dac/ZhangYY21",
    ]


def test_a_recorded_search_that_broke_off_is_told(shared: Path) -> None:
    body = (shared / "payloads/dblp/search_attention_1hit.json").read_bytes()
    with pytest.raises(BadResponse, match="round in circles"):
        read("search:attention", lambda _: Response(200, {}, body))


def test_a_saved_record_is_read(shared: Path) -> None:
    body = (shared / "payloads/dblp/dblp_1.bib").read_bytes()
    form = recognised(body[:HEAD])
    assert form is not None
    (listed,) = form.read(body, source="dblp", name="dblp_1.bib").papers
    assert "doi:10.1007/978-3-031-16400-2" in map(str, listed.paper.ids)
    assert listed.paper.kind is Kind.BOOK


@given(way=st.sampled_from([*ways(hit(1))]), value=json_values())
def test_a_hit_of_anything_is_a_paper_or_is_skipped(
    way: tuple[str | int, ...], value: object
) -> None:
    (found,) = records([replaced(hit(1), way, value)])
    assert is_sound(found, marked_up=False)
