import gzip
import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest

# The benchmarks are in no wheel. Last, so that an installed program is tested rather than the tree.
sys.path.append(str(Path(__file__).parent.parent.parent))

from benchmarks import datasets, rank, recipe, score, speed, texts, validation
from recommender.errors import ConfigError
from recommender.model.text import count_matrix
from recommender.papers import Paper
from recommender.testing.models import paper_on

SUBJECTS = ("bees", "bridges", "verse", "glass")
N_PAPERS, N_READERS, N_SAVES = 360, 24, 10
COLD = range(300, N_PAPERS)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def saves(pairs: list[tuple[int, int]]) -> str:
    return "reader,paper\n" + "".join(f"{reader},{paper}\n" for reader, paper in pairs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Papers on four subjects in turn; each reader keeps papers on one of them."""
    folder = tmp_path_factory.mktemp("data") / "subjects"
    draw = random.Random(5)  # noqa: S311 -- invented saves are no secret
    papers = [paper_on(SUBJECTS[n % len(SUBJECTS)], n) for n in range(N_PAPERS)]
    lines = [
        {
            "id": n,
            "text": " ".join(sorted(f"{paper.title} {paper.abstract}".lower().split())),
            "references": [(n + len(SUBJECTS)) % N_PAPERS],
        }
        for n, paper in enumerate(papers)
    ]
    pairs = [
        (reader, len(SUBJECTS) * number + reader % len(SUBJECTS))
        for reader in range(N_READERS)
        for number in sorted(draw.sample(range(N_PAPERS // len(SUBJECTS)), N_SAVES))
    ]
    test = [pair for n, pair in enumerate(pairs) if n % 5 == 0]
    train = [pair for pair in pairs if pair not in test]
    write(folder / "dataset.json", json.dumps({"name": "subjects", "ordered": False}))
    write(folder / "papers.jsonl.gz", "".join(json.dumps(line) + "\n" for line in lines))
    write(folder / "warm/train.csv.gz", saves(train))
    write(folder / "warm/test.csv.gz", saves(test))
    return folder


def ranked(folder: Path, out: Path, *options: str) -> score.Rankings:
    rank.main([str(folder), "warm", "--out", str(out), *options])
    return score.Rankings.read(out)


def recall_at_50(folder: Path, rankings: score.Rankings) -> float:
    split = datasets.read_split(folder, "warm", N_PAPERS)
    test = datasets.read_saves(folder / "warm/test.csv.gz", N_PAPERS)
    return score.figures(rankings, split, test)["R@50"]


def test_the_rankings_are_what_score_wants_and_better_than_chance(
    folder: Path, tmp_path: Path
) -> None:
    rankings = ranked(folder, tmp_path / "a.npz")
    assert rankings.readers.tolist() == list(range(N_READERS))
    assert rankings.papers.shape == (N_READERS, rank.N_BEST)
    assert {rankings.readers.dtype.name, rankings.papers.dtype.name} == {"int64"}
    # A quarter of the papers is on a reader's subject, and chance would find 50 of 350.
    assert recall_at_50(folder, rankings) > 2 * 50 / 350
    first = rankings.papers[:, :20] % len(SUBJECTS)
    assert (first == (rankings.readers % len(SUBJECTS))[:, None]).mean() > 0.9


def test_two_runs_and_any_number_of_threads_give_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / name for name in ("one.npz", "again.npz", "threads.npz")]
    for file, n_threads in zip(files, (2, 2, 1), strict=True):
        monkeypatch.setattr(rank, "_N_THREADS", n_threads)
        ranked(folder, file)
    assert files[0].read_bytes() == files[1].read_bytes() == files[2].read_bytes()


def test_of_the_test_file_nothing_but_the_readers_counts(folder: Path, tmp_path: Path) -> None:
    known = ranked(folder, tmp_path / "a.npz").papers
    path = folder / "warm/test.csv.gz"
    before = path.read_bytes()
    try:
        write(path, saves([(reader, reader) for reader in range(N_READERS)]))
        assert np.array_equal(ranked(folder, tmp_path / "b.npz").papers, known)
    finally:
        path.write_bytes(before)


def test_validation_never_opens_the_test_file(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_lines(path: Path) -> list[str]:
        assert path.name != "test.csv.gz"
        return lines(path)

    lines = datasets._lines
    monkeypatch.setattr(datasets, "_lines", read_lines)
    rank.main([str(folder), "warm", "--validate", "7"])
    out = capsys.readouterr()
    assert out.out.startswith("R@20 ")
    assert "readers ranked" in out.err


# Among other readers closeness is silent in the prior, so that there is nothing to leave out.
@pytest.mark.parametrize("part", [*sorted(set(rank.PARTS) - {"closeness"}), *rank.TIES])
def test_leaving_something_out_changes_the_rankings(
    folder: Path, tmp_path: Path, part: str
) -> None:
    whole = ranked(folder, tmp_path / "a.npz").papers
    assert not np.array_equal(whole, ranked(folder, tmp_path / "b.npz", "--without", part).papers)


@pytest.mark.parametrize("part", rank.PARTS)
def test_a_part_alone_silences_every_other(part: str) -> None:
    weights = rank.Apart(alone=frozenset([part])).weights(1000).told()
    assert [name for name, weight in weights.items() if weight] == [part]


def test_no_references_is_without_links(folder: Path, tmp_path: Path) -> None:
    one = ranked(folder, tmp_path / "a.npz", "--no-references").papers
    assert np.array_equal(one, ranked(folder, tmp_path / "b.npz", "--without", "links").papers)


def test_content_alone_hears_no_other_reader(folder: Path, tmp_path: Path) -> None:
    known = ranked(folder, tmp_path / "a.npz", "--alone", "words").papers[0]
    path = folder / "warm/train.csv.gz"
    before = path.read_bytes()
    try:
        lines = gzip.decompress(before).decode().splitlines(keepends=True)
        kept = [line for n, line in enumerate(lines) if n == 0 or line.startswith("0,")]
        write(path, "".join([*kept, "1,5\n"]))
        alone = ranked(folder, tmp_path / "b.npz", "--alone", "words")
        assert np.array_equal(alone.papers[0], known)
    finally:
        path.write_bytes(before)


def test_one_paper_leaves_each_ranked_reader_one(folder: Path) -> None:
    split = datasets.read_split(folder, "warm", N_PAPERS)
    readers = np.array([0, 3, 4])
    cut = validation.cut_to_one(split, readers, 0).train
    had = split.train.getnnz(axis=1)
    had[readers] = 1
    assert cut.getnnz(axis=1).tolist() == had.tolist()
    assert cut.multiply(split.train).nnz == cut.nnz


@pytest.mark.parametrize("options", [(), ("--alone", "words")])
def test_what_was_cut_from_a_history_is_no_candidate(
    folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    rankings = ranked(folder, tmp_path / "a.npz", "--one-paper", *options)
    assert recall_at_50(folder, rankings) > 50 / 350  # which refuses what a reader has
    assert not np.array_equal(rankings.papers, ranked(folder, tmp_path / "b.npz", *options).papers)


@pytest.mark.parametrize("name", ["warm", "cold"])
def test_a_held_out_split_has_each_save_of_train_once(folder: Path, name: str) -> None:
    train = datasets.read_split(folder, "warm", N_PAPERS).train
    split, wanted = validation.held_out(train, name, 7)
    assert ((split.train + wanted) != train).nnz == 0
    assert split.train.multiply(wanted).nnz == 0
    if split.candidates is None:
        assert wanted.getnnz(axis=1).max() <= 0.34 * N_SAVES
    else:
        assert set(wanted.indices) <= set(split.candidates.tolist())
        assert not set(split.train.indices) & set(split.candidates.tolist())


def test_too_few_candidates_are_told_in_a_line(folder: Path, tmp_path: Path) -> None:
    write(folder / "cold/train.csv.gz", saves([(0, 0), (1, 1)]))
    write(folder / "cold/test.csv.gz", saves([(0, 301)]))
    write(folder / "cold/cold_papers.csv", "paper\n" + "".join(f"{n}\n" for n in COLD))
    with pytest.raises(SystemExit, match=r"rank: subjects: 60 candidates.* fewer than the 300"):
        rank.main([str(folder), "cold", "--out", str(tmp_path / "a.npz")])


def test_a_text_enters_with_a_title_that_says_nothing() -> None:
    said = Paper(title=rank._UNTITLED, abstract="bees dance")
    assert count_matrix([said]).sum() == count_matrix([Paper(title="bees dance")]).sum() / 3
    assert count_matrix([Paper(title=rank._UNTITLED)]).nnz == 0


class TestTexts:
    def test_the_same_seed_makes_the_same_papers_and_fewer_are_the_first_of_more(self) -> None:
        more = texts.papers(8, 1)
        assert texts.papers(5, 1) == more[:5]
        assert texts.papers(5, 2) != more[:5]
        assert len({paper.abstract for paper in more}) == 8

    def test_real_papers_are_mixed_and_never_repeated(self) -> None:
        real = [paper_on(SUBJECTS[n % 4], n) for n in range(120)]
        made = texts.papers(50, 1, real)
        known = {paper.abstract for paper in real}
        assert not known & {paper.abstract for paper in made}
        words = {word for paper in real for word in paper.abstract.split()}
        assert {word for paper in made for word in paper.abstract.split()} <= words

    def test_too_few_real_papers_are_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "few.jsonl"
        file.write_text('{"title": "On bees", "abstract": "They dance."}\n')
        with pytest.raises(ConfigError, match="has 1 papers with an abstract"):
            texts.read(file)


class TestSpeed:
    def test_without_scikit_learn_one_line_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "sklearn", None)
        with pytest.raises(ConfigError, match=r"pip install 'shelfwise\[benchmark\]'"):
            recipe.check()
        with pytest.raises(SystemExit, match=r"^speed: scikit-learn, .*\]'$"):
            speed.main(["--library", "5"])

    def test_the_ratio_is_of_medians_and_above_1_where_ours_is_faster(self) -> None:
        ours = [speed.Spent(wall, wall / 2) for wall in (1.0, 9.0, 2.0)]
        theirs = [speed.Spent(wall, wall) for wall in (4.0, 8.0, 6.0)]
        told = speed.Figure(100, ours, theirs).told()
        assert (told["ours_wall"], told["recipe_wall"], told["ratio_wall"]) == (2.0, 6.0, 3.0)
        assert told["ratio_cpu"] == 6.0
        assert told["ours_per_second"] == 50.0

    def test_what_is_scored_by_place_is_what_score_says(self) -> None:
        from recommender.model.hybrid import HybridScorer

        made = texts.papers(70, 0)
        model = HybridScorer().fit(speed._library(made[:20]), made[20:50], seed=0)
        asked = made[40:]
        scores = model.score(asked)
        for some in model.located(asked):
            assert np.array_equal(model.scored(some), scores[some.at], equal_nan=True)
