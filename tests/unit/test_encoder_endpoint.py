"""What an embeddings endpoint can answer, and what becomes of it."""

import json
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx2
import numpy as np
import pytest

from integrations.encoders.endpoint import BATCH, EndpointEncoder
from integrations.web.patience import Patience
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    RateLimited,
    TransientError,
)

KEY = "sk-SecretSecretSecret"
TITLE = "A private title"
HTTPS = "https://models.example.org/v1"
OWN = "http://127.0.0.1:11434"

Answered = httpx2.Response | httpx2.RequestError


def answer(*embeddings: Any, indices: Sequence[Any] | None = None) -> httpx2.Response:
    """An answer that holds these, numbered from 0 unless said otherwise."""
    numbers = range(len(embeddings)) if indices is None else indices
    found = [{"index": n, "embedding": e} for n, e in zip(numbers, embeddings, strict=True)]
    # Python's own spelling has NaN and Infinity.
    return httpx2.Response(200, content=json.dumps({"data": found}).encode())


def failed(status: int, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"message": f"Incorrect API key provided: {KEY}; input: {TITLE}"}}
    return httpx2.Response(status, headers=named, json=body)


class Wire:
    """Gives the answers in their order, the last one for ever, and keeps what was asked."""

    def __init__(self, *answers: Answered, takes: float = 0) -> None:
        self._answers = list(answers)
        self._takes = takes
        self._now = 100.0
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []

    def encoder(self, address: str = HTTPS, **more: Any) -> EndpointEncoder:
        patience = Patience(sleep=self._sleep, clock=lambda: self._now, **more)
        transport = httpx2.MockTransport(self._answer)
        return EndpointEncoder(address, "small", KEY, patience=patience, transport=transport)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self._now += self._takes
        given = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(given, httpx2.RequestError):
            raise given
        # Each use needs a stream of its own.
        return httpx2.Response(given.status_code, headers=given.headers, content=given.content)


def refused(
    wire: Wire, kind: type[IntegrationError] = BadResponse, address: str = HTTPS
) -> IntegrationError:
    """The error that encoding a title ends with, which tells nothing secret."""
    with pytest.raises(kind) as raised:
        wire.encoder(address).encode([TITLE])
    assert type(raised.value) is kind or kind in {IntegrationError, TransientError}
    whole = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert KEY not in whole
    assert TITLE not in whole
    assert raised.value.service in {"models.example.org", "127.0.0.1:11434"}
    assert raised.value.service in str(raised.value)
    assert "\n" not in str(raised.value)
    return raised.value


def test_it_asks_what_openai_is_asked() -> None:
    wire = Wire(answer([3.0, 4.0]))
    np.testing.assert_allclose(wire.encoder().encode([TITLE]), [[0.6, 0.8]], rtol=1e-6)
    [request] = wire.requests
    assert (request.method, str(request.url)) == ("POST", f"{HTTPS}/embeddings")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {"model": "small", "input": [TITLE]}


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://localhost:1234", "http://localhost:1234/v1/embeddings"),
        ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1/embeddings"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/embeddings"),
        ("https://models.example.org/some/api/", "https://models.example.org/some/api/embeddings"),
    ],
)
def test_an_address_without_a_path_is_completed(address: str, asked: str) -> None:
    wire = Wire(answer([1.0]))
    wire.encoder(address).encode(["a"])
    assert str(wire.requests[0].url) == asked


def test_without_a_key_none_is_sent() -> None:
    wire = Wire(answer([1.0]))
    transport = httpx2.MockTransport(wire._answer)
    EndpointEncoder(OWN, "small", transport=transport).encode(["a"])
    assert "authorization" not in wire.requests[0].headers


def test_many_texts_are_asked_in_batches() -> None:
    wire = Wire(answer(*[[1.0, 0.0]] * BATCH), answer(*[[1.0, 0.0]] * BATCH), answer([0.0, 2.0]))
    rows = wire.encoder().encode([str(n) for n in range(2 * BATCH + 1)])
    assert rows.tolist() == [[1, 0]] * (2 * BATCH) + [[0, 1]]
    inputs = [json.loads(request.content)["input"] for request in wire.requests]
    assert [len(asked) for asked in inputs] == [BATCH, BATCH, 1]
    assert [text for asked in inputs for text in asked] == [str(n) for n in range(2 * BATCH + 1)]


def test_no_texts_ask_nothing() -> None:
    wire = Wire(answer([1.0]))
    assert wire.encoder().encode([]).shape == (0, 0)
    assert not wire.requests


