"""A facade on a loopback socket, with the faults that a test asks for."""

import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, cast
from urllib.parse import parse_qs, unquote

from integrations.web.testing.exchange import Request, Response

Facade = Callable[[Request], Response]
Moment = Literal["before", "after"]
Hook = Callable[[int, Moment], bool | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    Attributes:
        status: Answered in place of the facade's answer; zero keeps the facade's.
        headers: Sent with that status, or on top of the facade's headers where it is zero.
        body: Sent with that status, or in place of the facade's body; None keeps the facade's.
        acts: Whether the facade acts although its answer is replaced: the answer is lost.
        delay: How long the answer is held back; it is cut short when the server closes.
        keep: How many bytes of the body are sent, of the length that was announced; None for all.
        reset: The connection is reset before the facade acts, or after it instead of an answer.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    acts: bool = False
    delay: timedelta = timedelta(0)
    keep: int | None = None
    reset: Moment | None = None


EMPTY_200 = Fault(200, {"Content-Type": "application/json"}, b"")
ERROR_200 = Fault(200, {"Content-Type": "text/html; charset=UTF-8"}, b"An error occurred")
RESET_BEFORE = Fault(reset="before")
RESET_AFTER = Fault(reset="after")


class Faults:
    """The faults that are waiting: by a request's position, counted from 0, or by a predicate."""

    def __init__(self) -> None:
        self._at: dict[int, Fault] = {}
        self._when: list[tuple[Callable[[Request], bool], Fault, int]] = []

    def at(self, position: int, fault: Fault) -> None:
        """Let the request at this index of `Server.requests` meet the fault."""
        self._at[position] = fault

    def when(self, chosen: Callable[[Request], bool], fault: Fault, times: int = 1) -> None:
        """Let the next requests that are chosen meet the fault, this many of them."""
        self._when.append((chosen, fault, times))

    def clear(self) -> None:
        """Let all go well from now on."""
        self._at.clear()
        self._when.clear()

    def take(self, position: int, request: Request) -> Fault | None:
        """The fault that this request meets; it is used up."""
        if position in self._at:
            return self._at.pop(position)
        for index, (chosen, fault, times) in enumerate(self._when):
            if chosen(request):
                self._when[index : index + 1] = [(chosen, fault, times - 1)] if times > 1 else []
                return fault
        return None


class Server:
    """A facade on 127.0.0.1, at a port of the system's choice, while the context lasts.

    Attributes:
        requests: Every request that arrived, in order.
        faults: What is to go wrong.
        hook: Called with a request's index in `requests`, "before" the facade acts on it and
            "after" it acted and before its answer is sent; where it returns False the connection
            is reset then and there, so that a request "before" which it does never arrived.
        errors: What went wrong in the facade or a hook; the first is raised when the context ends.
    """

    def __init__(self, facade: Facade, port: int = 0) -> None:
        self.facade = facade
        self.requests: list[Request] = []
        self.faults = Faults()
        self.hook: Hook | None = None
        self.errors: list[BaseException] = []
        self.closing = threading.Event()
        self._counting = threading.Lock()
        self._socket = _SocketServer(self, port)
        self._thread = threading.Thread(target=self._socket.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        """``http://127.0.0.1:<port>``, without a final slash."""
        return f"http://127.0.0.1:{self._socket.server_address[1]}"

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._socket.shutdown()
        self._thread.join()
        self._socket.server_close()
        if self.errors and error is None:
            raise self.errors[0]

    def answer(self, request: Request) -> tuple[Response | None, int | None]:
        """The answer, and how many bytes of its body are sent (None for all).

        No answer at all means that the connection is reset.
        """
        with self._counting:
            position = len(self.requests)
            self.requests.append(request)
            fault = self.faults.take(position, request) or Fault()
        if not self._goes_on(position, "before") or fault.reset == "before":
            return None, None
        response = None
        if not fault.status or fault.acts:
            response = self.facade(request)
        if not self._goes_on(position, "after") or fault.reset == "after":
            return None, None
        if fault.delay:
            self.closing.wait(fault.delay.total_seconds())
        return _spoilt(response, fault), fault.keep

    def _goes_on(self, position: int, moment: Moment) -> bool:
        return self.hook is None or self.hook(position, moment) is not False


def _spoilt(response: Response | None, fault: Fault) -> Response:
    if response is None or fault.status:
        return Response(fault.status, fault.headers, fault.body or b"")
    body = response.body if fault.body is None else fault.body
    return Response(response.status, {**response.headers, **fault.headers}, body)


class _SocketServer(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every answer
    request_queue_size = 128

    def __init__(self, owner: Server, port: int) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", port), _Exchange)

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client go away in the middle; keep everything else for whoever has the server."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.owner.errors.append(error)


class _Exchange(BaseHTTPRequestHandler):
    # One exchange a connection: a killed client or a closed server leaves no connection behind.
    timeout = 10  # seconds that a client may stay silent

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing: `Server.requests` is the log."""

    def version_string(self) -> str:
        return "a service"

    def _exchange(self) -> None:
        self.close_connection = True
        response, keep = cast("_SocketServer", self.server).owner.answer(self._request())
        if response is None:
            # Closing with a linger of zero seconds sends a reset in place of an ordered end.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            return
        try:
            self._send(response, keep)
        except ConnectionError:
            self.close_connection = True  # the client is gone; nobody is left to tell

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        values = parse_qs(query, keep_blank_values=True)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=unquote(path),
            query={name: given[-1] for name, given in values.items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
            target=self.path,
            repeated={name: tuple(given) for name, given in values.items()},
        )

    def _send(self, response: Response, keep: int | None) -> None:
        self.send_response_only(response.status)
        own = {"Server": self.version_string(), "Date": self.date_time_string()}
        said = {name.lower() for name in response.headers}
        headers = {name: value for name, value in own.items() if name.lower() not in said}
        for name, value in {**headers, **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body if keep is None else response.body[:keep])
