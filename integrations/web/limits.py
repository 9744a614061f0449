"""An end to answers that do not end: after a time, and after a number of bytes.

The timeouts of an HTTP client start anew with every byte, so a server that sends one now and then
would hold it for ever.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any

import httpx2


class TooMuch(Exception):
    """An answer is longer than any good one."""


class Watch:
    """Cuts off a client's request that takes too long, whether headers or body keep coming.

    One client serves one thread: what was connected last is what its next request uses.
    """

    def __init__(self) -> None:
        self._stream: Any = None
        self._lock = threading.Lock()
        self._n_begun = 0
        self._is_over = False

    def notice(self, event: str, found: Mapping[str, Any]) -> None:
        """Takes note of a connection; it is what a request's extension ``trace`` calls."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._stream = found["return_value"]
                if self._is_over:
                    self._cut()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Ends what is received within the context after so many seconds.

        Raises:
            ReadTimeout: If it was ended, whatever came until then.
        """
        with self._lock:
            self._n_begun += 1
            self._is_over = False
            timer = threading.Timer(seconds, self._end, [self._n_begun])
        timer.daemon = True
        timer.start()
        try:
            yield
        except (httpx2.NetworkError, httpx2.ProtocolError) as error:
            if self._is_over and not isinstance(error, httpx2.ConnectError):
                raise httpx2.ReadTimeout("") from error
            raise
        finally:
            timer.cancel()
        if self._is_over:
            # Cut off, an answer without a length looks as if it had come whole.
            raise httpx2.ReadTimeout("")

    def _end(self, number: int) -> None:
        with self._lock:
            # Just too late, it would cut off the next one.
            if number == self._n_begun:
                self._is_over = True
                self._cut()

    def _cut(self) -> None:
        if self._stream is None:
            return
        with suppress(OSError):  # it was closed meanwhile
            # Not the method of an encrypted socket, after which its reader would see cipher.
            socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)


def whole(arriving: httpx2.Response, largest: int) -> httpx2.Response:
    """The same answer, with all of its body, unpacked.

    Args:
        arriving: Its body is still to be received.
        largest: How many bytes it may have.

    Raises:
        TooMuch: If it has more.
        RequestError: If it does not arrive, or not as it was announced.
    """
    content = bytearray()
    with closing(arriving):
        for part in arriving.iter_bytes():
            content += part
            if len(content) > largest:
                raise TooMuch
    # As they came: not every server writes its headers in ASCII.
    headers = [(n, v) for n, v in arriving.headers.raw if n.lower() not in _OF_THE_BODY]
    return httpx2.Response(
        arriving.status_code, headers=headers, content=bytes(content), request=arriving.request
    )


_OF_THE_BODY = {b"content-encoding", b"content-length", b"transfer-encoding"}
