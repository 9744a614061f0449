from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pytest

from recommender.ingest import Place, candidate_of
from recommender.library import Collection, Item, Library
from recommender.model import evaluation
from recommender.model.baselines import BASELINES, TF_IDF, Ranking, by_chance
from recommender.model.counting import Counted
from recommender.model.evaluation import HYBRID, MAIN, MEASURES, Evaluation, Replayed, replays
from recommender.model.parts import PARTS, Opinions, Weights
from recommender.model.replay import Fold, History, Sighting, folds
from recommender.model.text import count_matrix
from recommender.model.verdict import verdict
from recommender.papers import Paper
from recommender.testing.models import paper_on

EVEN = Weights(walk=1, closeness=1, tastes=1, words=1, contrast=1, authors=1, venue=1)


def month(
    name: str,
    wanted: Sequence[bool],
    interests: Sequence[int] = (),
    published: str = "",
    **values: Sequence[float] | npt.NDArray[np.float64],
) -> Replayed:
    """A month with these values of the parts; the others say nothing."""
    n = len(wanted)
    pool = tuple(Paper(title=f"{name} {number}", published=published) for number in range(n))
    matrix = np.zeros((n, len(PARTS)), np.float32)
    for part, column in values.items():
        matrix[:, PARTS.index(part)] = column
    which = np.array(interests or [0] * n)
    by_interest = (which[:, None] == np.arange(3)).astype(np.float32)
    fold = Fold(
        month=name,
        by_listing=True,
        before=Library(),
        pool=pool,
        wanted=np.array(wanted),
        popularity=np.zeros(n),
        listed=pool,
        dislikes=(),
        n_suggested=0,
    )
    simple = {name: by_chance(np.zeros(n), 0) for name in BASELINES}
    left = np.ones(n, np.float32)
    opinions = Opinions(matrix, np.ones(n, np.bool_), by_interest, left)
    return Replayed(fold, opinions, EVEN, simple, 0)


def test_a_perfect_ranking_has_every_measure_at_its_most() -> None:
    wanted = [True] * 4 + [False] * 36
    found = Evaluation.of([month("a", wanted, walk=[1.0] * 4 + [0.0] * 36)], None, 0)
    got = {measure: found.results[HYBRID][measure][0] for measure in MEASURES}
    assert got == {
        "precision@5": 0.8,
        "precision@10": 0.4,
        "recall@10": 1,
        "recall@20": 1,
        "NDCG@10": 1,
        "coverage@10": 1,
    }


def test_coverage_is_of_interests_that_are_wanted_and_only_a_hit_serves_one() -> None:
    wanted = [True, True, True, *[False] * 30]
    # The third one's interest is seen in the first ten, but by papers that were not wanted.
    interests = [0, 1, 2, *[2] * 30]
    scores = [9.0, 8.0, 0.1, *np.linspace(7, 1, 30)]
    found = Evaluation.of([month("a", wanted, interests, walk=scores)], None, 0)
    assert found.results[HYBRID]["coverage@10"][0] == pytest.approx(2 / 3)


def test_equal_papers_are_ranked_by_chance_and_chance_is_measured_by_its_mean() -> None:
    ranking = by_chance(np.array([1.0, 5.0, 1.0, np.nan, 1.0]), seed=0)
    assert (np.argmax(ranking, axis=1) == 1).all()
    assert (np.argmin(ranking, axis=1) == 3).all()
    seconds = np.argsort(-ranking, axis=1)[:, 1]
    assert set(seconds) == {0, 2, 4}
    wanted = [True] * 20 + [False] * 80
    found = Evaluation.of([month("a", wanted, walk=range(100))], None, 0)
    assert found.results["chance"]["precision@10"][0] == pytest.approx(0.2, abs=0.08)


def test_a_part_that_says_nothing_is_no_ranking_and_loses_nothing() -> None:
    scores = np.linspace(1, 0, 30)
    months = [month("a", [True] * 3 + [False] * 27, walk=scores, authors=scores[::-1] / 10)]
    found = Evaluation.of(months, None, 0)
    assert found.results.keys() == {HYBRID, *BASELINES, "walk", "authors"}
    parts = found.contributions
    assert parts["venue"].share == 0
    assert parts["venue"].lost.tolist() == [0]
    assert sum(part.share for part in parts.values()) == pytest.approx(1, abs=1e-6)
    assert parts["walk"].share > 0.9
    assert parts["walk"].lost[0] == pytest.approx(1)


