from recommender.library import Collection, Item, Library
from recommender.papers import Paper, Skipped


def test_a_collection_stands_where_its_parents_say() -> None:
    library = Library(
        collections=(Collection("m", "Methods", parent="t"), Collection("t", "Thesis"))
    )
    assert library.paths() == {"m": "Thesis / Methods", "t": "Thesis"}


def test_a_collection_in_the_trash_has_no_path_nor_what_is_inside_it() -> None:
    library = Library(
        collections=(
            Collection("m", "Methods", parent="t"),
            Collection("t", "Thesis", trashed=True),
        )
    )
    assert library.paths() == {}


def test_a_collection_that_is_its_own_ancestor_ends_somewhere() -> None:
    library = Library(collections=(Collection("a", "A", "b"), Collection("b", "B", "a")))
    assert library.paths() == {"a": "B / A", "b": "A / B"}


def test_a_parent_that_is_missing_is_left_out() -> None:
    assert Library(collections=(Collection("a", "A", "gone"),)).paths() == {"a": "A"}


def test_entries_are_papers_other_kinds_and_what_could_not_be_read() -> None:
    library = Library(
        items=(Item(key="a", paper=Paper(title="A")),),
        other_kinds=2,
        skipped=(Skipped("line 1", "is odd"),),
    )
    assert library.n_entries == 4
