"""An answer that does not end, or is longer than any, holds nobody."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx2
import pytest

from integrations.web.limits import Watch
from integrations.zotero.client import Client, Patience
from recommender.errors import TransientError
from tests.unit.zotero_wire import GOOD, KEY, WEB, items, post

_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLast-Modified-Version: 7\r\n"
    b"Total-Results: 0\r\n"
)
_SLOW = 0.05  # seconds between two bytes
_BRIEF = timedelta(seconds=0.6)
_LATE = 3.0  # seconds, on a busy machine


class Dripping:
    """A server that sends the beginning of an answer at once, and the rest byte by byte."""

    def __init__(self, at_once: bytes, slowly: bytes) -> None:
        self.n_requests = 0
        self._at_once = at_once
        self._slowly = slowly
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._closing = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.recv(65536)
        self.n_requests += 1
        try:
            connection.sendall(self._at_once)
            for byte in self._slowly:
                if self._closing.wait(_SLOW):
                    return
                connection.sendall(bytes([byte]))
        except OSError:
            return  # the client has had enough

    @contextmanager
    def running(self) -> Iterator["Dripping"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._closing.set()
            # A blocked accept is not woken by a mere close.
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._thread.join()


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        pytest.param(b"", _HEAD + b"X: " + b"x" * 1000, id="headers"),
        pytest.param(_HEAD + b"Content-Length: 1000\r\n\r\n", b"[" + b" " * 999, id="body"),
        pytest.param(_HEAD + b"Connection: close\r\n\r\n[]", b" " * 1000, id="without a length"),
        pytest.param(
            _HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 99, id="chunks"
        ),
    ],
)
@pytest.mark.parametrize("call", [items, post])
def test_a_server_that_drips_holds_nobody(
    at_once: bytes, slowly: bytes, call: Callable[[Client], object]
) -> None:
    patience = Patience(timeout=timedelta(seconds=5), pauses=(), longest=_BRIEF)
    with (
        Dripping(at_once, slowly).running() as server,
        Client.web(server.address, "users/1", KEY, patience=patience) as client,
    ):
        start = time.monotonic()
        with pytest.raises(TransientError, match=r"broke \(read timeout\); nothing is lost"):
            call(client)
        assert _BRIEF.total_seconds() <= time.monotonic() - start < _LATE


def test_all_tries_together_have_an_end() -> None:
    pauses = (timedelta(seconds=0.01),) * 50
    patience = Patience(timeout=timedelta(seconds=0.25), pauses=pauses, longest=_BRIEF)
    with (
        Dripping(b"", b"HTTP").running() as server,
        Client.web(server.address, "users/1", KEY, patience=patience) as client,
    ):
        start = time.monotonic()
        with pytest.raises(TransientError):
            client.read("items")
        assert time.monotonic() - start < _LATE
        assert 1 < server.n_requests < 50


def test_a_slow_answer_that_ends_in_time_is_a_good_one() -> None:
    patience = Patience(timeout=timedelta(seconds=5), pauses=(), longest=timedelta(seconds=30))
    with (
        Dripping(_HEAD + b"Content-Length: 6\r\n\r\n", b"[    ]").running() as server,
        Client.web(server.address, "users/1", KEY, patience=patience) as client,
    ):
        assert client.read("items").value == []
        assert client.read("collections").value == []


def test_an_end_that_comes_too_late_does_not_end_the_next_one() -> None:
    watch = Watch()
    with watch.within(60):
        pass
    late = watch._n_begun
    with watch.within(60):
        watch._end(late)
    with pytest.raises(httpx2.ReadTimeout), watch.within(60):
        watch._end(watch._n_begun)


@pytest.mark.parametrize("call", [items, post])
@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_that_is_longer_than_any_is_not_read_to_its_end(
    call: Callable[[Client], object], *, is_packed: bool
) -> None:
    long = b"[" + b" " * 5000 + b"]"
    packing = {"Content-Encoding": "gzip"} if is_packed else {}
    packed = gzip.compress(long) if is_packed else long

    def answered(_: httpx2.Request) -> httpx2.Response:
        stream = iter([packed[:20], packed[20:]])
        return httpx2.Response(200, headers={**GOOD, **packing}, content=stream)

    def client(largest: int) -> Client:
        patience = Patience(pauses=(), largest=largest)
        transport = httpx2.MockTransport(answered)
        return Client.web(WEB, "users/1", KEY, patience=patience, transport=transport)

    with pytest.raises(TransientError, match="sent more than any library needs; nothing is lost"):
        call(client(5001))
    if call is items:
        assert client(5002).read("items").value == []
