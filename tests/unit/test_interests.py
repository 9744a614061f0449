import re

import numpy as np

from recommender.library import Item, Library
from recommender.model.content import Space
from recommender.model.interests import MOST, Interests
from recommender.model.text import count_matrix, words
from recommender.testing.models import library_on, listed_on


def found(library: Library) -> Interests:
    papers = [item.paper for item in library.items]
    corpus = [*papers, *listed_on("bees", "bridges", "verse", each=30)]
    space, placed = Space.spanned_by(count_matrix(corpus), seed=0)
    topics = placed.topics[: len(papers)]
    return Interests.found(library.items, topics, space.weighting, library.paths())


def test_subjects_are_told_apart_and_named_by_their_collections() -> None:
    interests = found(library_on("bees", "bridges", "verse"))
    assert set(interests.names) == {"Bees", "Bridges", "Verse"}
    assert np.bincount(interests.members).tolist() == [4, 4, 4]


def test_the_largest_interest_comes_first() -> None:
    library = library_on("bees", "verse")
    more = tuple(
        Item(key=f"more{n}", paper=item.paper, collections=item.collections)
        for n, item in enumerate(library_on("verse", each=9).items)
    )
    interests = found(Library(items=library.items[:4] + more, collections=library.collections))
    assert interests.names[0] == "Verse"


def test_without_collections_an_interest_is_named_by_its_terms() -> None:
    items = tuple(Item(key=i.key, paper=i.paper) for i in library_on("bees").items)
    names = found(Library(items=items)).names
    about_bees = {
        word for item in items for word in words(f"{item.paper.title} {item.paper.abstract}")
    }
    titles = {item.paper.title for item in items}
    assert names
    assert all(set(re.findall(r"\w+", name)) <= about_bees or name in titles for name in names)


def test_one_paper_is_one_interest() -> None:
    interests = found(library_on("bees", each=1))
    assert len(interests.names) == 1
    assert interests.members.tolist() == [0]


def test_there_are_never_too_many_and_no_two_have_one_name() -> None:
    draw = np.random.default_rng(0)
    library = library_on("bees", "bridges", "verse", each=20)
    topics = draw.normal(size=(60, 30)).astype(np.float32)
    topics /= np.linalg.norm(topics, axis=1, keepdims=True)
    space, _ = Space.spanned_by(count_matrix(i.paper for i in library.items), seed=0)
    interests = Interests.found(library.items, topics, space.weighting, library.paths())
    assert len(interests.names) == len(set(interests.names)) <= MOST
    assert set(interests.members.tolist()) == set(range(len(interests.names)))
