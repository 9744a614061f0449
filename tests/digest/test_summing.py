"""What is said of suggestions in a sentence, and what is kept of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.cycle.summing import gists
from recommender.errors import BadResponse, StoreError, TransientError
from recommender.gist import gist
from recommender.store.database import Database
from recommender.store.summaries import Summaries
from recommender.suggestions import Suggestion
from recommender.testing.publishers import suggestion_on
from recommender.testing.summarisers import FakeSummariser

NOW = datetime(2024, 3, 5, tzinfo=UTC)


def _on(number: int) -> Suggestion:
    one = suggestion_on(number)
    abstract = f"How {number} bees tell each other the way."
    return replace(one, paper=replace(one.paper, abstract=abstract))


SOME = tuple(map(_on, (1, 2, 3)))
OWN = {one.suggestion_id: (gist(one), "") for one in SOME}


class Kept(Summaries):
    """The part of the store alone."""

    def __init__(self, database: Database) -> None:
        self._database = database


@pytest.fixture
def store() -> Iterator[Kept]:
    database = Database.open(None, timedelta(0))
    yield Kept(database)
    database.close()


@pytest.fixture
def model() -> FakeSummariser:
    return FakeSummariser()


def test_without_a_model_the_abstracts_speak(store: Kept) -> None:
    said = gists(SOME, None, "German", store, NOW)
    assert (dict(said.gists), said.failures) == (OWN, ())
    assert said.gists[SOME[0].suggestion_id][0] == "How 1 bees tell each other the way."


def test_each_paper_is_asked_about_once(store: Kept, model: FakeSummariser) -> None:
    said = gists(SOME, model, "German", store, NOW)
    assert said.gists[SOME[0].suggestion_id] == (model.summary(SOME[0].paper, "German"), "a-model")
    assert said.failures == ()
    model.asked.clear()
    model.failure = TransientError("a model", "is away; try again later")
    assert gists(SOME, model, "German", store, NOW) == said
    assert model.asked == []


def test_another_language_model_or_text_is_asked_for_anew(
    store: Kept, model: FakeSummariser
) -> None:
    gists(SOME[:1], model, "German", store, NOW)
    gists(SOME[:1], model, "French", store, NOW)
    other = FakeSummariser("another-model")
    gists(SOME[:1], other, "German", store, NOW)
    changed = replace(SOME[0], paper=replace(SOME[0].paper, abstract="A new abstract of it."))
    gists([changed], model, "German", store, NOW)
    assert (len(model.asked), len(other.asked)) == (3, 1)


def test_a_model_that_is_away_is_asked_once_and_again_in_the_next_run(
    store: Kept, model: FakeSummariser
) -> None:
    model.failure = TransientError("a model", "is away; try again later")
    said = gists(SOME, model, "", store, NOW)
    assert dict(said.gists) == OWN
    assert [(one.where, one.error) for one in said.failures] == [("a-model", model.failure)]
    assert len(model.asked) == 1
    model.failure = None
    assert {by for _, by in gists(SOME, model, "", store, NOW).gists.values()} == {"a-model"}


def test_where_it_fails_half_way_what_it_said_stays(store: Kept) -> None:
    class Tired(FakeSummariser):
        def summary(self, paper: object, language: str) -> str:
            if self.asked:
                self.failure = TransientError("a model", "is tired; try again later")
            return super().summary(SOME[len(self.asked)].paper, language)

    said = gists(SOME, Tired(), "", store, NOW)
    assert [by for _, by in said.gists.values()] == ["a-model", "", ""]
    assert len(said.failures) == 1
    assert gists(SOME[:1], Tired(), "", store, NOW).failures == ()


def test_a_strange_answer_spoils_only_itself(store: Kept, model: FakeSummariser) -> None:
    model.failure = BadResponse("a model", "gave an answer without a text; try another")
    said = gists(SOME, model, "", store, NOW)
    assert len(model.asked) == 3
    assert len(said.failures) == 1


def test_a_model_that_breaks_breaks_nothing_else(store: Kept, model: FakeSummariser) -> None:
    model.failure = ZeroDivisionError("with a title in it")
    said = gists(SOME, model, "", store, NOW)
    assert dict(said.gists) == OWN
    assert "title" not in str(said.failures[0].error)


def test_when_time_is_up_only_what_is_kept_is_told(store: Kept, model: FakeSummariser) -> None:
    gists(SOME[2:], model, "", store, NOW)
    model.asked.clear()
    moments = iter([0.0, 1.0, 61.0])
    said = gists(
        SOME, model, "", store, NOW, longest=timedelta(seconds=60), clock=lambda: next(moments)
    )
    assert model.asked == [SOME[0].paper.title]
    assert [by for _, by in said.gists.values()] == ["a-model", "", "a-model"]


def test_nothing_to_say_is_kept_too_and_the_abstract_speaks(
    store: Kept, model: FakeSummariser
) -> None:
    silent = [replace(SOME[0], paper=replace(SOME[0].paper, abstract=""))]
    for _ in range(2):
        assert dict(gists(silent, model, "", store, NOW).gists) == {SOME[0].suggestion_id: ("", "")}
    assert len(model.asked) == 1


def test_a_store_that_fails_is_no_failure_of_the_model(store: Kept, model: FakeSummariser) -> None:
    class Broken(Kept):
        def summary(self, model: str, language: str, content: str) -> str | None:
            raise StoreError("the store is damaged; try again")

    with pytest.raises(StoreError):
        gists(SOME, model, "", Broken(store._database), NOW)


def test_what_is_kept_is_found_by_all_of_its_key(store: Kept) -> None:
    store.keep_summary("m", "German", "c", "Ein Satz.", at=NOW)
    store.keep_summary("m", "German", "c", "Ein besserer.", at=NOW)
    assert store.summary("m", "German", "c") == "Ein besserer."
    assert store.summary("m", "", "c") is None
    assert store.summary("n", "German", "c") is None
    assert store.summary("m", "German", "d") is None


def test_half_a_character_can_be_kept(store: Kept) -> None:
    store.keep_summary("m\ud800", "", "c", "A \ud800 b", at=NOW)
    assert store.summary("m\ud800", "", "c") is not None
