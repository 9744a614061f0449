"""How others learn that the daemon lives: an address that it asks, and one that it answers at."""

import json
import logging
import threading
import urllib.request
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_log = logging.getLogger(__name__)

_PATIENCE = 10.0  # seconds


def beat(address: str) -> None:
    """Ask an address after a good run, so that whoever watches it sees when there is none.

    A failure is logged, without the address: it often has a secret in it.

    Args:
        address: Of http or https; empty for none.
    """
    if not address:
        return
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE):  # noqa: S310 - http by the config
            pass
    except (OSError, ValueError) as error:
        _log.warning("the heartbeat was not heard: %s", type(error).__name__)


class HealthEndpoint:
    """Says on this computer how the daemon is: ``GET /health``, 200 where all is well, else 503.

    Args:
        port: On loopback; 0 is any that is free.
        health: Whether all is well, and what else there is to say.

    Raises:
        OSError: If the port is taken.
    """

    def __init__(self, port: int, health: Callable[[], tuple[bool, Mapping[str, Any]]]) -> None:
        class Answers(BaseHTTPRequestHandler):
            timeout = _PATIENCE

            def do_GET(self) -> None:
                # A page of the web that has a name point here is not to be answered.
                host = self.headers.get("Host", "").rpartition(":")[0]
                if host not in {"127.0.0.1", "localhost"} or self.path != "/health":
                    self.send_error(404)
                    return
                is_well, told = health()
                body = json.dumps(told).encode()
                self.send_response(200 if is_well else 503)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
                """Say nothing: whoever asks does so every minute."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
