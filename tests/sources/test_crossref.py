from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from integrations.sources import crossref_records, days
from integrations.sources.crossref import PACE, CrossrefSource, by_ids
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import served
from recommender.cycle.asking import asked
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    TransientError,
)
from recommender.identifiers import PaperId
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access, Source
from recommender.store import Store
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 10, 12, tzinfo=UTC), contact="me@example.org")


def made_up(number: int, created: str, **more: Any) -> dict[str, Any]:
    """A work as Crossref writes it."""
    return {
        "DOI": f"10.1234/W{number}",
        "type": "journal-article",
        "title": [f"Work {number} on <i>CO<sub>2</sub></i> &amp;amp; links"],
        "subtitle": ["A study"],
        "container-title": ["Journal of Links"],
        "author": [
            {
                "given": "Ann",
                "family": "van Roe",
                "suffix": "Jr",
                "affiliation": [{"name": "A Lab"}, {"name": "B"}],
            },
            {"name": "Links Institute of Everywhere", "affiliation": [{"name": "B"}]},
        ],
        "abstract": "<jats:title>Abstract</jats:title><jats:sec><jats:title>Aims</jats:title>"
        "<jats:p>We link <jats:italic>p</jats:italic> &lt; 0.05.</jats:p></jats:sec><jats:sec>"
        "<jats:title>Results:</jats:title><jats:p>Yes.</jats:p></jats:sec>",
        "created": {"date-parts": [[2026, 3, 2]], "date-time": f"{created}T21:13:30Z"},
        "published": {"date-parts": [[2026]]},
        "issued": {"date-parts": [[2026]]},
        "published-online": {"date-parts": [[2026, 2, 27]]},
        "published-print": {"date-parts": [[2026, 12]]},
        "subject": ["Graphs"],
        "reference": [{"key": "1", "DOI": "10.1234/REF1"}, {"key": "2", "unstructured": "Roe"}],
        "relation": {
            "has-preprint": [{"id-type": "doi", "id": "10.1101/2025.01.01.123456"}],
            "is-same-as": [{"id-type": "arxiv", "id": "arXiv:2503.01234"}],
            "is-cited-by": [{"id-type": "doi", "id": "10.9999/another"}],
        },
        **more,
    }


WORKS = (
    made_up(1, "2026-03-04"),
    made_up(2, "2026-03-04"),
    made_up(3, "2026-03-07", title=[]),
    made_up(4, "2026-03-07"),
    made_up(5, "2026-03-09"),
)


def as_list(items: Any, total: Any, cursor: Any = "same") -> Response:
    """An answer of Crossref's."""
    message = {"total-results": total, "items": items, "next-cursor": cursor}
    return as_json({"status": "ok", "message-type": "work-list", "message": message})


class TestCrossrefSource(ServedSourceContract):
    pace = PACE
    access = ACCESS
    in_stretches = True
    late_by: ClassVar[timedelta] = CrossrefSource.LATE_BY

    def facade(self, request: Request) -> Response:
        return crossref(request)

    def opened(self, web: Web) -> Source:
        return CrossrefSource("issn:1234-567X", self.access, web=web)


def crossref(request: Request, works: Sequence[Mapping[str, Any]] = WORKS) -> Response:
    """Its list of works, two at a time."""
    chosen = dict(one.split(":", 1) for one in request.query["filter"].split(","))
    first, last = chosen["from-created-date"], chosen["until-created-date"]
    found = [w for w in works if first <= w["created"]["date-time"][:10] <= last]
    start = 0 if request.query["cursor"] == "*" else int(request.query["cursor"])
    return as_list(found[start : start + 2], len(found), f"{start + 2}")


