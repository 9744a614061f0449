import gzip
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# The benchmarks are in no wheel. Last, so that an installed program is tested rather than the tree.
sys.path.append(str(Path(__file__).parent.parent.parent))

from benchmarks import datasets, score
from recommender.errors import ConfigError

N_PAPERS = 320
COLD = range(10, N_PAPERS)
TRAIN = [(0, 0), (0, 1), (1, 2), (3, 0)]  # reader 2 has nothing
WARM_TEST = [(0, 5), (0, 6), (2, 7)]
COLD_TEST = [(0, 15), (0, 16), (2, 17)]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def table(header: str, rows: Iterable[object]) -> str:
    return "".join(f"{line}\n" for line in [header, *rows])


def saves(pairs: Iterable[tuple[int, int]]) -> str:
    return table("reader,paper", (f"{reader},{paper}" for reader, paper in pairs))


def papers(references: dict[int, list[int]], ids: Iterable[int] = range(N_PAPERS)) -> str:
    lines = [{"id": i, "text": f"pear {i}", "references": references.get(i, [])} for i in ids]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pears"
    header = {"name": "pears", "ordered": False, "splits": ["warm", "cold"]}
    write(folder / "dataset.json", json.dumps(header))
    write(folder / "papers.jsonl.gz", papers({0: [1, 1, 0], 1: [0, 2]}))
    write(folder / "warm/train.csv.gz", saves(TRAIN))
    write(folder / "warm/test.csv.gz", saves(WARM_TEST))
    write(folder / "cold/train.csv.gz", saves(TRAIN))
    write(folder / "cold/test.csv.gz", saves(COLD_TEST))
    write(folder / "cold/cold_papers.csv", table("paper", COLD))
    return folder


