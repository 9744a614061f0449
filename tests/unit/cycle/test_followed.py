"""What is followed comes beside what the model chooses, and what is excluded never comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from recommender import cycle
from recommender.cycle.choosing import REFUSED
from recommender.errors import TransientError
from recommender.following import Following, Topics
from recommender.identifiers import PaperId
from recommender.ingest import first_versions
from recommender.papers import Author, Paper
from recommender.records import Record
from recommender.selection import Dropped, Wishes
from recommender.store import Store
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.libraries import FakeLibrary
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW, n_listed, run

ADA = Author("Lovelace", "Ada")
HERS = [
    replace(
        paper_on("bridges", 70 + n), title=f"Xyzzy plugh number {n}", abstract="", authors=(ADA,)
    )
    for n in range(4)
]
FOLLOWING = Following(wanted=Topics(authors=("Lovelace, A.",)), limit=2)


def reading(
    profile: cycle.Profile, following: Following, papers: Sequence[Paper] = HERS
) -> cycle.Profile:
    source = FakeSource()
    source.publish(*listed_on("bees", "verse"), *papers)
    return replace(profile, sources=[source], following=following)


class Away:
    """A shelf that is not there today."""

    name = "away"

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        raise TransientError(self.name, "the shelf is away; try again later")

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        raise TransientError(self.name, "the shelf is away; try again later")

    def address(self, place: str) -> str:
        return ""


def adds_up(record: Record) -> bool:
    return sum(record.excluded.values()) + len(record.suggestions) == n_listed(record)


def test_what_is_followed_comes_beside_the_ranking(profile: cycle.Profile, store: Store) -> None:
    with Store.open(None) as other:
        alone = run(reading(profile, Following()), other).suggestions
    record = run(reading(profile, FOLLOWING), store)
    ranked = [one for one in record.suggestions if not one.followed]
    followed = [one for one in record.suggestions if one.followed]
    assert [one.paper for one in ranked] == [one.paper for one in alone]
    assert len(followed) == FOLLOWING.limit
    assert {one.followed for one in followed} == {"Lovelace, A."}
    assert [one.rank for one in record.suggestions] == [*range(1, len(record.suggestions) + 1)]
    # The model has no opinion of them, and none is made up.
    assert all(one.score == 0 and not one.reasons for one in followed)
    assert adds_up(record)


def test_one_that_ranks_high_too_comes_once(profile: cycle.Profile, store: Store) -> None:
    best = run(reading(profile, Following(), ()), store).suggestions[0]
    with Store.open(None) as other:
        wanted = Following(wanted=Topics(keywords=(best.paper.title,)))
        record = run(reading(profile, wanted, ()), other)
    again = [one for one in record.suggestions if one.paper == best.paper]
    assert [bool(one.followed) for one in again] == [True]
    assert again[0].score == best.score
    assert len(record.suggestions) == profile.wishes.limit + 1
    assert adds_up(record)


def saved_page(number: int, version: int, *, followed: bool) -> Paper:
    """A page as it was saved, a title and an abstract; each of one number has the same title."""
    said = paper_on("bees", 60 + 5 * number + version).abstract
    more = " This is about xyzzy, as it was told at length elsewhere." if followed else ""
    return Paper(title=paper_on("bees", 90 + number).title, abstract=said + more)


def test_a_work_that_is_followed_is_not_ranked_in_another_version(
    profile: cycle.Profile, store: Store
) -> None:
    both = [saved_page(0, 0, followed=True), saved_page(0, 1, followed=False)]
    wanted = Following(wanted=Topics(keywords=("xyzzy",)))
    told = reading(profile, wanted, both)
    told = replace(told, wishes=replace(told.wishes, limit=40))
    record = run(told, store)
    found = [one for one in record.suggestions if one.paper.title == both[0].title]
    assert [one.followed for one in found] == ["xyzzy"]
    assert record.excluded[Dropped.OTHER_VERSION.value] == 1
    assert store.n_candidates() == n_listed(record)
    assert adds_up(record)


VOLUME = PaperId.parse("doi:10.1234/volume")


def versions() -> st.SearchStrategy[Paper]:
    """Papers of which many are versions of one work, or share an id and are not one work."""
    small, chance = st.integers(0, 2), st.booleans()
    pages = st.builds(lambda n, v, f: saved_page(n, v, followed=f), small, small, chance)
    invented = st.builds(paper_on, st.sampled_from(["bees", "verse"]), st.integers(90, 93))
    return st.one_of(
        pages,
        pages.map(lambda page: replace(page, authors=(ADA,))),
        invented,
        invented.map(lambda paper: replace(paper, abstract="", authors=())),
        invented.map(lambda paper: replace(paper, ids=(VOLUME,))),
        invented.map(lambda paper: replace(paper, abstract=f"{paper.abstract} All of xyzzy.")),
        st.sampled_from(HERS),
    )


@settings(max_examples=40)
@given(
    listed=st.lists(versions(), min_size=8, max_size=20),
    limit=st.integers(0, 6),
    n_followed=st.integers(0, 4),
    threshold=st.sampled_from([0.0, 0.2, 0.6]),
)
def test_every_paper_is_suggested_or_counted_once_and_no_work_comes_twice(
    listed: list[Paper], limit: int, n_followed: int, threshold: float
) -> None:
    library, source = FakeLibrary(), FakeSource()
    library.put(*library_on("bees", "verse").items)
    source.publish(*listed)
    wanted = Topics(authors=("Lovelace, A.",), keywords=("xyzzy",), venues=("Journal of Verse",))
    profile = cycle.Profile(
        name="ada",
        libraries=[library],
        sources=[source],
        wishes=Wishes(limit=limit, threshold=threshold, explore=False),
        following=Following(wanted=wanted, limit=n_followed),
    )
    with Store.open(None) as store:
        record = run(profile, store)
    event(f"other versions: {record.excluded[Dropped.OTHER_VERSION.value] > 0}")
    event(f"followed: {sum(bool(one.followed) for one in record.suggestions)}")
    assert adds_up(record)
    assert all(n > 0 for n in record.excluded.values())
    firsts = first_versions(one.paper for one in record.suggestions)
    assert firsts == [*range(len(firsts))]


def test_nothing_followed_comes_twice_or_late(profile: cycle.Profile, store: Store) -> None:
    told = reading(profile, FOLLOWING)
    first, second, third = (run(told, store, NOW + timedelta(days=n)) for n in range(3))
    titles = [
        one.paper.title for r in (first, second, third) for one in r.suggestions if one.followed
    ]
    assert sorted(titles) == sorted(paper.title for paper in HERS)
    source = FakeSource()
    with Store.open(None) as other:
        source.publish(*HERS)
        run(replace(told, sources=[source], following=Following()), other)
        late = run(replace(told, sources=[source]), other, NOW + timedelta(days=40))
        assert not any(one.followed for one in late.suggestions)


def test_what_is_excluded_never_comes(profile: cycle.Profile, store: Store) -> None:
    refusing = Following(unwanted=Topics(keywords=("bees",), venues=("Journal of Bees",)))
    record = run(reading(profile, refusing), store)
    assert record.suggestions
    assert all("Bees" not in one.paper.venue for one in record.suggestions)
    assert record.excluded[REFUSED] > 0
    both = replace(FOLLOWING, unwanted=Topics(authors=("Ada Lovelace",)))
    with Store.open(None) as other:
        assert not any(one.followed for one in run(reading(profile, both), other).suggestions)


def test_what_waits_for_delivery_keeps_its_place_in_its_own_channel(
    profile: cycle.Profile, store: Store
) -> None:
    told = replace(reading(profile, FOLLOWING), publishers=[Away()])
    first = run(told, store)
    assert len([one for one in first.suggestions if one.followed]) == FOLLOWING.limit
    # Nothing was delivered, so neither channel has a place left.
    assert not run(told, store, TOMORROW).suggestions