def test_a_work_becomes_a_paper_with_all_that_it_has() -> None:
    assert crossref_records.record(1, WORKS[0]) == (
        Paper(
            title="Work 1 on CO₂ & links: A study",
            abstract="Aims: We link p < 0.05. Results: Yes.",
            authors=(Author("van Roe", "Ann Jr"), Author("Links Institute of Everywhere")),
            venue="Journal of Links",
            published="2026-02-27",
            ids=_ids("doi:10.1101/2025.01.01.123456", "doi:10.1234/w1", "arxiv:2503.01234"),
            kind=Kind.ARTICLE,
            categories=("Graphs",),
            institutions=("A Lab", "B"),
            references=_ids("doi:10.1234/ref1"),
        ),
        None,
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"type": "posted-content", "subtype": "preprint"}, {"kind": Kind.PREPRINT}),
        ({"type": "posted-content", "subtype": "other"}, {"kind": Kind.OTHER}),
        ({"type": "proceedings-article"}, {"kind": Kind.CONFERENCE}),
        ({"container-title": [], "institution": [{"name": "bioRxiv"}]}, {"venue": "bioRxiv"}),
        ({"subtitle": []}, {"title": "Work 1 on CO₂ & links"}),
        # A paper of long ago that was put online later.
        (
            {
                "published": {"date-parts": [[1969, 8]]},
                "published-print": {"date-parts": [[1969, 8, 14]]},
            },
            {"published": "1969-08-14"},
        ),
        ({"published": {"date-parts": [[None]]}, "issued": None}, {"published": "2026-02-27"}),
        (
            {"type": "monograph", "author": None, "editor": [{"family": "Li"}]},
            {"authors": (Author("Li"),)},
        ),
        (
            {"type": "book-chapter", "author": None, "editor": [{"family": "Li"}]},
            {"authors": ()},
        ),
        (
            {"type": "book", "ISBN": ["9780199830060"], "relation": {}},
            {"ids": (PaperId.parse("doi:10.1234/w1"), PaperId.parse("isbn:9780199830060"))},
        ),
    ],
)
def test_what_is_peculiar_to_a_work_is_understood(
    more: Mapping[str, Any], said: Mapping[str, Any]
) -> None:
    found = crossref_records.record(1, {**WORKS[0], **more})
    assert not isinstance(found, Skipped)
    assert {name: getattr(found[0], name) for name in said} == said


@pytest.mark.parametrize(
    ("abstract", "said"),
    [
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<jats:p>a &lt; b and 5 < 6</jats:p>", "a < b and 5 < 6"),
        ("Abstract interpretation is old.", "Abstract interpretation is old."),
        ("<h4>Background</h4>We link.", "Background: We link."),
        (
            (
                r"<jats:p>Let <jats:alternatives><jats:tex-math>\documentclass{a}\begin{document}"
                r"$$\alpha$$\end{document}</jats:tex-math><mml:math><mml:mi>α</mml:mi></mml:math>"
                r"</jats:alternatives> be.</jats:p>"
            ),
            "Let α be.",
        ),
        ("<jats:p>Let <mml:math><mml:mi>x</mml:mi></mml:math> be.</jats:p>", "Let x be."),
        ("word " * 5000, " ".join(["word"] * 2000)),
    ],
)
def test_an_abstract_is_plain_text(abstract: str, said: str) -> None:
    found = crossref_records.record(1, {**WORKS[0], "abstract": abstract})
    assert not isinstance(found, Skipped)
    assert found[0].abstract == said


def test_its_requests_have_the_days_the_place_and_the_contact() -> None:
    with Server(crossref) as server:
        web = served(PACE, server, contact=ACCESS.contact)
        source = CrossrefSource("issn:1234-567X, member:78", ACCESS, web=web)
        pages = list(source.listings(datetime(2026, 3, 6, 9, tzinfo=UTC)))
    assert source.name == "crossref issn:1234-567X, member:78"
    assert [page.name for page in pages] == ["2026-03-04", "2026-03-07", "2026-03-09"]
    assert [(len(page.papers), len(page.skipped)) for page in pages] == [(2, 0), (1, 1), (1, 0)]
    assert pages[1].skipped == (Skipped("record 3 (doi:10.1234/w3)", "has no title"),)
    assert all(page.n_bytes > 500 for page in pages)
    assert [request.query["cursor"] for request in server.requests] == ["*", "2", "4"]
    first, *_ = server.requests
    assert first.headers["host"] == "api.crossref.org"
    assert first.path == "/works"
    filters = first.query["filter"].split(",")
    assert filters[:2] == ["issn:1234-567X", "member:78"]
    assert filters[2:-2] == [f"type:{name}" for name in crossref_records.TYPES]
    assert filters[-2:] == ["from-created-date:2026-03-04", "until-created-date:2026-03-10"]
    assert (first.query["sort"], first.query["order"]) == ("created", "asc")
    assert "mailto:me@example.org" in first.headers["user-agent"]
    assert "crossref-plus-api-token" not in first.headers


