"""Ranks a data set's papers for its readers, with the product's own model.

    python -m benchmarks.rank DATASET_DIR warm|cold --out RANKINGS.npz
        [--no-references] [--one-paper] [--alone words] [--without walk]

Writes the best 300 papers of each reader of the test file, of which the reader numbers alone are
read: ``readers (n,)`` and ``papers (n, 300)`` int64, for ``benchmarks.score``. What each stage cost
goes to standard error. There is nothing to be tuned here: every parameter is the product's.

``--validate SEED`` never opens the test file. Saves are taken out of those that may be learnt from,
and the figures of how well they are foreseen are printed: what to choose by. ``--alone`` and
``--without`` take the model apart.
"""

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from threadpoolctl import threadpool_limits

# Behind what is installed, so that the program measured is the installed one, if there is one.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from benchmarks import score
from benchmarks.datasets import (
    COLD,
    Dataset,
    Split,
    read_dataset,
    read_saves,
    read_split,
    test_readers,
)
from benchmarks.validation import cut_to_one, held_out, only
from recommender.arrays import Rows
from recommender.errors import ConfigError, RecommenderError
from recommender.model.contrast import evenly
from recommender.model.crowd import Crowd
from recommender.model.parts import Weights
from recommender.model.text import count_matrix
from recommender.model.walk import Walk
from recommender.model.world import World
from recommender.papers import Paper

N_BEST = 300
PARTS = ("walk", "closeness", "tastes", "words")
TIES = ("links", "kin", "readers")
"""What can be left out beside a part: citations; papers that read alike; other readers' choices."""

_SEED = 0
_N_THREADS = 2
_UNTITLED = "-"  # a paper has to have a title, and this one says nothing


@dataclass(frozen=True, slots=True)
class Apart:
    """What is left of the model.

    Attributes:
        alone: The parts that speak; empty for all of them.
        without: Parts and ties that are left out.
    """

    alone: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def weights(self, n_world: int) -> Weights:
        """The product's weights, 0 for whatever part is left out."""
        weights = Weights.prior(n_world, tastes=True)
        silent = set(weights.told()) & self.without
        if "readers" in self.without:
            silent.add("tastes")
        if self.alone:
            silent |= set(weights.told()) - self.alone
        # A part that is silent among the others is heard when it is asked for by itself.
        heard = {part: weights.told()[part] or 1.0 for part in self.alone}
        return replace(weights, **heard, **dict.fromkeys(silent - self.alone, 0.0))


class Clock:
    """Tells what has been used since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def tell(self, stage: str) -> None:
        """Print the seconds on the wall and of the processor so far, and the peak of memory."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        # Linux counts in kilobytes, macOS in bytes.
        unit = 1024**2 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        print(f"{stage:32} {wall:7.1f} s {cpu:7.1f} CPU s {peak:6.0f} MB", file=sys.stderr)


def ranked(
    dataset: Dataset,
    split: Split,
    readers: Rows,
    apart: Apart,
    clock: Clock,
    *,
    one_paper: bool = False,
) -> Rows:
    """The best papers for each reader, ``(n_readers, 300)``; the threads change nothing.

    With ``one_paper`` one save of each reader's is learnt from; the others are no candidates still,
    so that what is ranked is the same.

    Raises:
        ConfigError: If there are too few candidates.
    """
    candidates = split.candidates
    if candidates is None:
        candidates = np.arange(len(dataset.texts))
    n_had = int(split.train[readers][:, candidates].getnnz(axis=1).max(initial=0))
    if len(candidates) - n_had < N_BEST:
        raise ConfigError(
            f"{dataset.name}: {len(candidates)} candidates, of which a reader has {n_had}, are "
            f"fewer than the {N_BEST} to be ranked; take a larger data set"
        )
    # More threads would add in another order: other last digits, and then another rank.
    learnt = cut_to_one(split, readers, _SEED) if one_paper else split
    with threadpool_limits(1, "blas"):
        crowd = _crowd(dataset, learnt, apart, clock)
        n_spare = n_had if one_paper else 0
        papers = crowd.ranked(readers, candidates, N_BEST + n_spare, _N_THREADS)
    papers = _unknown(papers, split, readers)
    clock.tell(f"{len(readers)} readers ranked")
    return papers


