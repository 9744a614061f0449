from recommender.library import Changes, Collection
from recommender.sync import plan


def test_everything_is_fetched_at_first_in_the_librarys_order() -> None:
    todo = plan({}, Changes(version="9", entries={"B": "9", "A": "4"}))

    assert todo.fetch == ("B", "A")
    assert todo.drop == frozenset()


def test_what_is_known_in_that_version_is_not_fetched_again() -> None:
    todo = plan({"A": "4", "B": "5"}, Changes(version="9", entries={"A": "4", "B": "9"}))

    assert todo.fetch == ("B",)


def test_an_entry_that_went_back_to_an_older_version_is_fetched() -> None:
    todo = plan({"A": "7"}, Changes(version="9", entries={"A": "3"}))

    assert todo.fetch == ("A",)


def test_only_deleted_entries_are_dropped_where_the_answer_is_not_complete() -> None:
    todo = plan(
        {"A": "1", "B": "1", "C": "1"},
        Changes(version="9", entries={}, deleted=frozenset({"B", "never known"})),
    )

    assert todo.drop == {"B"}


def test_a_complete_answer_drops_every_entry_that_it_lacks() -> None:
    todo = plan({"A": "1", "B": "1"}, Changes(version="9", entries={"A": "1"}, complete=True))

    assert todo.drop == {"B"}
    assert todo.fetch == ()


def test_an_emptied_library_drops_everything() -> None:
    todo = plan({"A": "1", "B": "1"}, Changes(version="9", entries={}, complete=True))

    assert todo.drop == {"A", "B"}


def test_an_entry_deleted_and_added_again_stays_and_is_fetched() -> None:
    todo = plan({"A": "1"}, Changes(version="9", entries={"A": "9"}, deleted=frozenset({"A"})))

    assert todo.drop == frozenset()
    assert todo.fetch == ("A",)


def test_version_and_collections_are_the_answers() -> None:
    folders = (Collection("C", "Thesis"), Collection("D", "Methods", parent="C"))
    todo = plan({}, Changes(version="9", entries={}, collections=folders))

    assert (todo.version, todo.collections) == ("9", folders)
