from recommender.library import Collection, Item, Library, OtherKind
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
        others=(OtherKind("n", "note"), OtherKind("w", "webpage")),
        skipped=(Skipped("line 1", "is odd"),),
    )
    assert library.n_entries == 4


def test_the_parts_of_an_entry_are_all_that_is_inside_it_however_deep() -> None:
    file = OtherKind("f", "attachment", parent="a")
    mark = OtherKind("m", "annotation", parent="f")
    note = OtherKind("n", "note", parent="b")
    alone = OtherKind("w", "note")
    library = Library(others=(mark, file, note, alone))
    assert library.parts() == {"a": (mark, file), "b": (note,)}


def test_parts_that_are_parts_of_each_other_end_somewhere() -> None:
    library = Library(others=(OtherKind("a", "note", parent="b"), OtherKind("b", "note", "a")))
    assert sum(map(len, library.parts().values())) == 2


def test_a_shelf_is_ours_whatever_it_is_called_but_not_what_the_reader_puts_inside() -> None:
    library = Library(
        collections=(
            Collection("s", "Fresh papers", ours=True),
            Collection("i", "Bees", parent="s"),
            Collection("n", "shelfwise"),
            Collection("t", "Thesis"),
        )
    )
    assert library.on_shelves() == {"s", "n"}
    assert library.paths() == {"t": "Thesis", "i": "Fresh papers / Bees"}


def test_what_is_around_a_shelf_stays_the_readers() -> None:
    library = Library(
        collections=(Collection("t", "Thesis"), Collection("s", "New", "t", ours=True))
    )
    assert library.on_shelves() == {"s"}
    assert library.paths() == {"t": "Thesis"}


def test_libraries_are_joined_whole() -> None:
    mine = Library(
        items=(Item(key="a", paper=Paper(title="A")),), collections=(Collection("c", "C"),)
    )
    ours = Library(others=(OtherKind("n", "note"),), skipped=(Skipped("line 1", "is odd"),))
    assert Library.joined([mine, ours]) == Library(
        items=mine.items, collections=mine.collections, others=ours.others, skipped=ours.skipped
    )
