"""When a model is learnt anew, and that the saved one does the same till then."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from recommender import cycle
from recommender.cycle.remembering import (
    N_AROUND,
    OLDEST,
    Lesson,
    is_outdated,
    papers_fingerprint,
)
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.library import Collection, Item, Library, Tag
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.papers import Author, Paper
from recommender.records import Record
from recommender.store import Store
from recommender.store.learnt import SavedModel
from recommender.suggestions import Dislike, State
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW, ShelfInLibrary

LATER = NOW + OLDEST + timedelta(hours=1)


class Watching(HybridScorer):
    """The real scorer, which lets a test see when it learns, and among what."""

    learnt: ClassVar[list[Sequence[Paper]]] = []

    def fit(self, library: Library, listed: Sequence[Paper], **more: Any) -> HybridModel:
        self.learnt.append(listed)
        return super().fit(library, listed, **more)


@pytest.fixture(autouse=True)
def _nothing_learnt() -> None:
    Watching.learnt.clear()


def run(profile: cycle.Profile, store: Store, day: float = 0) -> Record:
    return cycle.run(profile, Watching(), store, now=NOW + timedelta(days=day))


def test_the_saved_model_does_for_the_days_to_come(profile: cycle.Profile, store: Store) -> None:
    for day in (0, 0.5, 1, 6, 100):
        assert run(profile, store, day).notices == ()
    assert len(Watching.learnt) == 1


def test_our_own_shelf_in_the_library_is_nothing_new(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    shelved = replace(profile, publishers=[ShelfInLibrary(library)])
    for day in range(3):
        assert run(shelved, store, day).suggestions
    assert len(Watching.learnt) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda library: library.put(Item(key="new", paper=paper_on("glass", 1))),
        lambda library: library.remove("bees0"),
        lambda library: library.put(Item(key="bees0", paper=paper_on("bees", 0), trashed=True)),
        lambda library: library.put(
            Item(key="bees0", paper=paper_on("bees", 0), tags=(Tag("later"),))
        ),
    ],
    ids=["added", "removed", "trashed", "tagged"],
)
def test_a_library_that_changed_is_learnt_anew(
    profile: cycle.Profile,
    store: Store,
    library: FakeLibrary,
    change: Callable[[FakeLibrary], object],
) -> None:
    run(profile, store)
    change(library)
    run(profile, store, 1)
    run(profile, store, 2)
    assert len(Watching.learnt) == 2


def test_what_was_dismissed_counts_at_once_and_what_was_let_pass_the_next_time(
    profile: cycle.Profile, store: Store
) -> None:
    passed, dismissed, *_ = run(profile, store).suggestions
    store.record_learnt({passed.suggestion_id: State.EXPIRED}, seen=(), retire=(), at=NOW)
    run(profile, store, 1)
    assert len(Watching.learnt) == 1
    store.record_learnt({dismissed.suggestion_id: State.DISMISSED}, seen=(), retire=(), at=NOW)
    run(profile, store, 2)
    assert len(Watching.learnt) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"guidance": Guidance(goals=("how bees dance",))},
        {"guidance": Guidance(boosts=(("bees", 2.0),))},
        {"guidance": Guidance(muted=("bees",))},
    ],
)
def test_settings_that_teach_are_learnt_anew(
    profile: cycle.Profile, store: Store, changes: dict[str, Any]
) -> None:
    run(profile, store)
    run(replace(profile, **changes), store, 1)
    assert len(Watching.learnt) == 2


def test_settings_that_only_choose_are_not(profile: cycle.Profile, store: Store) -> None:
    run(profile, store)
    wishes = replace(profile.wishes, threshold=0.5, limit=2)
    run(replace(profile, wishes=wishes, guidance=Guidance(excluded=("bees",))), store, 1)
    assert len(Watching.learnt) == 1


def test_a_model_is_outdated_by_a_quarter_of_news_or_by_a_week_and_any_news() -> None:
    day = timedelta(days=1)
    assert not is_outdated(day, 0, 100)
    assert not is_outdated(day, 25, 100)
    assert is_outdated(day, 26, 100)
    assert is_outdated(day, 1, 0)
    assert not is_outdated(100 * day, 0, 100)
    assert not is_outdated(OLDEST, 1, 100)
    assert is_outdated(OLDEST + timedelta(seconds=1), 1, 100)
    # A clock that was set back is no reason to keep a model for ever.
    assert is_outdated(-OLDEST - timedelta(seconds=1), 1, 100)


def test_a_few_new_papers_wait_for_a_week_and_many_for_nothing(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    run(profile, store)
    source.publish(paper_on("bees", 5000), name="tuesday", at=TOMORROW)
    run(profile, store, 1)
    run(profile, store, 6)
    assert len(Watching.learnt) == 1
    run(profile, store, 8)
    assert [len(around) for around in Watching.learnt] == [18, 19]
    source.publish(*(paper_on("verse", n) for n in range(5000, 5007)), name="wednesday")
    run(profile, store, 9)
    assert [len(around) for around in Watching.learnt] == [18, 19, 26]


def test_a_model_is_learnt_among_what_was_listed_last_and_what_was_suggested(
    profile: cycle.Profile, store: Store, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert N_AROUND == 3000
    monkeypatch.setattr("recommender.cycle.remembering.N_AROUND", 10)
    suggested = [one.paper for one in run(profile, store).suggestions]
    assert Watching.learnt[0] == listed_on("bees", "bridges", "verse")[-10:]
    new = [paper_on("bridges", n) for n in range(5000, 5010)]
    source.publish(*new, name="tuesday")
    run(profile, store, 8)
    assert Watching.learnt[1] == [*new, *suggested]


@pytest.mark.parametrize("left", [-1, 0, 100], ids=["all but one", "none", "some"])
def test_a_damaged_model_is_told_and_learnt_anew(
    profile: cycle.Profile, store: Store, left: int
) -> None:
    with Store.open(None) as unharmed:
        wanted = [run(profile, unharmed, day).suggestions for day in range(2)]
    found = [run(profile, store).suggestions]
    saved = store.saved_model(profile.name)
    assert saved is not None
    store.save_model(profile.name, replace(saved, payload=saved.payload[:left]))
    record = run(profile, store, 1)
    assert [*found, record.suggestions] == wanted
    [notice] = record.notices
    assert notice.startswith("The saved model could not be used")
    assert run(profile, store, 2).notices == ()
    assert len(Watching.learnt) == 3


def test_another_versions_model_is_learnt_anew_without_a_word(
    profile: cycle.Profile, store: Store
) -> None:
    run(profile, store)
    saved = store.saved_model(profile.name)
    assert saved is not None
    store.save_model(profile.name, replace(saved, version=saved.version + 1))
    assert run(profile, store, 1).notices == ()
    assert len(Watching.learnt) == 2


def test_counts_that_nobody_used_for_three_months_go_when_a_model_is_learnt(
    profile: cycle.Profile, store: Store, library: FakeLibrary
) -> None:
    kept = {b"x" * 16: b"y"}
    store.save_counts(1, kept, at=NOW)
    run(profile, store, 89)
    assert store.counts(1, kept) == kept
    library.remove("bees0")
    run(profile, store, 91)
    assert store.counts(1, kept) == {}


BEES = library_on("bees")
ITEM = replace(
    BEES.items[0],
    paper=replace(
        BEES.items[0].paper,
        ids=(PaperId.of(Scheme.ARXIV, "2601.00001"),),
        references=(PaperId.of(Scheme.ARXIV, "2601.00002"),),
    ),
    tags=(Tag("a"), Tag("b", automatic=True)),
    added_at=NOW,
    added_by="Ada",
)
LESSON = Lesson(
    library=Library(items=(ITEM, *BEES.items[1:]), collections=BEES.collections),
    guidance=Guidance(goals=("dances",), seeds=(paper_on("verse", 1),), boosts=(("bees", 2.0),)),
    dislikes=(Dislike(paper_on("glass", 1), 1.0), Dislike(paper_on("glass", 2), 0.1)),
    seed=7,
)


def with_item(**changes: Any) -> Lesson:
    items = (replace(ITEM, **changes), *LESSON.library.items[1:])
    return replace(LESSON, library=replace(LESSON.library, items=items))


def with_paper(**changes: Any) -> Lesson:
    return with_item(paper=replace(ITEM.paper, **changes))


@pytest.mark.parametrize(
    "lesson",
    [
        with_item(key="other"),
        with_item(collections=()),
        with_item(tags=ITEM.tags[:1]),
        with_item(tags=(Tag("a"), Tag("b"))),
        with_item(added_at=TOMORROW),
        with_item(added_at=None),
        with_item(added_by=""),
        with_item(trashed=True),
        with_paper(title="On glass"),
        with_paper(abstract="\ud800"),
        with_paper(authors=(Author("Beesson", "Bo"),)),
        with_paper(venue="Nature"),
        with_paper(ids=()),
        with_paper(references=()),
        replace(LESSON, seed=8),
        replace(LESSON, dislikes=LESSON.dislikes[1:]),
        replace(LESSON, guidance=NO_GUIDANCE),
        replace(LESSON, guidance=replace(LESSON.guidance, goals=("dance", "s"))),
        replace(LESSON, guidance=replace(LESSON.guidance, seeds=())),
        replace(LESSON, guidance=replace(LESSON.guidance, boosts=(("bees", 3.0),))),
        replace(LESSON, guidance=replace(LESSON.guidance, muted=("bees",))),
        replace(LESSON, library=replace(LESSON.library, items=LESSON.library.items[::-1])),
        replace(LESSON, library=replace(LESSON.library, collections=(Collection("bees", "Apis"),))),
    ],
)
def test_whatever_is_learnt_from_tells_models_apart(lesson: Lesson) -> None:
    assert lesson.fingerprint("hybrid") != LESSON.fingerprint("hybrid")


@pytest.mark.parametrize(
    "lesson",
    [
        with_item(mark="0123", tidied=True),
        with_item(tags=ITEM.tags[::-1]),
        with_item(collections=("bees", "gone")),
        with_paper(url="https://example.org", published="2020"),
        replace(LESSON, dislikes=LESSON.dislikes[:1]),
        replace(LESSON, guidance=replace(LESSON.guidance, excluded=("bees",))),
        replace(
            LESSON,
            library=replace(
                LESSON.library,
                collections=(*BEES.collections, Collection("shelf", "Ours", ours=True)),
                items=(*LESSON.library.items, Item(key="t", paper=ITEM.paper, trashed=True)),
            ),
        ),
    ],
)
def test_what_teaches_nothing_does_not(lesson: Lesson) -> None:
    assert lesson.fingerprint("hybrid") == LESSON.fingerprint("hybrid")


def test_another_scorer_or_other_settings_of_it_learn_another_model() -> None:
    assert LESSON.fingerprint("hybrid") != LESSON.fingerprint("hybrid walk=0.5")


def test_a_fingerprint_is_the_same_in_every_run() -> None:
    # Seen in another process; a set or a hash in it would give another one each time.
    assert LESSON.fingerprint("hybrid") == "f747ce941408fbaa8a5eb46fd60598e0"
    assert papers_fingerprint([ITEM.paper]) == "f16fd1fa53e7d36662732bf2eafe7af0"


def test_a_model_is_another_one_among_other_papers(profile: cycle.Profile, store: Store) -> None:
    def fingerprint() -> str:
        saved = store.saved_model(profile.name)
        assert isinstance(saved, SavedModel)
        return saved.fingerprint

    run(profile, store)
    first = fingerprint()
    source = FakeSource()
    source.publish(paper_on("bees", 5000), name="tuesday")
    run(replace(profile, sources=[source]), store, 8)
    second = fingerprint()
    assert first.split()[0] == second.split()[0]
    assert first.split()[1] != second.split()[1]
