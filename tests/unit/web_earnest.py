"""A client that reaches a server on loopback by itself, and servers that say what they like."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from integrations.web.client import Web
from integrations.web.patience import Patience
from integrations.web.turns import Pace, Turns

Says = Callable[[socket.socket, bytes], None]
"""What a server does with a connection, given the request."""

AT_ANY_TIME = Pace("Birds", every=timedelta(0))

OK = b"HTTP/1.1 200 OK\r\n"


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the environment name no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def in_earnest(
    longest: timedelta = timedelta(seconds=20), largest: int = 2**20, n_tries: int = 1
) -> Web:
    """What asks at any time, and tries again at once."""
    patience = Patience(
        timeout=timedelta(seconds=2),
        pauses=(timedelta(seconds=0.001),) * (n_tries - 1),
        longest=longest,
        largest=largest,
    )
    return Web(AT_ANY_TIME, patience=patience, turns=Turns())


@contextmanager
def speaking(says: Says) -> Iterator[str]:
    """The address of a server of few words: it hears a request and says what it likes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    says(connection, connection.recv(65536))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        # A blocked accept is not woken by a mere close.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def raw(answer: bytes) -> Says:
    """Says the same to everybody."""
    return lambda connection, _: connection.sendall(answer)
