"""What the reader's own papers cite is asked of catalogues only if it may, by ids, and once."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from recommender import cycle
from recommender.cycle import citing
from recommender.cycle.citing import ask, cited
from recommender.cycle.enriching import OWNER
from recommender.errors import TransientError
from recommender.guidance import Guidance
from recommender.identifiers import PaperId
from recommender.identity import is_untitled
from recommender.library import Item, Library, Tag
from recommender.model.hybrid import HybridScorer
from recommender.model.links import cites
from recommender.papers import Author, Paper
from recommender.ports import Model, Scorer
from recommender.scope import Scope
from recommender.store import Store
from recommender.testing.catalogues import FakeCatalogue
from recommender.testing.libraries import FakeLibrary
from recommender.testing.models import library_on
from tests.unit.cycle.worlds import NOW, TOMORROW, run

ADA = Author("Roe", "Ada")
CITED = tuple(map(PaperId.parse, ("doi:10.1234/a", "arxiv:1706.03762")))
MONTHS = timedelta(days=90)


def doi(number: int) -> PaperId:
    return PaperId.parse(f"doi:10.1234/own.{number}")


def own(number: int, **fields: Any) -> Item:
    paper = Paper(title=f"Bees and their {number} ways home", authors=(ADA,), ids=(doi(number),))
    return Item(key=f"KEY{number}", paper=paper, **fields)


def entry(number: int, references: Sequence[PaperId] = CITED) -> Paper:
    return replace(own(number).paper, references=tuple(references))


def owning(*items: Item) -> Library:
    return Library(items=items)


def references(library: Library, store: Store) -> list[tuple[PaperId, ...]]:
    return [item.paper.references for item in cited(library, store).items]


def test_what_came_is_kept_and_read_back_with_the_library(store: Store) -> None:
    library = owning(own(1), own(2), own(3))
    catalogue = FakeCatalogue([entry(1), entry(2, ())])
    assert references(library, store) == [(), (), ()]
    assert ask([catalogue], library, store, NOW) == ()
    assert references(library, store) == [(CITED), (), ()]
    # What the library says itself stays.
    telling = replace(own(1), paper=entry(1, [PaperId.parse("pmid:7")]))
    assert set(*references(owning(telling), store)) == {*CITED, PaperId.parse("pmid:7")}


def test_what_a_catalogue_calls_by_its_own_ids_is_tied_all_the_same(store: Store) -> None:
    names = [PaperId.parse(f"openalex:W274180980{n}") for n in (1, 2)]
    others = PaperId.parse("arxiv:1706.03762")
    papers = [
        replace(entry(1, names[1:]), ids=(doi(1), names[0])),
        replace(entry(2, ()), ids=(doi(2), others, names[1])),
    ]
    library = owning(own(1), own(2))
    assert ask([FakeCatalogue(papers)], library, store, NOW) == ()
    citing_one, cited_one = (item.paper for item in cited(library, store).items)
    assert cites(citing_one, cited_one)
    # What else it knows the paper by is left: services merge what is not one.
    assert cited_one.ids == (doi(2), names[1])


def test_catalogues_get_to_see_ids_and_nothing_else(store: Store) -> None:
    isbn = PaperId.parse("isbn:9780306406157")
    book = replace(own(2), paper=replace(own(2).paper, ids=(isbn,)))
    bare = replace(own(3), paper=replace(own(3).paper, ids=()))
    both = replace(own(4), paper=replace(own(4).paper, ids=(doi(4), isbn)))
    catalogue = FakeCatalogue()
    library = owning(own(1), book, bare, both, own(5, trashed=True))
    ask([catalogue], library, store, NOW)
    assert catalogue.asked == [Paper(title=f"Untitled [{doi(n)}]", ids=(doi(n),)) for n in (1, 4)]
    assert all(is_untitled(paper.title) for paper in catalogue.asked)


def test_nobody_is_asked_twice_within_three_months_be_it_that_nothing_came(store: Store) -> None:
    library, catalogue = owning(own(1), own(2)), FakeCatalogue([entry(1)])
    for day in (0, 1, 89):
        ask([catalogue], library, store, NOW + timedelta(days=day))
    assert len(catalogue.asked) == 2
    # Of what came, it is kept for longer; what came late is taken.
    catalogue.papers = [entry(2)]
    ask([catalogue], library, store, NOW + MONTHS)
    assert [paper.ids for paper in catalogue.asked[2:]] == [(doi(2),)]
    assert references(library, store) == [CITED, CITED]
    ask([catalogue], library, store, NOW + timedelta(days=301))
    assert [paper.ids for paper in catalogue.asked[3:]] == [(doi(1),)]
    assert references(library, store) == [CITED, CITED]


def test_the_second_is_asked_only_where_the_first_knew_nothing(store: Store) -> None:
    first, second = FakeCatalogue([entry(1)], "first"), FakeCatalogue([entry(2)], "second")
    library = owning(own(1), own(2))
    ask([first, second], library, store, NOW)
    assert [paper.ids for paper in second.asked] == [(doi(2),)]
    assert references(library, store) == [CITED, CITED]


def test_only_so_many_are_asked_about_in_one_cycle_and_the_latest_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(citing, "AT_ONCE", 2)
    days = (3, None, 9, 5)
    library = owning(
        *(own(n, added_at=NOW + timedelta(days=day) if day else None) for n, day in enumerate(days))
    )
    catalogue = FakeCatalogue()
    for _ in range(3):
        ask([catalogue], library, store, NOW)
    assert [paper.ids for paper in catalogue.asked] == [(doi(n),) for n in (2, 3, 0, 1)]


class Answering:
    """A catalogue that answers as it is told."""

    name = "odd"

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer

    def entries(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        return cast("Iterator[tuple[int, Paper]]", self.answer())


def broken_off() -> Iterator[tuple[int, Paper]]:
    yield 1, entry(2)
    raise TransientError("odd", "odd cannot be reached; try again later")


FAILING: dict[str, Callable[[], Any]] = {
    "it breaks off": broken_off,
    "a row that is none": lambda: [(1, entry(2)), (7, entry(1))],
    "no paper": lambda: [(1, entry(2)), (0, None)],
    "no ids": lambda: [(1, entry(2)), (0, replace(entry(1), references=cast("Any", (3,))))],
}


@pytest.mark.parametrize("answer", FAILING.values(), ids=FAILING)
def test_one_that_fails_is_said_and_spoils_nothing(store: Store, answer: Callable[[], Any]) -> None:
    library, well = owning(own(1), own(2)), FakeCatalogue([entry(1)], "well")
    [failure] = ask([Answering(answer), well], library, store, NOW)
    assert failure.where == "odd"
    # What came until then counts, and the next one is asked for the rest.
    assert [paper.ids for paper in well.asked] == [(doi(1),)]
    assert references(library, store) == [CITED, CITED]


def test_another_paper_under_its_id_tells_nothing_of_it(store: Store) -> None:
    library = owning(own(1))
    other = replace(entry(1), title="On verse", authors=(Author("Li", "Bo"),))
    assert ask([Answering(lambda: [(0, other)])], library, store, NOW) == ()
    assert references(library, store) == [()]


@pytest.mark.parametrize("kept", ["{", "[]", '{"asked": 3}', '{"asked": {}, "cites": ["doi:"]}'])
def test_what_is_damaged_of_it_is_asked_again(store: Store, kept: str) -> None:
    library, catalogue = owning(own(1)), FakeCatalogue([entry(1)])
    ask([catalogue], library, store, NOW)
    memory = store.memory(OWNER)
    [name] = memory
    memory[name] = kept
    assert references(library, store) == [()]
    ask([catalogue], library, store, TOMORROW)
    assert references(library, store) == [CITED]


def test_it_is_forgotten_with_what_else_catalogues_said(store: Store) -> None:
    ask([FakeCatalogue([entry(1)])], owning(own(1)), store, NOW)
    [kept] = store.memory(OWNER).values()
    assert json.loads(kept)["at"] == NOW.isoformat()
    year = timedelta(days=365)
    store.tidy(NOW + year + timedelta(days=1), runs=year, listed=10 * year)
    assert not dict(store.memory(OWNER))


class Watching:
    """A hybrid that remembers what it was taught."""

    def __init__(self) -> None:
        self.scorer = HybridScorer()
        self.taught: list[Library] = []

    @property
    def name(self) -> str:
        return self.scorer.name

    def fit(self, library: Library, listed: Sequence[Paper], **options: Any) -> Model:
        self.taught.append(library)
        return self.scorer.fit(library, listed, **options)

    def saved(self, model: Model) -> bytes:
        return self.scorer.saved(model)

    def restored(self, payload: bytes, library: Library, guidance: Guidance) -> Model:
        return self.scorer.restored(payload, library, guidance)


def identified(library: FakeLibrary) -> FakeCatalogue:
    """Puts papers with ids into a library, and gives a catalogue that knows what they cite."""
    items = [
        replace(item, paper=replace(item.paper, ids=(doi(n),)))
        for n, item in enumerate(library_on("bees", "verse").items)
    ]
    library.put(*items)
    return FakeCatalogue([replace(item.paper, references=CITED) for item in items])


def test_the_model_is_taught_what_the_library_cites(
    profile: cycle.Profile, library: FakeLibrary, store: Store
) -> None:
    catalogue, scorer = identified(library), Watching()
    told = replace(profile, catalogues=[catalogue])
    cycle.run(told, cast("Scorer", scorer), store, now=NOW)
    assert not any(is_untitled(paper.title) for paper in catalogue.asked)
    asking = replace(told, asks_about_library=True)
    cycle.run(asking, cast("Scorer", scorer), store, now=TOMORROW)
    assert any(is_untitled(paper.title) for paper in catalogue.asked)
    before, after = scorer.taught
    assert not any(item.paper.references for item in before.items)
    assert all(item.paper.references == CITED for item in after.items)
    # Nothing came anew: the model of yesterday will do.
    cycle.run(asking, cast("Scorer", scorer), store, now=TOMORROW + timedelta(hours=1))
    assert len(scorer.taught) == 2


def test_one_that_fails_is_told_once_and_papers_come_all_the_same(
    profile: cycle.Profile, library: FakeLibrary, store: Store
) -> None:
    catalogue = identified(library)
    catalogue.failure = TransientError("a catalogue", "a catalogue cannot be reached; try later")
    record = run(replace(profile, catalogues=[catalogue], asks_about_library=True), store)
    assert [failure.where for failure in record.failures] == ["a catalogue"]
    assert record.suggestions


def test_only_what_counts_is_asked_about(
    profile: cycle.Profile, library: FakeLibrary, store: Store
) -> None:
    catalogue = identified(library)
    private = replace(own(99), tags=(Tag("private"),))
    library.put(private)
    scope = Scope(exclude_tags=("private",))
    run(replace(profile, scope=scope, catalogues=[catalogue], asks_about_library=True), store)
    assert doi(0) in {paper.ids[0] for paper in catalogue.asked if paper.ids}
    assert doi(99) not in {paper.ids[0] for paper in catalogue.asked if paper.ids}
