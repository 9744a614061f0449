from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.identity import Works
from recommender.ingest import Place, candidate_of
from recommender.library import Item, Library
from recommender.model.replay import Fold, History, Sighting, folds, why_none
from recommender.papers import Author, Paper
from recommender.suggestions import Dislike
from recommender.testing.models import paper_on

OTHERS = [paper_on("glass", n) for n in range(30)]


def day(month: int, number: int = 5) -> datetime:
    return datetime(2025, month, number, tzinfo=UTC)


def kept(subject: str, number: int, at: datetime | None) -> Item:
    return Item(key=f"{subject}{number}", paper=paper_on(subject, number), added_at=at)


def listed(paper: Paper, at: datetime | None = None, *votes: int | None) -> Sighting:
    places = [Place("source", f"page {n}", 1, v) for n, v in enumerate(votes or (None,))]
    return Sighting(candidate_of((paper,), places), at)


def months(found: Sequence[Fold]) -> list[str]:
    return [fold.month for fold in found]


def wanted(fold: Fold) -> set[str]:
    return {p.title for p, is_wanted in zip(fold.pool, fold.wanted, strict=True) if is_wanted}


def titles(subject: str, *numbers: int) -> set[str]:
    return {paper_on(subject, number).title for number in numbers}


FIVE_MONTHS = Library(
    items=(
        kept("bees", 0, None),
        *(kept("bees", month, day(month)) for month in (1, 2, 3, 4, 5)),
        kept("verse", 3, day(3)),
    )
)
NEVER_SAVED = [listed(paper) for paper in OTHERS]


def test_each_month_is_looked_at_from_what_was_there_before_it() -> None:
    found = folds(History(library=FIVE_MONTHS, sightings=NEVER_SAVED), 12)
    assert months(found) == ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"]
    # What has no date was always there.
    assert [len(fold.before.items) for fold in found] == [1, 2, 3, 5, 6]
    assert [int(fold.wanted.sum()) for fold in found] == [1, 1, 2, 1, 1]
    assert wanted(found[2]) == titles("bees", 3) | titles("verse", 3)
    for fold in found:
        assert not fold.by_listing
        assert len(fold.pool) == len(OTHERS) + fold.wanted.sum()
        assert fold.listed == fold.pool


def test_only_the_last_months_are_looked_at() -> None:
    history = History(library=FIVE_MONTHS, sightings=NEVER_SAVED)
    assert months(folds(history, 2)) == ["2025-04", "2025-05"]


