"""What Semantic Scholar was recorded to say, and what it might say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from integrations.sources import semantic_scholar_records
from integrations.sources.semantic_scholar import PACE, SemanticScholarSource, by_ids, by_title
from integrations.web.testing.exchange import JSON, Request, Response
from integrations.web.testing.server import Facade, Server
from integrations.web.testing.wire import served
from recommender.errors import (
    BadResponse,
    RateLimited,
)
from recommender.identifiers import Scheme
from recommender.papers import Kind, Paper, Skipped
from tests.sources.cassettes import Exchange, exchanges
from tests.sources.hostile import is_sound, json_values, spoilt
from tests.sources.test_semantic_scholar import ACCESS, PAPERS, _ids


def test_recorded_papers_are_read_whole(shared: Path) -> None:
    folder = shared / "payloads" / "semantic_scholar"
    value = json.loads((folder / "semantic_scholar_transformer.json").read_bytes())
    found = list(_papers(value["data"]))
    assert [str(paper.id(Scheme.ARXIV)) for paper in found] == [
        "arxiv:2103.14030",
        "arxiv:2012.07436",
        "arxiv:2004.05150",
        "arxiv:2111.09881",
        "arxiv:2108.10257",
    ]
    assert [paper.published for paper in found] == [
        "2021",
        "2020-12-14",
        "2020-04-10",
        "2021-11-18",
        "2021-08-23",
    ]
    assert [len(paper.authors) for paper in found] == [8, 7, 3, 6, 6]
    assert [len(paper.abstract) for paper in found] == [1548, 1521, 1163, 1346, 1255]
    swin, longformer = found[0], found[2]
    assert swin.title.startswith("Swin Transformer: Hierarchical Vision Transformer")
    assert list(map(str, swin.ids)) == [
        "doi:10.1109/iccv48922.2021.00986",
        "arxiv:2103.14030",
        "s2:c8b25fab5608c3e033d34b4483ec47e68ba109b7",
        "dblp:conf/iccv/LiuL00W0LG21",
    ]
    assert longformer.kind is Kind.PREPRINT


def test_recorded_batches_give_the_papers_that_are_known(shared: Path) -> None:
    folder = shared / "payloads" / "semantic_scholar"
    with _replaying(folder / "test_get_papers_not_found_warning.yaml") as server:
        found = list(by_ids(served(PACE, server), _ids("doi:10.2139/ssrn.288970")))
    assert [(str(paper.ids[0]), paper.published, len(paper.authors)) for paper in found] == [
        ("doi:10.2139/ssrn.288970", "2001-10-01", 3),
        ("doi:10.2139/ssrn.2250500", "2013-04-10", 4),
        ("doi:10.1257/rct.1355", "2023", 3),
    ]
    assert [len(paper.abstract) for paper in found] == [1410, 446, 860]
    assert found[0].venue == "Experimental & Empirical Studies eJournal"
    assert found[0].categories == ("Psychology", "Economics", "Mathematics")
    with _replaying(folder / "test_get_papers.yaml") as server:
        # These were asked for without their titles.
        assert list(by_ids(served(PACE, server), _ids("doi:10.2139/ssrn.288970"))) == []


def test_recorded_recommendations_are_one_page(shared: Path) -> None:
    folder = shared / "payloads" / "semantic_scholar"
    for name in ("from_lists", "pool_from"):
        with _replaying(folder / f"test_get_recommended_papers_{name}.yaml") as server:
            source = SemanticScholarSource(
                "recommendations:10.1145/3544585.3544600", ACCESS, web=served(PACE, server)
            )
            (page,) = source.listings(None)
        assert len(page.papers) == 100
        assert not page.skipped
    (recent,) = exchanges(folder / "test_get_recommended_papers.yaml")
    assert len(list(_papers(json.loads(recent.body)["recommendedPapers"]))) == 100


def test_recorded_searches_are_read(shared: Path) -> None:
    folder = shared / "payloads" / "semantic_scholar"
    with _replaying(folder / "test_search_paper.yaml") as server:
        source = SemanticScholarSource("search:turing", ACCESS, web=served(PACE, server))
        # They were asked for without their dates.
        (page,) = source.listings(None)
    assert (page.name, len(page.papers)) == ("2026-03-10", 100)
    with _replaying(folder / "test_search_paper_match_title.yaml") as server:
        (best,) = by_title(served(PACE, server), "mining association rules between")
    assert best.title == "Mining association rules between sets of items in large databases"
    assert str(best.ids[0]) == "s2:6fe8c5bf8dddaadf10c765133d38dfef5714347f"
    with _replaying(folder / "paperqa_s2_title_empty.yaml") as server:
        assert list(by_title(served(PACE, server), "empty results")) == []
    with _replaying(shared / "payloads" / "crossref" / "paperqa_bad_dois.yaml") as server:
        assert list(by_title(served(PACE, server), "abs12032jsdafn")) == []


def test_recorded_exchanges_of_another_client_are_read(shared: Path) -> None:
    path = shared / "payloads" / "semantic_scholar" / "paperqa_odd_client_requests.yaml"
    own = [one for one in exchanges(path) if _OWN in one.uri]
    rows = [json.loads(one.body) for one in own]
    found = list(_papers(row for value in rows for row in value.get("data", [value])))
    assert len(own) == len(found) == 4
    assert list(map(str, found[0].ids)) == [
        "doi:10.1038/s42256-024-00832-8",
        "arxiv:2304.05376",
        "pmid:38799228",
        "s2:354dcdebf3f8b5feeed5c62090e0bc1f0c28db06",
        "dblp:journals/natmi/BranCSBWS24",
    ]
    assert str(found[0].authors[0]) == "Andrés M Bran"


def test_recorded_references_are_ids(shared: Path) -> None:
    cassette = shared / "payloads" / "semantic_scholar" / "test_get_paper_references.yaml"
    parts = [json.loads(one.body)["data"] for one in exchanges(cassette) if _OWN in one.uri]
    cited = [row["citedPaper"] for part in parts for row in part]
    [citing, hidden] = _papers({"title": "Links", "references": r} for r in (cited, None))
    # Of 67 papers, 23 have no id there.
    assert (len(cited), len(citing.references)) == (67, 44)
    assert hidden.references == ()


def test_recorded_errors_are_understood(shared: Path) -> None:
    folder = shared / "payloads" / "semantic_scholar"
    for name, error in (
        ("test_bad_query_parameters.yaml", "does not take the request"),
        ("test_get_recommended_papers_from_lists_negative_only.yaml", "does not take the request"),
        ("test_not_found.yaml", "has nothing there"),
        ("test_get_release.yaml", "something else than papers"),
    ):
        with _replaying(folder / name) as server:
            source = SemanticScholarSource("citations:1706.03762", ACCESS, web=served(PACE, server))
            with pytest.raises(BadResponse, match=error):
                list(source.listings(None))
    refused = (folder / "error_429_no_key.json").read_bytes()
    for status in (429, 200):
        answer = Response(status, {"Content-Type": JSON}, refused)
        with Server(_always(answer)) as server:
            source = SemanticScholarSource("search:turing", ACCESS, web=served(PACE, server))
            with pytest.raises(RateLimited, match="too many requests"):
                list(source.listings(None))


def test_no_field_breaks_a_record() -> None:
    for record in spoilt({**PAPERS[0], "references": [PAPERS[1]]}):
        assert is_sound(semantic_scholar_records.record(1, record))
        semantic_scholar_records.day(record)


@given(json_values())
def test_no_record_breaks_anything(value: Any) -> None:
    assert is_sound(semantic_scholar_records.record(1, value))
    semantic_scholar_records.day(value)


_OWN = "api.semanticscholar.org"


def _papers(rows: Any) -> Iterator[Paper]:
    for number, row in enumerate(rows, start=1):
        found = semantic_scholar_records.record(number, row)
        assert not isinstance(found, Skipped)
        yield found[0]


def _replaying(cassette: Path) -> Server:
    """A server that gives the answers which a cassette has of Semantic Scholar, in their order."""
    left: Iterator[Exchange] = (one for one in exchanges(cassette) if _OWN in one.uri)

    def facade(_: Request) -> Response:
        recorded = next(left)
        return Response(recorded.status, {"Content-Type": JSON}, recorded.body)

    return Server(facade)


def _always(answer: Response) -> Facade:
    return lambda _: answer