def _unknown(papers: Rows, split: Split, readers: Rows) -> Rows:
    """Of each reader's papers, the first 300 that they do not have."""
    had = _held(split.train, readers, papers)
    first = np.argsort(had, axis=1, kind="stable")[:, :N_BEST]
    return np.take_along_axis(papers, first, axis=1)


def _held(saves: sparse.csr_matrix, readers: Rows, papers: Rows) -> npt.NDArray[np.bool_]:
    """Whether each reader has each of their papers, in the shape of the papers."""
    n_papers, one = saves.shape[1], saves.tocoo()
    return np.isin(
        readers[:, None] * n_papers + papers, one.row.astype(np.int64) * n_papers + one.col
    )


def _crowd(dataset: Dataset, split: Split, apart: Apart, clock: Clock) -> Crowd:
    papers = (Paper(title=_UNTITLED, abstract=text) for text in dataset.texts)
    counts = count_matrix(papers, ordered=dataset.ordered)
    clock.tell("terms counted")
    links = _nothing_of(dataset.links) if "links" in apart.without else dataset.links
    world = World.of(counts, links, _SEED)
    if "kin" in apart.without:
        place = world.place
        near, nears = _nothing_of(place.near), _nothing_of(place.nears)
        world = replace(world, place=replace(place, near=near, nears=nears))
    clock.tell("world learnt")
    weights = apart.weights(len(world))
    crowd = Crowd.fit(world, split.train, _SEED, n_threads=_N_THREADS, weights=weights)
    if "readers" in apart.without:
        crowd = replace(crowd, walk=Walk.over(world, split.train[:0]))
    clock.tell("tastes learnt")
    return crowd


def _nothing_of(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(matrix.shape, dtype=np.float32)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("split", choices=["warm", COLD])
    parser.add_argument("--out", type=Path, help="the file of rankings to write")
    parser.add_argument("--no-references", action="store_true", help="as --without links")
    parser.add_argument(
        "--one-paper", action="store_true", help="leave each ranked reader one paper"
    )
    parser.add_argument(
        "--alone", choices=PARTS, action="append", default=[], help="silence all others"
    )
    parser.add_argument("--without", choices=[*PARTS, *TIES], action="append", default=[])
    parser.add_argument(
        "--validate", type=int, metavar="SEED", help="measure on saves taken from train"
    )
    parser.add_argument("--limit", type=int, help="with --validate: so many readers, evenly spread")
    parser.add_argument("--all-readers", action="store_true", help="rank those of train, too")
    asked = parser.parse_args(given)
    if asked.validate is None and asked.out is None:
        parser.error("say where the rankings go with --out FILE, or --validate SEED")
    if asked.validate is None and asked.limit is not None:
        parser.error("--limit is for --validate: a test file is measured whole or not at all")
    if asked.validate is not None and asked.all_readers:
        parser.error("--validate measures readers with something to foresee, not --all-readers")
    return asked


def _run(asked: argparse.Namespace) -> None:
    clock = Clock()
    dataset = read_dataset(asked.dataset)
    wanted = None
    if asked.validate is None:
        split = read_split(asked.dataset, asked.split, len(dataset.texts))
        readers = test_readers(asked.dataset / asked.split / "test.csv.gz")
    else:
        saves = read_saves(asked.dataset / asked.split / "train.csv.gz", len(dataset.texts))
        split, wanted = held_out(saves, asked.split, asked.validate)
        readers = np.flatnonzero(wanted.getnnz(axis=1))
        readers = readers[evenly(len(readers), asked.limit or len(readers))]
    if asked.all_readers:
        readers = np.arange(split.train.shape[0])
    clock.tell("data set read")
    left_out = frozenset([*asked.without, *(["links"] if asked.no_references else [])])
    apart = Apart(frozenset(asked.alone), left_out)
    papers = ranked(dataset, split, readers, apart, clock, one_paper=asked.one_paper)
    if asked.out is not None:
        np.savez(asked.out, readers=readers, papers=papers)
    if wanted is not None:
        found = score.figures(score.Rankings(readers, papers), split, only(wanted, readers))
        print("  ".join(f"{name} {value:.4f}" for name, value in found.items()))


def main(given: Sequence[str] | None = None) -> None:
    """Rank, and write or measure."""
    try:
        _run(_arguments(given))
    except (RecommenderError, OSError) as error:
        sys.exit(f"rank: {error}")


if __name__ == "__main__":
    main()
