"""The daemon is heard, and answers on this computer alone."""

import http.client
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Fault, Server
from recommender.cli.heartbeat import HealthEndpoint, beat


class Patient:
    """What is asked after."""

    def __init__(self) -> None:
        self.is_well = True

    def __call__(self) -> tuple[bool, Mapping[str, Any]]:
        return self.is_well, {"state": "idle"}


@pytest.fixture
def patient() -> Patient:
    return Patient()


@pytest.fixture
def endpoint(patient: Patient) -> Iterator[HealthEndpoint]:
    endpoint = HealthEndpoint(0, patient)
    yield endpoint
    endpoint.close()


def asked(endpoint: HealthEndpoint, path: str = "/health", host: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_it_says_how_it_is(endpoint: HealthEndpoint, patient: Patient) -> None:
    status, body = asked(endpoint)
    assert (status, json.loads(body)) == (200, {"state": "idle"})
    patient.is_well = False
    assert asked(endpoint)[0] == 503


@pytest.mark.parametrize(
    ("path", "host"),
    [("/", ""), ("/health?x", ""), ("/health", "evil.example:80"), ("/health", "x")],
)
def test_nobody_else_is_answered(endpoint: HealthEndpoint, path: str, host: str) -> None:
    assert asked(endpoint, path, host)[0] == 404


def test_a_port_that_is_taken_is_told(endpoint: HealthEndpoint, patient: Patient) -> None:
    with pytest.raises(OSError, match="in use"):
        HealthEndpoint(endpoint.port, patient)


def test_the_heart_beats_and_a_deaf_listener_harms_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def facade(_: Request) -> Response:
        return Response(200, {}, b"ok")

    beat("")
    with Server(facade) as server:
        beat(f"{server.address}/ping/s3cret")
        server.faults.at(1, Fault(500, {}, b"oops"))
        beat(f"{server.address}/ping/s3cret")
        assert [request.path for request in server.requests] == ["/ping/s3cret"] * 2
        address = server.address
    with caplog.at_level(logging.WARNING):
        beat(f"{address}/ping/s3cret")
    assert "was not heard" in caplog.text
    assert "s3cret" not in caplog.text
