"""Answers that have no end, or are none: whoever asks gets an error for people, and soon."""

import logging
import socket
import threading
import traceback
import tracemalloc
import zlib
from contextlib import suppress
from datetime import timedelta
from itertools import repeat

import pytest

from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from recommender.errors import BadResponse, IntegrationError, TransientError
from tests.unit.web_earnest import OK, in_earnest, raw, speaking, without_proxies

SECRET = "geheim"
MIB = 2**20


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


def bomb() -> bytes:
    """A gibibyte of nothing as a megabyte of gzip; its end is not right, and nobody gets there."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    part = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + part * 1024


def packed(content: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize("packing", ["gzip", "deflate", "gzip, gzip", ""])
def test_a_gibibyte_is_read_up_to_a_limit_only(packing: str) -> None:
    body = {"gzip": bomb(), "deflate": bomb()[10:], "gzip, gzip": packed(bomb())}.get(packing)
    n_sent = 0

    def says(connection: socket.socket, _: bytes) -> None:
        nonlocal n_sent
        connection.sendall(OK + f"Content-Encoding: {packing}\r\n\r\n".encode())
        for part in [body] if body else repeat(bytes(65536), 16 * 1024):
            connection.sendall(part)
            n_sent += len(part)

    with speaking(says) as address:
        web = in_earnest(largest=4 * MIB)
        tracemalloc.start()
        with pytest.raises(BadResponse, match="sent more than any page has"):
            web.get(address)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert n_sent < 64 * MIB
    assert peak < 24 * MIB


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\0" * 100, b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"<html>\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n", OK, OK + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
        OK + b"X: y\r\n" * 50_000 + b"\r\n", OK + b"No colon\r\n\r\n", OK + b": y\r\n\r\n",
        OK + b"X: a\0b\r\n\r\n", OK + b"Content-Length: five\r\n\r\nhello",
        OK + b"Content-Length: -5\r\n\r\nhello", OK + b"Content-Length: 50\r\n\r\nhello",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: gzip" + b", gzip" * 20 + b"\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_answer_of_http_is_said(answer: bytes) -> None:
    with speaking(raw(answer)) as address, pytest.raises((TransientError, BadResponse)) as raised:
        in_earnest().get(f"{address}?key={SECRET}")
    assert "\n" not in str(raised.value)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Title: M\xc3\xb6we", b"X-Title: M\xf6we", b"X: \xff\xfe", b"X:\ty  ", b"X:",
        b"X: y\r\n z",
        b"Set-Cookie: \xff=1", b"Set-Cookie: a=b; Expires=never; Domain=.", b"Set-Cookie: a",
        b'Content-Type: text/html; charset="no such"', b"Content-Encoding: br",
        b"Date: yesterday", b"Retry-After: \xe9", b"ETag: \xe9", b"Last-Modified: \xff",
    ],
)  # fmt: skip
def test_odd_headers_spoil_no_answer(headers: bytes) -> None:
    with speaking(raw(OK + headers + b"\r\nContent-Length: 5\r\n\r\nhello")) as address:
        web = in_earnest()
        first = web.get(address)
        assert first.content == b"hello"
        assert web.get(address, known=first.mark).content == b"hello"


@pytest.mark.parametrize(
    ("begins", "drips"),
    [(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), (b"", b"x"), (OK, b"X: y\r\n"),
     (OK + b"Content-Length: 1000\r\n\r\n", b"x"), (OK + b"\r\n", b"x"),
     (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
     (OK + b"Content-Encoding: gzip\r\n\r\n" + packed(b"hello")[:10], b"\0")],
    ids=["told to go on", "status", "headers", "body", "body without a length", "chunks", "packed"],
)  # fmt: skip
def test_an_answer_that_drips_has_an_end(begins: bytes, drips: bytes) -> None:
    over = threading.Event()

    def says(connection: socket.socket, _: bytes) -> None:
        connection.sendall(begins)
        while not over.wait(0.02):
            connection.sendall(drips)

    with speaking(says) as address:
        with pytest.raises(TransientError, match="the connection to Birds broke"):
            in_earnest(longest=timedelta(seconds=0.4), n_tries=50).get(address)
        over.set()


def test_who_is_not_there_is_unreachable() -> None:
    with speaking(raw(b"")) as address:
        pass
    with pytest.raises(TransientError, match="Birds cannot be reached; check the connection"):
        in_earnest().get(address)


def test_who_has_no_name_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TransientError, match="Birds cannot be reached"):
        in_earnest().get("http://birds.example/")


def test_neither_a_query_nor_a_key_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"X-Api-Key": SECRET, "Authorization": f"Bearer {SECRET}"}

    def led(request: Request) -> Response:
        if request.query.get("key") == SECRET:
            headers = {"Location": f"/?other={SECRET}", "Set-Cookie": f"a={SECRET}"}
            return Response(302, headers)
        return Response(next(statuses), {"X": SECRET}, SECRET.encode())

    errors: list[str] = []
    statuses = iter((200, 400, 401, 404, 418, 429, 500))
    with Server(led) as server:
        web = in_earnest()
        for _ in range(7):
            try:
                web.get(server.address, {"key": SECRET}, headers=secret)
            except IntegrationError as error:
                errors += traceback.format_exception(error)
        with suppress(IntegrationError):
            web.post(f"{server.address}?key={SECRET}", form={"key": SECRET}, headers=secret)
        assert len(server.requests) == 15
    assert len(errors) > 6
    assert any(record.name == "integrations.web.client" for record in caplog.records)
    assert SECRET not in caplog.text + "".join(errors)