def test_each_month_is_ranked_by_its_own_weights() -> None:
    scores = np.linspace(1, 0, 30)
    wanted = [True] * 3 + [False] * 27
    months = [month(name, wanted, walk=scores[::-1], words=scores) for name in "ab"]
    by_words, by_walk = replace(EVEN, walk=0.0), replace(EVEN, words=0.0)
    found = Evaluation.of(months, [by_words, by_walk], 0)
    assert found.results[HYBRID]["NDCG@10"].tolist() == [1, 0]


def test_given_weights_take_the_place_of_the_prior() -> None:
    scores = np.linspace(1, 0, 30)
    months = [month("a", [True] * 3 + [False] * 27, walk=scores[::-1], words=scores / 2)]
    assert Evaluation.of(months, None, 0).results[HYBRID]["NDCG@10"][0] == 0
    told = Evaluation.of(months, [replace(EVEN, walk=0.0)], 0)
    assert told.results[HYBRID]["NDCG@10"][0] == 1
    assert told.contributions["walk"].weight == 0


def good_months(n: int, n_wanted: int) -> list[Replayed]:
    wanted = [True] * n_wanted + [False] * 40
    scores = np.linspace(1, 0, len(wanted))
    return [month(f"2025-{m:02}", wanted, walk=scores) for m in range(1, n + 1)]


def as_ours(one: Replayed) -> Ranking:
    return one.opinions.total(EVEN)[None, :].astype(np.float64)


def test_too_few_months_or_wanted_papers_are_too_little_to_tell() -> None:
    few = verdict(Evaluation.of(good_months(5, 20), None, 0))
    assert few.can == ()
    assert "too little history to tell" in few.cannot[0]
    assert "5 months could be replayed, and it takes 6" in few.cannot[0]
    rare = verdict(Evaluation.of(good_months(6, 3), None, 0))
    assert rare.can == ()
    assert "18 papers were wanted, and it takes 20" in rare.cannot[0]
    none = verdict(None, "no paper says when it was added")
    assert none.cannot[0].endswith("suggestions are: no paper says when it was added.")


def test_what_the_test_leaves_open_is_said_to_be_open() -> None:
    months = good_months(8, 8)
    as_good = [replace(one, baselines={**one.baselines, TF_IDF: as_ours(one)}) for one in months]
    told = verdict(Evaluation.of(as_good, None, 0))
    assert told.can == ("What you saved was ranked better than by chance.",)
    [open_] = told.cannot
    assert "too little history to tell whether one TF-IDF centroid would do as well" in open_
    assert "the difference in NDCG@10, +0.000, may be chance (p = 1.000)" in open_


def test_what_only_the_interval_calls_better_is_not_said() -> None:
    months = good_months(6, 8)
    found = Evaluation.of(months, None, 0)
    # In each month, but of six the test can tell at 5 % of one ranking alone, and here are two.
    assert found.gain(TF_IDF, MAIN).low > 0
    assert found.p_values() == {TF_IDF: 4 / 64, "chance": 4 / 64}
    told = verdict(found)
    assert told.can == ()
    assert all("may be chance (p = 0.062)" in sentence for sentence in told.cannot)
    assert len(verdict(Evaluation.of(good_months(7, 8), None, 0)).can) == 1


def noise(seed: int, n_months: int) -> list[Replayed]:
    """Months in which nothing knows what was wanted, and which no ranking finds often."""
    rng = np.random.default_rng(seed)
    wanted, found = np.arange(60) < 3, []
    for number in range(n_months):
        one = month(f"2025-{number + 1:02}", wanted.tolist(), published="2025", walk=rng.random(60))
        said = {name: rng.random(60) for name in BASELINES} | {"chance": np.zeros(60)}
        simple = {name: by_chance(said[name], int(rng.integers(2**31))) for name in BASELINES}
        fold = replace(one.fold, popularity=said["popularity"])
        found.append(replace(one, fold=fold, baselines=simple))
    return found


def test_of_noise_next_to_nothing_is_said() -> None:
    evaluations = [Evaluation.of(noise(seed, 10), None, 0) for seed in range(60)]
    assert all(one.blind == () for one in evaluations)
    said = [verdict(one).can for one in evaluations if verdict(one).can]
    assert len(said) <= 0.07 * len(evaluations)


def test_a_ranking_that_finds_as_rarely_as_chance_is_not_called_worse() -> None:
    # In no month is anything found: worse than the mean of chance in each, as most draws of it are.
    wanted = [True] * 2 + [False] * 398
    months = []
    for number in range(1, 13):
        one = month(f"2025-{number:02}", wanted, walk=np.arange(400.0))
        simple = {name: by_chance(np.zeros(400), number) for name in BASELINES}
        months.append(replace(one, baselines=simple))
    found = Evaluation.of(months, None, 0)
    assert found.gain("chance", MAIN).high < 0
    assert found.p_values()["chance"] > 0.05
    assert verdict(found).can == ()