def test_a_list_too_long_for_one_run_is_read_to_its_end_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(days, "LONG", 12)
    works = [
        made_up(n, f"2026-03-{3 + n // 6:02}", title=[f"On gull {n}"], relation={})
        for n in range(42)
    ]
    failed = []
    with Server(lambda request: crossref(request, works)) as server, Store.open(None) as store:
        source = CrossrefSource("member:78", ACCESS, web=served(PACE, server))
        for _ in range(3):
            # In one go it takes one request more than this.
            server.faults.when(_after(20), Fault(503), times=10**6)
            failed.append(bool(asked([source], store, ACCESS.now).failures))
            server.faults.clear()
        assert store.n_candidates() == len(works)
    assert failed == [True, False, False]


def _after(n_requests: int) -> Callable[[Request], bool]:
    left = iter(range(n_requests))
    return lambda _: next(left, None) is None


def test_a_key_is_in_no_address() -> None:
    access = Access(now=ACCESS.now, key="k3y")
    with Server(crossref) as server:
        list(CrossrefSource("type:dissertation", access, web=served(PACE, server)).listings(None))
    assert not any("k3y" in request.target for request in server.requests)
    first, *_ = server.requests
    assert first.headers["crossref-plus-api-token"] == "Bearer k3y"
    assert first.query["filter"].startswith("type:dissertation,from-created-date:2026-03-03,")


def test_a_search_is_no_filter() -> None:
    with Server(crossref) as server:
        source = CrossrefSource("search: links, 2026", ACCESS, web=served(PACE, server))
        assert list(source.listings(None))
    assert server.requests[0].query["query.bibliographic"] == "links, 2026"
    assert server.requests[0].query["filter"].startswith("type:journal-article,")


@pytest.mark.parametrize(
    "place", ["", "search: ", "issn:", "issn:12345678", "links", "prefix:11.1", "member:x,", "a:b"]
)
def test_what_is_no_place_is_said_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="crossref"):
        CrossrefSource(place, ACCESS)


_LOST = {"status": "failed", "message": [{"type": "cursor-invalid", "value": "2"}]}


@pytest.mark.parametrize(
    ("answers", "error", "said"),
    [
        ([as_list(WORKS[:2], 5), as_list([], 5)], TransientError, "before the end"),
        ([as_list(WORKS[:2], 5, None)], TransientError, "before the end"),
        ([as_list(WORKS[:2], 5), as_json(_LOST, 404)], TransientError, "lost track"),
        ([as_list(WORKS[:2], 99)] * 60, BadResponse, "in circles"),
        ([as_list({"a": 1}, 1)], BadResponse, "something else"),
        ([as_json({"status": "failed", "message": []})], BadResponse, "something else"),
        ([as_json({"message-type": "work-list", "message": [1]})], BadResponse, "something else"),
    ],
)
def test_a_list_that_does_not_end_well_is_no_list(
    answers: list[Response], error: type[IntegrationError], said: str
) -> None:
    left = iter(answers)
    with Server(lambda _: next(left)) as server:
        source = CrossrefSource("member:78", ACCESS, web=served(PACE, server))
        with pytest.raises(error, match=f"Crossref.*{said}"):
            list(source.listings(None))


def test_a_cursor_that_stays_the_same_and_a_short_part_end_no_list() -> None:
    left = iter([as_list(WORKS[:1], 5), as_list(WORKS[1:4], 5), as_list(WORKS[4:], 5)])
    with Server(lambda _: next(left)) as server:
        source = CrossrefSource("member:78", ACCESS, web=served(PACE, server))
        assert sum(len(page.papers) + len(page.skipped) for page in source.listings(None)) == 5
    assert len(server.requests) == 3


def test_papers_are_found_by_their_dois_fifty_at_a_time() -> None:
    ids = _ids(*(f"doi:10.1234/{n}" for n in range(51)), "arxiv:1706.03762", "doi:10.1234/a,b")
    with Server(lambda _: as_list([WORKS[0], WORKS[2]], 2)) as server:
        found = list(by_ids(served(PACE, server), ids))
    assert [request.query["filter"].count("doi:10.1234/") for request in server.requests] == [50, 1]
    assert {request.query["rows"] for request in server.requests} == {"50"}
    assert [paper.title for paper in found] == ["Work 1 on CO₂ & links: A study"] * 2


def _ids(*spelled: str) -> tuple[PaperId, ...]:
    return tuple(map(PaperId.parse, spelled))
