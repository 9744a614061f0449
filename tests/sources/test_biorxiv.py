"""bioRxiv and medRxiv: the contract with faults, what was recorded, and what is hostile."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources.biorxiv import PACE, BiorxivSource, MedrxivSource
from integrations.sources.biorxiv_records import answer, records
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import EMPTY_200, Server
from integrations.web.testing.wire import Clock, served
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, IntegrationError, TransientError
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Skipped
from recommender.ports import Access, Source
from tests.sources.hostile import is_sound, json_values
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 6, 9, tzinfo=UTC), contact="reader@example.org")
PAGE = 2  # rows an answer of the facade


def row(number: int, day: str, **more: object) -> dict[str, object]:
    """A preprint as the service lists it."""
    return {
        "title": f"Preprint number {number}",
        "authors": "Roe, A. B.; de Vries, C.",
        "author_corresponding": "Ann B. Roe",
        "author_corresponding_institution": "An Institute",
        "doi": f"10.64898/2026.03.01.{number:06}",
        "date": day,
        "version": "1",
        "type": "new results",
        "license": "cc_by",
        "category": "cell biology",
        "abstract": f"What preprint {number} is about.",
        "funder": "NA",
        "published": "NA",
        "server": "bioRxiv",
        **more,
    }


# Not in the order of their days, on which nobody may rely.
ROWS = [
    row(4, "2026-03-03", title=None),
    row(1, "2026-03-01"),
    row(5, "2026-03-05", category="neuroscience", published="10.1016/j.cell.2026.01.001"),
    row(2, "2026-03-01"),
    row(3, "2026-03-03"),
    row(1, "2026-03-05", version="2", abstract="More."),
    row(6, "2026-03-05"),
]


def service(request: Request, rows: list[dict[str, object]]) -> Response:
    """The interface's answer to a request for some days."""
    assert request.headers["host"] == "api.biorxiv.org"
    what, server, first, last, cursor, form = request.parts
    assert (what, server, form) == ("details", "biorxiv", "json")
    category = request.query.get("category", "all").replace("_", " ")
    known = {str(one["category"]) for one in rows}
    category = category if category in known else "all"
    found = [
        one
        for one in rows
        if first <= str(one["date"]) <= last and category in {"all", one["category"]}
    ]
    part = found[int(cursor) :][:PAGE]
    if not part:
        return as_json({"messages": [{"status": "no posts found"}], "collection": []})
    message = {
        "status": "ok",
        "category": category,
        "interval": f"{first}:{last}",
        "cursor": int(cursor),
        "count": len(part),
        "count_new_papers": str(len(found)),
        "total": str(len(found)),
    }
    return as_json({"messages": [message], "collection": part})


