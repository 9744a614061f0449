import pytest

from recommender.library import Collection, Item, Library, Tag
from recommender.papers import Paper
from recommender.scope import Scope

COLLECTIONS = (
    Collection("T", "Thesis"),
    Collection("M", "Methods", parent="T"),
    Collection("B", "Bayes", parent="M"),
    Collection("H", "Hobby"),
    Collection("S", "Input/Output"),
    Collection("G", "Gone", trashed=True),
)


def item(key: str, *collections: str, tags: tuple[str, ...] = ()) -> Item:
    return Item(
        key=key,
        paper=Paper(title=key),
        collections=collections,
        tags=tuple(Tag(name) for name in tags),
    )


LIBRARY = Library(
    items=(
        item("thesis", "T"),
        item("methods", "M"),
        item("bayes", "B", tags=("Read",)),
        item("hobby", "H", tags=("fun", "old")),
        item("io", "S"),
        item("loose", tags=("read",)),
        item("both", "B", "H"),
        item("gone", "G"),
    ),
    collections=COLLECTIONS,
)
EVERYTHING = {item.key for item in LIBRARY.items}


def counting(scope: Scope) -> set[str]:
    return {item.key for item in scope.of(LIBRARY).items}


def test_without_wishes_everything_counts() -> None:
    assert Scope().of(LIBRARY) == LIBRARY


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("Thesis", {"thesis", "methods", "bayes", "both"}),
        ("thesis/METHODS", {"methods", "bayes", "both"}),
        ("/Thesis/Methods/", {"methods", "bayes", "both"}),
        ("Thesis / Methods", {"methods", "bayes", "both"}),
        ("Thesis/**", {"thesis", "methods", "bayes", "both"}),
        ("Thesis/*", {"methods", "bayes", "both"}),
        ("**/Bayes", {"bayes", "both"}),
        ("*/Bayes", set()),
        ("Methods", set()),
        ("Thes", set()),
        ("H?bby", {"hobby", "both"}),
        ("Input/Output", {"io"}),
        ("Gone", set()),
    ],
)
def test_a_pattern_names_collections_with_what_is_inside(pattern: str, keys: set[str]) -> None:
    assert counting(Scope(include=(pattern,))) == keys
    assert counting(Scope(exclude=(pattern,))) == EVERYTHING - keys


def test_excluding_wins_over_including() -> None:
    assert counting(Scope(include=("Thesis",), exclude=("Hobby",))) == {
        "thesis",
        "methods",
        "bayes",
    }


def test_tags_include_and_exclude_whatever_their_case() -> None:
    assert counting(Scope(include_tags=("READ",))) == {"bayes", "loose"}
    assert counting(Scope(exclude_tags=("fun",))) == EVERYTHING - {"hobby"}
    assert counting(Scope(include=("Thesis",), include_tags=("read",))) == {"bayes"}


def test_brackets_and_dots_in_a_pattern_are_themselves() -> None:
    odd = Library(items=(item("a", "C"),), collections=(Collection("C", "[x] a.b (1)"),))
    assert Scope(include=("[x] a.b (1)",)).of(odd).items == odd.items
    assert Scope(include=("x a.b (1)",)).of(odd).items == ()
    assert Scope(include=("[x] aXb (1)",)).of(odd).items == ()


def test_patterns_that_name_nothing_are_told() -> None:
    scope = Scope(include=("Thesis", "Tehsis"), exclude=("Hobby/Old",))
    assert scope.unmatched(LIBRARY) == ("Tehsis", "Hobby/Old")
