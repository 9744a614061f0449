"""How long ``shelfwise recommend`` takes on real libraries, and how much memory.

    python benchmarks/recommend.py LIBRARY... --listings LISTING...

Each library is a process of its own, run several times; the figures are the median wall time and
the largest peak memory. ``shelfwise --help`` stands beside them as the cost of starting at all.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_START = [sys.executable, "-c", "from recommender.cli import main; main()"]


def measured(arguments: Sequence[str], n_runs: int) -> tuple[float, float, set[int]]:
    """Median wall seconds, peak memory in MB, and the exit codes of a command's runs."""
    seconds, peaks, codes = [], [], set[int]()
    for _ in range(n_runs):
        start = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 -- our own command
            [*_START, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds.append(time.perf_counter() - start)
        # Linux counts in kilobytes, macOS in bytes.
        peaks.append(usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))
        codes.add(process.returncode)
    return statistics.median(seconds), max(peaks), codes


def main() -> None:
    """Print a line for each library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("libraries", nargs="+")
    parser.add_argument("--listings", nargs="+", required=True)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    print(f"{'library':40} {'seconds':>8} {'MB':>6}  exit")
    rows = [("(--help)", ["--help"])]
    rows += [
        (Path(library).name, ["recommend", library, *wanted.listings, "--json"])
        for library in wanted.libraries
    ]
    for name, arguments in rows:
        seconds, peak, codes = measured(arguments, wanted.runs)
        print(f"{name:40} {seconds:8.2f} {peak:6.0f}  {sorted(codes)}", flush=True)


if __name__ == "__main__":
    main()