class TestBiorxivSource(ServedSourceContract):
    pace: ClassVar[Pace] = PACE
    access: ClassVar[Access] = ACCESS
    in_stretches: ClassVar[bool] = True
    late_by: ClassVar[timedelta] = BiorxivSource.LATE_BY
    # It is asked again at once, since the service sends empty answers now and then.
    tolerates: ClassVar[frozenset[str]] = frozenset({"200 empty"})

    def facade(self, request: Request) -> Response:
        return service(request, ROWS)

    def opened(self, web: Web) -> Source:
        return BiorxivSource("", self.access, web=web)

    def test_a_page_is_a_day(self, source: Source) -> None:
        pages = list(source.listings(None))
        assert [page.name for page in pages] == ["2026-03-01", "2026-03-03", "2026-03-05"]
        assert [page.published_at for page in pages] == [
            datetime(2026, 3, day, tzinfo=UTC) for day in (1, 3, 5)
        ]
        assert [[p.paper.title[-1] for p in page.papers] for page in pages] == [
            ["1", "2"],
            ["3"],
            ["5", "6"],
        ]
        assert pages[1].skipped == (
            Skipped("record 1 (10.64898/2026.03.01.000004)", "has no title"),
        )
        assert all(page.n_bytes > 100 for page in pages)

    def test_all_versions_are_one_paper_that_says_what_the_last_one_says(
        self, source: Source
    ) -> None:
        first = next(iter(source.listings(None))).papers[0].paper
        assert (first.abstract, first.published) == ("More.", "2026-03-01")

    def test_requests_name_the_days_the_rows_behind_and_who_asks(
        self, source: Source, server: Server
    ) -> None:
        list(source.listings(None))
        asked = "/details/biorxiv/2026-02-27/2026-03-05/{}/json"
        assert [request.target for request in server.requests] == [
            *(asked.format(n) for n in (0, 2, 4, 6)),
            "/details/biorxiv/2026-03-06/2026-03-06/0/json",
        ]

    def test_a_category_is_asked_for(self, server: Server) -> None:
        source = BiorxivSource("Cell_Biology", ACCESS, web=served(PACE, server))
        assert source.name == "biorxiv cell biology"
        found = [one.paper for page in source.listings(None) for one in page.papers]
        assert {paper.categories for paper in found} == {("cell biology",)}
        assert {request.query["category"] for request in server.requests} == {"cell_biology"}

    def test_what_is_no_category_is_not_taken_for_all_of_them(self, server: Server) -> None:
        source = BiorxivSource("quantum gravity", ACCESS, web=served(PACE, server))
        with pytest.raises(BadResponse, match="no such category"):
            list(source.listings(None))

    def test_empty_answers_without_end_are_transient(self, source: Source, server: Server) -> None:
        server.faults.when(lambda _: True, EMPTY_200, times=100)
        with pytest.raises(TransientError, match="nothing"):
            list(source.listings(None))
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("later", "error"),
    [
        ({"messages": [{"status": "no posts found"}], "collection": []}, TransientError),
        ({"messages": [{"status": "ok", "total": "9"}], "collection": []}, TransientError),
        ({"messages": [{"status": "ok", "total": "9"}], "collection": ROWS[:2]}, BadResponse),
        ({"messages": [{"status": "ok"}], "collection": ROWS[2:4]}, BadResponse),
    ],
)
def test_a_list_that_ends_too_early_or_never_is_an_error(
    later: Mapping[str, Any], error: type[IntegrationError]
) -> None:
    def facade(request: Request) -> Response:
        start = {"messages": [{"status": "ok", "total": "9"}], "collection": ROWS[:2]}
        return as_json(start if request.parts[-2] == "0" else later)

    with Server(facade) as server:
        source = BiorxivSource("", ACCESS, web=served(PACE, server))
        with pytest.raises(error):
            list(source.listings(None))
        assert len(server.requests) == 2


def test_medrxiv_is_the_same_with_another_name() -> None:
    clock = Clock()

    def facade(request: Request) -> Response:
        assert request.parts[1] == "medrxiv"
        assert request.headers["user-agent"].endswith("(mailto:reader@example.org)")
        return as_json({"messages": [{"status": "no posts found"}], "collection": []})

    with Server(facade) as server:
        web = served(PACE, server, clock, contact=ACCESS.contact)
        source = MedrxivSource("Cardiovascular Medicine", ACCESS, web=web)
        assert source.name == "medrxiv cardiovascular medicine"
        assert list(source.listings(None)) == []


@pytest.mark.parametrize("place", ["cs.CL", "https://example.org", "a\nb;", "10.1101/1", "x" * 200])
def test_a_place_that_is_no_category_is_refused(place: str) -> None:
    with pytest.raises(ConfigError, match="such as") as raised:
        MedrxivSource(place, ACCESS)
    assert len(raised.value.problems) == 1


def test_a_place_may_be_empty_or_all() -> None:
    assert BiorxivSource("", ACCESS).name == BiorxivSource(" all ", ACCESS).name == "biorxiv"


def test_an_unknown_server_or_category_of_status_is_a_bad_response() -> None:
    value = {"messages": [{"status": "Server not recognized"}], "collection": []}
    with pytest.raises(BadResponse, match="check the source's place"):
        answer(value)