def test_vectors_go_by_their_index() -> None:
    wire = Wire(answer([1.0, 0.0], [0.0, 1.0], indices=[1, 0]))
    assert wire.encoder().encode(["a", "b"]).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e30, 1e300, 10**17])
def test_any_size_of_number_is_brought_to_length_1(size: float) -> None:
    rows = Wire(answer([3 * size, 4 * size])).encoder().encode(["a"])
    np.testing.assert_allclose(rows, [[0.6, 0.8]], rtol=1e-6)


def test_a_vector_of_0_is_one_that_says_nothing() -> None:
    assert Wire(answer([0.0, 0.0])).encoder().encode(["a"]).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer([1.0], [2.0]), "2 vectors for 1 texts"),
        (answer(), "0 vectors for 1 texts"),
        (answer([1.0], indices=[1]), "not one for each"),
        (answer([1.0], indices=[None]), "not one for each"),
        (answer([1.0, float("nan")]), "number that is none"),
        (answer([1.0, float("inf")]), "number that is none"),
        (answer([1.0, None]), "without vectors"),
        (answer(["1.0"]), "without vectors"),
        (answer([]), "without vectors"),
        (answer("AACAPw=="), "without vectors"),
        (answer([[1.0]]), "without vectors"),
        (answer(None), "without vectors"),
        (answer([10**400]), "without vectors"),
        (httpx2.Response(200, content=answer([1.0]).content[:-3]), "cut off"),
        (httpx2.Response(200, content=b""), "cut off"),
        (httpx2.Response(200, content=b"\xff"), "cut off"),
        (httpx2.Response(200, content=b"[" * 100_000), "cut off"),
        (httpx2.Response(200, content=b"<html>Sign in</html>"), "is no JSON"),
        (httpx2.Response(200, json=[1.0]), "without vectors"),
        (httpx2.Response(200, json={"data": {"0": [1.0]}}), "without vectors"),
        (httpx2.Response(200, json={"data": [[1.0]]}), "without vectors"),
    ],
)
def test_an_answer_without_a_vector_for_each_text_is_none(
    given: httpx2.Response, told: str
) -> None:
    wire = Wire(given)
    assert told in str(refused(wire))
    assert (len(wire.requests), wire.slept) == (1, [])


def test_vectors_of_two_lengths_in_one_answer_are_none() -> None:
    with pytest.raises(BadResponse, match="without vectors of one length"):
        Wire(answer([1.0], [1.0, 2.0])).encoder().encode(["a", "b"])


def test_an_index_that_cannot_be_one_is_a_bad_answer() -> None:
    with pytest.raises(BadResponse, match="not one for each"):
        Wire(answer([1.0], [1.0], indices=[0, [1]])).encoder().encode(["a", "b"])


def test_a_model_that_was_replaced_meanwhile_is_noticed() -> None:
    encoder = Wire(answer([1.0, 2.0]), answer([1.0, 2.0, 3.0])).encoder()
    encoder.encode(["a"])
    with pytest.raises(BadResponse, match="vectors of 2 numbers, and now of 3"):
        encoder.encode(["b"])


def test_too_many_requests_wait_as_long_as_the_server_says() -> None:
    wire = Wire(failed(429, Retry_After="7.5"), failed(503, Retry_After="3"), answer([1.0]))
    wire.encoder().encode(["a"])
    assert wire.slept == [7.5, 3.0]


def test_a_moment_to_come_back_is_read_by_the_servers_own_clock() -> None:
    until = {
        "Retry_After": "Mon, 05 Jan 2026 10:00:20 GMT",
        "Date": "Mon, 05 Jan 2026 10:00:00 GMT",
    }
    wire = Wire(failed(429, **until), answer([1.0]))
    wire.encoder().encode(["a"])
    assert wire.slept == [20.0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
def test_a_server_that_fails_is_asked_again(status: int) -> None:
    wire = Wire(failed(status), failed(status), answer([1.0]))
    wire.encoder().encode(["a"])
    assert wire.slept == [2.0, 8.0]


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_that_keeps_failing_is_left_alone_after_four_tries(status: int) -> None:
    wire = Wire(failed(status))
    assert f"failed ({status})" in str(refused(wire, TransientError))
    assert (len(wire.requests), wire.slept) == (4, [2.0, 8.0, 30.0])


def test_a_longer_pause_than_there_is_patience_is_passed_on() -> None:
    wire = Wire(failed(429, Retry_After="3600"))
    error = refused(wire, RateLimited)
    assert isinstance(error, RateLimited)
    assert error.retry_after == timedelta(hours=1)
    assert "in 3600 seconds" in str(error)
    assert (len(wire.requests), wire.slept) == (1, [])


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (401, NotAuthorized, "refuses the key"),
        (403, NotAuthorized, "refuses the key"),
        (404, PermanentError, "no model small"),
        (400, PermanentError, "does not take this request (400)"),
        (422, PermanentError, "does not take this request (422)"),
        (301, BadResponse, "sends us elsewhere"),
        (307, BadResponse, "sends us elsewhere"),
    ],
)
def test_what_will_not_change_is_asked_once(
    status: int, kind: type[IntegrationError], told: str
) -> None:
    wire = Wire(failed(status, Location="https://elsewhere.example.org/"))
    assert told in str(refused(wire, kind))
    assert (len(wire.requests), wire.slept) == (1, [])


