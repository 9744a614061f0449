import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given

from integrations.sources import crossref_records, days
from integrations.sources.crossref import PACE, CrossrefSource, by_ids, by_title
from integrations.web.client import Web
from integrations.web.testing.exchange import JSON, Request, Response, as_json
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
from tests.sources.cassettes import Exchange, exchanges
from tests.sources.hostile import is_sound, json_values, spoilt
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


def test_recorded_works_are_read_whole(shared: Path) -> None:
    folder = shared / "payloads" / "crossref"
    found = [
        _paper(json.loads((folder / f"papis_test_{name}.json").read_bytes())["message"])
        for name in ("1_multiple_authors", "2_abstract", "3_conference", "5_aps_article_number")
    ]
    assert [(str(p.ids[0]), p.kind, p.published) for p in found] == [
        ("doi:10.1103/physrevb.89.140501", Kind.ARTICLE, "2014-04-04"),
        ("doi:10.32396/usurj.v1i1.55", Kind.ARTICLE, "2014-02-27"),
        ("doi:10.1145/3184558.3186235", Kind.CONFERENCE, "2018"),
        ("doi:10.1103/physreva.106.022212", Kind.ARTICLE, "2022-08-19"),
    ]
    assert [len(paper.authors) for paper in found] == [4, 1, 4, 2]
    assert [len(paper.references) for paper in found] == [48, 0, 15, 45]
    assert [len(paper.abstract) for paper in found] == [0, 1409, 0, 0]
    assert found[2].title == "DL-Learner Structured Machine Learning on Semantic Web Data"
    assert found[0].venue == "Physical Review B"
    (single,) = exchanges(folder / "test_works_with_one_id.yaml")
    plos = _paper(json.loads(single.body)["message"])
    assert list(map(str, plos.ids)) == ["doi:10.1371/journal.pone.0033693"]
    assert (plos.venue, plos.published) == ("PLoS ONE", "2012-03-21")
    assert [str(a) for a in plos.authors[:2]] == ["Shankar Sadasivan", "Brooks B. Pond"]
    assert len(plos.references) == 65


def test_works_recorded_for_citation_styles_are_read(shared: Path) -> None:
    folder = shared / "payloads" / "crossref"
    for name, n_abstract, n_references in (
        ("cr_cn_citeproc_json.yml", 0, 42),
        ("test_content_negotiation_citeproc_json.yaml", 1273, 45),
    ):
        *_, styled = exchanges(folder / name)
        paper = _paper(json.loads(styled.body))
        assert paper.title.startswith("The Structure of Ordinary Water")
        assert (paper.kind, paper.venue, paper.published) == (Kind.ARTICLE, "Science", "1970-08-14")
        assert paper.authors == (Author("Frank", "Henry S."),)
        assert len(paper.abstract) == n_abstract
        assert len(paper.references) == n_references


def test_recorded_lists_are_read(shared: Path) -> None:
    folder = shared / "payloads" / "crossref"
    with _replaying(folder / "test_works_query.yaml") as server:
        ecology = list(by_title(served(PACE, server), "ecology"))
    assert [(p.title, p.published, len(p.abstract)) for p in ecology] == [
        ("Communicating Ecology", "2022-07-26", 3092),
        ("Chemical Ecology", "2012-05-23", 3104),
    ]
    assert str(ecology[1].authors[0]) == "André Kessler"
    with _replaying(folder / "test_cursor.yaml") as server:
        widgets = list(by_title(served(PACE, server), "widget"))
    assert len(widgets) == 20
    kinds = [paper.kind for paper in widgets]
    assert [kinds.count(k) for k in (Kind.CHAPTER, Kind.CONFERENCE, Kind.ARTICLE)] == [14, 1, 1]
    assert sum(not paper.published for paper in widgets) == 2
    with _replaying(folder / "paperqa_retraction_status.yaml") as server:
        (music,) = by_title(served(PACE, server), "music education")
    assert (str(music.ids[0]), music.authors) == (
        "doi:10.1155/2022/8341966",
        (Author("Han", "Jiaye"),),
    )
    with _replaying(folder / "paperqa_bad_dois.yaml") as server:
        assert list(by_title(served(PACE, server), "abs12032jsdafn")) == []


