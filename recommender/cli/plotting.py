"""An evaluation as a picture; the one file that imports matplotlib."""

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from recommender.errors import ConfigError
from recommender.model.baselines import TF_IDF
from recommender.model.evaluation import HYBRID, MAIN, Evaluation

_OURS = "shelfwise evaluate"
_HEAD = 4096  # bytes, in which either format says what made it
_KINDS = {
    ".svg": {"Creator": _OURS, "Date": None},
    ".png": {"Software": _OURS},
}


def check(path: Path) -> None:
    """Make sure that a picture can be drawn to a file, before all the work.

    Raises:
        ConfigError: If its kind is unknown, the extra is missing, or another program's file is
            there.
    """
    if path.suffix.lower() not in _KINDS:
        raise ConfigError(f"--plot {path}: give a file that ends in .svg or .png")
    if find_spec("matplotlib") is None:
        raise ConfigError("--plot needs matplotlib; install it: pip install 'shelfwise[plot]'")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"--plot {path}: there is no such folder; make it first")
    if path.exists() and _OURS.encode() not in _head(path):
        raise ConfigError(f"--plot {path}: is there and not of our making; name another file")


def draw(evaluation: Evaluation, path: Path) -> None:
    """Draw how each ranking did, and how the hybrid did by month beside one TF-IDF centroid.

    The same evaluation gives the same bytes.

    Args:
        evaluation: What is drawn.
        path: Where to, as ``check`` lets pass.

    Raises:
        OSError: If the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    names = list(evaluation.results)[::-1]
    estimates = [evaluation.estimate(name, MAIN) for name in names]
    means = np.array([one.mean for one in estimates])
    sides = np.array(
        [[one.mean - one.low for one in estimates], [one.high - one.mean for one in estimates]]
    )
    figure = Figure(figsize=(11, 1.5 + 0.35 * len(names)), layout="constrained")
    rankings, by_month = figure.subplots(1, 2)
    colours = ["tab:green" if name == HYBRID else "tab:gray" for name in names]
    rankings.barh(names, means, xerr=np.nan_to_num(sides), color=colours, ecolor="black")
    rankings.set_xlabel(f"{MAIN}, mean over months with 95 % bootstrap interval")
    months = [one.fold.month for one in evaluation.replays]
    for name, colour in ((HYBRID, "tab:green"), (TF_IDF, "tab:gray")):
        values = evaluation.results[name][MAIN]
        by_month.plot(months, values, marker="o", color=colour, label=name)
    by_month.set_ylim(0, 1.05)
    by_month.set_ylabel(MAIN)
    by_month.tick_params("x", rotation=45)
    by_month.legend()
    kind = path.suffix.lower()
    drawn = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": _OURS}):
        figure.savefig(drawn, format=kind[1:], metadata=_KINDS[kind])
    path.write_bytes(drawn.getvalue())


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
