"""``shelfwise page`` as a process: its address, its port, its end."""

import asyncio
import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from recommender.cli import page
from recommender.errors import ConfigError, StoreError
from recommender.page import serving
from tests.page.outline import Outline
from tests.page.worlds import House

_PATIENCE = 60  # seconds, for a busy machine


@contextmanager
def running(house: House, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "recommender.cli", "page", *arguments]
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--config", str(house.folder / "config.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


@pytest.mark.skipif(sys.platform == "win32", reason="it has no signal of Ctrl-C for one process")
def test_it_tells_its_address_answers_there_and_ends_in_good_order(house: House) -> None:
    house.furnish()
    port = free_port()
    with running(house, "--port", str(port)) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address == f"http://127.0.0.1:{port}/"
        with closing(
            http.client.HTTPConnection(urlsplit(address).netloc, timeout=_PATIENCE)
        ) as one:
            one.request("GET", "/")
            answer = one.getresponse()
            assert answer.status == 200
            assert "server" not in {name.lower() for name, _ in answer.getheaders()}
            assert "Waggle dances, part 1a" in Outline(answer.read().decode()).text
        process.send_signal(signal.SIGINT)
        assert process.wait(_PATIENCE) == 0
        assert process.stderr
        assert process.stderr.read() == "Ctrl-C ends it.\n"


def test_a_port_in_use_is_one_line(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert page.run(house.folder / "config.toml", port=port, opens=False) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"shelfwise: the page cannot be shown at port {port}: ")
    assert told.err.count("\n") == 1
    assert told.err.endswith("give another --port\n")


def test_it_listens_on_this_computer_alone() -> None:
    with serving.listening(0) as place:
        assert place.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("opens", [True, False])
def test_the_browser_is_opened_where_that_is_asked(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    opens: bool,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    assert page.run(house.folder / "config.toml", port=free_port(), opens=opens) == 0
    [address] = capsys.readouterr().out.split()
    assert opened == ([address] if opens else [])


def test_a_connection_that_asks_nothing_holds_no_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_PATIENCE", 0.2)

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.5)
        await PlainTextResponse("here\n")(scope, receive, send)

    async def told(port: int, *parts: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(serving.HOST, port)
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.01)
        found = await asyncio.wait_for(reader.read(), _PATIENCE)
        writer.close()
        return found

    async def served() -> list[bytes]:
        with serving.listening(0) as place:
            port = place.getsockname()[1]
            server = serving.server_of(slow)
            serving_ = asyncio.create_task(server.serve(sockets=[place]))
            idle = [told(port), told(port, b"GET / HT"), told(port, b"GET / HTTP/1.1\r\n", b"a: ")]
            again = told(port, _ASKS, b"GET / HT"), told(port, _ASKS * 2)
            found = await asyncio.gather(*idle, *again)
            server.should_exit = True
            await serving_
            return found

    *idle, once, twice = asyncio.run(served())
    assert idle == [b""] * 3
    # What was asked is answered, however long that takes.
    assert (once.count(b"here"), twice.count(b"here")) == (1, 2)


_ASKS = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_without_the_packages_it_says_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'shelfwise\[web\]'"):
        page.run(house.folder / "config.toml", opens=False)


def test_a_store_that_cannot_be_used_is_told_before_anything_is_shown(
    house: House, tmp_path: Path
) -> None:
    (tmp_path / "kept.db").write_bytes(b"no store " * 100)
    with pytest.raises(StoreError, match="is no SQLite file"):
        page.run(house.folder / "config.toml", opens=False)
