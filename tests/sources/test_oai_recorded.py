"""What repositories answered by OAI-PMH, as it was recorded."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.sources.oai import OaiSource
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse, IntegrationError, TransientError
from recommender.identifiers import PaperId
from recommender.listings import Listing
from recommender.papers import Kind, Skipped
from tests.sources.test_oai import ACCESS, PACE, PLACE, XML, in_oai, read


def recorded(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """What was asked, the status and the body of each recorded exchange of a file."""
    for exchange in path.read_text("utf-8").split("\n- request:\n")[1:]:
        uri = re.search(r"\n    uri: (?:>-\n\s+)?(\S+)", "\n" + exchange)
        status = re.search(r"\n    status: (\d+)\n", exchange)
        body = re.search(r"\n      content: (\||>-)[^\n]*\n((?:\n| {8}[^\n]*\n)*)", exchange)
        assert uri
        assert status
        assert body
        text = textwrap.dedent(body[2])
        text = text if body[1] == "|" else text.strip().replace("\n", " ")
        yield uri[1], int(status[1]), text.encode()


def as_list(content: bytes) -> bytes:
    """An answer about one record as one about several."""
    return content.replace(b"GetRecord>", b"ListRecords>")


def read_at(content: bytes, now: datetime, status: int = 200) -> list[Listing]:
    nothing = in_oai('<error code="noRecordsMatch"/>')
    bodies = iter([(status, content)])

    def answer(_: Request) -> Response:
        found, body = next(bodies, (200, nothing))
        return Response(found, XML, body)

    with Server(answer) as server:
        access = replace(ACCESS, now=now)
        return list(OaiSource(PLACE, access, web=served(PACE, server)).listings(None))


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "payloads/oai_pmh"


@pytest.mark.parametrize("name", ["GetRecord", "GetRecord_utf8test", "ListRecords"])
def test_recorded_records_are_read(folder: Path, name: str) -> None:
    content = (folder / f"{name}.xml").read_bytes()
    day = datetime(2011, 1, 10) if name == "ListRecords" else datetime(2011, 9, 5)  # noqa: DTZ001
    # The recorded list goes on, and the answer of its end was not recorded.
    content = re.sub(rb"<resumptionToken.*</resumptionToken>", b"", as_list(content))
    [page] = read_at(content, day.replace(tzinfo=UTC))
    [listed] = page.papers
    found = listed.paper
    assert page.published_at == day.replace(tzinfo=UTC)
    assert found.title == "Sample Title"
    assert found.venue == "Sample Source"
    assert found.url.startswith("http://test.example.com/publication/1")
    assert {str(a) for a in found.authors} == {"某人" if "utf8" in name else "John Doe"}
    assert found.published == ("2010" if name == "ListRecords" else "2011")
    assert found.kind is (Kind.OTHER if "utf8" in name else Kind.ARTICLE)
    assert bool(found.abstract) == (name == "ListRecords")


def test_a_recorded_list_that_repeats_itself_is_ended(folder: Path) -> None:
    parts = [(folder / name).read_bytes() for name in ("ListRecords.xml", "ListRecords2.xml")]
    with Server(lambda _: Response(200, XML, parts[min(len(server.requests) - 1, 1)])) as server:
        with pytest.raises(BadResponse, match="round in circles"):
            list(OaiSource(PLACE, ACCESS, web=served(PACE, server)).listings(None))
        assert server.requests[1].query == {
            "verb": "ListRecords", "resumptionToken": "ListRecords2.xml"
        }  # fmt: skip


def test_what_arxiv_gives_in_its_own_format_is_reported(folder: Path) -> None:
    content = (folder / "arxiv_oai_listrecords_2026-09.xml").read_bytes()
    [page] = read_at(content, datetime(2026, 1, 5, tzinfo=UTC))
    assert page.papers == ()
    assert [skipped.place for skipped in page.skipped] == [
        "record 1 (oai:arXiv.org:2504.11237)",
        "record 2 (oai:arXiv.org:2508.21012)",
    ]


def test_a_recorded_record_of_zenodo_is_read(folder: Path) -> None:
    found = {
        uri.rpartition("=")[2]: (status, as_list(body))
        for uri, status, body in recorded(folder / "get_record.yaml")
    }
    # The third one asks for a format that there is none of.
    [unknown] = found.keys() - {"datacite", "oai_dc"}
    assert [found[name][0] for name in (unknown, "datacite", "oai_dc")] == [422, 200, 200]
    day = datetime(2023, 12, 11, tzinfo=UTC)
    with pytest.raises(BadResponse, match="check the set and the format"):
        read_at(found[unknown][1], day, 422)
    [page] = read_at(found["datacite"][1], day)
    assert page.skipped == (Skipped("record 1 (oai:zenodo.org:10357859)", "has no Dublin Core"),)
    [page] = read_at(found["oai_dc"][1], day)
    [made] = [listed.paper for listed in page.papers]
    assert made.title == "Research Data Management Organiser (RDMO)"
    assert made.ids == (PaperId.parse("doi:10.5281/zenodo.10357859"),)
    assert [a.family for a in made.authors][:4] == ["Klar", "Michaelis", "Wallace", "Schröder"]
    assert len(made.authors) == 9
    assert (made.published, made.venue, made.kind) == ("2023-12-11", "Zenodo", Kind.OTHER)
    assert made.abstract.startswith("RDMO 2.1.0 (Dec 11, 2023)")
    assert "<" not in made.abstract


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("badArgument", BadResponse, "check the set and the format"),
        ("badResumptionToken", TransientError, "lost its place"),
        ("cannotDisseminateFormat", BadResponse, "does not have its records in the format"),
        ("idDoesNotExist", BadResponse, "does not take the question"),
        ("Identify", BadResponse, "without a list"),
    ],
)
def test_recorded_errors_in_good_answers_are_told(
    folder: Path, name: str, kind: type[IntegrationError], words: str
) -> None:
    with pytest.raises(IntegrationError, match=words) as raised:
        read((folder / f"{name}.xml").read_bytes())
    assert type(raised.value) is kind
    assert raised.value.service == "birds.example"
    assert "\n" not in str(raised.value)


def test_a_recorded_word_that_nothing_matches_is_no_error(folder: Path) -> None:
    assert read((folder / "noRecordsMatch.xml").read_bytes()) == []


@pytest.mark.parametrize(
    "name", ["id_does_not_exist", "identify", "list_metadata_formats", "list_sets"]
)
def test_recorded_answers_to_other_questions_are_no_lists(folder: Path, name: str) -> None:
    exchanges = list(recorded(folder / f"{name}.yaml"))
    assert exchanges
    for _, status, body in exchanges:
        with pytest.raises((BadResponse, TransientError)):
            read(body, status=status)
