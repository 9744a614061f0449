"""How fast the model is, beside the recipe of arxiv-sanity-lite with scikit-learn.

    python -m benchmarks.speed [--texts LISTING] [--dataset DATASET_DIR] [--runs 3] [--json]

Each figure is the median of several runs, in which ours and the recipe's take turns, in seconds on
the wall and of the processor; the ratio says how many times the seconds of ours the recipe takes.
The recipe does less: it has no nearest papers, no interests, no readers and no reasons.

The papers are made of those in ``--texts``, a listing of any format; without it, of invented words.
With ``--dataset`` the whole of its warm split is ranked, too: ours in a process of its own, so that
its peak of memory is known, the recipe's for some readers, from which the time for all is told.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

# Behind what is installed, so that the program measured is the installed one, if there is one.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from benchmarks import recipe, texts
from benchmarks.datasets import Dataset, Split, read_dataset, read_split
from recommender.errors import RecommenderError
from recommender.library import Collection, Item, Library
from recommender.model.counting import Counted
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper

_SEED = 0
_N_SHELVES = 25
_N_NEW = 3000
_N_READERS = 20  # of the recipe's in the whole benchmark
_N_BEST = 300


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall and of the processor, and the peak of memory in MB where it is known."""

    wall: float
    cpu: float
    peak: float = 0.0

    def times(self, factor: float) -> "Spent":
        """The same so many times."""
        return Spent(self.wall * factor, self.cpu * factor, self.peak)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of one thing, run by run.

    Attributes:
        n: How many papers it was done to, where that tells more than the seconds.
    """

    n: int = 0
    ours: list[Spent] = field(default_factory=list)
    theirs: list[Spent] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        """Medians, and the ratio of the recipe's to ours."""
        found = {
            f"{who}_{what}": statistics.median(getattr(one, what) for one in runs)
            for who, runs in (("ours", self.ours), ("recipe", self.theirs))
            for what in ("wall", "cpu")
        }
        found["ratio_wall"] = found["recipe_wall"] / found["ours_wall"]
        found["ratio_cpu"] = found["recipe_cpu"] / found["ours_cpu"]
        if self.n:
            found["ours_per_second"] = self.n / found["ours_wall"]
            found["recipe_per_second"] = self.n / found["recipe_wall"]
        if peak := max(one.peak for one in self.ours):
            found["ours_peak"] = peak
        return found


def spent(act: Callable[[], object]) -> Spent:
    """What an act takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def of_one_reader(
    own: Sequence[Paper], listed: Sequence[Paper], new: Sequence[Paper], n_runs: int
) -> dict[str, Figure]:
    """What it takes to learn a reader, and to score what is new for them.

    Args:
        own: The library.
        listed: What is known when the model is learnt.
        new: What is scored.
        n_runs: How often each is done.
    """
    library = _library(own)
    corpus, kept = [*own, *listed], np.arange(len(own))
    few = new[:_N_NEW]
    counted = HybridScorer(counts=Counted.of(corpus))
    words = recipe.Words.of(corpus)
    # What is measured next needs both models, and so has imports and caches been paid for.
    model = counted.fit(library, listed, seed=_SEED)
    theirs, vectors = recipe.Recipe.fit(words, _SEED)
    line = recipe.Line.fit(vectors, kept)
    located = list(model.located(new))
    theirs_of_new = theirs.vectors(new)
    acts: list[tuple[str, int, Callable[[], object], Callable[[], object]]] = [
        (
            "fit, from papers",
            0,
            lambda: HybridScorer().fit(library, listed, seed=_SEED),
            lambda: _recipe_fit(recipe.Words.of(corpus), kept),
        ),
        (
            "fit, from counted terms",
            0,
            lambda: counted.fit(library, listed, seed=_SEED),
            lambda: _recipe_fit(words, kept),
        ),
        (
            "vectors for new papers",
            len(few),
            lambda: list(model.located(few)),
            lambda: theirs.vectors(few),
        ),
        (
            f"score {len(new)} papers",
            len(new),
            lambda: [model.scored(some) for some in located],
            lambda: line.scores(theirs_of_new),
        ),
    ]
    figures = {name: Figure(n) for name, n, _, _ in acts}
    for _ in range(n_runs):
        for name, _, our_act, their_act in acts:
            figures[name].ours.append(spent(our_act))
            figures[name].theirs.append(spent(their_act))
    return figures


def of_all_readers(folder: Path, n_runs: int) -> dict[str, Figure]:
    """What it takes to fit and rank the whole of a data set's warm split."""
    dataset = read_dataset(folder)
    split = read_split(folder, "warm", len(dataset.texts))
    found = Figure()
    for _ in range(n_runs):
        found.ours.append(_ranked(folder))
        found.theirs.append(_recipe_ranked(dataset, split))
    return {f"rank {split.train.shape[0]} readers": found}


