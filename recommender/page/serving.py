"""Serves the page on this computer, until it is stopped."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from recommender.config import Settings
from recommender.page.app import application
from recommender.page.guarding import Names
from recommender.page.site import Site

HOST = "127.0.0.1"
"""Where it listens: at this computer alone."""

_GRACE = 3  # seconds, for what is being answered when it is stopped
_AT_ONCE = 64  # connections
_PATIENCE = 10.0  # seconds, for the head of a request to come


def listening(port: int) -> socket.socket:
    """Where the page is asked: a port of this computer; 0 is any that is free.

    Raises:
        OSError: If the port is taken.
    """
    return socket.create_server((HOST, port))


def serve(profiles: Sequence[Settings], place: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve the page until the process is told to end.

    Args:
        profiles: The settings of each profile, at least one.
        place: What ``listening`` gave; it is closed at the end.
        ready: Is told the page's address once it can be asked.
    """
    with place:
        port = place.getsockname()[1]
        page = application(Site(profiles), Names.of(port, profiles[0].page.address))
        server = server_of(page)
        ready(f"http://{HOST}:{port}/")
        # Once it has ended in good order, it raises the signal again that told it to.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[place])


def server_of(page: ASGIApp) -> uvicorn.Server:
    """What serves a page, and cannot be kept from it by connections that ask for nothing."""
    config = uvicorn.Config(
        page,
        # Who asked for what is nobody's business; what breaks is told.
        access_log=False,
        log_level=logging.WARNING,
        lifespan="off",
        ws="none",
        http=_Protocol,
        # Who asks is told by the connection alone.
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=_GRACE,
    )
    return uvicorn.Server(config)


class _Protocol(H11Protocol):
    """Closes a connection on which no head of a request comes, or only by the letter.

    Such a one would hold one of the few places for ever: uvicorn waits without end for the first
    request, and after an answer for the end of what has begun.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(_PATIENCE, self._close_after, None)

    def on_response_complete(self) -> None:
        # This may begin with the next request, which came together with the last.
        answered = self.cycle
        super().on_response_complete()
        self.loop.call_later(_PATIENCE, self._close_after, answered)

    def _close_after(self, last: RequestResponseCycle | None) -> None:
        """Close it where nothing was asked since what was asked last."""
        if self.cycle is last:
            self.transport.close()
