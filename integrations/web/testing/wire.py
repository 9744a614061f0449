"""A wire from an HTTP client to a served facade, whatever addresses the client asks for."""

from datetime import timedelta

import httpx2

from integrations.web.client import Web
from integrations.web.patience import Patience
from integrations.web.testing.server import Server
from integrations.web.turns import Pace, Turns


class Wire(httpx2.BaseTransport):
    """Sends every request to one server on loopback; its ``host`` header says who was meant.

    Args:
        server: Where all requests go.
    """

    def __init__(self, server: Server) -> None:
        self._to = httpx2.URL(server.address)
        self._transport = httpx2.HTTPTransport(limits=httpx2.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The server's answer."""
        url = request.url.copy_with(scheme=self._to.scheme, host=self._to.host, port=self._to.port)
        # The header was set for the host that was meant, and stays.
        sent = httpx2.Request(
            request.method,
            url,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._transport.handle_request(sent)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


class Clock:
    """Time that passes only when somebody waits.

    Attributes:
        now: Seconds since some moment.
        waits: How long was waited, each time.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        """Seconds since some moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let this time pass."""
        self.waits.append(seconds)
        self.now += seconds


def served(pace: Pace, server: Server, clock: Clock | None = None, contact: str = "") -> Web:
    """What asks a service that is served on loopback.

    Args:
        pace: The service's.
        server: What answers in its place.
        clock: Of all waiting; without it, there is one of its own.
        contact: As of ``Web``.
    """
    clock = clock or Clock()
    patience = Patience(
        timeout=timedelta(seconds=2), sleep=clock.sleep, clock=clock, chance=lambda: 0.5
    )
    turns = Turns(clock, clock.sleep)
    return Web(pace, contact=contact, patience=patience, turns=turns, transport=Wire(server))
