import numpy as np

from recommender.library import Collection, Item, Library, Tag
from recommender.model.readers import Readers
from recommender.papers import Paper
from tests.unit.model_worlds import dense, readers_of

CHECKERBOARD = readers_of([(0, 2) if n % 2 == 0 else (1, 3) for n in range(10)])


def filed(*collections: tuple[str, ...], tags: tuple[Tag, ...] = ()) -> Readers:
    items = tuple(
        Item(key=str(n), paper=Paper(title=f"Paper {n}"), collections=keys, tags=tags)
        for n, keys in enumerate(collections)
    )
    named = (
        Collection("a", "Apples"),
        Collection("b", "Bees", parent="a"),
        Collection("ours", "Shelfwise"),
    )
    return Readers.of(Library(items=items, collections=named), items)


def test_collections_and_tags_are_readers() -> None:
    found = filed(("a",), ("a", "b"), ("b",), tags=(Tag("to read"), Tag("kw", automatic=True)))
    assert found.names.names == (
        "collection “Apples / Bees”",
        "collection “Apples”",
        "tag “kw”",
        "tag “to read”",
    )
    matrix = dense(found.by_papers)
    assert matrix[found.names.number("collection “Apples”")].tolist() == [1, 1, 0]
    by_hand = matrix[found.names.number("tag “to read”")]
    by_program = matrix[found.names.number("tag “kw”")]
    assert (by_hand > by_program).all()
    assert (by_program > 0).all()


def test_group_members_are_readers() -> None:
    items = tuple(
        Item(key=str(n), paper=Paper(title=f"Paper {n}"), added_by="Ada") for n in range(2)
    )
    assert Readers.of(Library(items=items), items).names.names == ("group member Ada",)


def test_a_reader_of_one_paper_is_none() -> None:
    assert filed(("a",), ("b",), ("b",)).names.names == ("collection “Apples / Bees”",)


def test_our_own_shelf_and_tag_are_no_choice_of_the_readers() -> None:
    found = filed(("ours",), ("ours",), tags=(Tag("shelfwise"), Tag("to read")))
    assert found.names.names == ("tag “to read”",)


def test_a_library_without_collections_has_no_readers() -> None:
    assert filed((), ()).by_papers.shape == (0, 2)


def test_hiding_papers_hides_them_from_every_reader() -> None:
    hidden = dense(CHECKERBOARD.without(np.array([0, 1])).by_papers)
    assert not hidden[:, :2].any()
    np.testing.assert_array_equal(hidden[:, 2:], dense(CHECKERBOARD.by_papers)[:, 2:])


def test_shuffling_leaves_each_reader_as_many_papers_and_the_others_theirs() -> None:
    mixed = dense(CHECKERBOARD.shuffled(np.arange(8), seed=0).by_papers)
    before = dense(CHECKERBOARD.by_papers)
    assert mixed.sum(axis=1).tolist() == before.sum(axis=1).tolist()
    assert (mixed != before).any()
    np.testing.assert_array_equal(mixed[:, 8:], before[:, 8:])
