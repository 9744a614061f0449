"""Which interests the reader means, and which papers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.guidance import NO_GUIDANCE, Guidance, seed_id
from recommender.papers import Paper

TERMS = "graph network, node embedding"
FILED = "Thesis / Methods"
BOTH = f"{FILED}: {TERMS}"


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        (TERMS, {TERMS, BOTH}),
        ("graph network", {TERMS, BOTH}),
        ("Node Embedding", {TERMS, BOTH}),
        ("network", set()),
        ("graph", set()),
        ("*graph*", {TERMS, BOTH}),
        ("graph*", {TERMS, BOTH}),
        ("n?de embedding", {TERMS, BOTH}),
        ("Thesis", {FILED, BOTH}),
        ("thesis/METHODS", {FILED, BOTH}),
        ("Thesis / Methods", {FILED, BOTH}),
        ("Thesis/*", {FILED, BOTH}),
        ("**/Methods", {FILED, BOTH}),
        ("Methods", set()),
        (BOTH, {BOTH}),
        ("*", {TERMS, FILED, BOTH}),
        ("[graph] network", set()),
    ],
)
def test_a_pattern_means_interests_by_name_collection_and_term(
    pattern: str, meant: set[str]
) -> None:
    asked = Guidance(excluded=(pattern,), muted=(pattern,), boosts=((pattern, 2.0),))
    boosting = Guidance(boosts=((pattern, 2.0),))
    for name in (TERMS, FILED, BOTH, "poetry, verse"):
        is_meant = name in meant or pattern == "*"
        assert asked.excludes({name}) is is_meant
        assert asked.factor({name}) == (0.0 if is_meant else 1.0)
        assert boosting.factor({name}) == (2.0 if is_meant else 1.0)


def test_any_of_an_interests_names_is_enough() -> None:
    asked = Guidance(boosts=(("Thesis", 3.0),), excluded=("graph network",))
    assert asked.factor([TERMS, FILED]) == 3.0
    assert asked.excludes([FILED, TERMS])
    assert not asked.excludes([FILED])
    assert not asked.excludes([])


def test_every_boost_that_fits_counts_once() -> None:
    asked = Guidance(boosts=(("Thesis", 3.0), ("graph*", 0.5), ("poetry", 7.0)))
    # That two names of an interest fit one pattern makes it no stronger.
    assert asked.factor([BOTH, FILED, TERMS]) == 1.5


def test_muted_is_stronger_than_boosted() -> None:
    assert Guidance(boosts=(("Thesis", 9.0),), muted=("thesis",)).factor([FILED]) == 0.0


@given(st.lists(st.text(max_size=20), max_size=4))
def test_who_asks_for_nothing_changes_nothing(names: list[str]) -> None:
    assert NO_GUIDANCE.factor(names) == 1.0
    assert not NO_GUIDANCE.excludes(names)
    assert not NO_GUIDANCE.teaches


@given(st.text(st.characters(exclude_characters="*?/"), min_size=1, max_size=30).map(str.strip))
def test_an_interest_is_meant_by_its_own_name_whatever_is_in_it(name: str) -> None:
    assert Guidance(excluded=(name,)).excludes([name]) is bool(name)


def test_goals_and_seeds_teach_and_nothing_else_does() -> None:
    assert Guidance(goals=("how bees dance",)).teaches
    assert Guidance(seeds=(Paper(title="On bees"),)).teaches
    assert not Guidance(boosts=(("a", 2.0),), muted=("b",), excluded=("c",)).teaches


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("10.1234/AbC", "doi:10.1234/abc"),
        ("doi:10.1234/abc", "doi:10.1234/abc"),
        (" DOI 10.1234/abc ", "doi:10.1234/abc"),
        ("https://doi.org/10.1234/abc", "doi:10.1234/abc"),
        ("2101.00001v3", "arxiv:2101.00001"),
        ("arXiv:2101.00001", "arxiv:2101.00001"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("https://arxiv.org/pdf/2101.00001v2", "arxiv:2101.00001"),
        ("10.48550/arXiv.2101.00001", "arxiv:2101.00001"),
        ("pmid:123456", "pmid:123456"),
        ("PMID 123456", "pmid:123456"),
        ("https://openreview.net/forum?id=abcDEF123", "openreview:abcDEF123"),
        ("P19-1001", "acl:P19-1001"),
        ("W2741809807", "openalex:W2741809807"),
        ("978-0-306-40615-7", "isbn:9780306406157"),
        ("dblp:conf/nips/VaswaniSPUJGKP17", "dblp:conf/nips/VaswaniSPUJGKP17"),
    ],
)
def test_an_id_is_known_in_any_spelling(text: str, spelt: str) -> None:
    assert str(seed_id(text)) == spelt


@pytest.mark.parametrize(
    "text",
    [
        "seeds.bib",
        "seeds/*.bib",
        "2101.00001.bib",
        "./arxiv 2101.00001.bib",
        "/home/ada/doi.org/10.1234/abc.bib",
        "~/10.1234/abc.bib",
        "../10.1234/abc",
        "C:\\papers\\arXiv 2101.00001.ris",
        "c:/papers/10.1234/abc.ris",
        "journals/bees/dances.bib",
        "123456",
        "doi:nothing",
    ],
)
def test_anything_else_is_a_file(text: str) -> None:
    assert seed_id(text) is None
