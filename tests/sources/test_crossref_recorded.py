"""What Crossref was recorded to say, and what it might say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from integrations.sources import crossref_records
from integrations.sources.crossref import PACE, CrossrefSource, by_title
from integrations.web.testing.exchange import JSON, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import (
    BadResponse,
    TransientError,
)
from recommender.papers import Author, Kind, Paper, Skipped
from tests.sources.cassettes import Exchange, exchanges
from tests.sources.hostile import is_sound, json_values, spoilt
from tests.sources.test_crossref import ACCESS, WORKS, as_list


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
