"""What listings left out is asked of catalogues: for few papers, once, and harming nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from recommender import config, cycle
from recommender.cli import explain
from recommender.cycle.choosing import Scored
from recommender.cycle.enriching import OWNER, Enriched, enriched, kept_of
from recommender.errors import TransientError
from recommender.following import Following, Topics
from recommender.identifiers import PaperId
from recommender.ingest import Candidate, Place, candidate_of
from recommender.papers import Author, Paper
from recommender.ports import Catalogue
from recommender.selection import Dropped
from recommender.store import Store
from recommender.testing.catalogues import FakeCatalogue
from recommender.testing.models import paper_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW, n_listed, run

LISTED = [replace(paper_on("bees", 40 + n), abstract="") for n in range(3)]


def known(papers: Sequence[Paper]) -> list[Paper]:
    return [
        replace(
            paper,
            abstract=f"{paper.title}, in many words. " * 5,
            published="2026-02-01",
            ids=(PaperId.parse(f"doi:10.1234/{n}"),),
        )
        for n, paper in enumerate(papers)
    ]


def asking(profile: cycle.Profile, *catalogues: FakeCatalogue) -> cycle.Profile:
    source = FakeSource()
    source.publish(*LISTED)
    return replace(profile, sources=[source], catalogues=catalogues)


def test_what_could_be_suggested_is_completed(profile: cycle.Profile, store: Store) -> None:
    catalogue = FakeCatalogue(known(LISTED))
    record = run(asking(profile, catalogue), store)
    assert record.n_completed == len(record.suggestions) == len(LISTED)
    assert record.told()["completed"] == len(LISTED)
    assert all(one.paper.abstract and one.paper.ids for one in record.suggestions)
    # The same paper as before: nothing is listed twice.
    assert store.n_candidates() == len(LISTED)


def test_nobody_is_asked_twice_within_a_month(profile: cycle.Profile, store: Store) -> None:
    catalogue = FakeCatalogue()
    told = replace(asking(profile, catalogue), publishers=[])
    wishes = replace(told.wishes, limit=10)
    run(replace(told, wishes=wishes), store)
    n_asked = len(catalogue.asked)
    assert n_asked
    run(replace(told, wishes=wishes), store, TOMORROW)
    assert len(catalogue.asked) == n_asked


def test_the_second_catalogue_is_asked_for_the_rest(profile: cycle.Profile, store: Store) -> None:
    entries = known(LISTED)
    first, second = FakeCatalogue(entries[:1], "first"), FakeCatalogue(entries, "second")
    record = run(asking(profile, first, second), store)
    assert record.n_completed == len(LISTED)
    assert len(second.asked) == len(first.asked) - 1
    memory = store.memory(OWNER)
    by = [kept_of(memory, candidate) for candidate in store.candidates()]
    assert sorted(map(list, by)) == [["first"], ["second"], ["second"]]


def test_a_catalogue_that_fails_is_said_and_asked_again(
    profile: cycle.Profile, store: Store
) -> None:
    catalogue = FakeCatalogue(known(LISTED))
    catalogue.failure = TransientError("a catalogue", "a catalogue cannot be reached; try later")
    told = asking(profile, catalogue)
    record = run(told, store)
    assert [failure.where for failure in record.failures] == ["a catalogue"]
    assert record.suggestions
    assert not record.n_completed
    catalogue.failure = None
    # What was suggested is not completed any more; a further paper is.
    source = FakeSource()
    source.publish(replace(paper_on("bees", 90), abstract=""))
    catalogue.papers = known([paper_on("bees", 90)])
    again = run(replace(told, sources=[source]), store, NOW + timedelta(days=1))
    assert again.n_completed == 1


def test_without_a_catalogue_nobody_is_asked(profile: cycle.Profile, store: Store) -> None:
    assert not run(asking(profile), store).n_completed
    assert not dict(store.memory(OWNER))


def test_what_is_followed_is_completed_whatever_its_score(
    profile: cycle.Profile, store: Store
) -> None:
    hers = Paper(title="Xyzzy plugh, and what it was", authors=(ADA,))
    source, catalogue = FakeSource(), FakeCatalogue(known([hers]))
    source.publish(hers, *LISTED)
    told = replace(
        profile,
        sources=[source],
        catalogues=[catalogue],
        following=Following(wanted=Topics(authors=("Roe, Ada",))),
        wishes=replace(profile.wishes, threshold=0.99),
    )
    [one] = run(told, store).suggestions
    assert (one.followed, one.paper.ids) == ("Roe, Ada", known([hers])[0].ids)
    # The others do not come.
    assert catalogue.asked == [hers]


def test_listed_papers_that_turn_out_to_be_one_are_counted(
    profile: cycle.Profile, store: Store
) -> None:
    preprint = replace(paper_on("bees", 40), abstract="", ids=(PaperId.parse("arxiv:2603.00001"),))
    article = replace(preprint, title="What bees do", ids=(DOI,))
    source, catalogue = FakeSource(), FakeCatalogue()
    catalogue.papers = [replace(preprint, ids=(DOI, *preprint.ids), abstract=TOLD)]
    source.publish(preprint, article)
    record = run(replace(profile, sources=[source], catalogues=[catalogue]), store)
    assert (n_listed(record), store.n_candidates()) == (2, 1)
    assert len(record.suggestions) == 1
    assert record.excluded == {Dropped.OTHER_VERSION.value: 1}


DOI = PaperId.parse("doi:10.1234/waggle")
BARE = Paper(title="How bees dance for their sisters after the rain")
NAMED = replace(BARE, ids=(DOI,))
TOLD = "Bees dance for their sisters, and after the rain they dance longer than before it."
ADA = Author("Roe", "Ada")
A_MONTH = timedelta(days=30)


class Answering:
    """A catalogue that answers as it is told, with nonsense, too."""

    def __init__(self, answer: Callable[[Sequence[Paper]], Any], name: str = "odd") -> None:
        self.name = name
        self.answer = answer
        self.asked: list[Sequence[Paper]] = []

    def entries(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        self.asked.append(papers)
        return cast("Iterator[tuple[int, Paper]]", self.answer(papers))


def listed(store: Store, *papers: Paper) -> Scored:
    """What could be suggested, best first."""
    made = [
        candidate_of([paper], [Place("a source", "a page", n)])
        for n, paper in enumerate(papers, start=1)
    ]
    store.save_listed(made, watermarks={}, at=NOW)
    return scored(made)


def scored(candidates: Sequence[Candidate]) -> Scored:
    n = len(candidates)
    return Scored(candidates, np.linspace(0.9, 0.5, n, dtype=np.float32), np.zeros(n, np.int64))


def ask(store: Store, papers: Scored, *catalogues: Catalogue, day: int = 0) -> Enriched:
    return enriched(catalogues, papers, 10, store, NOW + timedelta(days=day))


def paper_in(store: Store) -> Paper:
    [candidate] = store.candidates()
    return candidate.paper


def away(name: str = "away") -> FakeCatalogue:
    catalogue = FakeCatalogue(name=name)
    catalogue.failure = TransientError(name, f"{name} cannot be reached; try again later")
    return catalogue


def test_what_was_found_when_it_was_cut_off_is_found_by_the_next_run(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = listed(store, NAMED)
    catalogue = FakeCatalogue([replace(NAMED, abstract=TOLD)])

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "save_listed", cut_off)
        with pytest.raises(KeyboardInterrupt):
            ask(store, papers, catalogue)
    assert not dict(store.memory(OWNER))
    assert ask(store, papers, catalogue, day=1).n_completed == 1
    assert paper_in(store).abstract == TOLD


def test_the_next_catalogue_is_asked_for_what_the_first_had_not(store: Store) -> None:
    papers = listed(store, NAMED)
    first = FakeCatalogue([replace(NAMED, authors=(ADA,), published="2026-02")], "first")
    second = FakeCatalogue([replace(NAMED, abstract=TOLD)], "second")
    third = FakeCatalogue([replace(NAMED, abstract=TOLD)], "third")
    assert ask(store, papers, first, second, third) == Enriched(1)
    whole = paper_in(store)
    assert (whole.abstract, whole.authors, whole.published) == (TOLD, (ADA,), "2026-02")
    assert [len(one.asked) for one in (first, second, third)] == [1, 1, 0]


def test_an_entry_that_tells_nothing_new_completes_nothing(store: Store) -> None:
    papers = listed(store, replace(NAMED, authors=(ADA,)))
    catalogue = FakeCatalogue([replace(NAMED, title=BARE.title.upper())])
    assert ask(store, papers, catalogue) == Enriched()
    assert kept_of(store.memory(OWNER), papers.candidates[0]) == {}
    assert paper_in(store).title == BARE.title


def test_who_failed_is_asked_again_and_nobody_else(store: Store) -> None:
    papers = listed(store, NAMED, BARE)
    failing, well = away(), FakeCatalogue(name="well")
    for day in range(10):
        failures = ask(store, papers, failing, well, day=day).failures
        assert [failure.where for failure in failures] == ["away"]
    assert len(well.asked) == 2
    failing.failure = None
    ask(store, papers, failing, well, day=10)
    assert (len(failing.asked), len(well.asked)) == (2, 2)
    ask(store, papers, failing, well, day=A_MONTH.days)
    assert (len(failing.asked), len(well.asked)) == (2, 4)


def test_one_that_fails_for_long_keeps_no_paper_from_the_others(store: Store) -> None:
    papers = listed(store, *(replace(BARE, title=f"{BARE.title} {n}") for n in range(6)))
    failing, well = away(), FakeCatalogue(name="well")
    for day in range(3):
        enriched([failing, well], papers, 2, store, NOW + timedelta(days=day))
    assert [one.title[-1] for one in well.asked] == list("012345")


def test_the_next_is_asked_only_about_what_the_first_was_asked_about(store: Store) -> None:
    papers = listed(store, *(replace(BARE, title=f"{BARE.title} {n}") for n in range(6)))
    whole = [
        replace(one.paper, abstract=TOLD, authors=(ADA,), published="2026", ids=(DOI,))
        for one in papers.candidates[:1]
    ]
    first, second = FakeCatalogue(whole, "first"), FakeCatalogue(name="second")
    enriched([first, second], papers, 2, store, NOW)
    assert [one.title[-1] for one in first.asked] == list("01")
    assert [one.title[-1] for one in second.asked] == list("1")


def raising(_: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
    yield 0, replace(NAMED, abstract=TOLD)
    raise AttributeError("a bug")


NONSENSE: dict[str, Callable[[Sequence[Paper]], Any]] = {
    "a row that is none": lambda _: [(0, replace(NAMED, abstract=TOLD)), (7, NAMED)],
    "a negative row": lambda _: [(0, replace(NAMED, abstract=TOLD)), (-1, NAMED)],
    "no number": lambda _: [(0, replace(NAMED, abstract=TOLD)), ("1", NAMED)],
    "no paper": lambda _: [(0, replace(NAMED, abstract=TOLD)), (1, None)],
    "no pair": lambda _: [(0, replace(NAMED, abstract=TOLD)), NAMED],
    "a paper of nothing": lambda _: [
        (0, replace(NAMED, abstract=TOLD)),
        (1, replace(NAMED, abstract=cast("str", None))),
    ],
    "a bug": raising,
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_said_and_what_came_with_it_counts(
    store: Store, answer: Callable[[Sequence[Paper]], Any]
) -> None:
    papers = listed(store, NAMED, replace(paper_on("bees", 1), abstract=""))
    well = FakeCatalogue(name="well")
    found = ask(store, papers, Answering(answer), well)
    assert [failure.where for failure in found.failures] == ["odd"]
    assert found.n_completed == 1
    assert len(well.asked) == 2


@pytest.mark.parametrize("answer", [None, 3, "text"])
def test_what_is_no_answer_is_said(store: Store, answer: object) -> None:
    papers = listed(store, NAMED)
    found = ask(store, papers, Answering(lambda _: answer))
    assert [failure.where for failure in found.failures] == ["odd"]


def test_a_catalogue_is_not_asked_about_nothing(store: Store) -> None:
    whole = replace(NAMED, abstract=TOLD, authors=(ADA,), published="2026")
    asked = Answering(lambda _: [])
    assert ask(store, listed(store, whole), asked) == Enriched()
    assert not asked.asked


def test_where_an_answer_was_cut_off_a_title_decides_nothing(store: Store) -> None:
    def cut(_: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        yield 0, replace(NAMED, abstract=TOLD)
        raise TransientError("odd", "odd cannot be reached; try again later")

    # A second paper of that title may have followed.
    assert ask(store, listed(store, BARE), Answering(cut)).n_completed == 0
    with Store.open(None) as other:
        assert ask(other, listed(other, NAMED), Answering(cut)).n_completed == 1


def test_no_later_entry_is_surer_than_the_one_it_was_found_by(store: Store) -> None:
    papers = listed(store, BARE)
    by_title = FakeCatalogue([NAMED], "by title")
    by_id = FakeCatalogue([replace(NAMED, title="Waggle dances", abstract=TOLD)], "by id")
    assert ask(store, papers, by_title, by_id).n_completed == 1
    [candidate] = store.candidates()
    assert kept_of(store.memory(OWNER), candidate) == {"by title": 0.9, "by id": 0.9}


def test_of_papers_with_one_volumes_id_each_is_remembered_apart(store: Store) -> None:
    one = replace(NAMED, authors=(ADA,))
    other = Paper(title="On verse", ids=(DOI,), authors=(Author("Li", "Bo"),))
    papers = listed(store, one, other)
    entry = replace(one, abstract=TOLD)
    assert ask(store, papers, Answering(lambda _: [(0, entry)], "it")).n_completed == 1
    memory = store.memory(OWNER)
    assert [kept_of(memory, candidate) for candidate in papers.candidates] == [{"it": 1.0}, {}]


@pytest.mark.parametrize("kept", ["{", "[]", "{}", '{"asked": {"it": "today"}, "by": {}}'])
def test_what_is_damaged_of_its_memory_is_asked_again(store: Store, kept: str) -> None:
    papers = listed(store, NAMED)
    catalogue = FakeCatalogue(name="it")
    ask(store, papers, catalogue)
    memory = store.memory(OWNER)
    [name] = memory
    memory[name] = kept
    ask(store, papers, catalogue, day=1)
    assert len(catalogue.asked) == 2


def test_a_clock_that_was_wrong_once_keeps_nobody_from_being_asked(store: Store) -> None:
    papers = listed(store, NAMED)
    catalogue = FakeCatalogue()
    ask(store, papers, catalogue, day=9000)
    ask(store, papers, catalogue)
    assert len(catalogue.asked) == 2


def test_the_stores_housekeeping_knows_how_old_its_memory_is(store: Store) -> None:
    ask(store, listed(store, NAMED), FakeCatalogue())
    year = timedelta(days=365)
    store.tidy(NOW + year - timedelta(days=1), runs=year, listed=10 * year)
    assert dict(store.memory(OWNER))
    store.tidy(NOW + year + timedelta(days=1), runs=year, listed=10 * year)
    assert not dict(store.memory(OWNER))


def test_it_is_told_from_where_a_paper_was_completed(
    profile: cycle.Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[library]\nkind = "file"\nplace = "mine.bib"\n[store]\npath = "kept.db"\n', "utf-8"
    )
    settings = config.read(file)
    named = replace(
        asking(profile, FakeCatalogue(known(LISTED), "a catalogue")), name=config.DEFAULT
    )
    with Store.open(config.store_file(settings)) as store:
        suggested = run(named, store).suggestions[0].paper
    assert explain.run(suggested.title, file) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Completed from a catalogue (confidence 0.98)." in told
