"""A language model beside the words: what it changes, what is kept of it, and how it fails."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import pytest

from recommender import cycle
from recommender.arrays import Vectors
from recommender.cli import scorers
from recommender.config import Settings
from recommender.cycle.stored_meanings import StoredMeanings
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.library import Library
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.model.links import citing, links_between
from recommender.model.text import count_matrix
from recommender.model.world import World
from recommender.papers import Paper
from recommender.store import Store
from recommender.testing.encoders import Encoded, FakeEncoder
from recommender.testing.models import library_on, listed_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, TOMORROW
from tests.unit.model_worlds import dense

LIBRARY = library_on("bees", each=8)
LISTED = [p for subject in ("bees", "bridges", "glass") for p in listed_on(subject, each=10)]


def _words(text: str) -> list[str]:
    return text.lower().replace(".", "").split()


class Backwards(FakeEncoder):
    """An encoder to which a word means what it means when it is read backwards."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        return super().encode(
            [" ".join(min(word, word[::-1]) for word in _words(text)) for text in texts]
        )


class Wider(FakeEncoder):
    """An encoder that was replaced by another one under the same name."""

    name = FakeEncoder().name


def backwards(paper: Paper) -> Paper:
    """The paper in words of which no other paper has one."""
    title, abstract = (
        " ".join(word[::-1] for word in _words(text)) for text in (paper.title, paper.abstract)
    )
    return Paper(title=title, abstract=abstract)


STRANGE = [backwards(paper) for subject in ("bees", "bridges") for paper in listed_on(subject)[:2]]


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def scorer(encoder: FakeEncoder, store: Store) -> HybridScorer:
    return HybridScorer(meanings=StoredMeanings(encoder, store, NOW))


def test_without_a_shared_word_papers_come_together_by_what_they_mean() -> None:
    corpus, encoded = LISTED, Encoded(Backwards())
    links, none = links_between(corpus), citing(STRANGE, corpus)
    world = World.of(count_matrix(corpus), links, 0, encoded(corpus))
    place = world.placed(count_matrix(STRANGE), none, encoded(STRANGE))
    plain = World.of(count_matrix(corpus), links, 0).placed(count_matrix(STRANGE), none)
    assert plain.near.nnz == 0
    near = dense(place.near)
    assert near[:2, :10].sum() > 3 * near[:2, 10:].sum()
    assert near[2:, 10:20].sum() > 3 * (near[2:, :10].sum() + near[2:, 20:].sum())
    assert np.linalg.norm(place.vectors, axis=1) == pytest.approx(1)
    inside = World.of(
        count_matrix([*corpus, *STRANGE]),
        links_between([*corpus, *STRANGE]),
        0,
        encoded([*corpus, *STRANGE]),
    )
    assert dense(inside.place.near)[len(corpus), :10].any()


def test_newcomers_lie_where_they_lie_alone() -> None:
    encoded = Encoded(Backwards())
    world = World.of(count_matrix(LISTED), links_between(LISTED), 0, encoded(LISTED))

    def placed(papers: Sequence[Paper]) -> Vectors:
        return world.placed(count_matrix(papers), citing(papers, LISTED), encoded(papers)).vectors

    alone = [placed([paper])[0] for paper in STRANGE]
    assert np.array(alone).tobytes() == placed(STRANGE).tobytes()


def test_what_is_alike_in_meaning_alone_is_suggested() -> None:
    plain = HybridScorer().fit(LIBRARY, LISTED, seed=0).score(STRANGE)
    assert np.isnan(plain).all()
    model = HybridScorer(meanings=Encoded(Backwards())).fit(LIBRARY, LISTED, seed=0)
    bees, bridges = np.split(model.score(STRANGE), 2)
    assert bees.min() > 2 * np.nan_to_num(bridges).max()


def test_a_text_is_encoded_once_and_for_all(
    scorer: HybridScorer, encoder: FakeEncoder, store: Store
) -> None:
    first = scorer.saved(scorer.fit(LIBRARY, LISTED, seed=0))
    texts = {f"{paper.title}\n{paper.abstract}" for paper in LISTED}
    assert texts <= set(encoder.asked)
    assert len(set(encoder.asked)) == len(encoder.asked)
    encoder.asked.clear()
    again = HybridScorer(meanings=StoredMeanings(encoder, store, TOMORROW))
    assert again.saved(again.fit(LIBRARY, LISTED, seed=0)) == first
    assert encoder.asked == []
    kept, fresh = StoredMeanings(encoder, store, NOW)(LISTED), Encoded(encoder)(LISTED)
    assert kept.tobytes() == fresh.tobytes()


