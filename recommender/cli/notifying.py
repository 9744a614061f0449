"""What a service manager is told: sd_notify(3), without its library.

Nobody need listen: without a socket, or with one that takes nothing, nothing happens.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic_ns

_LONGEST = 1.0  # seconds that a manager which does not listen may cost


class Notifier:
    """Tells the service manager that started this process how it is.

    Args:
        environment: In which ``NOTIFY_SOCKET`` names the manager's socket: a path, or with ``@``
            before it a name in Linux's abstract namespace. Other kinds are left alone.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        named = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{named[1:]}" if named.startswith("@") else named
        self._listens = named.startswith(("/", "@")) and hasattr(socket, "AF_UNIX")

    def ready(self) -> None:
        """It is up, or the config was read again."""
        self._say("READY=1")

    def reloading(self) -> None:
        """The config is being read again; ``ready`` is to follow."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={monotonic_ns() // 1000}")

    def watchdog(self) -> None:
        """It still does its work."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """It is about to end."""
        self._say("STOPPING=1")

    def status(self, text: str) -> None:
        """What it is doing, in a line for people."""
        self._say(f"STATUS={' '.join(text.split())}")

    def _say(self, message: str) -> None:
        if not self._listens:
            return
        # ValueError: a path with a NUL in it.
        with (
            suppress(OSError, ValueError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
        ):
            channel.settimeout(_LONGEST)
            channel.sendto(message.encode(errors="replace"), self._address)