def test_silence_is_waited_for_no_longer_than_patience_lasts() -> None:
    wire = Wire(httpx2.ReadTimeout(f"{KEY} {TITLE}"), takes=60)
    with pytest.raises(TransientError, match="broke \\(read timeout\\); try again later") as raised:
        wire.encoder().encode([TITLE])
    assert KEY not in str(raised.value)
    # A second try begins after 62 of the 90 seconds; a third would begin after them.
    assert (len(wire.requests), wire.slept) == (2, [2.0])
    allowed = wire.requests[0].extensions["timeout"]
    assert (allowed["read"], allowed["connect"]) == (60, 10)


@pytest.mark.parametrize("broken", [httpx2.ReadError, httpx2.RemoteProtocolError])
def test_a_broken_connection_is_tried_again(broken: type[httpx2.RequestError]) -> None:
    wire = Wire(broken("broken"), answer([1.0]))
    assert wire.encoder().encode(["a"]).tolist() == [[1]]
    assert wire.slept == [2.0]


def test_a_far_server_that_cannot_be_reached_is_tried_again() -> None:
    wire = Wire(httpx2.ConnectError("no route"))
    assert "cannot be reached" in str(refused(wire, TransientError))
    assert len(wire.requests) == 4


def test_an_endpoint_that_does_not_run_here_is_not_waited_for() -> None:
    wire = Wire(httpx2.ConnectError("refused"))
    assert "start the endpoint" in str(refused(wire, TransientError, OWN))
    assert (len(wire.requests), wire.slept) == (1, [])


def test_an_answer_without_an_end_is_cut_off() -> None:
    wire = Wire(httpx2.Response(200, content=b" " * 2000))
    with pytest.raises(BadResponse, match="sent more than vectors need"):
        wire.encoder(largest=1000).encode(["a"])


class _Dripping(BaseHTTPRequestHandler):
    """Sends a byte now and then, so that no silence is ever long."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b" ")
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Nothing: a test's output is pytest's."""


def test_an_answer_that_drips_is_cut_off_when_patience_ends() -> None:
    with HTTPServer(("127.0.0.1", 0), _Dripping) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        patience = Patience(longest=timedelta(seconds=0.2), pauses=())
        address = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(TransientError, match="read timeout"):
            EndpointEncoder(address, "small", patience=patience).encode(["a"])
        thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "http://models.example.org/v1",
        "http://192.168.1.5:11434",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0.0.0.0:11434",
    ],
)
def test_nothing_goes_unencrypted_to_another_computer(address: str) -> None:
    with pytest.raises(ConfigError, match=r"is another computer, .* write https://"):
        EndpointEncoder(address, "small", KEY)


@pytest.mark.parametrize(
    "address", ["", "models.example.org", "ftp://localhost/v1", "https://", "http://[::1", "/v1"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ConfigError, match="is no address; write one such as"):
        EndpointEncoder(address, "small", KEY)


@pytest.mark.parametrize(
    "address",
    [
        f"https://me:{KEY}@models.example.org/v1",
        f"https://models.example.org/v1?api_key={KEY}",
        f"https://models.example.org/v1#{KEY}",
    ],
)
def test_a_key_in_the_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ConfigError, match="under key where the key is") as raised:
        EndpointEncoder(address, "small")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("key", [f"{KEY} ", f"{KEY}\n", f"{KEY}ü"])
def test_a_key_that_no_request_can_bear_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigError, match="copy it again") as raised:
        EndpointEncoder(HTTPS, "small", key)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("model", ["", " ", "two\nlines"])
def test_a_model_has_to_be_named(model: str) -> None:
    with pytest.raises(ConfigError, match="name one that gives embeddings"):
        EndpointEncoder(HTTPS, model, KEY)


@pytest.mark.parametrize("shown", [repr, str, lambda encoder: encoder.name])
def test_the_encoder_itself_does_not_show_its_key(
    shown: Callable[[EndpointEncoder], str],
) -> None:
    assert KEY not in shown(Wire(answer([1.0])).encoder())
