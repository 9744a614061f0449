"""Hypothesis strategies for the values: for the laws that every adapter and decision must keep.

The values are drawn from small pools, so that two drawn papers often share an id, a title or an
author, which is where the laws are hard.
"""

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from recommender.identifiers import PaperId, Scheme, unique
from recommender.library import Collection, Item, Library, OtherKind, Tag
from recommender.listings import Listed, Listing
from recommender.papers import Author, Kind, Paper, Skipped, partial_date
from recommender.suggestions import Reason, ReasonKind, Suggestion, suggestion_id

_WORDS = (
    st.sampled_from(["deep", "networks", "for", "the", "of", "naïve", "II", "III", "part", "2"])
    | st.sampled_from(["α-helix", "colour", "color", "behaviour", "behavior", "概率", "C++", "C"])
    | st.sampled_from(["3.5", "reply", "to", "editorial", "representation", "representaton"])
)
_FAMILIES = st.sampled_from(
    ["Müller", "Mueller", "García Márquez", "García", "van Dyk", "Li", "王"]
)
_GIVEN = st.sampled_from(["Ada", "A.", "Jean Luc", ""])
_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_VOTES = st.none() | st.integers(0, 99)
_CURATORS = st.sampled_from(["", "A. Curator", "B. Curator"])
_KEYS = st.text("23456789ABCDEFGHIJKLMNPQRSTUVWXYZ", min_size=8, max_size=8)
_MARKS = st.sampled_from(["", "0123456789abcdef", "fedcba9876543210"])
_NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12
)


def paper_ids(*schemes: Scheme) -> SearchStrategy[PaperId]:
    """Ids of these schemes, of all without; from a few values of each, and from many."""
    return st.sampled_from(schemes or tuple(Scheme)).flatmap(_ids_of)


def authors() -> SearchStrategy[Author]:
    """People with accents, particles, double names, initials, or one name alone."""
    return st.builds(Author, _FAMILIES, _GIVEN)


def titles() -> SearchStrategy[str]:
    """Titles of one to six words, many of them alike."""
    return st.lists(_WORDS, min_size=1, max_size=6).map(" ".join)


def papers() -> SearchStrategy[Paper]:
    """Papers with any part missing but the title."""
    return st.builds(
        Paper,
        title=titles(),
        abstract=st.sampled_from(["", "We show that trees grow. " * 5, "A new method. " * 9]),
        authors=st.lists(authors(), max_size=3).map(tuple),
        venue=st.sampled_from(["", "Journal of Trees"]),
        published=st.one_of(st.just(""), st.builds(partial_date, st.integers(2018, 2024))),
        ids=st.lists(paper_ids(), max_size=2).map(unique),
        kind=st.sampled_from(Kind),
        categories=st.lists(st.sampled_from(["cs.CL", "stat.ML"]), unique=True).map(tuple),
        institutions=st.lists(st.sampled_from(["A Lab", "B"]), unique=True).map(tuple),
        references=st.lists(paper_ids(), max_size=3).map(unique),
        code=st.sampled_from(["", "https://example.org/code", "https://example.org/x"]),
        website=st.sampled_from(["", "https://example.org/page"]),
    )


def items() -> SearchStrategy[Item]:
    """Items that name collections ``AAAAAAAA`` and ``BBBBBBBB``, perhaps trashed."""
    return st.builds(
        Item,
        key=_KEYS,
        paper=papers(),
        collections=st.lists(st.sampled_from(["AAAAAAAA", "BBBBBBBB"]), unique=True).map(tuple),
        tags=st.lists(st.builds(Tag, _NAMES, st.booleans()), max_size=3).map(tuple),
        added_at=st.none() | _MOMENTS,
        trashed=st.booleans(),
        mark=_MARKS,
    )


def others() -> SearchStrategy[OtherKind]:
    """Entries that are no papers, of which some say that they are parts of others."""
    return st.builds(
        OtherKind,
        key=_KEYS,
        kind=st.sampled_from(["note", "attachment", "annotation", "webpage"]),
        parent=st.sampled_from(["", "CCCCCCCC", "DDDDDDDD"]),
        read_at=st.none() | _MOMENTS,
        trashed=st.booleans(),
        mark=_MARKS,
    )


def libraries() -> SearchStrategy[Library]:
    """Libraries of up to eight items and five others, in two nested collections.

    Entries of each kind have keys of their own.
    """
    return st.builds(
        Library,
        items=st.lists(items(), max_size=8, unique_by=lambda item: item.key).map(tuple),
        collections=st.builds(_nested, _NAMES, _NAMES, st.booleans()),
        others=st.lists(others(), max_size=5, unique_by=lambda other: other.key).map(tuple),
        skipped=st.lists(st.builds(Skipped, st.just("line 7 (a1)"), _NAMES), max_size=2).map(tuple),
    )