def test_the_start_of_a_recorded_list_is_no_list(shared: Path) -> None:
    path = shared / "payloads" / "crossref" / "test_cursor.yaml"
    with _replaying(path, as_list([], 454)) as server:
        source = CrossrefSource("search:widget", ACCESS, web=served(PACE, server))
        with pytest.raises(TransientError, match="before the end"):
            list(source.listings(None))
    assert server.requests[1].query["cursor"].startswith("DnF1ZXJ5VGhlbkZldGNo")


def test_recorded_exchanges_of_another_client_are_read(shared: Path) -> None:
    path = shared / "payloads" / "semantic_scholar" / "paperqa_odd_client_requests.yaml"
    own = [one for one in exchanges(path) if _OWN in one.uri]
    assert len(own) == 9
    missing = [one for one in own if one.status == 404]
    assert {one.body for one in missing} == {b"Resource not found."}
    # BibTeX, which is nothing that we ask for.
    bibtex = [one for one in own if one.body.strip().startswith(b"@")]
    rest = [json.loads(one.body)["message"] for one in own if one not in [*missing, *bibtex]]
    assert len(missing) + len(bibtex) + len(rest) == 9
    found = [_paper(work) for message in rest for work in message.get("items", [message])]
    assert [str(paper.ids[0]) for paper in found] == [
        "doi:10.1038/s42256-024-00832-8",
        "doi:10.1038/s42256-024-00832-8",
        "doi:10.1038/s42256-024-00832-8",
        "doi:10.1007/s40278-023-41815-2",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cr_abstract.yml", "something else than JSON"),
        ("cr_abstract_not_found.yml", "has nothing there"),
        ("cr_cn_fails_well.yml", "something else than works"),
        ("test_content_negotiation_raises_an_http_error_with_bad_requests.yaml", "nothing there"),
        ("test_limit_of_zero_without_id.yaml", "something else than works"),
        ("test_works_bad_id_warn.yaml", "has nothing there"),
        ("test_works_query_filters_not_allowed_with_dois.yaml", "does not take the request"),
        ("test_works_with_one_id.yaml", "something else than works"),
    ],
)
def test_recorded_answers_that_are_no_list_are_understood(
    shared: Path, name: str, said: str
) -> None:
    with _replaying(shared / "payloads" / "crossref" / name, own="") as server:
        source = CrossrefSource("member:78", ACCESS, web=served(PACE, server))
        with pytest.raises(BadResponse, match=f"^Crossref .*{said}"):
            list(source.listings(None))


def test_a_recorded_cursor_that_is_none_is_asked_for_again_later(shared: Path) -> None:
    path = shared / "payloads" / "crossref" / "test_cursor_fails_cursor_value.yaml"
    with _replaying(path) as server:
        source = CrossrefSource("member:78", ACCESS, web=served(PACE, server))
        with pytest.raises(TransientError, match="lost track"):
            list(source.listings(None))


def test_an_agency_is_no_work(shared: Path) -> None:
    agency, *_ = exchanges(shared / "payloads" / "crossref" / "cr_cn_citeproc_json.yml")
    found = crossref_records.record(1, json.loads(agency.body)["message"])
    assert found == Skipped("record 1 (doi:10.1126/science.169.3946.635)", "has no title")


def test_no_field_breaks_a_record() -> None:
    for record in spoilt({**WORKS[0], "ISBN": ["9780199830060"], "institution": [{"name": "a"}]}):
        assert is_sound(crossref_records.record(1, record))
        crossref_records.day(record)


@given(json_values())
def test_no_record_breaks_anything(value: Any) -> None:
    assert is_sound(crossref_records.record(1, value))
    crossref_records.day(value)


_OWN = "api.crossref.org"


def _paper(work: Any) -> Paper:
    found = crossref_records.record(1, work)
    assert not isinstance(found, Skipped)
    return found[0]


def _replaying(cassette: Path, *more: Response, own: str = _OWN) -> Server:
    """A server that gives the answers which a cassette has of Crossref, in their order."""
    recorded: Iterator[Exchange] = (one for one in exchanges(cassette) if own in one.uri)
    answers = [Response(one.status, {"Content-Type": JSON}, one.body) for one in recorded]
    left = iter([*answers, *more])
    return Server(lambda _: next(left))


def _ids(*spelled: str) -> tuple[PaperId, ...]:
    return tuple(map(PaperId.parse, spelled))