class TestDatasets:
    def test_papers_are_read_with_their_links(self, folder: Path) -> None:
        dataset = datasets.read_dataset(folder)
        assert (dataset.name, dataset.ordered, len(dataset.texts)) == ("pears", False, N_PAPERS)
        assert dataset.texts[3] == "pear 3"
        links = dataset.links.toarray()
        assert set(zip(*np.nonzero(links), strict=True)) == {(0, 1), (1, 0), (1, 2), (2, 1)}
        assert links.max() == 1
        assert links.dtype == np.float32

    def test_a_paper_is_at_the_place_of_its_id_wherever_its_line_is(self, folder: Path) -> None:
        known = datasets.read_dataset(folder)
        references = {0: [1], 1: [0, 2]}
        write(folder / "papers.jsonl.gz", papers(references, reversed(range(N_PAPERS))))
        again = datasets.read_dataset(folder)
        assert again.texts == known.texts
        assert (again.links != known.links).nnz == 0

    def test_a_split_has_a_row_for_each_reader_and_all_papers_are_candidates(
        self, folder: Path
    ) -> None:
        write(folder / "warm/test.csv.gz", saves([*WARM_TEST, (6, 1)]))
        split = datasets.read_split(folder, "warm", N_PAPERS)
        assert split.train.shape == (7, N_PAPERS)
        assert set(zip(*split.train.nonzero(), strict=True)) == set(TRAIN)
        assert split.candidates is None

    def test_a_save_that_is_written_twice_is_one(self, folder: Path) -> None:
        write(folder / "warm/train.csv.gz", saves([*TRAIN, *TRAIN]))
        assert datasets.read_split(folder, "warm", N_PAPERS).train.toarray().max() == 1

    def test_the_candidates_of_the_cold_split_are_the_cold_papers(self, folder: Path) -> None:
        candidates = datasets.read_split(folder, "cold", N_PAPERS).candidates
        assert candidates is not None
        assert candidates.tolist() == list(COLD)

    def test_what_is_learnt_from_knows_only_who_the_test_readers_are(self, folder: Path) -> None:
        path = folder / "cold/test.csv.gz"
        before = datasets.read_split(folder, "cold", N_PAPERS)
        write(path, table("reader,paper", ["2,not to be read", "0,x", "2,y"]))
        assert datasets.test_readers(path).tolist() == [0, 2]
        after = datasets.read_split(folder, "cold", N_PAPERS)
        assert (before.train != after.train).nnz == 0

    def test_files_without_a_line_are_of_no_readers(self, folder: Path) -> None:
        write(folder / "warm/train.csv.gz", saves([]))
        write(folder / "warm/test.csv.gz", saves([]))
        assert datasets.test_readers(folder / "warm/test.csv.gz").tolist() == []
        assert datasets.read_split(folder, "warm", N_PAPERS).train.shape == (0, N_PAPERS)

    @pytest.mark.parametrize(
        ("name", "text", "problem"),
        [
            ("dataset.json", "pears", "Invalid JSON"),
            ("dataset.json", '{"name": "pears"}', "ordered: Field required"),
            ("papers.jsonl.gz", "", "the ids are not 0, 1, 2"),
            ("papers.jsonl.gz", papers({}, [0, 2]), "the ids are not 0, 1, 2"),
            ("papers.jsonl.gz", papers({}, [0, 1, 1]), "the ids are not 0, 1, 2"),
            ("papers.jsonl.gz", papers({}, [0]) + '{"id": "1"}\n', "line 2: id: Input should be"),
            ("papers.jsonl.gz", papers({1: [320]}), "there is no paper 320"),
            ("papers.jsonl.gz", papers({1: [-1]}), "there is no paper -1"),
            ("warm/train.csv.gz", "", "does not begin with “reader,paper”"),
            ("warm/train.csv.gz", "0,1\n", "does not begin with “reader,paper”"),
            ("warm/train.csv.gz", saves([(0, 320)]), "there is no paper 320"),
            ("warm/train.csv.gz", saves([(-1, 0)]), "reader -1 is below 0"),
            ("warm/train.csv.gz", "reader,paper\n0\n", "column"),
            ("warm/test.csv.gz", "reader,paper\npear,1\n", "pear"),
            ("warm/test.csv.gz", saves([(-1, 0)]), "reader -1 is below 0"),
        ],
    )
    def test_what_is_wrong_with_a_file_is_said_in_a_line(
        self, folder: Path, name: str, text: str, problem: str
    ) -> None:
        write(folder / name, text)
        with pytest.raises(ConfigError) as error:
            whole(folder, "warm")
        said = str(error.value)
        assert said.startswith(str(folder / name))
        assert problem in said
        assert "\n" not in said

    @pytest.mark.parametrize(
        "name", ["papers.jsonl.gz", "cold/train.csv.gz", "cold/test.csv.gz", "cold/cold_papers.csv"]
    )
    def test_a_file_that_is_missing_or_damaged_is_named(self, folder: Path, name: str) -> None:
        path = folder / name
        path.write_bytes(gzip.compress(b"0,1\n" * 99)[:-9])
        with pytest.raises(ConfigError, match="fetch the data set again") as error:
            whole(folder, "cold")
        path.unlink()
        with pytest.raises(ConfigError, match="there is no such file") as missing:
            whole(folder, "cold")
        assert all(str(one.value).startswith(str(path)) for one in (error, missing))

    def test_a_folder_of_something_else_is_no_data_set(self, tmp_path: Path) -> None:
        for place in (tmp_path, tmp_path / "nowhere"):
            with pytest.raises(ConfigError, match=r"has no dataset\.json; name the folder"):
                datasets.read_dataset(place)

    def test_the_real_data_set_is_read(self, shared: Path) -> None:
        folder = shared / "benchmark" / "citeulike-t"
        dataset = datasets.read_dataset(folder)
        assert len(dataset.texts) == 25975
        assert (dataset.links != dataset.links.T).nnz == 0
        assert not dataset.links.diagonal().any()
        split = datasets.read_split(folder, "cold", len(dataset.texts))
        assert split.train.shape == (7947, 25975)
        assert split.train.nnz == 107483
        assert split.candidates is not None
        assert split.train[:, split.candidates].nnz == 0
        assert len(split.candidates) == 5116
        assert len(datasets.test_readers(folder / "cold/test.csv.gz")) == 5980


def whole(folder: Path, split: str) -> None:
    dataset = datasets.read_dataset(folder)
    datasets.read_split(folder, split, len(dataset.texts))


