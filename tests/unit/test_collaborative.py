import numpy as np
import numpy.typing as npt
import pytest

from recommender.arrays import Vectors
from recommender.library import Collection, Item, Library, Tag
from recommender.model.collaborative import Collaborative, Interactions
from recommender.model.evidence import average_precision, collaborative_weight
from recommender.papers import Paper


def library(*filed: tuple[str, ...], tags: tuple[Tag, ...] = ()) -> Library:
    return Library(
        items=tuple(
            Item(key=str(n), paper=Paper(title=f"Paper {n}"), collections=keys, tags=tags)
            for n, keys in enumerate(filed)
        ),
        collections=(Collection("a", "Apples"), Collection("b", "Bees", parent="a")),
    )


def checkerboard(n_readers: int, n_papers: int) -> Interactions:
    """Even readers have even papers, odd readers odd ones."""
    filed = [tuple(str(r) for r in range(n_readers) if r % 2 == n % 2) for n in range(n_papers)]
    held = Library(
        items=tuple(
            Item(key=str(n), paper=Paper(title=f"Paper {n}"), collections=keys)
            for n, keys in enumerate(filed)
        ),
        collections=tuple(Collection(str(r), f"reader {r}") for r in range(n_readers)),
    )
    return Interactions.of(held, held.items)


def unit(rows: npt.NDArray[np.float64]) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / lengths, np.float32)


def parity_topics(n_papers: int, *, noise: float = 0.0) -> Vectors:
    rows = np.zeros((n_papers, 8))
    rows[np.arange(n_papers), np.arange(n_papers) % 2] = 1
    return unit(rows + np.random.default_rng(0).normal(0, noise, rows.shape))


def test_collections_and_tags_are_readers() -> None:
    held = library(("a",), ("a", "b"), ("b",), tags=(Tag("to read"), Tag("kw", automatic=True)))
    found = Interactions.of(held, held.items)
    assert found.readers.names == (
        "collection “Apples / Bees”",
        "collection “Apples”",
        "tag “kw”",
        "tag “to read”",
    )
    matrix = found.readers_by_papers.toarray()
    assert matrix[found.readers.number("collection “Apples”")].tolist() == [1, 1, 0]
    by_hand = matrix[found.readers.number("tag “to read”")]
    by_program = matrix[found.readers.number("tag “kw”")]
    assert (by_hand > by_program).all()
    assert (by_program > 0).all()


def test_group_members_are_readers() -> None:
    items = tuple(
        Item(key=str(n), paper=Paper(title=f"Paper {n}"), added_by="Ada") for n in range(2)
    )
    assert Interactions.of(Library(items=items), items).readers.names == ("group member Ada",)


def test_a_reader_of_one_paper_is_none() -> None:
    held = library(("a",), ("b",), ("b",))
    assert Interactions.of(held, held.items).readers.names == ("collection “Apples / Bees”",)


def test_a_library_without_collections_has_no_readers() -> None:
    held = library((), ())
    assert Interactions.of(held, held.items).readers_by_papers.shape == (0, 2)


def test_hiding_papers_hides_them_from_every_reader() -> None:
    hidden = checkerboard(4, 6).without(np.array([0, 1]))
    assert not hidden.readers_by_papers.toarray()[:, :2].any()
    assert hidden.readers_by_papers.toarray()[:, 2:].any()


def test_even_readers_are_drawn_to_new_even_papers() -> None:
    fitted = Collaborative.fit(checkerboard(6, 20), parity_topics(20), seed=0)
    said = fitted.contributions(parity_topics(2))
    even_reader, odd_reader = 0, 1
    assert said[0, even_reader] > 0.05 > said[0, odd_reader]
    assert said[1, odd_reader] > 0.05 > said[1, even_reader]


def test_contributions_are_not_negative_and_sum_to_at_most_1() -> None:
    fitted = Collaborative.fit(checkerboard(6, 20), parity_topics(20), seed=0)
    said = fitted.contributions(np.vstack([parity_topics(10, noise=2.0), parity_topics(1) * 0]))
    assert (said >= 0).all()
    assert (said.sum(axis=1) <= 1).all()
    assert said[-1].sum() == 0


def test_shapes_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="20 columns, but 19 items"):
        Collaborative.fit(checkerboard(6, 20), parity_topics(19), seed=0)


def test_without_evidence_the_collaborative_part_says_nothing() -> None:
    topics, others = parity_topics(40), parity_topics(40)
    few_readers = checkerboard(2, 40)
    assert collaborative_weight(few_readers, topics, others, seed=0) == 0
    few_papers = checkerboard(6, 10)
    assert collaborative_weight(few_papers, topics[:10], others, seed=0) == 0
    nothing_listed = checkerboard(6, 40)
    assert collaborative_weight(nothing_listed, topics, others[:3], seed=0) == 0


def filed_at_random(seed: int) -> float:
    """The weight in a world whose readers file without regard to topics."""
    draw = np.random.default_rng(seed)
    names = [str(r) for r in range(6)]
    items = tuple(
        Item(
            key=str(n),
            paper=Paper(title=f"Paper {n}"),
            collections=tuple(draw.choice(names, 2, replace=False).tolist()),
        )
        for n in range(60)
    )
    held = Library(items=items, collections=tuple(Collection(r, r) for r in names))
    others = unit(draw.normal(size=(60, 8)))
    topics = unit(parity_topics(60) + draw.normal(0, 0.5, (60, 8)))
    return collaborative_weight(Interactions.of(held, items), topics, others, seed=seed)


def test_readers_who_file_at_random_hardly_ever_get_weight() -> None:
    assert sum(filed_at_random(seed) > 0 for seed in range(20)) <= 1


def test_readers_who_know_better_than_content_get_weight() -> None:
    # Each collection's papers share a direction that is weak in each of them: nearness is misled
    # by noise, while the collection's factors average it away.
    draw = np.random.default_rng(0)
    n, d, n_collections = 160, 40, 8
    made = draw.normal(0, 1, (n, d))
    made[np.arange(n), np.arange(n) % n_collections] += 3
    strangers = draw.normal(0, 1, (n, d))
    names = [str(r) for r in range(n_collections)]
    items = tuple(
        Item(key=str(i), paper=Paper(title=f"Paper {i}"), collections=(names[i % n_collections],))
        for i in range(n)
    )
    held = Library(items=items, collections=tuple(Collection(r, r) for r in names))
    found = Interactions.of(held, items)
    for seed in range(4):
        assert collaborative_weight(found, unit(made), unit(strangers), seed=seed) > 0


def test_shuffling_leaves_each_reader_as_many_papers() -> None:
    found = checkerboard(4, 10)
    mixed = found.shuffled(np.arange(10), seed=0).readers_by_papers
    assert mixed.sum(axis=1).tolist() == found.readers_by_papers.sum(axis=1).tolist()
    assert (mixed != found.readers_by_papers).nnz > 0


def test_average_precision_is_that_of_the_textbook() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    assert average_precision(scores, np.array([True, False, True, False])) == pytest.approx(5 / 6)
    assert average_precision(scores, np.array([True, True, False, False])) == 1
    assert average_precision(scores, np.array([False] * 4)) == 0
