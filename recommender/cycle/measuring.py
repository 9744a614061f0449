"""What a cycle costs, stage by stage."""

import re
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

if sys.platform != "win32":
    import resource

_KILOBYTE = 1 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux kilobytes
_MEGABYTE = 2**20


class Stopwatch:
    """How long each stage took.

    Attributes:
        seconds: By the stage's name, in their order.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = monotonic()

    def lap(self, stage: str) -> None:
        """A stage is over, and the next one begins."""
        now = monotonic()
        self.seconds[stage] = round(now - self._since, 3)
        self._since = now


def peak_megabytes() -> float | None:
    """The most memory that this process ever had at once; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    # What Linux tells by getrusage(2) begins with what the process had that started this one.
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        if found := re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE):
            return round(int(found[1]) * 2**10 / _MEGABYTE, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * _KILOBYTE / _MEGABYTE, 1)
