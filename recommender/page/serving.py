"""Serves the page on this computer, until it is stopped."""

import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn

from recommender.config import Settings
from recommender.page.app import application
from recommender.page.guarding import Names
from recommender.page.site import Site

HOST = "127.0.0.1"
"""Where it listens: at this computer alone."""

_GRACE = 3  # seconds, for what is being answered when it is stopped
_AT_ONCE = 64  # connections


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
        config = uvicorn.Config(
            application(Site(profiles), Names.of(port, profiles[0].page.address)),
            # Who asked for what is nobody's business; what breaks is told.
            access_log=False,
            log_level=logging.WARNING,
            lifespan="off",
            ws="none",
            http="h11",
            # Who asks is told by the connection alone.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=_GRACE,
        )
        ready(f"http://{HOST}:{port}/")
        # Once it has ended in good order, it raises the signal again that told it to.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[place])