def test_what_ranks_better_is_said_to_be_better() -> None:
    wanted = [True] * 8 + [False] * 40
    months = [month(f"2025-0{m}", wanted, walk=np.linspace(0, 1, 48)) for m in range(1, 9)]
    better = [replace(one, baselines={**one.baselines, TF_IDF: -as_ours(one)}) for one in months]
    told = verdict(Evaluation.of(better, None, 0))
    assert "What you saved was ranked worse than by one TF-IDF centroid" in told.can[0]


def test_a_simple_ranking_without_anything_to_go_by_is_named() -> None:
    wanted = [True] * 3 + [False] * 30
    blind = Evaluation.of([month("a", wanted, walk=range(33))], None, 0)
    assert blind.blind == ("popularity", "recency")
    one = month("a", wanted, published="2025", walk=range(33))
    votes = replace(one, fold=replace(one.fold, popularity=np.arange(33.0)))
    assert Evaluation.of([votes], None, 0).blind == ()


def test_counts_are_looked_up_and_what_is_new_is_counted() -> None:
    papers = [paper_on("bees", n) for n in range(6)]
    counts = Counted.of(papers[:4])
    for some in (papers[1:3], papers, papers[4:], [papers[5], papers[0], papers[0]], []):
        found, wanted = counts(some), count_matrix(some)
        assert (found != wanted).nnz == 0
        assert found.shape == wanted.shape


@pytest.fixture(scope="module")
def replayed() -> list[Replayed]:
    """Eight months of a reader of bees and verse, among papers on bridges and glass."""
    items = [
        Item(
            key=f"{subject}{n}",
            paper=replace(paper_on(subject, n), published="2020"),
            collections=(subject,),
            added_at=datetime(2025, 1 + n // 4, 3, tzinfo=UTC),
        )
        for subject in ("bees", "verse")
        for n in range(36)
    ]
    others = [paper_on(subject, n) for subject in ("bridges", "glass") for n in range(20)]
    listed = [
        Sighting(candidate_of((replace(paper, published="2024"),), [Place("s", "p", 1)]), None)
        for paper in others
    ]
    library = Library(items=tuple(items), collections=(Collection("bees", "Bees"),))
    months = folds(History(library=library, sightings=listed), 12)
    counts = Counted.of(p for m in months for p in (*(i.paper for i in m.before.items), *m.listed))
    return [one for one in replays(months, counts, 0) if one]


def test_replay_finds_what_was_saved(replayed: list[Replayed]) -> None:
    found = Evaluation.of(replayed, None, 0)
    assert len(replayed) == 8
    assert found.n_wanted == 64
    assert found.results[HYBRID]["NDCG@10"].min() > 0.95
    assert found.results[TF_IDF]["NDCG@10"].min() > 0.9
    # The listed papers are younger than all that was saved.
    assert found.results["recency"]["NDCG@10"].max() == 0
    assert found.results["chance"]["NDCG@10"].max() < 0.5
    assert found.results[HYBRID]["coverage@10"].min() == 1
    assert "better than by recency" in verdict(found).can[0]


def test_replay_is_the_same_each_time(replayed: list[Replayed]) -> None:
    months = [one.fold for one in replayed]
    for one, again in zip(replayed, replays(months, count_matrix, 0), strict=True):
        assert again is not None
        np.testing.assert_array_equal(one.opinions.values, again.opinions.values)
        np.testing.assert_array_equal(one.baselines[TF_IDF], again.baselines[TF_IDF])


def test_each_month_has_draws_of_its_own(replayed: list[Replayed]) -> None:
    # The pools are of one size: with the same draws chance would have the same luck in each.
    orders = {tuple(one.baselines["chance"][0]) for one in replayed}
    assert len({len(one.fold.pool) for one in replayed}) == 1
    assert len(orders) == len(replayed)


def test_a_month_before_which_there_was_no_word_is_passed_over(replayed: list[Replayed]) -> None:
    fold = replayed[0].fold
    mute = Library(items=(Item(key="x", paper=Paper(title="1 2 3")),))
    blank = [replace(fold, before=mute), fold]
    first, second = replays(blank, count_matrix, 0)
    assert first is None
    assert isinstance(second, evaluation.Replayed)