def test_a_month_is_one_in_utc() -> None:
    late = datetime(2025, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    items = (kept("bees", 0, None), kept("bees", 1, late))
    history = History(library=Library(items=items), sightings=NEVER_SAVED)
    assert months(folds(history, 12)) == ["2025-01"]


def test_what_was_listed_in_a_month_is_ranked_and_what_was_saved_later_was_wanted() -> None:
    page = [
        *(listed(paper, day(3, 2), 0, 1) for paper in OTHERS),
        listed(paper_on("bees", 3), day(3, 1), 7),
        listed(paper_on("bees", 5), day(3, 1), 2),
        # Saved before it was listed, and listed before and after.
        listed(paper_on("bees", 2), day(3, 1), 9),
        listed(paper_on("bees", 4), day(2, 1)),
        listed(paper_on("verse", 1), day(2, 1)),
        listed(paper_on("verse", 2), day(4, 1)),
    ]
    found = {f.month: f for f in folds(History(library=FIVE_MONTHS, sightings=page), 12)}
    march = found["2025-03"]
    assert march.by_listing
    assert wanted(march) == titles("bees", 3, 5)
    assert len(march.pool) == len(OTHERS) + 2
    assert sorted(march.popularity[march.wanted]) == [2, 7]
    assert set(march.popularity[~march.wanted]) == {1}
    around = {paper.title for paper in march.listed} - {paper.title for paper in march.pool}
    assert around == titles("bees", 4) | titles("verse", 1)
    # In the other months too little was listed.
    assert not any(fold.by_listing for month, fold in found.items() if month != "2025-03")
    assert wanted(found["2025-02"]) == titles("bees", 2)


def test_what_is_no_sign_of_interest_is_neither_wanted_nor_unwanted() -> None:
    thrown = replace(kept("verse", 7, day(3)), trashed=True)
    library = replace(FIVE_MONTHS, items=(*FIVE_MONTHS.items, thrown))
    page = [
        *(listed(paper, day(3, 2)) for paper in OTHERS),
        *(listed(paper_on("verse", number), day(3, 2)) for number in (3, 7, 8)),
    ]
    history = History(library=library, others=[kept("verse", 8, day(4))], sightings=page)
    march = next(fold for fold in folds(history, 12) if fold.month == "2025-03")
    assert wanted(march) == titles("verse", 3)
    assert not titles("verse", 7, 8) & {paper.title for paper in march.pool}


def test_two_listed_papers_that_are_one_work_of_the_library_are_wanted_once() -> None:
    own = paper_on("verse", 3)
    page = [
        *(listed(paper, day(3, 2)) for paper in OTHERS),
        listed(replace(own, authors=()), day(3, 2)),
        listed(replace(own, venue=""), day(3, 2)),
    ]
    march = folds(History(library=FIVE_MONTHS, sightings=page), 3)[0]
    assert march.by_listing
    assert wanted(march) == {own.title}
    assert march.wanted.sum() == 1


def test_what_was_wanted_where_it_was_listed_is_not_wanted_again_where_it_was_saved() -> None:
    page = [*(listed(paper, day(2, 2)) for paper in OTHERS), listed(paper_on("bees", 4), day(2))]
    found = {f.month: f for f in folds(History(library=FIVE_MONTHS, sightings=page), 12)}
    assert wanted(found["2025-02"]) == titles("bees", 4)
    assert found.keys() == {"2025-01", "2025-02", "2025-03", "2025-05"}


def test_a_second_copy_is_nothing_new() -> None:
    again = replace(kept("bees", 1, day(6)), key="again")
    library = replace(FIVE_MONTHS, items=(*FIVE_MONTHS.items, again))
    assert "2025-06" not in months(folds(History(library=library, sightings=NEVER_SAVED), 12))


def test_of_what_was_disliked_only_what_was_known_by_then_counts() -> None:
    def known_by(at: datetime) -> Sequence[Dislike]:
        return [Dislike(OTHERS[0], 1.0)] if at > day(3) else []

    history = History(library=FIVE_MONTHS, sightings=NEVER_SAVED, dislikes=known_by)
    march, april, _ = folds(history, 3)
    assert (march.dislikes, len(march.pool)) == ((), len(OTHERS) + 2)
    # It would not have been suggested any more, either.
    assert (len(april.dislikes), len(april.pool)) == (1, len(OTHERS) - 1 + 1)


def test_what_is_told_of_one_side_alone_tells_the_sides_apart_so_it_is_left_out() -> None:
    bare = [listed(replace(p, abstract="", authors=(), published="2025")) for p in OTHERS]
    [fold] = folds(History(library=FIVE_MONTHS, sightings=bare), 1)
    for paper in fold.pool:
        assert (paper.abstract, paper.authors, paper.published) == ("", (), "")
        assert paper.venue.startswith("Journal of ")


def test_where_only_some_lack_it_what_is_told_stays() -> None:
    some = [listed(replace(p, abstract="") if n % 3 == 0 else p) for n, p in enumerate(OTHERS)]
    [fold] = folds(History(library=FIVE_MONTHS, sightings=some), 1)
    assert sum(bool(paper.abstract) for paper in fold.pool) == 20 + 1


def test_papers_that_were_suggested_are_counted() -> None:
    items = (*FIVE_MONTHS.items, replace(kept("verse", 9, day(5)), mark="abc"))
    history = History(library=replace(FIVE_MONTHS, items=items), sightings=NEVER_SAVED)
    assert [fold.n_suggested for fold in folds(history, 2)] == [0, 1]


@pytest.mark.parametrize(
    ("library", "sightings", "why"),
    [
        (Library(items=(kept("bees", 0, None),)), NEVER_SAVED, "says when it was added"),
        (FIVE_MONTHS, NEVER_SAVED[:19], "it takes 20 listed papers that you never saved, and 19"),
        (Library(items=(kept("bees", 1, day(1)),)), NEVER_SAVED, "nothing was in the library"),
    ],
)
def test_without_a_month_it_is_said_why(
    library: Library, sightings: list[Sighting], why: str
) -> None:
    history = History(library=library, sightings=sightings)
    assert folds(history, 12) == ()
    assert why in why_none(history)


# Of the invented world's papers some are saved at some time, and some are listed at some time.
_moments = st.one_of(st.none(), st.integers(0, 300).map(lambda n: day(1) + timedelta(days=n)))
_saved = st.dictionaries(st.integers(0, 40), _moments, min_size=1, max_size=12)
_listed = st.dictionaries(st.integers(0, 40), _moments, max_size=20)


@given(saved=_saved, seen=_listed, page=st.dates(day(1).date(), day(10).date()), seed=st.integers())
def test_the_future_stays_unknown_and_the_order_of_things_changes_nothing(
    saved: dict[int, datetime | None], seen: dict[int, datetime | None], page: object, seed: int
) -> None:
    items = [kept("bees", number, at) for number, at in saved.items()]
    at = datetime.fromisoformat(f"{page}T00:00:00+00:00")
    sightings = [listed(paper, at) for paper in OTHERS]
    sightings += [listed(paper_on("bees", number), at) for number, at in seen.items()]
    found = folds(History(library=Library(items=tuple(items)), sightings=sightings), 12)
    for fold in found:
        start = datetime.fromisoformat(f"{fold.month}-01T00:00:00+00:00")
        assert all(i.added_at is None or i.added_at < start for i in fold.before.items)
        before = Works.of(item.paper for item in fold.before.items)
        assert not any(before.match(paper) is not None for paper in fold.pool)
        assert fold.wanted.any()
        assert fold.listed[: len(fold.pool)] == fold.pool
    by_month = [wanted(fold) for fold in found]
    assert sum(map(len, by_month)) == len(set().union(*by_month))
    shuffle = Random(seed).shuffle  # noqa: S311
    shuffle(items)
    shuffle(sightings)
    again = folds(History(library=Library(items=tuple(items)), sightings=sightings), 12)
    assert list(map(as_told, again)) == list(map(as_told, found))


def as_told(fold: Fold) -> tuple[object, ...]:
    papers = (fold.before, fold.pool, fold.listed)
    return fold.month, *papers, fold.wanted.tolist(), fold.popularity.tolist()


def test_an_author_is_no_reason_to_leave_a_paper_out() -> None:
    page = [listed(replace(p, authors=(Author("Beeson1", "Ada"),))) for p in OTHERS]
    assert len(folds(History(library=FIVE_MONTHS, sightings=page), 12)) == 5
