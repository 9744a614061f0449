from collections.abc import Sequence

import pytest

from recommender.arrays import Vectors
from recommender.model.hybrid import HybridScorer
from recommender.ports import Scorer
from recommender.testing.encoders import Encoded, FakeEncoder
from recommender.testing.guided_worlds import GuidanceContract
from recommender.testing.models import ScorerContract, listed_on
from recommender.testing.saved_models import SavedModelsContract
from recommender.testing.strange_worlds import StrangeWorldsContract


class TestHybridScorer(
    ScorerContract, GuidanceContract, StrangeWorldsContract, SavedModelsContract
):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return HybridScorer()


_SUBJECTS = ("bees", "bridges", "verse", "glass")
_KNOWN = {
    word
    for paper in listed_on(*_SUBJECTS, each=30)
    for word in f"{paper.title} {paper.abstract}".lower().split()
}


class Schooled(FakeEncoder):
    """An encoder to which only words of the invented subjects say anything."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        words = ([word for word in text.lower().split() if word in _KNOWN] for text in texts)
        return super().encode([" ".join(known) for known in words])


class TestHybridScorerWithAnEncoder(ScorerContract, SavedModelsContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return HybridScorer(meanings=Encoded(Schooled()))