def _ranked(folder: Path) -> Spent:
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, str(Path(__file__).with_name("rank.py")), str(folder), "warm"]
        arguments = ["--all-readers", "--out", str(Path(place) / "rankings.npz")]
        start = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 -- our own command
            [*command, *arguments], stderr=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, "benchmarks/rank.py failed; run it alone to see why"
        # Linux counts in kilobytes, macOS in bytes.
        peak = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
        return Spent(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak)


def _recipe_ranked(dataset: Dataset, split: Split) -> Spent:
    papers = [Paper(title="-", abstract=text) for text in dataset.texts]
    vectors = np.zeros((0, 0), np.float32)

    def fit() -> None:
        nonlocal vectors
        vectors = recipe.Recipe.fit(recipe.Words.of(papers), _SEED)[1]

    readers = np.flatnonzero(split.train.getnnz(axis=1))
    some = readers[np.linspace(0, len(readers) - 1, _N_READERS).astype(np.int64)]

    def rank() -> None:
        for reader in some:
            scores = recipe.Line.fit(vectors, split.train[reader].indices).scores(vectors)
            np.argpartition(-scores, _N_BEST)[:_N_BEST]

    once, each = spent(fit), spent(rank).times(len(readers) / _N_READERS)
    return Spent(once.wall + each.wall, once.cpu + each.cpu)


def _recipe_fit(words: recipe.Words, own: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    recipe.Line.fit(recipe.Recipe.fit(words, _SEED)[1], own)


def _library(papers: Sequence[Paper]) -> Library:
    """Half of the papers stand on shelves."""
    shelves = [Collection(f"shelf{n}", f"Shelf {n}") for n in range(_N_SHELVES)]
    return Library(
        items=tuple(
            Item(
                key=f"{n}",
                paper=paper,
                collections=(shelves[n // 2 % _N_SHELVES].key,) if n % 2 else (),
            )
            for n, paper in enumerate(papers)
        ),
        collections=tuple(shelves),
    )


def _table(figures: Mapping[str, Figure]) -> str:
    lines = [
        f"{'':30}{'ours':>9}{'CPU':>9}{'recipe':>9}{'CPU':>9}{'ratio':>8}{'CPU':>8}  in seconds"
    ]
    for name, figure in figures.items():
        told = figure.told()
        seconds = "".join(
            f"{told[f'{who}_{what}']:9.3f}"
            for who in ("ours", "recipe")
            for what in ("wall", "cpu")
        )
        extra = ""
        if "ours_per_second" in told:
            extra = f"  {told['ours_per_second']:.0f}/s, {told['recipe_per_second']:.0f}/s"
        if "ours_peak" in told:
            extra = f"  {told['ours_peak']:.0f} MB; the recipe told from {_N_READERS} readers"
        lines.append(f"{name:30}{seconds}{told['ratio_wall']:8.2f}{told['ratio_cpu']:8.2f}{extra}")
    return "\n".join(lines)


def main(given: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--texts", type=Path, help="a listing to make papers of")
    parser.add_argument("--dataset", type=Path, help="rank its warm split, too")
    parser.add_argument("--library", type=int, default=5000, help="papers that the reader has")
    parser.add_argument("--listed", type=int, default=2000, help="papers listed beside them")
    parser.add_argument("--scored", type=int, default=100_000, help="papers to be scored")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(given)
    try:
        recipe.check()
        real = texts.read(asked.texts) if asked.texts else ()
        made = texts.papers(asked.library + asked.listed + asked.scored, _SEED, real)
        own, listed = made[: asked.library], made[asked.library :][: asked.listed]
        new = made[asked.library + asked.listed :]
        figures = of_one_reader(own, listed, new, asked.runs)
        if asked.dataset:
            figures |= of_all_readers(asked.dataset, asked.runs)
    except RecommenderError as error:
        sys.exit(f"speed: {error}")
    if asked.json:
        print(json.dumps({name: figure.told() for name, figure in figures.items()}))
    else:
        print(_table(figures))


if __name__ == "__main__":
    main()
