"""What the reader asks for in a cycle; what it does to a score is the model's business."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from recommender import cycle
from recommender.arrays import Rows, Scores, Vectors
from recommender.cycle import choosing, fitting
from recommender.errors import NothingToLearnFrom
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.ingest import Candidate, Place, candidate_of
from recommender.library import Item, Library
from recommender.papers import Paper
from recommender.ports import Model
from recommender.records import Record
from recommender.selection import Dropped
from recommender.store import Store
from recommender.suggestions import Dislike, Reason, ReasonKind
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import EVERYTHING, NOW

INTERESTS = ("Bees", "Verse", "Bridges: truss, girder")
ARXIV = PaperId.of(Scheme.ARXIV, "2601.00001")
DOI = PaperId.of(Scheme.DOI, "10.1234/a")


@dataclass(frozen=True, slots=True)
class Alike:
    """A model that likes all papers alike, each serving the interest that its venue names."""

    interest_names: tuple[str, ...] = INTERESTS
    summary: Mapping[str, float] = field(default_factory=lambda: {"threshold": 0.1})

    def score(self, papers: Sequence[Paper]) -> Scores:
        return np.full(len(papers), 0.5, np.float32)

    def reasons(self, papers: Sequence[Paper]) -> Sequence[Sequence[Reason]]:
        return [(Reason(ReasonKind.TERMS, "it is as good as any", 0.5),) for _ in papers]

    def vectors(self, papers: Sequence[Paper]) -> Vectors:
        return np.eye(max(len(papers), 1), dtype=np.float32)[: len(papers)]

    def judged(self, papers: Sequence[Paper]) -> tuple[Scores, Rows]:
        first = [name.partition(":")[0] for name in INTERESTS]
        nearest = [first.index(p.venue.removeprefix("Journal of ")) for p in papers]
        return self.score(papers), np.array(nearest, np.int64)


@dataclass(slots=True)
class Listening:
    """A scorer that only keeps what it is told.

    Attributes:
        guidance: What the reader asked for.
        listed: What was listed.
    """

    guidance: Guidance = NO_GUIDANCE
    listed: Sequence[Paper] = ()
    name: str = "listening"

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> Alike:
        self.guidance, self.listed = guidance, listed
        return Alike()

    def saved(self, model: Model) -> bytes:
        return b"alike"

    def restored(self, payload: bytes, library: Library, guidance: Guidance = NO_GUIDANCE) -> Alike:
        return Alike()


@pytest.fixture
def scorer() -> Listening:
    return Listening()


def candidate(*versions: Paper) -> Candidate:
    return candidate_of(versions, [Place("fake", "monday", 1)])


def taught_and_fitted(
    profile: cycle.Profile, scorer: Listening, library: Library, *listed: Candidate
) -> fitting.Fitted:
    taught = fitting.teaching(profile, library, ())
    with Store.open(None) as store:
        store.save_listed(listed, watermarks={}, at=NOW)
        return fitting.fitted(profile, scorer, taught, library, store, (), NOW)


def empty(profile: cycle.Profile) -> cycle.Profile:
    return replace(profile, libraries=[FakeLibrary()])


@pytest.mark.parametrize(
    "guidance", [Guidance(goals=("how bees dance",)), Guidance(seeds=(paper_on("bees", 1),))]
)
def test_before_there_is_a_library_goals_or_seeds_are_enough(
    profile: cycle.Profile,
    store: Store,
    shelf: FakePublisher,
    scorer: Listening,
    guidance: Guidance,
) -> None:
    record = cycle.run(replace(empty(profile), guidance=guidance), scorer, store, now=NOW)
    assert scorer.guidance == guidance
    assert len(record.suggestions) == len(shelf.shelf) == 4


def test_wishes_about_interests_are_nothing_to_learn_from(
    profile: cycle.Profile, store: Store, scorer: Listening
) -> None:
    asked = Guidance(boosts=(("Bees", 2.0),), muted=("Verse",), excluded=("Glass",))
    with pytest.raises(NothingToLearnFrom, match="it has no entries"):
        cycle.run(replace(empty(profile), guidance=asked), scorer, store, now=NOW)


def test_a_trash_is_no_obstacle_to_goals(profile: cycle.Profile, scorer: Listening) -> None:
    thrown = Library(items=(Item(key="a", paper=paper_on("verse", 1), trashed=True),))
    with pytest.raises(NothingToLearnFrom):
        fitting.teaching(profile, thrown, ())
    asked = replace(profile, guidance=Guidance(goals=("how bees dance",)))
    assert taught_and_fitted(asked, scorer, thrown).notices == ()
    assert scorer.guidance == asked.guidance


def test_seeds_are_found_by_id_in_the_library_the_trash_and_the_listings(
    profile: cycle.Profile, scorer: Listening
) -> None:
    kept, thrown, listed = (paper_on("bees", n) for n in (1, 2, 3))
    kept = replace(kept, ids=(DOI,))
    thrown = replace(thrown, ids=(PaperId.of(Scheme.PMID, "77"),))
    version = replace(listed, ids=(ARXIV,))
    merged = candidate(version, listed).paper
    library = Library(
        items=(Item(key="b", paper=thrown, trashed=True), Item(key="a", paper=kept)),
    )
    given = Guidance(goals=("bees",), seeds=(paper_on("bees", 9), kept))
    asked = replace(profile, guidance=given, seed_ids=(ARXIV, thrown.ids[0], DOI))
    found = taught_and_fitted(asked, scorer, library, candidate(version, listed))
    assert scorer.guidance == replace(given, seeds=(*given.seeds, merged, thrown))
    assert (found.guidance, found.notices) == (scorer.guidance, ())


def test_what_the_reader_keeps_stands_for_an_id_before_what_was_thrown_away_or_listed(
    profile: cycle.Profile, scorer: Listening
) -> None:
    kept, thrown, listed = (replace(paper_on("bees", n), ids=(DOI,)) for n in (1, 2, 3))
    library = Library(
        items=(Item(key="a", paper=thrown, trashed=True), Item(key="b", paper=kept)),
    )
    taught_and_fitted(replace(profile, seed_ids=(DOI,)), scorer, library, candidate(listed))
    assert scorer.guidance.seeds == (kept,)


def test_an_id_that_nobody_has_is_told_and_stops_nothing(
    profile: cycle.Profile, scorer: Listening
) -> None:
    asked = replace(profile, seed_ids=(ARXIV, DOI))
    had = Library(items=(Item(key="a", paper=replace(paper_on("bees", 1), ids=(DOI,))),))
    found = taught_and_fitted(asked, scorer, had)
    [told] = found.notices
    assert told.startswith("No paper in the library or among the listed ones has the id arxiv:2601")
    assert "interests.seeds" in told
    assert scorer.guidance.seeds == (had.items[0].paper,)


def test_a_cycle_tells_of_an_id_that_nobody_has(
    profile: cycle.Profile, store: Store, scorer: Listening
) -> None:
    record = cycle.run(replace(profile, seed_ids=(DOI,)), scorer, store, now=NOW)
    [told] = record.notices
    assert str(DOI) in told
    assert store.last_cycles("ada", 1)[0].record["notices"] == [told]


def test_a_notice_is_kept_with_what_a_cycle_did() -> None:
    record = Record(
        library=Library(),
        pages=(),
        excluded={},
        suggestions=(),
        failures=(),
        best_left=None,
        summary={},
        notices=("There is no such paper.",),
    )
    assert record.told()["notices"] == ["There is no such paper."]


def test_ids_that_nobody_has_are_nothing_to_learn_from(
    profile: cycle.Profile, scorer: Listening
) -> None:
    asked = replace(profile, seed_ids=(DOI,))
    with pytest.raises(NothingToLearnFrom, match=r"no entries; .* interests\.seeds"):
        taught_and_fitted(asked, scorer, Library(), candidate(paper_on("bees", 1)))
    listed = candidate(replace(paper_on("bees", 1), ids=(DOI,)))
    assert taught_and_fitted(asked, scorer, Library(), listed).notices == ()


def test_a_seed_is_neither_suggested_nor_part_of_the_world_around(
    profile: cycle.Profile, store: Store, scorer: Listening, source: FakeSource
) -> None:
    by_id = replace(paper_on("bees", 500), ids=(ARXIV,))
    in_a_file, *_ = listed_on("verse")
    source.publish(by_id, name="tuesday")
    asked = replace(
        profile, wishes=EVERYTHING, guidance=Guidance(seeds=(in_a_file,)), seed_ids=(ARXIV,)
    )
    record = cycle.run(asked, scorer, store, now=NOW)
    assert record.excluded == {choosing.SEED: 2}
    assert len(record.suggestions) == len(scorer.listed) == 17
    assert not {by_id, in_a_file} & ({s.paper for s in record.suggestions} | {*scorer.listed})


def test_nothing_is_suggested_for_an_excluded_interest_and_what_was_left_out_is_counted(
    profile: cycle.Profile, store: Store, scorer: Listening
) -> None:
    asked = replace(profile, wishes=EVERYTHING, guidance=Guidance(excluded=("verse", "truss")))
    record = cycle.run(asked, scorer, store, now=NOW)
    assert {s.interest for s in record.suggestions} == {"Bees"}
    assert record.excluded == {Dropped.EXCLUDED: 12}
    assert len(record.suggestions) == 6


def test_the_best_left_is_none_that_a_lower_threshold_would_not_bring(
    profile: cycle.Profile, store: Store, scorer: Listening
) -> None:
    strict = replace(profile, wishes=replace(EVERYTHING, threshold=0.9))
    asked = replace(strict, guidance=Guidance(excluded=("*",)))
    assert cycle.run(asked, scorer, store, now=NOW).best_left is None
    assert cycle.run(strict, scorer, store, now=NOW).best_left == 0.5


def test_who_asks_for_nothing_gets_what_they_got(profile: cycle.Profile, scorer: Listening) -> None:
    library = library_on("bees")
    listed = listed_on("bees", "verse")
    found = taught_and_fitted(profile, scorer, library, *map(candidate, listed))
    assert (scorer.guidance, scorer.listed) == (NO_GUIDANCE, listed)
    assert (found.notices, found.wishes.excluded) == ((), frozenset())
