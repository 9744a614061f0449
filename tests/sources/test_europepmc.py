"""Europe PMC: the contract with faults, what was recorded, and what is hostile."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pages.markup import abstract
from integrations.pages.people import institutions
from integrations.sources import europepmc
from integrations.sources.europepmc import PACE, EuropepmcSource
from integrations.sources.europepmc_records import answer, record
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, IntegrationError, TransientError
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access, Source
from tests.sources.hostile import is_sound, json_values
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 6, 9, tzinfo=UTC), contact="reader@example.org")


def row(number: int, day: str, **more: object) -> dict[str, object]:
    """A paper as Europe PMC lists it."""
    person = {
        "fullName": "Roe AB",
        "firstName": "Ann B",
        "lastName": "Roe",
        "initials": "AB",
        "authorAffiliationDetailsList": {
            "authorAffiliation": [{"affiliation": "An Institute, Oslo. roe@example.org"}]
        },
    }
    return {
        "id": str(number),
        "source": "MED",
        "pmid": str(number),
        "pmcid": f"PMC{number}",
        "doi": f"10.1234/example.{number}",
        "title": f"Paper number {number}.",
        "authorString": "Roe AB, The ABC Group.",
        "authorList": {"author": [person, {"collectiveName": "The ABC Group"}]},
        "journalInfo": {
            "printPublicationDate": "2027-01-01",
            "journal": {"title": "Journal of Examples"},
        },
        "pubYear": "2026",
        "abstractText": "<h4>Aims</h4>To show <i>that</i>.<h4>Results:</h4>10<sup>3</sup>.",
        "pubTypeList": {"pubType": ["Journal Article"]},
        "keywordList": {"keyword": ["Examples"]},
        "meshHeadingList": {"meshHeading": [{"descriptorName": "Humans"}]},
        "commentCorrectionList": {"commentCorrection": [{"type": "Comment in", "id": "9"}]},
        "bookOrReportDetails": {"publisher": "A publisher"},
        "firstIndexDate": day,
        "firstPublicationDate": "2026-02-28",
        **more,
    }


ROWS = [
    row(5, "2026-03-05"),
    row(1, "2026-03-01"),
    row(4, "2026-03-03", title=[]),
    row(3, "2026-03-03"),
    row(2, "2026-03-01"),
]


def service(request: Request) -> Response:
    """Europe PMC's answer; it sends two papers at a time, in no order."""
    assert request.headers["host"] == "www.ebi.ac.uk"
    assert request.path == "/europepmc/webservices/rest/search"
    days = request.query["query"].rpartition("FIRST_IDATE:[")[2].removesuffix("])")
    first, _, last = days.partition(" TO ")
    found = [one for one in ROWS if first <= str(one["firstIndexDate"]) <= last]
    cursor = request.query["cursorMark"]
    start = 0 if cursor == "*" else int(cursor.removeprefix("next"))
    part = found[start : start + min(2, int(request.query["pageSize"]))]
    value: dict[str, object] = {"hitCount": len(found), "resultList": {"result": part}}
    if len(found) > 1:
        value["nextCursorMark"] = f"next{start + len(part)}"
    return as_json({"version": "6.9", **value})


