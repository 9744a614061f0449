"""What a cycle says that it cost."""

import subprocess
import sys

import pytest

from recommender.cycle.measuring import peak_megabytes

_CHILD = "from recommender.cycle.measuring import peak_megabytes; print(peak_megabytes())"


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell")
def test_the_memory_of_whoever_started_a_process_is_not_its_own() -> None:
    ballast = b"x" * 300_000_000
    mine = peak_megabytes()
    assert mine
    assert mine > len(ballast) / 2**20
    command = [sys.executable, "-c", _CHILD]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert float(done.stdout) < mine - 100