class TestRecorded:
    def test_details_of_2025(self, shared: Path) -> None:
        found = answer(recorded(shared, "details_2025-01-01_trimmed.json"))
        assert (found.total, found.category) == (57, "all")
        (day, first), (_, second) = records(found.rows)
        assert day == date(2025, 1, 1)
        assert not isinstance(first, Skipped)
        assert not isinstance(second, Skipped)
        paper = first[0]
        assert paper.title == "Persistent DNA methylation paper"
        assert paper.authors == (Author("Gomez Cuautle", "D. D."), Author("Rossi", "A. R."))
        assert paper.ids == (PaperId(Scheme.DOI, "10.1101/2024.12.31.630767"),)
        assert (paper.published, paper.venue, paper.kind) == (
            "2025-01-01",
            "bioRxiv",
            Kind.PREPRINT,
        )
        assert (paper.categories, paper.institutions) == (("neuroscience",), ("CONICET",))
        assert len(paper.abstract) == 51
        # Published meanwhile: the journal's article has a name of its own.
        assert [one.value for one in second[0].ids] == [
            "10.1101/2024.12.31.629756",
            "10.1182/bloodadvances.2025016511",
        ]

    def test_details_of_2026_with_the_new_prefix(self, shared: Path) -> None:
        found = answer(recorded(shared, "details_2026-08-01_trimmed.json"))
        assert found.total == 109
        ((day, record),) = records(found.rows)
        assert day == date(2026, 8, 1)
        assert not isinstance(record, Skipped)
        assert [str(one) for one in record[0].ids] == ["doi:10.64898/2026.07.31.741992"]
        assert [author.family for author in record[0].authors] == [
            "Loconsole",
            "Xue",
            "Garcia-Pelegrin",
        ]

    def test_publications_name_both(self, shared: Path) -> None:
        found = answer(recorded(shared, "pubs_2026-06-01_trimmed.json"))
        assert found.total == 469
        ((day, record),) = records(found.rows)
        assert day == date(2025, 9, 20)
        assert not isinstance(record, Skipped)
        paper = record[0]
        assert [one.value for one in paper.ids] == [
            "10.1091/mbc.e25-09-0454",
            "10.1101/2025.09.17.676679",
        ]
        assert (paper.venue, paper.published, paper.kind) == (
            "Molecular Biology of the Cell",
            "2026-06-01",
            Kind.ARTICLE,
        )
        assert len(paper.authors) == 4
        assert paper.categories == ("cell biology",)
        assert len(paper.institutions) == 1

    def test_an_empty_body_is_what_is_asked_for_again(self, shared: Path) -> None:
        assert not _recorded(shared, "details_empty_200_body.bin").strip()


def recorded(shared: Path, name: str) -> object:
    value: object = json.loads(_recorded(shared, name))
    return value


def _recorded(shared: Path, name: str) -> bytes:
    return (shared / "payloads" / "biorxiv" / name).read_bytes()


def test_the_manuscripts_own_marks_are_taken_out_of_abstracts() -> None:
    said = (
        "O_ST_ABSSummaryC_ST_ABSOne. HighlightsO_LITwo C_LIO_LIThree C_LI "
        "O_ST_ABSMethods:C_ST_ABSFour O_SCPLOWDC_SCPLOW-five. O_FIG O_LINKSMALLFIG X C_FIG"
    )
    ((_, record),) = records([row(1, "2026-03-01", abstract=said)])
    assert not isinstance(record, Skipped)
    assert record[0].abstract == "One. Highlights Two Three Methods: Four D-five."


def test_a_preprint_whose_publication_has_the_first_name_is_still_what_one_reads() -> None:
    ((_, record),) = records([row(1, "2026-03-01", published="10.1016/j.x.1")])
    assert not isinstance(record, Skipped)
    assert record[0].link == "https://doi.org/10.64898/2026.03.01.000001"


STRANGE: list[Any] = [
    *("", "\ud83d", "<script>alert(1)</script>", "0000-00-00", "0001-01-01", "9999-12-31", "1e9"),
    *(10**30, -1, 1e400, True, None, [[]], {"a": {}}),
]


@given(st.sampled_from(sorted(ROWS[0])), json_values() | st.sampled_from(STRANGE))
def test_any_value_in_any_field_gives_a_paper_or_a_reason(field: str, value: Any) -> None:
    rows = [{**row(1, "2026-03-01"), field: value}, value]
    for _, record in records(rows):
        assert is_sound(record)


@given(*[json_values()] * 4)
def test_any_answer_is_rows_or_an_error(a: Any, b: Any, status: Any, total: Any) -> None:
    message = {"status": status, "total": total, "category": a}
    for value in (a, {"messages": a, "collection": b}, {"messages": [message], "collection": []}):
        try:
            found = answer(value)
        except IntegrationError:
            continue
        assert 0 <= found.total < 10**6


def test_a_day_that_was_not_asked_for_moves_no_mark() -> None:
    rows = [
        row(1, "9999-12-31"),
        row(2, "0001-01-01"),
        row(3, "2026-03-03"),
        row(4, "never"),
    ]

    def facade(request: Request) -> Response:
        part = rows if request.parts[2] == "2026-02-27" else []
        status = {"status": "ok", "total": str(len(part))}
        return as_json({"messages": [status], "collection": part})

    with Server(facade) as server:
        pages = list(BiorxivSource("", ACCESS, web=served(PACE, server)).listings(None))
    assert [page.name for page in pages] == ["2026-02-27", "2026-03-03", "2026-03-05"]
    assert sum(len(page.papers) for page in pages) == 4