class TestEuropepmcSource(ServedSourceContract):
    pace: ClassVar[Pace] = PACE
    access: ClassVar[Access] = ACCESS
    in_stretches: ClassVar[bool] = True
    late_by: ClassVar[timedelta] = EuropepmcSource.LATE_BY

    def facade(self, request: Request) -> Response:
        return service(request)

    def opened(self, web: Web) -> Source:
        return EuropepmcSource(" microglia\n OR (glia)", self.access, web=web)

    def test_a_page_is_a_day(self, source: Source) -> None:
        assert source.name == "europepmc microglia OR (glia)"
        pages = list(source.listings(None))
        assert [page.name for page in pages] == ["2026-03-01", "2026-03-03", "2026-03-05"]
        assert [[p.paper.title for p in page.papers] for page in pages] == [
            ["Paper number 1", "Paper number 2"],
            ["Paper number 3"],
            ["Paper number 5"],
        ]
        assert pages[1].skipped == (Skipped("record 3 (4)", "has no title"),)
        assert all(page.n_bytes > 100 for page in pages)

    def test_requests_say_the_query_and_the_days(self, source: Source, server: Server) -> None:
        list(source.listings(None))
        asked = "(microglia OR (glia)) AND (FIRST_IDATE:[{} TO {}])"
        assert [(r.query["query"], r.query["cursorMark"]) for r in server.requests] == [
            (asked.format("2026-02-27", "2026-03-05"), "*"),
            (asked.format("2026-02-27", "2026-03-05"), "next2"),
            (asked.format("2026-02-27", "2026-03-05"), "next4"),
            (asked.format("2026-03-06", "2026-03-06"), "*"),
        ]
        for request in server.requests:
            assert request.query["resultType"] == "core"
            assert request.query["format"] == "json"
            assert 1 <= int(request.query["pageSize"]) <= 1000


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", "query is missing"),
        ("a) OR (b", "other half"),
        ("(a", "other half"),
        ('a "b', "other half"),
    ],
)
def test_a_query_that_would_escape_its_days_is_refused(place: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        EuropepmcSource(place, ACCESS)


def test_brackets_within_quotation_marks_are_no_brackets() -> None:
    assert EuropepmcSource('"a) b" AND (c)', ACCESS).name == 'europepmc "a) b" AND (c)'


NOTHING = {"hitCount": 0, "resultList": {"result": []}}


@pytest.mark.parametrize(
    ("value", "error", "n_asked"),
    [
        ({"hitCount": 3, "resultList": {"result": []}}, TransientError, 1),
        ({"hitCount": 3, "resultList": {"result": ROWS[:1]}}, TransientError, 1),
        (
            {"hitCount": 3, "nextCursorMark": "*", "resultList": {"result": ROWS[:1]}},
            BadResponse,
            1,
        ),
        (
            {"hitCount": 9, "nextCursorMark": "A", "resultList": {"result": ROWS[:1]}},
            BadResponse,
            2,
        ),
        ({"hitCount": "3", "resultList": {"result": ROWS[:1]}}, BadResponse, 1),
        ({"hitCount": 3, "resultList": {"result": {}}}, BadResponse, 1),
        ({"errCode": 500, "errMsg": "Oops"}, TransientError, 1),
        ({"errCode": "?", "errMsg": "Oops"}, BadResponse, 1),
    ],
)
def test_a_list_that_ends_too_early_or_never_is_an_error(
    value: dict[str, object], error: type[IntegrationError], n_asked: int
) -> None:
    with Server(lambda _: as_json(value)) as server:
        with pytest.raises(error):
            list(EuropepmcSource("x", ACCESS, web=served(PACE, server)).listings(None))
        assert len(server.requests) == n_asked


def test_nothing_found_is_no_page() -> None:
    with Server(lambda _: as_json(NOTHING)) as server:
        source = EuropepmcSource("x", ACCESS, web=served(PACE, server))
        assert list(source.listings(None)) == []


def test_a_long_gap_is_asked_for_week_by_week() -> None:
    with Server(lambda _: as_json(NOTHING)) as server:
        source = EuropepmcSource("x", ACCESS, web=served(PACE, server))
        list(source.listings(ACCESS.now - timedelta(days=14)))
        assert len(server.requests) == 3


class TestRecorded:
    def test_core(self, shared: Path) -> None:
        found = answer(recorded(shared, "search_core_trimmed.json"))
        assert (found.total, found.cursor) == (114098, "AoIIQEOWhig1NjM2MzAxMQ==")
        (paper,) = _papers(found.rows)
        assert paper.title == (
            "Advances in cascaded CRISPR for preamplification-free nucleic acid assays"
        )
        assert paper.authors == (
            Author("He", "Ruonan"),
            Author("Miao", "L"),
            Author("Deng", "R"),
            Author("Xia", "X"),
        )
        assert paper.ids == (
            PaperId(Scheme.DOI, "10.1016/j.bios.2026.119197"),
            PaperId(Scheme.PMID, "42700480"),
        )
        assert (paper.venue, paper.published) == ("Biosensors & bioelectronics", "2026-09-01")
        assert (paper.kind, len(paper.categories)) == (Kind.ARTICLE, 5)
        assert len(paper.institutions) == 1
        assert len(paper.abstract) > 150

    def test_preprints(self, shared: Path) -> None:
        found = answer(recorded(shared, "search_ppr_lite_trimmed.json"))
        assert found.total == 2163
        first, second = _papers(found.rows)
        assert record(1, found.rows[0])[0] == date(2026, 8, 22)
        assert (first.kind, first.venue, first.published) == (
            Kind.PREPRINT,
            "bioRxiv",
            "2026-08-20",
        )
        assert [str(one) for one in first.ids] == ["doi:10.64898/2026.08.20.745440"]
        assert second.authors[-1] == Author("de Boer", "CG")

    def test_an_error_in_a_good_answer(self, shared: Path) -> None:
        with pytest.raises(BadResponse, match="does not take the request"):
            answer(recorded(shared, "error_page_size_http200.json"))

    def test_through_the_source(self, shared: Path) -> None:
        value = json.loads(_recorded(shared, "search_ppr_lite_trimmed.json"))
        access = Access(now=datetime(2026, 8, 23, tzinfo=UTC))
        with Server(lambda _: as_json({**value, "hitCount": 2})) as server:
            source = EuropepmcSource("SRC:PPR", access, web=served(PACE, server))
            pages = list(source.listings(access.now - timedelta(days=1)))
        # One says on which day it came; the other, which does not, is on the newest page.
        assert [(page.name, len(page.papers)) for page in pages] == [("2026-08-22", 2)]


def recorded(shared: Path, name: str) -> object:
    value: object = json.loads(_recorded(shared, name))
    return value


def _recorded(shared: Path, name: str) -> bytes:
    return (shared / "payloads" / "europepmc" / name).read_bytes()


def _papers(rows: object) -> list[Paper]:
    assert isinstance(rows, list)
    found = [record(n, one)[1] for n, one in enumerate(rows, start=1)]
    return [one[0] for one in found if not isinstance(one, Skipped)]


def paper(**more: object) -> Paper:
    """The paper of a row with these fields."""
    (found,) = _papers([row(1, "2026-03-01", **more)])
    return found


def test_a_paper_has_all_that_is_told() -> None:
    assert paper() == Paper(
        title="Paper number 1",
        abstract="Aims: To show that. Results: 10³.",
        authors=(Author("Roe", "Ann B"), Author("The ABC Group")),
        venue="Journal of Examples",
        published="2026-02-28",
        ids=(PaperId(Scheme.DOI, "10.1234/example.1"), PaperId(Scheme.PMID, "1")),
        url="https://europepmc.org/articles/PMC1",
        kind=Kind.ARTICLE,
        categories=("Examples", "Humans"),
        institutions=("An Institute, Oslo",),
    )


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"source": "PPR"}, Kind.PREPRINT),
        ({"pubTypeList": {"pubType": ["Preprint"]}}, Kind.PREPRINT),
        ({"source": "ETH"}, Kind.THESIS),
        ({"source": "PAT"}, Kind.OTHER),
        ({"source": "NBK"}, Kind.BOOK),
    ],
)
def test_kinds(more: dict[str, object], kind: Kind) -> None:
    assert paper(**more).kind is kind


