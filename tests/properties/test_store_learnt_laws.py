"""What the store keeps for the model against plain dicts, while papers are listed and joined."""

import math
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from recommender.ingest import Candidate, names_on, unseen
from recommender.listings import Listing
from recommender.store import SavedModel, Store
from recommender.testing.strategies import listings

AT = datetime(2024, 5, 6, tzinfo=UTC)
DAYS = st.integers(0, 3).map(lambda n: AT + timedelta(days=n, hours=n))
PROFILES = st.sampled_from(["me", "you"])
FINGERPRINTS = st.sampled_from(["f00d", "beef"])
CONTENTS = st.sampled_from([b"a" * 16, b"b" * 16, b"\0" * 16])
SCORES = st.sampled_from([math.nan, -math.inf, -1.0, 0.0, 0.25, 0.5, 1.0])
MODELS = st.builds(SavedModel, st.integers(1, 2), FINGERPRINTS, DAYS, st.binary(max_size=3))
WEIGHTS = st.dictionaries(st.text(st.characters(), max_size=2), st.floats(-9, 9), max_size=2)

Counted = tuple[bytes, datetime]
Score = tuple[float, int]


class LearntAgainstDicts(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(self.folder / "store.sqlite")
        self.counts: dict[int, dict[bytes, Counted]] = {1: {}, 2: {}}
        self.models: dict[str, SavedModel] = {}
        self.weights: dict[str, dict[str, float]] = {}
        # By all that was known of a paper: one of which more is known by now has no score.
        self.scores: dict[str, dict[Candidate, Score]] = {"me": {}, "you": {}}

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = Store.open(self.folder / "store.sqlite")

    @rule(
        version=st.integers(1, 2),
        counts=st.dictionaries(CONTENTS, st.binary(max_size=2)),
        used=st.sets(CONTENTS),
        at=DAYS,
        times=st.integers(1, 2),
    )
    def count(
        self, version: int, counts: dict[bytes, bytes], used: set[bytes], at: datetime, times: int
    ) -> None:
        for _ in range(times):
            self.store.save_counts(version, counts, at=at, used=used)
        if version == 2:
            self.counts[1].clear()
        mine = self.counts[version]
        for content in (used & mine.keys()) | counts.keys():
            payload, before = mine.get(content, (b"", at))
            mine[content] = counts.get(content, payload), max(before, at)

    @rule(before=DAYS)
    def prune(self, before: datetime) -> None:
        self.store.prune_counts(before)
        for version, kept in self.counts.items():
            self.counts[version] = {
                content: row for content, row in kept.items() if row[1].date() >= before.date()
            }

    @rule(profile=PROFILES, model=MODELS, times=st.integers(1, 2))
    def fit(self, profile: str, model: SavedModel, times: int) -> None:
        for _ in range(times):
            self.store.save_model(profile, model)
        last = self.models.get(profile, model)
        if (last.version, last.fingerprint) != (model.version, model.fingerprint):
            self.scores[profile].clear()
        self.models[profile] = model

    @rule(pages=st.lists(listings(), min_size=1, max_size=2))
    def ingest(self, pages: list[Listing]) -> None:
        found = unseen(pages, self.store.candidates_named(names_on(pages)))
        self.store.save_listed([*found.candidates, *found.again], watermarks={}, at=AT)
        staying = set(self.store.candidates())
        for profile, scores in self.scores.items():
            self.scores[profile] = {c: score for c, score in scores.items() if c in staying}

    @rule(profile=PROFILES, fingerprint=FINGERPRINTS, data=st.data(), times=st.integers(1, 2))
    def score(self, profile: str, fingerprint: str, data: st.DataObject, times: int) -> None:
        ids = dict(self.store.candidates_to_score("nobody", "nothing"))
        said = data.draw(
            st.dictionaries(
                st.sampled_from([*ids, 999]), st.tuples(SCORES, st.integers(-1, 2)), max_size=4
            )
        )
        for _ in range(times):
            self.store.save_scores(
                profile, fingerprint, ((paper_id, *one) for paper_id, one in said.items())
            )
        if profile in self.models and self.models[profile].fingerprint == fingerprint:
            self.scores[profile] |= {ids[i]: one for i, one in said.items() if i in ids}

    @rule(profile=PROFILES, weights=st.none() | WEIGHTS)
    def tune(self, profile: str, weights: dict[str, float] | None) -> None:
        if weights is None:
            self.store.forget_tuned_weights(profile)
            self.weights.pop(profile, None)
        else:
            self.store.save_tuned_weights(profile, weights, at=AT)
            self.weights[profile] = weights

    @rule()
    def try_it_on_a_copy(self) -> None:
        with self.store.copy() as copy:
            for profile, model in self.models.items():
                assert copy.saved_model(profile) == model
                asked = profile, model.fingerprint, -math.inf
                assert copy.scores(*asked) == self.store.scores(*asked)
                copy.save_model(profile, replace(model, version=9))
                copy.forget_tuned_weights(profile)
            copy.save_counts(9, {}, at=AT)

    @invariant()
    def counts_agree(self) -> None:
        contents = [b"a" * 16, b"b" * 16, b"\0" * 16, b"unknown"]
        for version, kept in self.counts.items():
            saved = {content: payload for content, (payload, _) in kept.items()}
            assert self.store.counts(version, contents) == saved

    @invariant()
    def models_and_weights_agree(self) -> None:
        for profile in ("me", "you"):
            assert self.store.saved_model(profile) == self.models.get(profile)
            assert self.store.tuned_weights(profile) == self.weights.get(profile)

    @invariant()
    def scores_agree(self) -> None:
        listed = tuple(self.store.candidates())
        for profile, known in self.scores.items():
            for fingerprint in ("f00d", "beef"):
                model = self.models.get(profile)
                current = model is not None and model.fingerprint == fingerprint
                scores = known if current else {}
                left = [c for _, c in self.store.candidates_to_score(profile, fingerprint)]
                assert left == [c for c in listed if c not in scores]
                found = self.store.scores(profile, fingerprint, 0.25)
                read = self.store.candidates_of(paper_id for paper_id, *_ in found)
                assert [(read[paper_id], tuple(said)) for paper_id, *said in found] == [
                    (c, scores[c]) for c in listed if c in scores and scores[c][0] >= 0.25
                ]
                below = [score for score, _ in scores.values() if score < 0.25]
                assert self.store.count_scored(profile, fingerprint, 0.25) == (
                    sum(math.isnan(score) for score, _ in scores.values()),
                    len(below),
                    max(below, default=None),
                )


LearntAgainstDicts.TestCase.settings = settings(max_examples=25, stateful_step_count=20)
TestLearntAgainstDicts = LearntAgainstDicts.TestCase
