"""What every format decides alike of a record: kind, title, authors, venue, page, key."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from integrations.files.records import (
    NO_TITLE,
    Genres,
    Record,
    entries,
    made_up_key,
    outer_first,
    storable,
)
from recommender.identity import same_work
from recommender.library import Collection, Item, OtherKind, Unreadable
from recommender.papers import Author, Kind, Skipped

GENRES = Genres(
    {"paper": Kind.ARTICLE, "tome": Kind.BOOK, "part": Kind.CHAPTER},
    frozenset({"page"}),
    frozenset({"song"}),
)


def record(**fields: Any) -> Record:
    named = {"key": "k", "place": "here", "genre": "paper", "title": "On bees"} | fields
    return Record(genres=GENRES, **named)


def test_a_record_is_a_paper_another_kind_or_unreadable() -> None:
    author = (Author("Huber"),)
    found = entries(
        [
            record(),
            record(title=""),
            record(genre="song", authors=author),
            record(genre="page", authors=author),
            record(genre="page", urls=("https://doi.org/10.1234/a",)),
            record(genre="thing"),
            record(genre="thing", authors=author),
            Unreadable("k", Skipped("there", "is torn")),
        ]
    )
    assert [type(entry) for entry in found] == [
        Item, Unreadable, OtherKind, OtherKind, Item, OtherKind, Item, Unreadable,
    ]  # fmt: skip
    assert [entry.key for entry in found] == ["k", *(f"k#{n}" for n in range(2, 9))]


@pytest.mark.parametrize(
    ("urls", "page"),
    [
        (("https://doi.org/10.1234/a",), ""),
        (("https://hives.example/a", "https://doi.org/10.1234/a"), "https://hives.example/a"),
        (("http://arxiv.org/pdf/2101.00001v2",), ""),
        (
            ("https://arxiv.org/abs/2101.00001", "https://doi.org/10.1234/a"),
            "https://arxiv.org/abs/2101.00001",
        ),
        (("ftp://x", "javascript:alert(1)", "C:\\my files\\a.pdf"), ""),
        (("https://a.example/b c",), ""),
        ((), ""),
    ],
)
def test_the_page_is_what_the_ids_do_not_give(urls: tuple[str, ...], page: str) -> None:
    [item] = entries([record(urls=urls)])
    assert isinstance(item, Item)
    assert item.paper.url == page


def test_a_made_up_key_says_something() -> None:
    assert made_up_key("On the Bees", (Author("O'Huber"),), "2021-03") == "ohuber2021bees"
    assert made_up_key("On", (), "") == "on"
    assert made_up_key("", (), "") == ""


def test_a_record_without_a_key_gets_one_that_does_not_move() -> None:
    huber = {"key": "", "authors": (Author("Huber"),), "published": "2021-03"}
    found = entries([record(), record(**huber), record(**huber, title=""), record(key="")])
    assert [entry.key for entry in found] == ["k", "huber2021bees", "huber2021", "bees"]


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"abstract": "Bees  dance."}, "Untitled [k]: Bees dance."),
        ({"abstract": "Bees dance. " * 9}, f"Untitled [k]: {'Bees dance. ' * 6}Bees…"),
        (
            {"authors": (Author("Huber", "M."), Author("Li")), "published": "2021-03"},
            "Untitled, Huber 2021 [k]",
        ),
        ({"authors": (Author("Huber"),), "venues": ("Hives",)}, "Untitled, Huber, in Hives [k]"),
        ({"key": "", "urls": ("https://doi.org/10.1234/A",)}, "Untitled [doi:10.1234/a]"),
        ({"key": "huber_bees_2021"}, "Untitled [huber_bees_2021]"),
        ({"key": "huber_bees:_????"}, "Untitled [huber_bees:_????]"),
        ({"genre": "part", "book": "Hives"}, "Hives"),
        ({"genre": "tome", "book": "Hives"}, "Hives"),
        ({"book": "Hives", "authors": (Author("Huber"),)}, "Untitled, Huber [k]"),
    ],
)
def test_a_work_without_a_title_is_called_by_what_is_known(
    fields: dict[str, Any], title: str
) -> None:
    [item] = entries([record(**{"title": ""} | fields)])
    assert isinstance(item, Item)
    assert item.paper.title == title


@pytest.mark.parametrize("key", ["", "k", "noauthor_notitle_nodate", "2021", "PQ12201899", "p. 3"])
def test_a_record_that_says_nothing_is_reported(key: str) -> None:
    [entry] = entries([record(key=key, title="", venues=("Hives",), published="2021")])
    assert isinstance(entry, Unreadable)
    assert entry.skipped == Skipped("here", NO_TITLE)


def test_untitled_works_stay_apart_from_each_other_and_from_titled_ones() -> None:
    bare = {"title": "", "authors": (Author("Huber"),), "published": "2021"}
    names = ("Huber_2021", "huber2021", "huber-2021", "huber2021b", "")
    found = entries([*(record(key=key, **bare) for key in names), record(**bare | {"title": "x"})])
    papers = [entry.paper for entry in found if isinstance(entry, Item)]
    assert len(papers) == 6
    assert not any(same_work(a, b) for a, b in combinations(papers, 2))
    copied = replace(papers[0], title="Untitled, Huber 2021 [huber2021c]")
    assert not same_work(papers[0], copied)


def test_editors_stand_for_the_authors_of_a_whole_book_alone() -> None:
    editors = {"editors": (Author("Huber"),)}
    whole = [record(genre=kind, **editors) for kind in ("tome", "part", "paper", "thing")]
    found = entries([*whole, record(genre="part", title="", book="Hives", **editors)])
    assert [len(e.paper.authors) for e in found if isinstance(e, Item)] == [1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"venues": ("bioRxiv",)}, Kind.PREPRINT),
        ({"venues": ("https://a.example", "arXiv:2101.00001 [cs]")}, Kind.PREPRINT),
        ({"urls": ("https://doi.org/10.2139/ssrn.123",)}, Kind.PREPRINT),
        ({"remarks": "on Research Square"}, Kind.PREPRINT),
        ({"remarks": "on Research Square", "venues": ("Hives",)}, Kind.ARTICLE),
        ({"urls": ("https://arxiv.org/abs/2101.00001",), "venues": ("Hives",)}, Kind.ARTICLE),
        ({"genre": "tome", "urls": ("https://arxiv.org/abs/2101.00001",)}, Kind.BOOK),
    ],
)
def test_what_is_only_on_a_preprint_server_is_a_preprint(
    fields: dict[str, Any], kind: Kind
) -> None:
    [item] = entries([record(**fields)])
    assert isinstance(item, Item)
    assert item.paper.kind is kind


@pytest.mark.parametrize(
    ("venues", "venue"),
    [
        (("https://a.example", "Hives"), "Hives"),
        (("CoRR abs/2101.00001", "Hives"), "arXiv"),
        (("Corr. Bees",), "Corr. Bees"),
        (("https://a.example",), ""),
    ],
)
def test_a_venue_is_no_address(venues: tuple[str, ...], venue: str) -> None:
    [item] = entries([record(venues=venues)])
    assert isinstance(item, Item)
    assert item.paper.venue == venue


def test_collections_stand_behind_those_around_them() -> None:
    a, b, lost = Collection("a", "A", "b"), Collection("b", "B"), Collection("c", "C", "gone")
    assert outer_first([a, b, lost]) == (b, a, Collection("c", "C"))


def test_what_no_database_takes_is_left_out() -> None:
    assert storable("a\0b\ud83d\ude00c") == "ab😀c"
    assert storable("a\ud83db").encode() == "a\ufffdb".encode()