def listings() -> SearchStrategy[Listing]:
    """Pages of up to eight papers at positions from 1, with or without a date and votes."""
    return st.builds(
        Listing,
        source=st.just("a source"),
        name=_NAMES,
        papers=st.lists(st.tuples(papers(), _VOTES, _CURATORS), max_size=8).map(
            lambda rows: tuple(
                Listed(position=n, paper=paper, votes=votes, curator=curator)
                for n, (paper, votes, curator) in enumerate(rows, start=1)
            )
        ),
        published_at=st.none() | _MOMENTS,
        curator=_CURATORS,
    )


def suggestions() -> SearchStrategy[Suggestion]:
    """Suggestions whose reasons' shares add up to the score."""
    return st.builds(_suggestion, papers(), st.integers(1, 20), _shares(), _MOMENTS)


def _shares() -> SearchStrategy[list[float]]:
    return st.lists(st.floats(0.0, 0.2, allow_subnormal=False), min_size=1, max_size=5)


def _suggestion(paper: Paper, rank: int, shares: list[float], at: datetime) -> Suggestion:
    kinds = list(ReasonKind)
    return Suggestion(
        suggestion_id=suggestion_id("a profile", [paper.title, *map(str, paper.ids)]),
        paper=paper,
        rank=rank,
        score=sum(shares),
        reasons=tuple(
            Reason(kinds[n], f"reason {n + 1}", share, "AAAA2222" if n == 0 else "")
            for n, share in enumerate(sorted(shares, reverse=True))
        ),
        source="a source",
        interest="",
        suggested_at=at,
    )


def _nested(outer: str, inner: str, trashed: bool) -> tuple[Collection, ...]:  # noqa: FBT001
    return (Collection("AAAAAAAA", outer, None, trashed), Collection("BBBBBBBB", inner, "AAAAAAAA"))


def _ids_of(scheme: Scheme) -> SearchStrategy[PaperId]:
    few = st.sampled_from([PaperId.of(scheme, text) for text in _EXAMPLES[scheme]])
    return few | _SPELLINGS[scheme].map(lambda text: PaperId.of(scheme, text))


def _isbn(digits: str) -> str:
    total = sum(int(c) * (3 if n % 2 else 1) for n, c in enumerate(f"978{digits}"))
    return f"978{digits}{-total % 10}"


_EXAMPLES = {
    Scheme.DOI: [
        "10.1000/one",
        "10.1000/two",
        "10.1101/2021.01.02.123456",
        "10.21203/rs.3.rs-7/v1",
    ],
    Scheme.ARXIV: ["1706.03762", "hep-th/9901001"],
    Scheme.PMID: ["31452104", "7"],
    Scheme.OPENREVIEW: ["Bkg6RiCqY7", "rJXMpikCZ"],
    Scheme.ACL: ["2020.acl-main.1", "P19-1001"],
    Scheme.OPENALEX: ["W2741809807", "W1000"],
    Scheme.S2: ["0" * 40, "a" * 40],
    Scheme.DBLP: ["conf/popl/HofmannPW12", "journals/corr/Li2020"],
    Scheme.ISBN: ["9783161484100", "9780306406157"],
}
_SPELLINGS = {
    Scheme.DOI: st.from_regex(r"10\.[1-9][0-9]{3}/[a-z0-9.()_-]{0,12}[a-z0-9]", fullmatch=True),
    Scheme.ARXIV: st.from_regex(
        r"(0[7-9]|1[0-4])(0[1-9]|1[0-2])\.[0-9]{4}|(1[5-9]|2[0-9])(0[1-9]|1[0-2])\.[0-9]{5}",
        fullmatch=True,
    ),
    Scheme.PMID: st.integers(1, 999_999_999).map(str),
    Scheme.OPENREVIEW: st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{8,10}", fullmatch=True),
    Scheme.ACL: st.from_regex(
        r"20[0-2][0-9]\.[a-z]{3,5}-[a-z]{4,5}\.[1-9][0-9]{0,2}", fullmatch=True
    ),
    Scheme.OPENALEX: st.from_regex(r"W[1-9][0-9]{3,10}", fullmatch=True),
    Scheme.S2: st.text("0123456789abcdef", min_size=40, max_size=40),
    Scheme.DBLP: st.from_regex(r"conf/[a-z]{3,6}/[A-Z][A-Za-z]{2,8}[0-9]{2}", fullmatch=True),
    Scheme.ISBN: st.from_regex(r"[0-9]{9}", fullmatch=True).map(_isbn),
}
