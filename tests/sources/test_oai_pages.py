from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.sources.oai_pages import Part, records
from integrations.web.testing.exchange import HTML, Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.errors import BadResponse, IntegrationError, TransientError

PACE = Pace("the repository", every=timedelta(seconds=1))
ASKED = {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-03-02"}


def oai(inside: str) -> bytes:
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{inside}</OAI-PMH>'.encode()


def part(ids: Sequence[str], token: str | None = None) -> bytes:
    shown = "".join(
        f"<record><header><identifier>{one}</identifier></header></record>" for one in ids
    )
    more = f"<resumptionToken>{token}</resumptionToken>" if token is not None else ""
    return oai(f"<ListRecords>{shown}{more}</ListRecords>")


def read(
    facade: Callable[[Request], Response] | bytes, most: int = 10
) -> tuple[list[Part], list[Request]]:
    answer = facade if callable(facade) else lambda _: Response(200, {}, facade)
    with Server(answer) as server:
        found = []
        for one in records(served(PACE, server), "https://oai.example.org/oai", ASKED):
            found.append(one)
            assert len(found) <= most
        return found, list(server.requests)


def ids(parts: Sequence[Part]) -> list[str]:
    return [r.findtext("{*}header/{*}identifier", "") for one in parts for r in one.records]


@pytest.mark.parametrize("end", ["", None])
def test_a_list_is_read_to_its_end(end: str | None) -> None:
    answers = {"": part(["a", "b"], "x|1"), "x|1": part(["c"], "x|2"), "x|2": part(["d"], end)}

    def facade(request: Request) -> Response:
        return Response(200, {}, answers[request.query.get("resumptionToken", "")])

    found, requests = read(facade)
    assert ids(found) == ["a", "b", "c", "d"]
    assert [one.n_bytes for one in found] == [len(body) for body in answers.values()]
    assert [dict(r.query) for r in requests] == [
        ASKED,
        {"verb": "ListRecords", "resumptionToken": "x|1"},
        {"verb": "ListRecords", "resumptionToken": "x|2"},
    ]


def test_a_list_that_comes_again_ends() -> None:
    with pytest.raises(BadResponse, match="the repository goes round in circles"):
        read(part(["a"], "same"))
    numbers = iter(range(99))
    with pytest.raises(BadResponse, match="the repository goes round in circles"):
        read(lambda _: Response(200, {}, part(["a"], f"{next(numbers)}")))
    with pytest.raises(BadResponse, match="the repository goes round in circles"):
        read(lambda _: Response(200, {}, part([f"{next(numbers)}"], "same")))


def test_recorded_parts_and_errors_are_understood(shared: Path) -> None:
    folder = shared / "payloads/oai_pmh"
    names = {"": "ListRecords.xml", "ListRecords2.xml": "ListRecords2.xml"}

    def facade(request: Request) -> Response:
        name = names.get(request.query.get("resumptionToken", ""))
        body = (folder / name).read_bytes() if name else part([])
        return Response(200, {}, body)

    found, requests = read(facade)
    assert [len(one.records) for one in found][:2] == [2, 2]
    assert requests[1].query["resumptionToken"] == "ListRecords2.xml"
    assert read((folder / "noRecordsMatch.xml").read_bytes())[0] == []
    for name, error, message in (
        ("badResumptionToken", TransientError, "lost its place in a long list; nothing is lost"),
        ("badArgument", BadResponse, "does not take the question; check the set"),
        ("cannotDisseminateFormat", BadResponse, "the format; choose another one"),
        ("idDoesNotExist", BadResponse, "does not take the question; check its address"),
        ("Identify", BadResponse, "without a list"),
    ):
        with pytest.raises(error, match=message) as raised:
            read((folder / f"{name}.xml").read_bytes())
        assert raised.value.service == "the repository"


@pytest.mark.parametrize("status", [200, 400, 404, 422])
def test_an_error_is_one_whatever_its_status(status: int) -> None:
    nothing = oai('<error code="noRecordsMatch">secret</error>')
    assert read(lambda _: Response(status, {}, nothing))[0] == []
    wrong = oai('<error code="noSetHierarchy">secret</error>')
    with pytest.raises(BadResponse, match="has no sets; leave the set out") as raised:
        read(lambda _: Response(status, {}, wrong))
    assert "secret" not in str(raised.value)


def test_an_error_without_a_known_name_is_one() -> None:
    for inside in ("<error/>", '<error code="noRecordsMatch"/><error code="x"/>'):
        with pytest.raises(BadResponse, match="does not take the question; check its address"):
            read(oai(inside))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<!DOCTYPE html><p>Log in"),
        (200, b"{}"),
        (200, part(["a"])[:-9]),
        (200, b"<feed/>"),
        (200, oai("")),
        (200, b"<!DOCTYPE a [<!ENTITY a 'aaa'>]><a>&a;</a>"),
        (400, b"<h1>Bad request</h1>"),
        (404, b"<!DOCTYPE html><h1>Not found</h1>"),
        (403, b"<h1>Forbidden</h1>"),
    ],
)
def test_what_is_no_list_is_told_in_a_line(status: int, body: bytes) -> None:
    with pytest.raises(IntegrationError, match="the repository") as raised:
        read(lambda _: Response(status, {"Content-Type": HTML}, body))
    assert "\n" not in str(raised.value)
    assert "://" not in str(raised.value)


def test_a_list_of_nothing_is_one() -> None:
    assert ids(read(oai("<ListRecords/>"))[0]) == []
