"""A start imports no more of numpy than it needs, and takes nothing away from anybody."""

import subprocess
import sys

SAID = """
import sys
import numpy as np
import recommender.model.saved
print(*sorted({"numpy.f2py", "numpy.testing", "scipy.sparse"} & sys.modules.keys()))
np.testing.assert_equal(1, 1)
print(np.f2py.__name__)
"""


def test_scipy_comes_without_what_nobody_asks_for() -> None:
    told = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, check=True)  # noqa: S603 -- our own program
    assert told.stdout.splitlines() == ["scipy.sparse", "numpy.f2py"]
    assert told.stderr == ""