class TestScore:
    @pytest.fixture
    def printed(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> Callable[..., str]:
        """What is printed of rankings for a split."""

        def printed(split: str, rankings: dict[int, list[int]], *options: str, **other: Any) -> str:
            path = folder.parent / "rankings.npz"
            arrays = {"readers": list(rankings), "papers": list(rankings.values()), **other}
            np.savez(path, readers=np.array(arrays["readers"]), papers=np.array(arrays["papers"]))
            arguments = ["score", str(folder), split, str(path), *options]
            monkeypatch.setattr(sys, "argv", arguments)
            score.main()
            return capsys.readouterr().out

        return printed

    def test_the_figures_are_those_counted_by_hand(self, printed: Callable[..., str]) -> None:
        # Reader 0 wants 5, found first, and 6, found at rank 50; reader 2 wants 7, at rank 101.
        rankings = {
            0: ranked({1: 5, 50: 6}, among=range(8, N_PAPERS)),
            2: ranked({101: 7}, among=range(8, N_PAPERS)),
        }
        found = json.loads(printed("warm", rankings, "--json"))
        ideal = 1 + 1 / np.log2(3)
        assert found == {
            "dataset": "pears",
            "split": "warm",
            "readers": 2,
            "R@20": 0.25,
            "R@50": 0.5,
            "R@100": 0.5,
            "R@300": 1.0,
            "NDCG@20": pytest.approx(1 / ideal / 2),
        }

    def test_the_table_has_the_same(self, printed: Callable[..., str]) -> None:
        rankings = {2: ranked({1: 7}), 1: ranked({}), 0: ranked({1: 5, 50: 6})}
        head, row = printed("warm", rankings).splitlines()
        assert head.split() == ["R@20", "R@50", "R@100", "R@300", "NDCG@20", "readers"]
        assert row.split() == ["pears", "warm", "0.7500"] + ["1.0000"] * 3 + ["0.8066", "2"]

    def test_cold_papers_are_ranked_among_themselves(self, printed: Callable[..., str]) -> None:
        rankings = {0: ranked({1: 15, 2: 16}), 2: ranked({20: 17})}
        found = json.loads(printed("cold", rankings, "--json"))
        assert (found["split"], found["R@20"]) == ("cold", 1)
        assert found["NDCG@20"] == pytest.approx((1 + 1 / np.log2(21)) / 2)

    @pytest.mark.parametrize(
        ("split", "wrong", "problem"),
        [
            ("warm", {300: 21}, "rank 300: paper 21 comes twice"),
            ("warm", {4: 1}, "rank 4: paper 1 is one that the reader has already"),
            ("cold", {300: 9}, "rank 300: paper 9 is no candidate"),
            ("warm", {2: N_PAPERS}, "rank 2: paper 320 is not in the data set"),
            ("warm", {2: -1}, "rank 2: paper -1 is not in the data set"),
        ],
    )
    def test_rankings_that_say_what_they_must_not_are_refused(
        self, printed: Callable[..., str], split: str, wrong: dict[int, int], problem: str
    ) -> None:
        papers = ranked({})
        for rank, paper in wrong.items():
            papers[rank - 1] = paper
        with pytest.raises(SystemExit) as stop:
            printed(split, {0: papers, 2: ranked({})})
        assert stop.value.code == f"score: reader 0, {problem}; rank each candidate once"

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ({"readers": [0, 3]}, "lack readers of the test file, 1 in all, such as reader 2;"),
            ({"readers": [2, 2]}, "a reader comes twice"),
            ({"readers": [0]}, "readers are (1,) int64"),
            ({"readers": [0.0, 2.0]}, "readers are (2,) float64"),
            ({"papers": [[7] * 299] * 2}, "papers (2, 299) int64"),
            ({"papers": [7] * 300}, "papers (300,) int64"),
            ({"papers": [None]}, "does not hold readers and papers"),
        ],
    )
    def test_rankings_of_another_shape_are_refused(
        self, printed: Callable[..., str], given: dict[str, Any], problem: str
    ) -> None:
        with pytest.raises(SystemExit) as stop:
            printed("warm", {0: ranked({}), 2: ranked({})}, **given)
        said = str(stop.value.code)
        assert said.startswith("score: ")
        assert problem in said
        assert "\n" not in said

    @pytest.mark.parametrize("content", [None, b"", b"PK", b"\x93NUMPY", b"reader,paper\n"])
    def test_a_file_that_holds_no_rankings_is_refused(
        self, tmp_path: Path, content: bytes | None
    ) -> None:
        path = tmp_path / "rankings.npz"
        if content is not None:
            path.write_bytes(content)
        problem = "there is no such file" if content is None else "does not hold readers and papers"
        with pytest.raises(ConfigError, match=problem):
            score.Rankings.read(path)

    def test_one_array_is_no_rankings(self, tmp_path: Path) -> None:
        np.save(tmp_path / "readers.npy", np.arange(3))
        with pytest.raises(ConfigError, match="does not hold readers and papers"):
            score.Rankings.read(tmp_path / "readers.npy")

    def test_a_test_file_without_saves_measures_nothing(
        self, folder: Path, printed: Callable[..., str]
    ) -> None:
        write(folder / "warm/test.csv.gz", saves([]))
        with pytest.raises(SystemExit, match="there is nothing to measure"):
            printed("warm", {0: ranked({})})


def ranked(places: dict[int, int], among: Iterable[int] = range(20, N_PAPERS)) -> list[int]:
    """300 papers with these at their ranks, and between them, in their order, the others."""
    others = (paper for paper in among if paper not in places.values())
    return [places[rank] if rank in places else next(others) for rank in range(1, 301)]