def test_a_preprint_has_the_name_of_its_publication() -> None:
    link = {"type": "Preprint of", "source": "MED", "id": "38605817"}
    found = paper(commentCorrectionList={"commentCorrection": [link]}, pmid=None)
    assert found.id(Scheme.PMID) == PaperId(Scheme.PMID, "38605817")


def test_a_paper_without_another_name_has_its_page() -> None:
    found = paper(doi=None, pmid=None, pmcid=None, source="AGR", id="IND12345")
    assert found.link == "https://europepmc.org/article/AGR/IND12345"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("p < 0.05 and q > 3", "p < 0.05 and q > 3"),
        ("a <b then c", "a <b then c"),
        ("<b>unclosed", "unclosed"),
        ("&lt;i&gt;x&lt;/i&gt; AT&T &amp;c", "x AT&T &c"),
        ("<script>alert(1)</script>x<!-- no -->", "x"),
        ("<p>one</p><p>two</p>H<sub>2</sub>O", "one two H₂O"),
        ("x<mml:math><mml:mi>a</mml:mi></mml:math>", "xa"),
        ('<h4 class="a">Aims.</h4>This', "Aims: This"),
        ("<<<", "<<<"),
        (None, ""),
        (["x"], ""),
    ],
)
def test_markup_is_read_and_signs_stay(written: object, expected: str) -> None:
    assert abstract(written) == expected


def test_institutions_come_without_addresses_of_mail() -> None:
    told = ["A Lab, Oslo. Electronic address: a.b@c.example.", "A Lab, Oslo", "x@y.example", ""]
    assert institutions(told) == ("A Lab, Oslo",)


STRANGE: list[Any] = [
    *("", "\ud83d", "<script>alert(1)</script>x", "0000-00-00", "0001-01-01", "9999-12-31"),
    *(10**30, -1, 1e400, True, None, [[]], [None], {"author": [None, 3, {}]}, {"keyword": [[]]}),
    *({"commentCorrection": ["x"]}, {"meshHeading": [None]}, {"pubType": 3}, {"journal": "x"}),
    {"author": [{"lastName": [], "authorAffiliationDetailsList": {"authorAffiliation": [3]}}]},
]


@given(st.sampled_from(sorted(ROWS[0])), json_values() | st.sampled_from(STRANGE))
def test_any_value_in_any_field_gives_a_paper_or_a_reason(field: str, value: Any) -> None:
    for one in ({**ROWS[0], field: value}, {"title": "x", field: value}, value):
        _, found = record(1, one)
        assert is_sound(found)


@given(json_values(), json_values(), json_values())
def test_any_answer_is_rows_or_an_error(a: Any, b: Any, c: Any) -> None:
    for value in (
        a,
        {"hitCount": a, "resultList": b},
        {"hitCount": 3, "resultList": {"result": c}},
    ):
        try:
            found = answer(value)
        except IntegrationError:
            continue
        assert isinstance(found.rows, list)


def test_an_answer_holds_what_one_may_hold() -> None:
    assert 1 <= europepmc._AT_ONCE <= 1000