def test_what_was_encoded_before_a_failure_is_kept(encoder: FakeEncoder, store: Store) -> None:
    papers = [Paper(title=f"paper {number}") for number in range(300)]
    encode = encoder.encode

    def failing(texts: Sequence[str]) -> Vectors:
        if encoder.asked:
            raise TransientError("fake", "it is down")
        return encode(texts)

    encoder.encode = failing  # type: ignore[method-assign]
    with pytest.raises(TransientError, match="down"):
        StoredMeanings(encoder, store, NOW)(papers)
    n_done = len(encoder.asked)
    encoder.encode = encode  # type: ignore[method-assign]
    StoredMeanings(encoder, store, NOW)(papers)
    assert 0 < n_done < len(encoder.asked) == len(papers)


def test_a_damaged_vector_is_worked_out_again(encoder: FakeEncoder, store: Store) -> None:
    expected = StoredMeanings(encoder, store, NOW)(LISTED)
    damage = "UPDATE meanings SET vector = zeroblob(length(vector)) WHERE rowid = 1"
    with store._database.writing() as connection:
        assert connection.execute(damage).rowcount == 1
    encoder.asked.clear()
    found = StoredMeanings(encoder, store, NOW)(LISTED)
    assert found.tobytes() == expected.tobytes()
    assert len(encoder.asked) == 1


def test_another_model_under_the_same_name_is_noticed(encoder: FakeEncoder, store: Store) -> None:
    StoredMeanings(encoder, store, NOW)(LISTED)
    with pytest.raises(BadResponse, match="another length than before"):
        StoredMeanings(Wider(width=48), store, NOW)(STRANGE)
    assert StoredMeanings(FakeEncoder(48), store, NOW)(STRANGE).shape == (4, 48)


def test_what_was_not_used_for_long_is_pruned(encoder: FakeEncoder, store: Store) -> None:
    StoredMeanings(encoder, store, NOW)(LISTED)
    StoredMeanings(encoder, store, TOMORROW)(LISTED[:3])
    store.prune_counts(TOMORROW)
    encoder.asked.clear()
    StoredMeanings(encoder, store, TOMORROW)(LISTED)
    assert len(encoder.asked) == len(LISTED) - 3


def test_a_model_is_restored_with_its_encoder_alone(scorer: HybridScorer) -> None:
    payload = scorer.saved(scorer.fit(LIBRARY, LISTED, seed=0))
    model = scorer.fit(LIBRARY, LISTED, seed=0)
    again, asked = scorer.restored(payload, LIBRARY), [*LISTED, *STRANGE]
    assert again.score(asked).tobytes() == model.score(asked).tobytes()
    assert again.vectors(asked).tobytes() == model.vectors(asked).tobytes()
    with pytest.raises(ValueError, match="encoder does not fit"):
        HybridScorer().restored(payload, LIBRARY)
    plain = HybridScorer().saved(HybridScorer().fit(LIBRARY, LISTED, seed=0))
    with pytest.raises(ValueError, match="encoder does not fit"):
        scorer.restored(plain, LIBRARY)


class Watching(HybridScorer):
    """The real scorer, which lets a test see how often it learns."""

    learnt: ClassVar[list[str]] = []

    def fit(self, library: Library, *given: Any, **more: Any) -> HybridModel:
        self.learnt.append(self.name)
        return super().fit(library, *given, **more)


def test_with_another_encoder_all_is_learnt_anew(
    profile: cycle.Profile, store: Store, source: FakeSource
) -> None:
    Watching.learnt.clear()
    for encoder in (FakeEncoder(), FakeEncoder(), FakeEncoder(8), None):
        meanings = StoredMeanings(encoder, store, NOW) if encoder else None
        cycle.run(profile, Watching(meanings=meanings), store, now=NOW)
    first, second, third = Watching.learnt
    assert "encoder=fake 32" in first
    assert "encoder=fake 8" in second
    assert third == HybridScorer().name


def test_an_encoder_that_fails_is_never_replaced_by_another_model(
    profile: cycle.Profile, store: Store, scorer: HybridScorer, encoder: FakeEncoder
) -> None:
    encoder.failure = TransientError("fake", "nothing answers at fake; start it, then run again")
    with pytest.raises(TransientError, match="nothing answers at fake"):
        cycle.run(profile, scorer, store, now=NOW)
    assert store.shown(profile.name) == ()


def test_without_a_kind_in_the_settings_there_is_no_encoder(store: Store) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    scorer = scorers.own(Settings(), store, now)
    assert scorer.meanings is None
    assert scorer.name == HybridScorer().name


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ({"kind": "oracle"}, "model.encoder: .*oracle"),
        ({"kind": "endpoint", "place": "nowhere"}, "model.encoder: .*no address"),
    ],
)
def test_an_encoder_that_cannot_be_opened_is_one_line(
    named: dict[str, str], problem: str, store: Store
) -> None:
    settings = Settings.model_validate({"model": {"encoder": named}})
    with pytest.raises(ConfigError, match=problem) as caught:
        scorers.own(settings, store, NOW)
    assert "\n" not in str(caught.value)
